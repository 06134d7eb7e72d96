// SPDX-License-Identifier: EUPL-1.2

/// A complete subtree: `2^level` leaves, the first of which is `index * 2^level`.
public struct SubtreeCoordinate: Sendable, Hashable {
    /// Height above the leaves.
    public let level: Int
    /// Position among the subtrees of the level, from 0.
    public let index: Int

    /// Names a subtree.
    public init(level: Int, index: Int) {
        self.level = level
        self.index = index
    }
}

/// Where hashes of complete subtrees come from: tiles, or memory.
///
/// Synchronous: who has to wait for them fetches the tiles before.
public typealias SubtreeReader = (SubtreeCoordinate) throws -> MerkleHash

/// The shape of the tree: which subtrees a range of leaves is made of, and what they hash to.
///
/// Source: RFC 9162, 2.1.
public enum MerkleTree {
    /// Most leaves that any function here works with.
    public static let maximumSize = 1 << 60

    /// The root of the first `size` leaves.
    public static func root(size: Int, reading: SubtreeReader) throws -> MerkleHash {
        size == 0 ? .empty : try root(of: 0..<size, reading: reading)
    }

    /// The hash over a range whose start is a multiple of the largest power of two below its length.
    static func root(of range: Range<Int>, reading: SubtreeReader) throws -> MerkleHash {
        // Largest first on the left: folding starts at the smallest.
        var hash: MerkleHash?
        for part in subtrees(of: range).reversed() {
            let left = try reading(part)
            hash = hash.map { MerkleHash(left: left, right: $0) } ?? left
        }
        return hash ?? .empty
    }

    /// The complete subtrees that a range is made of, from the left.
    static func subtrees(of range: Range<Int>) -> [SubtreeCoordinate] {
        var parts: [SubtreeCoordinate] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let level = Int.bitWidth - 1 - (range.upperBound - start).leadingZeroBitCount
            parts.append(SubtreeCoordinate(level: level, index: start >> level))
            start += 1 << level
        }
        return parts
    }

    /// The largest power of two below `size`, which is at least 2.
    static func split(_ size: Int) -> Int { 1 << (Int.bitWidth - 1 - (size - 1).leadingZeroBitCount) }

    /// The root of complete subtrees that grow from the right, smallest last; what a tile's hashes are folded with.
    static func fold(_ hashes: ArraySlice<MerkleHash>, onto right: MerkleHash? = nil) -> MerkleHash? {
        var hash = right
        var rest = hashes
        while !rest.isEmpty {
            let width = 1 << rest.count.trailingZeroBitCount
            let left = complete(rest.suffix(width))
            hash = hash.map { MerkleHash(left: left, right: $0) } ?? left
            rest = rest.dropLast(width)
        }
        return hash
    }

    /// The root over a power of two of hashes.
    static func complete(_ hashes: ArraySlice<MerkleHash>) -> MerkleHash {
        var level = Array(hashes)
        while level.count > 1 {
            level = stride(from: 0, to: level.count - 1, by: 2).map {
                MerkleHash(left: level[$0], right: level[$0 + 1])
            }
        }
        return level.first ?? .empty
    }
}

/// What is asked of a tree that it does not have.
public enum MerkleTreeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No such leaf in a tree of this size.
    case noLeaf(index: Int, size: Int)
    /// No such pair of sizes: the older must not be the larger.
    case noPair(old: Int, new: Int)

    /// One sentence in English.
    public var description: String {
        switch self {
        case .noLeaf(let index, let size): "a tree of \(size) leaves has no leaf \(index)"
        case .noPair(let old, let new): "a tree of \(new) leaves cannot continue one of \(old)"
        }
    }
}
