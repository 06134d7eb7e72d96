// SPDX-License-Identifier: EUPL-1.2

public import Time

extension JobQueue {
    /// Where a job stands; nil when there is none, which also means that it is done.
    public func state(kind: String, subject: String) async throws -> JobState? {
        try await database.read { transaction in try Self.state(transaction, kind: kind, subject: subject) }
    }

    /// Where a job stands, as part of the caller's transaction.
    public static func state(_ transaction: Transaction, kind: String, subject: String) throws(DatabaseError)
        -> JobState?
    {
        guard let row = try transaction.first(JobSchema.find, [.text(kind), .text(subject)]) else { return nil }
        return try state(
            try row.int(0),
            attempts: try row.int(1),
            error: try row.optionalText(2),
            after: try row.time(3)
        )
    }

    /// How many jobs stand where.
    public func counts() async throws -> JobCounts {
        try await database.read { transaction in
            func count(_ state: Int) throws -> Int {
                try transaction.first(JobSchema.count, [.integer(state), .integer(Self.countLimit)])?.int(0) ?? 0
            }
            return JobCounts(queued: try count(0), running: try count(1), dead: try count(2))
        }
    }

    /// A page of jobs, oldest row first.
    ///
    /// - Parameters:
    ///   - limit: rows of a page, at most 1 000.
    ///   - after: ``JobListing/id`` of the last row of the page before.
    public func list(limit: Int = 100, after: Int64? = nil) async throws -> [JobListing] {
        let limit = min(max(limit, 1), 1_000)
        return try await database.read { transaction in
            try transaction.query(JobSchema.list, [.integer(after ?? 0), .integer(limit)]).map { row in
                JobListing(
                    id: try row.int64(0),
                    kind: try row.text(1),
                    subject: try row.text(2),
                    priority: JobPriority(rawValue: try row.int(3)) ?? .clock,
                    state: try Self.state(
                        try row.int(4),
                        attempts: try row.int(5),
                        error: try row.optionalText(6),
                        after: try row.time(7)
                    ),
                    queuedAt: try row.time(8)
                )
            }
        }
    }

    /// Gives a dead job another life.
    ///
    /// - Returns: false when there is no dead job of that name.
    @discardableResult
    public func revive(kind: String, subject: String) async throws -> Bool {
        let now = clock.now()
        return try await database.write { transaction in
            try transaction.execute(JobSchema.revive, [.time(now), .time(now), .text(kind), .text(subject)]) == 1
        }
    }

    /// When the longest-waiting job of a kind was due; nil when none waits.
    ///
    /// For the metrics and the readiness of a node.
    public func oldestWaiting(kind: String) async throws -> Timestamp? {
        try await database.read { transaction in
            var oldest: Timestamp?
            for priority in JobPriority.allCases {
                let row = try transaction.first(JobSchema.oldestWaiting, [.text(kind), .integer(priority.rawValue)])
                guard let due = try row?.time(0) else { continue }
                oldest = min(oldest ?? due, due)
            }
            return oldest
        }
    }

    private static func state(
        _ state: Int,
        attempts: Int,
        error: String?,
        after: Timestamp
    ) throws(DatabaseError) -> JobState {
        switch state {
        case 0: return error.map { .failed(error: $0, attempts: attempts, again: after) } ?? .queued
        case 1: return .running
        case 2: return .dead(error: error ?? "", attempts: attempts)
        default: throw DatabaseError(.shape, "a job has the unknown state \(state)")
        }
    }
}
