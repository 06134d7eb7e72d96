// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import Criteria
import Directory
import Hummingbird
import OCI

/// What there is, whose it is, and what to do about it.
extension PortalRoutes {
    func directoryPage(_ request: Request, _ language: Language) async throws -> PortalAnswer {
        func parameter(_ name: String) -> String? {
            let value = request.uri.queryParameters[Substring(name)].map { String($0.prefix(1_000)) }
            return value.flatMap { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 }
        }
        let question = DirectoryQuestion(
            text: DirectoryPage.search(parameter("q")) ?? "",
            kind: parameter("kind").flatMap { DirectoryEntry.Kind(word: $0) },
            area: parameter("area").flatMap { Area(rawValue: $0) },
            level: parameter("level").flatMap { Level(rawValue: $0) },
            category: parameter("category").map(Self.plain),
            licence: parameter("licence").map(Self.plain),
            organisation: parameter("organisation"),
            architecture: parameter("architecture").map(Self.plain)
        )
        let after = parameter("after").flatMap { DirectoryPosition(parsing: $0) }
        guard let reader = try await directory.reader(visitor.account) else {
            return signInPage(language, next: Self.place(of: request), status: .unauthorized)
        }
        let answer = try await directory.search(question, for: reader, after: after, limit: DirectoryPage.length)
        var states: [String: String] = [:]
        for entry in answer.entries where entry.level == nil && entry.kind == .image {
            states[entry.key] = try await standing(of: entry, language)
        }
        let frame = Pages.Frame(
            title: pages.texts.text(.directory, language),
            path: "/",
            section: .directory,
            query: DirectoryPage.query(question) + (after.map { [("after", $0.description)] } ?? [])
        )
        let model = DirectoryPage(
            answer,
            question,
            states: states,
            isFirst: after == nil,
            pages: pages,
            language: language
        )
        return PortalAnswer(html: pages.render("directory", model, frame, language))
    }

    /// A browser writes a space of a chosen value as `+`.
    private static func plain(_ value: String) -> String { value.replacing("+", with: " ") }

    /// How far an image is that has no level.
    private func standing(of entry: DirectoryEntry, _ language: Language) async throws -> String {
        guard let repository = entry.repository, let text = entry.facts.digest,
            let digest = try? Digest(parsing: text)
        else { return pages.texts.text(.noImage, language) }
        return switch try await visitor.queries.state(repository, digest) {
        case .failed: pages.texts.text(.notAssessedState, language)
        case .unknownImage, .notAnImage: pages.texts.text(.noImage, language)
        case .queued, .running, .ready: pages.texts.text(.pending, language)
        }
    }

    func organisationPages(_ request: Request, _ language: Language) async throws -> PortalAnswer {
        let path = request.uri.path
        let after = request.uri.queryParameters["after"].map { String($0.prefix { $0 != "\0" }) } ?? ""
        if path == "/organisations" {
            guard visitor.account != nil else {
                return signInPage(language, next: Self.place(of: request), status: .unauthorized)
            }
            let found = try await accounts.organisations(after: after, limit: OrganisationsPage.length + 1)
            let frame = Pages.Frame(
                title: pages.texts.text(.organisations, language),
                path: path,
                section: .directory,
                query: after.isEmpty ? [] : [("after", after)]
            )
            let model = OrganisationsPage(found, pages.texts, language)
            return PortalAnswer(privateHTML: pages.render("organisations", model, frame, language))
        }
        let name = String(path.dropFirst("/organisations/".utf8.count))
        do {
            let overview = try await directory.overview(
                of: name,
                for: visitor.account,
                after: Int64(after) ?? 0,
                limit: OrganisationPage.length
            )
            let frame = Pages.Frame(
                title: overview.organisation.title,
                path: OrganisationPage.address(overview.organisation.name),
                section: .directory,
                query: after.isEmpty ? [] : [("after", after)]
            )
            let model = OrganisationPage(overview, contacts: visitor.account != nil, pages.texts, language)
            return PortalAnswer(html: pages.render("organisation", model, frame, language))
        } catch is AccountsError {
            return notFound(pages.texts.text(.pageMissing, language), language)
        }
    }

    func workPage(_ request: Request, _ language: Language) async throws -> PortalAnswer {
        guard let account = visitor.account,
            let work = try await directory.work(of: account, limit: WorkPage.length)
        else { return signInPage(language, next: Self.place(of: request), status: .unauthorized) }
        let model = WorkPage(work.entries, namespaces: work.namespaces, pages.texts, language)
        let frame = Pages.Frame(title: pages.texts.text(.work, language), path: "/work", section: .work)
        return PortalAnswer(privateHTML: pages.render("work", model, frame, language))
    }
}
