// SPDX-License-Identifier: EUPL-1.2

/// The checksum inside GitHub's and npm's tokens: the last six characters are the CRC-32 of those before, in base 62.
///
/// Source: GitHub engineering blog, "Behind GitHub's new authentication token formats" (2021).
enum TokenChecksum {
    /// Whether the last six of 36 characters fit the first 30.
    static func holds(_ body: ArraySlice<UInt8>) -> Bool {
        guard body.count == 36 else { return false }
        let sum = crc32(body.prefix(30))
        return body.suffix(6).elementsEqual(base62(sum))
    }

    /// A number in base 62 with six digits: 0-9, A-Z, a-z.
    static func base62(_ value: UInt32) -> [UInt8] {
        let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        var rest = Int(value)
        var out = [UInt8](repeating: 48, count: 6)
        for index in (0..<6).reversed() {
            out[index] = digits[rest % 62]
            rest /= 62
        }
        return out
    }

    /// CRC-32 as zlib computes it.
    static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
        var value = UInt32.max
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? 0xedb8_8320 ^ value >> 1 : value >> 1 }
        }
        return ~value
    }
}
