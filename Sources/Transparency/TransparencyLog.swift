// SPDX-License-Identifier: EUPL-1.2

internal import Audit
public import Database
public import Logging
public import MerkleLog
public import NIOPosix
public import Time

/// The node's transparency log: what was stated, in an order that nobody can change afterwards.
///
/// An entry is queued in the transaction of its fact and is durable with it. ``LogSequencer`` takes what waits under a lease: it gives
/// indices (from then on the history is fixed, by rows), writes bundles and tiles, records the tree's size and root, and has a
/// checkpoint signed. Each step can be done again with the same result, so a crash anywhere loses and forks nothing:
/// - indices given, files not or half written: the same rows give the same bytes; a file with other bytes stops the log;
/// - files written, size not recorded: they are found equal and made durable once more;
/// - size recorded, no checkpoint: the next round signs it; the ``CheckpointGuard`` remembers before the signature is made;
/// - signed and recorded, not in the directory: ``prepare()`` and the next checkpoint put it there.
///
/// ## Topics
/// - ``enqueue(_:in:)``
/// - ``receipt(for:timeout:)``
/// - ``status()``
/// - ``prepare()``
/// - ``freeze(_:)``
/// - ``confirm(size:root:by:)``
/// - ``confirm(shownBy:)``
/// - ``adoptDirectory(by:)``
public struct TransparencyLog: Sendable {
    /// Bounds and times.
    public struct Settings: Sendable {
        /// Time between two looks at what waits.
        public var interval: Duration = .milliseconds(150)
        /// Shortest time between two checkpoints.
        public var checkpointInterval: Duration = .milliseconds(250)
        /// How long a lease holds; renewed when half of it is over.
        public var lease: Duration = .seconds(10)
        /// Most entries of one batch.
        public var batchEntries = 2_048
        /// Bytes after which a batch takes no further entry.
        public var batchBytes = 16 << 20
        /// How time passes; tests give their own.
        public var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

        /// The usual bounds.
        public init() {}
    }

    /// The log's name, which is fixed by its first entry.
    public let origin: String
    /// Its files.
    public let directory: LogDirectory
    let database: Database
    let checkpointGuard: CheckpointGuard
    let signers: [LogSigner]
    /// Keys that signed before and do no more; what they signed counts.
    public let formerKeys: [NoteKey]
    /// Keys of which nothing new counts; they only tell this log's own old checkpoint from a stranger's.
    let revokedKeys: [NoteKey]
    let rules: PublicationRules
    let settings: Settings
    let clock: WallClock
    let threads: NIOThreadPool
    let logger: Logger
    let published = PublicationSignal()
    let tiles = TileCache()

    /// Composes the log over a database that has ``LogSchema/migrations``; reads and writes nothing yet.
    ///
    /// - Parameters:
    ///   - origin: the log's name, a URL without scheme: `registry.example/log`. Also the name of its keys.
    ///   - signers: the Ed25519 key first; then others that sign the same checkpoint, P-256 for example.
    ///   - formerKeys: that signed its checkpoints before them.
    ///   - revokedKeys: that did, and must not be believed any more.
    ///   - database: where queue and state are.
    ///   - directory: of its files.
    ///   - checkpointGuard: beside the keys, outside of what a backup of the database restores.
    ///   - rules: what must not be published.
    ///   - settings: bounds and times.
    ///   - clock: the time of day.
    ///   - threads: where files are written.
    ///   - logger: for what an operator should know.
    /// - Throws: ``TransparencyError/configuration(_:)``.
    public init(
        origin: String,
        signers: [LogSigner],
        formerKeys: [NoteKey] = [],
        revokedKeys: [NoteKey] = [],
        database: Database,
        directory: LogDirectory,
        checkpointGuard: CheckpointGuard,
        rules: PublicationRules,
        settings: Settings = Settings(),
        clock: WallClock = .system,
        threads: NIOThreadPool,
        logger: Logger = Logger(label: "kontor.log")
    ) throws(TransparencyError) {
        guard Checkpoint.isOrigin(origin) else {
            throw .configuration("\"\(origin.prefix(64))\" is no name of a log: no spaces, no +, not empty")
        }
        guard signers.first?.key.algorithm == .ed25519 else {
            throw .configuration("its first key must be an Ed25519 key: every reader of checkpoints knows that kind")
        }
        let all = signers.map(\.key) + formerKeys + revokedKeys
        guard all.allSatisfy({ $0.name == origin && $0.algorithm != .cosignature }) else {
            throw .configuration("its keys must be called \(origin), like the log")
        }
        self.origin = origin
        self.signers = signers
        self.formerKeys = formerKeys
        self.revokedKeys = revokedKeys
        self.database = database
        self.directory = directory
        self.checkpointGuard = checkpointGuard
        self.rules = rules
        self.settings = settings
        self.clock = clock
        self.threads = threads
        self.logger = logger
    }

    /// The public keys that sign now.
    public var keys: [NoteKey] { signers.map(\.key) }

    /// Whether the newest checkpoint lacks a signature by a key that signs now: after a rotation it is signed once more.
    func lacksSignature(_ state: LogState) -> Bool {
        guard let note = state.note, state.size == state.publishedSize else { return false }
        guard let parsed = try? SignedNote(parsing: note) else { return true }
        return keys.contains { key in !parsed.signatures.contains { $0.name == key.name && $0.keyID == key.id } }
    }

    // MARK: - Queue

    /// Queues an entry in the transaction of its fact, so that both are there or neither.
    ///
    /// - Returns: its row, to ask for its receipt by; keep it with the fact.
    /// - Throws: ``TransparencyError/invalidEntry(_:)``, ``TransparencyError/originIsFixed(_:configured:)``, ``DatabaseError``. A frozen
    ///   log still queues: facts go on, and are logged once it goes on.
    public func enqueue(_ entry: LogEntry, in transaction: Transaction) throws -> Int64 {
        guard !entry.bytes.isEmpty, entry.bytes.count <= LogEntry.maximumBytes else {
            throw TransparencyError.invalidEntry(
                "it has \(entry.bytes.count) bytes; 1 to \(LogEntry.maximumBytes) fit: log a hash"
            )
        }
        guard (1...LogEntry.maximumKindLength).contains(entry.kind.utf8.count) else {
            throw TransparencyError.invalidEntry("its kind needs 1 to \(LogEntry.maximumKindLength) characters")
        }
        try begin(transaction)
        let arguments: [SQLValue] = [
            .text(entry.kind), .optional(entry.namespace), .blob(MerkleHash(leaf: entry.bytes).bytes),
            .blob(entry.bytes),
            .time(clock.now()),
        ]
        guard let row = try transaction.first(LogSchema.enqueue, arguments) else {
            throw DatabaseError(.shape, "an insert gave no row back", statement: LogSchema.enqueue.name)
        }
        return try row.int64(0)
    }

    /// Fixes the origin with the first entry.
    func begin(_ transaction: Transaction) throws {
        if let state = try LogState(transaction) {
            try check(state)
        } else {
            try transaction.execute(LogSchema.begin, [.text(origin), .blob(MerkleHash.empty.bytes)])
        }
    }

    func check(_ state: LogState) throws(TransparencyError) {
        guard state.origin == origin else { throw .originIsFixed(state.origin, configured: origin) }
    }

    // MARK: - Looking

    /// How the log stands.
    public func status() async throws -> LogStatus {
        try await database.read { transaction in
            var status = LogStatus()
            guard let state = try LogState(transaction) else { return status }
            status.origin = state.origin
            status.size = state.size
            status.root = state.root
            status.publishedSize = state.publishedSize
            status.publishedAt = state.note == nil ? nil : state.publishedAt
            status.freeze = state.freeze
            let limit = SQLValue.integer(LogStatus.countLimit)
            status.waiting = try transaction.first(LogSchema.countWaiting, [limit])?.int(0) ?? 0
            status.refused = try transaction.first(LogSchema.countRefused, [limit])?.int(0) ?? 0
            status.waitingSince = try transaction.first(LogSchema.oldestWaiting)?.time(0)
            return status
        }
    }

    /// Where an entry stands.
    ///
    /// - Throws: ``TransparencyError/unknownEntry(_:)``.
    public func entry(_ id: Int64) async throws -> LoggedEntry {
        let row = try await database.lookUp { try $0.first(LogSchema.entry, [.integer(id)]) }
        guard let row else { throw TransparencyError.unknownEntry(id) }
        return try LoggedEntry(row)
    }

    /// Entries that may not be published, oldest first.
    ///
    /// - Parameters:
    ///   - id: of the last one of the page before.
    ///   - limit: entries of a page, at most 1 000.
    public func refusedEntries(after id: Int64 = 0, limit: Int = 100) async throws -> [LoggedEntry] {
        try await database.read { transaction in
            try transaction.query(LogSchema.refused, [.integer(id), .integer(min(max(limit, 1), 1_000))]).map {
                try LoggedEntry($0)
            }
        }
    }

    /// Lets a refused entry be looked at again, once its reason is gone (a namespace became public).
    ///
    /// - Returns: false when it is not refused.
    @discardableResult
    public func reconsider(_ id: Int64, by actor: String) async throws -> Bool {
        let now = clock.now()
        return try await database.write { transaction in
            guard try transaction.execute(LogSchema.revive, [.integer(id)]) == 1 else { return false }
            try AuditLog.append(transaction, actor: actor, action: "log.reconsider", subject: "entry \(id)", at: now)
            return true
        }
    }
}

/// The log's one row of state.
struct LogState: Sendable {
    let origin: String
    let nextIndex: Int
    let size: Int
    let root: MerkleHash
    let publishedSize: Int
    let publishedAt: Timestamp
    let note: [UInt8]?
    let freeze: LogFreeze?
    let leaseToken: Int64
    let leaseUntil: Timestamp

    /// Nil before the first entry.
    init?(_ transaction: Transaction) throws {
        guard let row = try transaction.first(LogSchema.state) else { return nil }
        origin = try row.text(0)
        nextIndex = try row.int(1)
        size = try row.int(2)
        guard let root = MerkleHash(bytes: try row.bytes(3)) else {
            throw DatabaseError(.shape, "the log's root has no 32 bytes", statement: LogSchema.state.name)
        }
        self.root = root
        publishedSize = try row.int(4)
        publishedAt = try row.time(5)
        note = try row.optionalBytes(6)
        freeze = try row.optionalText(7).map { code in
            LogFreeze(LogFreeze.Reason(rawValue: code) ?? .restored, try row.optionalText(8) ?? "")
        }
        leaseToken = try row.int64(9)
        leaseUntil = try row.time(10)
    }
}

extension LoggedEntry {
    init(_ row: Row) throws(DatabaseError) {
        id = try row.int64(0)
        kind = try row.text(1)
        queuedAt = try row.time(5)
        if let index = try row.optionalInt(3) {
            state = .logged(index: index, integratedAt: try row.optionalTime(6))
        } else if try row.int(2) == 2 {
            state = .refused(try row.optionalText(4) ?? "")
        } else {
            state = .waiting
        }
    }
}
