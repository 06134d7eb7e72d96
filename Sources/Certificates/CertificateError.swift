// SPDX-License-Identifier: EUPL-1.2

public import Time

/// Why bytes are not the certificate, the list of certificates or the time stamp that they should be.
public enum CertificateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It is not DER, or not what the format asks for.
    case malformed(String)
    /// More bytes than the bound of ``CertificateLimits``.
    case tooLarge(limit: Int)
    /// More certificates than the bound of ``CertificateLimits``.
    case tooMany(limit: Int)
    /// A kind of key, or a length of one, that nothing is verified with here.
    case unsupportedKey(String)
    /// A kind of signature that is not verified here.
    case unsupportedSignature(String)

    /// One sentence in English.
    public var description: String {
        switch self {
        case .malformed(let what): "it \(what)"
        case .tooLarge(let limit): "it is longer than \(limit) bytes"
        case .tooMany(let limit): "there are more than \(limit) certificates"
        case .unsupportedKey(let what):
            "its key is \(what); use ECDSA on P-256 or P-384, Ed25519, or RSA of 2048 to 8192 bits"
        case .unsupportedSignature(let what): "its signature is of the kind \(what), which is not verified here"
        }
    }
}

/// Why a certificate that can be read is not believed.
public enum CertificateProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// No chain leads to a root that is trusted.
    case noPath
    /// The chain is longer than it may be: by an authority's own word, or by ``CertificateLimits/depth``.
    case pathTooLong
    /// A certificate of the chain was not valid yet at the time.
    case notYetValid(from: Timestamp)
    /// A certificate of the chain had ended at the time.
    case expired(at: Timestamp)
    /// Something in the chain signs certificates and is no authority.
    case noAuthority
    /// The signer's certificate is an authority's own.
    case authority
    /// The certificate is not made for signatures (key usage).
    case keyUsage
    /// The certificate, or an authority above it, is not made for this purpose (extended key usage).
    case purpose
    /// Something in the chain demands what is not understood here; the object identifier.
    case unknownExtension(String)
    /// A signature of the chain is not valid.
    case badSignature
    /// The certificate names nobody.
    case noIdentity
    /// The certificate names somebody else (bounded).
    case otherIdentity(String)
    /// Another issuer of identities vouches for the name, or none does (bounded).
    case otherIssuer(String?)
    /// Nobody who is trusted says when the signature was made.
    case noProvenTime
    /// The time stamp is not believed, and why (bounded).
    case timestamp(String)
    /// No log of certificates that is trusted has seen the certificate.
    case notTransparent

    /// One sentence in English.
    public var description: String {
        switch self {
        case .noPath: "its certificate leads to no root that is trusted"
        case .pathTooLong: "the chain of its certificate is longer than it may be"
        case .notYetValid(let time): "a certificate was valid only from \(time)"
        case .expired(let time): "a certificate had ended at \(time)"
        case .noAuthority: "a certificate was issued by one that is no authority"
        case .authority: "the certificate is an authority's own"
        case .keyUsage: "the certificate's key is not for signatures"
        case .purpose: "the certificate is not for this purpose"
        case .unknownExtension(let oid): "a certificate demands what is not understood here (\(oid))"
        case .badSignature: "the signature of a certificate is not valid"
        case .noIdentity: "the certificate names nobody"
        case .otherIdentity(let name): "the certificate is for \(name)"
        case .otherIssuer(let name):
            name.map { "the identity is vouched for by \($0)" } ?? "nobody vouches for the identity"
        case .noProvenTime: "nobody who is trusted says when it was signed"
        case .timestamp(let reason): "the time stamp does not count: \(reason)"
        case .notTransparent: "no trusted log of certificates has seen the certificate"
        }
    }
}

/// Bounds on certificates and time stamps of strangers.
public enum CertificateLimits {
    /// Bytes of one certificate.
    public static let certificateBytes = 16 << 10
    /// Certificates of one list.
    public static let certificates = 8
    /// Certificates that a policy configures at one place.
    public static let configured = 32
    /// Bytes of a text of certificates.
    public static let pemBytes = 256 << 10
    /// Certificates from the signer's to the root's, both counted.
    public static let depth = 6
    /// Signatures of certificates that are looked at to find one chain.
    public static let signatureChecks = 16
    /// Extensions of one certificate.
    public static let extensions = 64
    /// Names of one certificate.
    public static let names = 64
    /// Bytes of one name.
    public static let nameBytes = 2048
    /// Bytes of a time stamp.
    public static let timestampBytes = 64 << 10
}
