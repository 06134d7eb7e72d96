// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import JSON
import OCI
import Registry
import Time

extension APIRoutes {
    /// Asks for a takedown or its reversal, agrees to one, or takes back what waits.
    func takedown(
        _ operation: ManagementOperation,
        _ number: String,
        _ request: Request,
        _ actor: Account
    ) async throws -> APIAnswer {
        try await accounts.requireManager(of: nil, by: actor)
        if operation == .proposeTakedown {
            let body = try await APIBody(request, allowed: ["image", "reason", "legalReference"])
            let (image, reason, legalReference) = try body.read {
                (try $0.string("image"), try $0.string("reason"), try $0.string("legalReference"))
            }
            let (repository, digest) = try Self.image(image)
            let made = try await registry.proposeTakedown(
                of: digest,
                in: repository,
                reason: reason,
                legalReference: legalReference,
                by: actor
            )
            return APIAnswer(made.json, status: .created)
        }
        guard let id = Int64(number) else {
            throw Problem.notFound("there is no takedown \"\(number.excerpt(20))\"; takedowns have numbers")
        }
        switch operation {
        case .confirmTakedown: return APIAnswer(try await registry.confirmTakedown(id, by: actor).json)
        case .confirmReversal: return APIAnswer(try await registry.confirmReversal(of: id, by: actor).json)
        case .withdrawTakedown:
            _ = try await registry.withdrawTakedown(id, by: actor)
            return APIAnswer(bytes: [], contentType: "application/json", status: operation.success)
        default:
            let body = try await APIBody(request, allowed: ["reason"])
            let reason = try body.read { try $0.string("reason") }
            return APIAnswer(try await registry.proposeReversal(of: id, reason: reason, by: actor).json)
        }
    }
}

extension Takedown {
    var json: JSONValue {
        [
            "id": .integer(id), "state": .string(state.word), "repository": .string(repository.text),
            "digest": .string(digest.description), "reason": .string(reason),
            "legalReference": .string(legalReference), "proposedAt": .string(proposedAt.rfc3339),
            "proposedBy": .string(proposedBy), "confirmedAt": .optional(confirmedAt?.rfc3339),
            "confirmedBy": .optional(confirmedBy), "reversalReason": .optional(reversalReason),
            "reversalProposedAt": .optional(reversalProposedAt?.rfc3339),
            "reversalProposedBy": .optional(reversalProposedBy), "endedAt": .optional(endedAt?.rfc3339),
            "endedBy": .optional(endedBy),
        ]
    }
}

extension Takedown.State {
    var word: String {
        switch self {
        case .proposed: "proposed"
        case .inForce: "inForce"
        case .withdrawn: "withdrawn"
        case .reversed: "reversed"
        }
    }
}

extension Problem {
    init(_ error: TakedownError) {
        switch error {
        case .unknownImage, .unknown: self = .notFound(error.description)
        case .badText: self = .invalid(error.description)
        case .samePerson: self = Problem(AccountsError.denied(error.description))
        case .open, .settled: self = Problem(AccountsError.conflict(error.description))
        }
    }
}
