// SPDX-License-Identifier: EUPL-1.2

internal import MerkleLog
import Synchronization

/// What receipts were made from last: a thousand receipts of one checkpoint share files and most of their hashes.
final class TileCache: Sendable {
    /// Tiles, 8 KiB each.
    private static let maximumTiles = 128
    /// Hashes between the levels of tiles: of some 250 full tiles.
    private static let maximumNodes = 1 << 16

    // Owner: these mutexes. A name stands for one content for ever, so nothing here grows old.
    private let tiles = Mutex<[TileAddress: [MerkleHash]]>([:])
    private let nodes = Mutex<[SubtreeCoordinate: MerkleHash]>([:])

    func proof(_ index: Int, size: Int, in directory: LogDirectory) throws -> InclusionProof {
        let stored = TileHashes(size: size, tile: { try self.tile($0, directory) })
        return try InclusionProof(index: index, size: size, reading: { try self.node($0, stored) })
    }

    /// Forgets everything: the operator has given up a part of the history.
    func clear() {
        tiles.withLock { $0 = [:] }
        nodes.withLock { $0 = [:] }
    }

    /// A complete subtree, from its halves down to what a tile holds: at most seven levels.
    private func node(_ subtree: SubtreeCoordinate, _ stored: TileHashes) throws -> MerkleHash {
        if subtree.level % 8 == 0 { return try stored.hash(subtree) }
        if let known = nodes.withLock({ $0[subtree] }) { return known }
        let (level, index) = (subtree.level - 1, subtree.index * 2)
        let hash = MerkleHash(
            left: try node(SubtreeCoordinate(level: level, index: index), stored),
            right: try node(SubtreeCoordinate(level: level, index: index + 1), stored)
        )
        nodes.withLock { nodes in
            if nodes.count >= Self.maximumNodes { nodes = [:] }
            nodes[subtree] = hash
        }
        return hash
    }

    private func tile(_ address: TileAddress, _ directory: LogDirectory) throws -> [MerkleHash] {
        if let known = tiles.withLock({ $0[address] }) { return known }
        guard let bytes = try directory.contents(of: address) else { throw TileError.missing(address) }
        let hashes = try HashTile.decode(bytes, at: address)
        tiles.withLock { tiles in
            if tiles.count >= Self.maximumTiles { tiles = [:] }
            tiles[address] = hashes
        }
        return hashes
    }
}
