// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Attesting
import HTTPTypes
import Hummingbird
import JSON
import OCI
import Time

extension APIRoutes {
    /// What the node attests about an image.
    func attestations(_ encoded: String, _ request: Request) async throws -> APIAnswer {
        _ = try APIQuery(request, allowed: [])
        let target = try await target(encoded)
        switch try await assessed(target) {
        case .waiting(let answer): return answer
        case .ready: break
        }
        let found = try await knownAttester().attested(target.repository, target.digest)
        return APIAnswer(
            [
                "image": .object(["digest": .string(target.digest.description)]), "pending": .bool(found.isPending),
                "problem": .optional(found.problem), "items": .array(found.attestations.map(\.json)),
            ],
            headers: location(target, .attestations)
        )
    }

    /// Signs what people found who looked at an image: queues it.
    func attestAudit(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        let body = try await APIBody(
            request,
            allowed: ["image", "auditor", "scope", "result", "finished", "validUntil", "report"]
        )
        let (image, result) = try body.read { (try $0.string("image"), try $0.string("result")) }
        guard let reference = try? LocalReference(parsing: image), case .digest(let digest) = reference.selector else {
            throw Problem.invalid("image is repository@sha256:…: a tag could be moved to another than was audited")
        }
        guard ["passed", "failed"].contains(result) else { throw Problem.invalid("result is passed or failed") }
        let (auditor, scope) = try body.read { (try $0.string("auditor"), try $0.string("scope")) }
        let (finished, end) = try body.read { (try $0.string("finished"), try $0.string("validUntil")) }
        let hash = try body.read { try $0.object("report").string("digest") }
        let uri = try body.read { try $0.object("report").optionalString("uri") }
        guard let report = try? Digest(parsing: hash), report.algorithm == .sha256 else {
            throw Problem.invalid("report.digest is sha256: and the 64 hexadecimal digits of the report's SHA-256")
        }
        let row = try await knownAttester().audit(
            reference.repository,
            digest,
            AuditReport(
                auditor: auditor,
                scope: scope,
                isPassed: result == "passed",
                finished: try Self.instant(finished, "finished"),
                validUntil: try Self.instant(end, "validUntil"),
                report: report,
                reportURI: uri
            ),
            by: actor
        )
        return APIAnswer(row.json, status: .accepted)
    }

    private static func instant(_ text: String, _ name: String) throws -> Timestamp {
        guard let time = Timestamp(rfc3339: text) else {
            throw Problem.invalid("\(name) is an instant such as 2027-01-31T00:00:00Z")
        }
        return time
    }

    private func knownAttester() throws -> Attesting {
        guard let attester else { throw Problem.unavailable }
        return attester
    }
}

extension ImageAttestation {
    /// The statement as an object; absent values are null.
    fileprivate var json: JSONValue {
        [
            "id": .integer(id), "kind": .string(kind.word), "predicateType": .string(predicateType),
            "state": isPublished ? "published" : "pending", "payload": .string(payload.description),
            "envelope": .optional(envelope?.description), "referrer": .optional(manifest?.description),
            "key": .optional(keyFingerprint), "logged": .bool(isLogged),
            "logIndex": .optional(logIndex.map { Int64($0) }), "madeAt": .string(madeAt.rfc3339),
            "madeBy": .string(madeBy), "validUntil": .optional(validUntil?.rfc3339),
        ]
    }
}

extension ImageAttestation.Kind {
    fileprivate var word: String {
        switch self {
        case .bill: "sbom"
        case .scan: "scan"
        case .exploitability: "vex"
        case .verdict: "verdict"
        case .criteria: "criteria"
        case .audit: "audit"
        }
    }
}

extension Problem {
    /// What attesting says, as it is: its texts are for whoever asked.
    init(_ error: AttestingError) {
        switch error {
        case .unknown(let text): self = .notFound(text)
        case .invalid(let text): self = .invalid(text)
        case .denied(let text): self = .denied(text)
        case .refused(let text): self = .conflict(text)
        case .unavailable(let text): self = .unavailable(text)
        }
    }
}
