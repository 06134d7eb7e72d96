// SPDX-License-Identifier: EUPL-1.2

internal import Audit
internal import Database
internal import JSON
public import Time

/// An account as lists show it.
public struct AccountEntry: Sendable, Hashable {
    /// Name.
    public let name: String
    /// Person or program.
    public let kind: Account.Kind
    /// What it may do on the whole node.
    public let nodeRole: Account.NodeRole?
    /// Name of the organisation it acts for.
    public let organisation: String?
    /// Name of the namespace that looks after a service account.
    public let namespace: String?
    /// When it was made.
    public let createdAt: Timestamp
    /// Since when it may not sign in.
    public let disabledAt: Timestamp?
}

extension Accounts {
    /// Shortest password, in characters.
    public static let shortestPassword = 12

    /// Makes an account for a person.
    ///
    /// - Parameters:
    ///   - name: ``AccountName``.
    ///   - organisation: whom the person acts for.
    ///   - nodeRole: what the person may do on the whole node.
    ///   - actor: an operator.
    /// - Returns: the first secret, shown once; the person puts a password in its place.
    public func createPerson(
        _ name: String,
        organisation: String?,
        nodeRole: Account.NodeRole? = nil,
        by actor: Account
    ) async throws -> String {
        try AccountName.check(name, .person)
        return try await create(name, .person, nodeRole, organisation, namespace: nil, by: actor)
    }

    /// Makes an account for a program; it signs in with tokens only.
    ///
    /// - Parameters:
    ///   - name: begins with ``AccountName/servicePrefix``.
    ///   - organisation: whom it acts for; that of the namespace when nil.
    ///   - namespace: whose maintainers look after it; nil leaves that to operators.
    ///   - actor: a maintainer of the namespace, or an operator.
    public func createService(_ name: String, organisation: String?, namespace: String?, by actor: Account) async throws
    {
        try AccountName.check(name, .service)
        _ = try await create(name, .service, nil, organisation, namespace: namespace, by: actor)
    }

    private func create(
        _ name: String,
        _ kind: Account.Kind,
        _ nodeRole: Account.NodeRole?,
        _ organisation: String?,
        namespace: String?,
        by actor: Account
    ) async throws -> String {
        let secret = Secret.generate()
        let now = clock.now()
        try await database.write { t in
            let actor = try self.signedIn(t, actor, at: now)
            var owner: Namespace?
            if let namespace {
                owner = try self.managed(t, namespace, by: actor, at: now)
            } else if !actor.isAdmin {
                throw AccountsError.denied("only operators make accounts that no namespace looks after")
            }
            var organisationID = owner?.organisationID
            if let organisation {
                let found = try Self.organisation(t, organisation)
                // A maintainer must not make programs that act in the name of others.
                guard actor.isAdmin || found.id == owner?.organisationID else {
                    throw AccountsError.denied("only operators make accounts for another organisation")
                }
                organisationID = found.id
            }
            // A program has no secret of its own: zero bytes are the hash of nothing that anybody knows.
            let hash = kind == .person ? Secret.hash(secret) : [UInt8](repeating: 0, count: 32)
            let values: [SQLValue] = [
                .text(name), .bool(nodeRole == .operator), .integer(kind.rawValue),
                nodeRole.map { .integer($0.rawValue) } ?? .null, organisationID.map { .integer($0) } ?? .null,
                owner.map { .integer($0.id) } ?? .null, .blob(hash), .time(now),
            ]
            guard try t.execute(AccountsSchema.insert, values) == 1 else {
                throw AccountsError.exists("there is an account \"\(name)\" already")
            }
            try AuditLog.append(
                t,
                actor: actor.name,
                action: "accounts.create",
                subject: "account:" + name,
                detail: [
                    "kind": .string(kind == .person ? "person" : "service"), "organisation": .optional(organisation),
                    "namespace": .optional(namespace),
                    "nodeRole": .optional(nodeRole.map { $0 == .operator ? "operator" : "auditor" }),
                ],
                at: now
            )
        }
        return secret
    }

    /// Puts a password in the place of the old one, or of the first secret.
    ///
    /// - Parameters:
    ///   - new: 12 to 256 characters, without the account's name in it.
    ///   - actor: the person, who just showed the old one.
    @discardableResult
    public func setPassword(_ new: String, by actor: Account) async throws -> Account {
        guard actor.kind == .person else {
            throw AccountsError.denied("a service account has tokens and no password")
        }
        guard (Self.shortestPassword...256).contains(new.count), new.utf8.count <= 1024 else {
            throw AccountsError.invalid(
                "a password has \(Self.shortestPassword) to 256 characters; several words are easy to remember"
            )
        }
        guard !new.lowercased().contains(actor.name) else {
            throw AccountsError.invalid("the password must not contain the name of the account")
        }
        // A password of that form would be looked for in the wrong place.
        guard !Secret.isGenerated(new), !Secret.isToken(new) else {
            throw AccountsError.invalid("a password must not have the form of a generated secret")
        }
        let hash = try await PasswordHash.make(new, logRounds: settings.passwordLogRounds)
        let now = clock.now()
        let changed = try await database.write { t in
            let actor = try self.signedIn(t, actor, at: now)
            try t.execute(
                AccountsSchema.setPassword,
                [.text(hash.text), .blob([UInt8](repeating: 0, count: 32)), .integer(actor.id)]
            )
            try AuditLog.append(
                t,
                actor: actor.name,
                action: "accounts.setPassword",
                subject: "account:" + actor.name,
                at: now
            )
            return Account(
                id: actor.id,
                name: actor.name,
                kind: actor.kind,
                nodeRole: actor.nodeRole,
                organisationID: actor.organisationID,
                tokenID: nil,
                limit: nil,
                version: actor.version + 1
            )
        }
        forget(actor.name)
        return changed
    }

    /// Locks an account out at once, or lets it in again.
    ///
    /// - Parameter actor: an operator; for a service account also a maintainer of the namespace that looks after it.
    public func setEnabled(_ isEnabled: Bool, _ name: String, by actor: Account) async throws {
        let now = clock.now()
        try await database.write { t in
            let owner = try Self.account(t, name)
            let current = try self.signedIn(t, actor, at: now)
            guard current.id != owner.id else {
                throw AccountsError.conflict("nobody disables their own account; ask another operator")
            }
            try Self.requireCare(t, of: owner, by: actor, at: now, self)
            let changed =
                isEnabled
                ? try t.execute(AccountsSchema.enable, [.text(name)])
                : try t.execute(AccountsSchema.disable, [.time(now), .text(name)])
            guard changed == 1 else {
                throw AccountsError.conflict("\(name) \(isEnabled ? "is not disabled" : "is disabled already")")
            }
            try AuditLog.append(
                t,
                actor: current.name,
                action: isEnabled ? "accounts.enable" : "accounts.disable",
                subject: "account:" + name,
                at: now
            )
        }
        forget(name)
    }

    /// Accounts by name, for operators and auditors.
    public func accounts(after: String = "", limit: Int = 100, by actor: Account) async throws -> [AccountEntry] {
        let now = clock.now()
        return try await database.read { t in
            guard try self.signedIn(t, actor, at: now).nodeRole != nil else {
                throw AccountsError.denied("only operators and auditors see all accounts")
            }
            return try t.query(AccountsSchema.accounts, [.text(after), .integer(min(max(limit, 0), 1000))])
                .map(Self.entry)
        }
    }

    /// One account: for itself, and for operators and auditors.
    public func account(_ name: String, by actor: Account) async throws -> AccountEntry {
        let now = clock.now()
        return try await database.read { t in
            // A token may ask who it stands for, and no more.
            let current = try self.access(t, of: actor, to: nil, at: now)?.account
            guard let current, current.name == name || (current.nodeRole != nil && current.tokenID == nil),
                let row = try t.first(AccountsSchema.accountByName, [.text(name)])
            else { throw AccountsError.unknown("there is no account \"\(name.excerpt(80))\" that you may see") }
            return try Self.entry(row)
        }
    }

    /// Names of all people, for what the node must not say by itself.
    public func namesOfPeople() async throws -> Set<String> {
        try await database.read { t in
            var names: Set<String> = []
            var last = ""
            while true {
                let rows = try t.query(AccountsSchema.accounts, [.text(last), .integer(1_000)])
                for row in rows {
                    last = try row.text(1)
                    if try row.accountKind(2) == .person { names.insert(last) }
                }
                guard rows.count == 1_000 else { return names }
            }
        }
    }

    private static func entry(_ row: Row) throws -> AccountEntry {
        AccountEntry(
            name: try row.text(1),
            kind: try row.accountKind(2),
            nodeRole: try row.nodeRole(3),
            organisation: try row.optionalText(4),
            namespace: try row.optionalText(5),
            createdAt: try row.time(6),
            disabledAt: try row.optionalTime(7)
        )
    }
}

extension Accounts {
    /// Gives a person a new first secret; password and old secret stop working, and so does what was issued on them.
    ///
    /// - Parameter actor: an operator.
    public func renewSecret(of name: String, by actor: Account) async throws -> String {
        let secret = Secret.generate()
        let now = clock.now()
        try await database.write { t in
            let actor = try self.operating(t, actor, at: now)
            let owner = try Self.account(t, name)
            guard !name.hasPrefix(AccountName.servicePrefix) else {
                throw AccountsError.conflict("a service account has tokens and no secret of its own; issue a token")
            }
            try t.execute(AccountsSchema.renewSecret, [.blob(Secret.hash(secret)), .text(owner.name)])
            try AuditLog.append(
                t,
                actor: actor.name,
                action: "accounts.renewSecret",
                subject: "account:" + name,
                at: now
            )
        }
        forget(name)
        return secret
    }
}
