// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Database
public import Policies
import Time

/// The policy of a namespace and how full it is.
public struct NamespacePolicy: Sendable, Hashable {
    /// Revision in force; 0 when none was ever set.
    public let revision: Int64
    /// The rules; nil when what is stored cannot be read, under which nothing new is allowed.
    public let policy: ContentPolicy?
    /// Bytes of blobs and manifests; nil when they are not counted, because there is no quota, or the count cannot be read.
    public let used: Int64?
    /// Bytes that uploads hold; nil as ``used``.
    public let reserved: Int64?
}

extension Registry {
    /// The policy in force of a namespace, and what its quota counts.
    public func policy(of namespace: Namespace) async throws -> NamespacePolicy {
        try await database.read { t in
            let ledger = try NamespaceUsage.ledger(t, of: namespace.id, limit: nil)
            let (revision, policy): (Int64, ContentPolicy?)
            do {
                let inForce = try PolicyStore.current(t, of: namespace.id)
                (revision, policy) = (inForce.revision, inForce.policy)
            } catch let error as PolicyUnreadable {
                (revision, policy) = (error.revision, nil)
            }
            return NamespacePolicy(
                revision: revision,
                policy: policy,
                used: ledger?.used,
                reserved: ledger?.reserved
            )
        }
    }

    /// Puts a policy in force as a new revision.
    ///
    /// With a quota, the namespace is counted anew in the same transaction, so that the count is right from the first moment on; setting
    /// the same policy again repairs a count that was damaged. Whether whoever asks may do it is decided above, by
    /// ``Accounts/governed(_:_:by:)``.
    ///
    /// - Parameters:
    ///   - policy: the rules.
    ///   - namespace: whose they are.
    ///   - expectedRevision: the revision that the author saw; 0 for none.
    ///   - reason: why.
    ///   - account: who sets it.
    /// - Returns: the new revision.
    /// - Throws: ``PolicyConflict``, ``PolicyReadError``.
    /// - Complexity: with a quota O(links and manifests of the namespace), during which nobody else writes.
    @discardableResult
    public func setPolicy(
        _ policy: ContentPolicy,
        for namespace: Namespace,
        expectedRevision: Int64,
        reason: String,
        by account: Account
    ) async throws -> Int64 {
        let now = clock.now()
        defer {
            gates.forget(namespace.id)
            whenQueued()
        }
        return try await database.write { t in
            // Of one that cannot be read nobody knows whom it trusted.
            let before = try? PolicyStore.current(t, of: namespace.id).policy
            let revision = try PolicyStore.set(
                t,
                of: namespace.id,
                named: namespace.name,
                to: policy,
                expectedRevision: expectedRevision,
                by: account.name,
                reason: reason,
                at: now
            )
            if policy.quotaBytes != nil { try NamespaceCount.rebuild(t, of: namespace) }
            if before.map({ $0.trust != policy.trust }) ?? true {
                try JobQueue.enqueue(t, kind: Self.trustJob, subject: namespace.name, priority: .feed, now: now)
            }
            return revision
        }
    }

    /// Revisions of a namespace's policy, newest first.
    ///
    /// - Parameters:
    ///   - namespace: whose they are.
    ///   - before: revision of the last one of the page before; from the newest when nil.
    ///   - limit: revisions of a page, at most 100.
    public func policyHistory(
        of namespace: Namespace,
        before: Int64? = nil,
        limit: Int = 20
    ) async throws -> [PolicyRevision] {
        try await database.read { t in
            try PolicyStore.history(t, of: namespace.id, before: before, limit: limit)
        }
    }
}
