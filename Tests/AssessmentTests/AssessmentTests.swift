// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import AssessmentTestKit
import Audit
import Criteria
import Database
import Foundation
import Inventory
import JSON
import OCI
import Registry
import SBOM
import TestKit
import Testing
import Time
import Vulnerabilities

@Suite("From push to verdict")
struct AssessmentTests {
    static let openssl = NodeFixture.evidence([("openssl", "3.0.11-1")])
    static let fixes = [("openssl", "CVE-2024-0001", "3.0.13-1"), ("zlib", "CVE-2024-0009", "1:1.3")]

    @Test("a pushed image is queued, assessed, and everything about it can be asked for")
    func whole() async throws {
        let node = try NodeFixture(Self.openssl)
        try await node.importing(["t": NodeFixture.tracker(Self.fixes), "k": NodeFixture.kev(["CVE-2024-0001"])])
        let service = try node.service()
        let name = try RepositoryName(parsing: "team/app")
        let digest = try await node.push(NodeFixture.image("a"), to: "team/app", tag: "1.0")
        #expect(try await service.verdict(repository: name, digest: digest) == .queued)
        #expect(try await service.sbom(repository: name, digest: digest) == nil)
        let job = try #require(try await node.queue.claim(kinds: ["assess"], lease: .seconds(15)))
        #expect(try await service.verdict(repository: name, digest: digest) == .running)
        try await service.assess(job)
        let stored = try #require(try await node.ready(service, "team/app", digest))
        let verdict = try stored.verdict()
        #expect(verdict.level == stored.level)
        #expect(verdict.findings.map(\.id) == ["CVE-2024-0001"])
        #expect(verdict.evaluatedAt == NodeFixture.start)
        #expect(verdict.snapshot == (try node.feeds.current()?.id))
        #expect(verdict.catalogueVersion == stored.catalogueVersion)
        let bill = try JSONValue(parsing: try #require(try await service.sbom(repository: name, digest: digest)))
        #expect(bill["specVersion"]?.stringValue == "1.6")
        let names = (bill["components"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        #expect(names.contains("openssl"))
        let findings = try #require(try await service.findings(repository: name, digest: digest))
        #expect(findings.map(\.finding.id) == ["CVE-2024-0001"])
        let cursor = try #require(findings.first?.cursor)
        #expect(FindingCursor(parsing: cursor.description) == cursor)
        #expect(try await service.findings(repository: name, digest: digest, after: cursor) == [])
        let listed = try #require(try await service.repositories().first)
        #expect(try await service.repositories(after: "\u{0}").first == listed)
        for (part, isFound) in [
            ("", true), ("team", true), ("M/A", true), ("team/app", true), ("app/", false), ("%", false),
            ("e_m", false),
            ("!", false), ("\u{0}", false), (String(repeating: "a", count: 300), false),
        ] {
            #expect(try await service.repositories(containing: part) == (isFound ? [listed] : []), "\(part)")
        }
        #expect(try await service.repositories(containing: "team", after: name.text) == [])
        #expect(listed.name == name)
        #expect(listed.newestTag?.text == "1.0")
        #expect(listed.digest == digest)
        #expect(listed.level == verdict.level)
        let event = try #require(try await AuditLog.list(node.database).last)
        #expect(event.action == "image.assessed")
        #expect(event.subject == "team/app@\(digest)")
        #expect(event.detail?["level"]?.stringValue == verdict.level.rawValue)
        #expect(try await node.queue.state(kind: "assess", subject: job.subject) == nil)
    }

    @Test("what a repository does not hold is unknown, a signature is no image, a lost job is queued again")
    func states() async throws {
        let node = try NodeFixture(Self.openssl)
        let service = try node.service()
        let name = try RepositoryName(parsing: "team/app")
        #expect(try await service.verdict(repository: name, digest: .sha256([1])) == .unknownImage)
        let digest = try await node.push(NodeFixture.image("a"), to: "team/app")
        let signature = try await node.push(NodeFixture.image("s"), to: "team/app", tag: "sha256-\(digest.hex).sig")
        #expect(try await service.verdict(repository: name, digest: signature) == .notAnImage)
        #expect(try await service.verdict(repository: try .init(parsing: "other/app"), digest: digest) == .unknownImage)
        let job = try #require(try await node.queue.claim(kinds: ["assess"], lease: .seconds(15)))
        try await node.queue.complete(job)
        #expect(try await service.verdict(repository: name, digest: digest) == .queued)
        #expect(try await node.work(service).count == 1)
        #expect(try await node.ready(service, "team/app", digest) != nil)
    }

    @Test("the same inputs give the same bytes on another node, and again on the same")
    func determinism() async throws {
        var results: [(verdict: [UInt8], bill: [UInt8]?)] = []
        for _ in 0..<2 {
            let node = try NodeFixture(Self.openssl)
            try await node.importing(["t": NodeFixture.tracker(Self.fixes), "k": NodeFixture.kev(["CVE-2024-0001"])])
            let service = try node.service()
            let digest = try await node.push(NodeFixture.image("a"), to: "team/app")
            let name = try RepositoryName(parsing: "team/app")
            for _ in 0..<2 {
                try await node.work(service)
                let stored = try #require(try await node.ready(service, "team/app", digest))
                results.append((stored.json, try await service.sbom(repository: name, digest: digest)))
                try await node.database.write { transaction in
                    try JobQueue.enqueue(
                        transaction,
                        kind: "assess",
                        subject: "team/app@\(digest)",
                        priority: .push,
                        now: NodeFixture.start
                    )
                }
            }
            #expect(node.analyser.calls == 1)
        }
        #expect(results.allSatisfy { $0.verdict == results[0].verdict })
        #expect(results.allSatisfy { $0.bill == results[0].bill })
    }

    @Test(
        "old advisories leave open what rests on them; wider limits decide it, and the verdict says what data that is"
    )
    func ageLimits() async throws {
        let node = try NodeFixture(Self.openssl)
        let old = [
            "t": NodeFixture.tracker(Self.fixes), "k": NodeFixture.kev(["CVE-2024-0001"], released: "2025-11-14"),
        ]
        try await node.importing(old, asOf: "2026-10-06")
        let digest = try await node.push(NodeFixture.image("a"), to: "team/app")
        let careful = try node.service()
        try await node.work(careful)
        let first = try #require(try await node.ready(careful, "team/app", digest)).verdict()
        let widened = AssessmentSettings(
            ageLimits: AgeLimits(distribution: .seconds(400 * 86_400), exploited: .seconds(400 * 86_400)),
            exerciseData: true
        )
        let exercise = try node.service(widened)
        #expect(try await exercise.start() == 1)
        try await node.work(exercise)
        let second = try #require(try await node.ready(exercise, "team/app", digest)).verdict()
        #expect(try await exercise.start() == 0)
        func result(_ verdict: Verdict, _ id: String) -> Outcome? { verdict.criteria.first { $0.id == id }?.result }
        let resting = first.criteria.filter {
            ["IMG-SEC-26", "IMG-SEC-27", "IMG-SEC-28", "IMG-SEC-30"].contains($0.id)
        }
        #expect(!resting.isEmpty)
        var decided = 0
        for criterion in resting where criterion.stage == .build {
            if result(second, criterion.id) == .fail, criterion.result == .unknown { decided += 1 }
        }
        #expect(
            decided > 0,
            "\(resting.map { "\($0.id) \($0.stage) \($0.result) \(String(describing: result(second, $0.id)))" })"
        )
        #expect(first.exerciseData == false)
        #expect(second.exerciseData)
        #expect(second.note?.en.contains("2026-10-06") == true)
        #expect(node.analyser.calls == 1)
    }

    @Test("a clock job waits for the instant at which the verdict can change, and then changes it")
    func validity() async throws {
        let node = try NodeFixture(Self.openssl)
        try await node.importing(["t": NodeFixture.tracker(Self.fixes), "k": NodeFixture.kev(["CVE-2024-0001"])])
        let service = try node.service()
        let digest = try await node.push(NodeFixture.image("a"), to: "team/app")
        #expect(try await node.work(service).count == 1)
        for _ in 0..<3 {
            let stored = try #require(try await node.ready(service, "team/app", digest))
            guard let validUntil = stored.validUntil else { break }
            #expect(validUntil > time(node))
            #expect(try await node.work(service) == [])
            node.time.advance(by: validUntil.duration(since: time(node)))
            #expect(try await node.work(service).count == 1)
            let later = try #require(try await node.ready(service, "team/app", digest))
            #expect(later.evaluatedAt == time(node))
            #expect(later.json != stored.json)
        }
        #expect(time(node) > NodeFixture.start)
        #expect(node.analyser.calls == 1)
    }

    private func time(_ node: NodeFixture) -> Timestamp { node.time.clock.now() }

    @Test("an index is the minimum of its platforms; a child that is missing leaves it unknown")
    func index() async throws {
        let node = try NodeFixture(Self.openssl)
        try await node.importing(["t": NodeFixture.tracker(Self.fixes)])
        let service = try node.service()
        let (left, right) = (NodeFixture.image("l"), NodeFixture.image("r"))
        try await node.push(left, to: "team/app", tag: "l")
        let sparse = BuiltImage.index(of: [(left, nil), (right, nil)])
        let type = "application/vnd.oci.image.index.v1+json"
        let first = try await node.put(sparse, type, to: "team/app", tag: "sparse")
        try await node.work(service)
        let incomplete = try #require(try await node.ready(service, "team/app", first)).verdict()
        #expect(incomplete.platforms?.count == 1)
        #expect(incomplete.level == .none)
        #expect(incomplete.criteria.contains { $0.explanation.en.contains("\(right.manifestDigest)") })
        node.time.advance(by: .seconds(60))
        try await node.push(right, to: "team/app", tag: "r")
        node.time.advance(by: .seconds(60))
        try await node.put(sparse, type, to: "team/app", tag: "whole")
        try await node.work(service)
        if let job = try await node.queue.state(kind: "assess", subject: "team/app@\(first)") {
            Issue.record("\(job)")
        }
        #expect(try await service.repositories().first?.newestTag?.text == "whole")
        let complete = try #require(try await node.ready(service, "team/app", first)).verdict()
        #expect(complete.platforms?.count == 2)
        #expect(complete.findings.map(\.id).contains("CVE-2024-0001"))
        #expect(node.analyser.calls == 2)
        let name = try RepositoryName(parsing: "team/app")
        #expect(try await service.findings(repository: name, digest: first)?.count == 1)
    }

    @Test("an index that names one image many times judges it once, one that names very many says so")
    func crowdedIndex() async throws {
        let node = try NodeFixture(Self.openssl)
        let service = try node.service()
        let image = NodeFixture.image("a")
        try await node.push(image, to: "team/app", tag: "a")
        let type = "application/vnd.oci.image.index.v1+json"
        let repeated = BuiltImage.index(of: Array(repeating: (image, nil), count: 500))
        let once = try await node.put(repeated, type, to: "team/app", tag: "repeated")
        let children = (0..<200).map { number in
            #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(image.manifestDigest)","size":\#(image.manifest.count),"#
                + #""platform":{"os":"linux","architecture":"a\#(number)"}}"#
        }
        let crowd = #"{"schemaVersion":2,"mediaType":"\#(type)","manifests":[\#(children.joined(separator: ","))]}"#
        let many = try await node.put(Array(crowd.utf8), type, to: "team/app", tag: "many")
        try await node.work(service)
        #expect(try #require(try await node.ready(service, "team/app", once)).verdict().platforms?.count == 1)
        let refused = try #require(try await node.ready(service, "team/app", many))
        #expect(refused.failure == "the index names 200 images; at most 64 are judged together")
        #expect(try refused.verdict().level == .none)
    }

    @Test("no statement walks a growing table without a reason")
    func statements() throws {
        let found = try StatementAudit.explain(
            migrations: NodeFixture.migrations,
            statements: AssessmentSchema.statements
        )
        #expect(found.isEmpty, "\(found)")
    }

    @Test("PostgreSQL takes every table and statement")
    func postgreSQL() async throws {
        let script = StatementAudit.postgresScript(
            migrations: RegistrySchema.migrations + AssessmentSchema.migrations,
            statements: AssessmentSchema.statements
        )
        #expect(StatementAudit.postgresFindings(try await PostgreSQLCluster.run(script)) == [])
    }
}
