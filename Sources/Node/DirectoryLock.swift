// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// Holds a data directory for one process: the kernel gives it up when the process ends, however it ends.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Makes the directory if need be and locks `DIR/lock`.
    init(directory: String) throws(NodeError) {
        var missing: [String] = []
        var path = directory
        while access(path, F_OK) != 0, !path.isEmpty, path != "/" {
            missing.append(path)
            guard let slash = path.lastIndex(of: "/") else { break }
            path = String(path[..<slash])
        }
        for path in missing.reversed() where mkdir(path, 0o700) != 0 && errno != EEXIST {
            throw .dataDirectoryUnusable(path: directory, reason: Self.reason())
        }
        descriptor = open(directory + "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .dataDirectoryUnusable(path: directory, reason: Self.reason()) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.content(of: descriptor)
            close(descriptor)
            throw .dataDirectoryInUse(path: directory, holder: holder)
        }
        // Only to tell the second one who holds it; the lock itself is the kernel's.
        let text = Array("\(getpid())\n".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, text, text.count, 0) }
    }

    deinit { close(descriptor) }

    private static func reason() -> String { String(cString: strerror(errno)) }

    private static func content(of descriptor: Int32) -> String? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(0, count)).prefix { $0 >= 0x30 && $0 <= 0x39 }
        return digits.isEmpty ? nil : String(decoding: digits, as: UTF8.self)
    }
}
