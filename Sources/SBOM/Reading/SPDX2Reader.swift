// SPDX-License-Identifier: EUPL-1.2

internal import JSON

/// Reads SPDX JSON 2.2 and 2.3.
///
/// Source: SPDX specification 2.3, and its JSON schema.
struct SPDX2Reader {
    private var bill: BillOfMaterials
    private let limits: BillLimits
    /// References of files and snippets, which are no components here.
    private var others: Set<String> = []
    /// References of what the surroundings provide.
    private var outside: Set<String> = []

    static func read(_ root: BillObject, limits: BillLimits) throws(BillReadError) -> BillOfMaterials {
        let version = try root.string("spdxVersion") ?? ""
        guard version == "SPDX-2.2" || version == "SPDX-2.3" else {
            throw .unsupportedVersion(.spdx, version.excerpt(40))
        }
        var reader = SPDX2Reader(
            bill: BillOfMaterials(format: .spdx, specVersion: String(version.dropFirst(5))),
            limits: limits
        )
        try reader.document(root)
        return reader.bill
    }

    private mutating func document(_ root: BillObject) throws(BillReadError) {
        bill.identifier = try root.string("documentNamespace")
        if let creation = try root.object("creationInfo") {
            bill.timestamp = try creation.string("created")
            for (index, text) in try creation.strings("creators").enumerated() {
                let place = "\(creation.pointer)/creators/\(index)"
                if text.hasPrefix("Tool: ") {
                    bill.tools.append(String(text.dropFirst(6)))
                } else if let party = Self.party(text, .manufacturer, place) {
                    bill.creators.append(party)
                }
            }
        }
        for file in try root.objects("files") {
            bill.fileCount += 1
            if let reference = try file.string("SPDXID") { others.insert(reference) }
        }
        for snippet in try root.objects("snippets") {
            if let reference = try snippet.string("SPDXID") { others.insert(reference) }
        }
        guard bill.fileCount <= limits.components else { throw .tooMany("files", limit: limits.components) }
        for package in try root.objects("packages") {
            guard bill.entries.count < limits.components else {
                throw .tooMany("packages", limit: limits.components)
            }
            bill.entries.append(try Self.entry(package))
        }
        let described = try root.strings("documentDescribes") + relationships(root)
        for index in bill.entries.indices where bill.entries[index].reference.map({ outside.contains($0) }) ?? false {
            bill.entries[index].isOutsideDelivery = true
        }
        bill.takeSubject(described.first)
    }

    /// Reads the edges.
    ///
    /// - Returns: what the document describes.
    private mutating func relationships(_ root: BillObject) throws(BillReadError) -> [String] {
        var described: [String] = []
        var edges = 0
        for relationship in try root.objects("relationships") {
            edges += 1
            guard edges <= limits.edges else { throw .tooMany("relationships", limit: limits.edges) }
            guard let from = try relationship.string("spdxElementId"),
                let to = try relationship.string("relatedSpdxElement"),
                let type = try relationship.string("relationshipType")
            else { continue }
            switch type {
            case "DESCRIBES" where from == "SPDXRef-DOCUMENT": described.append(to)
            case "DESCRIBED_BY" where to == "SPDXRef-DOCUMENT": described.append(from)
            case "CONTAINS", "DEPENDS_ON", "DYNAMIC_LINK", "STATIC_LINK":
                edge(from, to, at: relationship.pointer)
            case "CONTAINED_BY", "PACKAGE_OF": edge(to, from, at: relationship.pointer)
            // BUILD_DEPENDENCY_OF, RUNTIME_DEPENDENCY_OF and their like.
            case _ where type.hasSuffix("DEPENDENCY_OF"):
                if type == "PROVIDED_DEPENDENCY_OF" { outside.insert(from) }
                edge(to, from, at: relationship.pointer)
            default: continue
            }
        }
        return described
    }

    private mutating func edge(_ from: String, _ to: String, at pointer: String) {
        guard !others.contains(from), !others.contains(to) else { return }
        switch to {
        case "NONE": bill.dependencies.append(BillDependency(from: from, to: [], pointer: pointer))
        case "NOASSERTION":
            bill.compositions.append(BillComposition(aggregate: "unknown", references: [from], pointer: pointer))
        default: bill.dependencies.append(BillDependency(from: from, to: [to], pointer: pointer))
        }
    }

    // MARK: - One package

    private static func entry(_ package: BillObject) throws(BillReadError) -> BillEntry {
        var entry = BillEntry(pointer: package.pointer)
        entry.reference = try package.string("SPDXID")
        entry.type = try package.string("primaryPackagePurpose").map { $0.lowercased() }
        entry.name = try package.string("name") ?? ""
        entry.version = try package.string("versionInfo")
        for (key, role) in [("originator", BillParty.Role.manufacturer), ("supplier", .supplier)] {
            if let text = try package.string(key), let party = party(text, role, package.place(key)) {
                entry.parties.append(party)
            }
        }
        for (key, acknowledgement) in [("licenseConcluded", "concluded"), ("licenseDeclared", "declared")] {
            guard let text = try package.string(key), text != "NOASSERTION" else { continue }
            entry.licenses.append(
                BillLicense(
                    form: .expression,
                    text: text,
                    acknowledgement: acknowledgement,
                    pointer: package.place(key)
                )
            )
        }
        for checksum in try package.objects("checksums") {
            entry.hashes.append(
                BillHash(
                    algorithm: BillHash.name(try checksum.string("algorithm") ?? ""),
                    value: try checksum.string("checksumValue") ?? ""
                )
            )
        }
        if let url = try package.string("downloadLocation"), url != "NOASSERTION", url != "NONE" {
            entry.references.append(
                BillReference(type: "distribution", url: url, hashes: [], pointer: package.place("downloadLocation"))
            )
        }
        if let name = try package.string("packageFileName") {
            entry.properties.append(BillProperty(name: BSITaxonomy.filename, value: name))
        }
        for reference in try package.objects("externalRefs") {
            guard let locator = try reference.string("referenceLocator") else { continue }
            switch try reference.string("referenceType") {
            case "purl":
                entry.purlText = locator
                entry.purl = try? PackageURL(parsing: locator)
            case "cpe22Type", "cpe23Type", "swid": entry.otherIdentifiers.append(locator)
            default: continue
            }
        }
        return entry
    }

    /// `Organization: Name (address)`.
    private static func party(_ text: String, _ role: BillParty.Role, _ pointer: String) -> BillParty? {
        var rest = text[...]
        for prefix in ["Organization:", "Person:"] where rest.hasPrefix(prefix) { rest = rest.dropFirst(prefix.count) }
        guard rest.count < text.count else { return nil }
        rest = rest.drop { $0 == " " }
        var email: String?
        if rest.hasSuffix(")"), let open = rest.lastIndex(of: "(") {
            email = String(rest[rest.index(after: open)...].dropLast())
            rest = rest[..<open]
            while rest.last == " " { rest.removeLast() }
        }
        return BillParty(
            role: role,
            name: String(rest),
            emails: email.flatMap { $0.isEmpty ? nil : [$0] } ?? [],
            urls: [],
            pointer: pointer
        )
    }
}

extension BillOfMaterials {
    /// Moves the component with a reference out of the list: it is what the document is about.
    mutating func takeSubject(_ reference: String?) {
        guard let reference, let index = entries.firstIndex(where: { $0.reference == reference }) else { return }
        subject = entries.remove(at: index)
    }
}

extension BillHash {
    /// An algorithm of SPDX in CycloneDX's words: `SHA512` and `sha512` are `SHA-512`.
    static func name(_ algorithm: String) -> String {
        switch algorithm.uppercased() {
        case "SHA1": "SHA-1"
        case "SHA256": "SHA-256"
        case "SHA384": "SHA-384"
        case "SHA512": "SHA-512"
        case let other: String(other.map { $0 == "_" ? "-" : $0 })
        }
    }
}
