// SPDX-License-Identifier: EUPL-1.2

public import Time

/// One row of a result.
///
/// Columns count from 0 in the order of the statement's SELECT or RETURNING.
public struct Row: Sendable, Hashable {
    /// The values in column order.
    public let values: [SQLValue]
    let statement: String

    /// The value of a column as it is stored.
    public func value(_ column: Int) throws(DatabaseError) -> SQLValue {
        guard values.indices.contains(column) else {
            throw DatabaseError(
                .shape,
                "column \(column) was asked for, the row has \(values.count)",
                statement: statement
            )
        }
        return values[column]
    }

    /// A whole number.
    public func int64(_ column: Int) throws(DatabaseError) -> Int64 {
        guard let value = try optionalInt64(column) else { throw missing(column, "an integer") }
        return value
    }

    /// A whole number.
    public func int(_ column: Int) throws(DatabaseError) -> Int { Int(try int64(column)) }

    /// A floating-point number; whole numbers count as such.
    public func double(_ column: Int) throws(DatabaseError) -> Double {
        guard let value = try optionalDouble(column) else { throw missing(column, "a number") }
        return value
    }

    /// A truth value stored as 0 or 1.
    public func bool(_ column: Int) throws(DatabaseError) -> Bool { try int64(column) != 0 }

    /// Text.
    public func text(_ column: Int) throws(DatabaseError) -> String {
        guard let value = try optionalText(column) else { throw missing(column, "text") }
        return value
    }

    /// Bytes.
    public func bytes(_ column: Int) throws(DatabaseError) -> [UInt8] {
        guard let value = try optionalBytes(column) else { throw missing(column, "bytes") }
        return value
    }

    /// A time stored as microseconds UTC.
    public func time(_ column: Int) throws(DatabaseError) -> Timestamp { Timestamp(microseconds: try int64(column)) }

    /// A whole number, nil for NULL.
    public func optionalInt64(_ column: Int) throws(DatabaseError) -> Int64? {
        switch try value(column) {
        case .null: return nil
        case .integer(let value): return value
        case let other: throw wrong(column, "an integer", other)
        }
    }

    /// A whole number, nil for NULL.
    public func optionalInt(_ column: Int) throws(DatabaseError) -> Int? { try optionalInt64(column).map { Int($0) } }

    /// A floating-point number, nil for NULL.
    public func optionalDouble(_ column: Int) throws(DatabaseError) -> Double? {
        switch try value(column) {
        case .null: return nil
        case .real(let value): return value
        case .integer(let value): return Double(value)
        case let other: throw wrong(column, "a number", other)
        }
    }

    /// Text, nil for NULL.
    public func optionalText(_ column: Int) throws(DatabaseError) -> String? {
        switch try value(column) {
        case .null: return nil
        case .text(let value): return value
        case let other: throw wrong(column, "text", other)
        }
    }

    /// Bytes, nil for NULL.
    public func optionalBytes(_ column: Int) throws(DatabaseError) -> [UInt8]? {
        switch try value(column) {
        case .null: return nil
        case .blob(let value): return value
        case let other: throw wrong(column, "bytes", other)
        }
    }

    /// A time stored as microseconds UTC, nil for NULL.
    public func optionalTime(_ column: Int) throws(DatabaseError) -> Timestamp? {
        try optionalInt64(column).map { Timestamp(microseconds: $0) }
    }

    private func missing(_ column: Int, _ expected: String) -> DatabaseError {
        wrong(column, expected, .null)
    }

    private func wrong(_ column: Int, _ expected: String, _ found: SQLValue) -> DatabaseError {
        DatabaseError(.shape, "column \(column) should be \(expected) and is \(found.typeName)", statement: statement)
    }
}
