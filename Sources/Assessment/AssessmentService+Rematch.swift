// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
public import Database
import SBOM
public import Time
import Vulnerabilities

extension AssessmentService {
    /// Components that are matched in one go.
    private static let batch = 500

    /// Matches the components whose advisories a switch changed, before any of their images is looked at again.
    ///
    /// A package is matched once, however many images have it: what is in a hundred thousand images takes as long as what is in one.
    ///
    /// - Parameter moved: names of findings about whose exploitation something else is known now.
    func rematch(_ difference: SnapshotDifference, _ moved: [String]) async throws {
        let snapshot = difference.after
        if difference.isComplete {
            var after: Int64 = 0
            while true {
                let start = after
                let page = try await records(
                    ReverseIndexSchema.componentsAfter,
                    [.integer(start), .integer(Self.batch)]
                )
                guard let last = page.last?.id else { return }
                try await matchAll(page, against: snapshot)
                after = last
            }
        }
        for release in difference.releases.sorted() {
            let arguments: [SQLValue] = [.text(release.ecosystem), .text(release.release)]
            try await matchAll(try await records(ReverseIndexSchema.componentsOfRelease, arguments), against: snapshot)
        }
        var waiting: [(id: Int64, component: Component)] = []
        for key in difference.packages.sorted() {
            let arguments: [SQLValue] = [.text(key.release.ecosystem), .text(key.release.release), .text(key.name)]
            waiting += try await records(ReverseIndexSchema.componentsOfSource, arguments)
            guard waiting.count >= Self.batch else { continue }
            try await matchAll(waiting, against: snapshot)
            waiting = []
        }
        for name in moved {
            waiting += try await records(ReverseIndexSchema.componentsOfName, [.text(name)])
            guard waiting.count >= Self.batch else { continue }
            try await matchAll(waiting, against: snapshot)
            waiting = []
        }
        try await matchAll(waiting, against: snapshot)
    }

    /// Kind of the job that matches anew what an advisory of the operator is about; its subject is the advisory's row.
    public static let ownAdvisoryJob = "own-advisory"

    /// Queues, in the transaction that takes an advisory in or back, the work that follows.
    public static func announce(_ transaction: Transaction, ownAdvisory id: Int64, at instant: Timestamp) throws {
        // Its expiry is a subject of its own: jobs of one subject become one, at the earlier time.
        try JobQueue.enqueue(
            transaction,
            kind: ownAdvisoryJob,
            subject: "\(id) \(instant.microseconds)",
            priority: .push,
            runAfter: instant,
            now: instant
        )
    }

    /// Matches anew what an advisory of the operator is about, and queues the images that have it.
    func integrateOwn(_ job: Job) async throws {
        guard let id = Int64(job.subject.prefix { $0 != " " }) else {
            throw JobFailure("no advisory", isRetryable: false)
        }
        // Without feeds nothing is matched; the first import matches everything.
        guard let snapshot = try feeds.current() else { return }
        let packages = try await database.read { try OwnAdvisories.packages(of: id, in: $0) }.sorted()
        for key in packages {
            let arguments: [SQLValue] = [.text(key.release.ecosystem), .text(key.release.release), .text(key.name)]
            try await matchAll(try await records(ReverseIndexSchema.componentsOfSource, arguments), against: snapshot)
        }
        try await queueImages(ofPackages: packages)
        let hashes = packages.filter { $0.release.ecosystem == AdvisorySubject.fileEcosystem }.map(\.name)
        try await queueImages(withFiles: hashes)
    }

    private func records(
        _ statement: Statement,
        _ arguments: [SQLValue]
    ) async throws -> [(id: Int64, component: Component)] {
        try await database.lookUp { transaction in
            try transaction.query(statement, arguments).map { row in
                (id: try row.int64(0), component: try Component(record: try row.text(1)))
            }
        }
    }

    /// Matches one portion.
    ///
    /// - Returns: false where the operator's advisories changed meanwhile, and nothing was written.
    private func match(
        _ portion: [(id: Int64, component: Component)],
        against snapshot: AdvisorySnapshot
    ) async throws -> Bool {
        let own = try await database.read { [clock, ownAdvisories] in try ownAdvisories.live(in: $0, at: clock.now()) }
        let assessed = try await snapshot.assess(portion.map(\.component), own: own)
        var findings: [FindingKey: [Finding]] = [:]
        for finding in assessed.findings { findings[FindingKey(finding), default: []].append(finding) }
        let found = findings
        let now = clock.now()
        let tag = Self.tag(snapshot.id, own)
        return try await database.write { transaction in
            guard try OwnAdvisories.generation(in: transaction) == own.generation else { return false }
            for (id, component) in portion {
                // A stranger's package may have the name, the version and the purl of a distribution's.
                let isMatched = if case .package = Coverage.place(of: component) { true } else { false }
                try Self.put(
                    isMatched ? found[FindingKey(component)] ?? [] : [],
                    of: id,
                    tag: tag,
                    at: now,
                    in: transaction
                )
            }
            return true
        }
    }

    /// What a component was matched with.
    static func tag(_ snapshot: String?, _ own: OwnAdvisories.Live) -> String {
        (snapshot ?? "-") + " " + own.generation
    }

    private func matchAll(
        _ components: [(id: Int64, component: Component)],
        against snapshot: AdvisorySnapshot
    ) async throws {
        // What another package brought is matched or not by who that is, which only its image knows.
        let free = components.filter { $0.component.ownedBy == nil }
        var rest = free[...]
        while !rest.isEmpty {
            let portion = Array(rest.prefix(Self.batch))
            rest = rest.dropFirst(Self.batch)
            // An advisory of the operator that comes meanwhile must not be written over.
            while try await !match(portion, against: snapshot) {}
        }
    }
}
