// SPDX-License-Identifier: EUPL-1.2

internal import JSON

/// An object of a bill, whose members are read with the place of each as a JSON pointer.
///
/// A member that is absent or `null` is nil or empty. One of the wrong type is an error: read as "not there", it would turn a
/// document against its schema into one that merely lacks something.
struct BillObject {
    let members: [String: JSONValue]
    let pointer: String

    init(_ value: JSONValue, pointer: String) throws(BillReadError) {
        guard case .object(let members) = value else {
            throw .unexpected(pointer: pointer.isEmpty ? "/" : pointer, expected: "object", found: value.kindName)
        }
        self.members = members
        self.pointer = pointer
    }

    func string(_ key: String) throws(BillReadError) -> String? {
        switch members[key] {
        case nil, .null: return nil
        case .string(let text): return text
        case .some(let other): throw unexpected(key, "string", other)
        }
    }

    /// The first of some members that is there.
    func firstString(_ keys: String...) throws(BillReadError) -> String? {
        for key in keys {
            if let text = try string(key) { return text }
        }
        return nil
    }

    /// A text or an integer, as text.
    func number(_ key: String) throws(BillReadError) -> String? {
        if case .integer(let number)? = members[key] { return String(number) }
        return try string(key)
    }

    func bool(_ key: String) throws(BillReadError) -> Bool {
        switch members[key] {
        case nil, .null: return false
        case .bool(let value): return value
        case .some(let other): throw unexpected(key, "boolean", other)
        }
    }

    func object(_ key: String) throws(BillReadError) -> BillObject? {
        guard let value = members[key], !value.isNull else { return nil }
        return try BillObject(value, pointer: place(key))
    }

    func array(_ key: String) throws(BillReadError) -> [JSONValue] {
        switch members[key] {
        case nil, .null: return []
        case .array(let elements): return elements
        case .some(let other): throw unexpected(key, "array", other)
        }
    }

    func objects(_ key: String) throws(BillReadError) -> [BillObject] {
        let elements = try array(key)
        var result: [BillObject] = []
        result.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            result.append(try BillObject(element, pointer: "\(pointer)/\(key)/\(index)"))
        }
        return result
    }

    func strings(_ key: String) throws(BillReadError) -> [String] {
        let elements = try array(key)
        var result: [String] = []
        result.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard case .string(let text) = element else {
                throw .unexpected(pointer: "\(pointer)/\(key)/\(index)", expected: "string", found: element.kindName)
            }
            result.append(text)
        }
        return result
    }

    /// One text or an array of them: JSON-LD writes a list of one either way.
    func oneOrMoreStrings(_ key: String) throws(BillReadError) -> [String] {
        if case .string(let text)? = members[key] { return [text] }
        return try strings(key)
    }

    /// One object or an array of them; elements that are texts (references to elsewhere) are passed over.
    func oneOrMoreObjects(_ key: String) throws(BillReadError) -> [BillObject] {
        switch members[key] {
        case nil, .null, .string: return []
        case .object(let members)?: return [try BillObject(.object(members), pointer: place(key))]
        default: break
        }
        var result: [BillObject] = []
        for (index, element) in try array(key).enumerated() {
            if case .string = element { continue }
            result.append(try BillObject(element, pointer: "\(pointer)/\(key)/\(index)"))
        }
        return result
    }

    func place(_ key: String) -> String { "\(pointer)/\(key)" }

    private func unexpected(_ key: String, _ expected: String, _ found: JSONValue) -> BillReadError {
        .unexpected(pointer: place(key), expected: expected, found: found.kindName)
    }
}
