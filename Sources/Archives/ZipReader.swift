// SPDX-License-Identifier: EUPL-1.2

import CZlib

/// Reads the members of a zip archive one by one, as its central directory lists them.
///
/// Every member's size and check sum are held against its content: what the directory says first is only a claim. Encrypted and split
/// archives and other methods than stored and deflated are refused.
///
/// Source: PKWARE, APPNOTE.TXT 6.3.10.
public struct ZipReader: Sendable {
    /// Bounds of one archive.
    public struct Limits: Sendable {
        /// Members.
        public var entries = 5_000_000
        /// Bytes of one member after decompression.
        public var entryBytes = 64 << 20
        /// Bytes of all members after decompression.
        public var totalBytes: Int64 = 64 << 30
        /// Bytes of one name.
        public var nameBytes = 4096

        /// The default bounds.
        public init() {}
    }

    /// Why a zip archive could not be read.
    public enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
        /// The archive as a whole is not what the format demands.
        case archive(String)
        /// A member is not what the directory says; its name.
        case entry(String, String)

        /// What and where, in one English sentence without a full stop.
        public var description: String {
            switch self {
            case .archive(let reason): "the zip archive is broken: \(reason)"
            case .entry(let name, let reason): "member \(name.prefix(200)) of the zip archive is broken: \(reason)"
            }
        }
    }

    private let source: ArchiveSource
    private let limits: Limits
    /// How many members the directory says there are.
    public let count: Int
    private let directoryStart: Int64
    private let directoryBytes: Int64

    /// Finds the central directory.
    ///
    /// - Throws: ``Failure`` when there is none.
    public init(_ source: ArchiveSource, size: Int64, limits: Limits = Limits()) throws {
        self.source = source
        self.limits = limits
        // The end record has 22 bytes and a comment of at most 65 535.
        let tailBytes = Int(min(size, 22 + 65_535))
        let tail = try Self.bytes(source, at: size - Int64(tailBytes), count: tailBytes)
        guard tailBytes >= 22,
            let end = (0...(tailBytes - 22)).reversed().first(where: { index in
                tail.number(index, 4) == 0x0605_4B50 && tail.number(index + 20, 2) == tailBytes - index - 22
            })
        else { throw Failure.archive("it has no end of central directory; it was cut, or is no zip archive") }
        guard tail.number(end + 4, 2) == 0, tail.number(end + 6, 2) == 0 else {
            throw Failure.archive("it is one part of several")
        }
        var (count, bytes, start) = (tail.number(end + 10, 2), tail.number(end + 12, 4), tail.number(end + 16, 4))
        var before = size - Int64(tailBytes - end)
        if count == 0xFFFF || bytes == 0xFFFF_FFFF || start == 0xFFFF_FFFF {
            guard before >= 20 else { throw Failure.archive("its 64-bit end record is missing") }
            let locator = try Self.bytes(source, at: before - 20, count: 20)
            let position = Int64(locator.number(8, 8))
            guard locator.number(0, 4) == 0x0706_4B50, position >= 0, position <= before - 76 else {
                throw Failure.archive("its 64-bit end record is missing")
            }
            let record = try Self.bytes(source, at: position, count: 56)
            guard record.number(0, 4) == 0x0606_4B50 else { throw Failure.archive("its 64-bit end record is broken") }
            (count, bytes, start) = (record.number(32, 8), record.number(40, 8), record.number(48, 8))
            before = position
        }
        guard count >= 0, bytes >= 0, start >= 0, Int64(bytes) <= before, Int64(start) <= before - Int64(bytes) else {
            throw Failure.archive("its central directory lies outside the file")
        }
        guard count <= limits.entries else {
            throw Failure.archive("it has \(count) members, the limit is \(limits.entries)")
        }
        guard count <= bytes / 46 else {
            throw Failure.archive("its central directory is too small for \(count) members")
        }
        self.count = count
        directoryStart = Int64(start)
        directoryBytes = Int64(bytes)
    }

    /// Calls `body` once per member that is a file, in the order of the directory; the bytes are valid only during the call.
    ///
    /// - Parameters:
    ///   - isWanted: told the name; what it does not want is not unpacked.
    ///   - body: gets name and content; what it throws ends the reading.
    /// - Throws: ``Failure`` naming the member, or what `body` throws.
    public func forEachFile(
        where isWanted: (String) -> Bool = { _ in true },
        _ body: (String, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let inflater = try Inflater()
        var directory = DirectoryWindow(source: source, position: directoryStart, end: directoryStart + directoryBytes)
        var total: Int64 = 0
        for index in 0..<count {
            let entry = try directory.next(index, nameBytes: limits.nameBytes)
            guard !entry.name.hasSuffix("/"), isWanted(entry.name) else { continue }
            guard entry.size <= limits.entryBytes else {
                throw Failure.entry(entry.name, "it has \(entry.size) bytes, the limit is \(limits.entryBytes)")
            }
            total += Int64(entry.size)
            guard total <= limits.totalBytes else {
                throw Failure.archive("its members have more than \(limits.totalBytes) bytes")
            }
            try content(of: entry, inflater, body)
        }
    }

    private func content(
        of entry: ZipEntry,
        _ inflater: Inflater,
        _ body: (String, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard entry.flags & 0x2041 == 0 else { throw Failure.entry(entry.name, "it is encrypted") }
        guard entry.offset >= 0, entry.offset <= directoryStart - 30 else {
            throw Failure.entry(entry.name, "it lies outside the file")
        }
        let header = try Self.bytes(source, at: entry.offset, count: 30)
        guard header.number(0, 4) == 0x0403_4B50 else { throw Failure.entry(entry.name, "its header is missing") }
        let start = entry.offset + 30 + Int64(header.number(26, 2)) + Int64(header.number(28, 2))
        guard start <= directoryStart, Int64(entry.packedSize) <= directoryStart - start else {
            throw Failure.entry(entry.name, "it lies outside the file")
        }
        // Deflate makes at most 1032 bytes of one: a directory that claims more lies, and nothing need be allocated for it.
        guard entry.method == 0 || entry.size / 1100 <= entry.packedSize else {
            throw Failure.entry(entry.name, "it claims \(entry.size) bytes, which its \(entry.packedSize) cannot hold")
        }
        let packed = try Self.bytes(source, at: start, count: entry.packedSize)
        switch entry.method {
        case 0:
            guard entry.packedSize == entry.size else { throw Failure.entry(entry.name, "its two sizes differ") }
            try packed.withUnsafeBytes { bytes in
                try check(bytes, entry)
                try body(entry.name, bytes)
            }
        case 8:
            try inflater.inflate(packed, size: entry.size, name: entry.name) { bytes in
                try check(bytes, entry)
                try body(entry.name, bytes)
            }
        default: throw Failure.entry(entry.name, "it is packed by method \(entry.method), which is not read here")
        }
    }

    private func check(_ bytes: UnsafeRawBufferPointer, _ entry: ZipEntry) throws {
        let base = bytes.bindMemory(to: UInt8.self).baseAddress
        guard bytes.isEmpty ? entry.check == 0 : crc32(0, base, UInt32(bytes.count)) == UInt(entry.check) else {
            throw Failure.entry(entry.name, "its check sum does not match its content")
        }
    }

    fileprivate static func bytes(_ source: ArchiveSource, at position: Int64, count: Int) throws -> [UInt8] {
        var filled = 0
        var failure: ArchiveError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(ArchiveError) {
                while filled < count {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                    let got = try source.read(at: position + Int64(filled), into: rest)
                    guard got > 0 else { break }
                    filled += got
                }
            } catch { failure = error }
            initialized = filled
        }
        if let failure { throw failure }
        guard filled == count else { throw Failure.archive("it ends at byte \(position + Int64(filled))") }
        return bytes
    }
}

/// What the central directory says of one member.
private struct ZipEntry {
    let name: String
    let flags: Int
    let method: Int
    let check: UInt32
    let packedSize: Int
    let size: Int
    let offset: Int64
}

/// The central directory, read in pieces so that a large one is not held.
private struct DirectoryWindow {
    let source: ArchiveSource
    var position: Int64
    let end: Int64
    private var window: [UInt8] = []
    private var start = 0

    init(source: ArchiveSource, position: Int64, end: Int64) {
        self.source = source
        self.position = position
        self.end = end
    }

    mutating func next(_ index: Int, nameBytes: Int) throws -> ZipEntry {
        try need(46, index)
        guard window.number(start, 4) == 0x0201_4B50 else {
            throw ZipReader.Failure.archive("member \(index + 1) of its central directory is broken")
        }
        let (nameCount, extraCount) = (window.number(start + 28, 2), window.number(start + 30, 2))
        let total = 46 + nameCount + extraCount + window.number(start + 32, 2)
        guard nameCount <= nameBytes else {
            throw ZipReader.Failure.archive("the name of member \(index + 1) has \(nameCount) bytes")
        }
        try need(total, index)
        let name = String(decoding: window[(start + 46)..<(start + 46 + nameCount)], as: UTF8.self)
        var (size, packed, offset) = (
            window.number(start + 24, 4), window.number(start + 20, 4), window.number(start + 42, 4)
        )
        if size == 0xFFFF_FFFF || packed == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
            var extra = start + 46 + nameCount
            let extraEnd = extra + extraCount
            while extra + 4 <= extraEnd {
                let (tag, length) = (window.number(extra, 2), window.number(extra + 2, 2))
                extra += 4
                guard extra + length <= extraEnd else { break }
                if tag == 1 {
                    let fieldEnd = extra + length
                    var field = extra
                    func take(_ value: inout Int) {
                        guard value == 0xFFFF_FFFF, field + 8 <= fieldEnd else { return }
                        value = window.number(field, 8)
                        field += 8
                    }
                    take(&size)
                    take(&packed)
                    take(&offset)
                }
                extra += length
            }
        }
        guard size >= 0, packed >= 0, offset >= 0 else {
            throw ZipReader.Failure.entry(name, "its sizes cannot be")
        }
        let entry = ZipEntry(
            name: name,
            flags: window.number(start + 8, 2),
            method: window.number(start + 10, 2),
            check: UInt32(truncatingIfNeeded: window.number(start + 16, 4)),
            packedSize: packed,
            size: size,
            offset: Int64(offset)
        )
        start += total
        return entry
    }

    private mutating func need(_ count: Int, _ index: Int) throws {
        guard window.count - start < count else { return }
        let rest = end - position
        let wanted = Int(min(rest, Int64(max(count, 256 << 10))))
        window = window[start...] + (try ZipReader.bytes(source, at: position, count: wanted))
        start = 0
        position += Int64(wanted)
        guard window.count >= count else {
            throw ZipReader.Failure.archive("its central directory ends at member \(index + 1)")
        }
    }
}

/// One zlib stream, used for all members: thousands of small ones are to be quick.
private final class Inflater {
    private var stream = z_stream()
    private var output: [UInt8] = []

    init() throws {
        guard kontor_inflate_init(&stream, -15) == Z_OK else { throw ArchiveError.unavailable("zlib has no memory") }
    }

    deinit { inflateEnd(&stream) }

    func inflate(_ packed: [UInt8], size: Int, name: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        // One byte more than it should have, so that what is longer is noticed.
        if output.count <= size { output = [UInt8](repeating: 0, count: size + 1) }
        inflateReset(&stream)
        var input = packed
        let (result, left) = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(size + 1)
                let result = CZlib.inflate(&stream, Z_FINISH)
                return (result, Int(stream.avail_out))
            }
        }
        guard result == Z_STREAM_END else {
            throw ZipReader.Failure.entry(
                name,
                left == 0 ? "it has more than the \(size) bytes that it claims" : "it cannot be unpacked"
            )
        }
        guard left == 1 else { throw ZipReader.Failure.entry(name, "it has \(size + 1 - left) bytes, not \(size)") }
        guard stream.avail_in == 0 else { throw ZipReader.Failure.entry(name, "it goes on after its end") }
        try output.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<size])) }
    }
}

extension [UInt8] {
    /// A little-endian number; the caller has looked that it lies inside.
    ///
    /// Above the range of `Int` it is negative.
    fileprivate func number(_ offset: Int, _ count: Int) -> Int {
        var value: UInt64 = 0
        for index in 0..<count { value |= UInt64(self[offset + index]) << UInt64(8 * index) }
        return Int(truncatingIfNeeded: value)
    }
}
