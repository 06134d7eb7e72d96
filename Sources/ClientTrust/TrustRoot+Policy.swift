// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import Keys
internal import MerkleLog
internal import OCI
internal import Time

extension TrustRoot {
    /// What the node's keys are believed: each what its role signs, and about names of this registry only.
    ///
    /// - Parameter types: types of statements that were found; a role's types can have versions behind them.
    func trustedKeys(_ types: Set<String>) -> [TrustedKey] {
        keys.compactMap { key in
            let claims: Set<Claim> =
                key.role == .release
                ? [.imageSignature] : Set(types.filter(key.role.signs(statementsOf:)).map { .predicate($0) })
            return claims.isEmpty ? nil : TrustedKey(key.key, terms(key, claims))
        }
    }

    /// The OpenPGP keys; one that is not among the node's keys is not believed.
    var trustedOpenPGPKeys: [TrustedOpenPGPKey] {
        openPGPKeys.compactMap { key in
            keys.first { $0.role == .openPGP && $0.key.point == key.ed25519Point }.map {
                TrustedOpenPGPKey(key, terms($0, [.imageSignature]))
            }
        }
    }

    /// The log, by each of the keys that sign its promises.
    var trustedLogs: [TrustedLog] {
        keys.filter { $0.role == .logTimestamps }.map {
            TrustedLog(key: $0.key, name: origin, validFrom: $0.signsFrom, validUntil: $0.ends)
        }
    }

    private func terms(_ key: Key, _ claims: Set<Claim>) -> KeyTerms {
        KeyTerms(
            name: "\(key.role.rawValue) \(key.id)",
            claims: claims,
            scopes: [registry],
            validFrom: key.signsFrom,
            validUntil: key.signsUntil,
            revokedFrom: key.revokedFrom
        )
    }

    /// Whether the proof of an entry leads to a root that this log signed.
    func proves(_ entry: BundleLogEntry) -> Bool {
        guard let proof = entry.inclusionProof, let index = Int(exactly: proof.logIndex),
            let size = Int(exactly: proof.treeSize), proof.logIndex == entry.entry.logIndex,
            let root = MerkleHash(bytes: proof.rootHash),
            let signed = try? SignedCheckpoint(verifying: Array(proof.checkpoint.utf8), by: noteKeys),
            signed.checkpoint.origin == origin, signed.checkpoint.size == size, signed.checkpoint.root == root
        else { return false }
        let hashes = proof.hashes.compactMap { MerkleHash(bytes: $0) }
        guard hashes.count == proof.hashes.count else { return false }
        return MerkleLog.InclusionProof(index: index, size: size, hashes: hashes)
            .verifies(MerkleHash(leaf: entry.entry.body), in: root)
    }
}
