// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// The files that an import is asked to read: outside the node's directory, belonging to somebody else.
enum FeedFiles {
    /// The most that one file may hold, packed or unpacked: Debian's whole tracker is about 80 MB of JSON.
    static let limit = 1 << 30
    /// The most files that one import looks at.
    static let maximumFiles = 100_000

    /// Finds the regular files under some paths, in byte order, so that the same tree gives the same import.
    ///
    /// Links are followed where a path names one, and to files inside a tree; a directory is entered once, however many
    /// links lead to it, so that a loop ends.
    static func collect(_ paths: [String]) -> (files: [String], unreadable: [ImportReport.Entry]) {
        var files: [String] = []
        var unreadable: [ImportReport.Entry] = []
        var entered = Set<[UInt64]>()
        var open = Array(paths.reversed())
        while let path = open.popLast() {
            var status = stat()
            guard stat(path, &status) == 0 else {
                unreadable.append(.init(path: path, reason: String(cString: strerror(errno))))
                continue
            }
            switch status.st_mode & S_IFMT {
            case S_IFREG:
                guard files.count < maximumFiles else {
                    unreadable.append(.init(path: path, reason: "more than \(maximumFiles) files; name fewer of them"))
                    return (files, unreadable)
                }
                files.append(path)
            case S_IFDIR:
                guard entered.insert([UInt64(status.st_dev), UInt64(status.st_ino)]).inserted else { continue }
                switch names(in: path) {
                case .success(let names):
                    let prefix = path.hasSuffix("/") ? path : path + "/"
                    open += names.sorted().reversed().map { prefix + $0 }
                case .failure(let error):
                    unreadable.append(.init(path: path, reason: error.description))
                }
            default:
                unreadable.append(.init(path: path, reason: "neither a file nor a directory"))
            }
        }
        return (files, unreadable)
    }

    /// Reads a file whole.
    static func read(_ path: String, limit: Int = FeedFiles.limit) throws -> [UInt8] {
        // Without O_NONBLOCK a named pipe that took the file's place would hang the import.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw systemError(path, "open") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw systemError(path, "read") }
        let size = Int(status.st_size)
        guard size <= limit else {
            throw FeedStoreError.file(
                path: path,
                operation: "read",
                reason: "it has \(size) bytes, the limit is \(limit)"
            )
        }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let got = pread(descriptor, buffer.baseAddress.map { $0 + count }, size - count, off_t(count))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                guard got > 0 else { break }
                count += got
            }
        }
        guard failure == 0 else {
            throw FeedStoreError.file(path: path, operation: "read", reason: String(cString: strerror(failure)))
        }
        return bytes
    }

    /// The first bytes of a file; fewer when it is shorter.
    static func beginning(of path: String, count: Int) throws -> [UInt8] {
        let file = try OpenFile(path)
        let wanted = Int(min(Int64(count), file.size))
        return [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            while filled < wanted {
                let got = pread(file.descriptor, buffer.baseAddress.map { $0 + filled }, wanted - filled, off_t(filled))
                if got < 0, errno == EINTR { continue }
                // What cannot be read is told when the file is read whole.
                guard got > 0 else { break }
                filled += got
            }
        }
    }

    /// An open file, closed when nobody holds it any more.
    final class OpenFile {
        let descriptor: Int32
        let size: Int64

        init(_ path: String) throws {
            descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else { throw systemError(path, "open") }
            var status = stat()
            guard fstat(descriptor, &status) == 0 else {
                size = 0
                close(descriptor)
                throw systemError(path, "read")
            }
            size = Int64(status.st_size)
        }

        deinit { close(descriptor) }
    }

    private static func names(in directory: String) -> Result<[String], FeedStoreError> {
        guard let stream = opendir(directory) else { return .failure(systemError(directory, "list")) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return .success(names)
    }
}
