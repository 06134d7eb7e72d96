// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import OCI
public import Time

/// A binary message with one signature inside, as `gpg --sign` and container tools make it.
///
/// Source: RFC 9580, section 10.3: one-pass signature, literal data, signature; perhaps compressed as a whole.
public struct OpenPGPMessage: Sendable, Hashable {
    /// What was signed.
    public let content: [UInt8]
    private let signature: OpenPGPSignature

    /// Reads a message.
    public init(parsing bytes: [UInt8]) throws(OpenPGPError) {
        guard bytes.count <= AttestationLimits.simpleSigningBytes else { throw .tooLarge }
        var packets = try OpenPGPPacket.all(in: bytes)
        if packets.count == 1, packets[0].tag == OpenPGPPacket.Tag.compressed {
            packets = try OpenPGPPacket.all(in: try Self.decompressed(packets[0].body))
        }
        guard
            packets.map(\.tag) == [
                OpenPGPPacket.Tag.onePassSignature, OpenPGPPacket.Tag.literal, OpenPGPPacket.Tag.signature,
            ]
        else {
            throw .notAssessed("a message of other parts than one signature around one text")
        }
        var literal = OpenPGPReader(packets[1].body)
        // Only binary content: text is signed after its line ends were changed.
        guard try literal.byte() == 0x62 else { throw .notAssessed("a message whose content is not binary") }
        _ = try literal.take(Int(try literal.byte()))
        _ = try literal.take(4)
        content = literal.rest()
        signature = try OpenPGPSignature(body: packets[2].body)
        guard signature.type == 0x00 else {
            throw .notAssessed("a signature of type \(signature.type) around a binary text")
        }
    }

    /// Takes a document and the armoured signature beside it.
    public init(document: [UInt8], detached text: String) throws(OpenPGPError) {
        guard text.utf8.count <= AttestationLimits.simpleSigningBytes else { throw .tooLarge }
        let packets = try OpenPGPPacket.all(in: try ASCIIArmor.decoded(text, as: "SIGNATURE"))
        guard packets.count == 1, packets[0].tag == OpenPGPPacket.Tag.signature else {
            throw .notAssessed("other than one signature")
        }
        content = document
        signature = try OpenPGPSignature(body: packets[0].body)
        guard signature.type == 0x00 else {
            throw .notAssessed("a signature of type \(signature.type) beside a binary text")
        }
    }

    private static func decompressed(_ body: [UInt8]) throws(OpenPGPError) -> [UInt8] {
        // A little more than the content may have: the packets around it count here too.
        let limit = AttestationLimits.simpleSigningBytes
        switch body.first {
        case 1: return try Inflate.raw(Array(body.dropFirst()), limit: limit)
        case 2: return try Inflate.zlib(Array(body.dropFirst()), limit: limit)
        default: throw .notAssessed("a message that is compressed in another way than DEFLATE")
        }
    }

    /// When its maker says it was signed.
    public var created: Timestamp { signature.created }

    /// When its maker says it ends; nil when it does not.
    public var expires: Timestamp? { signature.expires }

    /// Whether this key made the signature; says nothing of whether the key or the signature has ended.
    public func isSigned(by key: OpenPGPPublicKey) -> Bool {
        key.signsDocuments && signature.isValid(over: content, by: key)
    }
}

/// The answer with which a registry itself serves OpenPGP signatures of an image.
///
/// A registry that answers `X-Registry-Supports-Signatures: 1` serves it at `/extensions/v2/NAME/signatures/DIGEST`; an image without
/// signatures has an empty list, because clients take any other answer as a failure.
///
/// Source: openshift/origin, image signatures; read by containers/image.
public struct RegistrySignatures: Sendable, Hashable {
    private var messages: [[UInt8]]
    private let digest: Digest

    /// The messages about one digest.
    public init(_ messages: [[UInt8]], of digest: Digest) {
        self.messages = messages
        self.digest = digest
    }

    /// The answer; a signature is named by the first 32 digits of its own hash, so that names do not move when one is added.
    public var json: JSONValue {
        let list = messages.map { message -> JSONValue in
            [
                "schemaVersion": 2, "name": .string("\(digest)@\(Digest.sha256(message).hex.prefix(32))"),
                "type": "atomic",
                "content": .string(Base64.encoded(message)),
            ]
        }
        return ["signatures": .array(list)]
    }
}
