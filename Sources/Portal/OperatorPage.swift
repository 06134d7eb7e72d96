// SPDX-License-Identifier: EUPL-1.2

/// A page that the operator of the node writes.
public enum OperatorPage: String, Sendable, Hashable, CaseIterable {
    /// Who is responsible for the node.
    case imprint
    /// What becomes of personal data.
    case privacy
    /// How accessible the pages are, and whom to tell.
    case accessibility

    /// Where it is.
    var path: String { "/" + rawValue }

    var titleKey: TextKey {
        switch self {
        case .imprint: .imprint
        case .privacy: .privacy
        case .accessibility: .accessibility
        }
    }

    /// Finds out what the operator wrote.
    public typealias Text = @Sendable (OperatorPage, Language) -> String?
}

/// An operator's text: paragraphs, headings (`# `) and lists (`- `), and nothing else; it is text on the page whatever it holds.
struct OperatorPageView: Sendable {
    struct Block: Sendable {
        let isHeading: Bool
        let isList: Bool
        let text: String
        let items: [String]
    }

    let heading: String
    let isMissing: Bool
    let file: String
    let blocks: [Block]

    init(_ page: OperatorPage, text: String?, _ texts: Texts, _ language: Language) {
        heading = texts.text(page.titleKey, language)
        isMissing = text == nil
        file = "pages/\(page.rawValue).\(language.rawValue).txt"
        blocks = text.map(Self.blocks) ?? []
    }

    private static func blocks(of text: String) -> [Block] {
        var blocks: [Block] = []
        var (words, items): ([Substring], [String]) = ([], [])
        func end() {
            if !words.isEmpty {
                blocks.append(
                    Block(isHeading: false, isList: false, text: words.joined(separator: "\n"), items: [])
                )
            }
            if !items.isEmpty { blocks.append(Block(isHeading: false, isList: true, text: "", items: items)) }
            (words, items) = ([], [])
        }
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if line.allSatisfy(\.isWhitespace) {
                end()
            } else if line.hasPrefix("# ") {
                end()
                blocks.append(Block(isHeading: true, isList: false, text: String(line.dropFirst(2)), items: []))
            } else if line.hasPrefix("- ") {
                if !words.isEmpty { end() }
                items.append(String(line.dropFirst(2)))
            } else {
                if !items.isEmpty { end() }
                words.append(line)
            }
        }
        end()
        return blocks
    }
}
