// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import SBOM
internal import Time

/// Reads the analyses in a CycloneDX document: a VEX-only one, or an SBOM that carries them.
///
/// Source: CycloneDX 1.6 JSON schema, `vulnerability`; "Bill of Materials Linkage (BOM-Link)".
struct CycloneDXVEXReader {
    /// Kontor's own properties of a vulnerability, for what the format has no field for.
    enum Property {
        static let justification = "kontor:vex:justification"
        static let notes = "kontor:vex:notes"
        static let expires = "kontor:vex:expires"
    }

    let limits: VEXLimits

    func document(_ fields: JSONFields) throws -> VEXDocument {
        var reading = VEXReading(.cycloneDX, limits: limits)
        let id = try fields.optionalString("serialNumber").map { text throws(JSONShapeError) in
            try reading.name(text, at: fields.path(of: "serialNumber"))
        }
        let version = try fields.optionalInt("version")
        let metadata = try fields.optionalObject("metadata")
        let timestamp = try metadata?.optionalInstant("timestamp")
        let entries = try fields.optionalArray("vulnerabilities") ?? []
        guard entries.contains(where: { $0["analysis"]?["state"] != nil }) else {
            throw JSONShapeError(
                path: fields.path(of: "vulnerabilities"),
                expected: "vulnerabilities with an analysis",
                found: entries.isEmpty ? "none: an SBOM, not a VEX document" : "none that has one"
            )
        }
        let references = try CycloneDXReferences(fields, serialNumber: id, version: version, reading)
        let path = fields.path(of: "vulnerabilities")
        for (index, value) in entries.enumerated() where value["analysis"]?["state"] != nil {
            let place = "\(path)[\(index)]"
            do {
                let entry = try JSONFields(value, path: place)
                try reading.count(products: try entry.optionalArray("affects")?.count ?? 0, at: place)
                let statement = try statement(entry, references, issued: timestamp, &reading)
                // Where no product is left, the reasons have been kept already.
                if !statement.products.isEmpty || !entry.has("affects") { try reading.add(statement, at: place) }
            } catch let error as JSONShapeError {
                reading.refuse(error)
            }
        }
        return VEXDocument(
            format: .cycloneDX,
            id: id ?? "",
            author: author(metadata, reading),
            version: version.map { String($0) },
            timestamp: timestamp,
            statements: reading.statements,
            refused: reading.refused,
            refusedCount: reading.refusedCount
        )
    }

    /// Who wrote the document; of the many places the one that is nearest to "author".
    private func author(_ metadata: JSONFields?, _ reading: VEXReading) -> String {
        guard let members = metadata?.members else { return "" }
        let names = [
            members["authors"]?[0]?["name"], members["manufacturer"]?["name"], members["manufacture"]?["name"],
            members["supplier"]?["name"],
        ]
        return names.lazy.compactMap { $0?.stringValue }.compactMap { reading.text($0) }.first ?? ""
    }

    private func statement(
        _ fields: JSONFields,
        _ references: CycloneDXReferences,
        issued: Timestamp?,
        _ reading: inout VEXReading
    ) throws(JSONShapeError) -> VEXStatement {
        let analysis = try fields.object("analysis")
        let state = try analysis.string("state")
        let status = try status(state, at: analysis.path(of: "state"))
        var justification: VEXJustification? = try analysis.optionalVEXWord("justification")
        if justification == nil, state == "false_positive" { justification = .falsePositive }
        var properties: [String: String] = [:]
        for property in try fields.optionalObjects("properties") ?? [] {
            let name = try property.string("name")
            if name.hasPrefix("kontor:vex:") { properties[name] = try property.optionalString("value") }
        }
        // The finer label counts only where the format's own says the same.
        if let text = properties[Property.justification], let own = VEXJustification(rawValue: text),
            own.cycloneDX == justification
        {
            justification = own
        }
        var responses: [VEXResponse] = []
        for (index, text) in (try analysis.optionalStrings("response") ?? []).enumerated() {
            responses.append(try analysis.vexWord(text, at: analysis.path(of: "response") + "[\(index)]"))
        }
        let expiry = properties[Property.expires]
        let expires = expiry.flatMap { Timestamp(rfc3339: $0) }
        // Without its end the statement would count for ever.
        guard expiry == nil || expires != nil else {
            throw JSONShapeError(
                path: fields.path(of: "properties"),
                expected: "a time such as 2026-11-22T09:14:00Z in \(Property.expires)",
                found: "\"\(expiry?.excerpt(40) ?? "")\""
            )
        }
        let action = try reading.text(fields, "recommendation")
        let workaround = try reading.text(fields, "workaround")
        let (updated, first) = (
            try analysis.optionalInstant("lastUpdated"), try analysis.optionalInstant("firstIssued")
        )
        return VEXStatement(
            vulnerability: try vulnerability(fields, reading),
            products: try products(fields, status, references, &reading),
            status: status,
            justification: justification,
            impactStatement: try reading.text(analysis, "detail"),
            actionStatement: action ?? workaround,
            responses: responses,
            notes: properties[Property.notes].flatMap { reading.text($0) },
            timestamp: updated ?? first ?? issued,
            expires: expires
        )
    }

    private func status(_ state: String, at path: String) throws(JSONShapeError) -> VEXStatus {
        switch state {
        case "not_affected", "false_positive": return .notAffected
        case "exploitable": return .affected
        case "resolved", "resolved_with_pedigree": return .fixed
        case "in_triage": return .underInvestigation
        default:
            throw JSONShapeError(
                path: path,
                expected: "not_affected, false_positive, exploitable, resolved, resolved_with_pedigree or in_triage",
                found: "\"\(state.excerpt(40))\""
            )
        }
    }

    private func vulnerability(_ fields: JSONFields, _ reading: VEXReading) throws(JSONShapeError) -> VEXVulnerability {
        let name = try reading.name(try fields.string("id"), at: fields.path(of: "id"))
        let references = try fields.optionalObjects("references") ?? []
        let texts = try references.map { entry throws(JSONShapeError) in try entry.string("id") }
        var aliases: [String] = []
        for alias in try reading.names(texts, at: fields.path(of: "references"))
        where alias != name && !aliases.contains(alias) {
            aliases.append(alias)
        }
        return VEXVulnerability(name, aliases: aliases)
    }

    private func products(
        _ fields: JSONFields,
        _ status: VEXStatus,
        _ references: CycloneDXReferences,
        _ reading: inout VEXReading
    ) throws(JSONShapeError) -> [VEXProduct] {
        var products: [VEXProduct] = []
        var indices: [VEXComponent: Int] = [:]
        for entry in try fields.optionalObjects("affects") ?? [] {
            let reference = try entry.string("ref")
            switch references[reference] {
            case .unusable(let reason): reading.refuse(entry.path(of: "ref"), reason)
            case .product(let product):
                // A list of versions beside a purl that names none would have to be read as ranges; all versions would be too many.
                let named = product.subcomponents.first ?? product.identity
                if entry.has("versions"), named.purl?.version == nil, named.digests.isEmpty {
                    reading.refuse(
                        entry.path(of: "versions"),
                        LocalizedText(
                            de:
                                "Eine Liste von Versionen wird nur bei einer Komponente gelesen, deren purl eine Version hat.",
                            en: "A list of versions is read only with a component whose purl has a version."
                        )
                    )
                    continue
                }
                if !product.subcomponents.isEmpty, let index = indices[product.identity] {
                    products[index].subcomponents += product.subcomponents
                } else {
                    if !product.subcomponents.isEmpty { indices[product.identity] = products.count }
                    products.append(product)
                }
            }
        }
        return products
    }
}
