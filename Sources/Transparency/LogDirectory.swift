// SPDX-License-Identifier: EUPL-1.2

public import DurableFiles
public import MerkleLog

/// The files of a log, under the names of tlog-tiles: written once, never changed, servable as they lie there.
///
/// Every call blocks.
public struct LogDirectory: Sendable {
    /// A file that is there has other content than it must have: somebody wrote another history.
    public struct Differs: Error, Sendable, Hashable, CustomStringConvertible {
        /// Path below the directory.
        public let path: String
        /// Where.
        public var description: String { "\(path) is there already and holds something else" }
    }

    /// Most bytes of a checkpoint's file.
    static let maximumCheckpointBytes = SignedNote.maximumBytes

    /// The directory.
    public let path: String
    let files: FileOperations

    /// Over a directory that exists or will be made.
    public init(path: String, files: FileOperations = .live) {
        self.path = path
        self.files = files
    }

    /// The content of a tile or bundle; nil when there is none.
    ///
    /// A partial file that is gone because the full one is there is cut from that.
    public func contents(of address: TileAddress) throws -> [UInt8]? {
        let limit = address.kind == .entries ? EntryBundle.maximumBytes : TileAddress.fullWidth * MerkleHash.byteCount
        if let bytes = try files.contents(of: path(address), limit: limit) { return bytes }
        guard address.isPartial, let full = try files.contents(of: path(address.full), limit: limit) else { return nil }
        switch address.kind {
        case .hashes: return Array(full.prefix(address.width * MerkleHash.byteCount))
        case .entries:
            return try EntryBundle.encode(EntryBundle.decode(full, at: address.full).prefix(address.width))
        }
    }

    /// The signed checkpoint as it is served; nil before the first.
    public func checkpoint() throws(FileError) -> [UInt8]? {
        try files.contents(of: path + "/checkpoint", limit: Self.maximumCheckpointBytes)
    }

    /// Makes files durable; those that are there with this content stay as they are.
    ///
    /// - Throws: ``Differs`` when one is there with another.
    func write(_ contents: [TiledTree.File]) throws {
        var missing: [(path: String, bytes: [UInt8])] = []
        for file in contents {
            let path = path(file.address)
            guard let present = try files.contents(of: path, limit: EntryBundle.maximumBytes) else {
                try files.makeDirectories(FileOperations.parent(of: path))
                missing.append((path, file.bytes))
                continue
            }
            guard present == file.bytes else { throw Differs(path: file.address.path) }
            // Whoever wrote it may have ended before it was durable.
            let open = try files.openForReading(path)
            defer { files.close(open) }
            try files.synchronise(open)
            try files.synchroniseDirectory(FileOperations.parent(of: path))
        }
        try files.replaceAll(missing)
    }

    func writeCheckpoint(_ note: [UInt8]) throws(FileError) {
        try files.makeDirectories(path)
        try files.replace(path + "/checkpoint", bytes: note)
    }

    /// Removes the partial files of tiles that became full between two sizes; what cannot be removed stays.
    func prunePartials(from old: Int, to new: Int) {
        for kind in Self.kinds {
            let shift = Self.shift(kind)
            for index in (old >> shift)..<max(old >> shift, new >> shift) {
                guard let address = TileAddress(kind, index: index) else { continue }
                _ = try? removePartials(of: address, above: 0)
            }
        }
    }

    /// Removes all that lies beyond a size: what a history that was given up has left behind.
    func discard(beyond size: Int) throws {
        for kind in Self.kinds {
            var index = size >> Self.shift(kind)
            let count = size >> (Self.shift(kind) - 8)
            while let address = TileAddress(kind, index: index) {
                let kept = max(0, min(TileAddress.fullWidth, count - index * TileAddress.fullWidth))
                let hasFull = try files.remove(path(address))
                let hasPartials = try removePartials(of: address, above: kept)
                guard hasFull || hasPartials else { break }
                index += 1
            }
        }
    }

    /// Removes partial files wider than a width; says whether there was a directory of them.
    private func removePartials(of address: TileAddress, above width: Int) throws -> Bool {
        let directory = path(address) + ".p"
        guard try files.statusAt(directory) != nil else { return false }
        for name in try files.names(directory) where (Int(name) ?? .max) > width {
            _ = try files.remove(directory + "/" + name)
        }
        if width == 0 { _ = try files.removeDirectory(directory) }
        return true
    }

    private static let kinds: [TileAddress.Kind] =
        [.entries] + (0...TileAddress.maximumLevel).map { .hashes(level: $0) }

    /// A full file of a kind covers `2^shift` entries.
    private static func shift(_ kind: TileAddress.Kind) -> Int {
        if case .hashes(let level) = kind { 8 * (level + 1) } else { 8 }
    }

    private func path(_ address: TileAddress) -> String { path + "/" + address.path }
}
