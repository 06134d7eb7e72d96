// SPDX-License-Identifier: EUPL-1.2

import Criteria
import ProjectCriteria
import Reports
import SBOM

/// The list of all criteria.
struct CriteriaPage: Sendable {
    struct AreaGroup: Sendable {
        let title: String
        let criteria: [Row]
    }

    struct Row: Sendable {
        let id: String
        let href: String
        let title: String
        let level: LevelView
        let stage: String
        let isUndecided: Bool
    }

    /// A catalogue for source projects.
    struct ProjectGroup: Sendable {
        let title: String
        let intro: String
        let criteria: [Row]
    }

    let intro: String
    let areas: [AreaGroup]
    let projects: [ProjectGroup]

    init(_ catalogue: Catalogue, _ texts: Texts, _ language: Language) {
        projects = ProjectCatalogue.names.compactMap { try? ProjectCatalogue.embedded($0) }.map { catalogue in
            ProjectGroup(
                title: language.text(catalogue.title),
                intro: language.text(catalogue.notice),
                criteria: catalogue.criteria.map {
                    Row(
                        id: $0.id,
                        href: ResultItem.address($0.id),
                        title: language.text($0.title),
                        level: LevelView($0.level, language),
                        stage: language.text($0.area.title),
                        isUndecided: $0.reason != nil
                    )
                }
            )
        }
        intro = texts.text(
            .criteriaIntro,
            language,
            [
                "version": catalogue.version, "count": String(catalogue.criteria.count),
                "decided": String(catalogue.criteria.count { !$0.isUndecided }),
            ]
        )
        areas = Area.allCases.map { area in
            AreaGroup(
                title: language.text(area.title),
                criteria: catalogue.criteria.filter { $0.area == area }.map {
                    Row(
                        id: $0.id,
                        href: ResultItem.address($0.id),
                        title: language.text($0.title),
                        level: LevelView($0.level, language),
                        stage: language.text($0.stage.title),
                        isUndecided: $0.isUndecided
                    )
                }
            )
        }
    }
}

/// The page of one criterion.
struct CriterionPage: Sendable {
    let id: String
    let title: String
    let area: String
    let level: LevelView
    let stage: String
    let catalogueVersion: String
    let description: Prose
    let undecided: Prose?
    let advice: Prose
    let hasSources: Bool
    let sources: [String]
    let tender: String

    init(_ criterion: Criterion, catalogueVersion: String, _ language: Language) {
        id = criterion.id
        title = language.text(criterion.title)
        area = language.text(criterion.area.title)
        level = LevelView(criterion.level, language)
        stage = language.text(criterion.stage.title)
        self.catalogueVersion = catalogueVersion
        description = Prose(language.text(criterion.description))
        // The catalogue says why; the page says that it is a matter of this version, not of the image.
        undecided =
            criterion.isUndecided ? (criterion.cases["undecided"]?.explanation).map { Prose(language.text($0)) } : nil
        advice = Prose(language.text(criterion.advice))
        hasSources = !criterion.sources.isEmpty
        sources = criterion.sources
        tender = language.text(criterion.tenderWording)
    }
}

/// A page that says one thing.
struct MessagePage: Sendable {
    let title: String
    let text: String
}

/// The page of an image that has no verdict yet, or never will.
struct PendingPage: Sendable {
    let heading: HeadingView?
    let title: String
    let text: String
    /// To look again by; nil where nothing more will come.
    var reload: String?
}
