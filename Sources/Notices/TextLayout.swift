// SPDX-License-Identifier: EUPL-1.2

/// Lines of a plain text, none longer than a reader's window unless a word is.
struct TextLayout {
    static let width = 72
    private(set) var text = ""

    mutating func blank() { text += "\n" }

    /// One line as it is: what must be copied whole.
    mutating func line(_ line: String, indent: Int = 0) {
        text += String(repeating: " ", count: indent) + line + "\n"
    }

    mutating func heading(_ heading: String) {
        blank()
        line(heading)
        line(String(repeating: "-", count: min(heading.count, Self.width)))
    }

    /// Words, broken at spaces; their own line ends stay.
    mutating func paragraph(_ words: String, indent: Int = 0, bullet: String = "") {
        var lead = String(repeating: " ", count: indent) + bullet
        let further = String(repeating: " ", count: indent + bullet.count)
        for part in words.split(separator: "\n", omittingEmptySubsequences: false) {
            var current = lead
            var isEmpty = true
            for word in part.split(whereSeparator: { $0 == " " || $0 == "\t" }) {
                if !isEmpty, current.count + 1 + word.count > Self.width {
                    text += current + "\n"
                    current = further
                    isEmpty = true
                }
                current += (isEmpty ? "" : " ") + word
                isEmpty = false
            }
            text += (isEmpty ? "" : current) + "\n"
            lead = further
        }
    }
}
