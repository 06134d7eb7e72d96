// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import JSON
import OCI
import Reports
import SBOM
import TestKit
import Testing
import Time

@Suite("What holds for an image, as VEX documents")
struct VEXReportTests {
    private static let digest = Digest.sha256([1])

    private static func stated(
        _ finding: Finding,
        _ status: VEXStatus,
        justification: VEXJustification? = nil,
        impact: String? = nil,
        action: String? = nil,
        base: String? = nil,
        origin: StatementOrigin = .assessed,
        adoptedFrom: String? = nil,
        expires: Timestamp? = nil
    ) -> Finding {
        var finding = finding
        let statement = VEXStatement(
            vulnerability: VEXVulnerability(finding.id),
            products: [VEXProduct(VEXComponent(digests: [digest.description]))],
            status: status,
            justification: justification,
            impactStatement: impact,
            actionStatement: action,
            timestamp: SampleReport.now - .seconds(86_400),
            expires: expires
        )
        let source = VEXSource(
            format: .openVEX,
            document: "urn:kontor:assessment:1",
            author: "Stadt Musterstadt",
            version: nil,
            statement: 0
        )
        let index = VEXIndex(entries: [VEXIndex.Entry(statement, source: source)])
        let image = VEXSubject(digests: [digest.description])
        guard let match = index.match(finding, in: image, at: SampleReport.now) else { return finding }
        finding.status = status.applied(to: finding.status)
        finding.statement = FindingStatement(
            match,
            before: .affected,
            inheritedFrom: base,
            importedBy: "berta",
            origin: origin,
            adoptedFrom: adoptedFrom
        )
        return finding
    }

    private static func findings() -> [Finding] {
        var rated = SampleReport.finding("CVE-2026-0001", aliases: ["GHSA-aaaa-bbbb-cccc"])
        rated.ratings = [
            FindingRating(
                source: "x",
                severity: .critical,
                score: 9.8,
                vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
            )
        ]
        var other = rated
        other.componentName = "openssl"
        other.componentPURL = "pkg:deb/debian/openssl@3.0.11-1"
        var nameless = SampleReport.finding("CVE-2026-0009", package: "thing", status: .affectedNoFix, fixedIn: nil)
        nameless.componentPURL = nil
        return [
            rated, other,
            SampleReport.finding("CVE-2026-0002", status: .affectedWontFix, fixedIn: nil),
            SampleReport.finding("CVE-2026-0003", status: .affectedEndOfLife, fixedIn: nil),
            stated(
                SampleReport.finding("CVE-2026-0004"),
                .notAffected,
                justification: .vulnerableCodeNotInExecutePath,
                impact: "Das Modul wird nie geladen.",
                base: Digest.sha256([2]).description,
                expires: SampleReport.now + .seconds(86_400 * 30)
            ),
            stated(
                SampleReport.finding("CVE-2026-0005"),
                .notAffected,
                justification: .componentNotPresent,
                origin: .adopted,
                adoptedFrom: "Bundesamt (https://example.org/vex/1)"
            ),
            SampleReport.finding("CVE-2026-0006", status: .notAffected, fixedIn: nil),
            SampleReport.finding("CVE-2026-0007", status: .underInvestigation, fixedIn: nil),
            SampleReport.finding("CVE-2026-0008", status: .undetermined, fixedIn: nil),
            nameless, stated(SampleReport.finding("CVE-2026-0010"), .fixed),
            stated(SampleReport.finding("CVE-2026-0011"), .affected, action: "Den Dienst \u{1F512} abschalten."),
            SampleReport.finding("DSA-1234-1", source: "zlib", fixedIn: "2"),
        ]
    }

    static func report(_ findings: [Finding]? = nil, _ language: ReportLanguage = .de) throws -> VEXReport {
        let verdict = Evaluation.verdict(
            catalogue: try .embedded(),
            evidence: ImageEvidence(digest: digest),
            assessed: Assessed(findings: findings ?? self.findings()),
            context: EvaluationContext(now: SampleReport.now)
        )
        return VEXReport(
            verdict: verdict,
            repository: "stadt/app",
            registry: "registry.example:5000",
            publisher: VEXPublisher(
                name: "node.example",
                namespace: "https://node.example",
                category: .other
            ),
            language: language,
            toolVersion: "0.1.0"
        )
    }

    @Test(
        "every finding is there with what holds for it, and is read back from each format",
        arguments: VEXFormat.allCases
    )
    func formats(_ format: VEXFormat) throws {
        let report = try Self.report()
        let document = try VEXDocument(parsing: report.document(format).bytes())
        #expect(document.refused.isEmpty && document.author == "node.example")
        let index = VEXIndex([document])
        let scored = Set(report.publication.scores.keys)
        for finding in report.verdict.findings {
            // What CSAF has no place for is in a note; nothing that is affected is hidden by that.
            if format == .csaf, finding.status.isAffected, !scored.contains(finding.id) { continue }
            let purl = try finding.componentPURL.map { try PackageURL(parsing: $0) }
            let match = try #require(
                index.match(
                    vulnerability: finding.id,
                    component: purl ?? PackageURL(parsing: "pkg:generic/thing@3.0.11-1"),
                    in: VEXSubject(digests: [Self.digest.description]),
                    at: SampleReport.now
                ),
                "\(finding.id)"
            )
            let expected: VEXStatus =
                switch finding.status {
                case .notAffected: .notAffected
                case .fixed: .fixed
                case .underInvestigation, .undetermined: .underInvestigation
                default: .affected
                }
            #expect(match.status == expected, "\(finding.id)")
            #expect(match.statement.refusal == nil)
            if expected == .affected { #expect(match.statement.actionStatement?.isEmpty == false, "\(finding.id)") }
        }
        #expect(document.statements.contains { $0.notes?.contains("Stadt Musterstadt, 2026-11-21") == true })
        #expect(document.statements.contains { $0.notes?.contains("Bundesamt (https://example.org/vex/1)") == true })
        let ending = document.statements.first { $0.vulnerability.name == "CVE-2026-0004" }
        #expect(ending?.expires == SampleReport.now + .seconds(86_400 * 30))
    }

    @Test("CycloneDX documents are valid by the published schema", arguments: ReportLanguage.allCases)
    func schema(_ language: ReportLanguage) async throws {
        try await validateCycloneDX(Self.report(nil, language).document(.cycloneDX).bytes())
    }

    @Test("CSAF names what is affected and has no vector in a note, and is not written of nothing else")
    func withoutVector() throws {
        let text = try Self.report().document(.csaf).text()
        #expect(text.contains("Ebenfalls betroffen, ohne CVSS-Vektor"))
        for name in ["CVE-2026-0002", "CVE-2026-0003", "CVE-2026-0009", "CVE-2026-0011", "DSA-1234-1"] {
            #expect(text.contains("\(name) (pkg:"), "\(name)")
        }
        let bare = try Self.report([SampleReport.finding("CVE-2026-0001")])
        #expect(throws: VEXWriteError.self) { try bare.document(.csaf) }
        #expect(throws: Never.self) { try bare.document(.openVEX) }
    }

    @Test("what several platforms say of one component is said once, the most cautious word")
    func platforms() throws {
        let clear = Self.stated(
            SampleReport.finding("CVE-2026-0001"),
            .notAffected,
            justification: .componentNotPresent
        )
        for findings in [
            [clear, SampleReport.finding("CVE-2026-0001")], [SampleReport.finding("CVE-2026-0001"), clear],
        ] {
            #expect(try Self.report(findings).publication.statements.map(\.status) == [.affected])
        }
    }

    @Test("an image without findings has no document, and evaluations have names of their own")
    func names() throws {
        let empty = try Self.report([])
        #expect(empty.isEmpty)
        #expect(throws: VEXWriteError.self) { try empty.document(.openVEX) }
        let report = try Self.report()
        #expect(report.id == "vex-stadt-app-\(Self.digest.hex.prefix(16))-20261122t091400z")
        var later = report
        later.verdict.evaluatedAt = SampleReport.now + .seconds(1)
        #expect(later.id != report.id)
        #expect(report.canonicalURL.hasPrefix("https://node.example/api/v1/images/stadt/app@sha256:"))
        #expect(report.canonicalURL.hasSuffix("document=\(report.fileName)"))
    }
}
