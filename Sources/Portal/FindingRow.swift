// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria

/// One advisory about one source package as it stands in the table; its binary packages are folded.
struct FindingRow: Sendable {
    let id: String
    let source: String
    let version: String
    let packagesTitle: String
    let packages: [String]
    let morePackages: String?
    let status: String
    let severity: String
    let severitySource: String?
    let exploited: String?
    let epss: String
    let risk: String
    let riskExplanation: String
    let rule: String
    let record: String
    /// Where all that is said about it stands; nil for whoever did not sign in.
    let triageHref: String?
    let triageLabel: String

    /// Most binary packages that one row lists where all findings stand.
    static let longestList = 50

    /// - Parameters:
    ///   - image: whose finding it is; nil for whoever did not sign in.
    ///   - most: binary packages that are listed at most.
    init(
        _ group: AdvisoryGroup,
        of image: String?,
        packages most: Int = longestList,
        _ texts: Texts,
        _ language: Language
    ) {
        let finding = group.finding
        id = finding.id
        source = group.sourceName
        version = group.sourceVersion
        packagesTitle = texts.text(.packages, language, count: group.findings.count)
        packages = group.findings.prefix(most).map { $0.componentName + " " + $0.componentVersion }
        let rest = group.findings.count - most
        morePackages = rest > 0 ? texts.text(.more, language, count: rest) : nil
        status = Self.stated(finding, texts, language)
        triageHref = image.map {
            TriagePage.address($0, vulnerability: finding.id, source: group.sourceName)
        }
        triageLabel = texts.text(.triageTitle, language, ["id": finding.id, "source": group.sourceName])
        severity = Self.word(finding.severity, texts, language)
        severitySource = finding.severitySource
        exploited = finding.kev == nil ? nil : texts.text(.exploited, language)
        epss = finding.epss.map { language.decimal($0.probability * 100) + "\u{A0}%" } ?? "–"
        risk = language.decimal(finding.risk)
        riskExplanation = finding.riskExplanation
        rule = finding.evidence.rule
        record = finding.evidence.record
    }

    static func word(_ severity: Severity, _ texts: Texts, _ language: Language) -> String {
        let key: TextKey =
            switch severity {
            case .critical: .severityCritical
            case .high: .severityHigh
            case .medium: .severityMedium
            case .low: .severityLow
            case .negligible: .severityNegligible
            case .unknown: .severityUnknown
            }
        return texts.text(key, language)
    }

    /// What holds, and whose word it is.
    static func stated(_ finding: Finding, _ texts: Texts, _ language: Language) -> String {
        var parts = [status(finding, texts, language)]
        if let said = finding.statement {
            let values = [
                "author": said.author, "source": said.adoptedFrom ?? "", "signer": said.importedBy,
                "date": said.timestamp.map { language.date($0) } ?? "–",
            ]
            let key: TextKey =
                switch said.origin {
                case .imported: .statedBy
                case .assessed: .assessedBy
                case .adopted: .adoptedBy
                case .attested: .attestedBy
                }
            parts.append(texts.text(key, language, values))
            if said.inheritedFrom != nil { parts.append(texts.text(.inherited, language)) }
        }
        return parts.filter { !$0.isEmpty }.joined(separator: ", ")
    }

    static func status(_ finding: Finding, _ texts: Texts, _ language: Language) -> String {
        let key: TextKey =
            switch finding.status {
            case .affected: finding.fixedIn == nil ? .affectedWithFix : .affected
            case .affectedNoFix: .affectedNoFix
            case .affectedWontFix: .affectedWontFix
            case .affectedDeferred: .affectedDeferred
            case .affectedEndOfLife: .affectedEndOfLife
            case .underInvestigation: .underInvestigation
            case .notAffected: .notAffected
            case .fixed: .fixed
            case .undetermined: .undetermined
            }
        return texts.text(key, language, ["version": finding.fixedIn ?? ""])
    }

    /// How many, how bad, how many exploited; without a finding, what that rests on.
    static func summary(
        _ verdict: Verdict,
        _ advisories: [AdvisoryGroup],
        _ texts: Texts,
        _ language: Language
    ) -> String {
        guard !advisories.isEmpty else {
            return texts.text(verdict.feeds.isEmpty ? .findingsNoneUnknown : .findingsNone, language)
        }
        // One advisory can affect several source packages; it is counted once, by its worst group.
        var seen: Set<String> = []
        let distinct = advisories.filter { seen.insert($0.finding.id).inserted }
        var counts: [Severity: Int] = [:]
        for group in distinct { counts[group.finding.severity, default: 0] += 1 }
        let severities = counts.sorted { $0.key > $1.key }
            .map { "\(language.number($0.value)) \(word($0.key, texts, language))" }
        let summary = texts.text(
            .findingsSummary,
            language,
            count: distinct.count,
            [
                "severities": severities.joined(separator: ", "),
                "sources": texts.text(.sourcePackages, language, count: Set(advisories.map(\.sourceName)).count),
            ]
        )
        let exploited = distinct.count { $0.finding.kev != nil }
        return exploited == 0 ? summary : summary + " " + texts.text(.exploitedCount, language, count: exploited)
    }
}
