// SPDX-License-Identifier: EUPL-1.2

public import Time

/// An answer of a time-stamp authority: that something existed at an instant, by its word.
///
/// Source: RFC 3161, RFC 5816 (second version of the certificate's identifier), RFC 5652 (signed data).
public struct TimestampToken: Sendable, Hashable {
    /// When it was made, by the authority's word.
    public let time: Timestamp
    private let imprintHash: CertificateKey.Hash
    private let imprint: [UInt8]
    private let certificates: [Certificate]
    /// What the authority signed, and how.
    private let signed: [UInt8]
    private let signature: [UInt8]
    private let algorithm: SignatureAlgorithm
    /// Hash of the signer's certificate, which the signature covers.
    private let signerHash: CertificateKey.Hash
    private let signerDigest: [UInt8]

    /// Reads an answer (`TimeStampResp`) or the token in it.
    public init(der: [UInt8]) throws(CertificateError) {
        guard der.count <= CertificateLimits.timestampBytes else {
            throw .tooLarge(limit: CertificateLimits.timestampBytes)
        }
        var outer = DERReader(der)
        var fields = try outer.inside(DERTag.sequence, "time stamp")
        try outer.finish("time stamp")
        if fields.tag == DERTag.sequence {
            var status = try fields.inside(DERTag.sequence, "status")
            guard try status.smallInteger("status") <= 1 else { throw .malformed("says that no time stamp was made") }
            let token = try fields.inside(DERTag.sequence, "token")
            try fields.finish("token")
            fields = token
        }
        guard try fields.oid("kind of content") == .signedData else { throw .malformed("holds no signed data") }
        var content = DERReader(try fields.next(DERTag.constructed(0), "signed data"))
        try fields.finish("signed data")
        var data = try content.inside(DERTag.sequence, "signed data")
        try content.finish("signed data")
        guard (1...5).contains(try data.smallInteger("version")) else { throw .malformed("is of another version") }
        _ = try data.next(DERTag.set, "kinds of hashes")
        let info = try Self.content(&data)
        var certificates: [Certificate] = []
        if let list = try data.optional(DERTag.constructed(0)) {
            var list = DERReader(list)
            while !list.isAtEnd {
                guard certificates.count < CertificateLimits.certificates else {
                    throw .tooMany(limit: CertificateLimits.certificates)
                }
                certificates.append(try Certificate(der: Array(try list.next().encoded)))
            }
        }
        _ = try data.optional(DERTag.constructed(1))
        var signers = try data.inside(DERTag.set, "signers")
        try data.finish("signers")
        let signer = try TimestampSigner(&signers, info: info)
        guard signers.isAtEnd else { throw .malformed("has several signers") }
        self.certificates = certificates
        signed = signer.signed
        signature = signer.signature
        algorithm = signer.algorithm
        signerHash = signer.certificateHash
        signerDigest = signer.certificateDigest
        (time, imprintHash, imprint) = try Self.statement(info)
    }

    /// The bytes of the statement inside.
    private static func content(_ data: inout DERReader) throws(CertificateError) -> [UInt8] {
        var fields = try data.inside(DERTag.sequence, "content")
        guard try fields.oid("kind of content") == .timestampInfo else { throw .malformed("is about no time") }
        var content = DERReader(try fields.next(DERTag.constructed(0), "content"))
        try fields.finish("content")
        let info = try content.next(DERTag.octetString, "content")
        try content.finish("content")
        return Array(info)
    }

    private static func statement(
        _ info: [UInt8]
    ) throws(CertificateError) -> (Timestamp, CertificateKey.Hash, [UInt8]) {
        var outer = DERReader(info)
        var fields = try outer.inside(DERTag.sequence, "statement")
        try outer.finish("statement")
        guard try fields.smallInteger("version") == 1 else { throw .malformed("is of another version") }
        _ = try fields.oid("policy")
        var imprint = try fields.inside(DERTag.sequence, "imprint")
        let hash = try CertificateKey.Hash(try imprint.algorithm("kind of hash").oid)
        let digest = Array(try imprint.next(DERTag.octetString, "imprint"))
        try imprint.finish("imprint")
        _ = try fields.integer("serial number")
        let time = try fields.instant("time", fractions: true)
        // How exact the time is, whether it orders, whose name: nothing of it is relied on. Extensions could change what is meant.
        if fields.tag == DERTag.sequence { _ = try fields.next() }
        if fields.tag == DERTag.boolean { _ = try fields.boolean("order") }
        if fields.tag == DERTag.integer { _ = try fields.integer("nonce") }
        _ = try fields.optional(DERTag.constructed(0))
        guard fields.isAtEnd else { throw .malformed("says more than is understood here") }
        return (time, hash, digest)
    }

    /// Whether it is about a message and its authority is believed: the time, or why not.
    public func verified(over message: [UInt8], by roots: CertificateRoots) throws(CertificateProblem) -> Timestamp {
        guard imprintHash.digest(message) == imprint else { throw .timestamp("it is about something else") }
        let known = certificates + roots.intermediates + roots.roots
        guard let signer = known.first(where: { signerHash.digest($0.der) == signerDigest }) else {
            throw .timestamp("the certificate of its authority is not at hand")
        }
        guard signer.key.isValidSignature(signature, for: signed, algorithm) else {
            throw .timestamp("its signature is not valid")
        }
        do throws(CertificateProblem) {
            _ = try roots.path(from: signer, through: certificates, for: .timeStamping, at: [time])
        } catch { throw .timestamp(error.description) }
        return time
    }
}

/// The one signer of a time stamp, and what it signed.
private struct TimestampSigner {
    let signed: [UInt8]
    let signature: [UInt8]
    let algorithm: SignatureAlgorithm
    let certificateHash: CertificateKey.Hash
    let certificateDigest: [UInt8]

    init(_ list: inout DERReader, info: [UInt8]) throws(CertificateError) {
        var fields = try list.inside(DERTag.sequence, "signer")
        _ = try fields.smallInteger("version")
        // Whose certificate it is stands in an attribute that is signed; this place is not.
        _ = try fields.next()
        let hash = try CertificateKey.Hash(try fields.algorithm("kind of hash").oid)
        guard fields.tag == DERTag.constructed(0) else { throw .malformed("has no signed attributes") }
        let attributes = try fields.next()
        let (oid, parameters) = try fields.algorithm("kind of signature")
        // CMS names the kind of key alone, with the hash beside it.
        algorithm = oid == .rsa ? .rsa(hash) : try SignatureAlgorithm(oid, parameters: parameters)
        signature = Array(try fields.next(DERTag.octetString, "signature"))
        _ = try fields.optional(DERTag.constructed(1))
        try fields.finish("signer")
        // RFC 5652, section 5.4: signed under the tag of a set.
        signed = [DERTag.set] + attributes.encoded.dropFirst()

        var values: [OID: DERReader] = [:]
        var reader = DERReader(attributes.content)
        while !reader.isAtEnd {
            guard values.count < 32 else { throw .malformed("has too many attributes") }
            var attribute = try reader.inside(DERTag.sequence, "attribute")
            let name = try attribute.oid("attribute")
            let value = try attribute.inside(DERTag.set, "value of an attribute")
            try attribute.finish("attribute")
            guard values.updateValue(value, forKey: name) == nil else { throw .malformed("has an attribute twice") }
        }
        guard var type = values[.contentType], try type.oid("kind of content") == .timestampInfo, type.isAtEnd else {
            throw .malformed("does not sign what it is")
        }
        guard var digest = values[.messageDigest],
            try Array(digest.next(DERTag.octetString, "hash")) == hash.digest(info), digest.isAtEnd
        else { throw .malformed("does not sign its statement") }
        guard var identifier = values[.signingCertificateV2] else {
            throw .malformed("does not name its authority's certificate with SHA-2 (RFC 5816)")
        }
        (certificateHash, certificateDigest) = try Self.certificate(&identifier)
    }

    private static func certificate(
        _ value: inout DERReader
    ) throws(CertificateError) -> (CertificateKey.Hash, [UInt8]) {
        var fields = try value.inside(DERTag.sequence, "identifier of the certificate")
        try value.finish("identifier of the certificate")
        var list = try fields.inside(DERTag.sequence, "list of certificates")
        var first = try list.inside(DERTag.sequence, "identifier of the certificate")
        let hash: CertificateKey.Hash =
            first.tag == DERTag.sequence ? try CertificateKey.Hash(try first.algorithm("kind of hash").oid) : .sha256
        return (hash, Array(try first.next(DERTag.octetString, "hash of the certificate")))
    }
}
