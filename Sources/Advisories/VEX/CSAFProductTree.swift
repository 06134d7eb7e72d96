// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import SBOM

/// The products of a CSAF document by their `product_id`.
///
/// Source: CSAF 2.0, 3.2.2 (product tree) and 3.1.3.3 (product identification helper).
struct CSAFProductTree {
    /// What a `product_id` comes to.
    enum Entry {
        case product(VEXProduct)
        /// Why nothing can be found by it.
        case unusable(LocalizedText)
    }

    private var entries: [String: Entry] = [:]
    private var groups: [String: [String]] = [:]
    private let reading: VEXReading

    init(_ fields: JSONFields?, _ reading: VEXReading) throws(JSONShapeError) {
        self.reading = reading
        guard let fields else { return }
        for product in try fields.optionalObjects("full_product_names") ?? [] { try add(product) }
        for branch in try fields.optionalObjects("branches") ?? [] { try add(branch: branch) }
        // In the order of the document, and only on products, never on other relationships: so there can be no circle.
        let products = entries
        for relationship in try fields.optionalObjects("relationships") ?? [] {
            try add(relationship: relationship, products)
        }
        for group in try fields.optionalObjects("product_groups") ?? [] {
            groups[try group.string("group_id")] = try group.strings("product_ids")
        }
    }

    subscript(_ id: String) -> Entry {
        entries[id]
            ?? .unusable(LocalizedText(de: "steht nicht im product_tree", en: "is not in the product_tree"))
    }

    /// The products that a flag, a threat or a remediation names; nil where it names none and so means all.
    func references(_ fields: JSONFields) throws(JSONShapeError) -> [String]? {
        guard fields.has("product_ids") || fields.has("group_ids") else { return nil }
        var result = try fields.optionalStrings("product_ids") ?? []
        for group in try fields.optionalStrings("group_ids") ?? [] { result += groups[group] ?? [] }
        return result
    }

    /// How many products the references of `fields` come to, before any list of them is made.
    func referenceCount(_ fields: JSONFields) throws(JSONShapeError) -> Int {
        var count = try fields.optionalArray("product_ids")?.count ?? 0
        for group in try fields.optionalStrings("group_ids") ?? [] { count += groups[group]?.count ?? 0 }
        return count
    }

    // MARK: - Reading

    // As deep as the JSON, which the reader has bounded.
    private mutating func add(branch: JSONFields) throws(JSONShapeError) {
        if let product = try branch.optionalObject("product") { try add(product) }
        for branch in try branch.optionalObjects("branches") ?? [] { try add(branch: branch) }
    }

    private mutating func add(_ product: JSONFields) throws(JSONShapeError) {
        let id = try reading.name(try product.string("product_id"), at: product.path(of: "product_id"))
        let entry: Entry
        do throws(JSONShapeError) {
            let component = try component(product)
            entry =
                component.isEmpty
                ? .unusable(
                    LocalizedText(
                        de: "hat weder purl noch SHA-2-Prüfsumme (product_identification_helper)",
                        en: "has neither a purl nor a SHA-2 hash (product_identification_helper)"
                    )
                ) : .product(VEXProduct(component))
        } catch {
            entry = .unusable(error.vexReason)
        }
        insert(entry, id)
    }

    private mutating func insert(_ entry: Entry, _ id: String) {
        guard entries.updateValue(entry, forKey: id) != nil else { return }
        // Which of the two is meant would be the reader's guess.
        entries[id] = .unusable(
            LocalizedText(de: "ist zweimal im product_tree", en: "is in the product_tree twice")
        )
    }

    private func component(_ product: JSONFields) throws(JSONShapeError) -> VEXComponent {
        var component = VEXComponent()
        guard let helper = try product.optionalObject("product_identification_helper") else { return component }
        if let text = try helper.optionalString("purl") {
            component.purl = try reading.purl(text, at: helper.path(of: "purl"))
        }
        for hash in try helper.optionalObjects("hashes") ?? [] {
            for entry in try hash.optionalObjects("file_hashes") ?? [] {
                let digest = VEXDigest.text(
                    algorithm: try entry.string("algorithm"),
                    value: try entry.string("value")
                )
                if let digest, !component.digests.contains(digest), component.digests.count < 64 {
                    component.digests.append(digest)
                }
            }
        }
        return component
    }

    private mutating func add(
        relationship: JSONFields,
        _ products: [String: Entry]
    ) throws(JSONShapeError) {
        let name = try relationship.object("full_product_name")
        let id = try reading.name(try name.string("product_id"), at: name.path(of: "product_id"))
        let part = try relationship.string("product_reference")
        let whole = try relationship.string("relates_to_product_reference")
        let category = try relationship.string("category")
        insert(entry(part, in: whole, category, products), id)
    }

    private func entry(_ part: String, in whole: String, _ category: String, _ products: [String: Entry]) -> Entry {
        // A helper of the whole relationship is not looked at: whether it names the part or the whole is not said.
        switch category {
        case "default_component_of", "optional_component_of", "external_component_of", "installed_on": break
        default:
            return .unusable(
                LocalizedText(
                    de: "ist eine Beziehung „\(category.excerpt(40))“, die an einem Abbild nicht zu erkennen ist",
                    en: "is a relationship \"\(category.excerpt(40))\", which cannot be seen in an image"
                )
            )
        }
        var found: [VEXComponent] = []
        for id in [part, whole] {
            switch products[id] {
            case .product(let product): found.append(product.identity)
            case .unusable(let reason):
                return .unusable(
                    LocalizedText(
                        de: "besteht aus „\(id.excerpt(80))“, und das \(reason.de)",
                        en: "is made of \"\(id.excerpt(80))\", which \(reason.en)"
                    )
                )
            case nil:
                return .unusable(
                    LocalizedText(
                        de: "beruht auf „\(id.excerpt(80))“, das kein Produkt des product_tree ist",
                        en: "rests on \"\(id.excerpt(80))\", which is no product of the product_tree"
                    )
                )
            }
        }
        return .product(VEXProduct(found[1], subcomponents: [found[0]]))
    }
}
