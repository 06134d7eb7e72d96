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

    // MARK: - init and fix

    static let projectInitAbstract = LocalizedText(
        de: "Legt an, was einem Projekt fehlt: Richtlinien, Verzeichniseintrag, Lizenz, Pipeline.",
        en: "Creates what a project lacks: policies, directory entry, licence, pipeline."
    )
    static let projectFixAbstract = LocalizedText(
        de: "Wie init, und setzt bei Basis-Images den Digest, für den ihr Tag steht.",
        en: "As init, and names base images by the digest that their tag stands for."
    )
    static let projectInitDiscussion = LocalizedText(
        de:
            "Gibt einen Patch aus, den `git apply` nimmt; mit --write werden die Dateien angelegt. Nichts wird überschrieben. Die Texte sind ein Anfang: Lesen Sie sie, bevor Sie sie einchecken.",
        en:
            "Prints a patch that `git apply` takes; with --write the files are created. Nothing is overwritten. The texts are a beginning: read them before you commit them."
    )
    static let projectDirectory = LocalizedText(
        de: "Arbeitsverzeichnis eines Git-Repositorys.",
        en: "Working tree of a git repository."
    )
    static let projectName = LocalizedText(
        de: "Name des Projekts; sonst der Name des Verzeichnisses.",
        en: "Name of the project; otherwise the directory's name."
    )
    static let projectURL = LocalizedText(
        de: "Adresse des Projekts; sonst die des Remotes origin.",
        en: "Address of the project; otherwise that of the remote origin."
    )
    static let projectContact = LocalizedText(
        de: "E-Mail-Adresse oder https-Adresse, an die Schwachstellen gemeldet werden.",
        en: "E-mail address or https address that vulnerabilities are reported to."
    )
    static let projectOwner = LocalizedText(
        de: "Wem das Urheberrecht zusteht; sonst \"NAME contributors\".",
        en: "Who holds the copyright; otherwise \"NAME contributors\"."
    )
    static let projectWrite = LocalizedText(
        de: "Legt die Dateien an, statt einen Patch auszugeben.",
        en: "Creates the files instead of printing a patch."
    )
    static let projectUncommitted = LocalizedText(
        de: "liegt schon da und ist nicht eingecheckt",
        en: "is there already, and not committed"
    )
    static let projectChanged = LocalizedText(
        de: "ist anders als eingecheckt; erst einchecken",
        en: "differs from what is committed; commit it first"
    )
    static let projectNoRegistry = LocalizedText(
        de: "nennt keine Registry; schreiben Sie docker.io/library/NAME:TAG",
        en: "names no registry; write docker.io/library/NAME:TAG"
    )
    static func projectNeedsDirectory(_ text: String) -> LocalizedText {
        LocalizedText(
            de: "\(text): nur ein Verzeichnis kann geändert werden; klonen Sie das Projekt zuerst",
            en: "\(text): only a directory can be changed; clone the project first"
        )
    }
    static func projectAnswer(_ problem: String) -> LocalizedText {
        LocalizedText(de: "--\(problem)", en: "--\(problem)")
    }
    static func projectLeft(_ text: String) -> LocalizedText {
        LocalizedText(de: "bleibt offen: \(text)", en: "left open: \(text)")
    }
    static func projectLink(_ path: String) -> LocalizedText {
        LocalizedText(
            de: "\(path) ist kein Verzeichnis dieses Projekts; dorthin wird nichts geschrieben",
            en: "\(path) is no directory of this project; nothing is written there"
        )
    }

    // MARK: - The forge

    static let forge = LocalizedText(
        de: "Art der Plattform, die befragt wird: gitlab.",
        en: "Kind of the forge to ask: gitlab."
    )
    static let forgeTokenFile = LocalizedText(
        de: "Datei mit einem Token; das Recht read_api genügt.",
        en: "File with a token; the scope read_api is enough."
    )
    static let forgeURL = LocalizedText(
        de: "Adresse der Plattform; sonst die des Projekts.",
        en: "Address of the forge; otherwise that of the project."
    )
    static let forgeProject = LocalizedText(
        de: "Pfad des Projekts auf der Plattform, GRUPPE/PROJEKT; sonst der seiner Adresse.",
        en: "Path of the project on the forge, GROUP/PROJECT; otherwise that of its address."
    )
    static let forgeMissing = LocalizedText(
        de: "Optionen für eine Plattform ohne --forge; schreiben Sie --forge gitlab dazu",
        en: "options for a forge without --forge; add --forge gitlab"
    )
    static let forgeNeedsToken = LocalizedText(
        de: "--forge braucht --forge-token-file: eine Datei mit einem Token, dessen Recht read_api genügt",
        en: "--forge needs --forge-token-file: a file with a token, for which the scope read_api is enough"
    )
    static let forgeNeedsPlace = LocalizedText(
        de: "wo das Projekt auf der Plattform liegt, ist nicht bekannt; nennen Sie --forge-url und --forge-project",
        en: "where the project lies on the forge is not known; name --forge-url and --forge-project"
    )
    static let projectAsking = LocalizedText(de: "befrage die Plattform …", en: "asking the forge …")
}
