// SPDX-License-Identifier: EUPL-1.2

public import Accounts
internal import Attestations
public import Criteria
public import Database
public import Keys
public import OCI
internal import Policies
public import Registry
public import Releases
internal import SBOM
public import Time

/// What is attached to images, verified by the trust policy of their namespace.
///
/// Reads signatures and signed statements wherever clients put them: under cosign's tags, as referrers, in the index of referrers, and the
/// OpenPGP messages that the registry gives out. Everything read is bounded; what was not read is said, never passed over. The room decides
/// nothing: it fills the evidence that criteria are decided from.
///
/// ## Topics
/// - ``evidence(of:in:within:)``
/// - ``keep(signature:of:in:by:)``, ``openPGPSignatures(_:_:)``
/// - ``jobs``
public struct Trust: Sendable {
    let database: Database
    let registry: Registry
    let accounts: Accounts
    let releases: Releases
    let nodeKeys: @Sendable () async -> [KeyRecord]?
    let authorities: @Sendable () throws -> [String]
    let clock: WallClock

    /// Composes the room; needs ``TrustSchema/migrations``.
    ///
    /// - Parameters:
    ///   - nodeKeys: keys of this node, also those that sign no more; nil while they are not known.
    ///   - authorities: hosts and ports of the registry, as in names of images, its own first; empty where that cannot be told.
    public init(
        database: Database,
        registry: Registry,
        accounts: Accounts,
        releases: Releases,
        nodeKeys: @escaping @Sendable () async -> [KeyRecord]?,
        authorities: @escaping @Sendable () throws -> [String],
        clock: WallClock = .system
    ) {
        self.database = database
        self.registry = registry
        self.accounts = accounts
        self.releases = releases
        self.nodeKeys = nodeKeys
        self.authorities = authorities
        self.clock = clock
    }

    /// Who signed an image, what signed statements say of it, and which tags stand for it.
    ///
    /// - Parameters:
    ///   - digest: the image.
    ///   - repository: where it lies; what is attached elsewhere is not looked at.
    ///   - index: the index that is judged, where the image is one of its images: its tags are those of the image too.
    /// - Throws: what another attempt may cure.
    public func evidence(
        of digest: Digest,
        in repository: RepositoryName,
        within index: Digest? = nil
    ) async throws -> SignedEvidence {
        try await attached(to: digest, in: repository, within: index).signed
    }

    /// The same, with what those who are believed say of the image.
    public func attached(
        to digest: Digest,
        in repository: RepositoryName,
        within index: Digest? = nil
    ) async throws -> TrustedEvidence {
        let rules = try await rules(of: repository)
        // Before what lies beside it: a release that is finished by then has all its signatures there.
        let (tags, oldest) = try await tags(of: index ?? digest, in: repository)
        var seen = [oldest, try await registry.manifestSummary(repository, digest)?.firstSeen]
        if let index { seen.append(try await registry.manifestSummary(repository, index)?.firstSeen) }
        let gathered = try await gathered(digest, in: repository)
        let trusted = gathered.signers(by: rules.trust)
        let reports = trusted.reports(on: gathered.found, about: gathered.subject, at: clock.now())
        var signed = trusted.judged(gathered.found, reports)
        signed.trust = rules.state
        signed.gaps = gathered.gaps
        signed.tags = tags
        signed.firstSeen = seen.compactMap(\.self).min()
        let reading = trusted.reading(of: gathered.found, reports, about: digest, rules.trust ?? TrustRules())
        return TrustedEvidence(
            signed: signed,
            suppliers: reading.evidence,
            documents: reading.documents,
            namespace: rules.namespace
        )
    }

    /// What lies beside an image, with all that it takes to judge it by one policy or another.
    struct Gathered: Sendable {
        let found: [FoundEvidence]
        let gaps: [LocalizedText]
        let subject: VerificationSubject
        fileprivate let keys: [KeyRecord]
        fileprivate let repository: RepositoryName
        fileprivate let otherNames: [String]

        /// Whom to believe about it by some rules.
        func signers(by rules: TrustRules?) -> TrustedSigners {
            TrustedSigners(rules: rules, node: keys, repository: repository, otherNames: otherNames)
        }
    }

    /// Reads what lies beside an image.
    func gathered(_ digest: Digest, in repository: RepositoryName) async throws -> Gathered {
        var gathering = Gathering(registry: registry, repository: repository, digest: digest)
        try await gathering.all(openPGP: try await openPGPMessages(repository, digest))
        let keys = await nodeKeys()
        if keys == nil {
            gathering.gap(
                "die Schlüssel dieses Knotens sind nicht bekannt, weil sein Signierdienst nicht antwortet",
                "the keys of this node are not known, because its signer does not answer"
            )
        }
        let names = try authorities()
        if names.isEmpty {
            gathering.gap(
                "der Knoten kennt seinen eigenen Namen nicht (--public-url), den Signaturen nennen müssen",
                "the node does not know its own name (--public-url), which signatures have to say"
            )
        }
        return Gathered(
            found: gathering.found,
            gaps: gathering.gaps,
            subject: VerificationSubject(digest: digest, registry: names.first ?? "?", repository: repository),
            keys: keys ?? [],
            repository: repository,
            otherNames: names.dropFirst().map { "\($0)/\(repository)" }
        )
    }

    /// Whom the namespace of a repository trusts.
    private func rules(
        of repository: RepositoryName
    ) async throws -> (state: SignedEvidence.Trust, trust: TrustRules?, namespace: String?) {
        let now = clock.now()
        return try await database.lookUp { t in
            guard let namespace = try accounts.access(t, of: nil, to: repository, at: now)?.namespace else {
                return (.absent, nil, nil)
            }
            do {
                let inForce = try PolicyStore.current(t, of: namespace.id)
                guard let trust = inForce.policy.trust else { return (.absent, nil, namespace.name) }
                return (.inForce(revision: inForce.revision, threshold: trust.threshold), trust, namespace.name)
            } catch is PolicyUnreadable { return (.unreadable, nil, namespace.name) }
        }
    }

    // MARK: - Tags

    /// Tags of one image that are looked at.
    private static let maximumTags = 32
    /// Changes of one tag that are looked at; a tag with more of them moved.
    private static let maximumChanges = 200

    /// - Returns: the tags, and the earliest instant at which one of them stood for the image, also before it was taken away in between.
    private func tags(
        of digest: Digest,
        in repository: RepositoryName
    ) async throws -> (tags: [TagEvidence], oldest: Timestamp?) {
        var found: [TagEvidence] = []
        var oldest: Timestamp?
        for tag in try await registry.tags(of: digest, in: repository, limit: Self.maximumTags)
        where tag.attachedTo == nil {
            let events = try await registry.tagHistory(repository, tag, limit: Self.maximumChanges)
            guard let last = events.first(where: { !$0.isRemoval }), last.digest == digest else { continue }
            let first = events.last { !$0.isRemoval && $0.digest == digest }?.changedAt
            oldest = [oldest, first].compactMap(\.self).min()
            let release = try await releases.newest(of: repository, tag)
            found.append(
                TagEvidence(
                    name: tag.text,
                    setAt: last.changedAt,
                    setBy: last.changedBy,
                    isRelease: last.changedBy == Releases.actor && release?.state == .signed
                        && release?.digest == digest,
                    hasMoved: events.count >= Self.maximumChanges || events.contains { $0.digest != digest }
                )
            )
        }
        return (found, oldest)
    }

    // MARK: - Jobs

    /// The handlers that a node's job runner needs for this room.
    public var jobs: [String: JobRunner.Handler] {
        [Registry.trustJob: { job in try await follow(job) }]
    }

    /// Queues the images of a namespace whose trust changed.
    func follow(_ job: Job) async throws {
        let name = job.subject
        guard let namespace = try await database.read({ t in try accounts.namespace(t, named: name) }) else { return }
        var after: String?
        repeat {
            after = try await registry.reassessImages(of: namespace, after: after)
            try Task.checkCancellation()
        } while after != nil
    }
}
