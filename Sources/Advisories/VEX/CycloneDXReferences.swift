// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import SBOM

/// What the references of a CycloneDX document mean: a component of it, or one of another document by a BOM-Link.
struct CycloneDXReferences {
    /// What a reference comes to.
    enum Target {
        case product(VEXProduct)
        case unusable(LocalizedText)
    }

    /// A component, and the outermost component that it is a part of; nil where it stands for itself.
    private struct Place {
        var component: VEXComponent
        var whole: VEXComponent?
        var isPart: Bool
    }

    private var places: [String: Place] = [:]
    private var twice: Set<String> = []
    /// `urn:cdx:…/1` of the document itself.
    private let ownLink: String?
    private let reading: VEXReading

    init(
        _ document: JSONFields,
        serialNumber: String?,
        version: Int?,
        _ reading: VEXReading
    ) throws(JSONShapeError) {
        self.reading = reading
        ownLink = serialNumber.flatMap { Self.link(serialNumber: $0, version: version ?? 1) }
        var root: VEXComponent?
        if let fields = try document.optionalObject("metadata")?.optionalObject("component") {
            var component = try component(fields)
            // What has no purl and no digest is still "what this SBOM describes"; who has the SBOM can tell.
            if component.isEmpty { component.id = ownLink }
            root = component
            try insert(Place(component: component, whole: nil, isPart: false), fields)
            for part in try fields.optionalObjects("components") ?? [] { try add(part, root: component) }
        }
        for fields in try document.optionalObjects("components") ?? [] { try add(fields, root: root) }
    }

    /// The link to a document: `urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1`.
    static func link(serialNumber: String, version: Int) -> String? {
        guard serialNumber.hasPrefix("urn:uuid:") else { return nil }
        return "urn:cdx:\(serialNumber.dropFirst(9).lowercased())/\(version)"
    }

    subscript(_ reference: String) -> Target {
        if reference.hasPrefix("urn:cdx:") { return target(ofLink: reference) }
        if twice.contains(reference) {
            return .unusable(
                LocalizedText(
                    de: "Der bom-ref „\(reference.excerpt(80))“ ist zweimal vergeben.",
                    en: "The bom-ref \"\(reference.excerpt(80))\" is there twice."
                )
            )
        }
        guard let place = places[reference] else {
            return .unusable(
                LocalizedText(
                    de: "Der bom-ref „\(reference.excerpt(80))“ ist keine Komponente dieses Dokuments.",
                    en: "The bom-ref \"\(reference.excerpt(80))\" is no component of this document."
                )
            )
        }
        let whole = place.whole ?? place.component
        guard !place.component.isEmpty, !whole.isEmpty else {
            return .unusable(
                LocalizedText(
                    de:
                        "Die Komponente „\(reference.excerpt(80))“ oder ihr Produkt hat weder purl noch SHA-2-Prüfsumme.",
                    en: "The component \"\(reference.excerpt(80))\" or its product has neither a purl nor a SHA-2 hash."
                )
            )
        }
        return .product(VEXProduct(whole, subcomponents: place.isPart ? [place.component] : []))
    }

    private func target(ofLink link: String) -> Target {
        let parts = link.split(separator: "#", maxSplits: 1)
        let document = parts[0].lowercased()
        guard parts.count == 2 else { return .product(VEXProduct(VEXComponent(id: document))) }
        let fragment = Self.decoded(parts[1])
        if document == ownLink { return self[fragment] }
        // The image in an SBOM of Kontor's.
        if fragment.hasPrefix("image:"), let digest = VEXDigest.text(String(fragment.dropFirst(6))) {
            return .product(VEXProduct(VEXComponent(digests: [digest])))
        }
        // bom-refs are often purls, and Kontor's are. Of the other document nothing else is known here.
        guard fragment.hasPrefix("pkg:"), let purl = try? PackageURL(parsing: fragment) else {
            return .product(VEXProduct(VEXComponent(id: "\(document)#\(fragment.excerpt(reading.limits.nameBytes))")))
        }
        if purl.type == "oci" || purl.type == "docker" { return .product(VEXProduct(VEXComponent(purl: purl))) }
        return .product(VEXProduct(VEXComponent(id: document), subcomponents: [VEXComponent(purl: purl)]))
    }

    /// A purl as the fragment of a URN is encoded once more by some writers and not by others: it must begin with `pkg:` after all.
    private static func decoded(_ text: Substring) -> String {
        guard !text.hasPrefix("pkg:"), text.utf8.contains(0x25) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == 0x25, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16),
                rest.count >= 2
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? String(text)
    }

    // MARK: - Components

    // As deep as the JSON, which the reader has bounded.
    private mutating func add(
        _ fields: JSONFields,
        root: VEXComponent?
    ) throws(JSONShapeError) {
        let component = try component(fields)
        try insert(Place(component: component, whole: root, isPart: root != nil), fields)
        for part in try fields.optionalObjects("components") ?? [] { try add(part, root: root ?? component) }
    }

    private mutating func insert(_ place: Place, _ fields: JSONFields) throws(JSONShapeError) {
        guard let reference = try fields.optionalString("bom-ref") else { return }
        if places.updateValue(place, forKey: reference) != nil { twice.insert(reference) }
    }

    private func component(_ fields: JSONFields) throws(JSONShapeError) -> VEXComponent {
        var component = VEXComponent()
        // A purl that cannot be read names nothing; an SBOM of thousands of components is not refused for one.
        component.purl = try fields.optionalString("purl").flatMap { try? PackageURL(parsing: $0) }
        for hash in try fields.optionalObjects("hashes") ?? [] {
            let digest = VEXDigest.text(algorithm: try hash.string("alg"), value: try hash.string("content"))
            if let digest, !component.digests.contains(digest), component.digests.count < 64 {
                component.digests.append(digest)
            }
        }
        return component
    }
}
