// SPDX-License-Identifier: EUPL-1.2

import Criteria
import HTTPTypes
import Hummingbird
import JSON
import OCI
import ProjectCriteria
import ProjectRegister
import Time

/// Badges of source projects: on the paths and ids of openCode's Badge API under its catalogue, and on Kontor's own under Kontor's.
///
/// openCode's interface has two generations: `…/badges/{id}` is the picture in one and the explanation in the other, so what the client
/// would rather have decides there; `….svg` is always the picture and `…/sarif` always the explanation.
extension APIRoutes {
    /// What a path of a badge names.
    struct BadgeAddress {
        /// The part before `/badges/`, decoded: a repository's address, or a project's number.
        let subject: String
        /// Id of the badge.
        let badge: String

        /// Reads `{subject}/badges/{badge}`, still encoded; the address may stand with its slashes as they are.
        init?(_ text: String) {
            guard let place = text.lastRange(of: "/badges/"),
                let subject = Self.decoded(text[..<place.lowerBound]),
                let badge = Self.decoded(text[place.upperBound...])
            else { return nil }
            self.subject = subject
            self.badge = badge
        }

        private static func decoded(_ text: Substring) -> String? {
            guard (1...3_000).contains(text.utf8.count), let bytes = PercentEncoding.decode(text.utf8),
                bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
            else { return nil }
            return String(validating: bytes, as: UTF8.self)
        }
    }

    /// How a badge is asked for.
    private enum Form { case picture, explanation, sarif }

    func projectBadge(_ operation: APIOperation, _ path: String, _ request: Request) async throws -> APIAnswer {
        let query = try APIQuery(request, allowed: ["timestamp", "lang"])
        guard let language = Badge.Language(rawValue: query["lang"] ?? "de") else {
            throw Problem.invalid("lang is de or en")
        }
        let instant = try query["timestamp"].map { try Self.instant($0) }
        let form: Form =
            switch operation {
            case .repositoryBadgePicture, .projectBadgePicture: .picture
            case .repositoryBadgeSARIF, .projectBadgeSARIF: .sarif
            default: AcceptedTypes(request.headers[.accept]).prefersPicture ? .picture : .explanation
            }
        var answer: APIAnswer
        do {
            do {
                answer = try await badge(operation, path, form, at: instant, language)
            } catch ProjectRegisterError
                .unknown(let text)
            { throw Problem.notFound(text) }
        } catch let problem as Problem where problem.status == .notFound && form == .picture {
            // An image in a page shows nothing of a problem document; the badge says itself that there is nothing.
            answer = Self.picture(ProjectBadge(.unknown, language: language), status: .notFound)
        }
        answer.headers[.contentLanguage] = language.rawValue
        if operation == .repositoryBadge || operation == .projectBadge { answer.headers[.vary] = "Accept" }
        return answer
    }

    private func badge(
        _ operation: APIOperation,
        _ path: String,
        _ form: Form,
        at instant: Timestamp?,
        _ language: Badge.Language
    ) async throws -> APIAnswer {
        guard let address = BadgeAddress(path) else {
            throw Problem.notFound(
                "the path names no badge; write …/badges/SECURITY, and the address of the repository percent-encoded"
            )
        }
        guard let projects = projectRegister else { throw Problem.notFound("this node registers no source projects") }
        let isRepository = operation.isOfRepository
        let project = try await project(address, isRepository: isRepository, projects)
        let catalogue = isRepository ? "opencode" : ProjectCatalogue.names[0]
        guard let stored = try await projects.verdict(of: project, under: catalogue, at: instant) else {
            if let instant {
                throw Problem.notFound(
                    "there is no evaluation of \(project.url) at \(instant.rfc3339) or before; ask without timestamp for the latest"
                )
            }
            // Not even the first check has ended.
            guard form == .picture else {
                return APIAnswer(["state": "queued", "reason": .null], status: .accepted, headers: [.retryAfter: "10"])
            }
            return Self.picture(ProjectBadge(.pending, language: language))
        }
        let verdict = try stored.verdict()
        guard let badge = verdict.badge(address.badge) else {
            let known = verdict.badges.map(\.id).joined(separator: ", ")
            throw Problem.notFound("there is no badge \"\(address.badge.excerpt(40))\" here; there are: \(known)")
        }
        if form == .picture { return Self.picture(ProjectBadge(.verdict(verdict, badge), language: language)) }
        let explanation = ProjectExplanation(
            verdict: verdict,
            badge: badge,
            picture: (publicOrigin ?? "") + Self.picture(of: badge.id, project, isRepository: isRepository),
            language: language,
            version: version
        )
        return APIAnswer(form == .sarif ? explanation.sarif : explanation.json)
    }

    /// The project that is meant, of those that whoever asks may know.
    private func project(
        _ address: BadgeAddress,
        isRepository: Bool,
        _ projects: ProjectRegister
    ) async throws -> RegisteredProject {
        guard isRepository else {
            guard let id = Int64(address.subject) else {
                throw Problem.notFound("there is no project \"\(address.subject.excerpt(40))\"; they have numbers")
            }
            return try await projects.project(id, for: caller)
        }
        // On their way some servers make one slash of two.
        var source = address.subject
        for scheme in ["https:/", "http:/"] where source.hasPrefix(scheme) && !source.hasPrefix(scheme + "/") {
            source = scheme + "/" + source.dropFirst(scheme.count)
        }
        guard let project = try await projects.projects(at: source, for: caller).first else {
            throw Problem.notFound(
                "no project with the repository \"\(source.excerpt(200))\" is registered here that you may know of"
            )
        }
        return project
    }

    static func picture(of badge: String, _ project: RegisteredProject, isRepository: Bool) -> String {
        let subject =
            isRepository ? "repositories/" + PercentEncoding.encode(project.address) : "projects/\(project.id)"
        return "\(APIOperation.root)/\(subject)/badges/\(PercentEncoding.encode(badge)).svg"
    }

    private static func picture(_ badge: ProjectBadge, status: HTTPResponse.Status = .ok) -> APIAnswer {
        var headers = HTTPFields()
        // Badges are there to be shown on other sites.
        headers.set("Cross-Origin-Resource-Policy", "cross-origin")
        return APIAnswer(
            bytes: Array(badge.svg.utf8),
            contentType: "image/svg+xml; charset=utf-8",
            status: status,
            headers: headers
        )
    }

    /// Seconds since 1970, as openCode's interface takes them.
    private static func instant(_ text: String) throws -> Timestamp {
        // Year 9999: what lies beyond has no RFC 3339.
        guard let seconds = Int64(text), (0...253_402_300_799).contains(seconds) else {
            throw Problem.invalid(
                "timestamp is a whole number of seconds since 1970-01-01T00:00:00Z, such as 1795786440"
            )
        }
        return Timestamp(seconds: seconds)
    }
}

/// What a client would rather have.
///
/// Source: RFC 9110, section 12.5.1.
struct AcceptedTypes {
    /// A picture rather than JSON; as browsers ask for what they show in a page.
    let prefersPicture: Bool

    init(_ header: String?) {
        var weights: [String: Double] = [:]
        for range in (header ?? "").prefix(1024).split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let type = parts.first else { continue }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            weights[type] = max(weights[type] ?? 0, quality)
        }
        func weight(_ names: [String]) -> Double { names.lazy.compactMap { weights[$0] }.first ?? 0 }
        prefersPicture =
            weight(["image/svg+xml", "image/*", "*/*"]) > weight(["application/json", "application/*", "*/*"])
    }
}

extension APIOperation {
    /// Whether the path names a badge of a source project.
    var isProjectBadge: Bool { isOfRepository || isOfProject }

    /// Whether it is one of openCode's paths.
    var isOfRepository: Bool {
        self == .repositoryBadge || self == .repositoryBadgePicture || self == .repositoryBadgeSARIF
    }

    private var isOfProject: Bool {
        self == .projectBadge || self == .projectBadgePicture || self == .projectBadgeSARIF
    }

    /// Finds the badge that a path below the root means, with what stands before and after `/badges/`.
    static func badge(_ path: Substring) -> (operation: APIOperation, image: String)? {
        for (prefix, operations) in [
            ("/repositories/", [APIOperation.repositoryBadge, .repositoryBadgePicture, .repositoryBadgeSARIF]),
            ("/projects/", [.projectBadge, .projectBadgePicture, .projectBadgeSARIF]),
        ] where path.hasPrefix(prefix) {
            let rest = path.dropFirst(prefix.utf8.count)
            guard let place = rest.lastRange(of: "/badges/"), place.lowerBound > rest.startIndex else { continue }
            for (suffix, operation) in [(".svg", operations[1]), ("/sarif", operations[2]), ("", operations[0])]
            where rest.hasSuffix(suffix) {
                let badge = rest[place.upperBound...].dropLast(suffix.utf8.count)
                guard !badge.isEmpty, !badge.contains("/") else { continue }
                return (operation, String(rest.dropLast(suffix.utf8.count)))
            }
        }
        return nil
    }
}

extension StringProtocol where SubSequence == Substring {
    /// Where a word stands last.
    func lastRange(of word: String) -> Range<Index>? { ranges(of: word).last }
}
