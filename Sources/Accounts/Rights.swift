// SPDX-License-Identifier: EUPL-1.2

/// What may be done with the repositories of a namespace.
public struct Rights: OptionSet, Sendable, Hashable {
    /// One bit per right.
    public let rawValue: Int64

    /// Rights by their bits.
    public init(rawValue: Int64) { self.rawValue = rawValue }

    /// Read manifests, blobs, tags and what is known about them.
    public static let pull = Rights(rawValue: 1)
    /// Push blobs and manifests, and set tags that do not exist yet.
    public static let push = Rights(rawValue: 2)
    /// Move tags that exist.
    public static let overwrite = Rights(rawValue: 4)
    /// Delete tags, manifests and blobs.
    public static let delete = Rights(rawValue: 8)
    /// Change members, tokens and policies.
    public static let manage = Rights(rawValue: 16)

    /// Every right.
    public static let all: Rights = [.pull, .push, .overwrite, .delete, .manage]

    /// Words for each, as scopes and messages use them.
    static let words: [(Rights, String)] = [
        (.pull, "pull"), (.push, "push"), (.overwrite, "overwrite"), (.delete, "delete"), (.manage, "manage"),
    ]

    /// The rights as words.
    public var words: [String] { Self.words.filter { contains($0.0) }.map(\.1) }

    /// Reads words; nil when one is none.
    public init?(words: [String]) {
        var rights: Rights = []
        for word in words {
            guard let known = Self.words.first(where: { $0.1 == word }) else { return nil }
            rights.insert(known.0)
        }
        self = rights
    }
}

/// What an account is in one namespace.
public enum Role: Int64, Sendable, Hashable, CaseIterable, Comparable {
    /// Pulls.
    case reader = 1
    /// Pulls, pushes, creates tags; moves none.
    case publisher = 2
    /// Also moves and deletes, and manages members, tokens and policies.
    case maintainer = 3

    /// What the role may do.
    public var rights: Rights {
        switch self {
        case .reader: .pull
        case .publisher: [.pull, .push]
        case .maintainer: .all
        }
    }

    /// As it is written.
    public var word: String {
        switch self {
        case .reader: "reader"
        case .publisher: "publisher"
        case .maintainer: "maintainer"
        }
    }

    /// Reads ``word``.
    public init?(word: String) {
        guard let role = Self.allCases.first(where: { $0.word == word }) else { return nil }
        self = role
    }

    /// By what it may do.
    public static func < (left: Role, right: Role) -> Bool { left.rawValue < right.rawValue }
}

/// What a token is limited to: some repositories, and there some rights.
public struct TokenScope: Sendable, Hashable {
    /// A repository, or all below a prefix: `team/app`, `team/*`, `*`.
    public let repositories: String
    /// What the token may do there, if its account may.
    public let rights: Rights

    /// Makes a scope; what a pattern may be is checked where tokens are made.
    public init(repositories: String, rights: Rights) {
        self.repositories = repositories
        self.rights = rights
    }

    /// Whether some repository of a namespace may be meant.
    func reaches(_ namespace: String) -> Bool {
        covers(namespace) || covers(namespace + "/") || repositories.hasPrefix(namespace + "/")
    }

    /// Whether a repository is meant; `team/*` does not mean `teamwork/app`, nor `team` itself.
    public func covers(_ repository: String) -> Bool {
        if repositories == "*" { return true }
        guard repositories.hasSuffix("/*") else { return repositories == repository }
        return repository.hasPrefix(repositories.dropLast(1))
    }
}
