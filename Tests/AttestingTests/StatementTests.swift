// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Attestations
import Attesting
import Criteria
import JSON
import OCI
import SBOM
import Testing
import Time

/// What is signed for a verdict, and what has it signed anew: pure functions, without keys, clock and database.
@Suite("Statements of a verdict") struct StatementTests {
    private static let now = Timestamp(seconds: 1_795_000_000)
    private static let digest = Digest.sha256([1])

    private static func criterion(
        _ id: String,
        _ result: Criteria.Outcome,
        _ strength: CriterionEvidence.Strength = .proven,
        stage: Stage = .build
    ) -> CriterionResult {
        CriterionResult(
            id: id,
            area: .security,
            level: .silver,
            stage: stage,
            title: LocalizedText(de: "t", en: "t"),
            result: result,
            evidence: [CriterionEvidence(kind: .configuration, strength: strength, text: "seen")],
            explanation: LocalizedText(de: "e", en: "e"),
            advice: nil
        )
    }

    private static func finding(_ id: String, _ status: FindingStatus = .affected) -> Finding {
        Finding(
            id: id,
            componentName: "openssl",
            componentVersion: "3.0.1",
            componentPURL: "pkg:deb/debian/openssl@3.0.1",
            status: status,
            evidence: FindingEvidence(
                feed: "debian",
                record: "openssl \(id)",
                rule: "<",
                sourceName: "openssl",
                sourceVersion: "3.0.1"
            )
        )
    }

    private static func verdict(
        level: Level = .silver,
        _ criteria: [CriterionResult] = [criterion("IMG-SEC-10", .pass)],
        _ findings: [Finding] = [],
        at time: Timestamp = now
    ) -> Verdict {
        Verdict(
            image: .init(digest: digest.description, platform: nil),
            stage: .build,
            visibility: .public,
            kind: .runtime,
            level: level,
            areas: [.security: level, .maintenance: .gold, .reuse: .none],
            criteria: criteria,
            findings: findings,
            components: [],
            notAssessed: [],
            catalogueVersion: "2026.1",
            feeds: [],
            snapshot: "sha256:snapshot",
            exerciseData: false,
            evaluatedAt: time,
            validUntil: nil
        )
    }

    private static func statements(
        _ verdict: Verdict,
        news: UInt8 = 1,
        bill: JSONValue? = ["bomFormat": "CycloneDX"]
    ) throws -> VerdictStatements {
        VerdictStatements(
            image: StatedImage(
                repository: try RepositoryName(parsing: "gov/app"),
                digest: digest,
                authority: "registry.example",
                address: "https://registry.example",
                version: "1.0"
            ),
            verdict: verdict,
            news: .sha256([news]),
            bill: bill,
            catalogue: try .embedded()
        )
    }

    @Test("levels are named after the catalogue, the highest of each area, and none on failure")
    func levels() throws {
        let passed = try Self.statements(Self.verdict())
        #expect(
            passed.levels == [
                "KONTOR_2026_1_SILVER", "KONTOR_2026_1_SECURITY_SILVER", "KONTOR_2026_1_MAINTENANCE_GOLD",
            ]
        )
        let summary = try passed.summary()
        #expect(summary.isPassed)
        #expect(summary.policy.digests == ["sha256": Digest.sha256(Catalogue.embeddedYAML).hex])
        #expect(summary.timeVerified == Self.now)
        let failed = try Self.statements(Self.verdict(level: .none)).summary()
        #expect(!failed.isPassed)
        #expect(failed.predicate["verificationResult"] == "FAILED")
        #expect(failed.predicate["verifiedLevels"] == ["FAILED"])
        // Nobody here knows the bytes of another catalogue.
        var other = Self.verdict()
        other.catalogueVersion = "2025.9"
        #expect(try Self.statements(other).summary().policy.digests.isEmpty)
    }

    @Test(
        "a build level of SLSA is only said where proven evidence shows it, and all below it",
        arguments: [
            ([], nil), ([("IMG-SEC-05", Criteria.Outcome.unknown, CriterionEvidence.Strength.proven)], nil),
            ([("IMG-SEC-05", .pass, .declared)], nil), ([("IMG-SEC-05", .pass, .observed)], nil),
            ([("IMG-SEC-05", .notApplicable, .proven)], nil), ([("IMG-SEC-05", .pass, .proven)], 2),
            ([("IMG-SEC-05", .pass, .proven), ("IMG-SEC-07", .pass, .proven)], 3),
            ([("IMG-SEC-05", .pass, .proven), ("IMG-SEC-07", .pass, .observed)], 2),
            ([("IMG-SEC-05", .fail, .proven), ("IMG-SEC-07", .pass, .proven)], nil),
        ] as [([(String, Criteria.Outcome, CriterionEvidence.Strength)], Int?)]
    )
    func buildLevel(_ results: [(String, Criteria.Outcome, CriterionEvidence.Strength)], _ level: Int?) throws {
        let criteria = results.map { Self.criterion($0.0, $0.1, $0.2) }
        let statements = try Self.statements(Self.verdict(criteria))
        #expect(statements.buildLevel == level)
        #expect(
            statements.levels?.contains { $0.hasPrefix("SLSA_") } == (level != nil)
                && level.map { statements.levels?.contains("SLSA_BUILD_LEVEL_\($0)") == true } != false
        )
        // Whatever was proven: an image that failed reached nothing.
        #expect(try Self.statements(Self.verdict(level: .none, criteria)).levels == nil)
    }

    @Test("every criterion is told: passed, failed, or not to be told; what does not count yet fails nobody")
    func results() throws {
        let criteria = [
            Self.criterion("A", .pass), Self.criterion("B", .fail), Self.criterion("C", .unknown),
            Self.criterion("D", .notApplicable), Self.criterion("E", .fail, stage: .operated),
        ]
        let result = try Self.statements(Self.verdict(criteria)).results
        #expect(result.passed == ["A"] && result.failed == ["B"] && result.warned == ["C", "E"])
        #expect(
            result.results == ["A": "pass", "B": "fail", "C": "unknown", "D": "notApplicable", "E": "fail"]
        )
        #expect(result.url == "https://registry.example/images/gov/app@\(Self.digest)")
    }

    /// Kinds whose basis differs: those that are signed anew.
    private static func anew(_ before: VerdictStatements, _ after: VerdictStatements) throws -> Set<
        ImageAttestation.Kind
    > {
        let old = Dictionary(uniqueKeysWithValues: try before.drafts().drafts.map { ($0.kind, $0.basis) })
        let new = try after.drafts().drafts
        return Set(new.filter { old[$0.kind] != $0.basis }.map(\.kind))
    }

    @Test("time and texts have nothing signed anew; news, findings, the bill and words have what rests on them")
    func bases() throws {
        let before = try Self.statements(Self.verdict([], [Self.finding("CVE-1")]))
        #expect(try before.drafts().drafts.map(\.kind) == [.bill, .scan, .verdict, .criteria])
        let later = try Self.statements(Self.verdict([], [Self.finding("CVE-1")], at: Self.now + .seconds(60)))
        #expect(try Self.anew(before, later).isEmpty)
        var reworded = Self.finding("CVE-1")
        reworded.riskExplanation = "other words"
        reworded.severity = .high
        #expect(try Self.anew(before, Self.statements(Self.verdict([], [reworded]))).isEmpty)
        #expect(
            try Self.anew(before, Self.statements(Self.verdict([], [Self.finding("CVE-1")]), news: 2)) == [
                .verdict, .criteria,
            ]
        )
        let more = try Self.statements(Self.verdict([], [Self.finding("CVE-1"), Self.finding("CVE-2")]), news: 2)
        #expect(try Self.anew(before, more) == [.scan, .verdict, .criteria])
        let same = Self.verdict([], [Self.finding("CVE-1")])
        #expect(
            try Self.anew(before, Self.statements(same, bill: ["bomFormat": "CycloneDX", "version": 2])) == [.bill]
        )
        var stated = Self.finding("CVE-1", .notAffected)
        stated.statement = try FindingStatement(
            json: JSONFields([
                "before": "affected", "status": "not_affected", "justification": "component_not_present",
                "author": "Bundesamt", "document": "vex-1", "importedBy": "anna", "origin": "assessed",
                "timestamp": "2026-11-20T00:00:00Z",
            ])
        )
        let said = try Self.statements(Self.verdict([], [stated]), news: 2)
        #expect(try Self.anew(before, said) == [.scan, .exploitability, .verdict, .criteria])
        let againLater = try Self.statements(Self.verdict([], [stated], at: Self.now + .seconds(60)), news: 2)
        #expect(try Self.anew(said, againLater).isEmpty)
        stated.statement?.justification = .vulnerableCodeNotPresent
        #expect(try Self.anew(said, Self.statements(Self.verdict([], [stated]), news: 2)) == [.exploitability])
    }

    @Test("each statement names the image by its digest and is written the same each time")
    func form() throws {
        let statements = try Self.statements(Self.verdict([], [Self.finding("CVE-1")]))
        let drafts = try statements.drafts()
        #expect(drafts.problem == nil)
        #expect(try statements.drafts().drafts == drafts.drafts)
        for draft in drafts.drafts {
            let statement = try Attestations.Statement(parsing: draft.payload)
            #expect(statement.predicateType == draft.predicateType)
            #expect(statement.subjects.count == 1)
            #expect(statement.subjects[0].isContent(Self.digest))
            #expect(statement.subjects[0].name == "registry.example/gov/app")
            #expect(statement.bytes == draft.payload)
        }
    }

    @Test("what no verifier would read is not signed, and it is said; the rest is signed all the same")
    func large() throws {
        let text = String(repeating: "x", count: StatedImage.maximumStatement)
        let drafts = try Self.statements(Self.verdict(), bill: ["bomFormat": .string(text)]).drafts()
        #expect(drafts.drafts.map(\.kind) == [.scan, .verdict, .criteria])
        #expect(drafts.problem?.contains(PredicateType.cycloneDX) == true)
        #expect(
            try Self.statements(Self.verdict(), bill: nil).drafts().drafts.map(\.kind) == [
                .scan, .verdict, .criteria,
            ]
        )
    }
}
