// SPDX-License-Identifier: EUPL-1.2

import JSON
import Mail
import SBOM
import Time

/// All words of the room that recipients read.
///
/// The word is *Betroffenheitshinweis*, *notice*: a *Warnung* is reserved for bodies with that legal power.
package enum NoticeText {
    static let name = LocalizedText(de: "Betroffenheitshinweis", en: "Notice")
    static let correction = LocalizedText(
        de: "Korrektur eines Betroffenheitshinweises",
        en: "Correction of a notice"
    )
    static let withdrawal = LocalizedText(
        de: "Rücknahme eines Betroffenheitshinweises",
        en: "Withdrawal of a notice"
    )
    static let englishBelow = "English text below"

    static func name(of kind: NoticeKind) -> LocalizedText {
        switch kind {
        case .notice: name
        case .correction: correction
        case .withdrawal: withdrawal
        }
    }

    static let from = LocalizedText(de: "Von:", en: "From:")
    static let to = LocalizedText(de: "An:", en: "To:")
    static let identifier = LocalizedText(de: "Kennung:", en: "Identifier:")
    static let concerns = LocalizedText(de: "Betrifft:", en: "About:")
    static let what = LocalizedText(de: "Worum es geht", en: "What it is about")
    static let changed = LocalizedText(de: "Was sich geändert hat", en: "What has changed")
    static let withdrawn = LocalizedText(de: "Warum er nicht mehr gilt", en: "Why it no longer holds")
    static let why = LocalizedText(de: "Warum Sie ihn erhalten", en: "Why you receive it")
    static let published = LocalizedText(de: "Images in Ihren Namensräumen", en: "Images in your namespaces")
    static let pulled = LocalizedText(de: "Images, die Sie abgerufen haben", en: "Images that you pulled")
    static let products = LocalizedText(de: "Produkte, die Sie betreiben", en: "Products that you operate")
    static let replacement = LocalizedText(de: "Ersatz", en: "Replacement")
    static let measure = LocalizedText(de: "Bis dahin", en: "Until then")
    static let answer = LocalizedText(de: "Ihre Rückmeldung", en: "Your answer")
    static let sharing = LocalizedText(de: "Weitergabe", en: "Sharing")

    static func follows(_ kind: NoticeKind, _ id: String, _ at: Timestamp) -> LocalizedText {
        switch kind {
        case .withdrawal:
            LocalizedText(
                de: "Der Hinweis \(id) vom \(date(at).de) gilt nicht mehr. Sie müssen seinetwegen nichts weiter tun.",
                en: "Notice \(id) of \(date(at).en) no longer holds. Nothing more has to be done because of it."
            )
        default:
            LocalizedText(
                de: "Diese Fassung ersetzt den Hinweis \(id) vom \(date(at).de).",
                en: "This version replaces notice \(id) of \(date(at).en)."
            )
        }
    }

    static func publishes(_ count: Int64) -> LocalizedText {
        LocalizedText(
            de:
                "In Ihren Namensräumen \(count == 1 ? "liegt ein betroffenes Image" : "liegen \(count) betroffene Images").",
            en: "\(count == 1 ? "One affected image lies" : "\(count) affected images lie") in your namespaces."
        )
    }

    static func pulls(_ count: Int64) -> LocalizedText {
        LocalizedText(
            de: "Sie haben \(count == 1 ? "ein betroffenes Image" : "\(count) betroffene Images") abgerufen.",
            en: "You pulled \(count == 1 ? "one affected image" : "\(count) affected images")."
        )
    }

    static func runs(_ count: Int64) -> LocalizedText {
        LocalizedText(
            de: "Sie betreiben \(count == 1 ? "ein betroffenes Produkt" : "\(count) betroffene Produkte").",
            en: "You operate \(count == 1 ? "one affected product" : "\(count) affected products")."
        )
    }

    static func runs(_ product: NoticeEvidence.Product) -> LocalizedText {
        let name = "\(product.name) \(product.version) (\(product.supplier))"
        return LocalizedText(de: "Sie betreiben \(name)", en: "you operate \(name)")
    }

    static let operatesFor = LocalizedText(
        de: "Sie betreiben für diese Organisationen, die betroffen sind:",
        en: "You operate for these organisations, which are affected:"
    )
    static let operatedBy = LocalizedText(
        de: "Für Sie betreiben diese Organisationen, die betroffen sind; fragen Sie dort nach:",
        en: "These organisations, which are affected, operate for you; ask there:"
    )

    static func more(_ count: Int64) -> LocalizedText {
        LocalizedText(de: "und \(count) weitere", en: "and \(count) more")
    }

    static func attached(_ shown: Int64, _ kept: Int64, _ count: Int64) -> LocalizedText {
        LocalizedText(
            de: "… gezeigt sind \(shown) von \(count); \(kept) stehen im Anhang.",
            en: "… shown are \(shown) of \(count); \(kept) are in the attachment."
        )
    }

    static func contains(_ component: NoticeEvidence.Component) -> LocalizedText {
        let (name, version) = (component.name, component.version)
        let fix = component.fixedIn.map { LocalizedText(de: ", behoben in \($0)", en: ", repaired in \($0)") }
        let doubt = LocalizedText(
            de: " (Version nicht vergleichbar: bitte prüfen)",
            en: " (version not comparable: please check)"
        )
        return LocalizedText(
            de: "enthält \(name) \(version)" + (fix?.de ?? "") + (component.isCertain ? "" : doubt.de),
            en: "contains \(name) \(version)" + (fix?.en ?? "") + (component.isCertain ? "" : doubt.en)
        )
    }

    static func pulled(_ pulls: NoticeEvidence.Pulls) -> LocalizedText {
        guard pulls.count > 1 else {
            return LocalizedText(
                de: "von Ihnen abgerufen am \(date(pulls.last).de)",
                en: "pulled by you on \(date(pulls.last).en)"
            )
        }
        return LocalizedText(
            de:
                "von Ihnen abgerufen: \(pulls.count)-mal, zuerst am \(date(pulls.first).de), zuletzt am \(date(pulls.last).de)",
            en: "pulled by you: \(pulls.count) times, first on \(date(pulls.first).en), last on \(date(pulls.last).en)"
        )
    }

    static let answers = LocalizedText(
        de:
            "Bitte teilen Sie unter diesem Link mit, ob Sie den Hinweis gelesen haben, daran arbeiten oder fertig sind. Eine Anmeldung "
            + "ist nicht nötig; wer den Link hat, kann für Ihre Organisation antworten.",
        en:
            "Please say at this link whether you have read the notice, are acting on it, or are done. No sign-in is needed; whoever "
            + "has the link can answer for your organisation."
    )

    static func sharing(_ light: TrafficLight) -> LocalizedText {
        switch light {
        case .amber:
            LocalizedText(
                de: "TLP:AMBER: nur an Personen Ihrer Organisation und ihrer Auftraggeber, die es wissen müssen.",
                en: "TLP:AMBER: only with those in your organisation and its clients who need to know."
            )
        case .amberStrict:
            LocalizedText(
                de: "TLP:AMBER+STRICT: nur an Personen Ihrer Organisation, die es wissen müssen.",
                en: "TLP:AMBER+STRICT: only with those in your organisation who need to know."
            )
        case .red:
            LocalizedText(
                de: "TLP:RED: keine Weitergabe; nur für die Empfängerin oder den Empfänger.",
                en: "TLP:RED: not to be shared; for the eyes of the recipient only."
            )
        }
    }

    static let footer = LocalizedText(
        de:
            "Dieser Hinweis beruht auf dem Bestand des Knotens. Er ist keine Warnung im Sinne eines Gesetzes, und er ersetzt keine "
            + "eigene Prüfung.",
        en:
            "This notice rests on what the node holds. It is no warning in the sense of any law, and it does not replace an "
            + "assessment of your own."
    )

    static func unreachable(_ reason: NoticeUnreachable) -> LocalizedText {
        switch reason {
        case .noContact:
            LocalizedText(
                de: "weder Sicherheitskontakt noch Vertretung noch Webhook; ein Operator kann sie eintragen",
                en: "neither a security contact nor a deputy nor a webhook; an operator can enter them"
            )
        case .invalidContact:
            LocalizedText(
                de: "keiner der Kontakte ist eine Adresse, an die Mail gehen kann; ein Operator kann sie berichtigen",
                en: "none of the contacts is an address to which mail may go; an operator can correct them"
            )
        case .noMail:
            LocalizedText(
                de: "dieser Knoten versendet keine Mail; tragen Sie einen Mailserver ein",
                en: "this node sends no mail; configure a mail server"
            )
        }
    }

    static func suggestion(_ question: String, _ found: NoticeSuggestion) -> NoticeContent {
        let question = word(question, 200)
        func list(_ fixed: String, _ more: String) -> String {
            guard !found.components.isEmpty else { return "" }
            let names = found.components.map { $0.name + ($0.fixedIn.map { " (\(fixed) \($0))" } ?? "") }
            return " in " + names.joined(separator: ", ") + (found.hasMore ? more : "")
        }
        let named = LocalizedText(
            de: list("behoben in", " und weiteren Komponenten"),
            en: list("repaired in", " and further components")
        )
        return NoticeContent(
            what: LocalizedText(
                de: "\(question)\(named.de)."
                    + (found.isExploited ? " Die Schwachstelle wird nachweislich ausgenutzt." : ""),
                en: "\(question)\(named.en)."
                    + (found.isExploited ? " The vulnerability is known to be exploited." : "")
            )
        )
    }

    static func date(_ time: Timestamp) -> LocalizedText {
        let date = time.date
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(two(time.secondOfDay / 3_600)):\(two(time.secondOfDay / 60 % 60)) UTC"
        return LocalizedText(
            de: "\(two(date.day)).\(two(date.month)).\(date.year) um \(clock)",
            en: "\(time.dateText) at \(clock)"
        )
    }
}

extension NoticeText {
    /// A text in which every character shows or ends a line: what does not show can turn words round.
    package static func harmless(_ text: String, lines: Bool) -> String {
        let clean = MailText.harmless(text, lines: lines)
        return String(
            String.UnicodeScalarView(clean.unicodeScalars.filter { $0.properties.generalCategory != .format })
        )
    }

    /// A stranger's word: of bounded length, on one line, with what does not show made visible.
    package static func word(_ text: String, _ limit: Int = 100) -> String {
        var word = String.UnicodeScalarView()
        // Bounded before it is looked at: such words are as long as their makers like.
        for scalar in MailText.harmless(text.excerpt(limit), lines: false).unicodeScalars {
            word.append(scalar.properties.generalCategory == .format ? "\u{FFFD}" : scalar)
        }
        return String(word) + (text.unicodeScalars.count > limit ? "…" : "")
    }
}
