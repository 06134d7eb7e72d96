// SPDX-License-Identifier: EUPL-1.2

import Database
import Foundation
import TestKit
import Testing
import Time

@Suite struct ValueTests {
    @Test("every type comes back as it went in")
    func roundTrip() async throws {
        let fixture = try Fixture()
        try await fixture.database.write {
            try $0.execute(Notes.insertAll, [1, "ä\u{1}z", .blob([0, 255]), 2.5, nil])
            try $0.execute(Notes.insertAll, [2, "", .blob([]), .real(-0.0), 1])
        }
        let rows = try await fixture.database.read { try $0.query(Notes.all) }
        #expect(rows[0].values == [.integer(1), .text("ä\u{1}z"), .blob([0, 255]), .real(2.5), .null])
        #expect(try rows[0].optionalInt64(4) == nil)
        #expect(try rows[1].bytes(2) == [])
        #expect(try rows[1].int64(4) == 1)
        #expect(try rows[1].double(0) == 2)
    }

    @Test("text with a NUL is refused, because it would come back cut off")
    func nul() async throws {
        let fixture = try Fixture()
        let error = await #expect(throws: DatabaseError.self) {
            try await fixture.database.write { try $0.execute(Notes.insert, ["a\u{0}b"]) }
        }
        #expect(error?.kind == .constraint)
        #expect(try await fixture.names().isEmpty)
    }

    @Test("a column of another type is an error that names statement and column")
    func wrongType() async throws {
        let fixture = try Fixture()
        try await fixture.database.write { try $0.execute(Notes.insert, ["x"]) }
        let row = try #require(try await fixture.database.read { try $0.first(Notes.all) })
        let error = #expect(throws: DatabaseError.self) { try row.int64(1) }
        #expect(error?.description.contains("column 1 should be an integer and is text (statement notes.all)") == true)
        #expect(#expect(throws: DatabaseError.self) { try row.bytes(2) }?.kind == .shape)
        #expect(#expect(throws: DatabaseError.self) { try row.text(17) }?.kind == .shape)
        #expect(#expect(throws: DatabaseError.self) { try row.text(-1) }?.kind == .shape)
    }

    @Test("execute counts the rows it changed, nothing else's")
    func changes() async throws {
        let fixture = try Fixture()
        try await fixture.database.write { transaction in
            for name in ["a", "b", "c"] { #expect(try transaction.execute(Notes.insert, [.text(name)]) == 1) }
            #expect(try transaction.execute(Notes.rename, [1.0, 2]) == 2)
            #expect(try transaction.execute(Notes.rename, [1.0, 99]) == 0)
            #expect(try transaction.execute(Statement("t", "CREATE TABLE t (x INTEGER) STRICT")) == 0)
            #expect(try transaction.first(Notes.insertReturning, ["d"])?.int64(0) == 4)
            var seen: [String] = []
            try transaction.forEach(Notes.names) { row in
                seen.append(try row.text(0))
                _ = try transaction.query(Notes.names)
            }
            #expect(seen == ["a", "b", "c", "d"])
        }
    }

    @Test("a transaction that left its closure refuses to work")
    func escaped() async throws {
        final class Box: @unchecked Sendable {  // the test's own: written once, read afterwards
            var transaction: Transaction?
        }
        let box = Box()
        let fixture = try Fixture()
        try await fixture.database.write { box.transaction = $0 }
        #expect(throws: DatabaseError.self) { try box.transaction?.query(Notes.all) }
    }

    @Test("wrong use is named", arguments: [("SELECT nonsense FROM nowhere", 0), ("SELECT ?", 0), ("SELECT 1", 1)])
    func misuse(sql: String, arguments: Int) async throws {
        let fixture = try Fixture()
        let error = await #expect(throws: DatabaseError.self) {
            try await fixture.database.write {
                try $0.query(Statement("test.wrong", sql), Array(repeating: .null, count: arguments))
            }
        }
        #expect(error?.kind == .misuse)
        #expect(error?.statement == "test.wrong")
    }

    @Test("a reader sees every write that had returned, and cannot write")
    func readers() async throws {
        let fixture = try Fixture()
        for number in 0..<20 {
            try await fixture.database.write { try $0.execute(Notes.insert, [.text("\(number)")]) }
            #expect(try await fixture.names().count == number + 1)
        }
        let error = await #expect(throws: DatabaseError.self) {
            try await fixture.database.read { try $0.execute(Notes.insert, ["x"]) }
        }
        #expect(error?.kind == .readOnly)
    }

    @Test("a lookup sees every write that had returned, cannot write, and binds each time anew")
    func lookups() async throws {
        let fixture = try Fixture()
        for number in 0..<20 {
            let name = "\(number)"
            #expect(try await fixture.database.lookUp { try $0.first(Notes.byName, [.text(name)]) } == nil)
            try await fixture.database.write { try $0.execute(Notes.insert, [.text(name)]) }
            #expect(try await fixture.database.lookUp { try $0.first(Notes.byName, [.text(name)])?.text(0) } == name)
        }
        let error = await #expect(throws: DatabaseError.self) {
            try await fixture.database.lookUp { try $0.execute(Notes.insert, ["x"]) }
        }
        #expect(error?.kind == .readOnly)
        fixture.database.close()
        let closed = await #expect(throws: DatabaseError.self) {
            try await fixture.database.lookUp { try $0.first(Notes.byName, ["1"]) }
        }
        #expect(closed?.kind == .closed)
    }

    @Test("more lookups at once than connections for them are all answered")
    func manyLookups() async throws {
        var settings = Database.Settings()
        settings.lookups = 1
        let fixture = try Fixture(settings: settings)
        try await fixture.database.write { try $0.execute(Notes.insert, ["x"]) }
        let answers = try await withThrowingTaskGroup(of: String?.self) { group in
            for _ in 0..<500 {
                group.addTask {
                    try await fixture.database.lookUp { try $0.first(Notes.byName, ["x"])?.text(0) }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: "x", count: 500))
    }

    @Test("a value too large for a statement fails that use alone")
    func tooLarge() async throws {
        let fixture = try Fixture()
        let huge = SQLValue.text(String(repeating: "x", count: (256 << 20) + 1))
        let error = await #expect(throws: DatabaseError.self) {
            try await fixture.database.write { try $0.execute(Notes.insert, [huge]) }
        }
        #expect(error?.kind == .constraint)
        try await fixture.database.write { try $0.execute(Notes.insert, ["small"]) }
        #expect(try await fixture.names() == ["small"])
    }

    @Test("a database in memory works alike")
    func inMemory() async throws {
        let database = try Database.inMemory(migrations: [notes])
        try await database.write { try $0.execute(Notes.insert, ["x"]) }
        #expect(try await database.read { try $0.query(Notes.names).count } == 1)
        #expect(try database.readBlocking { try $0.query(Notes.names).count } == 1)
    }
}

@Suite struct OpeningTests {
    @Test("a table's rules come out as their kinds")
    func constraints() async throws {
        let fixture = try Fixture()
        func kind(_ statement: Statement, _ arguments: [SQLValue]) async -> DatabaseError.Kind? {
            await #expect(throws: DatabaseError.self) {
                try await fixture.database.write { try $0.execute(statement, arguments) }
            }?.kind
        }
        #expect(await kind(Notes.insert, ["bad"]) == .constraint)
        #expect(await kind(Notes.insert, [nil]) == .constraint)
        #expect(await kind(Notes.insertAll, [1, "x", nil, nil, 5]) == .foreignKey)
        #expect(await kind(Notes.insertAll, [1, "x", "text in a BLOB", nil, nil]) == .constraint)
    }

    @Test("bytes that are no database are refused as damaged")
    func notADatabase() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array(repeating: 0x41, count: 8_192), to: "node.sqlite")
        let error = #expect(throws: DatabaseError.self) { try Database.open(path: path, migrations: [notes]) }
        #expect(error?.kind == .corrupt)
        #expect(error?.description.contains(path) == true)
        #expect(error?.description.contains("backup") == true)
    }

    @Test("a directory that is missing is named")
    func missingDirectory() throws {
        let error = #expect(throws: DatabaseError.self) {
            try Database.open(path: "/nonexistent/kontor/node.sqlite", migrations: [])
        }
        #expect(error?.kind == .cannotOpen)
        #expect(error?.path == "/nonexistent/kontor/node.sqlite")
    }

    @Test("another process that holds the database is waited for, then named")
    func busy() async throws {
        var settings = Database.Settings()
        settings.busyWait = .milliseconds(20)
        let fixture = try Fixture(settings: settings)
        let other = try Database.open(path: fixture.database.path, migrations: [notes], settings: settings)
        let error = await #expect(throws: DatabaseError.self) {
            // The other's transaction is open while ours begins; both are writers.
            try await fixture.database.write { _ in
                let failure = Box<(any Error)?>(nil)
                let done = DispatchSemaphore(value: 0)
                Task.detached {
                    do { try await other.write { _ in } } catch { failure.value = error }
                    done.signal()
                }
                done.wait()
                if let error = failure.value { throw error }
            }
        }
        #expect(error?.kind == .busy)
        #expect(error?.isRetryable == true)
    }

    @Test("migrations run once, in order, and are recorded")
    func migrations() async throws {
        let fixture = try Fixture()
        try await fixture.database.write { try $0.execute(Notes.insert, ["kept"]) }
        fixture.database.close()
        let more = Migration(
            id: "notes-0002",
            sql: ["ALTER TABLE notes ADD COLUMN more TEXT", "CREATE INDEX notes_more ON notes (more)"]
        )
        let again = try Database.open(path: fixture.database.path, migrations: [notes, more])
        #expect(try await again.read { try $0.query(Statement("t", "SELECT name, more FROM notes")) }.count == 1)
    }

    @Test("a database of a newer program is refused, for writing and for reading")
    func newer() async throws {
        let fixture = try Fixture([
            notes, Migration(id: "future-0001", sql: ["CREATE TABLE future (x INTEGER) STRICT"]),
        ])
        fixture.database.close()
        for mode in [Database.Mode.readWrite, .readOnly] {
            let error = #expect(throws: DatabaseError.self) {
                try Database.open(path: fixture.database.path, migrations: [notes], mode: mode)
            }
            #expect(error?.kind == .newerSchema)
            #expect(error?.description.contains("future-0001") == true)
        }
    }

    @Test("a migration whose text was changed after it was applied is refused")
    func changedMigration() throws {
        let fixture = try Fixture()
        fixture.database.close()
        let changed = Migration(id: notes.id, sql: ["CREATE TABLE notes (id INTEGER PRIMARY KEY) STRICT"])
        let error = #expect(throws: DatabaseError.self) {
            try Database.open(path: fixture.database.path, migrations: [changed])
        }
        #expect(error?.kind == .changedMigration)
    }

    @Test("a migration that fails leaves everything as it was and is named")
    func failingMigration() async throws {
        let fixture = try Fixture()
        fixture.database.close()
        let broken = Migration(id: "broken-0001", sql: ["CREATE TABLE half (x INTEGER) STRICT", "CREATE NONSENSE"])
        let error = #expect(throws: DatabaseError.self) {
            try Database.open(path: fixture.database.path, migrations: [notes, broken])
        }
        #expect(error?.statement == "migration broken-0001")
        let again = try Database.open(path: fixture.database.path, migrations: [notes])
        let tables = try await again.read {
            try $0.query(Statement("t", "SELECT name FROM sqlite_master WHERE name = 'half'"))
        }
        #expect(tables.isEmpty)
    }

    @Test("two migrations of one name are refused")
    func twins() {
        #expect(throws: DatabaseError.self) { try Database.inMemory(migrations: [notes, notes]) }
    }

    @Test("a file built aside opens read-only, refuses writes, and needs the program's tables")
    func snapshot() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("snapshot.sqlite")
        let count = try SQLiteFile.build(path: path, migrations: [notes]) { transaction in
            for number in 0..<1_000 { try transaction.execute(Notes.insert, [.text("n\(number)")]) }
            return 1_000
        }
        #expect(count == 1_000)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["snapshot.sqlite"])
        let snapshot = try Database.open(path: path, migrations: [notes], mode: .readOnly)
        #expect(try await snapshot.read { try $0.query(Notes.names).count } == 1_000)
        let error = await #expect(throws: DatabaseError.self) {
            try await snapshot.write { try $0.execute(Notes.insert, ["x"]) }
        }
        #expect(error?.kind == .readOnly)
        #expect(
            #expect(throws: DatabaseError.self) { try SQLiteFile.build(path: path, migrations: [notes]) { _ in } }?.kind
                == .cannotOpen
        )
        let older = #expect(throws: DatabaseError.self) {
            try Database.open(path: path, migrations: [notes, Migration(id: "later", sql: [])], mode: .readOnly)
        }
        #expect(older?.kind == .olderSchema)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["snapshot.sqlite"])
    }
}

/// A value that two closures of one test share, one after the other.
final class Box<T>: @unchecked Sendable {  // the tests' own: accesses are ordered by a semaphore
    var value: T
    init(_ value: T) { self.value = value }
}
