// SPDX-License-Identifier: EUPL-1.2

import JSON

/// A Dead Simple Signing Envelope: a payload with its type and signatures over both.
///
/// Signing has two steps, so that keys stay where they are kept: take ``bytesToSign(payloadType:payload:)``, have them signed, and assemble
/// an envelope with the signatures.
///
/// Source: secure-systems-lab/dsse v1.0.2, protocol.md and envelope.md.
public struct DSSEEnvelope: Sendable, Hashable {
    /// One signature over the pre-authentication encoding.
    public struct Signature: Sendable, Hashable {
        /// A hint which key made it; unauthenticated, so nothing may be decided by it.
        public var keyID: String
        /// The signature.
        public var bytes: [UInt8]

        /// Makes a signature.
        public init(keyID: String = "", bytes: [UInt8]) {
            self.keyID = keyID
            self.bytes = bytes
        }
    }

    /// What the payload is: a media type or a URI.
    public let payloadType: String
    /// The payload, byte by byte as it was signed.
    public let payload: [UInt8]
    /// The signatures; at least one.
    public let signatures: [Signature]
    /// The envelope, byte by byte as it was read, or as it is written.
    public let bytes: [UInt8]

    /// Payload type of in-toto statements.
    public static let statementType = "application/vnd.in-toto+json"
    /// Media type of an envelope.
    public static let mediaType = "application/vnd.dsse.envelope.v1+json"

    /// Makes an envelope around signatures over ``bytesToSign(payloadType:payload:)``.
    public init(payloadType: String = Self.statementType, payload: [UInt8], signatures: [Signature]) {
        self.payloadType = payloadType
        self.payload = payload
        self.signatures = signatures
        let list = signatures.map { signature -> JSONValue in
            ["keyid": .string(signature.keyID), "sig": .string(Base64.encoded(signature.bytes))]
        }
        let document: JSONValue = [
            "payloadType": .string(payloadType), "payload": .string(Base64.encoded(payload)),
            "signatures": .array(list),
        ]
        bytes = document.bytes(.rfc8785)
    }

    /// Reads an envelope; members that the format does not have are ignored, as it demands, because no signature covers them.
    public init(parsing bytes: [UInt8]) throws(AttestationError) {
        let fields = try SignedJSON.object(bytes, limit: AttestationLimits.documentBytes, what: "the DSSE envelope")
        try self.init(fields, bytes: bytes)
    }

    /// Reads an envelope inside another document.
    init(_ fields: JSONFields, bytes: [UInt8]) throws(AttestationError) {
        payloadType = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.string("payloadType") }
        payload = try Self.base64(fields, "payload")
        let list = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.objects("signatures") }
        guard !list.isEmpty else {
            throw .value(
                path: fields.path(of: "signatures"),
                reason: "is empty: an envelope without a signature says nothing"
            )
        }
        var signatures: [Signature] = []
        for entry in try SignedJSON.bounded(list, AttestationLimits.signatures, "signatures in an envelope") {
            let keyID = try SignedJSON.shaped { () throws(JSONShapeError) in try entry.optionalString("keyid") ?? "" }
            signatures.append(Signature(keyID: keyID, bytes: try Self.base64(entry, "sig")))
        }
        self.signatures = signatures
        self.bytes = bytes
    }

    private static func base64(_ fields: JSONFields, _ key: String) throws(AttestationError) -> [UInt8] {
        let text = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.string(key) }
        guard let bytes = Base64.decodedEitherAlphabet(text) else { throw .base64(path: fields.path(of: key)) }
        return bytes
    }

    /// What the signatures are over.
    public var bytesToSign: [UInt8] { Self.bytesToSign(payloadType: payloadType, payload: payload) }

    /// The pre-authentication encoding: `DSSEv1`, then length and bytes of type and payload, with single spaces between.
    ///
    /// Lengths are in bytes and decimal. Nothing can move from type to payload without changing a length.
    public static func bytesToSign(payloadType: String = Self.statementType, payload: [UInt8]) -> [UInt8] {
        let type = Array(payloadType.utf8)
        return Array("DSSEv1 \(type.count) ".utf8) + type + Array(" \(payload.count) ".utf8) + payload
    }
}
