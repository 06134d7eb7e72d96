// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import OCI
internal import Time

/// The members of one object of a policy, with errors that name the path.
struct PolicyFields {
    let path: String
    private let members: [String: JSONValue]

    init(_ value: JSONValue, path: String) throws(PolicyReadError) {
        guard case .object(let members) = value else {
            throw PolicyReadError(path: path, expected: "an object (key: value lines)", found: value.described)
        }
        self.path = path
        self.members = members
    }

    func error(_ key: String, _ expected: String, _ found: String) -> PolicyReadError {
        PolicyReadError(path: place(of: key), expected: expected, found: found)
    }

    func place(of key: String) -> String { path.isEmpty ? key.forMessage : path + "." + key.forMessage }

    func allow(_ names: [String]) throws(PolicyReadError) {
        for key in members.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) where !names.contains(key) {
            throw error(key, "one of the keys \(names.joined(separator: ", "))", "an unknown key")
        }
    }

    /// Whether the member is there and not `null`.
    func has(_ key: String) -> Bool { members[key].map { !$0.isNull } ?? false }

    /// Objects of a list; none when it is absent.
    func objects(_ key: String) throws(PolicyReadError) -> [PolicyFields] {
        var objects: [PolicyFields] = []
        for (index, element) in try list(key, atMost: ContentPolicy.Limits.rules).enumerated() {
            objects.append(try PolicyFields(element, path: "\(place(of: key))[\(index)]"))
        }
        return objects
    }

    func integer(_ key: String, in range: ClosedRange<Int64>) throws(PolicyReadError) -> Int64? {
        guard let value = members[key], !value.isNull else { return nil }
        guard case .integer(let number) = value, range.contains(number) else {
            throw error(key, "a whole number from \(range.lowerBound) to \(range.upperBound)", value.described)
        }
        return number
    }

    func demanded(_ key: String, in range: ClosedRange<Int64>) throws(PolicyReadError) -> Int64 {
        guard let number = try integer(key, in: range) else { throw error(key, "a whole number", "nothing") }
        return number
    }

    /// A truth value; false when it is absent.
    func flag(_ key: String) throws(PolicyReadError) -> Bool {
        guard let value = members[key], !value.isNull else { return false }
        guard case .bool(let flag) = value else { throw error(key, "true or false", value.described) }
        return flag
    }

    /// One of the words of a type; nil when it is absent.
    func word<Word: RawRepresentable & CaseIterable>(
        _ key: String,
        _ type: Word.Type
    ) throws(PolicyReadError) -> Word? where Word.RawValue == String {
        guard let value = members[key], !value.isNull else { return nil }
        guard case .string(let text) = value, let word = Word(rawValue: text) else {
            throw error(key, "one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))", value.described)
        }
        return word
    }

    /// An instant; nil when it is absent.
    func instant(_ key: String) throws(PolicyReadError) -> Timestamp? {
        guard let value = members[key], !value.isNull else { return nil }
        guard case .string(let text) = value, let instant = Timestamp(rfc3339: text) else {
            throw error(key, "an instant in quotes, such as \"2026-12-01T00:00:00Z\"", value.described)
        }
        return instant
    }

    /// A text that must be there.
    func demandedText(_ key: String, atMost limit: Int) throws(PolicyReadError) -> String {
        guard let value = members[key], !value.isNull else { throw error(key, "a text", "nothing") }
        guard case .string(let text) = value else { throw error(key, "a text", value.described) }
        guard text.utf8.count <= limit else {
            throw error(key, "a text of at most \(limit) bytes", "\(text.utf8.count) bytes")
        }
        return text
    }

    /// Texts of a list; none when it is absent.
    func texts(_ key: String, atMost limit: Int) throws(PolicyReadError) -> [String] {
        var texts: [String] = []
        for (index, element) in try list(key, atMost: limit).enumerated() {
            guard case .string(let text) = element else {
                throw PolicyReadError(path: "\(place(of: key))[\(index)]", expected: "a text", found: element.described)
            }
            texts.append(text)
        }
        return texts
    }

    /// An object of the object; nil when it is absent.
    func object(_ key: String) throws(PolicyReadError) -> PolicyFields? {
        guard let value = members[key], !value.isNull else { return nil }
        return try PolicyFields(value, path: place(of: key))
    }

    /// Name of an organisation; nil when it is absent.
    func organisation(_ key: String) throws(PolicyReadError) -> String? {
        guard let value = members[key], !value.isNull else { return nil }
        func isInName(_ unit: UInt8) -> Bool {
            (0x61...0x7A).contains(unit) || (0x30...0x39).contains(unit) || [0x2E, 0x2D, 0x5F].contains(unit)
        }
        guard case .string(let name) = value, (2...64).contains(name.utf8.count), name.utf8.allSatisfy(isInName)
        else { throw error(key, "the name of an organisation", value.described) }
        return name
    }

    /// Base images; nil when they are absent.
    func bases(_ key: String) throws(PolicyReadError) -> [AllowedBase]? {
        guard has(key) else { return nil }
        var bases: [AllowedBase] = []
        for (index, element) in try list(key, atMost: ContentPolicy.Limits.patterns).enumerated() {
            let place = "\(place(of: key))[\(index)]"
            if case .string(let text) = element, text.contains(":") {
                do { bases.append(.digest(try Digest(parsing: text))) } catch {
                    throw PolicyReadError(path: place, expected: "a digest or a pattern", found: "\(error)")
                }
            } else {
                bases.append(.repository(try glob(element, .repository, at: place)))
            }
        }
        guard !bases.isEmpty else { throw error(key, "a list of at least one base", "an empty list") }
        return bases
    }

    /// Patterns of media types; nil when they are absent.
    func mediaTypes(_ key: String) throws(PolicyReadError) -> [Glob]? {
        guard has(key) else { return nil }
        var globs: [Glob] = []
        for (index, element) in try list(key, atMost: ContentPolicy.Limits.patterns).enumerated() {
            globs.append(try glob(element, .mediaType, at: "\(place(of: key))[\(index)]"))
        }
        guard !globs.isEmpty else { throw error(key, "a list of at least one pattern", "an empty list") }
        return globs
    }

    func repository() throws(PolicyReadError) -> Glob? {
        guard let value = members["repository"], !value.isNull else { return nil }
        return try glob(value, .repository, at: place(of: "repository"))
    }

    /// Patterns of tags; none when they are absent and not demanded.
    func tags(_ key: String, isDemanded: Bool = false) throws(PolicyReadError) -> [Glob] {
        var globs: [Glob] = []
        for (index, element) in try list(key, atMost: ContentPolicy.Limits.patterns).enumerated() {
            let place = "\(place(of: key))[\(index)]"
            let glob = try glob(element, .tag, at: place)
            guard !globs.contains(glob) else {
                throw PolicyReadError(path: place, expected: "each pattern once", found: "\(glob) again")
            }
            globs.append(glob)
        }
        guard !globs.isEmpty || !isDemanded else {
            throw error(key, "a list of at least one pattern", has(key) ? "an empty list" : "nothing")
        }
        return globs
    }

    private func glob(_ value: JSONValue, _ kind: Glob.Kind, at place: String) throws(PolicyReadError) -> Glob {
        guard case .string(let text) = value else {
            throw PolicyReadError(path: place, expected: "a pattern as a text in quotes", found: value.described)
        }
        do throws(GlobError) {
            return try Glob(parsing: text, for: kind)
        } catch {
            throw PolicyReadError(path: place, expected: "a pattern", found: "\(value.described): \(error)")
        }
    }

    private func list(_ key: String, atMost limit: Int) throws(PolicyReadError) -> [JSONValue] {
        guard let value = members[key], !value.isNull else { return [] }
        guard case .array(let elements) = value else { throw error(key, "a list", value.described) }
        guard elements.count <= limit else {
            throw error(key, "a list of at most \(limit) entries", "\(elements.count) entries")
        }
        return elements
    }
}

extension JSONValue {
    /// What this is, for an error; a text is shown, bounded.
    var described: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .double(let value): "the number \(value)"
        case .string(let text): "the text \"\(text.forMessage)\""
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension String {
    /// Text of a stranger, made fit for a message: bounded, and without what could move a terminal's cursor or turn the direction of text.
    var forMessage: String {
        var text = ""
        for (count, scalar) in unicodeScalars.enumerated() {
            if count == 80 { return text + "…" }
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: text += "\u{FFFD}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
