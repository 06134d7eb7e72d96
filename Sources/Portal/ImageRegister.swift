// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Criteria
import Directory
import OCI
import Time

/// What stands on the page of an image or a source project beside its verdict: how the level went, what the publisher says to it, and
/// who uses it.
struct ImageRegister: Sendable {
    /// What was asked of the rooms below.
    struct Facts: Sendable {
        var levels: [(at: Timestamp, level: Level)] = []
        var reply: LevelReply?
        /// The level that the reply stands beside; nil while nobody knows it.
        var answered: AnsweredLevel?
        var uses: [DirectoryUse] = []
        /// Whoever looks speaks for the publisher.
        var isPublisher = false
        /// Whoever looks signed in on a page, so that forms are of use.
        var hasSession = false
        /// Name of the organisation of whoever looks.
        var organisation: String?
        /// They may speak for every organisation.
        var isOperator = false
        var today = Timestamp(seconds: 0)
        /// Registered projects that the image says it comes from.
        var projects: [(name: String, href: String)] = []
    }

    struct ProjectLink: Sendable {
        let name: String
        let href: String
        let isLast: Bool
    }

    struct UseRow: Sendable {
        let id: String
        let userTitle: String
        let userHref: String
        let since: DateView
        let purpose: String
        let contact: String?
        let mayEnd: Bool
        let endLabel: String
    }

    /// Most uses of the page; the rest is in the JSON form.
    static let mostUses = 50

    let reference: String
    let repository: String
    /// What forms call the subject: an image or a project.
    let subjectField: String
    let usesIntro: String
    let hasProjects: Bool
    let projects: [ProjectLink]
    let hasReply: Bool
    let replyID: String
    let replyTitle: String
    let replyText: String
    let replySaid: DateView?
    /// What the reply was said to, where that is not what stands there now.
    let replyOutdated: String?
    let mayReply: Bool
    let hasUses: Bool
    let usesTitle: String
    let uses: [UseRow]
    let moreUses: String?
    let mayUse: Bool
    let ownOrganisation: String
    let today: String
    let history: LevelHistory?

    init(_ facts: Facts, _ subject: ImageSubject, _ texts: Texts, _ language: Language) {
        self.init(
            facts,
            (field: "image", reference: subject.reference.description, name: subject.repository.text),
            intro: texts.text(.usesIntro, language),
            texts,
            language
        )
    }

    init(_ facts: Facts, _ subject: ProjectSubject, _ texts: Texts, _ language: Language) {
        self.init(
            facts,
            (field: "project", reference: subject.path, name: subject.path),
            intro: texts.text(.usesIntroProject, language),
            // The history has levels alone: whether bronze was missed or unknown only the verdict of that time says.
            none: LevelHistory.Words(
                short: texts.text(.levelNoneShort, language),
                long: texts.text(.levelNoneOrUnknown, language)
            ),
            texts,
            language
        )
    }

    private init(
        _ facts: Facts,
        _ subject: (field: String, reference: String, name: String),
        intro: String,
        none: LevelHistory.Words? = nil,
        _ texts: Texts,
        _ language: Language
    ) {
        reference = subject.reference
        repository = subject.name
        subjectField = subject.field
        usesIntro = intro
        projects = facts.projects.enumerated().map { index, project in
            ProjectLink(name: project.name, href: project.href, isLast: index == facts.projects.count - 1)
        }
        hasProjects = !projects.isEmpty
        let reply = facts.reply
        hasReply = reply != nil
        replyID = reply.map { String($0.id) } ?? ""
        replyTitle =
            reply.map { texts.text($0.disputes ? .replyDisputes : .replySays, language, ["author": $0.author]) } ?? ""
        replyText = reply?.text ?? ""
        replySaid = reply.map { DateView($0.saidAt, language) }
        replyOutdated = reply.flatMap { Self.outdated($0, by: facts.answered, texts, language) }
        mayReply = facts.isPublisher && facts.hasSession
        uses = facts.uses.prefix(Self.mostUses).map { use in
            UseRow(
                id: String(use.id),
                userTitle: use.organisationTitle,
                userHref: OrganisationPage.address(use.organisation),
                since: DateView(use.since, language, dayOnly: true),
                purpose: use.purpose,
                contact: use.contact,
                mayEnd: facts.hasSession && (facts.isOperator || facts.organisation == use.organisation),
                endLabel: texts.text(.useEndOf, language, ["organisation": use.organisationTitle])
            )
        }
        hasUses = !uses.isEmpty
        usesTitle = texts.text(.uses, language, ["count": language.number(facts.uses.count)])
        moreUses =
            facts.uses.count > Self.mostUses
            ? texts.text(.more, language, count: facts.uses.count - Self.mostUses) : nil
        mayUse = facts.hasSession && (facts.isOperator || facts.organisation != nil)
        ownOrganisation = facts.organisation ?? ""
        today = facts.today.dateText
        history = LevelHistory(facts.levels, until: facts.today, none: none, texts, language)
    }

    private static func outdated(
        _ reply: LevelReply,
        by now: AnsweredLevel?,
        _ texts: Texts,
        _ language: Language
    ) -> String? {
        switch reply.outdated(by: now) {
        case nil: nil
        case .level:
            texts.text(
                .replyOtherLevel,
                language,
                ["level": reply.level.map { language.text($0.title) } ?? texts.text(.levelUnknown, language)]
            )
        case .revision:
            reply.answered.revision.map {
                texts.text(.replyOtherRevision, language, ["commit": String($0.prefix(12))])
            } ?? texts.text(.replyOtherCheck, language)
        case .check: texts.text(.replyOtherCheck, language)
        }
    }
}

/// How a level went: a chart made here, and the same as a table.
struct LevelHistory: Sendable {
    struct Mark: Sendable {
        let at: DateView
        let standing: LevelView
        let x: Int
        let y: Int
        let key: String
    }

    struct Line: Sendable {
        let word: String
        let y: Int
        let textY: Int
    }

    /// What is said of no level where that may be an unknown one.
    struct Words: Sendable {
        let short: String
        let long: String
    }

    let line: String
    let marks: [Mark]
    let grid: [Line]
    let chartTitle: String
    let chartText: String
    let first: String
    let last: String

    private static let (left, right, top, step) = (90, 560, 16, 34)

    /// - Parameter levels: changes, the latest first; none makes no chart.
    init?(
        _ levels: [(at: Timestamp, level: Level)],
        until now: Timestamp,
        none: Words? = nil,
        _ texts: Texts,
        _ language: Language
    ) {
        let changes = Array(levels.reversed())
        guard let begin = changes.first?.at, let newest = changes.last?.at else { return nil }
        let end = max(now, newest)
        let span = max(end.microseconds - begin.microseconds, 1)
        func x(_ at: Timestamp) -> Int {
            Self.left
                + Int(Double(at.microseconds - begin.microseconds) / Double(span) * Double(Self.right - Self.left))
        }
        func y(_ level: Level) -> Int { Self.top + (3 - level.rank) * Self.step }
        marks = changes.map {
            Mark(
                at: DateView($0.at, language),
                standing: LevelView($0.level, language, none: none?.long),
                x: x($0.at),
                y: y($0.level),
                key: $0.level.rawValue
            )
        }
        var points: [String] = []
        for (index, mark) in marks.enumerated() {
            if index > 0 { points.append("\(mark.x),\(marks[index - 1].y)") }
            points.append("\(mark.x),\(mark.y)")
        }
        points.append("\(Self.right),\(marks.last?.y ?? 0)")
        line = points.joined(separator: " ")
        grid = Level.allCases.reversed().map {
            Line(
                word: $0 == Level.none ? none?.short ?? language.text($0.title) : language.text($0.title),
                y: y($0),
                textY: y($0) + 5
            )
        }
        chartTitle = texts.text(.levelHistory, language)
        chartText = changes.map { change in
            let word = change.level == Level.none ? none?.long : nil
            return "\(language.date(change.at)): \(word ?? language.text(change.level.title))"
        }
        .joined(separator: "; ")
        first = language.date(begin)
        last = language.date(end)
    }
}
