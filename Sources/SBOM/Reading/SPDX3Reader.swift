// SPDX-License-Identifier: EUPL-1.2

internal import JSON

/// Reads SPDX 3.0 in JSON-LD: elements in `@graph` that name each other.
///
/// Source: SPDX specification 3.0.1, its JSON-LD context and JSON schema; BSI TR-03183-2 v2.1.0, 8.2, for where what stands.
struct SPDX3Reader {
    private static let versions: Set<String> = ["3.0", "3.0.0", "3.0.1"]

    private var bill = BillOfMaterials(format: .spdx, specVersion: "")
    private let limits: BillLimits
    private let elements: [BillObject]
    /// Index by `spdxId` or `@id`; the first one where two have the same.
    private let byID: [String: Int]
    /// Index in the bill by `spdxId`.
    private var entryByID: [String: Int] = [:]
    private var edges = 0

    static func read(_ root: BillObject, limits: BillLimits) throws(BillReadError) -> BillOfMaterials {
        var reader = try SPDX3Reader(root, limits)
        try reader.document()
        return reader.bill
    }

    private init(_ root: BillObject, _ limits: BillLimits) throws(BillReadError) {
        self.limits = limits
        elements = try root.objects("@graph")
        guard elements.count <= limits.components else { throw .tooMany("elements", limit: limits.components) }
        var byID: [String: Int] = [:]
        for (index, element) in elements.enumerated() {
            guard let id = try element.firstString("spdxId", "@id") else { continue }
            if byID[id] == nil { byID[id] = index }
        }
        self.byID = byID
    }

    private func element(_ id: String) -> BillObject? { byID[id].map { elements[$0] } }

    private static func type(_ element: BillObject) throws(BillReadError) -> String {
        try element.firstString("type", "@type") ?? ""
    }

    private mutating func document() throws(BillReadError) {
        var documents: [BillObject] = []
        var bills: [BillObject] = []
        var relationships: [BillObject] = []
        for element in elements {
            switch try Self.type(element) {
            case "SpdxDocument": documents.append(element)
            case "software_Sbom": bills.append(element)
            case "software_Package":
                let entry = try package(element)
                if let id = entry.reference { entryByID[id] = bill.entries.count }
                bill.entries.append(entry)
            case "software_File": bill.fileCount += 1
            case "Relationship", "LifecycleScopedRelationship": relationships.append(element)
            case let type where type.hasPrefix("security_"):
                bill.vulnerabilityCount += 1
                if bill.vulnerabilities.count < BillOfMaterials.maximumPlaces {
                    bill.vulnerabilities.append(element.pointer)
                }
            default: continue
            }
        }
        // The bill that the document names, else the first one.
        let roots = try documents.first?.oneOrMoreStrings("rootElement") ?? []
        let main = bills.first { $0.members["spdxId"]?.stringValue.map { roots.contains($0) } ?? false } ?? bills.first
        try head(main ?? documents.first)
        for relationship in relationships { try self.relationship(relationship) }

        let described =
            try main.map { (bill) throws(BillReadError) in try bill.oneOrMoreStrings("rootElement") } ?? roots
        bill.takeSubject(described.first)
    }

    private mutating func head(_ element: BillObject?) throws(BillReadError) {
        guard let element else { throw .notRead(.spdxElement) }
        bill.identifier = try element.string("spdxId")
        bill.lifecycles = try element.oneOrMoreStrings("software_sbomType")
        bill.isSigned = false
        guard let creation = try creationInfo(element) else {
            throw .unexpected(pointer: element.place("creationInfo"), expected: "a CreationInfo", found: "nothing")
        }
        let version = try creation.string("specVersion") ?? ""
        guard Self.versions.contains(version) else { throw .unsupportedVersion(.spdx, version.excerpt(40)) }
        bill.specVersion = version
        bill.timestamp = try creation.string("created")
        for id in try creation.oneOrMoreStrings("createdBy") {
            if let party = try party(id, .manufacturer) { bill.creators.append(party) }
        }
        for id in try creation.oneOrMoreStrings("createdUsing") {
            if let name = try self.element(id)?.string("name") { bill.tools.append(name) }
        }
    }

    /// Written in place, or named.
    private func creationInfo(_ element: BillObject) throws(BillReadError) -> BillObject? {
        guard case .string(let id)? = element.members["creationInfo"] else {
            return try element.object("creationInfo")
        }
        return self.element(id)
    }

    private func party(_ id: String, _ role: BillParty.Role) throws(BillReadError) -> BillParty? {
        guard let agent = element(id) else { return nil }
        var party = BillParty(
            role: role,
            name: try agent.string("name"),
            emails: [],
            urls: [],
            pointer: agent.pointer
        )
        for identifier in try agent.oneOrMoreObjects("externalIdentifier") {
            guard let text = try identifier.string("identifier") else { continue }
            if try identifier.string("externalIdentifierType") == "email" {
                party.emails.append(text)
            } else if text.hasPrefix("https://") || text.hasPrefix("http://") {
                // The guideline writes "urlScheme" for the bill and "other" for components: the text counts, not the type.
                party.urls.append(text)
            }
        }
        return party
    }

    // MARK: - Packages

    private func package(_ element: BillObject) throws(BillReadError) -> BillEntry {
        var entry = BillEntry(pointer: element.pointer)
        entry.reference = try element.string("spdxId")
        entry.type = try element.string("software_primaryPurpose").map {
            $0 == "operatingSystem" ? "operating-system" : $0
        }
        entry.name = try element.string("name") ?? ""
        entry.version = try element.string("software_packageVersion")
        entry.purlText = try element.string("software_packageUrl")
        for identifier in try element.oneOrMoreObjects("externalIdentifier") {
            guard let text = try identifier.string("identifier") else { continue }
            switch try identifier.string("externalIdentifierType")?.lowercased() {
            case "packageurl": entry.purlText = entry.purlText ?? text
            case "cpe22", "cpe23", "swid": entry.otherIdentifiers.append(text)
            default: continue
            }
        }
        entry.purl = entry.purlText.flatMap { try? PackageURL(parsing: $0) }
        for id in try element.oneOrMoreStrings("originatedBy") {
            if let party = try party(id, .manufacturer) { entry.parties.append(party) }
        }
        for id in try element.oneOrMoreStrings("suppliedBy") {
            if let party = try party(id, .supplier) { entry.parties.append(party) }
        }
        entry.hashes = try hashes(element)
        entry.references = try references(element)
        if let url = try element.string("software_downloadLocation") {
            entry.references.append(
                BillReference(
                    type: "download",
                    url: url,
                    hashes: [],
                    pointer: element.place("software_downloadLocation")
                )
            )
        }
        return entry
    }

    private func hashes(_ element: BillObject) throws(BillReadError) -> [BillHash] {
        var result: [BillHash] = []
        for hash in try element.oneOrMoreObjects("verifiedUsing") {
            guard let algorithm = try hash.string("algorithm") else { continue }
            result.append(
                BillHash(algorithm: BillHash.name(algorithm), value: try hash.string("hashValue") ?? "")
            )
        }
        return result
    }

    private func references(_ element: BillObject) throws(BillReadError) -> [BillReference] {
        var result: [BillReference] = []
        for reference in try element.oneOrMoreObjects("externalRef") {
            let written = try reference.string("externalRefType") ?? ""
            let type =
                switch written.lowercased() {
                case "binaryartifact": "distribution"
                case "sourceartifact": "source-distribution"
                case "securityother": "rfc-9116"
                default: written
                }
            for locator in try reference.oneOrMoreStrings("locator") {
                result.append(BillReference(type: type, url: locator, hashes: [], pointer: reference.pointer))
            }
        }
        return result
    }

    // MARK: - Relationships

    private mutating func relationship(_ element: BillObject) throws(BillReadError) {
        guard let from = try element.string("from"), let type = try element.string("relationshipType") else { return }
        let targets = try element.oneOrMoreStrings("to")
        edges += targets.count + 1
        guard edges <= limits.edges else { throw .tooMany("relationships", limit: limits.edges) }
        switch type {
        case "contains", "dependsOn", "hasDynamicLink", "hasStaticLink", "hasOptionalDependency":
            try dependency(element, from, targets)
        case "hasProvidedDependency":
            for index in targets.compactMap({ entryByID[$0] }) { bill.entries[index].isOutsideDelivery = true }
            try dependency(element, from, targets)
        case "hasConcludedLicense": try licence(element, from, targets, "concluded")
        case "hasDeclaredLicense": try licence(element, from, targets, "declared")
        case "other" where element.members["comment"]?.stringValue?.hasPrefix("hasEffectiveLicen") == true:
            guard let index = entryByID[from] else { return }
            for id in targets {
                guard let text = try expression(id) else { continue }
                bill.entries[index].properties.append(
                    BillProperty(name: BSITaxonomy.effectiveLicence, value: text)
                )
            }
        case "hasDistributionArtifact":
            guard let index = entryByID[from] else { return }
            for file in targets.compactMap({ self.element($0) }) { try distribution(file, index) }
        case "generates":
            guard let source = self.element(from) else { return }
            for index in targets.compactMap({ entryByID[$0] }) { try sources(source, index) }
        default: return
        }
    }

    private mutating func dependency(_ element: BillObject, _ from: String, _ targets: [String])
        throws(BillReadError)
    {
        guard entryByID[from] != nil else { return }
        // A relationship to nothing is how a leaf is written.
        let named = targets.filter { !$0.hasSuffix("NoneElement") && !$0.hasSuffix("NoAssertionElement") }
        // Files are no components here; other elements that are not there are a fault that the check names.
        let packages = named.filter { id in
            guard entryByID[id] == nil, let element = self.element(id) else { return true }
            let type = element.members["type"] ?? element.members["@type"]
            return type != "software_File" && type != "software_Snippet"
        }
        if !packages.isEmpty || named.isEmpty {
            bill.dependencies.append(BillDependency(from: from, to: packages, pointer: element.pointer))
        }
        guard let completeness = try element.string("completeness") else { return }
        bill.compositions.append(
            BillComposition(
                aggregate: completeness == "noAssertion" ? "unknown" : completeness,
                references: [from],
                pointer: element.place("completeness")
            )
        )
    }

    private mutating func licence(_ element: BillObject, _ from: String, _ targets: [String], _ word: String)
        throws(BillReadError)
    {
        guard let index = entryByID[from] else { return }
        for id in targets {
            guard let text = try expression(id) else { continue }
            bill.entries[index].licenses.append(
                BillLicense(form: .expression, text: text, acknowledgement: word, pointer: element.pointer)
            )
        }
    }

    private func expression(_ id: String) throws(BillReadError) -> String? {
        guard let element = element(id) else { return nil }
        // The context writes it in lower case, the guideline does not.
        return try element.firstString("simplelicensing_licenseExpression", "simpleLicensing_licenseExpression")
    }

    /// What is said about the file in which a package is delivered, in the words of the BSI's property taxonomy.
    private mutating func distribution(_ file: BillObject, _ index: Int) throws(BillReadError) {
        let hashes = try hashes(file)
        let locators = try references(file).filter { $0.type == "distribution" }
        if locators.isEmpty, !hashes.isEmpty {
            bill.entries[index].references.append(
                BillReference(type: "distribution", url: "", hashes: hashes, pointer: file.pointer)
            )
        }
        for var reference in locators {
            reference.hashes = hashes
            bill.entries[index].references.append(reference)
        }
        func state(_ name: String, _ value: String) {
            bill.entries[index].properties.append(BillProperty(name: name, value: value))
        }
        if let name = try file.string("name") { state(BSITaxonomy.filename, name) }
        // What is not in the list is denied by that, but only where there is a list.
        guard file.members["software_additionalPurpose"] != nil else { return }
        let purposes = try file.oneOrMoreStrings("software_additionalPurpose")
        state(BSITaxonomy.executable, purposes.contains("executable") ? "executable" : "non-executable")
        state(BSITaxonomy.archive, purposes.contains("archive") ? "archive" : "no archive")
        if purposes.contains("container") {
            state(BSITaxonomy.structured, "structured")
        } else if purposes.contains("firmware") {
            state(BSITaxonomy.structured, "unstructured")
        }
    }

    private mutating func sources(_ source: BillObject, _ index: Int) throws(BillReadError) {
        let hashes = try hashes(source)
        for var reference in try references(source) where reference.type == "source-distribution" {
            reference.hashes = hashes
            bill.entries[index].references.append(reference)
        }
    }
}
