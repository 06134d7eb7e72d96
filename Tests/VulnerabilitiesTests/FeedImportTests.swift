// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import DurableFiles
import Foundation
import SBOM
import TestKit
import Testing
import Time
import Vulnerabilities

@Suite("Import of feeds")
struct FeedImportTests {
    @Test("a tree of feeds becomes one snapshot, whatever the files are called")
    func tree() async throws {
        let fixture = try StoreFixture()
        let report = try await fixture.importing([
            ("a/one.bin", SmallFeeds.tracker), ("b/two", SmallFeeds.kev(["CVE-2024-0001"])),
            ("c/d/three.json", TestCompression.gzip.compressed(SmallFeeds.epss([("CVE-2024-0001", "0.5", "0.97")]))),
        ])
        #expect(report.failed == [])
        #expect(report.skipped == [])
        #expect(report.imported.map(\.name) == ["cisa-kev", "debian-tracker", "epss"])
        #expect(report.imported.map(\.count) == [1, 2, 1])
        #expect(report.switched)
        let snapshot = try #require(try fixture.store.current())
        #expect(snapshot.id == report.snapshot)
        #expect(snapshot.feeds == report.feeds)
        let assessed = try await snapshot.assess([SmallFeeds.component("libssl3", "3.0.11-1", source: "openssl")])
        #expect(assessed.findings.map(\.id) == ["CVE-2024-0001"])
        #expect(assessed.findings.first?.fixedIn == "3.0.13-1")
        #expect(assessed.findings.first?.kev?.id == "CVE-2024-0001")
        #expect(assessed.findings.first?.epss?.percentile == 0.97)
        #expect(assessed.notAssessed == [])
        #expect(
            try await snapshot.assess([SmallFeeds.component("libssl3", "3.0.13-1", source: "openssl")]).findings == []
        )
    }

    @Test("importing one feed keeps the others, with their own dates")
    func keeping() async throws {
        let fixture = try StoreFixture()
        try await fixture.importing([
            ("t", SmallFeeds.tracker), ("k", SmallFeeds.kev(["CVE-2024-0001"])),
            ("e", SmallFeeds.epss([("CVE-2024-0001", "0.1", "0.2")])),
        ])
        let before = try #require(try fixture.store.current())
        let report = try await fixture.importing(
            [("e", SmallFeeds.epss([("CVE-2024-0001", "0.9", "0.99")], date: "2026-11-21"))],
            asOf: nil
        )
        #expect(report.imported.map(\.name) == ["epss"])
        #expect(report.feeds.map(\.name) == ["cisa-kev", "debian-tracker", "epss"])
        let after = try #require(try fixture.reopened().current())
        #expect(after.id != before.id)
        #expect(after.feeds.filter { $0.name != "epss" } == before.feeds.filter { $0.name != "epss" })
        let finding = try await after.assess([SmallFeeds.component("openssl", "3.0.11-1")]).findings.first
        #expect(finding?.epss?.probability == 0.9)
        #expect(finding?.kev != nil)
    }

    @Test("the same records give the same snapshot, in whatever order and form they came")
    func identity() async throws {
        let fixes = [("b", "CVE-2024-2", "1"), ("a", "CVE-2024-1", "1"), ("a", "CVE-2024-3", "2")]
        let scores = [("CVE-2024-0002", "0.2", "0.3"), ("CVE-2024-0001", "0.1", "0.2")]
        let (left, right) = (try StoreFixture(), try StoreFixture())
        let one = try await left.importing([("t", SmallFeeds.tracker(fixes)), ("e", SmallFeeds.epss(scores))])
        try await right.importing([("e", SmallFeeds.epss(scores.reversed()))])
        let packed = TestCompression.gzip.compressed(SmallFeeds.tracker(fixes.reversed()))
        let two = try await right.importing([("t.gz", packed)])
        #expect(one.snapshot != nil)
        #expect(one.snapshot == two.snapshot)
        #expect(try await right.importing([("t", SmallFeeds.tracker(fixes))]).switched == false)
    }

    struct Broken: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let reason: String
    }

    static let broken: [Broken] = {
        let packed = TestCompression.gzip.compressed(SmallFeeds.kev((0..<3000).map { "CVE-2024-\(10000 + $0)" }))
        var changed = packed
        // The last digit of an identifier: still a catalogue, of another weakness.
        if let hit = packed.firstRange(of: Array("CVE-2024-10007".utf8)) { changed[hit.upperBound - 1] ^= 1 }
        return [
            Broken(testDescription: "a bit changed in gzip", bytes: changed, reason: "check sum"),
            Broken(testDescription: "cut gzip", bytes: Array(packed.prefix(packed.count / 2)), reason: "trunc"),
            Broken(
                testDescription: "cut JSON",
                bytes: Array(SmallFeeds.kev(["CVE-2024-1111"]).dropLast(9)),
                reason: "cisa-kev"
            ),
            Broken(
                testDescription: "tracker with a number for a status",
                bytes: Array(#"{"x":{"CVE-2024-1":{"releases":{"bookworm":{"status":7}}}}}"#.utf8),
                reason: "CVE-2024-1"
            ),
            Broken(
                testDescription: "EPSS with a bad line",
                bytes: SmallFeeds.epss([("CVE-2024-0001", "0.1", "0.2"), ("CVE-2024-0002", "two", "0.2")]),
                reason: "line 4"
            ),
            Broken(
                testDescription: "EPSS above 1",
                bytes: SmallFeeds.epss([("CVE-2024-0001", "1.5", "0.2")]),
                reason: "epss"
            ),
            Broken(
                testDescription: "OSV record without a package's name",
                bytes: Array(
                    #"{"id":"G","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm"}}]}"#.utf8
                ),
                reason: "$.affected[0].package.name"
            ),
            Broken(
                testDescription: "zip without an end",
                bytes: Array("PK\u{3}\u{4}rubbish".utf8),
                reason: "zip archive"
            ),
            Broken(
                testDescription: "from the future",
                bytes: SmallFeeds.kev(["CVE-2024-1111"], released: "2031-01-01T00:00:00Z"),
                reason: "future"
            ),
        ]
    }()

    @Test("a broken file of a known format is refused whole, the others go in", arguments: broken)
    func refused(_ broken: Broken) async throws {
        let fixture = try StoreFixture()
        let report = try await fixture.importing([("good", SmallFeeds.tracker), ("bad", broken.bytes)])
        #expect(report.failed.count == 1)
        #expect(report.failed.first?.path.hasSuffix("/bad") == true)
        #expect(report.failed.first?.reason.contains(broken.reason) == true, "\(report.failed)")
        #expect(report.imported.map(\.name) == ["debian-tracker"])
        #expect(try fixture.store.current()?.feeds.map(\.name) == ["debian-tracker"])
    }

    @Test(
        "what this version does not read is skipped with the reason",
        arguments: [
            ("", "it is empty"),
            ("just words\n", "unknown format"),
            (#"{"some":"thing"}"#, "unknown format"),
            (#"{"document":{"category":"csaf_vex","csaf_version":"2.0"}}"#, "CSAF"),
            (#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"x"}"#, "OpenVEX"),
            (#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#, "CycloneDX"),
        ]
    )
    func skipped(content: String, reason: String) async throws {
        let fixture = try StoreFixture()
        let report = try await fixture.importing([("file", Array(content.utf8))])
        #expect(report.failed == [])
        #expect(report.skipped.count == 1)
        #expect(report.skipped.first?.reason.contains(reason) == true, "\(report.skipped)")
        #expect(report.snapshot == nil)
        #expect(try fixture.store.current() == nil)
    }

    @Test("random and cut bytes never end in anything but a report")
    func hostile() async throws {
        let fixture = try StoreFixture()
        var generator = SystemRandomNumberGenerator()
        var files: [(String, [UInt8])] = []
        let seeds = [
            SmallFeeds.tracker, SmallFeeds.kev(["CVE-2024-0001"]), SmallFeeds.epss([("CVE-2024-0001", "0.1", "0.2")]),
        ]
        for number in 0..<300 {
            var bytes = seeds[number % 3]
            for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count)] = UInt8.random(in: 0...255, using: &generator) }
            if number % 5 == 0 { bytes.removeLast(Int.random(in: 1..<bytes.count)) }
            files.append(("f\(number)", number % 7 == 0 ? TestCompression.gzip.compressed(bytes) : bytes))
        }
        let report = try await fixture.importing(files)
        #expect(report.imported.count + report.skipped.count + report.failed.count == 300)
    }

    @Test("paths that are not there are named, and the rest goes in")
    func missing() async throws {
        let fixture = try StoreFixture()
        let path = try fixture.directory.write(SmallFeeds.kev(["CVE-2024-0001"]), to: "kev")
        let report = try await fixture.store.importFeeds(paths: ["/nowhere/at/all", path], asOf: nil)
        #expect(report.failed.map(\.path) == ["/nowhere/at/all"])
        #expect(report.imported.map(\.name) == ["cisa-kev"])
    }

    @Test("a tree that links to itself ends")
    func loop() async throws {
        let fixture = try StoreFixture()
        try fixture.directory.write(SmallFeeds.kev(["CVE-2024-0001"]), to: "in/kev")
        try FileManager.default.createSymbolicLink(
            atPath: fixture.directory.file("in/again"),
            withDestinationPath: fixture.directory.file("in")
        )
        let report = try await fixture.store.importFeeds(paths: [fixture.directory.file("in")])
        #expect(report.imported.map(\.name) == ["cisa-kev"])
        #expect(report.failed == [])
    }

    @Test("of two days of one feed the newer is taken and the other named")
    func twoDays() async throws {
        let fixture = try StoreFixture()
        let report = try await fixture.importing([
            ("a", SmallFeeds.epss([("CVE-2024-0001", "0.9", "0.9")], date: "2026-11-20")),
            ("b", SmallFeeds.epss([("CVE-2024-0001", "0.1", "0.1")], date: "2026-11-18")),
        ])
        #expect(report.imported.first?.asOf.dateText == "2026-11-20")
        #expect(report.skipped.first?.path.hasSuffix("/b") == true)
    }
}

@Suite("Dates of feeds")
struct FeedDateTests {
    @Test("a format without dates is refused until somebody names the date")
    func undated() async throws {
        let fixture = try StoreFixture()
        let report = try await fixture.importing(
            [("t", SmallFeeds.tracker), ("k", SmallFeeds.kev(["CVE-2024-0001"]))],
            asOf: nil
        )
        #expect(report.failed.first?.reason.contains("--as-of") == true)
        #expect(report.imported.map(\.name) == ["cisa-kev"])
    }

    @Test("the import's date holds for formats without dates only")
    func asOf() async throws {
        let fixture = try StoreFixture()
        let report = try await fixture.importing([
            ("t", SmallFeeds.tracker), ("k", SmallFeeds.kev(["CVE-2024-0001"])),
            ("e", SmallFeeds.epss([("CVE-2024-0001", "0.1", "0.2")])),
        ])
        let dates = Dictionary(uniqueKeysWithValues: report.feeds.map { ($0.name, $0.asOf.dateText) })
        #expect(dates == ["debian-tracker": "2026-11-21", "cisa-kev": "2026-11-20", "epss": "2026-11-20"])
        let newest = Dictionary(uniqueKeysWithValues: report.feeds.map { ($0.name, $0.newestRecord?.dateText) })
        #expect(newest == ["debian-tracker": nil, "cisa-kev": "2026-11-19", "epss": "2026-11-20"])
    }

    @Test("what the publisher sent beside the file is its date")
    func headers() async throws {
        let fixture = try StoreFixture()
        let headers =
            "HTTP/1.1 302 Found\r\nLast-Modified: Mon, 02 Nov 2026 00:00:00 GMT\r\n\r\n"
            + "HTTP/2 200\r\nlast-modified: Tue, 17 Nov 2026 05:06:07 GMT\r\n\r\n"
        let report = try await fixture.importing(
            [("t", SmallFeeds.tracker), ("t.headers", Array(headers.utf8))],
            asOf: nil
        )
        #expect(report.failed == [])
        #expect(report.skipped == [])
        #expect(report.imported.first?.asOf.rfc3339 == "2026-11-17T05:06:07Z")
    }

    @Test("a date in the future is refused before anything is read")
    func future() async throws {
        let fixture = try StoreFixture()
        let future = try #require(Timestamp(date: "2026-11-24"))
        let error = await #expect(throws: FeedStoreError.self) {
            try await fixture.importing([("t", SmallFeeds.tracker)], asOf: future)
        }
        #expect(error?.description.contains("2026-11-24") == true)
    }
}
