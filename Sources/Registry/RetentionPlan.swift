// SPDX-License-Identifier: EUPL-1.2

public import Database
public import OCI
public import Policies
public import Time

/// What retention has to know about pulls, from whoever records them.
public struct PullKnowledge: Sendable {
    /// Since when there is a record of every pull; nil when there is none.
    public let recordedSince: Timestamp?
    /// When a digest was last pulled from a repository, in a transaction of the registry; nil when no record of it is left.
    public let lastPull: @Sendable (Transaction, RepositoryName, Digest) throws -> Timestamp?

    /// Says what is known.
    public init(
        recordedSince: Timestamp?,
        lastPull: @escaping @Sendable (Transaction, RepositoryName, Digest) throws -> Timestamp?
    ) {
        self.recordedSince = recordedSince
        self.lastPull = lastPull
    }

    /// Nothing is known, so that whatever a rule on pulls covers stays.
    public static let none = PullKnowledge(recordedSince: nil) { _, _, _ in nil }
}

/// What retention says about a part of a namespace.
public struct RetentionReport: Sendable {
    /// Revision of the policy that was asked.
    public let revision: Int64
    /// One decision for each tag and untagged manifest of the repositories that a rule covers.
    public var decisions: [RetentionDecision] = []
    /// Repositories with more than ``RegistryLimits/retentionFacts`` of something: they are left alone.
    public var skipped: [RepositoryName] = []
    /// The repository after which it goes on; nil at the end.
    public var next: RepositoryName?
}

/// What retention removed.
public struct RetentionResult: Sendable {
    /// Revision of the policy that was applied.
    public let revision: Int64
    /// What went.
    public var removed: [RetentionDecision] = []
    /// What was to go and changed before it did, so that it stayed.
    public var kept = 0
    /// Repositories that were left alone, as in ``RetentionReport/skipped``.
    public var skipped: [RepositoryName] = []
    /// Whether it ended early: the policy changed, or the namespace may not be cleaned any more.
    public var wasStopped = false

    /// Tags that went.
    public var tags: Int { removed.count { $0.tag != nil } }
    /// Manifests that went.
    public var manifests: Int { removed.count - tags }
}

/// What retention says about one repository, with what it rests on: what changed meanwhile is not removed.
struct RetentionPlan: Sendable {
    /// One thing that goes.
    struct Step: Sendable {
        let decision: RetentionDecision
        let manifestID: Int64
        /// Of a tag, since when it names its manifest; of a manifest, when what led to it last went.
        let at: Timestamp?
        /// What it is about, which has to be gone before it.
        let subject: Digest?
    }

    let repositoryID: Int64
    let repository: RepositoryName
    var decisions: [RetentionDecision] = []
    /// In the order in which it goes: an index before its parts, an image before what is about it.
    var steps: [Step] = []
    /// Whether the repository has more than can be looked at.
    var isTooLarge = false

    /// Depth of indexes in indexes; what lies below stays.
    private static let depth = 8

    /// Looks at a repository as it is in one transaction.
    init(
        _ t: Transaction,
        _ repository: RepositoryName,
        _ repositoryID: Int64,
        policy: ContentPolicy,
        pulls: PullKnowledge,
        now: Timestamp,
        limit: Int
    ) throws {
        self.repository = repository
        self.repositoryID = repositoryID
        let covering = policy.retention.filter { $0.repository?.matches(repository.text) ?? true }
        guard !covering.isEmpty else { return }
        // A look-up for each tag only where a rule asks. What is about something that is not here goes like what has no tag.
        let asksForPulls = covering.contains { rule in
            rule.removeUntaggedAfterDays != nil
                || (rule.keep ?? []).contains { if case .pulledWithin = $0.condition { true } else { false } }
        }
        let page: [SQLValue] = [.integer(repositoryID), .integer(limit + 1)]
        var manifests: [Digest: Int64] = [:]
        var tags: [TagFact] = []
        for row in try t.query(SQL.retentionTags, page) {
            let digest = try row.digest(1)
            manifests[digest] = try row.int64(6)
            tags.append(
                TagFact(
                    repository: repository,
                    tag: try Tag(parsing: try row.text(0)),
                    digest: digest,
                    pushedAt: try row.time(3),
                    lastPulledAt: asksForPulls ? try pulls.lastPull(t, repository, digest) : nil,
                    subject: try row.optionalDigest(4)
                )
            )
        }
        var untagged: [UntaggedFact] = []
        for row in try t.query(SQL.retentionUntagged, page) {
            let digest = try row.digest(1)
            manifests[digest] = try row.int64(0)
            untagged.append(
                UntaggedFact(
                    repository: repository,
                    digest: digest,
                    pushedAt: try row.time(3),
                    lastPulledAt: try pulls.lastPull(t, repository, digest),
                    unreferencedSince: try row.optionalTime(4),
                    subject: try row.optionalDigest(5)
                )
            )
        }
        let edges = try t.query(SQL.retentionParts, page).map { (parent: try $0.digest(0), part: try $0.digest(2)) }
        guard tags.count <= limit, untagged.count <= limit, edges.count <= limit else {
            isTooLarge = true
            return
        }
        decide(policy, tags, untagged, Parts(edges), pulls, now)
        arrange(tags, untagged, Parts(edges), manifests)
    }

    /// Which manifests lead to which.
    private struct Parts {
        var below: [Digest: [Digest]] = [:]
        var above: [Digest: [Digest]] = [:]

        init(_ edges: [(parent: Digest, part: Digest)]) {
            for (parent, part) in edges {
                below[parent, default: []].append(part)
                above[part, default: []].append(parent)
            }
        }

        /// Everything that some manifests lead to.
        func reached(from roots: some Sequence<Digest>) -> Set<Digest> {
            var reached: Set<Digest> = []
            var next = Array(roots)
            while let digest = next.popLast() {
                for part in below[digest] ?? [] where reached.insert(part).inserted { next.append(part) }
            }
            return reached
        }
    }

    /// Decides until nothing changes.
    ///
    /// The parts of an untagged index stay as long as it does, and go in the run in which it goes: else a cluster that pulls the index by
    /// digest would find half of it.
    private mutating func decide(
        _ policy: ContentPolicy,
        _ tags: [TagFact],
        _ untagged: [UntaggedFact],
        _ parts: Parts,
        _ pulls: PullKnowledge,
        _ now: Timestamp
    ) {
        let subjects = Set(tags.compactMap(\.subject) + untagged.compactMap(\.subject))
        var gone: Set<Digest> = []
        let known = Dictionary(untagged.map { ($0.digest, $0) }) { first, _ in first }
        for _ in 0..<Self.depth {
            let staying = Set(tags.map(\.digest) + untagged.map(\.digest)).subtracting(gone)
            let reached = parts.reached(from: staying)
            let facts = untagged.map { fact in
                var fact = fact
                fact.hasReferrers = subjects.contains(fact.digest)
                fact.isChildOfTagged = reached.contains(fact.digest)
                // What its indexes waited for, it has waited for too.
                for parent in parts.above[fact.digest] ?? [] {
                    guard let since = known[parent].map({ max($0.pushedAt, $0.unreferencedSince ?? $0.pushedAt) })
                    else { continue }
                    fact.unreferencedSince = max(fact.unreferencedSince ?? since, since)
                }
                return fact
            }
            decisions = policy.retentionDecisions(
                tags: tags,
                untagged: facts,
                now: now,
                pullsRecordedSince: pulls.recordedSince
            )
            let removed = Set(decisions.filter { $0.tag == nil && $0.action == .remove }.map(\.digest))
            // Only more goes from round to round: what is reached by less can only be reached less.
            guard removed != gone else { return }
            gone = removed
        }
    }

    /// Puts what goes in order: a run that ends halfway leaves no index without its parts and no image without its signatures.
    private mutating func arrange(
        _ tags: [TagFact],
        _ untagged: [UntaggedFact],
        _ parts: Parts,
        _ manifests: [Digest: Int64]
    ) {
        let tagFacts = Dictionary(tags.map { ($0.tag, $0) }) { first, _ in first }
        let facts = Dictionary(untagged.map { ($0.digest, $0) }) { first, _ in first }
        var free: [Step] = []
        var attached: [Step] = []
        var going: [Digest: Step] = [:]
        var ready: [Digest] = []
        for decision in decisions where decision.action == .remove {
            guard let manifestID = manifests[decision.digest] else { continue }
            if let fact = decision.tag.flatMap({ tagFacts[$0] }) {
                let subject = fact.subject ?? fact.tag.subject
                let step = Step(decision: decision, manifestID: manifestID, at: fact.pushedAt, subject: subject)
                if subject == nil { free.append(step) } else { attached.append(step) }
            } else if let fact = facts[decision.digest] {
                ready.append(decision.digest)
                going[decision.digest] = Step(
                    decision: decision,
                    manifestID: manifestID,
                    at: fact.unreferencedSince,
                    subject: fact.subject
                )
            }
        }
        // Each manifest after those that lead to it and the one it is about. Without recursion: authors make the chains.
        var waitsFor: [Digest: Int] = [:]
        var behind: [Digest: [Digest]] = [:]
        for digest in ready {
            for other in (parts.above[digest] ?? []) + [facts[digest]?.subject].compactMap({ $0 })
            where going[other] != nil {
                waitsFor[digest, default: 0] += 1
                behind[other, default: []].append(digest)
            }
        }
        ready.removeAll { waitsFor[$0] != nil }
        var position = 0
        while position < ready.count {
            for digest in behind[ready[position]] ?? [] {
                waitsFor[digest, default: 1] -= 1
                if waitsFor[digest] == 0 { ready.append(digest) }
            }
            position += 1
        }
        steps = free + ready.compactMap { going[$0] } + attached
    }
}

extension Row {
    func optionalDigest(_ column: Int) throws -> Digest? {
        try optionalBytes(column) == nil ? nil : digest(column)
    }
}
