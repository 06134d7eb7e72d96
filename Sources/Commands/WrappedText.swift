// SPDX-License-Identifier: EUPL-1.2

/// Lines for a terminal, broken at spaces; a line of advice that is a command is never broken inside a word.
func wrapped(_ text: String, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
        if !line.isEmpty, line.count + word.count + 1 > VerdictText.width - indent {
            lines.append(margin + line)
            line = "  " + word
        } else {
            line += (line.isEmpty ? "" : " ") + word
        }
    }
    if !line.isEmpty { lines.append(margin + line) }
    return lines
}
