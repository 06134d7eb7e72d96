// SPDX-License-Identifier: EUPL-1.2

public import Advisories
internal import Criteria
public import SBOM

/// What reports add in words to what criteria and findings say of themselves, in both languages; the command line uses them too.
public enum ReportTexts {
    static let criteria = LocalizedText(de: "Kriterien", en: "Criteria")
    static let findings = LocalizedText(de: "Befunde", en: "Findings")
    static let notAssessed = LocalizedText(de: "Nicht abgeglichen", en: "Not assessed")
    static let toDo = LocalizedText(de: "So geht es", en: "How to")
    static let sources = LocalizedText(de: "Quellen", en: "Sources")
    static let settles = LocalizedText(de: "erledigt auch", en: "also settles")
    static let exploited = LocalizedText(de: "ausgenutzt", en: "exploited")
    static let nothingToDo = LocalizedText(de: "Nichts zu tun: höchste Stufe.", en: "Nothing to do: highest level.")
    static let noFindings = LocalizedText(de: "Keine Befunde.", en: "No findings.")
    static let noFindingsInAssessed = LocalizedText(
        de: "Keine Befunde in dem, was bewertet werden konnte.",
        en: "No findings in what could be assessed."
    )
    static let noFeeds = LocalizedText(
        de: "Befunde unbekannt: Es sind keine Sicherheitshinweise geladen.",
        en: "Findings unknown: no advisories are loaded."
    )
    static let disclaimer = LocalizedText(
        de: "Keine Freigabe: über den Einsatz entscheidet die Behörde selbst.",
        en: "Not a release for use: that decision is the authority's own."
    )
    static let columns: [LocalizedText] = [
        LocalizedText(de: "Hinweis", en: "advisory"), LocalizedText(de: "Schwere", en: "severity"),
        LocalizedText(de: "Quellpaket", en: "source package"), LocalizedText(de: "Version", en: "version"),
        LocalizedText(de: "behoben in", en: "fixed in"), LocalizedText(de: "Risiko", en: "risk"),
    ]

    /// "3 components".
    static func components(_ count: Int) -> LocalizedText {
        LocalizedText(
            de: count == 1 ? "1 Komponente" : "\(count) Komponenten",
            en: count == 1 ? "1 component" : "\(count) components"
        )
    }

    static func more(_ count: Int) -> LocalizedText {
        LocalizedText(de: "… und \(count) weitere", en: "… and \(count) more")
    }

    static func findingsTotal(advisories: Int, sources: Int) -> LocalizedText {
        LocalizedText(
            de: "\(advisories) \(advisories == 1 ? "Sicherheitshinweis" : "Sicherheitshinweise") "
                + "in \(sources) \(sources == 1 ? "Quellpaket" : "Quellpaketen")",
            en: "\(advisories) \(advisories == 1 ? "advisory" : "advisories") "
                + "in \(sources) source \(sources == 1 ? "package" : "packages")"
        )
    }

    static func basis(evaluated: String, catalogue: String, validUntil: String?) -> LocalizedText {
        LocalizedText(
            de: "Bewertet \(evaluated), Katalog \(catalogue)" + (validUntil.map { ", gilt längstens bis \($0)" } ?? "")
                + ".",
            en: "Evaluated \(evaluated), catalogue \(catalogue)"
                + (validUntil.map { ", valid until \($0) at the latest" } ?? "")
                + "."
        )
    }

    static func fixedIn(_ version: String) -> LocalizedText {
        LocalizedText(de: "behoben in \(version)", en: "fixed in \(version)")
    }

    static func update(_ package: String, to version: String) -> LocalizedText {
        LocalizedText(de: "Aktualisieren Sie \(package) auf \(version).", en: "Update \(package) to \(version).")
    }

    /// The word for how bad a vulnerability is.
    public static func severity(_ severity: Severity) -> LocalizedText {
        switch severity {
        case .critical: LocalizedText(de: "kritisch", en: "critical")
        case .high: LocalizedText(de: "hoch", en: "high")
        case .medium: LocalizedText(de: "mittel", en: "medium")
        case .low: LocalizedText(de: "gering", en: "low")
        case .negligible: LocalizedText(de: "unerheblich", en: "negligible")
        case .unknown: LocalizedText(de: "unbekannt", en: "unrated")
        }
    }

    /// The words for what a finding says about an image.
    public static func status(_ status: FindingStatus) -> LocalizedText {
        switch status {
        case .affected: LocalizedText(de: "betroffen", en: "affected")
        case .affectedNoFix: LocalizedText(de: "noch keine Korrektur", en: "no fix yet")
        case .affectedWontFix: LocalizedText(de: "keine vorgesehen", en: "no fix planned")
        case .affectedDeferred: LocalizedText(de: "aufgeschoben", en: "fix deferred")
        case .affectedEndOfLife: LocalizedText(de: "nicht mehr gepflegt", en: "end of life")
        case .underInvestigation: LocalizedText(de: "wird untersucht", en: "under investigation")
        case .notAffected: LocalizedText(de: "nicht betroffen", en: "not affected")
        case .fixed: LocalizedText(de: "behoben", en: "fixed")
        case .undetermined: LocalizedText(de: "nicht bestimmbar", en: "undetermined")
        }
    }
}

extension ReportTexts {
    // MARK: - Comparison

    /// Title of what differs from an earlier verdict.
    public static let comparedWithBaseline = LocalizedText(
        de: "Gegenüber dem Vergleichsstand",
        en: "Compared with the baseline"
    )
    static let nothingChanged = LocalizedText(de: "nichts geändert", en: "nothing changed")
    static let new = LocalizedText(de: "neu", en: "new")
    static let gone = LocalizedText(de: "weg", en: "gone")
    static let lost = LocalizedText(de: "nicht mehr abgeglichen", en: "no longer assessed")
    static let changed = LocalizedText(de: "geändert", en: "changed")
    static let worse = LocalizedText(de: "schlechter", en: "worse")
    static let notAsked = LocalizedText(de: "nicht gefragt", en: "not asked")
    static let otherSnapshot = LocalizedText(
        de: "Die Sicherheitshinweise sind andere: Neues kann neues Wissen über ein altes Image sein.",
        en: "The advisories are others: what is new can be new knowledge about an old image."
    )
    static let otherCatalogue = LocalizedText(
        de: "Der Kriterienkatalog ist ein anderer.",
        en: "The catalogue of criteria is another one."
    )

    static func counts(new: Int, gone: Int, changed: Int, lost: Int, worse: Int) -> LocalizedText {
        LocalizedText(
            de: "\(new) neue Befunde, \(gone) weg, \(changed) geändert"
                + (lost > 0 ? ", \(lost) nicht mehr abgeglichen" : "")
                + "; \(worse) \(worse == 1 ? "Kriterium" : "Kriterien") schlechter",
            en: "\(new) new \(new == 1 ? "finding" : "findings"), \(gone) gone, \(changed) changed"
                + (lost > 0 ? ", \(lost) no longer assessed" : "")
                + "; \(worse) \(worse == 1 ? "criterion" : "criteria") worse"
        )
    }

    // MARK: - Difference of two images

    static let components = LocalizedText(de: "Komponenten", en: "Components")
    static let files = LocalizedText(de: "Dateien", en: "Files")
    static let level = LocalizedText(de: "Stufe", en: "Level")
    static let added = LocalizedText(de: "hinzugekommen", en: "added")
    static let removed = LocalizedText(de: "entfernt", en: "removed")
    static let noDifference = LocalizedText(de: "Kein Unterschied.", en: "No difference.")
    static let filesCut = LocalizedText(
        de: "Listen von Dateien sind gekürzt; es kann weitere Unterschiede geben.",
        en: "Lists of files were cut; there can be further differences."
    )

    static func file(_ kind: ImageDifference.FileChange.Kind) -> LocalizedText {
        switch kind {
        case .mode: LocalizedText(de: "Rechte", en: "mode")
        case .owner: LocalizedText(de: "Eigentümer", en: "owner")
        case .modeAndOwner: LocalizedText(de: "Rechte und Eigentümer", en: "mode and owner")
        case .privileged: LocalizedText(de: "neu mit erhöhten Rechten", en: "newly privileged")
        case .unprivileged: LocalizedText(de: "nicht mehr mit erhöhten Rechten", en: "no longer privileged")
        case .worldWritable: LocalizedText(de: "neu für alle schreibbar", en: "newly writable by everybody")
        }
    }
}

extension Report {
    /// "CVE-2026-1 (high, exploited) in openssl 3.0.11 (libssl3, openssl): fixed in 3.0.17".
    func sentence(_ group: AdvisoryGroup) -> String { language.sentence(group) }

    /// "Update openssl 3.0.11 to 3.0.17.", or why that is not possible.
    func fix(_ group: AdvisoryGroup) -> String {
        let package = "\(group.sourceName) \(group.sourceVersion)"
        if let version = group.finding.fixedIn { return language(ReportTexts.update(package, to: version)) }
        return "\(package): \(language(ReportTexts.status(group.finding.status)))."
    }
}

extension ReportLanguage {
    /// "CVE-2026-1 (high, exploited) in openssl 3.0.11 (libssl3, openssl): fixed in 3.0.17".
    func sentence(_ group: AdvisoryGroup) -> String {
        let finding = group.finding
        let marks =
            [self(ReportTexts.severity(finding.severity))] + (finding.kev == nil ? [] : [self(ReportTexts.exploited)])
        var names: [String] = []
        for name in group.findings.map(\.componentName) where !names.contains(name) { names.append(name) }
        let packages = names.prefix(5).joined(separator: ", ") + (names.count > 5 ? ", …" : "")
        let listed = names == [group.sourceName] ? "" : " (\(packages))"
        let subject =
            "\(finding.id) (\(marks.joined(separator: ", "))) in \(group.sourceName) \(group.sourceVersion)\(listed): "
        if finding.status == .affected, let version = finding.fixedIn {
            return subject + self(ReportTexts.fixedIn(version))
        }
        return subject + self(ReportTexts.status(finding.status))
    }

    /// A number with one digit after the point.
    func decimal(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "-" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10)\(self == .de ? "," : ".")\(abs(tenths) % 10)"
    }
}
