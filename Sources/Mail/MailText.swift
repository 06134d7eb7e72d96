// SPDX-License-Identifier: EUPL-1.2

/// Texts of a message: which characters they may hold, and how much of them an error repeats.
public enum MailText {
    /// A text that every message takes: what is a control character becomes U+FFFD, line ends and tabs may stay.
    ///
    /// For texts that come from others. A name with a control character in it is refused by ``MailMessage``, and must
    /// not be a way to stop the warning about the very thing that bears it.
    ///
    /// - Parameters:
    ///   - text: anything.
    ///   - lines: whether line ends and tabs stay, as in a body; in a subject they become spaces.
    public static func harmless(_ text: String, lines: Bool) -> String {
        var clean = String.UnicodeScalarView()
        var wasReturn = false
        for scalar in text.unicodeScalars {
            defer { wasReturn = scalar == "\r" }
            switch scalar {
            // Of a pair, the return has written the line end.
            case "\n" where wasReturn: break
            case "\n", "\r": clean.append(lines ? "\n" : " ")
            case "\t": clean.append(lines ? "\t" : " ")
            default: clean.append(isControl(scalar) ? "\u{FFFD}" : scalar)
            }
        }
        return String(clean)
    }

    /// C0, DEL, C1, and the two line ends of Unicode, which some readers take for real ones.
    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029: true
        default: false
        }
    }

    /// Refuses control characters, with the place of the first one.
    static func check(_ text: String, _ part: String, limit: Int, lines: Bool = false) throws(MailError) {
        guard text.utf8.count <= limit else { throw .tooLarge(part, bytes: text.utf8.count, limit: limit) }
        var line = 1
        for (offset, scalar) in text.unicodeScalars.enumerated() where isControl(scalar) {
            if lines, scalar == "\n" || scalar == "\r" || scalar == "\t" {
                if scalar == "\n" { line += 1 }
                continue
            }
            let code = "U+" + String(scalar.value + 0x10000, radix: 16, uppercase: true).dropFirst()
            throw .part(
                part,
                reason:
                    "character \(offset + 1)\(lines ? ", line \(line)," : "") is the control character \(code), which could "
                    + "end a line and forge another; take it out"
            )
        }
    }

    /// The beginning of a text, without control characters: for errors.
    static func shown(_ text: String, _ count: Int) -> String {
        harmless(String(String.UnicodeScalarView(text.unicodeScalars.prefix(count))), lines: false)
    }
}
