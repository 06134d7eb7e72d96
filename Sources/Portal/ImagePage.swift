// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import OCI
import SBOM
import Time

/// The page of an image, made of the verdict that the API serves: the two cannot disagree.
///
/// Long tables are cut, with their length said; the whole is in the JSON form.
struct ImagePage: Sendable {
    /// Most rows of one table.
    static let longestTable = 1000

    struct AreaRow: Sendable {
        let title: String
        let level: LevelView
    }

    struct StepItem: Sendable {
        let id: String
        let href: String
        let title: String
        let outcomeWord: String
        let explanation: Prose
        let advice: Prose
        let also: String?
        let isFirst: Bool
    }

    struct PlatformRow: Sendable {
        let name: String
        let href: String?
        let digest: String
        let level: LevelView
    }

    struct FeedRow: Sendable {
        let name: String
        let date: DateView
        let newest: DateView?
        let count: String
    }

    struct ComponentRow: Sendable {
        let name: String
        let version: String
        let type: String
        let purl: String?
        let owner: String?
    }

    let heading: HeadingView
    let exercise: String?
    let level: LevelView
    let headline: String
    let areas: [AreaRow]
    let stepsHeadline: String?
    let steps: [StepItem]
    let evaluatedAt: DateView
    let validUntil: DateView?
    let catalogueVersion: String
    let advisories: String
    let pullCommand: String
    let checkCommand: String
    let platformsTitle: String
    let hasPlatforms: Bool
    let platforms: [PlatformRow]
    let criteriaTitle: String
    let groups: [ResultGroup]
    let findingsTitle: String
    let findingsSummary: String?
    let hasFindings: Bool
    let areFindingsOpen: Bool
    let findings: [FindingRow]
    let moreFindings: String?
    let hasNotAssessed: Bool
    let notAssessed: [String]
    let hasFeeds: Bool
    let feeds: [FeedRow]
    let componentsTitle: String
    let hasComponents: Bool
    let components: [ComponentRow]
    let moreComponents: String?
    let layersTitle: String
    let hasLayers: Bool
    let layers: [LayerRow]
    let api: String

    init(verdict: Verdict, subject: ImageSubject, pages: Pages, language: Language) {
        let texts = pages.texts
        let reference = subject.reference
        heading = subject.heading(verdict: verdict, texts, language)
        exercise = verdict.note.map(language.text)
        level = LevelView(verdict.level, language)
        headline = language.text(verdict.headline)
        areas = Area.allCases.map {
            AreaRow(title: language.text($0.title), level: LevelView(verdict.level(of: $0), language))
        }
        stepsHeadline = verdict.stepsHeadline.map(language.text)
        steps = verdict.steps.enumerated().map { index, step in
            StepItem(
                id: step.criterion,
                href: ResultItem.address(step.criterion),
                title: language.text(step.title),
                outcomeWord: language.text(step.result.title),
                explanation: Prose(language.text(step.explanation)),
                advice: Prose(language.text(step.advice)),
                also: step.alsoSettles.isEmpty ? nil : step.alsoSettles.joined(separator: ", "),
                isFirst: index == 0
            )
        }
        evaluatedAt = DateView(verdict.evaluatedAt, language)
        validUntil = verdict.validUntil.map { DateView($0, language) }
        catalogueVersion = verdict.catalogueVersion
        let dates = verdict.feeds.map { "\(language.date($0.newestRecord ?? $0.date)) (\($0.name))" }
        advisories =
            dates.isEmpty
            ? texts.text(.feedsNone, language)
            : texts.text(.advisoriesAsOf, language, ["dates": dates.joined(separator: ", ")])
        let address = pages.settings.registryAuthority + "/" + reference.description
        pullCommand = "podman pull \(pages.settings.isProvisional ? "--tls-verify=false " : "")\(address)"
        checkCommand = "kontor check \(address)"
        let children = verdict.platforms ?? []
        hasPlatforms = !children.isEmpty
        platformsTitle = texts.text(.platforms, language, ["count": String(children.count)])
        platforms = children.map { child in
            let digest = child.image.digest.flatMap { try? Digest(parsing: $0) }
            return PlatformRow(
                name: child.image.platform ?? "–",
                href: digest.map { "/images/\(LocalReference(repository: reference.repository, .digest($0)))" },
                digest: digest?.shortDescription ?? "–",
                level: LevelView(child.level, language)
            )
        }
        criteriaTitle = texts.text(.criteriaCount, language, ["count": String(verdict.criteria.count)])
        groups = ResultGroup.groups(of: verdict, texts, language)
        findingsTitle = texts.text(.findings, language, ["count": String(verdict.findings.count)])
        let counts = verdict.findingCounts.map { "\($0.count) \(FindingRow.word($0.severity, texts, language))" }
        findingsSummary = counts.isEmpty ? nil : counts.joined(separator: ", ")
        hasFindings = !verdict.findings.isEmpty
        areFindingsOpen = verdict.findings.count <= 20
        findings = verdict.findings.prefix(Self.longestTable).map { FindingRow($0, texts, language) }
        moreFindings = Self.more(verdict.findings.count, texts, language)
        hasNotAssessed = !verdict.notAssessed.isEmpty
        notAssessed = verdict.notAssessed.map {
            texts.text(
                .notAssessedEntry,
                language,
                ["count": String($0.components), "ecosystem": $0.ecosystem, "reason": language.text($0.reason)]
            )
        }
        hasFeeds = !verdict.feeds.isEmpty
        feeds = verdict.feeds.map {
            FeedRow(
                name: $0.name,
                date: DateView($0.date, language),
                newest: $0.newestRecord.map { DateView($0, language, dayOnly: true) },
                count: String($0.count)
            )
        }
        componentsTitle = texts.text(.componentsCount, language, ["count": String(verdict.components.count)])
        hasComponents = !verdict.components.isEmpty
        components = verdict.components.prefix(Self.longestTable).map {
            ComponentRow(name: $0.name, version: $0.version, type: $0.type, purl: $0.purl, owner: $0.ownedBy)
        }
        moreComponents = Self.more(verdict.components.count, texts, language)
        layers = subject.parts.map { LayerRow.rows($0, language) } ?? []
        hasLayers = !layers.isEmpty
        layersTitle = texts.text(.layers, language, ["count": String(layers.count)])
        api = "/api/v1/images/\(reference)"
    }

    private static func more(_ count: Int, _ texts: Texts, _ language: Language) -> String? {
        count > longestTable ? texts.text(.more, language, ["count": String(count - longestTable)]) : nil
    }
}
