// SPDX-License-Identifier: EUPL-1.2

import SBOM

/// Texts of `kontor gate`.
extension Texts {
    static let gateAbstract = LocalizedText(
        de: "Was aus einem Namensraum geholt werden darf, und Ausnahmen davon.",
        en: "What may be pulled from a namespace, and exceptions from it."
    )
    static let gateDiscussion = LocalizedText(
        de:
            "Die Regeln stehen unter pull in der Richtlinie des Namensraums (kontor policy set). Wer dort schreiben darf, kann immer holen; wer ein Image schon vorher geholt hat, bekommt es während der Schonfrist. Jede Ausnahme brauchen zwei Personen.",
        en:
            "The rules stand under pull in the namespace's policy (kontor policy set). Who may push there can always pull; who pulled an image before is served for the time of grace. Every exception needs two persons."
    )
    static let gateTryAbstract = LocalizedText(
        de: "Zeigt, was eine Richtlinie abweisen oder ändern würde, bevor sie gilt.",
        en: "Shows what a policy would refuse or change, before it holds."
    )
    static let gateTryFile = LocalizedText(
        de: "Richtlinie, die ausprobiert wird; ohne sie die geltende.",
        en: "Policy to try; without it the one in force."
    )
    static let gateTryNothing = LocalizedText(
        de: "Kein Image würde abgewiesen.",
        en: "No image would be refused."
    )
    static let gateTryRules = LocalizedText(
        de:
            "Welche Regeln ausprobiert werden: pull (Abholen), push (Hochladen) oder trust (wessen Signaturen zählen).",
        en: "Which rules are tried: pull, push or trust (whose signatures count)."
    )
    static let gateTryDays = LocalizedText(
        de: "Wie viele Tage zurück Hochgeladenes angesehen wird (push), 1 bis 365.",
        en: "For how many days back pushes are looked at (push), 1 to 365."
    )
    static func gateTryPushes(_ present: [String: Int64], _ pushed: [String: Int64], days: Int) -> LocalizedText {
        func words(_ counts: [String: Int64], _ names: [(key: String, word: String)]) -> String {
            names.map { "\($0.word) \(counts[$0.key] ?? 0)" }.joined(separator: ", ")
        }
        let (de, en) = (
            [
                ("looked", "angesehen"), ("refused", "abgewiesen"), ("announced", "später abgewiesen"),
                ("unknown", "unbekannt"),
            ],
            [("looked", "looked at"), ("refused", "refused"), ("announced", "refused later"), ("unknown", "unknown")]
        )
        return LocalizedText(
            de: "Was da ist: \(words(present, de)). In \(days) Tagen hochgeladen: \(words(pushed, de)).",
            en: "What is there: \(words(present, en)). Pushed within \(days) days: \(words(pushed, en))."
        )
    }
    static let gateTryCut = LocalizedText(
        de: "Nicht alles davon ist aufgezählt; die Zahlen sind vollständig.",
        en: "Not all of it is listed; the numbers are complete."
    )
    static func gateTryTrust(_ counts: [String: Int64]) -> LocalizedText {
        func number(_ name: String) -> String { "\(counts[name] ?? 0)" }
        return LocalizedText(
            de:
                "Angesehene Images: \(number("looked")); sie verlieren eine gültige Signatur: \(number("losing")), gewinnen eine: \(number("gaining")), ändern sich später: \(number("later")), unbekannt: \(number("unknown")).",
            en:
                "Images looked at: \(number("looked")); losing a valid signature: \(number("losing")), gaining one: \(number("gaining")), changing later: \(number("later")), unknown: \(number("unknown"))."
        )
    }
    static let gateExceptionsAbstract = LocalizedText(
        de: "Nennt die Ausnahmen, auch vergangene.",
        en: "Names the exceptions, also those that are over."
    )
    static let gateExceptAbstract = LocalizedText(
        de: "Beantragt eine Ausnahme; sie gilt, sobald eine zweite Person zustimmt.",
        en: "Asks for an exception; it holds once a second person agrees."
    )
    static let gateApproveAbstract = LocalizedText(
        de: "Stimmt einer Ausnahme zu, die jemand anderes beantragt hat.",
        en: "Agrees to an exception that somebody else asked for."
    )
    static let gateEndAbstract = LocalizedText(
        de: "Beendet eine Ausnahme vor ihrer Zeit.",
        en: "Ends an exception before its time."
    )
    static let gateDigest = LocalizedText(
        de: "Das Image, höchstens 365 Tage; ohne Angabe alle des Namensraums, höchstens 3 Tage.",
        en: "The image, for at most 365 days; without it all of the namespace, for at most 3 days."
    )
    static let gateReason = LocalizedText(de: "Warum.", en: "Why.")
    static let gateUntil = LocalizedText(
        de: "Bis wann sie gilt (RFC 3339).",
        en: "Until when it holds (RFC 3339)."
    )
    static let gateNumber = LocalizedText(de: "Nummer der Ausnahme.", en: "Number of the exception.")
}
