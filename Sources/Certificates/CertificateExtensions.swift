// SPDX-License-Identifier: EUPL-1.2

/// What the extensions of a certificate say that is understood here.
///
/// Source: RFC 5280, section 4.2; sigstore/fulcio, "docs/oid-info.md".
struct CertificateExtensions: Sendable {
    /// Bits of the key usage, from the top.
    enum Usage {
        static let digitalSignature: UInt16 = 1 << 15
        static let certificateSigning: UInt16 = 1 << 10
    }

    /// Whether the holder may issue certificates; nil where nothing is said.
    private(set) var isAuthority: Bool?
    /// Authorities that may stand between it and a signer.
    private(set) var pathLength: Int?
    private(set) var keyUsage: UInt16?
    private(set) var purposes: [OID]?
    private(set) var isPurposeCritical = false
    private(set) var names: [CertificateName] = []
    private(set) var oidcIssuer: String?
    /// The first that must be understood and is not; name constraints, which nothing here judges, in any case.
    private(set) var unknown: OID?
    /// What logs of certificates say, without its outer lengths.
    private(set) var timestamps: [UInt8]?
    /// The extensions without that of logs, as they were before logs saw it.
    private(set) var withoutTimestamps: [[UInt8]] = []

    init(_ outer: inout DERReader) throws(CertificateError) {
        var list = try outer.inside(DERTag.sequence, "list of extensions")
        try outer.finish("extensions")
        var seen = Set<OID>()
        while !list.isAtEnd {
            guard seen.count < CertificateLimits.extensions else { throw .malformed("has too many extensions") }
            guard list.tag == DERTag.sequence else { throw .malformed("has something else among its extensions") }
            let element = try list.next()
            var fields = DERReader(element.content)
            let oid = try fields.oid("extension")
            guard seen.insert(oid).inserted else { throw .malformed("has the extension \(oid) twice") }
            var isCritical = false
            if fields.tag == DERTag.boolean {
                isCritical = try fields.boolean("criticality")
                guard isCritical else { throw .malformed("writes what DER leaves out") }
            }
            let value = DERReader(try fields.next(DERTag.octetString, "value of an extension"))
            try fields.finish("extension")
            if oid != .signedCertificateTimestamps { withoutTimestamps.append(Array(element.encoded)) }
            try read(oid, value, isCritical: isCritical)
        }
        if seen.isEmpty { throw .malformed("has an empty list of extensions") }
        if let newer = issuerText, let older = olderIssuerText, newer != older {
            throw .malformed("names two issuers of its identity")
        }
        oidcIssuer = issuerText ?? olderIssuerText
    }

    private var issuerText: String?
    private var olderIssuerText: String?

    private mutating func read(
        _ oid: OID,
        _ value: DERReader,
        isCritical: Bool
    ) throws(CertificateError) {
        var value = value
        switch oid {
        case .basicConstraints: try readConstraints(&value)
        case .keyUsage:
            keyUsage = try value.namedBits("key usage")
            try value.finish("key usage")
        case .extendedKeyUsage:
            isPurposeCritical = isCritical
            try readPurposes(&value)
        case .alternativeNames: try readNames(&value)
        case .subjectKeyIdentifier, .authorityKeyIdentifier:
            // Hints for finding an issuer; names and signatures decide.
            if isCritical { unknown = unknown ?? oid }
        case .fulcioIssuer:
            issuerText = try Self.text(try value.next(DERTag.utf8String, "issuer of its identity"))
            try value.finish("issuer of its identity")
            if isCritical { unknown = unknown ?? oid }
        case .fulcioIssuerText:
            // The bytes are the text, without DER around it.
            olderIssuerText = try Self.text(value.rest)
            if isCritical { unknown = unknown ?? oid }
        case .signedCertificateTimestamps:
            timestamps = Array(try value.next(DERTag.octetString, "list of the logs' time stamps"))
            try value.finish("list of the logs' time stamps")
            if isCritical { unknown = unknown ?? oid }
        case .nameConstraints: unknown = unknown ?? oid
        default: if isCritical { unknown = unknown ?? oid }
        }
    }

    private mutating func readConstraints(_ value: inout DERReader) throws(CertificateError) {
        var fields = try value.inside(DERTag.sequence, "basic constraints")
        try value.finish("basic constraints")
        var isAuthority = false
        if fields.tag == DERTag.boolean {
            isAuthority = try fields.boolean("authority flag")
            guard isAuthority else { throw .malformed("writes what DER leaves out") }
        }
        if !fields.isAtEnd {
            guard isAuthority else { throw .malformed("limits chains below something that is no authority") }
            pathLength = try fields.smallInteger("length of chains")
        }
        try fields.finish("basic constraints")
        self.isAuthority = isAuthority
    }

    private mutating func readPurposes(_ value: inout DERReader) throws(CertificateError) {
        var list = try value.inside(DERTag.sequence, "purposes")
        try value.finish("purposes")
        var purposes: [OID] = []
        while !list.isAtEnd {
            guard purposes.count < 32 else { throw .malformed("has too many purposes") }
            purposes.append(try list.oid("purpose"))
        }
        guard !purposes.isEmpty else { throw .malformed("has an empty list of purposes") }
        self.purposes = purposes
    }

    private mutating func readNames(_ value: inout DERReader) throws(CertificateError) {
        var list = try value.inside(DERTag.sequence, "names")
        try value.finish("names")
        guard !list.isAtEnd else { throw .malformed("has an empty list of names") }
        var count = 0
        while !list.isAtEnd {
            count += 1
            guard count <= CertificateLimits.names else { throw .malformed("has too many names") }
            let element = try list.next()
            let kind: CertificateName.Kind
            switch element.tag {
            case DERTag.primitive(1): kind = .email
            case DERTag.primitive(2): kind = .dns
            case DERTag.primitive(6): kind = .uri
            // Addresses, directories and other names are no identities here.
            default: continue
            }
            names.append(CertificateName(kind, try Self.text(element.content, ascii: true)))
        }
    }

    /// A text without characters that move a cursor, so that it can be shown and compared.
    private static func text(_ bytes: ArraySlice<UInt8>, ascii: Bool = false) throws(CertificateError) -> String {
        guard (1...CertificateLimits.nameBytes).contains(bytes.count),
            bytes.allSatisfy({ $0 > 0x20 && $0 != 0x7F && (!ascii || $0 < 0x80) }),
            let text = String(validating: bytes, as: UTF8.self)
        else { throw .malformed("has a name with characters that none can have") }
        return text
    }
}
