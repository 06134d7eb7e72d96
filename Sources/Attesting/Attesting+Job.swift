// SPDX-License-Identifier: EUPL-1.2

internal import Accounts
internal import Assessment
internal import Attestations
internal import Criteria
public import Database
internal import JSON
internal import Keys
internal import OCI
internal import Registry
internal import Time
internal import Transparency

extension Attesting {
    /// The handlers that a node's job runner needs for this room; while nobody signs nothing is queued for them.
    public var jobs: [String: JobRunner.Handler] {
        [
            Self.job: { job in try await run(job) },
            Self.lettingGo: { job in
                let (repository, digest) = try Self.image(job)
                try await letGo(repository, digest)
            },
        ]
    }

    /// Goes as far as it can; what was done before is found by its rows.
    ///
    /// - Throws: what another attempt may cure; the reason then stands in the row of the image.
    func run(_ job: Job) async throws {
        let (repository, digest) = try Self.image(job)
        // What no client could verify; the list of statements says so.
        guard digest.algorithm == .sha256 else { return }
        do {
            try await attest(repository, digest)
        } catch let error as AttestingError {
            try await note("\(error)", repository, digest)
        } catch TransparencyError.refused(_, let reason) {
            // What was signed and may not be logged is not given out either; the next verdict tries anew.
            try await drop(try await rows(repository, digest).filter { !$0.isPublished })
            try await note("the log does not take what is said about it: \(reason)", repository, digest)
        } catch let error as RegistryError where !error.isRetryable {
            try await note("the registry does not take what is said about it: \(error)", repository, digest)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            try await note("\(error)", repository, digest)
            throw error
        }
    }

    private static func image(_ job: Job) throws -> (RepositoryName, Digest) {
        guard let at = job.subject.lastIndex(of: "@"),
            let repository = try? RepositoryName(parsing: String(job.subject[..<at])),
            let digest = try? Digest(parsing: String(job.subject[job.subject.index(after: at)...]))
        else { throw JobFailure("\"\(job.subject.prefix(300))\" does not name an image", isRetryable: false) }
        return (repository, digest)
    }

    /// An image on its way through the job.
    struct Subject: Sendable {
        let image: StatedImage
        let mediaType: String
        let size: Int64
        let namespace: Namespace?
        let isLogged: Bool
    }

    private func attest(_ repository: RepositoryName, _ digest: Digest) async throws {
        guard log != nil else { throw AttestingError.unavailable(Self.nobodySigns) }
        guard let address = address() else {
            throw JobFailure("the node does not know its own name yet; set --public-url", isRetryable: true)
        }
        let access = try await accounts.access(of: nil, to: repository)
        let namespace = access?.namespace
        guard let summary = try await registry.manifestSummary(repository, digest), summary.kind != .artefact else {
            return try await forget(repository, digest, namespace)
        }
        guard access != nil else { throw AttestingError.refused("the repository is closed") }
        guard summary.takedown == nil else {
            throw AttestingError.refused("it was taken down for legal reasons; nothing more is said about it")
        }
        if let freeze = namespace?.freeze {
            throw AttestingError.refused("the namespace is frozen since \(freeze.at.rfc3339); nothing is added to it")
        }
        let subject = Subject(
            image: StatedImage(
                repository: repository,
                digest: digest,
                authority: address.authority,
                address: address.url,
                version: version
            ),
            mediaType: summary.mediaType,
            size: summary.size,
            namespace: namespace,
            isLogged: namespace.map(\.isPublic) ?? accounts.allowsOutside
        )
        let planned = try await plan(subject)
        let waiting = try await rows(repository, digest).filter { !$0.isPublished }
        for row in waiting where row.signature == nil { try await sign(row, subject) }
        for row in try await rows(repository, digest) where !row.isPublished && row.promise == nil {
            try await seal(row, subject)
        }
        let notice = try await publish(subject, withdrawn: planned.withdrawn)
        guard let state = planned.state else { return }
        try await keep(state, problem: state.problem ?? notice, repository, digest)
    }

    // MARK: - What is to be said

    /// What an image's statements are about, once they are published.
    struct State: Sendable {
        let news: Digest
        let words: String
        let problem: String?
    }

    private struct Plan: Sendable {
        /// Nil when nothing of the verdict is news.
        var state: State?
        /// What is published and not said any more.
        var withdrawn: [ImageAttestation] = []
    }

    /// Writes down what the verdict says and was not said before.
    private func plan(_ subject: Subject) async throws -> Plan {
        let image = subject.image
        guard let basis = try await assessment.basis(of: image.digest, in: image.repository) else { return Plan() }
        let key = Self.key(image.repository, image.digest)
        let known = try await database.read { t in
            try t.first(AttestingSchema.image, key).map { row in
                (news: try row.bytes(0), words: try row.text(1), problem: try row.optionalText(2))
            }
        }
        try await dropLost(subject)
        let rows = try await rows(image.repository, image.digest)
        let isComplete = rows.contains { $0.kind == .verdict && $0.isPublished }
        if let known, known.problem == nil, isComplete, known.news == basis.news.bytes, known.words == basis.words {
            return Plan()
        }
        func nothing(_ problem: String) -> Plan {
            Plan(state: State(news: basis.news, words: basis.words, problem: problem))
        }
        // Not to be known is no verdict: what was said before of the same bytes stays, as at the gate.
        if let failure = basis.stored.failure { return nothing("the image could not be assessed: \(failure)") }
        let verdict = try basis.stored.verdict()
        if verdict.exerciseData {
            return nothing("its advisories are for exercise, and nobody shall take that for real")
        }
        let bill = try await assessment.sbom(repository: image.repository, digest: image.digest)
        let statements = VerdictStatements(
            image: image,
            verdict: verdict,
            news: basis.news,
            bill: try bill.map { try JSONValue(parsing: $0, limits: JSONLimits(bytes: 1 << 30, values: .max)) },
            catalogue: catalogue
        )
        let (drafts, problem) = try statements.drafts()
        let now = clock.now()
        try await database.write { t in
            for draft in drafts {
                try Self.write(
                    draft,
                    about: image.repository,
                    image.digest,
                    isLogged: subject.isLogged,
                    by: Self.node.name,
                    at: now,
                    t
                )
            }
        }
        let said = Set(drafts.map(\.kind))
        return Plan(
            state: State(news: basis.news, words: basis.words, problem: problem),
            // Nobody says anything about its findings any more; what is in it is only not said where it cannot be told.
            withdrawn: rows.filter { $0.kind == .exploitability && !said.contains($0.kind) }
        )
    }

    /// Forgets statements whose manifests somebody took out of the registry: they are said again.
    private func dropLost(_ subject: Subject) async throws {
        var lost: [ImageAttestation] = []
        for row in try await rows(subject.image.repository, subject.image.digest) where row.isPublished {
            guard row.kind != .audit, let manifest = row.manifest else { continue }
            if try await registry.manifestSummary(row.repository, manifest) == nil { lost.append(row) }
        }
        guard !lost.isEmpty else { return }
        let (image, now) = (subject.image, clock.now())
        let place = Place(repository: image.repository, digest: image.digest, namespace: subject.namespace)
        try await database.write { [lost] t in try Self.forget(lost, at: place, now, t) }
    }

    // MARK: - State

    private func keep(
        _ state: State,
        problem: String?,
        _ repository: RepositoryName,
        _ digest: Digest
    ) async throws {
        let values =
            Self.key(repository, digest) + [
                .blob(state.news.bytes), .text(state.words), .optional(problem.map { String($0.prefix(1_000)) }),
                .time(clock.now()),
            ]
        _ = try await database.write { t in try t.execute(AttestingSchema.putImage, values) }
    }

    /// Writes down why something is not attested; whatever else is known of the image stays.
    private func note(_ problem: String, _ repository: RepositoryName, _ digest: Digest) async throws {
        let key = Self.key(repository, digest)
        let now = clock.now()
        try await database.write { t in
            let row = try t.first(AttestingSchema.image, key)
            let values: [SQLValue] = [
                .blob(try row?.bytes(0) ?? []), .text(try row?.text(1) ?? ""), .text(String(problem.prefix(1_000))),
                .time(now),
            ]
            try t.execute(AttestingSchema.putImage, key + values)
        }
    }

    func drop(_ rows: [ImageAttestation]) async throws {
        guard !rows.isEmpty else { return }
        try await database.write { t in
            for row in rows { try t.execute(AttestingSchema.delete, [.integer(row.id)]) }
        }
    }

    /// Takes back what was said about an image that is gone.
    private func forget(_ repository: RepositoryName, _ digest: Digest, _ namespace: Namespace?) async throws {
        let rows = try await rows(repository, digest)
        let place = Place(repository: repository, digest: digest, namespace: namespace)
        if !rows.isEmpty, namespace?.freeze == nil { try await takeBack(rows, at: place) }
        let now = clock.now()
        try await database.write { t in
            try Self.forget(rows, at: place, now, t)
            try t.execute(AttestingSchema.deleteImage, place.key)
        }
    }
}
