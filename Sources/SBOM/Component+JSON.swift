// SPDX-License-Identifier: EUPL-1.2

public import JSON

extension Component {
    /// Reads what ``json`` writes.
    ///
    /// - Throws: ``JSONShapeError`` naming the path, also for a purl that is none and a kind that is not known.
    public init(json: JSONFields) throws(JSONShapeError) {
        let kindText = try json.string("kind")
        guard let kind = Kind(rawValue: kindText) else {
            throw JSONShapeError(path: json.path + ".kind", expected: "a kind of component", found: kindText)
        }
        var purl: PackageURL?
        if let text = try json.optionalString("purl") {
            do { purl = try PackageURL(parsing: text) } catch {
                throw JSONShapeError(path: json.path + ".purl", expected: "a package URL", found: error.description)
            }
        }
        var distribution: Distribution?
        if let fields = try json.optionalObject("distribution") { distribution = try Distribution(json: fields) }
        self.init(
            kind: kind,
            ecosystem: try json.string("ecosystem"),
            distribution: distribution,
            name: try json.string("name"),
            version: try json.string("version"),
            sourceName: try json.optionalString("sourceName"),
            sourceVersion: try json.optionalString("sourceVersion"),
            architecture: try json.optionalString("architecture"),
            purl: purl,
            supplier: try json.optionalString("supplier"),
            licenses: try json.strings("licenses"),
            ownedBy: try json.optionalString("ownedBy"),
            layer: try json.optionalInt("layer"),
            paths: try json.strings("paths"),
            dependsOn: try json.strings("dependsOn"),
            confidence: try Self.confidence(json)
        )
    }

    /// The component as an object; absent values are null.
    public var json: JSONValue {
        [
            "kind": .string(kind.rawValue),
            "ecosystem": .string(ecosystem),
            "distribution": distribution?.json ?? .null,
            "name": .string(name),
            "version": .string(version),
            "sourceName": .optional(sourceName),
            "sourceVersion": .optional(sourceVersion),
            "architecture": .optional(architecture),
            "purl": .optional(purl?.description),
            "supplier": .optional(supplier),
            "licenses": .strings(licenses),
            "ownedBy": .optional(ownedBy),
            "layer": .optional(layer),
            "paths": .strings(paths),
            "dependsOn": .strings(dependsOn),
            "confidence": .double(confidence),
        ]
    }

    private static func confidence(_ json: JSONFields) throws(JSONShapeError) -> Double {
        let value = try json.double("confidence")
        guard value > 0, value <= 1 else {
            throw JSONShapeError(path: json.path(of: "confidence"), expected: "above 0, at most 1", found: "\(value)")
        }
        return value
    }
}
