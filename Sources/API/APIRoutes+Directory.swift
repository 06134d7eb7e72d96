// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import Criteria
import Directory
import HTTPTypes
import Hummingbird
import JSON
import OCI
import ProjectCriteria
import ProjectRegister
import Reports
import SBOM
import Time

/// What there is, how it went, who uses it and what is said about it: the pages' twins.
extension APIRoutes {
    func directory(_ request: Request) async throws -> APIAnswer {
        let query = try APIQuery(
            request,
            allowed: [
                "q", "kind", "area", "level", "organisation", "category", "licence", "architecture", "limit", "cursor",
            ]
        )
        let limit = try query.limit()
        func word<T>(_ name: String, _ read: (String) -> T?) throws -> T? {
            guard let text = query[name] else { return nil }
            guard let value = read(text) else { throw Problem.invalid("\(name) is no word that this list knows") }
            return value
        }
        let question = DirectoryQuestion(
            text: query["q"] ?? "",
            kind: try word("kind") { DirectoryEntry.Kind(word: $0) },
            area: try word("area") { Area(rawValue: $0) },
            level: try word("level") { Level(rawValue: $0) },
            category: query["category"],
            licence: query["licence"],
            organisation: query["organisation"],
            architecture: query["architecture"]
        )
        var after: DirectoryPosition?
        if let position = try query.position(APIOperation.directory.rawValue) {
            after = DirectoryPosition(parsing: position)
            guard after != nil else { throw Problem.invalid("the cursor is not one of this list") }
        }
        guard let reader = try await directory.reader(caller) else { throw Problem.unauthorized }
        let answer = try await directory.search(question, for: reader, after: after, limit: limit)
        let next = answer.next.map { Cursor.encode(APIOperation.directory.rawValue, $0.description) }
        return APIAnswer([
            "items": .array(answer.entries.map(\.json)), "facets": answer.facets?.json ?? .null,
            "next": .optional(next),
        ])
    }

    func levels(_ image: String, _ request: Request) async throws -> APIAnswer {
        _ = try APIQuery(request, allowed: [])
        let target = try await shown(image)
        let levels = try await directory.levels(of: target.repository, target.digest)
        return APIAnswer([
            "image": .string(target.reference.description),
            "items": .array(levels.map { ["at": .string($0.at.rfc3339), "level": .string($0.level.rawValue)] }),
        ])
    }

    func changes(_ image: String, _ request: Request) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["since"])
        guard let since = query["since"].flatMap({ try? Digest(parsing: $0) }) else {
            throw Problem.invalid("since is the digest of another image of the repository, such as sha256:…")
        }
        let target = try await target(image)
        let other = Target(repository: target.repository, tag: nil, digest: since)
        guard case .ready(let after) = try await assessed(target), case .ready(let before) = try await assessed(other)
        else { throw Problem.notFound("one of the two images has no verdict yet; ask for it first") }
        return APIAnswer(VersionChanges(before: try before.verdict(), after: try after.verdict()).json)
    }

    func reply(_ image: String, _ request: Request) async throws -> APIAnswer {
        _ = try APIQuery(request, allowed: [])
        let target = try await shown(image)
        let reply = try await directory.reply(to: .image(target.repository, target.digest))
        let now = reply == nil ? nil : try await answeredLevel(of: target)
        return APIAnswer(["reply": reply?.json(beside: now) ?? .null])
    }

    /// The level of an image as it stands now; nil while there is no verdict.
    private func answeredLevel(of target: Target) async throws -> AnsweredLevel? {
        guard case .ready(let assessed) = try await queries.state(target.repository, target.digest) else { return nil }
        return .image(target.repository, target.digest, try assessed.verdict().level)
    }

    func uses(_ image: String, _ request: Request) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["limit", "cursor"])
        let target = try await shown(image)
        let key = DirectoryEntry.key(.image, target.repository.text)
        return APIAnswer(try await uses(of: key, APIOperation.uses.rawValue, query))
    }

    /// A page of the reuse register; that the entry may be known was looked at before.
    ///
    /// - Parameter list: what cursors are of.
    func uses(of key: String, _ list: String, _ query: APIQuery) async throws -> JSONValue {
        let limit = try query.limit()
        let after = try query.position(list).flatMap { Int64($0) } ?? 0
        var uses = try await directory.uses(of: key, after: after, limit: limit + 1)
        var next: String?
        if uses.count > limit {
            uses.removeLast()
            next = uses.last.map { Cursor.encode(list, String($0.id)) }
        }
        return ["items": .array(uses.map(\.json)), "next": .optional(next)]
    }

    /// An image that is there; that it may be seen the queries decide.
    private func shown(_ image: String) async throws -> Target {
        let target = try await target(image)
        if case .unknownImage = try await queries.state(target.repository, target.digest) {
            throw Problem.notFound("there is no image \(target.reference)")
        }
        return target
    }

    func criteria(_ request: Request) throws -> APIAnswer {
        _ = try APIQuery(request, allowed: [])
        return APIAnswer(bytes: try Self.criteriaBytes.get(), contentType: "application/json")
    }

    /// Made once: the catalogues are part of the program.
    private static let criteriaBytes: Result<[UInt8], any Error> = Result {
        let catalogue = try Catalogue.embedded()
        let entries: [JSONValue] = catalogue.criteria.map { criterion in
            [
                "id": .string(criterion.id), "title": criterion.title.json, "area": .string(criterion.area.rawValue),
                "level": .string(criterion.level.rawValue), "stage": .string(criterion.stage.rawValue),
                "description": criterion.description.json, "advice": criterion.advice.json,
                "sources": .strings(criterion.sources), "tender": criterion.tenderWording.json,
                "decided": .bool(!criterion.isUndecided),
            ]
        }
        let projects = try ProjectCatalogue.names.compactMap { try ProjectCatalogue.embedded($0) }.map(Self.json)
        return JSONValue.object([
            "catalogue": .string(catalogue.version), "criteria": .array(entries), "projects": .array(projects),
        ]).bytes()
    }

    private static func json(_ catalogue: ProjectCatalogue) -> JSONValue {
        let entries: [JSONValue] = catalogue.criteria.map { criterion in
            [
                "id": .string(criterion.id), "title": criterion.title.json, "area": .string(criterion.area.rawValue),
                "badge": .string(criterion.badge), "level": .string(criterion.level.rawValue),
                "description": criterion.description.json, "advice": criterion.advice.json,
                "sources": .strings(criterion.sources),
                "tender": catalogue.tenderWording(of: criterion)?.json ?? .null,
                "decided": .bool(criterion.reason == nil),
            ]
        }
        return ["catalogue": .string(catalogue.name), "title": catalogue.title.json, "criteria": .array(entries)]
    }

    // MARK: Management

    /// What is said in the directory, and what somebody has to do.
    func directory(
        _ operation: ManagementOperation,
        _ parameters: [String: String],
        _ request: Request,
        _ actor: Account
    ) async throws -> APIAnswer {
        switch operation {
        case .work:
            _ = try APIQuery(request, allowed: [])
            guard let work = try await directory.work(of: actor) else { throw Problem.unauthorized }
            return APIAnswer([
                "namespaces": .strings(work.namespaces), "items": .array(work.entries.map(\.json)),
            ])
        case .organisationOverview:
            let query = try APIQuery(request, allowed: ["limit", "cursor"])
            let position = try query.position(operation.rawValue)
            let found = try await directory.overview(
                of: parameters["organisation"] ?? "",
                for: actor,
                after: position.flatMap { Int64($0) } ?? 0,
                limit: try query.limit()
            )
            return APIAnswer(Self.json(found))
        case .addUse: return try await addUse(request, actor)
        case .endUse: try await directory.endUse(try Self.number(parameters["use"], "use"), by: actor)
        case .addReply: return try await addReply(request, actor)
        case .endReply: try await directory.endReply(try Self.number(parameters["reply"], "reply"), by: actor)
        default: throw Problem.unavailable
        }
        return APIAnswer(bytes: [], contentType: "application/json", status: operation.success)
    }

    private static func number(_ text: String?, _ what: String) throws -> Int64 {
        guard let number = text.flatMap({ Int64($0) }) else {
            throw Problem.notFound("there is no \(what) \"\((text ?? "").excerpt(40))\"; they have numbers")
        }
        return number
    }

    /// What something is said of: an image or a source project, by name.
    private enum Named {
        case image(String), project(String)

        init(_ fields: JSONFields) throws {
            switch (try fields.optionalString("image"), try fields.optionalString("project")) {
            case (let image?, nil): self = .image(image)
            case (nil, let project?): self = .project(project)
            default: throw Problem.invalid("name an image or a project, one of the two")
            }
        }
    }

    private func addUse(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        let body = try await APIBody(
            request,
            allowed: ["image", "project", "organisation", "since", "purpose", "contact"]
        )
        let (named, organisation, since, purpose, contact) = try body.read {
            (
                try Named($0), try $0.string("organisation"), try $0.string("since"),
                try $0.string("purpose"), try $0.optionalString("contact")
            )
        }
        guard let day = Timestamp(date: since) else { throw Problem.invalid("since is a day such as 2026-11-26") }
        let key =
            switch named {
            case .image(let name): DirectoryEntry.key(.image, name)
            case .project(let name): DirectoryEntry.key(.project, name)
            }
        let use = try await directory.use(
            key,
            by: organisation,
            since: day,
            purpose: purpose,
            contact: contact,
            actor: actor
        )
        return APIAnswer(use.json, status: .created)
    }

    private func addReply(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        let body = try await APIBody(request, allowed: ["image", "project", "text", "disputes"])
        let (named, text, disputes) = try body.read {
            (try Named($0), try $0.string("text"), try $0.optionalBool("disputes") ?? false)
        }
        let answered: AnsweredLevel
        switch named {
        case .image(let image):
            let target = try await target(image)
            answered = try await answeredLevel(of: target) ?? .image(target.repository, target.digest, nil)
        case .project(let name):
            guard let register = projectRegister else {
                throw Problem.notFound("this node keeps no register of projects")
            }
            answered = try await register.answeredLevel(of: try await register.project(named: name, for: actor))
        }
        let reply = try await directory.reply(text, disputes: disputes, to: answered, by: actor)
        return APIAnswer(reply.json(beside: answered), status: .created)
    }

    private static func json(_ overview: Directory.Overview) -> JSONValue {
        let levels = Level.allCases.map { ($0.rawValue, JSONValue.integer(Int64(overview.levels[$0] ?? 0))) }
        return [
            "organisation": overview.organisation.json, "operatesFor": .strings(overview.operatesFor),
            "operatedBy": .strings(overview.operatedBy), "counted": .integer(Int64(overview.counted)),
            "isAtLeast": .bool(overview.isAtLeast),
            "levels": .object(Dictionary(uniqueKeysWithValues: levels)),
            "unknown": .integer(Int64(overview.unknown)), "items": .array(overview.entries.map(\.json)),
            "uses": .array(overview.uses.map(\.json)),
            "next": .optional(
                overview.next.map { Cursor.encode(ManagementOperation.organisationOverview.rawValue, String($0)) }
            ),
        ]
    }
}
