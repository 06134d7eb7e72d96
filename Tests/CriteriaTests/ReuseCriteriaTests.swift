// SPDX-License-Identifier: EUPL-1.2

import Criteria
import SBOM
import Testing
import Time

@Suite("Proven reuse") struct ReuseCriteriaTests {
    static let decided = ["IMG-REU-08"]

    private static func use(_ name: String, _ kind: String = "municipal") -> ReuseEvidence.Use {
        ReuseEvidence.Use(organisation: name, title: name.uppercased(), kind: kind, since: Sample.day("2026-11-01"))
    }

    private static func result(_ reuse: ReuseEvidence?, visibility: Visibility = .public) throws -> CriterionResult {
        var sample = Sample()
        sample.context.stage = .published
        sample.context.visibility = visibility
        let verdict = Evaluation.verdict(
            catalogue: try Catalogue.embedded(),
            evidence: sample.evidence,
            assessed: sample.assessed,
            reuse: reuse,
            context: sample.context
        )
        return try #require(verdict.criteria.first { $0.id == "IMG-REU-08" })
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let outcome: Outcome
        let says: String
        let reuse: ReuseEvidence?

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "no register", outcome: .unknown, says: "Nobody looked", reuse: nil),
        Case(
            name: "nobody",
            outcome: .fail,
            says: "No authority other than its publisher",
            reuse: ReuseEvidence(publisher: "stadt", uses: [])
        ),
        Case(
            name: "the publisher alone",
            outcome: .fail,
            says: "No authority other than its publisher",
            reuse: ReuseEvidence(publisher: "stadt", uses: [use("stadt"), use("stadt")])
        ),
        Case(
            name: "one other",
            outcome: .fail,
            says: "Only LAND confirms its use, 2 authorities",
            reuse: ReuseEvidence(publisher: "stadt", uses: [use("land", "state"), use("stadt")])
        ),
        Case(
            name: "one other twice",
            outcome: .fail,
            says: "Only LAND confirms its use",
            reuse: ReuseEvidence(publisher: "stadt", uses: [use("land"), use("land")])
        ),
        Case(
            name: "a supplier and an operator of infrastructure",
            outcome: .fail,
            says: "Only LAND confirms its use",
            reuse: ReuseEvidence(
                publisher: "stadt",
                uses: [
                    use("firma", "supplier"), use("netz", "criticalInfrastructure"), use("land"), use("neu", "other"),
                ]
            )
        ),
        Case(
            name: "two others",
            outcome: .pass,
            says: "2 authorities confirm their use: LAND, BUND",
            reuse: ReuseEvidence(
                publisher: "stadt",
                uses: [use("land", "state"), use("stadt"), use("bund", "federal")]
            )
        ),
        Case(
            name: "a publisher that nobody knows",
            outcome: .unknown,
            says: "lies in no namespace",
            reuse: ReuseEvidence(publisher: nil, uses: [use("land"), use("bund")])
        ),
    ]

    @Test("decided", arguments: cases)
    func decided(_ example: Case) throws {
        let result = try Self.result(example.reuse)
        #expect(result.result == example.outcome && result.explanation.en.contains(example.says), "\(result)")
        #expect((result.advice == nil) == result.result.isPassed)
        #expect(!result.explanation.de.contains("{") && !result.explanation.de.isEmpty)
        // Each organisation speaks for itself.
        #expect(result.evidence.count == example.reuse?.uses.count ?? 0)
        #expect(result.evidence.allSatisfy { $0.strength == .declared })
    }

    @Test("what nobody outside may have is used by nobody outside")
    func internalImage() throws {
        #expect(try Self.result(nil, visibility: .internal).result == .notApplicable)
    }
}
