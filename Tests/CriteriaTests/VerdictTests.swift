// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import JSON
import OCI
import SBOM
import TestKit
import Testing
import Time

@Suite("Verdict")
struct VerdictTests {
    @Test("a careful team reaches bronze at the build stage: three criteria stay open")
    func bronze() throws {
        let verdict = try Sample().verdict()
        #expect(verdict.level == .bronze)
        #expect(verdict.headline == LocalizedText(de: "Bronze (Bauphase), 3 offen", en: "Bronze (build stage), 3 open"))
        #expect(verdict.open.map(\.id) == ["IMG-SEC-02", "IMG-SEC-03", "IMG-MNT-01"])
        #expect(
            verdict.open.allSatisfy {
                $0.result == .unknown && $0.explanation.en.hasPrefix("Open: decided after publication")
            }
        )
        #expect(verdict.counts.pass == 24 && verdict.counts.fail == 0 && verdict.counts.open == 22)
    }

    @Test("what this version cannot decide blocks silver honestly, and says so")
    func silverIsBlocked() throws {
        let steps = try Sample().verdict().steps
        #expect(steps.map(\.criterion) == ["IMG-SEC-15"])
        #expect(steps.allSatisfy { $0.result == .unknown && !$0.advice.de.isEmpty })
    }

    @Test("at the published stage the open criteria count, and bronze is gone")
    func published() throws {
        var sample = Sample()
        sample.context.stage = .published
        let verdict = try sample.verdict()
        #expect(verdict.level == .none)
        // All three ask for the same: a node that looks.
        #expect(verdict.steps.map(\.criterion) == ["IMG-SEC-02"])
        #expect(verdict.steps.map(\.alsoSettles) == [["IMG-SEC-03", "IMG-MNT-01"]])
    }

    @Test("areas are cumulative; overall needs security, maintenance and bronze in reuse")
    func levels() throws {
        var sample = Sample()
        sample.label("licenses", nil)
        let verdict = try sample.verdict()
        #expect(verdict.level == .none)
        #expect(verdict.level(of: .security) == .bronze)
        #expect(verdict.level(of: .reuse) == .none)
        #expect(verdict.steps.map(\.criterion) == ["IMG-REU-01"])
        #expect(verdict.headline.en == "No level (build stage), 3 open")
        #expect(verdict.stepsHeadline == LocalizedText(de: "1 Schritt bis Bronze", en: "1 step to bronze"))
    }

    @Test("the same advice is one step, and a fault comes before an open question")
    func steps() throws {
        var sample = Sample()
        sample.evidence.secrets.complete = false
        sample.assessed.findings = [Sample.finding(kev: Sample.kev)]
        let steps = try sample.verdict().steps
        #expect(steps.map(\.criterion) == ["IMG-SEC-26", "IMG-SEC-16"])
        #expect(steps.first?.alsoSettles == ["IMG-SEC-27"])
        #expect(steps.map(\.result) == [.fail, .unknown])
    }

    @Test("the same input gives the same bytes, in whatever order findings and feeds come")
    func pure() throws {
        var sample = Sample()
        sample.assessed.findings = (1...20).map {
            Sample.finding("CVE-2026-\($0)", severity: $0 % 2 == 0 ? .high : .medium)
        }
        let bytes = try sample.verdict().json.bytes(.pretty)
        for _ in 0..<5 {
            sample.assessed.findings.shuffle()
            sample.context.feeds.shuffle()
            #expect(try sample.verdict().json.bytes(.pretty) == bytes)
        }
    }

    static func samples() throws -> [Verdict] {
        var bad = Sample()
        bad.evidence = ImageEvidence()
        var worse = DataAgeTests.exercise(limits: .standard)
        worse.evidence.files.privileged = Sample.list(Sample.file("usr/bin/su", mode: 0o4755))
        worse.assessed = Assessed(
            findings: [
                Sample.finding(kev: Sample.kev, percentile: 0.5),
                Sample.finding("CVE-2", status: .affectedEndOfLife, fixedIn: nil, severity: .unknown),
            ],
            notAssessed: [
                NotAssessed(ecosystem: "npm", components: 2, reason: LocalizedText(de: "kein Feed", en: "no feed"))
            ]
        )
        let index = Evaluation.indexVerdict(
            catalogue: try Catalogue.embedded(),
            digest: try Digest(parsing: Sample.digestText),
            platforms: [try Sample().verdict(), try worse.verdict()],
            context: worse.context
        )
        return [try Sample().verdict(), try bad.verdict(), try worse.verdict(), index]
    }

    @Test("reads back what it wrote")
    func roundTrip() throws {
        for verdict in try Self.samples() {
            let bytes = verdict.json.bytes()
            let read = try Verdict(json: JSONValue(parsing: bytes))
            #expect(read == verdict)
            #expect(read.json.bytes() == bytes)
        }
    }

    @Test("names every key; absent is null")
    func keys() throws {
        let json = try Sample().verdict().json
        #expect(
            json.objectValue?.keys.sorted() == [
                "areas", "catalogue", "components", "criteria", "evaluatedAt", "exerciseData", "feeds", "findings",
                "image", "kind", "level",
                "notAssessed", "note", "platforms", "schemaVersion", "signed", "snapshot", "stage", "validUntil",
                "visibility",
            ]
        )
        #expect(json["platforms"]?.isNull == true && json["note"]?.isNull == true)
        #expect(
            json["criteria"]?[0]?.objectValue?.keys.sorted() == [
                "advice", "area", "evidence", "explanation", "id", "level", "result", "stage", "title",
            ]
        )
    }

    @Test("keeps to the JSON Schema that ships")
    func schema() async throws {
        let directory = try TemporaryDirectory()
        let schema = try directory.write(Catalogue.verdictSchema, to: "schema.json")
        var paths: [String] = []
        for (number, verdict) in try Self.samples().enumerated() {
            paths.append(try directory.write(verdict.json.bytes(.pretty), to: "verdict-\(number).json"))
        }
        let environment = try await pythonEnvironment(["jsonschema"])
        let program = """
            import json, sys
            from jsonschema import Draft202012Validator
            schema = json.load(open(sys.argv[1]))
            Draft202012Validator.check_schema(schema)
            validator = Draft202012Validator(schema)
            for path in sys.argv[2:]:
                validator.validate(json.load(open(path)))
                extra = json.load(open(path)); extra["more"] = 1
                assert list(validator.iter_errors(extra)), "additional members must be refused"
                fewer = json.load(open(path)); del fewer["note"]
                assert list(validator.iter_errors(fewer)), "absent members must be refused"
            """
        try await environment.python.check(["-c", program, schema] + paths)
    }

    @Test(
        "a damaged verdict is refused with the path",
        arguments: [
            ("schemaVersion", JSONValue.integer(2)), ("level", "platinum"), ("stage", .null), ("criteria", [1]),
            ("evaluatedAt", "now"),
            ("areas", ["security": ["level": "gold"]]), ("exerciseData", "yes"), ("platforms", [["platforms": []]]),
        ] as [(String, JSONValue)]
    )
    func damaged(key: String, value: JSONValue) throws {
        var members = try #require(try Sample().verdict().json.objectValue)
        members[key] = value
        let error = #expect(throws: JSONShapeError.self) { try Verdict(json: .object(members)) }
        #expect(error?.path.contains(key) == true)
    }

    @Test("a declared builder is at most silver in security")
    func builder() throws {
        var sample = Sample()
        sample.evidence.configuration?.labels[ImageKind.key] = "builder"
        #expect(try sample.verdict().kind == .builder)
        #expect(try sample.verdict().level(of: .security) <= .silver)
    }
}

@Suite("Verdict on an index")
struct IndexVerdictTests {
    private func index(_ platforms: [Verdict], missing: [MissingPlatform] = []) throws -> Verdict {
        Evaluation.indexVerdict(
            catalogue: try Catalogue.embedded(),
            digest: try Digest(parsing: Sample.digestText),
            platforms: platforms,
            missing: missing,
            context: Sample.circumstances
        )
    }

    private func arm(_ change: (inout Sample) -> Void = { _ in }) throws -> Verdict {
        var sample = Sample()
        sample.evidence.configuration?.architecture = "arm64"
        change(&sample)
        return try sample.verdict()
    }

    @Test("is the minimum over its platforms and names the one that is worse")
    func minimum() throws {
        let worse = try arm { $0.evidence.configuration?.user = "0" }
        let verdict = try index([try Sample().verdict(), worse])
        #expect(verdict.level == .none)
        let result = try #require(verdict.criteria.first { $0.id == "IMG-SEC-10" })
        #expect(result.result == .fail)
        #expect(result.explanation.en == "linux/arm64: user is 0 (root).")
        #expect(verdict.platforms?.count == 2)
    }

    @Test("has the findings and components of all, each once")
    func union() throws {
        var left = Sample()
        left.assessed.findings = [Sample.finding("CVE-1"), Sample.finding("CVE-2")]
        let right = try arm { $0.assessed.findings = [Sample.finding("CVE-2"), Sample.finding("CVE-3")] }
        let verdict = try index([try left.verdict(), right])
        #expect(verdict.findings.map(\.id).sorted() == ["CVE-1", "CVE-2", "CVE-3"])
        #expect(verdict.components.count == 1)
    }

    @Test("with equal platforms is as good as they are")
    func equal() throws {
        let verdict = try index([try Sample().verdict(), try arm()])
        #expect(verdict.level == .bronze)
        #expect(verdict.validUntil != nil)
    }

    @Test("with a missing child knows nothing that another does not fail")
    func missing() throws {
        let child = MissingPlatform(digest: try Digest(parsing: Sample.digestText), platform: "linux/arm64")
        let verdict = try index([try Sample().verdict()], missing: [child])
        #expect(verdict.level == .none)
        let counted = verdict.criteria.filter { verdict.counts($0) }
        #expect(counted.allSatisfy { $0.result == .unknown && $0.explanation.en.contains("linux/arm64") })
        #expect(try index([]).level == .none)
    }
}
