// SPDX-License-Identifier: EUPL-1.2

internal import Crypto
internal import FoundationEssentials

/// A public key that verifies signatures of notes: a name, an id and an algorithm. (C2SP signed-note, "vkey")
public struct NoteKey: Sendable, Hashable, CustomStringConvertible {
    /// How a key signs, with the byte that names it.
    public enum Algorithm: UInt8, Sendable, Hashable {
        /// Ed25519 over the text of the note.
        case ed25519 = 0x01
        /// ECDSA on P-256 with SHA-256 over the text; signature in DER, key as SPKI.
        case ecdsaP256 = 0x02
        /// Ed25519 over time and text: what a witness signs.
        case cosignature = 0x04
    }

    /// Most characters of a name.
    static let maximumNameLength = 255

    /// Name; of a log's key its origin.
    public let name: String
    /// Id: names the key beside others of one name; no proof of anything.
    public let id: UInt32
    /// How it signs.
    public let algorithm: Algorithm
    /// 32 bytes of Ed25519, or SubjectPublicKeyInfo in DER of ECDSA.
    public let publicKey: [UInt8]

    /// A key; the id follows from the rest.
    ///
    /// - Throws: ``NoteError/badName(_:)``, ``NoteError/badKey(_:)``.
    public init(name: String, algorithm: Algorithm, publicKey: [UInt8]) throws(NoteError) {
        guard Self.isName(name) else { throw .badName(String(name.prefix(64))) }
        let isKey =
            switch algorithm {
            case .ed25519, .cosignature: (try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey)) != nil
            case .ecdsaP256: (try? P256.Signing.PublicKey(derRepresentation: publicKey)) != nil
            }
        guard isKey else { throw .badKey("its bytes are no public key of this kind") }
        self.name = name
        self.algorithm = algorithm
        self.publicKey = publicKey
        // The format of ECDSA keys is older than the rule: their id is that of the bare key.
        let named = Array(name.utf8) + [0x0a, algorithm.rawValue] + publicKey
        let hash = SHA256.hash(data: algorithm == .ecdsaP256 ? publicKey : named)
        id = hash.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Reads `name+id+base64`, as it stands in configurations.
    ///
    /// - Throws: ``NoteError``; also when the id is not that of the key, so that a mistyped key is noticed.
    public init(parsing text: String) throws(NoteError) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard text.utf8.count <= 1_024, parts.count == 3 else {
            throw .badKey("expected NAME+ID+KEY, as `example.com/log+33d7b496+AeHT…`")
        }
        guard let bytes = Base64.decode(parts[2]), let first = bytes.first else {
            throw .badKey("what follows the second + is no base64")
        }
        guard let algorithm = Algorithm(rawValue: first) else {
            throw .badKey("keys of kind \(first) are not known here; Ed25519 (1), ECDSA (2) and cosignatures (4) are")
        }
        try self.init(name: String(parts[0]), algorithm: algorithm, publicKey: Array(bytes.dropFirst()))
        guard parts[1] == idText else { throw .badKey("its id is \(idText), not \(parts[1].prefix(16))") }
    }

    /// `name+id+base64`.
    public var description: String { "\(name)+\(idText)+\(Base64.encode([algorithm.rawValue] + publicKey))" }

    /// The id as eight hexadecimal digits.
    public var idText: String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// A signature line of this key over bytes that it has signed.
    public func signature(_ bytes: [UInt8]) -> NoteSignature { NoteSignature(name: name, keyID: id, bytes: bytes) }

    /// Whether this key made a signature over a text.
    func verifies(_ signature: [UInt8], text: [UInt8]) -> Bool {
        switch algorithm {
        case .ed25519:
            return isEd25519(signature[...], over: text)
        case .cosignature:
            guard let cosignature = Cosignature(bytes: signature) else { return false }
            return isEd25519(cosignature.signature[...], over: Cosignature.message(time: cosignature.time, text: text))
        case .ecdsaP256:
            guard let key = try? P256.Signing.PublicKey(derRepresentation: publicKey),
                let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature)
            else { return false }
            return key.isValidSignature(signature, for: text)
        }
    }

    private func isEd25519(_ signature: ArraySlice<UInt8>, over message: [UInt8]) -> Bool {
        guard signature.count == 64, let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else {
            return false
        }
        return key.isValidSignature(signature, for: message)
    }

    static func isName(_ name: some StringProtocol) -> Bool {
        !name.isEmpty && name.utf8.count <= maximumNameLength
            && name.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20 }
    }
}

/// What a witness says by its signature: at this time this was the newest tree of the log that it had seen.
///
/// Source: C2SP tlog-cosignature, Ed25519.
public struct Cosignature: Sendable, Hashable {
    /// Seconds since 1970 UTC.
    public let time: UInt64
    /// Ed25519 signature, 64 bytes.
    public let signature: [UInt8]

    /// A cosignature that was made.
    public init(time: UInt64, signature: [UInt8]) {
        self.time = time
        self.signature = signature
    }

    /// Reads the bytes of a signature line; nil for any other length, and for times that the format does not know.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 72 else { return nil }
        let time = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        guard time <= UInt64(Int64.max) else { return nil }
        self.init(time: time, signature: Array(bytes.dropFirst(8)))
    }

    /// The bytes of a signature line.
    public var bytes: [UInt8] { withUnsafeBytes(of: time.bigEndian) { Array($0) } + signature }

    /// What is signed: a line of its own kind, the time, and the whole text of the checkpoint.
    public static func message(time: UInt64, text: [UInt8]) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n".utf8) + text
    }
}
