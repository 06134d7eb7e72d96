// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Commands
import Criteria
import OCI
import SBOM
import Testing
import Time

@Suite("Verdict as text")
struct VerdictTextTests {
    private static let now = Timestamp(rfc3339: "2026-11-22T09:14:00Z") ?? Timestamp(seconds: 0)

    private static func finding(_ id: String, _ package: String, source: String = "openssl") -> Finding {
        Finding(
            id: id,
            componentName: package,
            componentVersion: "3.0.11-1~deb12u2+really-long-version-suffix",
            status: .affected,
            fixedIn: "3.0.17-1~deb12u2+really-long-version-suffix",
            risk: 12.34,
            riskExplanation: "formula",
            evidence: FindingEvidence(
                feed: "debian-tracker",
                record: "\(source) \(id)",
                rule: "rule",
                sourceName: source,
                sourceVersion: "3.0.11-1~deb12u2+really-long-version-suffix"
            )
        )
    }

    private static func page(_ findings: [Finding], language: String, all: Bool = false) throws -> String {
        let feed = FeedState(
            name: "debian-tracker",
            kind: .distribution,
            asOf: now - .seconds(86_400),
            newestRecord: nil,
            digest: "sha256:ab",
            count: 1,
            releases: ["bookworm"]
        )
        let verdict = Evaluation.verdict(
            catalogue: try .embedded(),
            evidence: ImageEvidence(
                digest: Digest.sha256([1]),
                configuration: ImageConfiguration(architecture: "amd64", os: "linux", user: "", labels: [:]),
                distribution: nil,
                components: []
            ),
            assessed: Assessed(findings: findings),
            context: EvaluationContext(feeds: [feed], snapshot: "sha256:ab", now: now, exerciseData: true)
        )
        return VerdictText(verdict: verdict, name: "registry.example/team/app:1", language: language, all: all).text
    }

    @Test("findings are one line for each advisory and source package, with the packages counted")
    func grouping() throws {
        var exploited = Self.finding("CVE-2026-0002", "nginx", source: "nginx")
        exploited.kev = KEVEntry(id: "CVE-2026-0002", dateAdded: Self.now)
        let findings = ["libssl3", "openssl", "libssl-dev"].map { Self.finding("CVE-2026-0001", $0) } + [exploited]
        let page = try Self.page(findings, language: "en")
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("  CVE-") }
        #expect(rows.count == 2)
        #expect(rows[0].hasPrefix("  CVE-2026-0002  exploited") && rows[0].contains("nginx 3.0.11"))
        #expect(rows[1].contains("openssl 3.0.11") && rows[1].contains("  3  "))
        #expect(page.contains("2 advisories affect 2 source packages (4 packages): 2 unrated"))
        #expect(page.contains("1 of them is exploited"))
    }

    @Test("no line is longer than the page but for a word that is", arguments: ["de", "en"])
    func width(_ language: String) throws {
        let findings = (0..<40).map { Self.finding("CVE-2026-\(1000 + $0)", "libssl3") }
        let page = try Self.page(findings, language: language)
        for line in page.split(separator: "\n") {
            let longest = line.split(separator: " ").map(\.count).max() ?? 0
            #expect(line.count <= max(VerdictText.width, longest + 8), "\(line)")
        }
        #expect(page.contains(language == "de" ? "… und 10 weitere Zeilen" : "… and 10 more lines"))
        #expect(try Self.page(findings, language: language, all: true).matches(of: #/\n {2}CVE-/#).count == 40)
    }

    @Test("dates are written as the reader writes them, and one record is one record")
    func dates() throws {
        let german = try Self.page([], language: "de")
        #expect(german.contains("Übungsdaten, Sicherheitshinweise vom 21.11.2026 (debian-tracker)"))
        #expect(german.contains("debian-tracker: Stand 21.11.2026, 1 Eintrag\n"))
        #expect(german.contains("bewertet am 22.11.2026, 09:14 UTC"))
        let english = try Self.page([], language: "en")
        #expect(english.contains("Exercise data, advisories as of 21 November 2026 (debian-tracker)"))
        #expect(english.contains("as of 21 November 2026, 1 record\n"))
    }
}
