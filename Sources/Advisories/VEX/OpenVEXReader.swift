// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import SBOM
internal import Time

/// Reads OpenVEX, of version 0.2.0 and of what came before it.
///
/// Before 0.2.0 a vulnerability and a product were texts, and subcomponents belonged to the statement.
struct OpenVEXReader {
    /// What every version's `@context` begins with.
    static let context = "https://openvex.dev/ns"

    let limits: VEXLimits
    let subjects: [VEXProduct]

    func document(_ fields: JSONFields) throws -> VEXDocument {
        let context = try fields.string("@context")
        let version = context.dropFirst(Self.context.count)
        // A version to come may mean other things by the same words.
        guard version.isEmpty || version == "/" || version.hasPrefix("/v0.") else {
            throw JSONShapeError(
                path: fields.path(of: "@context"),
                expected: "\(Self.context)/v0.2.0 or an older one",
                found: "\"\(context.excerpt(80))\""
            )
        }
        var reading = VEXReading(.openVEX, limits: limits)
        let id = try reading.name(try fields.string("@id"), at: fields.path(of: "@id"))
        let author = try reading.name(try fields.string("author"), at: fields.path(of: "author"))
        let timestamp = try fields.instant("timestamp")
        let statements = try fields.array("statements")
        let path = fields.path(of: "statements")
        for (index, value) in statements.enumerated() {
            let place = "\(path)[\(index)]"
            do {
                let statement = try self.statement(JSONFields(value, path: place), issued: timestamp, reading)
                let references = statement.products.reduce(0) { $0 + 1 + $1.subcomponents.count }
                try reading.count(products: references, at: place)
                try reading.add(statement, at: place)
            } catch let error as JSONShapeError {
                reading.refuse(error)
            }
        }
        return VEXDocument(
            format: .openVEX,
            id: id,
            author: author,
            role: try reading.text(fields, "role"),
            version: try documentVersion(fields, reading),
            timestamp: timestamp,
            statements: reading.statements,
            refused: reading.refused,
            refusedCount: reading.refusedCount
        )
    }

    private func documentVersion(_ fields: JSONFields, _ reading: VEXReading) throws(JSONShapeError) -> String? {
        switch fields.members["version"] {
        case .integer(let number): return String(number)
        case .string(let text): return try reading.name(text, at: fields.path(of: "version"))
        case nil, .null: return nil
        case let other?:
            throw JSONShapeError(path: fields.path(of: "version"), expected: "integer", found: other.kindName)
        }
    }

    private func statement(
        _ fields: JSONFields,
        issued: Timestamp,
        _ reading: VEXReading
    ) throws(JSONShapeError) -> VEXStatement {
        var shared: [VEXComponent] = []
        for (index, value) in (try fields.optionalArray("subcomponents") ?? []).enumerated() {
            shared.append(try component(value, at: fields.path(of: "subcomponents") + "[\(index)]", reading))
        }
        var products: [VEXProduct] = []
        let values = try fields.optionalArray("products")
        for (index, value) in (values ?? []).enumerated() {
            let path = fields.path(of: "products") + "[\(index)]"
            var subcomponents = shared
            if case .object = value {
                let own = try JSONFields(value, path: path)
                if let values = try own.optionalArray("subcomponents"), !values.isEmpty {
                    subcomponents = []
                    for (index, value) in values.enumerated() {
                        subcomponents.append(
                            try component(value, at: own.path(of: "subcomponents") + "[\(index)]", reading)
                        )
                    }
                }
            }
            products.append(VEXProduct(try component(value, at: path, reading), subcomponents: subcomponents))
        }
        if values == nil { products = subjects.map { VEXProduct($0.identity, subcomponents: shared) } }
        let notes = VEXNotes(parsing: try reading.text(fields, "status_notes"))
        return VEXStatement(
            id: try fields.optionalString("@id").map { text throws(JSONShapeError) in
                try reading.name(text, at: fields.path(of: "@id"))
            },
            vulnerability: try vulnerability(fields, reading),
            products: products,
            status: try fields.vexWord(try fields.string("status"), at: fields.path(of: "status")),
            justification: try fields.optionalVEXWord("justification"),
            impactStatement: try reading.text(fields, "impact_statement") ?? notes.impactStatement,
            actionStatement: try reading.text(fields, "action_statement"),
            notes: notes.notes,
            timestamp: try fields.optionalInstant("timestamp") ?? issued,
            expires: notes.expires
        )
    }

    private func vulnerability(_ fields: JSONFields, _ reading: VEXReading) throws(JSONShapeError) -> VEXVulnerability {
        let path = fields.path(of: "vulnerability")
        if case .string(let text) = fields.members["vulnerability"] {
            return VEXVulnerability(try reading.name(text, at: path))
        }
        let object = try fields.object("vulnerability")
        return VEXVulnerability(
            try reading.name(try object.string("name"), at: object.path(of: "name")),
            aliases: try reading.names(try object.optionalStrings("aliases") ?? [], at: object.path(of: "aliases"))
        )
    }

    private func component(
        _ value: JSONValue,
        at path: String,
        _ reading: VEXReading
    ) throws(JSONShapeError) -> VEXComponent {
        var component = VEXComponent()
        if case .string(let text) = value {
            try identify(&component, by: text, at: path, reading)
            return component
        }
        let fields = try JSONFields(value, path: path)
        if let text = try fields.optionalString("@id"), !text.isEmpty {
            try identify(&component, by: text, at: fields.path(of: "@id"), reading)
        }
        if let identifiers = try fields.optionalObject("identifiers"),
            let text = try identifiers.optionalString("purl"), !text.isEmpty
        {
            component.purl = try reading.purl(text, at: identifiers.path(of: "purl"))
        }
        for (algorithm, value) in try fields.optionalStringMap("hashes") ?? [:] {
            guard let digest = VEXDigest.text(algorithm: algorithm, value: value) else { continue }
            component.digests.append(digest)
        }
        component.digests.sort()
        guard !component.isEmpty else {
            throw JSONShapeError(path: path, expected: "@id, a purl or a SHA-2 hash", found: "none of them")
        }
        return component
    }

    private func identify(
        _ component: inout VEXComponent,
        by text: String,
        at path: String,
        _ reading: VEXReading
    ) throws(JSONShapeError) {
        if text.hasPrefix("pkg:") {
            component.purl = try reading.purl(text, at: path)
        } else if let digest = VEXDigest.text(text) {
            component.digests = [digest]
        } else {
            component.id = try reading.name(text, at: path)
        }
    }
}
