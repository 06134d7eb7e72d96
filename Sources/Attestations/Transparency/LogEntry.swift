// SPDX-License-Identifier: EUPL-1.2

import Certificates
import JSON
public import OCI

/// A place in a log, as Rekor's first version tells it: what was logged, where and when.
///
/// Source: sigstore/rekor, "openapi.yaml" (LogEntry); sigstore/protobuf-specs v0.4, "sigstore_rekor.proto".
public struct LogEntry: Sendable, Hashable {
    /// What was logged, in RFC 8785 form: a ``LogBody``.
    public var body: [UInt8]
    /// When it was logged, in seconds since 1970.
    public var integratedTime: Int64
    /// Its number, from 0.
    public var logIndex: Int64
    /// SHA-256 of the SubjectPublicKeyInfo of the log's P-256 key.
    public var logID: [UInt8]

    /// Makes an entry.
    public init(body: [UInt8], integratedTime: Int64, logIndex: Int64, logID: [UInt8]) {
        self.body = body
        self.integratedTime = integratedTime
        self.logIndex = logIndex
        self.logID = logID
    }

    /// What the log signs to promise the entry (the signed entry timestamp).
    public var bytesToSign: [UInt8] { json.bytes(.rfc8785) }

    var json: JSONValue {
        [
            "body": .string(Base64.encoded(body)), "integratedTime": .integer(integratedTime),
            "logID": .string(Hexadecimal.text(logID)), "logIndex": .integer(logIndex),
        ]
    }

    /// Whether a log with this key promised the entry: the id is the key's, and the signature is over all of the entry.
    public func isPromised(by key: PublicKey, _ signature: [UInt8]) -> Bool {
        logID == key.fingerprint.bytes && key.isValidSignature(signature, for: bytesToSign)
    }
}

/// A log entry with the log's promise, as it stands in an annotation of a `.sig` layer.
public struct SignedEntryTimestamp: Sendable, Hashable {
    /// The entry.
    public var entry: LogEntry
    /// Signature of the log over ``LogEntry/bytesToSign``.
    public var signature: [UInt8]

    /// Makes a promise.
    public init(entry: LogEntry, signature: [UInt8]) {
        self.entry = entry
        self.signature = signature
    }

    /// Reads the annotation.
    public init(annotation: String) throws(AttestationError) {
        let fields = try SignedJSON.object(
            Array(annotation.utf8),
            limit: AttestationLimits.logEntryBytes * 2,
            what: "the entry of the log"
        )
        try SignedJSON.refuseUnknown(fields, known: ["SignedEntryTimestamp", "Payload"])
        signature = try SignedJSON.base64(fields, "SignedEntryTimestamp")
        let payload = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.object("Payload") }
        try SignedJSON.refuseUnknown(payload, known: ["body", "integratedTime", "logIndex", "logID"])
        let body = try SignedJSON.base64(payload, "body")
        let time = try SignedJSON.shaped { () throws(JSONShapeError) in try payload.integer("integratedTime") }
        let index = try SignedJSON.shaped { () throws(JSONShapeError) in try payload.integer("logIndex") }
        let logID = try SignedJSON.shaped { () throws(JSONShapeError) in try payload.string("logID") }
        guard let id = Hexadecimal.bytes(logID), id.count == 32 else {
            throw .value(path: payload.path(of: "logID"), reason: "is not 64 hexadecimal digits in lower case")
        }
        entry = LogEntry(body: body, integratedTime: time, logIndex: index, logID: id)
    }

    /// The annotation.
    public var annotation: String {
        let document: JSONValue = ["SignedEntryTimestamp": .string(Base64.encoded(signature)), "Payload": entry.json]
        return document.text(.rfc8785)
    }
}

/// What is logged: which signature, over what, by which key.
///
/// Whoever relies on an entry must compare all three. An entry is public, and one of another signature can be copied into any bundle.
public enum LogBody: Sendable, Hashable {
    /// A signature over bytes whose hash is logged.
    case hashedRekord(payloadHash: Digest, signature: [UInt8], keyPEM: [UInt8])
    /// Signatures of an envelope.
    case dsse(envelopeHash: Digest, payloadHash: Digest, signatures: [Signer])

    /// One signature of an envelope.
    public struct Signer: Sendable, Hashable {
        /// The signature.
        public var signature: [UInt8]
        /// PEM of the key, or of the signer's certificate, with a line break at its end.
        public var keyPEM: [UInt8]

        /// Makes a signer.
        public init(signature: [UInt8], key: PublicKey) {
            self.init(signature: signature, pem: Array(key.pem.utf8))
        }

        /// Makes a signer of the PEM of a key or of a certificate.
        public init(signature: [UInt8], pem: [UInt8]) {
            self.signature = signature
            keyPEM = pem
        }
    }

    /// The entry for a signature over a payload.
    public static func hashedRekord(payload: [UInt8], signature: [UInt8], key: PublicKey) -> LogBody {
        .hashedRekord(payloadHash: .sha256(payload), signature: signature, keyPEM: Array(key.pem.utf8))
    }

    /// The entry for an envelope; every signature with its key.
    public static func dsse(_ envelope: DSSEEnvelope, signers: [Signer]) -> LogBody {
        .dsse(envelopeHash: .sha256(envelope.bytes), payloadHash: .sha256(envelope.payload), signatures: signers)
    }

    /// Name of the kind in Rekor's formats.
    public var kindName: String { if case .dsse = self { "dsse" } else { "hashedrekord" } }

    /// Version of the kind.
    public static let version = "0.0.1"

    /// The body as it is logged, in RFC 8785 form.
    public var bytes: [UInt8] {
        let spec: JSONValue =
            switch self {
            case .hashedRekord(let payloadHash, let signature, let keyPEM):
                [
                    "data": ["hash": Self.hash(payloadHash)],
                    "signature": [
                        "content": .string(Base64.encoded(signature)),
                        "publicKey": ["content": .string(Base64.encoded(keyPEM))],
                    ],
                ]
            case .dsse(let envelopeHash, let payloadHash, let signatures):
                [
                    "envelopeHash": Self.hash(envelopeHash), "payloadHash": Self.hash(payloadHash),
                    "signatures": .array(
                        signatures.map { signer in
                            [
                                "signature": .string(Base64.encoded(signer.signature)),
                                "verifier": .string(Base64.encoded(signer.keyPEM)),
                            ]
                        }
                    ),
                ]
            }
        let document: JSONValue = ["apiVersion": .string(Self.version), "kind": .string(kindName), "spec": spec]
        return document.bytes(.rfc8785)
    }

    private static func hash(_ digest: Digest) -> JSONValue {
        ["algorithm": .string(digest.algorithm.rawValue), "value": .string(digest.hex)]
    }
}

extension LogBody {
    /// Reads what was logged.
    public init(parsing bytes: [UInt8]) throws(AttestationError) {
        let fields = try SignedJSON.object(bytes, limit: AttestationLimits.logEntryBytes, what: "the entry of the log")
        let version = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.string("apiVersion") }
        let kind = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.string("kind") }
        let spec = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.object("spec") }
        switch (kind, version) {
        case ("hashedrekord", Self.version):
            let data = try SignedJSON.shaped { () throws(JSONShapeError) in try spec.object("data").object("hash") }
            let signature = try SignedJSON.shaped { () throws(JSONShapeError) in try spec.object("signature") }
            let key = try SignedJSON.shaped { () throws(JSONShapeError) in try signature.object("publicKey") }
            self = .hashedRekord(
                payloadHash: try Self.digest(data),
                signature: try SignedJSON.base64(signature, "content"),
                keyPEM: try SignedJSON.base64(key, "content")
            )
        case ("dsse", Self.version):
            let envelope = try SignedJSON.shaped { () throws(JSONShapeError) in try spec.object("envelopeHash") }
            let payload = try SignedJSON.shaped { () throws(JSONShapeError) in try spec.object("payloadHash") }
            let list = try SignedJSON.shaped { () throws(JSONShapeError) in try spec.objects("signatures") }
            var signers: [Signer] = []
            for entry in try SignedJSON.bounded(list, AttestationLimits.signatures, "signatures in a log entry") {
                signers.append(
                    Signer(
                        signature: try SignedJSON.base64(entry, "signature"),
                        pem: try SignedJSON.base64(entry, "verifier")
                    )
                )
            }
            self = .dsse(
                envelopeHash: try Self.digest(envelope),
                payloadHash: try Self.digest(payload),
                signatures: signers
            )
        default:
            throw .value(path: "$.kind", reason: "\(kind.excerpt(32)) \(version.excerpt(32)) is not known here")
        }
    }

    private static func digest(_ fields: JSONFields) throws(AttestationError) -> Digest {
        let text = try SignedJSON.shaped { () throws(JSONShapeError) in
            try fields.string("algorithm") + ":" + fields.string("value")
        }
        do throws(DigestError) { return try Digest(parsing: text) } catch {
            throw .value(path: fields.path, reason: error.description)
        }
    }

    /// Whether the entry is about a signature of a key, or of a certificate.
    ///
    /// The hash of an envelope is not compared, because a bundle writes the same envelope in other bytes; what was signed contains the
    /// payload whole.
    ///
    /// - Parameters:
    ///   - signed: the bytes that the signature is over; a hashed record logs their hash.
    ///   - payload: what is inside an envelope; the same bytes where there is none.
    func isAbout(signed: [UInt8], payload: [UInt8], signature: [UInt8], by verifier: LogVerifier) -> Bool {
        switch self {
        case .hashedRekord(let hash, let logged, let pem):
            hash == .hash(signed, by: hash.algorithm) && logged == signature && verifier.isSame(pem)
        case .dsse(_, let hash, let signers):
            hash == .hash(payload, by: hash.algorithm)
                && signers.contains { $0.signature == signature && verifier.isSame($0.keyPEM) }
        }
    }
}

/// By what an entry knows a signer.
enum LogVerifier {
    case key(PublicKey)
    case certificate(Certificate)

    func isSame(_ pem: [UInt8]) -> Bool {
        guard pem.count <= AttestationLimits.keyBytes, let text = String(validating: pem, as: UTF8.self) else {
            return false
        }
        return switch self {
        case .key(let key): (try? PublicKey(pem: text)) == key
        // As cosign compares it: text by text.
        case .certificate(let certificate): text == certificate.pem
        }
    }
}
