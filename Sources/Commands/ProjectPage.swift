// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import ProjectCriteria
import SBOM
import Time

/// A project's verdict as a page of text or Markdown: the answer first, then what to do.
struct ProjectPage {
    let verdict: ProjectVerdict
    let language: Language
    let colour: Bool
    /// Also list what is passed.
    let all: Bool

    /// The page, with a newline at its end.
    var text: String {
        var lines = [paint(language(verdict.level.title), "1")]
        lines += wrapped(printable(subject), indent: 0)
        lines.append(badges)
        lines.append(counts)
        let steps = self.steps
        if !steps.isEmpty, let next = verdict.level.next {
            lines += ["", paint(language(Texts.stepsTo(next.title, count: steps.count)), "1")]
            for (index, step) in steps.enumerated() {
                let result = step.criterion
                let outcome = paint(language(result.result.title), result.result == .fail ? "31" : "33")
                lines.append("\(index + 1). \(result.id)  \(language(result.title)): \(outcome)")
                lines += wrapped(printable(language(result.explanation)), indent: 6)
                if let advice = result.advice {
                    lines += wrapped("\(language(Texts.toDo)): \(printable(language(advice)))", indent: 6)
                }
            }
        }
        lines += ["", paint(language(Texts.criteria), "1")]
        for result in verdict.results where all || !shown(result) {
            let criterion = result.criterion
            lines.append(
                "  \(criterion.id)  \(language(criterion.level.title))  \(language(criterion.title)): \(language(criterion.result.title))"
            )
            if all { lines += wrapped(printable(language(criterion.explanation)), indent: 6) }
        }
        lines += [""] + wrapped(basis, indent: 0) + wrapped(language(verdict.notice), indent: 0)
        return lines.map { $0 + "\n" }.joined()
    }

    /// The page as Markdown.
    var markdown: String {
        var lines = ["## \(cell(subject)): \(language(verdict.level.title))", "", badges, "", counts, ""]
        lines += ["| | \(language(Texts.criteria)) | | |", "|---|---|---|---|"]
        for result in verdict.results {
            let criterion = result.criterion
            let todo = criterion.advice.map { " " + language($0) } ?? ""
            lines.append(
                "| \(criterion.id) | \(cell(language(criterion.title))) (\(language(criterion.level.title))) | \(language(criterion.result.title)) | \(cell(language(criterion.explanation) + todo)) |"
            )
        }
        lines += ["", cell(basis), "", cell(language(verdict.notice))]
        return lines.map { $0 + "\n" }.joined()
    }

    private var subject: String {
        let commit = verdict.commit.map { " @ \($0.prefix(12))" } ?? ""
        return verdict.project + commit + (verdict.branch.map { " (\($0))" } ?? "")
    }

    private var badges: String {
        verdict.badges.map { "\(language($0.title)): \(language($0.level.title))" }.joined(separator: " · ")
    }

    private var counts: String {
        func count(_ outcome: Outcome) -> String {
            "\(verdict.results.count { $0.criterion.result == outcome }) \(language(outcome.title))"
        }
        return Outcome.allCases.map(count).joined(separator: ", ")
    }

    private var steps: [ProjectVerdict.Result] { verdict.level.next.map { verdict.steps(to: $0) } ?? [] }

    private func shown(_ result: ProjectVerdict.Result) -> Bool {
        steps.contains { $0.criterion.id == result.criterion.id }
    }

    private var basis: String {
        var parts = [language(Texts.evaluated(verdict.evaluatedAt)), language(Texts.catalogue(verdict.catalogue))]
        parts += verdict.feeds.map { "\($0.name) \(($0.newestRecord ?? $0.asOf).dateText)" }
        return parts.joined(separator: ", ")
    }

    private func paint(_ text: String, _ code: String) -> String { colour ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text }

    /// Text of strangers in a cell: nothing of it may begin markup or end the cell.
    private func cell(_ text: String) -> String {
        var result = ""
        for character in printable(text) {
            switch character {
            case "<": result += "&lt;"
            case "&": result += "&amp;"
            case "|", "[", "]", "\\", "*", "_", "!", "#", "~", "@": result += "\\" + String(character)
            default: result.append(character)
            }
        }
        return result
    }
}
