// SPDX-License-Identifier: EUPL-1.2

import Glibc
import Time

/// What whoever backs the data directory up leaves there: when the copy was begun that is complete now.
///
/// The node makes no backups and sees none; it knows of them what it is told, and shows it as such.
struct BackupMark: Sendable {
    /// The file's name in the data directory.
    static let name = "last-backup"
    /// Longest text: an instant, and what an editor adds to it.
    private static let longest = 64

    let directory: String

    /// When the last copy was begun; nil where nobody said so, or what they said is no instant that has been.
    func read(at now: Timestamp) -> Timestamp? {
        let file = open("\(directory)/\(Self.name)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var facts = stat()
        guard fstat(file, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
        var bytes = [UInt8](repeating: 0, count: Self.longest + 1)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        guard (1...Self.longest).contains(count), let text = String(validating: bytes[..<count], as: UTF8.self),
            let instant = Timestamp(rfc3339: String(text.last?.isNewline == true ? text.dropLast() : text[...])),
            instant <= now
        else { return nil }
        return instant
    }
}
