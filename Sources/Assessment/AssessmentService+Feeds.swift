// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Database
import Logging
import OCI
import Registry
public import Time
public import Vulnerabilities

/// What one switch of the advisories led to.
public struct FeedSwitch: Sendable, Equatable {
    /// The snapshot that became current.
    public let snapshot: String
    /// How many images were queued; all others are confirmed by it.
    public let touched: Int
    /// When it was dealt with.
    public let doneAt: Timestamp
}

extension AssessmentService {
    /// Prepares the service when a node starts: queues images whose verdicts rest on rules that are no longer the node's
    /// (another catalogue, other age limits, another version).
    ///
    /// - Returns: how many images were queued.
    @discardableResult
    public func start() async throws -> Int {
        let current = rules.bytes
        return try await queueImages(priority: .clock, unlessAssessedUnder: nil) { transaction, after in
            let rows = try transaction.query(AssessmentSchema.outdatedImages, [.integer(after), 500])
            // Without a document it is of a version that kept verdicts elsewhere.
            let outdated = try rows.filter { try $0.bytes(1) != current || $0.optionalBytes(2) == nil }.map {
                try $0.int64(0)
            }
            return (images: outdated, last: try rows.last?.int64(0))
        }
    }

    /// Follows the feed store until the task is cancelled: within two seconds of a switch the images that it touches are
    /// queued.
    ///
    /// - Parameter interval: how often the pointer is read.
    public func followFeeds(interval: Duration = .seconds(1)) async throws {
        let watcher = SnapshotWatcher(feeds: feeds, interval: interval)
        let known = try await lastSwitch()?.snapshot
        let logger = logger
        try await watcher.run(
            since: known,
            failed: { error in logger.error("advisories cannot be followed", metadata: ["error": "\(error)"]) },
            report: { difference in try await integrate(difference) }
        )
    }

    /// The last switch that was dealt with; nil when there was none.
    public func lastSwitch() async throws -> FeedSwitch? {
        try await database.read { transaction in
            try transaction.first(AssessmentSchema.latestDoneSwitch).map { row in
                FeedSwitch(snapshot: try row.text(0), touched: try row.int(2), doneAt: try row.time(1))
            }
        }
    }

    /// Queues the images that a switch touches, and confirms the others by one row.
    ///
    /// May be repeated: a switch that was begun and not ended is begun again at the next start.
    ///
    /// - Returns: how many images were queued.
    @discardableResult
    public func integrate(_ difference: SnapshotDifference) async throws -> Int {
        let snapshot = difference.after.id
        let seenAt = clock.now()
        // First, so that whoever stores a verdict from now on sees it and looks again by itself.
        let number = try await database.write { transaction in
            // Begun and not ended: tried again, every second where something is broken, so it must not grow the table.
            if let latest = try transaction.first(AssessmentSchema.latestSwitch), try latest.text(0) == snapshot,
                try latest.optionalTime(2) == nil
            {
                return try latest.int64(1)
            }
            return try transaction.first(AssessmentSchema.openSwitch, [.text(snapshot), .time(seenAt)])?.int64(0) ?? 0
        }
        // Who is affected is known before any verdict is computed anew.
        let moved = try await movedNames(difference)
        try await rematch(difference, moved)
        let touched: Int
        if difference.isComplete || agesMove(difference, at: seenAt) {
            touched = try await queueImages(priority: .feed, unlessAssessedUnder: snapshot) { transaction, after in
                let images = try transaction.query(AssessmentSchema.imagesAfter, [.integer(after), 500])
                    .map { try $0.int64(0) }
                return (images: images, last: images.last)
            }
        } else {
            touched = try await queue(
                images: try await imagesTouched(by: difference, moved),
                unlessAssessedUnder: snapshot
            )
        }
        let doneAt = clock.now()
        try await database.write { transaction in
            try transaction.execute(
                AssessmentSchema.closeSwitch,
                [.time(doneAt), .integer(touched), .integer(number)]
            )
        }
        logger.info("advisories switched", metadata: ["snapshot": "\(snapshot)", "images": "\(touched)"])
        return touched
    }

    /// Whether the dates of the feeds alone can change verdicts: criteria that rest on a feed are unknown while it is too
    /// old, and one that expires sooner takes the verdicts' validity with it.
    private func agesMove(_ difference: SnapshotDifference, at now: Timestamp) -> Bool {
        difference.feeds.contains { change in
            guard let before = change.before, let after = change.after else { return true }
            let (old, new) = (settings.ageLimits.expiry(of: before), settings.ageLimits.expiry(of: after))
            return old != new && (old <= now || new < old)
        }
    }

    private func imagesTouched(by difference: SnapshotDifference, _ moved: [String]) async throws -> Set<Int64> {
        var images = Set<Int64>()
        for release in difference.releases.sorted() {
            images.formUnion(
                try await numbers(
                    ReverseIndexSchema.imagesOfRelease,
                    [[.text(release.ecosystem), .text(release.release)]]
                )
            )
        }
        let packages = difference.packages.sorted().map { key -> [SQLValue] in
            [.text(key.release.ecosystem), .text(key.release.release), .text(key.name)]
        }
        images.formUnion(try await numbers(ReverseIndexSchema.imagesOfPackage, packages))
        images.formUnion(try await numbers(ReverseIndexSchema.imagesOfName, moved.map { [.text($0)] }))
        return images
    }

    /// Names of findings that are stored, about whose exploitation something else is known now.
    private func movedNames(_ difference: SnapshotDifference) async throws -> [String] {
        // Where nothing is known of before, everything is looked at anyway.
        guard !difference.isComplete else { return [] }
        var moved: [String] = []
        var after = ""
        while true {
            let start = after
            let names = try await database.read { transaction in
                try transaction.query(ReverseIndexSchema.namesAfter, [.text(start), 1000]).map { try $0.text(0) }
            }
            guard let last = names.last else { return moved }
            moved += try await difference.changedIdentifiers(among: names).sorted()
            after = last
        }
    }

    /// Runs one statement for many arguments, in portions, so that no read holds the database for long.
    private func numbers(_ statement: Statement, _ arguments: [[SQLValue]]) async throws -> Set<Int64> {
        var found = Set<Int64>()
        var rest = arguments[...]
        while !rest.isEmpty {
            let portion = Array(rest.prefix(500))
            rest = rest.dropFirst(500)
            found.formUnion(
                try await database.read { transaction in
                    var numbers = Set<Int64>()
                    for arguments in portion {
                        for row in try transaction.query(statement, arguments) { numbers.insert(try row.int64(0)) }
                    }
                    return numbers
                }
            )
        }
        return found
    }

    /// Queues the images in which any of some vulnerabilities was found.
    ///
    /// - Parameters:
    ///   - names: in capitals, as statements have them.
    ///   - isMeant: whether the images of a repository are among them.
    func queueImages(
        withFindings names: Set<String>,
        in isMeant: @escaping @Sendable (RepositoryName) -> Bool
    ) async throws {
        let images = try await numbers(ReverseIndexSchema.imagesOfName, names.sorted().map { [.text($0)] })
        _ = try await queue(images: images, unlessAssessedUnder: nil, in: isMeant)
    }

    /// Queues the images that have any of some packages.
    func queueImages(ofPackages packages: [PackageKey]) async throws {
        let arguments = packages.map { key -> [SQLValue] in
            [.text(key.release.ecosystem), .text(key.release.release), .text(key.name)]
        }
        let images = try await numbers(ReverseIndexSchema.imagesOfPackage, arguments)
        _ = try await queue(images: images, unlessAssessedUnder: nil)
    }

    func queue(
        images: Set<Int64>,
        unlessAssessedUnder snapshot: String?,
        in isMeant: @escaping @Sendable (RepositoryName) -> Bool = { _ in true }
    ) async throws -> Int {
        var rest = images.sorted()[...]
        var count = 0
        while !rest.isEmpty {
            let portion = Array(rest.prefix(500))
            rest = rest.dropFirst(500)
            let now = clock.now()
            count += try await database.write { transaction in
                try Self.enqueue(
                    portion,
                    priority: .feed,
                    unlessAssessedUnder: snapshot,
                    now: now,
                    isMeant: isMeant,
                    in: transaction
                )
            }
        }
        return count
    }

    /// Queues images page by page, each page in a transaction of its own.
    ///
    /// - Parameter page: gives the images of a page and the last row that it looked at; nil at the end.
    func queueImages(
        priority: JobPriority,
        unlessAssessedUnder snapshot: String?,
        page: @escaping @Sendable (Transaction, Int64) throws -> (images: [Int64], last: Int64?)
    ) async throws -> Int {
        var after: Int64 = 0
        var count = 0
        while true {
            let (start, now) = (after, clock.now())
            let (queued, last) = try await database.write { transaction in
                let (images, last) = try page(transaction, start)
                let count = try Self.enqueue(
                    images,
                    priority: priority,
                    unlessAssessedUnder: snapshot,
                    now: now,
                    in: transaction
                )
                return (count, last)
            }
            count += queued
            guard let last else { return count }
            after = last
        }
    }

    /// Queues images, but not those that were assessed under the new snapshot already: a push between an import and the
    /// node's next look at the pointer uses the new advisories by itself.
    ///
    /// - Returns: how many were queued.
    private static func enqueue(
        _ images: [Int64],
        priority: JobPriority,
        unlessAssessedUnder snapshot: String?,
        now: Timestamp,
        isMeant: (RepositoryName) -> Bool = { _ in true },
        in transaction: Transaction
    ) throws -> Int {
        var count = 0
        for image in images {
            guard let row = try transaction.first(AssessmentSchema.subjectOfImage, [.integer(image)]) else { continue }
            guard let digest = try row.optionalDigest(1) else { continue }
            if let snapshot, try row.optionalText(3) == snapshot { continue }
            let repository = try RepositoryName(parsing: try row.text(0))
            guard isMeant(repository) else { continue }
            let subject = Registry.assessmentSubject(repository, digest)
            try JobQueue.enqueue(transaction, kind: assessJob, subject: subject, priority: priority, now: now)
            count += 1
        }
        return count
    }
}
