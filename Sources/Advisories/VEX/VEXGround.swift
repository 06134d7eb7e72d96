// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import SBOM

/// Whether "not affected" has a ground.
///
/// OpenVEX: a statement `not_affected` MUST have a justification or an impact statement. That there is no fix is neither: it says that
/// the product stays vulnerable. Documents that state the one because of the other exist, and would hide what nobody has repaired.
///
/// Source: OpenVEX 0.2.0, "Status Labels" and "Status Justifications".
enum VEXGround {
    /// Why the statement does not count; nil where it does.
    static func refusal(of statement: VEXStatement) -> LocalizedText? {
        guard statement.status == .notAffected, statement.justification == nil else { return nil }
        if let impact = statement.impactStatement, !isOnlyMissingFix(impact) { return nil }
        let speaksOfFix = statement.responses.contains { $0 == .canNotFix || $0 == .willNotFix }
        if statement.impactStatement != nil || speaksOfFix {
            return LocalizedText(
                de:
                    "\(statement.vulnerability.name.excerpt(80)): „nicht betroffen“ wird nur damit begründet, dass es keine Korrektur gibt. "
                    + "Das begründet es nicht; der Status wäre „affected“, oder eine Begründung aus der Liste fehlt.",
                en:
                    "\(statement.vulnerability.name.excerpt(80)): the only ground for not_affected is that there is no fix. "
                    + "That is no justification; the status would be affected, or a justification of the list is missing."
            )
        }
        return LocalizedText(
            de:
                "\(statement.vulnerability.name.excerpt(80)): „nicht betroffen“ ohne Begründung (justification) und ohne Erläuterung "
                + "(impact statement); OpenVEX verlangt eines von beiden.",
            en:
                "\(statement.vulnerability.name.excerpt(80)): not_affected without a justification and without an impact statement; "
                + "OpenVEX demands one of them."
        )
    }

    /// True when a text says no more than that there is no fix, in German or English.
    ///
    /// It is looked at clause by clause: clauses that speak of a missing fix are taken away, and of the rest more than the status said
    /// again must be left.
    static func isOnlyMissingFix(_ text: String) -> Bool {
        var speaksOfFix = false
        var rest = 0
        for clause in clauses(of: text) {
            if isMissingFix(clause) { speaksOfFix = true } else { rest += clause.count { !isFiller($0) } }
        }
        return speaksOfFix && rest < 2
    }

    private static let borders: Set<String> = [
        "because", "since", "and", "but", "as", "while", "although", "weil", "da", "und", "aber", "denn", "obwohl",
    ]

    /// The text as lists of words, cut at punctuation and at conjunctions.
    private static func clauses(of text: String) -> [[String]] {
        var result: [[String]] = []
        var clause: [String] = []
        var word = ""
        func endWord() {
            guard !word.isEmpty else { return }
            if borders.contains(word) { endClause() } else { clause.append(word) }
            word = ""
        }
        func endClause() {
            if !clause.isEmpty { result.append(clause) }
            clause = []
        }
        for scalar in text.lowercased().unicodeScalars {
            switch scalar {
            // "won't" and "wont", with any apostrophe, are one word.
            case "'", "\u{2019}", "\u{02BC}", "`", "\u{00B4}": continue
            case ".", ",", ";", "!", "?", "(", ")", "\n", "\u{2013}", "\u{2014}":
                endWord()
                endClause()
            case _ where scalar.properties.isAlphabetic || scalar.properties.numericType != nil:
                word.unicodeScalars.append(scalar)
            default: endWord()
            }
        }
        endWord()
        endClause()
        return result
    }

    private static let fixes: Set<String> = [
        "fix", "fixes", "fixed", "patch", "patches", "patched", "update", "updates", "upgrade", "hotfix", "bugfix",
        "solution", "remedy", "remediation", "backport", "korrektur", "korrekturen", "aktualisierung",
        "aktualisierungen", "sicherheitsupdate", "sicherheitsupdates", "sicherheitspatch", "behebung", "fehlerbehebung",
        "lösung", "abhilfe", "behoben", "korrigiert", "gefixt", "gepatcht", "beheben", "fixen", "patchen",
    ]
    private static let negations: Set<String> = [
        "no", "not", "never", "without", "wont", "cannot", "cant", "none", "awaiting", "waiting", "wait", "pending",
        "lacks", "missing", "kein", "keine", "keinen", "keiner", "nicht", "ohne", "nie", "warten", "wartet", "wartend",
        "fehlt", "fehlende", "noch", "ausstehend", "ausstehende",
    ]
    private static let negationsAfter: Set<String> = [
        "unavailable", "not", "nicht", "noch", "pending", "ausstehend", "outstanding", "missing", "fehlt", "fehlen",
    ]
    private static let alone: Set<String> = [
        "wontfix", "nofix", "unfixed", "unpatched", "unfixable", "ungefixt", "ungepatcht", "unbehoben",
    ]
    /// "No fix is needed" is another thing than "no fix is available".
    private static let needs: Set<String> = [
        "needed", "necessary", "required", "nötig", "notwendig", "erforderlich", "benötigt",
    ]

    private static func isMissingFix(_ words: [String]) -> Bool {
        if words.contains(where: needs.contains) { return false }
        if words.contains(where: alone.contains) { return true }
        for (index, word) in words.enumerated() where fixes.contains(word) {
            let before = words[max(0, index - 4)..<index]
            let after = words[(index + 1)...].prefix(3)
            if before.contains(where: negations.contains) || after.contains(where: negationsAfter.contains) {
                return true
            }
        }
        return false
    }

    private static let filler: Set<String> = [
        "not", "affected", "is", "are", "the", "a", "this", "it", "we", "so", "thus", "therefore", "hence", "status",
        "product", "image", "package", "component", "version", "currently", "yet", "available", "please", "upstream",
        "vendor", "vulnerability", "issue", "cve", "marked", "considered", "for", "of", "by", "to", "at", "moment",
        "nicht", "betroffen", "ist", "sind", "das", "die", "der", "ein", "eine", "es", "wir", "deshalb", "daher",
        "somit", "also", "produkt", "abbild", "paket", "komponente", "derzeit", "momentan", "aktuell", "noch",
        "verfügbar", "bitte", "hersteller", "schwachstelle", "lücke", "gilt", "als", "wird", "für", "vom", "von", "im",
    ]

    private static func isFiller(_ word: String) -> Bool {
        filler.contains(word) || word.unicodeScalars.allSatisfy { $0.properties.numericType != nil }
    }
}
