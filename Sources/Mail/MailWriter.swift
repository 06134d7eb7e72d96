// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials

/// Writes lines, and bodies in the encodings of MIME: ASCII, at most 76 in a line.
struct MailWriter {
    private static let width = 76
    private(set) var bytes: [UInt8] = []

    mutating func line(_ text: String) {
        bytes += text.utf8
        bytes += [0x0D, 0x0A]
    }

    mutating func field(_ name: String, _ value: String) { line(name + ": " + value) }

    /// Header and body of a text; quoted-printable, which people can read, unless most of it would be escapes.
    mutating func textPart(_ text: String) {
        let other = text.utf8.reduce(0) { $0 + ($1 >= 0x80 ? 1 : 0) }
        let isReadable = other * 4 <= text.utf8.count
        line("Content-Type: text/plain; charset=utf-8")
        line("Content-Transfer-Encoding: " + (isReadable ? "quoted-printable" : "base64"))
        line("")
        let lines = Self.lines(text)
        if isReadable {
            for line in lines { quotedPrintable(line) }
        } else {
            // Line ends are CR LF inside as well (RFC 2045, 6.8).
            base64(lines.flatMap { Array($0) + [0x0D, 0x0A] })
        }
    }

    /// Source: RFC 2045, 6.8.
    mutating func base64(_ content: [UInt8]) {
        let text = Array(Data(content).base64EncodedString().utf8)
        for start in stride(from: 0, to: text.count, by: Self.width) {
            bytes += text[start..<min(text.count, start + Self.width)]
            bytes += [0x0D, 0x0A]
        }
    }

    /// One line of a text; its last space or tab is escaped, because servers drop such.
    ///
    /// Source: RFC 2045, 6.7.
    private mutating func quotedPrintable(_ content: ArraySlice<UInt8>) {
        var length = 0
        for (offset, byte) in content.enumerated() {
            let isLast = offset == content.count - 1
            let isSpace = byte == 0x20 || byte == 0x09
            let isPlain = (0x21..<0x7F).contains(byte) && byte != 0x3D || isSpace && !isLast
            // Room for the `=` that goes on in the next line.
            if length + (isPlain ? 1 : 3) > Self.width - 1 {
                bytes += [0x3D, 0x0D, 0x0A]
                length = 0
            }
            if isPlain {
                bytes.append(byte)
                length += 1
            } else {
                bytes += [0x3D, Self.digit(byte >> 4), Self.digit(byte & 15)]
                length += 3
            }
        }
        bytes += [0x0D, 0x0A]
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }

    /// Lines without their ends, whatever ends them; a bare CR or LF in a message is how one message smuggles another.
    private static func lines(_ text: String) -> [ArraySlice<UInt8>] {
        let bytes = Array(text.utf8)
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x0A || byte == 0x0D {
                lines.append(bytes[start..<index])
                if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { index += 1 }
                start = index + 1
            }
            index += 1
        }
        if start < bytes.count { lines.append(bytes[start...]) }
        return lines
    }
}
