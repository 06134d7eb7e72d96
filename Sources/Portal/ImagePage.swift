// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import Criteria
import OCI
import SBOM
import Time
import Vulnerabilities

/// The page of an image, made of the verdict that the API serves: the two cannot disagree.
///
/// Findings and components have pages of their own; here stand the worst and how many there are.
struct ImagePage: Sendable {
    /// Most facts that one result shows; the whole is in the JSON form.
    static let mostFacts = 8

    struct AreaRow: Sendable {
        let title: String
        let level: LevelView
    }

    struct StepItem: Sendable {
        let id: String
        let href: String
        let title: String
        let outcome: String
        let outcomeWord: String
        let explanation: Prose
        let adviceTitle: String
        let advice: Prose
        let also: String?
        let isFirst: Bool
    }

    /// A feed and the day of its newest record, in a list.
    struct FeedDate: Sendable {
        let name: String
        let date: DateView
        let isLast: Bool

        /// Of every feed that a verdict rests on.
        static func all(of verdict: Verdict, _ language: Language) -> [FeedDate] {
            verdict.feeds.enumerated().map { index, feed in
                FeedDate(
                    name: feed.name,
                    date: DateView(feed.newestRecord ?? feed.date, language, dayOnly: true),
                    isLast: index == verdict.feeds.count - 1
                )
            }
        }
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

    let heading: HeadingView
    let isExercise: Bool
    let level: LevelView
    let stageWord: String
    let openNote: String?
    let takedown: String?
    let hasApprovals: Bool
    let approvals: [String]
    let areas: [AreaRow]
    let stepsHeadline: String?
    let stepsNote: String?
    let steps: [StepItem]
    let evaluatedAt: DateView
    let validUntil: DateView?
    let catalogueVersion: String
    let hasDates: Bool
    let dates: [FeedDate]
    let register: ImageRegister
    let release: ReleaseForm?
    let pullCommand: String
    let checkCommand: String
    let verification: VerificationView
    let platformsTitle: String
    let hasPlatforms: Bool
    let platforms: [PlatformRow]
    let criteriaTitle: String
    let groups: [ResultGroup]
    let findingsTitle: String
    let findingsSummary: String
    let hasFindings: Bool
    let findings: [FindingRow]
    let allFindings: String
    let findingsHref: String
    let hasDiscovered: Bool
    let discovered: [String]
    let hasVEX: Bool
    let hasNotAssessed: Bool
    let notAssessed: [String]
    let hasFeeds: Bool
    let feeds: [FeedRow]
    let componentsTitle: String
    let hasComponents: Bool
    let componentsSummary: String
    let componentsHref: String
    let signed: SignedView?
    let layersTitle: String
    let hasLayers: Bool
    let layers: [LayerRow]
    let versionsTitle: String
    let hasVersions: Bool
    let versions: [VersionRow]
    let moreVersions: String?
    let api: String

    /// Rows of the table of findings.
    private static let firstFindings = 10

    init(
        verdict: Verdict,
        subject: ImageSubject,
        versions known: [ImageQueries.Version],
        undecided: Set<String>,
        discovered documents: [DiscoveredStatements.Document] = [],
        words: ImageWords = .none,
        isSignedIn: Bool = false,
        register facts: ImageRegister.Facts = .init(),
        release: ReleaseForm? = nil,
        pages: Pages,
        language: Language
    ) {
        let texts = pages.texts
        let reference = subject.reference
        heading = subject.heading(verdict: verdict, texts, language)
        isExercise = verdict.exerciseData
        level = LevelView(verdict.level, language)
        stageWord = language.text(verdict.stage.title)
        let open = verdict.open.count
        openNote =
            open == 0
            ? nil
            : texts.text(.openCount, language, count: open, ["level": language.text(max(verdict.level, .bronze).title)])
        takedown = words.takedownText(texts, language)
        approvals = words.approvalTexts(texts, language)
        hasApprovals = !approvals.isEmpty
        areas = Area.allCases.map {
            AreaRow(title: language.text($0.title), level: LevelView(verdict.level(of: $0), language))
        }
        stepsHeadline = verdict.stepsHeadline.map(language.text)
        let blocked = verdict.steps.count { undecided.contains($0.criterion) && $0.result == .unknown }
        stepsNote = verdict.level.next.flatMap { next in
            blocked == 0
                ? nil : texts.text(.stepsUndecided, language, count: blocked, ["level": language.text(next.title)])
        }
        steps = verdict.steps.enumerated().map { index, step in
            let isUndecided = undecided.contains(step.criterion) && step.result == .unknown
            return StepItem(
                id: step.criterion,
                href: ResultItem.address(step.criterion),
                title: language.text(step.title),
                outcome: step.result.rawValue,
                outcomeWord: language.text(step.result.title),
                explanation: Prose(language.text(step.explanation)),
                adviceTitle: texts.text(isUndecided ? .adviceUndecided : .advice, language),
                advice: Prose(language.text(step.advice)),
                also: step.alsoSettles.isEmpty ? nil : step.alsoSettles.joined(separator: ", "),
                isFirst: index == 0
            )
        }
        evaluatedAt = DateView(verdict.evaluatedAt, language)
        validUntil = verdict.validUntil.map { DateView($0, language) }
        catalogueVersion = verdict.catalogueVersion
        dates = FeedDate.all(of: verdict, language)
        hasDates = !dates.isEmpty
        let address = pages.settings.registryAuthority + "/" + reference.description
        pullCommand = "podman pull \(pages.settings.isProvisional ? "--tls-verify=false " : "")\(address)"
        checkCommand = "kontor check \(address)"
        verification = VerificationView(subject, verdict.signed, words.release, pages, language)
        register = ImageRegister(facts, subject, texts, language)
        self.release = release
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
        groups = ResultGroup.groups(of: verdict, undecided: undecided, texts, language)
        findingsTitle = texts.text(.findings, language, count: verdict.findings.count)
        let advisories = verdict.advisoryGroups
        hasFindings = !advisories.isEmpty
        findingsSummary = FindingRow.summary(verdict, advisories, texts, language)
        // Whoever is known may look at what is said about a finding; who may say something is for that page.
        let place = isSignedIn ? reference.description : nil
        findings = advisories.prefix(Self.firstFindings).map {
            FindingRow($0, of: place, packages: Self.mostFacts, texts, language)
        }
        allFindings = texts.text(.findingsAll, language, ["count": language.number(advisories.count)])
        findingsHref = FindingsPage.address(reference.description)
        discovered = documents.map {
            texts.text(
                .discoveredEntry,
                language,
                count: $0.statements,
                ["author": $0.author, "format": $0.format.title, "account": $0.pushedBy]
            )
        }
        hasDiscovered = !discovered.isEmpty
        hasVEX = hasFindings
        hasNotAssessed = !verdict.notAssessed.isEmpty
        notAssessed = verdict.notAssessed.map {
            texts.text(
                .notAssessedEntry,
                language,
                count: $0.components,
                ["ecosystem": $0.ecosystem, "reason": language.text($0.reason)]
            )
        }
        hasFeeds = !verdict.feeds.isEmpty
        feeds = verdict.feeds.map {
            FeedRow(
                name: $0.name,
                date: DateView($0.date, language),
                newest: $0.newestRecord.map { DateView($0, language, dayOnly: true) },
                count: language.number($0.count)
            )
        }
        componentsTitle = texts.text(.componentsCount, language, count: verdict.components.count)
        hasComponents = !verdict.components.isEmpty
        componentsSummary = ComponentsPage.summary(verdict.components.map(\.type), texts, language)
        componentsHref = ComponentsPage.address(reference.description)
        signed = verdict.signed.map { SignedView($0, texts, language) }
        layers = subject.parts.map { LayerRow.rows($0, language) } ?? []
        hasLayers = !layers.isEmpty
        layersTitle = texts.text(.layers, language, ["count": String(layers.count)])
        let shown = Array(known.prefix(VersionRow.longestTable))
        versions = shown.enumerated().map { index, version in
            // What the tag pointed to before; of a tag that never moved, what the one before it points to.
            let before = version.earlier.first ?? shown.dropFirst(index + 1).first?.current
            return VersionRow(version, before: before?.digest, subject, texts, language)
        }
        hasVersions = !versions.isEmpty
        moreVersions = known.count > VersionRow.longestTable ? texts.text(.versionsMore, language) : nil
        versionsTitle = texts.text(
            .versions,
            language,
            ["count": String(versions.count) + (moreVersions == nil ? "" : "+")]
        )
        api = "/api/v1/images/\(reference)"
    }
}
