// SPDX-License-Identifier: EUPL-1.2

import CLibArchive
import Glibc

/// Pulls the stored bytes of a source, block by block, and hands out what they decompress to.
///
/// libarchive's raw format with exactly one filter: filters are never guessed, else a gzip stream inside a gzip stream would be
/// opened too, which no runtime does and which multiplies a bomb.
///
/// One read owns it; it is not shared.
final class Decompressor {
    private let source: ArchiveSource
    private let limits: ArchiveLimits
    private let onStored: (UnsafeRawBufferPointer) -> Void
    private let onUncompressed: (UnsafeRawBufferPointer) -> Void
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
    private var archive: OpaquePointer?
    private(set) var bytesIn: Int64 = 0
    private(set) var bytesOut: Int64 = 0
    private(set) var isAtEnd = false
    /// A sound compressed stream of nothing.
    private var holdsNothing = false
    /// The first thing that went wrong; kept because a C callback cannot throw.
    private(set) var failure: ArchiveError?

    let compression: ArchiveCompression

    init(
        _ source: ArchiveSource,
        limits: ArchiveLimits,
        onStored: @escaping (UnsafeRawBufferPointer) -> Void,
        onUncompressed: @escaping (UnsafeRawBufferPointer) -> Void
    ) throws(ArchiveError) {
        self.source = source
        self.limits = limits
        self.onStored = onStored
        self.onUncompressed = onUncompressed
        compression = ArchiveCompression.detect(try source.prefix(6))
    }

    deinit {
        if let archive { archive_read_free(archive) }
        input.deallocate()
    }

    /// The next block; empty at the end.
    func next() throws(ArchiveError) -> UnsafeRawBufferPointer {
        if let failure { throw failure }
        guard !isAtEnd else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        do throws(ArchiveError) {
            let block = compression == .none ? try nextStored() : try nextInflated()
            guard !block.isEmpty else {
                isAtEnd = true
                return block
            }
            bytesOut += Int64(block.count)
            guard bytesOut <= limits.uncompressedBytes else {
                throw .exceeded(bound: .uncompressedBytes, limit: limits.uncompressedBytes, member: 0, path: nil)
            }
            if bytesOut > limits.ratioFloor, bytesOut / max(1, bytesIn) > limits.ratio {
                throw .exceeded(bound: .ratio, limit: limits.ratio, member: 0, path: nil)
            }
            onUncompressed(block)
            return block
        } catch {
            failure = error
            throw error
        }
    }

    /// Reads on to the end, so that both digests cover everything; what follows the compressed stream counts as stored only.
    func drain() throws(ArchiveError) {
        while try !next().isEmpty {}
        try drainStored()
    }

    /// Reads the stored bytes to their end without decompressing them, after a failure.
    func drainStored() throws(ArchiveError) {
        while try !nextStored().isEmpty {}
    }

    /// The next stored block; empty at the end.
    fileprivate func nextStored() throws(ArchiveError) -> UnsafeRawBufferPointer {
        let count = try source.read(at: bytesIn, into: input)
        let block = UnsafeRawBufferPointer(rebasing: input[..<count])
        bytesIn += Int64(count)
        if count > 0 { onStored(block) }
        return block
    }

    fileprivate func fail(_ error: ArchiveError) { if failure == nil { failure = error } }

    private func nextInflated() throws(ArchiveError) -> UnsafeRawBufferPointer {
        let archive = try opened()
        if holdsNothing { return UnsafeRawBufferPointer(start: nil, count: 0) }
        var block: UnsafeRawPointer?
        var count = 0
        var offset: la_int64_t = 0
        while true {
            switch archive_read_data_block(archive, &block, &count, &offset) {
            case ARCHIVE_OK, ARCHIVE_WARN:
                if count > 0 { return UnsafeRawBufferPointer(start: block, count: count) }
            case ARCHIVE_EOF:
                if let failure { throw failure }
                return UnsafeRawBufferPointer(start: nil, count: 0)
            default:
                if let failure { throw failure }
                throw .malformed(reason: errorText(of: archive), member: 0, offset: bytesOut)
            }
        }
    }

    private func opened() throws(ArchiveError) -> OpaquePointer {
        if let archive { return archive }
        guard let archive = archive_read_new() else { throw .unavailable("no memory") }
        self.archive = archive
        archive_read_support_format_raw(archive)
        archive_read_support_format_empty(archive)
        let filter =
            switch compression {
            case .none: ARCHIVE_FILTER_NONE
            case .gzip: ARCHIVE_FILTER_GZIP
            case .zstd: ARCHIVE_FILTER_ZSTD
            case .xz: ARCHIVE_FILTER_XZ
            case .bzip2: ARCHIVE_FILTER_BZIP2
            }
        guard archive_read_append_filter(archive, filter) == ARCHIVE_OK else {
            throw .unavailable("\(compression.rawValue): \(errorText(of: archive))")
        }
        let opened = archive_read_open(
            archive,
            Unmanaged.passUnretained(self).toOpaque(),
            nil,
            { _, client, buffer in
                guard let client, let buffer else { return -1 }
                let decompressor = Unmanaged<Decompressor>.fromOpaque(client).takeUnretainedValue()
                do throws(ArchiveError) {
                    let block = try decompressor.nextStored()
                    buffer.pointee = block.baseAddress
                    return block.count
                } catch {
                    decompressor.fail(error)
                    return -1
                }
            },
            nil
        )
        // The empty format also accepts a stream whose first block is broken: only the error tells the two apart.
        guard opened == ARCHIVE_OK, archive_errno(archive) == 0 else {
            if let failure { throw failure }
            throw .malformed(reason: errorText(of: archive), member: 0, offset: 0)
        }
        var entry: OpaquePointer?
        switch archive_read_next_header(archive, &entry) {
        case ARCHIVE_OK, ARCHIVE_WARN: return archive
        case ARCHIVE_EOF:
            // libarchive takes a gzip header that is cut for an empty stream; a whole empty member has 20 bytes.
            guard compression != .gzip || bytesIn >= 20 else {
                throw .malformed(reason: "the gzip stream ends in its header", member: 0, offset: 0)
            }
            holdsNothing = true
            return archive
        default:
            if let failure { throw failure }
            throw .malformed(reason: errorText(of: archive), member: 0, offset: 0)
        }
    }
}

/// libarchive's own words, bounded.
func errorText(of archive: OpaquePointer) -> String {
    guard let text = archive_error_string(archive) else { return "unknown error" }
    return String(String(cString: text).prefix(300))
}
