// SPDX-License-Identifier: EUPL-1.2

import Advisories
import JSON
import SBOM
import Testing
import Time

/// Documents and values that several suites use.
enum VEXExamples {
    static let digest = "sha256:" + String(repeating: "ab", count: 32)
    static let otherDigest = "sha256:" + String(repeating: "cd", count: 32)
    static let image = "pkg:oci/app@sha256%3A" + String(repeating: "ab", count: 32)
    static let now = instant("2026-11-26T12:00:00Z")

    static func instant(_ text: String) -> Timestamp { Timestamp(rfc3339: text) ?? Timestamp(microseconds: 0) }

    static func purl(_ text: String) throws -> PackageURL { try PackageURL(parsing: text) }

    static func document(_ text: String) throws(VEXReadError) -> VEXDocument {
        try VEXDocument(parsing: Array(text.utf8))
    }

    /// A document with statements as they stand in `statements`.
    static func openVEX(
        _ statements: [String],
        head: String = #""timestamp": "2026-01-02T03:04:05Z", "version": 3"#
    ) -> String {
        #"""
        {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.de/vex/1", "author": "Beispielamt",
         "role": "Document Creator", \#(head), "statements": [\#(statements.joined(separator: ","))]}
        """#
    }

    static func statement(
        _ product: String,
        _ vulnerability: String = "CVE-2026-0001",
        _ more: String = #""status": "not_affected", "justification": "component_not_present""#
    ) -> String {
        #"{"vulnerability": {"name": "\#(vulnerability)"}, "products": [{"@id": "\#(product)"}], \#(more)}"#
    }

    /// As a distributor publishes it: branches by vendor and product, packages as components of an image, groups.
    static let csaf = #"""
        {"document": {"category": "csaf_vex", "csaf_version": "2.0", "title": "CVE-2026-0001",
          "publisher": {"category": "vendor", "name": "Beispiel GmbH", "namespace": "https://example.de"},
          "tracking": {"id": "EX-2026-1", "status": "final", "version": "2",
            "initial_release_date": "2026-01-01T00:00:00Z", "current_release_date": "2026-02-03T00:00:00Z",
            "revision_history": [{"date": "2026-01-01T00:00:00Z", "number": "1", "summary": "a"},
                                 {"date": "2026-02-03T00:00:00Z", "number": "2", "summary": "b"}]}},
         "product_tree": {
          "branches": [{"category": "vendor", "name": "Beispiel", "branches": [
            {"category": "product_name", "name": "app", "branches": [
              {"category": "product_version", "name": "1", "product": {"name": "app 1", "product_id": "app-1",
                "product_identification_helper": {"purl": "pkg:oci/app", "hashes": [{"filename": "manifest.json",
                  "file_hashes": [{"algorithm": "sha256", "value": "\#(String(repeating: "ab", count: 32))"}]}]}}},
              {"category": "product_version", "name": "9", "product": {"name": "app 9", "product_id": "app-9"}}]},
            {"category": "architecture", "name": "amd64", "branches": [
              {"category": "product_version", "name": "libssl3", "product": {"name": "libssl3", "product_id": "libssl3",
                "product_identification_helper": {"purl": "pkg:deb/debian/libssl3@3.0.17-1?arch=amd64"}}},
              {"category": "product_version", "name": "curl", "product": {"name": "curl", "product_id": "curl",
                "product_identification_helper": {"purl": "pkg:deb/debian/curl"}}}]}]}],
          "full_product_names": [{"name": "tool", "product_id": "tool-2",
            "product_identification_helper": {"purl": "pkg:generic/tool@2"}}],
          "product_groups": [{"group_id": "in-app", "product_ids": ["libssl3-in-app-1", "curl-in-app-1"]}],
          "relationships": [
            {"category": "default_component_of", "product_reference": "libssl3", "relates_to_product_reference": "app-1",
             "full_product_name": {"name": "libssl3 in app", "product_id": "libssl3-in-app-1"}},
            {"category": "installed_on", "product_reference": "curl", "relates_to_product_reference": "app-1",
             "full_product_name": {"name": "curl in app", "product_id": "curl-in-app-1"}},
            {"category": "default_component_of", "product_reference": "curl", "relates_to_product_reference": "app-9",
             "full_product_name": {"name": "curl in app 9", "product_id": "curl-in-app-9"}},
            {"category": "installed_with", "product_reference": "curl", "relates_to_product_reference": "tool-2",
             "full_product_name": {"name": "curl with tool", "product_id": "curl-with-tool"}}]},
         "vulnerabilities": [
          {"cve": "CVE-2026-0001", "ids": [{"system_name": "GitHub", "text": "GHSA-aaaa-bbbb-cccc"}],
           "notes": [{"category": "description", "text": "A hole."}, {"category": "details", "text": "Looked at."}],
           "product_status": {"known_not_affected": ["libssl3-in-app-1", "curl-in-app-1", "curl-in-app-9"],
             "known_affected": ["tool-2"], "recommended": ["tool-2"]},
           "flags": [{"label": "vulnerable_code_not_in_execute_path", "group_ids": ["in-app"],
                      "date": "2026-01-15T00:00:00Z"}],
           "threats": [{"category": "impact", "details": "Never called.", "group_ids": ["in-app"]},
                       {"category": "exploit_status", "details": "none"}],
           "remediations": [{"category": "vendor_fix", "details": "Update to 3.", "product_ids": ["tool-2"]},
                            {"category": "workaround", "details": "Switch it off.", "product_ids": ["tool-2"]}]},
          {"ids": [{"system_name": "x", "text": "EX-7"}], "notes": [{"category": "general", "text": "x"}],
           "product_status": {"first_fixed": ["tool-2"], "last_affected": ["libssl3"], "under_investigation": ["curl"],
             "recommended": ["app-1"]}},
          {"cve": "CVE-2026-0002", "product_status": {"known_not_affected": ["tool-2"], "known_affected": ["curl", "libssl3"],
             "fixed": ["libssl3"]}}]}
        """#

    /// An SBOM that carries its own assessments.
    static let cycloneDX = #"""
        {"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": "urn:uuid:3E671687-395b-41f5-a30f-a58921a69b79",
         "version": 2,
         "metadata": {"timestamp": "2026-03-01T00:00:00Z", "authors": [{"name": "Beispielamt"}],
          "component": {"bom-ref": "root", "type": "container", "name": "app", "purl": "pkg:oci/app"}},
         "components": [
          {"bom-ref": "ssl", "type": "library", "name": "libssl3", "purl": "pkg:deb/debian/libssl3@3.0.17-1?arch=amd64",
           "components": [{"bom-ref": "inner", "type": "library", "name": "inner", "purl": "pkg:npm/inner@1.0.0"}]},
          {"bom-ref": "bare", "type": "library", "name": "bare"},
          {"bom-ref": "twice", "type": "library", "name": "a", "purl": "pkg:npm/a@1"},
          {"bom-ref": "twice", "type": "library", "name": "b", "purl": "pkg:npm/b@1"}],
         "vulnerabilities": [
          {"id": "CVE-2026-0001", "references": [{"id": "GHSA-aaaa-bbbb-cccc", "source": {"name": "GitHub"}}],
           "recommendation": "Update.", "affects": [{"ref": "ssl"}, {"ref": "inner"}],
           "analysis": {"state": "exploitable", "response": ["update", "workaround_available"], "detail": "Remote."}},
          {"id": "CVE-2026-0002", "affects": [{"ref": "root"}],
           "analysis": {"state": "not_affected", "justification": "protected_at_perimeter",
                        "firstIssued": "2026-02-01T00:00:00Z", "lastUpdated": "2026-02-02T00:00:00Z"}},
          {"id": "CVE-2026-0003", "affects": [{"ref": "ssl"}], "analysis": {"state": "false_positive"}},
          {"id": "CVE-2026-0004", "affects": [{"ref": "ssl"}], "analysis": {"state": "resolved_with_pedigree"}},
          {"id": "CVE-2026-0005", "affects": [{"ref": "ssl"}], "analysis": {"state": "resolved"}},
          {"id": "CVE-2026-0006", "affects": [{"ref": "ssl"}], "analysis": {"state": "in_triage"}},
          {"id": "CVE-2026-0007", "affects": [{"ref": "ssl"}]},
          {"id": "CVE-2026-0008", "affects": [{"ref": "bare"}, {"ref": "twice"}, {"ref": "nowhere"}],
           "analysis": {"state": "resolved"}},
          {"id": "CVE-2026-0009", "affects": [{"ref": "ssl"}], "analysis": {"state": "not_affected", "response": ["will_not_fix"]}},
          {"id": "CVE-2026-0010", "affects": [{"ref": "ssl"}], "analysis": {"state": "gone"}}]}
        """#

    /// Assessments with everything that a format could lose.
    static func publication(_ statements: [VEXStatement]? = nil) throws -> VEXPublication {
        VEXPublication(
            id: "VEX-2026-0001 (ä)",
            title: "Bewertungen für app",
            publisher: VEXPublisher(
                name: "Beispielamt",
                namespace: "https://www.beispielamt.example",
                category: .vendor,
                contactDetails: "psirt@beispielamt.example"
            ),
            revisions: [
                VEXPublication.Revision(date: instant("2026-05-01T10:00:00Z"), summary: "Erste Fassung"),
                VEXPublication.Revision(date: instant("2026-06-01T10:00:00Z"), summary: "CVE-2026-0003 ergänzt"),
            ],
            statements: try statements ?? assessments(),
            canonicalURL: "https://www.beispielamt.example/csaf/2026/vex-2026-0001_.json",
            scores: ["CVE-2026-0003": try CVSSVector(parsing: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")],
            tool: "1.2.3"
        )
    }

    static func assessments() throws -> [VEXStatement] {
        let app = VEXComponent(purl: try purl("pkg:oci/app?repository_url=registry.example/gov/app"), digests: [digest])
        let bare = VEXComponent(digests: [otherDigest])
        let ssl = VEXComponent(purl: try purl("pkg:deb/debian/libssl3@3.0.17-1~deb12u3?arch=amd64&distro=debian-12"))
        let curl = VEXComponent(purl: try purl("pkg:deb/debian/curl"))
        let released = instant("2026-06-01T10:00:00Z")
        return [
            VEXStatement(
                vulnerability: VEXVulnerability("CVE-2026-0001", aliases: ["GHSA-aaaa-bbbb-cccc"]),
                products: [VEXProduct(app, subcomponents: [ssl, curl])],
                status: .notAffected,
                justification: .vulnerableCodeNotInExecutePath,
                impactStatement: "Die Funktion wird nie aufgerufen.\nSiehe Bericht 7.",
                notes: "Geprüft mit \"callgraph\".",
                timestamp: instant("2026-05-02T00:00:00Z"),
                expires: instant("2027-05-02T00:00:00Z")
            ),
            VEXStatement(
                vulnerability: VEXVulnerability("CVE-2026-0002"),
                products: [VEXProduct(app), VEXProduct(bare, subcomponents: [curl])],
                status: .notAffected,
                impactStatement: "Nur unter Windows ausnutzbar.",
                timestamp: instant("2026-05-03T00:00:00Z")
            ),
            VEXStatement(
                vulnerability: VEXVulnerability("CVE-2026-0003"),
                products: [VEXProduct(app, subcomponents: [curl])],
                status: .affected,
                actionStatement: "Auf app 1.1 aktualisieren.",
                responses: [.update],
                timestamp: released
            ),
            VEXStatement(
                vulnerability: VEXVulnerability("CVE-2026-0003"),
                products: [VEXProduct(bare)],
                status: .fixed,
                timestamp: released
            ),
            VEXStatement(
                vulnerability: VEXVulnerability("CVE-2026-0004"),
                products: [VEXProduct(curl)],
                status: .underInvestigation,
                timestamp: released
            ),
        ]
    }
}
