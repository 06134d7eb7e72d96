// SPDX-License-Identifier: EUPL-1.2

import Criteria
import ProjectCriteria
import ProjectRegister
import Reports
import SBOM
import Time
import WebRequests

/// The source projects of the node or of one namespace, and the form that registers one.
struct ProjectsPage: Sendable {
    /// Projects of one page.
    static let length = 100

    struct Row: Sendable {
        let name: String
        let href: String
        let title: String?
        let url: String
        let standing: LevelView?
        let note: String?
        let checkedAt: DateView?
    }

    let namespace: String?
    let rows: [Row]
    let hasRows: Bool
    let next: String?
    let form: RegistrationForm?
    let error: FormErrorView?
    let issued: Issued?

    /// A project that was registered just now, and the secret that its forge shows; this page alone ever shows it.
    struct Issued: Sendable {
        let name: String
        let href: String
        let hook: String
        let secret: String
    }

    init(
        _ projects: [RegisteredProject],
        next place: String?,
        in namespace: String?,
        form: RegistrationForm?,
        error: FormErrorView?,
        issued: Issued?,
        _ texts: Texts,
        _ language: Language
    ) {
        self.namespace = namespace
        rows = projects.map { project in
            Row(
                name: project.name,
                href: ProjectSubject.address(project.name),
                title: project.title == project.name ? nil : project.title,
                url: project.url,
                // Without a level something is missed or unknown; which of both only the whole verdict says.
                standing: project.level.flatMap { $0 == .none ? nil : LevelView($0, language) },
                note: Self.note(project).map { texts.text($0, language) },
                checkedAt: project.checks.checkedAt.map { DateView($0, language) }
            )
        }
        hasRows = !rows.isEmpty
        next = place.map { place in
            Pages.address("/projects", (namespace.map { [("namespace", $0)] } ?? []) + [("after", place)])
        }
        self.issued = issued
        self.form = form
        self.error = error
    }

    private static func note(_ project: RegisteredProject) -> TextKey? {
        if project.checks.failure != nil { return .projectFails }
        guard let level = project.level else { return .projectPending }
        return level == .none ? .projectNoLevel : nil
    }

    static func address(_ namespace: String) -> String { Pages.address("/projects", [("namespace", namespace)]) }
}

/// What a maintainer fills in to register a project; errors stand with the fields that they are about.
struct RegistrationForm: Sendable {
    /// A field that can be wrong.
    enum Field: String, Sendable { case name, title, url, visibility, token }

    let namespace: String
    let name: String
    let title: String
    let url: String
    let isPublic: Bool
    let isNameWrong: Bool
    let isTitleWrong: Bool
    let isURLWrong: Bool
    let isTokenWrong: Bool

    /// The form as it was sent; the token is never shown again.
    init(_ namespace: String, _ sent: FormFields?, wrong: Field?) {
        self.namespace = namespace
        name = sent?["name"] ?? ""
        title = sent?["title"] ?? ""
        url = sent?["url"] ?? ""
        isPublic = sent?["visibility"] == "public"
        isNameWrong = wrong == .name
        isTitleWrong = wrong == .title
        isURLWrong = wrong == .url
        isTokenWrong = wrong == .token
    }
}

/// The page of one criterion for source projects; it has no stage.
struct ProjectCriterionPage: Sendable {
    let id: String
    let title: String
    let area: String
    let level: LevelView
    let catalogueVersion: String
    let description: Prose
    let undecided: Prose?
    let advice: Prose
    let hasSources: Bool
    let sources: [String]
    let tender: String?

    init(_ criterion: ProjectCriterion, catalogue: ProjectCatalogue, _ language: Language) {
        id = criterion.id
        title = language.text(criterion.title)
        area = language.text(criterion.area.title)
        level = LevelView(criterion.level, language)
        catalogueVersion = catalogue.name
        description = Prose(language.text(criterion.description))
        undecided = criterion.reason.map { Prose(language.text($0)) }
        advice = Prose(language.text(criterion.advice))
        hasSources = !criterion.sources.isEmpty
        sources = criterion.sources
        tender = catalogue.tenderWording(of: criterion).map { language.text($0) }
    }
}
