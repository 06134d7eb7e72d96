// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Database
import Hummingbird
import JSON
import OCI
import Registry
import Releases
import Time

extension APIRoutes {
    /// What organisations approve for their own use: seen by whoever may read the image, for what only by those whose word it is.
    func approvals(
        _ operation: ManagementOperation,
        _ number: String,
        _ request: Request,
        _ actor: Account
    ) async throws -> APIAnswer {
        guard let approvals else { throw Problem.unavailable }
        let missing = Problem.notFound("there is no approval \"\(number.excerpt(20))\" that you may see")
        switch operation {
        case .approveImage: return try await approve(approvals, request, actor)
        case .approvals: return try await list(approvals, request, actor)
        case .revokeApproval:
            let body = try await APIBody(request, allowed: ["reason"])
            let reason = try body.read { try $0.string("reason") }
            guard let id = Int64(number) else { throw missing }
            let ended = try await approvals.revoke(id, reason: reason, by: actor)
            return APIAnswer(ended.json(at: registry.now, isOwn: true))
        default:
            _ = try APIQuery(request, allowed: [])
            guard let id = Int64(number), let found = try await approvals.approval(id),
                try await accounts.access(of: actor, to: found.repository)?.rights.contains(.pull) == true
            else { throw missing }
            return APIAnswer(found.json(at: registry.now, isOwn: try await isOwn(found.organisation, actor)))
        }
    }

    private func approve(_ approvals: Approvals, _ request: Request, _ actor: Account) async throws -> APIAnswer {
        let body = try await APIBody(request, allowed: ["image", "organisation", "purpose", "until"])
        let (image, organisation, purpose, until) = try body.read {
            (
                try $0.string("image"), try $0.optionalString("organisation"), try $0.string("purpose"),
                try $0.string("until")
            )
        }
        guard let end = Timestamp(rfc3339: until) else {
            throw Problem.invalid("until is an instant such as 2027-12-01T00:00:00Z")
        }
        let (repository, digest) = try Self.image(image)
        let made = try await approvals.approve(
            repository,
            digest,
            for: organisation,
            purpose: purpose,
            until: end,
            by: actor
        )
        return APIAnswer(made.json(at: registry.now, isOwn: true), status: .created)
    }

    private func list(_ approvals: Approvals, _ request: Request, _ actor: Account) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["image", "organisation", "limit", "cursor"])
        let limit = try query.limit()
        let before = try query.position("approvals").flatMap { Int64($0) }
        var found: [Approval]
        switch (query["image"], query["organisation"]) {
        case (let image?, nil):
            let (repository, digest) = try Self.image(image)
            guard try await accounts.access(of: actor, to: repository)?.rights.contains(.pull) == true else {
                throw Problem.notFound("there is no image \(repository)@\(digest) that you may see")
            }
            found = try await approvals.approvals(of: digest, in: repository, before: before, limit: limit + 1)
        case (nil, let organisation?):
            guard try await isOwn(organisation, actor) else {
                throw AccountsError.denied(
                    "only those who act for an organisation, operators and auditors see what it approved"
                )
            }
            found = try await approvals.approvals(by: organisation, before: before, limit: limit + 1)
        default: throw Problem.invalid("ask with image=repository@sha256:… or with organisation=NAME")
        }
        var next: String?
        if found.count > limit {
            found.removeLast(found.count - limit)
            next = found.last.map { Cursor.encode("approvals", String($0.id)) }
        }
        var items: [JSONValue] = []
        for approval in found {
            items.append(approval.json(at: registry.now, isOwn: try await isOwn(approval.organisation, actor)))
        }
        return APIAnswer(["items": .array(items), "next": .optional(next)])
    }

    static func image(_ text: String) throws -> (RepositoryName, Digest) {
        guard let reference = try? LocalReference(parsing: text), case .digest(let digest) = reference.selector else {
            throw Problem.invalid("image is repository@sha256:…: a tag could be moved")
        }
        return (reference.repository, digest)
    }

    /// Whether somebody sees all of what an organisation said.
    private func isOwn(_ organisation: String, _ actor: Account) async throws -> Bool {
        if actor.nodeRole != nil { return true }
        return try await database.lookUp { [accounts] t in try accounts.organisationName(t, of: actor) } == organisation
    }
}

extension Approval {
    func json(at now: Timestamp, isOwn: Bool) -> JSONValue {
        let state = revokedAt != nil ? "revoked" : isInForce(at: now) ? "inForce" : "expired"
        return [
            "id": .integer(id), "state": .string(state), "repository": .string(repository.text),
            "digest": .string(digest.description), "organisation": .string(organisation),
            "approvedAt": .string(approvedAt.rfc3339), "validUntil": .string(validUntil.rfc3339),
            "revokedAt": .optional(revokedAt?.rfc3339), "purpose": .optional(isOwn ? purpose : nil),
            "approvedBy": .optional(isOwn ? approvedBy : nil), "revokedBy": .optional(isOwn ? revokedBy : nil),
            "revocationReason": .optional(isOwn ? revocationReason : nil),
            "envelope": isOwn ? ((try? JSONValue(parsing: envelope)) ?? .null) : .null,
        ]
    }
}
