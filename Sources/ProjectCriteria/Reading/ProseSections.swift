// SPDX-License-Identifier: EUPL-1.2

/// A text in Markdown or plain words, taken apart by its headings.
struct ProseSections {
    /// One heading and what stands below it, up to the next heading.
    struct Section {
        let heading: String
        let body: String
    }

    /// All sections; what stands before the first heading has an empty one.
    let sections: [Section]
    private let text: String

    init(_ text: String) {
        self.text = text
        var sections: [Section] = []
        var heading = ""
        var lines: [Substring] = []
        var isCode = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") { isCode.toggle() }
            let isUnderline = line.count >= 3 && (line.allSatisfy { $0 == "=" } || line.allSatisfy { $0 == "-" })
            if !isCode, line.hasPrefix("#") || (line.hasPrefix("=") && line.contains(" ")) {
                sections.append(Section(heading: heading, body: lines.joined(separator: "\n")))
                heading = line.drop { $0 == "#" || $0 == "=" }.trimmingSpaces
                lines = []
            } else if !isCode, isUnderline, let above = lines.last, !above.trimmingSpaces.isEmpty {
                lines.removeLast()
                sections.append(Section(heading: heading, body: lines.joined(separator: "\n")))
                heading = above.trimmingSpaces
                lines = []
            } else {
                lines.append(line)
            }
        }
        sections.append(Section(heading: heading, body: lines.joined(separator: "\n")))
        self.sections = sections
    }

    /// A heading has one of these words, or a paragraph begins with it in bold.
    func hasSection(_ words: [String]) -> Bool {
        sections.contains { section in
            Self.contains(section.heading, words)
                || section.body.split(separator: "\n").contains { line in
                    let start = line.drop { $0 == " " || $0 == "-" }
                    guard start.hasPrefix("**") else { return false }
                    return Self.contains(String(start.dropFirst(2).prefix { $0 != "*" }), words)
                }
        }
    }

    /// Characters of the prose: without headings and code.
    var proseCount: Int { sections.reduce(0) { $0 + $1.body.trimmingSpaces.count } }

    /// One of the words stands somewhere.
    func mentions(_ words: [String]) -> Bool { Self.contains(text, words) }

    static func contains(_ text: String, _ words: [String]) -> Bool {
        let text = text.lowercased()
        return words.contains { text.contains($0) }
    }

    /// It holds an e-mail address or an address on the web.
    var hasContact: Bool {
        text.firstMatch(of: /https?:\/\/[^\s)>\]]+/) != nil
            || text.firstMatch(of: /[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+/) != nil
    }

    /// It speaks of a way on which nobody else reads along.
    var hasPrivateChannel: Bool {
        mentions(["confidential", "private", "vertraulich", "nicht öffentlich", "encrypt", "verschlüssel", "@"])
    }

    /// It names a time such as "five working days" or "72 Stunden".
    var hasResponseTime: Bool {
        let number =
            #"([0-9]+|one|two|three|four|five|six|seven|ten|fourteen|thirty|ein|einem|zwei|drei|fünf|sieben|zehn|vierzehn)"#
        let unit = #"(hours?|(working |business )?days?|weeks?|stunden?|(arbeits|werk)?tage?n?|wochen?)"#
        guard let pattern = try? Regex("\\b\(number)[ -]\(unit)\\b") else { return false }
        return text.lowercased().firstMatch(of: pattern) != nil
    }
}
