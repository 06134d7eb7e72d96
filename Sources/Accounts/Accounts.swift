// SPDX-License-Identifier: EUPL-1.2

internal import Audit
public import Database
public import DurableFiles
internal import JSON
public import Time

/// Who may sign in.
///
/// This version knows one account, `admin`, made at the first start.
///
/// Only the SHA-256 of a generated secret is stored. Checking costs the same for a name that exists and one that
/// does not.
public final class Accounts: Sendable {
    /// Name of the file with the first secret, inside the data directory.
    public static let adminSecretFile = "admin-secret"
    /// Name of the first account.
    public static let adminName = "admin"

    /// Bounds of the checks.
    public struct Settings: Sendable {
        /// Verified credentials that are remembered.
        public var cachedCredentials = 1_024
        /// How long they are remembered; so long another process's change may take to be noticed.
        public var cacheLifetime: Duration = .seconds(30)
        /// Failed sign-ins that are audited one by one in a minute; the rest of that minute is one event with their
        /// number.
        public var auditedFailuresPerMinute = 10

        /// The usual bounds.
        public init() {}
    }

    let database: Database
    let clock: WallClock
    private let files: FileOperations
    private let cache: CredentialCache
    private let failures: FailedSignIns

    /// Accounts in a database that has ``AccountsSchema/migrations`` and ``AuditSchema/migrations``.
    public init(
        database: Database,
        clock: WallClock,
        files: FileOperations = .live,
        settings: Settings = Settings()
    ) {
        self.database = database
        self.clock = clock
        self.files = files
        cache = CredentialCache(limit: max(1, settings.cachedCredentials), lifetime: settings.cacheLifetime)
        failures = FailedSignIns(limit: settings.auditedFailuresPerMinute)
    }

    /// Makes the account `admin` if there is none yet.
    ///
    /// The secret is made durable in its file before the account is: whatever moment the power goes, the operator
    /// either has the secret of the account that exists, or the next start makes both anew. Blocks for two fsyncs at
    /// the first start only.
    ///
    /// - Parameter dataDirectory: where `admin-secret` (0600) is left.
    /// - Returns: the secret, to be printed once; nil when the account exists.
    public func bootstrap(dataDirectory: String) async throws -> AdminSecret? {
        let exists = try await database.read { transaction in
            try transaction.first(AccountsSchema.find, [.text(Self.adminName)]) != nil
        }
        if exists { return nil }
        let secret = Secret.generate()
        let path = dataDirectory + "/" + Self.adminSecretFile
        try files.replace(path, bytes: Array((secret + "\n").utf8), mode: 0o600)
        let now = clock.now()
        let made = try await database.write { transaction in
            let arguments: [SQLValue] = [.text(Self.adminName), .bool(true), .blob(Secret.hash(secret)), .time(now)]
            guard try transaction.execute(AccountsSchema.insert, arguments) == 1 else { return false }
            try AuditLog.append(
                transaction,
                actor: "node",
                action: "accounts.create",
                subject: "account:" + Self.adminName,
                at: now
            )
            return true
        }
        guard made else {
            throw DatabaseError(
                .unique,
                "another process made \(Self.adminName) at the same moment; \(path) may hold the wrong secret",
                path: database.path
            )
        }
        return AdminSecret(account: Self.adminName, secret: secret, file: path)
    }

    /// Whether the file with the first secret still lies there; the node warns then.
    ///
    /// Never reads it.
    public func adminSecretFileExists(dataDirectory: String) throws(FileError) -> Bool {
        try files.statusAt(dataDirectory + "/" + Self.adminSecretFile) != nil
    }

    /// Checks a name and a secret.
    ///
    /// - Returns: the account; nil when name or secret is wrong or the account is disabled: which of them, nobody is
    ///   told.
    /// - Throws: ``DatabaseError`` when it cannot be found out. That is a 503, never a 401: a client that is told
    ///   its secret is wrong forgets it.
    public func authenticate(username: String, password: String) async throws -> Account? {
        let now = clock.now()
        let fingerprint = cache.fingerprint(username, password)
        let cached = cache.find(fingerprint, at: now)
        if let account = cached.account { return account }
        // No name has a NUL character, and a database cannot be asked for one: a wrong name, not a failure of ours.
        let canExist = !username.utf8.contains(0)
        let row = try await database.lookUp { transaction in
            canExist ? try transaction.first(AccountsSchema.find, [.text(username)]) : nil
        }
        // The same work for a name that does not exist: 32 zero bytes are the SHA-256 of nothing that anybody knows.
        let expected = try row?.bytes(3) ?? [UInt8](repeating: 0, count: 32)
        let matches = Secret.equal(expected, Secret.hash(password))
        if matches, let row, try row.optionalTime(4) == nil {
            let account = Account(id: try row.int64(0), name: try row.text(1), isAdmin: try row.bool(2))
            cache.keep(account, fingerprint, generation: cached.generation, at: now)
            return account
        }
        await recordFailure(of: row == nil ? nil : username, at: now)
        return nil
    }

    /// Locks an account out, from this moment on in this process and within ``Settings/cacheLifetime`` in others.
    ///
    /// - Returns: false when there is no such account or it is disabled already.
    public func disable(_ name: String, by actor: String) async throws -> Bool {
        try await change(name, by: actor, action: "accounts.disable", AccountsSchema.disable) {
            [.time($0), .text(name)]
        }
    }

    /// Lets a disabled account in again.
    ///
    /// - Returns: false when there is no such account or it is not disabled.
    public func enable(_ name: String, by actor: String) async throws -> Bool {
        try await change(name, by: actor, action: "accounts.enable", AccountsSchema.enable) { _ in [.text(name)] }
    }

    /// Gives an account a new secret; the old one stops working.
    ///
    /// - Returns: the new secret, shown once; nil when there is no such account.
    public func renewSecret(of name: String, by actor: String) async throws -> String? {
        let secret = Secret.generate()
        let done = try await change(name, by: actor, action: "accounts.renewSecret", AccountsSchema.renewSecret) { _ in
            [.blob(Secret.hash(secret)), .text(name)]
        }
        return done ? secret : nil
    }

    /// How many verified credentials are remembered now.
    public var cachedCredentials: Int { cache.count }

    private func change(
        _ name: String,
        by actor: String,
        action: String,
        _ statement: Statement,
        _ arguments: @escaping @Sendable (Timestamp) -> [SQLValue]
    ) async throws -> Bool {
        let now = clock.now()
        let done = try await database.write { transaction in
            guard try transaction.execute(statement, arguments(now)) == 1 else { return false }
            try AuditLog.append(transaction, actor: actor, action: action, subject: "account:" + name, at: now)
            return true
        }
        cache.forget(name)
        return done
    }

    /// Audits a failed sign-in.
    ///
    /// The name only if it is an account: people type passwords into the field for names.
    private func recordFailure(of name: String?, at now: Timestamp) async {
        guard let event = failures.record(at: now) else { return }
        // A log that cannot be written must not let anybody in nor keep anybody out; the next database error says
        // what is wrong.
        try? await database.write { transaction in
            if event.unrecorded > 0 {
                try AuditLog.append(
                    transaction,
                    actor: "unknown",
                    action: "accounts.signInsFailed",
                    subject: "accounts",
                    detail: .object(["count": .integer(Int64(event.unrecorded))]),
                    at: now
                )
            }
            try AuditLog.append(
                transaction,
                actor: name ?? "unknown",
                action: "accounts.signInFailed",
                subject: "accounts",
                at: now
            )
        }
    }
}
