// SPDX-License-Identifier: EUPL-1.2

public import Certificates
import JSON

/// What stands beside a signature in the annotations of its layer, as it is written: certificates and the answer of a time-stamp authority.
public struct SignerMaterial: Sendable, Hashable {
    /// The signer's certificate in PEM.
    public var certificate: String
    /// Authorities above it in PEM; nil where none were sent along.
    public var chain: String?
    /// JSON around the answer of a time-stamp authority; nil where there is none.
    public var timestamp: String?

    /// Makes material.
    public init(certificate: String, chain: String? = nil, timestamp: String? = nil) {
        self.certificate = certificate
        self.chain = chain
        self.timestamp = timestamp
    }

    /// Takes it from annotations; nil where they bring no certificate.
    init?(annotations: [String: String]) {
        guard let certificate = annotations[AttachedManifest.certificateAnnotation], !certificate.isEmpty else {
            return nil
        }
        let chain = annotations[AttachedManifest.chainAnnotation]
        let timestamp = annotations[AttachedManifest.timestampAnnotation]
        self.init(
            certificate: certificate,
            chain: chain?.isEmpty == true ? nil : chain,
            timestamp: timestamp?.isEmpty == true ? nil : timestamp
        )
    }
}

/// A signer's certificate that was read, and what came with it; nothing of it is believed yet.
public struct CertifiedSigner: Sendable, Hashable {
    /// The signer's certificate.
    public var certificate: Certificate
    /// Authorities that the signer sent along.
    public var authorities: [Certificate]
    /// Answers of time-stamp authorities.
    public var timestamps: [[UInt8]]

    /// Makes a signer.
    public init(_ certificate: Certificate, authorities: [Certificate] = [], timestamps: [[UInt8]] = []) {
        self.certificate = certificate
        self.authorities = authorities
        self.timestamps = timestamps
    }

    init(_ material: SignerMaterial) throws(AttestationError) {
        certificate = try Self.certificates(material.certificate, AttachedManifest.certificateAnnotation, atMost: 1)[0]
        authorities =
            if let chain = material.chain {
                try Self.certificates(
                    chain,
                    AttachedManifest.chainAnnotation,
                    atMost: CertificateLimits.certificates
                )
            } else { [] }
        timestamps = []
        guard let timestamp = material.timestamp else { return }
        let fields = try SignedJSON.object(
            Array(timestamp.utf8),
            limit: CertificateLimits.timestampBytes * 2,
            what: "the time stamp"
        )
        timestamps = [try SignedJSON.base64(fields, "SignedRFC3161Timestamp")]
    }

    /// Reads the material of a bundle.
    init(_ material: JSONFields) throws(AttestationError) {
        let member = try SignedJSON.shaped { () throws(JSONShapeError) in try material.object("certificate") }
        try SignedJSON.refuseUnknown(member, known: ["rawBytes"])
        let der = try SignedJSON.base64(member, "rawBytes")
        do throws(CertificateError) { certificate = try Certificate(der: der) } catch {
            throw .value(path: member.path(of: "rawBytes"), reason: "is no certificate that is read here: \(error)")
        }
        authorities = []
        timestamps = []
        let data = try SignedJSON.shaped { () throws(JSONShapeError) in
            try material.optionalObject("timestampVerificationData")
        }
        guard let data else { return }
        try SignedJSON.refuseUnknown(data, known: ["rfc3161Timestamps"])
        let list = try SignedJSON.shaped { () throws(JSONShapeError) in
            try data.optionalObjects("rfc3161Timestamps") ?? []
        }
        for entry in try SignedJSON.bounded(list, AttestationLimits.timestamps, "time stamps in a bundle") {
            timestamps.append(try SignedJSON.base64(entry, "signedTimestamp"))
        }
    }

    /// The material of a bundle.
    var json: [String: JSONValue] {
        var members: [String: JSONValue] = ["certificate": ["rawBytes": .string(Base64.encoded(certificate.der))]]
        if !timestamps.isEmpty {
            members["timestampVerificationData"] = [
                "rfc3161Timestamps": .array(timestamps.map { ["signedTimestamp": .string(Base64.encoded($0))] })
            ]
        }
        return members
    }

    private static func certificates(
        _ pem: String,
        _ path: String,
        atMost limit: Int
    ) throws(AttestationError) -> [Certificate] {
        do throws(CertificateError) { return try Certificate.list(pem: pem, atMost: limit) } catch {
            throw .value(path: path, reason: "cannot be read: \(error)")
        }
    }
}

/// Where a signer's certificate comes from; read only where it decides.
enum SignerSource {
    case annotations(SignerMaterial)
    case bundle(CertifiedSigner)

    func certified() throws(AttestationError) -> CertifiedSigner {
        switch self {
        case .annotations(let material): try CertifiedSigner(material)
        case .bundle(let signer): signer
        }
    }
}

/// Signatures over the same bytes, with what logs say of them.
struct MadeSignatures {
    let signatures: [[UInt8]]
    /// What the signatures are over.
    let signed: [UInt8]
    /// What is inside an envelope; the same bytes where there is none.
    let payload: [UInt8]
    let entries: [BundleLogEntry]
}
