// SPDX-License-Identifier: EUPL-1.2

import Synchronization
internal import Time

/// Slows down who guesses passwords.
///
/// Counted per address and name, and per address over all names: somebody who guesses from one place cannot lock a person out who signs in
/// from another. Behind a proxy that ends TLS all come from one address, and wait together. What was right a moment ago is not asked again
/// at all, see ``CredentialCache``.
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
        let keys = Self.keys(source, name)
        return counts.withLock { counts in
            let waits = keys.compactMap { key, _ -> Int? in
                guard let count = counts[key], count.until > now else { return nil }
                return Int((count.until.microseconds - now.microseconds + 999_999) / 1_000_000)
            }
            if let longest = waits.max() { return longest }
            if counts.count >= limit {
                counts = counts.filter { $0.value.last + Self.memory > now }
                // A flood of names: the oldest half is forgotten, which lets nobody in that is counted now.
                if counts.count >= limit {
                    for (key, _) in counts.sorted(by: { $0.value.last < $1.value.last }).prefix(limit / 2) {
                        counts[key] = nil
                    }
                }
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

    /// Forgets the attempts under a name, and takes this one back from its address.
    func succeeded(_ source: String, _ name: String) {
        counts.withLock { $0[Key(source: Self.network(source), name: name)] = nil }
        takeBack(source, name)
    }

    /// Takes back what ``begin(_:_:at:)`` counted: it was right, or could not be looked at.
    func takeBack(_ source: String, _ name: String) {
        counts.withLock { counts in
            for (key, free) in Self.keys(source, name) {
                guard var count = counts[key] else { continue }
                count.attempts -= 1
                if count.attempts <= free { count.until = Timestamp(microseconds: 0) }
                counts[key] = count.attempts > 0 ? count : nil
            }
        }
    }

    private static func keys(_ source: String, _ name: String) -> [(key: Key, free: Int)] {
        let source = network(source)
        return [(Key(source: source, name: name), freePerName), (Key(source: source, name: nil), freePerSource)]
    }

    /// What one customer has to itself: of IPv6 the first four groups.
    static func network(_ source: String) -> String {
        guard source.contains(":") else { return source }
        // IPv4 on a socket of IPv6, as `::ffff:192.0.2.1`.
        if source.contains("."), let last = source.split(separator: ":").last { return String(last) }
        // `::` stands for groups of zeros; what stands before it is the network, if it is long enough.
        let head =
            source.split(separator: "%")[0].firstRange(of: "::").map { String(source[..<$0.lowerBound]) } ?? source
        return head.split(separator: ":").prefix(4).joined(separator: ":") + "::/64"
    }
}
