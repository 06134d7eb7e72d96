// SPDX-License-Identifier: EUPL-1.2

import Advisories
import JSON
import SBOM
import Testing
import Time

@Suite("Matcher")
struct MatcherTests {
    static let bookworm = Distribution(id: "debian", versionID: "12", codename: "bookworm")

    static func component(
        version: String,
        source: String = "openssl",
        distribution: Distribution? = bookworm,
        ecosystem: String = "deb"
    ) -> Component {
        Component(
            ecosystem: ecosystem,
            distribution: distribution,
            name: "lib" + source,
            version: version + "+b1",
            sourceName: source,
            sourceVersion: version,
            purl: PackageURL(type: "deb", namespace: "debian", name: "lib" + source, version: version)
        )
    }

    static func advisory(
        _ state: AdvisoryState,
        id: String = "CVE-2024-1234",
        release: String = "bookworm",
        package: String = "openssl",
        urgency: String? = "medium"
    ) -> Advisory {
        Advisory(
            id: id,
            feed: "debian",
            ecosystem: "deb",
            release: release,
            package: package,
            state: state,
            urgency: urgency
        )
    }

    static func match(
        _ advisories: [Advisory],
        _ component: Component,
        kev: [String: KEVEntry] = [:],
        epss: [String: EPSSScore] = [:]
    ) -> [Finding] {
        Matcher.findings(component: component, advisories: advisories, kev: { kev[$0] }, epss: { epss[$0] })
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let state: AdvisoryState
        let version: String
        let status: FindingStatus?
        let fixedIn: String?
        let rule: String
        var testDescription: String { "\(state) installed \(version)" }
    }

    static let cases = [
        Case(
            state: .resolved(fixed: "3.0.17-1"),
            version: "3.0.11-1",
            status: .affected,
            fixedIn: "3.0.17-1",
            rule: "deb source version 3.0.11-1 < 3.0.17-1"
        ),
        Case(
            state: .resolved(fixed: "3.0.17-1"),
            version: "3.0.17-1~deb12u1",
            status: .affected,
            fixedIn: "3.0.17-1",
            rule: "3.0.17-1~deb12u1 < 3.0.17-1"
        ),
        Case(state: .resolved(fixed: "3.0.17-1"), version: "3.0.17-1", status: nil, fixedIn: nil, rule: ""),
        Case(state: .resolved(fixed: "3.0.17-1"), version: "1:1.0-1", status: nil, fixedIn: nil, rule: ""),
        Case(
            state: .resolved(fixed: "1:3.0-1"),
            version: "9.0-1",
            status: .affected,
            fixedIn: "1:3.0-1",
            rule: "9.0-1 < 1:3.0-1"
        ),
        Case(state: .resolved(fixed: "0"), version: "0~", status: nil, fixedIn: nil, rule: ""),
        Case(
            state: .resolved(fixed: "<unfixed>"),
            version: "1",
            status: .undetermined,
            fixedIn: nil,
            rule: "fixed version \"<unfixed>\" cannot be compared"
        ),
        Case(
            state: .resolved(fixed: "3.0"),
            version: "v1",
            status: .undetermined,
            fixedIn: "3.0",
            rule: "installed source version \"v1\" cannot be compared"
        ),
        Case(
            state: .resolved(fixed: "3.0"),
            version: "",
            status: .undetermined,
            fixedIn: "3.0",
            rule: "version string is empty"
        ),
        Case(state: .notAffected, version: "v1", status: nil, fixedIn: nil, rule: ""),
        Case(
            state: .undetermined,
            version: "1",
            status: .undetermined,
            fixedIn: nil,
            rule: "the feed says undetermined"
        ),
        Case(state: .open(reason: nil), version: "1", status: .affectedNoFix, fixedIn: nil, rule: "the feed says open"),
        Case(
            state: .open(reason: nil),
            version: "not a version",
            status: .affectedNoFix,
            fixedIn: nil,
            rule: "the feed says open"
        ),
        Case(state: .open(reason: .noDSA), version: "1", status: .affectedDeferred, fixedIn: nil, rule: "no-dsa"),
        Case(state: .open(reason: .ignored), version: "1", status: .affectedWontFix, fixedIn: nil, rule: "ignored"),
        Case(
            state: .open(reason: .postponed),
            version: "1",
            status: .affectedDeferred,
            fixedIn: nil,
            rule: "postponed"
        ),
        Case(
            state: .open(reason: .endOfLife),
            version: "1",
            status: .affectedEndOfLife,
            fixedIn: nil,
            rule: "end of life"
        ),
    ]

    @Test("gives every state of an advisory its status, with the rule that decided", arguments: cases)
    func status(_ example: Case) throws {
        let findings = Self.match([Self.advisory(example.state)], Self.component(version: example.version))
        guard let status = example.status else {
            #expect(findings.isEmpty)
            return
        }
        let finding = try #require(findings.first)
        #expect(findings.count == 1)
        #expect(finding.status == status)
        #expect(finding.fixedIn == example.fixedIn)
        #expect(finding.evidence.rule.contains(example.rule), "\(finding.evidence.rule)")
        #expect(finding.evidence.record == "openssl CVE-2024-1234 bookworm")
        #expect(finding.evidence.feed == "debian")
        #expect(finding.evidence.sourceName == "openssl")
        #expect(finding.evidence.sourceVersion == example.version)
        #expect(finding.componentName == "libopenssl")
        #expect(finding.severity == .medium)
        #expect(finding.severitySource == "debian")
        #expect(try Finding(json: JSONFields(JSONValue(parsing: finding.json.text()))) == finding)
    }

    @Test("compares the source's version, not the binary's")
    func sourceVersion() {
        let advisory = Self.advisory(.resolved(fixed: "2.0-1"))
        var component = Self.component(version: "1.0-1")
        component.version = "9.0"
        #expect(Self.match([advisory], component).count == 1)
        component.sourceVersion = "2.0-1"
        component.version = "1.0"
        #expect(Self.match([advisory], component).isEmpty)
        component.sourceName = nil
        component.sourceVersion = nil
        component.name = "openssl"
        #expect(Self.match([advisory], component).count == 1)
    }

    @Test("passes over advisories of other packages, releases, distributions and ecosystems")
    func otherSubjects() {
        let open = AdvisoryState.open(reason: nil)
        let component = Self.component(version: "1")
        #expect(Self.match([Self.advisory(open, release: "trixie")], component).isEmpty)
        #expect(Self.match([Self.advisory(open, package: "libopenssl")], component).isEmpty)
        let here = [Self.advisory(open)]
        #expect(Self.match(here, component).count == 1)
        #expect(Self.match(here, Self.component(version: "1", distribution: nil)).isEmpty)
        #expect(
            Self.match(
                here,
                Self.component(
                    version: "1",
                    distribution: Distribution(id: "ubuntu", versionID: "24.04", codename: "bookworm")
                )
            ).isEmpty
        )
        #expect(
            Self.match(
                here,
                Self.component(
                    version: "1",
                    distribution: Distribution(id: "debian", versionID: "13", codename: "trixie")
                )
            ).isEmpty
        )
        #expect(Self.match(here, Self.component(version: "1", ecosystem: "npm")).isEmpty)
        #expect(
            Self.match(here, Self.component(version: "1", distribution: Distribution(id: "debian", versionID: "12")))
                .count == 1
        )
    }

    @Test("gives one finding per vulnerability, in order, and vulnerable outweighs undetermined")
    func onePerVulnerability() {
        let advisories = [
            Self.advisory(.undetermined, id: "CVE-2024-2"), Self.advisory(.open(reason: .ignored), id: "CVE-2024-2"),
            Self.advisory(.undetermined, id: "CVE-2024-2"), Self.advisory(.open(reason: nil), id: "CVE-2024-1"),
        ]
        for _ in 0..<10 {
            let findings = Self.match(advisories.shuffled(), Self.component(version: "1"))
            #expect(findings.map(\.id) == ["CVE-2024-1", "CVE-2024-2"])
            #expect(findings.map(\.status) == [.affectedNoFix, .affectedWontFix])
        }
    }

    @Test("lays exploitation and probability on, and says how the risk came about")
    func risk() throws {
        let id = "CVE-2024-1234"
        let entry = KEVEntry(id: id, dateAdded: Timestamp(seconds: 0), ransomware: true, name: "x", requiredAction: "y")
        let score = EPSSScore(probability: 0.25, percentile: 0.9)
        let advisory = Self.advisory(.open(reason: nil), urgency: "not yet assigned")
        let plain = try #require(Self.match([advisory], Self.component(version: "1"), epss: [id: score]).first)
        #expect(plain.severity == .unknown)
        #expect(plain.severitySource == nil)
        #expect(plain.epss == score)
        #expect(plain.risk == 12.5)
        #expect(plain.riskExplanation == "EPSS 0.25 × severity unrated 0.5 × 100 = 12.5")
        let exploited = try #require(
            Self.match([advisory], Self.component(version: "1"), kev: [id: entry], epss: [id: score]).first
        )
        #expect(exploited.kev == entry)
        #expect(exploited.risk == 55)
        #expect(exploited.riskExplanation == "exploited (KEV) 1 × severity unrated 0.5 × ransomware 1.1 × 100 = 55.0")
        #expect(try Finding(json: JSONFields(JSONValue(parsing: exploited.json.text()))) == exploited)
    }

    @Test(
        "risk is Grype's formula",
        arguments: [
            (.critical, nil, 1.0, 90), (.critical, false, nil, 94.5), (.critical, true, 0.1, 99),
            (.high, true, nil, 82.5),
            (.negligible, false, nil, 5.25), (.low, nil, 0.5, 15), (.medium, nil, nil, 0), (.unknown, nil, 0.5, 25),
            (.medium, nil, 7, 50),
            (.medium, nil, -1, 0),
        ] as [(Severity, Bool?, Double?, Double)]
    )
    func formula(_ severity: Severity, _ ransomware: Bool?, _ probability: Double?, _ value: Double) {
        let risk = Risk(
            severity: severity,
            kev: ransomware.map { KEVEntry(id: "x", dateAdded: Timestamp(seconds: 0), ransomware: $0) },
            epss: probability.map { EPSSScore(probability: $0, percentile: 0) }
        )
        #expect(risk.value == value)
        #expect(risk.explanation.hasSuffix("= \(risk.value)"))
    }

    @Test("severities are ordered, unrated first")
    func severityOrder() {
        #expect(Severity.allCases.sorted() == [.unknown, .negligible, .low, .medium, .high, .critical])
    }

    @Test(
        "advisories, feed states and gaps survive JSON",
        arguments: [
            AdvisoryState.resolved(fixed: "1"), .open(reason: nil), .open(reason: .endOfLife), .notAffected,
            .undetermined,
        ]
    )
    func json(_ state: AdvisoryState) throws {
        let advisory = Self.advisory(state)
        #expect(try Advisory(json: JSONFields(advisory.json)) == advisory)
        let feed = FeedState(
            name: "debian-tracker",
            kind: .distribution,
            asOf: Timestamp(seconds: 1_795_000_000),
            digest: "sha256:00",
            count: 7,
            releases: ["bookworm"]
        )
        #expect(try FeedState(json: JSONFields(feed.json)) == feed)
        let gap = NotAssessed(
            ecosystem: "npm",
            components: 3,
            reason: LocalizedText(de: "kein Feed geladen", en: "no feed loaded")
        )
        #expect(try NotAssessed(json: JSONFields(gap.json)) == gap)
    }

    @Test("a stored record with a word that is not known is refused with its path")
    func unknownWords() throws {
        let finding = try #require(Self.match([Self.advisory(.open(reason: nil))], Self.component(version: "1")).first)
        for key in ["status", "severity"] {
            var members = try #require(finding.json.objectValue)
            members[key] = "whatever"
            let error = #expect(throws: JSONShapeError.self) { try Finding(json: JSONFields(.object(members))) }
            #expect(error?.path == "$." + key)
        }
        var members = try #require(Self.advisory(.open(reason: nil)).json.objectValue)
        members["reason"] = "whatever"
        #expect(throws: JSONShapeError.self) { try Advisory(json: JSONFields(.object(members))) }
    }
}
