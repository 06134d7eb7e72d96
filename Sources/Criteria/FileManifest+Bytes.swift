// SPDX-License-Identifier: EUPL-1.2

/// A run of files of a layer, packed: what layers of different builds share is in equal runs.
///
/// Where a run ends is told by the path of its last file alone, so that a file that changes moves no other run (content-defined chunking).
/// A path is written as what it has in common with the one before, and the rest.
public struct FileChunk: Sendable, Hashable {
    /// Files of one run at most; the mean is a quarter.
    static let maximumEntries = 256
    /// Bytes after which a run ends.
    static let fullBytes = 64 << 10
    /// Bytes of a run that is read: one more file, with the longest path and link, is on top.
    package static let maximumBytes = fullBytes + (16 << 10)
    private static let capabilityBytes = 32
    private static let pathBytes = 4096

    /// The packed files.
    public let bytes: [UInt8]

    /// Takes packed files, unread.
    package init(bytes: [UInt8]) { self.bytes = bytes }

    static func chunks(of entries: [FileEntry]) -> [FileChunk] {
        var chunks: [FileChunk] = []
        var run: [FileEntry] = []
        var size = 0
        for entry in entries {
            run.append(entry)
            size += entry.path.utf8.count + (entry.target?.utf8.count ?? 0) + 64
            guard run.count == maximumEntries || size >= fullBytes || endsRun(entry.path) else { continue }
            chunks.append(FileChunk(run))
            (run, size) = ([], 0)
        }
        if !run.isEmpty { chunks.append(FileChunk(run)) }
        return chunks
    }

    /// One path in 64 by its FNV-1a hash, whose bits the last letters reach through MurmurHash3's finaliser.
    ///
    /// Who chooses paths so that none ends a run, or each does, makes their own image's list larger, and nobody else's.
    private static func endsRun(_ path: String) -> Bool {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in path.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        return hash >> 58 == 0
    }

    private init(_ entries: [FileEntry]) {
        var writer = PackedWriter()
        writer.count(entries.count)
        var last: [UInt8] = []
        for entry in entries {
            let path = Array(entry.path.utf8)
            let shared = zip(last, path).prefix { $0 == $1 }.count
            writer.count(shared)
            writer.blob(Array(path[shared...]))
            last = path
            let kind = UInt64(entry.kind.rawValue)
            writer.number(kind | (entry.sha256 == nil ? 0 : 4) | (entry.capabilities.isEmpty ? 0 : 8))
            for number in [entry.mode, entry.userID, entry.groupID] { writer.number(UInt64(number)) }
            if entry.kind == .file { writer.number(UInt64(clamping: entry.size)) }
            if let hash = entry.sha256 { writer.raw(hash.bytes) }
            if !entry.capabilities.isEmpty { writer.blob(Array(entry.capabilities.prefix(Self.capabilityBytes))) }
            if entry.kind == .symbolicLink { writer.text(entry.target ?? "") }
        }
        bytes = writer.bytes
    }

    /// Its files.
    ///
    /// - Throws: for what no analysis of this version writes; the bytes come out of a process that an image may have taken over.
    public func entries() throws -> [FileEntry] {
        guard bytes.count <= Self.maximumBytes else { throw PackedError("a run of \(bytes.count) bytes") }
        var reader = PackedReader(bytes)
        let count = try reader.count()
        guard (1...Self.maximumEntries).contains(count) else { throw PackedError("a run of \(count) files") }
        var entries: [FileEntry] = []
        entries.reserveCapacity(count)
        var last: [UInt8] = []
        for _ in 0..<count {
            let entry = try Self.entry(&reader, after: &last)
            entries.append(entry)
        }
        guard reader.isAtEnd else { throw PackedError("it goes on after its end") }
        return entries
    }

    private static func entry(
        _ reader: inout PackedReader,
        after last: inout [UInt8]
    ) throws(PackedError) -> FileEntry {
        let shared = try reader.number()
        guard shared <= UInt64(last.count) else { throw PackedError("a path shares more than there is") }
        let path = last[..<Int(shared)] + (try reader.blob())
        guard !path.isEmpty, path.count <= pathBytes, let text = String(validating: path, as: UTF8.self) else {
            throw PackedError("a path that is none")
        }
        guard !path.lexicographicallyPrecedes(last) else { throw PackedError("paths out of order") }
        last = Array(path)
        let marks = try reader.number()
        guard marks < 16, let kind = FileEntry.Kind(rawValue: UInt8(marks & 3)), kind == .file || marks & 12 == 0 else {
            throw PackedError("a file of kind \(marks)")
        }
        let (mode, userID, groupID) = (try reader.small(), try reader.small(), try reader.small())
        let size = kind == .file ? try reader.size() : 0
        let hash = marks & 4 == 0 ? nil : FileHash(try reader.raw(32))
        let capabilities = marks & 8 == 0 ? [] : Array(try reader.blob())
        let target = kind == .symbolicLink ? try reader.text() : nil
        guard capabilities.count <= capabilityBytes, mode <= 0o7777, (target?.utf8.count ?? 0) <= 2 * pathBytes else {
            throw PackedError("attributes beyond their bounds")
        }
        return FileEntry(
            path: text,
            kind: kind,
            mode: mode,
            userID: userID,
            groupID: groupID,
            size: size,
            sha256: hash,
            capabilities: capabilities,
            target: target
        )
    }
}

extension FileManifest {
    /// What packed manifests begin with; the number is that of the form.
    package static let magic = Array("kontor files 1\n".utf8)
    private static let maximumLayers = 1_000
    private static let maximumChunks = 1_000_000

    /// The manifest as bytes.
    package var bytes: [UInt8] {
        var writer = PackedWriter()
        writer.raw(Self.magic)
        writer.count(unhashed)
        writer.count(omitted)
        writer.count(layers.count)
        for layer in layers {
            writer.count(layer.chunks.count)
            for chunk in layer.chunks { writer.blob(chunk.bytes) }
            writer.blob(HiddenRanges.encode(layer.hidden))
        }
        return writer.bytes
    }

    /// Reads a manifest within bounds; its runs are kept packed, and read when they are needed.
    package init(parsing bytes: [UInt8]) throws(PackedError) {
        var reader = PackedReader(bytes)
        guard try reader.raw(Self.magic.count).elementsEqual(Self.magic) else { throw PackedError("it is no manifest") }
        self.init()
        unhashed = Int(clamping: try reader.number())
        omitted = Int(clamping: try reader.number())
        let count = try reader.count()
        guard count <= Self.maximumLayers else { throw PackedError("\(count) layers") }
        var chunks = 0
        for _ in 0..<count {
            var layer = LayerFiles()
            let runs = try reader.count()
            chunks += runs
            guard chunks <= Self.maximumChunks else { throw PackedError("more than \(Self.maximumChunks) runs") }
            for _ in 0..<runs {
                let chunk = FileChunk(bytes: Array(try reader.blob()))
                guard chunk.bytes.count <= FileChunk.maximumBytes else { throw PackedError("a run that is too long") }
                layer.chunks.append(chunk)
            }
            layer.hidden = try HiddenRanges.decode(Array(try reader.blob()))
            layers.append(layer)
        }
        guard reader.isAtEnd else { throw PackedError("it goes on after its end") }
    }
}

/// Places of files as bytes: of each run how far it begins after the one before, and its length.
package enum HiddenRanges {
    /// Ranges that are apart and in order, as bytes.
    package static func encode(_ ranges: [Range<Int>]) -> [UInt8] {
        var writer = PackedWriter()
        var last = 0
        for range in ranges {
            writer.count(range.lowerBound - last)
            writer.count(range.count)
            last = range.upperBound
        }
        return writer.bytes
    }

    /// Reads what ``encode(_:)`` wrote.
    package static func decode(_ bytes: [UInt8]) throws(PackedError) -> [Range<Int>] {
        var reader = PackedReader(bytes)
        var ranges: [Range<Int>] = []
        var last = 0
        while !reader.isAtEnd {
            let (gap, length) = (Int(try reader.small()), Int(try reader.small()))
            guard length > 0, ranges.isEmpty || gap > 0, last <= Int(Int32.max) else {
                throw PackedError("places out of order")
            }
            ranges.append(last + gap..<last + gap + length)
            last += gap + length
        }
        return ranges
    }

    /// Places that are in both.
    package static func intersection(_ left: [Range<Int>], _ right: [Range<Int>]) -> [Range<Int>] {
        var result: [Range<Int>] = []
        var (first, second) = (left[...], right[...])
        while let one = first.first, let other = second.first {
            let common = one.clamped(to: other)
            if !common.isEmpty { result.append(common) }
            if one.upperBound < other.upperBound { first.removeFirst() } else { second.removeFirst() }
        }
        return result
    }

    /// Whether a place is in some ranges.
    package static func contains(_ place: Int, _ ranges: [Range<Int>]) -> Bool {
        ranges.contains { $0.contains(place) }
    }
}
