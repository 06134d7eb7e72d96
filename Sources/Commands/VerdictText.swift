// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import SBOM
import Time

/// A verdict as a page of text: the answer first, then what to do, then what it rests on.
///
/// Readable without colour; colour only repeats what the words say.
struct VerdictText {
    let verdict: Verdict
    let name: String
    let language: Language
    let colour: Bool
    let all: Bool

    /// The page, with a newline at its end.
    var text: String {
        var lines = answer
        lines += section(stepsTitle, steps)
        lines += section(language(Texts.findings), findings)
        lines += section(language(Texts.notAssessed), notAssessed)
        lines += section(language(Texts.feeds), feeds)
        lines += ["", basis, language(Texts.disclaimer)]
        return lines.map { $0 + "\n" }.joined()
    }

    // MARK: - Answer

    private var answer: [String] {
        var head = paint(language(verdict.headline), levelColour + ";1")
        if let steps = verdict.stepsHeadline { head += " · " + language(steps) }
        var subject = printable(name)
        if let digest = verdict.image.digest { subject += "  " + digest }
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
        var lines = [head, subject, areas, "\(language(Texts.criteria)): \(language(results))"]
        if let note = verdict.note { lines.append(paint(language(note), "33")) }
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
        return language(Texts.stepsTo(language(next.title)))
    }

    private var steps: [String] {
        guard verdict.level.next != nil else { return [] }
        let steps = verdict.steps
        var lines: [String] = []
        for (index, step) in steps.enumerated() {
            let outcome = paint(language(step.result.title), step.result == .fail ? "31" : "33")
            lines.append("\(pad("\(index + 1).", 4))\(step.criterion)  \(language(step.title)): \(outcome)")
            lines += wrapped(printable(language(step.explanation)), indent: 6)
            let criterion = verdict.criteria.first { $0.id == step.criterion }
            lines += evidence(criterion?.evidence ?? [])
            lines += wrapped("\(language(Texts.toDo)): \(printable(language(step.advice)))", indent: 6)
            if !step.alsoSettles.isEmpty {
                lines += wrapped("\(language(Texts.settles)): \(step.alsoSettles.joined(separator: ", "))", indent: 6)
            }
        }
        return lines
    }

    private func evidence(_ items: [CriterionEvidence]) -> [String] {
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
        let rows = verdict.findings
        guard !rows.isEmpty else {
            // "None" would read as a clean bill of health where nobody looked.
            if verdict.feeds.isEmpty { return ["  " + language(Texts.noFindingsWithoutFeeds)] }
            return ["  " + language(verdict.notAssessed.isEmpty ? Texts.noFindings : Texts.noFindingsInAssessed)]
        }
        let bySeverity = verdict.findingCounts.map { "\($0.count) \($0.severity.rawValue)" }.joined(separator: ", ")
        var lines = ["  " + language(Texts.findingsTotal(rows.count)) + (bySeverity.isEmpty ? "" : ": " + bySeverity)]
        let shown = all ? rows[...] : rows.prefix(30)
        lines += table(shown)
        if shown.count < rows.count { lines.append("  " + language(Texts.moreFindings(rows.count - shown.count))) }
        return lines
    }

    private func table(_ rows: ArraySlice<Finding>) -> [String] {
        let header = Texts.columns.map { language($0) }
        let cells = rows.map { finding in
            [
                finding.severity.rawValue, finding.id, finding.componentName, finding.componentVersion,
                finding.fixedIn ?? "-", finding.status.rawValue,
                finding.kev == nil ? "-" : language(Texts.exploited), oneDecimal(finding.risk),
            ].map(printable)
        }
        let widths = header.indices.map { column in
            min(40, ([header] + cells).map { $0[column].count }.max() ?? 0)
        }
        return ([header] + cells).enumerated().map { index, row in
            var line = "  " + row.enumerated().map { pad($0.element, widths[$0.offset]) }.joined(separator: "  ")
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
        return verdict.feeds.map { feed in
            let line = Texts.feedLine(date: feed.date.dateText, newest: feed.newestRecord?.dateText, count: feed.count)
            return printable("  \(feed.name): \(language(line))")
        }
    }

    private var basis: String {
        var parts = [language(Texts.catalogue(verdict.catalogueVersion))]
        if let until = verdict.validUntil { parts.append(language(Texts.validUntil(until.dateText))) }
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

    private func oneDecimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    /// Breaks at spaces near 100 columns; a line of advice that is a command is never broken inside a word.
    private func wrapped(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.count + word.count + 1 > 100 - indent {
                lines.append(margin + line)
                line = "  " + word
            } else {
                line += (line.isEmpty ? "" : " ") + word
            }
        }
        if !line.isEmpty { lines.append(margin + line) }
        return lines
    }
}
