// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// The lock that lets one update at a time work on a cache; held by the kernel, so a killed one leaves none behind.
struct CacheLock: ~Copyable, Sendable {
    private let descriptor: Int32

    /// Takes the lock, or says who cannot have it.
    ///
    /// - Parameter path: the lock file; made when missing, never removed.
    init(path: String) throws(DownloadError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard descriptor >= 0 else {
            throw .file("cannot open the lock file \(path): \(String(cString: strerror(errno)))")
        }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let reason = errno
            if reason == EINTR { continue }
            Glibc.close(descriptor)
            throw reason == EWOULDBLOCK
                ? .busy(path: path) : .file("cannot lock \(path): \(String(cString: strerror(reason)))")
        }
        self.descriptor = descriptor
    }

    deinit {
        // Closing alone would leave it to a process that was just forked off and has not yet started its program.
        _ = flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
    }
}
