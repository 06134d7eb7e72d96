// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import Reports
import SBOM
import Testing

@Suite("Report as a comment")
struct MarkdownTests {
    @Test(
        "the first line says level and how many steps are left; every step has its advice",
        arguments: ReportLanguage.allCases
    )
    func answer(_ language: ReportLanguage) throws {
        let verdict = try SampleReport.verdict([SampleReport.finding("CVE-2026-1")])
        let page = try SampleReport.report(verdict, language: language).markdown
        let first = try #require(page.split(separator: "\n").first)
        let steps = try #require(verdict.stepsHeadline)
        #expect(first == "### \(language(verdict.headline)) · \(language(steps))")
        for (index, step) in verdict.steps.enumerated() {
            #expect(page.contains("\n\(index + 1). **\(step.criterion) "))
        }
        let advised = verdict.steps.count { $0.advice != $0.explanation }
        #expect(advised > 0)
        #expect(page.ranges(of: language == .de ? "**So geht es:** " : "**How to:** ").count == advised)
        #expect(page.contains("<details><summary>") && page.contains("| `CVE-2026-1` |"))
    }

    @Test("a page stays below its bound, and says how much it leaves out")
    func bound() throws {
        let findings = (0..<5000).map { SampleReport.finding("CVE-2026-\(10_000 + $0)", source: "source-\($0)") }
        let page = try SampleReport.report(SampleReport.verdict(findings)).markdown
        #expect(page.utf8.count <= Report.markdownLimit)
        #expect(page.utf8.count > Report.markdownLimit / 2)
        let shown = page.ranges(of: "| `CVE-2026-").count
        #expect(page.contains("… and \(5000 - shown) more\n"))
        #expect(page.hasSuffix("</sub>\n"), "the disclaimer is there whatever is left out")
    }

    @Test("hostile text neither formats, links, mentions nor ends a cell", arguments: ReportLanguage.allCases)
    func hostile(_ language: ReportLanguage) throws {
        let page = try SampleReport.hostileReport(language).markdown
        #expect(page.utf8.count <= Report.markdownLimit)
        for line in page.split(separator: "\n") {
            // A command of a code host stands at the start of a line.
            #expect(!line.hasPrefix("/"))
            if line.hasPrefix("| ") { #expect(line.count { $0 == "|" } == 7, "\(line)") }
            let outside = Self.withoutCode(line)
            #expect(!outside.contains("<script"), "\(line)")
            #expect(!outside.contains("@team"), "\(line)")
            #expect(!outside.contains("https://"), "\(line)")
            #expect(!outside.contains("#1"), "\(line)")
        }
        #expect(page.ranges(of: "</details>").count { !Self.isInCode($0.lowerBound, page) } <= 2)
    }

    @Test("what nobody has looked at is not clean")
    func unknownFindings() throws {
        let none = try SampleReport.report(SampleReport.verdict(hasFeeds: false)).markdown
        #expect(none.contains("Findings unknown: no advisories are loaded."))
        let reason = NotAssessed.sample
        let part = try SampleReport.report(SampleReport.verdict(notAssessed: [reason])).markdown
        #expect(part.contains("No findings in what could be assessed.") && part.contains("`npm`: 2 components: "))
        #expect(try SampleReport.report(SampleReport.verdict()).markdown.contains("No findings.\n"))
    }

    /// The line without its code spans, by CommonMark's rule: a run of backticks ends at the next run of the same length.
    private static func withoutCode(_ line: Substring) -> String {
        var rest = Array(line.unicodeScalars)[...]
        var output = String.UnicodeScalarView()
        while let scalar = rest.first {
            if scalar == "\\", rest.count > 1 {
                output.append(contentsOf: rest.prefix(2))
                rest = rest.dropFirst(2)
                continue
            }
            guard scalar == "`" else {
                output.append(scalar)
                rest = rest.dropFirst()
                continue
            }
            let run = rest.prefix { $0 == "`" }.count
            var after = rest.dropFirst(run)
            var isClosed = false
            while !after.isEmpty {
                after = after.drop { $0 != "`" }
                let next = after.prefix { $0 == "`" }.count
                after = after.dropFirst(next)
                if next == run {
                    isClosed = true
                    break
                }
            }
            if isClosed {
                rest = after
            } else {
                output.append(contentsOf: rest.prefix(run))
                rest = rest.dropFirst(run)
            }
        }
        return String(output)
    }

    private static func isInCode(_ index: String.Index, _ page: String) -> Bool {
        let start = page[..<index].lastIndex(of: "\n").map { page.index(after: $0) } ?? page.startIndex
        let end = page[index...].firstIndex(of: "\n") ?? page.endIndex
        return !withoutCode(page[start..<end]).contains("</details>")
    }
}
