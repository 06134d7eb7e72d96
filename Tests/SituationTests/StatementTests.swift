// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Advisories
import Assessment
import AssessmentTestKit
import Criteria
import Database
import JSON
import OCI
import PullRecords
import SBOM
import Situation
import TestKit
import Testing
import Time
import Vulnerabilities

@Suite("Words about vulnerabilities, laid over findings") struct StatementTests {
    private static let purl = "pkg:deb/debian/openssl@3.0.1?arch=amd64&distro=debian-12"

    private struct World {
        let node: NodeFixture
        let assessment: AssessmentService
        let situation: Situation
        let statements: Statements

        init() async throws {
            node = try NodeFixture()
            assessment = try node.service()
            let feeds = node.feeds
            situation = Situation(
                database: node.database,
                registry: node.registry,
                pulls: PullRecords(database: node.database),
                snapshot: { try feeds.current()?.id },
                clock: node.time.clock
            )
            statements = Statements(database: node.database, clock: node.time.clock)
            let fix = [(source: "openssl", id: "CVE-2026-0001", fixed: "3.0.2")]
            try await node.importing(["tracker.json": NodeFixture.tracker(fix)])
        }

        func push(_ repository: String, _ label: String, layers: [Digest]) async throws -> Digest {
            let purl = try PackageURL(parsing: StatementTests.purl)
            node.analyser.becomes { _ in
                var evidence = NodeFixture.evidence([("openssl", "3.0.1")])
                evidence.components[0].purl = purl
                evidence.configuration = ImageConfiguration(architecture: "amd64", os: "linux", diffIDs: layers)
                return evidence
            }
            let digest = try await node.push(NodeFixture.image(label), to: repository, tag: "1.0")
            try await node.work(assessment)
            return digest
        }

        func take(_ document: String, in namespace: String? = nil) async throws -> Statements.Import {
            try await statements.take(Array(document.utf8), namespace: namespace, by: "admin") { t, id, _ in
                try AssessmentService.announce(t, document: id, at: NodeFixture.start)
            }
        }

        func revoke(_ id: Int64) async throws {
            let ended = try await statements.revoke(id, by: "admin") { t, id, _ in
                try AssessmentService.announce(t, document: id, at: NodeFixture.start)
            }
            #expect(ended != nil)
        }

        /// Images that are affected, and those that are not by somebody's word.
        func count() async throws -> (affected: Int, cleared: Int) {
            let question = try AffectedQuestion(parsing: "CVE-2026-0001")
            let reader = Situation.Reader(scope: .everything, seesPulls: false)
            let summary = try await situation.summary(of: question, for: reader)
            var images: [AffectedImage] = []
            var after: Int64?
            repeat {
                let page = try await situation.affected(by: question, for: reader, after: after, limit: 50)
                images += page.images
                after = page.next
            } while after != nil
            #expect(images.filter(\.isAffected).count == summary.images)
            #expect(images.count == summary.images + summary.cleared)
            return (summary.images, summary.cleared)
        }

        func verdict(_ repository: String, _ digest: Digest) async throws -> Finding? {
            try await node.ready(assessment, repository, digest)?.verdict().findings.first
        }
    }

    private static func document(
        _ product: String,
        name: String = "https://example.org/vex/1",
        version: Int = 1,
        status: String = "not_affected",
        at: String = "2026-11-20T00:00:00Z",
        subcomponent: String? = nil
    ) -> String {
        let parts = subcomponent.map { ",\"subcomponents\":[{\"@id\":\"\($0)\"}]" } ?? ""
        let why =
            switch status {
            case "not_affected": ",\"justification\":\"vulnerable_code_not_in_execute_path\""
            case "affected": ",\"action_statement\":\"update\""
            default: ""
            }
        return """
            {"@context":"https://openvex.dev/ns/v0.2.0","@id":"\(name)","author":"Team Basis","timestamp":"\(at)",
            "version":\(version),"statements":[{"vulnerability":{"name":"CVE-2026-0001"},
            "products":[{"@id":"\(product)"\(parts)}],"status":"\(status)"\(why)}]}
            """
    }

    private static func image(_ digest: Digest) -> String {
        "pkg:oci/base@\(digest.description.replacing(":", with: "%3A"))"
    }

    @Test(
        "one word about a base image changes all that stand on it, and nothing else; taking it back changes them back"
    )
    func base() async throws {
        let world = try await World()
        let layers = [Digest.sha256([1]), .sha256([2])]
        let base = try await world.push("basis/debian", "base", layers: layers)
        var descendants: [(String, Digest)] = []
        for index in 0..<200 {
            let name = "team\(index % 7)/app\(index)"
            let layer = Digest.sha256([3, UInt8(index)])
            descendants.append((name, try await world.push(name, "\(index)", layers: layers + [layer])))
        }
        let other = try await world.push("other/app", "other", layers: [.sha256([9])])
        #expect(try await world.count() == (202, 0))
        let taken = try await world.take(Self.document(Self.image(base), subcomponent: Self.purl))
        #expect(taken.statements == 1 && taken.refusedCount == 0 && !taken.isKnown)
        // Whoever asks knows at once; verdicts follow.
        #expect(try await world.count() == (1, 201))
        try await drain(world)
        for (name, digest) in [descendants[0], descendants[199]] {
            let finding = try #require(try await world.verdict(name, digest))
            #expect(finding.status == .notAffected && finding.statement?.before == .affected)
            #expect(finding.statement?.inheritedFrom == base.description && finding.statement?.author == "Team Basis")
        }
        #expect(try await world.verdict("basis/debian", base)?.statement?.inheritedFrom == nil)
        #expect(try await world.verdict("other/app", other)?.status == .affected)
        try await world.revoke(taken.id)
        #expect(try await world.count() == (202, 0))
        try await drain(world)
        #expect(try await world.verdict(descendants[7].0, descendants[7].1)?.status == .affected)
        #expect(try await world.verdict("basis/debian", base)?.statement == nil)
    }

    /// Does the job that a document announced, and all that it queues.
    private func drain(_ world: World) async throws {
        while let job = try await world.node.queue.claim(
            kinds: world.assessment.jobs.keys.sorted(),
            lease: .seconds(60)
        ) {
            try await world.assessment.jobs[job.kind]?(job)
            _ = try await world.node.queue.complete(job)
        }
    }

    @Test("a maintainer's word counts in their namespace only, an operator's everywhere")
    func scope() async throws {
        let world = try await World()
        _ = try await world.push("bund/app", "a", layers: [.sha256([1])])
        _ = try await world.push("bundesland/app", "b", layers: [.sha256([2])])
        let taken = try await world.take(Self.document(Self.purl), in: "bund")
        #expect(try await world.count() == (1, 1))
        try await world.revoke(taken.id)
        #expect(try await world.count() == (2, 0))
        _ = try await world.take(Self.document(Self.purl))
        #expect(try await world.count() == (0, 2))
    }

    @Test("a maintainer's word about a base that they pushed counts for nobody else's images")
    func foreignBase() async throws {
        let world = try await World()
        let layers = [Digest.sha256([1]), .sha256([2])]
        _ = try await world.push("land/app", "victim", layers: layers + [.sha256([3])])
        let base = try await world.push("bund/copy", "copy", layers: layers)
        _ = try await world.push("bund/app", "own", layers: layers + [.sha256([4])])
        _ = try await world.take(Self.document(Self.image(base)), in: "bund")
        #expect(try await world.count() == (1, 2))
    }

    @Test("a word that is dated into the future does not have the last word for ever")
    func future() async throws {
        let world = try await World()
        _ = try await world.push("bund/app", "a", layers: [.sha256([1])])
        _ = try await world.take(Self.document(Self.purl, name: "https://example.org/1", at: "2099-01-01T00:00:00Z"))
        #expect(try await world.count() == (0, 1))
        world.node.time.advance(by: .seconds(60))
        _ = try await world.take(
            Self.document(Self.purl, name: "https://example.org/2", status: "affected", at: "2026-11-22T09:00:30Z")
        )
        #expect(try await world.count() == (1, 0))
    }

    @Test("a new edition of a document takes the place of the former; the same bytes change nothing")
    func editions() async throws {
        let world = try await World()
        _ = try await world.push("bund/app", "a", layers: [.sha256([1])])
        let first = try await world.take(Self.document(Self.purl))
        #expect(try await world.take(Self.document(Self.purl)).isKnown)
        #expect(try await world.count() == (0, 1))
        let second = try await world.take(
            Self.document(Self.purl, version: 2, status: "affected", at: "2026-11-21T00:00:00Z")
        )
        #expect(second.id != first.id)
        #expect(try await world.count() == (1, 0))
        let documents = try await world.statements.documents(limit: 10)
        #expect(documents.map(\.endedBy) == ["admin", nil])
    }

    @Test("the latest of two documents counts, and an image's own word goes before its base's")
    func precedence() async throws {
        let world = try await World()
        let base = try await world.push("basis/debian", "base", layers: [.sha256([1])])
        let app = try await world.push("bund/app", "app", layers: [.sha256([1]), .sha256([2])])
        _ = try await world.take(Self.document(Self.image(base), name: "https://example.org/base"))
        #expect(try await world.count() == (0, 2))
        _ = try await world.take(
            Self.document(
                Self.image(app),
                name: "https://example.org/app",
                status: "affected",
                at: "2026-11-01T00:00:00Z"
            )
        )
        #expect(try await world.count() == (1, 1))
    }

    @Test("what is no document is refused with its place, and nothing of it is kept")
    func refused() async throws {
        let world = try await World()
        for text in [
            "", "{}", "[]", "{\"@context\":\"https://openvex.dev/ns/v0.2.0\"}", "{\"bomFormat\":\"CycloneDX\"}",
            "\u{0}",
        ] {
            await #expect(throws: (any Error).self, "\(text)") { try await world.take(text) }
        }
        #expect(try await world.statements.documents(limit: 10).isEmpty)
        let silent = Self.document(Self.purl).replacing(
            ",\"justification\":\"vulnerable_code_not_in_execute_path\"",
            with: ",\"impact_statement\":\"no fix available\""
        )
        let taken = try await world.take(silent)
        #expect(taken.statements == 0 && taken.refusedCount == 1)
    }
}
