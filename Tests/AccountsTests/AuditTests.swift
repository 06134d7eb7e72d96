// SPDX-License-Identifier: EUPL-1.2

import Audit
import Database
import JSON
import TestKit
import Testing
import Time

@Suite struct AuditTests {
    private func log(_ count: Int) async throws -> Database {
        let database = try Database.inMemory(migrations: AuditSchema.migrations)
        for number in 1...count {
            try await database.write { transaction in
                try AuditLog.append(
                    transaction,
                    actor: "person \(number)",
                    action: "registry.push",
                    subject: "team/app",
                    detail: ["tag": .string("v\(number)")],
                    at: noon + .seconds(number)
                )
            }
        }
        return database
    }

    private func tamper(_ database: Database, _ sql: String) async throws {
        try await database.write { try $0.execute(Statement("test.tamper", sql)) }
    }

    @Test("events come back in order, page by page")
    func list() async throws {
        let database = try await log(5)
        let first = try await AuditLog.list(database, limit: 2)
        #expect(first.map(\.id) == [1, 2])
        #expect(first[1].actor == "person 2" && first[1].detail == ["tag": "v2"] && first[1].at == noon + .seconds(2))
        #expect(try await AuditLog.list(database, after: 4).map(\.id) == [5])
        #expect(try await AuditLog.list(database, after: 5).isEmpty)
    }

    @Test("an event of a transaction that is rolled back is not there, and leaves no gap")
    func rollback() async throws {
        struct Refusal: Error {}
        let database = try await log(2)
        _ = try? await database.write { transaction in
            try AuditLog.append(transaction, actor: "x", action: "a.b", subject: "s", at: noon)
            throw Refusal()
        }
        try await database.write { try AuditLog.append($0, actor: "x", action: "a.b", subject: "s", at: noon) }
        #expect(try await AuditLog.list(database).map(\.id) == [1, 2, 3])
        #expect(try await AuditLog.verify(database).firstBreak == nil)
    }

    @Test("the chain of concurrent writers holds, in pages of any size", arguments: [1, 7, 50, 1_000])
    func verify(page: Int) async throws {
        let database = try Database.inMemory(migrations: AuditSchema.migrations)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    try await database.write {
                        try AuditLog.append($0, actor: "\(number)", action: "a.b", subject: "s", at: noon)
                    }
                }
            }
            try await group.waitForAll()
        }
        let found = try await AuditLog.verify(database, page: page)
        #expect(found.events == 100 && found.firstBreak == nil && found.erased == 0)
        #expect(found.head == (try await AuditLog.list(database, after: 99).last?.hash))
    }

    @Test("an empty log verifies")
    func empty() async throws {
        let database = try Database.inMemory(migrations: AuditSchema.migrations)
        #expect(try await AuditLog.verify(database) == AuditVerification())
    }

    @Test(
        "any later change is found, at its event",
        arguments: [
            ("UPDATE audit_events SET actor = 'somebody else' WHERE id = 4", 4, "actor"),
            ("UPDATE audit_events SET detail = '{}' WHERE id = 4", 4, "detail"),
            ("UPDATE audit_events SET subject = 'team/other' WHERE id = 4", 4, "content"),
            ("UPDATE audit_events SET at = at + 1 WHERE id = 4", 4, "content"),
            ("UPDATE audit_events SET salt = NULL WHERE id = 4", 4, "key is gone"),
            ("UPDATE audit_events SET actor = NULL WHERE id = 4", 4, "actor"),
            ("UPDATE audit_events SET hash = previous WHERE id = 4", 4, "content"),
            ("UPDATE audit_events SET previous = hash WHERE id = 4", 4, "does not follow"),
            ("DELETE FROM audit_events WHERE id = 4", 5, "event 4 is missing"),
            ("DELETE FROM audit_events WHERE id <= 4", 5, "event 1 is missing"),
        ]
    )
    func tampered(sql: String, event: Int64, reason: String) async throws {
        let database = try await log(8)
        try await tamper(database, sql)
        let found = try #require(try await AuditLog.verify(database, page: 3).firstBreak)
        #expect(found.event == event)
        #expect(found.reason.contains(reason), "\(found.reason)")
    }

    @Test("a log that was cut off at its end shows when the head was kept elsewhere")
    func cutOff() async throws {
        let database = try await log(8)
        let head = try await AuditLog.verify(database).head
        try await tamper(database, "DELETE FROM audit_events WHERE id > 6")
        let found = try await AuditLog.verify(database)
        #expect(found.firstBreak == nil && found.events == 6 && found.head != head)
    }

    @Test("personal fields can be erased, and the chain stays whole")
    func erasure() async throws {
        let database = try await log(8)
        let head = try await AuditLog.verify(database).head
        let erased = try await database.write { try AuditLog.erasePersonalFields($0, before: noon + .seconds(4)) }
        #expect(erased == 3)
        let events = try await AuditLog.list(database)
        #expect(events[2].actor == nil && events[2].detail == nil && events[2].subject == "team/app")
        #expect(events[3].actor == "person 4")
        let found = try await AuditLog.verify(database)
        #expect(found.firstBreak == nil && found.erased == 3 && found.head == head)
        #expect(try await database.write { try AuditLog.erasePersonalFields($0, before: noon + .seconds(4)) } == 0)
        #expect(
            try await database.write { try AuditLog.erasePersonalFields($0, before: noon + .seconds(100), limit: 2) }
                == 2
        )
    }

    @Test("the same actor leaves a different hash in each event, so that nobody can look it up after the erasure")
    func saltedHashes() async throws {
        let database = try Database.inMemory(migrations: AuditSchema.migrations)
        for _ in 0..<2 {
            try await database.write { try AuditLog.append($0, actor: "a", action: "a.b", subject: "s", at: noon) }
        }
        let rows = try await database.read { try $0.query(Statement("t", "SELECT actor_hash FROM audit_events")) }
        #expect(try rows[0].bytes(0) != rows[1].bytes(0))
    }
}
