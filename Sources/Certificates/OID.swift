// SPDX-License-Identifier: EUPL-1.2

/// An object identifier, by the bytes of its DER.
struct OID: Sendable, Hashable, CustomStringConvertible {
    private let content: [UInt8]

    /// Takes the content of an element; nil for what is no shortest encoding.
    init?(content: ArraySlice<UInt8>) {
        guard (1...64).contains(content.count), let last = content.last, last < 0x80 else { return nil }
        var isFirst = true
        for byte in content {
            if isFirst, byte == 0x80 { return nil }
            isFirst = byte < 0x80
        }
        self.content = Array(content)
    }

    private init(_ first: UInt8, _ arcs: [UInt32]) {
        var content = [first]
        for arc in arcs {
            var groups = [UInt8(arc & 0x7F)]
            var rest = arc >> 7
            while rest > 0 {
                groups.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            content += groups.reversed()
        }
        self.content = content
    }

    /// The numbers with points between them.
    var description: String {
        var arcs: [UInt64] = []
        var value: UInt64 = 0
        for byte in content {
            guard value < 1 << 56 else { return "an object identifier" }
            value = value << 7 | UInt64(byte & 0x7F)
            guard byte < 0x80 else { continue }
            if arcs.isEmpty {
                let first = min(value / 40, 2)
                arcs = [first, value - first * 40]
            } else {
                arcs.append(value)
            }
            value = 0
        }
        return arcs.map(String.init).joined(separator: ".")
    }
}

extension OID {
    // Extensions of certificates: RFC 5280, section 4.2.
    static let subjectKeyIdentifier = OID(0x55, [29, 14])
    static let keyUsage = OID(0x55, [29, 15])
    static let alternativeNames = OID(0x55, [29, 17])
    static let basicConstraints = OID(0x55, [29, 19])
    static let nameConstraints = OID(0x55, [29, 30])
    static let authorityKeyIdentifier = OID(0x55, [29, 35])
    static let extendedKeyUsage = OID(0x55, [29, 37])
    static let anyPurpose = OID(0x55, [29, 37, 0])
    static let codeSigning = OID(0x2B, [6, 1, 5, 5, 7, 3, 3])
    static let timeStamping = OID(0x2B, [6, 1, 5, 5, 7, 3, 8])

    // Fulcio: sigstore/fulcio, "docs/oid-info.md".
    static let fulcioIssuerText = OID(0x2B, [6, 1, 4, 1, 57264, 1, 1])
    static let fulcioIssuer = OID(0x2B, [6, 1, 4, 1, 57264, 1, 8])
    /// Of RFC 6962, section 3.3.
    static let signedCertificateTimestamps = OID(0x2B, [6, 1, 4, 1, 11129, 2, 4, 2])

    // Keys and signatures: RFC 3279, 5480, 5758, 8410.
    static let ellipticCurveKey = OID(0x2A, [840, 10045, 2, 1])
    static let p256 = OID(0x2A, [840, 10045, 3, 1, 7])
    static let p384 = OID(0x2B, [132, 0, 34])
    static let p521 = OID(0x2B, [132, 0, 35])
    static let ed25519 = OID(0x2B, [101, 112])
    static let rsa = OID(0x2A, [840, 113549, 1, 1, 1])
    static let rsaSHA256 = OID(0x2A, [840, 113549, 1, 1, 11])
    static let rsaSHA384 = OID(0x2A, [840, 113549, 1, 1, 12])
    static let rsaSHA512 = OID(0x2A, [840, 113549, 1, 1, 13])
    static let ecdsaSHA256 = OID(0x2A, [840, 10045, 4, 3, 2])
    static let ecdsaSHA384 = OID(0x2A, [840, 10045, 4, 3, 3])
    static let ecdsaSHA512 = OID(0x2A, [840, 10045, 4, 3, 4])
    static let sha256 = OID(0x60, [840, 1, 101, 3, 4, 2, 1])
    static let sha384 = OID(0x60, [840, 1, 101, 3, 4, 2, 2])
    static let sha512 = OID(0x60, [840, 1, 101, 3, 4, 2, 3])

    // Time stamps: RFC 5652, 3161, 5816.
    static let signedData = OID(0x2A, [840, 113549, 1, 7, 2])
    static let contentType = OID(0x2A, [840, 113549, 1, 9, 3])
    static let messageDigest = OID(0x2A, [840, 113549, 1, 9, 4])
    static let timestampInfo = OID(0x2A, [840, 113549, 1, 9, 16, 1, 4])
    static let signingCertificateV2 = OID(0x2A, [840, 113549, 1, 9, 16, 2, 47])
}
