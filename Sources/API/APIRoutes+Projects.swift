// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Criteria
import Directory
import HTTPTypes
import Hummingbird
import JSON
import OCI
import ProjectCriteria
import ProjectRegister
import Time

extension APIRoutes {
    /// Bytes of a forge's message that are taken; of what is in it nothing is read.
    private static let largestMessage = 1 << 20

    /// Source projects that were registered.
    ///
    /// - Parameter actor: who asks; nil for nobody in particular, and for a forge that shows its token.
    func projects(
        _ operation: ManagementOperation,
        _ parameters: [String: String],
        _ request: Request,
        _ actor: Account?
    ) async throws -> APIAnswer {
        guard let register = projectRegister else { throw Problem.notFound("this node keeps no register of projects") }
        if operation == .projects { return try await projectList(register, request, actor) }
        if operation == .registerProject { return try await registerProject(register, request, try Self.known(actor)) }
        let text = parameters["project"] ?? ""
        guard let id = Int64(text), id > 0 else {
            throw Problem.notFound("there is no project \"\(text.excerpt(20))\"; projects have numbers")
        }
        switch operation {
        case .projectPushed: return try await projectPushed(register, id, request)
        case .projectHistory: return try await projectHistory(register, id, request, actor)
        case .projectImages: return try await projectImages(register, id, request, actor)
        case .projectReply:
            _ = try APIQuery(request, allowed: [])
            let project = try await register.project(id, for: actor)
            return APIAnswer(["reply": try await reply(to: project, register)], headers: [.cacheControl: "no-store"])
        case .projectUses:
            let query = try APIQuery(request, allowed: ["limit", "cursor"])
            let project = try await register.project(id, for: actor)
            let page = try await uses(of: project.key, operation.rawValue, query)
            return APIAnswer(page, headers: [.cacheControl: "no-store"])
        case .changeProject: return try await changeProject(register, id, request, try Self.known(actor))
        case .removeProject:
            _ = try APIQuery(request, allowed: [])
            try await register.remove(id, by: try Self.known(actor))
            return APIAnswer(bytes: [], contentType: "application/json", status: .noContent)
        case .recheckProject:
            _ = try APIQuery(request, allowed: [])
            try await register.recheck(id, by: try Self.known(actor))
            return APIAnswer(["id": .integer(id), "state": "queued"], status: .accepted)
        default: return try await projectPage(register, id, request, actor)
        }
    }

    private static func known(_ actor: Account?) throws -> Account {
        guard let actor else { throw Problem.unauthorized }
        return actor
    }

    // MARK: Reading

    private func projectList(_ register: ProjectRegister, _ request: Request, _ actor: Account?) async throws
        -> APIAnswer
    {
        let query = try APIQuery(request, allowed: ["limit", "cursor", "namespace", "name", "url"])
        let limit = try query.limit()
        let kind = ManagementOperation.projects.rawValue
        var next: String?
        let found: [RegisteredProject]
        if let url = query["url"] {
            found = try await register.projects(at: url, for: actor)
        } else if let name = query["name"] {
            do { found = [try await register.project(named: name, for: actor)] } catch ProjectRegisterError.unknown {
                found = []
            }
        } else {
            let after = try query.position(kind) ?? ""
            let page = try await register.projects(for: actor, in: query["namespace"], after: after, limit: limit)
            (found, next) = (page.projects, page.next)
        }
        let items = found.map { $0.json(for: actor) }
        return page(
            items,
            next.map { Cursor.encode(kind, $0) },
            limit,
            request,
            query["namespace"].map { ("namespace", $0) }
        )
    }

    /// A project with a verdict; with `at` the one that was closest to an instant, and never after it.
    ///
    /// The reply is the one that stands now.
    private func projectPage(
        _ register: ProjectRegister,
        _ id: Int64,
        _ request: Request,
        _ actor: Account?
    ) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["catalogue", "at"])
        let catalogue = try Self.catalogue(query)
        let instant = try query["at"].map(Self.instant)
        let project = try await register.project(id, for: actor)
        let verdict = try await register.verdict(of: project, under: catalogue, at: instant)
        return APIAnswer(
            [
                "project": project.json(for: actor), "verdict": try verdict?.described ?? .null,
                "reply": try await reply(to: project, register),
            ],
            headers: [.cacheControl: "no-store"]
        )
    }

    /// What those who maintain a project say to its level, beside the level that it has now.
    private func reply(to project: RegisteredProject, _ register: ProjectRegister) async throws -> JSONValue {
        guard let reply = try await directory.reply(to: .project(try RepositoryName(parsing: project.name))) else {
            return .null
        }
        return reply.json(beside: try await register.answeredLevel(of: project))
    }

    private func projectHistory(
        _ register: ProjectRegister,
        _ id: Int64,
        _ request: Request,
        _ actor: Account?
    ) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["limit", "cursor", "catalogue"])
        let limit = try query.limit()
        let catalogue = try Self.catalogue(query)
        let kind = ManagementOperation.projectHistory.rawValue
        let before = try query.position(kind).map { text in
            guard let microseconds = Int64(text) else {
                throw Problem.invalid("the cursor is not one of this list; begin again without it")
            }
            return Timestamp(microseconds: microseconds)
        }
        let project = try await register.project(id, for: actor)
        let lines = try await register.history(of: project, under: catalogue, before: before, limit: limit + 1)
        let next = lines.count > limit ? Cursor.encode(kind, "\(lines[limit - 1].since.microseconds)") : nil
        return page(lines.prefix(limit).map { $0.json(for: actor) }, next, limit, request, ("catalogue", catalogue))
    }

    private func projectImages(
        _ register: ProjectRegister,
        _ id: Int64,
        _ request: Request,
        _ actor: Account?
    ) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["limit", "cursor"])
        let limit = try query.limit()
        let kind = ManagementOperation.projectImages.rawValue
        let after = try query.position(kind).flatMap { Int64($0) } ?? 0
        let project = try await register.project(id, for: actor)
        let found = try await register.images(of: project, for: actor, after: after, limit: limit)
        return page(found.entries.map(\.json), found.next.map { Cursor.encode(kind, "\($0)") }, limit, request)
    }

    private func page(
        _ items: [JSONValue],
        _ next: String?,
        _ limit: Int,
        _ request: Request,
        _ further: (name: String, value: String)? = nil
    ) -> APIAnswer {
        var headers: HTTPFields = [.cacheControl: "no-store"]
        let same = further.map { "&\($0.name)=\(PercentEncoding.encode($0.value))" } ?? ""
        if let next { headers.set("Link", "<\(request.uri.path)?limit=\(limit)\(same)&cursor=\(next)>; rel=\"next\"") }
        return APIAnswer(["items": .array(items), "next": .optional(next)], headers: headers)
    }

    private static func catalogue(_ query: APIQuery) throws -> String {
        guard let name = query["catalogue"] else { return ProjectCatalogue.names[0] }
        guard ProjectCatalogue.names.contains(name) else {
            throw Problem.invalid("catalogue is one of \(ProjectCatalogue.names.joined(separator: ", "))")
        }
        return name
    }

    /// Seconds since 1970, or RFC 3339.
    private static func instant(_ text: String) throws -> Timestamp {
        if let seconds = Int64(text), (0...32_503_680_000).contains(seconds) { return Timestamp(seconds: seconds) }
        guard let instant = Timestamp(rfc3339: text) else {
            throw Problem.invalid("at is an instant such as 2026-11-26T08:00:00Z, or seconds since 1970")
        }
        return instant
    }

    // MARK: Changing

    private func registerProject(_ register: ProjectRegister, _ request: Request, _ actor: Account) async throws
        -> APIAnswer
    {
        let body = try await APIBody(request, allowed: ["name", "title", "url", "visibility", "forgeToken"])
        let registration = try body.read { fields in
            ProjectRegistration(
                name: try fields.string("name"),
                title: try fields.optionalString("title"),
                url: try fields.string("url"),
                visibility: try fields.optionalString("visibility").map(Self.visibility) ?? .members,
                forgeToken: try fields.optionalString("forgeToken")
            )
        }
        let (project, secret) = try await register.register(registration, by: actor)
        return APIAnswer(
            ["project": project.json(for: actor), "webhookSecret": .string(secret)],
            status: .created
        )
    }

    private func changeProject(
        _ register: ProjectRegister,
        _ id: Int64,
        _ request: Request,
        _ actor: Account
    ) async throws -> APIAnswer {
        let body = try await APIBody(
            request,
            allowed: ["title", "url", "visibility", "forgeToken", "removeForgeToken", "renewWebhookSecret"]
        )
        let change = try body.read { fields in
            var change = ProjectChange(
                title: try fields.optionalString("title"),
                url: try fields.optionalString("url"),
                visibility: try fields.optionalString("visibility").map(Self.visibility),
                renewsSecret: try fields.optionalBool("renewWebhookSecret") ?? false
            )
            change.forgeToken = try fields.optionalString("forgeToken").map { .set($0) }
            if try fields.optionalBool("removeForgeToken") ?? false {
                guard change.forgeToken == nil else {
                    throw Problem.invalid("a token of the forge is either given or removed")
                }
                change.forgeToken = .remove
            }
            return change
        }
        let (project, secret) = try await register.change(id, to: change, by: actor)
        return APIAnswer(["project": project.json(for: actor), "webhookSecret": .optional(secret)])
    }

    private static func visibility(_ word: String) throws -> RegisteredProject.Visibility {
        guard let found = RegisteredProject.Visibility(word: word) else {
            throw Problem.invalid("visibility is members or public")
        }
        return found
    }

    /// A forge says that something was pushed.
    ///
    /// It proves by its token that it is the one; what it says beyond that nobody has to believe: the repository is read.
    ///
    /// Source: GitLab documentation, "Webhooks": the header `X-Gitlab-Token`.
    private func projectPushed(_ register: ProjectRegister, _ id: Int64, _ request: Request) async throws -> APIAnswer {
        guard let name = HTTPField.Name("X-Gitlab-Token"), let token = request.headers[name], !token.isEmpty else {
            throw Problem.notFound("there is no project \(id) with this token")
        }
        _ = try await APIBody.bytes(request, upTo: Self.largestMessage)
        try await register.pushed(id, token: token)
        return APIAnswer(["id": .integer(id), "state": "queued"], status: .accepted)
    }
}

extension RegisteredProject {
    /// The project as an object; absent values are null.
    ///
    /// Names of accounts and texts of other machines are for known accounts.
    func json(for actor: Account?) -> JSONValue {
        [
            "id": .integer(id), "name": .string(name), "title": .string(title), "url": .string(url),
            "namespace": .string(namespace),
            "organisation": ["name": .string(organisation.name), "title": .string(organisation.title)],
            "visibility": .string(visibility.word), "forgeToken": .bool(hasForgeToken),
            "registeredAt": .string(registeredAt.rfc3339), "registeredBy": actor == nil ? .null : .string(registeredBy),
            "level": .optional(level?.rawValue),
            "levels": .object(levels.mapValues { .string($0.rawValue) }),
            "checkedAt": .optional(checks.checkedAt?.rfc3339),
            "failure": .optional(checks.failure.map { actor == nil ? Self.unread : $0 }),
            "failingSince": .optional(checks.failingSince?.rfc3339), "nextCheckAt": .string(checks.nextAt.rfc3339),
        ]
    }

    fileprivate static let unread = "the last check could not read the repository"
}

extension StoredProjectVerdict {
    /// The verdict with what is known about it.
    var described: JSONValue {
        get throws {
            [
                "catalogue": .string(catalogue), "level": .string(level.rawValue),
                "since": .string(since.rfc3339), "checkedAt": .string(checkedAt.rfc3339),
                "assessed": .bool(failure == nil), "findings": .integer(Int64(findings)),
                "document": try JSONValue(parsing: json, limits: JSONLimits(bytes: 64 << 20, values: .max)),
            ]
        }
    }
}

extension ProjectHistoryLine {
    /// The line as an object.
    func json(for actor: Account?) -> JSONValue {
        [
            "catalogue": .string(catalogue), "level": .string(level.rawValue), "since": .string(since.rfc3339),
            "checkedAt": .string(checkedAt.rfc3339),
            "failure": .optional(failure.map { actor == nil ? RegisteredProject.unread : $0 }),
        ]
    }
}

extension Problem {
    init(_ error: ProjectRegisterError) {
        switch error {
        case .invalid(let text): self = .invalid(text)
        case .unknown(let text): self = .notFound(text)
        case .conflict(let text): self = .conflict(text)
        }
    }
}
