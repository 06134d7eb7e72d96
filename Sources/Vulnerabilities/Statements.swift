// SPDX-License-Identifier: EUPL-1.2

public import Advisories
import Audit
public import Database
import JSON
import OCI
import SBOM
public import Time

/// The VEX documents that a node was given, and which of their words count.
///
/// A word counts because of who brought it: an operator's on the whole node, a maintainer's in their namespace, where who may bring what is
/// decided before; or because a key that the namespace's trust policy believes signed it about an image.
public struct Statements: Sendable {
    /// A document as it is listed.
    public struct Document: Sendable, Hashable {
        /// Its row.
        public let id: Int64
        /// Where it counts; nil on the whole node.
        public let namespace: String?
        /// Its format.
        public let format: VEXFormat
        /// Its own identifier.
        public let name: String
        /// Who wrote it.
        public let author: String
        /// Its version, as written.
        public let version: String?
        /// Statements that count.
        public let statements: Int
        /// Statements that were refused.
        public let refused: Int
        /// When it came.
        public let importedAt: Timestamp
        /// Who brought it.
        public let importedBy: String
        /// Since when it no longer counts; nil while it does.
        public let endedAt: Timestamp?
        /// Who ended it.
        public let endedBy: String?
        /// How it came to count.
        public let origin: StatementOrigin
        /// The one repository in which it counts; nil where it counts in more.
        public let repository: String?
        /// Whose statement was adopted; nil where none was.
        public let adoptedFrom: String?

        /// Where it counts.
        public var place: StatementPlace { StatementPlace(namespace: namespace, repository: repository) }
    }

    /// What came of an import.
    public struct Import: Sendable, Hashable {
        /// Row of the document.
        public let id: Int64
        /// Whether the same bytes count here already; nothing was changed then.
        public let isKnown: Bool
        /// Statements that count from now on.
        public let statements: Int
        /// Statements that do not, each with its place and reason, the first thousand.
        public let refused: [VEXRefusal]
        /// How many do not.
        public let refusedCount: Int
        /// Names of the vulnerabilities whose findings may change, in capitals.
        public let names: Set<String>
    }

    /// A word that counts, with what decides where.
    public struct Word: Sendable {
        /// Row of its document.
        public let document: Int64
        /// The statement and its source.
        public let entry: VEXIndex.Entry
        /// Where it counts.
        public let place: StatementPlace
        /// Who brought it.
        public let importedBy: String
        /// How it came to count.
        public let origin: StatementOrigin
        /// Whose statement was adopted; nil where none was.
        public let adoptedFrom: String?
    }

    private let database: Database
    private let clock: WallClock

    /// The statements of a node's database.
    public init(database: Database, clock: WallClock) {
        self.database = database
        self.clock = clock
    }

    /// Takes a document in; a former edition of it counts no more.
    ///
    /// - Parameters:
    ///   - bytes: OpenVEX, CSAF or CycloneDX.
    ///   - namespace: where it counts; nil on the whole node.
    ///   - actor: who brings it.
    ///   - announce: queues, in the same transaction, what the words of a document may change.
    /// - Throws: `VEXReadError` for what is no document.
    public func take(
        _ bytes: [UInt8],
        namespace: String?,
        by actor: String,
        announce: @escaping @Sendable (Transaction, Int64, Timestamp) throws -> Void = { _, _, _ in }
    ) async throws -> Import {
        let now = clock.now()
        var document = try VEXDocument(parsing: bytes)
        // Who dates a word into the future must not have the last one for ever.
        for index in document.statements.indices {
            if let time = document.statements[index].timestamp, time > now {
                document.statements[index].timestamp = now
            }
        }
        return try await keep(
            document,
            digest: .sha256(bytes),
            under: Kept(place: StatementPlace(namespace: namespace), actor: actor, at: now),
            announce: announce
        )
    }

    /// Takes in what somebody responsible says about a finding; what was said about the same before, there, counts no more.
    ///
    /// - Parameters:
    ///   - statement: the word; its time is now.
    ///   - author: for whom it is said.
    ///   - place: where it counts.
    ///   - adoptedFrom: whose statement this makes one's own; nil for a judgement of one's own.
    ///   - actor: who says it.
    ///   - announce: queues, in the same transaction, what the word may change.
    public func put(
        _ statement: VEXStatement,
        author: String,
        at place: StatementPlace,
        adoptedFrom: String? = nil,
        by actor: String,
        announce: @escaping @Sendable (Transaction, Int64, Timestamp) throws -> Void
    ) async throws -> Import {
        let now = clock.now()
        var statement = statement
        statement.timestamp = now
        let name = StatementPlace.assessmentName(of: statement, at: place)
        let document = VEXDocument(
            format: .openVEX,
            id: name,
            author: author,
            timestamp: now,
            statements: [statement]
        )
        return try await keep(
            document,
            digest: .sha256(statement.json.bytes(.rfc8785)),
            under: Kept(
                place: place,
                origin: adoptedFrom == nil ? .assessed : .adopted,
                adoptedFrom: adoptedFrom,
                actor: actor,
                at: now
            ),
            announce: announce
        )
    }

    /// How a document is kept.
    struct Kept: Sendable {
        var place: StatementPlace
        var origin = StatementOrigin.imported
        var adoptedFrom: String?
        var actor: String
        var at: Timestamp
    }

    private func keep(
        _ taken: VEXDocument,
        digest: Digest,
        under kept: Kept,
        announce: @escaping @Sendable (Transaction, Int64, Timestamp) throws -> Void
    ) async throws -> Import {
        let now = kept.at
        var names = Set<String>()
        for statement in taken.statements { names.formUnion(Self.names(of: statement)) }
        let fresh = names
        let (namespace, repository) = (kept.place.namespace ?? "", kept.place.repository ?? "")
        return try await database.write { t in
            let live =
                switch kept.origin {
                case .imported:
                    try t.query(StatementsSchema.live, [.text(taken.id), .text(taken.author), .text(namespace)])
                case .assessed, .adopted, .attested:
                    try t.query(
                        StatementsSchema.liveOfPlace,
                        [.text(taken.id), .text(namespace), .text(repository)]
                    )
                }
            if let known = try live.first(where: { try $0.bytes(1) == digest.bytes }) {
                return Import(
                    id: try known.int64(0),
                    isKnown: true,
                    statements: taken.statements.count,
                    refused: taken.refused,
                    refusedCount: taken.refusedCount,
                    names: []
                )
            }
            var touched = fresh
            for row in live {
                let id = try row.int64(0)
                touched.formUnion(try Self.names(ofDocument: id, in: t))
                try t.execute(StatementsSchema.end, [.time(now), .text(kept.actor), .integer(id)])
                try announce(t, id, now)
            }
            let id = try Self.insert(taken, digest, kept, in: t)
            try AuditLog.append(
                t,
                actor: kept.actor,
                action: kept.origin.action,
                subject: String(taken.id.prefix(300)),
                detail: .object(Self.detail(of: taken, id: id, digest, kept)),
                at: now
            )
            try announce(t, id, now)
            return Import(
                id: id,
                isKnown: false,
                statements: taken.statements.count,
                refused: taken.refused,
                refusedCount: taken.refusedCount,
                names: touched
            )
        }
    }

    static func insert(
        _ taken: VEXDocument,
        _ digest: Digest,
        _ kept: Kept,
        in t: Transaction
    ) throws -> Int64 {
        let values: [SQLValue] = [
            .text(kept.place.namespace ?? ""), .text(kept.place.repository ?? ""), .text(kept.origin.rawValue),
            .optional(kept.adoptedFrom), .text(taken.format.rawValue), .text(taken.id), .text(taken.author),
            .optional(taken.version), .blob(digest.bytes), .integer(taken.statements.count),
            .integer(taken.refusedCount), .time(kept.at), .text(kept.actor),
        ]
        guard let id = try t.first(StatementsSchema.insertDocument, values)?.int64(0) else {
            throw DamagedStatements()
        }
        for (position, statement) in taken.statements.enumerated() {
            let place: [SQLValue] = [.integer(id), .integer(position)]
            try t.execute(StatementsSchema.insertStatement, place + [.text(statement.json.text())])
            for name in Self.names(of: statement).sorted() {
                try t.execute(StatementsSchema.insertName, [.text(name)] + place)
            }
        }
        return id
    }

    /// What the audit log keeps: of an assessment the word itself, since its document is nowhere else.
    private static func detail(of taken: VEXDocument, id: Int64, _ digest: Digest, _ kept: Kept) -> [String: JSONValue]
    {
        var detail: [String: JSONValue] = [
            "id": .integer(id), "namespace": .optional(kept.place.namespace),
            "author": .string(String(taken.author.prefix(300))), "digest": .string(digest.description),
        ]
        guard kept.origin != .imported, let statement = taken.statements.first else {
            detail["format"] = .string(taken.format.rawValue)
            detail["statements"] = .integer(Int64(taken.statements.count))
            detail["refused"] = .integer(Int64(taken.refusedCount))
            return detail
        }
        detail["repository"] = .optional(kept.place.repository)
        detail["vulnerability"] = .string(String(statement.vulnerability.name.prefix(300)))
        detail["status"] = .string(statement.status.rawValue)
        detail["justification"] = .optional(statement.justification?.rawValue)
        detail["expires"] = .optional(statement.expires?.rfc3339)
        detail["adoptedFrom"] = .optional(kept.adoptedFrom)
        return detail
    }

    /// Ends a document: its words count no more.
    ///
    /// One that is signed is not ended here: it counts as long as it is attached and its signer is believed.
    ///
    /// - Returns: nil where there is none that counts and can be ended.
    public func revoke(
        _ id: Int64,
        by actor: String,
        announce: @escaping @Sendable (Transaction, Int64, Timestamp) throws -> Void = { _, _, _ in }
    ) async throws -> Document? {
        let now = clock.now()
        return try await database.write { t in
            guard let row = try t.first(StatementsSchema.document, [.integer(id)]),
                try Self.document(row).origin != .attested,
                try t.execute(StatementsSchema.end, [.time(now), .text(actor), .integer(id)]) == 1
            else { return nil }
            let document = try Self.document(row)
            try AuditLog.append(
                t,
                actor: actor,
                action: "vex.revoked",
                subject: String(document.name.prefix(300)),
                detail: ["id": .integer(id), "namespace": .optional(document.namespace)],
                at: now
            )
            try announce(t, id, now)
            return document
        }
    }

    /// One document; nil where there is none.
    public func document(_ id: Int64) async throws -> Document? {
        try await database.read { t in
            try t.first(StatementsSchema.document, [.integer(id)]).map { try Self.document($0) }
        }
    }

    /// A page of the documents, in the order in which they came.
    public func documents(after: Int64 = 0, limit: Int) async throws -> [Document] {
        try await database.read { t in
            try t.query(StatementsSchema.page, [.integer(after), .integer(min(max(limit, 0), 1_000))])
                .map { try Self.document($0) }
        }
    }

    static func names(of statement: VEXStatement) -> Set<String> {
        Set(([statement.vulnerability.name] + statement.vulnerability.aliases).map { $0.uppercased() })
    }

    /// Names of the vulnerabilities that a document speaks of, in capitals, in a transaction of the caller.
    public static func names(ofDocument id: Int64, in t: Transaction) throws -> Set<String> {
        var names = Set<String>()
        var after: Int64 = -1
        while true {
            let rows = try t.query(StatementsSchema.namesOfDocument, [.integer(id), .integer(after), 1_000])
            for row in rows {
                names.formUnion(Self.names(of: try VEXStatement(json: JSONFields(JSONValue(parsing: try row.text(0))))))
            }
            guard rows.count == 1_000 else { return names }
            after += 1_000
        }
    }

    static func document(_ row: Row) throws -> Document {
        let namespace = try row.text(1)
        return Document(
            id: try row.int64(0),
            namespace: namespace.isEmpty ? nil : namespace,
            format: VEXFormat(rawValue: try row.text(2)) ?? .openVEX,
            name: try row.text(3),
            author: try row.text(4),
            version: try row.optionalText(5),
            statements: try row.int(6),
            refused: try row.int(7),
            importedAt: try row.time(8),
            importedBy: try row.text(9),
            endedAt: try row.optionalTime(10),
            endedBy: try row.optionalText(11),
            origin: StatementOrigin(rawValue: try row.text(12)) ?? .imported,
            repository: try row.text(13).isEmpty ? nil : row.text(13),
            adoptedFrom: try row.optionalText(14)
        )
    }
}

extension StatementOrigin {
    fileprivate var action: String {
        switch self {
        case .imported: "vex.imported"
        case .assessed: "finding.assessed"
        case .adopted: "finding.adopted"
        case .attested: "vex.attested"
        }
    }
}

/// The database did not say where it put a document.
struct DamagedStatements: Error, CustomStringConvertible {
    let description = "the database did not say where it put the document; try again"
}
