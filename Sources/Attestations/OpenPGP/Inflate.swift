// SPDX-License-Identifier: EUPL-1.2

/// Undoes DEFLATE for small messages: other signers compress what they sign.
///
/// A room without I/O has no C library to ask, and a message is at most ``AttestationLimits/simpleSigningBytes`` long, so clarity counts here
/// and speed does not.
///
/// Source: RFC 1951; RFC 1950 for the wrapper.
struct Inflate {
    private let input: [UInt8]
    private var position = 0
    private var bits: UInt32 = 0
    private var bitCount: UInt32 = 0
    private var output: [UInt8] = []
    private let limit: Int

    /// Reads a raw stream.
    ///
    /// - Parameter limit: most bytes of output; a stream that has more is refused while it is read.
    static func raw(_ bytes: [UInt8], limit: Int) throws(OpenPGPError) -> [UInt8] {
        var inflate = Inflate(input: bytes, limit: limit)
        return try inflate.run()
    }

    /// Reads a stream in zlib's wrapper; its checksum is not compared, because a signature follows that covers every byte.
    static func zlib(_ bytes: [UInt8], limit: Int) throws(OpenPGPError) -> [UInt8] {
        guard bytes.count > 2, bytes[0] & 0x0F == 8, bytes[1] & 0x20 == 0 else {
            throw .malformed("a compressed packet has no zlib header")
        }
        return try raw(Array(bytes.dropFirst(2)), limit: limit)
    }

    private init(input: [UInt8], limit: Int) {
        self.input = input
        self.limit = limit
    }

    private mutating func run() throws(OpenPGPError) -> [UInt8] {
        var isLast = false
        while !isLast {
            isLast = try take(1) == 1
            switch try take(2) {
            case 0: try stored()
            case 1: try compressed(.fixedLiterals, .fixedDistances)
            case 2:
                let (literals, distances) = try dynamicCodes()
                try compressed(literals, distances)
            default: throw .malformed("a compressed packet has a block of an unknown kind")
            }
        }
        return output
    }

    private mutating func take(_ count: UInt32) throws(OpenPGPError) -> Int {
        while bitCount < count {
            guard position < input.count else { throw .malformed("a compressed packet ends inside a block") }
            bits |= UInt32(input[position]) << bitCount
            position += 1
            bitCount += 8
        }
        let value = bits & ((1 << count) - 1)
        bits >>= count
        bitCount -= count
        return Int(value)
    }

    private mutating func emit(_ byte: UInt8) throws(OpenPGPError) {
        guard output.count < limit else { throw .tooLarge }
        output.append(byte)
    }

    private mutating func stored() throws(OpenPGPError) {
        bits = 0
        bitCount = 0
        let length = try take(16)
        guard try take(16) == length ^ 0xFFFF else { throw .malformed("a stored block contradicts its length") }
        for _ in 0..<length { try emit(UInt8(try take(8))) }
    }

    private mutating func compressed(_ literals: Code, _ distances: Code) throws(OpenPGPError) {
        while true {
            let symbol = try self.symbol(literals)
            if symbol == 256 { return }
            if symbol < 256 {
                try emit(UInt8(symbol))
                continue
            }
            guard symbol - 257 < Self.lengths.count else {
                throw .malformed("a compressed packet has an unknown length")
            }
            let length = Self.lengths[symbol - 257].base + (try take(Self.lengths[symbol - 257].extra))
            let code = try self.symbol(distances)
            guard code < Self.distances.count else { throw .malformed("a compressed packet has an unknown distance") }
            let distance = Self.distances[code].base + (try take(Self.distances[code].extra))
            guard distance <= output.count else {
                throw .malformed("a compressed packet refers to before its beginning")
            }
            for _ in 0..<length { try emit(output[output.count - distance]) }
        }
    }

    private mutating func symbol(_ code: Code) throws(OpenPGPError) -> Int {
        var value = 0
        var first = 0
        var index = 0
        for length in 1...15 {
            value |= try take(1)
            let count = code.counts[length]
            if value - count < first { return code.symbols[index + value - first] }
            index += count
            first = (first + count) << 1
            value <<= 1
        }
        throw .malformed("a compressed packet has a code that is none")
    }

    private mutating func dynamicCodes() throws(OpenPGPError) -> (literals: Code, distances: Code) {
        let literalCount = try take(5) + 257
        let distanceCount = try take(5) + 1
        let lengthCount = try take(4) + 4
        var lengths = [Int](repeating: 0, count: 19)
        for index in 0..<lengthCount { lengths[Self.order[index]] = try take(3) }
        let code = try Code(lengths)
        var all: [Int] = []
        while all.count < literalCount + distanceCount {
            let symbol = try self.symbol(code)
            switch symbol {
            case 16:
                guard let last = all.last else {
                    throw .malformed("a compressed packet repeats a length before the first")
                }
                all += repeatElement(last, count: 3 + (try take(2)))
            case 17: all += repeatElement(0, count: 3 + (try take(3)))
            case 18: all += repeatElement(0, count: 11 + (try take(7)))
            default: all.append(symbol)
            }
        }
        guard all.count == literalCount + distanceCount, literalCount <= 286, distanceCount <= 30 else {
            throw .malformed("a compressed packet has too many codes")
        }
        return (try Code(Array(all[..<literalCount])), try Code(Array(all[literalCount...])))
    }

    /// A Huffman code by the lengths of its words.
    private struct Code {
        var counts = [Int](repeating: 0, count: 16)
        var symbols: [Int]

        init(_ lengths: [Int]) throws(OpenPGPError) {
            symbols = [Int](repeating: 0, count: lengths.count)
            for length in lengths { counts[length] += 1 }
            counts[0] = 0
            var left = 1
            for length in 1...15 {
                left = left << 1 - counts[length]
                guard left >= 0 else { throw .malformed("a compressed packet has more codes than fit") }
            }
            fill(lengths)
        }

        private init(fixed lengths: [Int]) {
            symbols = [Int](repeating: 0, count: lengths.count)
            for length in lengths { counts[length] += 1 }
            fill(lengths)
        }

        private mutating func fill(_ lengths: [Int]) {
            var offsets = [Int](repeating: 0, count: 17)
            for length in 1...15 { offsets[length + 1] = offsets[length] + counts[length] }
            for (symbol, length) in lengths.enumerated() where length > 0 {
                symbols[offsets[length]] = symbol
                offsets[length] += 1
            }
        }

        static let fixedLiterals = Code(
            fixed: Array(repeating: 8, count: 144) + Array(repeating: 9, count: 112) + Array(repeating: 7, count: 24)
                + Array(repeating: 8, count: 8)
        )
        static let fixedDistances = Code(fixed: Array(repeating: 5, count: 30))
    }

    private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    private static let lengths: [(base: Int, extra: UInt32)] = [
        (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 0), (9, 0), (10, 0), (11, 1), (13, 1), (15, 1), (17, 1), (19, 2),
        (23, 2), (27, 2),
        (31, 2), (35, 3), (43, 3), (51, 3), (59, 3), (67, 4), (83, 4), (99, 4), (115, 4), (131, 5), (163, 5), (195, 5),
        (227, 5), (258, 0),
    ]
    private static let distances: [(base: Int, extra: UInt32)] = [
        (1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (7, 1), (9, 2), (13, 2), (17, 3), (25, 3), (33, 4), (49, 4), (65, 5),
        (97, 5), (129, 6),
        (193, 6), (257, 7), (385, 7), (513, 8), (769, 8), (1025, 9), (1537, 9), (2049, 10), (3073, 10), (4097, 11),
        (6145, 11), (8193, 12),
        (12289, 12), (16385, 13), (24577, 13),
    ]
}
