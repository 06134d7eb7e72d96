// SPDX-License-Identifier: EUPL-1.2

import Advisories
import JSON
import SBOM
import Testing

@Suite("OSV")
struct OSVTests {
    static func record(_ affected: String, id: String = "X-1", more: String = "") throws -> OSV.Record {
        try read(#"{"id":"\#(id)","modified":"2026-01-01T00:00:00Z"\#(more),"affected":[\#(affected)]}"#)
    }

    static func read(_ text: String) throws -> OSV.Record {
        try Array(text.utf8).withUnsafeBytes { try OSV.read($0) }
    }

    static func pypi(_ events: String) -> String {
        #"{"package":{"ecosystem":"PyPI","name":"Foo_.Bar"},"ranges":[{"type":"ECOSYSTEM","events":[\#(events)]}]}"#
    }

    static func match(_ record: OSV.Record, _ version: String, ecosystem: String = "pypi", name: String = "foo-bar")
        -> [Finding]
    {
        let distribution = ecosystem == "rpm" ? Distribution(id: "almalinux", versionID: "8.10") : nil
        return Matcher.findings(
            component: Component(ecosystem: ecosystem, distribution: distribution, name: name, version: version),
            advisories: record.advisories,
            kev: { _ in nil },
            epss: { _ in nil }
        )
    }

    static let events: [(String, String, FindingStatus?, String?)] = [
        (#"{"introduced":"0"},{"fixed":"1.2"}"#, "1.1", .affected, "1.2"),
        (#"{"introduced":"0"},{"fixed":"1.2"}"#, "1.2", nil, nil),
        (#"{"introduced":"0"},{"fixed":"1.2"}"#, "1.2rc1", .affected, "1.2"),
        (#"{"introduced":"0"},{"fixed":"1.2"}"#, "0.dev0", .affected, "1.2"),
        (#"{"introduced":"1.0"},{"fixed":"1.2"}"#, "0.9", nil, nil),
        (#"{"introduced":"1.0"},{"fixed":"1.2"}"#, "1.0", .affected, "1.2"),
        (#"{"introduced":"0"},{"last_affected":"1.2"}"#, "1.2", .affectedNoFix, nil),
        (#"{"introduced":"0"},{"last_affected":"1.2"}"#, "1.2.post1", nil, nil),
        (#"{"introduced":"0"}"#, "9", .affectedNoFix, nil),
        // Events in any order; several intervals in one list.
        (#"{"fixed":"3.1"},{"introduced":"3.0"},{"fixed":"1.2"},{"introduced":"0"}"#, "1.0", .affected, "1.2"),
        (#"{"fixed":"3.1"},{"introduced":"3.0"},{"fixed":"1.2"},{"introduced":"0"}"#, "2.0", nil, nil),
        (#"{"fixed":"3.1"},{"introduced":"3.0"},{"fixed":"1.2"},{"introduced":"0"}"#, "3.0.5", .affected, "3.1"),
        (#"{"introduced":"0"},{"limit":"2.0"}"#, "1.9", .affectedNoFix, nil),
        (#"{"introduced":"0"},{"limit":"2.0"}"#, "2.0", nil, nil),
        (#"{"introduced":"0"},{"limit":"*"}"#, "2.0", .affectedNoFix, nil),
        (#"{"introduced":"0"},{"fixed":"1.2"}"#, "not a version", .undetermined, nil),
        (#"{"introduced":"0"},{"fixed":"<none>"}"#, "1.2", .undetermined, nil),
    ]

    @Test("walks the events of a range as the schema says", arguments: events)
    func walk(_ events: String, _ version: String, _ status: FindingStatus?, _ fixedIn: String?) throws {
        let found = Self.match(try Self.record(Self.pypi(events)), version)
        #expect(found.map(\.status) == (status.map { [$0] } ?? []))
        #expect(found.first?.fixedIn == fixedIn)
    }

    @Test("withdrawn records and those about commits alone give nothing, and are counted")
    func leftOut() throws {
        let range = Self.pypi(#"{"introduced":"0"}"#)
        let withdrawn = try Self.record(range, more: #","withdrawn":"2026-01-02T00:00:00Z""#)
        #expect(withdrawn.isWithdrawn && withdrawn.advisories.isEmpty)
        let git =
            #"{"package":{"ecosystem":"PyPI","name":"a"},"ranges":[{"type":"GIT","repo":"r","events":[{"introduced":"0"}]}]}"#
        let commits = try Self.record(git)
        #expect(commits.unmatchable == 1 && commits.advisories.isEmpty)
        let bugs = try Self.record(range, id: "ALBA-2026:1")
        #expect(bugs.isNotSecurity && bugs.advisories.isEmpty)
        #expect(try !Self.record(range, id: "ALBA-2026:1", more: #","related":["CVE-2026-0001"]"#).isNotSecurity)
    }

    @Test("listed versions count where there is no range, also when written differently")
    func listed() throws {
        let entry = #"{"package":{"ecosystem":"PyPI","name":"foo-bar"},"versions":["1.0","2.0"]}"#
        let record = try Self.record(entry)
        #expect(Self.match(record, "1.0.0").map(\.status) == [.affectedNoFix])
        #expect(Self.match(record, "1.1").isEmpty)
        #expect(Self.match(record, "nonsense").map(\.status) == [.undetermined])
    }

    @Test("Go's custom ranges count instead of a range without bounds, and not instead of one with bounds")
    func customRanges() throws {
        func entry(_ events: String) -> String {
            #"{"package":{"ecosystem":"Go","name":"example.org/m"},"ranges":[{"type":"SEMVER","events":[\#(events)]}],"#
                + #""ecosystem_specific":{"custom_ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"5.0.4"}]}]}}"#
        }
        let open = try Self.record(entry(#"{"introduced":"0"}"#))
        #expect(open.customRanges == 1)
        #expect(Self.match(open, "v5.0.3", ecosystem: "golang", name: "example.org/m").first?.fixedIn == "5.0.4")
        #expect(Self.match(open, "v5.0.4", ecosystem: "golang", name: "example.org/m").isEmpty)
        let bounded = try Self.record(entry(#"{"introduced":"0"},{"fixed":"1.0.0"}"#))
        #expect(bounded.customRanges == 0)
        #expect(Self.match(bounded, "v2.0.0", ecosystem: "golang", name: "example.org/m").isEmpty)
    }

    @Test("a module's erratum is about the module's builds only, and a build that it names is fixed")
    func modules() throws {
        func entry(_ fixed: String) -> String {
            #"{"package":{"ecosystem":"AlmaLinux:8","name":"npm"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"\#(fixed)"}]}]}"#
        }
        let both = [entry("1:1.18.3-1.module_el8.3.0+2023+d2"), entry("1:1.18.3-1.module_el8.3.0+2047+b0")]
        let record = try Self.record(
            both.joined(separator: ","),
            id: "ALSA-2026:1",
            more: #","summary":"Important: x","related":["CVE-2026-0001","CVE-2026-0002"]"#
        )
        func found(_ version: String) -> [Finding] { Self.match(record, version, ecosystem: "rpm", name: "npm") }
        let old = found("1:1.18.1-1.module_el8.3.0+2000+aa")
        #expect(old.map(\.id) == ["CVE-2026-0001", "CVE-2026-0002"])
        #expect(
            old.allSatisfy {
                $0.aliases == ["ALSA-2026:1"] && $0.severity == .high && $0.severitySource == "osv-almalinux"
            }
        )
        #expect(found("1:1.18.1-1.el8").isEmpty)
        #expect(found("1:1.18.3-1.module_el8.3.0+2023+d2").isEmpty)
        let plain = try Self.record(entry("2.0-1.el8"), id: "ALSA-2026:2")
        #expect(Self.match(plain, "1.0-1.module_el8.3.0+2000+aa", ecosystem: "rpm", name: "npm").isEmpty)
        #expect(Self.match(plain, "1.0-1.el8", ecosystem: "rpm", name: "npm").map(\.fixedIn) == ["2.0-1.el8"])
        #expect(Self.match(plain, "1:1.0-1.el8", ecosystem: "rpm", name: "npm").isEmpty)
    }

    @Test("records of several databases about one vulnerability are one finding that keeps every rating")
    func folding() throws {
        let range = Self.pypi(#"{"introduced":"0"},{"fixed":"2"}"#)
        let vector = #"[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]"#
        var record = try Self.record(range, id: "PYSEC-1", more: #","aliases":["GHSA-a"],"severity":\#(vector)"#)
        record.advisories += try Self.record(
            range,
            id: "GHSA-a",
            more: #","aliases":["CVE-2026-0001"],"database_specific":{"severity":"MODERATE"}"#
        ).advisories
        record.advisories += try Self.record(range, id: "GHSA-b").advisories
        for _ in 0..<5 {
            record.advisories.shuffle()
            let found = Self.match(record, "1")
            #expect(found.map(\.id) == ["CVE-2026-0001", "GHSA-b"])
            let first = try #require(found.first)
            #expect(first.aliases == ["GHSA-a", "PYSEC-1"])
            #expect(first.severity == .medium)
            #expect(first.ratings.map(\.severity) == [.medium, .critical])
            #expect(first.ratings.last?.score == 9.8)
            #expect(try Finding(json: JSONFields(JSONValue(parsing: first.json.text()))) == first)
        }
        for advisory in record.advisories { #expect(try Advisory(json: JSONFields(advisory.json)) == advisory) }
    }

    static let ecosystems: [(String, String, String)] = [
        ("PyPI", "pypi", ""), ("Go", "golang", ""), ("crates.io", "cargo", ""), ("Packagist", "composer", ""),
        ("Debian:12", "deb", "bookworm"), ("Ubuntu:22.04:LTS", "deb", "ubuntu 22.04"),
        ("Alpine:v3.19", "apk", "alpine 3.19"),
        ("AlmaLinux:9", "rpm", "almalinux 9"), ("Rocky Linux:9", "rpm", "rocky 9"),
        ("Docker Hardened Images", "docker hardened images", ""),
    ]

    @Test("ecosystems become purl types and releases", arguments: ecosystems)
    func ecosystem(_ text: String, _ ecosystem: String, _ release: String) {
        #expect(OSVEcosystem(text).ecosystem == ecosystem)
        #expect(OSVEcosystem(text).release == release)
    }

    static let hostile = [
        "", "[]", "{", #"{"id":"x"}"#, #"{"id":1,"modified":"2026-01-01T00:00:00Z"}"#, #"{"id":"x","modified":"soon"}"#,
        #"{"id":"x","modified":"2026-01-01T00:00:00Z","affected":{}}"#,
        #"{"id":"x","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI"}}]}"#,
        #"{"id":"x","modified":"2026-01-01T00:00:00Z","affected":[\#(pypi(#"{"introduced":0}"#))]}"#,
        #"{"id":"x","modified":"2026-01-01T00:00:00Z","affected":[\#(pypi(#"{"fixed":"1"}"#))]}"#,
        #"{"id":"x","modified":"2026-01-01T00:00:00Z","affected":[\#(pypi(#"{"introduced":"0"},{"fixed":"1"},{"last_affected":"1"}"#))]}"#,
        String(repeating: "[", count: 100_000),
    ]

    @Test("broken records are refused, never read as empty", arguments: hostile)
    func refused(_ text: String) { #expect(throws: FeedReadError.self) { try Self.read(text) } }

    @Test("Alpine's database: fixed, fixed again, never affected, several identifiers in one entry")
    func secdb() throws {
        let text =
            #"{"distroversion":"v3.19","reponame":"main","packages":[{"pkg":{"name":"a","secfixes":{"1.0-r0":["CVE-2020-0001 XSA-1"],"1.2-r0":["CVE-2020-0001"],"0":["CVE-2020-0002"]}}}]}"#
        let database = try AlpineSecDB.read(Array(text.utf8))
        #expect(database.release == "alpine 3.19" && database.repository == "main")
        #expect(database.advisories.map(\.state) == [.resolved(fixed: "1.2-r0"), .notAffected])
        #expect(database.advisories.first?.aliases == ["XSA-1"])
        #expect(throws: FeedReadError.self) { try AlpineSecDB.read(Array(text.utf8.dropLast(9))) }
    }
}
