// SPDX-License-Identifier: EUPL-1.2

/// The right edge of a tree as tiles: what is needed to append entries and to write the files that they change.
///
/// Full files are given out once, in ``takeFull()``; those that are still partial are ``partials()`` at any size. The same entries give
/// the same bytes, whatever batches they came in.
public struct TiledTree: Sendable {
    /// A file of the log.
    public struct File: Sendable, Hashable {
        /// Its name.
        public let address: TileAddress
        /// Its content.
        public let bytes: [UInt8]
    }

    /// Leaves so far.
    public private(set) var size: Int
    /// Hashes of the last, partial tile of each level.
    private var levels: [[MerkleHash]]
    /// Entries of the last, partial bundle.
    private var bundle: [[UInt8]]
    private var full: [File] = []

    /// An empty tree.
    public init() {
        size = 0
        levels = []
        bundle = []
    }

    /// The edge of a tree that was written before.
    ///
    /// - Parameters:
    ///   - size: its leaves.
    ///   - read: the content of a partial file.
    /// - Throws: ``TileError``: a file is missing, has another length, or entries and hashes of the last leaves disagree; and what `read`
    ///   throws. Whether the whole is the right tree, its ``root`` says.
    public init(size: Int, read: (TileAddress) throws -> [UInt8]?) throws {
        self.init()
        self.size = size
        for level in 0...TileAddress.maximumLevel {
            let count = size >> (8 * level)
            guard count > 0 else { break }
            let width = count % TileAddress.fullWidth
            guard width > 0,
                let address = TileAddress(.hashes(level: level), index: count / TileAddress.fullWidth, width: width)
            else {
                levels.append([])
                continue
            }
            guard let bytes = try read(address) else { throw TileError.missing(address) }
            levels.append(try HashTile.decode(bytes, at: address))
        }
        let width = size % TileAddress.fullWidth
        guard width > 0, let address = TileAddress(.entries, index: size / TileAddress.fullWidth, width: width) else {
            return
        }
        guard let bytes = try read(address) else { throw TileError.missing(address) }
        bundle = try EntryBundle.decode(bytes, at: address)
        guard bundle.map({ MerkleHash(leaf: $0) }) == levels.first else { throw TileError.differs(address) }
    }

    /// Adds an entry at index ``size``.
    ///
    /// - Throws: ``TileError/entryLength(_:)``; then nothing was added.
    public mutating func append(_ entry: [UInt8]) throws(TileError) {
        guard entry.count <= EntryBundle.maximumEntryBytes else { throw .entryLength(entry.count) }
        bundle.append(entry)
        if bundle.count == TileAddress.fullWidth,
            let address = TileAddress(.entries, index: size / TileAddress.fullWidth)
        {
            full.append(File(address: address, bytes: try EntryBundle.encode(bundle)))
            bundle = []
        }
        add(MerkleHash(leaf: entry), level: 0)
        size += 1
    }

    private mutating func add(_ hash: MerkleHash, level: Int) {
        var hash = hash
        for level in level...TileAddress.maximumLevel {
            if levels.count == level { levels.append([]) }
            levels[level].append(hash)
            guard levels[level].count == TileAddress.fullWidth,
                let address = TileAddress(.hashes(level: level), index: size >> (8 * (level + 1)))
            else { return }
            full.append(File(address: address, bytes: HashTile.encode(levels[level])))
            hash = MerkleTree.complete(levels[level][...])
            levels[level] = []
        }
    }

    /// Files that became full since the last call, in the order in which they may be written.
    public mutating func takeFull() -> [File] {
        defer { full = [] }
        return full
    }

    /// The files at the right edge that are not full, entries first.
    public func partials() throws(TileError) -> [File] {
        var files: [File] = []
        if let address = TileAddress(.entries, index: size / TileAddress.fullWidth, width: max(1, bundle.count)),
            !bundle.isEmpty
        {
            files.append(File(address: address, bytes: try EntryBundle.encode(bundle)))
        }
        for (level, hashes) in levels.enumerated() where !hashes.isEmpty {
            let index = size >> (8 * (level + 1))
            guard let address = TileAddress(.hashes(level: level), index: index, width: hashes.count) else { continue }
            files.append(File(address: address, bytes: HashTile.encode(hashes)))
        }
        return files
    }

    /// The root over all leaves.
    public var root: MerkleHash {
        var hash: MerkleHash?
        // The lowest level is the rightmost: it is folded first.
        for hashes in levels { hash = MerkleTree.fold(hashes[...], onto: hash) }
        return hash ?? .empty
    }
}

/// Hashes of complete subtrees out of the tiles of a tree of some size.
public struct TileHashes {
    private let size: Int
    private let tile: (TileAddress) throws -> [MerkleHash]

    /// Over the tiles that a tree of this size has.
    public init(size: Int, tile: @escaping (TileAddress) throws -> [MerkleHash]) {
        self.size = size
        self.tile = tile
    }

    /// Over the files that a tree of this size has; nil is a missing one.
    public init(size: Int, read: @escaping (TileAddress) throws -> [UInt8]?) {
        self.init(
            size: size,
            tile: { address in
                guard let bytes = try read(address) else { throw TileError.missing(address) }
                return try HashTile.decode(bytes, at: address)
            }
        )
    }

    /// One subtree, hashed from the tile that holds its parts.
    ///
    /// - Throws: ``TileError``, and what reading throws.
    public func hash(_ subtree: SubtreeCoordinate) throws -> MerkleHash {
        let (level, height) = (subtree.level / 8, subtree.level % 8)
        let first = subtree.index << height
        guard
            let address = TileAddress(.hashes(level: level), index: first / TileAddress.fullWidth, treeSize: size)
        else { throw MerkleTreeError.noLeaf(index: subtree.index << subtree.level, size: size) }
        let start = first % TileAddress.fullWidth
        guard start + 1 << height <= address.width else {
            throw MerkleTreeError.noLeaf(index: subtree.index << subtree.level, size: size)
        }
        return MerkleTree.complete(try tile(address)[start..<(start + 1 << height)])
    }
}
