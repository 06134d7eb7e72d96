// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Advisories
import Assessment
import HTTPTypes
import Hummingbird
import JSON
import SBOM
import Time
import Vulnerabilities

extension APIRoutes {
    /// Bytes of a VEX document that is sent.
    private static let largestDocument = 8 << 20

    /// Takes a VEX document in: an operator's counts on the whole node, a maintainer's in their namespace.
    func takeVEX(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["namespace"])
        let namespace = query["namespace"]
        // Empty is not absent: a variable that was not set must not make a word count on the whole node.
        if namespace == "" { throw Problem.invalid("namespace is empty; leave it out for the whole node") }
        try await accounts.requireManager(of: namespace, by: actor)
        let bytes = try await APIBody.bytes(request, upTo: Self.largestDocument)
        let taken: Statements.Import
        do {
            taken = try await statements.take(bytes, namespace: namespace, by: actor.name) {
                try AssessmentService.announce($0, document: $1, at: $2)
            }
        } catch let error as VEXReadError {
            throw Problem.invalid("the document cannot be read at \(error.place): \(error.reason.en)")
        }
        return APIAnswer(
            [
                "id": .integer(taken.id), "known": .bool(taken.isKnown),
                "statements": .integer(Int64(taken.statements)),
                "refusedCount": .integer(Int64(taken.refusedCount)),
                "refused": .array(
                    taken.refused.map { refusal in
                        [
                            "place": .string(refusal.place),
                            "reason": ["de": .string(refusal.reason.de), "en": .string(refusal.reason.en)],
                        ]
                    }
                ),
            ],
            status: taken.isKnown ? .ok : .created
        )
    }

    /// Ends a document; who may bring one to a place may also end it there.
    func revokeVEX(_ id: String, _ actor: Account) async throws {
        let missing = Problem.notFound("there is no VEX document \"\(id.excerpt(20))\" that counts")
        guard let number = Int64(id), let document = try await statements.document(number) else { throw missing }
        // Whoever may not see the namespace learns nothing of the document either.
        do { try await accounts.requireManager(of: document.namespace, by: actor) } catch is AccountsError {
            throw missing
        }
        let ended = try await statements.revoke(number, by: actor.name) {
            try AssessmentService.announce($0, document: $1, at: $2)
        }
        guard ended != nil else { throw missing }
    }
}

extension Statements.Document {
    /// The document as an object; absent values are null.
    var json: JSONValue {
        [
            "id": .integer(id), "namespace": .optional(namespace), "format": .string(format.rawValue),
            "name": .string(name), "author": .string(author), "version": .optional(version),
            "statements": .integer(Int64(statements)), "refused": .integer(Int64(refused)),
            "importedAt": .string(importedAt.rfc3339), "importedBy": .string(importedBy),
            "endedAt": .optional(endedAt?.rfc3339), "endedBy": .optional(endedBy),
            "origin": .string(origin.rawValue), "repository": .optional(repository),
            "adoptedFrom": .optional(adoptedFrom),
        ]
    }
}
