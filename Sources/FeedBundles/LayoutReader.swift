// SPDX-License-Identifier: EUPL-1.2

import Archives
import Glibc
import ImageSources
import JSON
import OCI

/// Bytes of a layout: a file of a directory, or a piece of an archive.
struct LayoutPiece: Sendable {
    let descriptor: OpenDescriptor
    let offset: Int64
    let length: Int64

    var source: ArchiveSource { .file(descriptor: descriptor.number, offset: offset, length: length) }

    /// All bytes, at most `limit`.
    func bytes(limit: Int, name: String) throws -> [UInt8] {
        guard length >= 0, length <= Int64(limit) else {
            throw FeedBundleError(name, "it has \(length) bytes; at most \(limit) are read")
        }
        var bytes = [UInt8](repeating: 0, count: Int(length))
        var filled = 0
        while filled < bytes.count {
            let count = try bytes.withUnsafeMutableBytes { buffer in
                try source.read(at: Int64(filled), into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            }
            guard count > 0 else { throw FeedBundleError(name, "it ends early") }
            filled += count
        }
        return bytes
    }

    /// Digest of all bytes, recomputed.
    func digest(_ algorithm: Digest.Algorithm, name: String) throws -> Digest {
        var hasher = DigestHasher(algorithm)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { buffer.deallocate() }
        var done: Int64 = 0
        while done < length {
            let count = try source.read(at: done, into: buffer)
            guard count > 0 else { throw FeedBundleError(name, "it ends early") }
            hasher.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            done += Int64(count)
        }
        return hasher.finalized()
    }
}

/// An OCI image layout, in a directory or in a tar file that is not compressed.
struct LayoutReader {
    private enum Place {
        case directory(String)
        case archive(OpenDescriptor, [String: (offset: Int64, length: Int64)])
    }

    /// As it was written, for messages.
    let name: String
    private let place: Place
    /// `index.json`.
    let index: ImageIndex

    init(directory path: String) throws {
        _ = try OpenDescriptor.directory(path)
        try self.init(name: "oci:" + path, place: .directory(path))
    }

    init(archive path: String) throws {
        let descriptor = try OpenDescriptor.file(path)
        let source = ArchiveSource.file(descriptor: descriptor.number)
        var beginning = [UInt8](repeating: 0, count: 6)
        let count = try beginning.withUnsafeMutableBytes { try source.read(at: 0, into: $0) }
        let name = "oci-archive:" + path
        guard ArchiveCompression.detect(Array(beginning.prefix(count))) == .none else {
            throw FeedBundleError(name, "the archive itself is compressed; unpack it first")
        }
        var pieces: [String: (offset: Int64, length: Int64)] = [:]
        for entry in try TarReader.entries(of: source, limits: ArchiveLimits(entries: 10_000)) where entry.kind == .file
        {
            guard !entry.isSparse else { throw FeedBundleError(name, "\(entry.path.excerpt(100)) is sparse") }
            let path = entry.path.hasPrefix("./") ? String(entry.path.dropFirst(2)) : entry.path
            guard pieces.updateValue((entry.dataOffset, entry.size), forKey: path) == nil else {
                throw FeedBundleError(name, "it has \(path.excerpt(100)) twice")
            }
        }
        try self.init(name: name, place: .archive(descriptor, pieces))
    }

    private init(name: String, place: Place) throws {
        self.name = name
        self.place = place
        func file(_ path: String) throws -> [UInt8] {
            let label = "\(path) of \(name)"
            return try Self.piece(path, in: place, label).bytes(limit: ImageChoice.manifestLimit, name: label)
        }
        try ImageOpener.checkLayoutVersion(try file("oci-layout"), path: name)
        index = try ImageOpener.layoutIndex(try file("index.json"), path: name)
    }

    /// A blob, whatever its bytes are.
    func blob(_ digest: Digest) throws -> LayoutPiece {
        try Self.piece("blobs/\(digest.algorithm.rawValue)/\(digest.hex)", in: place, "blob \(digest) of \(name)")
    }

    /// A small blob, whose digest was recomputed.
    func bytes(_ descriptor: Descriptor, limit: Int) throws -> [UInt8] {
        let label = "blob \(descriptor.digest) of \(name)"
        let bytes = try blob(descriptor.digest).bytes(limit: limit, name: label)
        guard Digest.hash(bytes, by: descriptor.digest.algorithm) == descriptor.digest else {
            throw FeedBundleError(label, "its bytes have another digest; it was changed or damaged")
        }
        return bytes
    }

    private static func piece(_ path: String, in place: Place, _ label: String) throws -> LayoutPiece {
        switch place {
        case .directory(let directory):
            let descriptor = try OpenDescriptor.file(directory + "/" + path)
            return LayoutPiece(descriptor: descriptor, offset: 0, length: descriptor.size)
        case .archive(let descriptor, let pieces):
            guard let piece = pieces[path] else { throw FeedBundleError(label, "it is not in the archive") }
            return LayoutPiece(descriptor: descriptor, offset: piece.offset, length: piece.length)
        }
    }
}
