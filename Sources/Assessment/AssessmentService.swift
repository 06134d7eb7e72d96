// SPDX-License-Identifier: EUPL-1.2

import Advisories
public import Blobs
public import Criteria
public import Database
public import Inventory
import JSON
public import Logging
public import OCI
public import Registry
public import Time
public import Vulnerabilities

/// The way from a pushed image to its verdict, and from new advisories to the images that they touch.
///
/// ## Topics
/// - ``jobs``, ``start()``, ``followFeeds()``, ``sweepDocuments()``: what a node runs
/// - ``verdict(repository:digest:)``, ``sbom(repository:digest:)``, ``findings(repository:digest:after:limit:)``
/// - ``repositories(containing:after:limit:)``
/// - ``LocalAssessment``: the same for one image without a node
public struct AssessmentService: Sendable {
    /// Looks at one image; in a node the confined child, in tests whatever they want to have been seen.
    public typealias Analysis = @Sendable (AnalyserInput) async throws -> ImageEvidence

    /// Tells who signed an image and what signed statements say: the image, its repository, and the index that is judged, if one is.
    public typealias SignedReading = @Sendable (Digest, RepositoryName, Digest?) async throws -> AttachedEvidence

    /// Whether those who may read one repository (the last) may know of an image in another: its level is told as that of a base.
    public typealias MayKnow = @Sendable (Transaction, RepositoryName, RepositoryName) throws -> Bool

    /// Tells what is known of the projects that sources belong to, as far as those who may read a repository may know of them; and the
    /// addresses at which it looked for projects, whether or not there are any.
    public typealias ProjectReading =
        @Sendable ([SourceRevision], RepositoryName) async throws -> (
            projects: [SourceRevision: SourceProject], addresses: Set<String>
        )

    /// Tells who says that they use the images of a repository.
    public typealias ReuseReading = @Sendable (RepositoryName) async throws -> ReuseEvidence

    /// Kind of the job that a push or new advisories queue; its subject is `repository@digest`.
    public static let assessJob = Registry.assessmentJob
    /// Kind of the job that waits for the instant at which a verdict can change by itself.
    public static let reassessJob = "reassess"
    /// Version of what is stored as evidence; another number has images looked at again.
    static let evidenceFormat: Int64 = 3

    let database: Database
    let registry: Registry
    let blobs: BlobStore
    let analyse: Analysis
    let feeds: FeedStore
    let documents: DocumentStore
    let catalogue: Catalogue
    let clock: WallClock
    let settings: AssessmentSettings
    let logger: Logger
    let queue: JobQueue
    let rules: Digest
    /// Nil where nobody looks for signatures.
    let signedReading: SignedReading?
    let mayKnow: MayKnow
    /// Nil where nobody knows projects.
    let projectReading: ProjectReading?
    /// Nil where there is no register of reuse.
    let reuseReading: ReuseReading?
    let files: FileIndex
    let locks = KeyedLock()
    let ownAdvisories = OwnAdvisories.Reader()

    /// Composes the service around the confined child.
    public init(
        database: Database,
        registry: Registry,
        blobs: BlobStore,
        analyser: Analyser,
        feeds: FeedStore,
        documents: DocumentStore,
        catalogue: Catalogue,
        clock: WallClock = .system,
        settings: AssessmentSettings = AssessmentSettings(),
        signed: SignedReading? = nil,
        mayKnow: @escaping MayKnow = { _, other, own in other == own },
        projects: ProjectReading? = nil,
        reuse: ReuseReading? = nil,
        logger: Logger = Logger(label: "kontor.assessment")
    ) {
        self.init(
            database: database,
            registry: registry,
            blobs: blobs,
            analyse: { try await analyser.analyse($0) },
            feeds: feeds,
            documents: documents,
            catalogue: catalogue,
            clock: clock,
            settings: settings,
            signed: signed,
            mayKnow: mayKnow,
            projects: projects,
            reuse: reuse,
            logger: logger
        )
    }

    /// Composes the service around any way of looking at an image.
    public init(
        database: Database,
        registry: Registry,
        blobs: BlobStore,
        analyse: @escaping Analysis,
        feeds: FeedStore,
        documents: DocumentStore,
        catalogue: Catalogue,
        clock: WallClock = .system,
        settings: AssessmentSettings = AssessmentSettings(),
        signed: SignedReading? = nil,
        mayKnow: @escaping MayKnow = { _, other, own in other == own },
        projects: ProjectReading? = nil,
        reuse: ReuseReading? = nil,
        logger: Logger = Logger(label: "kontor.assessment")
    ) {
        self.database = database
        self.registry = registry
        self.blobs = blobs
        self.analyse = analyse
        self.feeds = feeds
        self.documents = documents
        self.catalogue = catalogue
        self.clock = clock
        self.settings = settings
        signedReading = signed
        self.mayKnow = mayKnow
        projectReading = projects
        reuseReading = reuse
        self.logger = logger
        files = FileIndex(database: database, documents: documents)
        queue = JobQueue(database: database, clock: clock)
        rules = settings.rules(of: catalogue)
    }

    /// The verdict of a manifest in a repository, or how far it is.
    ///
    /// Asking for an image that nobody queued queues it: a verdict is never lost for good.
    public func verdict(repository: RepositoryName, digest: Digest) async throws -> VerdictState {
        guard let manifest = try await registry.manifestSummary(repository, digest) else { return .unknownImage }
        guard manifest.kind != .artefact else { return .notAnImage }
        let key = digest.columns
        let row = try await database.read { transaction in
            try transaction.first(AssessmentSchema.verdict, [.text(repository.text)] + key)
        }
        if let row, let stored = try stored(row) { return .ready(stored) }
        let subject = Registry.assessmentSubject(repository, digest)
        switch try await queue.state(kind: Self.assessJob, subject: subject) {
        case .queued: return .queued
        case .running: return .running
        case .failed(let error, _, _): return .failed(reason: error, isRetried: true)
        case .dead(let error, _): return .failed(reason: error, isRetried: false)
        case nil:
            let now = clock.now()
            try await database.write { transaction in
                // The job may have ended between the two reads.
                let row = try transaction.first(AssessmentSchema.verdict, [.text(repository.text)] + key)
                let isDone = try row.map { try stored($0) != nil } ?? false
                guard !isDone else { return }
                try JobQueue.enqueue(transaction, kind: Self.assessJob, subject: subject, priority: .push, now: now)
            }
            return .queued
        }
    }

    /// A verdict of a row; nil where its document is not there any more: it is computed anew then.
    func stored(_ row: Row) throws -> StoredVerdict? {
        guard let document = try row.optionalBytes(0),
            let json = try documents.get(try Digest(algorithm: .sha256, bytes: document))
        else { return nil }
        return StoredVerdict(
            json: json,
            level: Level(rank: try row.int(1)),
            evaluatedAt: try row.time(2),
            validUntil: try row.optionalTime(3),
            catalogueVersion: try row.text(4),
            snapshot: try row.optionalText(5),
            failure: try row.optionalText(6)
        )
    }

    /// Removes documents that no row names any more.
    ///
    /// - Returns: how many.
    @discardableResult
    public func sweepDocuments() async throws -> Int {
        try await documents.sweep { digests in
            try await database.read { transaction in
                Set(
                    try digests.filter { digest in
                        let arguments: [SQLValue] = [.blob(digest.bytes)]
                        return try transaction.first(AssessmentSchema.namedVerdict, arguments) != nil
                            || transaction.first(AssessmentSchema.namedEvidence, arguments) != nil
                            || transaction.first(FileIndexSchema.namedPack, arguments) != nil
                    }
                )
            }
        }
    }

    /// A page of an image's findings, ordered by vulnerability, then component; nil while there is no verdict.
    ///
    /// - Parameters:
    ///   - repository: where the image is.
    ///   - digest: the image.
    ///   - after: the last one of the page before.
    ///   - limit: most findings, at most 1 000.
    public func findings(
        repository: RepositoryName,
        digest: Digest,
        after: FindingCursor? = nil,
        limit: Int = 100
    ) async throws -> [ListedFinding]? {
        guard try await registry.manifestSummary(repository, digest) != nil else { return nil }
        let key = digest.columns
        let limit = min(max(limit, 1), 1000)
        return try await database.read { transaction in
            guard let row = try transaction.first(AssessmentSchema.image, [.text(repository.text)] + key) else {
                return nil
            }
            return try Self.findings(in: row.components(2), after: after, limit: limit, transaction)
        }
    }

    /// A page of what advisories say about some components, ordered by vulnerability, then component.
    static func findings(
        in components: [Int64],
        after: FindingCursor?,
        limit: Int,
        _ transaction: Transaction
    ) throws -> [ListedFinding] {
        var found: [(cursor: FindingCursor, record: String)] = []
        for component in components {
            for row in try transaction.query(ReverseIndexSchema.findingsOfComponent, [.integer(component)]) {
                let cursor = FindingCursor(identifier: try row.text(0), component: component)
                if let after, !(after < cursor) { continue }
                found.append((cursor, try row.text(1)))
            }
        }
        found.sort { $0.cursor < $1.cursor }
        return try found.prefix(limit).map { cursor, record in
            ListedFinding(finding: try Finding(record: record), cursor: cursor)
        }
    }

    /// A page of the repositories that hold images, by name in byte order, each with its newest tag and that image's level.
    ///
    /// - Parameters:
    ///   - part: only names that contain this, whatever the case; nil or empty for all.
    ///   - after: names after this one; nil from the start.
    ///   - limit: most repositories, at most 1 000.
    public func repositories(
        containing part: String? = nil,
        after: String? = nil,
        limit: Int = 100
    ) async throws -> [RepositoryListing] {
        // No name has a NUL character, so what follows one changes nothing in the order; the database takes none.
        let start = String(decoding: (after ?? "").utf8.prefix { $0 != 0 }, as: UTF8.self)
        let size = SQLValue.integer(min(max(limit, 1), 1000))
        var statement = AssessmentSchema.repositories
        var page: [SQLValue] = [.text(start), size]
        if let part = part?.lowercased(), !part.isEmpty {
            // What cannot stand in a name is in none; of the others only `_` means something to LIKE.
            guard part.utf8.count <= 255, part.utf8.allSatisfy(Self.isLetterOfNames) else { return [] }
            let pattern =
                "%" + part.split(separator: "_", omittingEmptySubsequences: false).joined(separator: "!_") + "%"
            statement = AssessmentSchema.repositoriesMatching
            page = [.text(start), .text(pattern), size]
        }
        let (query, arguments) = (statement, page)
        return try await database.read { transaction in
            try transaction.query(query, arguments).map { row in
                RepositoryListing(
                    name: try RepositoryName(parsing: try row.text(0)),
                    firstSeen: try row.time(1),
                    newestTag: try row.optionalText(2).map { try Tag(parsing: $0) },
                    changedAt: try row.optionalTime(3),
                    digest: try row.optionalDigest(4),
                    level: try row.optionalInt(6).map { Level(rank: $0) },
                    stage: try row.optionalText(8).flatMap { Stage(rawValue: $0) },
                    evaluatedAt: try row.optionalTime(7)
                )
            }
        }
    }

    private static func isLetterOfNames(_ byte: UInt8) -> Bool {
        switch byte {
        // a-z, 0-9, `-`, `.`, `/`, `_`
        case 0x61...0x7a, 0x30...0x39, 0x2d...0x2f, 0x5f: true
        default: false
        }
    }

    /// Whether the assessment of an image failed and is not tried again.
    ///
    /// Queues nothing: a list of images asks for no work.
    public func isGivenUp(repository: RepositoryName, digest: Digest) async throws -> Bool {
        let subject = Registry.assessmentSubject(repository, digest)
        if case .dead = try await queue.state(kind: Self.assessJob, subject: subject) { return true }
        return false
    }

    /// The level of an image without its verdict's bytes, for badges; nil while there is none.
    public func level(repository: RepositoryName, digest: Digest) async throws -> (
        level: Level, evaluatedAt: Timestamp
    )? {
        let key = digest.columns
        return try await database.read { transaction in
            try transaction.first(AssessmentSchema.verdictSummary, [.text(repository.text)] + key).map { row in
                (level: Level(rank: try row.int(0)), evaluatedAt: try row.time(1))
            }
        }
    }
}

extension Level {
    /// The level of a stored rank; what no version writes counts as none.
    init(rank: Int) {
        self = Level.allCases.first { $0.rank == rank } ?? .none
    }
}
