// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// A file operation that the operating system refused.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was tried, in one or two words ("create", "write", "fsync").
    public let operation: String
    /// Where it was tried.
    public let path: String
    /// The operating system's number for the reason (`errno`), 0 where the reason is in ``reason`` alone.
    public let code: Int32
    /// The reason in words.
    public let reason: String

    /// An error with the operating system's own text for `code`.
    public init(_ operation: String, path: String, code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
        var buffer = [CChar](repeating: 0, count: 256)
        let isKnown = strerror_r(code, &buffer, buffer.count) == 0
        reason =
            isKnown
            ? String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : "error \(code)"
    }

    /// An error whose reason is not one of the operating system's.
    public init(_ operation: String, path: String, reason: String) {
        self.operation = operation
        self.path = path
        self.reason = reason
        code = 0
    }

    /// Whether the path does not exist.
    public var isMissing: Bool { code == ENOENT }

    /// Whether the path exists already.
    public var isExisting: Bool { code == EEXIST }

    /// Whether the disk or a quota is full.
    public var isFull: Bool { code == ENOSPC || code == EDQUOT }

    /// What the operator can do, nil where nothing general can be said.
    public var advice: String? {
        switch code {
        case ENOSPC:
            "free space on this file system or move the data directory to a larger one; nothing acknowledged was lost"
        case EDQUOT: "raise the quota of the node's account on this file system"
        case EACCES, EPERM:
            "give the node's account the right to do this, or start the node with the account that owns the directory"
        case EROFS: "the file system is mounted read-only; look for disk errors in the kernel log, then remount it"
        case EIO:
            "the disk reports errors: look at the kernel log and check the hardware before anything else is written"
        case EMFILE, ENFILE: "raise the limit of open files (LimitNOFILE= in the unit, or ulimit -n)"
        case ENOENT: "check that the path is right and that the file system is mounted"
        default: nil
        }
    }

    /// What, where, why, what next.
    public var description: String {
        "cannot \(operation) \(path): \(reason)" + (advice.map { "; " + $0 } ?? "")
    }
}
