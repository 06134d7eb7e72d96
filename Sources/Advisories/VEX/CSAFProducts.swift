// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import SBOM

/// The product tree of a document that is written: vendor, product, version, and parts in products as relationships.
struct CSAFProducts {
    private let publication: VEXPublication
    private var count = 0
    private var numbers: [VEXComponent: String] = [:]
    private var order: [VEXComponent] = []
    private var relationNumbers: [String: String] = [:]
    private var relations: [(id: String, part: VEXComponent, whole: VEXComponent)] = []

    init(publication: VEXPublication) { self.publication = publication }

    /// The `product_id` of each thing that a statement about a product is about.
    mutating func ids(_ product: VEXProduct) -> [String] {
        let whole = id(product.identity)
        if product.subcomponents.isEmpty { return [whole] }
        return product.subcomponents.map { part in
            let key = id(part) + " " + whole
            if let known = relationNumbers[key] { return known }
            let number = next()
            relationNumbers[key] = number
            relations.append((number, part, product.identity))
            return number
        }
    }

    private mutating func id(_ component: VEXComponent) -> String {
        if let known = numbers[component] { return known }
        let number = next()
        numbers[component] = number
        order.append(component)
        return number
    }

    private mutating func next() -> String {
        count += 1
        let digits = String(count)
        return "CSAFPID-" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }

    // MARK: - Writing

    var json: JSONValue {
        var vendors: [(name: String, products: [(name: String, versions: [JSONValue])])] = []
        var vendorIndex: [String: Int] = [:]
        var productIndex: [[String: Int]] = []
        for component in order {
            let (vendor, name) = (vendor(component), VEXNaming.name(component))
            let index = vendorIndex[vendor] ?? vendors.count
            if index == vendors.count {
                vendorIndex[vendor] = index
                vendors.append((vendor, []))
                productIndex.append([:])
            }
            let position = productIndex[index][name] ?? vendors[index].products.count
            if position == vendors[index].products.count {
                productIndex[index][name] = position
                vendors[index].products.append((name, []))
            }
            vendors[index].products[position].versions.append(branch(component))
        }
        var tree: [String: JSONValue] = [
            "branches": .array(
                vendors.map { vendor in
                    [
                        "branches": .array(
                            vendor.products.map {
                                [
                                    "branches": .array($0.versions), "category": "product_name",
                                    "name": .string($0.name),
                                ]
                            }
                        ),
                        "category": "vendor",
                        "name": .string(vendor.name),
                    ]
                }
            )
        ]
        if !relations.isEmpty { tree["relationships"] = .array(relations.map(relationship)) }
        return .object(tree)
    }

    private func vendor(_ component: VEXComponent) -> String {
        guard let purl = component.purl else { return publication.publisher.name }
        return purl.namespace ?? purl.qualifiers["repository_url"] ?? purl.type
    }

    private func branch(_ component: VEXComponent) -> JSONValue {
        let version = component.purl?.version ?? component.digests.first
        var product: [String: JSONValue] = [
            "name": .string(component.label),
            "product_id": .string(numbers[component] ?? ""),
        ]
        var helper: [String: JSONValue] = [:]
        helper["purl"] = component.purl.map { .string($0.description) }
        let hashes: [JSONValue] = component.digests.compactMap { digest in
            guard let (algorithm, value) = VEXDigest.parts(digest) else { return nil }
            return [
                "file_hashes": [["algorithm": .string(algorithm), "value": .string(value)]],
                "filename": "manifest.json",
            ]
        }
        if !hashes.isEmpty { helper["hashes"] = .array(hashes) }
        product["product_identification_helper"] = .object(helper)
        return [
            "category": version == nil ? "product_version_range" : "product_version",
            // All versions, in the scheme that CSAF wants ranges in.
            "name": .string(version ?? "vers:\(component.purl?.type ?? "generic")/*"),
            "product": .object(product),
        ]
    }

    private func relationship(_ relation: (id: String, part: VEXComponent, whole: VEXComponent)) -> JSONValue {
        [
            "category": "default_component_of",
            "full_product_name": [
                "name": .string(
                    publication.text(
                        de: "\(relation.part.label) als Teil von \(relation.whole.label)",
                        en: "\(relation.part.label) as a part of \(relation.whole.label)"
                    )
                ),
                "product_id": .string(relation.id),
                // Validators want something here. The purl of the part would say less than is meant: the part, in any product.
                "product_identification_helper": [
                    "x_generic_uris": [
                        [
                            "namespace": .string(publication.publisher.namespace),
                            "uri": .string("\(OpenVEX.identifier(publication))#\(relation.id)"),
                        ]
                    ]
                ],
            ],
            "product_reference": .string(numbers[relation.part] ?? ""),
            "relates_to_product_reference": .string(numbers[relation.whole] ?? ""),
        ]
    }
}
