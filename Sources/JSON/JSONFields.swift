// SPDX-License-Identifier: EUPL-1.2

/// Why a JSON value has not the shape that was expected, with the path to it.
public struct JSONShapeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Path from the root, such as `$.layers[2].size`.
    public let path: String
    /// What should be there: `string` or `object`.
    public let expected: String
    /// What is there: a kind of value, or `nothing`.
    public let found: String

    /// Makes an error.
    public init(path: String, expected: String, found: String) {
        self.path = path
        self.expected = expected
        self.found = found
    }

    /// One sentence in English.
    public var description: String { "\(path): expected \(expected), found \(found)" }
}

/// Typed access to the members of an object, whose errors name the path.
///
/// The plain functions demand the member. Those prefixed `optional` return nil when it is absent or `null`, and still throw when it is of
/// another type: a wrong type is never read as "not there".
public struct JSONFields: Sendable {
    /// Path of the object from the root.
    public let path: String
    /// The members.
    public let members: [String: JSONValue]

    /// Takes an object.
    public init(_ value: JSONValue, path: String = "$") throws(JSONShapeError) {
        guard case .object(let members) = value else {
            throw JSONShapeError(path: path, expected: "object", found: value.kindName)
        }
        self.path = path
        self.members = members
    }

    /// Names of the members, sorted.
    public var keys: [String] { members.keys.sorted() }

    /// The object as a value again.
    public var value: JSONValue { .object(members) }

    /// Whether the member is there and not `null`.
    public func has(_ key: String) -> Bool { members[key].map { !$0.isNull } ?? false }

    /// Path of a member.
    public func path(of key: String) -> String { path + "." + key.excerpt(64) }

    // MARK: - Demanded members

    /// A text.
    public func string(_ key: String) throws(JSONShapeError) -> String {
        try require(key, "string", try optionalString(key))
    }

    /// A 64-bit integer.
    public func integer(_ key: String) throws(JSONShapeError) -> Int64 {
        try require(key, "integer", try optionalInteger(key))
    }

    /// An integer.
    public func int(_ key: String) throws(JSONShapeError) -> Int { try require(key, "integer", try optionalInt(key)) }

    /// A number; integers are converted.
    public func double(_ key: String) throws(JSONShapeError) -> Double {
        try require(key, "number", try optionalDouble(key))
    }

    /// A truth value.
    public func bool(_ key: String) throws(JSONShapeError) -> Bool {
        try require(key, "boolean", try optionalBool(key))
    }

    /// An array.
    public func array(_ key: String) throws(JSONShapeError) -> [JSONValue] {
        try require(key, "array", try optionalArray(key))
    }

    /// An array of texts.
    public func strings(_ key: String) throws(JSONShapeError) -> [String] {
        try require(key, "array", try optionalStrings(key))
    }

    /// An object.
    public func object(_ key: String) throws(JSONShapeError) -> JSONFields {
        try require(key, "object", try optionalObject(key))
    }

    /// An array of objects.
    public func objects(_ key: String) throws(JSONShapeError) -> [JSONFields] {
        try require(key, "array", try optionalObjects(key))
    }

    /// An object whose members are texts.
    public func stringMap(_ key: String) throws(JSONShapeError) -> [String: String] {
        try require(key, "object", try optionalStringMap(key))
    }

    // MARK: - Members that may be absent

    /// A text, or nil.
    public func optionalString(_ key: String) throws(JSONShapeError) -> String? {
        try optional(key, "string", \.stringValue)
    }

    /// A 64-bit integer, or nil.
    public func optionalInteger(_ key: String) throws(JSONShapeError) -> Int64? {
        try optional(key, "integer", \.int64Value)
    }

    /// An integer, or nil.
    public func optionalInt(_ key: String) throws(JSONShapeError) -> Int? { try optional(key, "integer", \.intValue) }

    /// A number, or nil.
    public func optionalDouble(_ key: String) throws(JSONShapeError) -> Double? {
        try optional(key, "number", \.doubleValue)
    }

    /// A truth value, or nil.
    public func optionalBool(_ key: String) throws(JSONShapeError) -> Bool? {
        try optional(key, "boolean", \.boolValue)
    }

    /// An array, or nil.
    public func optionalArray(_ key: String) throws(JSONShapeError) -> [JSONValue]? {
        try optional(key, "array", \.arrayValue)
    }

    /// An array of texts, or nil.
    public func optionalStrings(_ key: String) throws(JSONShapeError) -> [String]? {
        guard let elements = try optionalArray(key) else { return nil }
        var result: [String] = []
        result.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element else {
                throw JSONShapeError(path: "\(path(of: key))[\(index)]", expected: "string", found: element.kindName)
            }
            result.append(text)
        }
        return result
    }

    /// An object, or nil.
    public func optionalObject(_ key: String) throws(JSONShapeError) -> JSONFields? {
        guard let value = members[key], !value.isNull else { return nil }
        return try JSONFields(value, path: path(of: key))
    }

    /// An array of objects, or nil.
    public func optionalObjects(_ key: String) throws(JSONShapeError) -> [JSONFields]? {
        guard let elements = try optionalArray(key) else { return nil }
        var result: [JSONFields] = []
        result.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            result.append(try JSONFields(element, path: "\(path(of: key))[\(index)]"))
        }
        return result
    }

    /// An object whose members are texts, or nil.
    public func optionalStringMap(_ key: String) throws(JSONShapeError) -> [String: String]? {
        guard let object = try optionalObject(key) else { return nil }
        var result = [String: String](minimumCapacity: object.members.count)
        for (name, value) in object.members {
            guard case .string(let text) = value else {
                throw JSONShapeError(path: object.path(of: name), expected: "string", found: value.kindName)
            }
            result[name] = text
        }
        return result
    }

    private func require<Value>(_ key: String, _ expected: String, _ value: Value?) throws(JSONShapeError) -> Value {
        guard let value else {
            throw JSONShapeError(
                path: path(of: key),
                expected: expected,
                found: members[key] == nil ? "nothing" : "null"
            )
        }
        return value
    }

    private func optional<Value>(
        _ key: String,
        _ expected: String,
        _ read: (JSONValue) -> Value?
    ) throws(JSONShapeError) -> Value? {
        guard let member = members[key], !member.isNull else { return nil }
        guard let value = read(member) else {
            throw JSONShapeError(path: path(of: key), expected: expected, found: member.kindName)
        }
        return value
    }
}
