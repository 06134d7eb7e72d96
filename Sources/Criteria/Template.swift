// SPDX-License-Identifier: EUPL-1.2

internal import SBOM

/// Texts with places such as `{user}`.
package enum Template {
    /// Names of the places of a text, in order; nil when a brace is not closed or a name is empty.
    package static func places(in text: String) -> [String]? {
        var places: [String] = []
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            let after = rest[rest.index(after: open)...]
            guard let close = after.firstIndex(of: "}"), after.startIndex < close else { return nil }
            places.append(String(after[..<close]))
            rest = after[after.index(after: close)...]
        }
        return rest.contains("}") ? nil : places
    }

    /// The text with every place filled; what is put in is never looked at again, so no stranger can smuggle places in.
    package static func fill(_ text: String, _ value: (String) -> String) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            let after = rest[rest.index(after: open)...]
            guard let close = after.firstIndex(of: "}") else {
                rest = rest[open...]
                break
            }
            result += value(String(after[..<close]))
            rest = after[after.index(after: close)...]
        }
        return result + rest
    }
}

extension LocalizedText {
    func filled(with values: [String: PlaceValue]) -> LocalizedText {
        LocalizedText(
            de: Template.fill(de) { values[$0]?.german ?? "" },
            en: Template.fill(en) { values[$0]?.english ?? "" }
        )
    }

    static func joined(_ texts: [LocalizedText], separator: String = " ") -> LocalizedText {
        LocalizedText(
            de: texts.map(\.de).joined(separator: separator),
            en: texts.map(\.en).joined(separator: separator)
        )
    }
}

extension PlaceValue {
    /// At most this many entries of a list are written out.
    static let listLimit = 5

    var german: String {
        switch self {
        case .text(let text): text.bounded
        case .localized(let text): text.de
        case .list(let items, let total): Self.list(items.map(\.bounded), total: total, and: "und", more: "weitere")
        case .localizedList(let items, let total): Self.list(items.map(\.de), total: total, and: "und", more: "weitere")
        }
    }

    var english: String {
        switch self {
        case .text(let text): text.bounded
        case .localized(let text): text.en
        case .list(let items, let total): Self.list(items.map(\.bounded), total: total, and: "and", more: "more")
        case .localizedList(let items, let total): Self.list(items.map(\.en), total: total, and: "and", more: "more")
        }
    }

    private static func list(_ items: [String], total: Int, and: String, more: String) -> String {
        let shown = items.prefix(listLimit)
        let hidden = max(total, items.count) - shown.count
        let text = shown.joined(separator: ", ")
        guard hidden > 0 else { return text }
        return shown.isEmpty ? String(hidden) : text + " \(and) \(hidden) \(more)"
    }
}

extension String {
    /// A stranger's text, made fit for a sentence: bounded, and without control characters that could move a terminal's cursor.
    package var bounded: String { bounded(to: 200) }

    /// The same with another bound.
    package func bounded(to limit: Int) -> String {
        // Nearly all of it: short, printable ASCII stays as it is.
        if utf8.count <= limit, utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) { return self }
        var text = ""
        for (count, scalar) in unicodeScalars.enumerated() {
            if count == limit { return text + "…" }
            // C0, DEL, C1, line separators and the marks that turn the direction of text round.
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: text += "\u{FFFD}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
