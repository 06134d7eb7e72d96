// SPDX-License-Identifier: EUPL-1.2

internal import Crypto
internal import FoundationEssentials

/// A private key that never leaves its token.
final class TokenKey: Sendable {
    private enum Object {
        static let publicKey: UInt = 2
        static let privateKey: UInt = 3
    }

    private enum Mechanism {
        static let ecKeyPair: UInt = 0x1040
        static let ecdsa: UInt = 0x1041
        static let edwardsKeyPair: UInt = 0x1055
        static let eddsa: UInt = 0x1057
    }

    let algorithm: KeyAlgorithm
    /// The public half as SubjectPublicKeyInfo.
    let publicKey: [UInt8]
    private let session: TokenSession
    private let key: UInt
    private let place: String

    /// Signs in and finds the key.
    init(_ location: TokenLocation, pin: [UInt8], algorithm: KeyAlgorithm) throws(KeysError) {
        place = location.text
        self.algorithm = algorithm
        session = try TokenSession(location, pin: pin)
        let mechanism = algorithm == .ecdsaP256 ? Mechanism.ecdsa : Mechanism.eddsa
        guard session.module.has(mechanism, in: session.slot) else {
            throw .token(place: location.text, reason: "the token cannot sign with \(algorithm.rawValue)")
        }
        key = try session.object(Object.privateKey, "private key", label: location.label, id: location.id)
        let half = try session.object(Object.publicKey, "public key", label: location.label, id: location.id)
        guard let point = session.attribute(TokenTemplate.point, of: half),
            let publicKey = Self.publicKey(point, algorithm)
        else {
            throw .token(place: location.text, reason: "its public key is none for \(algorithm.rawValue)")
        }
        self.publicKey = publicKey
    }

    /// Has the token make a key with this label or identifier.
    static func generate(_ location: TokenLocation, pin: [UInt8], algorithm: KeyAlgorithm) throws(KeysError) {
        let session = try TokenSession(location, pin: pin, writes: true)
        let mechanism = algorithm == .ecdsaP256 ? Mechanism.ecKeyPair : Mechanism.edwardsKeyPair
        guard session.module.has(mechanism, in: session.slot) else {
            throw .token(place: location.text, reason: "the token makes no keys for \(algorithm.rawValue)")
        }
        // The names of the curves: 1.2.840.10045.3.1.7, and "edwards25519" as a printable string.
        let parameters: [UInt8] =
            algorithm == .ecdsaP256
            ? [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07] : [0x13, 0x0C] + Array("edwards25519".utf8)
        try session.generate(
            mechanism: mechanism,
            parameters: parameters,
            label: location.label,
            id: location.id ?? (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        )
    }

    /// Has the token sign, and looks whether it did: ASN.1 DER for ECDSA, 64 bytes for Ed25519.
    func signature(of message: [UInt8]) throws(KeysError) -> [UInt8] {
        switch algorithm {
        case .ecdsaP256:
            let raw = try session.sign(Array(SHA256.hash(data: message)), mechanism: Mechanism.ecdsa, with: key)
            // A token gives both numbers, each in 32 bytes.
            guard let signature = try? P256.Signing.ECDSASignature(rawRepresentation: raw),
                let half = try? P256.Signing.PublicKey(derRepresentation: publicKey),
                half.isValidSignature(signature, for: message)
            else { throw .token(place: place, reason: "what it gave is no signature of this key") }
            return Array(signature.derRepresentation)
        case .ed25519:
            let raw = try session.sign(message, mechanism: Mechanism.eddsa, with: key)
            guard let half = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey.suffix(32)),
                half.isValidSignature(raw, for: message)
            else { throw .token(place: place, reason: "what it gave is no signature of this key") }
            return raw
        }
    }

    /// A point as tokens give it: as an OCTET STRING, or bare.
    private static func publicKey(_ point: [UInt8], _ algorithm: KeyAlgorithm) -> [UInt8]? {
        let length = algorithm == .ecdsaP256 ? 65 : 32
        let bare =
            point.count == length + 2 && point[0] == 0x04 && Int(point[1]) == length ? Array(point.dropFirst(2)) : point
        guard bare.count == length else { return nil }
        switch algorithm {
        case .ecdsaP256:
            return (try? P256.Signing.PublicKey(x963Representation: bare)).map { Array($0.derRepresentation) }
        case .ed25519: return KeyRecord.ed25519Header + bare
        }
    }
}
