// SPDX-License-Identifier: EUPL-1.2

import SBOM

extension Texts {
    static let affectedAbstract = LocalizedText(
        de: "Nennt Images und Produkte, die von etwas betroffen sind, mit Organisation und wer sie zog.",
        en: "Names the images and products that are affected by something, with organisation and who pulled them."
    )
    static let affectedDiscussion = LocalizedText(
        de: """
            Fragen: CVE-2021-44228 · GHSA-jfh8-c2jp-5v3q · pkg:maven/org.apache.logging.log4j/log4j-core@<2.15 ·
            pkg:deb/debian/openssl@>=3.0.0,<3.0.11-1 · sha256:… · base:sha256:… · file:sha256:… · path:/usr/bin/xz
            Ein Digest, den kein Image hat, gilt als Hash einer Datei. Dateien werden auch in Schichten gefunden, deren
            Dateien eine spätere verdeckt: Sie lassen sich mit dem Image herunterladen.
            Die Antwort ist TLP:AMBER und enthält nur, was das Konto sehen darf.
            """,
        en: """
            Questions: CVE-2021-44228 · GHSA-jfh8-c2jp-5v3q · pkg:maven/org.apache.logging.log4j/log4j-core@<2.15 ·
            pkg:deb/debian/openssl@>=3.0.0,<3.0.11-1 · sha256:… · base:sha256:… · file:sha256:… · path:/usr/bin/xz
            A digest that no image has is taken for a file's hash. Files are found also where a later layer hides them:
            they can be downloaded with the image.
            The answer is TLP:AMBER and holds only what the account may see.
            """
    )
    static let affectedQuestion = LocalizedText(
        de: "Schwachstelle, Paket mit Versionsbereich, Digest, base:DIGEST, file:DIGEST oder path:PFAD.",
        en: "Vulnerability, package with a range of versions, digest, base:DIGEST, file:DIGEST or path:PATH."
    )
    static let advisoryAbstract = LocalizedText(
        de: "Eigene Sicherheitshinweise des Betreibers: Sie treffen sofort.",
        en: "Advisories that the operator wrote: they match at once."
    )
    static let advisoryPublishAbstract = LocalizedText(
        de: "Nimmt einen eigenen Hinweis auf (OSV); ein früherer dieses Namens zählt nicht mehr.",
        en: "Takes an advisory in (OSV); a former one of its name counts no more."
    )
    static let advisoryListAbstract = LocalizedText(de: "Listet eigene Hinweise.", en: "Lists them.")
    static let advisoryWithdrawAbstract = LocalizedText(
        de: "Nimmt einen eigenen Hinweis zurück.",
        en: "Takes one back."
    )
    static let advisoryFile = LocalizedText(de: "OSV-Datensatz (JSON).", en: "OSV record (JSON).")
    static let advisoryTLP = LocalizedText(
        de: "Wer es erfahren darf; Voreinstellung TLP:AMBER.",
        en: "Who may be told; TLP:AMBER by default."
    )
    static let advisoryExpires = LocalizedText(
        de: "Tag, ab dem er nicht mehr zählt.",
        en: "Day from which on it no longer counts."
    )
    static let advisoryHashes = LocalizedText(
        de: "Datei mit SHA-256-Hashes betroffener Dateien, einer je Zeile, wie sha256sum sie schreibt.",
        en: "File with SHA-256 hashes of affected files, one a line, as sha256sum writes them."
    )
    static func advisoryHash(_ line: Int) -> LocalizedText {
        LocalizedText(
            de: "Zeile \(line) beginnt nicht mit einem SHA-256 aus 64 Hexadezimalziffern",
            en: "line \(line) does not begin with a SHA-256 of 64 hexadecimal digits"
        )
    }
    static let advisoryNumber = LocalizedText(
        de: "Nummer (kontor advisory list).",
        en: "Number (kontor advisory list)."
    )
    static let vexAbstract = LocalizedText(
        de: "Was zu Schwachstellen gesagt ist: VEX-Dokumente auf einem Knoten.",
        en: "What is said about vulnerabilities: VEX documents on a node."
    )
    static let vexImportAbstract = LocalizedText(
        de: "Nimmt VEX-Dokumente auf (OpenVEX, CSAF 2.0, CycloneDX).",
        en: "Takes VEX documents in (OpenVEX, CSAF 2.0, CycloneDX)."
    )
    static let vexListAbstract = LocalizedText(de: "Listet VEX-Dokumente.", en: "Lists VEX documents.")
    static let vexRevokeAbstract = LocalizedText(
        de: "Beendet ein VEX-Dokument: Seine Aussagen zählen nicht mehr.",
        en: "Ends a VEX document: its words count no more."
    )
    static let vexFile = LocalizedText(de: "VEX-Dokument (JSON).", en: "VEX document (JSON).")
    static let vexNamespace = LocalizedText(
        de: "Namensraum, in dem es zählt; ohne ihn auf dem ganzen Knoten, das dürfen Operatoren.",
        en: "Namespace in which it counts; without one on the whole node, which is for operators."
    )
    static let vexNumber = LocalizedText(
        de: "Nummer des Dokuments (kontor vex list).",
        en: "Number of the document (kontor vex list)."
    )
    static func vexRefused(_ place: String, de: String, en: String) -> LocalizedText {
        LocalizedText(de: "nicht übernommen, \(place): \(de)", en: "not taken, \(place): \(en)")
    }
    static let smtp = LocalizedText(
        de: "Mailserver für Betroffenheitshinweise, HOST:PORT; gehört zu --smtp-from.",
        en: "Mail server for notices, HOST:PORT; belongs to --smtp-from."
    )
    static let smtpSecurity = LocalizedText(
        de: "Schutz der Verbindung: starttls (Voreinstellung), tls oder plain (unverschlüsselt).",
        en: "Protection of the connection: starttls (default), tls, or plain (not encrypted)."
    )
    static let smtpFrom = LocalizedText(
        de: "Absender, eine Funktionsadresse.",
        en: "Sender, a function address."
    )
    static let smtpUsername = LocalizedText(de: "Name am Mailserver.", en: "Name at the mail server.")
    static let smtpCA = LocalizedText(
        de: "Zertifikate (PEM), denen beim Mailserver vertraut wird.",
        en: "Certificates (PEM) that are trusted at the mail server."
    )
    static let webhookAllow = LocalizedText(
        de: "Internes Ziel, an das Webhooks dürfen (mehrfach); sonst nur öffentliche Adressen.",
        en: "Internal place that webhooks may go to (several times); public addresses only otherwise."
    )
    static let smtpNeedsFrom = LocalizedText(
        de: "--smtp und --smtp-from gehören zusammen",
        en: "--smtp and --smtp-from belong together"
    )
    static let noticeAbstract = LocalizedText(
        de: "Betroffenheitshinweise: wen etwas betrifft, wer es weiß, wer geantwortet hat.",
        en: "Notices: whom something concerns, who was told, who answered."
    )
    static let noticeDraftAbstract = LocalizedText(
        de: "Nennt alle, die es betrifft; gesendet wird nichts.",
        en: "Names everybody whom it concerns; nothing is sent."
    )
    static let noticeSendAbstract = LocalizedText(
        de: "Sendet einen Betroffenheitshinweis.",
        en: "Sends a notice."
    )
    static let noticeListAbstract = LocalizedText(de: "Listet Betroffenheitshinweise.", en: "Lists notices.")
    static let noticeShowAbstract = LocalizedText(de: "Zeigt, wer geantwortet hat.", en: "Shows who answered.")
    static let noticeWithdrawAbstract = LocalizedText(
        de: "Nimmt einen Betroffenheitshinweis zurück; genau die früheren Empfänger erfahren es.",
        en: "Withdraws a notice; exactly the former recipients learn it."
    )
    static let noticeWhatDe = LocalizedText(de: "Worum es geht, auf Deutsch.", en: "What it is about, in German.")
    static let noticeWhatEn = LocalizedText(de: "Worum es geht, auf Englisch.", en: "What it is about, in English.")
    static let noticeMeasureDe = LocalizedText(
        de: "Maßnahme bis zur Behebung, auf Deutsch.",
        en: "Interim measure, in German."
    )
    static let noticeMeasureEn = LocalizedText(
        de: "Maßnahme bis zur Behebung, auf Englisch.",
        en: "Interim measure, in English."
    )
    static let noticeReplacement = LocalizedText(de: "Digest des Ersatzes.", en: "Digest of the replacement.")
    static let noticeCommand = LocalizedText(de: "Befehl, der ihn einsetzt.", en: "Command that puts it in place.")
    static let noticeExcept = LocalizedText(
        de: "Organisation, die nichts bekommt (mehrfach).",
        en: "Organisation that gets nothing (several times)."
    )
    static let noticeReasonDe = LocalizedText(de: "Grund, auf Deutsch.", en: "Reason, in German.")
    static let noticeReasonEn = LocalizedText(de: "Grund, auf Englisch.", en: "Reason, in English.")
    static let noticeBoth = LocalizedText(
        de: "Jeder Text wird in beiden Sprachen gebraucht: --…-de und --…-en",
        en: "every text is needed in both languages: --…-de and --…-en"
    )
    static let noticeID = LocalizedText(de: "Kennung (kontor notice list).", en: "Id (kontor notice list).")
    static let affectedNone = LocalizedText(
        de: "TLP:AMBER. Nichts, das Sie sehen dürfen, ist betroffen.",
        en: "TLP:AMBER. Nothing that you may see is affected."
    )
    static func affectedUnlisted(_ images: Int64) -> LocalizedText {
        LocalizedText(
            de: "Nicht bewertet: \(images) Images, deren Dateien nicht alle erfasst sind, können es auch enthalten.",
            en: "Not assessed: \(images) images whose files are not all listed may have it as well."
        )
    }
    static func affectedPosition(_ layer: Int64, isVisible: Bool?) -> LocalizedText {
        switch isVisible {
        case true?: LocalizedText(de: "Schicht \(layer)", en: "layer \(layer)")
        case false?:
            LocalizedText(
                de: "Schicht \(layer), im fertigen Dateisystem nicht sichtbar",
                en: "layer \(layer), not visible in the final file system"
            )
        case nil:
            LocalizedText(
                de: "Schicht \(layer); ob das fertige Dateisystem sie zeigt, ist nicht bekannt",
                en: "layer \(layer); whether the final file system shows it is not known"
            )
        }
    }
    static func affectedSummary(_ images: Int, _ products: Int, _ organisations: String) -> LocalizedText {
        LocalizedText(
            de: "TLP:AMBER. \(images) Images, \(products) Produkte; Organisationen: \(organisations)",
            en: "TLP:AMBER. \(images) images, \(products) products; organisations: \(organisations)"
        )
    }
}
