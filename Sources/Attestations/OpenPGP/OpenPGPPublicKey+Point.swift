// SPDX-License-Identifier: EUPL-1.2

extension OpenPGPPublicKey {
    /// The 32 bytes of an Ed25519 key; nil for keys of other kinds.
    public var ed25519Point: [UInt8]? { if case .ed25519(let point) = material { point } else { nil } }
}
