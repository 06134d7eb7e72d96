// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Texts of `kontor project`.
extension Texts {
    static let projectAbstract = LocalizedText(
        de: "Bewertet Quellprojekte und legt an, was ihnen fehlt.",
        en: "Judges source projects and creates what they lack."
    )
    static let projectCheckAbstract = LocalizedText(
        de: "Bewertet ein Git-Repository nach einem Kriterienkatalog.",
        en: "Judges a git repository by a catalogue of criteria."
    )
    static let projectCheckDiscussion = LocalizedText(
        de:
            "Gelesen wird der letzte Commit des aktuellen Branches, ohne etwas auszuchecken oder auszuführen; was nicht eingecheckt ist, zählt nicht. Was nur eine Plattform weiß, ist ohne --forge unbekannt. Exit-Codes: 0 in Ordnung; 1 unter --require, auch weil etwas unbekannt ist; 2 keine Bewertung möglich oder falscher Aufruf.",
        en:
            "The last commit of the current branch is read; nothing is checked out or run, and what is not committed does not count. What only a forge knows is unknown without --forge. Exit codes: 0 fine; 1 below --require, also because something is unknown; 2 no verdict could be made, or bad usage."
    )
    static let project = LocalizedText(
        de: "Verzeichnis mit einem Git-Repository, oder https://-Adresse eines Repositorys.",
        en: "Directory with a git repository, or https:// address of a repository."
    )
    static let projectCatalogue = LocalizedText(
        de: "Katalog: projects-2026.1 oder opencode.",
        en: "Catalogue: projects-2026.1 or opencode."
    )
    static let projectFormat = LocalizedText(
        de: "Form der Ausgabe: text, json, markdown.",
        en: "Form of the output: text, json, markdown."
    )
    static let projectSkipHistory = LocalizedText(
        de: "Sucht nicht in früheren Commits nach Geheimnissen; dann ist höchstens Bronze zu erreichen.",
        en: "Does not look for secrets in earlier commits; then at most bronze can be reached."
    )
    static let projectReading = LocalizedText(de: "lese das Repository …", en: "reading the repository …")
}
