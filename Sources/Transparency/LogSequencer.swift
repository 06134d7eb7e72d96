// SPDX-License-Identifier: EUPL-1.2

internal import Logging

/// Takes what waits, round after round, until its task is cancelled.
///
/// Any number of processes may run one on a shared database: a lease in the log's own row lets one of them work, and each of its
/// transactions asks whether the lease still holds. Not a job of the queue: a round takes milliseconds and comes every 150, and each of
/// its steps, not only its end, must count only under the lease.
public struct LogSequencer: Sendable {
    private let log: TransparencyLog
    private let token = Int64.random(in: 1...Int64.max)

    /// A worker for a log; ``TransparencyLog/prepare()`` has run before.
    public init(_ log: TransparencyLog) { self.log = log }

    /// Runs until the task is cancelled; errors are logged, and the next round tries again.
    public func run() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                _ = try await round()
                failures = 0
            } catch is CancellationError {
                break
            } catch {
                // Not thirteen lines a second while a disk is full.
                if failures.isMultiple(of: 100) { log.logger.error("the log cannot go on, and tries again: \(error)") }
                failures += 1
            }
            do { try await log.settings.sleep(log.settings.interval) } catch { break }
        }
        try? await log.releaseLease(as: token)
    }

    /// One round; what ``run()`` does every interval.
    @discardableResult
    package func round() async throws -> Bool {
        do { return try await !log.sequence(as: token).isIdle } catch is LeaseLost { return false }
    }

    /// Gives the lease back.
    package func stop() async throws { try await log.releaseLease(as: token) }
}
