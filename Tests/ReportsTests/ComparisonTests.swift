// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import JSON
import Reports
import SBOM
import Testing

extension NotAssessed {
    static let sample = NotAssessed(
        ecosystem: "npm",
        components: 2,
        reason: LocalizedText(de: "keine Quelle", en: "no feed")
    )
}

@Suite("What differs")
struct ComparisonTests {
    private static func comparison(_ before: [Finding], _ after: [Finding]) throws -> VerdictComparison {
        try VerdictComparison(before: SampleReport.verdict(before), after: SampleReport.verdict(after))
    }

    @Test("a newer version, a renamed package and an alias are the same finding; another advisory is a new one")
    func identity() throws {
        let before = [SampleReport.finding("CVE-2026-1"), SampleReport.finding("CVE-2026-2")]
        let after = [
            SampleReport.finding("CVE-2026-1", package: "libssl3t64", version: "3.0.12-1"),
            SampleReport.finding("DSA-1", aliases: ["CVE-2026-2"]), SampleReport.finding("CVE-2026-3"),
        ]
        let comparison = try Self.comparison(before, after)
        #expect(comparison.newFindings.map(\.finding.id) == ["CVE-2026-3"])
        #expect(comparison.goneFindings.isEmpty && comparison.lostFindings.isEmpty)
    }

    @Test("what was not affected before and is now is new; what is fixed or investigated is not affected")
    func status() throws {
        let before = [
            SampleReport.finding("CVE-2026-1", status: .underInvestigation), SampleReport.finding("CVE-2026-2"),
            SampleReport.finding("CVE-2026-3", status: .affectedNoFix, fixedIn: nil),
        ]
        let after = [
            SampleReport.finding("CVE-2026-1"), SampleReport.finding("CVE-2026-2", status: .fixed),
            SampleReport.finding("CVE-2026-3"),
        ]
        let comparison = try Self.comparison(before, after)
        #expect(comparison.newFindings.map(\.finding.id) == ["CVE-2026-1"])
        #expect(comparison.goneFindings.map(\.finding.id) == ["CVE-2026-2"])
        #expect(comparison.changedFindings.map(\.after.finding.id) == ["CVE-2026-3"])
    }

    @Test("a finding that nobody looks for any more is not gone")
    func lost() throws {
        let before = try SampleReport.verdict([SampleReport.finding("CVE-2026-1")])
        let unassessed = NotAssessed(ecosystem: "deb", components: 1, reason: LocalizedText(de: "g", en: "r"))
        for after in [
            try SampleReport.verdict(hasFeeds: false), try SampleReport.verdict(notAssessed: [unassessed]),
        ] {
            let comparison = VerdictComparison(before: before, after: after)
            #expect(comparison.goneFindings.isEmpty)
            #expect(comparison.lostFindings.map(\.finding.id) == ["CVE-2026-1"])
        }
    }

    @Test("a limit lets through what is less bad, never what is exploited; unrated counts as medium")
    func limits() throws {
        let comparison = try Self.comparison(
            [],
            [
                SampleReport.finding("CVE-2026-1", severity: .low),
                SampleReport.finding("CVE-2026-2", severity: .unknown),
                SampleReport.finding("CVE-2026-3", severity: .negligible, kev: true),
                SampleReport.finding("CVE-2026-4", severity: .high),
            ]
        )
        func ids(_ severity: Severity) -> Set<String> { Set(comparison.newFindings(from: severity).map(\.finding.id)) }
        #expect(ids(.critical) == ["CVE-2026-3"])
        #expect(ids(.high) == ["CVE-2026-3", "CVE-2026-4"])
        #expect(ids(.medium) == ["CVE-2026-2", "CVE-2026-3", "CVE-2026-4"])
        #expect(ids(.negligible).count == 4)
    }

    @Test("a criterion that fails now, or that was passed and is unknown now, is worse; one that passes now is not")
    func criteria() throws {
        var before = try SampleReport.verdict()
        var after = before
        let counted = before.criteria.indices.filter { before.counts(before.criteria[$0]) }
        let results: [(Outcome, Outcome, Bool)] = [
            (.pass, .fail, true), (.unknown, .fail, true), (.pass, .unknown, true), (.notApplicable, .unknown, true),
            (.fail, .pass, false), (.fail, .unknown, false), (.unknown, .pass, false),
        ]
        for (index, (old, new, _)) in zip(counted, results) {
            before.criteria[index].result = old
            after.criteria[index].result = new
        }
        let comparison = VerdictComparison(before: before, after: after)
        #expect(comparison.criteria.map(\.isWorse) == results.map(\.2))
        // A criterion that is asked for the first time is worse only when it is not met.
        let removed = before.criteria.remove(at: counted[0])
        after.criteria[counted[0]].result = .pass
        #expect(!VerdictComparison(before: before, after: after).criteria.contains { $0.after.id == removed.id })
        after.criteria[counted[0]].result = .fail
        #expect(VerdictComparison(before: before, after: after).worse.contains { $0.after.id == removed.id })
    }

    @Test("the summary and the comment say what is new and what is gone")
    func words() throws {
        let comparison = try Self.comparison(
            [SampleReport.finding("CVE-2026-1")],
            [SampleReport.finding("CVE-2026-2", kev: true)]
        )
        let lines = ComparisonText(comparison, .en).lines
        #expect(lines.first?.hasPrefix("Compared with the baseline: 1 new finding, 1 gone, 0 changed; ") == true)
        #expect(
            lines.contains {
                $0.hasPrefix("  new: CVE-2026-2 (high, exploited) in openssl 3.0.11-1 (libssl3): fixed in")
            }
        )
        #expect(lines.contains { $0.hasPrefix("  gone: CVE-2026-1") })
        let same = try Self.comparison([], [])
        #expect(same.isEmpty && ComparisonText(same, .de).lines == ["Gegenüber dem Vergleichsstand: nichts geändert"])
        let verdict = try SampleReport.verdict([SampleReport.finding("CVE-2026-2", kev: true)])
        let report = try SampleReport.report(verdict, comparison: comparison)
        #expect(report.markdown.contains("- new: CVE-2026-2"))
        let results = report.sarif["runs"]?[0]?["results"]?.arrayValue ?? []
        let new = results.filter { $0["baselineState"] == "new" }.compactMap { $0["ruleId"]?.stringValue }
        // With what got worse: an exploited finding fails a criterion as well.
        #expect(new == comparison.worse.map(\.after.id) + ["CVE-2026-2"])
        #expect(results.contains { $0["baselineState"] == "unchanged" })
    }

    @Test("two images: components, rights of files, findings")
    func images() throws {
        func file(_ path: String, _ mode: UInt32, user: UInt32 = 0) -> FileFact {
            FileFact(path: path, mode: mode, userID: user, groupID: 0, size: 1, layer: 0)
        }
        func list(_ files: FileFact...) -> FileList { FileList(total: files.count, items: files) }
        func side(_ name: String, _ components: [Component], _ files: FileEvidence, _ findings: [Finding]) throws
            -> ImageDifference.Side
        {
            let evidence = SampleReport.evidence(components: components, files: files)
            var verdict = try SampleReport.verdict(findings)
            verdict.components = components.map {
                Verdict.Component(type: $0.ecosystem, name: $0.name, version: $0.version, purl: nil, ownedBy: nil)
            }
            return ImageDifference.Side(name: name, evidence: evidence, verdict: verdict)
        }
        let before = try side(
            "a",
            [
                SampleReport.component("kept", "1"), SampleReport.component("removed", "1"),
                SampleReport.component("changed", "1"), SampleReport.component("second", "1"),
            ],
            FileEvidence(
                executables: list(file("bin/mode", 0o755), file("bin/owner", 0o755), file("bin/same", 0o755)),
                privileged: list(file("bin/dropped", 0o4755))
            ),
            []
        )
        let after = try side(
            "b",
            [
                SampleReport.component("kept", "1"), SampleReport.component("added", "1"),
                SampleReport.component("changed", "2"), SampleReport.component("second", "1"),
                SampleReport.component("second", "2"),
            ],
            FileEvidence(
                executables: list(file("bin/mode", 0o700), file("bin/owner", 0o755, user: 7), file("bin/same", 0o755)),
                privileged: list(file("bin/new", 0o4755)),
                worldWritableFiles: FileList(total: 5, items: [file("srv/open", 0o666)])
            ),
            [SampleReport.finding("CVE-2026-1")]
        )
        let difference = ImageDifference(before: before, after: after)
        #expect(difference.addedComponents.map(\.name) == ["added"])
        #expect(difference.removedComponents.map(\.name) == ["removed"])
        #expect(
            difference.changedComponents.map { "\($0.name) \($0.before) \($0.after)" } == [
                "changed [\"1\"] [\"2\"]", "second [\"1\"] [\"2\"]",
            ]
        )
        #expect(
            difference.files.map { "\($0.kind) \($0.path)" } == [
                "unprivileged bin/dropped", "mode bin/mode", "privileged bin/new", "owner bin/owner",
                "worldWritable srv/open",
            ]
        )
        #expect(difference.areFilesCut, "one list holds fewer than there are")
        #expect(difference.comparison.newFindings.count == 1)
        let text = difference.text(.en)
        #expect(text.contains("  newly privileged: /bin/new - → 04755 0:0\n"))
        #expect(text.contains("  changed: deb changed 1 → 2\n"))
        #expect(text.contains("Lists of files were cut"))
        let json = try JSONValue(parsing: difference.json.bytes(.pretty))
        #expect(json["files"]?[1]?["before"]?["mode"] == "0755" && json["files"]?[1]?["after"]?["mode"] == "0700")
        #expect(json["findings"]?["new"]?[0]?["id"] == "CVE-2026-1")
        let same = ImageDifference(before: before, after: before)
        #expect(same.isEmpty && same.text(.de).contains("Kein Unterschied."))
        #expect(difference.markdown(.de).contains("<details><summary>Komponenten: 4</summary>"))
    }
}
