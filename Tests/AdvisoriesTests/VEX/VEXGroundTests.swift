// SPDX-License-Identifier: EUPL-1.2

import Advisories
import SBOM
import Testing

@Suite("VEX: grounds for not affected")
struct VEXGroundTests {
    private func refusal(_ impact: String) throws -> VEXRefusal? {
        let escaped = impact.replacing("\"", with: "\\\"")
        let document = try VEXExamples.document(
            VEXExamples.openVEX([
                VEXExamples.statement(
                    "pkg:npm/a",
                    "CVE-2026-0001",
                    #""status": "not_affected", "impact_statement": "\#(escaped)""#
                )
            ])
        )
        #expect(document.statements.count + document.refused.count == 1)
        return document.refused.first
    }

    @Test(
        "that there is no fix is no ground",
        arguments: [
            "No fix available", "no fix available.", "There is no fix for openssl in Debian 12", "Fix not available",
            "no upstream fix yet", "Won't fix", "won\u{2019}t fix", "WONTFIX", "will not fix",
            "Will not be fixed by upstream.",
            "Not affected because no fix is available.", "Waiting for upstream fix", "No patch has been released",
            "No update available, not affected", "unpatched", "cannot be fixed", "Fix pending",
            "Debian: no fix available",
            "kein Fix verfügbar", "Kein Fix verfügbar.", "Es gibt keinen Patch.", "Derzeit keine Korrektur verfügbar",
            "nicht betroffen, da kein Fix verfügbar ist", "wird nicht behoben", "Noch kein Update", "wird nicht gefixt",
            "Keine Lösung vom Hersteller", "Korrektur steht noch aus, kein Sicherheitsupdate", "no-fix",
        ]
    )
    func missingFix(_ text: String) throws {
        let refusal = try #require(try refusal(text), "accepted: \(text)")
        #expect(refusal.reason.en.contains("there is no fix"))
        #expect(refusal.reason.de.contains("keine Korrektur"))
    }

    @Test(
        "a ground stays one when a missing fix is mentioned beside it",
        arguments: [
            "The vulnerable function is never called; no fix available.",
            "No fix is needed, the code is not compiled in.",
            "The option is off by default", "False positive. This CVE was fixed in 2.44 upstream binutils",
            "Nur unter Windows ausnutzbar; ein Fix ist nicht erforderlich.",
            "Kein Fix verfügbar, aber die verwundbare Funktion ist nicht eingebaut.", "Windows only.",
            "Fixed in this build by a local patch.", "Die Komponente wird nie geladen",
        ]
    )
    func otherGround(_ text: String) throws {
        let refusal = try refusal(text)
        #expect(refusal == nil, "\(refusal?.reason.en ?? "")")
    }

    @Test("a label is a ground, whatever is said beside it")
    func label() throws {
        let document = try VEXExamples.document(
            VEXExamples.openVEX([
                VEXExamples.statement(
                    "pkg:npm/a",
                    "CVE-1",
                    #""status": "not_affected", "justification": "component_not_present", "impact_statement": "no fix available""#
                )
            ])
        )
        #expect(document.refused.isEmpty)
    }

    @Test("words of one format have their nearest word in the others")
    func mapping() {
        for justification in VEXJustification.allCases {
            #expect(justification.openVEX.openVEX == justification.openVEX)
            #expect(
                ["component_not_present", "inline_mitigations_already_exist"].contains(justification.openVEX.rawValue)
                    || justification.openVEX.rawValue.hasPrefix("vulnerable_code_")
            )
            #expect(justification.cycloneDX?.cycloneDX == justification.cycloneDX)
        }
    }

    @Test("a finding changes as the statement says, and an investigation clears nobody")
    func applied() {
        #expect(VEXStatus.notAffected.applied(to: .affectedWontFix) == .notAffected)
        #expect(VEXStatus.fixed.applied(to: .affected) == .fixed)
        #expect(VEXStatus.affected.applied(to: .affectedEndOfLife) == .affectedEndOfLife)
        #expect(VEXStatus.affected.applied(to: .undetermined) == .affected)
        for status in FindingStatus.allCases where status.isAffected {
            #expect(VEXStatus.underInvestigation.applied(to: status) == status)
        }
        #expect(VEXStatus.underInvestigation.applied(to: .undetermined) == .underInvestigation)
    }
}
