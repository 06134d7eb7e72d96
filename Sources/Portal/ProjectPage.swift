// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import OCI
import ProjectCriteria
import SBOM
import Time

/// The page of a source project, made of the verdicts that the API serves: the two cannot disagree.
struct ProjectPage: Sendable {
    /// Most facts that one result shows; the whole is in the JSON form.
    static let mostFacts = 8
    /// Most findings and images of their tables.
    static let longestTable = 50

    /// The level of one badge and why, in at most three sentences.
    struct BadgeCard: Sendable {
        let title: String
        let standing: LevelView
        let sentences: [String]
    }

    struct FindingItem: Sendable {
        let id: String
        let component: String
        let status: String
        let severity: String
        let exploited: String?
    }

    struct ImageItem: Sendable {
        let name: String
        let href: String
        let standing: LevelView
    }

    /// What one catalogue says, criterion by criterion.
    struct CatalogueSection: Sendable {
        let anchor: String
        let heading: String
        let notice: String
        let evaluatedAt: DateView
        let cards: [BadgeCard]
        let groups: [ProjectResultGroup]
    }

    let name: String
    let namespace: String
    let url: String
    /// What forms call the project.
    let path: String
    /// Whoever looks may have it checked.
    let mayCheck: Bool
    let facts: [Fact]
    let standing: LevelView?
    let headline: String
    let state: String?
    let failure: String?
    let failureReason: String?
    let hasCards: Bool
    let cards: [BadgeCard]
    let hasSteps: Bool
    let stepsHeadline: String
    let stepsNote: String?
    let steps: [ImagePage.StepItem]
    let evaluatedAt: DateView?
    let validUntil: DateView?
    let catalogueName: String
    let hasDates: Bool
    let dates: [ImagePage.FeedDate]
    let lastCheck: DateView?
    let nextCheck: DateView?
    let cloneCommand: String
    let checkCommand: String
    let embedding: String
    let register: ImageRegister
    let catalogues: [CatalogueSection]
    let hasFindings: Bool
    let findingsTitle: String
    let findings: [FindingItem]
    let moreFindings: String?
    let imagesTitle: String
    let hasImages: Bool
    let images: [ImageItem]
    let projectsHref: String
    let api: String
    let pictures: [Picture]

    /// A badge to be shown elsewhere.
    struct Picture: Sendable {
        let title: String
        let href: String
        let why: String
    }

    init(
        _ subject: ProjectSubject,
        register facts: ImageRegister.Facts,
        images linked: [(name: String, href: String, level: Level?)],
        mayCheck: Bool = false,
        pages: Pages,
        language: Language
    ) {
        let texts = pages.texts
        name = subject.name
        namespace = subject.namespace
        url = subject.url
        path = subject.path
        self.mayCheck = mayCheck
        let main = subject.verdicts.first
        self.facts = Self.facts(subject, main, texts, language)
        standing = main.map { LevelView($0.standing, texts, language) }
        headline =
            main.map { verdict in
                verdict.standing == .unknown ? texts.text(.projectUnknown, language) : language.text(verdict.notice)
            } ?? texts.text(subject.failure == nil ? .projectPending : .projectNever, language)
        state = subject.isWaiting && main != nil ? texts.text(.projectWaiting, language) : nil
        failure = subject.failure.map { texts.text(.projectFailed, language, ["date": language.dateTime($0.at)]) }
        failureReason = subject.failure?.reason
        cards = main.map { Self.cards($0, texts, language) } ?? []
        hasCards = !cards.isEmpty
        let next = main?.level.next
        let open = main.flatMap { verdict in next.map { verdict.steps(to: $0) } } ?? []
        let undecided = main.map { ProjectResultGroup.undecided($0) } ?? []
        hasSteps = !open.isEmpty
        stepsHeadline =
            next.map { texts.text(.projectSteps, language, count: open.count, ["level": language.text($0.title)]) }
            ?? texts.text(.projectGold, language)
        let blocked = open.count { undecided.contains($0.criterion.id) }
        stepsNote = next.flatMap { level in
            blocked == 0
                ? nil : texts.text(.stepsUndecided, language, count: blocked, ["level": language.text(level.title)])
        }
        steps = open.enumerated().map { index, result in
            Self.step(result, index, isUndecided: undecided.contains(result.criterion.id), texts, language)
        }
        evaluatedAt = main.map { DateView($0.evaluatedAt, language) }
        validUntil = main?.validUntil.map { DateView($0, language) }
        catalogueName = main?.catalogue ?? ""
        let feeds = main?.feeds ?? []
        dates = feeds.enumerated().map { index, feed in
            ImagePage.FeedDate(
                name: feed.name,
                date: DateView(feed.newestRecord ?? feed.asOf, language, dayOnly: true),
                isLast: index == feeds.count - 1
            )
        }
        hasDates = !dates.isEmpty
        lastCheck = subject.lastCheck.map { DateView($0, language) }
        nextCheck = subject.nextCheck.map { DateView($0, language) }
        cloneCommand = "git clone -- " + Self.quoted(subject.url)
        checkCommand = "kontor project check " + Self.quoted(subject.url)
        api = subject.api
        pictures = main.map { Self.pictures($0, subject, language) } ?? []
        embedding = Self.embedding(pictures, subject, pages.settings)
        register = ImageRegister(facts, subject, texts, language)
        catalogues = subject.verdicts.map { Self.section($0, texts, language) }
        let found = main?.findings ?? []
        hasFindings = !found.isEmpty
        findingsTitle = texts.text(.findings, language, count: found.count)
        findings = found.prefix(Self.longestTable).map { finding in
            FindingItem(
                id: finding.id,
                component: finding.componentName + " " + finding.componentVersion,
                status: FindingRow.status(finding, texts, language),
                severity: FindingRow.word(finding.severity, texts, language),
                exploited: finding.kev == nil ? nil : texts.text(.exploited, language)
            )
        }
        moreFindings =
            found.count > Self.longestTable
            ? texts.text(.more, language, count: found.count - Self.longestTable) : nil
        images = linked.map { image in
            ImageItem(
                name: image.name,
                href: image.href,
                standing: LevelView(image.level.map { .level($0) } ?? .unknown, texts, language)
            )
        }
        hasImages = !images.isEmpty
        imagesTitle = texts.text(.projectImages, language, ["count": String(images.count)])
        projectsHref = ProjectsPage.address(subject.namespace)
    }

    private static func facts(
        _ subject: ProjectSubject,
        _ verdict: ProjectVerdict?,
        _ texts: Texts,
        _ language: Language
    ) -> [Fact] {
        var facts = [
            Fact(
                term: texts.text(.visibility, language),
                text: texts.text(subject.isPublic ? .visibilityPublic : .visibilityInternal, language)
            ),
            Fact(term: texts.text(.projectSince, language), date: DateView(subject.since, language, dayOnly: true)),
        ]
        if let branch = verdict?.branch { facts.append(Fact(term: texts.text(.projectBranch, language), text: branch)) }
        if let commit = verdict?.commit {
            facts.append(Fact(term: texts.text(.projectCommit, language), text: String(commit.prefix(12))))
        }
        return facts
    }

    private static func step(
        _ result: ProjectVerdict.Result,
        _ index: Int,
        isUndecided: Bool,
        _ texts: Texts,
        _ language: Language
    ) -> ImagePage.StepItem {
        let criterion = result.criterion
        return ImagePage.StepItem(
            id: criterion.id,
            href: ResultItem.address(criterion.id),
            title: language.text(criterion.title),
            outcome: criterion.result.rawValue,
            outcomeWord: language.text(criterion.result.title),
            explanation: Prose(language.text(criterion.explanation)),
            adviceTitle: texts.text(isUndecided ? .adviceUndecided : .advice, language),
            advice: Prose(language.text(criterion.advice ?? criterion.explanation)),
            also: nil,
            isFirst: index == 0
        )
    }

    // MARK: Badges

    static func cards(_ verdict: ProjectVerdict, _ texts: Texts, _ language: Language) -> [BadgeCard] {
        verdict.badges.map { badge in
            BadgeCard(
                title: language.text(badge.title),
                standing: LevelView(verdict.standing(of: badge), texts, language),
                sentences: sentences(badge, verdict, texts, language)
            )
        }
    }

    /// What is reached, what is not met, what is unknown and would settle it.
    private static func sentences(
        _ badge: ProjectVerdict.Badge,
        _ verdict: ProjectVerdict,
        _ texts: Texts,
        _ language: Language
    ) -> [String] {
        let standing = verdict.standing(of: badge)
        var sentences: [String] = []
        switch standing {
        case .unknown: sentences.append(texts.text(.badgeUnknown, language))
        case .level(.none): sentences.append(texts.text(.badgeNone, language))
        case .level(let level):
            let met = verdict.results(of: badge).count { $0.criterion.level <= level }
            sentences.append(
                texts.text(.badgeReached, language, count: met, ["level": language.text(level.title)])
            )
        }
        guard let next = badge.level.next else { return sentences }
        let steps = verdict.steps(of: badge)
        let missed = steps.filter { $0.criterion.result != .unknown }
        let unknown = steps.filter { $0.criterion.result == .unknown }
        let level = language.text(next.title)
        if !missed.isEmpty {
            sentences.append(
                texts.text(.badgeMissed, language, ["level": level, "titles": titles(missed, texts, language)])
            )
        }
        if !unknown.isEmpty {
            sentences.append(
                texts.text(
                    .badgeOpen,
                    language,
                    [
                        "level": level, "titles": titles(unknown, texts, language),
                        "needs": needs(unknown.flatMap(\.needs), texts, language),
                    ]
                )
            )
        }
        return sentences
    }

    /// The first three by name, and how many there are beside.
    private static func titles(_ results: [ProjectVerdict.Result], _ texts: Texts, _ language: Language) -> String {
        let shown = results.prefix(3).map { language.text($0.criterion.title) }.joined(separator: ", ")
        let hidden = results.count - 3
        return hidden > 0 ? shown + " " + texts.text(.andFurther, language, count: hidden) : shown
    }

    static func needs(_ sources: [ProjectCriterion.Source], _ texts: Texts, _ language: Language) -> String {
        ProjectCriterion.Source.allCases.filter { sources.contains($0) }.map { source in
            let key: TextKey =
                switch source {
                case .files: .needsFiles
                case .history: .needsHistory
                case .forge: .needsForge
                case .advisories: .needsAdvisories
                case .releases: .needsReleases
                case .register: .needsRegister
                case .people: .needsPeople
                }
            return texts.text(key, language)
        }
        .joined(separator: ", ")
    }

    private static func section(_ verdict: ProjectVerdict, _ texts: Texts, _ language: Language) -> CatalogueSection {
        let title = (try? ProjectCatalogue.embedded(verdict.catalogue)).map { language.text($0.title) }
        return CatalogueSection(
            anchor: "criteria-" + verdict.catalogue.filter { $0.isLetter || $0.isNumber },
            heading: (title ?? verdict.catalogue) + " (\(verdict.results.count))",
            notice: language.text(verdict.notice),
            evaluatedAt: DateView(verdict.evaluatedAt, language),
            cards: cards(verdict, texts, language),
            groups: ProjectResultGroup.groups(of: verdict, texts, language)
        )
    }

    // MARK: To copy

    private static func pictures(_ verdict: ProjectVerdict, _ subject: ProjectSubject, _ language: Language)
        -> [Picture]
    {
        verdict.badges.map { badge in
            let path = subject.api + "/badges/" + PercentEncoding.encode(badge.id)
            return Picture(
                title: language.text(badge.title),
                href: path + ".svg?lang=" + language.rawValue,
                why: path + "?lang=" + language.rawValue
            )
        }
    }

    /// Markdown that shows the badges and leads to this page.
    private static func embedding(_ pictures: [Picture], _ subject: ProjectSubject, _ settings: Pages.Settings)
        -> String
    {
        let origin =
            settings.publicOrigin ?? (settings.isProvisional ? "http://" : "https://") + settings.registryAuthority
        return pictures.map { "[![\($0.title)](\(origin)\($0.href))](\(origin)\(subject.address))" }
            .joined(separator: "\n")
    }

    /// As a shell takes it for one word.
    static func quoted(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            default: "-._~:/@%+,=".utf8.contains(byte)
            }
        }
        return isPlain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}

/// Results of one outcome under a catalogue for source projects; groups come worst first.
struct ProjectResultGroup: Sendable {
    let title: String
    let isOpen: Bool
    let results: [ResultItem]

    static func groups(of verdict: ProjectVerdict, _ texts: Texts, _ language: Language) -> [ProjectResultGroup] {
        let kinds: [(outcome: Outcome, isUndecided: Bool, title: TextKey)] = [
            (.fail, false, .outcomeFail), (.unknown, false, .outcomeUnknown), (.unknown, true, .outcomeUndecided),
            (.pass, false, .outcomePass), (.notApplicable, false, .outcomeNotApplicable),
        ]
        let undecided = undecided(verdict)
        return kinds.compactMap { kind in
            let results = verdict.results.enumerated().filter { entry in
                let criterion = entry.element.criterion
                return criterion.result == kind.outcome
                    && (criterion.result == .unknown && undecided.contains(criterion.id)) == kind.isUndecided
            }
            .sorted { ($0.element.criterion.level.rank, $0.offset) < ($1.element.criterion.level.rank, $1.offset) }
            guard !results.isEmpty else { return nil }
            return ProjectResultGroup(
                title: texts.text(kind.title, language, ["count": String(results.count)]),
                isOpen: kind.outcome == .fail,
                results: results.map { item($0.element, isUndecided: kind.isUndecided, texts, language) }
            )
        }
    }

    private static func item(
        _ result: ProjectVerdict.Result,
        isUndecided: Bool,
        _ texts: Texts,
        _ language: Language
    ) -> ResultItem {
        var item = ResultItem(
            result.criterion,
            isOpen: false,
            isUndecided: isUndecided,
            facts: ProjectPage.mostFacts,
            texts,
            language
        )
        if result.cap < .gold, result.criterion.result.isPassed {
            item.note = texts.text(.resultCapped, language, ["level": language.text(result.cap.title)])
        }
        if result.criterion.result == .unknown, !isUndecided {
            item.note = texts.text(
                .resultSettled,
                language,
                ["needs": ProjectPage.needs(result.needs, texts, language)]
            )
        }
        return item
    }

    /// Criteria that nothing decides in this version.
    static func undecided(_ verdict: ProjectVerdict) -> Set<String> {
        let catalogue = try? ProjectCatalogue.embedded(verdict.catalogue)
        return Set((catalogue?.criteria ?? []).filter { $0.reason != nil }.map(\.id))
    }
}
