// SPDX-License-Identifier: EUPL-1.2

import SBOM

extension Texts {
    static let vexAssessAbstract = LocalizedText(
        de: "Bewertet einen Befund eines Images; für die Verwalter seines Namensraums.",
        en: "Assesses a finding of an image; for maintainers of its namespace."
    )
    static let vexAssessDiscussion = LocalizedText(
        de: """
            not_affected braucht eine der fünf Begründungen: component_not_present, vulnerable_code_not_present,
            vulnerable_code_not_in_execute_path, vulnerable_code_cannot_be_controlled_by_adversary,
            inline_mitigations_already_exist. „Keine Korrektur verfügbar“ ist keine. affected braucht --action-statement.
            Die letzte Bewertung desselben Befundes zählt; kontor vex revoke nimmt sie zurück.
            """,
        en: """
            not_affected needs one of the five justifications: component_not_present, vulnerable_code_not_present,
            vulnerable_code_not_in_execute_path, vulnerable_code_cannot_be_controlled_by_adversary,
            inline_mitigations_already_exist. "No fix available" is none. affected needs --action-statement.
            The latest assessment of the same finding counts; kontor vex revoke takes it back.
            """
    )
    static let vexImage = LocalizedText(
        de: "Image auf dem Knoten: REPOSITORY[:TAG|@DIGEST].",
        en: "Image on the node: REPOSITORY[:TAG|@DIGEST]."
    )
    static let vexVulnerability = LocalizedText(
        de: "Schwachstelle: CVE-2024-1234.",
        en: "Vulnerability: CVE-2024-1234."
    )
    static let vexStatus = LocalizedText(
        de: "not_affected, affected, fixed oder under_investigation.",
        en: "not_affected, affected, fixed or under_investigation."
    )
    static let vexJustification = LocalizedText(
        de: "Begründung für not_affected.",
        en: "Justification of not_affected."
    )
    static let vexImpact = LocalizedText(
        de: "Erläuterung der Begründung oder der Wirkung.",
        en: "What explains the justification, or the effect."
    )
    static let vexAction = LocalizedText(
        de: "Was Nutzer des Images tun sollen; für affected.",
        en: "What users of the image shall do; for affected."
    )
    static let vexComponent = LocalizedText(
        de: "purl der Komponente; ohne sie alle, die den Befund haben.",
        en: "Package URL of the component; without it all that have the finding."
    )
    static let vexSource = LocalizedText(
        de: "Quellpaket, dessen Komponenten gemeint sind.",
        en: "Source package whose components are meant."
    )
    static let vexScope = LocalizedText(
        de: "Geltung: image (Voreinstellung), repository oder namespace.",
        en: "How far it reaches: image (default), repository or namespace."
    )
    static let vexExpires = LocalizedText(
        de: "Tag, ab dem sie nicht mehr zählt.",
        en: "Day from which on it no longer counts."
    )
    static let vexStatementsAbstract = LocalizedText(
        de: "Zeigt, was zu den Befunden eines Images gesagt ist, auch was nicht zählt.",
        en: "Shows what is said about the findings of an image, also what does not count."
    )
    static let vexAdoptAbstract = LocalizedText(
        de: "Macht die Aussage anderer zu einem Befund zur eigenen; die Quelle bleibt genannt.",
        en: "Makes another's statement about a finding one's own; its source stays named."
    )
    static let vexStatement = LocalizedText(
        de: "Kennung der Aussage (kontor vex statements).",
        en: "Id of the statement (kontor vex statements)."
    )
    static let vexExportAbstract = LocalizedText(
        de: "Schreibt, was für die Befunde eines Images gilt, als VEX-Dokument.",
        en: "Writes what holds for the findings of an image as a VEX document."
    )
    static let vexForm = LocalizedText(
        de: "--format: openvex (Voreinstellung), csaf oder cyclonedx.",
        en: "--format: openvex (default), csaf or cyclonedx."
    )
    static func vexNotReady(_ image: String) -> LocalizedText {
        LocalizedText(
            de: "\(image) ist noch nicht bewertet; in Kürze noch einmal fragen",
            en: "\(image) has no verdict yet; ask again in a moment"
        )
    }
}
