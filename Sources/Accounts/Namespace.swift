// SPDX-License-Identifier: EUPL-1.2

public import OCI
public import Time

/// The first components of repository names, owned by one organisation.
public struct Namespace: Sendable, Hashable {
    /// Most components that a namespace has.
    public static let maximumComponents = 3

    /// Row.
    public let id: Int64
    /// Name: `bund`, `land/rathaus`.
    public let name: String
    /// Whose it is.
    public let organisationID: Int64
    /// Whether everybody may pull.
    public let isPublic: Bool
    /// Nil while nothing is wrong.
    public let freeze: Freeze?

    /// What holds while a namespace is frozen: nobody pushes, and what came since an instant is not served.
    public struct Freeze: Sendable, Hashable {
        /// What came at or after this is in quarantine.
        public let since: Timestamp
        /// When it was frozen.
        public let at: Timestamp
        /// Who froze it; somebody else must unfreeze it.
        public let by: String

        /// Makes one.
        public init(since: Timestamp, at: Timestamp, by: String) {
            self.since = since
            self.at = at
            self.by = by
        }
    }

    /// Names that the namespace of a repository can have, shortest first: no namespace begins another, so one fits at most.
    static func candidates(for repository: String) -> [String] {
        var names: [String] = []
        var end = repository.startIndex
        while names.count < maximumComponents {
            guard let slash = repository[end...].firstIndex(of: "/") else {
                names.append(repository)
                break
            }
            names.append(String(repository[..<slash]))
            end = repository.index(after: slash)
        }
        return names
    }
}

/// What somebody may do in one repository, as things are now.
public struct RepositoryAccess: Sendable, Hashable {
    /// Who asks, with what is stored about them now; nil for nobody in particular.
    public let account: Account?
    /// What they may do.
    public private(set) var rights: Rights
    /// The namespace that the repository lies in; nil when it lies in none.
    public let namespace: Namespace?
    /// When the token that was shown ends, if that is soon; nil else, and for passwords.
    public private(set) var tokenEnds: Timestamp?

    /// How long before its end a token's users are told.
    public static let noticeOfEnd = Duration.seconds(14 * 86_400)

    /// What came at or after this is not served.
    public var quarantine: Timestamp? { namespace?.freeze?.since }

    /// Makes one; for tests of the rooms above.
    public init(account: Account?, rights: Rights, namespace: Namespace? = nil) {
        self.account = account
        self.rights = rights
        self.namespace = namespace
    }

    /// The same with other rights: what a proof is limited to.
    public func with(_ rights: Rights) -> RepositoryAccess {
        var access = self
        access.rights = rights
        return access
    }

    /// The same, with the end of the token that was shown.
    func ending(_ end: Timestamp?, at now: Timestamp) -> RepositoryAccess {
        guard let end, end <= now + Self.noticeOfEnd else { return self }
        var access = self
        access.tokenEnds = end
        return access
    }

    /// The rules.
    ///
    /// - Parameter allowsOutside: whether everybody may pull what lies in no namespace.
    static func decide(
        _ account: Account?,
        role: Role?,
        namespace: Namespace?,
        repository: String,
        allowsOutside: Bool
    ) -> RepositoryAccess {
        var rights: Rights = []
        if namespace.map(\.isPublic) ?? allowsOutside { rights.insert(.pull) }
        let open = rights
        switch account?.nodeRole {
        case .operator: rights = .all
        case .auditor: rights.insert(.pull)
        case nil: break
        }
        if let role { rights.formUnion(role.rights) }
        if let limit = account?.limit {
            let granted = limit.filter { $0.covers(repository) }.reduce(into: Rights()) { $0.formUnion($1.rights) }
            // A token takes nothing from anybody: what everybody may pull, it may pull.
            rights = rights.intersection(granted).union(open)
        }
        if namespace?.freeze != nil { rights.subtract([.push, .overwrite]) }
        return RepositoryAccess(account: account, rights: rights, namespace: namespace)
    }
}

/// Which repositories somebody may read: what lists are filtered by.
public struct ReadScope: Sendable {
    private let readsAll: Bool
    private let allowsOutside: Bool
    private let limit: [TokenScope]?
    /// What a list has to know about a namespace.
    struct Entry: Sendable {
        let isReadable: Bool
        let isPublic: Bool
        let isFrozen: Bool
    }

    /// Every namespace.
    private let namespaces: [String: Entry]

    init(readsAll: Bool, allowsOutside: Bool, limit: [TokenScope]?, namespaces: [String: Entry]) {
        self.readsAll = readsAll
        self.allowsOutside = allowsOutside
        self.limit = limit
        self.namespaces = namespaces
    }

    /// Reads everything; for tests of the rooms above.
    public static let everything = ReadScope(readsAll: true, allowsOutside: true, limit: nil, namespaces: [:])

    /// Whether a repository may be read.
    public func reads(_ repository: RepositoryName) -> Bool {
        let (may, isOpen) = own(repository.text)
        guard may, !isOpen, let limit else { return may }
        return limit.contains { $0.rights.contains(.pull) && $0.covers(repository.text) }
    }

    /// Whether everybody may read a repository.
    public func isPublic(_ repository: RepositoryName) -> Bool { own(repository.text).isOpen }

    /// Whether a repository lies in a frozen namespace, out of which nothing may be taken elsewhere.
    public func isFrozen(_ repository: RepositoryName) -> Bool {
        Namespace.candidates(for: repository.text).contains { namespaces[$0]?.isFrozen ?? false }
    }

    /// Name of the namespace that a repository lies in; nil when it lies in none.
    public func namespace(of repository: RepositoryName) -> String? {
        Namespace.candidates(for: repository.text).first { namespaces[$0] != nil }
    }

    /// Whether nothing can be read, so that a list is not worth the asking.
    public var isEmpty: Bool { !readsAll && !allowsOutside && !namespaces.values.contains { $0.isReadable } }

    /// Where a list may go on after a repository that may not be read: past the whole namespace where the repository lies in one.
    public func skip(after repository: RepositoryName) -> String {
        for name in Namespace.candidates(for: repository.text) {
            guard let found = namespaces[name], !found.isReadable else { continue }
            // No name has a '~', which lies after all that names have.
            return repository.text == name ? repository.text : name + "/~"
        }
        return repository.text
    }

    private func own(_ repository: String) -> (may: Bool, isOpen: Bool) {
        for name in Namespace.candidates(for: repository) {
            if let found = namespaces[name] { return (readsAll || found.isReadable, found.isPublic) }
        }
        return (readsAll || allowsOutside, allowsOutside)
    }
}
