// SPDX-License-Identifier: EUPL-1.2

import Database
import Policies
import Synchronization

/// The rules of namespaces as they were read a moment ago, parsed once per revision.
///
/// Every pull asks for them, and they hardly ever change: what was read is good for ``freshness``. A change by this process counts at once,
/// one by another that much later.
final class GateRules: Sendable {
    static let freshness = Duration.seconds(1)
    /// Most namespaces that are remembered.
    private static let limit = 10_000

    /// A policy in force, or why it cannot be read.
    struct InForce: Sendable {
        let revision: Int64
        let policy: Result<ContentPolicy, PolicyUnreadable>
        let readAt: ContinuousClock.Instant
    }

    // Owner: this mutex.
    private let known = Mutex<[Int64: InForce]>([:])

    /// The policy in force of a namespace; nil when it was not read within ``freshness``.
    func fresh(_ namespace: Int64) -> InForce? {
        known.withLock { $0[namespace] }.flatMap { ContinuousClock.now - $0.readAt < Self.freshness ? $0 : nil }
    }

    /// Reads the policy in force.
    func read(_ t: Transaction, of namespace: Int64) throws -> InForce {
        let now = ContinuousClock.now
        let revision = try PolicyStore.revision(t, of: namespace)
        let policy: Result<ContentPolicy, PolicyUnreadable>
        if let last = known.withLock({ $0[namespace] }), last.revision == revision {
            policy = last.policy
        } else {
            do { policy = .success(try PolicyStore.current(t, of: namespace).policy) } catch let error
                as PolicyUnreadable
            {
                policy = .failure(error)
            }
        }
        let inForce = InForce(revision: revision, policy: policy, readAt: now)
        known.withLock { known in
            if known.count >= Self.limit { known = [:] }
            known[namespace] = inForce
        }
        return inForce
    }

    /// Forgets what was read, after a change by this process.
    func forget(_ namespace: Int64) { known.withLock { $0[namespace] = nil } }
}
