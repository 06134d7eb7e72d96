// SPDX-License-Identifier: EUPL-1.2

/// Recomputes a whole log from its entries alone, bundle by bundle; what is fetched and how is the caller's business.
///
/// Hand in the bundle that ``nextBundle`` names until there is none: each time come the tiles that must be there, byte for byte. At the
/// end ``root`` is what the checkpoint must say.
public struct LogRecomputation: Sendable {
    /// Entries of the log.
    public let size: Int
    private var tree = TiledTree()

    /// Begins at the first entry of a log of some size.
    public init(size: Int) { self.size = size }

    /// The bundle that is needed next; nil when all entries are there.
    public var nextBundle: TileAddress? {
        // The last bundle may end within its width: its number alone would name it again.
        guard tree.size < size else { return nil }
        return TileAddress(.entries, index: tree.size / TileAddress.fullWidth, treeSize: size)
    }

    /// Takes the next bundle.
    ///
    /// - Returns: the tiles that follow from the entries so far and were not named before.
    /// - Throws: ``TileError/wrongLength(_:bytes:)`` when the bytes are no bundle of this width.
    public mutating func take(_ bundle: [UInt8]) throws(TileError) -> [TiledTree.File] {
        guard let address = nextBundle else { return [] }
        for entry in try EntryBundle.decode(bundle, at: address) { try tree.append(entry) }
        var files = tree.takeFull()
        if tree.size == size { files += try tree.partials() }
        return files.filter { $0.address.kind != .entries }
    }

    /// The root over the entries so far.
    public var root: MerkleHash { tree.root }
}
