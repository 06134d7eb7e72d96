// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
public import JSON
internal import Keys
internal import MerkleLog
internal import Time
internal import Transparency

extension Releases {
    /// What others need to verify what this node signs: public keys by role with their times, the log's keys, and the same in the forms
    /// that their programs read.
    ///
    /// Whoever fetches it trusts the connection: fingerprints are to be compared on another way once.
    ///
    /// - Parameter origin: scheme, host and port of the node, where Sigstore's programs name the log.
    /// - Throws: ``ReleaseError/unavailable(_:)`` while nobody signs.
    public func trustRoot(origin: String?) async throws -> JSONValue {
        guard let log else {
            throw ReleaseError.unavailable("the signer does not answer; the node's log says why")
        }
        let keys = try await signer.keys()
        let now = WallClock.system.now()
        // A key that only replaces nothing yet is told too: whoever knows it early is not surprised.
        let logs = try keys.filter { $0.role == .logTimestamps && $0.revokedFrom == nil }.map { key in
            TrustedRoot.Log(
                baseURL: (origin ?? "https://\(log.origin.dropLast("/log".count))") + "/log",
                key: try PublicKey(spki: key.publicKey),
                start: key.signsFrom,
                end: key.signsUntil
            )
        }
        return [
            "schemaVersion": 1, "registry": .optional(authority()), "log": .string(log.origin),
            "logKeys": .strings((log.keys + log.formerKeys).map(\.description)),
            "keys": .array(
                keys.map { key in
                    [
                        "role": .string(key.role.rawValue), "id": .string(key.id),
                        "fingerprint": .string(key.fingerprint), "algorithm": .string(key.algorithm.rawValue),
                        "state": .string(key.state(at: now).rawValue), "pem": .string(key.pem),
                        "signsFrom": .string(key.signsFrom.rfc3339), "signsUntil": .optional(key.signsUntil?.rfc3339),
                        "revokedFrom": .optional(key.revokedFrom?.rfc3339),
                    ]
                }
            ),
            "openPGP": .optional(try await openPGPKey(keys, at: now)),
            "trustedRoot": try JSONValue(parsing: TrustedRoot(logs: logs).bytes),
        ]
    }

    /// The OpenPGP key with its name, certified by itself: the same bytes each time, because Ed25519 has no chance in it.
    private func openPGPKey(_ keys: [KeyRecord], at now: Timestamp) async throws -> String? {
        guard let record = keys.last(where: { $0.role == .openPGP && $0.state(at: now) == .active }),
            let point = record.rawEd25519, let name = authority()
        else { return nil }
        let key = try OpenPGPPublicKey(ed25519: point, created: record.created)
        let signing = try OpenPGPSigning(key: key, at: key.created)
        let user = "\(name) (releases)"
        let signature = try await signer.sign(signing.bytesToHash(userID: user, lifetime: nil), as: .openPGP)
        guard signature.key.fingerprint == record.fingerprint else { return nil }
        return try signing.publicKeyBlock(userID: user, lifetime: nil, signature: signature.bytes)
    }
}
