// SPDX-License-Identifier: EUPL-1.2

public import Time

/// What is more urgent: what somebody waits for goes before what a feed caused, and both before what the clock caused.
public enum JobPriority: Int, Sendable, Comparable, CaseIterable {
    /// Somebody pushed and waits for the answer.
    case push = 0
    /// New advisories touch it.
    case feed = 1
    /// Time has passed.
    case clock = 2

    /// More urgent first.
    public static func < (lhs: JobPriority, rhs: JobPriority) -> Bool { lhs.rawValue < rhs.rawValue }
}

/// A piece of work that this worker holds under a lease.
public struct Job: Sendable, Hashable {
    /// Row of the job.
    public let id: Int64
    /// What kind of work it is ("assess").
    public let kind: String
    /// What it is about, unique within the kind.
    public let subject: String
    /// Urgency.
    public let priority: JobPriority
    /// Which attempt this is, from 1; counted before the work began, abandoned attempts included.
    public let attempt: Int
    /// How many attempts ended without a word, because the process that made them was gone or stuck.
    public let abandoned: Int
    /// How many of the attempts, this one included, count against the limit: all that were not abandoned.
    public var countedAttempt: Int { attempt - abandoned }
    /// Proof of the lease: a result counts only with the token of the last claim.
    let token: Int64
}

/// Where a job stands.
public enum JobState: Sendable, Hashable {
    /// It waits for a worker.
    case queued
    /// A worker holds it.
    case running
    /// The last attempt failed; it will be tried again.
    case failed(error: String, attempts: Int, again: Timestamp)
    /// It will not be tried again until somebody queues it.
    case dead(error: String, attempts: Int)
}

/// One line of the list of jobs.
public struct JobListing: Sendable, Hashable {
    /// Row of the job; the cursor of the list.
    public let id: Int64
    /// What kind of work it is.
    public let kind: String
    /// What it is about.
    public let subject: String
    /// Urgency.
    public let priority: JobPriority
    /// Where it stands.
    public let state: JobState
    /// When it was first queued.
    public let queuedAt: Timestamp
}

/// How many jobs stand where; each number is counted up to ``JobQueue/countLimit`` and means "at least" there.
public struct JobCounts: Sendable, Hashable {
    /// Waiting for a worker, failed ones that are tried again included.
    public var queued = 0
    /// Held by a worker.
    public var running = 0
    /// Given up.
    public var dead = 0

    /// Numbers, none by default.
    public init(queued: Int = 0, running: Int = 0, dead: Int = 0) {
        self.queued = queued
        self.running = running
        self.dead = dead
    }
}

/// How often and when failed work is tried again.
public struct RetryPolicy: Sendable {
    /// Attempts that may fail with a report before the job is dead.
    public var maximumAttempts = 3
    /// Attempts that may end without a word before the job is dead.
    ///
    /// Higher than the former: a node that is restarted often must not
    /// give up on work that was never at fault, and still nothing loops for ever.
    public var maximumAbandoned = 25
    /// Wait after the first failure; doubles with each.
    public var firstDelay: Duration = .seconds(1)
    /// Longest wait.
    public var longestDelay: Duration = .seconds(300)
    /// Jitter: a number in 0..<1; many jobs that failed together must not come back together.
    public var random: @Sendable () -> Double = { Double.random(in: 0..<1) }

    /// The usual policy.
    public init() {}

    /// Wait after `failures` failures: doubling, bounded, then scaled into 50 to 100 percent by the jitter.
    public func delay(after failures: Int) -> Duration {
        let doublings = min(max(failures - 1, 0), 30)
        let full = min(longestDelay, firstDelay * (1 << doublings))
        let factor = 0.5 + 0.5 * min(max(random(), 0), 1)
        return .microseconds(Int64(full.inSeconds * factor * 1_000_000))
    }
}

/// A failure that says by itself whether another attempt makes sense; any other error is tried again.
public struct JobFailure: Error, Sendable, CustomStringConvertible {
    /// What went wrong, for the list of jobs.
    public let description: String
    /// Whether another attempt makes sense.
    public let isRetryable: Bool

    /// A failure.
    public init(_ description: String, isRetryable: Bool) {
        self.description = description
        self.isRetryable = isRetryable
    }
}
