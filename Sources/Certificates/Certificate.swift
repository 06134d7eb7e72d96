// SPDX-License-Identifier: EUPL-1.2

import Crypto
public import Time

/// A certificate of X.509, version 3, as it is written; that it can be read says nothing about trust.
///
/// Source: RFC 5280, section 4.
public struct Certificate: Sendable, Hashable {
    /// Byte by byte.
    public let der: [UInt8]
    /// First instant of its validity.
    public let notBefore: Timestamp
    /// Last second of its validity.
    public let notAfter: Timestamp
    /// The key that it is about.
    public let key: CertificateKey
    /// Whom it names as the holder, apart from the distinguished name.
    public let names: [CertificateName]
    /// Who vouched for the name, as Fulcio notes it; nil where it says nothing.
    public let oidcIssuer: String?

    /// Distinguished names, as they are written: what is compared is bytes.
    let issuer: [UInt8]
    let subject: [UInt8]
    /// Serial number, without a sign.
    let serial: [UInt8]
    /// What the issuer signed.
    let signed: [UInt8]
    let algorithm: SignatureAlgorithm
    let signature: [UInt8]
    let extensions: CertificateExtensions
    /// The parts of ``signed`` before and after its extensions, for logs of certificates.
    let beforeExtensions: [UInt8]

    /// Reads a certificate.
    public init(der: [UInt8]) throws(CertificateError) {
        guard der.count <= CertificateLimits.certificateBytes else {
            throw .tooLarge(limit: CertificateLimits.certificateBytes)
        }
        var outer = DERReader(der)
        var whole = try outer.inside(DERTag.sequence, "certificate")
        try outer.finish("certificate")
        guard whole.tag == DERTag.sequence else { throw .malformed("has nothing that is signed") }
        let body = try whole.next()
        let (oid, parameters) = try whole.algorithm("kind of signature")
        signature = Array(try whole.octetsOfBits("signature"))
        try whole.finish("certificate")

        var fields = DERReader(body.content)
        var version = DERReader(try fields.next(DERTag.constructed(0), "version"))
        guard try version.smallInteger("version") == 2 else { throw .malformed("is not of version 3") }
        try version.finish("version")
        let serial = try fields.integer("serial number")
        guard serial.count <= 20, let first = serial.first, first < 0x80 else {
            throw .malformed("has a serial number that none can have")
        }
        let inner = try fields.algorithm("kind of signature")
        guard inner.oid == oid, inner.parameters == parameters else {
            throw .malformed("names two kinds of signature")
        }
        let issuer = try Self.name(&fields, "issuer")
        var validity = try fields.inside(DERTag.sequence, "validity")
        notBefore = try validity.instant("start of its validity")
        notAfter = try validity.instant("end of its validity")
        try validity.finish("validity")
        let subject = try Self.name(&fields, "subject")
        guard fields.tag == DERTag.sequence else { throw .malformed("has no key") }
        let info = try fields.next()
        let prefix = body.content[body.content.startIndex..<info.encoded.endIndex]
        var list = DERReader(try fields.next(DERTag.constructed(3), "extensions"))
        try fields.finish("extensions")
        let extensions = try CertificateExtensions(&list)

        self.der = der
        self.serial = Array(serial)
        self.issuer = issuer
        self.subject = subject
        self.extensions = extensions
        signed = Array(body.encoded)
        algorithm = try SignatureAlgorithm(oid, parameters: parameters)
        key = try CertificateKey(spki: Array(info.encoded))
        names = extensions.names
        oidcIssuer = extensions.oidcIssuer
        beforeExtensions = Array(prefix)
        guard notBefore <= notAfter else { throw .malformed("ends before it begins") }
    }

    private static func name(_ fields: inout DERReader, _ what: String) throws(CertificateError) -> [UInt8] {
        guard fields.tag == DERTag.sequence else { throw .malformed("has no \(what)") }
        return Array(try fields.next().encoded)
    }

    /// SHA-256 of the certificate.
    public var fingerprint: [UInt8] { Array(SHA256.hash(data: der)) }

    /// Whether two are the same, byte by byte.
    public static func == (one: Certificate, other: Certificate) -> Bool { one.der == other.der }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) { hasher.combine(der) }

    /// Whether its holder issued it, by its names and its signature.
    var isSelfIssued: Bool { issuer == subject && isSigned(by: self) }

    func isSigned(by issuer: Certificate) -> Bool {
        issuer.key.isValidSignature(signature, for: signed, algorithm)
    }

    /// Why it does not count at an instant; nil when it does.
    func problem(at time: Timestamp) -> CertificateProblem? {
        if time < notBefore { return .notYetValid(from: notBefore) }
        return time < notAfter + .seconds(1) ? nil : .expired(at: notAfter)
    }
}

/// Whom a certificate is for.
public struct CertificateName: Sendable, Hashable, CustomStringConvertible {
    /// What kind of name it is.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A mail address.
        case email
        /// A URI, such as a workflow's.
        case uri
        /// A host.
        case dns
    }

    /// What kind of name it is.
    public let kind: Kind
    /// The name.
    public let text: String

    /// Makes a name.
    public init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    /// The kind, a colon, and the name.
    public var description: String { "\(kind.rawValue):\(text)" }
}
