// SPDX-License-Identifier: EUPL-1.2

import CLibArchive
import Glibc

/// What one archive held.
public struct ArchiveSummary: Sendable, Equatable {
    /// Bytes as stored.
    public var storedBytes: Int64
    /// Bytes after decompression.
    public var uncompressedBytes: Int64
    /// Members.
    public var entries: Int
    /// How it was compressed.
    public var compression: ArchiveCompression
    /// Why reading ended early; nil when the archive was read to its end.
    public var error: ArchiveError?
}

/// Reads a tar archive once, from its first byte to its last.
///
/// Two libarchive readers stand behind each other: the first decompresses, the second reads tar from what comes out. In between both
/// streams pass the visitor, which can hash them: so one pass yields digest, diffID, members and contents.
public enum TarReader {
    /// Reads `source` to its end, or until something is wrong with it.
    ///
    /// An archive that is broken still has a digest: the rest of the stored bytes is read (not decompressed) and given to
    /// ``ArchiveVisitor/stored(_:)``, then the error is in the summary.
    ///
    /// - Throws: ``ArchiveError/unreadable(errno:offset:)`` when the file itself cannot be read.
    public static func read(
        _ source: ArchiveSource,
        limits: ArchiveLimits = .standard,
        visitor: some ArchiveVisitor
    ) throws(ArchiveError) -> ArchiveSummary {
        let decompressor = try Decompressor(
            source,
            limits: limits,
            onStored: { visitor.stored($0) },
            onUncompressed: { visitor.uncompressed($0) }
        )
        var walk = TarWalk(limits: limits)
        var failure: ArchiveError?
        do throws(ArchiveError) {
            try withUTF8Locale { () throws(ArchiveError) in try walk.run(decompressor, visitor) }
            try decompressor.drain()
        } catch {
            failure = walk.located(error)
            if case .unreadable = error { throw error }
            try decompressor.drainStored()
        }
        return ArchiveSummary(
            storedBytes: decompressor.bytesIn,
            uncompressedBytes: decompressor.bytesOut,
            entries: walk.count,
            compression: decompressor.compression,
            error: failure
        )
    }

    /// The members of an archive without their contents, in order.
    ///
    /// With ``ArchiveEntry/dataOffset`` and ``ArchiveEntry/size`` a member of an uncompressed archive can be read as a range of its file.
    public static func entries(
        of source: ArchiveSource,
        limits: ArchiveLimits = .standard
    ) throws(ArchiveError) -> [ArchiveEntry] {
        final class Collector: ArchiveVisitor {
            var entries: [ArchiveEntry] = []
            func begin(_ entry: ArchiveEntry) -> Bool {
                entries.append(entry)
                return false
            }
        }
        let collector = Collector()
        let summary = try read(source, limits: limits, visitor: collector)
        if let error = summary.error { throw error }
        return collector.entries
    }
}

/// The walk over the members; owns the second libarchive reader.
private struct TarWalk {
    let limits: ArchiveLimits
    var count = 0
    var current: String?
    /// Where the contents of the current member end; nil where that is not to be told from its header.
    private var dataEnd: Int64?
    private var hasEnded = false

    init(limits: ArchiveLimits) { self.limits = limits }

    /// The error with the member at which it was met.
    func located(_ error: ArchiveError) -> ArchiveError {
        switch error {
        case .exceeded(let bound, let limit, _, let path):
            .exceeded(bound: bound, limit: limit, member: count, path: path ?? current)
        case .malformed(let reason, _, let offset): .malformed(reason: reason, member: count, offset: offset)
        default: error
        }
    }

    mutating func run(_ decompressor: Decompressor, _ visitor: some ArchiveVisitor) throws(ArchiveError) {
        guard let archive = archive_read_new() else { throw .unavailable("no memory") }
        defer { archive_read_free(archive) }
        archive_read_support_format_tar(archive)
        archive_read_support_format_empty(archive)
        archive_read_append_filter(archive, ARCHIVE_FILTER_NONE)
        let opened = archive_read_open(
            archive,
            Unmanaged.passUnretained(decompressor).toOpaque(),
            nil,
            { _, client, buffer in
                guard let client, let buffer else { return -1 }
                // The decompressor keeps its error; it is thrown from there.
                guard let block = try? Unmanaged<Decompressor>.fromOpaque(client).takeUnretainedValue().next() else {
                    return -1
                }
                buffer.pointee = block.baseAddress
                return block.count
            },
            nil
        )
        if let failure = decompressor.failure { throw failure }
        guard opened == ARCHIVE_OK else {
            throw .malformed(reason: "not a tar archive (\(errorText(of: archive)))", member: 0, offset: 0)
        }
        while let (pointer, warning) = try nextHeader(archive, decompressor) {
            guard count < limits.entries else {
                throw .exceeded(bound: .entries, limit: Int64(limits.entries), member: count, path: current)
            }
            let entry = try self.entry(pointer, archive, warning)
            current = entry.path
            dataEnd = entry.kind == .file && !entry.isSparse ? entry.dataOffset + entry.size : nil
            if try visitor.begin(entry) { try contents(of: archive, decompressor, visitor) }
            count += 1
        }
    }

    /// Whether the stream ends between the last byte of a member and the end of its block of 512.
    ///
    /// Some builders (umoci) end a layer there; Go's reader, and so every runtime, takes it for the end of the archive.
    private func endsInPadding(_ decompressor: Decompressor) -> Bool {
        guard let dataEnd, decompressor.isAtEnd else { return false }
        return decompressor.bytesOut >= dataEnd && decompressor.bytesOut < (dataEnd + 511) / 512 * 512
    }

    private func nextHeader(
        _ archive: OpaquePointer,
        _ decompressor: Decompressor
    ) throws(ArchiveError) -> (OpaquePointer, String?)? {
        guard !hasEnded else { return nil }
        var pointer: OpaquePointer?
        let status = archive_read_next_header(archive, &pointer)
        if let failure = decompressor.failure { throw failure }
        switch status {
        case ARCHIVE_EOF: return nil
        case ARCHIVE_OK, ARCHIVE_WARN:
            guard let pointer else { return nil }
            return (pointer, status == ARCHIVE_WARN ? errorText(of: archive) : nil)
        default:
            if endsInPadding(decompressor) { return nil }
            // Also ARCHIVE_RETRY: a header whose checksum is wrong. To look for the next header would read what no runtime reads.
            throw .malformed(reason: errorText(of: archive), member: count, offset: decompressor.bytesOut)
        }
    }

    private mutating func contents(
        of archive: OpaquePointer,
        _ decompressor: Decompressor,
        _ visitor: some ArchiveVisitor
    ) throws(ArchiveError) {
        var block: UnsafeRawPointer?
        var size = 0
        var offset: la_int64_t = 0
        while true {
            let status = archive_read_data_block(archive, &block, &size, &offset)
            if let failure = decompressor.failure { throw failure }
            switch status {
            case ARCHIVE_OK, ARCHIVE_WARN:
                if size > 0 { try visitor.data(UnsafeRawBufferPointer(start: block, count: size), at: offset) }
            case ARCHIVE_EOF:
                try visitor.end()
                return
            case _ where endsInPadding(decompressor):
                try visitor.end()
                hasEnded = true
                return
            default: throw .malformed(reason: errorText(of: archive), member: count, offset: decompressor.bytesOut)
            }
        }
    }

    private func entry(
        _ pointer: OpaquePointer,
        _ archive: OpaquePointer,
        _ warning: String?
    ) throws(ArchiveError) -> ArchiveEntry {
        guard let name = archive_entry_pathname(pointer) else {
            throw .malformed(
                reason: "a member without a readable name\(warning.map { " (\($0))" } ?? "")",
                member: count,
                offset: archive_filter_bytes(archive, 0)
            )
        }
        let path = try text(name, .pathBytes, limits.pathBytes)
        var target: String?
        var kind = ArchiveEntry.Kind.other
        if let link = archive_entry_hardlink(pointer) {
            kind = .hardLink
            target = try text(link, .linkBytes, limits.linkBytes)
        } else {
            switch archive_entry_filetype(pointer) {
            case 0o100000: kind = .file
            case 0o040000: kind = .directory
            case 0o120000:
                kind = .symbolicLink
                target = try archive_entry_symlink(pointer).map { link throws(ArchiveError) in
                    try text(link, .linkBytes, limits.linkBytes)
                }
            case 0o020000: kind = .characterDevice
            case 0o060000: kind = .blockDevice
            case 0o010000: kind = .fifo
            default: kind = .other
            }
        }
        let (attributes, capabilities) = attributes(pointer)
        let size = kind == .file ? archive_entry_size(pointer) : 0
        guard size >= 0, size <= limits.entryBytes else {
            throw .exceeded(bound: .entryBytes, limit: limits.entryBytes, member: count, path: path)
        }
        return ArchiveEntry(
            path: path,
            kind: kind,
            mode: UInt32(archive_entry_perm(pointer)) & 0o7777,
            userID: UInt32(clamping: archive_entry_uid(pointer)),
            groupID: UInt32(clamping: archive_entry_gid(pointer)),
            size: size,
            linkTarget: target,
            attributes: attributes,
            capabilities: capabilities,
            dataOffset: archive_filter_bytes(archive, 0),
            isSparse: archive_entry_sparse_count(pointer) > 0,
            warning: warning
        )
    }

    /// Names of extended attributes, and the value of the one that holds file capabilities.
    private func attributes(_ pointer: OpaquePointer) -> ([String], capabilities: [UInt8]) {
        guard archive_entry_xattr_reset(pointer) > 0 else { return ([], []) }
        var names: [String] = []
        var capabilities: [UInt8] = []
        var name: UnsafePointer<CChar>?
        var value: UnsafeRawPointer?
        var size = 0
        while archive_entry_xattr_next(pointer, &name, &value, &size) == ARCHIVE_OK {
            guard let name else { continue }
            names.append(decoded(name, strlen(name)))
            guard names.last == FileCapabilities.attribute else { continue }
            // An attribute without a value, or with one that no kernel takes, still says that somebody wanted capabilities.
            let bytes = UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size)
            capabilities = Array(bytes.prefix(FileCapabilities.maximumBytes))
            if capabilities.isEmpty { capabilities = [0] }
        }
        return (names, capabilities)
    }

    private func text(
        _ pointer: UnsafePointer<CChar>,
        _ bound: ArchiveBound,
        _ limit: Int
    ) throws(ArchiveError) -> String {
        let length = strnlen(pointer, limit + 1)
        guard length <= limit else {
            throw .exceeded(bound: bound, limit: Int64(limit), member: count, path: decoded(pointer, 100))
        }
        return decoded(pointer, length)
    }
}

/// A name as text; bytes that are not UTF-8 become U+FFFD and their two hexadecimal digits.
private func decoded(_ pointer: UnsafePointer<CChar>, _ length: Int) -> String {
    let bytes = UnsafeRawBufferPointer(start: pointer, count: length)
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var text = ""
    var decoder = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var position = 0
    while true {
        switch decoder.parseScalar(from: &iterator) {
        case .valid(let scalar):
            position += scalar.count
            text.unicodeScalars.append(Unicode.UTF8.decode(scalar))
        case .error(let length):
            for byte in bytes[position..<min(bytes.count, position + length)] {
                text += "\u{FFFD}" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
            position += length
        case .emptyInput: return text
        }
    }
}

/// Runs `body` with a UTF-8 locale for this thread: libarchive converts pax names into the locale's character set, and in the C locale
/// a name with an umlaut would be lost.
private func withUTF8Locale<T>(_ body: () throws(ArchiveError) -> T) throws(ArchiveError) -> T {
    guard let locale = newlocale(Int32(LC_CTYPE_MASK), "C.UTF-8", nil) else { return try body() }
    let previous = uselocale(locale)
    defer {
        uselocale(previous)
        freelocale(locale)
    }
    return try body()
}
