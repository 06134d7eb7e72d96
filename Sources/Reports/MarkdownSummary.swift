// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
internal import Criteria
internal import SBOM
internal import Time

extension Report {
    /// At most this many bytes of UTF-8: comments of code hosts end at 65536 characters.
    public static let markdownLimit = 60_000

    /// The report as a comment under a merge request, in GitHub's Markdown: the answer, the steps with their advice, and the findings folded.
    ///
    /// Text out of the image or a feed can neither format nor link nor mention anybody. What does not fit into ``markdownLimit`` is counted,
    /// never dropped in silence.
    public var markdown: String {
        var page = MarkdownPage(limit: Self.markdownLimit, language: language)
        page.block(answer)
        if let comparison { page.block(ComparisonText(comparison, language).markdown) }
        page.list(steps, limit: Self.markdownLimit * 3 / 5)
        let tail = foot
        page.reserve(tail)
        page.fold(title: findingsTitle, head: tableHead, rows: findingRows)
        page.fold(title: language(ReportTexts.notAssessed), head: [], rows: notAssessedRows)
        page.finish(tail)
        return page.text
    }

    private var answer: [String] {
        var title = language(verdict.headline)
        if let steps = verdict.stepsHeadline { title += " · " + language(steps) }
        let digest = verdict.image.digest.map { " " + MarkdownText.code($0) } ?? ""
        let platform = verdict.image.platform.map { " " + MarkdownText.code($0) } ?? ""
        let areas = Area.allCases.map { "\(language($0.title)): **\(language(verdict.level(of: $0).title))**" }
        var lines = [
            "### \(title)", "", MarkdownText.code(name) + platform + digest, "", areas.joined(separator: " · "),
        ]
        if let note = verdict.note { lines += ["", "> " + MarkdownText.prose(language(note))] }
        return lines
    }

    private var steps: [String] {
        guard verdict.level.next != nil else { return [language(ReportTexts.nothingToDo)] }
        return verdict.steps.enumerated().map { index, step in
            var text = "\(index + 1). **\(step.criterion) \(MarkdownText.prose(language(step.title)))** "
            text += "(\(language(step.result.title))): " + MarkdownText.prose(language(step.explanation))
            // A backslash is the line break that every renderer knows.
            if step.advice != step.explanation {
                text += "\\\n   **\(language(ReportTexts.toDo)):** " + MarkdownText.prose(language(step.advice))
            }
            if !step.alsoSettles.isEmpty {
                text += "\\\n   (\(language(ReportTexts.settles)): \(step.alsoSettles.joined(separator: ", ")))"
            }
            return text
        }
    }

    private var findingsTitle: String {
        let groups = openGroups
        // "None" would read as a clean bill of health where nobody looked.
        guard !groups.isEmpty else {
            if verdict.feeds.isEmpty { return language(ReportTexts.noFeeds) }
            return language(verdict.notAssessed.isEmpty ? ReportTexts.noFindings : ReportTexts.noFindingsInAssessed)
        }
        var seen: Set<String> = []
        let advisories = groups.filter { seen.insert($0.finding.id).inserted }
        var counts: [Severity: Int] = [:]
        for group in advisories { counts[group.finding.severity, default: 0] += 1 }
        let severities = counts.sorted { $0.key > $1.key }
            .map { "\($0.value) \(language(ReportTexts.severity($0.key)))" }
        let exploited = advisories.count { $0.finding.kev != nil }
        let sources = Set(groups.map(\.sourceName)).count
        return language(ReportTexts.findingsTotal(advisories: advisories.count, sources: sources)) + ": "
            + severities.joined(separator: ", ")
            + (exploited > 0 ? " (\(exploited) \(language(ReportTexts.exploited)))" : "")
    }

    private var tableHead: [String] {
        let names = ReportTexts.columns.map { language($0) }
        return ["| " + names.joined(separator: " | ") + " |", "|" + names.map { _ in "---|" }.joined()]
    }

    private var findingRows: [String] {
        openGroups.map { group in
            let finding = group.finding
            let severity = language(ReportTexts.severity(finding.severity))
            let fix = finding.status == .affected ? finding.fixedIn : nil
            let cells = [
                MarkdownText.cell(finding.id),
                finding.kev == nil ? severity : "\(severity), **\(language(ReportTexts.exploited))**",
                MarkdownText.cell(group.sourceName), MarkdownText.cell(group.sourceVersion),
                fix.map { MarkdownText.cell($0) } ?? language(ReportTexts.status(finding.status)),
                language.decimal(finding.risk),
            ]
            return "| " + cells.joined(separator: " | ") + " |"
        }
    }

    private var notAssessedRows: [String] {
        verdict.notAssessed.map { item in
            "- \(MarkdownText.code(item.ecosystem)): \(language(ReportTexts.components(item.components))): "
                + MarkdownText.prose(language(item.reason))
        }
    }

    private var foot: [String] {
        let basis = ReportTexts.basis(
            evaluated: verdict.evaluatedAt.rfc3339,
            catalogue: verdict.catalogueVersion,
            validUntil: verdict.validUntil?.rfc3339
        )
        return ["<sub>\(MarkdownText.prose(language(basis))) \(language(ReportTexts.disclaimer))</sub>"]
    }
}
