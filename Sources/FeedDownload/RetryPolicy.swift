// SPDX-License-Identifier: EUPL-1.2

import Time

/// When a feed is tried again.
enum RetryPolicy {
    /// The wait after the nth failed attempt: 1, 2, 4 … 60 seconds, of which the upper half is left to chance.
    ///
    /// - Parameters:
    ///   - failures: how many attempts have failed, at least 1.
    ///   - jitter: from 0 up to 1.
    static func backoff(failures: Int, jitter: Double) -> Duration {
        let ceiling = failures > 6 ? 60.0 : Double(min(60, 1 << max(0, failures - 1)))
        let share = jitter.isFinite ? min(1, max(0, jitter)) : 0
        return .milliseconds(Int64((ceiling * 500) + (ceiling * 500 * share)))
    }

    /// Reads `Retry-After`: seconds, or an HTTP date; nil when it is neither.
    ///
    /// Source: RFC 9110, 10.2.3.
    static func wait(retryAfter text: String, now: Timestamp) -> Duration? {
        if !text.isEmpty, text.utf8.count <= 9, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return Int64(text).map { .seconds($0) }
        }
        guard let date = Timestamp(httpDate: text) else { return nil }
        return date > now ? date.duration(since: now) : .zero
    }
}
