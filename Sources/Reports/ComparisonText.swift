// SPDX-License-Identifier: EUPL-1.2

internal import Criteria
internal import SBOM

/// What differs from an earlier verdict, in lines for a terminal and for a comment.
public struct ComparisonText: Sendable {
    /// At most this many findings of a kind are named.
    private static let shown = 20

    private let comparison: VerdictComparison
    private let language: ReportLanguage

    /// Writes a comparison in a language.
    public init(_ comparison: VerdictComparison, _ language: ReportLanguage) {
        self.comparison = comparison
        self.language = language
    }

    /// One sentence: "Compared with the baseline: 2 new findings, 1 gone, …".
    public var summary: String {
        "\(language(ReportTexts.comparedWithBaseline)): "
            + (comparison.isEmpty ? language(ReportTexts.nothingChanged) : language(counts))
    }

    /// Lines of plain text, without control characters: the summary, then what is worse, new and gone.
    public var lines: [String] { [summary] + entries.map { "  \($0.label): \($0.text.plain())" } + notes }

    var markdown: [String] {
        let entries = self.entries.map { "- \($0.label): \(MarkdownText.prose($0.text, limit: 300))" }
        return ["**\(summary)**"] + (entries.isEmpty ? [] : [""] + entries) + (notes.isEmpty ? [] : [""] + notes)
    }

    private var counts: LocalizedText {
        ReportTexts.counts(
            new: comparison.newFindings.count,
            gone: comparison.goneFindings.count,
            changed: comparison.changedFindings.count,
            lost: comparison.lostFindings.count,
            worse: comparison.worse.count
        )
    }

    private var entries: [(label: String, text: String)] {
        var entries: [(label: String, text: String)] = []
        for change in comparison.criteria {
            let before = change.before.map { language($0.title) } ?? language(ReportTexts.notAsked)
            entries.append(
                (
                    language(change.isWorse ? ReportTexts.worse : ReportTexts.changed),
                    "\(change.after.id) \(language(change.after.title)): \(before) → \(language(change.after.result.title))"
                )
            )
        }
        let kinds = [
            (ReportTexts.new, comparison.newFindings), (ReportTexts.gone, comparison.goneFindings),
            (ReportTexts.lost, comparison.lostFindings), (ReportTexts.changed, comparison.changedFindings.map(\.after)),
        ]
        for (label, groups) in kinds {
            for group in groups.prefix(Self.shown) { entries.append((language(label), language.sentence(group))) }
            if groups.count > Self.shown {
                entries.append((language(label), language(ReportTexts.more(groups.count - Self.shown))))
            }
        }
        return entries
    }

    private var notes: [String] {
        (comparison.isOtherSnapshot ? [language(ReportTexts.otherSnapshot)] : [])
            + (comparison.isOtherCatalogue ? [language(ReportTexts.otherCatalogue)] : [])
    }
}
