// SPDX-License-Identifier: EUPL-1.2

/// Why bytes are no signed note, or none that may be believed.
public enum NoteError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Larger than any note that is read here.
    case tooLarge(Int)
    /// Not UTF-8, or a control character other than the line feed.
    case badText
    /// No blank line with signatures behind it, or a line behind it that is no signature.
    case badSignatures(String)
    /// More signatures than are read here.
    case tooManySignatures
    /// A name that the format does not allow.
    case badName(String)
    /// A public key that cannot be used.
    case badKey(String)
    /// A signature that bears the name and id of a known key is not by it.
    case invalidSignature(String)
    /// No known key has signed it.
    case noKnownSignature
    /// The text is no checkpoint.
    case badCheckpoint(String)
    /// The bytes are no receipt.
    case badReceipt(String)

    /// One sentence in English.
    public var description: String {
        switch self {
        case .tooLarge(let count): "\(count) bytes are more than a note may have (\(SignedNote.maximumBytes))"
        case .badText: "the note is no UTF-8, or has a control character"
        case .badSignatures(let reason): "the note's signatures cannot be read: \(reason)"
        case .tooManySignatures: "the note has more than \(SignedNote.maximumSignatures) signatures"
        case .badName(let name): "\"\(name)\" is no name of a key: no spaces, no +, not empty"
        case .badKey(let reason): "the public key cannot be used: \(reason)"
        case .invalidSignature(let name): "the signature of \(name) is wrong: text or signature was changed"
        case .noKnownSignature: "none of the keys that are trusted here has signed it"
        case .badCheckpoint(let reason): "that is no checkpoint: \(reason)"
        case .badReceipt(let reason): "that is no receipt (c2sp.org/tlog-proof@v1): \(reason)"
        }
    }
}

/// One signature line of a note.
public struct NoteSignature: Sendable, Hashable {
    /// Name of the key.
    public let name: String
    /// Id of the key.
    public let keyID: UInt32
    /// Signature without the id.
    public let bytes: [UInt8]

    /// A line.
    public init(name: String, keyID: UInt32, bytes: [UInt8]) {
        self.name = name
        self.keyID = keyID
        self.bytes = bytes
    }

    /// The line without its line feed.
    public var line: String { "— \(name) \(Base64.encode(withUnsafeBytes(of: keyID.bigEndian) { Array($0) } + bytes))" }
}

/// A text and signatures that nobody has checked yet.
///
/// Source: C2SP signed-note.
public struct SignedNote: Sendable, Hashable {
    /// Most bytes of a note.
    public static let maximumBytes = 1 << 20
    /// Most signatures; the format demands at least 16.
    public static let maximumSignatures = 100

    /// The text with its last line feed; what is signed.
    public let text: [UInt8]
    /// The signatures, in order.
    public let signatures: [NoteSignature]

    /// A note that was made here.
    public init(text: [UInt8], signatures: [NoteSignature]) {
        self.text = text
        self.signatures = signatures
    }

    /// Reads a note.
    public init(parsing bytes: [UInt8]) throws(NoteError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLarge(bytes.count) }
        guard let whole = String(validating: bytes, as: UTF8.self),
            !bytes.contains(where: { $0 < 0x20 && $0 != 0x0a })
        else { throw .badText }
        // The last blank line: the text may have others.
        guard let blank = bytes.indices.dropFirst().last(where: { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a }) else {
            throw .badSignatures("no blank line stands before them")
        }
        let rest = bytes[(blank + 1)...]
        guard !rest.isEmpty, rest.last == 0x0a else { throw .badSignatures("a last line feed is missing") }
        text = Array(bytes[..<blank])
        var signatures: [NoteSignature] = []
        for line in whole.utf8.suffix(rest.count).dropLast().split(separator: 0x0a, omittingEmptySubsequences: false) {
            guard signatures.count < Self.maximumSignatures else { throw .tooManySignatures }
            signatures.append(try Self.signature(String(decoding: line, as: UTF8.self)))
        }
        self.signatures = signatures
    }

    private static func signature(_ line: String) throws(NoteError) -> NoteSignature {
        let parts = line.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "—", NoteKey.isName(parts[1]) else {
            throw .badSignatures("\"\(line.prefix(64))\" is not — NAME BASE64")
        }
        guard let bytes = Base64.decode(parts[2]), bytes.count >= 5 else {
            throw .badSignatures("what follows \(parts[1].prefix(64)) is no base64 of an id and a signature")
        }
        let id = bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
        return NoteSignature(name: String(parts[1]), keyID: id, bytes: Array(bytes.dropFirst(4)))
    }

    /// The note as bytes.
    public var bytes: [UInt8] { text + Array(("\n" + signatures.map { $0.line + "\n" }.joined()).utf8) }

    /// Checks the signatures of known keys and ignores all others.
    ///
    /// - Parameter keys: the keys that are trusted.
    /// - Returns: those of them that have signed, each once; never empty.
    /// - Throws: ``NoteError/invalidSignature(_:)`` as soon as one with name and id of a known key is wrong,
    ///   ``NoteError/noKnownSignature`` when there is none.
    @discardableResult
    public func signers(among keys: [NoteKey]) throws(NoteError) -> [NoteKey] {
        var signers: [NoteKey] = []
        for signature in signatures {
            let candidates = keys.filter { $0.name == signature.name && $0.id == signature.keyID }
            guard !candidates.isEmpty else { continue }
            // Ids are short, so two known keys may share one: any of them may have signed.
            guard let signer = candidates.first(where: { $0.verifies(signature.bytes, text: text) }) else {
                throw .invalidSignature(signature.name)
            }
            if !signers.contains(signer) { signers.append(signer) }
        }
        guard !signers.isEmpty else { throw .noKnownSignature }
        return signers
    }
}
