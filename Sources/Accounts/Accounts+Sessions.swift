// SPDX-License-Identifier: EUPL-1.2

internal import Audit
internal import Database
internal import Time

/// A sign-in on the pages that is good for a while.
public struct Session: Sendable {
    /// Who signed in, as they are now.
    public let account: Account
    /// What every form of the session carries: a page of another site cannot know it.
    public let formToken: String
}

extension Accounts {
    /// How long a sign-in lasts at most: a working day.
    public static let sessionLife = Duration.seconds(12 * 3600)
    /// How long it lasts without a request.
    public static let sessionIdle = Duration.seconds(3600)
    /// Sign-ins of one account at the same time; one more ends the oldest.
    public static let maximumSessions = 10

    /// Signs somebody in with a password.
    ///
    /// Always a new session: whatever a browser brought along before is worth nothing afterwards.
    ///
    /// - Parameters:
    ///   - former: the session that the browser has now; it ends.
    ///   - source: where the attempt comes from, see ``authenticate(username:password:source:)``.
    /// - Returns: the secret that the browser keeps, which exists here once; nil when name or password is wrong.
    /// - Throws: ``AccountsError/denied(_:)`` for the secret of a token; what ``authenticate(username:password:source:)`` throws.
    public func signIn(
        username: String,
        password: String,
        replacing former: String? = nil,
        source: String
    ) async throws -> String? {
        guard let account = try await authenticate(username: username, password: password, source: source) else {
            return nil
        }
        // A token is limited to repositories and actions, and pages know no such limits.
        guard account.tokenID == nil else {
            throw AccountsError.denied("pages take the password of a person; a token is for clients of the registry")
        }
        return try await openSession(for: account, replacing: former)
    }

    /// Opens a session for somebody who has just proved who they are.
    ///
    /// - Returns: the secret that the browser keeps; nil when the proof counts no more.
    public func openSession(for account: Account, replacing former: String? = nil) async throws -> String? {
        let secret = Secret.generate()
        let now = clock.now()
        let isKept = try await database.write { t -> Bool in
            // Between the look at the password and this moment the account may have been disabled.
            guard try self.access(t, of: account, to: nil, at: now) != nil else { return false }
            try t.execute(AccountsSchema.endOldSessions, [.time(now)])
            if let former {
                try t.execute(AccountsSchema.endSession, [.blob(Secret.hash(former))])
            }
            let others = try t.query(
                AccountsSchema.sessionsOfAccount,
                [.integer(account.id), .integer(Self.maximumSessions * 2)]
            )
            for row in others.dropFirst(Self.maximumSessions - 1) {
                try t.execute(AccountsSchema.endSession, [.blob(try row.bytes(0))])
            }
            try t.execute(
                AccountsSchema.insertSession,
                [
                    .blob(Secret.hash(secret)), .integer(account.id), .integer(account.version), .time(now),
                    .time(now + Self.sessionLife),
                ]
            )
            try AuditLog.append(
                t,
                actor: account.name,
                action: "accounts.signIn",
                subject: "account:" + account.name,
                at: now
            )
            return true
        }
        return isKept ? secret : nil
    }

    /// Who is signed in, by what their browser keeps.
    ///
    /// - Returns: nil when the session ended, the account was disabled or its password changed: which of them, nobody is told.
    public func session(_ secret: String) async throws -> Session? {
        guard Secret.isGenerated(secret) else { return nil }
        let now = clock.now()
        let hash = Secret.hash(secret)
        let found = try await database.lookUp { t -> (account: Account, lastUsedAt: Timestamp)? in
            guard let row = try t.first(AccountsSchema.session, [.blob(hash)]), try row.optionalTime(5) == nil,
                try row.int64(6) == row.int64(7), try row.time(8) + Self.sessionIdle > now, try row.time(9) > now
            else { return nil }
            return (try row.account(version: 6), try row.time(8))
        }
        guard let found else { return nil }
        if found.lastUsedAt + settings.tokenUseInterval <= now {
            // That a use could not be written down ends a session early, which is no reason to refuse this request.
            _ = try? await database.write { try $0.execute(AccountsSchema.useSession, [.time(now), .blob(hash)]) }
        }
        return Session(account: found.account, formToken: Secret.base32(Secret.hash("form of " + secret)))
    }

    /// Ends a session; one that is not there is none.
    public func signOut(_ secret: String) async throws {
        guard let session = try await session(secret) else { return }
        let now = clock.now()
        try await database.write { t in
            guard try t.execute(AccountsSchema.endSession, [.blob(Secret.hash(secret))]) == 1 else { return }
            try AuditLog.append(
                t,
                actor: session.account.name,
                action: "accounts.signOut",
                subject: "account:" + session.account.name,
                at: now
            )
        }
    }
}

extension AccountsSchema {
    static let sessionsMigration = Migration(
        id: "accounts-0003-sessions",
        sql: [
            // By the hash of what the browser keeps: who reads the database cannot sign in with it.
            """
            CREATE TABLE sessions (
                secret_hash BLOB NOT NULL PRIMARY KEY,
                account_id INTEGER NOT NULL REFERENCES accounts (id),
                account_version INTEGER NOT NULL,
                last_used_at INTEGER NOT NULL,
                expires_at INTEGER NOT NULL
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX sessions_by_account ON sessions (account_id, expires_at)",
            "CREATE INDEX sessions_by_end ON sessions (expires_at)",
        ]
    )

    static let sessionStatements = [
        insertSession, session, sessionsOfAccount, useSession, endSession, endOldSessions,
    ]

    static let insertSession = Statement(
        "sessions.insert",
        """
        INSERT INTO sessions (secret_hash, account_id, account_version, last_used_at, expires_at)
        VALUES (?, ?, ?, ?, ?)
        """
    )

    static let session = Statement(
        "sessions.bySecret",
        """
        SELECT a.id, a.name, a.kind, a.node_role, a.organisation_id, a.disabled_at, a.version, s.account_version,
            s.last_used_at, s.expires_at
        FROM sessions s JOIN accounts a ON a.id = s.account_id WHERE s.secret_hash = ?
        """
    )

    static let sessionsOfAccount = Statement(
        "sessions.ofAccount",
        "SELECT secret_hash FROM sessions WHERE account_id = ? ORDER BY expires_at DESC LIMIT ?"
    )

    static let useSession = Statement(
        "sessions.use",
        "UPDATE sessions SET last_used_at = ? WHERE secret_hash = ?"
    )

    static let endSession = Statement("sessions.end", "DELETE FROM sessions WHERE secret_hash = ?")

    static let endOldSessions = Statement("sessions.endOld", "DELETE FROM sessions WHERE expires_at <= ?")
}
