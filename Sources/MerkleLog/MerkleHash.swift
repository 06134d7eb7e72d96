// SPDX-License-Identifier: EUPL-1.2

public import Crypto
internal import FoundationEssentials

/// A node of the tree: 32 bytes of SHA-256, stored in place.
///
/// Leaves and inner nodes are hashed with different first bytes, so that no entry can be passed off as a subtree.
///
/// Source: RFC 9162, 2.1.1; RFC 6962, 2.1.
public struct MerkleHash: Sendable, Hashable, CustomStringConvertible {
    /// Length in bytes.
    public static let byteCount = 32

    /// The root of a tree without leaves.
    public static let empty = MerkleHash(SHA256().finalize())

    // Four words in the order of memory: an array would cost an allocation a node.
    private let words: Words

    private struct Words: Sendable, Hashable {
        var first: UInt64 = 0
        var second: UInt64 = 0
        var third: UInt64 = 0
        var fourth: UInt64 = 0
    }

    /// Takes over what was hashed.
    public init(_ digest: SHA256Digest) {
        var words = Words()
        withUnsafeMutableBytes(of: &words) { target in digest.withUnsafeBytes { target.copyMemory(from: $0) } }
        self.words = words
    }

    /// Reads 32 bytes; nil for any other number.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var words = Words()
        withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
        self.words = words
    }

    /// Reads standard base64 of 32 bytes in its one right form; nil for anything else.
    public init?(base64 text: some StringProtocol) {
        guard text.utf8.count == 44, let bytes = Base64.decode(text) else { return nil }
        self.init(bytes: bytes)
    }

    /// The hash of an entry.
    public init(leaf entry: some Collection<UInt8>) {
        var hasher = SHA256()
        withUnsafeBytes(of: 0 as UInt8) { hasher.update(bufferPointer: $0) }
        let isUpdated: Void? = entry.withContiguousStorageIfAvailable { bytes in
            hasher.update(bufferPointer: UnsafeRawBufferPointer(bytes))
        }
        if isUpdated == nil { hasher.update(data: Array(entry)) }
        self.init(hasher.finalize())
    }

    /// The hash of an inner node.
    public init(left: MerkleHash, right: MerkleHash) {
        var hasher = SHA256()
        withUnsafeBytes(of: 1 as UInt8) { hasher.update(bufferPointer: $0) }
        withUnsafeBytes(of: left.words) { hasher.update(bufferPointer: $0) }
        withUnsafeBytes(of: right.words) { hasher.update(bufferPointer: $0) }
        self.init(hasher.finalize())
    }

    /// The bytes.
    public var bytes: [UInt8] { withUnsafeBytes(of: words) { Array($0) } }

    /// Standard base64, as checkpoints and proofs write it.
    public var base64: String { Base64.encode(bytes) }

    /// Standard base64.
    public var description: String { base64 }
}

/// Standard base64 with padding, in its one right form.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    /// Nil for anything that ``encode(_:)`` would not have written: two texts of one value would be two signatures of one.
    static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let text = String(text)
        guard let data = Data(base64Encoded: text), data.base64EncodedString() == text else { return nil }
        return [UInt8](data)
    }
}

/// Decimal numbers in their one right form.
enum Decimal {
    /// A number of at most 18 digits, without sign or leading zero; nil for anything else.
    static func parse(_ text: some StringProtocol) -> Int? {
        let digits = text.utf8
        guard (1...18).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard digits.count == 1 || digits.first != 0x30 else { return nil }
        return Int(text)
    }
}
