// SPDX-License-Identifier: EUPL-1.2

import API
import Advisories
import Assessment
import Criteria
import HTTPTypes
import JSON
import OCI
import Portal
import SBOM
import Testing
import Time

@Suite("Signatures on pages")
struct SignedPageTests {
    @Test(
        "an image's page shows its signatures, also those that do not count, and what was not read",
        arguments: Language.allCases
    )
    func signatures(_ language: Language) async throws {
        let publisher = EvidencePublisher(name: "<b>Amt</b>", contact: "mail@example.org")
        let signer = EvidenceSigner(name: "release", fingerprint: "sha256:abc", publisher: publisher)
        var verdict = try Sample.verdict()
        verdict.signed = SignedEvidence(
            trust: .inForce(revision: 3, threshold: 2),
            signatures: [
                FoundSignature(
                    form: .bundle,
                    source: "sha256:1",
                    proof: SignatureProof(signer: signer, isAccepted: true, provenAt: Sample.now, provenBy: "log")
                ),
                FoundSignature(
                    form: .cosign,
                    source: "sha256:2",
                    proof: SignatureProof(
                        signer: nil,
                        isAccepted: false,
                        problems: [LocalizedText(de: "<i>kein</i> Schlüssel", en: "<i>no</i> key")]
                    )
                ),
            ],
            statements: [
                FoundStatement(
                    predicateType: "https://a.example/b",
                    payload: "sha256:3",
                    form: .bundle,
                    proof: SignatureProof(signer: signer, isAccepted: true)
                )
            ],
            gaps: [LocalizedText(de: "zu viele", en: "too many")]
        )
        let answer = try await Sample.site(verdict).get("/images/team/app:latest?lang=" + language.rawValue)
        #expect(answer.status == 200)
        let page = try Markup(answer.body, isHTML: true)
        #expect(page.all("i").isEmpty && page.all("b").isEmpty)
        for text in [
            "sha256:abc", "https://a.example/b", "&lt;b&gt;Amt&lt;/b&gt; (mail@example.org)", "Sigstore bundle",
        ] {
            #expect(answer.body.contains(text), "\(text)")
        }
        let words =
            language == .de
            ? ["Signaturen (2)", "kein&lt;/i&gt; Schlüssel", "zählt nicht", "zu viele", "Revision 3", "Schlüssel: 2"]
            : ["Signatures (2)", "no&lt;/i&gt; key", "does not count", "too many", "revision 3", "demanded: 2"]
        for word in words { #expect(answer.body.contains(word), "\(word)") }
        #expect(page.all("caption").count == page.all("table").count)
        let without = try await Sample.site(try Sample.verdict()).get("/images/team/app:latest")
        #expect(!without.body.contains("id=\"signatures\""))
    }
}
