// SPDX-License-Identifier: EUPL-1.2

import Database
import Policies
import Synchronization

/// The pull rules of namespaces as they were read a moment ago.
///
/// Nearly all namespaces have none, and their pulls must not pay for those that have: what is known to be without rules is not asked for
/// again within ``freshness``. A rule that another process sets takes effect that much later; one that is there is asked for every time.
final class GateRules: Sendable {
    static let freshness = Duration.seconds(1)
    /// Most namespaces that are remembered.
    private static let limit = 10_000

    private struct Entry {
        let revision: Int64
        let policy: Result<ContentPolicy, PolicyUnreadable>
        let readAt: ContinuousClock.Instant

        var isOpen: Bool { if case .success(let policy) = policy { policy.pull.isEmpty } else { false } }
    }

    // Owner: this mutex.
    private let entries = Mutex<[Int64: Entry]>([:])

    /// Whether the namespace had no rules on pulls a moment ago.
    func isOpen(_ namespace: Int64) -> Bool {
        entries.withLock { entries in
            guard let entry = entries[namespace] else { return false }
            return entry.isOpen && ContinuousClock.now - entry.readAt < Self.freshness
        }
    }

    /// The policy in force, parsed once per revision.
    func policy(_ t: Transaction, of namespace: Int64) throws -> (
        revision: Int64, policy: Result<ContentPolicy, PolicyUnreadable>
    ) {
        let revision = try PolicyStore.revision(t, of: namespace)
        if let entry = entries.withLock({ $0[namespace] }), entry.revision == revision {
            keep(Entry(revision: revision, policy: entry.policy, readAt: .now), of: namespace)
            return (revision, entry.policy)
        }
        let policy: Result<ContentPolicy, PolicyUnreadable>
        do { policy = .success(try PolicyStore.current(t, of: namespace).policy) } catch let error as PolicyUnreadable {
            policy = .failure(error)
        }
        keep(Entry(revision: revision, policy: policy, readAt: .now), of: namespace)
        return (revision, policy)
    }

    /// Forgets what was read, after a change by this process.
    func forget(_ namespace: Int64) { entries.withLock { $0[namespace] = nil } }

    private func keep(_ entry: Entry, of namespace: Int64) {
        entries.withLock { entries in
            if entries.count >= Self.limit { entries = [:] }
            entries[namespace] = entry
        }
    }
}
