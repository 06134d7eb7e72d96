// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Audit
public import Database
import JSON
import Synchronization
public import Time

/// The advisories that a node's operator wrote: they match at once, before anybody else knows of a vulnerability.
///
/// Written as OSV. Where one names a CVE among its aliases, it becomes one finding with what feeds say about that CVE.
public struct OwnAdvisories: Sendable {
    /// The feed that findings of these name.
    public static let feed = "operator"
    /// Packages and files that one advisory may be about.
    public static let maximumRecords = 2_000

    /// An advisory as it is listed.
    public struct Entry: Sendable, Hashable {
        /// Its row.
        public let id: Int64
        /// Its identifier.
        public let name: String
        /// Who may be told, by the Traffic Light Protocol.
        public let tlp: String
        /// When it was written.
        public let createdAt: Timestamp
        /// By whom.
        public let createdBy: String
        /// From when on it no longer counts; nil for never.
        public let expiresAt: Timestamp?
        /// When it was taken back or replaced.
        public let endedAt: Timestamp?
        /// By whom.
        public let endedBy: String?
    }

    /// What came of writing one.
    public struct Taken: Sendable, Hashable {
        /// Its row.
        public let id: Int64
        /// Its identifier.
        public let name: String
        /// Packages that it is about.
        public let packages: Int
        /// Files that it lists by their hash.
        public let files: Int
        /// Entries that no package can be matched with.
        public let unmatchable: Int
    }

    /// Those that count at an instant.
    public struct Live: Sendable {
        /// By package.
        let byPackage: [PackageKey: [Advisory]]
        /// Changes with every advisory that comes or goes.
        public let generation: String
        /// Hashes of files that they list, `sha256:…`.
        public var fileHashes: [String] {
            byPackage.keys.filter { $0.release.ecosystem == AdvisorySubject.fileEcosystem }.map(\.name).sorted()
        }

        /// None.
        public static let none = Live(byPackage: [:], generation: "0 0 0")
        /// The first instant at which one of them no longer counts.
        var endsAt: Timestamp?
    }

    /// Those that count, as they were read last: every assessment asks, and hardly ever did one come or go.
    public final class Reader: Sendable {
        // Owner: this mutex; with the instant that they were read for.
        private let known = Mutex<(live: Live, at: Timestamp)?>(nil)

        /// A reader that has read nothing.
        public init() {}

        /// Those that count, in a transaction of the caller.
        public func live(in t: Transaction, at now: Timestamp) throws -> Live {
            let generation = try OwnAdvisories.generation(in: t)
            if let (live, at) = known.withLock({ $0 }), live.generation == generation, at <= now,
                live.endsAt.map({ now < $0 }) ?? true
            {
                return live
            }
            let live = try OwnAdvisories.live(in: t, at: now, generation: generation)
            known.withLock { $0 = (live, now) }
            return live
        }
    }

    private let database: Database
    private let clock: WallClock

    /// The advisories of a node's database.
    public init(database: Database, clock: WallClock) {
        self.database = database
        self.clock = clock
    }

    /// Takes an advisory in; a former one of its name counts no more.
    ///
    /// - Parameters:
    ///   - bytes: one OSV record.
    ///   - tlp: who may be told.
    ///   - expiresAt: from when on it no longer counts.
    ///   - actor: an operator.
    ///   - announce: queues, in the same transaction, what the advisory of a row changes at an instant.
    /// - Throws: ``OwnAdvisoryError``.
    public func take(
        _ bytes: [UInt8],
        tlp: String,
        expiresAt: Timestamp?,
        by actor: String,
        announce: @escaping @Sendable (Transaction, Int64, Timestamp) throws -> Void
    ) async throws -> Taken {
        let bytes = try ListedFiles.asPackages(bytes)
        let record: OSV.Record
        do { record = try bytes.withUnsafeBytes { try OSV.read($0) } } catch {
            throw OwnAdvisoryError(reason: "it is no OSV record: \(error)")
        }
        guard !record.isWithdrawn else {
            throw OwnAdvisoryError(
                reason: "it says itself that it is withdrawn; take the one that is there back instead"
            )
        }
        guard let name = record.advisories.first?.id else {
            throw OwnAdvisoryError(
                reason:
                    "it names no package that can be matched, and no file; affected[].package has ecosystem and name, affected[].database_specific.sha256 a list of hashes"
            )
        }
        guard record.advisories.count <= Self.maximumRecords else {
            throw OwnAdvisoryError(
                reason: "it is about more than \(Self.maximumRecords) packages and files; write several"
            )
        }
        let now = clock.now()
        if let expiresAt, expiresAt <= now { throw OwnAdvisoryError(reason: "it would have expired already") }
        let advisories = record.advisories.map(\.ours)
        let unmatchable = record.unmatchable
        let packages = advisories.count { $0.ecosystem != AdvisorySubject.fileEcosystem }
        return try await database.write { t in
            for row in try t.query(OwnAdvisoriesSchema.endFormer, [.time(now), .text(actor), .text(name)]) {
                try announce(t, try row.int64(0), now)
            }
            let values: [SQLValue] = [.text(name), .text(tlp), .time(now), .text(actor), .optional(expiresAt)]
            guard let id = try t.first(OwnAdvisoriesSchema.insert, values)?.int64(0) else {
                throw OwnAdvisoryError(reason: "the database did not say where it put it; try again")
            }
            for (position, advisory) in advisories.enumerated() {
                try t.execute(
                    OwnAdvisoriesSchema.insertRecord,
                    [.integer(id), .integer(position), .text(advisory.json.text())]
                )
            }
            try AuditLog.append(
                t,
                actor: actor,
                action: "advisory.published",
                subject: String(name.prefix(300)),
                detail: [
                    "id": .integer(id), "tlp": .string(tlp), "packages": .integer(Int64(packages)),
                    "files": .integer(Int64(advisories.count - packages)),
                    "expiresAt": .optional(expiresAt?.rfc3339),
                ],
                at: now
            )
            try announce(t, id, now)
            // When it expires, what it said is matched anew.
            if let expiresAt { try announce(t, id, expiresAt) }
            return Taken(
                id: id,
                name: name,
                packages: packages,
                files: advisories.count - packages,
                unmatchable: unmatchable
            )
        }
    }

    /// Takes an advisory back.
    ///
    /// - Returns: false where there is none that counts.
    public func end(
        _ id: Int64,
        by actor: String,
        announce: @escaping @Sendable (Transaction, Int64, Timestamp) throws -> Void
    ) async throws -> Bool {
        let now = clock.now()
        return try await database.write { t in
            guard let row = try t.first(OwnAdvisoriesSchema.one, [.integer(id)]),
                try t.execute(OwnAdvisoriesSchema.end, [.time(now), .text(actor), .integer(id)]) == 1
            else { return false }
            try AuditLog.append(
                t,
                actor: actor,
                action: "advisory.withdrawn",
                subject: try row.text(1),
                detail: ["id": .integer(id)],
                at: now
            )
            try announce(t, id, now)
            return true
        }
    }

    /// A page of the advisories, in the order in which they were written.
    public func list(after: Int64 = 0, limit: Int) async throws -> [Entry] {
        try await database.read { t in
            try t.query(OwnAdvisoriesSchema.page, [.integer(after), .integer(min(max(limit, 0), 1_000))]).map { row in
                Entry(
                    id: try row.int64(0),
                    name: try row.text(1),
                    tlp: try row.text(2),
                    createdAt: try row.time(3),
                    createdBy: try row.text(4),
                    expiresAt: try row.optionalTime(5),
                    endedAt: try row.optionalTime(6),
                    endedBy: try row.optionalText(7)
                )
            }
        }
    }

    private static func live(in t: Transaction, at now: Timestamp, generation: String) throws -> Live {
        var found: [PackageKey: [Advisory]] = [:]
        var endsAt: Timestamp?
        for row in try t.query(OwnAdvisoriesSchema.live, [.time(now)]) {
            let advisory = try Advisory(json: JSONFields(JSONValue(parsing: try row.text(0))))
            found[advisory.key, default: []].append(advisory)
            if let end = try row.optionalTime(1) { endsAt = endsAt.map { min($0, end) } ?? end }
        }
        return Live(byPackage: found, generation: generation, endsAt: endsAt)
    }

    /// What changes with every advisory that comes or goes, in a transaction of the caller.
    public static func generation(in t: Transaction) throws -> String {
        guard let row = try t.first(OwnAdvisoriesSchema.generation) else { return "" }
        return "\(try row.optionalInt64(0) ?? 0) \(try row.optionalInt64(1) ?? 0) \(try row.int64(2))"
    }

    /// Packages that an advisory is about, whether or not it counts, in a transaction of the caller.
    public static func packages(of id: Int64, in t: Transaction) throws -> Set<PackageKey> {
        Set(
            try t.query(OwnAdvisoriesSchema.records, [.integer(id)]).map { row in
                try Advisory(json: JSONFields(JSONValue(parsing: try row.text(0)))).key
            }
        )
    }
}

/// Why an advisory was not taken.
public struct OwnAdvisoryError: Error, Sendable, CustomStringConvertible {
    /// The reason in words.
    public let reason: String
    /// The reason in words.
    public var description: String { reason }
}

extension Advisory {
    fileprivate var key: PackageKey {
        PackageKey(release: ReleaseKey(ecosystem: ecosystem, release: release), name: package)
    }

    /// The same, said by the operator.
    fileprivate var ours: Advisory {
        Advisory(
            id: id,
            feed: OwnAdvisories.feed,
            ecosystem: ecosystem,
            release: release,
            package: package,
            // A hash has no range: what has these bytes is affected.
            state: ecosystem == AdvisorySubject.fileEcosystem ? .open(reason: nil) : state,
            urgency: urgency,
            summary: summary,
            aliases: aliases,
            upstream: upstream,
            vectors: vectors,
            isMalicious: isMalicious
        )
    }
}
