// SPDX-License-Identifier: EUPL-1.2

internal import Crypto
import Synchronization
internal import Time

/// Credentials that were right a moment ago, by their HMAC under a key of this process: no secret lies in memory,
/// and no dump of the table helps anywhere else.
final class CredentialCache: Sendable {
    private struct State {
        var entries: [[UInt8]: (account: Account, until: Timestamp)] = [:]
        /// Grows with each invalidation: a check that began before it must not put its result in afterwards.
        var generation = 0
    }

    private let key = SymmetricKey(size: .bits256)
    private let limit: Int
    private let lifetime: Duration
    // Owner: this mutex.
    private let state = Mutex(State())

    init(limit: Int, lifetime: Duration) {
        self.limit = limit
        self.lifetime = lifetime
    }

    /// Fingerprint of a pair; the name goes in with its length, so that `ab`+`c` is not `a`+`bc`.
    func fingerprint(_ name: String, _ secret: String) -> [UInt8] {
        var hmac = HMAC<SHA256>(key: key)
        withUnsafeBytes(of: UInt64(name.utf8.count).bigEndian) { hmac.update(data: Array($0)) }
        hmac.update(data: Array(name.utf8))
        hmac.update(data: Array(secret.utf8))
        return [UInt8](hmac.finalize())
    }

    func find(_ fingerprint: [UInt8], at now: Timestamp) -> (account: Account?, generation: Int) {
        state.withLock { state in
            guard let entry = state.entries[fingerprint], entry.until > now else { return (nil, state.generation) }
            return (entry.account, state.generation)
        }
    }

    func keep(_ account: Account, _ fingerprint: [UInt8], generation: Int, at now: Timestamp) {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.entries.count >= limit {
                state.entries = state.entries.filter { $0.value.until > now }
                // Still full: any entry may go, it costs one look into the database.
                if state.entries.count >= limit, let any = state.entries.keys.first { state.entries[any] = nil }
            }
            state.entries[fingerprint] = (account, now + lifetime)
        }
    }

    func forget(_ name: String) {
        state.withLock { state in
            state.generation += 1
            state.entries = state.entries.filter { $0.value.account.name != name }
        }
    }

    var count: Int { state.withLock { $0.entries.count } }
}
