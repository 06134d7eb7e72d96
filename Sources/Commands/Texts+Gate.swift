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
        de: "Zeigt, welche Images eine Richtlinie abweisen würde, bevor sie gilt.",
        en: "Shows which images a policy would refuse, before it holds."
    )
    static let gateTryFile = LocalizedText(
        de: "Richtlinie, die ausprobiert wird; ohne sie die geltende.",
        en: "Policy to try; without it the one in force."
    )
    static let gateTryNothing = LocalizedText(
        de: "Kein Image würde abgewiesen.",
        en: "No image would be refused."
    )
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
