// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import Criteria
import Hummingbird
import OCI
import SBOM
import WebRequests

/// What an image's page has no room for: all its findings, and all that it is made of.
extension PortalRoutes {
    /// Bytes of a query, and characters of its search, that are looked at.
    private static let (longestQuery, longestSearch) = (8_192, 255)

    /// Answers ``FindingsPage/path`` and ``ComponentsPage/path``.
    func imageTables(_ request: Request, _ language: Language) async throws -> PortalAnswer {
        // As a form sends it, for a form does: a space is a plus there, and names of packages have a plus of their own.
        let query = request.uri.query.flatMap { try? FormFields(parsing: Array($0.utf8.prefix(Self.longestQuery))) }
        func parameter(_ name: String) -> String? { query?[name].flatMap { $0.isEmpty ? nil : $0 } }
        let named = parameter("image") ?? ""
        guard let reference = try? LocalReference(parsing: named), let digest = try await digest(of: reference) else {
            return notFound(named, language)
        }
        let state = try await visitor.queries.state(reference.repository, digest)
        guard case .ready(let assessed) = state else {
            // Nothing to show yet, or no image: its own page says what is the matter.
            return PortalAnswer(seeOther: "/images/\(reference)")
        }
        let subject = ImageSubject(repository: reference.repository, digest: digest, parts: nil)
        let verdict = try assessed.verdict()
        let page = parameter("page").flatMap { Int($0) } ?? 1
        let text = String((parameter("q") ?? "").trimmed.prefix(Self.longestSearch))
        if request.uri.path == FindingsPage.path {
            let question = FindingsQuestion(
                text: text,
                standing: parameter("status").flatMap { FindingsQuestion.Standing(rawValue: $0) },
                severity: parameter("severity").flatMap { Severity(rawValue: $0) },
                exploited: parameter("exploited") == "yes"
            )
            let model = FindingsPage(
                verdict,
                subject,
                question,
                page: page,
                isSignedIn: visitor.account != nil,
                pages.texts,
                language
            )
            return show(model, "findings", .findingsTitle, FindingsPage.path, named, question.query, page, language)
        }
        guard let components = try await visitor.queries.components(reference.repository, digest) else {
            return notFound(named, language)
        }
        let graph = ComponentGraph(components)
        if let wanted = parameter("component") {
            guard let node = graph.nodes.firstIndex(where: { $0.reference == wanted }) else {
                return notFound(wanted, language)
            }
            let model = ComponentPage(node, of: graph, verdict, subject, pages.texts, language)
            let frame = Pages.Frame(
                title: model.title,
                path: ComponentsPage.path,
                section: .directory,
                query: [("image", named), ("component", wanted)]
            )
            return PortalAnswer(html: pages.render("component", model, frame, language))
        }
        let question = ComponentsQuestion(text: text, type: parameter("type"), licence: parameter("licence"))
        let model = ComponentsPage(graph, verdict, subject, question, page: page, pages.texts, language)
        return show(model, "components", .componentsTitle, ComponentsPage.path, named, question.query, page, language)
    }

    private func show(
        _ model: some Sendable,
        _ template: String,
        _ title: TextKey,
        _ path: String,
        _ image: String,
        _ query: [(name: String, value: String)],
        _ page: Int,
        _ language: Language
    ) -> PortalAnswer {
        let frame = Pages.Frame(
            title: pages.texts.text(title, language) + ", " + image,
            path: path,
            section: .directory,
            query: [("image", image)] + query + (page == 1 ? [] : [("page", String(page))])
        )
        return PortalAnswer(html: pages.render(template, model, frame, language))
    }
}
