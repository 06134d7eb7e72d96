// SPDX-License-Identifier: EUPL-1.2

/// Walks a large document member by member, without a tree of the whole.
public enum JSONStream {
    /// Calls `body` once per member of the top-level object, in the order of the text.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8; read in place.
    ///   - limits: ``JSONLimits/values`` bounds each member, not the sum.
    ///   - body: gets name and value; what it throws ends the walk.
    /// - Throws: ``JSONError`` for text that is no JSON object, with duplicate names; or what `body` throws. Members before the fault
    ///   have been handed out by then: publish nothing before this returns.
    public static func forEachMember(
        in bytes: UnsafeRawBufferPointer,
        limits: JSONLimits = .standard,
        _ body: (String, JSONValue) throws -> Void
    ) throws {
        var parser = try JSONParser(bytes, limits: limits)
        var names = Set<String>()
        try members(of: &parser) { parser, name, offset in
            guard names.insert(name).inserted else {
                throw JSONError(.duplicateKey(name.excerpt(64)), at: offset)
            }
            try body(name, try parser.nested(depth: 1))
        }
    }

    /// Calls `body` once per element of the array that a member of the top-level object holds.
    ///
    /// - Parameters:
    ///   - key: name of the member; it must be there and be an array.
    ///   - bytes: UTF-8; read in place.
    ///   - limits: ``JSONLimits/values`` bounds each element, not the sum.
    ///   - body: gets each element; what it throws ends the walk.
    /// - Returns: the other members of the object.
    /// - Throws: ``JSONError``, or what `body` throws.
    @discardableResult
    public static func forEachElement(
        ofMember key: String,
        in bytes: UnsafeRawBufferPointer,
        limits: JSONLimits = .standard,
        _ body: (JSONValue) throws -> Void
    ) throws -> [String: JSONValue] {
        var parser = try JSONParser(bytes, limits: limits)
        var others: [String: JSONValue] = [:]
        var found = false
        try members(of: &parser) { parser, name, offset in
            guard name == key else {
                if others.updateValue(try parser.nested(depth: 1), forKey: name) != nil {
                    throw JSONError(.duplicateKey(name.excerpt(64)), at: offset)
                }
                return
            }
            if found { throw JSONError(.duplicateKey(name.excerpt(64)), at: offset) }
            found = true
            guard parser.peek() == 0x5B else {
                throw JSONError(.unexpectedShape(expected: "an array in the member \"\(key)\""), at: parser.position)
            }
            try parser.expect(0x5B)
            if parser.peek() == 0x5D { return try parser.expect(0x5D) }
            while true {
                parser.resetValueCount()
                try body(try parser.nested(depth: 2))
                guard parser.peek() == 0x2C else { return try parser.expect(0x5D) }
                try parser.expect(0x2C)
            }
        }
        guard found else { throw JSONError(.unexpectedShape(expected: "a member \"\(key)\""), at: bytes.count) }
        return others
    }

    private static func members(
        of parser: inout JSONParser,
        _ body: (inout JSONParser, String, Int) throws -> Void
    ) throws {
        guard let first = parser.peek() else { throw JSONError(.unexpectedEnd, at: parser.position) }
        guard first == 0x7B else { throw JSONError(.unexpectedShape(expected: "an object"), at: parser.position) }
        try parser.expect(0x7B)
        if parser.peek() == 0x7D {
            try parser.expect(0x7D)
            return try parser.finish()
        }
        while true {
            parser.resetValueCount()
            _ = parser.peek()
            let offset = parser.position
            let name = try parser.memberName()
            try body(&parser, name, offset)
            guard parser.peek() == 0x2C else {
                try parser.expect(0x7D)
                return try parser.finish()
            }
            try parser.expect(0x2C)
        }
    }
}
