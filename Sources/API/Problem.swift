// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import JSON

/// An answer that says what is wrong.
///
/// Source: RFC 9457, "Problem Details for HTTP APIs".
struct Problem: Error {
    let status: HTTPResponse.Status
    /// Last part of the problem's URN.
    let type: String
    let title: String
    /// What, where, why, what next.
    let detail: String
    var headers: HTTPFields = [:]

    var json: JSONValue {
        [
            "type": .string("urn:kontor:problem:" + type), "title": .string(title),
            "status": .integer(Int64(status.code)),
            "detail": .string(detail),
        ]
    }

    static func invalid(_ detail: String) -> Problem {
        Problem(status: .badRequest, type: "invalid-request", title: "The request is not valid", detail: detail)
    }

    static func notFound(_ detail: String) -> Problem {
        Problem(status: .notFound, type: "not-found", title: "There is no such thing here", detail: detail)
    }

    static func denied(_ detail: String) -> Problem {
        Problem(status: .forbidden, type: "denied", title: "This account may not do that", detail: detail)
    }

    static func conflict(_ detail: String) -> Problem {
        Problem(status: .conflict, type: "conflict", title: "It cannot be done as things are", detail: detail)
    }

    static func unavailable(_ detail: String) -> Problem {
        Problem(
            status: .serviceUnavailable,
            type: "unavailable",
            title: "The node cannot answer now",
            detail: detail
        )
    }

    static let foreignPage = Problem(
        status: .forbidden,
        type: "foreign-page",
        title: "The request came from another site",
        detail: "a page of another site may not change anything here"
    )

    static let unauthorized = Problem(
        status: .unauthorized,
        type: "authentication-required",
        title: "Authentication is needed",
        detail: "this node answers known accounts only; send name and secret as Basic credentials",
        headers: [.wwwAuthenticate: APICaller.challenge]
    )

    static func methodNotAllowed(_ methods: [String]) -> Problem {
        Problem(
            status: .methodNotAllowed,
            type: "method-not-allowed",
            title: "This cannot be done here",
            detail: "use \(methods.joined(separator: ", "))",
            headers: [.allow: methods.joined(separator: ", ")]
        )
    }

    static let unavailable = Problem(
        status: .serviceUnavailable,
        type: "unavailable",
        title: "The node cannot answer now",
        detail: "the answer could not be found out; the node's log says why; try again later",
        headers: [.retryAfter: "10"]
    )
}

extension Problem {
    /// What the accounts say, as it is: their texts are for whoever asked.
    init(_ error: AccountsError) {
        switch error {
        case .invalid(let text): self = .invalid(text)
        case .unknown(let text): self = .notFound(text)
        case .exists(let text), .conflict(let text): self = .conflict(text)
        case .denied(let text): self = .denied(text)
        case .tooManyAttempts(let seconds):
            self.init(
                status: .tooManyRequests,
                type: "too-many-attempts",
                title: "Too many failed sign-ins",
                detail: "\(error)",
                headers: [.retryAfter: String(seconds)]
            )
        }
    }
}
