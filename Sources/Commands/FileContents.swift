// SPDX-License-Identifier: EUPL-1.2

import Glibc
import SBOM

/// The bytes of a file of at most `limit`; any kind of file, so that `/dev/null` means "nothing".
///
/// - Throws: ``CommandFailure`` with the reason only; the caller names the file.
func contents(_ path: String, limit: Int) throws(CommandFailure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw CommandFailure(String(cString: strerror(errno))) }
    defer { close(descriptor) }
    return try contents(descriptor: descriptor, limit: limit)
}

/// What can be read from an open descriptor, at most `limit` bytes.
func contents(descriptor: Int32, limit: Int) throws(CommandFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
        let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count < 0 {
            if errno == EINTR { continue }
            throw CommandFailure(String(cString: strerror(errno)))
        }
        guard count > 0 else { return bytes }
        bytes += chunk[..<count]
    }
    throw CommandFailure(Texts.longerThan(mebibytes: limit >> 20))
}
