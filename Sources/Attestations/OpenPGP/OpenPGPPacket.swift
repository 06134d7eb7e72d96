// SPDX-License-Identifier: EUPL-1.2

/// Why bytes are not the OpenPGP data that they should be, or are of a kind that is not assessed here.
public enum OpenPGPError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The structure ends too early or contradicts itself.
    case malformed(String)
    /// A kind of data that is not assessed.
    case notAssessed(String)
    /// More bytes or packets than ``AttestationLimits`` allows.
    case tooLarge

    /// One sentence in English.
    public var description: String {
        switch self {
        case .malformed(let what): "malformed OpenPGP data: \(what)"
        case .notAssessed(let what): "not assessed: \(what)"
        case .tooLarge: "the OpenPGP data is larger than is read here"
        }
    }
}

/// One packet of OpenPGP data.
///
/// Source: RFC 9580, section 4.
struct OpenPGPPacket: Sendable, Hashable {
    /// Kinds of packets that are read or written here.
    enum Tag {
        static let signature: UInt8 = 2
        static let onePassSignature: UInt8 = 4
        static let publicKey: UInt8 = 6
        static let compressed: UInt8 = 8
        static let literal: UInt8 = 11
        static let userID: UInt8 = 13
        static let publicSubkey: UInt8 = 14
    }

    var tag: UInt8
    var body: [UInt8]

    /// The packet with the header of RFC 9580's own format.
    var bytes: [UInt8] { [0xC0 | tag] + Self.length(body.count) + body }

    /// A length as packets and subpackets write it.
    static func length(_ count: Int) -> [UInt8] {
        if count < 192 { return [UInt8(count)] }
        if count < 8384 { return [UInt8((count - 192) >> 8) + 192, UInt8((count - 192) & 0xFF)] }
        return [0xFF] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) }
    }

    /// Reads all packets; both formats of headers, partial lengths included.
    static func all(in bytes: [UInt8]) throws(OpenPGPError) -> [OpenPGPPacket] {
        var reader = OpenPGPReader(bytes)
        var packets: [OpenPGPPacket] = []
        while !reader.isAtEnd {
            guard packets.count < AttestationLimits.packets else { throw .tooLarge }
            packets.append(try reader.packet())
        }
        return packets
    }
}

/// Reads numbers and stretches of bytes, never beyond the end.
struct OpenPGPReader {
    private let bytes: ArraySlice<UInt8>
    private(set) var position: Int

    init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    var isAtEnd: Bool { position == bytes.endIndex }

    mutating func byte() throws(OpenPGPError) -> UInt8 {
        guard position < bytes.endIndex else { throw .malformed("it ends inside a structure") }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func number(bytes count: Int) throws(OpenPGPError) -> Int {
        var value = 0
        for _ in 0..<count { value = value << 8 | Int(try byte()) }
        return value
    }

    mutating func take(_ count: Int) throws(OpenPGPError) -> [UInt8] {
        guard count >= 0, count <= bytes.endIndex - position else {
            throw .malformed("a length reaches beyond the end")
        }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func rest() -> [UInt8] {
        defer { position = bytes.endIndex }
        return Array(bytes[position...])
    }

    /// A multi-precision integer without leading zeros.
    mutating func mpi() throws(OpenPGPError) -> [UInt8] {
        let bits = try number(bytes: 2)
        return try take((bits + 7) / 8)
    }

    mutating func packet() throws(OpenPGPError) -> OpenPGPPacket {
        let header = try byte()
        guard header & 0x80 != 0 else { throw .malformed("a packet does not begin with its mark") }
        if header & 0x40 == 0 {
            let tag = header >> 2 & 0x0F
            let body =
                switch header & 0x03 {
                case 0: try take(try number(bytes: 1))
                case 1: try take(try number(bytes: 2))
                case 2: try take(try number(bytes: 4))
                default: rest()
                }
            return OpenPGPPacket(tag: tag, body: body)
        }
        var body: [UInt8] = []
        while true {
            let (count, isPartial) = try length()
            // Every stretch takes bytes of the input, so the loop ends with it.
            body += try take(count)
            if !isPartial { return OpenPGPPacket(tag: header & 0x3F, body: body) }
        }
    }

    /// A length of a packet, and whether more of the packet follows it.
    private mutating func length() throws(OpenPGPError) -> (count: Int, isPartial: Bool) {
        let first = Int(try byte())
        switch first {
        case ..<192: return (first, false)
        case ..<224: return ((first - 192) << 8 + Int(try byte()) + 192, false)
        case ..<255: return (1 << (first & 0x1F), true)
        default: return (try number(bytes: 4), false)
        }
    }

    /// A length of a subpacket.
    mutating func subpacketLength() throws(OpenPGPError) -> Int {
        let first = Int(try byte())
        switch first {
        case ..<192: return first
        case ..<255: return (first - 192) << 8 + Int(try byte()) + 192
        default: return try number(bytes: 4)
        }
    }
}
