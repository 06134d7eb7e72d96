// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import Time

/// Somebody's word about a finding: what it changed, and whose word it is.
public struct FindingStatement: Sendable, Hashable {
    /// What the finding was before.
    public var before: FindingStatus
    /// What is said.
    public var status: VEXStatus
    /// Why it is not affected, as a label.
    public var justification: VEXJustification?
    /// Why it is not affected, or what the vulnerability does, in words.
    public var impact: String?
    /// What is to be done.
    public var action: String?
    /// Who says it.
    public var author: String
    /// The document that says it.
    public var document: String
    /// When it was known to be true; nil where the document does not say.
    public var timestamp: Timestamp?
    /// Digest of the base image that the word is about; nil where it is about this image, or the component in general.
    public var inheritedFrom: String?
    /// The account that brought it to the node.
    public var importedBy: String
    /// How it came to count.
    public var origin: StatementOrigin
    /// Whose statement was adopted, and the document that it stands in; nil where none was.
    public var adoptedFrom: String?
    /// From when on it no longer counts; nil for never.
    public var expires: Timestamp?

    /// What a statement changes about a finding.
    public init(
        _ match: VEXMatch,
        before: FindingStatus,
        inheritedFrom: String? = nil,
        importedBy: String,
        origin: StatementOrigin = .imported,
        adoptedFrom: String? = nil
    ) {
        self.before = before
        status = match.status
        justification = match.justification
        impact = match.statement.impactStatement
        action = match.statement.actionStatement
        author = match.source.author
        document = match.source.document
        timestamp = match.statement.timestamp
        self.inheritedFrom = inheritedFrom
        self.importedBy = importedBy
        self.origin = origin
        self.adoptedFrom = adoptedFrom
        expires = match.statement.expires
    }

    /// Reads what ``json`` writes.
    public init(json: JSONFields) throws(JSONShapeError) {
        before = try Self.word(json, "before")
        status = try Self.word(json, "status")
        justification = try json.optionalString("justification").flatMap { VEXJustification(rawValue: $0) }
        impact = try json.optionalString("impact")
        action = try json.optionalString("action")
        author = try json.string("author")
        document = try json.string("document")
        timestamp = try json.optionalString("timestamp").flatMap { Timestamp(rfc3339: $0) }
        inheritedFrom = try json.optionalString("inheritedFrom")
        importedBy = try json.string("importedBy")
        // Verdicts of older versions have none of these.
        origin = try json.optionalString("origin").flatMap { StatementOrigin(rawValue: $0) } ?? .imported
        adoptedFrom = try json.optionalString("adoptedFrom")
        expires = try json.optionalString("expires").flatMap { Timestamp(rfc3339: $0) }
    }

    /// The statement as an object; absent values are null.
    public var json: JSONValue {
        [
            "before": .string(before.rawValue),
            "status": .string(status.rawValue),
            "justification": .optional(justification?.rawValue),
            "impact": .optional(impact),
            "action": .optional(action),
            "author": .string(author),
            "document": .string(document),
            "timestamp": .optional(timestamp?.rfc3339),
            "inheritedFrom": .optional(inheritedFrom),
            "importedBy": .string(importedBy),
            "origin": .string(origin.rawValue),
            "adoptedFrom": .optional(adoptedFrom),
            "expires": .optional(expires?.rfc3339),
        ]
    }

    private static func word<Word: RawRepresentable>(
        _ json: JSONFields,
        _ key: String
    ) throws(JSONShapeError) -> Word where Word.RawValue == String {
        let text = try json.string(key)
        guard let word = Word(rawValue: text) else {
            throw JSONShapeError(path: json.path(of: key), expected: "a status", found: text)
        }
        return word
    }
}
