// SPDX-License-Identifier: EUPL-1.2

/// A few kilobytes around a literal, for the matchers.
struct SecretWindow {
    let bytes: UnsafeRawBufferPointer
    /// Where the literal begins.
    let start: Int

    subscript(_ index: Int) -> UInt8? { index >= 0 && index < bytes.count ? bytes[index] : nil }

    /// How many bytes from `index` on are of a class, at most `limit`.
    func run(from index: Int, limit: Int = 4096, _ isMember: (UInt8) -> Bool) -> Int {
        var end = index
        while end < bytes.count, end - index < limit, isMember(bytes[end]) { end += 1 }
        return max(0, end - index)
    }

    func slice(_ from: Int, _ count: Int) -> ArraySlice<UInt8> {
        let lower = max(0, min(from, bytes.count))
        let upper = max(lower, min(from + count, bytes.count))
        return ArraySlice(bytes[lower..<upper])
    }

    /// Whether `text` stands at `index`.
    func has(_ text: StaticString, at index: Int) -> Bool {
        let count = text.utf8CodeUnitCount
        guard index >= 0, index + count <= bytes.count else { return false }
        for offset in 0..<count where bytes[index + offset] != text.utf8Start[offset] { return false }
        return true
    }

    /// Where `text` begins at or behind `index`, looking no further than `limit` bytes.
    func find(_ text: StaticString, from index: Int, limit: Int) -> Int? {
        var position = max(0, index)
        let end = min(bytes.count - text.utf8CodeUnitCount, index + limit)
        while position <= end {
            if has(text, at: position) { return position }
            position += 1
        }
        return nil
    }
}

/// Classes of bytes.
enum ByteClass {
    static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
    static func isUpper(_ byte: UInt8) -> Bool { byte >= 65 && byte <= 90 }
    static func isLower(_ byte: UInt8) -> Bool { byte >= 97 && byte <= 122 }
    static func isLetter(_ byte: UInt8) -> Bool { isUpper(byte) || isLower(byte) }
    static func isAlphanumeric(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }
    static func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte >= 97 && byte <= 102) || (byte >= 65 && byte <= 70)
    }
    static func isBase64(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == 43 || byte == 47 }
    static func isBase64URL(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == 45 || byte == 95 }
    static func isWord(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == 95 }

    /// Shannon entropy in bits per byte.
    static func entropy(_ bytes: ArraySlice<UInt8>) -> Double {
        guard !bytes.isEmpty else { return 0 }
        var counts = [Int](repeating: 0, count: 256)
        for byte in bytes { counts[Int(byte)] += 1 }
        var bits = 0.0
        for count in counts where count > 0 {
            let share = Double(count) / Double(bytes.count)
            bits -= share * logarithm(share)
        }
        return bits
    }

    /// Base-2 logarithm by the exponent and a short series; two digits are enough here.
    private static func logarithm(_ value: Double) -> Double {
        let ratio = (value.significand - 1) / (value.significand + 1)
        let square = ratio * ratio
        let series = 2 * ratio * (1 + square / 3 + square * square / 5 + square * square * square / 7)
        return Double(value.exponent) + series / 0.693_147_180_56
    }
}
