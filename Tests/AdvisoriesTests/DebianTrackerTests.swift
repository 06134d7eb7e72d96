// SPDX-License-Identifier: EUPL-1.2

import Advisories
import SBOM
import TestKit
import Testing

@Suite("Debian security tracker")
struct DebianTrackerTests {
    static func file(_ record: String, id: String = "CVE-2024-1234", source: String = "openssl") -> [UInt8] {
        Array(
            """
            {"\(source)": {"\(id)": {"scope": "local", "debianbug": 1, "description": "An issue", "releases": {"bookworm": \(record)}}}}
            """.utf8
        )
    }

    static let states: [(String, AdvisoryState, Severity)] = [
        (
            #"{"status":"resolved","fixed_version":"3.0.17-1","urgency":"medium","repositories":{"bookworm":"3.0.11-1"}}"#,
            .resolved(fixed: "3.0.17-1"), .medium
        ),
        (#"{"status":"resolved","fixed_version":"0","urgency":"unimportant"}"#, .notAffected, .negligible),
        (#"{"status":"resolved","urgency":"low**"}"#, .undetermined, .low),
        (#"{"status":"resolved","fixed_version":"<unfixed>","urgency":"high*"}"#, .resolved(fixed: "<unfixed>"), .high),
        (#"{"status":"open","urgency":"not yet assigned"}"#, .open(reason: nil), .unknown),
        (#"{"status":"open","urgency":"low","nodsa":"Minor issue","nodsa_reason":""}"#, .open(reason: .noDSA), .low),
        (#"{"status":"open","urgency":"low","nodsa":"Minor issue"}"#, .open(reason: .noDSA), .low),
        (#"{"status":"open","urgency":"low","nodsa":"x","nodsa_reason":"ignored"}"#, .open(reason: .ignored), .low),
        (#"{"status":"open","urgency":"low","nodsa":"x","nodsa_reason":"postponed"}"#, .open(reason: .postponed), .low),
        (
            #"{"status":"open","urgency":"end-of-life","nodsa":"x","nodsa_reason":"ignored"}"#,
            .open(reason: .endOfLife), .unknown
        ),
        (
            #"{"status":"open","urgency":"low","nodsa":"x","nodsa_reason":"end-of-life"}"#, .open(reason: .endOfLife),
            .low
        ),
        (#"{"status":"open","urgency":null,"nodsa":null}"#, .open(reason: nil), .unknown),
        (#"{"status":"undetermined","urgency":"unimportant"}"#, .undetermined, .negligible),
    ]

    @Test("gives every status its state", arguments: states)
    func state(_ record: String, _ state: AdvisoryState, _ severity: Severity) throws {
        let (advisories, summary) = try DebianTracker.read(Self.file(record))
        let advisory = try #require(advisories.first)
        #expect(advisories.count == 1)
        #expect(summary.count == 1)
        #expect(summary.sources == 1)
        #expect(summary.releases == ["bookworm"])
        #expect(advisory.state == state)
        #expect(advisory.severity == severity)
        #expect(advisory.id == "CVE-2024-1234")
        #expect(advisory.package == "openssl")
        #expect(advisory.release == "bookworm")
        #expect(advisory.summary == "An issue")
    }

    static let resolved = #"{"status":"resolved","fixed_version":"1"}"#

    static let broken: [(String, [UInt8], String, String)] = [
        (
            "unknown status", file(#"{"status":"maybe"}"#), "openssl CVE-2024-1234 bookworm",
            "status resolved, open or undetermined"
        ),
        ("no status", file("{}"), "openssl CVE-2024-1234 $.releases.bookworm.status", "string"),
        (
            "status of another type", file(#"{"status":1}"#), "openssl CVE-2024-1234 $.releases.bookworm.status",
            "string"
        ),
        ("record of another type", file("[]"), "openssl CVE-2024-1234 $.releases.bookworm", "object"),
        (
            "fixed version of another type", file(#"{"status":"resolved","fixed_version":1}"#),
            "openssl CVE-2024-1234 $.releases.bookworm.fixed_version", "string"
        ),
        (
            "empty fixed version", file(#"{"status":"resolved","fixed_version":""}"#), "openssl CVE-2024-1234 bookworm",
            "a fixed version"
        ),
        (
            "control character", file(#"{"status":"resolved","fixed_version":"1\n"}"#),
            "openssl CVE-2024-1234 bookworm", "a fixed version"
        ),
        ("identifier", file(resolved, id: "GHSA-1"), "openssl GHSA-1", "CVE- or TEMP-"),
        (
            "long source", file(resolved, source: String(repeating: "a", count: 300)), "source package 1",
            "a source package's name"
        ),
        ("no releases", Array(#"{"a":{"CVE-2024-1":{}}}"#.utf8), "a CVE-2024-1 $.releases", "object"),
        ("source of another type", Array(#"{"a":[]}"#.utf8), "a", "an object of CVEs"),
        ("truncated", Array(file(resolved).dropLast(3)), "byte", "JSON"),
        ("trailing bytes", file(resolved) + [0x7D], "byte", "JSON"),
        ("source twice", Array(#"{"a":{"CVE-2024-1":{"releases":{}}},"a":{}}"#.utf8), "byte", "JSON"),
        ("nothing in it", Array("{}".utf8), "the file", "at least one record"),
        (
            "packages without releases", Array(#"{"a":{"CVE-2024-0001":{"releases":{}}}}"#.utf8), "the file",
            "at least one record"
        ),
        ("an array", Array("[]".utf8), "byte", "JSON"),
        ("nothing", [], "byte", "JSON"),
    ]

    @Test("a broken file is refused with the place and what was expected", arguments: broken)
    func refused(_ what: String, _ bytes: [UInt8], _ location: String, _ expected: String) throws {
        let error = #expect(throws: FeedReadError.self) { try DebianTracker.read(bytes) }
        #expect(error?.location.hasPrefix(location) == true, "\(error?.description ?? "")")
        #expect(error?.expected.contains(expected) == true, "\(error?.description ?? "")")
        #expect(error?.feed == DebianTracker.name)
    }

    @Test("keeps to its bounds")
    func bounds() throws {
        var limits = DebianTracker.Limits()
        limits.bytes = 10
        #expect(throws: FeedReadError.self) { try DebianTracker.read(Self.file(Self.resolved), limits: limits) }
        limits = DebianTracker.Limits()
        limits.records = 0
        #expect(throws: FeedReadError.self) { try DebianTracker.read(Self.file(Self.resolved), limits: limits) }
        limits = DebianTracker.Limits()
        limits.summaryBytes = 6
        #expect(try DebianTracker.read(Self.file(Self.resolved), limits: limits).advisories.first?.summary == "An…")
        let deep = Array((#"{"a":"# + String(repeating: "[", count: 1000)).utf8)
        #expect(throws: FeedReadError.self) { try DebianTracker.read(deep) }
    }

    @Test(
        "is told from other files by its content",
        arguments: [
            (#"{"openssl": {"CVE-2024-1": {"#, true), ("{\n \"a\\\"b\" : {\n\"TEMP-1-2\":{", true), ("{}", false),
            ("", false),
            (#"{"vulnerabilities": [{"cveID":"#, false), (#"{"a": {"b": {"#, false),
            (#"{"openssl": {"CVE-2024-1": ["#, false),
            ("#model_version:", false), (#"{"unfinished"#, false), (#"{"a\"#, false),
        ] as [(String, Bool)]
    )
    func detected(_ text: String, _ isTracker: Bool) {
        #expect(Array(text.utf8).withUnsafeBytes { DebianTracker.detect($0) } == isTracker)
    }

    @Test("a file of the size of the whole tracker is read")
    func fullSize() throws {
        var text = "{"
        text.reserveCapacity(80 << 20)
        let releases = ["bullseye", "bookworm", "trixie", "forky", "sid"]
        let description = String(repeating: "A flaw in the parser allows remote attackers to crash it. ", count: 3)
        for source in 0..<1500 {
            text += (source == 0 ? "" : ",") + "\"source\(source)\": {"
            for issue in 0..<(source == 7 ? 9000 : 20) {
                text +=
                    (issue == 0 ? "" : ",")
                    + "\"CVE-2024-\(1000 + issue)\": {\"scope\": \"remote\", \"description\": \"\(description)\", \"releases\": {"
                text += releases.map {
                    "\"\($0)\": {\"status\": \"resolved\", \"repositories\": {\"\($0)\": \"5.10.\(issue)-1\", \"\($0)-security\": \"5.10.\(issue)-2\"}, "
                        + "\"fixed_version\": \"5.10.\(issue)-1\", \"urgency\": \"not yet assigned\", \"nodsa\": \"Minor issue\", \"nodsa_reason\": \"\"}"
                }.joined(separator: ",")
                text += "}}"
            }
            text += "}"
        }
        text += "}"
        let bytes = Array(text.utf8)
        var count = 0
        let duration = try ContinuousClock().measure {
            let summary = try bytes.withUnsafeBytes { try DebianTracker.read($0) { _ in count += 1 } }
            #expect(summary.releases == releases.sorted())
            #expect(summary.count == count)
        }
        #expect(count == (1499 * 20 + 9000) * 5)
        print("debian tracker: \(bytes.count >> 20) MiB with \(count) records read in \(duration)")
    }

    @Test("the real file is read whole")
    func realFile() async throws {
        guard let bytes = try await Feeds.debianTracker() else { return }
        #expect(bytes.withUnsafeBytes { DebianTracker.detect(UnsafeRawBufferPointer(rebasing: $0.prefix(4096))) })
        let (advisories, summary) = try DebianTracker.read(bytes)
        #expect(summary.count == advisories.count)
        #expect(summary.count > 8000)
        #expect(summary.sources > 100)
        #expect(summary.releases == ["bookworm"])
        print("debian tracker: \(summary.count) advisories in \(summary.sources) sources")
    }

    @Test("around every fixed version of the real file: just below is affected, the fix itself is not")
    func everyFixedVersion() async throws {
        guard let bytes = try await Feeds.debianTracker() else { return }
        let (advisories, _) = try DebianTracker.read(bytes)
        var checked = 0
        for advisory in advisories {
            guard case .resolved(let fixed) = advisory.state else { continue }
            func findings(_ version: String) -> [Finding] {
                Matcher.findings(
                    component: MatcherTests.component(version: version, source: advisory.package),
                    advisories: [advisory],
                    kev: { _ in nil },
                    epss: { _ in nil }
                )
            }
            let below = findings(fixed + "~")
            #expect(below.map(\.status) == [.affected], "\(advisory.record) \(fixed)~")
            #expect(below.first?.fixedIn == fixed)
            #expect(findings(fixed).isEmpty, "\(advisory.record) \(fixed)")
            #expect(findings(fixed + "+x").isEmpty, "\(advisory.record) \(fixed)+x")
            checked += 1
        }
        #expect(checked > 8000)
        print("fixed versions matched on both sides: \(checked)")
    }
}
