// SPDX-License-Identifier: EUPL-1.2

import Attestations
import JSON
import OCI
import TestKit
import Testing
import Time

@Suite("Statements")
struct StatementTests {
    static func summary(_ levels: [String]? = ["SLSA_BUILD_LEVEL_3", "KONTOR_2026_1_GOLD"]) throws
        -> VerificationSummary
    {
        try VerificationSummary(
            verifierID: "https://registry.example/verifier/v1",
            verifierVersions: ["kontor": "1.0"],
            timeVerified: Sample.time,
            resourceURI: Sample.repository + "@" + Sample.digest.description,
            policy: ResourceDescriptor(uri: "https://registry.example/catalogues/kontor/2026.1", Sample.other),
            inputAttestations: [ResourceDescriptor(Sample.other)],
            verifiedLevels: levels,
            validUntil: Sample.time + .seconds(86_400)
        )
    }

    private static func statements() throws -> [Statement] {
        let subject = [ResourceDescriptor(name: Sample.repository, Sample.digest)]
        let scan = VulnerabilityScan(
            scannerURI: "https://registry.example/kontor",
            scannerVersion: "1.0",
            databaseURI: "https://security-tracker.debian.org",
            databaseVersion: "7",
            databaseUpdated: Sample.time,
            started: Sample.time,
            finished: Sample.time,
            findings: [.init(id: "CVE-2026-1", severities: [("cvss_score", "9.8")])]
        )
        let test = TestResult(
            configuration: [ResourceDescriptor(name: "kontor 2026.1", Sample.other)],
            passed: ["user.not-root"],
            warned: ["scan.recent"],
            failed: ["no.secrets"],
            url: "https://registry.example/verdicts/1"
        )
        let result = SimpleVerificationResult(
            verifierID: "https://registry.example/verifier/v1",
            policies: [ResourceDescriptor(uri: "https://registry.example/c", Sample.other)],
            timeCreated: Sample.time,
            properties: ["KONTOR_USER_NOT_ROOT"]
        )
        let audit = HumanAudit(
            auditor: "audit office",
            scope: "read the recipe and the layers",
            isPassed: true,
            finished: Sample.time,
            criteria: ["user.not-root": "passed"],
            report: ResourceDescriptor(name: "report.pdf", Sample.other)
        )
        return [
            Sample.provenance(),
            Statement(
                subjects: subject,
                predicateType: PredicateType.verificationSummary,
                predicate: try summary().predicate
            ),
            Statement(
                subjects: subject,
                predicateType: PredicateType.verificationSummary,
                predicate: try summary(nil).predicate
            ),
            Statement(
                subjects: subject,
                predicateType: PredicateType.simpleVerificationResult,
                predicate: result.predicate
            ),
            Statement(subjects: subject, predicateType: PredicateType.testResult, predicate: test.predicate),
            Statement(subjects: subject, predicateType: PredicateType.vulnerabilities, predicate: scan.predicate),
            Statement(subjects: subject, predicateType: PredicateType.cycloneDX, predicate: ["bomFormat": "CycloneDX"]),
            Statement(
                subjects: subject,
                predicateType: PredicateType.openVEX,
                predicate: ["@context": "https://openvex.dev/ns/v0.2.0"]
            ),
            Statement(
                subjects: subject,
                predicateType: PredicateType.humanAudit(below: "https://registry.example/"),
                predicate: audit.predicate
            ),
        ]
    }

    @Test(
        "in-toto's own library validates every kind, and reads summaries, results and provenance as its own structures"
    )
    func inToto() async throws {
        let script = """
            import json, sys
            from google.protobuf import json_format
            from in_toto_attestation.v1.statement import Statement
            import in_toto_attestation.v1.statement_pb2 as spb
            from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
            from in_toto_attestation.predicates.vsa.v1 import vsa_pb2
            from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
            kinds = {"https://slsa.dev/provenance/v1": provenance_pb2.Provenance,
                     "https://slsa.dev/verification_summary/v1": vsa_pb2.VerificationSummary,
                     "https://in-toto.io/attestation/test-result/v0.1": test_result_pb2.TestResult}
            for text in json.load(sys.stdin):
                Statement.copy_from_pb(json_format.Parse(text, spb.Statement())).validate()
                document = json.loads(text)
                kind = kinds.get(document["predicateType"])
                if kind:
                    # The library's summary is that of SLSA 1.0, and has one level where the specification has a list.
                    levels = document["predicate"].pop("verifiedLevels", [])
                    assert all(isinstance(level, str) for level in levels)
                    is_summary = kind is vsa_pb2.VerificationSummary
                    json_format.ParseDict(document["predicate"], kind(), ignore_unknown_fields=is_summary)
                print("valid", document["predicateType"])
            """
        let statements = try Self.statements()
        let environment = try await pythonEnvironment(["in-toto-attestation"])
        let input = JSONValue.strings(statements.map { String(decoding: $0.bytes, as: UTF8.self) })
        let output = try await environment.python.check(["-c", script], input: input.bytes())
        #expect(output.split(separator: "\n").map(String.init) == statements.map { "valid " + $0.predicateType })
        for statement in statements { #expect(try Statement(parsing: statement.bytes) == statement) }
    }

    @Test("levels that the format forbids are refused")
    func levels() throws {
        #expect(throws: VerificationSummaryError.reservedLevel("SLSA_GOLD")) { try Self.summary(["SLSA_GOLD"]) }
        #expect(throws: VerificationSummaryError.reservedLevel("SLSA_BUILD_LEVEL_4")) {
            try Self.summary(["SLSA_BUILD_LEVEL_4"])
        }
        #expect(throws: VerificationSummaryError.malformedLevel("gold")) { try Self.summary(["gold"]) }
        #expect(throws: VerificationSummaryError.noLevel) { try Self.summary([]) }
        #expect(throws: VerificationSummaryError.twoLevelsOfTrack("SLSA_BUILD_LEVEL_")) {
            try Self.summary(["SLSA_BUILD_LEVEL_1", "SLSA_BUILD_LEVEL_3"])
        }
        #expect(VerificationSummary.level(catalogue: "kontor 2026.1", level: "gold") == "KONTOR_2026_1_GOLD")
        let failed = try Self.summary(nil)
        #expect(failed.predicate["verifiedLevels"] == ["FAILED"] && failed.predicate["verificationResult"] == "FAILED")
        #expect(try VerificationSummary(predicate: failed.predicate).isPassed == false)
        #expect(try VerificationSummary(predicate: Self.summary().predicate) == Self.summary())
        var other = failed.predicate
        other["verificationResult"] = "MAYBE"
        #expect(throws: AttestationError.self) { try VerificationSummary(predicate: other) }
    }

    @Test("provenance of either version is read")
    func provenance() throws {
        let new = try BuildProvenance(Sample.provenance())
        #expect(new.builderID == "https://build.example/isolated/v1" && new.invocationID == "urn:uuid:1")
        #expect(
            new.externalParameters == ["ref": "refs/tags/1.0"]
                && new.started == Timestamp(rfc3339: "2026-11-01T10:00:00Z")
        )
        #expect(
            new.dependencies.map(\.uri) == ["pkg:deb/debian/openssl@3.0.17"]
                && new.dependencies[0].isContent(Sample.other)
        )
        let text = #"""
            {"_type":"https://in-toto.io/Statement/v0.1","predicateType":"https://slsa.dev/provenance/v0.2",
             "subject":[{"name":"app","digest":{"sha256":"\#(Sample.digest.hex)"}}],
             "predicate":{"builder":{"id":"https://b.example"},"buildType":"https://t.example",
               "invocation":{"configSource":{"uri":"git+https://git.example/x"},"parameters":{"a":1},"environment":{}},
               "metadata":{"buildInvocationId":"7","buildFinishedOn":"2026-11-01T10:00:00Z"},
               "materials":[{"uri":"git+https://git.example/x","digest":{"sha1":"00"}}]}}
            """#
        let statement = try Statement(parsing: Array(text.utf8))
        #expect(statement.version == .v0_1)
        let old = try BuildProvenance(statement)
        #expect(old.builderID == "https://b.example" && old.buildType == "https://t.example" && old.invocationID == "7")
        #expect(old.externalParameters.keys.sorted() == ["configSource", "parameters"] && old.dependencies.count == 1)
        #expect(throws: AttestationError.self) {
            try BuildProvenance(
                Statement(subjects: statement.subjects, predicateType: PredicateType.spdx, predicate: [:])
            )
        }
        #expect(throws: AttestationError.self) {
            try BuildProvenance(
                Statement(subjects: statement.subjects, predicateType: PredicateType.provenance, predicate: [:])
            )
        }
        #expect(PredicateType.billKind("https://spdx.dev/Document/v2.3") == .spdx)
        #expect(PredicateType.billKind("https://cyclonedx.org/bom") == .cycloneDX)
        #expect(PredicateType.billKind("https://cyclonedx.org/bombast") == nil)
    }

    @Test(
        "statements that say nothing, or of another version, are refused",
        arguments: [
            #"{"_type":"https://in-toto.io/Statement/v2","predicateType":"x","subject":[{"digest":{"sha256":"aa"}}],"predicate":{}}"#,
            #"{"_type":"https://in-toto.io/Statement/v1","predicateType":"x","subject":[],"predicate":{}}"#,
            #"{"_type":"https://in-toto.io/Statement/v1","predicateType":"x","subject":[{"name":"a"}],"predicate":{}}"#,
            #"{"_type":"https://in-toto.io/Statement/v1","predicateType":"","subject":[{"digest":{"sha256":"aa"}}],"predicate":{}}"#,
            #"{"_type":"https://in-toto.io/Statement/v1","predicateType":"x","subject":[{"digest":{"sha256":"aa"}}],"predicate":[]}"#,
        ]
    )
    func refuses(_ text: String) { #expect(throws: AttestationError.self) { try Statement(parsing: Array(text.utf8)) } }
}
