// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import MerkleLog

/// Proves that an entry is in the tree of a log.
enum LogInclusion {
    /// Whether the way from the entry leads to a root that the log signed.
    @Sendable static func verifies(_ entry: BundleLogEntry, _ log: TrustedLog) -> Bool {
        guard let proof = entry.inclusionProof, let index = Int(exactly: proof.logIndex),
            let size = Int(exactly: proof.treeSize), index >= 0, index < size,
            let note = try? SignedNote(parsing: Array(proof.checkpoint.utf8)),
            let checkpoint = try? Checkpoint(unverifiedText: note.text),
            checkpoint.size == size, checkpoint.root.bytes == proof.rootHash
        else { return false }
        // By the key alone: what a log calls itself in its notes is its own affair.
        guard note.signatures.contains(where: { log.key.isValidSignature($0.bytes, for: note.text) }) else {
            return false
        }
        let hashes = proof.hashes.compactMap { MerkleHash(bytes: $0) }
        guard hashes.count == proof.hashes.count else { return false }
        return MerkleLog.InclusionProof(index: index, size: size, hashes: hashes)
            .verifies(MerkleHash(leaf: entry.entry.body), in: checkpoint.root)
    }
}
