// SPDX-License-Identifier: EUPL-1.2

/// Notices that another snapshot became current, from whichever process it was imported.
public struct SnapshotWatcher: Sendable {
    /// The store that is watched.
    public let feeds: FeedStore
    /// How often the pointer is read; one second keeps the promise of two.
    public let interval: Duration

    /// Creates a watcher.
    public init(feeds: FeedStore, interval: Duration = .seconds(1)) {
        self.feeds = feeds
        self.interval = interval
    }

    /// The difference between a snapshot and the current one; nil when that is still current.
    ///
    /// - Parameter known: the identity that was current before; nil when there was none. If its file is no longer
    ///   kept, the difference says that everything may have changed.
    public func difference(since known: String?) async throws -> SnapshotDifference? {
        guard let identity = try feeds.currentIdentity(), identity != known else { return nil }
        guard let current = try feeds.current(), current.id != known else { return nil }
        return try await SnapshotDifference(from: known.flatMap { feeds.snapshot(id: $0) }, to: current)
    }

    /// Runs until the task is cancelled and reports every switch.
    ///
    /// - Parameters:
    ///   - known: the identity of the snapshot that was last reported, from storage.
    ///   - failed: told when the store cannot be read or a report failed; the same switch is tried again.
    ///   - report: takes one difference; when it returns, the switch counts as reported.
    public func run(
        since known: String?,
        failed: @Sendable (any Error) -> Void,
        report: @Sendable (SnapshotDifference) async throws -> Void
    ) async throws {
        var known = known
        while true {
            do {
                if let difference = try await difference(since: known) {
                    try await report(difference)
                    known = difference.after.id
                }
            } catch {
                if Task.isCancelled { throw CancellationError() }
                failed(error)
            }
            try await Task.sleep(for: interval)
        }
    }
}
