// SPDX-License-Identifier: EUPL-1.2

import Archives
import Cataloguers
import Criteria

/// Takes in members, layer by layer, and builds everything that the evidence is made of.
///
/// One analysis owns it. Archives and root directories feed it with the same calls: ``begin(_:layer:)``, ``data(_:at:)``, ``end()``.
final class Unpacking {
    let limits: AnalysisLimits
    var tree: FileTree
    var problems: ProblemLog
    let scanner = SecretScanner()
    private(set) var entries = 0

    /// The file whose contents are coming, where they are kept.
    private var keeping: (node: Int32, size: Int, isCopyright: Bool)?
    private var contents: [UInt8] = []
    /// The file that cataloguers read as it comes.
    private var reading: CatalogueReading?
    /// The regular file that was placed last.
    private var placed: Int32?
    private var hashing: FileHashing?
    /// Bytes of holes that are still hashed: a sparse file of no bytes may claim as many as it likes.
    private var holes: Int64 = 1 << 30
    private(set) var brought: BroughtFiles
    var catalogue: CatalogueLog
    /// A record tells what the bytes of files said: nobody scans them.
    private var isReplaying = false
    /// The inode of the record's file that was placed last, where its contents are not kept.
    private var replayed: Int32?
    /// Notes the layer's events where a record of it is made.
    var recorder: LayerRecorder?

    init(limits: AnalysisLimits) {
        self.limits = limits
        tree = FileTree(maximumDepth: limits.depth)
        problems = ProblemLog(limit: limits.problems)
        catalogue = CatalogueLog(limit: 2 * limits.components)
        brought = BroughtFiles(files: limits.manifestFiles, bytes: limits.manifestBytes)
    }

    /// Puts a member in its place.
    ///
    /// - Returns: whether its contents are wanted.
    func begin(_ entry: ArchiveEntry, layer: Int) -> Bool {
        entries += 1
        keeping = nil
        reading = nil
        placed = nil
        hashing = nil
        recorder?.entry(entry)
        if let warning = entry.warning {
            problems.add(entry.path, layer: layer, "the member's header is odd: \(warning)", affectsComponents: false)
        }
        var shown = entry.path
        do throws(PathProblem) {
            let parts = try FileTree.parts(of: entry.path)
            if !isReplaying { shown = parts.joined(separator: "/") }
            if parts.contains(where: { $0.hasPrefix(".wh..wh.") && $0 != ".wh..wh..opq" }) {
                // AUFS's own book-keeping; no runtime shows it.
            } else if let name = parts.last, name.hasPrefix(".wh.") {
                try whiteout(name, parts, layer)
            } else if entry.kind == .hardLink {
                try link(entry, parts, layer)
            } else {
                try place(entry, parts, layer)
            }
        } catch {
            problems.add(
                entry.path,
                layer: layer,
                "the member is ignored: \(error.reason)",
                affectsComponents: true
            )
        }
        guard entry.kind == .file else { return false }
        if !isReplaying {
            scanner.begin(path: shown, layer: layer, size: entry.size)
            hashing = placed.map { FileHashing(node: $0, size: entry.size, isSparse: entry.isSparse) }
        }
        return true
    }

    /// A piece of the contents of the member that began last.
    func data(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {
        scanner.data(bytes, at: offset)
        hashing?.data(bytes, at: offset, &holes)
        if let reading {
            for (_, scanner) in reading.scanners { scanner.data(bytes, at: offset) }
        }
        guard let keeping, offset >= Int64(contents.count), offset + Int64(bytes.count) <= Int64(keeping.size) else {
            return
        }
        // What a sparse file leaves out is zeros.
        contents.append(contentsOf: repeatElement(0, count: Int(offset) - contents.count))
        contents.append(contentsOf: bytes)
    }

    /// The contents of the member are complete.
    func end() {
        scanner.end()
        if let node = hashing?.node, let hash = hashing?.finished(&holes) {
            recorder?.hashed(hash)
            tree.note(hash, of: node)
        }
        hashing = nil
        if let reading {
            for (cataloguer, scanner) in reading.scanners {
                let found = scanner.end()
                if !found.isEmpty { recorder?.catalogued(Cataloguers.all[cataloguer].name, found) }
                add(found, by: cataloguer, reading.inode, reading.path, layer: reading.layer)
            }
            self.reading = nil
        }
        guard let keeping else { return }
        contents.append(contentsOf: repeatElement(0, count: max(0, keeping.size - contents.count)))
        if keeping.isCopyright {
            // A thousand copyright files are 30 MB; their licences' names are not.
            contents = Array(CopyrightFile.licenses(contents).joined(separator: "\n").utf8)
        }
        recorder?.kept(contents)
        tree.keep(contents, for: keeping.node)
        contents = []
        self.keeping = nil
    }

    private func add(_ found: Catalogued, by cataloguer: Int, _ inode: Int32, _ path: String, layer: Int) {
        if let problem = catalogue.add(found, cataloguer: cataloguer, inode: inode) {
            problems.add(path, layer: layer, problem, affectsComponents: true)
        }
    }

    /// Lays a layer over those below as its record tells, without its bytes.
    func replay(_ record: LayerRecord, layer: Int) {
        isReplaying = true
        defer {
            isReplaying = false
            replayed = nil
            keeping = nil
        }
        let numbers = Dictionary(uniqueKeysWithValues: Cataloguers.all.enumerated().map { ($1.name, $0) })
        var path = ""
        for event in record.events {
            switch event {
            case .entry(let entry):
                replayed = nil
                path = entry.path
                _ = begin(entry, layer: layer)
            case .kept(let contents):
                // The bound over all layers may leave no room for what was kept when the layer was read by itself.
                guard let keeping else { continue }
                tree.keep(contents, for: keeping.node)
                self.keeping = nil
            case .hashed(let hash):
                if let placed { tree.note(hash, of: placed) }
            case .catalogued(let name, let found):
                guard let replayed, let cataloguer = numbers[name] else { continue }
                let shown = (try? FileTree.parts(of: path))?.joined(separator: "/") ?? path
                add(found, by: cataloguer, replayed, shown, layer: layer)
            }
        }
        scanner.replay(record.secrets, bytes: record.secretBytes, layer: layer)
    }

    // MARK: - Members

    private func place(_ entry: ArchiveEntry, _ parts: [String], _ layer: Int) throws(PathProblem) {
        let kind: FileTree.Kind =
            switch entry.kind {
            case .file: .file
            case .directory: .directory
            case .symbolicLink: .symbolicLink
            case .characterDevice, .blockDevice: .device
            case .hardLink, .fifo, .other: .other
            }
        if kind == .device, parts.first != "dev" {
            problems.add(
                entry.path,
                layer: layer,
                "a device node outside dev/; a runtime may refuse the layer",
                affectsComponents: false
            )
        }
        let node = try tree.add(
            parts,
            FileTree.Inode(
                kind: kind,
                mode: entry.mode,
                userID: entry.userID,
                groupID: entry.groupID,
                size: kind == .file ? entry.size : 0,
                layer: Int32(layer),
                capabilities: kind == .file ? entry.capabilities : []
            ),
            target: kind == .symbolicLink ? entry.linkTarget ?? "" : nil
        )
        if kind != .directory { brought.add(node, layer: layer, in: tree) }
        guard kind == .file else { return }
        placed = node
        guard isKept(parts) else {
            let inode = tree.nodes[Int(node)].inode
            guard !isReplaying else {
                replayed = inode
                return
            }
            let path = parts.joined(separator: "/")
            let file = CandidateFile(path: path, size: entry.size, mode: entry.mode)
            let scanners = CatalogueLog.scanners(for: file)
            if !scanners.isEmpty {
                reading = CatalogueReading(inode: inode, path: path, layer: layer, scanners: scanners)
            }
            return
        }
        guard entry.size <= Int64(limits.keptFileBytes),
            Int64(tree.keptBytes) + entry.size <= Int64(limits.keptBytes)
        else { return }
        keeping = (node, Int(entry.size), isCopyright(parts))
        contents = []
        contents.reserveCapacity(Int(min(entry.size, 1 << 20)))
    }

    private func link(_ entry: ArchiveEntry, _ parts: [String], _ layer: Int) throws(PathProblem) {
        let target = entry.linkTarget ?? ""
        do throws(PathProblem) {
            if let node = try tree.link(parts, to: try FileTree.parts(of: target), layer: Int32(layer)) {
                brought.add(node, layer: layer, in: tree)
            }
        } catch {
            problems.add(
                entry.path,
                layer: layer,
                "the hard link to \"\(target.prefix(200))\" is ignored: \(error.reason)",
                affectsComponents: true
            )
        }
    }

    /// Source: OCI image-spec v1.1 layer.md, "Whiteouts".
    private func whiteout(_ name: String, _ parts: [String], _ layer: Int) throws(PathProblem) {
        let directory: Int32
        do throws(PathProblem) {
            directory = try tree.node(at: parts.dropLast().joined(separator: "/"))
        } catch {
            // Nothing below to remove.
            if error == .missing { return }
            throw error
        }
        if name == ".wh..wh..opq" {
            tree.opaque(directory, layer: Int32(layer))
            return
        }
        let removed = String(name.dropFirst(4))
        guard !removed.isEmpty, removed != ".", removed != ".." else {
            problems.add(
                parts.joined(separator: "/"),
                layer: layer,
                "the whiteout is ignored: it names no file in its directory",
                affectsComponents: true
            )
            return
        }
        tree.whiteout(removed, in: directory, layer: Int32(layer))
    }

    // MARK: - What is kept

    /// By name only: through links the directory may have another name than the one that counts in the end.
    private func isKept(_ parts: [String]) -> Bool {
        guard let name = parts.last else { return false }
        switch name {
        case "status", "os-release", "passwd", "group", "diversions": return true
        case "copyright": return isCopyright(parts)
        default:
            let directory = parts.dropLast().last
            if directory == "status.d" { return true }
            return directory == "info" && (name.hasSuffix(".list") || name.hasSuffix(".md5sums"))
        }
    }

    private func isCopyright(_ parts: [String]) -> Bool {
        parts.count == 5 && parts[4] == "copyright" && parts[2] == "doc" && parts[1] == "share"
    }
}

/// A file that cataloguers read as it comes.
private struct CatalogueReading {
    var inode: Int32
    var path: String
    var layer: Int
    var scanners: [(cataloguer: Int, scanner: any FileScanner)]
}

/// Feeds one layer's archive to an ``Unpacking`` and hashes it on the way.
final class LayerVisitor: ArchiveVisitor {
    private let unpacking: Unpacking
    private let layer: Int
    private var onStored: (UnsafeRawBufferPointer) -> Void
    private var onUncompressed: (UnsafeRawBufferPointer) -> Void

    init(
        _ unpacking: Unpacking,
        layer: Int,
        onStored: @escaping (UnsafeRawBufferPointer) -> Void,
        onUncompressed: @escaping (UnsafeRawBufferPointer) -> Void
    ) {
        self.unpacking = unpacking
        self.layer = layer
        self.onStored = onStored
        self.onUncompressed = onUncompressed
    }

    func stored(_ bytes: UnsafeRawBufferPointer) { onStored(bytes) }

    func uncompressed(_ bytes: UnsafeRawBufferPointer) { onUncompressed(bytes) }

    func begin(_ entry: ArchiveEntry) -> Bool { unpacking.begin(entry, layer: layer) }

    func data(_ bytes: UnsafeRawBufferPointer, at offset: Int64) { unpacking.data(bytes, at: offset) }

    func end() { unpacking.end() }
}
