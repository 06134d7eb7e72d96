// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import SBOM

/// Components that no feed speaks about: not the same as "no findings".
public struct NotAssessed: Sendable, Hashable {
    /// The ecosystem: `deb`, `npm`.
    public let ecosystem: String
    /// How many components of it the image has.
    public let components: Int
    /// Why they were not assessed.
    public let reason: LocalizedText

    /// Makes an entry.
    public init(ecosystem: String, components: Int, reason: LocalizedText) {
        self.ecosystem = ecosystem
        self.components = components
        self.reason = reason
    }

    /// Reads what ``json`` writes.
    public init(json: JSONFields) throws(JSONShapeError) {
        ecosystem = try json.string("ecosystem")
        components = try json.int("components")
        reason = try LocalizedText(json: try json.object("reason"))
    }

    /// The entry as an object.
    public var json: JSONValue {
        ["ecosystem": .string(ecosystem), "components": .optional(components), "reason": reason.json]
    }
}
