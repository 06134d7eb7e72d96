// SPDX-License-Identifier: EUPL-1.2

/// What is wrong with a page or picture.
struct MarkupError: Error, CustomStringConvertible {
    let description: String
}

/// A strict reader of markup: every tag closed in order, every attribute quoted and given once, every `<` and `&` escaped.
///
/// Stricter than any browser, so that what it lets pass cannot have been bent by a name.
struct Markup {
    struct Element {
        let name: String
        let attributes: [String: String]
    }

    private(set) var elements: [Element] = []
    private(set) var text = ""

    /// Elements of HTML that have no end tag.
    static let void: Set<String> = ["meta", "link", "br", "img", "input", "hr"]

    init(_ source: String, isHTML: Bool) throws {
        var rest = Array(source.unicodeScalars)[...]
        if isHTML {
            let doctype = Array("<!doctype html>".unicodeScalars)
            guard rest.starts(with: doctype) else { throw MarkupError(description: "no doctype") }
            rest = rest.dropFirst(doctype.count)
        }
        var open: [String] = []
        while let scalar = rest.popFirst() {
            if scalar == "&" {
                try Self.entity(&rest)
                continue
            }
            guard scalar == "<" else {
                guard scalar != ">" || isHTML == false else {
                    throw MarkupError(description: "unescaped > after \(text.suffix(40))")
                }
                if scalar.value < 0x20, scalar != "\n", scalar != "\t" {
                    throw MarkupError(description: "control character")
                }
                text.unicodeScalars.append(scalar)
                continue
            }
            if rest.first == "/" {
                rest = rest.dropFirst()
                let name = Self.word(&rest)
                guard rest.popFirst() == ">" else { throw MarkupError(description: "malformed end tag \(name)") }
                guard open.popLast() == name else { throw MarkupError(description: "end tag \(name) closes nothing") }
                continue
            }
            let name = Self.word(&rest)
            guard !name.isEmpty else { throw MarkupError(description: "a bare < after \(text.suffix(40))") }
            let (attributes, isClosed) = try Self.attributes(&rest, of: name)
            elements.append(Element(name: name, attributes: attributes))
            if !isClosed, !(isHTML && Self.void.contains(name)) { open.append(name) }
        }
        guard open.isEmpty else { throw MarkupError(description: "never closed: \(open)") }
    }

    func all(_ name: String) -> [Element] { elements.filter { $0.name == name } }

    private static func word(_ rest: inout ArraySlice<Unicode.Scalar>) -> String {
        var name = ""
        while let scalar = rest.first, scalar.properties.isAlphabetic || "0123456789-:".unicodeScalars.contains(scalar)
        {
            name.unicodeScalars.append(scalar)
            rest = rest.dropFirst()
        }
        return name
    }

    private static func attributes(
        _ rest: inout ArraySlice<Unicode.Scalar>,
        of element: String
    ) throws -> ([String: String], isClosed: Bool) {
        var attributes: [String: String] = [:]
        while true {
            while rest.first == " " || rest.first == "\n" { rest = rest.dropFirst() }
            if rest.first == ">" {
                rest = rest.dropFirst()
                return (attributes, false)
            }
            if rest.starts(with: ["/", ">"]) {
                rest = rest.dropFirst(2)
                return (attributes, true)
            }
            let name = word(&rest)
            guard !name.isEmpty else { throw MarkupError(description: "malformed attribute in \(element)") }
            var value = ""
            if rest.first == "=" {
                rest = rest.dropFirst()
                guard rest.popFirst() == "\"" else {
                    throw MarkupError(description: "unquoted attribute \(name) in \(element)")
                }
                while let scalar = rest.popFirst(), scalar != "\"" {
                    guard scalar != "<", scalar != ">" else {
                        throw MarkupError(description: "tag inside attribute \(name)")
                    }
                    if scalar == "&" { try entity(&rest) }
                    value.unicodeScalars.append(scalar)
                }
            }
            guard attributes.updateValue(value, forKey: name) == nil else {
                throw MarkupError(description: "\(name) twice in \(element)")
            }
        }
    }

    private static func entity(_ rest: inout ArraySlice<Unicode.Scalar>) throws {
        for entity in ["amp;", "lt;", "gt;", "quot;", "#39;"] where rest.starts(with: Array(entity.unicodeScalars)) {
            rest = rest.dropFirst(entity.count)
            return
        }
        throw MarkupError(description: "unescaped &")
    }
}
