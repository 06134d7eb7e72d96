// SPDX-License-Identifier: EUPL-1.2

import OCI

/// A stack of layers, from the base up, by the digests of what they unpack to; sixteen bytes stand for it.
///
/// An image stands on another one when the other's whole stack is the lower part of its own. The idea is the image specification's ChainID;
/// this one is shorter, because a million of them are kept.
struct LayerChain: Sendable, Hashable {
    static let length = 16

    let bytes: [UInt8]
    /// Whether it is the whole stack of an image.
    let isTop: Bool

    /// Every lower part of an image's stack, and the whole.
    static func all(of diffIDs: [Digest]) -> [LayerChain] {
        var chains: [LayerChain] = []
        var bytes: [UInt8] = []
        for (index, layer) in diffIDs.enumerated() {
            bytes = Array(Digest.sha256(bytes + layer.bytes).bytes.prefix(length))
            chains.append(LayerChain(bytes: bytes, isTop: index == diffIDs.count - 1))
        }
        return chains
    }

    /// All of an image, as bytes of its row.
    static func encode(_ chains: [LayerChain]) -> [UInt8] { chains.flatMap { [$0.isTop ? 1 : 0] + $0.bytes } }

    /// - Returns: nil for what ``encode(_:)`` never writes.
    static func decode(_ bytes: [UInt8]) -> [LayerChain]? {
        guard bytes.count.isMultiple(of: length + 1) else { return nil }
        return stride(from: 0, to: bytes.count, by: length + 1).map { start in
            LayerChain(bytes: Array(bytes[(start + 1)...(start + length)]), isTop: bytes[start] == 1)
        }
    }
}
