// SPDX-License-Identifier: EUPL-1.2

internal import Glibc
internal import ImageSources
internal import OCI

/// The files of an OCI image layout: in a directory, or as pieces of one archive.
enum LayoutFiles: Sendable {
    /// A directory.
    case directory(String)
    /// A tar file.
    case archive(TarIndex)

    private struct Piece {
        let descriptor: OpenDescriptor
        let offset: Int64
        let length: Int64
    }

    /// Where a file's bytes lie; nil when there is no such file.
    private func piece(_ path: String) throws -> Piece? {
        switch self {
        case .directory(let directory):
            let whole = directory + "/" + path
            guard access(whole, F_OK) == 0 || errno != ENOENT else { return nil }
            let descriptor = try OpenDescriptor.file(whole)
            return Piece(descriptor: descriptor, offset: 0, length: descriptor.size)
        case .archive(let index):
            return index.files[path].map {
                Piece(descriptor: index.descriptor, offset: $0.offset, length: $0.length)
            }
        }
    }

    /// A whole file; nil when there is none.
    func contents(_ path: String, limit: Int) throws -> [UInt8]? {
        guard let piece = try piece(path) else { return nil }
        guard piece.length <= Int64(limit) else {
            throw AttachmentError.unread("\(path) has \(piece.length) bytes; at most \(limit) are read")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(piece.length))
        try Self.read(piece, path) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Digest and size of a file; nil when there is none.
    func hashed(_ path: String, by algorithm: Digest.Algorithm) throws -> (digest: Digest, size: Int64)? {
        guard let piece = try piece(path) else { return nil }
        var hasher = DigestHasher(algorithm)
        try Self.read(piece, path) { hasher.update($0) }
        return (hasher.finalized(), piece.length)
    }

    private static func read(_ piece: Piece, _ path: String, _ take: (UnsafeRawBufferPointer) -> Void) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var done: Int64 = 0
        while done < piece.length {
            try Task.checkCancellation()
            let wanted = Int(min(Int64(buffer.count), piece.length - done))
            let count = buffer.withUnsafeMutableBytes {
                pread(piece.descriptor.number, $0.baseAddress, wanted, off_t(piece.offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw AttachmentError.unread("\(path) ended early or cannot be read") }
            buffer.withUnsafeBytes { take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            done += Int64(count)
        }
    }
}

/// Where the files of an uncompressed tar file lie.
///
/// Read here and not by the analyser's C library, which no stranger's bytes reach outside of its child.
///
/// Source: POSIX.1-2024, "pax Interchange Format"; GNU tar's long names.
struct TarIndex: Sendable {
    struct File: Sendable, Hashable {
        let offset: Int64
        let length: Int64
    }

    static let maximumEntries = 100_000
    private static let maximumExtension = 1 << 20

    let descriptor: OpenDescriptor
    let files: [String: File]

    /// Reads the headers.
    init(_ path: String) throws {
        let descriptor = try OpenDescriptor.file(path)
        self.descriptor = descriptor
        let end = descriptor.size
        var files: [String: File] = [:]
        var position: Int64 = 0
        var entries = 0
        var longName: String?
        var longSize: Int64?
        while position <= end - 512 {
            let header = try Self.bytes(descriptor, position, 512)
            if header.allSatisfy({ $0 == 0 }) { break }
            guard Self.isSound(header) else {
                throw AttachmentError.damaged(
                    position == 0
                        ? "\(path) is no uncompressed tar file; unpack it (gzip -d, zstd -d), or name the layout's directory: oci:DIR"
                        : "\(path) has a broken header at byte \(position)"
                )
            }
            entries += 1
            guard entries <= Self.maximumEntries else {
                throw AttachmentError.unread("\(path) has more than \(Self.maximumEntries) entries")
            }
            let stored = Self.number(header[124..<136])
            guard let size = longSize ?? stored, size >= 0, size <= end - position - 512 else {
                throw AttachmentError.damaged("\(path): an entry at byte \(position) is longer than the file")
            }
            let start = position + 512
            switch header[156] {
            case 0x78, 0x4C:  // x: pax header of the next entry; L: its name
                guard size <= Self.maximumExtension else {
                    throw AttachmentError.unread("\(path): an extended header has \(size) bytes")
                }
                let body = try Self.bytes(descriptor, start, Int(size))
                guard header[156] == 0x4C else {
                    let records = Self.records(body)
                    longName = records["path"] ?? longName
                    if let text = records["size"] {
                        guard let value = Int64(text), value >= 0 else {
                            throw AttachmentError.damaged("\(path): an extended header has no usable size")
                        }
                        longSize = value
                    }
                    position = Self.next(start, size)
                    continue
                }
                longName = Self.text(body[...])
            case 0x30, 0x00:
                let name = Self.normal(longName ?? Self.name(header))
                // Two files of one name are two answers to one question.
                guard files.updateValue(File(offset: start, length: size), forKey: name) == nil else {
                    throw AttachmentError.damaged("\(path) holds \(name.prefix(200)) twice")
                }
                (longName, longSize) = (nil, nil)
            default: (longName, longSize) = (nil, nil)
            }
            position = Self.next(start, size)
        }
        self.files = files
    }

    private static func next(_ start: Int64, _ size: Int64) -> Int64 { start + (size + 511) / 512 * 512 }

    private static func bytes(_ descriptor: OpenDescriptor, _ position: Int64, _ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let read = bytes.withUnsafeMutableBytes {
                pread(descriptor.number, $0.baseAddress.map { $0 + done }, count - done, off_t(position) + off_t(done))
            }
            if read < 0, errno == EINTR { continue }
            guard read > 0 else { throw AttachmentError.unread("the archive cannot be read at byte \(position)") }
            done += read
        }
        return bytes
    }

    /// Whether the header's sum is right: the sum of its bytes, those of the sum itself taken as spaces.
    private static func isSound(_ header: [UInt8]) -> Bool {
        let sum = header.enumerated().reduce(Int64(0)) {
            $0 + Int64((148..<156).contains($1.offset) ? 0x20 : $1.element)
        }
        return number(header[148..<156]) == sum
    }

    /// Octal digits, or the base-256 form of large numbers.
    private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        if let first = field.first, first & 0x80 != 0 {
            guard field.dropLast(7).dropFirst().allSatisfy({ $0 == 0 }), first == 0x80 else { return nil }
            return field.suffix(7).reduce(0) { $0 << 8 | Int64($1) }
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 >= 0x30 && $0 <= 0x37 }
        guard digits.count <= 20 else { return nil }
        return digits.reduce(0) { $0 << 3 | Int64($1 - 0x30) }
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String {
        String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
    }

    private static func name(_ header: [UInt8]) -> String {
        let name = text(header[0..<100])
        let prefix =
            header[257..<262].elementsEqual(Array("ustar".utf8)) && header[262] == 0 ? text(header[345..<500]) : ""
        return prefix.isEmpty ? name : prefix + "/" + name
    }

    private static func normal(_ name: String) -> String { name.hasPrefix("./") ? String(name.dropFirst(2)) : name }

    /// `LENGTH KEY=VALUE\n`, one after the other.
    private static func records(_ body: [UInt8]) -> [String: String] {
        var records: [String: String] = [:]
        var rest = body[...]
        while let space = rest.prefix(16).firstIndex(of: 0x20),
            let length = Int(String(decoding: rest[..<space], as: UTF8.self)), length > space - rest.startIndex + 1,
            length <= rest.count
        {
            let record = rest.prefix(length).dropFirst(space - rest.startIndex + 1).dropLast()
            if let equals = record.firstIndex(of: 0x3D) {
                records[String(decoding: record[..<equals], as: UTF8.self)] = String(
                    decoding: record[(equals + 1)...],
                    as: UTF8.self
                )
            }
            rest = rest.dropFirst(length)
        }
        return records
    }
}
