// SPDX-License-Identifier: EUPL-1.2

/// A JSON value.
///
/// Two things follow from holding texts as Swift strings. Strings that are canonically equivalent in Unicode (`é` as one or as two scalars)
/// are equal here, so an object with two such keys is refused as having a duplicate key. And `integer(1)` is not `double(1)`: the form
/// in which a number was written is kept.
public enum JSONValue: Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number written without fraction and exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number; finite when it comes from the parser.
    case double(Double)
    /// A text.
    case string(String)
    /// An ordered list.
    case array([JSONValue])
    /// Members by name; their order in the source is not kept.
    case object([String: JSONValue])
}

extension JSONValue {
    /// The member of an object; nil when this is no object or has no such member.
    public subscript(_ key: String) -> JSONValue? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The element of an array; nil when this is no array or the index is outside it.
    public subscript(_ index: Int) -> JSONValue? {
        if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { nil }
    }

    /// The text, if this is one.
    public var stringValue: String? { if case .string(let value) = self { value } else { nil } }

    /// The integer, if this is one that fits `Int`.
    public var intValue: Int? { if case .integer(let value) = self { Int(exactly: value) } else { nil } }

    /// The integer, if this is one.
    public var int64Value: Int64? { if case .integer(let value) = self { value } else { nil } }

    /// The number, if this is one; integers are converted.
    public var doubleValue: Double? {
        switch self {
        case .double(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// The truth value, if this is one.
    public var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The elements, if this is an array.
    public var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

    /// The members, if this is an object.
    public var objectValue: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }

    /// Whether this is `null`.
    public var isNull: Bool { if case .null = self { true } else { false } }

    /// What this is, in one word for an error: `object`, `array`, `string`, `integer`, `number`, `boolean`, `null`.
    public var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .double: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }

    /// A text, or `null` when there is none.
    public static func optional(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }

    /// An integer, or `null` when there is none.
    public static func optional(_ value: Int64?) -> JSONValue { value.map(JSONValue.integer) ?? .null }

    /// An integer, or `null` when there is none.
    public static func optional(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }

    /// A number, or `null` when there is none.
    public static func optional(_ value: Double?) -> JSONValue { value.map(JSONValue.double) ?? .null }

    /// A value, or `null` when there is none.
    public static func optional(_ value: JSONValue?) -> JSONValue { value ?? .null }

    /// An array of texts.
    public static func strings(_ values: some Sequence<String>) -> JSONValue { .array(values.map(JSONValue.string)) }

    /// An object of texts.
    public static func stringMap(_ values: [String: String]) -> JSONValue {
        .object(values.mapValues(JSONValue.string))
    }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// `null`.
    public init(nilLiteral: ()) { self = .null }
    /// `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object; of members with the same name the last one stays.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
