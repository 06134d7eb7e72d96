// SPDX-License-Identifier: EUPL-1.2

internal import Accounts
internal import Attestations
internal import Database
internal import Keys
internal import LogPlaces
internal import OCI
internal import Time
internal import Transparency

extension Attesting {
    /// Signs a statement; the signature is a row, with its place in the log's queue, before it is anything else.
    func sign(_ row: ImageAttestation, _ subject: Subject) async throws {
        guard let payload = try await bytes(of: row).payload else {
            throw DatabaseError(.shape, "attestation \(row.id) has nothing to be signed")
        }
        let made = try await signer.sign(DSSEEnvelope.bytesToSign(payload: payload), as: row.kind.role)
        let envelope = DSSEEnvelope(payload: payload, signatures: [.init(bytes: made.bytes)])
        let key = try PublicKey(spki: made.key.publicKey)
        let body = LogBody.dsse(envelope, signers: [.init(signature: made.bytes, key: key)])
        let name = subject.namespace?.name
        try await database.write { [log] t in
            // Another worker may have been quicker: what it signed counts.
            guard let current = try t.first(AttestingSchema.one, [.integer(row.id)]).map({ try ImageAttestation($0) }),
                current.signature == nil
            else { return }
            var entry: Int64?
            if row.isLogged, let log {
                entry = try log.enqueue(
                    Transparency.LogEntry(kind: body.kindName, namespace: name, bytes: body.bytes),
                    in: t
                )
            }
            try t.execute(
                AttestingSchema.sign,
                [.blob(made.bytes), .blob(key.spki), .optional(entry), .integer(row.id)]
            )
        }
    }

    /// Adds what the log says, once a checkpoint covers it; then nothing of the statement changes any more.
    func seal(_ row: ImageAttestation, _ subject: Subject) async throws {
        guard let signature = row.signature, let spki = row.publicKey, let payload = try await bytes(of: row).payload
        else { throw DatabaseError(.shape, "attestation \(row.id) is not signed") }
        let envelope = DSSEEnvelope(payload: payload, signatures: [.init(bytes: signature)])
        var place: LogPlace?
        if let log, let entry = row.logEntry {
            place = try await LogPlace(of: entry, in: log, signer: signer)
            // cosign 2.5 takes the number 0 for one that is missing: the first entry of a log convinces it of nothing.
            if let first = place?.promise.entry, first.logIndex == 0 {
                let second = try await logAgain(first.body, of: row, subject, in: log)
                place = try await LogPlace(of: second, in: log, signer: signer)
            }
        }
        let entries = place.map { [$0.bundleEntry] }
        let hint = try PublicKey(spki: spki).hint
        let bundle = SigstoreBundle(.envelope(envelope), hint: hint, logEntries: entries ?? []).bytes
        let values: [SQLValue] = [
            .optional(place.map { Int($0.promise.entry.logIndex) }), .text(place?.promise.annotation ?? ""),
            .blob(bundle), .integer(row.id),
        ]
        _ = try await database.write { t in try t.execute(AttestingSchema.seal, values) }
    }

    /// Logs the same signature once more, and has the statement rest on that.
    private func logAgain(
        _ body: [UInt8],
        of row: ImageAttestation,
        _ subject: Subject,
        in log: TransparencyLog
    ) async throws -> Int64 {
        let name = subject.namespace?.name
        return try await database.write { t in
            let entry = try log.enqueue(Transparency.LogEntry(kind: "dsse", namespace: name, bytes: body), in: t)
            try t.execute(AttestingSchema.logAgain, [.integer(entry), .integer(row.id)])
            return entry
        }
    }

    /// What is large of a statement: its bytes, and its bundle when it is sealed.
    func bytes(of row: ImageAttestation) async throws -> (payload: [UInt8]?, bundle: [UInt8]?) {
        try await database.lookUp { t in
            guard let found = try t.first(AttestingSchema.bytes, [.integer(row.id)]) else { return (nil, nil) }
            return (try found.optionalBytes(0), try found.optionalBytes(1))
        }
    }
}
