// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials

/// Values of header fields: as they are where that is possible, as encoded words where not; folded.
enum MailHeader {
    private static let width = 76

    /// Any one line as the value of a field such as Subject.
    ///
    /// - Parameter after: bytes that stand before it in its first line.
    static func unstructured(_ text: String, after: Int) -> String {
        folded(text, after: after) ?? encodedWords(text, after: after)
    }

    /// An address with the name that is shown beside it.
    static func mailbox(_ name: String, _ address: MailAddress) -> String {
        guard !name.isEmpty else { return "<\(address)>" }
        let after = "From: ".utf8.count
        var quoted = "\""
        for scalar in name.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted += "\\" }
            quoted.unicodeScalars.append(scalar)
        }
        quoted += "\""
        // A quoted string is not folded: spaces at its folds are read in two ways.
        let isPlain = isPlain(name) && quoted.utf8.count + after <= width
        return (isPlain ? quoted : encodedWords(name, after: after)) + "\r\n <\(address)>"
    }

    /// ASCII that nobody takes for an encoded word, and without spaces that folding would lose.
    private static func isPlain(_ text: String) -> Bool {
        var last: UInt8 = 0x20
        for byte in text.utf8 {
            guard (0x20..<0x7F).contains(byte), !(last == 0x3D && byte == 0x3F), !(last == 0x20 && byte == 0x20) else {
                return false
            }
            last = byte
        }
        return text.isEmpty || last != 0x20
    }

    /// Breaks plain text at spaces; nil where it is not plain or a word does not fit.
    private static func folded(_ text: String, after: Int) -> String? {
        guard isPlain(text) else { return nil }
        var (output, length) = ("", after)
        for (index, word) in text.utf8.split(separator: 0x20).enumerated() {
            if index > 0 {
                if length + 1 + word.count > width {
                    output += "\r\n"
                    length = 0
                }
                output += " "
                length += 1
            }
            guard length + word.count <= width else { return nil }
            output += String(decoding: word, as: UTF8.self)
            length += word.count
        }
        return output
    }

    /// Encoded words, one on a line; no letter is cut between two of them.
    ///
    /// Source: RFC 2047, 2 (at most 75 characters each) and 5 (3).
    private static func encodedWords(_ text: String, after: Int) -> String {
        var words: [String] = []
        var word: [UInt8] = []
        // With `=?utf-8?B?` and `?=`, in a line of at most 76; the first one stands behind the name of the field.
        func room() -> Int { ((words.isEmpty ? width - after : width - 1) - 12) / 4 * 3 }
        func close() {
            words.append("=?utf-8?B?" + Data(word).base64EncodedString() + "?=")
            word = []
        }
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if word.count + bytes.count > min(45, room()) { close() }
            word += bytes
        }
        if !word.isEmpty { close() }
        return words.joined(separator: "\r\n ")
    }
}
