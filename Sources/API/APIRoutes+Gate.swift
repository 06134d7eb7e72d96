// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import JSON
import OCI
import Policies
import Registry
import SBOM
import Time

extension APIRoutes {
    /// Repositories that one trial looks at.
    private static let trialRepositories = 100

    /// What a policy would refuse of what is there, before it is set.
    func tryPolicy(_ name: String, _ request: Request, _ actor: Account) async throws -> APIAnswer {
        let body = try await APIBody(request, allowed: ["policy", "after"])
        let (value, after) = try body.read { (try $0.optionalObject("policy")?.value, try $0.optionalString("after")) }
        let namespace = try await accounts.overseen(name, by: actor)
        let policy = try value.map { value in
            do { return try ContentPolicy(json: value) } catch { throw Problem.invalid("\(error)") }
        }
        let start = try after.map { text in
            do { return try RepositoryName(parsing: text) } catch { throw Problem.invalid("after: \(error)") }
        }
        let trial = try await registry.tryGate(policy, of: namespace, after: start, limit: Self.trialRepositories)
        return APIAnswer(["items": .array(trial.found.map(Self.json)), "next": .optional(trial.next)])
    }

    /// Exceptions of a namespace, the newest first.
    func gateExceptions(
        _ name: String,
        before: Int64,
        limit: Int,
        _ actor: Account
    ) async throws -> [(position: String, json: JSONValue)] {
        let namespace = try await accounts.overseen(name, by: actor)
        let found = try await registry.exceptions(in: namespace, before: before > 0 ? before : nil, limit: limit)
        return found.map { (String($0.id), Self.json($0, at: registry.now)) }
    }

    /// Asks for an exception, agrees to one, or ends it.
    func changeException(
        _ operation: ManagementOperation,
        _ parameters: [String: String],
        _ request: Request,
        _ actor: Account
    ) async throws -> APIAnswer {
        let namespace = try await accounts.governed(parameters["namespace"] ?? "", .own, by: actor)
        let text = parameters["exception"] ?? ""
        let id = Int64(text) ?? 0
        do {
            switch operation {
            case .approveGateException:
                return answer(try await registry.approveException(id, in: namespace, by: actor))
            case .endGateException:
                try await registry.endException(id, in: namespace, by: actor)
                return APIAnswer(bytes: [], contentType: "application/json", status: operation.success)
            default:
                let body = try await APIBody(request, allowed: ["digest", "reason", "until"])
                let (digest, reason, until) = try body.read {
                    (try $0.optionalString("digest"), try $0.string("reason"), try $0.string("until"))
                }
                guard let end = Timestamp(rfc3339: until) else {
                    throw Problem.invalid("until is an instant such as 2026-12-01T08:00:00Z")
                }
                let image = try digest.map { text in
                    do { return try Digest(parsing: text) } catch { throw Problem.invalid("digest: \(error)") }
                }
                let made = try await registry.requestException(
                    image,
                    in: namespace,
                    reason: reason,
                    until: end,
                    by: actor
                )
                return answer(made, status: .created)
            }
        } catch let error as GateExceptionError {
            switch error {
            case .unknown: throw Problem.notFound("there is no exception \"\(text.excerpt(40))\" in this namespace")
            case .badEnd, .badReason: throw Problem.invalid(error.description)
            case .samePerson: throw AccountsError.denied(error.description)
            case .settled: throw AccountsError.conflict(error.description)
            }
        }
    }

    private func answer(_ exception: GateException, status: HTTPResponse.Status = .ok) -> APIAnswer {
        APIAnswer(Self.json(exception, at: registry.now), status: status)
    }

    private static func json(_ exception: GateException, at now: Timestamp) -> JSONValue {
        let state =
            if exception.endedAt != nil { "ended" } else if exception.expiresAt <= now {
                "expired"
            } else if exception
                .approvedAt != nil
            { "inForce" } else { "requested" }
        return [
            "id": .integer(exception.id), "state": .string(state), "digest": .optional(exception.digest?.description),
            "reason": .string(exception.reason), "requestedAt": .string(exception.requestedAt.rfc3339),
            "requestedBy": .string(exception.requestedBy), "expiresAt": .string(exception.expiresAt.rfc3339),
            "approvedAt": .optional(exception.approvedAt?.rfc3339), "approvedBy": .optional(exception.approvedBy),
            "endedAt": .optional(exception.endedAt?.rfc3339), "endedBy": .optional(exception.endedBy),
        ]
    }

    private static func json(_ trial: GateTrial) -> JSONValue {
        let (word, objection): (String, PullObjection?) =
            switch trial.decision {
            case .allowed: ("allowed", nil)
            case .announced(let objection): ("announced", objection)
            case .refused(let objection): ("refused", objection)
            }
        return [
            "repository": .string(trial.repository.text), "digest": .string(trial.digest.description),
            "decision": .string(word), "from": .optional(objection?.from.rfc3339),
            "graceUntil": .optional(objection?.graceUntil.rfc3339), "rule": .optional(objection?.refusal.rule),
            "reason": objection?.refusal.reason.json ?? .null,
        ]
    }
}
