// SPDX-License-Identifier: EUPL-1.2

internal import GRDB
internal import GRDBSQLite
import Glibc

/// A database that lives as long as the process that made it: for sorting more rows than memory should hold.
///
/// Its file has no name once it is open, so that a killed process leaves nothing; its pages lie on the disk, and a bounded number of
/// them in memory. One transaction, never committed.
public final class ScratchDatabase: Sendable {
    private let queue: DatabaseQueue

    /// Makes the file, opens it and takes its name away.
    ///
    /// - Parameters:
    ///   - path: where; must not exist, on a disk with room for the rows.
    ///   - migrations: the tables.
    public init(path: String, migrations: [Migration]) throws(DatabaseError) {
        do {
            var configuration = Configuration()
            configuration.foreignKeysEnabled = false
            // The transaction goes on from one use to the next.
            configuration.allowsUnsafeTransactions = true
            configuration.prepareDatabase { connection in
                try connection.execute(
                    sql: """
                        PRAGMA journal_mode = OFF;
                        PRAGMA synchronous = OFF;
                        PRAGMA locking_mode = EXCLUSIVE;
                        PRAGMA cache_size = -49152;
                        """
                )
            }
            queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { connection in
                try Migrations.apply(migrations, to: connection)
                try connection.execute(sql: "BEGIN IMMEDIATE")
            }
            unlink(path)
        } catch {
            throw DatabaseError(error, statement: nil, path: path)
        }
    }

    /// Runs a closure on the calling thread; what it wrote is there in the next one, also when it threw.
    public func use<T>(_ body: (Transaction) throws -> T) throws -> T {
        try queue.writeWithoutTransaction { connection in
            let transaction = Transaction(connection)
            defer { transaction.end() }
            return try body(transaction)
        }
    }

    /// Writes pages out and gives their memory back, until it is used again.
    ///
    /// Several of these stand side by side, one for each feed, and each would keep its whole cache.
    public func rest() throws(DatabaseError) {
        do {
            try queue.writeWithoutTransaction { connection in
                let handle = connection.sqliteConnection
                let code = sqlite3_db_cacheflush(handle)
                // Pages that are in use stay where they are; nothing is lost by that.
                guard code == SQLITE_OK || code == SQLITE_BUSY else {
                    throw GRDB.DatabaseError(
                        resultCode: ResultCode(rawValue: code),
                        message: "the cache cannot be written"
                    )
                }
                sqlite3_db_release_memory(handle)
            }
        } catch {
            throw DatabaseError(error, statement: nil, path: nil)
        }
    }
}
