// SPDX-License-Identifier: EUPL-1.2

import Assessment
import Database
import Logging
import Products
import PullRecords
import Registry
import ServiceLifecycle
import Synchronization
import Time

/// A long-lived job of the node: runs until the node stops.
struct NodeService: Service {
    let name: String
    let work: @Sendable () async throws -> Void

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await work() }
            // Cancelled work returns or throws; both are the ordinary end.
        } catch is CancellationError {}
        // A service that returns while the node runs would end the node: what is done waits for the end instead.
        try? await gracefulShutdown()
    }
}

/// Removes expired uploads and retries deletions.
struct Upkeep: Sendable {
    let registry: Registry
    let logger: Logger
    let interval: Duration

    func run() async throws {
        while true {
            try await Task.sleep(for: interval)
            do {
                let report = try await registry.upkeep()
                if report.expiredUploads > 0 || report.removedFiles > 0 || report.failures > 0 {
                    logger.info(
                        "upkeep",
                        metadata: [
                            "expiredUploads": "\(report.expiredUploads)", "removedFiles": "\(report.removedFiles)",
                            "failures": "\(report.failures)",
                        ]
                    )
                }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                logger.error("upkeep failed, the next run tries again: \(error)")
            }
        }
    }
}

/// Writes pull records once a second, and removes those past their retention.
struct PullKeeper: Sendable {
    let pulls: PullRecords
    let clock: WallClock
    let retention: Duration
    let logger: Logger

    func run() async throws {
        var round = 0
        while true {
            try await Task.sleep(for: .seconds(1))
            do {
                try await pulls.flush()
                if round % 3600 == 0 {
                    while try await pulls.expire(before: clock.now() - retention) == 1_000 {
                        try Task.checkCancellation()
                    }
                }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                if round % 60 == 0 {
                    logger.error("pull records cannot be written, the next round tries again: \(error)")
                }
            }
            round += 1
        }
    }
}

/// Removes documents that no row names any more, at the start and four times a day.
struct DocumentKeeper: Sendable {
    let assessment: AssessmentService
    let products: Products
    let logger: Logger

    func run() async throws {
        while true {
            do {
                let removed = try await assessment.sweepDocuments() + products.sweepDocuments()
                if removed > 0 { logger.info("documents swept", metadata: ["removed": "\(removed)"]) }
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                logger.error("documents cannot be swept, the next round tries again: \(error)")
            }
            try await Task.sleep(for: .seconds(6 * 3600))
        }
    }
}

/// Lets the registry wake the runner that is made after it.
final class Wake: Sendable {
    // Owner: this mutex; set once at start.
    private let runner = Mutex<JobRunner?>(nil)

    func connect(_ runner: JobRunner) { self.runner.withLock { $0 = runner } }

    func notify() { runner.withLock { $0 }?.notify() }
}
