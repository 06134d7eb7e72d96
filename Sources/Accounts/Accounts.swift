// SPDX-License-Identifier: EUPL-1.2

internal import Audit
public import Database
public import DurableFiles
internal import JSON
public import OCI
import Synchronization
public import Time

/// Who may sign in, and what they may do.
///
/// The first start makes the account `admin`, which makes all others. Of generated secrets only the SHA-256 is stored, of passwords
/// that people chose the scrypt hash. What a secret is checked against depends on its form alone: checking costs the same for a name
/// that exists and one that does not.
///
/// Rights are looked up at every request, in one read: what is taken from an account, a token or a namespace is gone at once.
public final class Accounts: Sendable {
    /// Name of the file with the first secret, inside the data directory.
    public static let adminSecretFile = "admin-secret"
    /// Name of the first account.
    public static let adminName = "admin"

    /// Bounds of the checks.
    public struct Settings: Sendable {
        /// Verified credentials that are remembered.
        public var cachedCredentials = 1_024
        /// How long they are remembered; a change of the account's secrets ends it at once.
        public var cacheLifetime: Duration = .seconds(600)
        /// Whether everybody may pull what lies in no namespace.
        public var anonymousPull = false
        /// log2 of the rounds of scrypt for passwords that are set from now on; 15 is a quarter of a second.
        public var passwordLogRounds = 15
        /// How often the last use of a token is written down.
        public var tokenUseInterval: Duration = .seconds(60)
        /// Failed sign-ins that are audited one by one in a minute; the rest of that minute is one event with their
        /// number.
        public var auditedFailuresPerMinute = 10

        /// The usual bounds.
        public init() {}
    }

    let database: Database
    let clock: WallClock
    let settings: Settings
    private let files: FileOperations
    private let cache: CredentialCache
    private let failures: FailedSignIns
    private let throttle = SignInThrottle()
    /// Passwords that are being looked at, by their fingerprint.
    // Owner: this mutex.
    private let signingIn = Mutex<[[UInt8]: (gate: Gate, count: Int)]>([:])
    // Owner: this mutex; tokens whose use was written down a moment ago.
    private let tokenUses = Mutex<[Int64: Timestamp]>([:])

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
        self.settings = settings
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
            let arguments: [SQLValue] = [
                .text(Self.adminName), .bool(true), .integer(Account.Kind.person.rawValue),
                .integer(Account.NodeRole.operator.rawValue), .null, .null, .blob(Secret.hash(secret)), .time(now),
            ]
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
    /// - Parameters:
    ///   - username: name of the account, also when the secret is a token's.
    ///   - password: a password, a generated secret or the secret of a token.
    ///   - source: where the attempt comes from, an address; failures are counted by it.
    /// - Returns: the account; nil when name or secret is wrong, the account disabled or the token at its end: which of them, nobody is told.
    /// - Throws: ``AccountsError/tooManyAttempts(retryAfter:)``; ``DatabaseError`` when it cannot be found out. That is a 503, never a 401:
    ///   a client that is told its secret is wrong forgets it.
    public func authenticate(username: String, password: String, source: String = "") async throws -> Account? {
        let now = clock.now()
        let fingerprint = cache.fingerprint(username, password)
        let cached = cache.find(fingerprint, at: now)
        if let account = cached.account {
            await noteUse(of: account.tokenID, at: now)
            return account
        }
        // No name has a NUL character, and a database cannot be asked for one: a wrong name, not a failure of ours.
        let canExist = !username.utf8.contains(0) && username.utf8.count <= 256 && password.utf8.count <= 1024
        let username = canExist ? username : ""
        // Generated secrets cannot be guessed; only what people chose is worth slowing down for.
        guard !Secret.isToken(password), !Secret.isGenerated(password) else {
            return try await signIn(username, password, fingerprint, source, isGuessable: false, at: now)
        }
        // One after the other of those that show the same: when a browser shows the right password six times at once, the first is looked
        // at, and the others are known by then. Counted they would be failures.
        return try await alone(fingerprint) {
            if let account = cache.find(fingerprint, at: now).account { return account }
            return try await signIn(username, password, fingerprint, source, isGuessable: true, at: now)
        }
    }

    private func alone<T>(_ fingerprint: [UInt8], _ body: () async throws -> T) async throws -> T {
        let gate = signingIn.withLock { users in
            var entry = users[fingerprint] ?? (Gate(limit: 1), 0)
            entry.count += 1
            users[fingerprint] = entry
            return entry.gate
        }
        defer {
            signingIn.withLock { users in
                guard var entry = users[fingerprint] else { return }
                entry.count -= 1
                users[fingerprint] = entry.count > 0 ? entry : nil
            }
        }
        return try await gate.pass(body)
    }

    private func signIn(
        _ username: String,
        _ password: String,
        _ fingerprint: [UInt8],
        _ source: String,
        isGuessable: Bool,
        at now: Timestamp
    ) async throws -> Account? {
        let generation = cache.find(fingerprint, at: now).generation
        if isGuessable, let seconds = throttle.begin(source, username, at: now) {
            throw AccountsError.tooManyAttempts(retryAfter: seconds)
        }
        let found: (account: Account?, nameExists: Bool)
        do {
            found =
                Secret.isToken(password)
                ? (try await tokenHolder(username, password, at: now), false)
                : try await holder(username, password)
        } catch {
            // It was not looked at: a failure of ours is no failed sign-in.
            if isGuessable { throttle.takeBack(source, username) }
            throw error
        }
        guard let account = found.account else {
            await recordFailure(of: found.nameExists ? username : nil, at: now)
            return nil
        }
        if isGuessable { throttle.succeeded(source, username) }
        cache.keep(account, fingerprint, generation: generation, at: now)
        await noteUse(of: account.tokenID, at: now)
        return account
    }

    /// Somebody by the secret of their account.
    private func holder(_ username: String, _ password: String) async throws -> (account: Account?, nameExists: Bool) {
        let row = try await database.lookUp { transaction in
            try transaction.first(AccountsSchema.find, [.text(username)])
        }
        let matches: Bool
        if Secret.isGenerated(password) {
            // The same work for a name that does not exist: 32 zero bytes are the SHA-256 of nothing that anybody knows.
            let expected = try row?.bytes(5) ?? [UInt8](repeating: 0, count: 32)
            matches = Secret.equal(expected, Secret.hash(password))
        } else {
            matches = try await PasswordHash.verify(
                password,
                against: try row?.optionalText(6),
                logRounds: settings.passwordLogRounds
            )
        }
        guard let row, matches, try row.optionalTime(7) == nil else { return (nil, row != nil) }
        return (try row.account(version: 8), true)
    }

    /// Somebody by the secret of a token.
    private func tokenHolder(_ username: String, _ secret: String, at now: Timestamp) async throws -> Account? {
        try await database.lookUp { transaction in
            guard let row = try transaction.first(AccountsSchema.token, [.blob(Secret.hash(secret))]),
                try row.text(1) == username, try row.optionalTime(5) == nil, try row.time(8) > now,
                try row.optionalTime(9) == nil
            else { return nil }
            let tokenID = try row.int64(7)
            let scopes = try transaction.query(AccountsSchema.scopesOfToken, [.integer(tokenID)]).map { scope in
                TokenScope(repositories: try scope.text(0), rights: Rights(rawValue: try scope.int64(1)))
            }
            return try row.account(version: 6, tokenID: tokenID, limit: scopes)
        }
    }

    /// What somebody may do in a repository, as things are now.
    ///
    /// - Parameters:
    ///   - account: who proved who they are, by whatever; nil for nobody in particular.
    ///   - repository: nil for what concerns no repository.
    /// - Returns: nil when the proof counts no more: the account was disabled, its secret changed, or its token revoked or at its end.
    public func access(of account: Account?, to repository: RepositoryName?) async throws -> RepositoryAccess? {
        let now = clock.now()
        return try await database.lookUp { transaction in
            try self.access(transaction, of: account, to: repository, at: now)
        }
    }

    /// Like ``access(of:to:)``, in a transaction of the caller.
    public func access(
        _ transaction: Transaction,
        of account: Account?,
        to repository: RepositoryName?,
        at now: Timestamp
    ) throws -> RepositoryAccess? {
        let candidates = repository.map { Namespace.candidates(for: $0.text) } ?? []
        let names = (0..<Namespace.maximumComponents).map {
            SQLValue.text(candidates.indices.contains($0) ? candidates[$0] : "")
        }
        let asked: [SQLValue] = [.integer(account?.id ?? 0), .integer(account?.tokenID ?? 0)]
        guard let row = try transaction.first(AccountsSchema.access, asked + names) else { return nil }
        var current: Account?
        var tokenEnds: Timestamp?
        if let account {
            guard let name = try row.optionalText(0), try row.optionalTime(4) == nil,
                try row.int64(5) == account.version
            else { return nil }
            if account.tokenID != nil {
                guard let end = try row.optionalTime(6), end > now, try row.optionalTime(7) == nil else { return nil }
                tokenEnds = end
            }
            current = Account(
                id: account.id,
                name: name,
                kind: try row.accountKind(1),
                nodeRole: try row.nodeRole(2),
                organisationID: try row.optionalInt64(3),
                tokenID: account.tokenID,
                limit: account.limit,
                version: account.version
            )
        }
        let namespace = try row.optionalInt64(8) == nil ? nil : row.namespace(8)
        return RepositoryAccess.decide(
            current,
            role: try row.optionalInt64(15).flatMap { Role(rawValue: $0) },
            namespace: namespace,
            repository: repository?.text ?? "",
            allowsOutside: settings.anonymousPull
        ).ending(tokenEnds, at: now)
    }

    /// Which repositories somebody may read, for lists, with the account as it is now.
    ///
    /// - Returns: nil when the proof counts no more.
    public func readScope(of account: Account?) async throws -> ReadScope? {
        try await readScope(of: account, at: clock.now())?.scope
    }

    /// Who asks, as they are now, and which repositories they may read.
    ///
    /// - Returns: nil when the proof counts no more.
    public func reader(_ account: Account?) async throws -> (account: Account?, scope: ReadScope)? {
        try await readScope(of: account, at: clock.now())
    }

    private func readScope(
        of account: Account?,
        at now: Timestamp
    ) async throws -> (account: Account?, scope: ReadScope)? {
        try await database.read { transaction in
            guard let current = try self.access(transaction, of: account, to: nil, at: now) else { return nil }
            let id = current.account?.id
            let rows = try transaction.query(AccountsSchema.readableNamespaces, [.integer(id ?? 0)])
            // One that is missing here would count as lying outside of all.
            guard rows.count < Self.maximumNamespaces else { throw DamagedAccounts(what: "number of namespaces") }
            var namespaces: [String: ReadScope.Entry] = [:]
            for row in rows {
                let isPublic = try row.bool(1)
                let isMember = try id != nil && row.optionalInt64(2) != nil
                namespaces[try row.text(0)] = ReadScope.Entry(
                    isReadable: isPublic || isMember,
                    isPublic: isPublic,
                    isFrozen: try row.optionalTime(3) != nil
                )
            }
            let scope = ReadScope(
                readsAll: current.account?.nodeRole != nil,
                allowsOutside: self.settings.anonymousPull,
                limit: current.account?.limit,
                namespaces: namespaces
            )
            return (current.account, scope)
        }
    }

    /// As many as ``AccountsSchema/readableNamespaces`` reads.
    private static let maximumNamespaces = 100_000

    /// Whether everybody may pull what lies in no namespace.
    public var allowsOutside: Bool { settings.anonymousPull }

    private func noteUse(of tokenID: Int64?, at now: Timestamp) async {
        guard let tokenID else { return }
        let isNews = tokenUses.withLock { uses in
            if let last = uses[tokenID], last + settings.tokenUseInterval > now { return false }
            if uses.count >= 10_000 { uses = [:] }
            uses[tokenID] = now
            return true
        }
        // That a use could not be written down keeps nobody out.
        if isNews {
            _ = try? await database.write { try $0.execute(AccountsSchema.useToken, [.time(now), .integer(tokenID)]) }
        }
    }

    /// Drops what is remembered about an account's secrets.
    func forget(_ name: String) { cache.forget(name) }

    /// How many verified credentials are remembered now.
    public var cachedCredentials: Int { cache.count }

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

extension Row {
    /// An account whose first five columns are those of ``AccountsSchema/find``.
    func account(version: Int, tokenID: Int64? = nil, limit: [TokenScope]? = nil) throws -> Account {
        Account(
            id: try int64(0),
            name: try text(1),
            kind: try accountKind(2),
            nodeRole: try nodeRole(3),
            organisationID: try optionalInt64(4),
            tokenID: tokenID,
            limit: limit,
            version: try int64(version)
        )
    }

    func accountKind(_ column: Int) throws -> Account.Kind {
        guard let kind = Account.Kind(rawValue: try int64(column)) else {
            throw DamagedAccounts(what: "kind of account")
        }
        return kind
    }

    func nodeRole(_ column: Int) throws -> Account.NodeRole? {
        guard let number = try optionalInt64(column) else { return nil }
        guard let role = Account.NodeRole(rawValue: number) else { throw DamagedAccounts(what: "role on the node") }
        return role
    }

    /// A namespace from the columns of ``AccountsSchema/namespaceColumns``.
    func namespace(_ column: Int) throws -> Namespace {
        var freeze: Namespace.Freeze?
        if let since = try optionalTime(column + 4) {
            freeze = Namespace.Freeze(since: since, at: try time(column + 5), by: try text(column + 6))
        }
        return Namespace(
            id: try int64(column),
            name: try text(column + 1),
            organisationID: try int64(column + 2),
            isPublic: try bool(column + 3),
            freeze: freeze
        )
    }
}

/// A row holds what this program never writes; nobody gets a right from it.
struct DamagedAccounts: Error, CustomStringConvertible {
    let what: String
    var description: String {
        "a row of the accounts holds an unknown \(what); was the database written by a later version?"
    }
}
