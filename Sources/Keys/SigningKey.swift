// SPDX-License-Identifier: EUPL-1.2

internal import Crypto
internal import FoundationEssentials

/// A private key, in memory or in a token.
///
/// Never printed, never compared, never sent: one in memory leaves this type only as a PKCS#8 file, one in a token never.
struct SigningKey: Sendable {
    private enum Material: Sendable {
        case p256(P256.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
        case token(TokenKey)
    }

    private let material: Material

    /// A new key from the system's generator.
    init(_ algorithm: KeyAlgorithm) {
        switch algorithm {
        case .ecdsaP256: material = .p256(P256.Signing.PrivateKey())
        case .ed25519: material = .ed25519(Curve25519.Signing.PrivateKey())
        }
    }

    /// A key in a token.
    init(_ key: TokenKey) { material = .token(key) }

    /// A key from a PKCS#8 file; nil for anything else.
    init?(pem: [UInt8], algorithm: KeyAlgorithm) {
        let text = String(decoding: pem, as: UTF8.self)
        switch algorithm {
        case .ecdsaP256:
            guard let key = try? P256.Signing.PrivateKey(pemRepresentation: text) else { return nil }
            material = .p256(key)
        case .ed25519:
            guard let der = PEM.decode(text, label: Self.label), der.starts(with: Self.ed25519Header),
                der.count == Self.ed25519Header.count + 32,
                let key = try? Curve25519.Signing.PrivateKey(
                    rawRepresentation: der.dropFirst(Self.ed25519Header.count)
                )
            else { return nil }
            material = .ed25519(key)
        }
    }

    var algorithm: KeyAlgorithm {
        switch material {
        case .p256: .ecdsaP256
        case .ed25519: .ed25519
        case .token(let key): key.algorithm
        }
    }

    /// The key as a PKCS#8 file; nil for one in a token.
    ///
    /// Source: RFC 5958; RFC 8410 section 7 for Ed25519.
    var pem: [UInt8]? {
        switch material {
        case .token: nil
        case .p256(let key): Array((key.pemRepresentation + "\n").utf8)
        case .ed25519(let key):
            Array(PEM.encode(Self.ed25519Header + Array(key.rawRepresentation), label: Self.label).utf8)
        }
    }

    /// The public half as SubjectPublicKeyInfo.
    ///
    /// Source: RFC 5480; RFC 8410 section 4 for Ed25519.
    var publicKey: [UInt8] {
        switch material {
        case .p256(let key): Array(key.publicKey.derRepresentation)
        case .ed25519(let key): KeyRecord.ed25519Header + Array(key.publicKey.rawRepresentation)
        case .token(let key): key.publicKey
        }
    }

    func signature(of bytes: some Sequence<UInt8>) throws -> [UInt8] {
        switch material {
        case .p256(let key): Array(try key.signature(for: Data(bytes)).derRepresentation)
        case .ed25519(let key): Array(try key.signature(for: Data(bytes)))
        case .token(let key): try key.signature(of: Array(bytes))
        }
    }

    private static let label = "PRIVATE KEY"
    /// SEQUENCE { INTEGER 0, SEQUENCE { OID 1.3.101.112 }, OCTET STRING { OCTET STRING of 32 bytes } }.
    private static let ed25519Header: [UInt8] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
}

/// The textual encoding of keys.
///
/// Source: RFC 7468.
enum PEM {
    static func encode(_ der: [UInt8], label: String) -> String {
        let text = Array(Data(der).base64EncodedString().utf8)
        var lines = "-----BEGIN \(label)-----\n"
        var start = 0
        while start < text.count {
            let end = min(start + 64, text.count)
            lines += String(decoding: text[start..<end], as: UTF8.self) + "\n"
            start = end
        }
        return lines + "-----END \(label)-----\n"
    }

    /// The bytes of the one block that a text is; nil for anything else.
    static func decode(_ text: String, label: String) -> [UInt8]? {
        var lines = text.split(omittingEmptySubsequences: true, whereSeparator: \.isNewline).map(String.init)
        guard lines.count >= 3, lines.removeFirst() == "-----BEGIN \(label)-----",
            lines.removeLast() == "-----END \(label)-----", let data = Data(base64Encoded: lines.joined())
        else { return nil }
        return Array(data)
    }
}
