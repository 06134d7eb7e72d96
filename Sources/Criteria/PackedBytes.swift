// SPDX-License-Identifier: EUPL-1.2

/// Why packed bytes cannot be read.
package struct PackedError: Error, Equatable {
    /// The reason in words.
    package let reason: String

    /// A reason.
    package init(_ reason: String) { self.reason = reason }
}

/// Writes numbers in LEB128, and texts and byte strings with their length before them.
package struct PackedWriter {
    /// What was written.
    package private(set) var bytes: [UInt8] = []

    /// Begins with nothing.
    package init() {}

    /// A number.
    package mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// A count or a size; negative ones count as zero.
    package mutating func count(_ value: Int) { number(UInt64(clamping: value)) }

    /// Bytes as they are.
    package mutating func raw(_ piece: some Sequence<UInt8>) { bytes.append(contentsOf: piece) }

    /// Bytes with their length before them.
    package mutating func blob(_ piece: [UInt8]) {
        count(piece.count)
        bytes += piece
    }

    /// A text.
    package mutating func text(_ text: String) {
        count(text.utf8.count)
        bytes += text.utf8
    }
}

/// Reads what ``PackedWriter`` wrote; every length is held against what is left.
package struct PackedReader {
    private let bytes: [UInt8]
    private var position = 0

    /// Reads from the first byte.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether everything was read.
    package var isAtEnd: Bool { position == bytes.count }

    /// So many bytes as they are.
    package mutating func raw(_ count: Int) throws(PackedError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - position else { throw PackedError("it ends at byte \(bytes.count)") }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// All that is left.
    package mutating func rest() throws(PackedError) -> ArraySlice<UInt8> { try raw(bytes.count - position) }

    /// A number.
    package mutating func number() throws(PackedError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 63, by: 7) {
            guard position < bytes.count else { throw PackedError("it ends at byte \(bytes.count)") }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw PackedError("a number that does not end")
    }

    /// A number of things of which each takes a byte at least.
    package mutating func count() throws(PackedError) -> Int {
        let count = try number()
        guard count <= UInt64(bytes.count - position) else { throw PackedError("a count past its end") }
        return Int(count)
    }

    /// A number that fits 32 bits.
    package mutating func small() throws(PackedError) -> UInt32 {
        guard let value = UInt32(exactly: try number()) else { throw PackedError("a number that is too large") }
        return value
    }

    /// A size in bytes.
    package mutating func size() throws(PackedError) -> Int64 { Int64(clamping: try number()) }

    /// Bytes with their length before them.
    package mutating func blob() throws(PackedError) -> ArraySlice<UInt8> { try raw(try count()) }

    /// A text.
    package mutating func text() throws(PackedError) -> String { String(decoding: try blob(), as: UTF8.self) }
}
