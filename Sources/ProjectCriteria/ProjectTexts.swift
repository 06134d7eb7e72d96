// SPDX-License-Identifier: EUPL-1.2

internal import Criteria
internal import SBOM

/// Fills places such as `{path}` in the texts of a catalogue.
enum PlaceText {
    /// Names of the places of a text, in order; nil when a brace is not closed or a name is empty.
    static func places(in text: String) -> [String]? {
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

    /// The text with every place filled; what is put in is never looked at again, so a repository cannot smuggle places in.
    static func fill(_ text: String, _ value: (String) -> String) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            result += value(String(rest[rest.index(after: open)..<close]))
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }
}

extension LocalizedText {
    /// Text that came out of a repository.
    static func seen(_ text: String) -> LocalizedText {
        let text = text.fitForSentence()
        return LocalizedText(de: text, en: text)
    }

    static func number(_ value: Int) -> LocalizedText { LocalizedText(de: String(value), en: String(value)) }

    static func percent(_ part: Int, of total: Int) -> LocalizedText {
        let share = total > 0 ? Int((Double(part) * 100 / Double(total)).rounded(.down)) : 0
        return LocalizedText(de: "\(share) %", en: "\(share) %")
    }

    /// The first of a list and how many there are beside.
    static func list(_ items: [String]) -> LocalizedText {
        .list(items.map { .seen($0) }, total: items.count)
    }

    static func list(_ items: [LocalizedText], total: Int) -> LocalizedText {
        let shown = items.prefix(5)
        let hidden = max(total, items.count) - shown.count
        let german = shown.map(\.de).joined(separator: ", ")
        let english = shown.map(\.en).joined(separator: ", ")
        guard hidden > 0 else { return LocalizedText(de: german, en: english) }
        return LocalizedText(de: german + " und \(hidden) weitere", en: english + " and \(hidden) more")
    }

    func filled(with values: [String: LocalizedText]) -> LocalizedText {
        LocalizedText(
            de: PlaceText.fill(de) { values[$0]?.de ?? "" },
            en: PlaceText.fill(en) { values[$0]?.en ?? "" }
        )
    }
}

extension String {
    /// Text out of a repository, made fit for a sentence: bounded, and without characters that could move a terminal's cursor.
    func fitForSentence(_ limit: Int = 200) -> String {
        if utf8.count <= limit, utf8.allSatisfy({ 0x20..<0x7F ~= $0 }) { return self }
        var text = ""
        for (count, scalar) in unicodeScalars.enumerated() {
            if count == limit { return text + "…" }
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: text += "\u{FFFD}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
