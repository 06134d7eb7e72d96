// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import Foundation
import JSON
import Reports
import SBOM
import TestKit
import Testing

@Suite("Forms of a report")
struct FormTests {
    private static let findings = [
        SampleReport.finding("CVE-2026-1", severity: .critical),
        SampleReport.finding("CVE-2026-1", package: "openssl", severity: .critical),
        SampleReport.finding("CVE-2026-2", package: "nginx", source: "nginx", kev: true),
        SampleReport.finding("CVE-2026-3", status: .undetermined, fixedIn: nil, severity: .unknown),
        SampleReport.finding("CVE-2026-4", status: .notAffected, fixedIn: nil, severity: .high),
    ]

    @Test("equal reports give equal bytes in every form", arguments: ReportLanguage.allCases)
    func determinism(_ language: ReportLanguage) throws {
        func forms() throws -> [String] {
            let report = try SampleReport.report(SampleReport.verdict(Self.findings.shuffled()), language: language)
            return [report.sarif.text(.pretty), report.codeQuality.text(.pretty), report.junit, report.markdown]
        }
        #expect(try forms() == forms())
    }

    @Test("SARIF: every result has a rule, a message, a place and a fingerprint of its own")
    func sarif() throws {
        let verdict = try SampleReport.verdict(Self.findings)
        let log = try JSONValue(parsing: SampleReport.report(verdict).sarif.bytes(.pretty))
        #expect(log["version"] == "2.1.0")
        let run = try #require(log["runs"]?[0])
        let rules = try #require(run["tool"]?["driver"]?["rules"]?.arrayValue)
        let results = try #require(run["results"]?.arrayValue)
        let open = verdict.criteria.count { verdict.counts($0) && !$0.result.isPassed }
        #expect(results.count == open + 3, "criteria, and the advisories that stand open by source package")
        #expect(Set(rules.compactMap { $0["id"]?.stringValue }).count == rules.count)
        var fingerprints: Set<String> = []
        for result in results {
            let index = try #require(result["ruleIndex"]?.intValue)
            #expect(rules.indices.contains(index) && rules[index]["id"] == result["ruleId"])
            #expect(["error", "warning", "note"].contains(result["level"]?.stringValue))
            #expect(result["message"]?["text"]?.stringValue?.isEmpty == false)
            let place = try #require(result["locations"]?[0]?["physicalLocation"])
            let uri = try #require(place["artifactLocation"]?["uri"]?.stringValue)
            #expect(uri.hasPrefix("registry.example/team/app%3A1"))
            #expect(place["region"]?["startLine"] == 1)
            let print = try #require(result["partialFingerprints"]?["kontorIdentity/v1"]?.stringValue)
            #expect(fingerprints.insert(print).inserted)
        }
        for rule in rules {
            #expect(rule["help"]?["text"]?.stringValue?.isEmpty == false)
            #expect(rule["shortDescription"]?["text"]?.stringValue?.isEmpty == false)
        }
        func rule(_ id: String) -> JSONValue? { rules.first { $0["id"] == .string(id) } }
        #expect(rule("CVE-2026-1")?["properties"]?["security-severity"] == "9.5")
        #expect(rule("CVE-2026-2")?["defaultConfiguration"]?["level"] == "error")
        // A made-up number would be taken for a rating.
        #expect(rule("CVE-2026-3")?["properties"]?["security-severity"] == nil)
        #expect(rule("CVE-2026-4") == nil)
    }

    @Test("a fingerprint stays when versions, digests and levels change, so that a code host knows the result again")
    func fingerprints() throws {
        func prints(_ version: String) throws -> Set<String> {
            let findings = [SampleReport.finding("CVE-2026-1", version: version, fixedIn: version + ".1")]
            let entries = try SampleReport.report(SampleReport.verdict(findings)).codeQuality.arrayValue ?? []
            return Set(entries.compactMap { $0["fingerprint"]?.stringValue })
        }
        #expect(try prints("1") == prints("2"))
    }

    @Test("code quality: the fields that GitLab demands, and the severities that it knows")
    func codeQuality() throws {
        let report = try SampleReport.report(SampleReport.verdict(Self.findings), location: "./images/Containerfile")
        let entries = try #require(JSONValue(parsing: report.codeQuality.bytes()).arrayValue)
        #expect(entries.count > 5)
        for entry in entries {
            #expect(entry["description"]?.stringValue?.isEmpty == false)
            #expect(entry["check_name"]?.stringValue?.isEmpty == false)
            #expect(entry["fingerprint"]?.stringValue?.utf8.count == 64)
            #expect(["info", "minor", "major", "critical", "blocker"].contains(entry["severity"]?.stringValue))
            #expect(entry["location"]?["path"] == "images/Containerfile")
            #expect(entry["location"]?["lines"]?["begin"] == 1)
        }
        let exploited = try #require(entries.first { $0["check_name"] == "CVE-2026-2" })
        #expect(exploited["severity"] == "blocker")
    }

    @Test("JUnit, read back: one test for each criterion; unknown is an error and never skipped or passed")
    func junit() async throws {
        let verdict = try SampleReport.verdict(
            Self.findings,
            notAssessed: [NotAssessed(ecosystem: "npm", components: 2, reason: LocalizedText(de: "g", en: "r"))]
        )
        let read = try await Self.parsed(SampleReport.report(verdict).junit)
        let suites = try #require(read["suites"]?.arrayValue)
        #expect(suites.count == 3)
        let cases = try #require(suites[0]["cases"]?.arrayValue)
        #expect(cases.count == verdict.criteria.count)
        for (result, test) in zip(verdict.criteria, cases) {
            #expect(test["name"]?.stringValue?.hasPrefix(result.id) == true)
            let words: [Outcome: String] = [.fail: "failure", .unknown: "error", .notApplicable: "skipped"]
            let wanted = verdict.counts(result) ? words[result.result] : "skipped"
            #expect(test["outcome"]?.stringValue == wanted, "\(result.id)")
        }
        #expect(suites[1]["outcomes"] == ["failure": 2, "error": 1, "passed": 1])
        #expect(suites[2]["outcomes"] == ["error": 1])
        #expect(read["countsAgree"] == true)
    }

    @Test("what only a level above the one asked for demands is no failure, and still no pass")
    func required() async throws {
        let verdict = try SampleReport.verdict()
        let read = try await Self.parsed(SampleReport.report(verdict, required: .bronze).junit)
        let cases = try #require(read["suites"]?[0]?["cases"]?.arrayValue)
        var seen = 0
        for (result, test) in zip(verdict.criteria, cases) where verdict.counts(result) && !result.result.isPassed {
            if result.level > .bronze {
                #expect(test["outcome"] == "skipped")
                seen += 1
            } else {
                #expect(test["outcome"] != "skipped" && test["outcome"]?.stringValue != nil)
            }
        }
        #expect(seen > 0)
    }

    @Test("hostile text: XML that a parser reads, JSON without control characters", arguments: ReportLanguage.allCases)
    func hostile(_ language: ReportLanguage) async throws {
        let report = try SampleReport.hostileReport(language)
        let read = try await Self.parsed(report.junit)
        let name = try #require(read["suites"]?[1]?["cases"]?[0]?["name"]?.stringValue)
        #expect(name.contains("<script>&\"']]>\\@team"), "what is escaped comes back as it was")
        for text in [report.junit, report.sarif.text(.pretty), report.codeQuality.text(.pretty), report.markdown] {
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
            #expect(!text.unicodeScalars.contains { $0.value == 0x202E })
        }
        let log = report.sarif
        let uri = try #require(
            log["runs"]?[0]?["results"]?[0]?["locations"]?[0]?["physicalLocation"]?["artifactLocation"]?["uri"]?
                .stringValue
        )
        #expect(uri.wholeMatch(of: /[A-Za-z0-9%._~\/-]+/) != nil, "\(uri)")
        #expect(!uri.hasPrefix("/"))
    }

    /// JUnit as Python's XML parser reads it.
    private static func parsed(_ xml: String) async throws -> JSONValue {
        let script = """
            import collections, json, sys
            import xml.etree.ElementTree as tree
            root = tree.fromstring(sys.stdin.buffer.read())
            agree = True
            suites = []
            for suite in root:
                cases = []
                for case in suite.findall("testcase"):
                    kinds = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
                    cases.append({"name": case.get("name"), "outcome": kinds[0] if kinds else None})
                count = collections.Counter(case["outcome"] or "passed" for case in cases)
                agree &= int(suite.get("tests")) == len(cases)
                agree &= int(suite.get("failures")) == count["failure"]
                agree &= int(suite.get("errors")) == count["error"]
                agree &= int(suite.get("skipped")) == count["skipped"]
                suites.append({"cases": cases, "outcomes": dict(count)})
            agree &= int(root.get("tests")) == sum(int(suite.get("tests")) for suite in root)
            json.dump({"suites": suites, "countsAgree": bool(agree)}, sys.stdout)
            """
        let output = try await tool("python3").check(["-c", script], input: Array(xml.utf8))
        return try JSONValue(parsing: output)
    }
}
