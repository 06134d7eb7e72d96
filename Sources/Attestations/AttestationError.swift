// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// Why bytes are not the signed document that they should be.
///
/// Says only that a document could not be read. Whether one that was read is to be trusted is never an error: see ``VerificationReport``.
public enum AttestationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// More bytes than the bound of ``AttestationLimits``.
    case tooLarge(what: String, limit: Int)
    /// More elements than the bound of ``AttestationLimits``.
    case tooMany(what: String, limit: Int)
    /// The text is no JSON, or JSON that two readers could understand differently.
    case json(JSONError)
    /// A member is missing or of the wrong type.
    case shape(JSONShapeError)
    /// A member that the format does not have, where its makers allow none (bounded to 64 characters).
    case unknownMember(path: String)
    /// A text is not base64.
    case base64(path: String)
    /// A value that the format does not have.
    case value(path: String, reason: String)

    /// One sentence in English.
    public var description: String {
        switch self {
        case .tooLarge(let what, let limit): "\(what) is longer than \(limit) bytes"
        case .tooMany(let what, let limit): "there are more than \(limit) \(what)"
        case .json(let error): error.description
        case .shape(let error): error.description
        case .unknownMember(let path):
            "\(path) is no member of this format, and a signed document must not say more than its readers know"
        case .base64(let path): "\(path) is not base64"
        case .value(let path, let reason): "\(path) \(reason)"
        }
    }
}

/// Bounds on everything that a stranger can send as a signature or an attestation.
public enum AttestationLimits {
    /// Bytes of a Sigstore bundle or a DSSE envelope.
    public static let documentBytes = 10 << 20
    /// Bytes of a simple-signing payload, of an OpenPGP message and of its content.
    public static let simpleSigningBytes = 64 << 10
    /// Bytes of a public key, armoured or as PEM.
    public static let keyBytes = 64 << 10
    /// Bytes of the text of a signed checkpoint.
    public static let checkpointBytes = 64 << 10
    /// Bytes of an entry of a log.
    public static let logEntryBytes = 64 << 10
    /// Signatures of one envelope.
    public static let signatures = 16
    /// Subjects of one statement.
    public static let subjects = 1024
    /// Materials of one build.
    public static let materials = 20_000
    /// Log entries of one bundle.
    public static let logEntries = 8
    /// Time stamps of one signature.
    public static let timestamps = 4
    /// Hashes of one inclusion proof: no log has more than 2⁶³ entries.
    public static let proofHashes = 63
    /// Layers of one `.sig` or `.att` manifest.
    public static let layers = 256
    /// Pieces of evidence that one verification looks at.
    public static let evidence = 512
    /// Packets of one OpenPGP message or key block.
    public static let packets = 256
}

/// Reads a document whose members decide about trust.
enum SignedJSON {
    /// Reads strictly: duplicate members, trailing bytes and bytes beyond the limit are refused.
    static func object(_ bytes: [UInt8], limit: Int, what: String) throws(AttestationError) -> JSONFields {
        guard bytes.count <= limit else { throw .tooLarge(what: what, limit: limit) }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: JSONLimits(depth: 48, bytes: limit, values: 1_000_000))
        } catch { throw .json(error) }
        return try shaped { () throws(JSONShapeError) in try JSONFields(value) }
    }

    /// Gives an error of shape the type of this room.
    static func shaped<Value>(_ read: () throws(JSONShapeError) -> Value) throws(AttestationError) -> Value {
        do throws(JSONShapeError) { return try read() } catch { throw .shape(error) }
    }

    /// Refuses members that are not among the known ones.
    static func refuseUnknown(_ fields: JSONFields, known: Set<String>) throws(AttestationError) {
        for key in fields.keys where !known.contains(key) { throw .unknownMember(path: fields.path(of: key)) }
    }

    /// Refuses a list that is longer than its bound.
    static func bounded<Element>(_ list: [Element], _ limit: Int, _ what: String) throws(AttestationError) -> [Element]
    {
        guard list.count <= limit else { throw .tooMany(what: what, limit: limit) }
        return list
    }

    /// A member in standard base64.
    static func base64(_ fields: JSONFields, _ key: String) throws(AttestationError) -> [UInt8] {
        let text = try shaped { () throws(JSONShapeError) in try fields.string(key) }
        guard let bytes = Base64.decoded(text) else { throw .base64(path: fields.path(of: key)) }
        return bytes
    }
}
