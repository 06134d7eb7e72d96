// SPDX-License-Identifier: EUPL-1.2

public import Criteria
public import ProjectCriteria
public import SBOM

extension Criterion {
    /// What a tender can ask for, in words that prescribe no product: what must hold, how it is shown, and that something equivalent is taken.
    ///
    /// Source: Directive 2014/24/EU, Article 42 (technical specifications, "or equivalent") and 44 (means of proof).
    public var tenderWording: LocalizedText {
        TenderWording.image.text(id, title, description, sources)
    }
}

extension ProjectCatalogue {
    /// The same for one of its criteria; nil where openCode has announced a check without a value: nothing definite can be asked for yet.
    ///
    /// What Kontor's own catalogue asks for is definite also where no check of this version decides it.
    public func tenderWording(of criterion: ProjectCriterion) -> LocalizedText? {
        guard criterion.reason == nil || name == Self.names[0] else { return nil }
        return TenderWording.project.text(criterion.id, criterion.title, criterion.description, criterion.sources)
    }
}

/// How a tender names what is offered, and the state of it that a proof is for.
private struct TenderWording {
    /// What has to be so: "each …, the following holds".
    let offer: LocalizedText
    /// What verdict and report are about.
    let delivered: LocalizedText

    static let image = TenderWording(
        offer: LocalizedText(de: "Für jedes angebotene Container-Image", en: "For each container image offered"),
        delivered: LocalizedText(de: "zum ausgelieferten Digest", en: "for the digest that is delivered")
    )
    static let project = TenderWording(
        offer: LocalizedText(
            de: "Für das Quellprojekt jeder angebotenen Software",
            en: "For the source project of each software offered"
        ),
        delivered: LocalizedText(de: "zum ausgelieferten Commit", en: "for the commit that is delivered")
    )

    func text(
        _ id: String,
        _ title: LocalizedText,
        _ description: LocalizedText,
        _ sources: [String]
    ) -> LocalizedText {
        let sources = sources.isEmpty ? nil : sources.joined(separator: "; ")
        return LocalizedText(
            de: "\(title.de) (\(id)): \(offer.de) gilt: \(Self.sentence(description.de))"
                + (sources.map { " Grundlage: \($0)." } ?? "")
                + " Der Bieter weist das durch eine maschinenlesbare Bewertung oder einen Prüfbericht \(delivered.de) nach."
                + " Gleichwertige Lösungen und Nachweise werden anerkannt; die Gleichwertigkeit legt der Bieter mit dem Angebot dar.",
            en: "\(title.en) (\(id)): \(offer.en), the following holds: \(Self.sentence(description.en))"
                + (sources.map { " Basis: \($0)." } ?? "")
                + " The tenderer shows this by a machine-readable verdict or a test report \(delivered.en)."
                + " Equivalent solutions and means of proof are accepted; the tenderer demonstrates equivalence with the tender."
        )
    }

    private static func sentence(_ text: String) -> String {
        let words = text.replacing("`", with: "")
        return words.hasSuffix(".") ? words : words + "."
    }
}
