// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import SBOM
import TestKit
import Testing
import Vulnerabilities

@Suite("OSV dumps")
struct OSVDumpTests {
    static func record(_ id: String, _ ecosystem: String, _ name: String, fixed: String) -> [UInt8] {
        Array(
            """
            {"id":"\(id)","modified":"2026-11-01T00:00:00Z","affected":[{"package":{"ecosystem":"\(ecosystem)","name":"\(name)"},\
            "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"\(fixed)"}]}]}]}
            """.utf8
        )
    }

    static func zip(_ members: [(name: String, content: [UInt8])]) -> [UInt8] {
        var builder = ZipBuilder()
        for (name, content) in members { builder.add(name, content) }
        return builder.bytes
    }

    static let dump = zip([
        ("A-1.json", record("A-1", "PyPI", "Foo.Bar", fixed: "2.0")),
        ("A-2.json", record("A-2", "PyPI", "b", fixed: "1")),
        ("A-3.json", record("A-3", "npm", "c", fixed: "1")),
    ])

    @Test("a dump covers its own ecosystem and no other that its records happen to name")
    func one() async throws {
        let fixture = try StoreFixture()
        let report = try await fixture.importing([("all.zip", Self.dump)])
        #expect(report.failed == [])
        #expect(report.imported.map(\.name) == ["osv-pypi"])
        #expect(report.imported.first?.count == 2)
        #expect(report.notes.map(\.reason) == ["left to the dumps of their own ecosystems: 1 of npm"])
        let snapshot = try #require(try fixture.store.current())
        let assessed = try await snapshot.assess([
            Component(ecosystem: "pypi", name: "foo_bar", version: "1.9"),
            Component(ecosystem: "pypi", name: "b", version: "1"),
            Component(ecosystem: "npm", name: "c", version: "0.1"),
        ])
        #expect(assessed.findings.map(\.id) == ["A-1"])
        #expect(assessed.findings.first?.fixedIn == "2.0")
        #expect(assessed.notAssessed.map(\.ecosystem) == ["npm"])
        #expect(fixture.names().allSatisfy { !$0.hasPrefix("building-") })
    }

    @Test("single records of one import make one feed")
    func folder() async throws {
        let fixture = try StoreFixture()
        let report = try await fixture.importing([
            ("1", Self.record("A-1", "PyPI", "a", fixed: "2")), ("2", Self.record("A-2", "PyPI", "b", fixed: "2")),
        ])
        #expect(report.imported.map(\.count) == [2])
    }

    @Test("a dump that was cut or changed anywhere is refused whole, with its path, and the others go in")
    func broken() async throws {
        let fixture = try StoreFixture()
        let sound = Self.dump
        for count in stride(from: 40, to: sound.count, by: 97) {
            let report = try await fixture.importing([
                ("cut", Array(sound.prefix(count))), ("k", SmallFeeds.kev(["CVE-2024-0001"])),
            ])
            #expect(report.imported.map(\.name) == ["cisa-kev"])
            #expect(report.failed.count == 1)
        }
        // The content of the second member, and the size that the directory claims for the first.
        for (offset, word) in [(sound.count / 3, "A-"), (sound.count - 22 - 3 * 54 + 24, "A-1.json")] {
            var changed = sound
            changed[offset] ^= 1
            let report = try await fixture.importing([("changed", changed)])
            #expect(report.imported == [])
            #expect(report.failed.first?.reason.contains(word) == true, "\(report.failed)")
        }
        let nonsense = Self.zip([
            ("A-1.json", Self.record("A-1", "PyPI", "a", fixed: "1")), ("A-9.json", Array("{\"id\":9}".utf8)),
        ])
        let report = try await fixture.importing([("nonsense", nonsense)])
        #expect(report.failed.first?.reason.contains("A-9.json") == true)
    }
}
