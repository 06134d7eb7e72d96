// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Database
import JSON
public import OCI
public import Time

/// VEX documents that somebody attached to an image in the registry.
///
/// Whoever may push may attach: nothing in here counts, and nothing that asks which words count reads these tables. They are shown, and
/// somebody responsible may make one of their statements their own.
public struct DiscoveredStatements: Sendable {
    /// Documents of one image in one repository that are kept, the latest; a publisher could attach any number.
    public static let maximumDocuments = 20
    /// Statements of one document that are kept.
    public static let maximumStatements = 1_000

    /// A document as it was found.
    public struct Document: Sendable, Hashable {
        /// Its row.
        public let id: Int64
        /// The repository that it lies in.
        public let repository: RepositoryName
        /// The image that it is attached to.
        public let subject: Digest
        /// The manifest that holds it.
        public let manifest: Digest
        /// Its format.
        public let format: VEXFormat
        /// Its own identifier.
        public let name: String
        /// Who wrote it, as it says itself.
        public let author: String
        /// Its version, as written.
        public let version: String?
        /// Statements that are kept.
        public let statements: Int
        /// Statements that were refused, or are too many.
        public let refused: Int
        /// When it was found.
        public let foundAt: Timestamp
        /// The account that attached it.
        public let pushedBy: String
    }

    /// Where a document was found.
    public struct Origin: Sendable, Hashable {
        /// The repository.
        public let repository: RepositoryName
        /// The image that it is attached to.
        public let subject: Digest
        /// The manifest that holds it.
        public let manifest: Digest
        /// Which of the manifest's layers.
        public let layer: Int
        /// The account that attached it.
        public let pushedBy: String

        /// Names a place.
        public init(repository: RepositoryName, subject: Digest, manifest: Digest, layer: Int, pushedBy: String) {
            self.repository = repository
            self.subject = subject
            self.manifest = manifest
            self.layer = layer
            self.pushedBy = pushedBy
        }
    }

    /// Keeps a document, in a transaction of the caller; what is known already is left as it is.
    public static func keep(
        _ document: VEXDocument,
        found origin: Origin,
        at now: Timestamp,
        in t: Transaction
    ) throws {
        let kept = document.statements.prefix(maximumStatements)
        let dropped = document.statements.count - kept.count + document.refusedCount
        let values: [SQLValue] =
            [.text(origin.repository.text)] + origin.subject.statementColumns + origin.manifest.statementColumns + [
                .integer(origin.layer), .text(document.format.rawValue), .text(document.id), .text(document.author),
                .optional(document.version), .integer(kept.count), .integer(dropped), .time(now),
                .text(origin.pushedBy),
            ]
        guard let id = try t.first(StatementsSchema.insertDiscovered, values)?.int64(0) else { return }
        for (position, statement) in kept.enumerated() {
            try t.execute(
                StatementsSchema.insertDiscoveredStatement,
                [.integer(id), .integer(position), .text(statement.json.text())]
            )
        }
        let subject = origin.subject.statementColumns + [.text(origin.repository.text)]
        for row in try t.query(StatementsSchema.discoveredOfSubject, subject + [100]).dropFirst(maximumDocuments) {
            try remove(try row.int64(0), in: t)
        }
    }

    /// Forgets the documents of manifests that the registry no longer holds, among those of one image.
    ///
    /// - Parameter holds: whether a manifest is still there.
    public static func sweep(
        _ subject: Digest,
        in repository: RepositoryName,
        _ t: Transaction,
        holds: (Digest) throws -> Bool
    ) throws {
        let arguments = subject.statementColumns + [.text(repository.text), 100]
        for row in try t.query(StatementsSchema.discoveredOfSubject, arguments) {
            let document = try document(row)
            if try !holds(document.manifest) { try remove(document.id, in: t) }
        }
    }

    /// The documents that are attached to an image in a repository, the latest first, in a transaction of the caller.
    public static func documents(of subject: Digest, in repository: RepositoryName, _ t: Transaction) throws
        -> [Document]
    {
        try t.query(
            StatementsSchema.discoveredOfSubject,
            subject.statementColumns + [.text(repository.text), .integer(maximumDocuments)]
        ).map { try document($0) }
    }

    /// One document, in a transaction of the caller; nil where there is none.
    public static func document(_ id: Int64, in t: Transaction) throws -> Document? {
        try t.first(StatementsSchema.discovered, [.integer(id)]).map { try document($0) }
    }

    /// The statements of a document in their order, in a transaction of the caller.
    public static func statements(of document: Int64, in t: Transaction) throws -> [(
        position: Int, statement: VEXStatement
    )] {
        try t.query(StatementsSchema.discoveredRecords, [.integer(document), .integer(maximumStatements)]).map { row in
            (try row.int(0), try VEXStatement(json: JSONFields(JSONValue(parsing: try row.text(1)))))
        }
    }

    private static func remove(_ id: Int64, in t: Transaction) throws {
        try t.execute(StatementsSchema.deleteDiscoveredStatements, [.integer(id)])
        try t.execute(StatementsSchema.deleteDiscovered, [.integer(id)])
    }

    private static func document(_ row: Row) throws -> Document {
        Document(
            id: try row.int64(0),
            repository: try RepositoryName(parsing: try row.text(1)),
            subject: try row.statementDigest(2),
            manifest: try row.statementDigest(4),
            format: VEXFormat(rawValue: try row.text(6)) ?? .openVEX,
            name: try row.text(7),
            author: try row.text(8),
            version: try row.optionalText(9),
            statements: try row.int(10),
            refused: try row.int(11),
            foundAt: try row.time(12),
            pushedBy: try row.text(13)
        )
    }
}

extension Digest {
    /// Raw bytes and the number of the algorithm, as the registry's tables have them.
    var statementColumns: [SQLValue] { [.blob(bytes), .integer(algorithm == .sha256 ? 1 : 2)] }
}

extension Row {
    fileprivate func statementDigest(_ column: Int) throws -> Digest {
        try Digest(algorithm: try int64(column + 1) == 1 ? .sha256 : .sha512, bytes: try bytes(column))
    }
}
