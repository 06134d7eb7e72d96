// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import HTTPTypes
import Hummingbird
import JSON
import Time
import Vulnerabilities

extension APIRoutes {
    private static let largestAdvisory = 4 << 20
    private static let lights = ["TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"]

    /// Takes an advisory of the operator in, as OSV.
    func publishAdvisory(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        try await accounts.requireManager(of: nil, by: actor)
        let query = try APIQuery(request, allowed: ["tlp", "expires"])
        let tlp = query["tlp"] ?? "TLP:AMBER"
        guard Self.lights.contains(tlp) else {
            throw Problem.invalid("tlp is one of \(Self.lights.joined(separator: ", "))")
        }
        var expires: Timestamp?
        if let text = query["expires"] {
            guard let instant = Timestamp(rfc3339: text) ?? Timestamp(date: text) else {
                throw Problem.invalid("expires is an instant, 2027-01-31T00:00:00Z, or a day, 2027-01-31")
            }
            expires = instant
        }
        let bytes = try await APIBody.bytes(request, upTo: Self.largestAdvisory)
        do {
            let taken = try await ownAdvisories.take(bytes, tlp: tlp, expiresAt: expires, by: actor.name) {
                try AssessmentService.announce($0, ownAdvisory: $1, at: $2)
            }
            return APIAnswer(
                [
                    "id": .integer(taken.id), "name": .string(taken.name),
                    "packages": .integer(Int64(taken.packages)), "files": .integer(Int64(taken.files)),
                    "unmatchable": .integer(Int64(taken.unmatchable)),
                ],
                status: .created
            )
        } catch let error as OwnAdvisoryError {
            throw Problem.invalid("the advisory was not taken: \(error)")
        }
    }

    /// Takes an advisory back.
    func withdrawAdvisory(_ id: String, _ actor: Account) async throws {
        try await accounts.requireManager(of: nil, by: actor)
        guard let number = Int64(id),
            try await ownAdvisories.end(
                number,
                by: actor.name,
                announce: { try AssessmentService.announce($0, ownAdvisory: $1, at: $2) }
            )
        else { throw Problem.notFound("there is no advisory \"\(id.excerpt(20))\" that counts") }
    }
}

extension OwnAdvisories.Entry {
    /// The advisory as an object; absent values are null.
    var json: JSONValue {
        [
            "id": .integer(id), "name": .string(name), "tlp": .string(tlp), "createdAt": .string(createdAt.rfc3339),
            "createdBy": .string(createdBy), "expiresAt": .optional(expiresAt?.rfc3339),
            "endedAt": .optional(endedAt?.rfc3339), "endedBy": .optional(endedBy),
        ]
    }
}
