// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// An open file descriptor with one owner; closed when the last reference goes.
public final class OpenDescriptor: Sendable {
    /// The descriptor's number, valid as long as this object lives.
    public let number: Int32

    /// Takes over a descriptor that somebody else opened.
    public init(taking number: Int32) { self.number = number }

    /// Opens a regular file for reading.
    ///
    /// A FIFO or a device in an image layout would otherwise block the open, or be read for ever.
    ///
    /// - Throws: ``ImageSourceError/cannotOpen(path:reason:)`` when it is not there, not readable or not a regular file.
    public static func file(_ path: String) throws(ImageSourceError) -> OpenDescriptor {
        let descriptor = try open(path, flags: O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        var status = stat()
        guard fstat(descriptor.number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            throw .cannotOpen(
                path: path,
                reason: isDirectory ? "it is a directory, not a file" : "it is not a regular file"
            )
        }
        return descriptor
    }

    /// Opens a directory.
    public static func directory(_ path: String) throws(ImageSourceError) -> OpenDescriptor {
        try open(path, flags: O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }

    private static func open(_ path: String, flags: Int32) throws(ImageSourceError) -> OpenDescriptor {
        guard !path.utf8.contains(0) else { throw .cannotOpen(path: path, reason: "the path contains a zero byte") }
        let number = Glibc.open(path, flags)
        guard number >= 0 else { throw .cannotOpen(path: path, reason: systemErrorText(errno)) }
        return OpenDescriptor(taking: number)
    }

    /// Size in bytes.
    public var size: Int64 {
        var status = stat()
        return fstat(number, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// The whole content, refused when it is longer than `limit`.
    public func contents(limit: Int, name: String) throws(ImageSourceError) -> [UInt8] {
        guard size <= Int64(limit) else { throw .tooLarge(what: name, size: size, limit: Int64(limit)) }
        // One byte more than it should have: a file that grows meanwhile is noticed.
        var bytes = [UInt8](repeating: 0, count: Int(max(0, size)) + 1)
        var filled = 0
        while filled <= limit {
            if filled == bytes.count { bytes += [UInt8](repeating: 0, count: min(bytes.count, limit + 1 - filled)) }
            let read = bytes.withUnsafeMutableBytes { buffer in
                pread(number, buffer.baseAddress.map { $0 + filled }, buffer.count - filled, off_t(filled))
            }
            if read < 0 {
                if errno == EINTR { continue }
                throw .cannotOpen(path: name, reason: systemErrorText(errno))
            }
            if read == 0 { break }
            filled += read
        }
        // Checked again after reading: the file may have grown meanwhile.
        guard filled <= limit else { throw .tooLarge(what: name, size: Int64(filled), limit: Int64(limit)) }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    deinit { close(number) }
}

/// The system's words for an error number.
func systemErrorText(_ code: Int32) -> String {
    switch code {
    case ENOENT: "no such file or directory"
    case EACCES: "permission denied"
    default: String(cString: strerror(code))
    }
}
