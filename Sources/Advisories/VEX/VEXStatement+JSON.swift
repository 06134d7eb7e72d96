// SPDX-License-Identifier: EUPL-1.2

public import JSON
internal import SBOM
internal import Time

extension VEXStatement {
    /// Reads what ``json`` writes.
    ///
    /// - Throws: ``JSONShapeError`` naming the path, also for words and purls that are none.
    public init(json: JSONFields) throws(JSONShapeError) {
        let vulnerability = try json.object("vulnerability")
        var products: [VEXProduct] = []
        for fields in try json.objects("products") {
            var subcomponents: [VEXComponent] = []
            for entry in try fields.optionalObjects("subcomponents") ?? [] {
                subcomponents.append(try VEXComponent(json: entry))
            }
            products.append(VEXProduct(try VEXComponent(json: fields), subcomponents: subcomponents))
        }
        var responses: [VEXResponse] = []
        for (index, text) in (try json.optionalStrings("responses") ?? []).enumerated() {
            responses.append(try json.vexWord(text, at: json.path(of: "responses") + "[\(index)]"))
        }
        self.init(
            id: try json.optionalString("id"),
            vulnerability: VEXVulnerability(
                try vulnerability.string("name"),
                aliases: try vulnerability.optionalStrings("aliases") ?? []
            ),
            products: products,
            status: try json.vexWord(try json.string("status"), at: json.path(of: "status")),
            justification: try json.optionalVEXWord("justification"),
            impactStatement: try json.optionalString("impactStatement"),
            actionStatement: try json.optionalString("actionStatement"),
            responses: responses,
            notes: try json.optionalString("notes"),
            timestamp: try json.optionalInstant("timestamp"),
            expires: try json.optionalInstant("expires")
        )
    }

    /// The statement as an object; what is not there has no member, since a statement may name thousands of products.
    public var json: JSONValue {
        var members: [String: JSONValue] = [
            "vulnerability": vulnerability.aliases.isEmpty
                ? ["name": .string(vulnerability.name)]
                : ["name": .string(vulnerability.name), "aliases": .strings(vulnerability.aliases)],
            "products": .array(products.map(\.json)),
            "status": .string(status.rawValue),
        ]
        members["id"] = id.map { .string($0) }
        members["justification"] = justification.map { .string($0.rawValue) }
        members["impactStatement"] = impactStatement.map { .string($0) }
        members["actionStatement"] = actionStatement.map { .string($0) }
        if !responses.isEmpty { members["responses"] = .strings(responses.map(\.rawValue)) }
        members["notes"] = notes.map { .string($0) }
        members["timestamp"] = timestamp.map { .string($0.rfc3339) }
        members["expires"] = expires.map { .string($0.rfc3339) }
        return .object(members)
    }
}

extension VEXProduct {
    fileprivate var json: JSONValue {
        var members = identity.members
        if !subcomponents.isEmpty { members["subcomponents"] = .array(subcomponents.map { .object($0.members) }) }
        return .object(members)
    }
}

extension VEXComponent {
    fileprivate init(json: JSONFields) throws(JSONShapeError) {
        self.init(id: try json.optionalString("id"), digests: try json.optionalStrings("digests") ?? [])
        guard let text = try json.optionalString("purl") else { return }
        do throws(PackageURLError) { purl = try PackageURL(parsing: text) } catch {
            throw JSONShapeError(path: json.path(of: "purl"), expected: "a package URL", found: error.description)
        }
    }

    fileprivate var members: [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        members["id"] = id.map { .string($0) }
        members["purl"] = purl.map { .string($0.description) }
        if !digests.isEmpty { members["digests"] = .strings(digests) }
        return members
    }
}

extension JSONFields {
    /// A word of one of the closed lists.
    func vexWord<Word: RawRepresentable & CaseIterable>(_ text: String, at path: String) throws(JSONShapeError) -> Word
    where Word.RawValue == String {
        guard let word = Word(rawValue: text) else {
            throw JSONShapeError(
                path: path,
                expected: "one of " + Word.allCases.map(\.rawValue).joined(separator: ", "),
                found: "\"\(text.excerpt(40))\""
            )
        }
        return word
    }

    /// A word of one of the closed lists; an empty text, as some writers leave, is none.
    func optionalVEXWord<Word: RawRepresentable & CaseIterable>(_ key: String) throws(JSONShapeError) -> Word?
    where Word.RawValue == String {
        guard let text = try optionalString(key), !text.isEmpty else { return nil }
        return try vexWord(text, at: path(of: key)) as Word
    }

    /// An instant, or nil.
    func optionalInstant(_ key: String) throws(JSONShapeError) -> Timestamp? {
        has(key) ? try instant(key) : nil
    }
}
