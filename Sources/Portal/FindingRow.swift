// SPDX-License-Identifier: EUPL-1.2

import Advisories

/// One finding as it stands in the table.
struct FindingRow: Sendable {
    let id: String
    let component: String
    let version: String
    let status: String
    let severity: String
    let source: String?
    let exploited: String?
    let epss: String
    let risk: String
    let riskExplanation: String
    let rule: String
    let record: String

    init(_ finding: Finding, _ texts: Texts, _ language: Language) {
        id = finding.id
        component = finding.componentName
        version = finding.componentVersion
        status = Self.status(finding, texts, language)
        severity = Self.word(finding.severity, texts, language)
        source = finding.severitySource
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

    private static func status(_ finding: Finding, _ texts: Texts, _ language: Language) -> String {
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
