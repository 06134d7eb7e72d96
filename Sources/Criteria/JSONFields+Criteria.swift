// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import SBOM
internal import Time

extension JSONValue {
    static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    static func optional(_ number: Int64?) -> JSONValue { number.map { .integer($0) } ?? .null }
}

extension JSONFields {
    /// One word of a fixed list.
    func choice<Value: RawRepresentable & CaseIterable>(_ key: String) throws(JSONShapeError) -> Value
    where Value.RawValue == String {
        let text = try string(key)
        guard let value = Value(rawValue: text) else {
            let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw JSONShapeError(path: path(of: key), expected: "one of \(words)", found: text.bounded(to: 64))
        }
        return value
    }

    /// An array of objects, each read by `body`.
    func list<Value>(
        _ key: String,
        limit: Int = .max,
        _ body: (JSONFields) throws(JSONShapeError) -> Value
    ) throws(JSONShapeError) -> [Value] {
        let elements = try objects(key)
        guard elements.count <= limit else {
            throw JSONShapeError(
                path: path(of: key),
                expected: "at most \(limit) elements",
                found: String(elements.count)
            )
        }
        var values: [Value] = []
        values.reserveCapacity(elements.count)
        for element in elements { values.append(try body(element)) }
        return values
    }

    func time(_ key: String) throws(JSONShapeError) -> Timestamp {
        let text = try string(key)
        guard let time = Timestamp(rfc3339: text) else {
            throw JSONShapeError(
                path: path(of: key),
                expected: "a time such as 2026-11-22T09:14:00Z",
                found: text.bounded(to: 64)
            )
        }
        return time
    }

    func optionalTime(_ key: String) throws(JSONShapeError) -> Timestamp? { has(key) ? try time(key) : nil }

    func localized(_ key: String) throws(JSONShapeError) -> LocalizedText? {
        guard let fields = try optionalObject(key) else { return nil }
        return try LocalizedText(json: fields)
    }

    /// Refuses members that nobody writes: a codec that overlooks them would lose what they say.
    func allow(only names: Set<String>) throws(JSONShapeError) {
        for key in keys where !names.contains(key) {
            throw JSONShapeError(path: path(of: key), expected: "no such member", found: "it")
        }
    }
}
