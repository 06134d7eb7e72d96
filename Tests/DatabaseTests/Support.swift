// SPDX-License-Identifier: EUPL-1.2

import Database
import Dispatch
import TestKit
import Time

let notes = Migration(
    id: "notes-0001",
    sql: [
        """
        CREATE TABLE notes (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            body BLOB,
            size REAL,
            parent INTEGER REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED,
            CHECK (name <> 'bad')
        ) STRICT
        """,
        "CREATE INDEX notes_parent ON notes (parent)",
    ]
)

enum Notes {
    static let insert = Statement("notes.insert", "INSERT INTO notes (name) VALUES (?)")
    static let insertAll = Statement(
        "notes.insertAll",
        "INSERT INTO notes (id, name, body, size, parent) VALUES (?, ?, ?, ?, ?)"
    )
    static let insertReturning = Statement("notes.insertReturning", "INSERT INTO notes (name) VALUES (?) RETURNING id")
    static let all = Statement("notes.all", "SELECT id, name, body, size, parent FROM notes ORDER BY id")
    static let names = Statement("notes.names", "SELECT name FROM notes ORDER BY name")
    static let byName = Statement("notes.byName", "SELECT name FROM notes WHERE name = ?")
    static let rename = Statement("notes.rename", "UPDATE notes SET size = ? WHERE id >= ?")
    static let pages = Statement("notes.pages", "PRAGMA max_page_count = 40")
}

extension Database.Settings {
    /// No commit ends for lack of time: a busy machine changes nothing.
    static var untimed: Database.Settings {
        var settings = Database.Settings()
        settings.batchTime = .seconds(3600)
        return settings
    }
}

/// A database in a file of its own.
struct Fixture {
    let directory: TemporaryDirectory
    let database: Database

    init(_ migrations: [Migration] = [notes], settings: Database.Settings = .untimed) throws {
        directory = try TemporaryDirectory("kontor-db")
        database = try Database.open(path: directory.file("node.sqlite"), migrations: migrations, settings: settings)
    }

    func names() async throws -> [String] {
        try await database.read { try $0.query(Notes.names).map { try $0.text(0) } }
    }

    /// Runs bodies so that all of them share one commit: the writer is held until they wait.
    func together<T: Sendable>(_ bodies: [@Sendable (Transaction) throws -> T]) async throws -> [Result<T, any Error>] {
        let gate = DispatchSemaphore(value: 0)
        let begun = DispatchSemaphore(value: 0)
        let database = database
        async let holder: Void = database.write { _ in
            begun.signal()
            gate.wait()
        }
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                begun.wait()
                continuation.resume()
            }
        }
        let results = await withTaskGroup(of: (Int, Result<T, any Error>).self) { group in
            for (index, body) in bodies.enumerated() {
                group.addTask {
                    do { return (index, .success(try await database.write(body))) } catch {
                        return (index, .failure(error))
                    }
                }
            }
            while database.statistics.waiting < bodies.count { await Task.yield() }
            gate.signal()
            var results: [(Int, Result<T, any Error>)] = []
            for await result in group { results.append(result) }
            return results.sorted { $0.0 < $1.0 }.map(\.1)
        }
        try await holder
        return results
    }
}

let noon = Timestamp(seconds: 1_800_000_000)
