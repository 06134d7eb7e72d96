// SPDX-License-Identifier: EUPL-1.2

internal import JSON

/// Reads CycloneDX JSON 1.2 to 1.7.
///
/// Source: CycloneDX JSON schemas, bom-1.2 to bom-1.7.
struct CycloneDXReader {
    private static let versions: Set<String> = ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"]
    /// Files of one component that are kept.
    private static let maximumOccurrences = 100

    private var bill: BillOfMaterials
    private let limits: BillLimits

    static func read(_ root: BillObject, limits: BillLimits) throws(BillReadError) -> BillOfMaterials {
        let version = try root.string("specVersion") ?? ""
        guard versions.contains(version) else { throw .unsupportedVersion(.cycloneDX, version.excerpt(40)) }
        var reader = CycloneDXReader(
            bill: BillOfMaterials(format: .cycloneDX, specVersion: version),
            limits: limits
        )
        try reader.document(root)
        return reader.bill
    }

    private mutating func document(_ root: BillObject) throws(BillReadError) {
        bill.identifier = try root.string("serialNumber")
        bill.version = try root.number("version")
        bill.isSigned = root.members["signature"].map { !$0.isNull } ?? false
        if let metadata = try root.object("metadata") { try self.metadata(metadata) }
        try components(of: root, parent: nil)

        var edges = 0
        for entry in try root.objects("dependencies") {
            let targets = try entry.strings("dependsOn")
            edges += targets.count + 1
            guard edges <= limits.edges else { throw .tooMany("dependencies", limit: limits.edges) }
            guard let from = try entry.string("ref") else {
                throw .unexpected(pointer: entry.place("ref"), expected: "string", found: "nothing")
            }
            bill.dependencies.append(BillDependency(from: from, to: targets, pointer: entry.pointer))
        }
        for entry in try root.objects("compositions") {
            let references = try entry.strings("assemblies") + entry.strings("dependencies")
            edges += references.count + 1
            guard edges <= limits.edges else { throw .tooMany("dependencies", limit: limits.edges) }
            bill.compositions.append(
                BillComposition(
                    aggregate: try entry.string("aggregate") ?? "",
                    references: references,
                    pointer: entry.pointer
                )
            )
        }
        let vulnerabilities = try root.array("vulnerabilities")
        bill.vulnerabilityCount = vulnerabilities.count
        bill.vulnerabilities = vulnerabilities.indices.prefix(BillOfMaterials.maximumPlaces).map {
            "/vulnerabilities/\($0)"
        }
    }

    private mutating func metadata(_ metadata: BillObject) throws(BillReadError) {
        bill.timestamp = try metadata.string("timestamp")
        bill.creators = try Self.parties(metadata)
        for phase in try metadata.objects("lifecycles") {
            if let name = try phase.firstString("phase", "name") { bill.lifecycles.append(name) }
        }
        // Up to 1.4 a list of tools, since 1.5 also an object with components and services.
        var tools: [BillObject] = []
        if case .array? = metadata.members["tools"] {
            tools = try metadata.objects("tools")
        } else if let object = try metadata.object("tools") {
            tools = try object.objects("components") + object.objects("services")
        }
        for tool in tools {
            guard let name = try tool.string("name") else { continue }
            bill.tools.append(try tool.string("version").map { "\(name) \($0)" } ?? name)
        }
        if let component = try metadata.object("component") {
            bill.subject = try Self.entry(component)
            // What stands inside the subject hangs off it without being named in the graph.
            let first = bill.entries.count
            try components(of: component, parent: nil)
            let inside = bill.entries[first...].filter { $0.parent == nil }.compactMap(\.reference)
            if let reference = bill.subject?.reference, !inside.isEmpty {
                bill.dependencies.append(
                    BillDependency(from: reference, to: inside, pointer: component.place("components"))
                )
            }
        }
    }

    /// Recursion is as deep as the JSON, which is bounded.
    private mutating func components(of object: BillObject, parent: Int?) throws(BillReadError) {
        for component in try object.objects("components") {
            guard bill.entries.count < limits.components else {
                throw .tooMany("components", limit: limits.components)
            }
            var entry = try Self.entry(component)
            entry.parent = parent
            let index = bill.entries.count
            bill.entries.append(entry)
            if component.members["components"] != nil { try components(of: component, parent: index) }
        }
    }

    // MARK: - One component

    private static func entry(_ object: BillObject) throws(BillReadError) -> BillEntry {
        var entry = BillEntry(pointer: object.pointer)
        entry.reference = try object.string("bom-ref")
        entry.type = try object.string("type")
        entry.group = try object.string("group")
        entry.name = try object.string("name") ?? ""
        entry.version = try object.string("version")
        entry.purlText = try object.string("purl")
        entry.purl = entry.purlText.flatMap { try? PackageURL(parsing: $0) }
        if let cpe = try object.string("cpe") { entry.otherIdentifiers.append(cpe) }
        if let tag = try object.object("swid")?.string("tagId") { entry.otherIdentifiers.append(tag) }
        entry.parties = try parties(object)
        entry.licenses = try licenses(object)
        entry.hashes = try hashes(object)
        for reference in try object.objects("externalReferences") {
            entry.references.append(
                BillReference(
                    type: try reference.string("type") ?? "",
                    url: try reference.string("url") ?? "",
                    hashes: try hashes(reference),
                    pointer: reference.pointer
                )
            )
        }
        for property in try object.objects("properties") {
            guard let name = try property.string("name") else { continue }
            entry.properties.append(BillProperty(name: name, value: try property.string("value") ?? ""))
        }
        let external = try object.bool("isExternal")
        entry.isOutsideDelivery = external || object.members["scope"] == "excluded"
        if let evidence = try object.object("evidence") {
            for occurrence in try evidence.objects("occurrences").prefix(maximumOccurrences) {
                if let location = try occurrence.string("location") { entry.occurrences.append(location) }
            }
        }
        return entry
    }

    private static func hashes(_ object: BillObject) throws(BillReadError) -> [BillHash] {
        guard object.members["hashes"] != nil else { return [] }
        var result: [BillHash] = []
        for hash in try object.objects("hashes") {
            result.append(
                BillHash(algorithm: try hash.string("alg") ?? "", value: try hash.string("content") ?? "")
            )
        }
        return result
    }

    private static func licenses(_ object: BillObject) throws(BillReadError) -> [BillLicense] {
        var result: [BillLicense] = []
        for choice in try object.objects("licenses") {
            let license = try choice.object("license")
            // Since 1.6: of the expression itself, or inside "license".
            let acknowledgement = try (license ?? choice).string("acknowledgement")
            let (form, text): (BillLicense.Form, String?) =
                if let expression = try choice.string("expression") {
                    (.expression, expression)
                } else if let id = try license?.string("id") {
                    (.id, id)
                } else {
                    (.name, try license?.string("name"))
                }
            result.append(
                BillLicense(form: form, text: text ?? "", acknowledgement: acknowledgement, pointer: choice.pointer)
            )
        }
        return result
    }

    private static func parties(_ object: BillObject) throws(BillReadError) -> [BillParty] {
        var result: [BillParty] = []
        for (key, role) in [("manufacturer", BillParty.Role.manufacturer), ("supplier", .supplier)] {
            guard let organisation = try object.object(key) else { continue }
            var party = BillParty(
                role: role,
                name: try organisation.string("name"),
                emails: [],
                urls: try organisation.strings("url"),
                pointer: organisation.pointer
            )
            for contact in try organisation.objects("contact") {
                if let email = try contact.string("email") { party.emails.append(email) }
            }
            result.append(party)
        }
        for author in try object.objects("authors") {
            result.append(
                BillParty(
                    role: .author,
                    name: try author.string("name"),
                    emails: try author.string("email").map { [$0] } ?? [],
                    urls: [],
                    pointer: author.pointer
                )
            )
        }
        for (key, role) in [("author", BillParty.Role.author), ("publisher", .publisher)] {
            guard let name = try object.string(key) else { continue }
            result.append(BillParty(role: role, name: name, emails: [], urls: [], pointer: object.place(key)))
        }
        return result
    }
}
