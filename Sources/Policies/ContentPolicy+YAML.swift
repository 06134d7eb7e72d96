// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import Time
internal import Yams

extension ContentPolicy {
    /// Reads the form for people, strictly: what ``init(json:)`` refuses, keys that occur twice, anchors, aliases, YAML's own tags, keys that
    /// are no words, and a second document are errors.
    ///
    /// Objects are written as `key: value` lines; a text that as a whole stands in braces is read as JSON.
    ///
    /// Numbers, `true`, `false` and `null` are what JSON takes for them; every other plain scalar is a text.
    ///
    /// - Parameter yaml: UTF-8, at most ``Limits/yamlBytes`` long.
    /// - Throws: ``PolicyReadError`` with path and line.
    public init(yaml: [UInt8]) throws(PolicyReadError) {
        guard yaml.count <= Limits.yamlBytes else {
            throw PolicyReadError(path: "", expected: "at most \(Limits.yamlBytes) bytes", found: "\(yaml.count)")
        }
        guard let text = String(validating: yaml, as: UTF8.self) else {
            throw PolicyReadError(path: "", expected: "UTF-8", found: "other bytes")
        }
        // A text in braces is JSON, or nothing that is read here.
        if yaml.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == 0x7B {
            try self.init(parsingJSON: text)
            return
        }
        if let problem = YAMLConstruct.firstRefused(yaml) { throw problem }
        var reader = YAMLReader()
        let value = try reader.read(text)
        do throws(PolicyReadError) {
            try self.init(json: value)
        } catch {
            var error = error
            error.line = reader.line(of: error.path)
            throw error
        }
    }

    /// The form for people; the same policy gives the same bytes.
    public var yaml: String {
        var text = ""
        text += "immutableTags:" + (immutableTags.isEmpty ? " []\n" : "\n")
        for rule in immutableTags {
            text += Self.entry(
                [
                    rule.repository.map { "repository: \"\($0)\"" },
                    "tags: " + Self.flow(rule.tags),
                    rule.except.isEmpty ? nil : "except: " + Self.flow(rule.except),
                ],
                indent: "  "
            )
        }
        text += "retention:" + (retention.isEmpty ? " []\n" : "\n")
        for rule in retention {
            let keep = rule.keep.map { keep in "keep:\n" + keep.map(Self.keepEntry).joined() }
            text += Self.entry(
                [
                    rule.repository.map { "repository: \"\($0)\"" },
                    keep,
                    rule.removeUntaggedAfterDays.map { "removeUntaggedAfterDays: \($0)" },
                    "allowEmpty: \(rule.allowEmpty)",
                ],
                indent: "  "
            )
        }
        text += "pull:" + (pull.isEmpty ? " []\n" : "\n")
        for rule in pull {
            text += Self.entry(
                [
                    rule.repository.map { "repository: \"\($0)\"" }, rule.level.map { "level: \($0.rawValue)" },
                    "refuseExploited: \(rule.refusesExploited)", rule.requiresRelease ? "signed: true" : nil,
                    rule.requiresLog ? "logged: true" : nil, rule.approvedBy.map { "approvedBy: \"\($0)\"" },
                    "graceDays: \(rule.graceDays)", rule.effectiveFrom.map { "effectiveFrom: \"\($0.rfc3339)\"" },
                ],
                indent: "  "
            )
        }
        text += "push:" + (push.isEmpty ? " []\n" : "\n")
        for rule in push {
            text += Self.entry(
                [
                    rule.repository.map { "repository: \"\($0)\"" },
                    rule.tags.isEmpty ? nil : "tags: " + Self.flow(rule.tags),
                    rule.except.isEmpty ? nil : "except: " + Self.flow(rule.except),
                    rule.requiresRelease ? "signed: true" : nil,
                    rule.bases.map { "bases: [" + $0.map { "\"\($0)\"" }.joined(separator: ", ") + "]" },
                    rule.mediaTypes.map { "mediaTypes: " + Self.flow($0) },
                    rule.effectiveFrom.map { "effectiveFrom: \"\($0.rfc3339)\"" },
                ],
                indent: "  "
            )
        }
        if let quotaBytes { text += "quotaBytes: \(quotaBytes)\n" }
        if let openUploads { text += "openUploads: \(openUploads)\n" }
        if let trust { text += trust.yaml }
        return text
    }

    private static func keepEntry(_ rule: KeepRule) -> String {
        let condition: String =
            switch rule.condition {
            case .newest(let count): "newest: \(count)"
            case .pushedWithin(let days): "pushedWithinDays: \(days)"
            case .pulledWithin(let days): "pulledWithinDays: \(days)"
            case .matching: "matching: " + flow(rule.tags)
            }
        let hasTags = rule.condition != .matching && !rule.tags.isEmpty
        return entry([condition, hasTags ? "tags: " + flow(rule.tags) : nil], indent: "      ")
    }

    private static func entry(_ lines: [String?], indent: String) -> String {
        var text = ""
        for line in lines.compactMap(\.self) {
            text += indent + (text.isEmpty ? "- " : "  ") + line + (line.hasSuffix("\n") ? "" : "\n")
        }
        return text
    }

    /// Patterns have no character that would need an escape between quotes.
    private static func flow(_ globs: [Glob]) -> String {
        "[" + globs.map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    }
}

/// What is refused before the library sees it, by bytes, comments included: no scanner of ours has to agree with that of the library.
private enum YAMLConstruct {
    /// The first construct that is refused, nil when there is none.
    ///
    /// Two attacks: ten lines of anchors unfold to more values than any memory holds; and the library looks at every key as a whole, so that
    /// lists nested in keys cost their depth times their size (200 KB took ten seconds). Without `&` there are no aliases; without braces,
    /// `?` at the beginning of a word, and lists in lists, the longest key has a kilobyte and no depth.
    static func firstRefused(_ yaml: [UInt8]) -> PolicyReadError? {
        // The byte before, and the one before that is neither blank nor tab.
        var previous: UInt8 = 0x0A
        var previousSign: UInt8 = 0x0A
        var line = 1
        for unit in yaml {
            switch unit {
            case 0x0A: line += 1
            case 0x26:
                return refusal(line, "no anchors and aliases, and no character & at all", "&")
            case 0x7B:
                return refusal(line, "key: value lines instead of braces, and no character { at all", "{")
            case 0x3F where !isInWord(previous):
                return refusal(line, "keys without a question mark, and patterns that begin with one in quotes", "?")
            case 0x5B where previousSign == 0x5B || previousSign == 0x2C:
                return refusal(line, "no lists in lists", "[")
            default: break
            }
            previous = unit
            if unit != 0x20, unit != 0x09 { previousSign = unit }
        }
        return nil
    }

    /// Whether what follows this byte is inside a word or between quotes.
    private static func isInWord(_ unit: UInt8) -> Bool {
        switch unit {
        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39: true
        default: Array("_./-*?]\"'".utf8).contains(unit)
        }
    }

    private static func refusal(_ line: Int, _ expected: String, _ found: String) -> PolicyReadError {
        PolicyReadError(path: "", line: line, expected: expected, found: found)
    }
}

/// Turns YAML into the values that JSON has, and remembers on which line each stands.
private struct YAMLReader {
    private var lines: [String: Int] = [:]

    /// The line of a path, or of the nearest path above it that stands on one.
    func line(of path: String) -> Int? {
        var path = path[...]
        while true {
            if let line = lines[String(path)] { return line }
            guard let cut = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return nil }
            path = path[..<cut]
        }
    }

    mutating func read(_ text: String) throws(PolicyReadError) -> JSONValue {
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch let problem as YamlError {
            throw Self.failure(problem)
        } catch {
            throw PolicyReadError(path: "", expected: "YAML", found: "\(error)".forMessage)
        }
        guard let node else { throw PolicyReadError(path: "", expected: "a policy, {} for no rules", found: "nothing") }
        return try value(node, path: "", depth: 0)
    }

    private static func failure(_ problem: YamlError) -> PolicyReadError {
        switch problem {
        case .composer(_, "found undefined alias", let mark, _):
            return PolicyReadError(
                path: "",
                line: mark.line,
                expected: "a text in quotes where it begins with *",
                found: "* without quotes"
            )
        case .scanner(_, let what, let mark, _), .parser(_, let what, let mark, _), .composer(_, let what, let mark, _):
            return PolicyReadError(path: "", line: mark.line, expected: "YAML", found: what.forMessage)
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { $0.forMessage }.sorted().prefix(5).joined(separator: ", ")
            return PolicyReadError(
                path: "",
                line: context.mark.line,
                expected: "each key once",
                found: "\(names) twice"
            )
        default:
            return PolicyReadError(path: "", expected: "YAML", found: String(describing: problem).forMessage)
        }
    }

    private mutating func value(_ node: Node, path: String, depth: Int) throws(PolicyReadError) -> JSONValue {
        let line = node.mark?.line
        func error(_ expected: String, _ found: String) -> PolicyReadError {
            PolicyReadError(path: path, line: line, expected: expected, found: found)
        }
        // The deepest policy has six levels.
        guard depth <= 8 else { throw error("a policy", "too many levels") }
        if lines[path] == nil { lines[path] = line }
        switch node {
        case .scalar(let scalar):
            // The library gives what stands in quotes the tag of texts.
            let isPlain = scalar.style == .plain
            guard scalar.tag == (isPlain ? .implicit : Tag(.str)) else {
                throw error("a value without a YAML tag", "a tag (!)")
            }
            guard isPlain else { return .string(scalar.string) }
            return try Self.plain(scalar.string, error)
        case .sequence(let sequence):
            guard sequence.tag == .implicit else { throw error("a list without a YAML tag", "a tag (!)") }
            var elements: [JSONValue] = []
            for (index, element) in sequence.enumerated() {
                elements.append(try value(element, path: "\(path)[\(index)]", depth: depth + 1))
            }
            return .array(elements)
        case .mapping(let mapping):
            guard mapping.tag == .implicit else { throw error("an object without a YAML tag", "a tag (!)") }
            var members: [String: JSONValue] = [:]
            for (key, element) in mapping {
                guard case .scalar(let name) = key else { throw error("keys that are words", "another kind of key") }
                let place = path.isEmpty ? name.string.forMessage : path + "." + name.string.forMessage
                if lines[place] == nil { lines[place] = key.mark?.line }
                let value = try value(element, path: place, depth: depth + 1)
                guard members.updateValue(value, forKey: name.string) == nil else {
                    throw PolicyReadError(
                        path: place,
                        line: key.mark?.line,
                        expected: "each key once",
                        found: "the key twice"
                    )
                }
            }
            return .object(members)
        case .alias: throw error("no aliases", "an alias")
        }
    }

    private static func plain(
        _ text: String,
        _ error: (_ expected: String, _ found: String) -> PolicyReadError
    ) throws(PolicyReadError) -> JSONValue {
        switch text {
        case "": throw error("a value", "nothing")
        case "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        // What JSON calls a number is one here; 010 and 1_000 are numbers to some readers of YAML and texts to others.
        let begins =
            text.utf8.first.map { $0 == 0x2B || $0 == 0x2D || $0 == 0x2E || (0x30...0x39).contains($0) } ?? false
        guard begins, text.utf8.allSatisfy({ (0x30...0x39).contains($0) || Array("+-._eExXoO".utf8).contains($0) })
        else { return .string(text) }
        if let value = try? JSONValue(parsing: text) { return value }
        throw error("a number as in JSON, or a text in quotes", "\"\(text.forMessage)\"")
    }
}
