// SPDX-License-Identifier: EUPL-1.2

import Glibc

/// A bound of ``ArchiveLimits``.
public enum ArchiveBound: String, Sendable, Hashable {
    /// Bytes after decompression.
    case uncompressedBytes = "uncompressed bytes"
    /// Bytes after decompression per byte before it.
    case ratio = "compression ratio"
    /// Number of members.
    case entries = "number of members"
    /// Length of a member's path.
    case pathBytes = "bytes of a path"
    /// Length of a link's target.
    case linkBytes = "bytes of a link target"
    /// Size that a member claims.
    case entryBytes = "bytes of one member"
}

/// Why an archive could not be read to its end.
public enum ArchiveError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file could not be read.
    case unreadable(errno: Int32, offset: Int64)
    /// The bytes are not what the format demands; `member` counts from 0, `offset` from the start of the uncompressed stream.
    case malformed(reason: String, member: Int, offset: Int64)
    /// A bound was passed; reading stopped there.
    case exceeded(bound: ArchiveBound, limit: Int64, member: Int, path: String?)
    /// No archive could be opened: memory is short or libarchive lacks a format.
    case unavailable(String)
    /// Whoever reads does not want more.
    case refused(String)

    /// What, where and why, in one English sentence without a full stop.
    public var description: String {
        switch self {
        case .unreadable(let code, let offset):
            "cannot be read at byte \(offset): \(String(cString: strerror(code)))"
        case .malformed(let reason, let member, let offset):
            "malformed at member \(member), byte \(offset) of the uncompressed stream: \(reason)"
        case .exceeded(let bound, let limit, let member, let path):
            "the limit of \(limit) for the \(bound.rawValue) is passed at member \(member)"
                + (path.map { " (\($0.prefix(200)))" } ?? "")
        case .unavailable(let reason): "cannot be opened: \(reason)"
        case .refused(let reason): reason
        }
    }
}
