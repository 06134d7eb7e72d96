// SPDX-License-Identifier: EUPL-1.2

import Assessment
import Criteria
import HTTPTypes
import Hummingbird
import JSON
import OCI
import Time

extension APIRoutes {
    /// An image that exists.
    struct Target {
        let repository: RepositoryName
        let tag: Tag?
        let digest: Digest

        var reference: LocalReference { LocalReference(repository: repository, .digest(digest)) }
    }

    func target(_ encoded: String) async throws -> Target {
        let reference: LocalReference
        do throws(ReferenceError) { reference = try LocalReference(percentEncoded: encoded) } catch {
            throw Problem.invalid("\(error); write repository:tag or repository@digest")
        }
        let repository = reference.repository
        switch reference.selector {
        case .digest(let digest): return Target(repository: repository, tag: nil, digest: digest)
        case .tag(let tag):
            guard let digest = try await queries.resolve(repository, tag) else {
                throw Problem.notFound(
                    "there is no image \(reference); \(APIOperation.root)/repositories lists the repositories"
                )
            }
            return Target(repository: repository, tag: tag, digest: digest)
        case .standIn:
            guard let found = try await queries.standIn(repository) else {
                throw Problem.notFound("there is no image in a repository \"\(repository)\"; push one first")
            }
            return Target(repository: repository, tag: found.tag, digest: found.digest)
        }
    }

    func verdict(_ encoded: String, _ request: Request) async throws -> APIAnswer {
        _ = try APIQuery(request, allowed: [])
        let target = try await target(encoded)
        switch try await assessed(target) {
        case .ready(let assessed):
            return APIAnswer(bytes: assessed.json, contentType: "application/json", headers: location(target, .verdict))
        case .waiting(let answer): return answer
        }
    }

    func sbom(_ encoded: String, _ request: Request) async throws -> APIAnswer {
        _ = try APIQuery(request, allowed: [])
        let target = try await target(encoded)
        switch try await assessed(target) {
        case .ready:
            guard let bytes = try await queries.sbom(target.repository, target.digest) else {
                throw Problem.notFound(
                    "there is no SBOM of \(target.reference): nothing of the image could be looked at; its verdict says why"
                )
            }
            return APIAnswer(
                bytes: bytes,
                contentType: "application/vnd.cyclonedx+json; version=1.6",
                headers: location(target, .sbom)
            )
        case .waiting(let answer): return answer
        }
    }

    func findings(_ encoded: String, _ request: Request) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["limit", "cursor"])
        let limit = try query.limit()
        let position = try query.position("findings")
        let target = try await target(encoded)
        switch try await assessed(target) {
        case .ready(let assessed):
            let verdict = try JSONFields(assessed.value())
            let findings = try verdict.array("findings")
            let stamp = String(assessed.evaluatedAt.microseconds)
            var start = 0
            if let position {
                let parts = position.split(separator: "@")
                guard parts.count == 2, parts[1] == stamp, let offset = Int(parts[0]),
                    (0...findings.count).contains(offset)
                else {
                    throw Problem.invalid(
                        "the image was judged anew since this cursor was made; begin again without it"
                    )
                }
                start = offset
            }
            let end = min(start + limit, findings.count)
            let next = end < findings.count ? Cursor.encode("findings", "\(end)@\(stamp)") : nil
            var headers = location(target, .findings)
            if let next { headers.set("Link", link(path(target, .findings), limit, next)) }
            return APIAnswer(
                [
                    "image": .object(["digest": .string(target.digest.description)]),
                    "evaluatedAt": .string(assessed.evaluatedAt.rfc3339),
                    "feeds": verdict.members["feeds"] ?? .null,
                    "snapshot": verdict.members["snapshot"] ?? .null,
                    "exerciseData": verdict.members["exerciseData"] ?? .null,
                    "note": verdict.members["note"] ?? .null,
                    "total": .integer(Int64(findings.count)),
                    "findings": .array(Array(findings[start..<end])),
                    "notAssessed": verdict.members["notAssessed"] ?? .null,
                    "next": .optional(next),
                ],
                headers: headers
            )
        case .waiting(let answer): return answer
        }
    }

    func badge(_ encoded: String, _ request: Request) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["lang"])
        let language = query["lang"] ?? "de"
        guard let language = Badge.Language(rawValue: language) else { throw Problem.invalid("lang is de or en") }
        var status = HTTPResponse.Status.ok
        var badge: Badge
        do {
            let target = try await target(encoded)
            switch try await queries.state(target.repository, target.digest) {
            case .ready(let assessed):
                badge = Badge(verdict: try assessed.verdict())
            case .queued, .running: badge = Badge(.pending)
            case .failed: badge = Badge(.failed)
            case .unknownImage, .notAnImage:
                badge = Badge(.unknown)
                status = .notFound
            }
        } catch let problem as Problem where problem.status == .notFound {
            // An image in a page shows nothing of a problem document; the badge says itself that there is nothing.
            badge = Badge(.unknown)
            status = .notFound
        }
        badge.language = language
        var headers: HTTPFields = [.contentLanguage: language.rawValue]
        // Badges are there to be shown on other sites.
        headers.set("Cross-Origin-Resource-Policy", "cross-origin")
        return APIAnswer(
            bytes: Array(badge.svg.utf8),
            contentType: "image/svg+xml; charset=utf-8",
            status: status,
            headers: headers
        )
    }

    enum Progress {
        case ready(ImageQueries.Assessed)
        case waiting(APIAnswer)
    }

    func assessed(_ target: Target) async throws -> Progress {
        let state: String
        var members: [String: JSONValue] = ["reason": .null]
        var wait = "1"
        switch try await queries.state(target.repository, target.digest) {
        case .ready(let assessed): return .ready(assessed)
        case .unknownImage:
            throw Problem.notFound(
                "there is no image \(target.reference); \(APIOperation.root)/repositories lists the repositories"
            )
        case .notAnImage:
            throw Problem.notFound("\(target.reference) is an artefact, not an image: it is served but gets no verdict")
        case .queued: state = "queued"
        case .running: state = "running"
        case .failed(let reason):
            state = "failed"
            members["reason"] = .string(reason)
            wait = "300"
        }
        members["state"] = .string(state)
        members["image"] = .object(["digest": .string(target.digest.description)])
        return .waiting(
            APIAnswer(
                .object(members),
                status: .accepted,
                headers: [.retryAfter: wait]
            )
        )
    }

    private func path(_ target: Target, _ operation: APIOperation) -> String {
        APIOperation.root + operation.template.replacing("{image}", with: target.reference.description)
    }

    func location(_ target: Target, _ operation: APIOperation) -> HTTPFields {
        [.contentLocation: path(target, operation)]
    }

    func link(_ path: String, _ limit: Int, _ cursor: String) -> String {
        "<\(path)?limit=\(limit)&cursor=\(cursor)>; rel=\"next\""
    }
}
