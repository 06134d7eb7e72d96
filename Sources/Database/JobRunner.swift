// SPDX-License-Identifier: EUPL-1.2

public import Logging
import Synchronization

/// Runs handlers over a queue: bounded in number, with heartbeats, until its task is cancelled.
///
/// A handler may record its result itself with ``JobQueue/complete(_:_:)``; when it returns without having done so,
/// the job is completed for it. A handler that throws fails its attempt. When the lease is lost, or the runner ends,
/// the handler's task is cancelled.
public final class JobRunner: Sendable {
    /// Work of one kind.
    public typealias Handler = @Sendable (Job) async throws -> Void

    /// Bounds and times of a runner.
    public struct Settings: Sendable {
        /// Jobs that run at the same time.
        public var concurrency = 2
        /// How long a claim holds without a heartbeat; a third of it lies between heartbeats.
        public var lease: Duration = .seconds(30)
        /// How often the queue is looked at when nobody calls ``JobRunner/notify()``.
        public var poll: Duration = .seconds(1)
        /// How time passes; tests give their own.
        public var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }

        /// The usual bounds.
        public init() {}
    }

    private let queue: JobQueue
    private let handlers: [String: Handler]
    private let settings: Settings
    private let logger: Logger
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    // Owner: this mutex; jobs that run now.
    private let inFlight = Mutex(0)

    /// A runner; ``run()`` starts it.
    public init(
        queue: JobQueue,
        handlers: [String: Handler],
        settings: Settings = Settings(),
        logger: Logger = Logger(label: "kontor.jobs")
    ) {
        self.queue = queue
        self.handlers = handlers
        self.settings = settings
        self.logger = logger
        // One wake-up waits at most: the loop looks at everything anyway.
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that something was queued, so that it starts at once instead of with the next look.
    public func notify() { wake.yield() }

    /// How many jobs run now.
    public var running: Int { inFlight.withLock { $0 } }

    /// Runs until the task is cancelled; returns when all handlers have ended.
    ///
    /// Call once.
    ///
    /// An error of the database does not end it: it is logged, and the queue is looked at again later.
    public func run() async throws {
        let kinds = handlers.keys.sorted()
        await withDiscardingTaskGroup { group in
            group.addTask { [settings, wake] in
                // The clock's knock; ends with the group.
                while !Task.isCancelled {
                    wake.yield()
                    do { try await settings.sleep(settings.poll) } catch { return }
                }
            }
            for await _ in wakes {
                while !Task.isCancelled, running < max(1, settings.concurrency) {
                    do {
                        guard let job = try await queue.claim(kinds: kinds, lease: settings.lease) else { break }
                        inFlight.withLock { $0 += 1 }
                        group.addTask { await self.work(on: job) }
                    } catch {
                        if !Task.isCancelled { logger.error("jobs cannot be claimed: \(error)") }
                        break
                    }
                }
                if Task.isCancelled { break }
            }
            group.cancelAll()
        }
    }

    private func work(on job: Job) async {
        defer {
            inFlight.withLock { $0 -= 1 }
            notify()
        }
        do {
            switch await attempt(job) {
            case .done:
                try await queue.complete(job)
            case .cancelled:
                try await queue.release(job)
            case .leaseLost:
                logger.warning(
                    "job \(job.kind) \(job.subject): attempt \(job.attempt) lost its lease; its result does not count"
                )
            case .failed(let error):
                let isRetryable = (error as? JobFailure)?.isRetryable ?? true
                logger.warning("job \(job.kind) \(job.subject): attempt \(job.attempt) failed: \(error)")
                try await queue.fail(job, error: String(describing: error), retryable: isRetryable)
            }
        } catch {
            // The lease runs out by itself, and the job is tried again.
            logger.error("job \(job.kind) \(job.subject): its end cannot be recorded: \(error)")
        }
    }

    private enum Outcome: Sendable {
        case done
        case failed(any Error)
        case leaseLost
        case cancelled
    }

    private func attempt(_ job: Job) async -> Outcome {
        guard let handler = handlers[job.kind] else {
            return .failed(JobFailure("no handler for this kind", isRetryable: false))
        }
        return await withTaskGroup(of: Outcome.self) { group in
            group.addTask {
                do {
                    try await handler(job)
                    return .done
                } catch {
                    // Only the runner's own end cancels without a lost lease; the attempt then does not count.
                    return Task.isCancelled ? .cancelled : .failed(error)
                }
            }
            group.addTask { [queue, settings, logger] in
                while true {
                    do { try await settings.sleep(settings.lease / 3) } catch { return .cancelled }
                    do {
                        if !(try await queue.heartbeat(job, lease: settings.lease)) { return .leaseLost }
                    } catch {
                        logger.error("job \(job.kind) \(job.subject): heartbeat failed: \(error)")
                    }
                }
            }
            // The first to end decides. A heartbeat that reports "lost" after the handler recorded its result is no
            // first.
            var outcome = await group.next() ?? .cancelled
            group.cancelAll()
            for await later in group {
                // After the heartbeat ended by cancellation the handler's own word counts.
                if case .cancelled = outcome { outcome = later }
            }
            return outcome
        }
    }
}
