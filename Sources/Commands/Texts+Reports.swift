// SPDX-License-Identifier: EUPL-1.2

import Criteria
import SBOM

/// Texts of reports, comparisons and catalogues.
extension Texts {
    // MARK: - Help

    static let reportFormat = LocalizedText(
        de: "Ausgabe: text, json, sarif, markdown, junit oder gitlab-codequality.",
        en: "Output: text, json, sarif, markdown, junit or gitlab-codequality."
    )
    static let diffFormat = LocalizedText(
        de: "Ausgabe: text, json oder markdown.",
        en: "Output: text, json or markdown."
    )
    static let baseline = LocalizedText(
        de:
            "Frühere Ausgabe von --format json; Exit-Code 1, wenn seither ein Befund neu oder ein Kriterium schlechter ist.",
        en: "An earlier --format json output; exit code 1 when a finding is new or a criterion worse since."
    )
    static let failOnNew = LocalizedText(
        de:
            "Ab welcher Schwere neue Befunde Exit-Code 1 ergeben: critical, high, medium, low, any (Standard), none (nur berichten). "
            + "Ausgenutzte zählen immer, unbewertete wie medium.",
        en:
            "From which severity on new findings give exit code 1: critical, high, medium, low, any (default), none (only report). "
            + "Exploited ones always count, unrated ones as medium."
    )
    static let catalogueFile = LocalizedText(
        de: "Eigener Kriterienkatalog statt des gemeinsamen; seine Version steht in der Bewertung.",
        en: "Own catalogue of criteria instead of the common one; the verdict names its version."
    )
    static let location = LocalizedText(
        de: "Datei des eigenen Repositorys, auf die Ergebnisse zeigen, etwa Containerfile; sonst der Name des Images.",
        en: "File of your repository that results point at, such as Containerfile; the image's name otherwise."
    )
    static let diffAbstract = LocalizedText(
        de: "Sagt, worin sich zwei Images unterscheiden: Pakete, Befunde, Dateirechte, Kriterien, Stufen.",
        en: "Says what differs between two images: packages, findings, rights of files, criteria, levels."
    )
    static let diffDiscussion = LocalizedText(
        de: "Exit-Codes: 0, auch wenn sie sich unterscheiden; 2, wenn eines nicht lesbar ist, oder falscher Aufruf.",
        en: "Exit codes: 0, also when they differ; 2 when one of them cannot be read, or bad usage."
    )
    static let criteriaAbstract = LocalizedText(
        de: "Kriterienkataloge ansehen, prüfen und vergleichen.",
        en: "Look at catalogues of criteria, check and compare them."
    )
    static let criteriaListAbstract = LocalizedText(
        de: "Listet die Kriterien: Kennung, Bereich, Stufe, Phase, Titel.",
        en: "Lists the criteria: id, area, level, stage, title."
    )
    static let criteriaShowAbstract = LocalizedText(
        de: "Zeigt ein Kriterium: Texte, Quellen, Parameter und was es entscheidet.",
        en: "Shows a criterion: texts, sources, parameters and what decides it."
    )
    static let criteriaLintAbstract = LocalizedText(
        de: "Prüft eine Katalogdatei; Exit-Code 1 mit Datei und Zeile, wenn sie nicht stimmt.",
        en: "Checks a catalogue's file; exit code 1 with file and line when it is wrong."
    )
    static let criteriaImpactAbstract = LocalizedText(
        de: "Bewertet Images nach dem gemeinsamen und nach einem anderen Katalog und sagt, welche fallen würden.",
        en: "Judges images by the common and by another catalogue, and says which would fall."
    )
    static let criterionID = LocalizedText(de: "Kennung, etwa IMG-SEC-10.", en: "Id, such as IMG-SEC-10.")
    static let catalogueArgument = LocalizedText(de: "Katalogdatei, YAML.", en: "A catalogue's file, YAML.")

    // MARK: - Messages

    static func longerThan(mebibytes: Int) -> LocalizedText {
        LocalizedText(de: "länger als \(mebibytes) MiB", en: "longer than \(mebibytes) MiB")
    }
    static func cannotRead(_ path: String, _ reason: LocalizedText) -> LocalizedText {
        LocalizedText(
            de: "\(path) kann nicht gelesen werden: \(reason.de)",
            en: "\(path) cannot be read: \(reason.en)"
        )
    }
    static func badBaseline(_ path: String, _ reason: String) -> LocalizedText {
        LocalizedText(
            de: "\(path) ist keine Bewertung: \(reason); schreiben Sie eine mit kontor check … --format json",
            en: "\(path) is not a verdict: \(reason); write one with kontor check … --format json"
        )
    }
    static let failOnNewNeedsBaseline = LocalizedText(
        de: "--fail-on-new braucht --baseline DATEI: ohne Vergleichsstand ist nichts neu",
        en: "--fail-on-new needs --baseline FILE: without something to compare with nothing is new"
    )
    static let newSinceBaseline = LocalizedText(
        de: "seit dem Vergleichsstand gibt es Neues, das nicht durchgehen soll (--fail-on-new)",
        en: "there is something new since the baseline that is not to pass (--fail-on-new)"
    )
    static func catalogueVersionTaken(_ path: String, _ version: String) -> LocalizedText {
        LocalizedText(
            de:
                "\(path) ändert den gemeinsamen Katalog \(version), ohne eine eigene Version zu haben; schreiben Sie eine andere unter version",
            en:
                "\(path) changes the common catalogue \(version) without a version of its own; write another one at version"
        )
    }
    static func noCriterion(_ id: String) -> LocalizedText {
        LocalizedText(
            de: "Ein Kriterium \"\(id)\" gibt es nicht; kontor criteria list nennt alle",
            en: "There is no criterion \"\(id)\"; kontor criteria list names them all"
        )
    }

    // MARK: - Catalogue

    static func catalogueFine(_ path: String, _ version: String, count: Int) -> LocalizedText {
        LocalizedText(
            de: "\(path): in Ordnung, Katalog \(version) mit \(count) Kriterien",
            en: "\(path): fine, catalogue \(version) with \(count) criteria"
        )
    }
    static let sources = LocalizedText(de: "Quellen", en: "Sources")
    static let parameters = LocalizedText(de: "Parameter", en: "Parameters")
    static let advice = LocalizedText(de: "So geht es", en: "How to")
    static let notFor = LocalizedText(de: "Gilt nicht für", en: "Not for")
    static let decidedBy = LocalizedText(de: "Entschieden von der Prüfung", en: "Decided by the check")
    static let undecidedYet = LocalizedText(
        de: "Noch von keiner Prüfung entschieden",
        en: "Not decided by any check yet"
    )
    static let casesTitle = LocalizedText(de: "Was herauskommen kann", en: "What can come out")
    static func wouldFall(_ count: Int, of total: Int, from: String, to: String) -> LocalizedText {
        LocalizedText(
            de: "\(count) von \(total) \(total == 1 ? "Image" : "Images") \(count == 1 ? "würde" : "würden") fallen "
                + "(Katalog \(from) → \(to))",
            en: "\(count) of \(total) \(total == 1 ? "image" : "images") would fall (catalogue \(from) → \(to))"
        )
    }
    static let falls = LocalizedText(de: "fällt", en: "falls")
    static let rises = LocalizedText(de: "steigt", en: "rises")
    static let stays = LocalizedText(de: "bleibt", en: "stays")
}
