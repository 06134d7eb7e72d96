// SPDX-License-Identifier: EUPL-1.2

import Advisories
import SBOM
import Testing
import Time
import Triage
import Vulnerabilities

@Suite("What a judgement may be")
struct JudgementTests {
    private struct Refused: CustomTestStringConvertible, Sendable {
        let what: String
        let says: String
        let judgement: @Sendable () throws -> Judgement
        var testDescription: String { what }
    }

    private static let refused: [Refused] = [
        Refused(what: "a status of nobody's", says: "status is one of") { try Judgement(status: "harmless") },
        Refused(what: "no justification", says: "one of the five") { try Judgement(status: "not_affected") },
        Refused(what: "a justification of nobody's", says: "one of the five") {
            try Judgement(status: "not_affected", justification: "we_think_so")
        },
        Refused(what: "no fix as a justification", says: "no fix does not justify") {
            try Judgement(status: "not_affected", justification: "no_fix_available")
        },
        Refused(what: "CSAF's word for no fix", says: "no fix does not justify") {
            try Judgement(status: "not_affected", justification: "none_available")
        },
        Refused(what: "no fix in words, in spite of a label", says: "no fix does not justify") {
            try Judgement(
                status: "not_affected",
                justification: "vulnerable_code_not_present",
                impact: "No fix available yet."
            )
        },
        Refused(what: "no fix in German", says: "no fix does not justify") {
            try Judgement(
                status: "not_affected",
                justification: "vulnerable_code_not_present",
                impact: "Es gibt keine Korrektur vom Hersteller."
            )
        },
        Refused(what: "affected without an action", says: "needs an action") { try Judgement(status: "affected") },
        Refused(what: "a justification of affected", says: "belongs to not_affected") {
            try Judgement(status: "affected", justification: "component_not_present", action: "update")
        },
        Refused(what: "an end in the past", says: "lies in the future") {
            try Judgement(status: "fixed", expires: "2026-11-22")
        },
        Refused(what: "an end far away", says: "lies in the future") {
            try Judgement(status: "fixed", expires: "2099-01-01")
        },
        Refused(what: "an end that is none", says: "expires is an instant") {
            try Judgement(status: "fixed", expires: "tomorrow")
        },
        Refused(what: "an escape sequence", says: "no control characters") {
            try Judgement(status: "affected", action: "a\u{1b}[2J")
        },
        Refused(what: "a turned direction", says: "no control characters") {
            try Judgement(status: "affected", action: "a\u{202e}b")
        },
        Refused(what: "a zero byte", says: "no control characters") {
            try Judgement(status: "affected", action: "a\u{0}")
        },
        Refused(what: "a long text", says: "at most 4000 bytes") {
            try Judgement(status: "affected", action: String(repeating: "ä", count: 2_001))
        },
    ]

    @Test("what would clear a finding without a ground, or say nothing, is refused with what to do", arguments: refused)
    private func refusals(_ example: Refused) async throws {
        let world = try await TriageWorld()
        let app = try await world.push("stadt/app")
        let error = await #expect(throws: TriageError.self) {
            try await world.assess(app, try example.judgement(), by: world.berta)
        }
        #expect(error?.text.en.contains(example.says) == true, "\(error?.text.en ?? "")")
        #expect(error?.text.de.isEmpty == false)
        #expect(try await world.statements.documents(limit: 10).isEmpty)
    }

    @Test("the five labels that OpenVEX and CSAF share are taken", arguments: VEXJustification.common)
    func labels(_ label: VEXJustification) throws {
        let judgement = try Judgement(status: "not_affected", justification: label.rawValue, impact: " ", action: "")
        #expect(judgement == Judgement(status: .notAffected, justification: label))
    }
}
