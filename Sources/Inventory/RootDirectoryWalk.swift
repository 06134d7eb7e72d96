// SPDX-License-Identifier: EUPL-1.2

import Archives
import Glibc

/// Walks a root file system on disk and feeds it to an ``Unpacking`` as if it were one layer.
///
/// Every name is opened relative to the directory that was read, without following links: nothing outside the root is ever opened,
/// also while somebody changes the tree.
struct RootDirectoryWalk {
    private let unpacking: Unpacking
    private let limits: AnalysisLimits
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
    /// First path of files that have more than one name.
    private var linked: [FileIdentity: String] = [:]
    private var device: dev_t = 0
    private var bytes: Int64 = 0

    private struct FileIdentity: Hashable {
        var device: dev_t
        var inode: ino_t
    }

    /// Directories that are open at one time, one per level.
    private static let levels = 200

    private init(_ unpacking: Unpacking) {
        self.unpacking = unpacking
        limits = unpacking.limits
    }

    /// Walks the directory; what cannot be read becomes a problem.
    ///
    /// - Returns: false when a bound ended the walk or something could not be read.
    static func run(_ root: Int32, _ unpacking: Unpacking) throws(AnalysisError) -> Bool {
        var walk = RootDirectoryWalk(unpacking)
        defer { walk.buffer.deallocate() }
        return try walk.run(root)
    }

    private mutating func run(_ root: Int32) throws(AnalysisError) -> Bool {
        var information = stat()
        guard fstat(root, &information) == 0, information.st_mode & S_IFMT == S_IFDIR else {
            throw .unreadable("the root is no directory")
        }
        device = information.st_dev
        let copy = openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard copy >= 0, let first = names(copy) else { throw .unreadable("the root directory: \(Self.text(errno))") }
        var complete = true
        var levels: [(descriptor: Int32, path: String, names: [[CChar]])] = [(copy, "", first)]
        defer { for level in levels { close(level.descriptor) } }
        while let level = levels.last {
            guard let name = levels[levels.count - 1].names.popLast() else {
                close(level.descriptor)
                levels.removeLast()
                continue
            }
            let path = (level.path.isEmpty ? "" : level.path + "/") + Self.decoded(name)
            if unpacking.entries >= limits.archive.entries || bytes > limits.archive.uncompressedBytes {
                let what =
                    bytes > limits.archive.uncompressedBytes
                    ? "\(limits.archive.uncompressedBytes) bytes" : "\(limits.archive.entries) files"
                problem(path, "more than \(what); the rest is not analysed")
                return false
            }
            var status = stat()
            guard fstatat(level.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                problem(path, "cannot be examined: \(Self.text(errno))")
                complete = false
                continue
            }
            guard let isDirectory = take(level.descriptor, name, path, status) else {
                complete = false
                continue
            }
            guard isDirectory else { continue }
            guard status.st_dev == device else {
                problem(path, "another file system is mounted here; it is not analysed")
                complete = false
                continue
            }
            guard levels.count < Self.levels else {
                problem(path, "directories deeper than \(Self.levels) levels are not analysed")
                complete = false
                continue
            }
            let next = openat(level.descriptor, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            guard next >= 0, let inside = names(next) else {
                problem(path, "the directory cannot be read: \(Self.text(errno))")
                complete = false
                continue
            }
            levels.append((next, path, inside))
        }
        return complete
    }

    /// Takes one name in.
    ///
    /// - Returns: whether it is a directory; nil when it could not be read.
    private mutating func take(_ directory: Int32, _ name: [CChar], _ path: String, _ status: stat) -> Bool? {
        var entry = ArchiveEntry(
            path: path,
            kind: .other,
            mode: UInt32(status.st_mode) & 0o7777,
            userID: status.st_uid,
            groupID: status.st_gid
        )
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            entry.kind = .directory
            _ = unpacking.begin(entry, layer: 0)
            return true
        case S_IFLNK:
            var target = [UInt8](repeating: 0, count: 4096)
            let count = target.withUnsafeMutableBytes { bytes in
                bytes.baseAddress.map { readlinkat(directory, name, $0, bytes.count) } ?? -1
            }
            guard count >= 0 else {
                problem(path, "the link cannot be read: \(Self.text(errno))")
                return nil
            }
            entry.kind = .symbolicLink
            entry.linkTarget = String(decoding: target[..<count], as: UTF8.self)
            _ = unpacking.begin(entry, layer: 0)
        case S_IFCHR, S_IFBLK:
            entry.kind = status.st_mode & S_IFMT == S_IFCHR ? .characterDevice : .blockDevice
            _ = unpacking.begin(entry, layer: 0)
        case S_IFREG:
            if status.st_nlink > 1 {
                let identity = FileIdentity(device: status.st_dev, inode: status.st_ino)
                if let first = linked[identity] {
                    entry.kind = .hardLink
                    entry.linkTarget = first
                    _ = unpacking.begin(entry, layer: 0)
                    return false
                }
                linked[identity] = path
            }
            entry.kind = .file
            entry.size = Int64(status.st_size)
            return read(directory, name, entry)
        default:
            entry.kind = .fifo
            _ = unpacking.begin(entry, layer: 0)
        }
        return false
    }

    private mutating func read(_ directory: Int32, _ name: [CChar], _ entry: ArchiveEntry) -> Bool? {
        // Not to wait for a writer should the name have become a pipe meanwhile.
        let file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            _ = unpacking.begin(entry, layer: 0)
            problem(entry.path, "the file cannot be read: \(Self.text(errno))")
            return nil
        }
        defer { close(file) }
        var entry = entry
        entry.capabilities = FileCapabilities.value(on: file)
        guard unpacking.begin(entry, layer: 0) else { return false }
        var offset: Int64 = 0
        while bytes <= limits.archive.uncompressedBytes {
            let count = Glibc.read(file, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                problem(entry.path, "the file cannot be read: \(Self.text(errno))")
                unpacking.end()
                return nil
            }
            if count == 0 { break }
            unpacking.data(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: offset)
            offset += Int64(count)
            bytes += Int64(count)
        }
        unpacking.end()
        return false
    }

    /// Names in a directory, last first; nil when it cannot be read.
    ///
    /// The descriptor stays open.
    private func names(_ directory: Int32) -> [[CChar]]? {
        let copy = dup(directory)
        guard copy >= 0 else { return nil }
        guard let stream = fdopendir(copy) else {
            close(copy)
            return nil
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
            }
            if name == [46, 0] || name == [46, 46, 0] { continue }
            names.append(name)
            if names.count > limits.archive.entries { break }
        }
        // First name before hard links to it, the same on every file system.
        names.sort { left, right in right.lexicographicallyPrecedes(left) }
        return names
    }

    private func problem(_ path: String, _ reason: String) {
        unpacking.problems.add(path, layer: nil, reason, affectsComponents: true)
    }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }

    private static func decoded(_ name: [CChar]) -> String {
        String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
