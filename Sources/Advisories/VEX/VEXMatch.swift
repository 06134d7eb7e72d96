// SPDX-License-Identifier: EUPL-1.2

/// Where a statement is from, to be shown beside what it changes.
public struct VEXSource: Sendable, Hashable {
    /// The format of the document.
    public let format: VEXFormat
    /// ``VEXDocument/id``.
    public let document: String
    /// Who says it.
    public let author: String
    /// The document's version, as written.
    public let version: String?
    /// Position of the statement among those that were read from the document, from 0.
    public let statement: Int

    /// Makes a source.
    public init(format: VEXFormat, document: String, author: String, version: String?, statement: Int) {
        self.format = format
        self.document = document
        self.author = author
        self.version = version
        self.statement = statement
    }

    /// A statement of a document.
    public init(_ document: VEXDocument, statement: Int) {
        self.init(
            format: document.format,
            document: document.id,
            author: document.author,
            version: document.version,
            statement: statement
        )
    }
}

/// A statement that is about a finding.
public struct VEXMatch: Sendable, Hashable {
    /// By what the statement was found to be about it.
    public enum Basis: Int, Sendable, Hashable, Comparable {
        /// The digest of the image.
        case imageDigest
        /// A purl of the image.
        case imagePURL
        /// Another name of the image.
        case imageID
        /// The purl of the component, in whatever image.
        case component

        /// Orders by how exact it is.
        public static func < (left: Basis, right: Basis) -> Bool { left.rawValue < right.rawValue }
    }

    /// The statement.
    public let statement: VEXStatement
    /// Where it is from.
    public let source: VEXSource
    /// The product of the statement that was found.
    public let product: VEXProduct
    /// By what.
    public let basis: Basis

    /// What the statement says.
    public var status: VEXStatus { statement.status }
    /// Why the product is not affected, as a label.
    public var justification: VEXJustification? { statement.justification }

    /// The order in which statements count; total, so that it never depends on the order of the documents.
    public func counts(before other: VEXMatch) -> Bool {
        let (isImage, otherIsImage) = (basis != .component, other.basis != .component)
        if isImage != otherIsImage { return isImage }
        let (time, otherTime) = (statement.timestamp, other.statement.timestamp)
        if time != otherTime {
            guard let time else { return false }
            guard let otherTime else { return true }
            return time > otherTime
        }
        let (version, otherVersion) = (VEXVersion(source.version), VEXVersion(other.source.version))
        if version != otherVersion { return version > otherVersion }
        if status != other.status { return status.caution > other.status.caution }
        if source.document != other.source.document { return source.document < other.source.document }
        if source.author != other.source.author { return source.author < other.source.author }
        if source.version != other.source.version { return (source.version ?? "") < (other.source.version ?? "") }
        if source.format != other.source.format { return source.format.rawValue < other.source.format.rawValue }
        return source.statement < other.source.statement
    }
}

/// The version of a document: whole numbers with dots between them; anything else is before all of those.
private struct VEXVersion: Comparable {
    private let numbers: [UInt64]

    init(_ text: String?) {
        let parts = (text ?? "").split(separator: ".", omittingEmptySubsequences: false).prefix(8)
        let numbers = parts.compactMap { UInt64($0) }
        guard numbers.count == parts.count else {
            self.numbers = []
            return
        }
        // "1" and "1.0" are one version.
        self.numbers = Array(numbers.reversed().drop { $0 == 0 }.reversed())
    }

    static func < (left: VEXVersion, right: VEXVersion) -> Bool {
        left.numbers.lexicographicallyPrecedes(right.numbers)
    }
}
