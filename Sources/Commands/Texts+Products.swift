// SPDX-License-Identifier: EUPL-1.2

import SBOM

extension Texts {
    static let productAbstract = LocalizedText(
        de: "Produkte: was Organisationen ohne Image betreiben, nach den Stücklisten der Lieferanten.",
        en: "Products: what organisations operate without an image, by the SBOMs of suppliers."
    )
    static let productUploadAbstract = LocalizedText(
        de:
            "Nimmt die Stückliste eines Produkts auf (CycloneDX oder SPDX, JSON); eine frühere desselben Produkts zählt nicht mehr.",
        en: "Takes the SBOM of a product in (CycloneDX or SPDX, JSON); a former one of the same product counts no more."
    )
    static let productUploadDiscussion = LocalizedText(
        de: """
            Ein Produkt ist, was Organisation, Lieferant, Name und Version nennen; was in der Stückliste steht, ändert daran nichts.
            Wird eine Version nicht mehr betrieben, entfernt sie "kontor product remove". Hochladen dürfen Operatoren und, wer in
            der Organisation einen ihrer Namensräume betreut.
            """,
        en: """
            A product is what organisation, supplier, name and version say; what the SBOM says changes nothing of that.
            A version that is no longer operated is taken out with "kontor product remove". Operators may upload, and whoever
            maintains one of the namespaces of their organisation.
            """
    )
    static let productFile = LocalizedText(de: "Stückliste (JSON).", en: "SBOM (JSON).")
    static let productName = LocalizedText(de: "Name des Produkts.", en: "Name of the product.")
    static let productVersion = LocalizedText(de: "Version des Produkts.", en: "Version of the product.")
    static let productSupplier = LocalizedText(de: "Lieferant.", en: "Supplier.")
    static let productOrganisation = LocalizedText(
        de: "Organisation, die es betreibt (mehrfach).",
        en: "Organisation that operates it (several times)."
    )
    static let productIncomplete = LocalizedText(
        de: "gebraucht werden FILE, --name, --version, --supplier und --organisation",
        en: "FILE, --name, --version, --supplier and --organisation are needed"
    )
    static let productListAbstract = LocalizedText(
        de: "Listet Produkte, auch entfernte.",
        en: "Lists products, removed ones too."
    )
    static let productShowAbstract = LocalizedText(
        de: "Zeigt ein Produkt mit seinen Befunden.",
        en: "Shows a product with its findings."
    )
    static let productRemoveAbstract = LocalizedText(
        de: "Sagt, dass ein Produkt nicht mehr betrieben wird.",
        en: "Says that a product is no longer operated."
    )
    static let productNumber = LocalizedText(
        de: "Nummer (kontor product list).",
        en: "Number (kontor product list)."
    )
    static func productNotAssessed(_ count: Int, _ ecosystem: String, de: String, en: String) -> LocalizedText {
        let kind = ecosystem.isEmpty ? LocalizedText(de: "ohne Kennung", en: "without an identifier") : nil
        return LocalizedText(
            de: "nicht abgeglichen: \(count) × \(kind?.de ?? ecosystem): \(de)",
            en: "not assessed: \(count) × \(kind?.en ?? ecosystem): \(en)"
        )
    }
}
