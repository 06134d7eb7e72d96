// SPDX-License-Identifier: EUPL-1.2

import DurableFiles
import Glibc

/// Holds a data directory for one process: the kernel gives it up when the process ends, however it ends.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Makes the directory if need be and locks `DIR/lock`.
    init(directory: String) throws(NodeError) {
        do {
            // Durable before anything in it is acknowledged.
            try FileOperations.live.makeDirectories(directory, mode: 0o700)
        } catch {
            throw .dataDirectoryUnusable(path: directory, reason: error.description)
        }
        let opened = open(directory + "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard opened >= 0 else { throw .dataDirectoryUnusable(path: directory, reason: Self.reason()) }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.content(of: opened)
            close(opened)
            throw .dataDirectoryInUse(path: directory, holder: holder)
        }
        // Set last: a throw after this would run deinit, and close a number that is somebody else's by then.
        descriptor = opened
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
