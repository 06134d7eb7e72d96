// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Audit
public import Database
import JSON
public import OCI
import Policies
import Time

extension Registry {
    /// Things that one transaction of retention removes: others write between two of them.
    private static let retentionBatch = 100

    /// What retention would do in a namespace, and why; nothing changes.
    ///
    /// - Parameters:
    ///   - namespace: whose repositories are looked at.
    ///   - pulls: what is known about pulls.
    ///   - after: repository after which it begins; nil from the start.
    ///   - limit: decisions after which it ends, at the end of a repository: its decisions belong together.
    /// - Returns: decisions for the repositories that a rule covers, by repository.
    /// - Throws: ``RegistryError/policyUnknown(_:cause:)``.
    public func retention(
        of namespace: Namespace,
        pulls: PullKnowledge,
        after: RepositoryName? = nil,
        limit: Int = .max
    ) async throws -> RetentionReport {
        let now = clock.now()
        let (inForce, repositories) = try await retentionScope(namespace)
        var report = RetentionReport(revision: inForce.revision)
        for (id, name) in repositories {
            if let after, name <= after { continue }
            let plan = try await plan(inForce.policy, name, id, pulls, now)
            if plan.isTooLarge { report.skipped.append(name) }
            report.decisions += plan.decisions
            if report.decisions.count >= limit {
                if name != repositories.last?.name { report.next = name }
                break
            }
        }
        return report
    }

    /// Does in a namespace what ``retention(of:pulls:after:limit:)`` says, with an audit event for each thing that goes.
    ///
    /// What changed since it was looked at stays: a tag that was moved, a manifest that got a tag, or that an index leads to again. A
    /// frozen namespace is not cleaned: what is looked into must not go meanwhile.
    ///
    /// - Parameters:
    ///   - namespace: whose repositories are cleaned.
    ///   - pulls: what is known about pulls.
    ///   - actor: for the audit log.
    ///   - mayClean: asked in each transaction, for instance whether the namespace was frozen meanwhile.
    /// - Throws: ``RegistryError/policyUnknown(_:cause:)``.
    public func applyRetention(
        of namespace: Namespace,
        pulls: PullKnowledge,
        by actor: String,
        mayClean: @escaping @Sendable (Transaction) throws -> Bool = { _ in true }
    ) async throws -> RetentionResult {
        let now = clock.now()
        let (inForce, repositories) = try await retentionScope(namespace)
        var result = RetentionResult(revision: inForce.revision)
        guard namespace.freeze == nil else {
            result.wasStopped = true
            return result
        }
        var isQueued = false
        defer { if isQueued { whenQueued() } }
        for (id, name) in repositories {
            let plan = try await plan(inForce.policy, name, id, pulls, now)
            if plan.isTooLarge { result.skipped.append(name) }
            var rest = plan.steps[...]
            while !rest.isEmpty {
                let batch = Array(rest.prefix(Self.retentionBatch))
                rest = rest.dropFirst(batch.count)
                let done = try await write { t -> (removed: [RetentionDecision], isQueued: Bool)? in
                    // The rules and the right to clean are those of this moment, or nothing goes.
                    guard try mayClean(t), try PolicyStore.revision(t, of: namespace.id) == inForce.revision
                    else { return nil }
                    var removed: [RetentionDecision] = []
                    var isQueued = false
                    for step in batch {
                        let outcome = try Self.remove(t, step, plan, namespace.id, inForce.revision, actor, now)
                        if outcome.isRemoved { removed.append(step.decision) }
                        isQueued = isQueued || outcome.isQueued
                    }
                    return (removed, isQueued)
                }
                guard let done else {
                    result.wasStopped = true
                    return result
                }
                result.removed += done.removed
                result.kept += batch.count - done.removed.count
                isQueued = isQueued || done.isQueued
            }
        }
        return result
    }

    /// The policy and the repositories that a run looks at.
    private func retentionScope(
        _ namespace: Namespace
    ) async throws -> (inForce: PolicyInForce, repositories: [(id: Int64, name: RepositoryName)]) {
        do {
            return try await database.read { t in
                let inForce = try PolicyStore.current(t, of: namespace.id)
                var repositories: [(id: Int64, name: RepositoryName)] = []
                guard !inForce.policy.retention.isEmpty else { return (inForce, []) }
                try NamespaceCount.forEachRepository(t, in: namespace.name) { repositories.append(($0, $1)) }
                return (inForce, repositories)
            }
        } catch let error as PolicyUnreadable {
            throw RegistryError.policyUnknown(PolicyRefusal(error), cause: error)
        }
    }

    private func plan(
        _ policy: ContentPolicy,
        _ repository: RepositoryName,
        _ repositoryID: Int64,
        _ pulls: PullKnowledge,
        _ now: Timestamp
    ) async throws -> RetentionPlan {
        let limit = limits.retentionFacts
        return try await database.read { t in
            try RetentionPlan(
                t,
                repository,
                repositoryID,
                policy: policy,
                pulls: pulls,
                now: now,
                limit: limit
            )
        }
    }

    /// Removes one thing if it is still what the plan saw.
    private static func remove(
        _ t: Transaction,
        _ step: RetentionPlan.Step,
        _ plan: RetentionPlan,
        _ namespaceID: Int64,
        _ revision: Int64,
        _ actor: String,
        _ now: Timestamp
    ) throws -> (isRemoved: Bool, isQueued: Bool) {
        let decision = step.decision
        let why: [String: JSONValue] = [
            "retention": .bool(true), "rules": .strings(decision.rules), "revision": .integer(revision),
        ]
        let id = SQLValue.integer(step.manifestID)
        if let subject = step.subject,
            try t.first(SQL.manifestID, [.integer(plan.repositoryID)] + subject.columns) != nil
        {
            // An image that stayed, or came meanwhile, keeps its signatures.
            return (false, false)
        }
        guard let tag = decision.tag else {
            let still = [id] + decision.digest.columns + [.integer(step.at?.microseconds ?? -1), .time(now)]
            guard let row = try t.first(SQL.untaggedStill, still),
                // An index that was pushed meanwhile, or that stayed, leads to it.
                try t.first(SQL.parents, decision.digest.columns + [.integer(plan.repositoryID), 1]) == nil
            else { return (false, false) }
            let isQueued = try Removal(
                digest: decision.digest,
                manifestID: step.manifestID,
                repository: plan.repository,
                repositoryID: plan.repositoryID,
                kind: try row.manifestKind(0),
                size: try row.int64(1),
                namespaceID: namespaceID,
                actor: actor,
                detail: why,
                now: now
            ).commit(t)
            return (true, isQueued)
        }
        guard let changedAt = step.at,
            try t.execute(
                SQL.deleteTagIfStill,
                [.integer(plan.repositoryID), .text(tag.text), id, .time(changedAt)]
            ) == 1
        else { return (false, false) }
        try t.execute(
            SQL.insertRemoval,
            [.integer(plan.repositoryID), .text(tag.text)] + decision.digest.columns + [.time(now), .text(actor)]
        )
        try t.execute(SQL.noteUnreferenced, [.time(now), id])
        var detail = why
        detail["digest"] = .string(decision.digest.description)
        try AuditLog.append(
            t,
            actor: actor,
            action: "tag.delete",
            subject: "\(plan.repository):\(tag)",
            detail: .object(detail),
            at: now
        )
        // An image without its tag is known by one name less, and what was said under the tag is said no more.
        let spokenOf = tag.speaksOf ?? decision.digest
        let isQueued = try Registry.reassess(spokenOf, plan.repository, plan.repositoryID, at: now, in: t)
        return (true, isQueued)
    }
}
