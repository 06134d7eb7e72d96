// SPDX-License-Identifier: EUPL-1.2

public import Accounts
public import Assessment
public import Criteria
public import Database
public import Keys
public import OCI
public import Registry
public import Time
public import Transparency

/// Signs what the node says about images, where everybody's own tools find and verify it.
///
/// A verdict queues a job in its transaction. The job writes down what is to be said that was not said before, signs each statement with
/// the key of its role, waits until the log has the signatures, and publishes them in two forms: as Sigstore bundles that refer to the
/// image, and as layers of cosign's list. What they replace is taken back. Each step finds what was done before by its rows, so that
/// after a crash nothing is signed twice.
///
/// A statement is signed anew when the level, a result or the set of affected findings changes, and not with each look.
///
/// ## Topics
/// - ``attested(_:_:)``
/// - ``audit(_:_:_:by:)``
/// - ``jobs``
/// - ``catchUp()``
public struct Attesting: Sendable {
    /// Kind of the job that signs; its subject is `repository@digest`.
    public static let job = AssessmentService.attestationJob
    /// Most statements about one image.
    static let maximumStatements = 64
    /// Who pushes statements: the node, which has no account.
    static let node = Account(id: 0, name: "kontor", isAdmin: true, kind: .service)

    let database: Database
    let registry: Registry
    let accounts: Accounts
    let assessment: AssessmentService
    let catalogue: Catalogue
    let signer: any Signer
    private let currentLog: @Sendable () -> TransparencyLog?
    let address: @Sendable () -> Address?
    let version: String
    let clock: WallClock
    let whenQueued: @Sendable () -> Void

    /// Where the node is reached.
    public struct Address: Sendable, Hashable {
        /// Scheme, host and port, without a slash at the end: who judges, in every statement.
        public let url: String
        /// Host and port of the registry, as in names of images.
        public let authority: String

        /// Names a place.
        public init(url: String, authority: String) {
            self.url = url
            self.authority = authority
        }
    }

    /// Composes the room; needs ``AttestingSchema/migrations``.
    ///
    /// - Parameters:
    ///   - signer: has the keys.
    ///   - log: as it is now; nil while nobody signs, then nothing is attested.
    ///   - address: where the node is reached; nil while that cannot be told.
    ///   - version: of the program.
    ///   - whenQueued: told after an audit was queued, so that it starts at once.
    public init(
        database: Database,
        registry: Registry,
        accounts: Accounts,
        assessment: AssessmentService,
        catalogue: Catalogue,
        signer: any Signer,
        log: @escaping @Sendable () -> TransparencyLog?,
        address: @escaping @Sendable () -> Address?,
        version: String,
        clock: WallClock = .system,
        whenQueued: @escaping @Sendable () -> Void = {}
    ) {
        self.database = database
        self.registry = registry
        self.accounts = accounts
        self.assessment = assessment
        self.catalogue = catalogue
        self.signer = signer
        currentLog = log
        self.address = address
        self.version = version
        self.clock = clock
        self.whenQueued = whenQueued
    }

    /// The log as it is now.
    var log: TransparencyLog? { currentLog() }

    /// Whether there is somebody who signs.
    public var signs: Bool { log != nil }

    /// What is said while nobody signs.
    static let nobodySigns =
        "nothing is attested, because the signer does not answer; /readyz and the log say why"

    /// What is attested about an image.
    public func attested(_ repository: RepositoryName, _ digest: Digest) async throws -> AttestedImage {
        guard digest.algorithm == .sha256 else {
            return AttestedImage(attestations: [], problem: Self.otherDigest, isPending: false)
        }
        let (rows, problem) = try await database.read { t in
            (
                try Self.rows(repository, digest, t),
                try t.first(AttestingSchema.image, Self.key(repository, digest))?.optionalText(2)
            )
        }
        guard log != nil else { return AttestedImage(attestations: rows, problem: Self.nobodySigns, isPending: false) }
        let subject = Registry.assessmentSubject(repository, digest)
        var isPending = false
        switch try await JobQueue(database: database, clock: clock).state(kind: Self.job, subject: subject) {
        case .queued, .running, .failed: isPending = true
        case .dead, nil: break
        }
        return AttestedImage(attestations: rows, problem: problem, isPending: isPending)
    }

    static let otherDigest = "only images with a SHA-256 digest are attested: no other client verifies another"

    /// Queues every assessed image whose statements are not those of its verdict: of a node that could not sign before, or was older.
    ///
    /// - Returns: how many were queued.
    @discardableResult
    public func catchUp() async throws -> Int {
        guard log != nil else { return 0 }
        var (last, count) = (Int64(0), 0)
        while true {
            let page = try await assessment.assessedImages(after: last, limit: 500)
            guard let end = page.last else { break }
            last = end.position
            var stale: [String] = []
            for (_, repository, digest) in page where digest.algorithm == .sha256 {
                let key = Self.key(repository, digest)
                let known = try await database.lookUp { t in try t.first(AttestingSchema.image, key)?.bytes(0) }
                if let known, try await assessment.news(of: digest, in: repository)?.bytes == known { continue }
                stale.append(Registry.assessmentSubject(repository, digest))
            }
            let (subjects, now) = (stale, clock.now())
            guard !subjects.isEmpty else { continue }
            try await database.write { t in
                for subject in subjects { try AssessmentService.attest(subject, at: now, in: t) }
            }
            count += subjects.count
        }
        if count > 0 { whenQueued() }
        return count
    }

    // MARK: - Rows

    static func key(_ repository: RepositoryName, _ digest: Digest) -> [SQLValue] {
        [.text(repository.text), .blob(digest.bytes)]
    }

    static func rows(_ repository: RepositoryName, _ digest: Digest, _ t: Transaction) throws -> [ImageAttestation] {
        try t.query(AttestingSchema.ofImage, key(repository, digest) + [.integer(maximumStatements * 2)]).map {
            try ImageAttestation($0)
        }
    }

    func rows(_ repository: RepositoryName, _ digest: Digest) async throws -> [ImageAttestation] {
        try await database.read { t in try Self.rows(repository, digest, t) }
    }

    /// Writes a statement down that is to be signed, in place of another of its kind and slot that still waits.
    ///
    /// - Returns: the row; that of the same statement where there is one.
    @discardableResult
    static func write(
        _ draft: StatementDraft,
        about repository: RepositoryName,
        _ digest: Digest,
        isLogged: Bool,
        by author: String,
        at now: Timestamp,
        _ t: Transaction
    ) throws -> ImageAttestation {
        for row in try rows(repository, digest, t) where row.kind == draft.kind && row.slot == draft.slot {
            if row.basis == draft.basis.bytes {
                // The one that is published is right again: what should have replaced it is not needed any more.
                if row.isPublished { try dropWaiting(draft, repository, digest, t) }
                return row
            }
        }
        try dropWaiting(draft, repository, digest, t)
        let values =
            key(repository, digest) + [
                .integer(draft.kind.rawValue), .blob(draft.slot), .blob(draft.basis.bytes), .text(draft.predicateType),
                .blob(draft.payload), .blob(Digest.sha256(draft.payload).bytes), .bool(isLogged), .time(now),
                .text(author), .optional(draft.validUntil),
            ]
        guard let row = try t.first(AttestingSchema.insert, values) else {
            throw DatabaseError(.shape, "an insert gave no row back", statement: AttestingSchema.insert.name)
        }
        return try ImageAttestation(row)
    }

    private static func dropWaiting(
        _ draft: StatementDraft,
        _ repository: RepositoryName,
        _ digest: Digest,
        _ t: Transaction
    ) throws {
        for row in try rows(repository, digest, t)
        where row.kind == draft.kind && row.slot == draft.slot && !row.isPublished {
            try t.execute(AttestingSchema.delete, [.integer(row.id)])
        }
    }
}
