// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import Time

/// Why a webhook was not delivered.
public enum WebhookProblem: Error, Equatable, Sendable, CustomStringConvertible {
    /// The rules let nothing go there.
    case refused(WebhookError)
    /// The name of the host has no addresses.
    case unresolved(String)
    /// No connection.
    case unreachable(String)
    /// The TLS handshake failed, the certificate for one.
    case tls(String)
    /// It took too long.
    case timeout(seconds: Int64)
    /// The connection ended before an answer.
    case connectionLost(String)
    /// An answer that breaks the rules of HTTP, or never gets to its point.
    case invalidAnswer(String)
    /// The receiver wants it sent elsewhere; that is not done, because nobody has looked at that place.
    case redirect(status: Int, location: String?)
    /// Any other answer that is no success, with the beginning of its body.
    case status(Int, body: String)

    /// Whether the receiver says that it is gone for good (410): its registration is to be switched off.
    public var isGone: Bool { if case .status(410, _) = self { true } else { false } }

    /// What happened, and what next.
    public var description: String {
        switch self {
        case .refused(let error): error.description
        case .unresolved(let reason):
            "the host's name leads nowhere (\(reason)); check the URL and this node's name server"
        case .unreachable(let reason):
            "the receiver cannot be reached (\(reason)); check host, port, and that a firewall lets this node out"
        case .tls(let reason):
            "no TLS with the receiver (\(reason)); check that its certificate names the host and that its authority is trusted here"
        case .timeout(let seconds):
            "the receiver did not answer within \(seconds) s; it should take first and work later"
        case .connectionLost(let reason):
            "the receiver ended the connection without an answer (\(reason)); see its own log"
        case .invalidAnswer(let reason):
            "the receiver broke the rules of HTTP (\(reason)); check that the port is one for webhooks"
        case .redirect(let status, let location):
            "the receiver answered \(status) and points to \(location ?? "no place"); redirects are not followed: register that URL"
        case .status(410, _): "the receiver answered 410: it is gone; switch the registration off"
        case .status(let status, let body):
            "the receiver answered \(status)" + (body.isEmpty ? "" : ": " + body.excerpt(200))
        }
    }
}

/// What became of a webhook.
public enum WebhookOutcome: Sendable, Equatable {
    /// The receiver answered with a success.
    case delivered(status: Int)
    /// It will never be taken there; somebody has to change something.
    case rejected(WebhookProblem)
    /// It was not taken, or the answer was lost; send it again under the same id, not before the time that the
    /// receiver asks for.
    case deferred(WebhookProblem, retryAfter: Duration?)

    /// What an answer means.
    ///
    /// Source: Standard Webhooks, "Delivery"; RFC 9110, 15 (which redirects and refusals are for now only).
    init(_ answer: WebhookAnswer, now: Timestamp) {
        let status = answer.status
        let wait = Self.wait(answer.retryAfter, now: now)
        switch status {
        case 200..<300: self = .delivered(status: status)
        case 302, 303, 307: self = .deferred(.redirect(status: status, location: answer.location), retryAfter: wait)
        case 300..<400: self = .rejected(.redirect(status: status, location: answer.location))
        case 408, 425, 429, 500...: self = .deferred(.status(status, body: answer.body), retryAfter: wait)
        case 400..<500: self = .rejected(.status(status, body: answer.body))
        default: self = .deferred(.invalidAnswer("status \(status)"), retryAfter: nil)
        }
    }

    /// Seconds or a date, at most a day: no receiver stops its messages for years by a slip.
    private static func wait(_ text: String?, now: Timestamp) -> Duration? {
        guard let text else { return nil }
        let wait: Duration
        if (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int64(text)
        {
            wait = .seconds(seconds)
        } else if let date = Timestamp(httpDate: text) {
            wait = date.duration(since: now)
        } else {
            return nil
        }
        return max(.zero, min(wait, .seconds(86_400)))
    }
}
