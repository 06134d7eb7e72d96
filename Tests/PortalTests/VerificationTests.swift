// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Portal
import SBOM
import Testing

/// The command to verify an image stands on its page only where it succeeds.
@Suite("How to verify an image") struct VerificationTests {
    private static let offline = "cosign verify --key release.pub --offline=true registry.example:5000/team/app@"
    private static let ignoring =
        "cosign verify --key release.pub --insecure-ignore-tlog=true registry.example:5000/team/app@"
    private static let release = "kontor release team/app@\(Sample.digest) 1.0 --node https://registry.example:5000"

    private func page(
        _ signed: SignedEvidence?,
        _ release: ImageWords.Release?,
        _ language: Language
    ) async throws -> String {
        var verdict = try Sample.verdict()
        verdict.signed = signed
        var site = try Sample.site(verdict)
        site.words = ImageWords(approvals: [], takedown: nil, release: release)
        let answer = try await site.get("/images/team/app:latest?lang=" + language.rawValue)
        #expect(answer.status == 200)
        return answer.body
    }

    @Test(
        "what this node released is verified by its key: with its log, and where nothing is logged without",
        arguments: Language.allCases
    )
    func released(_ language: Language) async throws {
        let logged = try await page(SignedEvidence(), ImageWords.Release(isLogged: true), language)
        #expect(logged.contains(Self.offline) && !logged.contains(Self.release))
        let internalImage = try await page(SignedEvidence(), ImageWords.Release(isLogged: false), language)
        #expect(internalImage.contains(Self.ignoring) && !internalImage.contains(Self.offline))
    }

    @Test(
        "what nobody signed has no such command, but what it would say and how to release it",
        arguments: Language.allCases
    )
    func unsigned(_ language: Language) async throws {
        let body = try await page(SignedEvidence(), nil, language)
        #expect(!body.contains("cosign verify --key"))
        #expect(body.contains("no signatures found") && body.contains(Self.release))
        #expect(body.contains(language == .de ? "Niemand hat dieses Image signiert" : "Nobody has signed this image"))
    }

    @Test(
        "what others signed leads to their signatures; what nobody looked at is unknown",
        arguments: Language.allCases
    )
    func others(_ language: Language) async throws {
        let signature = FoundSignature(
            form: .cosign,
            source: "sha256:2",
            proof: SignatureProof(signer: nil, isAccepted: false)
        )
        let others = try await page(SignedEvidence(signatures: [signature]), nil, language)
        #expect(
            others.contains("<a href=\"#signatures\">" + (language == .de ? "Wer es signiert hat" : "Who signed it"))
        )
        #expect(!others.contains("no signatures found") && !others.contains("cosign verify --key"))
        let gap = LocalizedText(de: "zu viele", en: "too many")
        for signed in [nil, SignedEvidence(gaps: [gap])] {
            let unknown = try await page(signed, nil, language)
            #expect(unknown.contains(language == .de ? "ist nicht bekannt." : "have signed it is unknown."))
            #expect(!unknown.contains("no signatures found") && !unknown.contains("cosign verify --key"))
        }
    }
}
