// SPDX-License-Identifier: EUPL-1.2

import JSON
public import OCI
public import Time

/// A Sigstore bundle v0.3: an envelope or the signature of a file, with what a log says about it.
///
/// It brings a hint at a key, or the signer's certificate; the authorities above that are not in it, but at whoever believes them.
///
/// Source: sigstore/protobuf-specs v0.4, "sigstore_bundle.proto".
public struct SigstoreBundle: Sendable, Hashable {
    /// What is signed.
    public enum Content: Sendable, Hashable {
        /// An envelope with exactly one signature.
        case envelope(DSSEEnvelope)
        /// A signature over bytes that are elsewhere, with their SHA-256.
        case message(digest: Digest, signature: [UInt8])
    }

    /// What is signed.
    public var content: Content
    /// Hint at the key; unauthenticated, so nothing is decided by it.
    public var hint: String
    /// What logs say.
    public var logEntries: [BundleLogEntry]
    /// The signer's certificate, with what time-stamp authorities say; nil where a key signed.
    public var certified: CertifiedSigner?

    /// Media type of a bundle, and artefact type of the manifest that carries it.
    public static let mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"
    // The form of the same version that other makers write.
    private static let otherMediaType = "application/vnd.dev.sigstore.bundle+json;version=0.3"

    /// Makes a bundle.
    public init(_ content: Content, hint: String, logEntries: [BundleLogEntry] = []) {
        self.content = content
        self.hint = hint
        self.logEntries = logEntries
    }

    /// Makes a bundle that a certificate stands behind.
    public init(_ content: Content, certified: CertifiedSigner, logEntries: [BundleLogEntry] = []) {
        self.init(content, hint: "", logEntries: logEntries)
        self.certified = certified
    }

    /// Reads a bundle.
    ///
    /// Unknown members are refused, as by every reader that is made from the protocol's definition.
    public init(parsing bytes: [UInt8]) throws(AttestationError) {
        let fields = try SignedJSON.object(bytes, limit: AttestationLimits.documentBytes, what: "the bundle")
        try SignedJSON.refuseUnknown(
            fields,
            known: ["mediaType", "verificationMaterial", "messageSignature", "dsseEnvelope"]
        )
        let mediaType = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.string("mediaType") }
        guard [Self.mediaType, Self.otherMediaType].contains(mediaType) else {
            throw .value(path: "$.mediaType", reason: "is not \(Self.mediaType)")
        }
        let material = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.object("verificationMaterial") }
        guard !material.has("x509CertificateChain") else {
            throw .value(
                path: material.path(of: "x509CertificateChain"),
                reason: "belongs to older bundles; one of version 0.3 brings its signer's certificate alone"
            )
        }
        try SignedJSON.refuseUnknown(
            material,
            known: ["publicKey", "certificate", "tlogEntries", "timestampVerificationData"]
        )
        if material.has("certificate") {
            guard !material.has("publicKey") else {
                throw .value(path: material.path, reason: "names a key and a certificate")
            }
            certified = try CertifiedSigner(material)
            hint = ""
        } else {
            hint = try SignedJSON.shaped { () throws(JSONShapeError) in
                try material.object("publicKey").optionalString("hint") ?? ""
            }
        }
        let list = try SignedJSON.shaped { () throws(JSONShapeError) in
            try material.optionalObjects("tlogEntries") ?? []
        }
        var entries: [BundleLogEntry] = []
        for entry in try SignedJSON.bounded(list, AttestationLimits.logEntries, "log entries in a bundle") {
            entries.append(try BundleLogEntry(entry))
        }
        logEntries = entries
        content = try Self.content(fields)
    }

    private static func content(_ fields: JSONFields) throws(AttestationError) -> Content {
        switch (fields.has("dsseEnvelope"), fields.has("messageSignature")) {
        case (true, false):
            let member = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.object("dsseEnvelope") }
            let envelope = try DSSEEnvelope(member, bytes: member.value.bytes(.rfc8785))
            guard envelope.signatures.count == 1 else {
                throw .value(
                    path: member.path(of: "signatures"),
                    reason: "has to hold exactly one signature in a bundle"
                )
            }
            return .envelope(envelope)
        case (false, true):
            let member = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.object("messageSignature") }
            let digest = try SignedJSON.shaped { () throws(JSONShapeError) in try member.object("messageDigest") }
            let algorithm = try SignedJSON.shaped { () throws(JSONShapeError) in try digest.string("algorithm") }
            guard algorithm == "SHA2_256" else {
                throw .value(path: digest.path(of: "algorithm"), reason: "is not SHA2_256")
            }
            let hash = try SignedJSON.base64(digest, "digest")
            guard let value = try? Digest(algorithm: .sha256, bytes: hash) else {
                throw .value(path: digest.path(of: "digest"), reason: "does not have the 32 bytes of a SHA-256")
            }
            return .message(digest: value, signature: try SignedJSON.base64(member, "signature"))
        default:
            throw .value(path: "$", reason: "has to hold either dsseEnvelope or messageSignature")
        }
    }

    /// The bundle; always the same bytes.
    public var bytes: [UInt8] {
        var material = certified?.json ?? ["publicKey": ["hint": .string(hint)]]
        if !logEntries.isEmpty { material["tlogEntries"] = .array(logEntries.map(\.json)) }
        var document: [String: JSONValue] = [
            "mediaType": .string(Self.mediaType), "verificationMaterial": .object(material),
        ]
        switch content {
        case .envelope(let envelope):
            document["dsseEnvelope"] = [
                "payload": .string(Base64.encoded(envelope.payload)), "payloadType": .string(envelope.payloadType),
                "signatures": .array(envelope.signatures.map { ["sig": .string(Base64.encoded($0.bytes))] }),
            ]
        case .message(let digest, let signature):
            document["messageSignature"] = [
                "messageDigest": ["algorithm": "SHA2_256", "digest": .string(Base64.encoded(digest.bytes))],
                "signature": .string(Base64.encoded(signature)),
            ]
        }
        return JSONValue.object(document).bytes(.rfc8785)
    }

    /// The manifest that attaches a bundle to an image as a referrer.
    ///
    /// - Parameters:
    ///   - bundle: ``bytes`` of the bundle, which are pushed as a blob; the configuration is ``emptyConfiguration``.
    ///   - predicateType: of the statement in the envelope; nil for the signature of a file.
    public static func referrer(
        bundle: [UInt8],
        predicateType: String?,
        subject: Descriptor,
        created: Timestamp
    ) -> ImageManifest {
        var annotations = [
            "dev.sigstore.bundle.content": predicateType == nil ? "message-signature" : "dsse-envelope",
            "org.opencontainers.image.created": created.rfc3339,
        ]
        if let predicateType { annotations["dev.sigstore.bundle.predicateType"] = predicateType }
        return ImageManifest(
            artifactType: mediaType,
            config: Descriptor(
                mediaType: MediaType.emptyConfig,
                digest: .sha256(emptyConfiguration),
                size: Int64(emptyConfiguration.count)
            ),
            layers: [Descriptor(mediaType: mediaType, digest: .sha256(bundle), size: Int64(bundle.count))],
            subject: Descriptor(mediaType: subject.mediaType, digest: subject.digest, size: subject.size),
            annotations: annotations
        )
    }

    /// The configuration of a manifest that needs none: `{}`.
    public static let emptyConfiguration = Array("{}".utf8)
}
