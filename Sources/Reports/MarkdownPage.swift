// SPDX-License-Identifier: EUPL-1.2

/// A page of Markdown that stays below a bound; what is left out is counted.
struct MarkdownPage {
    private(set) var text = ""
    private let limit: Int
    private let language: ReportLanguage
    private var reserved = 0

    init(limit: Int, language: ReportLanguage) {
        self.limit = limit
        self.language = language
    }

    /// Bytes that a "… and 123 more" and the end of a folded block need.
    private static let margin = 200

    private func hasRoom(_ bytes: Int, limit: Int? = nil) -> Bool {
        text.utf8.count + bytes + reserved + Self.margin <= min(limit ?? self.limit, self.limit)
    }

    /// Keeps room for lines that come last.
    mutating func reserve(_ lines: [String]) { reserved = lines.reduce(0) { $0 + $1.utf8.count + 1 } + 1 }

    /// Lines that are always there, with an empty line before them.
    mutating func block(_ lines: [String]) {
        if !text.isEmpty { text += "\n" }
        for line in lines { text += line + "\n" }
    }

    /// Entries of a list, as many as there is room for.
    mutating func list(_ entries: [String], limit: Int? = nil) {
        guard !entries.isEmpty else { return }
        text += "\n"
        append(entries, limit: limit)
    }

    /// A folded block; only its title where it has no rows.
    mutating func fold(title: String, head: [String], rows: [String]) {
        guard !rows.isEmpty else {
            if !head.isEmpty { block([title]) }
            return
        }
        guard hasRoom(title.utf8.count + head.reduce(60) { $0 + $1.utf8.count + 1 }) else {
            block([title])
            return
        }
        block(["<details><summary>\(title)</summary>", ""] + head)
        append(rows, limit: nil)
        text += "\n</details>\n"
    }

    /// The lines that room was kept for.
    mutating func finish(_ lines: [String]) {
        reserved = 0
        block(lines)
    }

    private mutating func append(_ entries: [String], limit: Int?) {
        for (index, entry) in entries.enumerated() {
            guard hasRoom(entry.utf8.count + 1, limit: limit) else {
                text += "\n" + language(ReportTexts.more(entries.count - index)) + "\n"
                return
            }
            text += entry + "\n"
        }
    }
}
