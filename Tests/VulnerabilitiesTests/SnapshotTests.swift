// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import Database
import DurableFiles
import Foundation
import Glibc
import SBOM
import TestKit
import Testing
import Time
import Vulnerabilities

@Suite("Snapshots")
struct SnapshotTests {
    static let old = [("t", SmallFeeds.tracker), ("k", SmallFeeds.kev(["CVE-2024-0001"]))]
    static let new = [
        (
            "t",
            SmallFeeds.tracker([("openssl", "CVE-2024-0001", "3.0.14-1"), ("zlib", "CVE-2024-0009", "1:1.2.13.dfsg-2")])
        )
    ]

    @Test("a switch is seen by the next look, from any opening of the store, and a held snapshot stays readable")
    func pointer() async throws {
        let fixture = try StoreFixture()
        let reader = fixture.reopened()
        #expect(try reader.current() == nil)
        try await fixture.importing(Self.old)
        let held = try #require(try reader.current())
        #expect(try reader.current() === held)
        try await fixture.importing(Self.new)
        let next = try #require(try reader.current())
        #expect(next.id != held.id)
        for day in 1...4 {
            try await fixture.importing([
                ("e", SmallFeeds.epss([("CVE-2024-0001", "0.\(day)", "0.5")], date: "2026-11-1\(day)"))
            ])
        }
        #expect(!FileManager.default.fileExists(atPath: held.path))
        let component = SmallFeeds.component("openssl", "3.0.13-1")
        #expect(try await held.assess([component]).findings == [])
        #expect(try await next.assess([component]).findings.map(\.id) == ["CVE-2024-0001"])
        #expect(fixture.names().filter { $0.hasPrefix("snapshot-") }.count == 3)
    }

    @Test("readers and two importers at once: everything that was imported is there, nobody reads half a snapshot")
    func concurrency() async throws {
        let fixture = try StoreFixture()
        try await fixture.importing(Self.old)
        let (left, right) = (fixture.reopened(), fixture.reopened())
        let kev = try fixture.directory.write(SmallFeeds.kev(["CVE-2024-0001", "CVE-2024-0002"]), to: "kev")
        let epss = try fixture.directory.write(SmallFeeds.epss([("CVE-2024-0001", "0.1", "0.2")]), to: "epss")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for _ in 0..<3 { _ = try await left.importFeeds(paths: [kev]) } }
            group.addTask { for _ in 0..<3 { _ = try await right.importFeeds(paths: [epss]) } }
            group.addTask {
                let reader = fixture.reopened()
                for _ in 0..<60 {
                    let snapshot = try #require(try reader.current())
                    let assessed = try await snapshot.assess([SmallFeeds.component("openssl", "3.0.11-1")])
                    #expect(assessed.findings.count == 1)
                }
            }
            try await group.waitForAll()
        }
        let feeds = try #require(try fixture.store.current()).feeds
        #expect(feeds.map(\.name) == ["cisa-kev", "debian-tracker", "epss"])
        #expect(feeds.first?.count == 2)
    }

    @Test("an import waits for another process's, says so once, and gives up with the reason")
    func busy() async throws {
        let fixture = try StoreFixture()
        try await fixture.importing(Self.old)
        // A descriptor of its own, as another process has one: the kernel keeps the two apart.
        let descriptor = open(fixture.store.directory + "/import.lock", O_RDWR)
        #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        var impatient = fixture.reopened()
        impatient.patience = .milliseconds(150)
        let path = try fixture.directory.write(SmallFeeds.kev(["CVE-2024-0002"]), to: "kev")
        let notes = NoteList()
        let store = impatient
        let error = await #expect(throws: FeedStoreError.self) {
            try await store.importFeeds(paths: [path], waiting: { notes.add($0) })
        }
        #expect(error?.description.contains("process \(getpid())") == true)
        #expect(notes.all.count == 1)
        close(descriptor)
        #expect(try await store.importFeeds(paths: [path]).switched)
    }

    @Test(
        "whichever file operation fails or is the last one before a kill, the old snapshot or the new one is current, whole"
    )
    func faults() async throws {
        var nth = 0
        var ended = false
        while !ended {
            nth += 1
            let faulty = FaultyFiles()
            let fixture = try StoreFixture(files: faulty)
            try await fixture.importing(Self.old)
            let before = try #require(try fixture.reopened().currentIdentity())
            faulty.fail(nil, nth: nth, times: 1_000_000, code: ENOSPC)
            let report = try? await fixture.importing(Self.new)
            ended = report?.switched == true && !faulty.events.contains(where: \.failed)
            // Another process, after the kill.
            let reader = fixture.reopened()
            let snapshot = try #require(try reader.current())
            let findings = try await snapshot.assess([SmallFeeds.component("openssl", "3.0.13-1")]).findings
            #expect(findings.isEmpty == (snapshot.id == before))
            if report != nil { #expect(snapshot.id == report?.snapshot) }
            // The next import goes through and leaves nothing of the killed one behind.
            let repaired = FeedStore(directory: fixture.store.directory, clock: .fixed(StoreFixture.now))
            let path = try fixture.directory.write(SmallFeeds.kev(["CVE-2024-0009"]), to: "kev")
            _ = try await repaired.importFeeds(paths: [path])
            #expect(
                fixture.names().allSatisfy { $0.hasPrefix("snapshot-") || ["current", "import.lock"].contains($0) }
            )
            #expect(nth < 200)
        }
        #expect(nth > 5)
    }

    @Test(
        "a damaged pointer or snapshot is an error that says what to do, never an older snapshot; importing all feeds repairs it"
    )
    func damage() async throws {
        let fixture = try StoreFixture()
        let all = Self.old + [("e", SmallFeeds.epss([("CVE-2024-0001", "0.1", "0.2")]))]
        try await fixture.importing(all)
        let pointer = fixture.store.directory + "/current"
        let sound = try Data(contentsOf: URL(fileURLWithPath: pointer))
        for text in ["", "{}", #"{"snapshot":"sha256:00","file":"../x","feeds":[]}"#, "rubbish"] {
            try Data(text.utf8).write(to: URL(fileURLWithPath: pointer))
            let error = #expect(throws: FeedStoreError.self) { try fixture.reopened().current() }
            #expect(error?.description.contains("kontor feeds import") == true)
        }
        try sound.write(to: URL(fileURLWithPath: pointer))
        let path = try #require(try fixture.reopened().current()).path
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes.replaceSubrange(0..<4096, with: Data(repeating: 0x5A, count: 4096))
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(throws: FeedStoreError.self) { try fixture.reopened().current() }
        let other = fixture.reopened()
        for (name, content) in all { try fixture.directory.write(content, to: "again/" + name) }
        _ = try await other.importFeeds(paths: [fixture.directory.file("again")], asOf: StoreFixture.day)
        #expect(try fixture.reopened().current()?.feeds.count == 3)
    }

    @Test("a directory that the reader may not write is enough")
    func readOnly() async throws {
        let fixture = try StoreFixture()
        try await fixture.importing(Self.old)
        let before = fixture.names()
        let snapshot = try #require(try fixture.reopened().current())
        #expect(try await snapshot.assess([SmallFeeds.component("openssl", "3.0.11-1")]).findings.count == 1)
        #expect(fixture.names() == before)
    }

    struct Uncovered: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let component: Component
        let reason: String?
    }

    @Test(
        "what no feed covers is counted with its reason, and never as without findings",
        arguments: [
            Uncovered(
                testDescription: "another release",
                component: SmallFeeds.component(
                    "x",
                    "1",
                    distribution: Distribution(id: "debian", versionID: "13", codename: "trixie")
                ),
                reason: "trixie"
            ),
            Uncovered(
                testDescription: "a derivative with Debian's code name",
                component: SmallFeeds.component(
                    "x",
                    "1",
                    distribution: Distribution(id: "raspbian", versionID: "12", codename: "bookworm")
                ),
                reason: "raspbian"
            ),
            Uncovered(
                testDescription: "no os-release",
                component: SmallFeeds.component("x", "1", distribution: nil),
                reason: "os-release"
            ),
            Uncovered(
                testDescription: "another ecosystem",
                component: Component(ecosystem: "npm", name: "left-pad", version: "1.0.0"),
                reason: "npm"
            ),
            Uncovered(
                testDescription: "owned by a package of the distribution",
                component: Component(
                    ecosystem: "pypi",
                    name: "six",
                    version: "1",
                    ownedBy: "pkg:deb/debian/python3-six@1"
                ),
                reason: nil
            ),
            Uncovered(
                testDescription: "the operating system itself",
                component: Component(kind: .operatingSystem, ecosystem: "", name: "debian", version: "12"),
                reason: nil
            ),
            Uncovered(
                testDescription: "version without code name",
                component: SmallFeeds.component("x", "1", distribution: Distribution(id: "debian", versionID: "12.7")),
                reason: nil
            ),
        ]
    )
    func coverage(_ uncovered: Uncovered) async throws {
        let fixture = try StoreFixture()
        try await fixture.importing(Self.old)
        let snapshot = try #require(try fixture.store.current())
        let assessed = try await snapshot.assess([uncovered.component, uncovered.component])
        #expect(assessed.findings == [])
        if let reason = uncovered.reason {
            #expect(assessed.notAssessed.map(\.components) == [2])
            #expect(assessed.notAssessed.first?.reason.en.contains(reason) == true)
            #expect(assessed.notAssessed.first?.reason.de.contains(reason) == true)
        } else {
            #expect(assessed.notAssessed == [])
        }
    }

    @Test("no statement walks a growing table without a reason")
    func statements() throws {
        let (migrations, statements) = (VulnerabilitiesSchema.migrations, VulnerabilitiesSchema.statements)
        #expect(try StatementAudit.explain(migrations: migrations, statements: statements) == [])
    }
}

@Suite("Differences of snapshots")
struct SnapshotDifferenceTests {
    @Test("a changed, a new and a gone package are named, the others are not")
    func packages() async throws {
        let fixture = try StoreFixture()
        try await fixture.importing([
            ("t", SmallFeeds.tracker([("a", "CVE-2024-1", "1"), ("b", "CVE-2024-2", "1"), ("c", "CVE-2024-3", "1")]))
        ])
        let watcher = SnapshotWatcher(feeds: fixture.store)
        let first = try #require(try await watcher.difference(since: nil))
        #expect(first.isComplete)
        #expect(try await watcher.difference(since: first.after.id) == nil)
        try await fixture.importing([
            ("t", SmallFeeds.tracker([("a", "CVE-2024-1", "1"), ("b", "CVE-2024-2", "2"), ("d", "CVE-2024-4", "1")]))
        ])
        let second = try #require(try await watcher.difference(since: first.after.id))
        #expect(!second.isComplete)
        #expect(second.packages.map(\.name).sorted() == ["b", "c", "d"])
        #expect(second.releases == [])
        #expect(second.feeds.map(\.recordsChanged) == [true])
        try await fixture.importing([("t", SmallFeeds.tracker([("a", "CVE-2024-1", "1")], release: "trixie"))])
        let third = try #require(try await watcher.difference(since: second.after.id))
        #expect(third.releases.map(\.release).sorted() == ["bookworm", "trixie"])
    }

    @Test("of exploitation only the identifiers that are asked for are compared")
    func identifiers() async throws {
        let fixture = try StoreFixture()
        try await fixture.importing([
            ("k", SmallFeeds.kev(["CVE-2024-0001"])),
            (
                "e",
                SmallFeeds.epss([
                    ("CVE-2024-0001", "0.1", "0.2"), ("CVE-2024-0002", "0.1", "0.2"), ("CVE-2024-0003", "0.1", "0.2"),
                ])
            ),
        ])
        let before = try #require(try fixture.store.current())
        try await fixture.importing([
            ("k", SmallFeeds.kev(["CVE-2024-0001", "CVE-2024-0003"])),
            (
                "e",
                SmallFeeds.epss([
                    ("CVE-2024-0001", "0.1", "0.2"), ("CVE-2024-0002", "0.3", "0.2"), ("CVE-2024-0003", "0.1", "0.2"),
                ])
            ),
        ])
        let difference = try #require(try await SnapshotWatcher(feeds: fixture.store).difference(since: before.id))
        #expect(difference.packages == [])
        let asked = ["CVE-2024-0001", "CVE-2024-0002", "CVE-2024-0003", "CVE-2024-9999"]
        #expect(try await difference.changedIdentifiers(among: asked) == ["CVE-2024-0002", "CVE-2024-0003"])
    }

    @Test("a newer date of the same records is a change of dates alone")
    func dates() async throws {
        let fixture = try StoreFixture()
        try await fixture.importing([("t", SmallFeeds.tracker)], asOf: Timestamp(date: "2026-11-10"))
        let before = try #require(try fixture.store.current())
        try await fixture.importing([("t", SmallFeeds.tracker)], asOf: Timestamp(date: "2026-11-20"))
        let difference = try #require(try await SnapshotWatcher(feeds: fixture.store).difference(since: before.id))
        #expect(difference.feeds.map(\.recordsChanged) == [false])
        #expect(difference.packages == [])
    }

    @Test("a switch from another process is reported within two seconds, and again when the report failed")
    func watching() async throws {
        let fixture = try StoreFixture()
        try await fixture.importing([("t", SmallFeeds.tracker)])
        let watcher = SnapshotWatcher(feeds: fixture.reopened(), interval: .milliseconds(20))
        let known = try fixture.store.currentIdentity()
        let (seen, continuation) = AsyncStream.makeStream(of: String.self)
        let task = Task {
            let failures = NoteList()
            try await watcher.run(since: known, failed: { failures.add("\($0)") }) { difference in
                if failures.all.isEmpty { throw FeedStoreError.asOf("the first report fails") }
                continuation.yield(difference.after.id)
            }
        }
        let report = try await fixture.importing([("k", SmallFeeds.kev(["CVE-2024-0001"]))])
        var iterator = seen.makeAsyncIterator()
        #expect(await iterator.next() == report.snapshot)
        task.cancel()
        _ = await task.result
    }
}
