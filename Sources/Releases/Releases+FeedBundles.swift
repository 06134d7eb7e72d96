// SPDX-License-Identifier: EUPL-1.2

public import Accounts
internal import Attestations
internal import Audit
internal import Database
internal import JSON
internal import Keys
internal import LogPlaces
internal import OCI
internal import Time
internal import Transparency

extension Releases {
    /// Puts the signature of a feed bundle in the log, and gives it back with its place there.
    ///
    /// Only what this node's own key for feed bundles signed is taken: nobody else fills the log.
    ///
    /// - Parameters:
    ///   - bytes: a Sigstore bundle with one signed statement, and without an entry of a log.
    ///   - account: an operator.
    /// - Throws: ``ReleaseError``, `AccountsError`, `TransparencyError`, `KeysError`.
    public func log(feedBundle bytes: [UInt8], by account: Account) async throws -> [UInt8] {
        try await accounts.requireManager(of: nil, by: account)
        let bundle: SigstoreBundle
        do { bundle = try SigstoreBundle(parsing: bytes) } catch {
            throw ReleaseError.invalid("it is no Sigstore bundle: \(error)")
        }
        guard case .envelope(let envelope) = bundle.content, envelope.signatures.count == 1,
            let made = envelope.signatures.first, bundle.logEntries.isEmpty
        else { throw ReleaseError.invalid("send a bundle with one signed statement that is in no log yet") }
        guard let log else { throw ReleaseError.unavailable("the signer does not answer; the node's log says why") }
        let keys = try await signer.keys().filter { $0.role == .feeds && $0.revokedFrom == nil }
        let message = envelope.bytesToSign
        let key = try keys.map { try PublicKey(spki: $0.publicKey) }.first {
            $0.isValidSignature(made.bytes, for: message)
        }
        guard let key else {
            throw ReleaseError.refused(
                "no key of this node for feed bundles made this signature; nothing else is logged"
            )
        }
        let body = LogBody.dsse(envelope, signers: [.init(signature: made.bytes, key: key)])
        let now = clock.now()
        func enqueue() async throws -> Int64 {
            try await database.write { t in
                let row = try log.enqueue(
                    Transparency.LogEntry(kind: body.kindName, namespace: nil, bytes: body.bytes),
                    in: t
                )
                try AuditLog.append(
                    t,
                    actor: account.name,
                    action: "log.feedBundle",
                    subject: "feeds",
                    detail: ["statement": .string("\(Digest.sha256(envelope.payload))")],
                    at: now
                )
                return row
            }
        }
        var place = try await LogPlace(of: try await enqueue(), in: log, signer: signer)
        // Clients take the number 0 for one that is missing.
        if place.promise.entry.logIndex == 0 {
            place = try await LogPlace(of: try await enqueue(), in: log, signer: signer)
        }
        return SigstoreBundle(bundle.content, hint: key.hint, logEntries: [place.bundleEntry]).bytes
    }
}
