// SPDX-License-Identifier: EUPL-1.2

internal import Criteria
internal import SBOM

extension LocalizedText {
    /// Text that came out of a repository.
    static func seen(_ text: String) -> LocalizedText {
        let text = text.bounded
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
            de: Template.fill(de) { values[$0]?.de ?? "" },
            en: Template.fill(en) { values[$0]?.en ?? "" }
        )
    }
}
