// SPDX-License-Identifier: EUPL-1.2

/// Proof that a tree continues an older one: nothing of the older one was changed or taken away.
///
/// Source: RFC 9162, 2.1.4. From an empty tree, and between equal sizes, the proof is empty.
public struct ConsistencyProof: Sendable, Hashable {
    /// Leaves of the older tree.
    public let old: Int
    /// Leaves of the newer tree.
    public let new: Int
    /// The hashes, in the order of RFC 9162.
    public let hashes: [MerkleHash]

    /// A proof that was given; ``verifies(_:to:)`` says whether it proves anything.
    public init(old: Int, new: Int, hashes: [MerkleHash]) {
        self.old = old
        self.new = new
        self.hashes = hashes
    }

    /// Makes the proof between two sizes.
    ///
    /// - Throws: ``MerkleTreeError/noPair(old:new:)``, and what `reading` throws.
    public init(old: Int, new: Int, reading: SubtreeReader) throws {
        guard old >= 0, old <= new, new <= MerkleTree.maximumSize else {
            throw MerkleTreeError.noPair(old: old, new: new)
        }
        guard old > 0, old < new else {
            self.init(old: old, new: new, hashes: [])
            return
        }
        var range = 0..<new
        var hashes: [MerkleHash] = []
        while range.upperBound != old {
            let middle = range.lowerBound + MerkleTree.split(range.count)
            if old <= middle {
                hashes.append(try MerkleTree.root(of: middle..<range.upperBound, reading: reading))
                range = range.lowerBound..<middle
            } else {
                hashes.append(try MerkleTree.root(of: range.lowerBound..<middle, reading: reading))
                range = middle..<range.upperBound
            }
        }
        // A subtree that starts at 0 is the older tree itself, whose root the verifier has.
        if range.lowerBound > 0 { hashes.append(try MerkleTree.root(of: range, reading: reading)) }
        self.init(old: old, new: new, hashes: hashes.reversed())
    }

    /// Whether the tree with the newer root continues the tree with the older root.
    public func verifies(_ oldRoot: MerkleHash, to newRoot: MerkleHash) -> Bool {
        guard old >= 0, old <= new, new <= MerkleTree.maximumSize else { return false }
        if old == new { return hashes.isEmpty && oldRoot == newRoot }
        if old == 0 { return hashes.isEmpty && oldRoot == .empty }
        var rest = hashes[...]
        let start: MerkleHash
        if old & (old - 1) == 0 {
            start = oldRoot
        } else {
            guard let first = rest.popFirst() else { return false }
            start = first
        }
        var (position, last) = (old - 1, new - 1)
        while position & 1 == 1 {
            position >>= 1
            last >>= 1
        }
        var (older, newer) = (start, start)
        for hash in rest {
            guard last > 0 else { return false }
            if position & 1 == 1 || position == last {
                older = MerkleHash(left: hash, right: older)
                newer = MerkleHash(left: hash, right: newer)
                while position & 1 == 0, position != 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                newer = MerkleHash(left: newer, right: hash)
            }
            position >>= 1
            last >>= 1
        }
        return last == 0 && older == oldRoot && newer == newRoot
    }
}
