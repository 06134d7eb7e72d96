// SPDX-License-Identifier: EUPL-1.2

import Crypto
import JSON

/// Why a text is not a digest. (OCI image-spec, "Digests")
public enum DigestError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no `:`.
    case missingSeparator
    /// The part before the `:` is no algorithm by the grammar, or none that is known here (bounded to 64 characters).
    case unsupportedAlgorithm(String)
    /// The encoded part is too long or too short for the algorithm.
    case wrongLength(expected: Int, actual: Int)
    /// A character is not one of `0-9a-f`; upper case is refused by the specification.
    case notLowercaseHex(offset: Int)

    /// One sentence in English.
    public var description: String {
        switch self {
        case .missingSeparator: "no digest: expected algorithm:hex, such as sha256:… with 64 hexadecimal digits"
        case .unsupportedAlgorithm(let name): "digest algorithm \"\(name)\" is not supported; use sha256 or sha512"
        case .wrongLength(let expected, let actual):
            "the digest has \(actual) hexadecimal digits instead of \(expected)"
        case .notLowercaseHex(let offset): "character \(offset) of the digest is not a lower-case hexadecimal digit"
        }
    }
}

/// A content address: algorithm and hash value.
public struct Digest: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// A registered hash algorithm.
    public enum Algorithm: String, Sendable, Hashable, CaseIterable {
        /// SHA-256; every registry has it.
        case sha256
        /// SHA-512.
        case sha512

        /// Length of a hash value in bytes.
        public var byteCount: Int { self == .sha256 ? 32 : 64 }

        /// Number in tables; never reused.
        public var number: Int64 { self == .sha256 ? 1 : 2 }

        /// The algorithm with a number of tables; nil for one that a later version may have written.
        public init?(number: Int64) {
            guard let algorithm = Self.allCases.first(where: { $0.number == number }) else { return nil }
            self = algorithm
        }
    }

    /// The algorithm.
    public let algorithm: Algorithm
    /// The hash value; always of the algorithm's length.
    public let bytes: [UInt8]

    /// Reads `sha256:` or `sha512:` and lower-case hexadecimal digits.
    public init(parsing text: String) throws(DigestError) {
        guard let colon = text.utf8.firstIndex(of: 0x3A) else { throw .missingSeparator }
        guard let algorithm = Algorithm(rawValue: String(text[..<colon])) else {
            throw .unsupportedAlgorithm(text[..<colon].excerpt(64))
        }
        let encoded = text.utf8[text.utf8.index(after: colon)...]
        guard encoded.count == algorithm.byteCount * 2 else {
            throw .wrongLength(expected: algorithm.byteCount * 2, actual: encoded.count)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(algorithm.byteCount)
        var high: UInt8?
        for (offset, unit) in encoded.enumerated() {
            let nibble: UInt8
            switch unit {
            case 0x30...0x39: nibble = unit - 0x30
            case 0x61...0x66: nibble = unit - 0x61 + 10
            default: throw .notLowercaseHex(offset: offset)
            }
            if let first = high {
                bytes.append(first << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// Takes a hash value; its length must be the algorithm's.
    public init(algorithm: Algorithm, bytes: [UInt8]) throws(DigestError) {
        guard bytes.count == algorithm.byteCount else {
            throw .wrongLength(expected: algorithm.byteCount * 2, actual: bytes.count * 2)
        }
        self.algorithm = algorithm
        self.bytes = bytes
    }

    // Callers in this module hand over exactly what a hash function returned.
    init(_ algorithm: Algorithm, hash: [UInt8]) {
        self.algorithm = algorithm
        bytes = hash
    }

    /// The SHA-256 of bytes.
    public static func sha256(_ bytes: [UInt8]) -> Digest { Digest(.sha256, hash: Array(SHA256.hash(data: bytes))) }

    /// The SHA-512 of bytes.
    public static func sha512(_ bytes: [UInt8]) -> Digest { Digest(.sha512, hash: Array(SHA512.hash(data: bytes))) }

    /// The hash of bytes by an algorithm.
    public static func hash(_ bytes: [UInt8], by algorithm: Algorithm) -> Digest {
        algorithm == .sha256 ? sha256(bytes) : sha512(bytes)
    }

    /// The hash value in lower-case hexadecimal digits.
    public var hex: String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            for (index, byte) in bytes.enumerated() {
                buffer[index * 2] = Self.digit(byte >> 4)
                buffer[index * 2 + 1] = Self.digit(byte & 0x0F)
            }
            return bytes.count * 2
        }
    }

    /// `sha256:` and the hexadecimal digits.
    public var description: String { algorithm.rawValue + ":" + hex }

    /// `sha256:` and twelve digits, for people; never to be looked up.
    public var shortDescription: String { algorithm.rawValue + ":" + hex.prefix(12) }

    /// Orders by algorithm, then by hash value.
    public static func < (lhs: Digest, rhs: Digest) -> Bool {
        lhs.algorithm == rhs.algorithm
            ? lhs.bytes.lexicographicallyPrecedes(rhs.bytes) : lhs.algorithm.rawValue < rhs.algorithm.rawValue
    }

    private static func digit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10 }
}

/// Computes a digest from pieces; a copy goes on independently.
public struct DigestHasher: Sendable {
    private enum State: Sendable {
        case sha256(SHA256)
        case sha512(SHA512)
    }

    private var state: State

    /// Starts with no bytes.
    public init(_ algorithm: Digest.Algorithm = .sha256) {
        state = algorithm == .sha256 ? .sha256(SHA256()) : .sha512(SHA512())
    }

    /// Adds bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        switch state {
        case .sha256(var hash):
            hash.update(bufferPointer: bytes)
            state = .sha256(hash)
        case .sha512(var hash):
            hash.update(bufferPointer: bytes)
            state = .sha512(hash)
        }
    }

    /// Adds bytes.
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// The digest of all bytes so far; more can be added afterwards.
    public func finalized() -> Digest {
        switch state {
        case .sha256(let hash): Digest(.sha256, hash: Array(hash.finalize()))
        case .sha512(let hash): Digest(.sha512, hash: Array(hash.finalize()))
        }
    }
}
