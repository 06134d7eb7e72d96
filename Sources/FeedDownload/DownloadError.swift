// SPDX-License-Identifier: EUPL-1.2

/// Why a feed was not downloaded.
public enum DownloadError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No connection, or one that broke or fell silent.
    case unreachable(String)
    /// An answer that is no feed.
    case status(Int, retryAfter: Duration?)
    /// The body ended before its announced end.
    case truncated(expected: Int64, actual: Int64)
    /// More bytes than a feed may have.
    case tooLarge(limit: Int64)
    /// Fewer bytes per second than the slowest rate.
    case tooSlow(bytes: Int64, seconds: Int64)
    /// One attempt lasted too long.
    case tookTooLong(seconds: Int64)
    /// The feed is another one than the one whose beginning is here.
    case changedWhileResuming
    /// A redirect that is not followed.
    case redirect(String)
    /// Encryption would end here.
    case insecure(String)
    /// An answer that breaks the rules of HTTP.
    case invalidAnswer(String)
    /// The publisher asks for a longer wait than this run may last.
    case comeBackLater(seconds: Int64)
    /// The cache cannot be read or written.
    case file(String)
    /// Another update holds the cache.
    case busy(path: String)
    /// A setting that cannot be used.
    case setting(String)

    /// Whether the same request may succeed later.
    public var isRetryable: Bool {
        switch self {
        case .unreachable, .truncated, .tooSlow, .tookTooLong, .changedWhileResuming: true
        case .status(let status, _): [408, 429, 500, 502, 503, 504].contains(status)
        case .tooLarge, .redirect, .insecure, .invalidAnswer, .comeBackLater, .file, .busy, .setting: false
        }
    }

    /// What happened, and what next where something can be done.
    public var description: String {
        switch self {
        case .unreachable(let reason):
            "cannot be reached (\(reason)); check the address, the proxy (--proxy, HTTPS_PROXY) and --ca-file"
        case .status(let status, _):
            switch status {
            case 401, 403, 407: "answered \(status): access is refused"
            case 404, 410: "answered \(status): there is no such feed; check the address"
            case 429: "answered 429: too many requests; try again later"
            default: "answered \(status)"
            }
        case .truncated(let expected, let actual):
            "ended after \(actual) of \(expected) bytes; what is here is kept, and the next run goes on from it"
        case .tooLarge(let limit): "is longer than \(limit) bytes"
        case .tooSlow(let bytes, let seconds): "is too slow: \(bytes) bytes in \(seconds) s"
        case .tookTooLong(let seconds): "did not end within \(seconds) s"
        case .changedWhileResuming: "changed while it was being fetched"
        case .redirect(let reason): "redirects \(reason)"
        case .insecure(let target):
            "\(target) is not encrypted, and anybody on the way could change what it says; use https, or --plain-http"
        case .invalidAnswer(let reason): "gave an answer that cannot be used: \(reason)"
        case .comeBackLater(let seconds): "asks to come back in \(seconds) s; run this again then"
        case .file(let reason): reason
        case .busy(let path): "another update holds \(path); wait for it to end, then start this one again"
        case .setting(let reason): reason
        }
    }
}
