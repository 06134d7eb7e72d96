// SPDX-License-Identifier: EUPL-1.2

internal import GRDB
import Synchronization

/// The embedded database: one file, one writer with group commit, several readers.
///
/// Many callers of ``write(_:)`` share one commit, and so one fsync; each runs in a savepoint of its own, so that
/// one that fails takes nothing of its neighbours with it. When a call returns, its change survives a power cut.
///
/// ## Topics
/// - ``open(path:migrations:mode:settings:)``
/// - ``inMemory(migrations:)``
/// - ``write(_:)``
/// - ``read(_:)``
/// - ``lookUp(_:)``
/// - ``close()``
public final class Database: Sendable {
    /// Whether a file may be changed.
    public enum Mode: Sendable {
        /// Opened for writing, in WAL mode, brought up to date by migrations.
        case readWrite
        /// Opened for reading alone: a finished snapshot, or a file that another process writes.
        case readOnly
    }

    /// Bounds of one database.
    public struct Settings: Sendable {
        /// Connections that read at the same time.
        public var readers = 5
        /// Connections for ``lookUp(_:)``; more than threads of the process's pool are of no use.
        public var lookups = 4
        /// Most closures in one commit.
        public var batchSize = 256
        /// Time after which a commit takes no further closure.
        public var batchTime: Duration = .milliseconds(50)
        /// Writers that may wait; one more is answered ``DatabaseError/Kind/overloaded``.
        public var waitingWriters = 8_192
        /// How long to wait for another process that writes.
        public var busyWait: Duration = .seconds(10)

        /// The usual bounds.
        public init() {}
    }

    /// Path of the file; `:memory:` for a database of a test.
    public let path: String
    let connections: any GRDB.DatabaseWriter
    let commits: GroupCommit
    private let lookups: Lookups?
    /// Calls that run now.
    ///
    /// SQLite crashes on a closed connection, so the last call out closes it. Owner: this mutex.
    private let use = Mutex(Use())

    init(path: String, connections: any GRDB.DatabaseWriter, lookups: Lookups? = nil, settings: Settings) {
        self.path = path
        self.connections = connections
        self.lookups = lookups
        commits = GroupCommit(path: path, connections: connections, settings: settings)
    }

    /// Opens a database file and brings its tables up to date.
    ///
    /// - Parameters:
    ///   - path: the file; made when it does not exist and `mode` is `.readWrite`.
    ///   - migrations: of all rooms, in their order. With `.readOnly` they must all have been applied.
    ///   - mode: whether it may be changed.
    ///   - settings: bounds.
    /// - Throws: ``DatabaseError``; kind ``DatabaseError/Kind/newerSchema`` when a newer program wrote the file.
    public static func open(
        path: String,
        migrations: [Migration],
        mode: Mode = .readWrite,
        settings: Settings = Settings()
    ) throws(DatabaseError) -> Database {
        do {
            var configuration = Configuration()
            configuration.readonly = mode == .readOnly
            configuration.maximumReaderCount = max(1, settings.readers)
            configuration.foreignKeysEnabled = true
            configuration.busyMode = .timeout(settings.busyWait.inSeconds)
            configuration.label = "kontor"
            configuration.prepareDatabase { connection in
                // A temporary B-tree in memory: a temporary file would lie where no bound of ours holds.
                try connection.execute(sql: "PRAGMA temp_store = MEMORY")
            }
            let pool = try DatabasePool(path: path, configuration: configuration)
            if mode == .readWrite {
                try pool.writeWithoutTransaction { connection in
                    // After WAL mode was set, which lowers it to NORMAL: there a power cut may take acknowledged
                    // commits.
                    try connection.execute(sql: "PRAGMA synchronous = FULL")
                    try Migrations.apply(migrations, to: connection)
                }
            } else {
                try pool.read { connection in try Migrations.check(migrations, in: connection) }
            }
            let lookups =
                mode == .readWrite
                ? try Lookups(path: path, configuration: configuration, count: settings.lookups) : nil
            return Database(path: path, connections: pool, lookups: lookups, settings: settings)
        } catch {
            throw DatabaseError(error, statement: nil, path: path)
        }
    }

    /// A database in memory, for tests; one connection reads and writes.
    public static func inMemory(migrations: [Migration], settings: Settings = Settings()) throws(DatabaseError)
        -> Database
    {
        do {
            let queue = try DatabaseQueue()
            try queue.writeWithoutTransaction { connection in try Migrations.apply(migrations, to: connection) }
            return Database(path: ":memory:", connections: queue, settings: settings)
        } catch {
            throw DatabaseError(error, statement: nil, path: ":memory:")
        }
    }

    /// Runs a closure in a transaction and returns when its change is durable.
    ///
    /// Not cancellable: what was written counts, whether or not the caller still waits.
    ///
    /// - Parameter body: synchronous; may run more than once; its only effect goes through the transaction.
    /// - Throws: what `body` throws (then nothing of it stays), or a ``DatabaseError``.
    @discardableResult
    public func write<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        try enter()
        defer { leave() }
        return try await commits.run(body)
    }

    /// Runs a closure over one consistent state of the database; it sees every write that had returned before.
    public func read<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        try enter()
        defer { leave() }
        do {
            return try await connections.read { try Self.run(body, on: $0) }
        } catch {
            throw translated(error)
        }
    }

    /// Like ``read(_:)`` for a closure that runs one statement which finds a few rows by a key.
    ///
    /// It runs on the calling thread where it can: a change of thread costs more than such a statement.
    public func lookUp<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        if let found = try blocking({ try lookups?.run { try Self.run(body, on: $0) } }) { return found }
        return try await read(body)
    }

    /// Like ``read(_:)`` for callers without concurrency (start-up, command line); blocks its thread.
    public func readBlocking<T>(_ body: (Transaction) throws -> T) throws -> T {
        try blocking { try connections.read { try Self.run(body, on: $0) } }
    }

    private func blocking<T>(_ body: () throws -> T) throws -> T {
        try enter()
        defer { leave() }
        do { return try body() } catch { throw translated(error) }
    }

    private static func run<T>(_ body: (Transaction) throws -> T, on connection: GRDB.Database) throws -> T {
        let transaction = Transaction(connection)
        defer { transaction.end() }
        return try body(transaction)
    }

    /// How many closures were written in how many commits so far.
    public var statistics: CommitStatistics { commits.statistics }

    /// Closes the file as soon as the work that runs has ended; later calls fail with ``DatabaseError/Kind/closed``.
    ///
    /// Without running work it is closed when this returns. Safe to call twice.
    public func close() {
        let isIdle = use.withLock { use in
            defer { use.isClosed = true }
            return !use.isClosed && use.count == 0
        }
        if isIdle { closeConnections() }
    }

    private func enter() throws(DatabaseError) {
        let isOpen = use.withLock { use in
            if !use.isClosed { use.count += 1 }
            return !use.isClosed
        }
        if !isOpen { throw DatabaseError(.closed, "the database was closed", path: path) }
    }

    private func leave() {
        let isLast = use.withLock { use in
            use.count -= 1
            return use.isClosed && use.count == 0
        }
        if isLast { closeConnections() }
    }

    private func closeConnections() {
        // An error here means that a statement is still open; the process's end closes it.
        lookups?.close()
        try? connections.close()
    }

    private func translated(_ error: any Error) -> any Error {
        guard error is GRDB.DatabaseError || error is DatabaseError else { return error }
        return DatabaseError(error, statement: nil, path: path)
    }

    private struct Use {
        var count = 0
        var isClosed = false
    }
}

/// What group commit did so far.
public struct CommitStatistics: Sendable, Hashable {
    /// Closures whose change became durable.
    public var writes = 0
    /// Commits, and so waits for the disk.
    public var commits = 0
    /// Batches that had to be run again one by one, because one closure broke the whole.
    public var repeatedBatches = 0
    /// Closures that wait now.
    public var waiting = 0
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
