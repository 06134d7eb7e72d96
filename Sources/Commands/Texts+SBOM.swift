// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Texts of `kontor sbom`.
extension Texts {
    static let sbomAbstract = LocalizedText(
        de: "Schreibt die Stückliste eines Images als CycloneDX 1.6.",
        en: "Writes an image's bill of materials as CycloneDX 1.6."
    )
    static let sbomDiscussion = LocalizedText(
        de:
            "kontor sbom IMAGE schreibt die Stückliste eines Images; kontor sbom image --help nennt die Optionen. kontor sbom check DATEI prüft eine, die es schon gibt.",
        en:
            "kontor sbom IMAGE writes the bill of an image; kontor sbom image --help names the options. kontor sbom check FILE looks at one that is there."
    )
    static let sbomCreator = LocalizedText(
        de: "Wer die Stückliste erstellt: \"Name <E-Mail oder URL>\" (KONTOR_SBOM_CREATOR); TR-03183-2 verlangt es.",
        en: "Who makes the bill: \"Name <e-mail or URL>\" (KONTOR_SBOM_CREATOR); TR-03183-2 demands it."
    )
    static func badCreator(_ text: String) -> LocalizedText {
        LocalizedText(
            de:
                "--sbom-creator: \"\(text)\" nennt niemanden mit Adresse; schreiben Sie \"Name <E-Mail>\" oder \"Name <https://…>\"",
            en:
                "--sbom-creator: \"\(text)\" names nobody with an address; write \"Name <e-mail>\" or \"Name <https://…>\""
        )
    }

    // MARK: - Check

    static let sbomCheckAbstract = LocalizedText(
        de: "Prüft eine Stückliste Feld für Feld nach BSI TR-03183-2.",
        en: "Holds a bill of materials against BSI TR-03183-2, field by field."
    )
    static let sbomCheckDiscussion = LocalizedText(
        de:
            "Liest CycloneDX JSON 1.2 bis 1.7, SPDX JSON 2.2 und 2.3 und SPDX JSON-LD 3.0. Exit-Codes: 0 entspricht der Richtlinie; 1 entspricht nicht, oder es ist nicht zu entscheiden; 2 nicht lesbar oder falscher Aufruf.",
        en:
            "Reads CycloneDX JSON 1.2 to 1.7, SPDX JSON 2.2 and 2.3, and SPDX JSON-LD 3.0. Exit codes: 0 conforms; 1 does not, or that cannot be decided; 2 cannot be read, or bad usage."
    )
    static let sbomCheckFile = LocalizedText(
        de: "Stückliste als Datei, oder - für die Standardeingabe; das Format wird am Inhalt erkannt.",
        en: "Bill as a file, or - for standard input; the format is told by the content."
    )
    static let sbomCheckFormat = LocalizedText(
        de: "Ausgabe: text, json oder markdown.",
        en: "Output: text, json or markdown."
    )
    static func inFile(_ path: String, _ reason: LocalizedText) -> LocalizedText {
        LocalizedText(de: "\(path): \(reason.de)", en: "\(path): \(reason.en)")
    }
    static let standardInput = LocalizedText(de: "Standardeingabe", en: "standard input")

    static func conclusion(_ conclusion: TR03183.Conclusion) -> LocalizedText {
        let guideline = "BSI TR-03183-2 \(TR03183.version)"
        return switch conclusion {
        case .conforms: LocalizedText(de: "Entspricht \(guideline)", en: "Conforms to \(guideline)")
        case .doesNotConform:
            LocalizedText(de: "Entspricht \(guideline) nicht", en: "Does not conform to \(guideline)")
        case .undecided:
            LocalizedText(
                de: "Ob sie \(guideline) entspricht, ist nicht zu entscheiden",
                en: "Whether it conforms to \(guideline) cannot be decided"
            )
        }
    }
    static func requirement(_ requirement: TR03183.Requirement) -> LocalizedText {
        switch requirement {
        case .must: LocalizedText(de: "muss", en: "must")
        case .mustIfExists: LocalizedText(de: "muss, wenn vorhanden", en: "must if it exists")
        case .may: LocalizedText(de: "kann", en: "may")
        case .ideally: LocalizedText(de: "idealerweise", en: "ideally")
        }
    }
    static func outcome(_ outcome: TR03183.Outcome) -> LocalizedText {
        switch outcome {
        case .met: LocalizedText(de: "erfüllt", en: "met")
        case .missing: LocalizedText(de: "fehlt", en: "missing")
        case .notApplicable: LocalizedText(de: "nicht anwendbar", en: "not applicable")
        case .unknown: LocalizedText(de: "unbekannt", en: "unknown")
        }
    }
    static func role(_ role: TR03183.Role, count: Int) -> LocalizedText {
        switch role {
        case .delivered:
            LocalizedText(de: "\(count) als Datei ausgeliefert", en: "\(count) delivered as a file")
        case .logical: LocalizedText(de: "\(count) logisch", en: "\(count) logical")
        case .unpacked: LocalizedText(de: "\(count) entpackt", en: "\(count) unpacked")
        case .outside:
            LocalizedText(de: "\(count) außerhalb des Lieferumfangs", en: "\(count) outside the scope of delivery")
        case .undetermined: LocalizedText(de: "\(count) ungeklärt", en: "\(count) undetermined")
        }
    }
    static let field = LocalizedText(de: "Feld", en: "Field")
    static let clause = LocalizedText(de: "Abschnitt", en: "Clause")
    static let demand = LocalizedText(de: "Forderung", en: "Demand")
    static let result = LocalizedText(de: "Ergebnis", en: "Result")
    static let found = LocalizedText(de: "Gefunden", en: "Found")
    static let components = LocalizedText(de: "Komponenten", en: "components")
    static let limitsTitle = LocalizedText(
        de: "Was am Dokument nicht zu sehen ist",
        en: "What cannot be seen in the document"
    )
}
