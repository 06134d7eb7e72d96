// SPDX-License-Identifier: EUPL-1.2

import Crypto
import CryptoExtras

/// The public key of a certificate.
///
/// What a signature may look like is a property of the key: what a stranger writes beside it only narrows that.
///
/// Source: RFC 5280, section 4.1.2.7; RFC 5480; RFC 8410; RFC 3279.
public struct CertificateKey: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case p256, p384, p521, ed25519, rsa
    }

    /// How a message is hashed before it is signed.
    enum Hash: Sendable, Hashable {
        case sha256, sha384, sha512
    }

    let kind: Kind
    /// DER of the SubjectPublicKeyInfo.
    public let spki: [UInt8]
    /// The point of a curve; empty for RSA.
    private let point: [UInt8]

    /// Reads the DER of a SubjectPublicKeyInfo.
    public init(spki: [UInt8]) throws(CertificateError) {
        var outer = DERReader(spki)
        var fields = try outer.inside(DERTag.sequence, "key")
        try outer.finish("key")
        let (algorithm, parameters) = try fields.algorithm("kind of key")
        let bits = try fields.octetsOfBits("key")
        try fields.finish("key")
        self.spki = spki
        switch algorithm {
        case .rsa:
            kind = .rsa
            point = []
            guard parameters?.isEmpty == true else { throw .malformed("has an RSA key with parameters") }
            // Fewer than 2048 bits are refused by the library.
            guard let key = try? _RSA.Signing.PublicKey(derRepresentation: spki), key.keySizeInBits <= 8192 else {
                throw .unsupportedKey("an RSA key of another length")
            }
        case .ed25519:
            kind = .ed25519
            point = Array(bits)
            guard parameters == nil, (try? Curve25519.Signing.PublicKey(rawRepresentation: point)) != nil else {
                throw .malformed("has a value that is no Ed25519 key")
            }
        case .ellipticCurveKey:
            point = Array(bits)
            guard let parameters else { throw .unsupportedKey("of no curve") }
            var reader = DERReader(parameters)
            let valid: Bool
            switch try? reader.oid("curve") {
            case .p256:
                kind = .p256
                valid = (try? P256.Signing.PublicKey(x963Representation: point)) != nil
            case .p384:
                kind = .p384
                valid = (try? P384.Signing.PublicKey(x963Representation: point)) != nil
            case .p521:
                kind = .p521
                valid = (try? P521.Signing.PublicKey(x963Representation: point)) != nil
            default: throw .unsupportedKey("of a curve that is not verified with here")
            }
            guard valid else { throw .malformed("has a value that is no point of its curve") }
        default: throw .unsupportedKey("of the kind \(algorithm)")
        }
    }

    /// Name in Sigstore's enumeration `PublicKeyDetails`.
    public var sigstoreName: String {
        switch kind {
        case .p256: "PKIX_ECDSA_P256_SHA_256"
        case .p384: "PKIX_ECDSA_P384_SHA_384"
        case .p521: "PKIX_ECDSA_P521_SHA_512"
        case .ed25519: "PKIX_ED25519"
        case .rsa: "PKIX_RSA_PKCS1V15_2048_SHA256"
        }
    }

    /// SHA-256 of the SubjectPublicKeyInfo.
    public var fingerprint: [UInt8] { Array(SHA256.hash(data: spki)) }

    /// Whether a key may sign images and statements: P-521 may stand above in a chain, and no client verifies such signatures.
    var signsContent: Bool { kind != .p521 }

    /// Whether a signature over content, as cosign and bundles make them, is of this key.
    ///
    /// P-384 keys hash with SHA-256 beside images, where every key does, and with SHA-384 in bundles: both are of this key.
    public func isValidSignature(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        switch kind {
        case .p256, .rsa: isValid(signature, for: message, .sha256)
        case .p384: isValid(signature, for: message, .sha256) || isValid(signature, for: message, .sha384)
        case .ed25519: isValidEd25519(signature, for: message)
        case .p521: false
        }
    }

    /// Whether a signature is of this key and of the kind that is written beside it.
    func isValidSignature(
        _ signature: [UInt8],
        for message: [UInt8],
        _ algorithm: SignatureAlgorithm
    ) -> Bool {
        switch algorithm {
        case .ed25519: kind == .ed25519 && isValidEd25519(signature, for: message)
        case .rsa(let hash): kind == .rsa && isValid(signature, for: message, hash)
        case .ecdsa(let hash):
            kind != .rsa && kind != .ed25519 && isValid(signature, for: message, hash)
        }
    }

    private func isValidEd25519(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        guard signature.count == 64, let key = try? Curve25519.Signing.PublicKey(rawRepresentation: point) else {
            return false
        }
        return key.isValidSignature(signature, for: message)
    }

    private func isValid(_ signature: [UInt8], for message: [UInt8], _ hash: Hash) -> Bool {
        switch hash {
        case .sha256: isValid(signature, SHA256.hash(data: message))
        case .sha384: isValid(signature, SHA384.hash(data: message))
        case .sha512: isValid(signature, SHA512.hash(data: message))
        }
    }

    private func isValid(_ signature: [UInt8], _ digest: some Digest) -> Bool {
        switch kind {
        case .p256:
            guard let key = try? P256.Signing.PublicKey(x963Representation: point),
                let parsed = try? P256.Signing.ECDSASignature(derRepresentation: signature)
            else { return false }
            return key.isValidSignature(parsed, for: digest)
        case .p384:
            guard let key = try? P384.Signing.PublicKey(x963Representation: point),
                let parsed = try? P384.Signing.ECDSASignature(derRepresentation: signature)
            else { return false }
            return key.isValidSignature(parsed, for: digest)
        case .p521:
            guard let key = try? P521.Signing.PublicKey(x963Representation: point),
                let parsed = try? P521.Signing.ECDSASignature(derRepresentation: signature)
            else { return false }
            return key.isValidSignature(parsed, for: digest)
        case .rsa:
            guard let key = try? _RSA.Signing.PublicKey(derRepresentation: spki) else { return false }
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature),
                for: digest,
                padding: .insecurePKCS1v1_5
            )
        case .ed25519: return false
        }
    }
}

/// What is written beside a signature.
enum SignatureAlgorithm: Sendable, Hashable {
    case ecdsa(CertificateKey.Hash)
    case rsa(CertificateKey.Hash)
    case ed25519

    /// Takes an identifier of RFC 5280; SHA-1 and older, and padding with parameters, are not verified.
    init(_ oid: OID, parameters: ArraySlice<UInt8>?) throws(CertificateError) {
        let hasNull = parameters?.isEmpty == true
        switch oid {
        case .ecdsaSHA256 where parameters == nil: self = .ecdsa(.sha256)
        case .ecdsaSHA384 where parameters == nil: self = .ecdsa(.sha384)
        case .ecdsaSHA512 where parameters == nil: self = .ecdsa(.sha512)
        case .rsaSHA256 where hasNull: self = .rsa(.sha256)
        case .rsaSHA384 where hasNull: self = .rsa(.sha384)
        case .rsaSHA512 where hasNull: self = .rsa(.sha512)
        case .ed25519 where parameters == nil: self = .ed25519
        default: throw .unsupportedSignature("\(oid)")
        }
    }
}

extension CertificateKey.Hash {
    init(_ oid: OID) throws(CertificateError) {
        switch oid {
        case .sha256: self = .sha256
        case .sha384: self = .sha384
        case .sha512: self = .sha512
        default: throw .unsupportedSignature("\(oid)")
        }
    }

    func digest(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let message = Array(bytes)
        return switch self {
        case .sha256: Array(SHA256.hash(data: message))
        case .sha384: Array(SHA384.hash(data: message))
        case .sha512: Array(SHA512.hash(data: message))
        }
    }
}
