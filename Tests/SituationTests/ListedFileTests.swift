// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Assessment
import AssessmentTestKit
import Criteria
import Database
import OCI
import Situation
import Testing
import Time
import Vulnerabilities

@Suite("Advisories of the operator about files") struct ListedFileTests {
    private static let evil = FileWorld.hash("evil")
    private static let announce: @Sendable (Transaction, Int64, Timestamp) throws -> Void = {
        try AssessmentService.announce($0, ownAdvisory: $1, at: $2)
    }

    private static func osv(_ hashes: [String], more: String = "") -> [UInt8] {
        let list = hashes.map { "\"\($0)\"" }.joined(separator: ",")
        return Array(
            """
            {"schema_version":"1.7.4","id":"KONTOR-2026-7","modified":"2026-11-20T00:00:00Z","summary":"a back door",
            "affected":[{"database_specific":{"sha256":[\(list)]}}\(more)]}
            """.utf8
        )
    }

    private static func world() async throws -> (FileWorld, Digest) {
        let world = try FileWorld()
        try await world.node.importing(["t.json": NodeFixture.tracker([("other", "CVE-2026-9", "1")])])
        let shown = FileWorld.layer(["usr/lib/evil.so": "evil", "usr/lib/good.so": "good"])
        let hidden = FileWorld.layer(["-usr/lib/evil.so": "evil"])
        let first = try await world.push("team/a", "a", FileManifest(layers: [shown]))
        try await world.push("team/b", "b", FileManifest(layers: [hidden]))
        try await world.push("team/c", "c", FileManifest(layers: [FileWorld.layer(["usr/lib/evil.so": "good"])]))
        return (world, first)
    }

    private static func repositories(_ world: FileWorld) async throws -> [String] {
        try await world.ask("KONTOR-2026-7").images.map(\.repository.text)
    }

    @Test("a list of hashes matches at once what is there and what comes, and is taken back")
    func life() async throws {
        let (world, first) = try await Self.world()
        let taken = try await world.advisories.take(
            Self.osv([Self.evil.hex.uppercased(), "sha256:" + String(repeating: "0", count: 64)]),
            tlp: "TLP:AMBER",
            expiresAt: nil,
            by: "admin",
            announce: Self.announce
        )
        #expect(taken.files == 2 && taken.packages == 0 && taken.unmatchable == 0)
        try await world.drain()
        #expect(try await Self.repositories(world) == ["team/a", "team/b"])
        let verdict = try #require(try await world.node.ready(world.assessment, "team/a", first)?.verdict())
        let finding = try #require(verdict.findings.first)
        #expect(finding.id == "KONTOR-2026-7" && finding.status == .affectedNoFix)
        #expect(finding.componentName == "/usr/lib/evil.so" && finding.componentVersion == Self.evil.description)
        #expect(finding.componentPURL == "pkg:generic/evil.so?checksum=\(Self.evil)")
        #expect(finding.evidence.feed == OwnAdvisories.feed)
        #expect(!finding.evidence.rule.contains("not visible"))
        let second = try #require(try await world.ask("KONTOR-2026-7").images.last?.digest)
        let other = try #require(try await world.node.ready(world.assessment, "team/b", second)?.verdict())
        #expect(other.findings.first?.evidence.rule.hasSuffix("not visible in the final file system") == true)
        // It is a file, and no component of a bill of materials; nor does it make anything "not assessed".
        #expect(!verdict.components.contains { $0.name == "/usr/lib/evil.so" })
        #expect(!verdict.notAssessed.contains { $0.ecosystem == AdvisorySubject.fileEcosystem })
        let later = FileWorld.layer(["opt/x": "evil"])
        try await world.push("team/later", "later", FileManifest(layers: [later]))
        #expect(try await Self.repositories(world) == ["team/a", "team/b", "team/later"])
        // A switch of the feeds changes nothing about it.
        try await world.node.importing(["t.json": NodeFixture.tracker([("openssl", "CVE-2026-0001", "3.0.2")])])
        _ = try await world.node.follow(world.assessment)
        try await world.drain()
        #expect(try await Self.repositories(world) == ["team/a", "team/b", "team/later"])
        #expect(try await world.advisories.end(taken.id, by: "admin", announce: Self.announce))
        try await world.drain()
        #expect(try await Self.repositories(world).isEmpty)
        let after = try #require(try await world.node.ready(world.assessment, "team/a", first)?.verdict())
        #expect(after.findings.map(\.id) == ["CVE-2026-0001"])
    }

    @Test("it expires by itself")
    func expiry() async throws {
        let (world, _) = try await Self.world()
        let end = NodeFixture.start + .seconds(3600)
        _ = try await world.advisories.take(
            Self.osv([Self.evil.description]),
            tlp: "TLP:RED",
            expiresAt: end,
            by: "admin",
            announce: Self.announce
        )
        try await world.drain()
        #expect(try await Self.repositories(world) == ["team/a", "team/b"])
        world.node.time.advance(by: .seconds(3601))
        try await world.drain()
        #expect(try await Self.repositories(world).isEmpty)
    }

    @Test("ranges and hashes stand together in one advisory")
    func both() async throws {
        let (world, _) = try await Self.world()
        let range = """
            ,{"package":{"ecosystem":"Debian:12","name":"openssl"},"database_specific":{"sha256":["\(Self.evil)"]},
            "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.0.2"}]}]}
            """
        let taken = try await world.advisories.take(
            Self.osv([], more: range),
            tlp: "TLP:AMBER",
            expiresAt: nil,
            by: "admin",
            announce: Self.announce
        )
        #expect(taken.files == 1 && taken.packages == 1)
        try await world.drain()
        let page = try await world.ask("KONTOR-2026-7")
        #expect(page.images.map { $0.reasons.map(\.name).sorted() }.sorted { $0.count > $1.count }.last == ["openssl"])
        #expect(page.images.count == 3)
    }

    @Test(
        "a list that is none is refused in words",
        arguments: [
            #"{"database_specific":{"sha256":["abc"]}}"#, #"{"database_specific":{"sha256":"abc"}}"#,
            #"{"database_specific":{"sha256":[5]}}"#,
            #"{"package":{"ecosystem":"File","name":"x"},"versions":["1"]}"#,
        ]
    )
    func refused(entry: String) async throws {
        let node = try NodeFixture()
        let advisories = OwnAdvisories(database: node.database, clock: node.time.clock)
        let text = #"{"id":"K-1","modified":"2026-11-20T00:00:00Z","affected":["# + entry + "]}"
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
