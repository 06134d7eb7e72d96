// SPDX-License-Identifier: EUPL-1.2

/// How much of a stranger's repository is read before the reading ends.
public struct GitLimits: Sendable, Hashable {
    /// Seconds that one call of git may take, with the work on what it prints.
    public var seconds: Int64 = 600
    /// Bytes that one call may print.
    public var output: Int64 = 2 << 30
    /// Bytes that a copy of a repository may take on disk.
    public var copy: Int64 = 2 << 30
    /// Commits, tags and files that are listed at most, each.
    public var entries = 500_000
    /// Bytes of one file that are read at most.
    public var file: Int64 = 32 << 20

    /// The usual limits.
    public static let standard = GitLimits()

    /// Makes the usual limits.
    public init() {}
}

/// Why a repository could not be read.
public enum GitError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no git program.
    case noProgram
    /// The path is no repository; with the reason.
    case noRepository(path: String, reason: String)
    /// An address that is not read from; with the reason.
    case address(String, reason: String)
    /// The git program ended with an error; with its last words.
    case failed(what: String, reason: String)
    /// A limit was reached.
    case limit(what: String, limit: String)
    /// What git printed is not what was asked for.
    case unreadable(what: String)
    /// A file of our own could not be made.
    case temporary(path: String, reason: String)

    /// What, why, what next.
    public var description: String {
        switch self {
        case .noProgram: "git is not installed; install the package git"
        case .noRepository(let path, let reason): "\(path): no git repository that can be read: \(reason)"
        case .address(let text, let reason): "\(text): \(reason)"
        case .failed(let what, let reason): "\(what): git says: \(reason)"
        case .limit(let what, let limit): "\(what): more than \(limit)"
        case .unreadable(let what): "\(what): git printed something else than was asked for"
        case .temporary(let path, let reason): "\(path): \(reason)"
        }
    }
}
