// SPDX-License-Identifier: EUPL-1.2

public import Advisories
import Audit
public import Database
import JSON
public import OCI
public import Time

/// A VEX document that somebody signed whom the namespace's trust policy believes, about one image.
public struct AttestedStatements: Sendable {
    /// What it says, of that image and its parts alone.
    public let document: VEXDocument
    /// Name of the key or identity that signed.
    public let signer: String
    /// What identifies the key.
    public let fingerprint: String
    /// Digest of the payload that was signed.
    public let payload: Digest
    /// Where the signer is believed: in the namespace, or in one repository of it.
    public let place: StatementPlace

    /// Names a document.
    public init(document: VEXDocument, signer: String, fingerprint: String, payload: Digest, place: StatementPlace) {
        self.document = document
        self.signer = signer
        self.fingerprint = fingerprint
        self.payload = payload
        self.place = place
    }
}

extension Statements {
    /// Most statements of one signed document; a longer one does not count at all.
    public static let maximumAttested = 5_000

    /// Makes the documents that are signed about an image count, and none that is signed no more, in a transaction of the caller.
    ///
    /// Nobody brings them and nobody ends them: a document counts as long as it is attached, and whoever signed it is believed.
    ///
    /// - Parameters:
    ///   - signed: all that count about the image now.
    ///   - announce: queues, in the same transaction, what the words of a document may change.
    /// - Returns: whether anything changed.
    @discardableResult
    public static func attest(
        _ signed: [AttestedStatements],
        of subject: Digest,
        in repository: RepositoryName,
        at now: Timestamp,
        in t: Transaction,
        announce: (Transaction, Int64, Timestamp) throws -> Void
    ) throws -> Bool {
        let key = [.text(repository.text)] + subject.statementColumns
        var known: [Attestation: Int64] = [:]
        for row in try t.query(StatementsSchema.attestedOfSubject, key) {
            known[try Attestation(row)] = try row.int64(0)
        }
        var isChanged = false
        var seen: Set<Attestation> = []
        for entry in signed where entry.document.statements.count <= maximumAttested {
            let attestation = Attestation(entry)
            guard seen.insert(attestation).inserted, known.removeValue(forKey: attestation) == nil else { continue }
            let id = try insert(entry, about: subject, at: now, in: t)
            try t.execute(StatementsSchema.insertAttested, key + [.integer(id), .text(entry.fingerprint)])
            try note("vex.attested", entry.document.id, id, signer: entry.signer, subject, repository, now, in: t)
            try announce(t, id, now)
            isChanged = true
        }
        for (attestation, id) in known.sorted(by: { $0.value < $1.value }) {
            try t.execute(StatementsSchema.end, [.time(now), .text("kontor"), .integer(id)])
            try t.execute(StatementsSchema.deleteAttested, key + [.integer(id)])
            try note("vex.unattested", "", id, signer: attestation.signer, subject, repository, now, in: t)
            try announce(t, id, now)
            isChanged = true
        }
        return isChanged
    }

    /// Whether exactly these documents count about an image already, in a transaction of the caller.
    public static func isAttested(
        _ signed: [AttestedStatements],
        of subject: Digest,
        in repository: RepositoryName,
        in t: Transaction
    ) throws -> Bool {
        let key = [.text(repository.text)] + subject.statementColumns
        let known = try Set(t.query(StatementsSchema.attestedOfSubject, key).map { try Attestation($0) })
        return known == Set(signed.filter { $0.document.statements.count <= maximumAttested }.map(Attestation.init))
    }

    /// What makes one signed document another one.
    private struct Attestation: Hashable {
        let payload: [UInt8]
        let signer: String
        let fingerprint: String
        let place: StatementPlace

        init(_ entry: AttestedStatements) {
            (payload, signer, fingerprint) = (entry.payload.bytes, entry.signer, entry.fingerprint)
            place = entry.place
        }

        init(_ row: Row) throws {
            payload = try row.bytes(1)
            signer = try row.text(2)
            fingerprint = try row.text(3)
            let (namespace, repository) = (try row.text(4), try row.text(5))
            place = StatementPlace(
                namespace: namespace.isEmpty ? nil : namespace,
                repository: repository.isEmpty ? nil : repository
            )
        }
    }

    private static func insert(
        _ entry: AttestedStatements,
        about subject: Digest,
        at now: Timestamp,
        in t: Transaction
    ) throws -> Int64 {
        var document = entry.document
        // Who dates a word into the future must not have the last one for ever.
        for index in document.statements.indices {
            if let time = document.statements[index].timestamp, time > now {
                document.statements[index].timestamp = now
            }
        }
        let kept = Kept(place: entry.place, origin: .attested, actor: entry.signer, at: now)
        return try insert(document, entry.payload, kept, in: t)
    }

    private static func note(
        _ action: String,
        _ name: String,
        _ id: Int64,
        signer: String,
        _ subject: Digest,
        _ repository: RepositoryName,
        _ now: Timestamp,
        in t: Transaction
    ) throws {
        try AuditLog.append(
            t,
            actor: "kontor",
            action: action,
            subject: "\(repository)@\(subject)",
            detail: [
                "id": .integer(id), "signer": .string(String(signer.prefix(300))),
                "document": .string(String(name.prefix(300))),
            ],
            at: now
        )
    }
}

/// Statements about documents that somebody signed.
extension StatementsSchema {
    static let attestedStatements = [attestedOfSubject, insertAttested, deleteAttested]

    static let attestedMigration = Migration(
        id: "statements-0003-attested",
        sql: [
            // Which image the signed document is about, while it counts.
            """
            CREATE TABLE vex_attested (
                repository TEXT NOT NULL,
                subject BLOB NOT NULL,
                subject_algorithm INTEGER NOT NULL,
                document INTEGER NOT NULL REFERENCES vex_documents (id),
                fingerprint TEXT NOT NULL,
                PRIMARY KEY (repository, subject, subject_algorithm, document)
            ) STRICT, WITHOUT ROWID
            """,
            "CREATE INDEX vex_attested_by_document ON vex_attested (document)",
        ]
    )

    static let attestedOfSubject = Statement(
        "vex.attestedOfSubject",
        """
        SELECT a.document, d.digest, d.imported_by, a.fingerprint, d.namespace, d.repository
        FROM vex_attested a JOIN vex_documents d ON d.id = a.document
        WHERE a.repository = ? AND a.subject = ? AND a.subject_algorithm = ? ORDER BY a.document
        """
    )
    static let insertAttested = Statement(
        "vex.insertAttested",
        """
        INSERT INTO vex_attested (repository, subject, subject_algorithm, document, fingerprint) VALUES (?, ?, ?, ?, ?)
        """
    )
    static let deleteAttested = Statement(
        "vex.deleteAttested",
        "DELETE FROM vex_attested WHERE repository = ? AND subject = ? AND subject_algorithm = ? AND document = ?"
    )
}
