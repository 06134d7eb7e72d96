// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import Time

/// Writer of SBOMs in CycloneDX 1.6.
///
/// The image is the root of the document (`metadata.component`) and of the dependency graph, from which every component can be
/// reached. Vulnerabilities are never in it (BSI TR-03183-2 v2.1.0, 8.1.14).
///
/// Source: CycloneDX 1.6 JSON schema; BSI TR-03183-2 v2.1.0, 8.2 (mapping) and the BSI property taxonomy.
public enum CycloneDX {
    /// Media type of the document.
    public static let mediaType = "application/vnd.cyclonedx+json"

    /// Code points that the schema allows in a version.
    static let maximumVersion = 1024

    /// One document for one image.
    ///
    /// The same input gives the same value, whatever the order of the components.
    ///
    /// - Parameters:
    ///   - subject: the image.
    ///   - components: what is in it.
    ///   - version: Kontor's own version, which is named as the tool's.
    ///   - timestamp: when the image was analysed.
    ///   - creator: who runs the node; TR-03183-2 demands one with an e-mail address or a URL.
    public static func document(
        subject: SBOMSubject,
        components: [Component],
        tool version: String,
        timestamp: Timestamp,
        creator: SBOMCreator? = nil
    ) -> JSONValue {
        let list = CycloneDXComponentList(subject: subject, components: components)
        var metadata: [String: JSONValue] = [
            "timestamp": .string(timestamp.rfc3339),
            // Nobody watched the build: what is listed was found in the finished image.
            "lifecycles": [["phase": "post-build"]],
            "tools": [
                "components": [["type": "application", "name": "kontor", "version": .string(version)]]
            ],
            "component": image(
                subject,
                reference: list.imageReference,
                license: CycloneDXLicenses.expression(of: components)
            ),
        ]
        metadata["manufacturer"] = creator.flatMap { organisation(name: $0.name, email: $0.email, url: $0.url) }
        return [
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": .string("urn:uuid:" + serialNumber(subject, tool: version)),
            "version": 1,
            "metadata": .object(metadata),
            "components": .array(list.components),
            "dependencies": .array(list.dependencies),
            "compositions": .array(list.compositions),
        ]
    }

    /// The UUID of the document: of the image, under its name and tag, as seen by this version of the tool.
    ///
    /// A root file system has no digest; there the name alone counts.
    static func serialNumber(_ subject: SBOMSubject, tool version: String) -> String {
        // Length before each part, so that no two different subjects join to the same text.
        let parts = [subject.digest ?? "", subject.name, subject.version ?? "", subject.architecture ?? "", version]
        return NameUUID.text(parts.map { "\($0.utf8.count):\($0)" }.joined())
    }

    /// - Parameter license: that of all its components, where it is known.
    private static func image(_ subject: SBOMSubject, reference: String, license: String?) -> JSONValue {
        let labels = subject.labels
        func label(_ key: String) -> String? {
            labels["org.opencontainers.image." + key].flatMap { $0.isEmpty ? nil : bounded($0, 1024) }
        }
        var component: [String: JSONValue] = [
            "bom-ref": .string(reference),
            // "platform" and the like do not fit a file system, which is a container that nobody has packed yet.
            "type": "container",
            "name": .string(subject.name),
        ]
        component["version"] = (subject.version ?? label("version") ?? subject.digest)
            .map { .string(bounded($0, maximumVersion)) }
        component["description"] = label("description").map { .string($0) }
        component["purl"] = purl(of: subject).map { .string($0.description) }
        if let digest = subject.digest, let hash = hash(digest) { component["hashes"] = [hash] }
        // The label is what the image is distributed under (OCI image-spec, annotations).
        component["licenses"] =
            label("licenses").flatMap { CycloneDXLicenses.json([$0]) }
            ?? license.map { CycloneDXLicenses.json(expression: $0) }
        // Both are free text, in which an address may stand as in a mail.
        if let maker = label("vendor") ?? label("authors") {
            let (name, address) = CycloneDXComponent.nameAndAddress(maker)
            let (_, author) = CycloneDXComponent.nameAndAddress(label("authors") ?? "")
            let addresses = [address, author, label("authors"), label("url")].compactMap(\.self)
            component["manufacturer"] = organisation(
                name: name,
                email: addresses.first { mailAddress($0) != nil },
                url: addresses.first { webAddress($0) != nil }
            )
        }
        var references: [JSONValue] = []
        // "source" twice: as what it is, and where TR-03183-2 (8.2) looks for the source code.
        let kinds = [
            ("source", "vcs"), ("source", "source-distribution"), ("documentation", "documentation"),
            ("url", "website"),
        ]
        for (key, type) in kinds {
            if let url = label(key).flatMap(webAddress) {
                references.append(["type": .string(type), "url": .string(url)])
            }
        }
        if !references.isEmpty { component["externalReferences"] = .array(references) }
        var properties: [JSONValue] = []
        func property(_ name: String, _ value: String?) {
            if let value { properties.append(["name": .string(name), "value": .string(value)]) }
        }
        property("kontor:image:architecture", subject.architecture)
        property("kontor:image:digest", subject.digest)
        property("kontor:image:os", subject.operatingSystem)
        property("kontor:image:revision", label("revision"))
        if !properties.isEmpty { component["properties"] = .array(properties) }
        return .object(component)
    }

    private static func purl(of subject: SBOMSubject) -> PackageURL? {
        guard let digest = subject.digest, let name = subject.name.split(separator: "/").last else { return nil }
        var qualifiers: [String: String] = [:]
        qualifiers["arch"] = subject.architecture
        qualifiers["tag"] = subject.version
        return PackageURL(type: "oci", name: String(name), version: digest, qualifiers: qualifiers)
    }

    private static func hash(_ digest: String) -> JSONValue? {
        let parts = digest.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let algorithm: (name: String, digits: Int)
        switch parts[0] {
        case "sha256": algorithm = ("SHA-256", 64)
        case "sha512": algorithm = ("SHA-512", 128)
        default: return nil
        }
        let isHex = parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard isHex, parts[1].utf8.count == algorithm.digits else { return nil }
        return ["alg": .string(algorithm.name), "content": .string(String(parts[1]))]
    }

    /// An organisation with at most one contact; e-mail address before URL, as TR-03183-2 wants one of them.
    static func organisation(name: String, email: String?, url: String?) -> JSONValue? {
        guard !name.isEmpty else { return nil }
        var result: [String: JSONValue] = ["name": .string(name)]
        if let email = email.flatMap(mailAddress) {
            result["contact"] = [["email": .string(email)]]
        } else if let url = url.flatMap(webAddress) {
            result["url"] = [.string(url)]
        }
        return .object(result)
    }

    /// The text if it is an address that the schema's `idn-email` and every mail program accept.
    static func mailAddress(_ text: String) -> String? {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, text.utf8.count <= 254 else { return nil }
        let sound = text.utf8.allSatisfy {
            switch $0 {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x3D, 0x40, 0x5F,
                0x7E:
                true
            default: false
            }
        }
        return sound ? text : nil
    }

    /// The text if it is an `http` or `https` URL of plain characters, which the schema's `iri-reference` accepts.
    ///
    /// Labels are the publisher's words; a `javascript:` URL must not get into a document that pages are made from.
    static func webAddress(_ text: String) -> String? {
        guard text.utf8.count <= 2048, text.hasPrefix("https://") || text.hasPrefix("http://") else { return nil }
        let rest = text.drop { $0 != "/" }.dropFirst(2)
        guard let first = rest.utf8.first, first != 0x2F else { return nil }
        let sound = rest.utf8.allSatisfy {
            switch $0 {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
            // - . _ ~ : / ? # @ ! $ & ' ( ) * + , ; = without % and brackets, whose place a grammar would have to check
            case 0x2D, 0x2E, 0x5F, 0x7E, 0x3A, 0x2F, 0x3F, 0x40, 0x21, 0x24, 0x26...0x2C, 0x3B, 0x3D: true
            default: false
            }
        }
        return sound ? text : nil
    }

    /// At most so many code points, as JSON schemas count.
    static func bounded(_ text: String, _ length: Int) -> String {
        let scalars = text.unicodeScalars
        return scalars.count > length ? String(scalars.prefix(length - 1)) + "…" : text
    }
}
