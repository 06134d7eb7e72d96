// SPDX-License-Identifier: EUPL-1.2

import Crypto
import Database
import DurableFiles
import Glibc
import MerkleLog
import NIOPosix
import Synchronization
import TestKit
import Testing
import Time
import Transparency

@Suite("The log and its sequencer")
struct SequencerTests {
    @Test("statements read no whole table, and hold on PostgreSQL")
    func statements() async throws {
        #expect(try StatementAudit.explain(migrations: LogSchema.migrations, statements: LogSchema.statements) == [])
        let output = try await PostgreSQLCluster.run(
            StatementAudit.postgresScript(migrations: LogSchema.migrations, statements: LogSchema.statements)
        )
        #expect(StatementAudit.postgresFindings(output) == [])
        #expect(output.contains("kontor: log.insertAdopted"))
    }

    @Test("an entry is there with its fact or not at all, and fixes the origin")
    func queue() async throws {
        let fixture = try Fixture()
        let database = try fixture.database()
        let log = try fixture.log(database)
        #expect(try await log.status() == LogStatus())
        struct Refused: Error {}
        await #expect(throws: Refused.self) {
            try await database.write { transaction in
                try transaction.execute(insertFact, ["lost"])
                _ = try log.enqueue(entry(0), in: transaction)
                throw Refused()
            }
        }
        #expect(try await log.status().origin == nil)
        try await fixture.enqueue(0..<2, log, database)
        let status = try await log.status()
        #expect(status.waiting == 2)
        #expect(status.origin == Fixture.origin)
        #expect(status.waitingSince == noon)
        let other = try fixture.log(database, origin: "other.example/log")
        let fixed = TransparencyError.originIsFixed(Fixture.origin, configured: "other.example/log")
        await #expect(throws: fixed) { try await fixture.enqueue(2..<3, other, database) }
        await #expect(throws: fixed) { try await other.prepare() }
        #expect(try await database.read { try $0.query(allFacts).count } == 2)
        for bytes in [[], [UInt8](repeating: 0, count: 65_536)] {
            await #expect(throws: TransparencyError.self) {
                try await database.write {
                    try log.enqueue(LogEntry(kind: "test", namespace: nil, bytes: bytes), in: $0)
                }
            }
        }
    }

    @Test("batches become tiles that Go's tlog accepts, at sizes around full tiles", .timeLimit(.minutes(5)))
    func goAccepts() async throws {
        let fixture = try Fixture()
        let database = try fixture.database()
        let log = try fixture.log(database)
        let sequencer = LogSequencer(log)
        let sumdb = try await sumdbVerifier()
        var size = 0
        for next in [1, 2, 255, 256, 257, 700] {
            try await fixture.enqueue(size..<next, log, database)
            #expect(try await sequencer.round())
            size = next
            let checkpoint = try fixture.checkpoint()
            #expect(checkpoint.size == size)
            let said = try await sumdb.check(["check", fixture.home.file("log"), "\(try fixture.key)"])
            #expect(said == "\(size) \(checkpoint.root)\n")
        }
        #expect(try await !sequencer.round())
        #expect(try fixture.hasNoFork(700))
        // Partial files of tiles that are full are gone, and still answered from the full one.
        #expect(try fixture.files()["tile/0/000.p/255"] == nil)
        let early = try #require(TileAddress(.entries, index: 0, width: 2))
        let bundle = try #require(try log.directory.contents(of: early))
        #expect(try EntryBundle.decode(bundle, at: early) == [entry(0).bytes, entry(1).bytes])
        let tile = try #require(TileAddress(.hashes(level: 0), index: 0, width: 255))
        #expect(try log.directory.contents(of: tile)?.count == 255 * 32)
        // A changed byte is noticed by the same program.
        try fixture.copy("log", "broken")
        var bytes = try #require(try fixture.files()["tile/entries/001"])
        bytes[7] ^= 1
        try fixture.home.write(bytes, to: "broken/tile/entries/001")
        let refusal = try await sumdb.run(["check", fixture.home.file("broken"), "\(try fixture.key)"])
        #expect(refusal.exitCode == 1)
    }

    @Test("receipts prove each entry offline")
    func receipts() async throws {
        let fixture = try Fixture()
        let database = try fixture.database()
        let log = try fixture.log(database)
        let ids = try await fixture.enqueue(0..<300, log, database)
        await #expect(throws: TransparencyError.notYetPublished(ids[0])) { try await log.receipt(for: ids[0]) }
        await #expect(throws: TransparencyError.unknownEntry(999)) { try await log.receipt(for: 999) }
        try await LogSequencer(log).round()
        for (number, id) in ids.enumerated() {
            let receipt = try await log.receipt(for: id)
            let again = try LogReceipt(parsing: receipt.bytes)
            #expect(try again.verified(entry: entry(number).bytes, by: log.keys).checkpoint.size == 300)
            #expect(try await log.included(id).bytes == entry(number).bytes)
        }
    }

    @Test(
        "many queue at once while the sequencer runs: every entry gets one index and a receipt",
        .timeLimit(.minutes(2))
    )
    func parallel() async throws {
        let fixture = try Fixture()
        let database = try fixture.database()
        let log = try fixture.log(database)
        let sequencer = Task { await LogSequencer(log).run() }
        let indices = try await withThrowingTaskGroup(of: [Int].self) { group in
            for task in 0..<8 {
                group.addTask {
                    var indices: [Int] = []
                    for number in 0..<25 {
                        let id = try await fixture.enqueue(
                            (task * 25 + number)..<(task * 25 + number + 1),
                            log,
                            database
                        )[0]
                        let receipt = try await log.receipt(for: id, timeout: .seconds(60))
                        _ = try receipt.verified(entry: entry(task * 25 + number).bytes, by: log.keys)
                        indices.append(receipt.index)
                    }
                    return indices
                }
            }
            var all: [Int] = []
            for try await some in group { all += some }
            return all
        }
        sequencer.cancel()
        await sequencer.value
        #expect(indices.sorted() == Array(0..<200))
    }

    @Test("a checkpoint is signed only when something is new, and not sooner than its interval")
    func checkpointInterval() async throws {
        let fixture = try Fixture()
        let database = try fixture.database()
        var settings = TransparencyLog.Settings()
        settings.checkpointInterval = .milliseconds(250)
        let base = try fixture.log(database)
        let log = try TransparencyLog(
            origin: Fixture.origin,
            signers: [LogSigner(key: try fixture.key) { Array(try fixture.signing.signature(for: $0)) }],
            database: database,
            directory: base.directory,
            checkpointGuard: CheckpointGuard(path: fixture.home.file("keys/guard")),
            rules: PublicationRules(accountNames: { [] }, isInternal: { _ in false }),
            settings: settings,
            clock: fixture.time.clock,
            threads: .singleton
        )
        let sequencer = LogSequencer(log)
        try await fixture.enqueue(0..<1, log, database)
        try await sequencer.round()
        try await fixture.enqueue(1..<2, log, database)
        try await sequencer.round()
        #expect(try await log.status().size == 2)
        #expect(try fixture.checkpoint().size == 1)
        fixture.time.advance(by: .milliseconds(250))
        try await sequencer.round()
        #expect(try fixture.checkpoint().size == 2)
        fixture.time.advance(by: .seconds(1))
        #expect(try await !sequencer.round())
    }

    @Test("one of several sequencers works; another takes over when its lease has ended")
    func lease() async throws {
        let fixture = try Fixture()
        let database = try fixture.database()
        let (first, second) = (LogSequencer(try fixture.log(database)), LogSequencer(try fixture.log(database)))
        let log = try fixture.log(database)
        try await fixture.enqueue(0..<1, log, database)
        try await first.round()
        try await fixture.enqueue(1..<2, log, database)
        #expect(try await !second.round())
        #expect(try await log.status().size == 1)
        fixture.time.advance(by: .seconds(11))
        #expect(try await second.round())
        #expect(try await log.status().size == 2)
        try await fixture.enqueue(2..<3, log, database)
        #expect(try await !first.round())
        try await second.stop()
        #expect(try await first.round())
        #expect(try fixture.checkpoint().size == 3)
        #expect(try fixture.hasNoFork(3))
    }

    @Test("a worker that lost its lease while it had signed records nothing, and the log does not fork")
    func lostLease() async throws {
        let fixture = try Fixture()
        let database = try fixture.database()
        let rival = LogSequencer(try fixture.log(database))
        let helper = try fixture.log(database)
        let hasRun = Mutex(false)
        let slow = try fixture.log(database) { _ in
            guard
                !hasRun.withLock({ done in
                    defer { done = true }; return done
                })
            else { return }
            fixture.time.advance(by: .seconds(11))
            try await fixture.enqueue(1..<2, helper, database)
            try await rival.round()
        }
        try await fixture.enqueue(0..<1, slow, database)
        let sequencer = LogSequencer(slow)
        #expect(try await !sequencer.round())
        #expect(try fixture.checkpoint().size == 2)
        #expect(try await helper.status().publishedSize == 2)
        fixture.time.advance(by: .seconds(11))
        try await fixture.enqueue(2..<3, slow, database)
        #expect(try await sequencer.round())
        #expect(try fixture.checkpoint().size == 3)
        #expect(try fixture.hasNoFork(3))
    }

    @Test("a signer that fails, or signs with another key, publishes nothing; entries stay and follow later")
    func failingSigner() async throws {
        struct Locked: Error {}
        let fixture = try Fixture()
        let database = try fixture.database()
        let isLocked = Mutex(true)
        let log = try fixture.log(database) { _ in if isLocked.withLock({ $0 }) { throw Locked() } }
        try await fixture.enqueue(0..<3, log, database)
        let sequencer = LogSequencer(log)
        await #expect(throws: Locked.self) { try await sequencer.round() }
        #expect(try await log.status().size == 3)
        #expect(try await log.status().publishedSize == 0)
        #expect(try fixture.files()["checkpoint"] == nil)
        isLocked.withLock { $0 = false }
        #expect(try await sequencer.round())
        #expect(try fixture.checkpoint().size == 3)
        let stranger = try Fixture()
        let wrong = try TransparencyLog(
            origin: Fixture.origin,
            signers: [LogSigner(key: try fixture.key) { Array(try stranger.signing.signature(for: $0)) }],
            database: database,
            directory: log.directory,
            checkpointGuard: CheckpointGuard(path: fixture.home.file("keys/guard")),
            rules: PublicationRules(accountNames: { [] }, isInternal: { _ in false }),
            clock: fixture.time.clock,
            threads: .singleton
        )
        fixture.time.advance(by: .seconds(20))
        try await fixture.enqueue(3..<4, wrong, database)
        await #expect(throws: NoteError.invalidSignature(Fixture.origin)) { try await LogSequencer(wrong).round() }
        #expect(try fixture.checkpoint().size == 3)
    }
}
