// SPDX-License-Identifier: EUPL-1.2

import Crypto
public import OCI

/// Why bytes are not a public key that this house can verify with.
public enum PublicKeyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text is no single PEM block `PUBLIC KEY`.
    case notPEM
    /// The structure is neither of the two that are supported.
    case unsupportedAlgorithm
    /// The value is no point of the curve.
    case invalidPoint

    /// One sentence in English.
    public var description: String {
        switch self {
        case .notPEM: "this is no public key in PEM: expected exactly one block -----BEGIN PUBLIC KEY----- with base64"
        case .unsupportedAlgorithm:
            "this kind of key is not supported; use ECDSA P-256 (uncompressed point) or Ed25519 as SubjectPublicKeyInfo"
        case .invalidPoint: "the value is no point of its curve, so it is no key"
        }
    }
}

/// A public key with the one algorithm that it is used with here.
///
/// An algorithm is a property of the key, never of the message: what a stranger writes cannot choose it.
///
/// Source: RFC 5280, section 4.1.2.7 (SubjectPublicKeyInfo); RFC 5480 (P-256); RFC 8410 (Ed25519); RFC 7468 (PEM).
public struct PublicKey: Sendable, Hashable {
    /// What signatures of a key look like.
    public enum Algorithm: String, Sendable, Hashable, CaseIterable {
        /// ECDSA on P-256 with SHA-256; the signature is ASN.1 DER.
        case ecdsaP256SHA256 = "ecdsa-p256-sha256"
        /// Ed25519 of RFC 8032; the signature has 64 bytes.
        case ed25519

        /// Name in Sigstore's enumeration `PublicKeyDetails`.
        public var sigstoreName: String { self == .ecdsaP256SHA256 ? "PKIX_ECDSA_P256_SHA_256" : "PKIX_ED25519" }
    }

    /// The algorithm.
    public let algorithm: Algorithm
    /// DER of the SubjectPublicKeyInfo.
    public let spki: [UInt8]
    /// The point: 65 bytes of P-256, 32 of Ed25519.
    public let point: [UInt8]

    // There is one DER for each of these structures, so what comes before the point is compared, not parsed.
    private static let p256Prefix: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
        0xCE, 0x3D,
        0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ]
    private static let ed25519Prefix: [UInt8] = [
        0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]

    /// Reads the DER of a SubjectPublicKeyInfo.
    public init(spki: [UInt8]) throws(PublicKeyError) {
        if spki.starts(with: Self.p256Prefix), spki.count == Self.p256Prefix.count + 65 {
            try self.init(.ecdsaP256SHA256, point: Array(spki.dropFirst(Self.p256Prefix.count)))
        } else if spki.starts(with: Self.ed25519Prefix), spki.count == Self.ed25519Prefix.count + 32 {
            try self.init(.ed25519, point: Array(spki.dropFirst(Self.ed25519Prefix.count)))
        } else {
            throw .unsupportedAlgorithm
        }
    }

    /// Takes a point: 65 bytes of X9.63 for P-256, 32 bytes for Ed25519.
    public init(_ algorithm: Algorithm, point: [UInt8]) throws(PublicKeyError) {
        let valid =
            switch algorithm {
            case .ecdsaP256SHA256: (try? P256.Signing.PublicKey(x963Representation: point)) != nil
            case .ed25519: (try? Curve25519.Signing.PublicKey(rawRepresentation: point)) != nil
            }
        guard valid else { throw .invalidPoint }
        self.algorithm = algorithm
        self.point = point
        spki = (algorithm == .ecdsaP256SHA256 ? Self.p256Prefix : Self.ed25519Prefix) + point
    }

    /// Reads one PEM block `PUBLIC KEY`, with or without a line break at its end.
    public init(pem: String) throws(PublicKeyError) {
        guard pem.utf8.count <= AttestationLimits.keyBytes else { throw .notPEM }
        var lines = pem.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map { line in
            String(line).trimmingTrailingSpaces
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        guard lines.count >= 3, lines.first == Self.begin, lines.last == Self.end,
            let der = Base64.decoded(lines.dropFirst().dropLast().joined())
        else { throw .notPEM }
        try self.init(spki: der)
    }

    private static let begin = "-----BEGIN PUBLIC KEY-----"
    private static let end = "-----END PUBLIC KEY-----"

    /// The key in PEM, with a line break at its end.
    ///
    /// The break is part of what Go's tools write and hash; a text without it is another key to them.
    public var pem: String {
        let text = Array(Base64.encoded(spki).utf8)
        let lines = stride(from: 0, to: text.count, by: 64).map { start in
            String(decoding: text[start..<min(start + 64, text.count)], as: UTF8.self)
        }
        return ([Self.begin] + lines + [Self.end]).joined(separator: "\n") + "\n"
    }

    /// SHA-256 of the SubjectPublicKeyInfo: the name of this key everywhere here, and the id of a log in Rekor's formats.
    public var fingerprint: OCI.Digest { .sha256(spki) }

    /// ``fingerprint`` in base64, as bundles hint at the key.
    public var hint: String { Base64.encoded(fingerprint.bytes) }

    /// Whether a signature over a message was made with the private half of this key.
    public func isValidSignature(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        switch algorithm {
        case .ecdsaP256SHA256:
            guard let key = try? P256.Signing.PublicKey(x963Representation: point),
                let parsed = try? P256.Signing.ECDSASignature(derRepresentation: signature)
            else { return false }
            return key.isValidSignature(parsed, for: message)
        case .ed25519:
            guard signature.count == 64, let key = try? Curve25519.Signing.PublicKey(rawRepresentation: point) else {
                return false
            }
            return key.isValidSignature(signature, for: message)
        }
    }
}

extension String {
    /// Without spaces and tabs at the end.
    var trimmingTrailingSpaces: String {
        var text = self[...]
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
