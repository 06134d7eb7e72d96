// SPDX-License-Identifier: EUPL-1.2

public import Criteria
public import SBOM

extension Criterion {
    /// What a tender can ask for, in words that name no product: what must hold, how it is shown, and that something equivalent is taken.
    ///
    /// Source: Directive 2014/24/EU, Article 42 (technical specifications, "or equivalent") and 44 (means of proof).
    public var tenderWording: LocalizedText {
        let sources = sources.isEmpty ? nil : sources.joined(separator: "; ")
        let (de, en) = (Self.sentence(description.de), Self.sentence(description.en))
        return LocalizedText(
            de: "\(title.de) (\(id)): Für jedes angebotene Container-Image gilt: \(de)"
                + (sources.map { " Grundlage: \($0)." } ?? "")
                + " Der Bieter weist das durch eine maschinenlesbare Bewertung oder einen Prüfbericht zum ausgelieferten Digest nach."
                + " Gleichwertige Lösungen und Nachweise werden anerkannt; die Gleichwertigkeit legt der Bieter mit dem Angebot dar.",
            en: "\(title.en) (\(id)): For each container image offered, the following holds: \(en)"
                + (sources.map { " Basis: \($0)." } ?? "")
                + " The tenderer shows this by a machine-readable verdict or a test report for the digest that is delivered."
                + " Equivalent solutions and means of proof are accepted; the tenderer demonstrates equivalence with the tender."
        )
    }

    private static func sentence(_ text: String) -> String {
        let words = text.replacing("`", with: "")
        return words.hasSuffix(".") ? words : words + "."
    }
}
