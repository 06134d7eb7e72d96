// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials

/// Reads what a page of the inbox shows of a message: sender, subject, and the first part that is plain text.
///
/// A message can be anything. What is not understood is shown as it came, and nothing of it is ever markup.
///
/// Source: RFC 5322, 2.2.3; RFC 2045, 6.7 and 6.8; RFC 2046, 5.1; RFC 2047, 2.
package struct LetterReader {
    /// Bytes of the header that are read.
    static let headerBytes = 64 << 10
    /// Bytes of a text that is shown.
    private static let textBytes = 256 << 10

    /// Who sent it, as it says.
    package let from: String
    /// Its subject.
    package let subject: String
    /// Its text.
    package let text: String

    /// Reads a message.
    package init(_ message: [UInt8]) {
        let (header, body) = Self.split(message[...])
        from = Self.word(header["from"] ?? "")
        subject = Self.word(header["subject"] ?? "")
        text = Self.text(header, body)
    }

    /// Header fields by name in small letters, unfolded, and what comes after the empty line.
    private static func split(_ bytes: ArraySlice<UInt8>) -> (header: [String: String], body: ArraySlice<UInt8>) {
        var header: [String: String] = [:]
        var last: String?
        var start = bytes.startIndex
        while start < bytes.endIndex, start - bytes.startIndex < headerBytes {
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.endIndex
            var line = bytes[start..<end]
            start = min(end + 1, bytes.endIndex)
            if line.last == 0x0D { line.removeLast() }
            if line.isEmpty { return (header, bytes[start...]) }
            let text = String(decoding: line, as: UTF8.self)
            if text.first == " " || text.first == "\t" {
                if let last, let known = header[last] { header[last] = known + " " + text.trimmedSpaces }
                continue
            }
            guard let colon = text.firstIndex(of: ":") else { continue }
            let name = text[..<colon].lowercased()
            // The first one counts.
            if header[name] == nil {
                header[name] = String(text[text.index(after: colon)...]).trimmedSpaces
                last = name
            } else {
                last = nil
            }
        }
        return (header, bytes[start...])
    }

    private static func text(_ header: [String: String], _ body: ArraySlice<UInt8>) -> String {
        let type = header["content-type"] ?? "text/plain"
        if type.lowercased().hasPrefix("multipart/"), let boundary = boundary(of: type),
            let part = firstPart(of: body, boundary)
        {
            let (inner, content) = split(part)
            return decoded(inner, content)
        }
        return decoded(header, body)
    }

    private static func boundary(of type: String) -> String? {
        guard let found = type.lowercased().firstRange(of: "boundary=") else { return nil }
        let value = type[found.upperBound...]
        let text =
            value.first == "\"" ? value.dropFirst().prefix { $0 != "\"" } : value.prefix { $0 != ";" && $0 != " " }
        return (1...200).contains(text.utf8.count) ? String(text) : nil
    }

    private static func firstPart(of body: ArraySlice<UInt8>, _ boundary: String) -> ArraySlice<UInt8>? {
        let mark = Array("--\(boundary)".utf8)
        guard let begin = body.firstRange(of: mark),
            let lineEnd = body[begin.upperBound...].firstIndex(of: 0x0A)
        else { return nil }
        let rest = body[(lineEnd + 1)...]
        let end = rest.firstRange(of: [0x0D, 0x0A] + mark)?.lowerBound ?? rest.endIndex
        return rest[..<end]
    }

    private static func decoded(_ header: [String: String], _ content: ArraySlice<UInt8>) -> String {
        let bytes: [UInt8]
        switch header["content-transfer-encoding"]?.lowercased() {
        case "quoted-printable": bytes = quotedPrintable(content)
        case "base64":
            let plain = content.filter { $0 > 0x20 }
            bytes = Data(base64Encoded: Data(plain)).map { Array($0) } ?? Array(content)
        default: bytes = Array(content)
        }
        return String(decoding: bytes.prefix(textBytes), as: UTF8.self).replacing("\r\n", with: "\n")
    }

    private static func quotedPrintable(_ content: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var index = content.startIndex
        while index < content.endIndex {
            let byte = content[index]
            guard byte == 0x3D else {
                result.append(byte)
                index += 1
                continue
            }
            let rest = content[(index + 1)...].prefix(2)
            if rest.elementsEqual([0x0D, 0x0A]) {
                index += 3
            } else if rest.first == 0x0A {
                index += 2
            } else if rest.count == 2, let high = nibble(rest[index + 1]), let low = nibble(rest[index + 2]) {
                result.append(high << 4 | low)
                index += 3
            } else {
                // No escape: shown as it came.
                result.append(byte)
                index += 1
            }
        }
        return result
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    /// A field whose encoded words are put in clear: `=?utf-8?Q?…?=`, `=?utf-8?B?…?=`.
    private static func word(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        var wasEncoded = false
        while let start = rest.firstRange(of: "=?") {
            let parts = rest[start.upperBound...].split(separator: "?", maxSplits: 3, omittingEmptySubsequences: false)
            guard parts.count == 4, parts[3].hasPrefix("="), let piece = encodedWord(parts[1], parts[2]) else {
                result += rest[..<start.upperBound]
                rest = rest[start.upperBound...]
                wasEncoded = false
                continue
            }
            let between = rest[..<start.lowerBound]
            // Spaces between two encoded words belong to neither.
            if !(wasEncoded && between.allSatisfy { $0 == " " || $0 == "\t" }) { result += between }
            result += piece
            rest = parts[3].dropFirst()
            wasEncoded = true
        }
        return String((result + rest).prefix(1_000))
    }

    private static func encodedWord(_ encoding: Substring, _ content: Substring) -> String? {
        switch encoding.uppercased() {
        case "Q":
            let bytes = quotedPrintable(Array(content.replacing("_", with: " ").utf8)[...])
            return String(decoding: bytes, as: UTF8.self)
        case "B": return Data(base64Encoded: String(content)).map { String(decoding: $0, as: UTF8.self) }
        default: return nil
        }
    }
}

extension String {
    fileprivate var trimmedSpaces: String {
        var text = self[...]
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
