// SPDX-License-Identifier: EUPL-1.2

import Advisories
package import Criteria
import SBOM
import Time

/// A verdict as a page of text: the answer first, then what to do, then what it rests on.
///
/// Readable without colour; colour only repeats what the words say. No line is longer than ``width``, but for a word that is.
package struct VerdictText {
    /// Columns of the page.
    package static let width = 100

    let verdict: Verdict
    let name: String
    let language: Language
    let colour: Bool
    let all: Bool
    /// Criteria that this version cannot decide.
    private let undecided: Set<String>

    init(verdict: Verdict, name: String, language: Language, colour: Bool, all: Bool, catalogue: Catalogue? = nil) {
        self.verdict = verdict
        self.name = name
        self.language = language
        self.colour = colour
        self.all = all
        // Without a catalogue only a sentence is missing: the advice itself says it too.
        undecided = Set((catalogue ?? (try? Catalogue.embedded()))?.criteria.filter(\.isUndecided).map(\.id) ?? [])
    }

    /// Makes the page in a language, `de` or `en`; another word means English.
    package init(verdict: Verdict, name: String, language: String, all: Bool = false) {
        self.init(
            verdict: verdict,
            name: name,
            language: Language(rawValue: language) ?? .en,
            colour: false,
            all: all
        )
    }

    /// The page, with a newline at its end.
    package var text: String {
        var lines = answer
        lines += section(stepsTitle, steps)
        lines += section(language(Texts.findings), findings)
        lines += section(language(Texts.notAssessed), notAssessed)
        lines += section(language(Texts.feeds), feeds)
        lines += [""] + wrapped(basis, indent: 0) + wrapped(language(Texts.disclaimer), indent: 0)
        return lines.map { $0 + "\n" }.joined()
    }

    // MARK: - Answer

    private var answer: [String] {
        var head = paint(language(verdict.headline), levelColour + ";1")
        if let steps = verdict.stepsHeadline { head += " · " + language(steps) }
        var subject = printable(name)
        if let platform = verdict.image.platform { subject += "  " + printable(platform) }
        let areas = Area.allCases.map { "\(language($0.title)): \(language(verdict.level(of: $0).title))" }.joined(
            separator: " · "
        )
        let counts = verdict.counts
        let results = Texts.counts(
            pass: counts.pass,
            fail: counts.fail,
            notApplicable: counts.notApplicable,
            unknown: counts.unknown,
            open: counts.open
        )
        var lines = [head] + wrapped(subject, indent: 0)
        if let digest = verdict.image.digest { lines.append(digest) }
        lines.append(areas)
        lines += wrapped("\(language(Texts.criteria)): \(language(results))", indent: 0)
        if verdict.exerciseData {
            let dates = verdict.feeds.map { "\(language.date($0.newestRecord ?? $0.date)) (\($0.name))" }
            let note = printable(language(Texts.exercise(dates.joined(separator: ", "))))
            lines += wrapped(note, indent: 0).map { paint($0, "33") }
        }
        return lines
    }

    private var levelColour: String {
        switch verdict.level {
        case .none: "31"
        case .bronze: "33"
        case .silver: "37"
        case .gold: "93"
        }
    }

    // MARK: - Steps

    private var stepsTitle: String {
        guard let next = verdict.level.next else { return "" }
        return language(Texts.stepsTo(next.title, count: verdict.steps.count))
    }

    private var steps: [String] {
        guard let next = verdict.level.next else { return [] }
        let steps = verdict.steps
        var lines: [String] = []
        let blocked = steps.count { $0.result == .unknown && undecided.contains($0.criterion) }
        if blocked > 0 { lines += wrapped(language(Texts.undecided(blocked, next.title)), indent: 2) }
        for (index, step) in steps.enumerated() {
            let isBlocked = step.result == .unknown && undecided.contains(step.criterion)
            let outcome = paint(language(step.result.title), step.result == .fail ? "31" : "33")
            lines.append("\(pad("\(index + 1).", 4))\(step.criterion)  \(language(step.title)): \(outcome)")
            lines += wrapped(printable(language(step.explanation)), indent: 6)
            lines += evidence(verdict.criteria.first { $0.id == step.criterion }?.evidence ?? [])
            let label = language(isBlocked ? Texts.usefulAlready : Texts.toDo)
            lines += wrapped("\(label): \(printable(language(step.advice)))", indent: 6)
            if !step.alsoSettles.isEmpty {
                lines += wrapped("\(language(Texts.settles)): \(step.alsoSettles.joined(separator: ", "))", indent: 6)
            }
        }
        return lines
    }

    /// Findings and feeds have sections of their own; said twice they would hide what the step is about.
    private func evidence(_ items: [CriterionEvidence]) -> [String] {
        let items = items.filter { $0.kind != .finding && $0.kind != .feed }
        var lines: [String] = []
        for item in items.prefix(3) {
            var text = "\(language(Texts.seen)): \(item.text)"
            if let path = item.path, !item.text.contains(path) { text += " (/\(path))" }
            lines += wrapped(printable(text), indent: 6)
        }
        if items.count > 3 { lines.append("      " + language(Texts.more(items.count - 3))) }
        return lines
    }

    // MARK: - Findings

    private var findings: [String] {
        let groups = verdict.advisoryGroups
        guard !groups.isEmpty else {
            // "None" would read as a clean bill of health where nobody looked.
            if verdict.feeds.isEmpty { return wrapped(language(Texts.noFindingsWithoutFeeds), indent: 2) }
            return ["  " + language(verdict.notAssessed.isEmpty ? Texts.noFindings : Texts.noFindingsInAssessed)]
        }
        var seen: Set<String> = []
        let advisories = groups.filter { seen.insert($0.finding.id).inserted }
        var counts: [Severity: Int] = [:]
        for group in advisories { counts[group.finding.severity, default: 0] += 1 }
        let severities = counts.sorted { $0.key > $1.key }.map { "\($0.value) \(language(Texts.severity($0.key)))" }
        let total = Texts.findingsTotal(
            advisories: advisories.count,
            sources: Set(groups.map(\.sourceName)).count,
            packages: Set(verdict.findings.map(\.componentName)).count
        )
        var lines = wrapped(language(total) + ": " + severities.joined(separator: ", "), indent: 2)
        let exploited = advisories.count { $0.finding.kev != nil }
        if exploited > 0 { lines.append("  " + paint(language(Texts.exploitedTotal(exploited)), "31")) }
        let shown = all ? groups[...] : groups.prefix(30)
        lines += table(shown)
        if shown.count < groups.count { lines.append("  " + language(Texts.moreFindings(groups.count - shown.count))) }
        return lines
    }

    /// One line for each advisory and source package; the columns for package and fix give way where the line grows too long.
    private func table(_ groups: ArraySlice<AdvisoryGroup>) -> [String] {
        let isExploited = groups.contains { $0.finding.kev != nil }
        let header = Texts.columns.map { language($0) }
        let rows = groups.map { group in
            let finding = group.finding
            return [
                finding.id, finding.kev == nil ? "" : language(Texts.exploited),
                language(Texts.severity(finding.severity)),
                "\(group.sourceName) \(group.sourceVersion)", String(group.findings.count),
                finding.status == .affected ? finding.fixedIn ?? "-" : language(Texts.status(finding.status)),
                language.decimal(finding.risk),
            ].map(printable)
        }
        let columns = header.indices.filter { isExploited || $0 != 1 }
        var widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        // Numbers stand at the right of their columns, so that one space before those is enough.
        let isNumber: Set<Int> = [4, 6]
        let room = Self.width - 2 - columns.dropFirst().map { isNumber.contains($0) ? 1 : 2 }.reduce(0, +)
        let flexible = [3, 5, 0]
        let fixed = columns.filter { !flexible.contains($0) }.map { widths[$0] }.reduce(0, +)
        while fixed + flexible.map({ widths[$0] }).reduce(0, +) > room,
            let widest = flexible.max(by: { widths[$0] < widths[$1] }), widths[widest] > 8
        {
            widths[widest] -= 1
        }
        return ([header] + rows).enumerated().map { index, row in
            var line = " "
            for column in columns {
                let padding = String(repeating: " ", count: max(0, widths[column] - row[column].count))
                line +=
                    isNumber.contains(column)
                    ? " " + padding + row[column]
                    : (column == columns.first ? " " : "  ") + pad(cut(row[column], widths[column]), widths[column])
            }
            while line.last == " " { line.removeLast() }
            return index == 0 ? paint(line, "1") : line
        }
    }

    // MARK: - What it rests on

    private var notAssessed: [String] {
        verdict.notAssessed.flatMap { item in
            wrapped(
                printable(
                    "\(item.ecosystem): \(language(Texts.components(item.components))): \(language(item.reason))"
                ),
                indent: 2
            )
        }
    }

    private var feeds: [String] {
        guard !verdict.feeds.isEmpty else { return ["  " + language(Texts.noFeedsShort)] }
        return verdict.feeds.flatMap { feed in
            let line = Texts.feedLine(
                date: LocalizedText(de: Language.de.date(feed.date), en: Language.en.date(feed.date)),
                newest: feed.newestRecord.map { LocalizedText(de: Language.de.date($0), en: Language.en.date($0)) },
                count: feed.count
            )
            return wrapped(printable("\(feed.name): \(language(line))"), indent: 2)
        }
    }

    private var basis: String {
        var parts = [
            language(Texts.evaluated(verdict.evaluatedAt)), language(Texts.catalogue(verdict.catalogueVersion)),
        ]
        if let until = verdict.validUntil { parts.append(language(Texts.validUntil(until))) }
        return parts.joined(separator: ", ")
    }

    // MARK: - Shape

    private func section(_ title: String, _ lines: [String]) -> [String] {
        guard !lines.isEmpty else { return [] }
        return ["", paint(title, "1")] + lines
    }

    private func paint(_ text: String, _ code: String) -> String { colour ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }

    private func pad(_ text: String, _ width: Int) -> String {
        text.count >= width ? text : text + String(repeating: " ", count: width - text.count)
    }

    private func cut(_ text: String, _ width: Int) -> String {
        text.count <= width ? text : text.prefix(max(0, width - 1)) + "…"
    }
}

extension Language {
    /// A day as people write it.
    func date(_ instant: Timestamp) -> String {
        let date = instant.date
        switch self {
        case .de: return "\(Self.two(date.day)).\(Self.two(date.month)).\(date.year)"
        case .en: return "\(date.day) \(Self.months[Int(date.month) - 1]) \(date.year)"
        }
    }

    /// A day and time as people write it, in UTC.
    func dateTime(_ instant: Timestamp) -> String {
        let second = instant.secondOfDay
        return date(instant) + ", " + Self.two(second / 3600) + ":" + Self.two(second / 60 % 60) + " UTC"
    }

    /// A number with one digit after the point.
    func decimal(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "-" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10)\(self == .de ? "," : ".")\(abs(tenths) % 10)"
    }

    private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
}
