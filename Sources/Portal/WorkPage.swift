// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Directory

/// What to do first in the namespaces of whoever asks.
struct WorkPage: Sendable {
    /// Most images of the list.
    static let length = 50
    /// Most names of namespaces in a sentence.
    private static let namesTold = 20

    struct Row: Sendable {
        let label: String
        let href: String
        let standing: LevelView?
        let fix: String?
        let exploited: String?
        let risk: String?
        let command: String?
        let hasNoCommand: Bool
        let further: String?
        let step: String?
        let stepTitle: String?
        let stepHref: String?
        let advice: Prose?
    }

    let isMember: Bool
    let hasRows: Bool
    let answer: String
    let whereabouts: String
    let rows: [Row]

    init(_ entries: [DirectoryEntry], namespaces: [String], _ texts: Texts, _ language: Language) {
        isMember = !namespaces.isEmpty
        rows = entries.map { entry in
            let (fix, steps) = (entry.facts.fix, entry.facts.steps)
            return Row(
                label: entry.label,
                href: EntryRow.address(entry),
                standing: entry.level.map { LevelView($0, language) },
                fix: fix.map {
                    texts.text(
                        .workFix,
                        language,
                        ["component": $0.component, "version": $0.version, "fixed": $0.fixedIn, "id": $0.id]
                    )
                },
                exploited: fix?.exploited == true ? texts.text(.exploited, language) : nil,
                risk: fix.map { language.decimal($0.risk) },
                command: fix?.command,
                hasNoCommand: fix != nil && fix?.command == nil,
                further: fix.flatMap {
                    $0.further == 0 ? nil : texts.text(.workFurther, language, count: $0.further)
                },
                step: steps.map { steps in
                    let level = Level(rawValue: steps.to).map { language.text($0.title) } ?? steps.to
                    return texts.text(
                        .workStep,
                        language,
                        ["level": level, "count": language.number(steps.count)]
                    )
                },
                stepTitle: steps.map { language.text($0.title) },
                stepHref: steps.map { ResultItem.address($0.criterion) },
                advice: steps.map { Prose(language.text($0.advice)) }
            )
        }
        hasRows = !rows.isEmpty
        answer = texts.text(.workCount, language, count: rows.count)
        let names = namespaces.prefix(Self.namesTold).joined(separator: ", ")
        whereabouts = texts.text(
            .workWhere,
            language,
            ["names": names + (namespaces.count > Self.namesTold ? ", …" : "")]
        )
    }
}
