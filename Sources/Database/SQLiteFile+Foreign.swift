// SPDX-License-Identifier: EUPL-1.2

internal import GRDB
internal import GRDBSQLite
import Glibc

extension SQLiteFile {
    /// Longest text or value of a foreign file, in bytes.
    private static let foreignValue: Int32 = 64 << 20

    /// Reads a file that somebody else made, whoever that is: its own words decide nothing about what is run.
    ///
    /// Nothing of it is asked before its header is that of a plain file, its schema is letter by letter the one that the
    /// migrations make (no trigger, no view, no further column), and SQLite's own check found every page sound. What
    /// the rows say is for the caller to judge.
    ///
    /// - Parameters:
    ///   - path: the file; never written, and no journal beside it is looked at, because its header allows none.
    ///   - migrations: the tables that it must have, and no others.
    ///   - body: reads.
    /// - Throws: ``DatabaseError`` of kind ``DatabaseError/Kind/corrupt`` for what is no such file, or what `body` throws.
    public static func readForeign<T>(path: String, migrations: [Migration], _ body: (Transaction) throws -> T) throws
        -> T
    {
        do {
            try checkHeader(path)
            let expected = try schema(of: migrations)
            var configuration = Configuration()
            configuration.readonly = true
            configuration.foreignKeysEnabled = false
            configuration.label = "kontor-foreign"
            configuration.prepareDatabase { connection in
                try connection.execute(
                    sql: """
                        PRAGMA trusted_schema = OFF;
                        PRAGMA cell_size_check = ON;
                        PRAGMA query_only = ON;
                        PRAGMA mmap_size = 0;
                        PRAGMA temp_store = MEMORY;
                        PRAGMA cache_size = -32768;
                        """
                )
                for (limit, value) in [
                    (SQLITE_LIMIT_LENGTH, foreignValue), (SQLITE_LIMIT_SQL_LENGTH, 1 << 20), (SQLITE_LIMIT_ATTACHED, 0),
                    (SQLITE_LIMIT_COLUMN, 100), (SQLITE_LIMIT_TRIGGER_DEPTH, 1),
                ] { sqlite3_limit(connection.sqliteConnection, limit, value) }
            }
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let result = try queue.read { connection in
                try compare(try Self.schema(in: connection), with: expected)
                try Migrations.check(migrations, in: connection)
                let problems = try String.fetchAll(connection, sql: "PRAGMA integrity_check(3)")
                guard problems == ["ok"] else {
                    throw DatabaseError(.corrupt, "SQLite's check says: \(problems.joined(separator: "; "))")
                }
                let transaction = Transaction(connection)
                defer { transaction.end() }
                return try body(transaction)
            }
            try queue.close()
            return result
        } catch {
            guard error is GRDB.DatabaseError || error is DatabaseError else { throw error }
            throw DatabaseError(error, statement: nil, path: path)
        }
    }

    /// One line of a schema: what kind of thing, its name, the table, the text that made it.
    private struct SchemaEntry: Hashable {
        let kind: String
        let name: String
        let table: String
        let sql: String?
    }

    private static func schema(of migrations: [Migration]) throws -> Set<SchemaEntry> {
        let queue = try DatabaseQueue()
        return try queue.writeWithoutTransaction { connection in
            try Migrations.apply(migrations, to: connection)
            return try schema(in: connection)
        }
    }

    private static func schema(in connection: GRDB.Database) throws -> Set<SchemaEntry> {
        let rows = try GRDB.Row.fetchAll(
            connection,
            sql: "SELECT type, name, tbl_name, sql FROM sqlite_master LIMIT 1000"
        )
        return Set(
            rows.map { SchemaEntry(kind: $0[0] ?? "", name: $0[1] ?? "", table: $0[2] ?? "", sql: $0[3] as String?) }
        )
    }

    /// What `ANALYZE` leaves: only a hint how to search, and no matter of the migrations.
    private static let statistics = [
        SchemaEntry(
            kind: "table",
            name: "sqlite_stat1",
            table: "sqlite_stat1",
            sql: "CREATE TABLE sqlite_stat1(tbl,idx,stat)"
        ),
        SchemaEntry(
            kind: "table",
            name: "sqlite_stat4",
            table: "sqlite_stat4",
            sql: "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)"
        ),
    ]

    private static func compare(_ found: Set<SchemaEntry>, with expected: Set<SchemaEntry>) throws(DatabaseError) {
        if let other = found.subtracting(expected).subtracting(statistics).min(by: { $0.name < $1.name }) {
            throw DatabaseError(
                .corrupt,
                "its schema has a \(other.kind.prefix(20)) \"\(other.name.prefix(60))\" that is not one of this program's"
            )
        }
        if let missing = expected.subtracting(found).min(by: { $0.name < $1.name }) {
            throw DatabaseError(.corrupt, "its schema lacks the \(missing.kind) \"\(missing.name)\"")
        }
    }

    /// The header of a file without write-ahead log, in UTF-8, of exactly as many pages as it says.
    ///
    /// Source: "Database File Format", section 1.3.
    private static func checkHeader(_ path: String) throws(DatabaseError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw DatabaseError(.cannotOpen, String(cString: strerror(errno))) }
        defer { Glibc.close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw DatabaseError(.cannotOpen, "it is no regular file")
        }
        var header = [UInt8](repeating: 0, count: 100)
        let count = header.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        guard count == 100, header.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw DatabaseError(.corrupt, "it is no SQLite file")
        }
        func number(_ offset: Int, _ width: Int) -> Int64 {
            header[offset..<(offset + width)].reduce(0) { $0 << 8 | Int64($1) }
        }
        guard number(18, 1) == 1, number(19, 1) == 1 else {
            throw DatabaseError(.corrupt, "its header asks for a write-ahead log; a finished file has none")
        }
        guard number(56, 4) == 1 else { throw DatabaseError(.corrupt, "its text is not in UTF-8") }
        let pageSize = number(16, 2) == 1 ? 65_536 : number(16, 2)
        guard pageSize >= 512, pageSize & (pageSize - 1) == 0, number(28, 4) * pageSize == Int64(status.st_size) else {
            throw DatabaseError(
                .corrupt,
                "it has \(status.st_size) bytes, its header says \(number(28, 4)) pages of \(pageSize)"
            )
        }
    }
}
