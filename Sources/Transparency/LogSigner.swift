// SPDX-License-Identifier: EUPL-1.2

public import MerkleLog

/// A key of the log that lies elsewhere: the public half, and a way to have bytes signed.
public struct LogSigner: Sendable {
    /// The public half; its name is the log's origin.
    public let key: NoteKey
    /// Signs the text of a checkpoint: Ed25519 (64 bytes) or ECDSA over SHA-256 (DER), as the key says.
    public let sign: @Sendable ([UInt8]) async throws -> [UInt8]

    /// A key that lies elsewhere.
    public init(key: NoteKey, sign: @escaping @Sendable ([UInt8]) async throws -> [UInt8]) {
        self.key = key
        self.sign = sign
    }
}
