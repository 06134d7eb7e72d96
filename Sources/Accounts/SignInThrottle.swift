// SPDX-License-Identifier: EUPL-1.2

import Synchronization
internal import Time

/// Slows down who guesses passwords.
///
/// Counted per address and name, and per address over all names: somebody who guesses from one place cannot lock a person out who signs in
/// from another. What was right a moment ago is not asked again at all, see ``CredentialCache``.
final class SignInThrottle: Sendable {
    private struct Count {
        var attempts = 0
        var until = Timestamp(microseconds: 0)
        var last = Timestamp(microseconds: 0)
    }

    private struct Key: Hashable {
        let source: String
        /// Nil for all names of an address.
        let name: String?
    }

    /// Attempts that cost nothing.
    private static let freePerName = 5
    private static let freePerSource = 30
    private static let longestWait: Int64 = 60
    /// After this without an attempt a count begins anew.
    private static let memory = Duration.seconds(900)
    private let limit: Int
    // Owner: this mutex.
    private let counts = Mutex<[Key: Count]>([:])

    init(limit: Int = 20_000) { self.limit = limit }

    /// Counts an attempt as failed, before it is looked at: those that come at the same time must not all be the last free one.
    ///
    /// - Returns: seconds until an attempt is looked at; nil when this one is now.
    func begin(_ source: String, _ name: String, at now: Timestamp) -> Int? {
        let keys = [
            (Key(source: source, name: name), Self.freePerName), (Key(source: source, name: nil), Self.freePerSource),
        ]
        return counts.withLock { counts in
            let waits = keys.compactMap { key, _ -> Int? in
                guard let count = counts[key], count.until > now else { return nil }
                return Int((count.until.microseconds - now.microseconds + 999_999) / 1_000_000)
            }
            if let longest = waits.max() { return longest }
            if counts.count >= limit {
                counts = counts.filter { $0.value.last + Self.memory > now }
                // A flood of names: what is forgotten are counts, the one per address is made anew below.
                if counts.count >= limit { counts = [:] }
            }
            for (key, free) in keys {
                var count = counts[key] ?? Count()
                if count.last + Self.memory <= now { count = Count() }
                count.attempts += 1
                count.last = now
                let extra = count.attempts - free
                if extra > 0 {
                    let seconds = min(Self.longestWait, Int64(1) << min(Int64(extra) - 1, 10))
                    count.until = now + .seconds(seconds)
                }
                counts[key] = count
            }
            return nil
        }
    }

    /// Takes back what ``begin(_:_:at:)`` counted.
    func succeeded(_ source: String, _ name: String) {
        counts.withLock { counts in
            counts[Key(source: source, name: name)] = nil
            let all = Key(source: source, name: nil)
            if var count = counts[all] {
                count.attempts -= 1
                counts[all] = count.attempts > 0 ? count : nil
            }
        }
    }
}
