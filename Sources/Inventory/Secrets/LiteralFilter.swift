// SPDX-License-Identifier: EUPL-1.2

/// Finds any of a few literals in a stream of bytes, fast.
///
/// Of every literal three adjoining bytes are its anchor. Whatever the alignment, one of the anchor's two byte pairs begins at an even
/// offset of the scan: so it is enough to look every second pair up in a bitmap of 65536 bits (8 KiB, it stays in the first-level
/// cache), four pairs to a load. Only where a bit is set are literals compared.
package struct LiteralFilter: Sendable {
    /// Bytes of the longest literal.
    package let longest: Int
    private let literals: [[UInt8]]
    private let bitmap: [UInt64]
    /// For a pair: literals that have it, as (index of the literal, offset of the pair in it).
    private let candidates: [UInt16: [(literal: Int, offset: Int)]]

    /// - Parameter literals: the text, and the offset in it of its anchor, the three bytes that are rarest elsewhere.
    package init(_ literals: [(text: String, anchor: Int)]) {
        self.literals = literals.map { Array($0.text.utf8) }
        longest = self.literals.map(\.count).max() ?? 0
        var bitmap = [UInt64](repeating: 0, count: 1024)
        var candidates: [UInt16: [(literal: Int, offset: Int)]] = [:]
        for (index, literal) in literals.enumerated() {
            let bytes = self.literals[index]
            precondition(literal.anchor + 3 <= bytes.count, "an anchor is three bytes of its literal")
            for offset in [literal.anchor, literal.anchor + 1] {
                let pair = UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
                bitmap[Int(pair >> 6)] |= 1 << UInt64(pair & 63)
                candidates[pair, default: []].append((index, offset))
            }
        }
        self.bitmap = bitmap
        self.candidates = candidates
    }

    /// Calls `body` for every literal that begins in `range`; it may end behind it.
    package func forEachMatch(
        in bytes: UnsafeRawBufferPointer,
        range: Range<Int>,
        _ body: (_ literal: Int, _ start: Int) -> Void
    ) {
        guard let base = bytes.baseAddress, !range.isEmpty else { return }
        // A literal that begins just before the end of the range has its anchor behind it.
        let end = min(bytes.count - 1, range.upperBound + longest)
        var position = range.lowerBound
        bitmap.withUnsafeBufferPointer { bitmap in
            func isSet(_ pair: UInt64) -> UInt64 { bitmap[Int(pair >> 6)] >> (pair & 63) }
            while position + 8 <= end {
                let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: position, as: UInt64.self))
                let found =
                    isSet(word & 0xffff) | isSet(word >> 16 & 0xffff) | isSet(word >> 32 & 0xffff) | isSet(word >> 48)
                if found & 1 != 0 {
                    for offset in stride(from: position, to: position + 8, by: 2) {
                        compare(bytes, at: offset, range, body)
                    }
                }
                position += 8
            }
        }
        while position < end {
            compare(bytes, at: position, range, body)
            position += 2
        }
    }

    private func compare(
        _ bytes: UnsafeRawBufferPointer,
        at position: Int,
        _ range: Range<Int>,
        _ body: (Int, Int) -> Void
    ) {
        let pair = UInt16(bytes[position]) | UInt16(bytes[position + 1]) << 8
        guard bitmap[Int(pair >> 6)] >> UInt64(pair & 63) & 1 == 1, let candidates = candidates[pair] else { return }
        for candidate in candidates {
            let start = position - candidate.offset
            let literal = literals[candidate.literal]
            guard range.contains(start), start + literal.count <= bytes.count else { continue }
            if UnsafeRawBufferPointer(rebasing: bytes[start..<start + literal.count]).elementsEqual(literal) {
                body(candidate.literal, start)
            }
        }
    }
}
