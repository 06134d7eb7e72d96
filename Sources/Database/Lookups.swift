// SPDX-License-Identifier: EUPL-1.2

internal import GRDB
import Synchronization

/// Connections that answer one statement at once, on the thread that asks.
///
/// A row by its key is found sooner than another thread wakes up. Where all of them are in use, the caller goes through the readers'
/// queues like everybody else, so no thread ever waits here.
final class Lookups: Sendable {
    private let free: Mutex<[DatabaseQueue]>
    private let all: [DatabaseQueue]

    /// - Parameter configuration: that of the readers.
    init(path: String, configuration: Configuration, count: Int) throws {
        var configuration = configuration
        configuration.readonly = true
        all = try (0..<count).map { _ in try DatabaseQueue(path: path, configuration: configuration) }
        free = Mutex(all)
    }

    /// What `body` returns; nil when no connection is free.
    ///
    /// Without a transaction: one statement sees one state by itself.
    func run<T>(_ body: (GRDB.Database) throws -> T) throws -> T? {
        guard let queue = free.withLock({ $0.popLast() }) else { return nil }
        defer { free.withLock { $0.append(queue) } }
        return try queue.unsafeRead(body)
    }

    func close() { for queue in all { try? queue.close() } }
}
