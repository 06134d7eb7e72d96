// SPDX-License-Identifier: EUPL-1.2

internal import JSON

/// One entry of `components`.
enum CycloneDXComponent {
    /// Files that are named as evidence at most.
    private static let maximumOccurrences = 100

    static func json(_ component: Component, reference: String) -> JSONValue {
        var result: [String: JSONValue] = [
            "bom-ref": .string(reference),
            "type": .string(component.kind.rawValue),
            "name": .string(component.name),
            "version": .string(CycloneDX.bounded(component.version, CycloneDX.maximumVersion)),
        ]
        result["purl"] = component.purl.map { .string($0.description) }
        if let supplier = component.supplier, !supplier.isEmpty {
            let (name, email) = nameAndAddress(supplier)
            result["manufacturer"] = CycloneDX.organisation(name: name, email: email, url: nil)
        }
        result["licenses"] = CycloneDXLicenses.json(component.licenses)
        result["properties"] = properties(component)
        result["evidence"] = evidence(component)
        return .object(result)
    }

    /// The distribution as a component.
    static func json(_ distribution: Distribution, reference: String) -> JSONValue {
        var result: [String: JSONValue] = [
            "bom-ref": .string(reference),
            "type": "operating-system",
            "name": .string(distribution.id),
        ]
        result["version"] = distribution.versionID.map { .string(CycloneDX.bounded($0, CycloneDX.maximumVersion)) }
        result["description"] = distribution.prettyName.map { .string($0) }
        if let codename = distribution.codename {
            result["properties"] = [["name": "kontor:os:codename", "value": .string(codename)]]
        }
        return .object(result)
    }

    private static func properties(_ component: Component) -> JSONValue? {
        var properties: [JSONValue] = []
        func add(_ name: String, _ value: String?) {
            if let value { properties.append(["name": .string(name), "value": .string(value)]) }
        }
        switch (component.ecosystem, component.kind) {
        case ("deb", .library):
            // The deployable form of a Debian package is the .deb, whose name its fields determine (Debian Policy 5.6.12: no epoch).
            // Whether it is "executable" in the sense of TR-03183-2 cannot be told from the list of packages.
            if let architecture = component.architecture {
                let version = component.version.split(separator: ":", maxSplits: 1).last ?? ""
                add("bsi:component:filename", "\(component.name)_\(version)_\(architecture).deb")
                add("bsi:component:archive", "archive")
                add("bsi:component:structured", "structured")
            }
        case (_, .file), (_, .application):
            add("bsi:component:filename", component.paths.first?.split(separator: "/").last.map(String.init))
        default: break
        }
        add("kontor:component:architecture", component.architecture)
        add("kontor:component:ecosystem", component.ecosystem)
        add("kontor:component:layer", component.layer.map(String.init))
        add("kontor:component:ownedBy", component.ownedBy)
        add("kontor:component:sourceName", component.sourceName)
        add("kontor:component:sourceVersion", component.sourceVersion)
        return properties.isEmpty ? nil : .array(properties)
    }

    private static func evidence(_ component: Component) -> JSONValue? {
        guard !component.paths.isEmpty else { return nil }
        let paths = component.paths.prefix(maximumOccurrences)
        var result: [String: JSONValue] = ["occurrences": .array(paths.map { ["location": .string($0)] })]
        if component.purl != nil, component.kind == .library, let first = paths.first {
            let confidence: JSONValue = component.confidence < 1 ? .double(component.confidence) : 1
            result["identity"] = [
                [
                    "field": "purl",
                    "confidence": confidence,
                    "methods": [
                        [
                            "technique": component.confidence <= 0.5 ? "filename" : "manifest-analysis",
                            "confidence": confidence, "value": .string(first),
                        ]
                    ],
                ]
            ]
        }
        return .object(result)
    }

    /// `Debian OpenSSL Team <team@example.org>` in its two parts.
    static func nameAndAddress(_ text: String) -> (name: String, email: String?) {
        let bounded = CycloneDX.bounded(text, 512)
        guard let open = bounded.lastIndex(of: "<"), bounded.last == ">" else { return (bounded, nil) }
        let email = bounded[bounded.index(after: open)...].dropLast()
        var name = bounded[..<open]
        while name.last == " " { name.removeLast() }
        return (name.isEmpty ? String(email) : String(name), String(email))
    }
}
