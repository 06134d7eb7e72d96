// SPDX-License-Identifier: EUPL-1.2

/// Writes tar archives byte by byte, also such as no honest program writes.
///
/// Nothing is checked or cleaned: `..`, absolute names, device nodes, links out of the root, duplicate members and sizes that are not
/// true come out exactly as asked for. Long names and extended attributes become pax records.
public struct TarBuilder: Sendable {
    /// Type flag of a member.
    public enum Kind: Character, Sendable {
        case file = "0"
        case hardLink = "1"
        case symbolicLink = "2"
        case characterDevice = "3"
        case blockDevice = "4"
        case directory = "5"
        case fifo = "6"
        case paxHeader = "x"
        case globalPaxHeader = "g"
    }

    /// What has been written so far, without the end of the archive.
    public private(set) var bytes: [UInt8] = []

    /// An empty archive.
    public init() {}

    /// Adds a regular file.
    ///
    /// - Parameters:
    ///   - claimedSize: what the header says; the contents' size unless given.
    ///   - xattrs: extended attributes, written as `SCHILY.xattr.<name>`.
    public mutating func file(
        _ path: String,
        _ contents: [UInt8],
        mode: UInt32 = 0o644,
        uid: Int = 0,
        gid: Int = 0,
        xattrs: [String: [UInt8]] = [:],
        claimedSize: Int64? = nil
    ) {
        member(
            path,
            .file,
            contents: contents,
            mode: mode,
            uid: uid,
            gid: gid,
            size: claimedSize ?? Int64(contents.count),
            records: Self.records(xattrs)
        )
    }

    /// Adds a regular file with a text.
    public mutating func file(_ path: String, text: String, mode: UInt32 = 0o644, uid: Int = 0, gid: Int = 0) {
        file(path, Array(text.utf8), mode: mode, uid: uid, gid: gid)
    }

    /// Adds a directory.
    public mutating func directory(_ path: String, mode: UInt32 = 0o755, uid: Int = 0, gid: Int = 0) {
        member(path.hasSuffix("/") ? path : path + "/", .directory, mode: mode, uid: uid, gid: gid)
    }

    /// Adds a symbolic link.
    public mutating func symlink(_ path: String, to target: String) {
        member(path, .symbolicLink, link: target, mode: 0o777)
    }

    /// Adds a hard link to another member.
    public mutating func hardLink(_ path: String, to target: String) {
        member(path, .hardLink, link: target, mode: 0o644)
    }

    /// Adds a device node.
    public mutating func device(_ path: String, _ kind: Kind = .characterDevice, major: Int = 1, minor: Int = 3) {
        member(path, kind, mode: 0o666, major: major, minor: minor)
    }

    /// Adds the whiteout that removes `path` of the layers below.
    public mutating func whiteout(_ path: String) {
        let (directory, name) = Self.split(path)
        file(directory + ".wh." + name, [])
    }

    /// Adds the whiteout that removes everything in `directory` of the layers below.
    public mutating func opaque(_ directory: String) { file(directory + "/.wh..wh..opq", []) }

    /// Adds any member as it is told.
    ///
    /// - Parameter records: pax records that stand before the member.
    public mutating func member(
        _ path: String,
        _ kind: Kind,
        link: String = "",
        contents: [UInt8] = [],
        mode: UInt32 = 0o644,
        uid: Int = 0,
        gid: Int = 0,
        major: Int = 0,
        minor: Int = 0,
        size: Int64? = nil,
        records: [(key: String, value: [UInt8])] = []
    ) {
        var records = records
        if path.utf8.count > 100 { records.append(("path", Array(path.utf8))) }
        if link.utf8.count > 100 { records.append(("linkpath", Array(link.utf8))) }
        let claimed = size ?? Int64(contents.count)
        if claimed > 0o77_777_777_777 { records.append(("size", Array(String(claimed).utf8))) }
        if !records.isEmpty { pax(records) }
        header(
            name: Array(path.utf8.prefix(100)),
            kind: kind,
            link: Array(link.utf8.prefix(100)),
            mode: mode,
            uid: uid,
            gid: gid,
            size: min(claimed, 0o77_777_777_777),
            major: major,
            minor: minor
        )
        append(padded: contents)
    }

    /// Adds a pax extended header for the member that follows.
    public mutating func pax(_ records: [(key: String, value: [UInt8])], claimedSize: Int64? = nil) {
        var body: [UInt8] = []
        for record in records { body += Self.paxRecord(record.key, record.value) }
        header(
            name: Array("PaxHeaders/x".utf8),
            kind: .paxHeader,
            link: [],
            mode: 0o644,
            uid: 0,
            gid: 0,
            size: claimedSize ?? Int64(body.count),
            major: 0,
            minor: 0
        )
        append(padded: body)
    }

    /// Adds bytes as they are.
    public mutating func raw(_ more: [UInt8]) { bytes += more }

    /// The archive with its two closing blocks.
    public func finished() -> [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }

    // MARK: - Writing

    private mutating func header(
        name: [UInt8],
        kind: Kind,
        link: [UInt8],
        mode: UInt32,
        uid: Int,
        gid: Int,
        size: Int64,
        major: Int,
        minor: Int
    ) {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ value: [UInt8], at offset: Int) {
            for (index, byte) in value.enumerated() { block[offset + index] = byte }
        }
        func octal(_ value: Int64, _ width: Int) -> [UInt8] {
            let digits = Array(String(value, radix: 8).utf8)
            return [UInt8](repeating: 48, count: max(0, width - 1 - digits.count)) + digits.suffix(width - 1) + [0]
        }
        put(name, at: 0)
        put(octal(Int64(mode & 0o7777), 8), at: 100)
        put(octal(Int64(uid), 8), at: 108)
        put(octal(Int64(gid), 8), at: 116)
        put(octal(size, 12), at: 124)
        put(octal(0, 12), at: 136)
        put([UInt8](repeating: 32, count: 8), at: 148)
        block[156] = kind.rawValue.asciiValue ?? 48
        put(link, at: 157)
        put(Array("ustar".utf8) + [0, 48, 48], at: 257)
        put(octal(Int64(major), 8), at: 329)
        put(octal(Int64(minor), 8), at: 337)
        let sum = block.reduce(Int64(0)) { $0 + Int64($1) }
        put(Array(octal(sum, 7)) + [32], at: 148)
        bytes += block
    }

    private mutating func append(padded contents: [UInt8]) {
        bytes += contents
        let rest = contents.count % 512
        if rest > 0 { bytes += [UInt8](repeating: 0, count: 512 - rest) }
    }

    private static func records(_ xattrs: [String: [UInt8]]) -> [(key: String, value: [UInt8])] {
        xattrs.sorted { $0.key < $1.key }.map { ("SCHILY.xattr." + $0.key, $0.value) }
    }

    private static func paxRecord(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let rest = 3 + key.utf8.count + value.count
        var length = rest
        while String(length).utf8.count + rest != length { length = String(length).utf8.count + rest }
        return Array("\(length) \(key)=".utf8) + value + [10]
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[...slash]), String(path[path.index(after: slash)...]))
    }
}

extension TarBuilder {
    /// Value of `security.capability` for `cap_net_raw+ep`, as `setcap` writes it.
    public static let netRawCapability: [UInt8] = [1, 0, 0, 2, 0, 0x20, 0, 0] + [UInt8](repeating: 0, count: 12)
}
