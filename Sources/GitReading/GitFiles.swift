// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// Small files of repositories, read without following a link at the end of their path.
enum GitFiles {
    /// The text of a small regular file; nil when there is none.
    static func text(_ path: String, limit: Int = 1 << 20) -> String? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
            return nil
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= limit {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes.append(contentsOf: buffer[..<count])
        }
        return bytes.count <= limit ? String(decoding: bytes, as: UTF8.self) : nil
    }

    static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Names of a directory, and whether each is a directory itself; links are left out.
    static func entries(_ path: String, limit: Int) -> [(name: String, isDirectory: Bool)] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var found: [(String, Bool)] = []
        while found.count < limit, let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != ".." else { continue }
            var status = stat()
            guard lstat(path + "/" + name, &status) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: found.append((name, true))
            case S_IFREG: found.append((name, false))
            default: break
            }
        }
        return found.sorted { $0.0 < $1.0 }
    }

    /// Bytes of all files below a directory.
    static func size(_ path: String, depth: Int = 8) -> Int64 {
        guard depth > 0, let directory = opendir(path) else { return 0 }
        defer { closedir(directory) }
        var total: Int64 = 0
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name != ".", name != ".." else { continue }
            var status = stat()
            guard lstat(path + "/" + name, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                total += size(path + "/" + name, depth: depth - 1)
            } else {
                total += Int64(status.st_size)
            }
        }
        return total
    }

    static func write(_ text: String, to path: String) throws(GitError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .temporary(path: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .temporary(path: path, reason: String(cString: strerror(errno))) }
            done += count
        }
    }

    static func makeDirectory(_ path: String) throws(GitError) {
        guard mkdir(path, 0o700) == 0 else { throw .temporary(path: path, reason: String(cString: strerror(errno))) }
    }

    /// Removes a directory of our own and everything in it.
    static func removeTree(_ path: String, depth: Int = 16) {
        guard depth > 0 else { return }
        if let directory = opendir(path) {
            var names: [String] = []
            while let entry = readdir(directory) {
                names.append(
                    withUnsafeBytes(of: &entry.pointee.d_name) {
                        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                    }
                )
            }
            closedir(directory)
            for name in names where name != "." && name != ".." {
                var status = stat()
                let child = path + "/" + name
                guard lstat(child, &status) == 0 else { continue }
                if status.st_mode & S_IFMT == S_IFDIR { removeTree(child, depth: depth - 1) } else { unlink(child) }
            }
        }
        rmdir(path)
    }
}
