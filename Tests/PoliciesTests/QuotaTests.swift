// SPDX-License-Identifier: EUPL-1.2

import Database
import Policies
import SBOM
import Testing

@Suite struct QuotaLedgerTests {
    @Test("bytes are reserved, settled and released")
    func flow() throws {
        var ledger = try QuotaLedger(limit: 100, used: 10, reserved: 0)
        try ledger.reserve(60)
        try ledger.reserve(30)
        #expect(ledger.used == 10 && ledger.reserved == 90)
        #expect(try ledger.settle(reserved: 60, used: 20))
        #expect(ledger.used == 30 && ledger.reserved == 30)
        #expect(try ledger.release(30))
        #expect(ledger.used == 30 && ledger.reserved == 0)
        #expect(try ledger.free(30))
        #expect(ledger.used == 0)
    }

    @Test("what does not fit is refused with the numbers, and changes nothing")
    func refused() throws {
        var ledger = try QuotaLedger(limit: 5_000_000, used: 3_000_000, reserved: 1_500_000)
        let before = ledger
        let refusal = try #require(throws: QuotaRefusal.self) { try ledger.reserve(500_001) }
        #expect(ledger == before)
        #expect(refusal.kind == .exceeded && refusal.asked == 500_001)
        for number in ["3000000", "1500000", "5000000", "500001"] {
            #expect(refusal.reason.de.contains(number) && refusal.reason.en.contains(number), "\(number)")
        }
        #expect(refusal.reason.de.contains("4,7 MiB") && refusal.reason.en.contains("4.7 MiB"))
        try ledger.reserve(500_000)
        #expect(throws: QuotaRefusal.self) { try ledger.reserve(1) }
        try ledger.reserve(0)
    }

    @Test("what was promised is settled even if the limit is lower now; what is beyond it is not")
    func loweredLimit() throws {
        var ledger = try QuotaLedger(limit: 10, used: 50, reserved: 40)
        try ledger.settle(reserved: 40, used: 40)
        #expect(ledger.used == 90 && ledger.reserved == 0)
        #expect(throws: QuotaRefusal.self) { try ledger.settle(reserved: 0, used: 1) }
        try ledger.settle(reserved: 0, used: 0)
    }

    @Test("more than is reserved or used cannot be given back, and the answer says so")
    func unbalanced() throws {
        var ledger = try QuotaLedger(limit: nil, used: 5, reserved: 5)
        #expect(try !ledger.release(6))
        #expect(try !ledger.free(6))
        #expect(ledger.used == 0 && ledger.reserved == 0)
        #expect(try !ledger.settle(reserved: 5, used: 2))
        #expect(ledger.used == 2)
    }

    @Test("numbers that are none are refused: negative, wrapped round, stored so")
    func invalid() throws {
        for (limit, used, reserved) in [
            (nil, -1, 0), (nil, 0, -1), (-1, 0, 0), (nil, Int64.max, 1), (100, .min, 0),
        ] as [(Int64?, Int64, Int64)] {
            let refusal = try #require(throws: QuotaRefusal.self) {
                try QuotaLedger(limit: limit, used: used, reserved: reserved)
            }
            #expect(refusal.kind == .usageUnknown)
        }
        var ledger = try QuotaLedger(limit: nil, used: 1, reserved: .max - 1)
        #expect(throws: QuotaRefusal.self) { try ledger.reserve(1) }
        for bytes in [-1, Int64.min] {
            #expect(throws: QuotaRefusal.self) { try ledger.reserve(bytes) }
            #expect(throws: QuotaRefusal.self) { try ledger.release(bytes) }
            #expect(throws: QuotaRefusal.self) { try ledger.free(bytes) }
            #expect(throws: QuotaRefusal.self) { try ledger.settle(reserved: bytes, used: 0) }
            #expect(throws: QuotaRefusal.self) { try ledger.settle(reserved: 0, used: bytes) }
        }
        #expect(ledger.used == 1 && ledger.reserved == .max - 1)
    }

    @Test("no sequence reaches a negative number or passes the limit; balanced uploads add up")
    func sequences() throws {
        var numbers = SeededNumbers(31)
        for round in 0..<500 {
            let huge = round % 2 == 0
            let limit: Int64? =
                numbers.chance(80) ? Int64(huge ? Int.max - numbers.number(0...10) : numbers.number(0...500)) : nil
            var ledger = try QuotaLedger(limit: limit, used: 0, reserved: 0)
            var open: [Int64] = []
            var used: Int64 = 0
            for _ in 0..<60 {
                let bytes = Int64(huge ? numbers.number(0...Int.max) : numbers.number(0...100))
                let before = ledger
                do throws(QuotaRefusal) {
                    switch numbers.number(0...5) {
                    case 0, 1, 2:
                        try ledger.reserve(bytes)
                        open.append(bytes)
                    case 3:
                        guard let promised = open.popLast() else { continue }
                        let part = promised == 0 ? 0 : bytes % promised
                        let isBalanced = try ledger.settle(reserved: promised, used: part)
                        used += part
                        #expect(isBalanced)
                    case 4:
                        guard let promised = open.popLast() else { continue }
                        #expect(try ledger.release(promised))
                    default:
                        let part = used == 0 ? 0 : bytes % used
                        #expect(try ledger.free(part))
                        used -= part
                    }
                } catch {
                    #expect(ledger == before, "a refusal changes nothing")
                    #expect(error.kind == .exceeded)
                }
                #expect(ledger.used == used && ledger.reserved == open.reduce(0, +))
                #expect(ledger.used >= 0 && ledger.reserved >= 0)
                #expect(ledger.used + ledger.reserved <= limit ?? .max)
            }
        }
    }

    @Test("not even unbalanced calls with any number make a state that cannot be")
    func wildSequences() throws {
        var numbers = SeededNumbers(32)
        for _ in 0..<300 {
            var ledger = try QuotaLedger(limit: numbers.chance(50) ? .max : nil, used: 0, reserved: 0)
            for _ in 0..<60 {
                let (first, second) = (
                    Int64(numbers.number(Int.min...Int.max)), Int64(numbers.number(Int.min...Int.max))
                )
                switch numbers.number(0...3) {
                case 0: try? ledger.reserve(first)
                case 1: _ = try? ledger.settle(reserved: first, used: second)
                case 2: _ = try? ledger.release(first)
                default: _ = try? ledger.free(first)
                }
                #expect(ledger.used >= 0 && ledger.reserved >= 0)
                #expect(!ledger.used.addingReportingOverflow(ledger.reserved).overflow)
            }
        }
    }
}

@Suite struct NamespaceUsageTests {
    private let database: Database

    init() throws { database = try Database.inMemory(migrations: PoliciesSchema.migrations) }

    private func usage() async throws -> [Int64]? {
        try await database.read { transaction in
            try NamespaceUsage.ledger(transaction, of: 1, limit: nil).map { [$0.used, $0.reserved] }
        }
    }

    @Test("without a count nothing is accepted under a quota, and everything without one")
    func missingRow() async throws {
        for limit in [0, 1_000] as [Int64] {
            let refusal = try await #require(throws: QuotaRefusal.self) {
                try await database.write { _ = try NamespaceUsage.reserve($0, of: 1, bytes: 1, limit: limit) }
            }
            #expect(refusal.kind == .usageUnknown)
            #expect(refusal.reason.de.contains("nicht bekannt") && refusal.reason.en.contains("not known"))
            await #expect(throws: QuotaRefusal.self) {
                try await database.write {
                    _ = try NamespaceUsage.settle($0, of: 1, reserved: 1, used: 1, limit: limit)
                }
            }
        }
        try await database.write { transaction in
            #expect(try NamespaceUsage.reserve(transaction, of: 1, bytes: 1, limit: nil) == nil)
            #expect(try NamespaceUsage.settle(transaction, of: 1, reserved: 1, used: 1, limit: nil) == nil)
            try NamespaceUsage.release(transaction, of: 1, bytes: 1)
            try NamespaceUsage.free(transaction, of: 1, bytes: 1)
        }
        #expect(try await usage() == nil, "no count begins in the middle")
    }

    @Test("a count that cannot be is no count")
    func unreadableRow() async throws {
        // The table of a database that was damaged, or written by something else: without the checks.
        let damaged = try Database.inMemory(migrations: [
            Migration(
                id: "test-0001-unchecked",
                sql: [
                    """
                    CREATE TABLE namespace_usage (
                        namespace_id INTEGER PRIMARY KEY, used INTEGER NOT NULL, reserved INTEGER NOT NULL
                    ) STRICT
                    """, "INSERT INTO namespace_usage VALUES (1, -5, 0), (2, 9223372036854775807, 1)",
                ]
            )
        ])
        for namespace in [1, 2] as [Int64] {
            let refusal = try await #require(throws: QuotaRefusal.self) {
                try await damaged.write { _ = try NamespaceUsage.reserve($0, of: namespace, bytes: 1, limit: .max) }
            }
            #expect(refusal.kind == .usageUnknown)
        }
        try await damaged.write { try NamespaceUsage.set($0, of: 1, used: 5, reserved: 0) }
        try await damaged.write { _ = try NamespaceUsage.reserve($0, of: 1, bytes: 1, limit: 6) }
    }

    @Test("uploads reserve, settle and release in the caller's transaction")
    func flow() async throws {
        try await database.write { try NamespaceUsage.set($0, of: 1, used: 10, reserved: 0) }
        try await database.write { _ = try NamespaceUsage.reserve($0, of: 1, bytes: 60, limit: 100) }
        let refusal = try await #require(throws: QuotaRefusal.self) {
            try await database.write { _ = try NamespaceUsage.reserve($0, of: 1, bytes: 31, limit: 100) }
        }
        #expect(refusal.used == 10 && refusal.reserved == 60 && refusal.limit == 100)
        #expect(try await usage() == [10, 60])
        try await database.write { _ = try NamespaceUsage.settle($0, of: 1, reserved: 60, used: 25, limit: 100) }
        #expect(try await usage() == [35, 0])
        try await database.write { transaction in
            try NamespaceUsage.reserve(transaction, of: 1, bytes: 5, limit: 100)
            try NamespaceUsage.release(transaction, of: 1, bytes: 5)
            try NamespaceUsage.free(transaction, of: 1, bytes: 35)
        }
        #expect(try await usage() == [0, 0])
        await #expect(throws: QuotaRefusal.self) {
            try await database.write { try NamespaceUsage.set($0, of: 1, used: -1, reserved: 0) }
        }
    }

    @Test("a transaction that is rolled back reserves nothing")
    func rollback() async throws {
        struct Stop: Error {}
        try await database.write { try NamespaceUsage.set($0, of: 1, used: 0, reserved: 0) }
        await #expect(throws: Stop.self) {
            try await database.write { transaction in
                try NamespaceUsage.reserve(transaction, of: 1, bytes: 60, limit: 100)
                throw Stop()
            }
        }
        #expect(try await usage() == [0, 0])
    }

    @Test("pushes side by side cannot together pass the limit")
    func concurrent() async throws {
        let database = database
        try await database.write { try NamespaceUsage.set($0, of: 1, used: 0, reserved: 0) }
        let accepted = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    let ledger = try? await database.write {
                        try NamespaceUsage.reserve($0, of: 1, bytes: 7, limit: 500)
                    }
                    return ledger != nil
                }
            }
            return await group.reduce(0) { $1 ? $0 + 1 : $0 }
        }
        #expect(accepted == 71)
        #expect(try await usage() == [0, 497])
    }
}
