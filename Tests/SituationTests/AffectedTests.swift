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
import Registry
import SBOM
import Situation
import TestKit
import Testing
import Time
import Vulnerabilities

@Suite("Who is affected") struct AffectedTests {
    /// A node with packages, advisories and the service over them.
    private struct World {
        let node: NodeFixture
        let assessment: AssessmentService
        let situation: Situation
        let pulls: PullRecords
        let everybody = Situation.Reader(scope: .everything, seesPulls: true)

        init(_ packages: [(name: String, version: String)] = [("openssl", "3.0.1"), ("zlib", "1.2.13")]) throws {
            node = try NodeFixture(NodeFixture.evidence(packages))
            assessment = try node.service()
            pulls = PullRecords(database: node.database)
            let feeds = node.feeds
            situation = Situation(
                database: node.database,
                registry: node.registry,
                pulls: pulls,
                snapshot: { try feeds.current()?.id },
                clock: node.time.clock
            )
        }

        func ask(_ text: String, after: Int64? = nil, limit: Int = 100, _ reader: Situation.Reader? = nil) async throws
            -> AffectedPage
        {
            try await situation.affected(
                by: AffectedQuestion(parsing: text),
                for: reader ?? everybody,
                after: after,
                limit: limit
            )
        }
    }

    private static let fix = [(source: "openssl", id: "CVE-2026-0001", fixed: "3.0.2")]

    private static let other = [(source: "other", id: "CVE-2026-9999", fixed: "1")]

    @Test("by a vulnerability: image, tags, component, status, fix, since when and who pulled")
    func vulnerability() async throws {
        let world = try World()
        try await world.node.importing(["tracker.json": NodeFixture.tracker(Self.fix)])
        let digest = try await world.node.push(NodeFixture.image("a"), to: "team/app", tag: "1.0")
        try await world.node.work(world.assessment)
        let name = try RepositoryName(parsing: "team/app")
        world.pulls.note(name, digest, by: .unknown, at: NodeFixture.start)
        try await world.pulls.flush()
        let page = try await world.ask("cve-2026-0001")
        let image = try #require(page.images.first)
        #expect(page.images.count == 1 && page.next == nil)
        #expect(image.repository == name && image.digest == digest && image.tags.map(\.text) == ["1.0"])
        let reason = try #require(image.reasons.first)
        #expect(image.reasons.count == 1 && reason.name == "openssl" && reason.version == "3.0.1")
        #expect(reason.finding?.status == .affected && reason.finding?.fixedIn == "3.0.2")
        #expect(reason.since == NodeFixture.start && image.withoutOrganisation == 1)
        #expect(try await world.ask("CVE-2026-0002").images.isEmpty)
        let summary = try await world.situation.summary(
            of: AffectedQuestion(parsing: "CVE-2026-0001"),
            for: world.everybody
        )
        #expect(summary.images == 1 && summary.repositories == 1 && !summary.isAtLeast)
    }

    @Test("a changed advisory is known for all images before any of them is looked at again")
    func advisory() async throws {
        let world = try World()
        try await world.node.importing(["tracker.json": NodeFixture.tracker(Self.other)])
        for index in 0..<20 { try await world.node.push(NodeFixture.image("\(index)"), to: "team/app\(index)") }
        try await world.node.work(world.assessment)
        try await world.node.follow(world.assessment)
        #expect(try await world.ask("CVE-2026-0001").images.isEmpty)
        try await world.node.importing(["tracker.json": NodeFixture.tracker(Self.fix)])
        world.node.time.advance(by: .seconds(60))
        #expect(try await world.node.follow(world.assessment) == 20)
        // Nothing was assessed anew: the jobs wait.
        let page = try await world.ask("CVE-2026-0001")
        #expect(page.images.count == 20)
        #expect(page.images.allSatisfy { $0.reasons.first?.since == NodeFixture.start + .seconds(60) })
        // And what verdicts say later is the same.
        try await world.node.work(world.assessment)
        #expect(try await world.ask("CVE-2026-0001").images.map(\.digest) == page.images.map(\.digest))
        try await world.node.importing(["tracker.json": NodeFixture.tracker(Self.other)])
        try await world.node.follow(world.assessment)
        #expect(try await world.ask("CVE-2026-0001").images.isEmpty)
    }

    @Test("by a package with a range, by digest and by base; pages follow one another without a gap")
    func questions() async throws {
        let world = try World([])
        func component(_ name: String, _ version: String) throws -> Component {
            let purl = try PackageURL(parsing: "pkg:maven/org.apache.logging.log4j/\(name)@\(version)")
            return Component(ecosystem: "maven", name: name, version: version, purl: purl)
        }
        var digests: [Digest] = []
        let base = Digest.sha256(Array("base".utf8))
        for (index, version) in ["2.14.1", "2.15.0", "2.17.1", "2.9"].enumerated() {
            let parts = [try component("log4j-core", version), try component("log4j-api", "2.0")]
            world.node.analyser.becomes { _ in
                var evidence = NodeFixture.evidence([])
                evidence.components = parts
                evidence.configuration = ImageConfiguration(
                    architecture: "amd64",
                    os: "linux",
                    diffIDs: [base] + (index == 0 ? [] : [.sha256([UInt8(index)])])
                )
                return evidence
            }
            digests.append(try await world.node.push(NodeFixture.image(version), to: "team/java", tag: version))
            try await world.node.work(world.assessment)
        }
        let core = "pkg:maven/org.apache.logging.log4j/log4j-core"
        #expect(try await world.ask(core + "@<2.15").images.map(\.digest) == [digests[0], digests[3]])
        #expect(try await world.ask(core + "@>=2.15,<2.17").images.map(\.digest) == [digests[1]])
        #expect(try await world.ask(core).images.map(\.digest) == digests)
        #expect(try await world.ask(digests[2].description).images.map(\.digest) == [digests[2]])
        // The first image is the base layer and nothing else: all stand on it.
        #expect(try await world.ask("base:" + digests[0].description).images.map(\.digest) == digests)
        #expect(try await world.ask("base:" + digests[1].description).images.map(\.digest) == [digests[1]])
        var paged: [Digest] = []
        var after: Int64?
        repeat {
            let page = try await world.ask("pkg:maven/org.apache.logging.log4j/log4j-api", after: after, limit: 1)
            paged += page.images.map(\.digest)
            after = page.next
        } while after != nil && paged.count < 10
        #expect(paged == digests)
    }

    @Test("what somebody may not read is neither in the answer nor in its counts, and nobody learns who pulled unasked")
    func rights() async throws {
        let world = try World()
        try await world.node.importing(["tracker.json": NodeFixture.tracker(Self.fix)])
        for index in 0..<7 {
            try await world.node.push(
                NodeFixture.image("\(index)"),
                to: index < 3 ? "bund/a\(index)" : "land/b\(index)"
            )
        }
        try await world.node.work(world.assessment)
        let accounts = Accounts(database: world.node.database, clock: world.node.time.clock)
        let admin = world.node.account
        _ = try await accounts.bootstrap(dataDirectory: world.node.directory.path)
        for name in ["bund", "land"] {
            try await accounts.putOrganisation(Organisation(name: name, title: name, kind: .federal), by: admin)
            try await accounts.createNamespace(name, organisation: name, isPublic: false, by: admin)
        }
        let secret = try await accounts.createPerson("anna", organisation: "bund", by: admin)
        try await accounts.setRole(.reader, of: "anna", in: "bund", by: admin)
        let anna = try await accounts.authenticate(username: "anna", password: secret)
        let scope = try #require(try await accounts.readScope(of: anna))
        let reader = Situation.Reader(scope: scope, seesPulls: false)
        let page = try await world.ask("CVE-2026-0001", limit: 2, reader)
        #expect(page.images.map(\.repository.text) == ["bund/a0", "bund/a1"])
        #expect(page.images.allSatisfy { $0.pulls == nil && $0.organisation == "bund" && $0.namespace == "bund" })
        let rest = try await world.ask("CVE-2026-0001", after: page.next, limit: 2, reader)
        #expect(rest.images.map(\.repository.text) == ["bund/a2"] && rest.next == nil)
        let summary = try await world.situation.summary(of: AffectedQuestion(parsing: "CVE-2026-0001"), for: reader)
        #expect(summary.images == 3 && summary.organisations == ["bund"] && summary.namespaces == ["bund"])
        let text = page.json(summary).text()
        #expect(!text.contains("land"))
        #expect(!AffectedCSV.lines(of: page).contains("land"))
    }

    @Test("a stranger's package under the purl of a distribution's takes nothing from the distribution's")
    func twin() async throws {
        let world = try World([])
        try await world.node.importing(["tracker.json": NodeFixture.tracker(Self.other)])
        let purl = try PackageURL(parsing: "pkg:deb/debian/openssl@3.0.1?arch=amd64&distro=debian-12")
        for (index, supplier) in ["Debian OpenSSL Team <team@example.org>", "x <x@docker.com>"].enumerated() {
            world.node.analyser.becomes { _ in
                var evidence = NodeFixture.evidence([("openssl", "3.0.1")])
                evidence.components[0].purl = purl
                evidence.components[0].supplier = supplier
                return evidence
            }
            try await world.node.push(NodeFixture.image("\(index)"), to: "team/app\(index)")
            try await world.node.work(world.assessment)
        }
        try await world.node.follow(world.assessment)
        try await world.node.importing(["tracker.json": NodeFixture.tracker(Self.fix)])
        try await world.node.follow(world.assessment)
        #expect(try await world.ask("CVE-2026-0001").images.map(\.repository.text) == ["team/app0"])
        try await world.node.work(world.assessment)
        #expect(try await world.ask("CVE-2026-0001").images.map(\.repository.text) == ["team/app0"])
    }

    @Test("an image that is gone is in no answer")
    func gone() async throws {
        let world = try World()
        try await world.node.importing(["tracker.json": NodeFixture.tracker(Self.fix)])
        let digest = try await world.node.push(NodeFixture.image("a"), to: "team/app", tag: "1.0")
        try await world.node.work(world.assessment)
        #expect(try await world.ask("CVE-2026-0001").images.count == 1)
        let name = try RepositoryName(parsing: "team/app")
        _ = try await world.node.registry.deleteManifest(digest, in: name, by: world.node.account)
        let subject = Registry.assessmentSubject(name, digest)
        try await world.node.database.write { transaction in
            try JobQueue.enqueue(
                transaction,
                kind: AssessmentService.assessJob,
                subject: subject,
                priority: .push,
                now: NodeFixture.start
            )
        }
        try await world.node.work(world.assessment)
        #expect(try await world.ask("CVE-2026-0001").images.isEmpty)
        #expect(try await world.ask("base:" + digest.description).images.isEmpty)
    }
}
