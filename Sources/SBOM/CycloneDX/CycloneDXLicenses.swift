// SPDX-License-Identifier: EUPL-1.2

internal import JSON

/// The `licenses` member: one expression.
///
/// `acknowledgement` is `concluded`, which is how TR-03183-2 (8.2) has the distribution licences written: those under which whoever
/// gets the component may use it. They are what the component's own files say it is distributed under, found by reading those files.
/// CycloneDX 1.6 has room for one expression, so that the original licences of its creator cannot stand beside it.
enum CycloneDXLicenses {
    /// The member's value; nil where nothing is known.
    static func json(_ licenses: [String]) -> JSONValue? { expression(licenses).map { json(expression: $0) } }

    /// The value for an expression.
    static func json(expression: String) -> JSONValue {
        [["expression": .string(expression), "acknowledgement": "concluded"]]
    }

    /// Several licences of one package all apply, to different files of it.
    ///
    /// What is no SPDX expression becomes a reference, as TR-03183-2 (6.1) demands; ``otherNames(_:)`` keeps the name as it was found.
    static func expression(_ licenses: [String]) -> String? { all(parts(licenses)) }

    /// The names as found of licences that are no SPDX expressions, each once.
    static func otherNames(_ licenses: [String]) -> [String] {
        var seen = Set<String>()
        return written(licenses).filter { (try? SPDXExpression(parsing: $0)) == nil }.map {
            CycloneDX.bounded($0, 1024)
        }.filter { seen.insert($0).inserted }
    }

    /// The licence of what consists of other things: all of theirs; nil where that of one is not known.
    static func expression(of components: some Sequence<Component>) -> String? {
        var found = Set<String>()
        for component in components where component.kind != .operatingSystem {
            let parts = parts(component.licenses)
            guard !parts.isEmpty else { return nil }
            found.formUnion(parts)
        }
        return all(found.sorted())
    }

    /// The conjunction, each part once; nil for none, and where it would be longer than is read.
    ///
    /// Of texts, not of expressions: as many nested values as an image has licences would be too deep a tree.
    private static func all(_ parts: [String]) -> String? {
        var seen = Set<String>()
        var joined = ""
        for part in parts where seen.insert(part).inserted {
            joined += joined.isEmpty ? part : " AND " + part
            guard joined.utf8.count <= SPDXExpression.maximumLength else { return nil }
        }
        if joined.isEmpty { return nil }
        // Alone it needs no parentheses.
        return seen.count == 1 ? (try? SPDXExpression(parsing: joined))?.description ?? joined : joined
    }

    /// The texts that `AND` can join.
    private static func parts(_ licenses: [String]) -> [String] {
        written(licenses).flatMap { text in
            (try? SPDXExpression(parsing: text))?.conjuncts ?? [reference(text)]
        }
    }

    private static func written(_ licenses: [String]) -> [String] {
        licenses.filter { text in !text.utf8.allSatisfy { $0 == 0x20 } }
    }

    /// `LicenseRef-scancode-…` for what ScanCode's list has under that name, else `LicenseRef-kontor-…`.
    private static func reference(_ text: String) -> String {
        if text.lowercased() == "public-domain" { return "LicenseRef-scancode-public-domain" }
        let letters = text.utf8.prefix(64).map { isLetter($0) ? $0 : UInt8(ascii: "-") }
        let name = String(decoding: letters, as: UTF8.self)
        // Names that differ only in what an identifier cannot hold ("X" and "X+") are two licences.
        let suffix = name == text ? "" : "-" + NameUUID.text(text).prefix(8)
        return "LicenseRef-kontor-\(name)\(suffix)"
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x2D
            || byte == 0x2E
    }
}

extension SPDXExpression {
    /// The texts of the parts that all apply, in parentheses where `AND` would bind them otherwise.
    fileprivate var conjuncts: [String] {
        var result: [String] = []
        // A chain leans to one side, as deep as it is long: no recursion.
        var open = [self]
        while let next = open.popLast() {
            switch next {
            case .and(let left, let right):
                open.append(right)
                open.append(left)
            case .or: result.append("(\(next))")
            default: result.append(next.description)
            }
        }
        return result
    }
}
