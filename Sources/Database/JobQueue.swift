// SPDX-License-Identifier: EUPL-1.2

public import Time

/// The queue of durable work: rows of the table `jobs`.
///
/// A job is queued in the transaction of its cause, coalesces on (kind, subject), and is claimed under a lease.
/// Attempts are counted at the claim, before the work starts, so work that kills its process is counted too. A
/// result counts only while the lease lives.
public struct JobQueue: Sendable {
    /// Numbers in ``counts()`` stop here.
    public static let countLimit = 10_000

    let database: Database
    let clock: WallClock
    let policy: RetryPolicy

    /// A queue on a database that has ``JobSchema/migrations``.
    public init(database: Database, clock: WallClock, policy: RetryPolicy = RetryPolicy()) {
        self.database = database
        self.clock = clock
        self.policy = policy
    }

    /// Queues work inside the transaction of its cause.
    ///
    /// Coalesces with a waiting job of the same kind and subject. If that job is running, it runs once more
    /// afterwards: it may have read the old state already. A dead one starts afresh.
    ///
    /// - Parameters:
    ///   - transaction: of the cause.
    ///   - kind: which handler does it.
    ///   - subject: what it is about.
    ///   - priority: urgency; the more urgent of two coalesced ones counts.
    ///   - runAfter: not before; at once when nil. The earlier of two coalesced ones counts.
    ///   - now: the time.
    public static func enqueue(
        _ transaction: Transaction,
        kind: String,
        subject: String,
        priority: JobPriority,
        runAfter: Timestamp? = nil,
        now: Timestamp
    ) throws(DatabaseError) {
        let after = runAfter ?? now
        try transaction.execute(
            JobSchema.enqueue,
            [.text(kind), .text(subject), .integer(priority.rawValue), .time(after), .time(now), .time(now)]
        )
    }

    /// Takes the most urgent work that is due, nil when there is none.
    ///
    /// Jobs whose lease ran out are put back first: their worker is gone.
    public func claim(kinds: [String], lease: Duration) async throws -> Job? {
        let now = clock.now()
        let token = Int64.random(in: 1...Int64.max)
        // Reading first keeps an idle node from writing to its disk every second; the writer looks again.
        let isAnything = try await database.read { transaction in
            if try transaction.first(JobSchema.expired, [.time(now)]) != nil { return true }
            return try Self.best(of: kinds, at: now, transaction) != nil
        }
        guard isAnything else { return nil }
        return try await database.write { [policy] transaction in
            for row in try transaction.query(JobSchema.expired, [.time(now)]) {
                try Self.abandon(try Held(row), at: now, policy, transaction)
            }
            guard let id = try Self.best(of: kinds, at: now, transaction) else { return nil }
            let until = now + lease
            let row = try transaction.first(JobSchema.claim, [.integer(token), .time(until), .time(now), .integer(id)])
            return try row.map { row in
                Job(
                    id: try row.int64(0),
                    kind: try row.text(1),
                    subject: try row.text(2),
                    priority: JobPriority(rawValue: try row.int(3)) ?? .clock,
                    attempt: try row.int(4),
                    abandoned: try row.int(5),
                    token: try row.int64(6)
                )
            }
        }
    }

    /// Extends the lease.
    ///
    /// - Returns: false when the lease was lost; the worker stops then, its result would not count.
    public func heartbeat(_ job: Job, lease: Duration) async throws -> Bool {
        let now = clock.now()
        return try await database.write { transaction in
            try transaction.execute(
                JobSchema.heartbeat,
                [.time(now + lease), .integer(job.id), .integer(job.token), .time(now)]
            ) == 1
        }
    }

    /// Records the result and ends the job, in one transaction.
    ///
    /// - Parameter result: writes the result; not run when the lease was lost.
    /// - Returns: false when the lease was lost.
    @discardableResult
    public func complete(
        _ job: Job,
        _ result: @escaping @Sendable (Transaction) throws -> Void = { _ in }
    ) async throws -> Bool {
        let now = clock.now()
        return try await database.write { transaction in
            guard let held = try Self.held(job, at: now, transaction) else { return false }
            try result(transaction)
            if held.again {
                try transaction.execute(JobSchema.requeue, [.time(now), .time(now), .integer(job.id)])
            } else {
                try transaction.execute(JobSchema.delete, [.integer(job.id)])
            }
            return true
        }
    }

    /// Records a failure: the job waits and is tried again, or is dead.
    ///
    /// - Parameters:
    ///   - job: the held job.
    ///   - error: what went wrong, for people; cut at 2 000 characters.
    ///   - retryable: whether another attempt makes sense.
    ///   - result: writes what the failure means elsewhere ("not assessed: …"); is told whether the job is dead now.
    /// - Returns: false when the lease was lost.
    @discardableResult
    public func fail(
        _ job: Job,
        error: String,
        retryable: Bool,
        _ result: @escaping @Sendable (_ transaction: Transaction, _ isDead: Bool) throws -> Void = { _, _ in }
    ) async throws -> Bool {
        let now = clock.now()
        let text = String(error.prefix(2_000))
        return try await database.write { [policy] transaction in
            guard let held = try Self.held(job, at: now, transaction) else { return false }
            let failures = held.attempts - held.abandoned
            let isDead = !retryable || failures >= policy.maximumAttempts
            try result(transaction, isDead && !held.again)
            try Self.settle(
                held,
                isDead: isDead,
                abandoned: held.abandoned,
                after: now + policy.delay(after: failures),
                error: text,
                at: now,
                transaction
            )
            return true
        }
    }

    /// Gives a job back untried, at shutdown; the attempt does not count.
    public func release(_ job: Job) async throws {
        let now = clock.now()
        try await database.write { transaction in
            try transaction.execute(JobSchema.release, [.time(now), .time(now), .integer(job.id), .integer(job.token)])
        }
    }

    /// Puts back all that a former process of this node held, without waiting for its leases to run out.
    ///
    /// Call at start, and only where no other process works on the same database.
    ///
    /// - Returns: how many jobs were put back.
    @discardableResult
    public func recover() async throws -> Int {
        let now = clock.now()
        var total = 0
        while true {
            let count = try await database.write { [policy] transaction in
                let rows = try transaction.query(JobSchema.expired, [.integer(Int64.max)])
                for row in rows { try Self.abandon(try Held(row), at: now, policy, transaction) }
                return rows.count
            }
            total += count
            if count == 0 { return total }
        }
    }

    /// Gives all dead jobs another life, but not those that died with their processes.
    ///
    /// For the start of a node: what failed for the machine's sake (no memory, no descriptors, a missing right) may go now that
    /// somebody has seen to it.
    ///
    /// - Returns: how many jobs were revived.
    @discardableResult
    public func reviveAll() async throws -> Int {
        let now = clock.now()
        var total = 0
        while true {
            let count = try await database.write { [policy] transaction in
                try transaction.execute(
                    JobSchema.reviveSome,
                    [.time(now), .time(now), .integer(policy.maximumAbandoned)]
                )
            }
            total += count
            if count == 0 { return total }
        }
    }

    private static func best(of kinds: [String], at now: Timestamp, _ transaction: Transaction) throws -> Int64? {
        for priority in JobPriority.allCases {
            var best: (after: Int64, id: Int64)?
            for kind in kinds {
                let arguments: [SQLValue] = [.text(kind), .integer(priority.rawValue), .time(now)]
                guard let row = try transaction.first(JobSchema.oldest, arguments) else { continue }
                let candidate = (after: try row.int64(1), id: try row.int64(0))
                if let known = best, known <= candidate { continue }
                best = candidate
            }
            if let best { return best.id }
        }
        return nil
    }

    private static func held(_ job: Job, at now: Timestamp, _ transaction: Transaction) throws -> Held? {
        try transaction.first(JobSchema.live, [.integer(job.id), .integer(job.token), .time(now)]).map { try Held($0) }
    }

    /// The worker of this job is gone.
    ///
    /// The first few times nothing waits: a node that was merely restarted goes on at once.
    private static func abandon(
        _ held: Held,
        at now: Timestamp,
        _ policy: RetryPolicy,
        _ transaction: Transaction
    ) throws {
        let abandoned = held.abandoned + 1
        try settle(
            held,
            isDead: abandoned >= policy.maximumAbandoned,
            abandoned: abandoned,
            after: abandoned <= 3 ? now : now + policy.delay(after: abandoned - 3),
            error: "attempt \(held.attempts) ended without a word: its process is gone or was stuck",
            at: now,
            transaction
        )
    }

    private static func settle(
        _ held: Held,
        isDead: Bool,
        abandoned: Int,
        after: Timestamp,
        error: String,
        at now: Timestamp,
        _ transaction: Transaction
    ) throws {
        if isDead, held.again {
            // Somebody queued it while it ran: that cause has not been tried yet.
            try transaction.execute(JobSchema.requeue, [.time(now), .time(now), .integer(held.id)])
        } else if isDead {
            try transaction.execute(JobSchema.bury, [.integer(abandoned), .text(error), .time(now), .integer(held.id)])
        } else {
            let priority = held.again ? min(held.priority, held.againPriority) : held.priority
            try transaction.execute(
                JobSchema.retry,
                [.integer(abandoned), .integer(priority), .time(after), .text(error), .time(now), .integer(held.id)]
            )
        }
    }
}

/// A running job's row.
private struct Held {
    let id: Int64
    let attempts: Int
    let abandoned: Int
    let again: Bool
    let againPriority: Int
    let priority: Int

    init(_ row: Row) throws(DatabaseError) {
        id = try row.int64(0)
        attempts = try row.int(1)
        abandoned = try row.int(2)
        again = try row.bool(3)
        againPriority = try row.int(4)
        priority = try row.int(7)
    }
}
