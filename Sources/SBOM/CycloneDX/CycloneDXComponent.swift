// SPDX-License-Identifier: EUPL-1.2

internal import JSON

/// One entry of `components`.
enum CycloneDXComponent {
    /// Files that are named as evidence at most.
    private static let maximumOccurrences = 100

    /// - Parameter systemLicense: the licence of all packages of the distribution, where it is known.
    static func json(_ component: Component, reference: String, systemLicense: String?) -> JSONValue {
        var result: [String: JSONValue] = [
            "bom-ref": .string(reference),
            "type": .string(component.kind.rawValue),
            "name": .string(component.name),
            "version": .string(CycloneDX.bounded(version(component), CycloneDX.maximumVersion)),
        ]
        result["purl"] = component.purl.map { .string($0.description) }
        result["manufacturer"] = manufacturer(component)
        result["licenses"] =
            component.kind == .operatingSystem
            ? systemLicense.map { CycloneDXLicenses.json(expression: $0) } : CycloneDXLicenses.json(component.licenses)
        result["properties"] = properties(component)
        result["evidence"] = evidence(component)
        return .object(result)
    }

    /// The distribution as a component.
    ///
    /// - Parameter license: that of all its packages, where it is known.
    static func json(_ distribution: Distribution, reference: String, license: String?) -> JSONValue {
        var result: [String: JSONValue] = [
            "bom-ref": .string(reference),
            "type": "operating-system",
            "name": .string(distribution.id),
        ]
        // A release without a number goes by its code name.
        result["version"] = (distribution.versionID ?? distribution.codename)
            .map { .string(CycloneDX.bounded($0, CycloneDX.maximumVersion)) }
        result["description"] = distribution.prettyName.map { .string($0) }
        result["manufacturer"] = DistributionHome(distribution)
            .flatMap { CycloneDX.organisation(name: $0.name, email: nil, url: $0.url) }
        result["licenses"] = license.map { CycloneDXLicenses.json(expression: $0) }
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
        // Of an installed package nothing is said about a file: it is unpacked, and the archive that it came in is not in the image. To
        // TR-03183-2 it is a logical component (3.2.2), which must not have these fields. A JAR is still the file that it was.
        switch (component.ecosystem, component.kind) {
        case ("maven", .library), (_, .file), (_, .application):
            add("bsi:component:filename", component.paths.first?.split(separator: "/").last.map(String.init))
        default: break
        }
        if component.ecosystem == "maven", component.kind == .library {
            add("bsi:component:archive", "archive")
            add("bsi:component:structured", "structured")
        }
        add("kontor:component:architecture", component.architecture)
        add("kontor:component:ecosystem", component.ecosystem)
        add("kontor:component:layer", component.layer.map(String.init))
        for name in CycloneDXLicenses.otherNames(component.licenses) { add("kontor:component:license", name) }
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

    private static func version(_ component: Component) -> String {
        guard component.version.isEmpty, component.kind == .operatingSystem else { return component.version }
        return component.distribution?.codename ?? ""
    }

    /// Who made it, with an e-mail address or a URL where one is known (TR-03183-2, 5.2.2).
    private static func manufacturer(_ component: Component) -> JSONValue? {
        let home = component.distribution.flatMap { DistributionHome($0) }
        guard let supplier = component.supplier, !supplier.isEmpty else {
            // A package of a distribution that names nobody is maintained by the distribution, and so is the system itself.
            guard component.kind == .operatingSystem || ["deb", "apk", "rpm"].contains(component.ecosystem) else {
                return repository(component)
            }
            return home.flatMap { CycloneDX.organisation(name: $0.name, email: nil, url: $0.url) }
        }
        let (name, address) = nameAndAddress(supplier)
        let url = home.flatMap { $0.isVendor(name) ? $0.url : nil } ?? codeHost(component)
        return CycloneDX.organisation(name: name, email: address, url: address.flatMap(CycloneDX.webAddress) ?? url)
    }

    private static func repository(_ component: Component) -> JSONValue? {
        codeHost(component).flatMap { url in
            CycloneDX.organisation(name: String(url.dropFirst("https://".count)), email: nil, url: url)
        }
    }

    /// The project's page of a Go module whose path is the address of a repository.
    private static func codeHost(_ component: Component) -> String? {
        guard component.ecosystem == "golang" else { return nil }
        let parts = component.name.split(separator: "/")
        guard parts.count >= 3, ["github.com", "gitlab.com", "codeberg.org", "bitbucket.org"].contains(parts[0]) else {
            return nil
        }
        return CycloneDX.webAddress("https://" + parts.prefix(3).joined(separator: "/"))
    }

    /// `Debian OpenSSL Team <team@example.org>` in its two parts; vendors of RPMs put a URL there.
    static func nameAndAddress(_ text: String) -> (name: String, address: String?) {
        let bounded = CycloneDX.bounded(text, 512)
        guard let open = bounded.lastIndex(of: "<"), bounded.last == ">" else { return (bounded, nil) }
        let address = bounded[bounded.index(after: open)...].dropLast()
        var name = bounded[..<open]
        while name.last == " " { name.removeLast() }
        return (name.isEmpty ? String(address) : String(name), String(address))
    }
}
