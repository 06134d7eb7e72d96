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
import Situation
import Testing
import Time
import Vulnerabilities

@Suite("Advisories that the operator wrote") struct OwnAdvisoryTests {
    private static func osv(_ id: String, fixed: String, aliases: String = "") -> [UInt8] {
        Array(
            """
            {"schema_version":"1.7.4","id":"\(id)","modified":"2026-11-20T00:00:00Z","aliases":[\(aliases)],"affected":[
            {"package":{"ecosystem":"Debian:12","name":"openssl"},"ranges":[{"type":"ECOSYSTEM",
            "events":[{"introduced":"0"},{"fixed":"\(fixed)"}]}]}]}
            """.utf8
        )
    }

    @Test("one matches at once what is there and what comes, folds into the CVE when that comes, and is taken back")
    func life() async throws {
        let node = try NodeFixture(NodeFixture.evidence([("openssl", "3.0.1")]))
        let assessment = try node.service()
        let feeds = node.feeds
        let situation = Situation(
            database: node.database,
            registry: node.registry,
            pulls: PullRecords(database: node.database),
            snapshot: { try feeds.current()?.id },
            clock: node.time.clock
        )
        let advisories = OwnAdvisories(database: node.database, clock: node.time.clock)
        let announce: @Sendable (Transaction, Int64, Timestamp) throws -> Void = {
            try AssessmentService.announce($0, ownAdvisory: $1, at: $2)
        }
        func count(_ name: String) async throws -> Int {
            try await situation.affected(
                by: AffectedQuestion(parsing: name),
                for: .init(scope: .everything, seesPulls: false)
            ).images.count
        }
        func drain() async throws {
            while let job = try await node.queue.claim(kinds: assessment.jobs.keys.sorted(), lease: .seconds(60)) {
                try await assessment.jobs[job.kind]?(job)
                _ = try await node.queue.complete(job)
            }
        }
        try await node.importing(["tracker.json": NodeFixture.tracker([("other", "CVE-2026-9", "1")])])
        let first = try await node.push(NodeFixture.image("a"), to: "team/a")
        try await drain()
        let taken = try await advisories.take(
            Self.osv("KONTOR-2026-1", fixed: "3.0.2"),
            tlp: "TLP:AMBER",
            expiresAt: nil,
            by: "admin",
            announce: announce
        )
        #expect(taken.packages == 1 && taken.name == "KONTOR-2026-1")
        try await drain()
        #expect(try await count("KONTOR-2026-1") == 1)
        let finding = try #require(try await node.ready(assessment, "team/a", first)?.verdict().findings.first)
        #expect(finding.id == "KONTOR-2026-1" && finding.status == .affected && finding.fixedIn == "3.0.2")
        #expect(finding.evidence.feed == OwnAdvisories.feed)
        try await node.push(NodeFixture.image("b"), to: "team/b")
        try await drain()
        #expect(try await count("KONTOR-2026-1") == 2)
        // Now it has a name: one finding under both.
        _ = try await advisories.take(
            Self.osv("KONTOR-2026-1", fixed: "3.0.2", aliases: "\"CVE-2026-0001\""),
            tlp: "TLP:AMBER",
            expiresAt: nil,
            by: "admin",
            announce: announce
        )
        try await node.importing(["tracker.json": NodeFixture.tracker([("openssl", "CVE-2026-0001", "3.0.2")])])
        _ = try await node.follow(assessment)
        try await drain()
        #expect(try await count("CVE-2026-0001") == 2)
        #expect(try await count("KONTOR-2026-1") == 2)
        #expect(try await node.ready(assessment, "team/a", first)?.verdict().findings.map(\.id) == ["CVE-2026-0001"])
        let listed = try await advisories.list(limit: 10)
        #expect(listed.map { $0.endedAt == nil } == [false, true])
        #expect(try await advisories.end(listed[1].id, by: "admin", announce: announce))
        #expect(try await !advisories.end(listed[1].id, by: "admin", announce: announce))
        try await drain()
        #expect(try await count("KONTOR-2026-1") == 0)
        #expect(try await count("CVE-2026-0001") == 2)
    }

    @Test(
        "what is no advisory is refused in words",
        arguments: [
            "", "{}", "[]", "{\"id\":\"X\"}", "{\"id\":\"X-1\",\"modified\":\"2026-11-20T00:00:00Z\",\"affected\":[]}",
        ]
    )
    func refused(text: String) async throws {
        let node = try NodeFixture()
        let advisories = OwnAdvisories(database: node.database, clock: node.time.clock)
        await #expect(throws: OwnAdvisoryError.self) {
            try await advisories.take(
                Array(text.utf8),
                tlp: "TLP:AMBER",
                expiresAt: nil,
                by: "admin",
                announce: { _, _, _ in }
            )
        }
    }
}
