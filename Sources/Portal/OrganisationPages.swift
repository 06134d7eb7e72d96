// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Criteria
import Directory

/// The organisations that the node knows, for people who are known.
struct OrganisationsPage: Sendable {
    /// Organisations of one page.
    static let length = 100

    struct Row: Sendable {
        let heading: String
        let href: String
        let kind: String
    }

    let rows: [Row]
    let hasRows: Bool
    let next: String?

    init(_ organisations: [Organisation], _ texts: Texts, _ language: Language) {
        rows = organisations.prefix(Self.length).map {
            Row(
                heading: $0.title,
                href: OrganisationPage.address($0.name),
                kind: texts.text($0.kind.textKey, language)
            )
        }
        hasRows = !rows.isEmpty
        next =
            organisations.count > Self.length
            ? organisations.dropFirst(Self.length - 1).first.map {
                Pages.address("/organisations", [("after", $0.name)])
            } : nil
    }
}

/// One organisation: what it publishes, how good that is, and what it uses.
struct OrganisationPage: Sendable {
    /// Entries of one page.
    static let length = 50

    struct UseRow: Sendable {
        let href: String?
        let subject: String
        let since: DateView
        let purpose: String
    }

    let heading: String
    let facts: [Fact]
    let answer: String
    let cut: String?
    let chart: LevelBars
    let hasEntries: Bool
    let entries: [EntryRow]
    let next: String?
    let hasUses: Bool
    let uses: [UseRow]

    static func address(_ name: String) -> String { "/organisations/" + name }

    init(
        _ overview: Directory.Overview,
        contacts: Bool,
        _ texts: Texts,
        _ language: Language
    ) {
        let organisation = overview.organisation
        heading = organisation.title
        var facts = [
            Fact(
                term: texts.text(.organisationKind, language),
                text: texts.text(organisation.kind.textKey, language)
            )
        ]
        func add(_ key: TextKey, _ text: String?) {
            if let text, !text.isEmpty { facts.append(Fact(term: texts.text(key, language), text: text)) }
        }
        add(.organisationKey, organisation.officialKey)
        // A function address, but for people who are known all the same: the world's robots read these pages.
        if contacts {
            add(.organisationContact, organisation.securityContact)
            add(.organisationOperatesFor, overview.operatesFor.joined(separator: ", "))
            add(.organisationOperatedBy, overview.operatedBy.joined(separator: ", "))
        }
        self.facts = facts
        let good = overview.levels.filter { $0.key != .none }.values.reduce(0, +)
        answer = texts.text(.organisationAnswer, language, count: overview.counted, ["good": language.number(good)])
        cut =
            overview.isAtLeast
            ? texts.text(.organisationAnswerCut, language, ["count": language.number(overview.counted)]) : nil
        chart = LevelBars(overview.levels, unknown: overview.unknown, texts, language)
        entries = overview.entries.map { EntryRow($0, note: nil, texts, language) }
        hasEntries = !entries.isEmpty
        next = overview.next.map { Pages.address(Self.address(organisation.name), [("after", String($0))]) }
        uses = overview.uses.map { use in
            UseRow(
                href: use.subject.hasPrefix("image:") ? "/images/" + use.subject.dropFirst(6) : nil,
                subject: String(use.subject.drop { $0 != ":" }.dropFirst()),
                since: DateView(use.since, language, dayOnly: true),
                purpose: use.purpose
            )
        }
        hasUses = !uses.isEmpty
    }
}

/// How many entries have which level: a chart with the same numbers as a table.
struct LevelBars: Sendable {
    struct Bar: Sendable {
        let key: String
        let word: String
        let count: String
        let y: Int
        let textY: Int
        let width: Int
    }

    let bars: [Bar]
    let height: Int
    let chartTitle: String
    let chartText: String

    init(_ levels: [Level: Int], unknown: Int, _ texts: Texts, _ language: Language) {
        var rows = Level.allCases.reversed().map {
            (key: $0.rawValue, word: language.text($0.title), count: levels[$0] ?? 0)
        }
        rows.append((key: "unknown", word: texts.text(.levelUnknown, language), count: unknown))
        let most = max(rows.map(\.count).max() ?? 0, 1)
        bars = rows.enumerated().map { index, row in
            Bar(
                key: row.key,
                word: row.word,
                count: language.number(row.count),
                y: index * 28 + 4,
                textY: index * 28 + 18,
                width: row.count == 0 ? 0 : max(2, row.count * 300 / most)
            )
        }
        height = rows.count * 28 + 4
        chartTitle = texts.text(.levelsOfEntries, language)
        chartText = rows.map { "\($0.word): \(language.number($0.count))" }.joined(separator: ", ")
    }
}

extension Organisation.Kind {
    var textKey: TextKey {
        switch self {
        case .federal: .organisationKindFederal
        case .state: .organisationKindState
        case .municipal: .organisationKindMunicipal
        case .criticalInfrastructure: .organisationKindCritical
        case .supplier: .organisationKindSupplier
        }
    }
}
