// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Audit
import HTTPTypes
import Health
import Hummingbird
import JSON
import OCI
import PullRecords
import Registry
import Time
import Vulnerabilities

extension APIRoutes {
    /// Does one thing of the table of management, or says why not.
    func manage(
        _ operation: ManagementOperation,
        _ parameters: [String: String],
        _ request: Request,
        _ actor: Account
    ) async throws -> APIAnswer {
        func parameter(_ name: String) -> String { parameters[name] ?? "" }
        switch operation {
        case .whoAmI, .account:
            _ = try APIQuery(request, allowed: [])
            let name = operation == .whoAmI ? actor.name : parameter("account")
            return APIAnswer(Self.json(try await accounts.account(name, by: actor)))
        case .setPassword:
            let body = try await APIBody(request, allowed: ["password"])
            try await accounts.setPassword(try body.read { try $0.string("password") }, by: actor)
        case .affected: return try await affected(request, actor)
        case .takeVEX: return try await takeVEX(request, actor)
        case .statements: return try await statements(request, actor)
        case .assessFinding: return try await assessFinding(request, actor)
        case .adoptStatement: return try await adoptStatement(request, actor)
        case .releases: return try await releases(request, actor)
        case .requestRelease: return try await requestRelease(request, actor)
        case .attestAudit: return try await attestAudit(request, actor)
        case .release: return try await release(parameter("release"), request, actor)
        case .approvals, .approveImage, .approval, .revokeApproval:
            return try await approvals(operation, parameter("approval"), request, actor)
        case .takedowns: return try await list(operation, parameters, request, actor)
        case .proposeTakedown, .confirmTakedown, .withdrawTakedown, .proposeReversal, .confirmReversal:
            return try await takedown(operation, parameter("takedown"), request, actor)
        case .logState, .confirmLog, .adoptLog, .logFeedBundle: return try await log(operation, request, actor)
        case .revokeVEX: try await revokeVEX(parameter("document"), actor)
        case .draftNotice, .notices, .sendNotice, .notice, .correctNotice, .withdrawNotice, .webhooks, .setWebhook,
            .removeWebhook:
            return try await notices(operation, parameters, request, actor)
        case .products, .uploadProduct, .product, .productBill, .removeProduct:
            return try await products(operation, parameters, request, actor)
        case .projects, .registerProject, .project, .changeProject, .removeProject, .recheckProject, .projectHistory,
            .projectImages, .projectPushed, .projectReply, .projectUses:
            return try await projects(operation, parameters, request, actor)
        case .health:
            _ = try APIQuery(request, allowed: [])
            guard actor.nodeRole != nil, actor.tokenID == nil, let health else {
                throw AccountsError.denied("only operators and auditors of the node may ask how it is")
            }
            return APIAnswer(try await health().json, headers: [.cacheControl: "no-store"])
        case .work, .organisationOverview, .addUse, .endUse, .addReply, .endReply:
            return try await directory(operation, parameters, request, actor)
        case .publishAdvisory: return try await publishAdvisory(request, actor)
        case .withdrawAdvisory: try await withdrawAdvisory(parameter("advisory"), actor)
        case .accounts, .tokens, .organisations, .namespaces, .members, .auditEvents, .quarantine,
            .policyHistory, .gateExceptions, .retention, .vexDocuments, .advisories:
            return try await list(operation, parameters, request, actor)
        case .createAccount:
            return try await createAccount(request, actor)
        case .changeAccount:
            let body = try await APIBody(request, allowed: ["disabled"])
            let isDisabled = try body.read { try $0.bool("disabled") }
            try await accounts.setEnabled(!isDisabled, parameter("account"), by: actor)
        case .renewSecret:
            let secret = try await accounts.renewSecret(of: parameter("account"), by: actor)
            return APIAnswer(["name": .string(parameter("account")), "secret": .string(secret)])
        case .issueToken:
            return try await issueToken(for: parameter("account"), request, actor)
        case .revokeToken:
            guard let id = Int64(parameter("token")) else {
                throw Problem.notFound("there is no token \"\(parameter("token").excerpt(40))\"; tokens have numbers")
            }
            try await accounts.revokeToken(id, by: actor)
        case .organisation:
            _ = try APIQuery(request, allowed: [])
            let found = try await accounts.organisation(parameter("organisation"))
            return APIAnswer(Self.json(found.organisation, found.operatesFor, found.operatedBy))
        case .putOrganisation:
            try await putOrganisation(parameter("organisation"), request, actor)
        case .addCustomer, .removeCustomer:
            try await accounts.setOperates(
                parameter("organisation"),
                for: parameter("customer"),
                operation == .addCustomer,
                by: actor
            )
        case .createNamespace:
            let body = try await APIBody(request, allowed: ["organisation", "public"])
            let (organisation, isPublic) = try body.read { (try $0.string("organisation"), try $0.bool("public")) }
            try await accounts.createNamespace(
                parameter("namespace"),
                organisation: organisation,
                isPublic: isPublic,
                by: actor
            )
            return APIAnswer(["name": .string(parameter("namespace"))], status: .created)
        case .changeNamespace:
            let body = try await APIBody(request, allowed: ["public"])
            let isPublic = try body.read { try $0.bool("public") }
            try await accounts.setVisibility(of: parameter("namespace"), isPublic: isPublic, by: actor)
        case .setMember:
            let body = try await APIBody(request, allowed: ["role"])
            let word = try body.read { try $0.string("role") }
            guard let role = Role(word: word) else {
                throw Problem.invalid("a role is reader, publisher or maintainer")
            }
            try await accounts.setRole(role, of: parameter("account"), in: parameter("namespace"), by: actor)
        case .removeMember:
            try await accounts.setRole(nil, of: parameter("account"), in: parameter("namespace"), by: actor)
        case .freeze:
            let body = try await APIBody(request, allowed: ["since"])
            let text = try body.read { try $0.string("since") }
            guard let since = Timestamp(rfc3339: text) else {
                throw Problem.invalid("since is an instant such as 2026-11-26T08:00:00Z")
            }
            let revoked = try await accounts.freeze(parameter("namespace"), since: since, by: actor)
            return APIAnswer(["revokedTokens": .integer(Int64(revoked))])
        case .policy:
            _ = try APIQuery(request, allowed: [])
            return try await policy(parameter("namespace"), actor)
        case .putPolicy:
            return try await putPolicy(parameter("namespace"), request, actor)
        case .tryPolicy:
            return try await tryPolicy(parameter("namespace"), request, actor)
        case .tryPushes:
            return try await tryPushes(parameter("namespace"), request, actor)
        case .tryTrust:
            return try await tryTrust(parameter("namespace"), request, actor)
        case .requestGateException, .approveGateException, .endGateException:
            return try await changeException(operation, parameters, request, actor)
        case .applyRetention:
            return try await applyRetention(parameter("namespace"), actor)
        case .unfreeze:
            try await accounts.unfreeze(parameter("namespace"), by: actor)
        }
        return APIAnswer(bytes: [], contentType: "application/json", status: operation.success)
    }

    private func createAccount(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        let body = try await APIBody(request, allowed: ["name", "kind", "organisation", "namespace", "nodeRole"])
        let (name, kind, organisation, namespace, roleWord) = try body.read {
            (
                try $0.string("name"), try $0.optionalString("kind") ?? "person", try $0.optionalString("organisation"),
                try $0.optionalString("namespace"), try $0.optionalString("nodeRole")
            )
        }
        switch kind {
        case "person":
            guard namespace == nil else {
                throw Problem.invalid("a person belongs to an organisation; namespace is for service accounts")
            }
            var role: Account.NodeRole?
            if let roleWord {
                guard let known = Self.nodeRoles.first(where: { $0.word == roleWord })?.role else {
                    throw Problem.invalid("nodeRole is auditor or operator")
                }
                role = known
            }
            let secret = try await accounts.createPerson(name, organisation: organisation, nodeRole: role, by: actor)
            return APIAnswer(["name": .string(name), "secret": .string(secret)], status: .created)
        case "service":
            guard roleWord == nil else { throw Problem.invalid("a service account has no role on the whole node") }
            try await accounts.createService(name, organisation: organisation, namespace: namespace, by: actor)
            return APIAnswer(["name": .string(name), "secret": .null], status: .created)
        default: throw Problem.invalid("kind is person or service")
        }
    }

    private func issueToken(for name: String, _ request: Request, _ actor: Account) async throws -> APIAnswer {
        let body = try await APIBody(request, allowed: ["label", "scopes", "days"])
        let (label, days, scopes) = try body.read { fields in
            (
                try fields.string("label"), try fields.int("days"),
                try fields.objects("scopes").map { scope in
                    (repositories: try scope.string("repositories"), rights: try scope.strings("rights"))
                }
            )
        }
        let known = try scopes.map { scope in
            guard let rights = Rights(words: scope.rights) else {
                throw Problem.invalid("rights are pull, push, overwrite and delete")
            }
            return TokenScope(repositories: scope.repositories, rights: rights)
        }
        guard (1...366).contains(days) else { throw Problem.invalid("days is a number between 1 and 366") }
        let token = try await accounts.issueToken(
            for: name,
            label: label,
            scopes: known,
            life: .seconds(days * 86_400),
            by: actor
        )
        return APIAnswer(
            [
                "id": .integer(token.id), "account": .string(name), "secret": .string(token.secret),
                "expiresAt": .string(token.expiresAt.rfc3339),
            ],
            status: .created
        )
    }

    private func putOrganisation(_ name: String, _ request: Request, _ actor: Account) async throws {
        let body = try await APIBody(
            request,
            allowed: ["title", "kind", "officialKey", "securityContact", "deputyContact"]
        )
        let (title, kindWord, key, contact, deputy) = try body.read {
            (
                try $0.string("title"), try $0.string("kind"), try $0.optionalString("officialKey"),
                try $0.optionalString("securityContact"), try $0.optionalString("deputyContact")
            )
        }
        guard let kind = Organisation.Kind(rawValue: kindWord) else {
            let known = Organisation.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw Problem.invalid("kind is one of \(known)")
        }
        try await accounts.putOrganisation(
            Organisation(
                name: name,
                title: title,
                kind: kind,
                officialKey: key,
                securityContact: contact,
                deputyContact: deputy
            ),
            by: actor
        )
    }

    // MARK: Lists

    private func list(
        _ operation: ManagementOperation,
        _ parameters: [String: String],
        _ request: Request,
        _ actor: Account
    ) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["limit", "cursor"])
        let limit = try query.limit()
        let kind = operation.rawValue
        let position = try query.position(kind)
        // Lists by number: a cursor that somebody made up begins at the start or ends at once.
        let number = position.flatMap { Int64($0) } ?? 0
        let entries: [(position: String, json: JSONValue)]
        switch operation {
        case .accounts:
            entries = try await accounts.accounts(after: position ?? "", limit: limit + 1, by: actor).map {
                ($0.name, Self.json($0))
            }
        case .tokens:
            let name = parameters["account"] ?? ""
            entries = try await accounts.tokens(of: name, after: number, limit: limit + 1, by: actor).map {
                (String($0.id), Self.json($0))
            }
        case .organisations:
            entries = try await accounts.organisations(after: position ?? "", limit: limit + 1).map {
                ($0.name, $0.json)
            }
        case .namespaces:
            entries = try await accounts.namespaces(after: position ?? "", limit: limit + 1, by: actor).map {
                ($0.namespace.name, Self.json($0))
            }
        case .members:
            let name = parameters["namespace"] ?? ""
            entries = try await accounts.members(of: name, after: number, limit: limit + 1, by: actor).map {
                (String($0.accountID), ["account": .string($0.account), "role": .string($0.role.word)])
            }
        case .quarantine:
            return try await quarantine(parameters["namespace"] ?? "", position, limit, request, actor)
        case .policyHistory:
            entries = try await policyHistory(parameters["namespace"] ?? "", before: number, limit: limit + 1, actor)
        case .gateExceptions:
            entries = try await gateExceptions(parameters["namespace"] ?? "", before: number, limit: limit + 1, actor)
        case .takedowns:
            guard actor.nodeRole != nil, actor.tokenID == nil else {
                throw AccountsError.denied("only operators and auditors see the list of takedowns")
            }
            let found = try await registry.takedowns(before: number > 0 ? number : nil, limit: limit + 1)
            entries = found.map { (String($0.id), $0.json) }
        case .advisories:
            guard actor.nodeRole != nil, actor.tokenID == nil else {
                throw AccountsError.denied("only operators and auditors see the node's own advisories")
            }
            entries = try await ownAdvisories.list(after: number, limit: limit + 1).map { (String($0.id), $0.json) }
        case .vexDocuments:
            // What is said in a namespace is for those who may read it.
            let scope = try await accounts.readScope(of: actor)
            var found: [Statements.Document] = []
            var after = number
            var page: [Statements.Document]
            repeat {
                page = try await statements.documents(after: after, limit: 500)
                found += page.filter { document in
                    guard let namespace = document.namespace else { return true }
                    return (try? RepositoryName(parsing: namespace)).flatMap { scope?.reads($0) } ?? false
                }
                after = page.last?.id ?? after
            } while page.count == 500 && found.count <= limit
            entries = found.map { (String($0.id), $0.json) }
        case .retention:
            return try await retention(parameters["namespace"] ?? "", position, limit, request, actor)
        default:
            guard actor.nodeRole != nil, actor.tokenID == nil else {
                throw AccountsError.denied("only operators and auditors read the audit log")
            }
            entries = try await AuditLog.list(database, after: number, limit: limit + 1).map {
                (String($0.id), $0.json)
            }
        }
        let next = entries.count > limit ? Cursor.encode(kind, entries[limit - 1].position) : nil
        var headers: HTTPFields = [:]
        if let next {
            let path = request.uri.path
            headers.set("Link", "<\(path)?limit=\(limit)&cursor=\(next)>; rel=\"next\"")
        }
        return APIAnswer(
            ["items": .array(entries.prefix(limit).map(\.json)), "next": .optional(next)],
            headers: headers
        )
    }

    /// What came since a freeze, and who pulled it before: those who must be told.
    private func quarantine(
        _ name: String,
        _ after: String?,
        _ limit: Int,
        _ request: Request,
        _ actor: Account
    ) async throws -> APIAnswer {
        let namespace = try await accounts.overseen(name, by: actor)
        guard let since = namespace.freeze?.since else {
            throw AccountsError.conflict("namespace \"\(name)\" is not frozen")
        }
        let page = try await registry.manifests(inNamespace: name, since: since, after: after, limit: limit)
        var items: [JSONValue] = []
        for manifest in page.found {
            let records = try await pulls.records(of: manifest.digest, in: manifest.repository)
            let known = records.filter { $0.organisation != nil || $0.account != nil }
            items.append([
                "repository": .string(manifest.repository.text), "digest": .string(manifest.digest.description),
                "pushedAt": .string(manifest.firstSeen.rfc3339), "pushedBy": .string(manifest.firstSeenBy),
                "pulledBy": .array(
                    known.map { record in
                        [
                            "organisation": .optional(record.organisation), "account": .optional(record.account),
                            "first": .string(record.first.rfc3339), "last": .string(record.last.rfc3339),
                            "count": .integer(record.count),
                        ]
                    }
                ),
                "pulledWithoutOrganisation": .integer(
                    records.filter { $0.organisation == nil && $0.account == nil }.map(\.count).reduce(0, +)
                ),
            ])
        }
        let next = page.next.map { Cursor.encode(ManagementOperation.quarantine.rawValue, $0) }
        var headers: HTTPFields = [:]
        if let next { headers.set("Link", "<\(request.uri.path)?limit=\(limit)&cursor=\(next)>; rel=\"next\"") }
        return APIAnswer(["items": .array(items), "next": .optional(next)], headers: headers)
    }

    // MARK: What answers look like

    private static let nodeRoles: [(role: Account.NodeRole, word: String)] = [
        (.auditor, "auditor"), (.operator, "operator"),
    ]

    private static func json(_ entry: AccountEntry) -> JSONValue {
        [
            "name": .string(entry.name), "kind": .string(entry.kind == .person ? "person" : "service"),
            "nodeRole": .optional(nodeRoles.first { $0.role == entry.nodeRole }?.word),
            "organisation": .optional(entry.organisation), "namespace": .optional(entry.namespace),
            "createdAt": .string(entry.createdAt.rfc3339), "disabledAt": .optional(entry.disabledAt?.rfc3339),
        ]
    }

    private static func json(_ entry: TokenEntry) -> JSONValue {
        [
            "id": .integer(entry.id), "label": .string(entry.label),
            "scopes": .array(
                entry.scopes.map { ["repositories": .string($0.repositories), "rights": .strings($0.rights.words)] }
            ),
            "createdAt": .string(entry.createdAt.rfc3339), "createdBy": .string(entry.createdBy),
            "expiresAt": .string(entry.expiresAt.rfc3339), "lastUsedAt": .optional(entry.lastUsedAt?.rfc3339),
            "revokedAt": .optional(entry.revokedAt?.rfc3339),
        ]
    }

    private static func json(_ organisation: Organisation, _ operatesFor: [String], _ operatedBy: [String]) -> JSONValue
    {
        guard case .object(var members) = organisation.json else { return organisation.json }
        members["operatesFor"] = .strings(operatesFor)
        members["operatedBy"] = .strings(operatedBy)
        return .object(members)
    }

    private static func json(_ entry: NamespaceEntry) -> JSONValue {
        [
            "name": .string(entry.namespace.name), "organisation": .string(entry.organisation),
            "public": .bool(entry.namespace.isPublic),
            "frozen": entry.namespace.freeze.map { freeze in
                [
                    "since": .string(freeze.since.rfc3339), "at": .string(freeze.at.rfc3339), "by": .string(freeze.by),
                ]
            } ?? .null,
            "role": .optional(entry.role?.word),
        ]
    }
}
