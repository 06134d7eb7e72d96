// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Time

/// A statement about findings of an image, whether it counts for them or not.
public struct SaidStatement: Sendable, Hashable {
    /// Names a statement: its document and its position there.
    public struct ID: Sendable, Hashable, CustomStringConvertible {
        /// Whether it was found in the registry, where nobody responsible has brought it.
        public let isDiscovered: Bool
        /// Row of the document.
        public let document: Int64
        /// Position in the document.
        public let position: Int

        /// Names a statement.
        public init(isDiscovered: Bool, document: Int64, position: Int) {
            self.isDiscovered = isDiscovered
            self.document = document
            self.position = position
        }

        /// Reads what ``description`` writes; nil for anything else.
        public init?(parsing text: String) {
            guard text.utf8.count <= 60 else { return nil }
            let isDiscovered = text.hasPrefix("discovered-")
            let parts = text.dropFirst(isDiscovered ? 11 : 0).split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let document = Int64(parts[0]), let position = Int(parts[1]), document >= 0,
                position >= 0
            else { return nil }
            self.init(isDiscovered: isDiscovered, document: document, position: position)
        }

        /// `12.0`, `discovered-3.1`.
        public var description: String { (isDiscovered ? "discovered-" : "") + "\(document).\(position)" }
    }

    /// By what it is about a finding of the image.
    public enum Relation: String, Sendable, Hashable, CaseIterable {
        /// It is about this image.
        case image
        /// It is about an image that this one stands on.
        case base
        /// It is about the component, in whatever image.
        case component
        /// It is about the same component in another image.
        case elsewhere
    }

    /// Its name.
    public let id: ID
    /// What it says.
    public let statement: VEXStatement
    /// Who says it: of what was found in the registry, who claims to.
    public let author: String
    /// The document that says it.
    public let documentName: String
    /// How it came to be known; nil for what was found in the registry and nobody responsible has brought.
    public let origin: StatementOrigin?
    /// Whose statement was adopted; nil where none was.
    public let adoptedFrom: String?
    /// The account that brought it.
    public let importedBy: String
    /// By what it is about findings of the image.
    public let relation: Relation
    /// Whether it is weighed for this image; what does not count changes nothing until it is adopted.
    public let counts: Bool
    /// Package URLs of the image's components whose findings it is about.
    public let components: [String]

    /// From when on it no longer counts.
    public var expires: Timestamp? { statement.expires }
}
