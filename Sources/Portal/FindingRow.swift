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

    /// Most binary packages that one row lists.
    private static let longestList = 50

    init(_ group: AdvisoryGroup, _ texts: Texts, _ language: Language) {
        let finding = group.finding
        id = finding.id
        source = group.sourceName
        version = group.sourceVersion
        packagesTitle = texts.text(.packages, language, count: group.findings.count)
        packages = group.findings.prefix(Self.longestList).map { $0.componentName + " " + $0.componentVersion }
        let rest = group.findings.count - Self.longestList
        morePackages = rest > 0 ? texts.text(.more, language, count: rest) : nil
        status = [
            Self.status(finding, texts, language),
            finding.statement.map { texts.text(.statedBy, language, ["author": $0.author]) } ?? "",
        ].filter { !$0.isEmpty }.joined(separator: ", ")
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
}
