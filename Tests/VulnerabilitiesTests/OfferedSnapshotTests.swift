// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import Foundation
import JSON
import TestKit
import Testing
import Time
import Vulnerabilities

/// A snapshot's file from somebody else: taken when it is what it is said to be, and refused whole for anything else.
@Suite("Offered snapshots")
struct OfferedSnapshotTests {
    private static let feeds: [(String, [UInt8])] = [
        ("t", SmallFeeds.tracker), ("k", SmallFeeds.kev(["CVE-2024-0001", "CVE-2024-0002"])),
        ("e", SmallFeeds.epss([("CVE-2024-0001", "0.25", "0.5"), ("CVE-2024-0002", "0.1", "0.2")])),
    ]

    /// A snapshot as another node has it: a copy of its file, and what is said to be in it.
    private struct Offer {
        let origin: StoreFixture
        let identity: String
        var contents: SnapshotContents
        let file: String

        init(_ feeds: [(String, [UInt8])] = OfferedSnapshotTests.feeds, asOf: Timestamp? = StoreFixture.day)
            async throws
        {
            origin = try StoreFixture()
            try await origin.importing(feeds, asOf: asOf)
            let snapshot = try #require(try origin.store.current())
            (identity, contents) = (snapshot.id, try await snapshot.contents())
            file = origin.directory.file("offer.sqlite")
            try FileManager.default.copyItem(atPath: snapshot.path, toPath: file)
        }

        func taken(by store: FeedStore, allowsOlder: Bool = false) async throws -> ImportReport {
            try await store.importOffered(contents, from: "a test", allowsOlder: allowsOlder) { path in
                try FileManager.default.copyItem(atPath: file, toPath: path)
            }
        }

        /// Changes the file as its maker could.
        func change(_ sql: String) async throws { try await tool("sqlite3").check([file, sql]) }
    }

    @Test("an offered snapshot gives the same snapshot, is seen as a switch, and leaves other feeds as they are")
    func taken() async throws {
        let offer = try await Offer()
        let target = try StoreFixture()
        let report = try await offer.taken(by: target.store)
        #expect(report.switched && report.snapshot == offer.identity)
        #expect(report.imported.map(\.name) == ["cisa-kev", "debian-tracker", "epss"])
        let watcher = SnapshotWatcher(feeds: target.reopened())
        #expect(try await watcher.difference(since: nil)?.after.id == offer.identity)
        let snapshot = try #require(try target.reopened().current())
        let found = try await snapshot.assess([SmallFeeds.component("openssl", "3.0.11-1")]).findings
        #expect(found.map(\.id) == ["CVE-2024-0001"])
        #expect(found.first?.epss?.probability == 0.25)
        #expect(try await snapshot.contents() == offer.contents)
        // Its packages have the digests that an import of the same feeds gives: nothing counts as changed.
        let before = try #require(try offer.origin.store.current())
        #expect(try await SnapshotDifference(from: before, to: snapshot).packages == [])

        let other = try await Offer([("t", SmallFeeds.tracker([("zlib", "CVE-2024-0009", "1:1.2.13.dfsg-2")]))])
        let next = try await other.taken(by: target.store)
        #expect(next.feeds.map(\.name) == ["cisa-kev", "debian-tracker", "epss"])
        #expect(next.feeds.first { $0.name == "debian-tracker" }?.count == 1)
        #expect(target.names().allSatisfy { $0.hasPrefix("snapshot-") || ["current", "import.lock"].contains($0) })
    }

    @Test("what is said to be in it survives being written and read; another digest or order does not")
    func contents() async throws {
        let contents = try await Offer().contents
        let json = contents.json
        #expect(try SnapshotContents(json: JSONFields(.object(json))) == contents)
        var other = json
        other["snapshot"] = "sha256:00"
        #expect(throws: JSONShapeError.self) { try SnapshotContents(json: JSONFields(.object(other))) }
        guard case .array(let feeds)? = json["feeds"] else { throw ToolError(description: "no feeds") }
        other["feeds"] = .array(feeds.reversed())
        other["snapshot"] = json["snapshot"]
        #expect(throws: JSONShapeError.self) { try SnapshotContents(json: JSONFields(.object(other))) }
    }

    @Test(
        "a file that is not what was said is refused with the place, and what was in force stays",
        arguments: [
            ("CREATE TRIGGER t AFTER INSERT ON feeds BEGIN DELETE FROM feeds; END", "trigger \"t\""),
            ("CREATE VIEW v AS SELECT load_extension('/tmp/x')", "view \"v\""),
            ("CREATE TABLE more (a)", "table \"more\""),
            ("CREATE INDEX i ON exploited (record)", "index \"i\""),
            ("ALTER TABLE exploited ADD COLUMN x TEXT AS (hex(zeroblob(100000000)))", "table \"exploited\""),
            ("DROP TABLE scores", "lacks the table \"scores\""),
            ("PRAGMA journal_mode = WAL", "write-ahead log"),
            ("UPDATE schema_migrations SET sql = 'x'", "another text"),
            ("INSERT INTO schema_migrations VALUES ('later-0002', 'x', 1)", "newer version"),
            (
                "UPDATE advisories SET record = replace(record, '3.0.13-1', '0')",
                "debian-tracker: its records have the digest"
            ),
            ("UPDATE advisories SET record = record || ' '", "package curl of the feed debian-tracker"),
            ("UPDATE advisories SET record = '{}'", "package curl of the feed debian-tracker: it cannot be read"),
            ("UPDATE advisories SET record = replace(record, 'openssl', 'other')", "is about something else"),
            ("DELETE FROM advisories WHERE identifier = 'CVE-2024-0001'", "debian-tracker: it has 1 records"),
            ("UPDATE packages SET feed = 'mine'", "its signer names no such feed"),
            ("UPDATE packages SET id = -id", "order of packages"),
            (
                "INSERT INTO packages VALUES (99, 'deb', 'bookworm', 'aaa', 'debian-tracker', x'00')",
                "order of packages"
            ),
            ("INSERT INTO releases VALUES ('debian-tracker', 'deb', 'trixie')", "debian-tracker covers"),
            ("INSERT INTO releases VALUES ('mine', 'deb', 'trixie')", "table of releases"),
            ("DELETE FROM releases", "debian-tracker covers"),
            ("UPDATE feeds SET record = replace(record, '2026-11-21', '2026-11-22')", "table of feeds"),
            ("DELETE FROM exploited WHERE identifier = 'CVE-2024-0002'", "cisa-kev: it has 1 records"),
            ("UPDATE exploited SET record = replace(record, '2026-11-19', '2026-11-18')", "cisa-kev: its records have"),
            ("UPDATE exploited SET record = 'x'", "CVE-2024-0001 of exploited vulnerabilities: it cannot be read"),
            ("UPDATE scores SET probability = 0.26 WHERE probability = 0.25", "epss: its records have the digest"),
            ("UPDATE scores SET probability = 7", "prediction for CVE-2024-0001: it is no probability"),
            ("INSERT INTO scores VALUES ('CVE-2024-0003', 0, 0)", "epss: it has 3 records"),
        ]
    )
    func hostile(_ sql: String, _ place: String) async throws {
        let target = try StoreFixture()
        try await target.importing([("t", SmallFeeds.tracker)])
        let before = try target.store.currentIdentity()
        let offer = try await Offer()
        try await offer.change(sql)
        let error = await #expect(throws: FeedStoreError.self) { _ = try await offer.taken(by: target.store) }
        #expect(error?.description.contains(place) == true, "\(error?.description ?? "none")")
        #expect(try target.reopened().currentIdentity() == before)
        #expect(target.names().filter { $0.hasPrefix("building-") } == [])
    }

    @Test("what is no such file at all is refused: text, nothing, a torn file, a damaged page, a link")
    func damaged() async throws {
        let offer = try await Offer()
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: offer.file)))
        var page = bytes
        for index in 4_096..<min(4_160, page.count) { page[index] = 0xFF }
        var header = bytes
        header[28] = 0x7F
        for (bytes, reason) in [
            (Array("not a database".utf8), "it is no SQLite file"), ([], "it is no SQLite file"),
            (Array(bytes.dropLast(1)), "its header says"), (Array(bytes.prefix(bytes.count / 2)), "its header says"),
            (header, "its header says"), (page, "the file in it"),
        ] {
            let target = try StoreFixture()
            try Data(bytes).write(to: URL(fileURLWithPath: offer.file))
            let error = await #expect(throws: FeedStoreError.self) { _ = try await offer.taken(by: target.store) }
            #expect(error?.description.contains(reason) == true, "\(error?.description ?? "none")")
            #expect(try target.store.currentIdentity() == nil)
        }
        let target = try StoreFixture()
        await #expect(throws: FeedStoreError.self) {
            try await target.store.importOffered(offer.contents, from: "a test") { path in
                try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/etc/passwd")
            }
        }
        #expect(target.names() == ["import.lock"])
    }

    @Test("an older feed is refused by name and dates, and taken only when that is asked for; the future is not taken")
    func older() async throws {
        let target = try StoreFixture()
        try await target.importing(Self.feeds)
        let before = try target.store.currentIdentity()
        let old = try await Offer(asOf: Timestamp(date: "2026-11-20"))
        let error = await #expect(throws: FeedStoreError.self) { _ = try await old.taken(by: target.store) }
        #expect(
            error == .older(feed: "debian-tracker", offered: "2026-11-20T00:00:00Z", inForce: "2026-11-21T00:00:00Z")
        )
        #expect(try target.store.currentIdentity() == before)
        #expect(try await old.taken(by: target.store, allowsOlder: true).snapshot == old.identity)
        // Who cannot tell what is in force cannot tell what is older.
        try Data("damaged".utf8).write(to: URL(fileURLWithPath: target.store.directory + "/current"))
        await #expect(throws: FeedStoreError.self) { _ = try await old.taken(by: target.store) }

        let early = FeedStore(
            directory: try StoreFixture().store.directory,
            clock: .fixed(try #require(Timestamp(date: "2026-11-20")))
        )
        let future = await #expect(throws: FeedStoreError.self) { _ = try await Offer().taken(by: early) }
        #expect(future?.description.contains("lies in the future") == true)
    }

    @Test(
        "the publishers' feeds are taken over record by record",
        .enabled(if: feedsDirectory != nil, "no feeds at hand")
    )
    func real() async throws {
        let folder = try #require(feedsDirectory)
        let directory = try TemporaryDirectory("feeds")
        let origin = FeedStore(directory: directory.file("origin"))
        _ = try await origin.importFeeds(paths: [folder], asOf: Timestamp(date: "2026-11-20"))
        let snapshot = try #require(try origin.current())
        let contents = try await snapshot.contents()
        let target = FeedStore(directory: directory.file("target"))
        let start = ContinuousClock.now
        let report = try await target.importOffered(contents, from: "a test") { path in
            try FileManager.default.copyItem(atPath: snapshot.path, toPath: path)
        }
        print("an offered snapshot of all feeds: \(ContinuousClock.now - start)")
        #expect(report.snapshot == snapshot.id)
        let taken = try #require(try target.current())
        #expect(try await SnapshotDifference(from: snapshot, to: taken).packages == [])
        #expect(try await taken.contents() == contents)
    }
}
