// SPDX-License-Identifier: EUPL-1.2

import Time

/// The head of an answer, and what is to be done about it: no socket, no clock of its own.
struct Answer: Sendable {
    /// What the request asked for.
    struct Asked: Sendable, Equatable {
        /// First byte that was asked for; 0: the whole.
        var offset: Int64 = 0
        /// Which version the bytes before it are of.
        var partial: PartialFeed?
        /// Whether it asked for a newer version only.
        var isConditional = false
    }

    /// What to do.
    enum Step: Sendable, Equatable {
        /// Nothing: what is here is the newest.
        case unchanged
        /// Read the whole; its size in bytes where it was announced.
        case whole(size: Int64?)
        /// Read the rest of a feed of this size in bytes.
        case rest(size: Int64)
        /// The beginning that is here is of no use any more.
        case restart
        /// Ask there.
        case redirect(String)
        /// Give up, or try later.
        case fail(DownloadError)
    }

    var status: Int
    /// The first field of that name, whatever its letters' case.
    var field: @Sendable (String) -> String?

    /// The version that it carries.
    var validators: Validators { Validators(etag: field("ETag"), lastModified: field("Last-Modified")) }

    /// Whether `Last-Modified` tells this version from every other (RFC 9110, 8.8.2.2).
    var isDateStrong: Bool {
        guard let modified = field("Last-Modified").flatMap({ Timestamp(httpDate: $0) }),
            let date = field("Date").flatMap({ Timestamp(httpDate: $0) })
        else { return false }
        return date >= modified + .seconds(60)
    }

    /// Judges it.
    ///
    /// - Parameters:
    ///   - asked: what the request asked for.
    ///   - limit: the most bytes that the whole may have.
    ///   - now: for dates in `Retry-After`.
    func step(asked: Asked, limit: Int64, now: Timestamp) -> Step {
        switch status {
        case 200:
            guard let text = field("Content-Length") else { return .whole(size: nil) }
            guard let size = Self.number(text) else { return .fail(.invalidAnswer("its Content-Length is no number")) }
            return size <= limit ? .whole(size: size) : .fail(.tooLarge(limit: limit))
        case 206:
            return rest(asked: asked, limit: limit)
        case 304:
            return asked.isConditional ? .unchanged : .fail(.invalidAnswer("304, but nothing was asked about"))
        case 416:
            return asked.offset > 0 ? .restart : .fail(.status(status, retryAfter: nil))
        case 301, 302, 303, 307, 308:
            guard let location = field("Location") else { return .fail(.redirect("without saying where to")) }
            return .redirect(location)
        default:
            let wait = field("Retry-After").flatMap { RetryPolicy.wait(retryAfter: $0, now: now) }
            return .fail(.status(status, retryAfter: wait))
        }
    }

    /// Judges a part: it must continue exactly the bytes that are here.
    private func rest(asked: Asked, limit: Int64) -> Step {
        guard asked.offset > 0, let partial = asked.partial else {
            return .fail(.invalidAnswer("206, but the whole was asked for"))
        }
        guard let range = field("Content-Range").flatMap(Self.range), range.first == asked.offset else {
            return .restart
        }
        guard range.size <= limit else { return .fail(.tooLarge(limit: limit)) }
        // A server that does not know If-Range sends the rest of whatever it has now.
        let now = validators
        if let etag = now.etag, etag != partial.validators.etag { return .restart }
        if partial.validators.etag == nil, let date = now.lastModified, date != partial.validators.lastModified {
            return .restart
        }
        return .rest(size: range.size)
    }

    /// Reads `bytes FIRST-LAST/SIZE` (RFC 9110, 14.4); nil unless the numbers fit each other and the range reaches the end.
    static func range(_ text: String) -> (first: Int64, size: Int64)? {
        guard text.lowercased().hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let size = number(parts[1]) else { return nil }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = number(ends[0]), let last = number(ends[1]), first <= last, last == size - 1
        else { return nil }
        return (first, size)
    }

    /// Digits only; at most 18, so that sums of two cannot overflow.
    private static func number(_ text: some StringProtocol) -> Int64? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}
