// SPDX-License-Identifier: EUPL-1.2

public import Accounts
public import Database
import JSON
public import OCI
public import Policies
public import Time

/// What the gate says to somebody who wants an image.
public enum GateAnswer: Sendable, Hashable {
    /// No rule is against it.
    case open
    /// It is given out, and will be refused from an instant on.
    case announced(PullObjection)
    /// It is given out by an exception of two persons, until an instant.
    case excepted(PullObjection, until: Timestamp)
    /// It is refused, but for those whom the objection spares.
    case closed(PullObjection)
}

/// What rules would say about one image.
public struct GateTrial: Sendable, Hashable {
    /// Where it lies.
    public let repository: RepositoryName
    /// The image.
    public let digest: Digest
    /// What the rules say; never that it is allowed.
    public let decision: PullDecision
}

extension Registry {
    /// Keeps what a verdict says about an image, for the gate; in the transaction of the verdict.
    ///
    /// - Parameters:
    ///   - level: overall level, 0 none to 3 gold.
    ///   - exploited: vulnerabilities that are known to be exploited and affect it.
    public static func setStanding(
        _ transaction: Transaction,
        of digest: Digest,
        in repository: RepositoryName,
        level: Int,
        exploited: [String],
        at now: Timestamp
    ) throws(DatabaseError) {
        let below = PullLevel.allCases.map { level < $0.rank ? SQLValue.time(now) : .null }
        let names = JSONValue.strings(exploited.prefix(ImageStanding.maximumNames)).text()
        try transaction.execute(
            SQL.putStanding,
            [.integer(level)] + below + [.text(names), exploited.isEmpty ? .null : .time(now)] + digest.columns
                + [.text(repository.text)]
        )
    }

    /// Keeps that this node released images of a repository, for the gate; before the tag moves to the first.
    public static func noteRelease(
        _ transaction: Transaction,
        of digests: [Digest],
        in repository: RepositoryName,
        isLogged: Bool,
        at now: Timestamp
    ) throws(DatabaseError) {
        for digest in digests {
            try transaction.execute(
                SQL.noteRelease,
                [.time(now), isLogged ? .time(now) : .null] + digest.columns + [.text(repository.text)]
            )
        }
    }

    /// Keeps until when which organisation approves an image, for the gate; in the transaction of the approval.
    ///
    /// - Parameter approvals: all of them by name, also those that are over: since when they are is what grace counts from.
    public static func noteApprovals(
        _ transaction: Transaction,
        _ approvals: [String: Timestamp],
        of digest: Digest,
        in repository: RepositoryName
    ) throws(DatabaseError) {
        let ends = JSONValue.object(approvals.mapValues { .integer($0.microseconds) }).text()
        try transaction.execute(SQL.noteApprovals, [.text(ends)] + digest.columns + [.text(repository.text)])
    }

    /// What the rules of a namespace say about pulling an image.
    ///
    /// A signature says nothing that could be refused, and who checks an image needs it first: artefacts always pass.
    ///
    /// - Parameter isBeforeRelease: whether the image is about to be released, so that no rule wants it to be so already.
    /// - Complexity: nothing is read for what the rules let through; they themselves are read once a second.
    public func gate(
        _ manifest: ManifestSummary,
        in repository: RepositoryName,
        of namespace: Namespace,
        isBeforeRelease: Bool = false
    ) async throws -> GateAnswer {
        guard manifest.kind != .artefact else { return .open }
        let id = namespace.id
        let rules =
            if let fresh = gates.fresh(id) { fresh } else {
                try await database.lookUp { [gates] t in try gates.read(t, of: id) }
            }
        let now = clock.now()
        let objection: PullObjection
        switch Self.decision(
            rules,
            repository.text,
            manifest.standing,
            firstSeen: manifest.firstSeen,
            at: now,
            isBeforeRelease: isBeforeRelease
        ) {
        case .allowed: return .open
        case .announced(let announced): return .announced(announced)
        case .refused(let refused): objection = refused
        }
        return try await database.lookUp { t in
            // First of the image, then of the whole namespace.
            for key in [manifest.digest.columns, Self.wholeNamespace] {
                let exception = try t.first(SQL.exceptionInForce, [.integer(id)] + key + [.time(now)])
                if let exception { return .excepted(objection, until: try exception.time(1)) }
            }
            return .closed(objection)
        }
    }

    /// Images of a namespace that a policy refuses or announces to refuse, by repository and age: a rule is tried before it is set.
    ///
    /// - Parameters:
    ///   - policy: to try; the one in force when nil.
    ///   - after: repository after which a page begins.
    ///   - limit: repositories that are looked at.
    /// - Returns: what was found, and the last repository when there are more.
    /// - Complexity: O(images of these repositories).
    public func tryGate(
        _ policy: ContentPolicy?,
        of namespace: Namespace,
        after: RepositoryName? = nil,
        limit: Int = 100
    ) async throws -> (found: [GateTrial], next: String?) {
        let limit = min(max(limit, 1), 1_000)
        let now = clock.now()
        return try await database.read { [gates] t in
            var rules = try gates.read(t, of: namespace.id)
            if let policy {
                rules = .init(revision: rules.revision + 1, policy: .success(policy), readAt: rules.readAt)
            }
            let (repositories, next) = try Self.repositories(t, of: namespace.name, after: after?.text, limit: limit)
            var found: [GateTrial] = []
            for (id, name) in repositories {
                let repository = try RepositoryName(parsing: name)
                try Self.eachImage(t, of: id) { row in
                    let decision = Self.decision(
                        rules,
                        name,
                        try Self.standing(row, at: 4),
                        firstSeen: try row.time(0),
                        at: now
                    )
                    guard decision != .allowed else { return }
                    found.append(GateTrial(repository: repository, digest: try row.digest(2), decision: decision))
                }
            }
            return (found, next)
        }
    }

    static func eachImage(_ t: Transaction, of repository: Int64, _ body: (Row) throws -> Void) throws {
        var last: (Int64, Int64) = (0, 0)
        while true {
            let page = try t.query(
                SQL.imagesOfRepository,
                [
                    .integer(repository), .integer(ManifestKind.artefact.rawValue), .integer(last.0), .integer(last.1),
                    1_000,
                ]
            )
            for row in page { try body(row) }
            guard page.count == 1_000, let end = page.last else { return }
            last = (try end.int64(0), try end.int64(1))
        }
    }

    private static func decision(
        _ rules: GateRules.InForce,
        _ repository: String,
        _ standing: ImageStanding?,
        firstSeen: Timestamp,
        at now: Timestamp,
        isBeforeRelease: Bool = false
    ) -> PullDecision {
        switch rules.policy {
        case .success(let policy):
            return policy.pull(
                from: repository,
                standing,
                firstSeen: firstSeen,
                at: now,
                revision: rules.revision,
                isBeforeRelease: isBeforeRelease
            )
        case .failure(let unreadable):
            // What cannot be read allows nothing new; whoever pulled it before is served until the rules can be read again.
            return .refused(
                PullObjection(
                    refusal: PolicyRefusal(unreadable),
                    from: now,
                    graceUntil: now + .seconds(PullRule.standardGraceDays * 86_400)
                )
            )
        }
    }

    /// What a row says of an image, from the first of ``SQL/standingColumns`` on; nil where nobody has judged it or said anything.
    static func standing(_ row: Row, at column: Int) throws -> ImageStanding? {
        let level = try row.optionalInt64(column)
        let (released, approved) = (try row.optionalTime(column + 6), try row.optionalText(column + 8))
        guard level != nil || released != nil || approved != nil else { return nil }
        var below: [PullLevel: Timestamp] = [:]
        for (index, name) in PullLevel.allCases.enumerated() {
            below[name] = try row.optionalTime(column + 1 + index)
        }
        let since = try row.optionalTime(column + 5)
        let names = since == nil ? [] : try JSONValue(parsing: try row.text(column + 4)).arrayValue ?? []
        let ends = try approved.flatMap { try JSONValue(parsing: $0).objectValue } ?? [:]
        return ImageStanding(
            level: level.map { Int($0) },
            below: below,
            exploited: names.compactMap(\.stringValue),
            exploitedSince: since,
            releasedAt: released,
            loggedAt: try row.optionalTime(column + 7),
            approvals: ends.compactMapValues { end in
                if case .integer(let end) = end { Timestamp(microseconds: end) } else { nil }
            }
        )
    }
}
