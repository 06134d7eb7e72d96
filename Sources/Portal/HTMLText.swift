// SPDX-License-Identifier: EUPL-1.2

import Mustache

/// How text becomes HTML on our pages.
///
/// Mustache's own escaping compares characters: a quotation mark followed by a combining accent is one character that is not `"`, passes
/// unescaped and ends an attribute. This one works on scalars, and shows what would hide itself: control characters and those that turn
/// the direction of text become visible escapes, so that no name can be read as another.
struct HTMLText: MustacheContentType {
    /// Name of the content type in templates.
    static let name = "KONTOR"

    /// Makes the content type known to Mustache, once per process.
    static let registered: Void = MustacheContentTypes.register(HTMLText(), named: name)

    func escapeText(_ text: String) -> String { Self.escape(text) }

    /// Printable ASCII that means nothing to markup.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x22, 0x26, 0x27, 0x3C, 0x3E: false
        default: (0x20...0x7E).contains(byte)
        }
    }

    static func escape(_ text: String) -> String {
        // Nearly every text is plain, and then nothing has to be written anew.
        if text.utf8.allSatisfy(isPlain) { return text }
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\t", "\n": result.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{200B}"..."\u{200F}", "\u{2028}"..."\u{202E}",
                "\u{2060}"..."\u{206F}",
                "\u{FEFF}", "\u{FFF9}"..."\u{FFFB}", "\u{61C}", "\u{E0000}"..."\u{E007F}":
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
