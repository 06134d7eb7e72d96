// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Database
import HTTPTypes
import Hummingbird
import JSON
import OCI
import Policies
import Registry
import SBOM
import Time

extension APIRoutes {
    /// Most things that the answer of a cleaning names; the audit log has them all.
    private static let namedRemovals = 1_000

    /// The rules of a namespace and how full it is.
    func policy(_ name: String, _ actor: Account) async throws -> APIAnswer {
        let found = try await registry.policy(of: try await accounts.overseen(name, by: actor))
        return APIAnswer([
            "revision": .integer(found.revision), "policy": found.policy?.json ?? .null,
            "usage": [
                "used": .optional(found.used), "reserved": .optional(found.reserved),
                "limit": .optional(found.policy?.quotaBytes),
            ],
        ])
    }

    /// Puts a policy in force.
    func putPolicy(_ name: String, _ request: Request, _ actor: Account) async throws -> APIAnswer {
        let body = try await APIBody(request, allowed: ["policy", "expectedRevision", "reason"])
        let (value, expected, reason) = try body.read {
            (try $0.object("policy").value, try $0.integer("expectedRevision"), try $0.string("reason"))
        }
        let namespace = try await accounts.governed(name, .own, by: actor)
        return try await translating {
            let policy = try ContentPolicy(json: value)
            let current = try await registry.policy(of: namespace)
            // The quota is compared with this revision, and no other one may be in force when the new one is set.
            guard current.revision == expected else {
                throw PolicyConflict(namespace: name, expected: expected, current: current.revision)
            }
            // What cannot be read may hold a quota.
            if current.policy.map({ $0.quotaBytes != policy.quotaBytes }) ?? true {
                _ = try await accounts.governed(name, .quota, by: actor)
            }
            let revision = try await registry.setPolicy(
                policy,
                for: namespace,
                expectedRevision: expected,
                reason: reason,
                by: actor
            )
            return APIAnswer(["revision": .integer(revision)])
        }
    }

    /// Revisions of a policy, newest first.
    func policyHistory(
        _ name: String,
        before: Int64,
        limit: Int,
        _ actor: Account
    ) async throws -> [(position: String, json: JSONValue)] {
        let namespace = try await accounts.overseen(name, by: actor)
        var found: [PolicyRevision] = []
        var last = before > 0 ? before : Int64.max
        // Pages of the store are smaller than those of the API.
        while found.count < limit {
            let page = try await registry.policyHistory(
                of: namespace,
                before: last,
                limit: min(100, limit - found.count)
            )
            guard let end = page.last else { break }
            found += page
            last = end.revision
        }
        return found.map { revision in
            (
                String(revision.revision),
                [
                    "revision": .integer(revision.revision), "policy": revision.policy?.json ?? .null,
                    "reason": .string(revision.reason), "createdAt": .string(revision.createdAt.rfc3339),
                    "createdBy": .string(revision.createdBy),
                ]
            )
        }
    }

    /// What retention would do.
    func retention(
        _ name: String,
        _ after: String?,
        _ limit: Int,
        _ request: Request,
        _ actor: Account
    ) async throws -> APIAnswer {
        let namespace = try await accounts.overseen(name, by: actor)
        let report = try await translating {
            try await registry.retention(
                of: namespace,
                pulls: try await pullKnowledge(),
                after: after.flatMap { try? RepositoryName(parsing: $0) },
                limit: limit
            )
        }
        let next = report.next.map { Cursor.encode(ManagementOperation.retention.rawValue, $0.text) }
        var headers: HTTPFields = [:]
        if let next { headers.set("Link", "<\(request.uri.path)?limit=\(limit)&cursor=\(next)>; rel=\"next\"") }
        return APIAnswer(
            [
                "items": .array(report.decisions.map(Self.json)), "next": .optional(next),
                "revision": .integer(report.revision), "skipped": .strings(report.skipped.map(\.text)),
            ],
            headers: headers
        )
    }

    /// Does what retention would do.
    func applyRetention(_ name: String, _ actor: Account) async throws -> APIAnswer {
        let namespace = try await accounts.governed(name, .own, by: actor)
        guard namespace.freeze == nil else {
            throw AccountsError.conflict("namespace \"\(name)\" is frozen; nothing is removed until it goes on")
        }
        let accounts = accounts
        let result = try await translating {
            try await registry.applyRetention(
                of: namespace,
                pulls: try await pullKnowledge(),
                by: actor.name,
                mayClean: { t in try accounts.namespace(t, named: name)?.freeze == nil }
            )
        }
        return APIAnswer([
            "revision": .integer(result.revision), "removedTags": .integer(Int64(result.tags)),
            "removedManifests": .integer(Int64(result.manifests)), "kept": .integer(Int64(result.kept)),
            "stopped": .bool(result.wasStopped), "skipped": .strings(result.skipped.map(\.text)),
            "removed": .array(result.removed.prefix(Self.namedRemovals).map(Self.json)),
        ])
    }

    private static func json(_ decision: RetentionDecision) -> JSONValue {
        [
            "repository": .string(decision.repository.text), "tag": .optional(decision.tag?.text),
            "digest": .string(decision.digest.description), "action": .string(decision.action.rawValue),
            "rules": .strings(decision.rules), "reason": decision.reason.json,
        ]
    }

    /// What the rules say against it, in words that are for whoever asked.
    private func translating<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as PolicyReadError {
            throw Problem.invalid(error.description)
        } catch let error as PolicyConflict {
            throw AccountsError.conflict(error.description)
        } catch RegistryError.policyUnknown(let refusal, cause: _) {
            throw AccountsError.conflict(refusal.description)
        }
    }
}
