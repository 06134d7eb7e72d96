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
import WebRequests

extension APIRoutes {
    /// Bytes of a VEX document that is sent.
    private static let largestDocument = 8 << 20

    /// Takes a VEX document in: an operator's counts on the whole node, a maintainer's in their namespace.
    func takeVEX(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["namespace"])
        let namespace = query["namespace"]
        try await mayState(in: namespace, actor)
        let bytes: [UInt8]
        do { bytes = try await BoundedBody.collect(request, upTo: Self.largestDocument) } catch {
            throw Problem(
                status: .contentTooLarge,
                type: "too-large",
                title: "The document was not read",
                detail: "\(error)",
                headers: [.connection: "close"]
            )
        }
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
        do { try await mayState(in: document.namespace, actor) } catch is AccountsError { throw missing }
        let ended = try await statements.revoke(number, by: actor.name) {
            try AssessmentService.announce($0, document: $1, at: $2)
        }
        guard ended != nil else { throw missing }
    }

    private func mayState(in namespace: String?, _ actor: Account) async throws {
        if let namespace, namespace.isEmpty {
            throw Problem.invalid("namespace is empty; leave it out for the whole node")
        }
        if actor.nodeRole == .operator, actor.tokenID == nil {
            // A word in a namespace that is mistyped would count nowhere.
            if let namespace { _ = try await accounts.namespace(named: namespace, by: actor) }
            return
        }
        guard let namespace else {
            throw AccountsError.denied(
                "only operators state what counts on the whole node; name a namespace that you maintain"
            )
        }
        let entry = try await accounts.namespace(named: namespace, by: actor)
        guard entry.role == .maintainer, actor.tokenID == nil else {
            throw AccountsError.denied("only maintainers of \"\(namespace)\" state what counts there")
        }
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
        ]
    }
}
