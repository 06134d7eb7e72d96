// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Hummingbird
import JSON
import OCI
import Policies
import Registry
import SBOM
import Time
import Trust

extension APIRoutes {
    /// Images that one trial of trust looks at: all that lies beside each is read and verified.
    private static let trialImages = 50
    /// Days for which pushes can be looked at.
    private static let trialDays: ClosedRange<Int64> = 1...365

    /// What rules on pushes would refuse of what is there and of what was pushed lately.
    func tryPushes(_ name: String, _ request: Request, _ actor: Account) async throws -> APIAnswer {
        let body = try await APIBody(request, allowed: ["policy", "after", "days"])
        let (value, after, days) = try body.read {
            (try $0.optionalObject("policy")?.value, try $0.optionalString("after"), try $0.optionalInteger("days"))
        }
        guard Self.trialDays.contains(days ?? 30) else {
            throw Problem.invalid("days is a number from \(Self.trialDays.lowerBound) to \(Self.trialDays.upperBound)")
        }
        let namespace = try await accounts.overseen(name, by: actor)
        let start = try after.map { text in
            do { return try RepositoryName(parsing: text) } catch { throw Problem.invalid("after: \(error)") }
        }
        let page: PushTrialPage
        do {
            page = try await registry.tryPushes(
                try Self.policy(value),
                of: namespace,
                since: registry.now - .seconds((days ?? 30) * 86_400),
                after: start
            )
        } catch RegistryError.policyUnknown(let refusal, _) {
            throw Problem.unavailable("the policy in force cannot be tried: \(refusal)")
        }
        return APIAnswer([
            "present": Self.json(page.present), "pushed": Self.json(page.pushed),
            "items": .array(page.found.map(Self.json)), "isCut": .bool(page.isCut), "next": .optional(page.next),
        ])
    }

    /// What trust rules would change about images.
    func tryTrust(_ name: String, _ request: Request, _ actor: Account) async throws -> APIAnswer {
        guard let trust else { throw Problem.unavailable }
        let body = try await APIBody(request, allowed: ["policy", "after"])
        let (value, after) = try body.read { (try $0.optionalObject("policy")?.value, try $0.optionalString("after")) }
        let namespace = try await accounts.overseen(name, by: actor)
        let start = try after.map { text in
            guard let position = ImagePosition(text) else {
                throw Problem.invalid("after is the next of an answer before")
            }
            return position
        }
        let page = try await trust.tryTrust(
            try Self.policy(value),
            of: namespace,
            after: start,
            limit: Self.trialImages
        )
        return APIAnswer([
            "looked": .integer(Int64(page.looked)), "losing": .integer(Int64(page.losing)),
            "gaining": .integer(Int64(page.gaining)), "later": .integer(Int64(page.later)),
            "unknown": .integer(Int64(page.unknown)), "items": .array(page.found.map(Self.json)),
            "next": .optional(page.next?.text),
        ])
    }

    private static func policy(_ value: JSONValue?) throws -> ContentPolicy? {
        try value.map { value in
            do { return try ContentPolicy(json: value) } catch { throw Problem.invalid("\(error)") }
        }
    }

    private static func json(_ counts: TrialCounts) -> JSONValue {
        [
            "looked": .integer(Int64(counts.looked)), "allowed": .integer(Int64(counts.allowed)),
            "announced": .integer(Int64(counts.announced)), "refused": .integer(Int64(counts.refused)),
            "unknown": .integer(Int64(counts.unknown)),
        ]
    }

    private static func json(_ trial: PushTrial) -> JSONValue {
        let (word, from, refusal): (String, Timestamp?, PolicyRefusal?) =
            switch trial.outcome {
            case .allowed: ("allowed", nil, nil)
            case .announced(let refusal, let from): ("announced", from, refusal)
            case .refused(let refusal): ("refused", nil, refusal)
            case .unknown: ("unknown", nil, nil)
            }
        var reason = refusal?.reason
        if case .unknown(let gap) = trial.outcome { reason = gap.text }
        return [
            "repository": .string(trial.repository.text), "digest": .string(trial.digest.description),
            "tags": .strings(trial.tags), "decision": .string(word), "from": .optional(from?.rfc3339),
            "pushedAt": .optional(trial.push?.at.rfc3339), "pushedBy": .optional(trial.push?.by),
            "rule": .optional(refusal?.rule), "reason": reason?.json ?? .null,
        ]
    }

    private static func json(_ trial: TrustTrial) -> JSONValue {
        [
            "repository": .string(trial.repository.text), "digest": .string(trial.digest.description),
            "before": .string(trial.before.rawValue), "after": .string(trial.after.rawValue),
            "changesAt": .optional(trial.changesAt?.rfc3339), "becomes": .optional(trial.becomes?.rawValue),
            "signers": .strings(trial.signers), "gaps": .array(trial.gaps.map(\.json)),
        ]
    }
}

extension PushTrial.Gap {
    fileprivate var text: LocalizedText {
        switch self {
        case .gone:
            LocalizedText(
                de: "Das Manifest ist nicht mehr da; ob die Regel es zugelassen hätte, lässt sich nicht sagen.",
                en: "The manifest is not there any more; whether the rule would have let it in cannot be told."
            )
        case .unreadable:
            LocalizedText(
                de: "Das Manifest ist nicht lesbar; worauf das Image aufbaut, lässt sich nicht sagen.",
                en: "The manifest cannot be read; what the image is built on cannot be told."
            )
        }
    }
}

extension ManagementDocument {
    /// The answer of a trial of rules on pushes.
    static var pushTrial: JSONValue {
        let counts = object([
            "looked": number, "allowed": number, "announced": number, "refused": number, "unknown": number,
        ])
        return object([
            "present": counts, "pushed": counts, "isCut": ["type": "boolean"], "next": orNull(text),
            "items": list(
                object([
                    "repository": text, "digest": text, "tags": list(text),
                    "decision": words(["announced", "refused", "unknown"]), "from": orNull(instant),
                    "pushedAt": orNull(instant), "pushedBy": orNull(text), "rule": orNull(text),
                    "reason": orNull(localized),
                ])
            ),
        ])
    }

    /// The answer of a trial of trust.
    static var trustTrial: JSONValue {
        let standing = words(["signed", "unsigned", "unknown", "noPolicy"])
        return object([
            "looked": number, "losing": number, "gaining": number, "later": number, "unknown": number,
            "next": orNull(text),
            "items": list(
                object([
                    "repository": text, "digest": text, "before": standing, "after": standing,
                    "changesAt": orNull(instant), "becomes": orNull(standing), "signers": list(text),
                    "gaps": list(localized),
                ])
            ),
        ])
    }
}
