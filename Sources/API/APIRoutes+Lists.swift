// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import Criteria
import HTTPTypes
import Hummingbird
import JSON
import OCI
import Time

extension APIRoutes {
    func repositories(_ request: Request) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["limit", "cursor"])
        let limit = try query.limit()
        let after = try query.position("repositories")
        var entries = try await queries.repositories(nil, after, limit + 1)
        var next: String?
        if entries.count > limit {
            entries.removeLast(entries.count - limit)
            next = entries.last.map { Cursor.encode("repositories", $0.name.text) }
        }
        var headers: HTTPFields = [:]
        if let next { headers.set("Link", link(APIOperation.root + APIOperation.repositories.template, limit, next)) }
        return APIAnswer(
            ["repositories": .array(entries.map(Self.json)), "next": .optional(next)],
            headers: headers
        )
    }

    func feeds(_ request: Request) async throws -> APIAnswer {
        _ = try APIQuery(request, allowed: [])
        let feeds = try await queries.feeds()
        return APIAnswer(["snapshot": .optional(feeds?.snapshot), "feeds": .array(feeds?.feeds.map(\.json) ?? [])])
    }

    func verdictSchema() -> APIAnswer {
        APIAnswer(bytes: Catalogue.verdictSchema, contentType: "application/schema+json")
    }

    private static func json(_ entry: ImageQueries.Repository) -> JSONValue {
        var level: JSONValue = .null
        let state: String
        switch entry.standing {
        case .level(let reached):
            level = .string(reached.rawValue)
            state = "ready"
        case .pending: state = "pending"
        case .failed: state = "failed"
        case .noImage: state = "noImage"
        }
        return [
            "name": .string(entry.name.text),
            "firstSeen": .string(entry.firstSeen.rfc3339),
            "tag": .optional(entry.tag?.text),
            "digest": .optional(entry.digest?.description),
            "level": level,
            "state": .string(state),
        ]
    }
}
