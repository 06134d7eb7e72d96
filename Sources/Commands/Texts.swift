// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Reports
import SBOM
import Time

/// Every text of the command line in both languages, in one place.
///
/// What the criteria, the findings and the rooms below say comes with them; here is only what the commands themselves add.
enum Texts {
    // MARK: - Help

    static let abstract = LocalizedText(
        de: "Prüft Container-Images, sagt wie gut sie sind und warum, und verteilt sie.",
        en: "Checks container images, says how good they are and why, and serves them."
    )
    static let image = LocalizedText(
        de:
            "registry/name[:tag|@digest], oci:VERZEICHNIS[:TAG|@DIGEST], oci-archive:DATEI, docker-archive:DATEI oder dir:WURZELVERZEICHNIS",
        en: "registry/name[:tag|@digest], oci:DIR[:TAG|@DIGEST], oci-archive:FILE, docker-archive:FILE or dir:ROOTFS"
    )
    static let checkAbstract = LocalizedText(
        de: "Bewertet ein Image nach dem Kriterienkatalog, ohne Server.",
        en: "Judges an image by the catalogue of criteria, without a server."
    )
    static let checkDiscussion = LocalizedText(
        de:
            "Exit-Codes: 0 in Ordnung; 1 unter --require, auch weil etwas unbekannt ist, oder Neues gegenüber --baseline; 2 keine Bewertung möglich oder falscher Aufruf.",
        en:
            "Exit codes: 0 fine; 1 below --require, also because something is unknown, or something new since --baseline; 2 no verdict could be made, or bad usage."
    )
    static let feedsAbstract = LocalizedText(
        de: "Sicherheitshinweise einlesen und ansehen.",
        en: "Import advisories and look at them."
    )
    static let feedsUpdateAbstract = LocalizedText(
        de:
            "Holt Sicherheitshinweise bei ihren Herausgebern und liest ein, was neu ist; auch neben einem laufenden Knoten.",
        en: "Fetches advisories from their publishers and imports what is new; also beside a running node."
    )
    static let feedsUpdateDiscussion = LocalizedText(
        de: "Exit-Codes: 0 alles geholt, auch wenn nichts neu war; 1 nicht alle Quellen; 2 falscher Aufruf.",
        en: "Exit codes: 0 all fetched, also when nothing was new; 1 not all sources; 2 bad usage."
    )
    static let feedsImportAbstract = LocalizedText(
        de: "Liest Sicherheitshinweise aus Dateien und Verzeichnissen ein; auch neben einem laufenden Knoten.",
        en: "Imports advisories from files and trees; also beside a running node."
    )
    static let feedsStatusAbstract = LocalizedText(
        de: "Zeigt, welche Sicherheitshinweise da sind und von wann.",
        en: "Shows which advisories are there and how old they are."
    )
    static let feedsPaths = LocalizedText(
        de: "Dateien oder Verzeichnisse; das Format wird am Inhalt erkannt.",
        en: "Files or trees; the format is told by the content."
    )
    static let serveAbstract = LocalizedText(de: "Startet einen Knoten.", en: "Starts a node.")
    static let versionAbstract = LocalizedText(de: "Nennt die Version.", en: "Names the version.")
    static let data = LocalizedText(
        de: "Datenverzeichnis (KONTOR_DATA); sonst eines je Konto.",
        en: "Data directory (KONTOR_DATA); a per-user one otherwise."
    )
    static let listen = LocalizedText(
        de: "Adresse, auf der der Knoten horcht, HOST:PORT.",
        en: "Address the node listens on, HOST:PORT."
    )
    static let anonymousPull = LocalizedText(
        de: "Ziehen ohne Anmeldung erlauben.",
        en: "Allow pulling without credentials."
    )
    static let nodeName = LocalizedText(de: "Name des Knotens.", en: "Name of the node.")
    static let publicURL = LocalizedText(
        de: "Adresse, unter der andere den Knoten erreichen.",
        en: "Address under which others reach the node."
    )
    static let isPublic = LocalizedText(
        de: "Der Knoten ist öffentlich: Er startet nur mit den Seiten, die der Betrieb schreibt (DIR/pages).",
        en: "The node is for the public: it starts only with the pages that its operator writes (DIR/pages)."
    )
    static let exerciseData = LocalizedText(
        de: "Die Sicherheitshinweise sind Übungsdaten; jede Bewertung sagt es.",
        en: "The advisories are exercise data; every verdict says so."
    )
    static let ageLimit = LocalizedText(
        de:
            "Wie alt Sicherheitshinweise sein dürfen: distribution=7d, exploited=7d, other=30d oder FEED=TAGEd; mehrfach möglich.",
        en: "How old advisories may be: distribution=7d, exploited=7d, other=30d or FEED=DAYSd; may be repeated."
    )
    static let platform = LocalizedText(
        de: "Plattform bei mehreren, etwa linux/arm64; sonst die dieser Maschine.",
        en: "Platform if there are several, such as linux/arm64; this machine's otherwise."
    )
    static let format = LocalizedText(de: "Ausgabe: text oder json.", en: "Output: text or json.")
    static let require = LocalizedText(
        de: "Exit-Code 1 unter dieser Stufe: none, bronze, silver, gold.",
        en: "Exit code 1 below this level: none, bronze, silver, gold."
    )
    static let stage = LocalizedText(de: "Phase: build, published, operated.", en: "Stage: build, published, operated.")
    static let asOfCheck = LocalizedText(
        de: "Bewerten, als wäre dieser Tag (JJJJ-MM-TT).",
        en: "Judge as if today were this day (YYYY-MM-DD)."
    )
    static let asOfImport = LocalizedText(
        de: "Stand von Formaten, die kein Datum tragen (JJJJ-MM-TT).",
        en: "Date of formats that carry none (YYYY-MM-DD)."
    )
    static let lang = LocalizedText(de: "Sprache: de oder en (KONTOR_LANG).", en: "Language: de or en (KONTOR_LANG).")
    static let config = LocalizedText(
        de: "Einstellungsdatei (KONTOR_CONFIG); sonst /etc/kontor/kontor.yaml, wenn es sie gibt.",
        en: "Settings file (KONTOR_CONFIG); else /etc/kontor/kontor.yaml if there is one."
    )
    static let username = LocalizedText(de: "Kontoname für die Registry.", en: "User name for the registry.")
    static let passwordStdin = LocalizedText(
        de: "Passwort von der Standardeingabe lesen.",
        en: "Read the password from standard input."
    )
    static let plainHTTP = LocalizedText(
        de: "Unverschlüsseltes HTTP auch zu anderen Maschinen.",
        en: "Plain HTTP to other machines as well."
    )
    static let output = LocalizedText(
        de: "In diese Datei schreiben statt auf die Standardausgabe.",
        en: "Write to this file instead of standard output."
    )
    static let all = LocalizedText(
        de: "Alle Befunde zeigen, nicht nur die ersten 30.",
        en: "Show all findings, not only the first 30."
    )

    // MARK: - Messages

    static let error = LocalizedText(de: "Fehler", en: "error")
    static let note = LocalizedText(de: "Hinweis", en: "note")
    static func unknownValue(_ name: String, _ value: String, _ allowed: String) -> LocalizedText {
        LocalizedText(
            de: "\(name): \"\(value)\" gibt es nicht; möglich: \(allowed)",
            en: "\(name): there is no \"\(value)\"; choose one of \(allowed)"
        )
    }
    static func badDate(_ name: String, _ value: String) -> LocalizedText {
        LocalizedText(
            de: "\(name): \"\(value)\" ist kein Tag; schreiben Sie JJJJ-MM-TT, etwa 2026-11-22",
            en: "\(name): \"\(value)\" is not a day; write YYYY-MM-DD, such as 2026-11-22"
        )
    }
    static func badListen(_ value: String) -> LocalizedText {
        LocalizedText(
            de:
                "--listen: \"\(value)\" ist keine Adresse; schreiben Sie HOST:PORT, etwa 127.0.0.1:8080 oder [::1]:8080",
            en: "--listen: \"\(value)\" is no address; write HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080"
        )
    }
    static func badPublicURL(_ value: String) -> LocalizedText {
        LocalizedText(
            de: "--public-url: \"\(value)\" ist keine Adresse; schreiben Sie https://HOST, ohne Pfad",
            en: "--public-url: \"\(value)\" is no address; write https://HOST, without a path"
        )
    }
    static func settingsFile(_ path: String, _ reason: LocalizedText) -> LocalizedText {
        LocalizedText(de: "Einstellungsdatei \(path): \(reason.de)", en: "settings file \(path): \(reason.en)")
    }
    static func unknownSetting(_ key: String, _ known: String) -> LocalizedText {
        LocalizedText(
            de: "\"\(key)\" ist keine Einstellung; es gibt: \(known)",
            en: "\"\(key)\" is not a setting; there are: \(known)"
        )
    }
    static func badSetting(_ name: String, _ origin: String, _ expected: String) -> LocalizedText {
        LocalizedText(de: "\(name) (\(origin)) muss \(expected) sein", en: "\(name) (\(origin)) must be \(expected)")
    }
    static let noHome = LocalizedText(
        de: "es ist kein Datenverzeichnis bekannt; nennen Sie eines mit --data oder KONTOR_DATA",
        en: "no data directory is known; name one with --data or KONTOR_DATA"
    )
    static let passwordNeedsUser = LocalizedText(
        de: "--username und --password-stdin gehören zusammen",
        en: "--username and --password-stdin belong together"
    )
    static let passwordEmpty = LocalizedText(
        de: "auf der Standardeingabe steht kein Passwort",
        en: "standard input holds no password"
    )
    static let cannotServe = LocalizedText(
        de: "dieses Programm enthält keinen Knoten",
        en: "this program holds no node"
    )
    static func noFeeds(_ path: String) -> LocalizedText {
        LocalizedText(
            de:
                "in \(path) sind keine Sicherheitshinweise; was auf ihnen beruht, bleibt unbekannt (kontor feeds import PFAD… --data VERZEICHNIS)",
            en:
                "there are no advisories in \(path); what rests on them stays unknown (kontor feeds import PATH… --data DIR)"
        )
    }
    static func cannotWrite(_ path: String, _ reason: String) -> LocalizedText {
        LocalizedText(
            de: "\(path) kann nicht geschrieben werden: \(reason)",
            en: "\(path) cannot be written: \(reason)"
        )
    }
    static func noReleases(_ reason: String) -> LocalizedText {
        LocalizedText(
            de: "Ende der Unterstützung von Distributionen unbekannt: \(reason) (Paket distro-info-data)",
            en: "end of support of distributions unknown: \(reason) (package distro-info-data)"
        )
    }
    static let opening = LocalizedText(de: "Image öffnen …", en: "opening the image …")
    static let analysing = LocalizedText(de: "Image lesen …", en: "reading the image …")
    static let assessing = LocalizedText(de: "Sicherheitshinweise abgleichen …", en: "matching advisories …")
    static func pulling(_ number: Int, _ total: Int, _ megabytes: Int64) -> LocalizedText {
        LocalizedText(
            de: "Schicht \(number) von \(total) ziehen (\(megabytes) MB) …",
            en: "pulling layer \(number) of \(total) (\(megabytes) MB) …"
        )
    }

    // MARK: - Verdict

    static let nothingToDo = LocalizedText(de: "Nichts zu tun: höchste Stufe.", en: "Nothing to do: highest level.")
    static func stepsTo(_ level: LocalizedText, count: Int) -> LocalizedText {
        LocalizedText(
            de: "\(count) \(count == 1 ? "Schritt" : "Schritte") bis \(level.de)",
            en: "\(count) \(count == 1 ? "step" : "steps") to \(level.en.lowercased())"
        )
    }
    static func undecided(_ count: Int, _ level: LocalizedText) -> LocalizedText {
        LocalizedText(
            de:
                "\(count) davon entscheidet diese Version noch nicht. \(level.de) ist deshalb erst mit einer späteren Version "
                + "erreichbar.",
            en: "This version does not decide \(count) of them yet. \(level.en) can therefore be reached with a later "
                + "version only."
        )
    }
    static let usefulAlready = LocalizedText(de: "schon jetzt sinnvoll", en: "useful already")
    static let seen = LocalizedText(de: "gesehen", en: "seen")
    static let toDo = LocalizedText(de: "so geht es", en: "how to")
    static let settles = LocalizedText(de: "erledigt auch", en: "also settles")
    static func more(_ count: Int) -> LocalizedText {
        LocalizedText(de: "und \(count) weitere", en: "and \(count) more")
    }
    static func moreFindings(_ count: Int) -> LocalizedText {
        LocalizedText(
            de: count == 1
                ? "… und 1 weitere Zeile; --all zeigt alle" : "… und \(count) weitere Zeilen; --all zeigt alle",
            en: count == 1 ? "… and 1 more line; --all shows all" : "… and \(count) more lines; --all shows all"
        )
    }
    static let criteria = LocalizedText(de: "Kriterien", en: "Criteria")
    static func counts(pass: Int, fail: Int, notApplicable: Int, unknown: Int, open: Int) -> LocalizedText {
        LocalizedText(
            de:
                "\(pass) erfüllt, \(fail) nicht erfüllt, \(unknown) unbekannt, \(notApplicable) nicht anwendbar, \(open) in späterer Phase",
            en:
                "\(pass) passed, \(fail) failed, \(unknown) unknown, \(notApplicable) not applicable, \(open) at a later stage"
        )
    }
    static let findings = LocalizedText(de: "Befunde", en: "Findings")
    static func findingsTotal(advisories: Int, sources: Int, packages: Int) -> LocalizedText {
        LocalizedText(
            de: "\(advisories) \(advisories == 1 ? "Sicherheitshinweis betrifft" : "Sicherheitshinweise betreffen") "
                + "\(sources) \(sources == 1 ? "Quellpaket" : "Quellpakete") "
                + "(\(packages) \(packages == 1 ? "Paket" : "Pakete"))",
            en: "\(advisories) \(advisories == 1 ? "advisory affects" : "advisories affect") "
                + "\(sources) source \(sources == 1 ? "package" : "packages") "
                + "(\(packages) \(packages == 1 ? "package" : "packages"))"
        )
    }
    static func exploitedTotal(_ count: Int) -> LocalizedText {
        LocalizedText(
            de: count == 1 ? "1 davon wird ausgenutzt" : "\(count) davon werden ausgenutzt",
            en: "\(count) of them \(count == 1 ? "is" : "are") exploited"
        )
    }
    static func severity(_ severity: Severity) -> LocalizedText { ReportTexts.severity(severity) }
    static func status(_ status: FindingStatus) -> LocalizedText { ReportTexts.status(status) }
    static let noFindings = LocalizedText(de: "keine", en: "none")
    static let noFindingsInAssessed = LocalizedText(
        de: "keine in dem, was bewertet werden konnte",
        en: "none in what could be assessed"
    )
    static let noFindingsWithoutFeeds = LocalizedText(
        de: "unbekannt: Es sind keine Sicherheitshinweise geladen (kontor feeds import PFAD… --data VERZEICHNIS)",
        en: "unknown: no advisories are loaded (kontor feeds import PATH… --data DIRECTORY)"
    )
    static let columns: [LocalizedText] = [
        LocalizedText(de: "Hinweis", en: "advisory"), LocalizedText(de: "", en: ""),
        LocalizedText(de: "Schwere", en: "severity"), LocalizedText(de: "Quellpaket", en: "source package"),
        LocalizedText(de: "Pakete", en: "packages"), LocalizedText(de: "behoben in", en: "fixed in"),
        LocalizedText(de: "Risiko", en: "risk"),
    ]
    static let exploited = LocalizedText(de: "ausgenutzt", en: "exploited")
    static let notAssessed = LocalizedText(de: "Nicht abgeglichen", en: "Not assessed")
    static func components(_ count: Int) -> LocalizedText {
        LocalizedText(
            de: count == 1 ? "1 Komponente" : "\(count) Komponenten",
            en: count == 1 ? "1 component" : "\(count) components"
        )
    }
    static let feeds = LocalizedText(de: "Sicherheitshinweise", en: "Advisories")
    static let noFeedsShort = LocalizedText(de: "keine", en: "none")
    static func feedLine(date: LocalizedText, newest: LocalizedText?, count: Int) -> LocalizedText {
        LocalizedText(
            de: "Stand \(date.de)" + (newest.map { ", neuester Eintrag \($0.de)" } ?? "")
                + ", \(count) \(count == 1 ? "Eintrag" : "Einträge")",
            en: "as of \(date.en)" + (newest.map { ", newest record \($0.en)" } ?? "")
                + ", \(count) \(count == 1 ? "record" : "records")"
        )
    }
    /// The line of `kontor feeds`, whose dates scripts read.
    static func feedLine(date: String, newest: String?, count: Int) -> LocalizedText {
        feedLine(
            date: LocalizedText(de: date, en: date),
            newest: newest.map { LocalizedText(de: $0, en: $0) },
            count: count
        )
    }
    static func exercise(_ dates: String) -> LocalizedText {
        LocalizedText(
            de: dates.isEmpty
                ? "Übungsdaten, ohne Sicherheitshinweise" : "Übungsdaten, Sicherheitshinweise vom \(dates)",
            en: dates.isEmpty ? "Exercise data, no advisories" : "Exercise data, advisories as of \(dates)"
        )
    }
    static func evaluated(_ instant: Timestamp) -> LocalizedText {
        LocalizedText(
            de: "bewertet am \(Language.de.dateTime(instant))",
            en: "evaluated on \(Language.en.dateTime(instant))"
        )
    }
    static func validUntil(_ instant: Timestamp) -> LocalizedText {
        LocalizedText(
            de: "gilt längstens bis \(Language.de.dateTime(instant))",
            en: "valid until \(Language.en.dateTime(instant)) at the latest"
        )
    }
    static func catalogue(_ version: String) -> LocalizedText {
        LocalizedText(de: "Katalog \(version)", en: "catalogue \(version)")
    }
    static let disclaimer = LocalizedText(
        de: "Keine Freigabe: über den Einsatz entscheidet die Behörde selbst.",
        en: "Not a release for use: that decision is the authority's own."
    )
    static func below(_ level: String, _ wanted: String) -> LocalizedText {
        LocalizedText(
            de: "\(level) liegt unter der verlangten Stufe \(wanted)",
            en: "\(level) is below the required level \(wanted)"
        )
    }

    // MARK: - Verdict of a node

    static let verdictAbstract = LocalizedText(
        de: "Fragt einen Knoten nach der Bewertung eines Images und wartet, bis sie da ist.",
        en: "Asks a node for the verdict of an image, and waits until it is there."
    )
    static let imageOnNode = LocalizedText(
        de: "Image auf einem Knoten: HOST[:PORT]/name[:tag|@digest].",
        en: "Image on a node: HOST[:PORT]/name[:tag|@digest]."
    )
    static let wait = LocalizedText(
        de: "Wie lange gewartet wird, in Sekunden (höchstens 86400).",
        en: "How long to wait, in seconds (at most 86400)."
    )
    static let waiting = LocalizedText(de: "Der Knoten prüft noch", en: "The node is still looking")
    static func badWait(_ text: String) -> LocalizedText {
        LocalizedText(
            de: "--wait \(text): erwartet Sekunden von 0 bis 86400",
            en: "--wait \(text): expected seconds from 0 to 86400"
        )
    }
    static func notOnNode(_ image: String) -> LocalizedText {
        LocalizedText(
            de:
                "\(image) nennt kein Image auf einem Knoten (HOST[:PORT]/name[:tag|@digest]); lokale Images bewertet kontor check",
            en: "\(image) names no image on a node (HOST[:PORT]/name[:tag|@digest]); kontor check judges local images"
        )
    }
    static func notReady(_ image: String, _ seconds: Int) -> LocalizedText {
        LocalizedText(
            de:
                "\(image): nach \(seconds) Sekunden gibt es noch keine Bewertung; später erneut fragen, oder --wait verlängern",
            en: "\(image): there is no verdict after \(seconds) seconds; ask again later, or make --wait longer"
        )
    }

    // MARK: - Feeds

    static let feedSource = LocalizedText(
        de:
            "Adresse eines Feeds statt der eingebauten (KONTOR_FEED_SOURCE, durch Leerzeichen getrennt); mehrfach möglich.",
        en: "Address of a feed instead of the built-in ones (KONTOR_FEED_SOURCE, separated by spaces); may be repeated."
    )
    static let proxy = LocalizedText(
        de: "Proxy, http://HOST:PORT (KONTOR_PROXY); sonst HTTPS_PROXY; NO_PROXY gilt für beide.",
        en: "Proxy, http://HOST:PORT (KONTOR_PROXY); HTTPS_PROXY otherwise; NO_PROXY holds for both."
    )
    static let caFile = LocalizedText(
        de: "PEM-Datei mit Zertifikaten, denen zusätzlich vertraut wird (KONTOR_CA_FILE).",
        en: "PEM file with certificates that are trusted as well (KONTOR_CA_FILE)."
    )
    static let failWhenOld = LocalizedText(
        de: "Exit-Code 1, wenn etwas älter ist als seine Grenze oder nichts da ist.",
        en: "Exit code 1 when anything is older than its limit, or nothing is there."
    )
    static func fetched(_ bytes: Int64) -> LocalizedText {
        LocalizedText(de: "geholt (\(bytes) Byte)", en: "fetched (\(bytes) bytes)")
    }
    static let unchanged = LocalizedText(de: "unverändert", en: "unchanged")
    static func fetching(_ count: Int) -> LocalizedText {
        LocalizedText(de: "\(count) Quellen werden gefragt", en: "asking \(count) sources")
    }
    static let importing = LocalizedText(de: "Sicherheitshinweise werden eingelesen", en: "importing advisories")
    static func nothingNew(_ count: Int) -> LocalizedText {
        LocalizedText(
            de: count == 1
                ? "nichts Neues: die Quelle ist unverändert" : "nichts Neues: alle \(count) Quellen sind unverändert",
            en: count == 1 ? "nothing new: the source is unchanged" : "nothing new: all \(count) sources are unchanged"
        )
    }
    static func olderThanBefore(_ name: String, _ date: String, before: String) -> LocalizedText {
        LocalizedText(
            de: "\(name) ist jetzt von \(date), vorher von \(before): Die Quelle liefert Älteres",
            en: "\(name) is now of \(date), before of \(before): the source serves older data"
        )
    }
    static func feedStatus(
        _ name: String,
        _ line: LocalizedText,
        age: LocalizedText,
        limit: Duration,
        isTooOld: Bool
    ) -> LocalizedText {
        let hours = limit.components.seconds / 3600
        let (de, en) = hours % 24 == 0 ? ("\(hours / 24) Tage", "\(hours / 24) days") : ("\(hours) h", "\(hours) h")
        return LocalizedText(
            de: "\(name): \(line.de), \(age.de) (Grenze \(de))" + (isTooOld ? ": ZU ALT" : ""),
            en: "\(name): \(line.en), \(age.en) (limit \(en))" + (isTooOld ? ": TOO OLD" : "")
        )
    }
    static let imported = LocalizedText(de: "eingelesen", en: "imported")
    static let kept = LocalizedText(de: "behalten", en: "kept")
    static let skipped = LocalizedText(de: "übergangen", en: "skipped")
    static let passedOver = LocalizedText(de: "ausgelassen", en: "passed over")
    static let refused = LocalizedText(de: "abgelehnt", en: "refused")
    static func snapshot(_ id: String, switched: Bool) -> LocalizedText {
        LocalizedText(
            de: switched ? "Snapshot \(id) gilt jetzt" : "Snapshot \(id) galt schon",
            en: switched ? "snapshot \(id) is now current" : "snapshot \(id) was current already"
        )
    }
    static func noSnapshot(_ path: String) -> LocalizedText {
        LocalizedText(de: "in \(path) sind keine Sicherheitshinweise", en: "there are no advisories in \(path)")
    }
    static func age(_ days: Int64) -> LocalizedText {
        LocalizedText(
            de: days == 1 ? "1 Tag alt" : "\(days) Tage alt",
            en: days == 1 ? "1 day old" : "\(days) days old"
        )
    }
}
