// SPDX-License-Identifier: EUPL-1.2

/// Why bytes are no tile or bundle of the width that their name says.
public enum TileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file has another length than its width demands.
    case wrongLength(TileAddress, bytes: Int)
    /// The file is missing.
    case missing(TileAddress)
    /// An entry is longer than the format can carry, or empty.
    case entryLength(Int)
    /// The file does not hold what the entries before it hash to.
    case differs(TileAddress)

    /// What, where.
    public var description: String {
        switch self {
        case .wrongLength(let address, let bytes):
            "\(address.path): \(bytes) bytes are no file of width \(address.width)"
        case .missing(let address): "\(address.path) is missing"
        case .entryLength(let count):
            "an entry of \(count) bytes does not fit; 1 to \(EntryBundle.maximumEntryBytes) do"
        case .differs(let address): "\(address.path) does not hold what the entries hash to"
        }
    }
}

/// Entries one after the other, each behind its length in two bytes, big-endian.
///
/// Source: C2SP tlog-tiles, "Log entries".
public enum EntryBundle {
    /// Most bytes of one entry: what the length field can say.
    public static let maximumEntryBytes = 65_535
    /// Most bytes of a bundle.
    public static let maximumBytes = TileAddress.fullWidth * (2 + maximumEntryBytes)

    /// Writes entries.
    public static func encode(_ entries: some Collection<[UInt8]>) throws(TileError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.reduce(0) { $0 + 2 + $1.count })
        for entry in entries {
            guard entry.count <= maximumEntryBytes else { throw .entryLength(entry.count) }
            bytes.append(UInt8(entry.count >> 8))
            bytes.append(UInt8(entry.count & 0xff))
            bytes += entry
        }
        return bytes
    }

    /// Reads a bundle of exactly the address's width; bytes that are too few or too many are refused.
    public static func decode(_ bytes: [UInt8], at address: TileAddress) throws(TileError) -> [[UInt8]] {
        var entries: [[UInt8]] = []
        var rest = bytes[...]
        while let high = rest.popFirst() {
            guard entries.count < address.width, let low = rest.popFirst() else {
                throw .wrongLength(address, bytes: bytes.count)
            }
            let count = Int(high) << 8 | Int(low)
            guard rest.count >= count else { throw .wrongLength(address, bytes: bytes.count) }
            entries.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        guard entries.count == address.width else { throw .wrongLength(address, bytes: bytes.count) }
        return entries
    }
}

/// Hashes one after the other.
public enum HashTile {
    /// Writes hashes.
    public static func encode(_ hashes: some Sequence<MerkleHash>) -> [UInt8] { hashes.flatMap(\.bytes) }

    /// Reads a tile of exactly the address's width.
    public static func decode(_ bytes: [UInt8], at address: TileAddress) throws(TileError) -> [MerkleHash] {
        guard bytes.count == address.width * MerkleHash.byteCount else {
            throw .wrongLength(address, bytes: bytes.count)
        }
        return stride(from: 0, to: bytes.count, by: MerkleHash.byteCount).compactMap {
            MerkleHash(bytes: bytes[$0..<($0 + MerkleHash.byteCount)])
        }
    }
}
