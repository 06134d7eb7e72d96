// SPDX-License-Identifier: EUPL-1.2

public import Crypto
public import Time

/// A certificate that a test has made, part by part, so that any of its parts can be wrong.
public struct CertificateForm: Sendable {
    /// Common name of the holder; empty for none.
    public var subject: String
    /// From when it is valid.
    public var notBefore: Timestamp
    /// Until when.
    public var notAfter: Timestamp
    /// The authority flag; nil leaves the extension out.
    public var isAuthority: Bool?
    /// Authorities below it.
    public var pathLength: UInt8?
    /// First octet of the key usage; nil leaves the extension out.
    public var keyUsage: UInt8?
    /// Purposes by their object identifiers; none leaves the extension out.
    public var purposes: [String]
    /// Whether the purposes are critical.
    public var arePurposesCritical = false
    /// Mail addresses.
    public var emails: [String] = []
    /// URIs.
    public var uris: [String] = []
    /// Who vouched for the name, as Fulcio writes it.
    public var oidcIssuer: String?
    /// Its number; nil for one at random.
    public var serial: [UInt8]?
    /// Other extensions, encoded.
    public var extensions: [[UInt8]] = []

    /// Purposes of the tests.
    public static let (codeSigning, timeStamping) = ("1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.8")
    /// First octets of key usages.
    public static let (signing, certificateSigning): (UInt8, UInt8) = (0x80, 0x04)

    /// A certificate authority.
    public static func authority(_ subject: String, from start: Timestamp, until end: Timestamp) -> CertificateForm {
        CertificateForm(
            subject: subject,
            notBefore: start,
            notAfter: end,
            isAuthority: true,
            keyUsage: certificateSigning,
            purposes: []
        )
    }

    /// A signer of content.
    public static func signer(from start: Timestamp, until end: Timestamp) -> CertificateForm {
        CertificateForm(
            subject: "",
            notBefore: start,
            notAfter: end,
            keyUsage: signing,
            purposes: [codeSigning]
        )
    }

    /// The certificate.
    ///
    /// - Parameters:
    ///   - spki: key of the holder.
    ///   - issuer: who signs; nil: the holder's name.
    ///   - mangled: changes what is signed.
    public func certificate(
        of spki: [UInt8],
        issuer: String? = nil,
        by key: P256.Signing.PrivateKey,
        mangled: ([UInt8]) -> [UInt8] = { $0 }
    ) throws -> [UInt8] {
        let algorithm = DER.sequence(DER.oid("1.2.840.10045.4.3.2"))
        let validity = DER.sequence(Self.time(notBefore) + Self.time(notAfter))
        let number = self.serial ?? [0x40] + (0..<8).map { _ in UInt8.random(in: 0...255) }
        let serial = DER.element(0x02, number)
        let list = encodedExtensions
        let fields: [[UInt8]] = [
            DER.element(0xA0, DER.element(0x02, [2])), serial, algorithm, Self.name(issuer ?? subject), validity,
            Self.name(subject), spki, list.isEmpty ? [] : DER.element(0xA3, DER.sequence(list)),
        ]
        let body = mangled(DER.sequence(fields.flatMap { $0 }))
        let signature = Array(try key.signature(for: body).derRepresentation)
        return DER.sequence(body + algorithm + DER.element(0x03, [0] + signature))
    }

    private var encodedExtensions: [UInt8] {
        var list: [[UInt8]] = []
        if let isAuthority {
            let length = pathLength.map { DER.element(0x02, [$0]) } ?? []
            let value = DER.sequence((isAuthority ? [0x01, 0x01, 0xFF] : []) + length)
            list.append(Self.extended("2.5.29.19", value, isCritical: true))
        }
        if let keyUsage {
            let unused = UInt8(keyUsage.trailingZeroBitCount)
            list.append(Self.extended("2.5.29.15", DER.element(0x03, [unused, keyUsage]), isCritical: true))
        }
        if !purposes.isEmpty {
            let value = DER.sequence(purposes.flatMap(DER.oid))
            list.append(Self.extended("2.5.29.37", value, isCritical: arePurposesCritical))
        }
        let names = emails.map { DER.element(0x81, Array($0.utf8)) } + uris.map { DER.element(0x86, Array($0.utf8)) }
        if !names.isEmpty {
            list.append(
                Self.extended("2.5.29.17", DER.sequence(names.flatMap { $0 }), isCritical: subject.isEmpty)
            )
        }
        if let oidcIssuer {
            let text = Array(oidcIssuer.utf8)
            list.append(Self.extended("1.3.6.1.4.1.57264.1.1", text))
            list.append(Self.extended("1.3.6.1.4.1.57264.1.8", DER.element(0x0C, text)))
        }
        return (list + extensions).flatMap { $0 }
    }

    /// An extension.
    public static func extended(_ oid: String, _ value: [UInt8], isCritical: Bool = false) -> [UInt8] {
        DER.sequence(DER.oid(oid) + (isCritical ? [0x01, 0x01, 0xFF] : []) + DER.element(0x04, value))
    }

    /// The extension with a log's promise about a certificate that does not have it yet.
    public static func promised(
        before: [UInt8],
        by log: P256.Signing.PrivateKey,
        issuer: [UInt8],
        at time: Timestamp
    ) throws -> [UInt8] {
        // What was signed of a certificate of more than 255 bytes: four bytes of header, then four and the length in the last two.
        let size = Int(before[6]) << 8 | Int(before[7])
        let signed = Array(before[4..<(8 + size)])
        func number(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        let stamp = number(Int(time.microseconds / 1000), 8)
        let id = Array(SHA256.hash(data: log.publicKey.derRepresentation))
        let issuerHash = Array(SHA256.hash(data: issuer))
        let message = [0, 0] + stamp + [0, 1] + issuerHash + number(signed.count, 3) + signed + [0, 0]
        let signature = Array(try log.signature(for: message).derRepresentation)
        let promise = [0] + id + stamp + [0, 0, 4, 3] + number(signature.count, 2) + signature
        let list = number(promise.count + 2, 2) + number(promise.count, 2) + promise
        return extended("1.3.6.1.4.1.11129.2.4.2", DER.element(0x04, list))
    }

    private static func name(_ text: String) -> [UInt8] {
        guard !text.isEmpty else { return DER.sequence([]) }
        return DER.sequence(
            DER.element(0x31, DER.sequence(DER.oid("2.5.4.3") + DER.element(0x0C, Array(text.utf8))))
        )
    }

    private static func time(_ time: Timestamp) -> [UInt8] {
        let digits = time.rfc3339.utf8.filter { $0 >= 0x30 && $0 <= 0x39 }.prefix(14)
        return DER.element(0x17, Array(digits.dropFirst(2)) + [0x5A])
    }
}

/// Writes DER.
public enum DER {
    /// An element.
    public static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        switch content.count {
        case ..<0x80: [tag, UInt8(content.count)] + content
        case ..<0x100: [tag, 0x81, UInt8(content.count)] + content
        default: [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
        }
    }

    /// A sequence.
    public static func sequence(_ content: [UInt8]) -> [UInt8] { element(0x30, content) }

    /// An object identifier from its numbers with points between.
    public static func oid(_ text: String) -> [UInt8] {
        let arcs = text.split(separator: ".").compactMap { Int($0) }
        var content = [UInt8(arcs[0] * 40 + arcs[1])]
        for arc in arcs.dropFirst(2) {
            var groups = [UInt8(arc & 0x7F)]
            var rest = arc >> 7
            while rest > 0 {
                groups.insert(UInt8(rest & 0x7F) | 0x80, at: 0)
                rest >>= 7
            }
            content += groups
        }
        return element(0x06, content)
    }
}

/// A root, an authority below it, and a signer, with keys on P-256 and names of a test.
public struct CertificateWorld: Sendable {
    /// Forms of the three certificates, to be changed before they are made.
    public var (root, middle, signer): (CertificateForm, CertificateForm, CertificateForm)
    /// Their keys.
    public var (rootKey, middleKey, signerKey) = (
        P256.Signing.PrivateKey(), P256.Signing.PrivateKey(), P256.Signing.PrivateKey()
    )
    /// Key of the signer where it is of another kind.
    public var signerSPKI: [UInt8]?
    /// Changes what the authority signs of the signer.
    public var mangled: @Sendable ([UInt8]) -> [UInt8] = { $0 }

    /// Who vouches for identities in these certificates.
    public static let issuer = "https://login.example"
    /// Whom the signer's certificate names.
    public static let identity = "release@example.org"

    /// A signer whose certificate is valid for ten minutes around a time; the others are for years.
    public init(around time: Timestamp) {
        let years = Duration.seconds(86_400 * 365)
        root = .authority("Root", from: time - years, until: time + years)
        middle = .authority("Authority", from: time - years, until: time + years)
        signer = .signer(from: time - .seconds(60), until: time + .seconds(540))
        signer.emails = [Self.identity]
        signer.oidcIssuer = Self.issuer
    }

    /// The three certificates, the signer's first.
    public func made() throws -> [[UInt8]] {
        func spki(_ key: P256.Signing.PrivateKey) -> [UInt8] { Array(key.publicKey.derRepresentation) }
        return [
            try signer.certificate(
                of: signerSPKI ?? spki(signerKey),
                issuer: middle.subject,
                by: middleKey,
                mangled: mangled
            ),
            try middle.certificate(of: spki(middleKey), issuer: root.subject, by: rootKey),
            try root.certificate(of: spki(rootKey), by: rootKey),
        ]
    }
}
