// SPDX-License-Identifier: EUPL-1.2

import Crypto
import CryptoExtras
public import Time

/// A signature packet of version 4.
///
/// Source: RFC 9580, section 5.2.
struct OpenPGPSignature: Sendable, Hashable {
    let type: UInt8
    let algorithm: UInt8
    let hash: UInt8
    let created: Timestamp
    /// Seconds after ``created`` at which it ends.
    let lifetime: Int64?
    /// Seconds after the making of the key at which the key ends; of certifications.
    let keyLifetime: Int64?
    /// What the key may do, of certifications; nil when they do not say it.
    let keyFlags: UInt8?
    private let signedPart: [UInt8]
    private let numbers: [[UInt8]]

    /// Reads a packet's body.
    ///
    /// Refused: a critical subpacket that is not known, because it could take away what the rest seems to say.
    init(body: [UInt8]) throws(OpenPGPError) {
        var reader = OpenPGPReader(body)
        guard try reader.byte() == 4 else { throw .notAssessed("a signature of another version than 4") }
        type = try reader.byte()
        algorithm = try reader.byte()
        hash = try reader.byte()
        let count = try reader.number(bytes: 2)
        let hashed = try reader.take(count)
        signedPart = Array(body.prefix(6 + count))
        // What is not hashed is written by anybody.
        _ = try reader.take(try reader.number(bytes: 2))
        _ = try reader.take(2)
        switch algorithm {
        case 1, 3: numbers = [try reader.mpi()]
        case 22: numbers = [try reader.mpi(), try reader.mpi()]
        default: throw .notAssessed("a signature of algorithm \(algorithm)")
        }
        guard reader.isAtEnd else { throw .malformed("bytes after a signature") }

        var created: Int64?
        var lifetime: Int64?
        var keyLifetime: Int64?
        var keyFlags: UInt8?
        var subpackets = OpenPGPReader(hashed)
        while !subpackets.isAtEnd {
            var content = OpenPGPReader(try subpackets.take(try subpackets.subpacketLength()))
            let tag = try content.byte()
            switch tag & 0x7F {
            case 2: created = Int64(try content.number(bytes: 4))
            case 3: lifetime = Int64(try content.number(bytes: 4))
            case 9: keyLifetime = Int64(try content.number(bytes: 4))
            case 27: keyFlags = content.isAtEnd ? 0 : try content.byte()
            case 11, 16, 21, 22, 23, 25, 30, 33, 34: break
            default:
                guard tag & 0x80 == 0 else {
                    throw .notAssessed("a signature with the critical subpacket \(tag & 0x7F)")
                }
            }
        }
        guard let created else { throw .malformed("a signature does not say when it was made") }
        self.created = Timestamp(seconds: created)
        self.lifetime = lifetime == 0 ? nil : lifetime
        self.keyLifetime = keyLifetime == 0 ? nil : keyLifetime
        self.keyFlags = keyFlags
    }

    /// When it ends; nil when it does not.
    var expires: Timestamp? { lifetime.map { created + .seconds($0) } }

    /// Whether a key made it over these bytes.
    func isValid(over document: [UInt8], by key: OpenPGPPublicKey) -> Bool {
        let data = document + signedPart + Self.trailer(signedPart.count)
        switch (key.material, algorithm) {
        case (.ed25519(let point), 22):
            guard let digest = Self.digest(data, by: hash), numbers.count == 2, numbers.allSatisfy({ $0.count <= 32 }),
                let key = try? Curve25519.Signing.PublicKey(rawRepresentation: point)
            else { return false }
            return key.isValidSignature(numbers.flatMap { Self.padded($0, to: 32) }, for: digest)
        case (.rsa(let modulus, let exponent), 1), (.rsa(let modulus, let exponent), 3):
            guard let number = numbers.first, number.count <= modulus.count,
                let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent)
            else { return false }
            let signature = _RSA.Signing.RSASignature(rawRepresentation: Self.padded(number, to: modulus.count))
            switch hash {
            case 8: return key.isValidSignature(signature, for: SHA256.hash(data: data), padding: .insecurePKCS1v1_5)
            case 9: return key.isValidSignature(signature, for: SHA384.hash(data: data), padding: .insecurePKCS1v1_5)
            case 10: return key.isValidSignature(signature, for: SHA512.hash(data: data), padding: .insecurePKCS1v1_5)
            default: return false
            }
        default: return false
        }
    }

    // SHA-1 and older hashes are left out on purpose: collisions can be made.
    private static func digest(_ data: [UInt8], by hash: UInt8) -> [UInt8]? {
        switch hash {
        case 8: Array(SHA256.hash(data: data))
        case 9: Array(SHA384.hash(data: data))
        case 10: Array(SHA512.hash(data: data))
        default: nil
        }
    }

    private static func padded(_ bytes: [UInt8], to count: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: count - bytes.count) + bytes
    }

    static func trailer(_ count: Int) -> [UInt8] { [4, 0xFF] + UInt32(clamping: count).bigEndianBytes }

    /// A multi-precision integer of big-endian bytes.
    static func mpi(_ bytes: [UInt8]) -> [UInt8] {
        let stripped = bytes.drop { $0 == 0 }
        guard let first = stripped.first else { return [0, 0] }
        let bits = stripped.count * 8 - first.leadingZeroBitCount
        return [UInt8(bits >> 8 & 0xFF), UInt8(bits & 0xFF)] + stripped
    }
}

/// Makes OpenPGP signatures of an Ed25519 key that is kept elsewhere: takes the bytes to sign, and assembles when the signature is there.
///
/// Source: RFC 9580, section 5.2.4; hashed with SHA-512.
public struct OpenPGPSigning: Sendable, Hashable {
    private static let ed25519: UInt8 = 22
    private static let sha512: UInt8 = 10

    /// The key.
    public let key: OpenPGPPublicKey
    /// When it is signed, to the second.
    public let time: Timestamp

    /// Signs with an Ed25519 key at a time.
    public init(key: OpenPGPPublicKey, at time: Timestamp) throws(OpenPGPError) {
        guard case .ed25519 = key.material else { throw .notAssessed("signing with another key than Ed25519") }
        self.key = key
        self.time = time
    }

    /// What the key has to sign for ``message(_:signature:)`` and ``detached(_:signature:)``: the hash of document and circumstances.
    public func bytesToSign(_ document: [UInt8]) -> [UInt8] { hash(document, signedPart(0x00)) }

    /// What ``bytesToSign(_:)`` is the SHA-512 of, for a signer that wants to see what it signs.
    public func bytesToHash(_ document: [UInt8]) -> [UInt8] { hashed(document, signedPart(0x00)) }

    /// What ``bytesToCertify(userID:lifetime:)`` is the SHA-512 of.
    public func bytesToHash(userID: String, lifetime: Duration?) -> [UInt8] {
        hashed(key.certified(Array(userID.utf8)), signedPart(0x13, certification(lifetime)))
    }

    /// A binary message that contains the document: the form that container tools demand.
    public func message(_ document: [UInt8], signature: [UInt8]) throws(OpenPGPError) -> [UInt8] {
        let onePass = OpenPGPPacket(
            tag: OpenPGPPacket.Tag.onePassSignature,
            body: [3, 0x00, Self.sha512, Self.ed25519] + key.keyID + [1]
        )
        let literal = OpenPGPPacket(
            tag: OpenPGPPacket.Tag.literal,
            body: [0x62, 0] + seconds.bigEndianBytes + document
        )
        return onePass.bytes + literal.bytes + (try packet(signature, over: document, signedPart(0x00))).bytes
    }

    /// An armoured signature to be kept beside the document, as `.asc`.
    public func detached(_ document: [UInt8], signature: [UInt8]) throws(OpenPGPError) -> String {
        ASCIIArmor.encoded(try packet(signature, over: document, signedPart(0x00)).bytes, as: "SIGNATURE")
    }

    /// What the key has to sign for ``publicKeyBlock(userID:lifetime:signature:)``.
    public func bytesToCertify(userID: String, lifetime: Duration?) -> [UInt8] {
        hash(key.certified(Array(userID.utf8)), signedPart(0x13, certification(lifetime)))
    }

    /// The key with one name, certified by itself, as an armoured block.
    ///
    /// - Parameters:
    ///   - userID: whom the key belongs to: `Registry of … (release) <security@example.org>`.
    ///   - lifetime: how long after its making the key is valid; nil for as long as it is not revoked.
    ///   - signature: of the key, over ``bytesToCertify(userID:lifetime:)`` with the same arguments.
    public func publicKeyBlock(userID: String, lifetime: Duration?, signature: [UInt8]) throws(OpenPGPError) -> String {
        let user = Array(userID.utf8)
        let packets = [
            OpenPGPPacket(tag: OpenPGPPacket.Tag.publicKey, body: key.body),
            OpenPGPPacket(tag: OpenPGPPacket.Tag.userID, body: user),
            try packet(signature, over: key.certified(user), signedPart(0x13, certification(lifetime))),
        ]
        return ASCIIArmor.encoded(packets.flatMap(\.bytes), as: "PUBLIC KEY BLOCK")
    }

    private var seconds: UInt32 { UInt32(clamping: time.microseconds / 1_000_000) }

    /// Key flags: certifies and signs; no compression, SHA-512 and SHA-256 preferred.
    private func certification(_ lifetime: Duration?) -> [UInt8] {
        var subpackets: [UInt8] = [2, 27, 0x03] + [3, 21, 10, 8] + [2, 22, 0]
        if let lifetime { subpackets += [5, 9] + UInt32(clamping: lifetime.components.seconds).bigEndianBytes }
        return subpackets
    }

    private func signedPart(_ type: UInt8, _ more: [UInt8] = []) -> [UInt8] {
        let subpackets = [5, 2] + seconds.bigEndianBytes + [22, 33, 4] + key.fingerprint + more
        return [4, type, Self.ed25519, Self.sha512, UInt8(subpackets.count >> 8), UInt8(subpackets.count & 0xFF)]
            + subpackets
    }

    private func hashed(_ document: [UInt8], _ signedPart: [UInt8]) -> [UInt8] {
        document + signedPart + OpenPGPSignature.trailer(signedPart.count)
    }

    private func hash(_ document: [UInt8], _ signedPart: [UInt8]) -> [UInt8] {
        Array(SHA512.hash(data: hashed(document, signedPart)))
    }

    private func packet(
        _ signature: [UInt8],
        over document: [UInt8],
        _ signedPart: [UInt8]
    ) throws(OpenPGPError) -> OpenPGPPacket {
        guard signature.count == 64 else { throw .malformed("an Ed25519 signature has 64 bytes") }
        let hash = hash(document, signedPart)
        let issuer: [UInt8] = [0, 10, 9, 16] + key.keyID
        return OpenPGPPacket(
            tag: OpenPGPPacket.Tag.signature,
            body: signedPart + issuer + hash.prefix(2) + OpenPGPSignature.mpi(Array(signature.prefix(32)))
                + OpenPGPSignature.mpi(Array(signature.suffix(32)))
        )
    }
}
