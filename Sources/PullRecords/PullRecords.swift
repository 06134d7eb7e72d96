// SPDX-License-Identifier: EUPL-1.2

public import Database
public import OCI
import Synchronization
public import Time

/// On whose behalf something was pulled: never a person.
public enum Puller: Sendable, Hashable {
    /// An organisation, by its row.
    case organisation(Int64)
    /// A service account that acts for no organisation, by its row.
    case service(Int64)
    /// Nobody that could be told later.
    case unknown

    var columns: (kind: Int64, id: Int64) {
        switch self {
        case .unknown: (0, 0)
        case .organisation(let id): (1, id)
        case .service(let id): (2, id)
        }
    }
}

/// Who pulled one digest from one repository.
public struct PullRecord: Sendable, Hashable {
    /// The repository.
    public let repository: String
    /// What was pulled.
    public let digest: Digest
    /// Name of the organisation; nil for a service account without one, and for nobody that could be told.
    public let organisation: String?
    /// Name of the service account, where there is no organisation.
    public let account: String?
    /// First pull on record.
    public let first: Timestamp
    /// Last pull on record.
    public let last: Timestamp
    /// Pulls on record.
    public let count: Int64
}

/// Who pulled what: so that in an incident those who have something are told by name.
///
/// A pull costs no write of its own: pulls are summed in memory and written together, once a second. What a crash of the machine takes with
/// it are the pulls of that second; an orderly end writes them.
public final class PullRecords: Sendable {
    /// Sums that are held in memory at most; more pulls by new pullers are written at once with the next ``flush()``.
    public static let maximumPending = 50_000

    private struct Key: Hashable {
        let repository: String
        let digest: Digest
        let puller: Puller
    }

    private struct Sum {
        var first: Timestamp
        var last: Timestamp
        var count: Int64
    }

    private struct State {
        var sums: [Key: Sum] = [:]
        /// Last pull that could not be counted and was not written as a gap yet.
        var gap: Timestamp?
        /// The writing that was begun last; ended or not.
        var writing: Task<Void, any Error>?
    }

    private let database: Database
    // Owner: this mutex.
    private let state = Mutex(State())

    private let limit: Int

    /// Records in a database that has ``PullRecordsSchema/migrations``.
    ///
    /// - Parameter limit: sums that are held in memory, as ``maximumPending``.
    public init(database: Database, limit: Int = maximumPending) {
        self.database = database
        self.limit = limit
    }

    /// Counts one pull.
    public func note(_ repository: RepositoryName, _ digest: Digest, by puller: Puller, at now: Timestamp) {
        state.withLock { state in
            var key = Key(repository: repository.text, digest: digest, puller: puller)
            if state.sums[key] == nil, state.sums.count >= limit {
                // Somebody pulls faster than a second's worth can be held: that it was pulled is kept, by whom is not.
                key = Key(repository: repository.text, digest: digest, puller: .unknown)
                guard state.sums[key] != nil || state.sums.count < 2 * limit else {
                    state.gap = max(state.gap ?? now, now)
                    return
                }
            }
            var sum = state.sums[key] ?? Sum(first: now, last: now, count: 0)
            sum.first = min(sum.first, now)
            sum.last = max(sum.last, now)
            sum.count += 1
            state.sums[key] = sum
        }
    }

    /// Sums that wait to be written.
    public var pending: Int { state.withLock { $0.sums.count } }

    /// Writes what was counted before the call, also where another call is writing it; what cannot be written is kept for the next time.
    public func flush() async throws {
        let writing = state.withLock { state in
            let before = state.writing
            let task = Task {
                _ = await before?.result
                try await write()
            }
            state.writing = task
            return task
        }
        try await writing.value
    }

    private func write() async throws {
        var (rest, gap) = state.withLock { state in
            defer { (state.sums, state.gap) = ([:], nil) }
            return (Array(state.sums), state.gap)
        }
        do {
            if let lost = gap {
                try await database.write { t in try t.execute(PullRecordsSchema.interrupt, [.time(lost), .time(lost)]) }
                gap = nil
            }
            while !rest.isEmpty {
                let part = Array(rest.suffix(1_000))
                try await database.write { t in
                    for (key, sum) in part {
                        let (kind, id) = key.puller.columns
                        try t.execute(
                            PullRecordsSchema.add,
                            [
                                .text(key.repository), .blob(key.digest.bytes), .integer(key.digest.algorithm.number),
                                .integer(kind), .integer(id), .time(sum.first), .time(sum.last), .integer(sum.count),
                            ]
                        )
                    }
                }
                rest.removeLast(part.count)
            }
        } catch {
            state.withLock { state in
                if let lost = gap { state.gap = max(state.gap ?? lost, lost) }
                for (key, sum) in rest {
                    guard var other = state.sums[key] else {
                        state.sums[key] = sum
                        continue
                    }
                    other.first = min(other.first, sum.first)
                    other.last = max(other.last, sum.last)
                    other.count += sum.count
                    state.sums[key] = other
                }
            }
            throw error
        }
    }

    /// When somebody first pulled a digest from a repository, as far as records go back; nil when never, or when nobody knows who it was.
    public func firstPull(of digest: Digest, from repository: RepositoryName, by puller: Puller) async throws
        -> Timestamp?
    {
        guard puller != .unknown else { return nil }
        let (kind, id) = puller.columns
        let key: [SQLValue] = [
            .text(repository.text), .blob(digest.bytes), .integer(digest.algorithm.number), .integer(kind),
            .integer(id),
        ]
        return try await database.lookUp { t in try t.first(PullRecordsSchema.firstBy, key)?.time(0) }
    }

    /// Pulls of one digest, by repository and puller.
    ///
    /// - Parameters:
    ///   - digest: what was pulled.
    ///   - repository: from where.
    ///   - limit: most records.
    public func records(
        of digest: Digest,
        in repository: RepositoryName,
        limit: Int = 1_000
    ) async throws -> [PullRecord] {
        let arguments: [SQLValue] = [
            .text(repository.text), .blob(digest.bytes), .integer(digest.algorithm.number),
            .integer(min(max(limit, 0), 10_000)),
        ]
        return try await database.lookUp { t in
            try t.query(PullRecordsSchema.ofDigest, arguments).map { row in
                PullRecord(
                    repository: repository.text,
                    digest: digest,
                    organisation: try row.optionalText(0),
                    account: try row.optionalText(1),
                    first: try row.time(2),
                    last: try row.time(3),
                    count: try row.int64(4)
                )
            }
        }
    }

    /// When a digest was last pulled from a repository, in a transaction of the caller; nil when no record of it is left.
    ///
    /// What was not written yet does not count: ``flush()`` comes first where the last second matters.
    public static func lastPull(
        _ transaction: Transaction,
        _ repository: RepositoryName,
        _ digest: Digest
    ) throws -> Timestamp? {
        try transaction.first(
            PullRecordsSchema.last,
            [.text(repository.text), .blob(digest.bytes), .integer(digest.algorithm.number)]
        )?.optionalTime(0)
    }

    /// Since when there is a record of every pull.
    ///
    /// The first call begins it: what was pulled before nobody asked is taken for unknown, which keeps.
    ///
    /// - Parameters:
    ///   - now: the instant of the question.
    ///   - retention: records older than this were removed.
    public func recordedSince(now: Timestamp, retention: Duration) async throws -> Timestamp {
        let begun = try await database.write { t in
            try t.execute(PullRecordsSchema.begin, [.time(now)])
            return try t.first(PullRecordsSchema.since)?.time(0)
        }
        return max(begun ?? now, now - retention)
    }

    /// Removes records whose last pull is older.
    ///
    /// - Parameter limit: most records in one transaction.
    /// - Returns: how many; call again while it equals `limit`.
    public func expire(before: Timestamp, limit: Int = 1_000) async throws -> Int {
        try await database.write { t in
            try t.execute(PullRecordsSchema.expire, [.time(before), .integer(limit)])
        }
    }
}
