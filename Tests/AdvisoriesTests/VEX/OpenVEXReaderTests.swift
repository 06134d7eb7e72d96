// SPDX-License-Identifier: EUPL-1.2

import Advisories
import JSON
import SBOM
import Testing
import Time

@Suite("VEX: reading OpenVEX")
struct OpenVEXReaderTests {
    @Test("a document of version 0.2.0 is read with all its parts")
    func whole() throws {
        let text = VEXExamples.openVEX([
            #"""
            {"@id": "https://example.de/vex/1#1", "vulnerability": {"@id": "https://nvd.example/x", "name": "CVE-2026-0001",
             "description": "d", "aliases": ["GHSA-aaaa-bbbb-cccc"]}, "timestamp": "2026-01-03T00:00:00Z",
             "products": [{"@id": "\#(VEXExamples.image)", "identifiers": {"purl": "\#(VEXExamples.image)", "cpe23": "cpe:2.3:x"},
               "hashes": {"sha-256": "\#(String(repeating: "AB", count: 32))", "md5": "00"},
               "subcomponents": [{"@id": "pkg:deb/debian/libssl3"}, {"@id": "https://example.de/part"}]},
               {"@id": "https://example.de/app"}],
             "status": "not_affected", "status_notes": "n", "justification": "inline_mitigations_already_exist",
             "impact_statement": "i", "action_statement": "a", "supplier": "s"}
            """#,
            VEXExamples.statement("pkg:deb/debian/curl@1", "CVE-2026-0002", #""status": "fixed""#),
        ])
        let document = try VEXExamples.document(text)
        #expect(document.format == .openVEX)
        #expect(document.id == "https://example.de/vex/1")
        #expect(document.author == "Beispielamt")
        #expect(document.role == "Document Creator")
        #expect(document.version == "3")
        #expect(document.refused.isEmpty)
        let first = try #require(document.statements.first)
        #expect(first.id == "https://example.de/vex/1#1")
        #expect(first.vulnerability == VEXVulnerability("CVE-2026-0001", aliases: ["GHSA-aaaa-bbbb-cccc"]))
        #expect(
            first.products == [
                VEXProduct(
                    VEXComponent(purl: try VEXExamples.purl(VEXExamples.image), digests: [VEXExamples.digest]),
                    subcomponents: [
                        VEXComponent(purl: try VEXExamples.purl("pkg:deb/debian/libssl3")),
                        VEXComponent(id: "https://example.de/part"),
                    ]
                ),
                VEXProduct(VEXComponent(id: "https://example.de/app")),
            ]
        )
        #expect(first.justification == .inlineMitigationsAlreadyExist)
        #expect([first.impactStatement, first.actionStatement, first.notes] == ["i", "a", "n"])
        #expect(first.timestamp == VEXExamples.instant("2026-01-03T00:00:00Z"))
        // The second has no time of its own.
        #expect(document.statements.last?.timestamp == VEXExamples.instant("2026-01-02T03:04:05Z"))
        #expect(document.statements.last?.status == .fixed)
    }

    @Test(
        "documents from before 0.2.0, with texts for vulnerability and products, are read",
        arguments: ["https://openvex.dev/ns", "https://openvex.dev/ns/v0.0.1", "https://openvex.dev/ns/v0.0.2"]
    )
    func old(_ context: String) throws {
        let document = try VEXExamples.document(
            #"""
            {"@context": "\#(context)", "@id": "x", "author": "a", "role": "r", "timestamp": "2023-01-08T18:02:03.647787998-06:00",
             "version": "1", "statements": [{"vulnerability": "CVE-2021-44228", "vuln_description": "log4j",
              "products": ["pkg:oci/git@sha256:\#(String(repeating: "ab", count: 32))", "pkg:apk/wolfi/git@2.38.1-r0?arch=x86_64"],
              "subcomponents": ["pkg:apk/wolfi/libcurl"], "status": "fixed", "justification": ""}]}
            """#
        )
        let statement = try #require(document.statements.first)
        #expect(document.version == "1")
        #expect(statement.vulnerability.name == "CVE-2021-44228")
        #expect(statement.products.count == 2)
        #expect(statement.products.allSatisfy { $0.subcomponents.first?.purl?.name == "libcurl" })
        #expect(statement.products.first?.identity.purl?.version == VEXExamples.digest)
        #expect(statement.timestamp?.dateText == "2023-01-09")
    }

    @Test("statements without a product are about what the document is attached to")
    func attached() throws {
        let predicate = VEXExamples.openVEX([
            #"{"vulnerability": {"name": "CVE-2026-0001"}, "status": "fixed"}"#
        ])
        let statement =
            #"{"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://openvex.dev/ns/v0.2.0", "#
            + #""subject": [{"name": "app", "digest": {"sha256": "\#(String(repeating: "ab", count: 32))"}}], "#
            + #""predicate": \#(predicate)}"#
        let attached = try VEXExamples.document(statement)
        #expect(attached.statements.first?.products == [VEXProduct(VEXComponent(digests: [VEXExamples.digest]))])
        let given = try VEXDocument(
            parsing: Array(predicate.utf8),
            subjects: [VEXProduct(VEXComponent(digests: [VEXExamples.otherDigest]))]
        )
        #expect(given.statements.first?.products.first?.identity.digests == [VEXExamples.otherDigest])
        let alone = try VEXExamples.document(predicate)
        #expect(alone.statements.isEmpty)
        #expect(alone.refused.map(\.place) == ["$.statements[0]"])
    }

    static let refusals: [(what: String, statement: String, place: String)] = [
        ("no ground", VEXExamples.statement("pkg:npm/a", "CVE-1", #""status": "not_affected""#), "$.statements[0]"),
        (
            "an empty ground",
            VEXExamples.statement(
                "pkg:npm/a",
                "CVE-1",
                #""status": "not_affected", "justification": "", "impact_statement": " ""#
            ), "$.statements[0]"
        ),
        (
            "no fix as the ground",
            VEXExamples.statement(
                "pkg:npm/a",
                "CVE-1",
                #""status": "not_affected", "impact_statement": "No fix available.""#
            ), "$.statements[0]"
        ),
        (
            "unknown status", VEXExamples.statement("pkg:npm/a", "CVE-1", #""status": "clean""#),
            "$.statements[0].status"
        ),
        (
            "unknown justification",
            VEXExamples.statement("pkg:npm/a", "CVE-1", #""status": "not_affected", "justification": "trust_me""#),
            "$.statements[0].justification"
        ),
        ("a purl that is none", VEXExamples.statement("pkg:", "CVE-1"), "$.statements[0].products[0].@id"),
        ("no vulnerability", VEXExamples.statement("pkg:npm/a", ""), "$.statements[0].vulnerability.name"),
        (
            "a time that is none",
            VEXExamples.statement("pkg:npm/a", "CVE-1", #""status": "fixed", "timestamp": "yesterday""#),
            "$.statements[0].timestamp"
        ),
        (
            "a product that nothing names",
            #"{"vulnerability": {"name": "CVE-1"}, "status": "fixed", "products": [{"hashes": {"md5": "00"}}]}"#,
            "$.statements[0].products[0]"
        ),
        (
            "no products", #"{"vulnerability": {"name": "CVE-1"}, "status": "fixed", "products": []}"#,
            "$.statements[0]"
        ),
        ("no object", "1", "$.statements[0]"),
    ]

    @Test("a statement that cannot count is kept with place and reason, and the others are used", arguments: refusals)
    func refused(_ what: String, _ statement: String, _ place: String) throws {
        let good = VEXExamples.statement("pkg:npm/b", "CVE-2")
        let document = try VEXExamples.document(VEXExamples.openVEX([statement, good]))
        #expect(document.statements.map(\.vulnerability.name) == ["CVE-2"])
        let refusal = try #require(document.refused.first)
        #expect(document.refusedCount == 1 && document.refused.count == 1)
        #expect(refusal.place == place)
        #expect(!refusal.reason.de.isEmpty && refusal.reason.de != refusal.reason.en)
    }

    static let broken: [(String, String, String)] = [
        ("no JSON", "{", "byte 1"), ("nothing", "", "byte 0"), ("no format", "{}", "$"), ("no object", "[]", "$"),
        ("a version to come", #"{"@context": "https://openvex.dev/ns/v1.0.0"}"#, "$.@context"),
        ("no identifier", #"{"@context": "https://openvex.dev/ns/v0.2.0"}"#, "$.@id"),
        ("no time", VEXExamples.openVEX([], head: #""version": 1"#), "$.timestamp"),
        ("no author", #"{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x"}"#, "$.author"),
        (
            "no statements",
            #"{"@context": "https://openvex.dev/ns", "@id": "x", "author": "a", "timestamp": "2026-01-01T00:00:00Z"}"#,
            "$.statements"
        ),
        ("an attestation of nothing", #"{"predicateType": "https://openvex.dev/ns/v0.2.0"}"#, "$.predicate"),
    ]

    @Test("what cannot be read as a document is refused as a whole, with the place", arguments: broken)
    func unreadable(_ what: String, _ text: String, _ place: String) {
        let error = #expect(throws: VEXReadError.self) { try VEXExamples.document(text) }
        #expect(error?.place == place)
        #expect(error?.reason.de != error?.reason.en)
    }

    @Test("a statement survives being stored as a text")
    func stored() throws {
        for statement in try VEXExamples.assessments() {
            let text = statement.json.text()
            #expect(try VEXStatement(json: JSONFields(JSONValue(parsing: text))) == statement)
        }
        let all = VEXStatement(
            id: "x",
            vulnerability: VEXVulnerability("CVE-1", aliases: ["A", "B"]),
            products: [VEXProduct(VEXComponent(id: "i", digests: [VEXExamples.digest]))],
            status: .notAffected,
            justification: .requiresDependency,
            impactStatement: "i",
            actionStatement: "a",
            responses: VEXResponse.allCases,
            notes: "n",
            timestamp: VEXExamples.now,
            expires: VEXExamples.now
        )
        #expect(try VEXStatement(json: JSONFields(JSONValue(parsing: all.json.text()))) == all)
        var wrong = try JSONFields(all.json).members
        wrong["status"] = "clean"
        #expect(throws: JSONShapeError.self) { try VEXStatement(json: JSONFields(.object(wrong))) }
    }
}
