// SPDX-License-Identifier: EUPL-1.2

internal import GRDB
import Synchronization

/// Gathers the writes that arrive while the disk is busy and commits them together.
///
/// There is one drainer, on the writer's queue: it takes what waits, runs each closure in its savepoint, commits
/// once, and only then tells the callers. While it waits for the disk, the next batch gathers. Nobody waits for
/// company: a lone write is committed alone.
final class GroupCommit: Sendable {
    private struct State {
        var waiting: [any PendingWrite] = []
        var isDraining = false
        var statistics = CommitStatistics()
    }

    private let path: String
    private let connections: any GRDB.DatabaseWriter
    private let settings: Database.Settings
    // Owner: this mutex. Held for moments only, never while SQLite works.
    private let state = Mutex(State())

    init(path: String, connections: any GRDB.DatabaseWriter, settings: Database.Settings) {
        self.path = path
        self.connections = connections
        self.settings = settings
    }

    var statistics: CommitStatistics {
        state.withLock { state in
            var statistics = state.statistics
            statistics.waiting = state.waiting.count
            return statistics
        }
    }

    func run<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let write = Write(body: body, continuation: continuation)
            let (refusal, mustStart): (DatabaseError?, Bool) = state.withLock { state in
                if state.waiting.count >= settings.waitingWriters {
                    return (
                        DatabaseError(.overloaded, "\(state.waiting.count) writes are waiting already", path: path),
                        false
                    )
                }
                state.waiting.append(write)
                if state.isDraining { return (nil, false) }
                state.isDraining = true
                return (nil, true)
            }
            if let refusal { continuation.resume(throwing: refusal) }
            if mustStart { connections.asyncWriteWithoutTransaction { connection in self.drain(connection) } }
        }
    }

    private func drain(_ connection: GRDB.Database) {
        while true {
            let batch: [any PendingWrite] = state.withLock { state in
                if state.waiting.isEmpty { state.isDraining = false }
                let count = min(state.waiting.count, max(1, settings.batchSize))
                defer { state.waiting.removeFirst(count) }
                return Array(state.waiting.prefix(count))
            }
            if batch.isEmpty { return }
            commit(batch[...], connection)
        }
    }

    /// Commits a batch; what one closure breaks for all (a full disk, a deferred key) is found by running each of
    /// them alone.
    private func commit(_ batch: ArraySlice<any PendingWrite>, _ connection: GRDB.Database) {
        var rest = batch
        while !rest.isEmpty {
            do {
                try connection.execute(sql: "BEGIN IMMEDIATE")
            } catch {
                // Another process holds the file: nobody's fault here, and trying each alone would wait once for each.
                let failure = translated(error)
                for write in rest { write.fail(failure) }
                return
            }
            do {
                let taken = try attempt(rest, connection)
                state.withLock { state in
                    state.statistics.commits += 1
                    state.statistics.writes += taken.count { $0.succeeded }
                }
                for write in taken { write.deliver() }
                rest = rest.dropFirst(taken.count)
            } catch {
                if connection.isInsideTransaction { try? connection.execute(sql: "ROLLBACK") }
                if rest.count > 1 {
                    state.withLock { $0.statistics.repeatedBatches += 1 }
                    for write in rest { commit([write], connection) }
                } else {
                    let failure = translated(error)
                    for write in rest { write.fail(failure) }
                }
                return
            }
        }
    }

    /// Runs and commits as many closures of a batch as fit into the time for one commit.
    private func attempt(
        _ batch: ArraySlice<any PendingWrite>,
        _ connection: GRDB.Database
    ) throws -> ArraySlice<any PendingWrite> {
        let begin = ContinuousClock.now
        var count = 0
        for write in batch {
            if count > 0, ContinuousClock.now - begin > settings.batchTime { break }
            try execute(write, connection)
            count += 1
        }
        try connection.execute(sql: "COMMIT")
        return batch.prefix(count)
    }

    private func execute(_ write: any PendingWrite, _ connection: GRDB.Database) throws {
        try connection.execute(sql: "SAVEPOINT kontor_write")
        let transaction = Transaction(connection)
        write.run(transaction)
        transaction.end()
        guard connection.isInsideTransaction else {
            // SQLite rolled everything back by itself (full disk, I/O error), the neighbours' work included.
            throw write.failure ?? DatabaseError(.misuse, "a closure ended the transaction that it shares with others")
        }
        if write.failure != nil { try connection.execute(sql: "ROLLBACK TO kontor_write") }
        try connection.execute(sql: "RELEASE kontor_write")
    }

    private func translated(_ error: any Error) -> any Error {
        guard error is GRDB.DatabaseError || error is DatabaseError else { return error }
        return DatabaseError(error, statement: nil, path: path)
    }
}

/// One waiting caller, whatever its result type.
private protocol PendingWrite: Sendable {
    var failure: (any Error)? { get }
    var succeeded: Bool { get }
    func run(_ transaction: Transaction)
    func deliver()
    func fail(_ error: any Error)
}

private final class Write<T: Sendable>: PendingWrite {
    private let body: @Sendable (Transaction) throws -> T
    private let continuation: CheckedContinuation<T, any Error>
    // Owner: the writer's queue, one closure at a time; the mutex only proves it to the compiler.
    private let result = Mutex<Result<T, any Error>?>(nil)

    init(body: @escaping @Sendable (Transaction) throws -> T, continuation: CheckedContinuation<T, any Error>) {
        self.body = body
        self.continuation = continuation
    }

    var failure: (any Error)? {
        result.withLock { result in
            if case .failure(let error)? = result { return error }
            return nil
        }
    }

    var succeeded: Bool { failure == nil }

    func run(_ transaction: Transaction) {
        let outcome = Result { try body(transaction) }
        result.withLock { $0 = outcome }
    }

    /// Tells the caller; only after the commit it was part of is durable.
    func deliver() {
        if let result = result.withLock({ $0 }) { continuation.resume(with: result) }
    }

    func fail(_ error: any Error) { continuation.resume(throwing: error) }
}
