// SPDX-License-Identifier: EUPL-1.2

internal import FoundationEssentials
internal import GRDB
internal import GRDBSQLite
internal import Glibc

/// What a closure of ``Database/write(_:)`` or ``Database/read(_:)`` works with; valid only inside that closure.
///
/// The closure may run more than once (when a neighbour in the same commit fails for all), so it has no effect other
/// than through this value. Not Sendable: it lives on the thread of its connection.
public final class Transaction {
    /// Most rows that ``query(_:_:)`` returns before it refuses; a page has a limit, what has none goes through
    /// ``forEach(_:_:_:)``.
    public static let maximumRows = 1_000_000

    /// Bytes of one value, well below SQLite's own bound.
    ///
    /// What is larger belongs in a file.
    static let maximumBytes = 256 << 20

    private let connection: GRDB.Database
    private var isOpen = true

    init(_ connection: GRDB.Database) { self.connection = connection }

    /// After this the value refuses to work: a closure that let it escape must not touch somebody else's transaction.
    func end() { isOpen = false }

    /// Runs a statement that returns no rows.
    ///
    /// - Returns: how many rows it inserted, updated or deleted.
    @discardableResult
    public func execute(_ statement: Statement, _ arguments: [SQLValue] = []) throws(DatabaseError) -> Int {
        try named(statement) {
            let prepared = try prepare(statement, arguments)
            // Both counters: the first keeps an older statement's number after one that is no change, the second
            // counts cascades too.
            let before = connection.totalChangesCount
            try prepared.execute()
            return min(connection.changesCount, connection.totalChangesCount - before)
        }
    }

    /// Runs a statement and returns all its rows (at most ``maximumRows``).
    public func query(_ statement: Statement, _ arguments: [SQLValue] = []) throws(DatabaseError) -> [Row] {
        try named(statement) {
            let prepared = try prepare(statement, arguments)
            var rows: [Row] = []
            func keep(_ row: Row) throws {
                guard rows.count < Self.maximumRows else {
                    throw DatabaseError(.shape, "more than \(Self.maximumRows) rows", statement: statement.name)
                }
                rows.append(row)
            }
            if prepared.isReadonly {
                try step(prepared, statement) { row in
                    try keep(row)
                    return true
                }
            } else {
                let cursor = try GRDB.Row.fetchCursor(prepared)
                while let row = try cursor.next() { try keep(Self.copy(row, statement)) }
            }
            return rows
        }
    }

    /// The first row, nil when there is none.
    public func first(_ statement: Statement, _ arguments: [SQLValue] = []) throws(DatabaseError) -> Row? {
        try named(statement) {
            let prepared = try prepare(statement, arguments)
            var first: Row?
            if prepared.isReadonly {
                try step(prepared, statement) { row in
                    first = row
                    return false
                }
            } else {
                // RETURNING: all steps must run, else a change of several rows would stop after the first.
                let cursor = try GRDB.Row.fetchCursor(prepared)
                first = try cursor.next().map { Self.copy($0, statement) }
                while try cursor.next() != nil {}
            }
            return first
        }
    }

    /// Hands each row to a closure without keeping them; for results without a bound.
    public func forEach(_ statement: Statement, _ arguments: [SQLValue] = [], _ body: (Row) throws -> Void) throws {
        guard isOpen else { throw Self.ended(statement) }
        // Not the cached statement: the body may run the same one, which would restart this walk.
        let prepared = try named(statement) { try connection.makeStatement(sql: statement.sql) }
        try named(statement) { try bind(arguments, to: prepared, statement) }
        let cursor = try named(statement) { try GRDB.Row.fetchCursor(prepared) }
        while let row = try named(statement, { try cursor.next().map { Self.copy($0, statement) } }) { try body(row) }
    }

    /// Runs a part that is undone as a whole when it throws, without ending the transaction.
    public func savepoint<T>(_ body: () throws -> T) throws -> T {
        guard isOpen else { throw DatabaseError(.misuse, "the transaction has ended") }
        try control("SAVEPOINT kontor_part")
        do {
            let result = try body()
            try control("RELEASE kontor_part")
            return result
        } catch {
            if connection.isInsideTransaction {
                try control("ROLLBACK TO kontor_part")
                try control("RELEASE kontor_part")
            }
            throw error
        }
    }

    private func control(_ sql: String) throws(DatabaseError) {
        do { try connection.execute(sql: sql) } catch { throw DatabaseError(error, statement: sql, path: nil) }
    }

    /// Walks the rows of a statement that changes nothing, until the closure says that it has enough.
    ///
    /// Not through the wrapper's cursor: it boxes every row and value, which is a third of a small read.
    private func step(
        _ prepared: GRDB.Statement,
        _ statement: Statement,
        _ body: (Row) throws -> Bool
    ) throws {
        let handle = prepared.sqliteStatement
        defer { sqlite3_reset(handle) }
        let columns = sqlite3_column_count(handle)
        while true {
            let code = sqlite3_step(handle)
            switch code {
            case SQLITE_ROW:
                let values = (0..<columns).map { SQLValue(column: $0, of: handle) }
                guard try body(Row(values: values, statement: statement.name)) else { return }
            case SQLITE_DONE: return
            default:
                let message = connection.sqliteConnection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
                throw GRDB.DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
            }
        }
    }

    private func prepare(_ statement: Statement, _ arguments: [SQLValue]) throws -> GRDB.Statement {
        let prepared = try connection.cachedStatement(sql: statement.sql)
        try bind(arguments, to: prepared, statement)
        return prepared
    }

    private func bind(
        _ arguments: [SQLValue],
        to prepared: GRDB.Statement,
        _ statement: Statement
    ) throws {
        for (index, argument) in arguments.enumerated() {
            // The wrapper takes it for a mistake in the program, and ends the process.
            guard argument.byteCount <= Self.maximumBytes else {
                throw DatabaseError(
                    .constraint,
                    "argument \(index + 1) has \(argument.byteCount) bytes, more than \(Self.maximumBytes)",
                    statement: statement.name
                )
            }
            // SQLite would store it and give back what lies before the NUL; PostgreSQL refuses it. Neither may
            // happen silently.
            guard case .text(let text) = argument, text.hasNUL else { continue }
            throw DatabaseError(
                .constraint,
                "argument \(index + 1) is text with a NUL character",
                statement: statement.name
            )
        }
        // The wrapper validates and boxes every argument, which is a quarter of an import. A statement that has arguments was
        // validated once, and can be bound directly when as many are given again.
        guard !prepared.arguments.isEmpty, prepared.sqliteParameterCount == arguments.count else {
            // Not `map(\.databaseValue)`: its key path is made anew each time, a tenth of a small read.
            try prepared.setArguments(
                StatementArguments(arguments.map { $0.databaseValue as (any DatabaseValueConvertible)? })
            )
            return
        }
        sqlite3_reset(prepared.sqliteStatement)
        for (index, argument) in arguments.enumerated() {
            guard argument.bind(to: prepared.sqliteStatement, at: Int32(index + 1)) == SQLITE_OK else {
                throw DatabaseError(.shape, "argument \(index + 1) cannot be bound", statement: statement.name)
            }
        }
    }

    private func named<T>(_ statement: Statement, _ body: () throws -> T) throws(DatabaseError) -> T {
        guard isOpen else { throw Self.ended(statement) }
        do { return try body() } catch { throw DatabaseError(error, statement: statement.name, path: nil) }
    }

    private static func ended(_ statement: Statement) -> DatabaseError {
        DatabaseError(
            .misuse,
            "the transaction has ended; its value must not leave its closure",
            statement: statement.name
        )
    }

    private static func copy(_ row: GRDB.Row, _ statement: Statement) -> Row {
        var values: [SQLValue] = []
        values.reserveCapacity(row.count)
        for index in 0..<row.count {
            let value: DatabaseValue = row[index]
            switch value.storage {
            case .null: values.append(.null)
            case .int64(let number): values.append(.integer(number))
            case .double(let number): values.append(.real(number))
            case .string(let text): values.append(.text(text))
            case .blob(let data): values.append(.blob([UInt8](data)))
            }
        }
        return Row(values: values, statement: statement.name)
    }
}

extension String {
    fileprivate var hasNUL: Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        } ?? utf8.contains(0)
    }
}

extension GRDB.Statement {
    fileprivate var sqliteParameterCount: Int { Int(sqlite3_bind_parameter_count(sqliteStatement)) }
}

extension SQLValue {
    /// The value of a column of the row at which a statement stands; the bytes are copied.
    fileprivate init(column: Int32, of statement: OpaquePointer) {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: self = .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: self = .real(sqlite3_column_double(statement, column))
        case SQLITE_TEXT:
            let start = sqlite3_column_text(statement, column)
            // After the pointer was asked for: the call may convert, and the count is that of the result.
            let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
            self = .text(String(decoding: bytes, as: UTF8.self))
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(statement, column)
            let bytes = UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
            self = .blob([UInt8](bytes))
        default: self = .null
        }
    }

    /// Binds the value to a parameter that counts from 1; the bytes are copied.
    fileprivate func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch self {
        case .null: return sqlite3_bind_null(statement, index)
        case .integer(let value): return sqlite3_bind_int64(statement, index, value)
        case .real(let value): return sqlite3_bind_double(statement, index, value)
        case .text(var text):
            return text.withUTF8 { bytes in
                // Without an address SQLite would store NULL for an empty text.
                guard let base = bytes.baseAddress, !bytes.isEmpty else {
                    return sqlite3_bind_text(statement, index, "", 0, copied)
                }
                return base.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                    sqlite3_bind_text64(statement, index, $0, UInt64(bytes.count), copied, UInt8(SQLITE_UTF8))
                }
            }
        case .blob(let bytes):
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(statement, index, 0) }
            return bytes.withUnsafeBytes {
                sqlite3_bind_blob64(statement, index, $0.baseAddress, UInt64($0.count), copied)
            }
        }
    }

    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .real(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }
}
