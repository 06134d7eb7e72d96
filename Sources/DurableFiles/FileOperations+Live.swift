// SPDX-License-Identifier: EUPL-1.2

import Glibc

extension FileOperations {
    /// The operating system's files.
    public static let live = FileOperations(
        create: { path, mode throws(FileError) in
            // O_EXCL also refuses a dangling symbolic link, so nobody can make the node write elsewhere.
            OpenFile(
                descriptor: try retry("create", path) {
                    open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode_t(mode))
                },
                path: path
            )
        },
        openForReading: { path throws(FileError) in try openRegular(path, O_RDONLY) },
        openForWriting: { path throws(FileError) in try openRegular(path, O_RDWR) },
        write: { file, bytes, offset throws(FileError) in
            var done = 0
            while done < bytes.count, let base = bytes.baseAddress {
                let count = pwrite(file.descriptor, base + done, bytes.count - done, off_t(offset) + off_t(done))
                if count < 0 {
                    if errno == EINTR { continue }
                    throw FileError("write", path: file.path, code: errno)
                }
                // A regular file that takes nothing without an error would make this loop spin.
                guard count > 0 else { throw FileError("write", path: file.path, code: ENOSPC) }
                done += count
            }
        },
        read: { file, buffer, offset throws(FileError) in
            var done = 0
            while done < buffer.count, let base = buffer.baseAddress {
                let count = pread(file.descriptor, base + done, buffer.count - done, off_t(offset) + off_t(done))
                if count < 0 {
                    if errno == EINTR { continue }
                    throw FileError("read", path: file.path, code: errno)
                }
                if count == 0 { break }
                done += count
            }
            return done
        },
        synchronise: { file throws(FileError) in
            // Not retried on EIO: after a failed fsync the kernel may have dropped the pages, so a second success
            // would be a lie.
            _ = try retry("fsync", file.path) { fsync(file.descriptor) }
        },
        synchroniseDirectory: { path throws(FileError) in
            let descriptor = try retry("open directory", path) { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
            defer { _ = Glibc.close(descriptor) }
            _ = try retry("fsync directory", path) { fsync(descriptor) }
        },
        rename: { from, to throws(FileError) in
            _ = try retry("rename \(from) to", to) { Glibc.rename(from, to) }
        },
        link: { existing, new throws(FileError) in
            _ = try retry("link \(existing) to", new) { Glibc.link(existing, new) }
        },
        remove: { path throws(FileError) in
            if unlink(path) == 0 { return true }
            if errno == ENOENT { return false }
            throw FileError("remove", path: path, code: errno)
        },
        removeDirectory: { path throws(FileError) in
            if rmdir(path) == 0 { return true }
            if errno == ENOENT { return false }
            throw FileError("remove directory", path: path, code: errno)
        },
        truncate: { file, size throws(FileError) in
            _ = try retry("truncate", file.path) { ftruncate(file.descriptor, off_t(size)) }
        },
        status: { file throws(FileError) in
            var raw = stat()
            _ = try retry("stat", file.path) { fstat(file.descriptor, &raw) }
            return FileStatus(raw)
        },
        statusAt: { path throws(FileError) in
            var raw = stat()
            if lstat(path, &raw) == 0 { return FileStatus(raw) }
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileError("stat", path: path, code: errno)
        },
        makeDirectory: { path, mode throws(FileError) in
            if mkdir(path, mode_t(mode)) == 0 { return true }
            let reason = errno
            var raw = stat()
            // stat, not lstat: the operator may have put the data elsewhere with a link to a directory.
            if reason == EEXIST, stat(path, &raw) == 0, raw.st_mode & S_IFMT == S_IFDIR { return false }
            throw FileError("make directory", path: path, code: reason)
        },
        names: { path throws(FileError) in
            guard let stream = opendir(path) else { throw FileError("list", path: path, code: errno) }
            defer { closedir(stream) }
            var names: [String] = []
            while true {
                errno = 0
                guard let entry = readdir(stream) else {
                    if errno != 0 { throw FileError("list", path: path, code: errno) }
                    return names.sorted()
                }
                let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                    field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { names.append(name) }
            }
        },
        close: { file in _ = Glibc.close(file.descriptor) }
    )
}

/// Runs a system call again while a signal interrupts it; turns -1 into an error.
private func retry(_ operation: String, _ path: String, _ call: () -> Int32) throws(FileError) -> Int32 {
    while true {
        let result = call()
        if result >= 0 { return result }
        if errno != EINTR { throw FileError(operation, path: path, code: errno) }
    }
}

private func openRegular(_ path: String, _ flags: Int32) throws(FileError) -> OpenFile {
    // O_NONBLOCK: a pipe that somebody put in the place of a file must not hang the thread that opens it.
    let descriptor = try retry("open", path) { open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
    var raw = stat()
    if fstat(descriptor, &raw) == 0, raw.st_mode & S_IFMT == S_IFREG {
        return OpenFile(descriptor: descriptor, path: path)
    }
    _ = Glibc.close(descriptor)
    throw FileError("open", path: path, reason: "it is not a regular file")
}

extension FileStatus {
    init(_ raw: stat) {
        let kind: Kind =
            switch raw.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            default: .other
            }
        self.init(
            kind: kind,
            size: Int64(raw.st_size),
            mode: UInt32(raw.st_mode & 0o7777),
            inode: UInt64(raw.st_ino),
            device: UInt64(raw.st_dev),
            modifiedNanoseconds: Int64(raw.st_mtim.tv_sec) * 1_000_000_000 + Int64(raw.st_mtim.tv_nsec)
        )
    }
}
