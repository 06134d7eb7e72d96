// SPDX-License-Identifier: EUPL-1.2

import Database
import Foundation
import TestKit
import Testing

@Suite struct GroupCommitTests {
    @Test("writes that wait together share one commit, and all of them are there")
    func sharedCommit() async throws {
        let fixture = try Fixture()
        let before = fixture.database.statistics
        let results = try await fixture.together(
            (0..<100).map { number in { try $0.execute(Notes.insert, [.text("n\(number)")]) } }
        )
        #expect(results.allSatisfy { (try? $0.get()) == 1 })
        let after = fixture.database.statistics
        #expect(after.commits - before.commits == 2, "one for the holder, one for the hundred")
        #expect(after.writes - before.writes == 101)
        #expect(try await fixture.names().count == 100)
    }

    @Test("a closure that throws takes nothing of its neighbours with it and gets its own error")
    func failingNeighbour() async throws {
        struct Refusal: Error, Equatable {}
        let fixture = try Fixture()
        let results: [Result<Int, any Error>] = try await fixture.together([
            { try $0.execute(Notes.insert, ["first"]) },
            {
                try $0.execute(Notes.insert, ["lost"])
                throw Refusal()
            },
            { try $0.execute(Notes.insert, ["first"]) },
            { try $0.execute(Notes.insert, ["last"]) },
        ])
        #expect(throws: Refusal()) { try results[1].get() }
        let twin = #expect(throws: DatabaseError.self) { try results[2].get() }
        #expect(results.filter { (try? $0.get()) != nil }.count == 3 - 1)
        #expect(twin?.kind == .unique)
        #expect(twin?.statement == "notes.insert")
        #expect(try await fixture.names() == ["first", "last"])
        #expect(fixture.database.statistics.repeatedBatches == 0)
    }

    @Test("a key that is missing only at the commit fails its own closure, not the batch")
    func deferredKey() async throws {
        let fixture = try Fixture()
        let results: [Result<Int, any Error>] = try await fixture.together([
            { try $0.execute(Notes.insert, ["a"]) },
            { try $0.execute(Notes.insertAll, [7, "orphan", nil, nil, 99]) },
            { try $0.execute(Notes.insert, ["b"]) },
        ])
        #expect((try? results[0].get()) == 1)
        #expect((try? results[2].get()) == 1)
        #expect(#expect(throws: DatabaseError.self) { try results[1].get() }?.kind == .foreignKey)
        #expect(try await fixture.names() == ["a", "b"])
        #expect(fixture.database.statistics.repeatedBatches == 1)
    }

    @Test("a full disk is named, fails what does not fit and leaves the rest")
    func fullDisk() async throws {
        let fixture = try Fixture()
        _ = try await fixture.database.write { try $0.query(Notes.pages) }
        let large = [UInt8](repeating: 1, count: 1 << 20)
        let results: [Result<Int, any Error>] = try await fixture.together([
            { try $0.execute(Notes.insert, ["small"]) },
            { try $0.execute(Notes.insertAll, [9, "large", .blob(large), nil, nil]) },
            { try $0.execute(Notes.insert, ["also small"]) },
        ])
        let error = #expect(throws: DatabaseError.self) { try results[1].get() }
        #expect(error?.kind == .full)
        #expect(error?.description.contains("free space") == true)
        #expect(try await fixture.names() == ["also small", "small"])
    }

    @Test("a batch is bounded")
    func boundedBatch() async throws {
        var settings = Database.Settings.untimed
        settings.batchSize = 10
        let fixture = try Fixture(settings: settings)
        let before = fixture.database.statistics.commits
        _ = try await fixture.together(
            (0..<95).map { number in { try $0.execute(Notes.insert, [.text("n\(number)")]) } }
        )
        #expect(fixture.database.statistics.commits - before == 1 + 10)
    }

    @Test("a slow closure ends its batch, the rest follows in the next commit")
    func slowClosure() async throws {
        var settings = Database.Settings.untimed
        settings.batchTime = .zero
        let fixture = try Fixture(settings: settings)
        let before = fixture.database.statistics.commits
        _ = try await fixture.together(
            (0..<5).map { number in { try $0.execute(Notes.insert, [.text("n\(number)")]) } }
        )
        #expect(fixture.database.statistics.commits - before == 6)
        #expect(try await fixture.names().count == 5)
    }

    @Test("more waiting writers than the bound are told to try again")
    func overload() async throws {
        var settings = Database.Settings.untimed
        settings.waitingWriters = 0
        let fixture = try Fixture(settings: settings)
        let error = await #expect(throws: DatabaseError.self) { try await fixture.database.write { _ in } }
        #expect(error?.kind == .overloaded)
        #expect(error?.isRetryable == true)
    }

    @Test("a part is undone alone when it throws")
    func savepoint() async throws {
        struct Refusal: Error {}
        let fixture = try Fixture()
        try await fixture.database.write { transaction in
            try transaction.execute(Notes.insert, ["kept"])
            try? transaction.savepoint {
                try transaction.execute(Notes.insert, ["undone"])
                throw Refusal()
            }
            try transaction.savepoint { _ = try transaction.execute(Notes.insert, ["kept too"]) }
        }
        #expect(try await fixture.names() == ["kept", "kept too"])
    }

    @Test("a closed database says so, to writers and to readers")
    func closed() async throws {
        let fixture = try Fixture()
        fixture.database.close()
        fixture.database.close()
        let write = await #expect(throws: DatabaseError.self) { try await fixture.database.write { _ in } }
        #expect(write?.kind == .closed)
        let read = await #expect(throws: DatabaseError.self) {
            try await fixture.database.read { try $0.query(Notes.all) }
        }
        #expect(read?.kind == .closed)
    }

    @Test("what was acknowledged is in the file for another connection, with FULL synchronisation in WAL mode")
    func durable() async throws {
        let fixture = try Fixture()
        try await fixture.database.write { try $0.execute(Notes.insert, ["kept"]) }
        let synchronous = try await fixture.database.write {
            try $0.query(Statement("p", "PRAGMA synchronous")).first?.int(0)
        }
        #expect(synchronous == 2)
        let journal = try await fixture.database.read {
            try $0.query(Statement("p", "PRAGMA journal_mode")).first?.text(0)
        }
        #expect(journal == "wal")
        let keys = try await fixture.database.write {
            try $0.query(Statement("p", "PRAGMA foreign_keys")).first?.int(0)
        }
        #expect(keys == 1)
        let other = try Database.open(path: fixture.database.path, migrations: [notes], mode: .readOnly)
        #expect(try await other.read { try $0.query(Notes.names).count } == 1)
    }

    @Test("concurrent small writes need far fewer commits than writes (measured, printed)")
    func measured() async throws {
        let fixture = try Fixture()
        let database = fixture.database
        let clock = ContinuousClock()
        let alone = try await clock.measure {
            for number in 0..<300 {
                try await database.write { try $0.execute(Notes.insert, [.text("alone \(number)")]) }
            }
        }
        let middle = database.statistics
        let together = try await clock.measure {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<64 {
                    group.addTask {
                        for number in 0..<50 {
                            try await database.write { try $0.execute(Notes.insert, [.text("\(writer) \(number)")]) }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        let end = database.statistics
        let rates = (300 / (alone / .seconds(1)), 3_200 / (together / .seconds(1)))
        print(
            "group commit: one by one \(Int(rates.0))/s (\(middle.commits) commits for 300 writes),",
            "64 writers \(Int(rates.1))/s (\(end.commits - middle.commits) commits for 3200 writes),",
            "ratio \(rates.1 / rates.0)"
        )
        #expect(end.writes - middle.writes == 3_200)
        #expect(end.commits - middle.commits < 1_600)
    }
}
