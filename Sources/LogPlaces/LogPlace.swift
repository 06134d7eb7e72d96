// SPDX-License-Identifier: EUPL-1.2

public import Attestations
public import Keys
internal import MerkleLog
internal import OCI
internal import Time
public import Transparency

/// Where an entry of the node's log is, as clients verify it without asking: the log's promise, and the proof of inclusion.
public struct LogPlace: Sendable {
    /// How long one attempt waits for the log.
    public static let patience = Duration.seconds(20)

    /// The log's promise, signed by its key for timestamps.
    public let promise: SignedEntryTimestamp
    /// The proof under a checkpoint, cut for bundles.
    public let proof: Attestations.InclusionProof

    /// Waits until a checkpoint covers an entry, and has the log's key promise it.
    ///
    /// - Parameters:
    ///   - row: of the log's queue.
    ///   - log: that has it.
    ///   - signer: has the log's keys.
    /// - Throws: ``LogKeyChanged``, `KeysError`, `TransparencyError`; all but a refusal may be cured by another attempt.
    public init(of row: Int64, in log: TransparencyLog, signer: any Signer) async throws {
        let included = try await log.included(row, timeout: Self.patience)
        // The signer judges keys by the system's time.
        let now = WallClock.system.now()
        let record = try await signer.keys().last { $0.role == .logTimestamps && $0.state(at: now) == .active }
        guard let record else { throw KeysError.noKey(.logTimestamps) }
        let entry = Attestations.LogEntry(
            body: included.bytes,
            integratedTime: included.integratedAt.microseconds / 1_000_000,
            logIndex: Int64(included.index),
            logID: try PublicKey(spki: record.publicKey).fingerprint.bytes
        )
        let made = try await signer.sign(entry.bytesToSign, as: .logTimestamps)
        guard made.key.fingerprint == record.fingerprint else { throw LogKeyChanged() }
        promise = SignedEntryTimestamp(entry: entry, signature: made.bytes)
        let note = try SignedNote(parsing: included.checkpoint)
        let checkpoint = try Checkpoint(unverifiedText: note.text)
        proof = Attestations.InclusionProof(
            logIndex: Int64(included.index),
            rootHash: checkpoint.root.bytes,
            treeSize: Int64(checkpoint.size),
            hashes: included.proof.hashes.map(\.bytes),
            checkpoint: String(decoding: note.forBundles(of: log.keys + log.formerKeys).bytes, as: UTF8.self)
        )
    }

    /// The entry of an envelope, for its Sigstore bundle.
    public var bundleEntry: BundleLogEntry {
        BundleLogEntry(entry: promise.entry, kind: "dsse", promise: promise.signature, inclusionProof: proof)
    }
}

/// The log's key was replaced between two questions; the next attempt takes the new one.
public struct LogKeyChanged: Error, Sendable, CustomStringConvertible {
    /// What, and what next.
    public var description: String { "the log's key was replaced at this moment; it is tried again" }
}
