// SPDX-License-Identifier: EUPL-1.2

/// Percent-encoding of parts of addresses.
///
/// Source: RFC 3986, section 2.1.
public enum PercentEncoding {
    /// Decodes once; nil when a `%` is not followed by two hexadecimal digits.
    public static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text.makeIterator()
        while let byte = rest.next() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.next().flatMap(hexValue), let low = rest.next().flatMap(hexValue) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// Encodes all but the unreserved characters and some that mean themselves where the text is put.
    public static func encode(_ text: String, keeping kept: StaticString = "") -> String {
        kept.withUTF8Buffer { kept in
            text.utf8.reduce(into: "") { result, byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                    result.append(Character(UnicodeScalar(byte)))
                case _ where kept.contains(byte): result.append(Character(UnicodeScalar(byte)))
                default:
                    result.append("%")
                    for digit in [byte >> 4, byte & 15] {
                        result.append(Character(UnicodeScalar(digit + (digit < 10 ? 0x30 : 0x37))))
                    }
                }
            }
        }
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
