// SPDX-License-Identifier: EUPL-1.2

/// Text as it may stand in XML.
enum XMLText {
    /// Escapes what has a meaning in XML, and replaces what XML 1.0 cannot hold at all.
    ///
    /// Works on scalars: a quotation mark followed by a combining character is one `Character`, which is not `"`.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n", "\r": result.unicodeScalars.append(" ")
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
