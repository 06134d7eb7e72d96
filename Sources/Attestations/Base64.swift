// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials

/// Base64 as RFC 4648, section 4, and strictly: one text for one value.
package enum Base64 {
    /// The text, with its padding.
    package static func encoded(_ bytes: some Sequence<UInt8>) -> String { Data(Array(bytes)).base64EncodedString() }

    /// The bytes; nil for white space, missing padding, and bits that are left over.
    package static func decoded(_ text: String) -> [UInt8]? {
        guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else { return nil }
        return [UInt8](data)
    }

    /// The bytes of either alphabet, with or without padding, as DSSE allows.
    package static func decodedEitherAlphabet(_ text: String) -> [UInt8]? {
        var standard = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        let missing = (4 - standard.utf8.count % 4) % 4
        guard missing < 3, missing == 0 || !standard.hasSuffix("=") else { return nil }
        standard += String(repeating: "=", count: missing)
        return decoded(standard)
    }
}

/// Lower-case hexadecimal digits.
enum Hexadecimal {
    static func text(_ bytes: some Sequence<UInt8>) -> String {
        bytes.reduce(into: "") { text, byte in
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }

    /// The bytes of an even number of digits in lower case.
    static func bytes(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else { return nil }
            result.append(high << 4 | low)
        }
        return result
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}
