// SPDX-License-Identifier: EUPL-1.2

public import Time

/// One value that goes into or comes out of a statement, in the types that SQLite and PostgreSQL share.
public enum SQLValue: Sendable, Hashable {
    /// No value.
    case null
    /// A whole number; also times (microseconds UTC) and booleans (0, 1).
    case integer(Int64)
    /// A floating-point number.
    case real(Double)
    /// Text in UTF-8.
    case text(String)
    /// Bytes, digests for example.
    case blob([UInt8])

    /// A whole number.
    public static func integer(_ value: Int) -> SQLValue { .integer(Int64(value)) }

    /// A truth value, stored as 0 or 1.
    public static func bool(_ value: Bool) -> SQLValue { .integer(value ? 1 as Int64 : 0) }

    /// A time, stored as microseconds since 1970 UTC.
    public static func time(_ value: Timestamp) -> SQLValue { .integer(value.microseconds) }

    /// Text, or no value.
    public static func optional(_ value: String?) -> SQLValue { value.map { .text($0) } ?? .null }

    /// A whole number, or no value.
    public static func optional(_ value: Int64?) -> SQLValue { value.map { .integer($0) } ?? .null }

    /// A whole number, or no value.
    public static func optional(_ value: Int?) -> SQLValue { value.map { .integer(Int64($0)) } ?? .null }

    /// A floating-point number, or no value.
    public static func optional(_ value: Double?) -> SQLValue { value.map { .real($0) } ?? .null }

    /// Bytes, or no value.
    public static func optional(_ value: [UInt8]?) -> SQLValue { value.map { .blob($0) } ?? .null }

    /// A time, or no value.
    public static func optional(_ value: Timestamp?) -> SQLValue { value.map { .integer($0.microseconds) } ?? .null }

    var byteCount: Int {
        switch self {
        case .null: 0
        case .integer, .real: 8
        case .text(let text): text.utf8.count
        case .blob(let bytes): bytes.count
        }
    }

    /// The type's name for an error text.
    var typeName: String {
        switch self {
        case .null: "no value (NULL)"
        case .integer: "an integer"
        case .real: "a floating-point number"
        case .text: "text"
        case .blob: "bytes"
        }
    }
}

extension SQLValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
    /// Text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A floating-point number.
    public init(floatLiteral value: Double) { self = .real(value) }
    /// 0 or 1.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// No value.
    public init(nilLiteral: ()) { self = .null }
}
