// SPDX-License-Identifier: EUPL-1.2

import Accounts
import HTTPTypes
import Hummingbird
import JSON
import OCI
import Releases
import Time

extension APIRoutes {
    /// Public keys and what else it takes to verify; for everybody, before they believe anything that this node signs.
    func trustRoot(_ request: Request) async throws -> APIAnswer {
        _ = try APIQuery(request, allowed: [])
        return APIAnswer(try await knownReleases().trustRoot(origin: publicOrigin))
    }

    /// Releases an image: queues it.
    func requestRelease(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        let body = try await APIBody(request, allowed: ["image", "tag"])
        let (image, name) = try body.read { (try $0.string("image"), try $0.string("tag")) }
        guard let reference = try? LocalReference(parsing: image), case .digest(let digest) = reference.selector else {
            throw Problem.invalid("image is repository@sha256:…: a tag could be moved before it is signed")
        }
        let tag: Tag
        do { tag = try Tag(parsing: name) } catch { throw Problem.invalid("tag: \(error)") }
        let release = try await knownReleases().release(reference.repository, digest, as: tag, by: actor)
        return APIAnswer(release.json, status: .accepted)
    }

    /// Releases of a repository, newest first.
    func releases(_ request: Request, _ actor: Account) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["repository", "limit", "cursor"])
        guard let text = query["repository"], let repository = try? RepositoryName(parsing: text) else {
            throw Problem.invalid("repository is the name of one: team/app")
        }
        try await checkReading(of: repository, actor)
        let limit = try query.limit()
        let before = try query.position("releases").flatMap { Int64($0) }
        var found = try await knownReleases().releases(of: repository, before: before, limit: limit + 1)
        var next: String?
        if found.count > limit {
            found.removeLast(found.count - limit)
            next = found.last.map { Cursor.encode("releases", String($0.id)) }
        }
        return APIAnswer(["items": .array(found.map(\.json)), "next": .optional(next)])
    }

    /// One release with what was signed for it.
    func release(_ number: String, _ request: Request, _ actor: Account) async throws -> APIAnswer {
        _ = try APIQuery(request, allowed: [])
        let missing = Problem.notFound("there is no release \"\(number.excerpt(20))\"; releases have numbers")
        guard let id = Int64(number), let release = try await knownReleases().release(id) else { throw missing }
        do { try await checkReading(of: release.repository, actor) } catch is Problem { throw missing }
        let signatures = try await knownReleases().signatures(of: release)
        var members = release.json.objectValue ?? [:]
        members["signatures"] = .array(
            signatures.map { signature in
                [
                    "digest": .string(signature.digest.description), "form": .string(signature.form.word),
                    "logIndex": .optional(signature.logIndex.map { Int64($0) }),
                ]
            }
        )
        return APIAnswer(.object(members))
    }

    private func checkReading(of repository: RepositoryName, _ actor: Account) async throws {
        guard try await accounts.access(of: actor, to: repository)?.rights.contains(.pull) == true else {
            throw Problem.notFound("there is no repository \"\(repository)\" that you may see")
        }
    }

    private func knownReleases() throws -> Releases {
        guard let releaser else { throw Problem.unavailable }
        return releaser
    }
}

extension Release {
    var json: JSONValue {
        [
            "id": .integer(id), "repository": .string(repository.text), "tag": .string(tag.text),
            "digest": .string(digest.description), "reference": .string(reference), "logged": .bool(isLogged),
            "state": .string(state.word), "problem": .optional(problem), "requestedAt": .string(requestedAt.rfc3339),
            "requestedBy": .string(requestedBy), "endedAt": .optional(endedAt?.rfc3339),
        ]
    }
}

extension Release.State {
    var word: String {
        switch self {
        case .pending: "pending"
        case .signed: "signed"
        case .failed: "failed"
        }
    }
}

extension ReleaseSignature.Form {
    var word: String {
        switch self {
        case .cosign: "cosign"
        case .bundle: "bundle"
        case .openPGP: "openpgp"
        }
    }
}

extension Problem {
    /// What a release says, as it is: its texts are for whoever asked.
    init(_ error: ReleaseError) {
        switch error {
        case .unknown(let text): self = .notFound(text)
        case .invalid(let text): self = .invalid(text)
        case .denied(let text): self = .denied(text)
        case .refused(let text), .closed(let text, _): self = .conflict(text)
        case .unavailable(let text): self = .unavailable(text)
        }
    }
}
