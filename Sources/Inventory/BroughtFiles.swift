// SPDX-License-Identifier: EUPL-1.2

import Criteria
import JSON
import OCI

/// The names that each layer brought, as nodes of the tree: a node stays when its name goes.
struct BroughtFiles {
    private let maximumFiles: Int
    private let maximumBytes: Int
    private var layers: [[Int32]] = []
    private var files = 0
    private var bytes = 0
    private var omitted = 0

    /// Bytes of a path, and of a link's target, that Linux takes.
    private static let pathBytes = 4096
    /// Scalars of a longer target that are kept; each has four bytes at most.
    private static let targetScalars = 1024
    /// Bytes of an entry beside its path and its link's target.
    private static let entryBytes = 64

    init(files: Int, bytes: Int) {
        maximumFiles = files
        maximumBytes = bytes
    }

    mutating func add(_ node: Int32, layer: Int, in tree: FileTree) {
        guard node != FileTree.root else { return }
        let target = min(tree.nodes[Int(node)].target?.utf8.count ?? 0, Self.pathBytes)
        let size = Self.entryBytes + Int(tree.nodes[Int(node)].pathBytes) + target
        guard files < maximumFiles, bytes <= maximumBytes - size else {
            omitted += 1
            return
        }
        files += 1
        bytes += size
        while layers.count <= layer { layers.append([]) }
        layers[layer].append(node)
    }

    /// The manifest once all layers lie in their place.
    func manifest(of tree: FileTree) -> FileManifest {
        var manifest = FileManifest(omitted: omitted)
        for nodes in layers {
            var named = nodes.map { node in (node: node, path: tree.path(of: node)) }
            // Of one path twice in a layer the later one wins, and stands behind the earlier one.
            named.sort { left, right in
                let (first, second) = (left.path.utf8, right.path.utf8)
                return first.elementsEqual(second) ? left.node < right.node : first.lexicographicallyPrecedes(second)
            }
            let entries = named.map { (entry: Self.entry($0.node, $0.path, tree), isVisible: tree.isVisible($0.node)) }
            manifest.unhashed += entries.count { $0.entry.kind == .file && $0.entry.sha256 == nil }
            manifest.layers.append(LayerFiles(entries))
        }
        return manifest
    }

    private static func entry(_ node: Int32, _ path: String, _ tree: FileTree) -> FileEntry {
        let inode = tree.inode(node)
        let kind: FileEntry.Kind =
            switch inode.kind {
            case .file: .file
            case .symbolicLink: .symbolicLink
            case .device: .device
            case .directory, .other: .other
            }
        let target = tree.nodes[Int(node)].target.map { $0.utf8.count <= pathBytes ? $0 : $0.excerpt(targetScalars) }
        return FileEntry(
            path: path,
            kind: kind,
            mode: inode.mode & 0o7777,
            userID: inode.userID,
            groupID: inode.groupID,
            size: inode.size,
            sha256: inode.sha256,
            capabilities: inode.capabilities,
            target: kind == .symbolicLink ? target ?? "" : nil
        )
    }
}

/// Hashes the bytes of one file as they come.
struct FileHashing {
    let node: Int32
    private let size: Int64
    private let isSparse: Bool
    private var hasher = DigestHasher(.sha256)
    private var position: Int64 = 0
    private var isWhole = true

    private static let zeros = [UInt8](repeating: 0, count: 64 << 10)

    init(node: Int32, size: Int64, isSparse: Bool) {
        self.node = node
        self.size = size
        self.isSparse = isSparse
    }

    /// - Parameter holes: bytes of holes that may still be hashed.
    mutating func data(_ bytes: UnsafeRawBufferPointer, at offset: Int64, _ holes: inout Int64) {
        guard isWhole else { return }
        fill(to: offset, &holes)
        guard isWhole, offset == position else {
            isWhole = false
            return
        }
        hasher.update(bytes)
        position += Int64(bytes.count)
    }

    /// The hash; nil where not all bytes were seen.
    mutating func finished(_ holes: inout Int64) -> FileHash? {
        if isSparse { fill(to: size, &holes) }
        guard isWhole, position == size else { return nil }
        return FileHash(hasher.finalized())
    }

    private mutating func fill(to end: Int64, _ holes: inout Int64) {
        guard end > position else { return }
        guard end - position <= holes else {
            isWhole = false
            return
        }
        holes -= end - position
        Self.zeros.withUnsafeBytes { zeros in
            while position < end {
                let count = min(end - position, Int64(zeros.count))
                hasher.update(UnsafeRawBufferPointer(rebasing: zeros[..<Int(count)]))
                position += count
            }
        }
    }
}
