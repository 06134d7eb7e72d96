// SPDX-License-Identifier: EUPL-1.2

/// Everything that proves offline that an entry stands in a log: index, inclusion proof and signed checkpoint.
///
/// Source: C2SP tlog-proof, `c2sp.org/tlog-proof@v1`. Files of it end in `.tlog-proof`.
public struct LogReceipt: Sendable, Hashable {
    /// First line of every receipt.
    public static let header = "c2sp.org/tlog-proof@v1"
    /// Most bytes of a receipt.
    public static let maximumBytes = SignedNote.maximumBytes + (1 << 17)

    /// Index of the entry, from 0.
    public let index: Int
    /// Hashes of the inclusion proof, from the leaf's sibling upwards.
    public let hashes: [MerkleHash]
    /// Data beside the proof, which nothing proves; nil where there is none.
    public let extra: [UInt8]?
    /// The signed checkpoint, byte for byte.
    public let checkpoint: [UInt8]

    /// A receipt.
    public init(index: Int, hashes: [MerkleHash], extra: [UInt8]? = nil, checkpoint: [UInt8]) {
        self.index = index
        self.hashes = hashes
        self.extra = extra
        self.checkpoint = checkpoint
    }

    /// Reads a receipt; proves nothing yet.
    public init(parsing bytes: [UInt8]) throws(NoteError) {
        guard bytes.count <= Self.maximumBytes else { throw .badReceipt("it has \(bytes.count) bytes") }
        var rest = bytes[...]
        guard Self.line(&rest) == Self.header else { throw .badReceipt("its first line is not \(Self.header)") }
        var line = Self.line(&rest)
        if let text = line, text.hasPrefix("extra ") {
            guard let data = Base64.decode(text.dropFirst(6)) else { throw .badReceipt("its extra data is no base64") }
            extra = data
            line = Self.line(&rest)
        } else {
            extra = nil
        }
        guard let text = line, text.hasPrefix("index "), let index = Decimal.parse(text.dropFirst(6)) else {
            throw .badReceipt("it names no index")
        }
        self.index = index
        var hashes: [MerkleHash] = []
        while true {
            guard let text = Self.line(&rest) else { throw .badReceipt("no checkpoint follows the proof") }
            if text.isEmpty { break }
            guard hashes.count < InclusionProof.maximumHashes, let hash = MerkleHash(base64: text) else {
                throw .badReceipt("line \(hashes.count + 1) of the proof is no hash, or there are too many")
            }
            hashes.append(hash)
        }
        self.hashes = hashes
        checkpoint = Array(rest)
    }

    /// The next line of valid UTF-8 without its line feed; nil where there is none.
    private static func line(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard let end = rest.firstIndex(of: 0x0a) else { return nil }
        defer { rest = rest[(end + 1)...] }
        return String(validating: rest[..<end], as: UTF8.self)
    }

    /// The receipt as bytes.
    public var bytes: [UInt8] {
        var text = Self.header + "\n"
        if let extra { text += "extra \(Base64.encode(extra))\n" }
        text += "index \(index)\n" + hashes.map { $0.base64 + "\n" }.joined() + "\n"
        return Array(text.utf8) + checkpoint
    }

    /// Proves that an entry stands in the log of one of the keys.
    ///
    /// - Parameters:
    ///   - entry: the bytes of the entry.
    ///   - keys: keys of the log and of witnesses.
    /// - Returns: the checkpoint that vouches for it, with who signed it.
    /// - Throws: ``NoteError``.
    public func verified(entry: [UInt8], by keys: [NoteKey]) throws(NoteError) -> SignedCheckpoint {
        let signed = try SignedCheckpoint(verifying: checkpoint, by: keys)
        let proof = InclusionProof(index: index, size: signed.checkpoint.size, hashes: hashes)
        guard proof.verifies(MerkleHash(leaf: entry), in: signed.checkpoint.root) else {
            throw .badReceipt("the proof does not lead from this entry at index \(index) to the checkpoint's root")
        }
        return signed
    }
}
