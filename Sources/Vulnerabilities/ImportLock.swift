// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// The lock that lets one import at a time build a snapshot; held by the kernel, so a killed importer leaves none behind.
struct ImportLock: ~Copyable {
    private let descriptor: Int32

    /// Waits for the lock.
    ///
    /// - Parameters:
    ///   - path: the lock file; made when missing, never removed (removing a lock file that another process has open
    ///     would give two processes one lock each).
    ///   - patience: how long to wait for another import to end.
    ///   - waiting: told once, in words, when there is something to wait for.
    static func acquire(
        path: String,
        patience: Duration,
        waiting: (@Sendable (String) -> Void)?
    ) async throws -> ImportLock {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else { throw systemError(path, "open the lock file") }
        let start = ContinuousClock.now
        var told = false
        do {
            while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
                guard errno == EWOULDBLOCK || errno == EINTR else { throw systemError(path, "lock") }
                let holder = Self.holder(descriptor)
                if !told {
                    waiting?("another import (\(holder)) holds \(path); waiting for it to end")
                    told = true
                }
                let waited = ContinuousClock.now - start
                guard waited < patience else {
                    throw FeedStoreError.busy(path: path, holder: holder, waited: patience)
                }
                try await Task.sleep(for: .milliseconds(100))
            }
        } catch {
            close(descriptor)
            throw error
        }
        let name = Array("process \(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = name.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        return ImportLock(descriptor: descriptor)
    }

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    private static func holder(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        let text = String(decoding: bytes.prefix(max(0, count)).prefix(while: { $0 >= 0x20 }), as: UTF8.self)
        return text.isEmpty ? "another process" : text
    }
}

/// The reason for the last failed system call, as an error of this room.
func systemError(_ path: String, _ operation: String) -> FeedStoreError {
    .file(path: path, operation: operation, reason: String(cString: strerror(errno)))
}
