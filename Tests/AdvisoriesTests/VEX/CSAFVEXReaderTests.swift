// SPDX-License-Identifier: EUPL-1.2

import Advisories
import SBOM
import Testing
import Time

@Suite("VEX: reading CSAF")
struct CSAFVEXReaderTests {
    @Test("branches, relationships, groups, flags, threats and remediations become statements")
    func whole() throws {
        let document = try VEXExamples.document(VEXExamples.csaf)
        #expect(document.format == .csaf)
        #expect(document.id == "EX-2026-1")
        #expect(document.namespace == "https://example.de")
        #expect(document.author == "Beispiel GmbH")
        #expect(document.version == "2")
        #expect(document.timestamp == VEXExamples.instant("2026-02-03T00:00:00Z"))

        let app = VEXComponent(purl: try VEXExamples.purl("pkg:oci/app"), digests: [VEXExamples.digest])
        let ssl = VEXComponent(purl: try VEXExamples.purl("pkg:deb/debian/libssl3@3.0.17-1?arch=amd64"))
        let curl = VEXComponent(purl: try VEXExamples.purl("pkg:deb/debian/curl"))
        let tool = VEXComponent(purl: try VEXExamples.purl("pkg:generic/tool@2"))
        let first = VEXVulnerability("CVE-2026-0001", aliases: ["GHSA-aaaa-bbbb-cccc"])
        let released = document.timestamp
        let expected = [
            VEXStatement(
                vulnerability: first,
                products: [VEXProduct(app, subcomponents: [ssl, curl])],
                status: .notAffected,
                justification: .vulnerableCodeNotInExecutePath,
                impactStatement: "Never called.",
                notes: "Looked at.",
                timestamp: VEXExamples.instant("2026-01-15T00:00:00Z")
            ),
            VEXStatement(
                vulnerability: first,
                products: [VEXProduct(tool)],
                status: .affected,
                actionStatement: "Update to 3.\nSwitch it off.",
                responses: [.update, .workaroundAvailable],
                notes: "Looked at.",
                timestamp: released
            ),
        ]
        #expect(Array(document.statements.prefix(2)) == expected)
        let second = document.statements.filter { $0.vulnerability.name == "EX-7" }
        #expect(second.map(\.status) == [.fixed, .affected, .underInvestigation])
        // "Recommended" counts as fixed where nothing else is said of the product.
        #expect(second.first?.products == [VEXProduct(tool), VEXProduct(app)])
        let third = document.statements.filter { $0.vulnerability.name == "CVE-2026-0002" }
        #expect(third.map(\.status) == [.affected])
        #expect(third.first?.products == [VEXProduct(curl)])
    }

    @Test("what cannot be found, contradicts itself or has no ground is refused with the place")
    func refused() throws {
        let document = try VEXExamples.document(VEXExamples.csaf)
        #expect(
            document.refused.map(\.place) == [
                "$.vulnerabilities[0].product_status", "$.vulnerabilities[2].product_status",
                "$.vulnerabilities[2].product_status.known_not_affected",
            ]
        )
        let reasons = document.refused.map(\.reason.en)
        #expect(reasons[0].hasPrefix("1 of 4 products cannot be found: \"curl-in-app-9\" is made of \"app-9\""))
        #expect(reasons[1].contains("contradict") && reasons[1].contains("libssl3"))
        #expect(reasons[2].contains("without a justification"))
    }

    static let broken: [(String, String, String, String)] = [
        ("another profile", "csaf_vex", "csaf_security_advisory", "$.document.category"),
        ("another version", #""csaf_version": "2.0""#, #""csaf_version": "2.1""#, "$.document.csaf_version"),
        ("a draft", "final", "draft", "$.document.tracking.status"),
        (
            "no date", #""current_release_date": "2026-02-03T00:00:00Z""#, #""x": 1"#,
            "$.document.tracking.current_release_date"
        ),
        ("no vulnerabilities", #""vulnerabilities""#, #""w""#, "$.vulnerabilities"),
        (
            "a tree that is none", #""branches": [{"category": "vendor""#, #""branches": [1, {"category": "vendor""#,
            "$.product_tree.branches[0]"
        ),
    ]

    @Test("a document that is not a VEX document of CSAF 2.0 is refused as a whole", arguments: broken)
    func unreadable(_ what: String, _ part: String, _ replacement: String, _ place: String) throws {
        let text = VEXExamples.csaf.replacing(part, with: replacement, maxReplacements: 1)
        #expect(text != VEXExamples.csaf)
        let error = #expect(throws: VEXReadError.self) { try VEXExamples.document(text) }
        #expect(error?.place == place)
        #expect(error?.format == .csaf)
    }

    @Test("the same product_id twice names nothing")
    func duplicateProduct() throws {
        let text = VEXExamples.csaf.replacing(#""product_id": "curl""#, with: #""product_id": "tool-2""#)
        let document = try VEXExamples.document(text)
        #expect(!document.statements.contains { $0.products.contains { $0.identity.purl?.name == "tool" } })
        #expect(document.refused.contains { $0.reason.en.contains("twice") || $0.reason.en.contains("no product of") })
    }
}
