// SPDX-License-Identifier: EUPL-1.2

/// Proof that a leaf stands at an index of a tree: the hashes beside the way up, from the leaf's sibling to the root's child.
///
/// Source: RFC 9162, 2.1.3.
public struct InclusionProof: Sendable, Hashable {
    /// Most hashes of a proof; a longer one belongs to no tree.
    public static let maximumHashes = 63

    /// Index of the leaf, from 0.
    public let index: Int
    /// Leaves of the tree.
    public let size: Int
    /// Hashes from the leaf upwards.
    public let hashes: [MerkleHash]

    /// A proof that was given; ``verifies(_:in:)`` says whether it proves anything.
    public init(index: Int, size: Int, hashes: [MerkleHash]) {
        self.index = index
        self.size = size
        self.hashes = hashes
    }

    /// Makes the proof for a leaf.
    ///
    /// - Throws: ``MerkleTreeError/noLeaf(index:size:)``, and what `reading` throws.
    /// - Complexity: O(log size) subtrees.
    public init(index: Int, size: Int, reading: SubtreeReader) throws {
        guard index >= 0, index < size, size <= MerkleTree.maximumSize else {
            throw MerkleTreeError.noLeaf(index: index, size: size)
        }
        var range = 0..<size
        var hashes: [MerkleHash] = []
        while range.count > 1 {
            let middle = range.lowerBound + MerkleTree.split(range.count)
            if index < middle {
                hashes.append(try MerkleTree.root(of: middle..<range.upperBound, reading: reading))
                range = range.lowerBound..<middle
            } else {
                hashes.append(try MerkleTree.root(of: range.lowerBound..<middle, reading: reading))
                range = middle..<range.upperBound
            }
        }
        self.init(index: index, size: size, hashes: hashes.reversed())
    }

    /// The root that this proof leads to from a leaf; nil when its length does not fit index and size.
    public func root(from leaf: MerkleHash) -> MerkleHash? {
        guard index >= 0, index < size, size <= MerkleTree.maximumSize else { return nil }
        var (position, last) = (index, size - 1)
        var hash = leaf
        for sibling in hashes {
            guard last > 0 else { return nil }
            if position & 1 == 1 || position == last {
                hash = MerkleHash(left: sibling, right: hash)
                // A right edge that is no complete subtree has no sibling on the levels between.
                while position & 1 == 0, position != 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                hash = MerkleHash(left: hash, right: sibling)
            }
            position >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }

    /// Whether a leaf stands at the index of the tree with a root.
    public func verifies(_ leaf: MerkleHash, in root: MerkleHash) -> Bool { self.root(from: leaf) == root }
}
