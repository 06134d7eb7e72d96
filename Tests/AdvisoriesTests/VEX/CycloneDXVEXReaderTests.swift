// SPDX-License-Identifier: EUPL-1.2

import Advisories
import SBOM
import Testing
import Time

@Suite("VEX: reading CycloneDX")
struct CycloneDXVEXReaderTests {
    @Test("analyses in an SBOM are about its components in what it describes")
    func inSBOM() throws {
        let document = try VEXExamples.document(VEXExamples.cycloneDX)
        #expect(document.format == .cycloneDX)
        #expect(document.id == "urn:uuid:3E671687-395b-41f5-a30f-a58921a69b79")
        #expect(document.author == "Beispielamt")
        #expect(document.version == "2")
        let root = VEXComponent(purl: try VEXExamples.purl("pkg:oci/app"))
        let ssl = VEXComponent(purl: try VEXExamples.purl("pkg:deb/debian/libssl3@3.0.17-1?arch=amd64"))
        let inner = VEXComponent(purl: try VEXExamples.purl("pkg:npm/inner@1.0.0"))
        let first = try #require(document.statements.first)
        #expect(first.vulnerability == VEXVulnerability("CVE-2026-0001", aliases: ["GHSA-aaaa-bbbb-cccc"]))
        #expect(first.products == [VEXProduct(root, subcomponents: [ssl, inner])])
        #expect(first.actionStatement == "Update.")
        #expect(first.impactStatement == "Remote.")
        #expect(first.responses == [.update, .workaroundAvailable])
        #expect(first.timestamp == document.timestamp)
        #expect(
            document.statements.map(\.status) == [
                .affected, .notAffected, .notAffected, .fixed, .fixed, .underInvestigation,
            ]
        )
        let second = document.statements[1]
        #expect(second.products == [VEXProduct(root)])
        #expect(second.justification == .protectedAtPerimeter)
        #expect(second.justification?.openVEX == .inlineMitigationsAlreadyExist)
        #expect(second.timestamp == VEXExamples.instant("2026-02-02T00:00:00Z"))
        #expect(document.statements[2].justification == .falsePositive)
    }

    @Test("references that name nothing and grounds that are none are refused with the place")
    func refused() throws {
        let document = try VEXExamples.document(VEXExamples.cycloneDX)
        #expect(
            document.refused.map(\.place) == [
                "$.vulnerabilities[7].affects[0].ref", "$.vulnerabilities[7].affects[1].ref",
                "$.vulnerabilities[7].affects[2].ref", "$.vulnerabilities[8]", "$.vulnerabilities[9].analysis.state",
            ]
        )
        #expect(document.refused[3].reason.en.contains("there is no fix"))
    }

    private func link(_ reference: String) throws -> VEXDocument {
        try VEXExamples.document(
            #"{"bomFormat": "CycloneDX", "specVersion": "1.6", "vulnerabilities": [{"id": "CVE-1", "affects": [{"ref": "\#(reference)"}], "analysis": {"state": "resolved"}}]}"#
        )
    }

    @Test("a BOM-Link names the other document, and the component where its bom-ref is a purl")
    func links() throws {
        let document = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1"
        let purl = VEXComponent(purl: try VEXExamples.purl("pkg:npm/%40a/b@1.0.0?x=y"))
        for fragment in ["pkg:npm/%40a/b@1.0.0?x=y", "pkg%3Anpm/%2540a/b%401.0.0%3Fx%3Dy"] {
            #expect(
                try link(document + "#" + fragment).statements.first?.products == [
                    VEXProduct(VEXComponent(id: document), subcomponents: [purl])
                ]
            )
        }
        #expect(try link(document).statements.first?.products == [VEXProduct(VEXComponent(id: document))])
        #expect(
            try link(document + "#product-ABC").statements.first?.products == [
                VEXProduct(VEXComponent(id: document + "#product-ABC"))
            ]
        )
        #expect(
            try link(document + "#image:" + VEXExamples.digest).statements.first?.products == [
                VEXProduct(VEXComponent(digests: [VEXExamples.digest]))
            ]
        )
        let image = try link(document + "#" + VEXExamples.image).statements.first?.products
        #expect(image == [VEXProduct(VEXComponent(purl: try VEXExamples.purl(VEXExamples.image)))])
        #expect(try link(document).id == "")
        #expect(try link(document).statements.first?.timestamp == nil)
    }

    @Test("a link of a document to itself is a reference like any other")
    func linkToItself() throws {
        let own = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/2#ssl"
        let text = VEXExamples.cycloneDX.replacing(#"{"ref": "ssl"}, {"ref": "inner"}"#, with: #"{"ref": "\#(own)"}"#)
        let document = try VEXExamples.document(text)
        #expect(document.statements.first?.products.first?.subcomponents.first?.purl?.name == "libssl3")
    }

    @Test("what an SBOM describes without a purl is named by the SBOM itself")
    func namedByTheSBOM() throws {
        let text = VEXExamples.cycloneDX.replacing(#", "purl": "pkg:oci/app"}"#, with: "}")
        let document = try VEXExamples.document(text)
        #expect(
            document.statements.first?.products.first?.identity
                == VEXComponent(id: "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/2")
        )
    }

    @Test("a list of versions beside a purl without one is refused, not read as all versions")
    func versions() throws {
        let text =
            #"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"bom-ref": "a", "purl": "pkg:npm/a"}, {"bom-ref": "b", "purl": "pkg:npm/b@1"}], "vulnerabilities": [{"id": "CVE-1", "affects": [{"ref": "a", "versions": [{"version": "1"}]}, {"ref": "b", "versions": [{"version": "1"}]}], "analysis": {"state": "resolved"}}]}"#
        let document = try VEXExamples.document(text)
        #expect(document.statements.first?.products.map(\.identity.purl?.name) == ["b"])
        #expect(document.refused.map(\.place) == ["$.vulnerabilities[0].affects[0].versions"])
    }

    @Test("an expiry that cannot be read is not taken for none")
    func expiry() throws {
        for (value, count) in [("2027-01-01T00:00:00Z", 1), ("soon", 0)] {
            let property =
                #""properties": [{"name": "kontor:vex:expires", "value": "\#(value)"}], "id": "CVE-2026-0002""#
            let text = VEXExamples.cycloneDX.replacing(#""id": "CVE-2026-0002""#, with: property)
            let found = try VEXExamples.document(text).statements.filter { $0.vulnerability.name == "CVE-2026-0002" }
            #expect(found.count == count)
            #expect(found.allSatisfy { $0.expires == VEXExamples.instant(value) })
        }
    }

    @Test("an SBOM without analyses is no VEX document")
    func plainSBOM() {
        for text in [
            #"{"bomFormat": "CycloneDX", "specVersion": "1.6"}"#,
            #"{"bomFormat": "CycloneDX", "specVersion": "1.6", "vulnerabilities": [{"id": "CVE-1"}]}"#,
        ] {
            let error = #expect(throws: VEXReadError.self) { try VEXExamples.document(text) }
            #expect(error?.place == "$.vulnerabilities")
        }
    }
}
