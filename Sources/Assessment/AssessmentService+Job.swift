// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Audit
import Criteria
public import Database
import Inventory
import JSON
import Logging
import OCI
import Registry
import SBOM
import Time
import Vulnerabilities

extension AssessmentService {
    /// The handlers that a node's job runner needs for this room.
    public var jobs: [String: JobRunner.Handler] {
        let handler: JobRunner.Handler = { job in try await assess(job) }
        return [
            Self.assessJob: handler, Self.reassessJob: handler,
            Self.statementsJob: { job in try await requeue(job) },
            Self.ownAdvisoryJob: { job in try await integrateOwn(job) },
        ]
    }

    /// Assesses the image that a job names and stores everything that came of it, with the end of the job, in one
    /// transaction.
    ///
    /// - Throws: what another attempt may cure. What none can cure is stored as a verdict that says so, so that one image
    ///   never keeps a node busy for ever.
    public func assess(_ job: Job) async throws {
        let (repository, digest) = try Self.subject(job.subject)
        guard let manifest = try await registry.manifest(repository, digest), manifest.kind != .artefact else {
            // Deleted meanwhile, or turned out to be a signature.
            try await queue.complete(job) { transaction in try forget(repository, digest, in: transaction) }
            return
        }
        let snapshot = try feeds.current()
        let attached = try await attached(to: digest, in: repository, within: nil)
        let context = EvaluationContext(
            stage: attached?.signed.stage(atLeast: settings.stage) ?? settings.stage,
            visibility: settings.visibility,
            feeds: snapshot?.feeds ?? [],
            snapshot: snapshot?.id,
            ageLimits: settings.ageLimits,
            releases: settings.releases,
            now: clock.now(),
            exerciseData: settings.exerciseData
        )
        let (own, statements, sourceNews) = try await database.read {
            (
                try ownAdvisories.live(in: $0, at: context.now), try Statements.generation(in: $0),
                try ImageSources.latestNews(in: $0)
            )
        }
        let attempt = Attempt(
            job: job,
            repository: repository,
            snapshot: snapshot,
            own: own,
            statements: statements,
            sourceNews: sourceNews,
            attached: attached,
            context: context
        )
        let outcome =
            switch manifest.kind {
            case .index: try await index(manifest, attempt)
            case .image, .artefact: try await image(manifest, platform: nil, attempt)
            }
        let document = try documents.put(outcome.verdict.json.bytes())
        let parts = IndexedPart.all(of: outcome)
        let news = outcome.newsDigest.bytes
        let isCounted = try await queue.complete(job) { transaction in
            try store(outcome, parts, of: digest, document: document, news: news, attempt, in: transaction)
        }
        guard isCounted else { return }
        logger.info(
            "image assessed",
            metadata: [
                "image": "\(job.subject)", "level": "\(outcome.verdict.level.rawValue)",
                "findings": "\(outcome.verdict.findings.count)", "components": "\(outcome.components.count)",
            ]
        )
    }

    /// What every part of one assessment needs to know.
    struct Attempt: Sendable {
        let job: Job
        let repository: RepositoryName
        let snapshot: AdvisorySnapshot?
        let own: OwnAdvisories.Live
        /// Changes with every word that comes or goes.
        let statements: String
        /// The newest news of sources before projects were asked.
        let sourceNews: Int64
        /// What is attached to what is judged; nil where nobody looked.
        let attached: AttachedEvidence?
        let context: EvaluationContext
    }

    /// Splits `repository@digest`.
    static func subject(_ text: String) throws -> (RepositoryName, Digest) {
        guard let at = text.lastIndex(of: "@"), let repository = try? RepositoryName(parsing: String(text[..<at])),
            let digest = try? Digest(parsing: String(text[text.index(after: at)...]))
        else { throw JobFailure("\"\(text.prefix(300))\" does not name an image", isRetryable: false) }
        return (repository, digest)
    }

    private func image(
        _ manifest: StoredManifest,
        platform: String?,
        of index: Digest? = nil,
        _ attempt: Attempt
    ) async throws -> Outcome {
        let evidence: Evidence
        do {
            evidence = try await self.evidence(of: manifest, in: attempt.repository)
        } catch {
            return unassessable(manifest.digest, platform: platform, try lastingReason(error, attempt), attempt)
        }
        let value = evidence.value
        // Before words are laid over findings: what is signed about the image is among them.
        var attached = attempt.attached
        if index != nil {
            attached = try await self.attached(to: manifest.digest, in: attempt.repository, within: index)
        }
        var suppliers = attached?.suppliers
        var sources = Set<String>()
        if let found = suppliers {
            suppliers?.images = try await knownImages(of: found, value, in: attempt.repository)
            if let projectReading {
                let told = try await projectReading(found.sources(of: value), attempt.repository)
                suppliers?.projects = told.projects
                sources = told.addresses
            }
        }
        // Files that an advisory of the operator lists are components of their own: nobody else knows them by a package's name.
        let listed = try await listedFiles(of: evidence.files, attempt.own)
        let components = value.components + listed.components
        let assessed =
            try await attempt.snapshot?.assess(components, own: attempt.own) ?? .withoutFeeds(value.components)
        let chains = LayerChain.all(of: value.configuration?.diffIDs ?? [])
        let stated = try await stated(
            assessed.findings,
            in: components,
            [manifest.digest] + (index.map { [$0] } ?? []),
            chains,
            attempt
        )
        let verdict = Evaluation.verdict(
            catalogue: catalogue,
            evidence: value,
            assessed: Assessed(
                findings: stated.findings.map { listed.hidden.contains(FindingKey($0)) ? $0.hiddenInLayer : $0 },
                notAssessed: assessed.notAssessed,
                changesAt: stated.end.map { [$0] } ?? []
            ),
            signed: attached?.signed,
            suppliers: suppliers,
            reuse: try await reuseReading?(attempt.repository),
            context: attempt.context
        )
        return Outcome(
            verdict: verdict,
            components: components,
            findings: assessed.findings,
            chains: chains,
            files: evidence.files,
            sources: sources,
            evidenceDigest: evidence.digest,
            failure: nil
        )
    }

    private func unassessable(_ digest: Digest, platform: String? = nil, _ reason: String, _ attempt: Attempt)
        -> Outcome
    {
        let verdict = Verdict.unassessable(
            digest: digest,
            platform: platform,
            reason: reason,
            catalogue: catalogue,
            context: attempt.context
        )
        return Outcome(
            verdict: verdict,
            components: [],
            findings: [],
            chains: [],
            files: ImageFiles(),
            sources: [],
            evidenceDigest: nil,
            failure: reason
        )
    }

    private func index(_ stored: StoredManifest, _ attempt: Attempt) async throws -> Outcome {
        let index: ImageIndex
        do {
            guard case .index(let parsed) = try ManifestDocument(parsing: stored.bytes, contentType: stored.mediaType)
            else { throw JobFailure("\(stored.digest) is stored as an index and is none", isRetryable: false) }
            index = parsed
        } catch let error as ManifestError {
            return unassessable(stored.digest, "the index cannot be read: \(error)", attempt)
        }
        let children = Self.children(of: index)
        guard children.count <= settings.maximumPlatforms else {
            let reason =
                "the index names \(children.count) images; at most \(settings.maximumPlatforms) are judged together"
            return unassessable(stored.digest, reason, attempt)
        }
        var platforms: [Outcome] = []
        var missing: [MissingPlatform] = []
        for child in children {
            let platform = child.platform?.description
            // A child may be a sparse index's, and an index within an index is no image: neither is known.
            guard let manifest = try await registry.manifest(attempt.repository, child.digest), manifest.kind != .index
            else {
                missing.append(MissingPlatform(digest: child.digest, platform: platform))
                continue
            }
            guard manifest.kind == .image else { continue }
            platforms.append(try await image(manifest, platform: platform, of: stored.digest, attempt))
        }
        let verdict = Evaluation.indexVerdict(
            catalogue: catalogue,
            digest: stored.digest,
            platforms: platforms.map(\.verdict),
            missing: missing,
            signed: attempt.attached?.signed,
            context: attempt.context
        )
        var seen = Set<Component>()
        let components = platforms.flatMap(\.components).filter { seen.insert($0).inserted }
        var files = ImageFiles.union(platforms.map(\.files))
        if !missing.isEmpty { files.isComplete = false }
        let digests = platforms.compactMap { $0.evidenceDigest?.description }
        return Outcome(
            verdict: verdict,
            components: components,
            findings: platforms.flatMap(\.findings),
            chains: platforms.flatMap(\.chains),
            files: files,
            sources: platforms.reduce(into: []) { $0.formUnion($1.sources) },
            evidenceDigest: digests.isEmpty ? nil : .sha256(Array(digests.joined(separator: "\n").utf8)),
            failure: platforms.lazy.compactMap(\.failure).first
        )
    }

    /// The images that an index names, each once for each platform.
    ///
    /// Every platform's verdict is a part of the index's: an index that names one image 8000 times would make it gigabytes.
    static func children(of index: ImageIndex) -> [Descriptor] {
        var named = Set<String>()
        return index.images.filter { child in
            named.insert("\(child.digest) \(child.platform?.description ?? "")").inserted
        }
    }

    /// The reason to put into a verdict, when no further attempt can help; throws the error when one may.
    private func lastingReason(_ error: any Error, _ attempt: Attempt) throws -> String {
        switch error {
        case is CancellationError, AnalyserError.cancelled:
            throw CancellationError()
        case let error as Unassessable:
            return error.description
        case AnalyserError.image(let reason):
            return reason
        case AnalyserError.notConfined:
            // The machine's fault, not the image's: no verdict may blame the image for it.
            throw JobFailure("\(error)", isRetryable: false)
        case AnalyserError.cannotStart:
            throw error
        case let error as AnalyserError:
            // Counted when the job was claimed, before the child started.
            let attempts = attempt.job.countedAttempt
            guard !error.isRetryable || attempts >= settings.maximumAttempts else { throw error }
            return attempts > 1 ? "\(error), in \(attempts) attempts" : "\(error)"
        default:
            throw error
        }
    }
}

extension Finding {
    /// The same, with the word that only a layer holds the file.
    fileprivate var hiddenInLayer: Finding {
        var finding = self
        finding.evidence.rule += "; it is in a layer, which can be pulled, and not visible in the final file system"
        return finding
    }
}
