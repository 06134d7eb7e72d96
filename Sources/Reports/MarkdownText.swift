// SPDX-License-Identifier: EUPL-1.2

/// Text out of an image or a feed inside Markdown, where it can neither format, link, mention somebody nor end the table that it is in.
///
/// Code spans are the safe place: code hosts look for mentions, references and links after Markdown has been rendered, so a backslash
/// before an `@` does not stop them, but they leave code alone.
enum MarkdownText {
    /// A code span.
    static func code(_ text: String, limit: Int = 300) -> String {
        let content = text.plain(limit: limit)
        guard content.contains(where: { $0 != " " }) else { return "" }
        var longest = 0
        var run = 0
        for byte in content.utf8 {
            run = byte == 0x60 ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: longest + 1)
        let space = longest > 0 ? " " : ""
        return fence + space + content + space + fence
    }

    /// A code span in a cell of a table.
    ///
    /// A bar ends the cell even inside code, and renderers disagree about a backslash before it; no name or version has one, so it is
    /// shown as a broken bar.
    static func cell(_ text: String, limit: Int = 200) -> String {
        code(text.replacing("|", with: "\u{A6}"), limit: limit)
    }

    /// A sentence: its own code spans stay, words that a code host would act on become code, the rest is escaped.
    static func prose(_ text: String, limit: Int = 2000) -> String {
        let segments = text.plain(limit: limit).split(separator: "`", omittingEmptySubsequences: false)
        var output = ""
        func append(_ piece: String) {
            // Two fences side by side would be one longer fence, and what is code would be told by chance.
            if output.hasSuffix("`"), piece.hasPrefix("`") { output += " " }
            output += piece
        }
        for (index, segment) in segments.enumerated() {
            let isCode = index % 2 == 1
            guard isCode else {
                for (number, word) in segment.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
                    if number > 0 { append(" ") }
                    append(isActed(on: word) ? code(String(word)) : escaped(word))
                }
                continue
            }
            // The last backtick of an odd number opens nothing; an empty span would be a longer fence.
            if index == segments.count - 1 {
                append("\\`" + escapedWords(segment))
            } else if segment.allSatisfy({ $0 == " " }) {
                append("\\`\\`")
            } else {
                append("`\(segment)`")
            }
        }
        return output
    }

    private static func escapedWords(_ text: Substring) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false)
            .map { isActed(on: $0) ? code(String($0)) : escaped($0) }
            .joined(separator: " ")
    }

    /// Mentions, addresses, links, and references such as `#12`, `!12`, `~label`.
    private static func isActed(on word: Substring) -> Bool {
        if word.contains("@") || word.contains("://") || word.lowercased().contains("www.") { return true }
        var previous: Character = " "
        for character in word {
            if "#!$%&~^".contains(previous), character.isLetter || character.isNumber || character == "\"" {
                return true
            }
            previous = character
        }
        return false
    }

    private static func escaped(_ text: Substring) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\\", "`", "*", "_", "{", "}", "[", "]", "(", ")", "#", "+", "!", "|", "~", "$", "^", "=":
                output += "\\"
                output.unicodeScalars.append(scalar)
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
