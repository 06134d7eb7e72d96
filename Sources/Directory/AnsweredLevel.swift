// SPDX-License-Identifier: EUPL-1.2

public import Criteria
import Database
public import OCI
public import Time

/// A level with what it is the level of, as it stands at one time: what a publisher answers to.
public struct AnsweredLevel: Sendable, Hashable {
    /// What has the level.
    public enum Subject: Sendable, Hashable {
        /// One image of a repository, whatever its tags are.
        case image(RepositoryName, Digest)
        /// A source project, whatever its revision is.
        case project(RepositoryName)

        /// The name that says whose it is.
        var name: RepositoryName {
            switch self {
            case .image(let name, _), .project(let name): name
            }
        }

        /// Key of the entry in the directory.
        public var key: String {
            switch self {
            case .image(let name, _): DirectoryEntry.key(.image, name.text)
            case .project(let name): DirectoryEntry.key(.project, name.text)
            }
        }

        /// The image; nil for what is none.
        public var digest: Digest? {
            guard case .image(_, let digest) = self else { return nil }
            return digest
        }

        /// What finds its replies: key, digest and the number of its algorithm, 0 where there is none.
        var columns: [SQLValue] { [.text(key)] + (digest?.columns ?? [.blob([]), 0]) }

        /// What the audit log calls it.
        var inEvents: String {
            switch self {
            case .image(let name, let digest): "\(name)@\(digest)"
            case .project: key
            }
        }

        init(_ row: Row, _ first: Int) throws {
            let key = try row.text(first)
            let algorithm = try row.int64(first + 2)
            if key.hasPrefix("image:") {
                self = .image(
                    try RepositoryName(parsing: String(key.dropFirst(6))),
                    try Digest(algorithm: algorithm == 1 ? .sha256 : .sha512, bytes: try row.bytes(first + 1))
                )
            } else if key.hasPrefix("project:"), algorithm == 0 {
                self = .project(try RepositoryName(parsing: String(key.dropFirst(8))))
            } else {
                throw DamagedDirectory(what: "subject of a reply")
            }
        }
    }

    /// What has it.
    public let subject: Subject
    /// The level; nil where there is none, or nobody knows.
    public let level: Level?
    /// The commit that was looked at, of a project; nil where nobody can name one.
    public let revision: String?
    /// Since when each result has been what it is, of a project; nil before its first check.
    public let resultsSince: Timestamp?

    /// The level of an image.
    public static func image(_ repository: RepositoryName, _ digest: Digest, _ level: Level?) -> AnsweredLevel {
        AnsweredLevel(subject: .image(repository, digest), level: level, revision: nil, resultsSince: nil)
    }

    /// The level of a source project.
    ///
    /// - Parameter revision: the commit; what is none counts as unknown.
    public static func project(
        _ name: RepositoryName,
        _ level: Level?,
        revision: String?,
        resultsSince: Timestamp?
    ) -> AnsweredLevel {
        let commit = revision.flatMap { text in
            (40...64).contains(text.utf8.count) && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
                ? text : nil
        }
        return AnsweredLevel(subject: .project(name), level: level, revision: commit, resultsSince: resultsSince)
    }

    /// How a reply's level differs from the one that stands there now.
    public enum Difference: String, Sendable, Hashable, CaseIterable {
        /// It is another level.
        case level
        /// It is the same level, of another commit.
        case revision
        /// It is the same level of the same commit, by another check with other results.
        case check
    }

    /// How this one differs from what stands there now; nil where it does not.
    func difference(from now: AnsweredLevel) -> Difference? {
        if level != now.level { return .level }
        if revision != now.revision { return .revision }
        return resultsSince == now.resultsSince ? nil : .check
    }
}
