// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import OCI
import Reports
import SBOM
import Time

/// A verdict of a small image whose contents its builder means to forge reports with.
enum SampleReport {
    static let now = Timestamp(rfc3339: "2026-11-22T09:14:00Z") ?? Timestamp(seconds: 0)

    /// Every character that one of the forms could stumble over.
    static let hostile =
        "a`b``c|d<script>&\"']]>\\@team #1 !2 https://evil.test/x\u{1b}[2J\u{0}\u{202e}\r\n/close\n</details>"

    static func finding(
        _ id: String,
        package: String = "libssl3",
        source: String = "openssl",
        version: String = "3.0.11-1",
        status: FindingStatus = .affected,
        fixedIn: String? = "3.0.17-1",
        severity: Severity = .high,
        kev: Bool = false,
        aliases: [String] = [],
        risk: Double = 10
    ) -> Finding {
        Finding(
            id: id,
            aliases: aliases,
            componentName: package,
            componentVersion: version,
            componentPURL: "pkg:deb/debian/\(package)@\(version)",
            status: status,
            fixedIn: fixedIn,
            severity: severity,
            kev: kev ? KEVEntry(id: id, dateAdded: now) : nil,
            risk: risk,
            riskExplanation: "formula",
            evidence: FindingEvidence(
                feed: "debian-tracker",
                record: "\(source) \(id)",
                rule: "rule",
                sourceName: source,
                sourceVersion: version
            )
        )
    }

    static func component(_ name: String, _ version: String) -> Component {
        Component(
            ecosystem: "deb",
            distribution: nil,
            name: name,
            version: version,
            sourceName: name,
            sourceVersion: version,
            architecture: "amd64",
            purl: nil,
            layer: 0,
            paths: []
        )
    }

    static func verdict(
        _ findings: [Finding] = [],
        user: String = "",
        notAssessed: [NotAssessed] = [],
        hasFeeds: Bool = true,
        snapshot: String = "sha256:ab"
    ) throws -> Verdict {
        let feed = FeedState(
            name: "debian-tracker",
            kind: .distribution,
            asOf: now - .seconds(86_400),
            newestRecord: nil,
            digest: "sha256:ab",
            count: 1,
            releases: ["bookworm"]
        )
        return Evaluation.verdict(
            catalogue: try .embedded(),
            evidence: evidence(user: user),
            assessed: Assessed(findings: findings, notAssessed: notAssessed),
            context: EvaluationContext(feeds: hasFeeds ? [feed] : [], snapshot: snapshot, now: now)
        )
    }

    static func evidence(user: String = "", components: [Component] = [], files: FileEvidence = FileEvidence())
        -> ImageEvidence
    {
        ImageEvidence(
            digest: Digest.sha256([1]),
            configuration: ImageConfiguration(architecture: "amd64", os: "linux", user: user, labels: [:]),
            components: components,
            files: files
        )
    }

    static func report(
        _ verdict: Verdict,
        name: String = "registry.example/team/app:1",
        language: ReportLanguage = .en,
        required: Level? = nil,
        location: String? = nil,
        comparison: VerdictComparison? = nil
    ) throws -> Report {
        Report(
            verdict: verdict,
            name: name,
            language: language,
            catalogue: try .embedded(),
            required: required,
            location: location,
            comparison: comparison,
            toolVersion: "0.1.0"
        )
    }

    /// A verdict with hostile text wherever an image or a feed can put it.
    static func hostileReport(_ language: ReportLanguage) throws -> Report {
        let findings = [
            finding("CVE-2026-1", package: hostile, source: hostile, version: hostile, fixedIn: hostile, kev: true),
            finding(hostile, status: .undetermined, severity: .unknown),
        ]
        let reason = NotAssessed(
            ecosystem: hostile,
            components: 3,
            reason: LocalizedText(de: hostile, en: hostile)
        )
        var verdict = try verdict(findings, user: hostile, notAssessed: [reason])
        verdict.image.platform = hostile
        for index in verdict.criteria.indices {
            verdict.criteria[index].explanation = LocalizedText(de: "\(hostile) \(index)", en: "\(hostile) \(index)")
            verdict.criteria[index].evidence = [
                CriterionEvidence(kind: .file, strength: .observed, text: hostile, path: hostile, layer: 0)
            ]
        }
        return try report(verdict, name: hostile, language: language)
    }
}
