// SPDX-License-Identifier: EUPL-1.2

internal import GRDB
import Time

/// Brings tables up to date; the text of each applied migration is kept, so that a changed one is noticed.
enum Migrations {
    static let table = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            id TEXT NOT NULL PRIMARY KEY,
            sql TEXT NOT NULL,
            applied_at INTEGER NOT NULL
        ) STRICT
        """

    /// Applies what is missing, all in one transaction: a program that is killed half-way leaves the old state.
    static func apply(_ migrations: [Migration], to connection: GRDB.Database) throws {
        try refuseTwins(migrations)
        try connection.execute(sql: "BEGIN IMMEDIATE")
        do {
            try connection.execute(sql: table)
            let applied = try applied(in: connection)
            try compare(applied, with: migrations)
            for migration in migrations where applied[migration.id] == nil {
                for sql in migration.sql {
                    do {
                        try connection.execute(sql: sql)
                    } catch {
                        throw DatabaseError(error, statement: "migration \(migration.id)", path: nil)
                    }
                }
                try connection.execute(
                    sql: "INSERT INTO schema_migrations (id, sql, applied_at) VALUES (?, ?, ?)",
                    arguments: [migration.id, text(of: migration), WallClock.system.now().microseconds]
                )
            }
            try connection.execute(sql: "COMMIT")
        } catch {
            if connection.isInsideTransaction { try? connection.execute(sql: "ROLLBACK") }
            throw error
        }
    }

    /// Checks a file that may not be changed.
    static func check(_ migrations: [Migration], in connection: GRDB.Database) throws {
        let exists = try Bool.fetchOne(connection, sql: "SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'")
        let applied = exists == nil ? [:] : try applied(in: connection)
        try compare(applied, with: migrations)
        if let missing = migrations.first(where: { applied[$0.id] == nil }) {
            throw DatabaseError(
                .olderSchema,
                "it was written by an older version: migration \(missing.id) was not applied"
            )
        }
    }

    private static func applied(in connection: GRDB.Database) throws -> [String: String] {
        let rows = try GRDB.Row.fetchAll(connection, sql: "SELECT id, sql FROM schema_migrations")
        return Dictionary(rows.map { ($0[0] as String, $0[1] as String) }) { first, _ in first }
    }

    private static func compare(_ applied: [String: String], with migrations: [Migration]) throws(DatabaseError) {
        let known = Dictionary(migrations.map { ($0.id, $0) }) { first, _ in first }
        for (id, sql) in applied.sorted(by: { $0.key < $1.key }) {
            guard let migration = known[id] else {
                throw DatabaseError(
                    .newerSchema,
                    "it was written by a newer version: this program does not know migration \(id)"
                )
            }
            guard text(of: migration) == sql else {
                throw DatabaseError(
                    .changedMigration,
                    "migration \(id) was applied with another text than this program has"
                )
            }
        }
    }

    private static func refuseTwins(_ migrations: [Migration]) throws(DatabaseError) {
        var seen: Set<String> = []
        for migration in migrations where !seen.insert(migration.id).inserted {
            throw DatabaseError(.misuse, "two migrations are called \(migration.id)")
        }
    }

    private static func text(of migration: Migration) -> String { migration.sql.joined(separator: ";\n") }
}
