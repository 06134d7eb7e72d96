// SPDX-License-Identifier: EUPL-1.2

internal import Audit
public import Database
internal import JSON
internal import OCI
public import Time

/// A namespace as lists show it.
public struct NamespaceEntry: Sendable, Hashable {
    /// The namespace.
    public let namespace: Namespace
    /// Name of the organisation that owns it.
    public let organisation: String
    /// What whoever asks is in it.
    public let role: Role?
}

/// Who is what in a namespace.
public struct Member: Sendable, Hashable {
    /// Row of the account; the cursor of the list.
    public let accountID: Int64
    /// Name of the account.
    public let account: String
    /// What it is.
    public let role: Role
}

extension Accounts {
    /// Makes a namespace.
    ///
    /// - Parameters:
    ///   - name: one to three components of a repository name; none may begin another's.
    ///   - organisation: whose it is.
    ///   - isPublic: whether everybody may pull.
    ///   - actor: an operator.
    public func createNamespace(
        _ name: String,
        organisation: String,
        isPublic: Bool,
        by actor: Account
    ) async throws {
        let components = name.split(separator: "/", omittingEmptySubsequences: false).count
        guard (try? RepositoryName(parsing: name)) != nil, components <= Namespace.maximumComponents else {
            throw AccountsError.invalid(
                "\"\(name.excerpt(80))\" is no namespace: one to \(Namespace.maximumComponents) components of a repository name, such as team or state/town"
            )
        }
        let now = clock.now()
        try await database.write { t in
            let actor = try self.operating(t, actor, at: now)
            let owner = try Self.organisation(t, organisation)
            let names = Namespace.candidates(for: name)
            let above = (0..<Namespace.maximumComponents).map {
                SQLValue.text(names.indices.contains($0) ? names[$0] : "")
            }
            let found =
                try t.first(AccountsSchema.namespacesAmong, above)
                ?? t.first(AccountsSchema.namespacesBelow, [.text(name + "/"), .text(name + "/~")])
            if let found {
                throw AccountsError.exists(
                    "namespace \"\(try found.text(0))\" exists, and no namespace may begin another's name"
                )
            }
            try t.execute(
                AccountsSchema.insertNamespace,
                [.text(name), .integer(owner.id), .bool(isPublic), .time(now)]
            )
            try AuditLog.append(
                t,
                actor: actor.name,
                action: "namespaces.create",
                subject: "namespace:" + name,
                detail: ["organisation": .string(organisation), "public": .bool(isPublic)],
                at: now
            )
        }
    }

    /// Opens a namespace for everybody, or closes it.
    public func setVisibility(of name: String, isPublic: Bool, by actor: Account) async throws {
        let now = clock.now()
        try await database.write { t in
            let namespace = try self.managed(t, name, by: actor, at: now)
            let values: [SQLValue] = [.bool(isPublic), .integer(namespace.id), .bool(isPublic)]
            guard try t.execute(AccountsSchema.setVisibility, values) == 1 else { return }
            try AuditLog.append(
                t,
                actor: actor.name,
                action: "namespaces.setVisibility",
                subject: "namespace:" + name,
                detail: ["public": .bool(isPublic)],
                at: now
            )
        }
    }

    /// Namespaces that somebody may see, by name.
    public func namespaces(after: String = "", limit: Int = 100, by actor: Account?) async throws -> [NamespaceEntry] {
        let now = clock.now()
        let limit = min(max(limit, 0), 1000)
        return try await database.read { t in
            let current = try self.access(t, of: actor, to: nil, at: now)?.account
            var entries: [NamespaceEntry] = []
            var last = after
            while entries.count < limit {
                let seesAll = current?.nodeRole != nil
                let rows = try t.query(
                    AccountsSchema.namespaces,
                    [.integer(current?.id ?? 0), .text(last), .bool(seesAll), .integer(limit)]
                )
                for row in rows where entries.count < limit {
                    last = try row.text(1)
                    let role = try row.optionalInt64(8).flatMap { Role(rawValue: $0) }
                    if let entry = try Self.entry(row, role, for: current) { entries.append(entry) }
                }
                if rows.count < limit { break }
            }
            return entries
        }
    }

    /// One namespace, for whoever may see it.
    public func namespace(named name: String, by actor: Account?) async throws -> NamespaceEntry {
        let now = clock.now()
        return try await database.read { t in
            let current = try self.access(t, of: actor, to: nil, at: now)?.account
            guard let row = try t.first(AccountsSchema.namespace, [.text(name)]) else {
                throw Self.unknownNamespace(name)
            }
            let role = try current.flatMap { try Self.role(t, of: $0.id, in: row.int64(0)) }
            guard let entry = try Self.entry(row, role, for: current) else { throw Self.unknownNamespace(name) }
            return entry
        }
    }

    /// A row as somebody may see it; nil when they may not.
    private static func entry(_ row: Row, _ role: Role?, for account: Account?) throws -> NamespaceEntry? {
        let namespace = try row.namespace(0)
        // A token sees no more than it is for.
        let isMeant = account?.limit.map { $0.contains { $0.reaches(namespace.name) } } ?? true
        let isMember = role != nil || account?.nodeRole != nil
        guard namespace.isPublic || (isMember && isMeant) else { return nil }
        return NamespaceEntry(namespace: namespace, organisation: try row.text(7), role: role)
    }

    /// Makes an account a member, changes its role, or removes it.
    ///
    /// - Parameters:
    ///   - role: nil removes.
    ///   - actor: a maintainer of the namespace, or an operator.
    public func setRole(_ role: Role?, of name: String, in namespace: String, by actor: Account) async throws {
        let now = clock.now()
        try await database.write { t in
            let found = try self.managed(t, namespace, by: actor, at: now)
            let member = try Self.account(t, name)
            let changed =
                if let role {
                    try t.execute(
                        AccountsSchema.setMembership,
                        [.integer(found.id), .integer(member.id), .integer(role.rawValue), .time(now)]
                    )
                } else {
                    try t.execute(AccountsSchema.removeMembership, [.integer(found.id), .integer(member.id)])
                }
            guard changed == 1 else {
                throw AccountsError.unknown("\(name) is no member of \(namespace)")
            }
            try AuditLog.append(
                t,
                actor: actor.name,
                action: role == nil ? "namespaces.removeMember" : "namespaces.setMember",
                subject: "namespace:" + namespace,
                detail: ["account": .string(name), "role": .optional(role?.word)],
                at: now
            )
        }
    }

    /// Members of a namespace, for members, operators and auditors.
    public func members(
        of namespace: String,
        after: Int64 = 0,
        limit: Int = 100,
        by actor: Account
    ) async throws -> [Member] {
        let now = clock.now()
        return try await database.read { t in
            let current = try self.signedIn(t, actor, at: now)
            guard let row = try t.first(AccountsSchema.namespace, [.text(namespace)]),
                try current.nodeRole != nil || Self.role(t, of: current.id, in: row.int64(0)) != nil
            else { throw Self.unknownNamespace(namespace) }
            let page: [SQLValue] = [.integer(try row.int64(0)), .integer(after), .integer(min(max(limit, 0), 1000))]
            return try t.query(AccountsSchema.members, page).map { member in
                guard let role = Role(rawValue: try member.int64(2)) else { throw DamagedAccounts(what: "role") }
                return Member(accountID: try member.int64(0), account: try member.text(1), role: role)
            }
        }
    }

    /// Stops everything in a namespace that may have been taken over.
    ///
    /// Nobody pushes; tokens with which members may push here are revoked for good; what came since an instant is not served. Tokens of
    /// operators who are no members stay, and push no more than anybody.
    ///
    /// - Parameter actor: a maintainer of the namespace, or an operator.
    /// - Returns: how many tokens were revoked.
    @discardableResult
    public func freeze(_ name: String, since: Timestamp, by actor: Account) async throws -> Int {
        let now = clock.now()
        guard since <= now else { throw AccountsError.invalid("a namespace is frozen since an instant that has been") }
        return try await database.write { t in
            let namespace = try self.managed(t, name, by: actor, at: now)
            let values: [SQLValue] = [.time(since), .time(now), .text(actor.name), .integer(namespace.id)]
            guard try t.execute(AccountsSchema.freeze, values) == 1 else {
                throw AccountsError.conflict("namespace \"\(name)\" is frozen already")
            }
            // Scopes that reach into the namespace: its own name, what lies below it, and prefixes above it.
            let above = Namespace.candidates(for: name).dropLast().map { $0 + "/*" } + ["", ""]
            let scopes = ([name] + above.prefix(2) + [name + "/", name + "/~"]).map { SQLValue.text($0) }
            let revoked = try t.execute(AccountsSchema.revokePushing, [.time(now), .integer(namespace.id)] + scopes)
            try AuditLog.append(
                t,
                actor: actor.name,
                action: "namespaces.freeze",
                subject: "namespace:" + name,
                detail: ["since": .string(since.rfc3339), "revokedTokens": .integer(Int64(revoked))],
                at: now
            )
            return revoked
        }
    }

    /// Lets a frozen namespace go on; what was in quarantine is served again, unless it was deleted.
    ///
    /// - Parameter actor: an operator or maintainer who is not the one who froze it.
    public func unfreeze(_ name: String, by actor: Account) async throws {
        let now = clock.now()
        try await database.write { t in
            let namespace = try self.managed(t, name, by: actor, at: now)
            guard let freeze = namespace.freeze else {
                throw AccountsError.conflict("namespace \"\(name)\" is not frozen")
            }
            guard freeze.by != actor.name,
                try t.execute(AccountsSchema.unfreeze, [.integer(namespace.id), .text(actor.name)]) == 1
            else {
                throw AccountsError.denied(
                    "\(actor.name) froze \"\(name)\"; a second person must agree that it goes on"
                )
            }
            try AuditLog.append(
                t,
                actor: actor.name,
                action: "namespaces.unfreeze",
                subject: "namespace:" + name,
                detail: ["frozenBy": .string(freeze.by)],
                at: now
            )
        }
    }

    /// A namespace for whoever may see all that happened in it: maintainers, operators, auditors.
    public func overseen(_ name: String, by actor: Account) async throws -> Namespace {
        let now = clock.now()
        return try await database.read { t in
            let current = try self.signedIn(t, actor, at: now)
            if current.nodeRole == .auditor, let row = try t.first(AccountsSchema.namespace, [.text(name)]) {
                return try row.namespace(0)
            }
            return try self.managed(t, name, by: actor, at: now)
        }
    }

    /// A part of the rules on a namespace's content, by who may change it.
    public enum ContentRules: Sendable, Hashable {
        /// What its own maintainers decide.
        case own
        /// What only the node decides: how much there may be.
        case quota
    }

    /// A namespace for whoever may change rules on its content: maintainers and operators, the quota operators only.
    public func governed(_ name: String, _ rules: ContentRules, by actor: Account) async throws -> Namespace {
        let now = clock.now()
        return try await database.read { t in
            let namespace = try self.managed(t, name, by: actor, at: now)
            if rules == .quota, try !self.signedIn(t, actor, at: now).isAdmin {
                throw AccountsError.denied(
                    "only operators of the node change quotaBytes of \"\(name)\"; send it as it is in force"
                )
            }
            return namespace
        }
    }

    /// A namespace as it is in a transaction of the caller, for what the node does by itself; nil when there is none of that name.
    public func namespace(_ transaction: Transaction, named name: String) throws -> Namespace? {
        try transaction.first(AccountsSchema.namespace, [.text(name)]).map { try $0.namespace(0) }
    }

    /// A page of all namespaces by name, for what the node does by itself.
    public func allNamespaces(after: String = "", limit: Int = 100) async throws -> [Namespace] {
        try await database.read { t in
            try t.query(AccountsSchema.namespaces, [.text(after), .integer(min(max(limit, 0), 1000))]).map {
                try $0.namespace(0)
            }
        }
    }

    /// A namespace that somebody may manage; whoever may not even see it learns nothing.
    func managed(_ t: Transaction, _ name: String, by actor: Account, at now: Timestamp) throws -> Namespace {
        let current = try signedIn(t, actor, at: now)
        guard let row = try t.first(AccountsSchema.namespace, [.text(name)]) else { throw Self.unknownNamespace(name) }
        let namespace = try row.namespace(0)
        if current.isAdmin { return namespace }
        let role = try Self.role(t, of: current.id, in: namespace.id)
        if role == .maintainer { return namespace }
        guard role != nil || namespace.isPublic || current.nodeRole != nil else { throw Self.unknownNamespace(name) }
        throw AccountsError.denied("only maintainers of \"\(name)\" and operators may do this")
    }

    /// Refuses everybody but the maintainers of a namespace and operators; without a namespace, everybody but operators.
    ///
    /// For what counts there and is kept by other rooms: words about vulnerabilities, advisories of the node.
    public func requireManager(of name: String?, by actor: Account) async throws {
        let now = clock.now()
        try await database.read { t in
            if let name {
                _ = try self.managed(t, name, by: actor, at: now)
            } else {
                _ = try self.operating(t, actor, at: now)
            }
        }
    }

    private static func unknownNamespace(_ name: String) -> AccountsError {
        .unknown("there is no namespace \"\(name.excerpt(80))\" that you may see")
    }
}
