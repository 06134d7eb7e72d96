// SPDX-License-Identifier: EUPL-1.2

internal import GRDB

/// Files that are built aside, fsynced by the caller, and then only read.
public enum SQLiteFile {
    /// Builds a new database file without journal and without waiting for the disk.
    ///
    /// A crash leaves a useless file, so the caller builds under a temporary name, makes it durable with
    /// `FileOperations.synchronise`, and renames it. Everything happens in one transaction on the calling thread.
    ///
    /// - Parameters:
    ///   - path: where; must not exist.
    ///   - migrations: the tables; recorded, so that ``Database/open(path:migrations:mode:settings:)`` with
    ///     `.readOnly` can check them.
    ///   - body: fills the tables.
    /// - Throws: ``DatabaseError``, or what `body` throws; then the file is of no use and the caller removes it.
    public static func build<T>(path: String, migrations: [Migration], _ body: (Transaction) throws -> T) throws -> T {
        do {
            var configuration = Configuration()
            configuration.foreignKeysEnabled = false
            // A body that throws leaves its transaction open, and the file to be removed.
            configuration.allowsUnsafeTransactions = true
            configuration.prepareDatabase { connection in
                try connection.execute(
                    sql: """
                        PRAGMA journal_mode = OFF;
                        PRAGMA synchronous = OFF;
                        PRAGMA locking_mode = EXCLUSIVE;
                        PRAGMA temp_store = MEMORY;
                        PRAGMA cache_size = -65536;
                        """
                )
            }
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let result = try queue.writeWithoutTransaction { connection in
                let tables = try Int.fetchOne(connection, sql: "SELECT COUNT(*) FROM sqlite_master") ?? 0
                guard tables == 0 else {
                    throw DatabaseError(
                        .cannotOpen,
                        "a snapshot is built into a new file, and this one has tables already"
                    )
                }
                try Migrations.apply(migrations, to: connection)
                try connection.execute(sql: "BEGIN IMMEDIATE")
                let transaction = Transaction(connection)
                defer { transaction.end() }
                let result = try body(transaction)
                try connection.execute(sql: "COMMIT")
                try connection.execute(sql: "ANALYZE")
                return result
            }
            try queue.close()
            return result
        } catch {
            guard error is GRDB.DatabaseError || error is DatabaseError else { throw error }
            throw DatabaseError(error, statement: nil, path: path)
        }
    }
}
