// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import Foundation
import SBOM
import TestKit
import Testing
import Time
import Vulnerabilities

@Suite("The publishers' feeds", .enabled(if: feedsDirectory != nil, "no feeds at hand"))
struct RealFeedTests {
    @Test(
        "the whole folder goes in with the publishers' counts; what this version does not read is listed with its kind"
    )
    func all() async throws {
        let folder = try #require(feedsDirectory)
        let directory = try TemporaryDirectory("feeds")
        let store = FeedStore(directory: directory.file("feeds"))
        let start = ContinuousClock.now
        let report = try await store.importFeeds(paths: [folder], asOf: Timestamp(date: "2026-11-20"))
        print("import of all feeds: \(ContinuousClock.now - start)")
        #expect(report.failed == [])
        let counts = Dictionary(uniqueKeysWithValues: report.imported.map { ($0.name, $0.count) })
        #expect(
            counts == [
                "debian-tracker": 8849, "cisa-kev": 1460, "epss": 360_142, "osv-pypi": 6800, "osv-go": 6041,
                "osv-almalinux": 56_673, "osv-crates.io": 1148,
            ]
        )
        #expect(report.imported.first { $0.name == "debian-tracker" }?.releases == ["bookworm"])
        let kinds = report.skipped.map { entry in
            "\(entry.path.dropFirst(folder.count + 1)): \(entry.reason.drop { $0 != ":" }.dropFirst(2))"
        }
        for expected in [
            "csaf/cisa.zip: CSAF", "openvex/docker-hardened-images.zip: OpenVEX",
        ] {
            #expect(kinds.contains { $0.hasPrefix(expected) }, "\(kinds)")
        }
        let snapshot = try #require(try store.current())
        let old = SmallFeeds.component("libssl3", "3.0.11-1~deb12u1", source: "openssl")
        let found = try await snapshot.assess([old]).findings
        #expect(found.count > 10)
        #expect(found.allSatisfy { $0.status == .affected && $0.fixedIn != nil })
        #expect(found.contains { $0.epss != nil })
        let newest = SmallFeeds.component("libssl3", "3.0.22-1~deb12u2", source: "openssl")
        #expect(try await snapshot.assess([newest]).findings == [])
        try await many(snapshot)
        // A day's predictions alone, and everything else stays.
        let again = ContinuousClock.now
        let kev = try await store.importFeeds(paths: [folder + "/kev"])
        print("import of one feed beside the others: \(ContinuousClock.now - again)")
        #expect(!kev.switched)
        #expect(kev.snapshot == snapshot.id)
        let size = (try FileManager.default.attributesOfItem(atPath: snapshot.path)[.size] as? Int) ?? 0
        print("snapshot: \(size >> 10) KiB")
    }

    /// Prints how long 96 and 1,000 packages take; the bound is held by `make bench`, on a machine that is not busy with other tests.
    private func many(_ snapshot: AdvisorySnapshot) async throws {
        let sources = [
            "openssl", "curl", "glibc", "systemd", "util-linux", "gnutls28", "perl", "zlib", "bash", "tar", "shadow",
        ]
        for count in [96, 1000] {
            let components = (0..<count).map { number in
                let source = number < sources.count ? sources[number] : "source\(number)"
                return SmallFeeds.component("package\(number)", "1:1.\(number)", source: source)
            }
            let start = ContinuousClock.now
            let assessed = try await snapshot.assess(components)
            let time = ContinuousClock.now - start
            print("matching \(count) packages: \(time)")
            #expect(!assessed.findings.isEmpty)
        }
        // Names that have advisories, and every version before every fix: the most that matching can be asked for.
        let list =
            "SELECT ecosystem, name FROM packages WHERE ecosystem IN ('pypi', 'golang') ORDER BY digest LIMIT 1000"
        let rows = try await tool("sqlite3").check([snapshot.path, list]).split(separator: "\n")
        let language = rows.compactMap { row -> Component? in
            let (ecosystem, name) = (String(row.prefix { $0 != "|" }), String(row.drop { $0 != "|" }.dropFirst()))
            let version = ecosystem == "golang" ? "v0.0.1" : "0.0.1"
            let purl = PackageURL(type: ecosystem, name: name, version: version)
            return Component(ecosystem: ecosystem, name: name, version: version, purl: purl)
        }
        #expect(language.count == 1000)
        let start = ContinuousClock.now
        let findings = try await snapshot.assess(language).findings.count
        print(
            "matching 1000 language packages, each with advisories: \(ContinuousClock.now - start), \(findings) findings"
        )
        #expect(findings > 1000)
    }
}
