// SPDX-License-Identifier: EUPL-1.2

import Crypto
import CryptoExtras
public import Time

/// A primary key of OpenPGP, version 4, that can sign: Ed25519 or RSA.
///
/// Subkeys are not assessed: a signature of one counts as made by nobody.
///
/// Source: RFC 9580, sections 5.5 and 12.
public struct OpenPGPPublicKey: Sendable, Hashable {
    enum Material: Sendable, Hashable {
        case ed25519(point: [UInt8])
        case rsa(modulus: [UInt8], exponent: [UInt8])

        /// Number of the algorithm.
        var algorithm: UInt8 { if case .ed25519 = self { 22 } else { 1 } }
    }

    /// When it was made; part of what its fingerprint is over.
    public let created: Timestamp
    /// SHA-1 over the key, as OpenPGP names keys: 20 bytes.
    public let fingerprint: [UInt8]
    /// Whom its owner says that it belongs to; certified by the key itself.
    public let userIDs: [String]
    /// When it ends by its own certification; nil when it does not.
    public let expires: Timestamp?
    /// Whether its owner revoked it.
    public let isRevoked: Bool
    /// Whether its own certification lets it sign documents; a key may be for certifying other keys only.
    public let signsDocuments: Bool

    let material: Material
    let body: [UInt8]

    // 1.3.6.1.4.1.11591.15.1, with its length.
    private static let ed25519OID: [UInt8] = [0x09, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01]

    /// Makes a key from the 32 bytes of an Ed25519 key and the second in which it was made.
    ///
    /// The same bytes with another second are another key to OpenPGP: both are kept together.
    public init(ed25519 point: [UInt8], created: Timestamp) throws(PublicKeyError) {
        _ = try PublicKey(.ed25519, point: point)
        let seconds = UInt32(clamping: created.microseconds / 1_000_000)
        body = [4] + seconds.bigEndianBytes + [22] + Self.ed25519OID + OpenPGPSignature.mpi([0x40] + point)
        material = .ed25519(point: point)
        self.created = Timestamp(seconds: Int64(seconds))
        fingerprint = Self.fingerprint(of: body)
        userIDs = []
        expires = nil
        isRevoked = false
        signsDocuments = true
    }

    private init(
        _ key: OpenPGPPublicKey,
        userIDs: [String],
        expires: Timestamp?,
        isRevoked: Bool,
        signsDocuments: Bool
    ) {
        (body, material, created, fingerprint) = (key.body, key.material, key.created, key.fingerprint)
        self.userIDs = userIDs
        self.expires = expires
        self.isRevoked = isRevoked
        self.signsDocuments = signsDocuments
    }

    /// Reads the body of a public-key packet.
    init(body: [UInt8]) throws(OpenPGPError) {
        var reader = OpenPGPReader(body)
        guard try reader.byte() == 4 else { throw .notAssessed("a key of another version than 4") }
        let created = try reader.number(bytes: 4)
        switch try reader.byte() {
        case 22:
            guard try reader.take(Self.ed25519OID.count) == Self.ed25519OID else {
                throw .notAssessed("EdDSA on another curve than Ed25519")
            }
            let point = try reader.mpi()
            guard point.count == 33, point.first == 0x40 else { throw .malformed("the point of a key") }
            material = .ed25519(point: Array(point.dropFirst()))
        case 1, 3:
            let modulus = try reader.mpi()
            let exponent = try reader.mpi()
            guard (256...1024).contains(modulus.count), (1...4).contains(exponent.count) else {
                throw .notAssessed("RSA with fewer than 2048 or more than 8192 bits, or with an unusual exponent")
            }
            material = .rsa(modulus: modulus, exponent: exponent)
        case let other: throw .notAssessed("a key of algorithm \(other)")
        }
        guard reader.isAtEnd else { throw .malformed("bytes after the key") }
        self.body = body
        self.created = Timestamp(seconds: Int64(created))
        fingerprint = Self.fingerprint(of: body)
        userIDs = []
        expires = nil
        isRevoked = false
        signsDocuments = true
    }

    private static func fingerprint(of body: [UInt8]) -> [UInt8] {
        Array(Insecure.SHA1.hash(data: framed(body)))
    }

    private static func framed(_ body: [UInt8]) -> [UInt8] {
        [0x99, UInt8(body.count >> 8 & 0xFF), UInt8(body.count & 0xFF)] + body
    }

    /// What a certification of this key for a user is over, before the trailer of the signature.
    func certified(_ userID: [UInt8]) -> [UInt8] {
        Self.framed(body) + [0xB4] + UInt32(clamping: userID.count).bigEndianBytes + userID
    }

    /// The fingerprint as people compare it: 40 hexadecimal digits in capitals.
    public var fingerprintText: String { Hexadecimal.text(fingerprint).uppercased() }

    /// The last 8 bytes of the fingerprint; a hint only, because anybody can make another key with the same.
    var keyID: [UInt8] { Array(fingerprint.suffix(8)) }

    // MARK: - Key blocks

    /// Reads the keys of an armoured block `PGP PUBLIC KEY BLOCK`.
    ///
    /// A name or an end counts only when the key itself certified it; what others certified is skipped. Keys of kinds that are not assessed
    /// are left out.
    ///
    /// - Throws: ``OpenPGPError`` when the block is malformed or holds no key that is assessed here.
    public static func keys(armored text: String) throws(OpenPGPError) -> [OpenPGPPublicKey] {
        guard text.utf8.count <= AttestationLimits.keyBytes else { throw .tooLarge }
        return try keys(in: try ASCIIArmor.decoded(text, as: "PUBLIC KEY BLOCK"))
    }

    /// The same block as one text: without comments and whatever else stands between its lines and its bytes.
    public static func normalised(block text: String) throws(OpenPGPError) -> String {
        guard text.utf8.count <= AttestationLimits.keyBytes else { throw .tooLarge }
        return ASCIIArmor.encoded(try ASCIIArmor.decoded(text, as: "PUBLIC KEY BLOCK"), as: "PUBLIC KEY BLOCK")
    }

    /// Reads the keys of a block without armour.
    public static func keys(in bytes: [UInt8]) throws(OpenPGPError) -> [OpenPGPPublicKey] {
        guard bytes.count <= AttestationLimits.keyBytes else { throw .tooLarge }
        let packets = try OpenPGPPacket.all(in: bytes)
        var keys: [OpenPGPPublicKey] = []
        var refusal: OpenPGPError?
        var index = 0
        while index < packets.count {
            guard packets[index].tag == OpenPGPPacket.Tag.publicKey else {
                throw .malformed("a block does not begin with a key")
            }
            let next = packets[(index + 1)...].firstIndex { $0.tag == OpenPGPPacket.Tag.publicKey } ?? packets.count
            do throws(OpenPGPError) {
                keys.append(try OpenPGPPublicKey(body: packets[index].body).certified(by: packets[(index + 1)..<next]))
            } catch { refusal = error }
            index = next
        }
        if keys.isEmpty { throw refusal ?? .malformed("there is no key") }
        return keys
    }

    /// The key with what its own signatures say about it.
    private func certified(by packets: ArraySlice<OpenPGPPacket>) -> OpenPGPPublicKey {
        var users: [String] = []
        var user: [UInt8]?
        var isRevoked = false
        var newest: (created: Timestamp, expires: Timestamp?, signs: Bool)?
        reading: for packet in packets {
            switch packet.tag {
            case OpenPGPPacket.Tag.userID: user = packet.body
            case OpenPGPPacket.Tag.signature:
                guard let signature = try? OpenPGPSignature(body: packet.body) else { continue }
                let direct = Self.framed(body)
                if user == nil, signature.type == 0x20, signature.isValid(over: direct, by: self) { isRevoked = true }
                let isSelf =
                    if let user {
                        (0x10...0x13).contains(signature.type) && signature.isValid(over: certified(user), by: self)
                    } else {
                        signature.type == 0x1F && signature.isValid(over: direct, by: self)
                    }
                guard isSelf else { continue }
                if let user, let name = String(validating: user, as: UTF8.self), !users.contains(name) {
                    users.append(name)
                }
                if newest.map({ signature.created >= $0.created }) ?? true {
                    newest = (
                        signature.created, signature.keyLifetime.map { created + .seconds($0) },
                        // 0x02: may sign data.
                        signature.keyFlags.map { $0 & 0x02 != 0 } ?? true
                    )
                }
            // From here on signatures are about subkeys or pictures.
            default: break reading
            }
        }
        return OpenPGPPublicKey(
            self,
            userIDs: users,
            expires: newest?.expires,
            isRevoked: isRevoked,
            signsDocuments: newest?.signs ?? true
        )
    }
}

extension UInt32 {
    var bigEndianBytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> (24 - 8 * $0)) } }
}
