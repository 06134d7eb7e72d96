// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import AssessmentTestKit
import Criteria
import Database
import Inventory
import OCI
import Registry
import SBOM
import TestKit
import Testing
import Time
import Vulnerabilities

@Suite("New advisories")
struct FeedSwitchTests {
    /// A node with an image that has openssl and one that has zlib, both assessed.
    private static func node() async throws -> (NodeFixture, AssessmentService, openssl: Digest, zlib: Digest) {
        let node = try NodeFixture()
        let service = try node.service()
        try await node.importing([
            "t": NodeFixture.tracker([("openssl", "CVE-2024-0001", "3.0.13-1"), ("zlib", "CVE-2024-0009", "1:1.3")]),
            "k": NodeFixture.kev(["CVE-2020-0001"]),
        ])
        #expect(try await node.follow(service) == 0)
        node.analyser.becomes(NodeFixture.evidence([("openssl", "3.0.11-1")]))
        let openssl = try await node.push(NodeFixture.image("o"), to: "team/openssl")
        try await node.work(service)
        node.analyser.becomes(NodeFixture.evidence([("zlib", "1:1.2")]))
        let zlib = try await node.push(NodeFixture.image("z"), to: "team/zlib")
        try await node.work(service)
        node.time.advance(by: .seconds(60))
        return (node, service, openssl, zlib)
    }

    @Test("only images with a package whose advisories changed are assessed again, without being read again")
    func packages() async throws {
        let (node, service, openssl, zlib) = try await Self.node()
        let calls = node.analyser.calls
        let before = try #require(try await node.ready(service, "team/zlib", zlib))
        try await node.importing([
            "t": NodeFixture.tracker([
                ("openssl", "CVE-2024-0001", "3.0.13-1"), ("openssl", "CVE-2024-0002", "3.0.14-1"),
                ("zlib", "CVE-2024-0009", "1:1.3"),
            ])
        ])
        #expect(try await node.follow(service) == 1)
        #expect(try await node.work(service) == ["team/openssl@\(openssl)"])
        let verdict = try #require(try await node.ready(service, "team/openssl", openssl)).verdict()
        #expect(verdict.findings.map(\.id).sorted() == ["CVE-2024-0001", "CVE-2024-0002"])
        #expect(verdict.snapshot == (try node.feeds.current()?.id))
        #expect(try await node.ready(service, "team/zlib", zlib) == before)
        #expect(node.analyser.calls == calls)
        #expect(try await service.lastSwitch()?.snapshot == node.feeds.currentIdentity())
        #expect(try await node.follow(service) == nil)
    }

    private static func osv(_ id: String, _ name: String, fixed: String) -> String {
        """
        {"id":"\(id)","modified":"2026-11-01T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"\(name)"},\
        "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"\(fixed)"}]}]}]}
        """
    }

    @Test("a language's advisories touch the images with that package, whatever its name's spelling")
    func languages() async throws {
        let (node, service, _, _) = try await Self.node()
        try await node.importing(["p": Self.osv("PYSEC-1", "flask", fixed: "1.0")])
        try await node.follow(service)
        var evidence = NodeFixture.evidence([("zlib", "1:1.3")])
        evidence.components.append(
            Component(
                ecosystem: "pypi",
                name: "Zope.Interface",
                version: "5.0",
                purl: PackageURL(type: "pypi", name: "zope-interface", version: "5.0")
            )
        )
        node.analyser.becomes(evidence)
        let zope = try await node.push(NodeFixture.image("p"), to: "team/zope")
        try await node.work(service)
        node.time.advance(by: .seconds(60))
        try await node.importing([
            "p": Self.osv("PYSEC-1", "flask", fixed: "1.0"), "q": Self.osv("PYSEC-2", "zope.interface", fixed: "6.0"),
        ])
        #expect(try await node.follow(service) == 1)
        #expect(try await node.work(service) == ["team/zope@\(zope)"])
        let verdict = try #require(try await node.ready(service, "team/zope", zope)).verdict()
        #expect(verdict.findings.map(\.id) == ["PYSEC-2"])
    }

    @Test("a switch that was begun and not ended is dealt with again, without another row")
    func again() async throws {
        let (node, service, openssl, _) = try await Self.node()
        try await node.importing([
            "t": NodeFixture.tracker([("openssl", "CVE-2024-0001", "3.0.14-1"), ("zlib", "CVE-2024-0009", "1:1.3")])
        ])
        let snapshot = try #require(try node.feeds.currentIdentity())
        let begin = Statement("test.begin", "INSERT INTO feed_switches (snapshot, seen_at) VALUES (?, 1)")
        try await node.database.write { transaction in try transaction.execute(begin, [.text(snapshot)]) }
        #expect(try await node.follow(service) == 1)
        #expect(try await node.work(service) == ["team/openssl@\(openssl)"])
        let rows = Statement("test.rows", "SELECT done_at FROM feed_switches WHERE snapshot = ?")
        let ends = try await node.database.read { transaction in
            try transaction.query(rows, [.text(snapshot)]).map { try $0.optionalInt64(0) }
        }
        #expect(ends.count == 1 && ends.first != .some(nil))
    }

    @Test("a vulnerability that becomes exploited touches the images that have it")
    func exploited() async throws {
        let (node, service, _, zlib) = try await Self.node()
        try await node.importing(["k": NodeFixture.kev(["CVE-2020-0001", "CVE-2024-0009", "CVE-2024-7777"])])
        #expect(try await node.follow(service) == 1)
        #expect(try await node.work(service) == ["team/zlib@\(zlib)"])
        let verdict = try #require(try await node.ready(service, "team/zlib", zlib)).verdict()
        #expect(verdict.findings.first?.kev != nil)
    }

    @Test("a fresher date of the same records confirms all images by one row")
    func dates() async throws {
        let (node, service, _, _) = try await Self.node()
        try await node.importing(
            [
                "t": NodeFixture.tracker([("openssl", "CVE-2024-0001", "3.0.13-1"), ("zlib", "CVE-2024-0009", "1:1.3")])
            ],
            asOf: "2026-11-22"
        )
        #expect(try await node.follow(service) == 0)
        #expect(try await node.work(service) == [])
        #expect(try await service.lastSwitch()?.touched == 0)
    }

    @Test("advisories that were too old and are fresh again touch every image")
    func freshAgain() async throws {
        let (node, service, _, _) = try await Self.node()
        node.time.advance(by: .seconds(30 * 86_400))
        try await node.work(service)
        try await node.importing(
            [
                "t": NodeFixture.tracker([("openssl", "CVE-2024-0001", "3.0.13-1"), ("zlib", "CVE-2024-0009", "1:1.3")])
            ],
            asOf: "2026-12-21"
        )
        #expect(try await node.follow(service) == 2)
        #expect(try await node.work(service).count == 2)
    }

    @Test("a switch in the middle of an assessment has the image looked at once more")
    func race() async throws {
        let (node, service, _, _) = try await Self.node()
        let feeds = node.feeds
        node.analyser.becomes { [weak node] _ in
            guard let node else { throw CancellationError() }
            try await node.importing([
                "t": NodeFixture.tracker([("openssl", "CVE-2024-0001", "3.0.13-1"), ("curl", "CVE-2024-0005", "8")])
            ])
            try await node.follow(service)
            return NodeFixture.evidence([("curl", "7")])
        }
        let digest = try await node.push(NodeFixture.image("c"), to: "team/curl")
        let subjects = try await node.work(service)
        #expect(subjects.filter { $0.hasPrefix("team/curl@") }.count == 2)
        let verdict = try #require(try await node.ready(service, "team/curl", digest)).verdict()
        #expect(verdict.snapshot == (try feeds.currentIdentity()))
        #expect(verdict.findings.map(\.id) == ["CVE-2024-0005"])
    }

    @Test("a node that follows the store queues by itself what an import elsewhere touches")
    func following() async throws {
        let (node, service, openssl, _) = try await Self.node()
        let task = Task { try await service.followFeeds(interval: .milliseconds(20)) }
        try await node.importing([
            "t": NodeFixture.tracker([("openssl", "CVE-2024-0001", "3.0.20-1"), ("zlib", "CVE-2024-0009", "1:1.3")])
        ])
        let identity = try node.feeds.currentIdentity()
        for _ in 0..<500 {
            if try await service.lastSwitch()?.snapshot == identity { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        task.cancel()
        _ = await task.result
        #expect(try await node.work(service) == ["team/openssl@\(openssl)"])
    }
}
