// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Texts of `kontor attest`.
extension Texts {
    static let attestAbstract = LocalizedText(
        de: "Zeigt, was ein Knoten über ein Image bezeugt; mit --audit das Ergebnis einer Prüfung durch Menschen.",
        en: "Shows what a node attests about an image; with --audit, what people found who looked at it."
    )
    static let attestDiscussion = LocalizedText(
        de:
            "Der Knoten signiert von selbst SBOM, Scan, VEX, Bewertung und jedes Kriterium, sobald sich etwas ändert. --audit ist für Maintainer: signiert wird, welche Stelle was geprüft hat, das Ergebnis, der Hash des Berichts und bis wann es gilt. Ausgabe je Aussage: Art, Zustand, Nummer im Log, Referrer, Typ. Endet mit 1, wenn die Prüfung nicht veröffentlicht wurde.",
        en:
            "By itself the node signs SBOM, scan, VEX, verdict and every criterion as soon as something is news. --audit is for maintainers: signed are the office, what it looked at, the result, the hash of the report and until when it holds. Prints for each statement kind, state, index in the log, referrer and type. Ends with 1 when the audit was not published."
    )
    static let attestImage = LocalizedText(
        de: "Repository mit Tag oder Digest; für --audit mit Digest.",
        en: "Repository with tag or digest; with a digest for --audit."
    )
    static let attestAudit = LocalizedText(
        de: "Signiert eine Prüfung durch Menschen.",
        en: "Signs an audit by people."
    )
    static let attestAuditor = LocalizedText(
        de: "Stelle, die geprüft hat; keine Person.",
        en: "Office that audited; not a person."
    )
    static let attestScope = LocalizedText(de: "Was wie geprüft wurde.", en: "What was looked at and how.")
    static let attestResult = LocalizedText(de: "Ergebnis der Prüfung.", en: "Result of the audit.")
    static let attestReport = LocalizedText(
        de: "Bericht, von dem der Hash signiert wird, oder der Hash selbst.",
        en: "Report whose hash is signed, or the hash itself."
    )
    static let attestReportURI = LocalizedText(
        de: "Wo der Bericht steht, wenn er öffentlich ist.",
        en: "Where the report is, if it is public."
    )
    static let attestFinished = LocalizedText(
        de: "Wann die Prüfung fertig war; ohne Angabe jetzt.",
        en: "When the audit was finished; now when not given."
    )
    static let attestUntil = LocalizedText(
        de: "Bis wann die Prüfung gilt: 2027-12-31 oder 2027-12-31T12:00:00Z.",
        en: "Until when the audit holds: 2027-12-31 or 2027-12-31T12:00:00Z."
    )
    static let attestOnlyAudit = LocalizedText(
        de: "Angaben zu einer Prüfung gelten nur mit --audit.",
        en: "what is said about an audit only counts with --audit"
    )
    static let attestIncomplete = LocalizedText(
        de: "--audit braucht --auditor, --scope, --result, --report und --valid-until.",
        en: "--audit needs --auditor, --scope, --result, --report and --valid-until"
    )
    static let attestUnclear = LocalizedText(
        de: "die Antwort des Knotens ist keine Aussage; ist er von dieser Version?",
        en: "the node's answer is no attestation; is it of this version?"
    )
    static let attestNoVerdict = LocalizedText(
        de: "das Image ist noch nicht bewertet; kontor verdict sagt, wie weit es ist",
        en: "the image is not assessed yet; kontor verdict tells how far it is"
    )
    static let attestNothing = LocalizedText(
        de: "noch ist nichts bezeugt",
        en: "nothing is attested yet"
    )
    static func attestProblem(_ problem: String) -> LocalizedText {
        LocalizedText(de: "nicht alles ist bezeugt: \(problem)", en: "not everything is attested: \(problem)")
    }
    static func attestWaiting(_ problem: String?) -> LocalizedText {
        LocalizedText(
            de: "wird signiert" + (problem.map { ": \($0)" } ?? ""),
            en: "being signed" + (problem.map { ": \($0)" } ?? "")
        )
    }
    static func attestFailed(_ problem: String) -> LocalizedText {
        LocalizedText(de: "nicht veröffentlicht: \(problem)", en: "not published: \(problem)")
    }
    static func attestPending(_ path: String) -> LocalizedText {
        LocalizedText(
            de:
                "die Prüfung ist noch nicht veröffentlicht; der Knoten macht weiter, GET /api/v1\(path) sagt, wie weit er ist",
            en: "the audit is not published yet; the node goes on, and GET /api/v1\(path) tells how far it is"
        )
    }
    static func attestTime(_ name: String, _ text: String) -> LocalizedText {
        LocalizedText(
            de: "\(name) \(text): erwartet wird ein Tag wie 2027-12-31 oder ein Zeitpunkt wie 2027-12-31T12:00:00Z",
            en: "\(name) \(text): expected a day such as 2027-12-31 or an instant such as 2027-12-31T12:00:00Z"
        )
    }
}
