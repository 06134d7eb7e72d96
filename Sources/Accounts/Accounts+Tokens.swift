// SPDX-License-Identifier: EUPL-1.2

internal import Audit
internal import Database
internal import JSON
internal import OCI
public import Time

/// A token as lists show it: never its secret.
public struct TokenEntry: Sendable, Hashable {
    /// Row, and how it is named in addresses.
    public let id: Int64
    /// What it is for, in its owner's words.
    public let label: String
    /// What it is limited to.
    public let scopes: [TokenScope]
    /// When it was made.
    public let createdAt: Timestamp
    /// By whom.
    public let createdBy: String
    /// When it ends.
    public let expiresAt: Timestamp
    /// When it was last shown, to the minute; nil when never.
    public let lastUsedAt: Timestamp?
    /// When it was taken back.
    public let revokedAt: Timestamp?
    /// Whether it was good for something when the list was made.
    public let isOpen: Bool
}

/// A new token; its secret exists here once.
public struct IssuedToken: Sendable {
    /// Row.
    public let id: Int64
    /// The secret: `kontor_` and 52 characters.
    public let secret: String
    /// When it ends.
    public let expiresAt: Timestamp
}

extension Accounts {
    /// Longest life of a token.
    public static let longestTokenLife = Duration.seconds(366 * 86_400)
    /// Tokens of one account that are neither revoked nor at their end.
    public static let maximumTokens = 50
    /// Scopes of one token.
    public static let maximumScopes = 32

    /// Makes a token for an account: for oneself, or for a service account that one looks after.
    ///
    /// - Parameters:
    ///   - name: whose token it is.
    ///   - label: what it is for.
    ///   - scopes: what it is limited to; at least one.
    ///   - life: how long it is good for.
    ///   - actor: who makes it. A token cannot make tokens: what leaks must not live on under another name.
    /// - Returns: the secret, shown once.
    public func issueToken(
        for name: String,
        label: String,
        scopes: [TokenScope],
        life: Duration,
        by actor: Account
    ) async throws -> IssuedToken {
        guard (1...100).contains(label.count), label.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else {
            throw AccountsError.invalid("the label of a token has 1 to 100 characters on one line: say what it is for")
        }
        guard life > .zero, life <= Self.longestTokenLife else {
            throw AccountsError.invalid("a token lives for at least a second and at most 366 days")
        }
        guard (1...Self.maximumScopes).contains(scopes.count) else {
            throw AccountsError.invalid("a token has 1 to \(Self.maximumScopes) scopes, such as team/*:pull,push")
        }
        for scope in scopes { try Self.check(scope) }
        guard Set(scopes.map(\.repositories)).count == scopes.count else {
            throw AccountsError.invalid("two scopes of the token name the same repositories; make them one")
        }
        let secret = Secret.generateToken()
        let now = clock.now()
        let id = try await database.write { t in
            let owner = try Self.account(t, name)
            try Self.requireCare(t, of: owner, by: actor, at: now, self)
            let open = try t.query(
                AccountsSchema.openTokens,
                [.integer(owner.id), .time(now), .integer(Self.maximumTokens)]
            ).count
            guard open < Self.maximumTokens else {
                throw AccountsError.conflict("\(name) has \(open) tokens already; revoke those that nobody uses")
            }
            let values: [SQLValue] = [
                .integer(owner.id), .text(label), .blob(Secret.hash(secret)), .time(now), .text(actor.name),
                .time(now + life),
            ]
            guard let row = try t.first(AccountsSchema.insertToken, values) else {
                throw DamagedAccounts(what: "token")
            }
            let id = try row.int64(0)
            for scope in scopes {
                try t.execute(
                    AccountsSchema.insertScope,
                    [.integer(id), .text(scope.repositories), .integer(scope.rights.rawValue)]
                )
            }
            try AuditLog.append(
                t,
                actor: actor.name,
                action: "tokens.issue",
                subject: "account:\(name)",
                detail: [
                    "token": .integer(id), "label": .string(label),
                    "scopes": .strings(scopes.map { "\($0.repositories):\($0.rights.words.joined(separator: ","))" }),
                    "expiresAt": .string((now + life).rfc3339),
                ],
                at: now
            )
            return id
        }
        return IssuedToken(id: id, secret: secret, expiresAt: now + life)
    }

    /// Tokens of an account, oldest first.
    public func tokens(
        of name: String,
        after: Int64 = 0,
        limit: Int = 100,
        by actor: Account
    ) async throws -> [TokenEntry] {
        let now = clock.now()
        return try await database.read { t in
            let owner = try Self.account(t, name)
            // An auditor sees that there are tokens, and no secret: there is none to see.
            if try self.signedIn(t, actor, at: now).nodeRole != .auditor {
                try Self.requireCare(t, of: owner, by: actor, at: now, self)
            }
            let page: [SQLValue] = [.integer(owner.id), .integer(after), .integer(min(max(limit, 0), 1000))]
            return try t.query(AccountsSchema.tokens, page).map { try Self.entry(t, $0, at: now) }
        }
    }

    /// The tokens of an account that are good for something, and the last ones that are not, newest first.
    public func latestTokens(of name: String, ended: Int, by actor: Account) async throws -> [TokenEntry] {
        let now = clock.now()
        return try await database.read { t in
            let owner = try Self.account(t, name)
            try Self.requireCare(t, of: owner, by: actor, at: now, self)
            return try [
                (AccountsSchema.latestOpenTokens, Self.maximumTokens), (AccountsSchema.latestEndedTokens, ended),
            ]
            .flatMap { statement, limit in
                try t.query(statement, [.integer(owner.id), .time(now), .integer(limit)])
                    .map { try Self.entry(t, $0, at: now) }
            }
        }
    }

    private static func entry(_ t: Transaction, _ row: Row, at now: Timestamp) throws -> TokenEntry {
        let scopes = try t.query(AccountsSchema.scopesOfToken, [.integer(try row.int64(0))]).map { scope in
            TokenScope(repositories: try scope.text(0), rights: Rights(rawValue: try scope.int64(1)))
        }
        let (expiresAt, revokedAt) = (try row.time(4), try row.optionalTime(6))
        return TokenEntry(
            id: try row.int64(0),
            label: try row.text(1),
            scopes: scopes,
            createdAt: try row.time(2),
            createdBy: try row.text(3),
            expiresAt: expiresAt,
            lastUsedAt: try row.optionalTime(5),
            revokedAt: revokedAt,
            isOpen: revokedAt == nil && expiresAt > now
        )
    }

    /// Takes a token back at once.
    ///
    /// - Throws: ``AccountsError/unknown(_:)`` also when the token is somebody else's: its number tells a stranger nothing.
    public func revokeToken(_ id: Int64, by actor: Account) async throws {
        let now = clock.now()
        try await database.write { t in
            let unknown = AccountsError.unknown("there is no token \(id) that you may revoke")
            guard let row = try t.first(AccountsSchema.tokenByID, [.integer(id)]) else { throw unknown }
            let owner = AccountRow(
                id: try row.int64(1),
                name: try row.text(2),
                namespaceID: try row.optionalInt64(3)
            )
            do { try Self.requireCare(t, of: owner, by: actor, at: now, self) } catch is AccountsError { throw unknown }
            guard try t.execute(AccountsSchema.revokeToken, [.time(now), .integer(id)]) == 1 else {
                throw AccountsError.conflict("token \(id) was revoked before")
            }
            try AuditLog.append(
                t,
                actor: actor.name,
                action: "tokens.revoke",
                subject: "account:\(owner.name)",
                detail: ["token": .integer(id)],
                at: now
            )
        }
    }

    struct AccountRow: Sendable {
        let id: Int64
        let name: String
        /// The namespace that looks after a service account.
        let namespaceID: Int64?
    }

    static func account(_ t: Transaction, _ name: String) throws -> AccountRow {
        guard let row = try t.first(AccountsSchema.accountByName, [.text(name)]) else {
            throw AccountsError.unknown("there is no account \"\(name.excerpt(80))\"")
        }
        return AccountRow(id: try row.int64(0), name: try row.text(1), namespaceID: try row.optionalInt64(8))
    }

    /// Refuses everybody but the account itself, maintainers of the namespace that looks after it, and operators; and every token.
    static func requireCare(
        _ t: Transaction,
        of owner: AccountRow,
        by actor: Account,
        at now: Timestamp,
        _ accounts: Accounts
    ) throws {
        let actor = try accounts.signedIn(t, actor, at: now)
        if actor.id == owner.id || actor.isAdmin { return }
        if let namespaceID = owner.namespaceID, try role(t, of: actor.id, in: namespaceID) == .maintainer { return }
        throw AccountsError.denied("only \(owner.name), who looks after it, or an operator may do this")
    }

    /// The account as it is now; refuses tokens and what was changed in the meantime.
    func signedIn(_ t: Transaction, _ actor: Account, at now: Timestamp) throws -> Account {
        guard actor.tokenID == nil else {
            throw AccountsError.denied("this needs a password: a token cannot change accounts, roles or tokens")
        }
        guard let current = try access(t, of: actor, to: nil, at: now)?.account else {
            throw AccountsError.denied("the account \(actor.name) was disabled or its secret changed; sign in again")
        }
        return current
    }

    static func role(_ t: Transaction, of accountID: Int64, in namespaceID: Int64) throws -> Role? {
        try t.first(AccountsSchema.membership, [.integer(namespaceID), .integer(accountID)])
            .flatMap { Role(rawValue: try $0.int64(0)) }
    }

    private static func check(_ scope: TokenScope) throws(AccountsError) {
        guard !scope.rights.isEmpty, scope.rights.isSubset(of: [.pull, .push, .overwrite, .delete]) else {
            throw .invalid("a token may pull, push, overwrite and delete; a scope names at least one of them")
        }
        if scope.repositories == "*" { return }
        let name = scope.repositories.hasSuffix("/*") ? String(scope.repositories.dropLast(2)) : scope.repositories
        guard (try? RepositoryName(parsing: name)) != nil else {
            throw .invalid(
                "\"\(scope.repositories.excerpt(80))\" names no repositories; write a repository, a prefix such as team/*, or *"
            )
        }
    }
}
