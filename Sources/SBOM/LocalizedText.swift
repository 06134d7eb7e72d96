// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// A sentence in German and in English.
public struct LocalizedText: Sendable, Hashable {
    /// The German text.
    public let de: String
    /// The English text.
    public let en: String

    /// Makes a text from its two languages.
    public init(de: String, en: String) {
        self.de = de
        self.en = en
    }

    /// Reads `{"de": …, "en": …}`.
    public init(json: JSONFields) throws(JSONShapeError) {
        de = try json.string("de")
        en = try json.string("en")
    }

    /// The text as `{"de": …, "en": …}`.
    public var json: JSONValue { ["de": .string(de), "en": .string(en)] }
}
