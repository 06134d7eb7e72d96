// SPDX-License-Identifier: EUPL-1.2

public import Certificates
import JSON
public import Time

/// The file that tells Sigstore's verifiers which logs and authorities to believe, so that they ask no server on the Internet.
///
/// Source: sigstore/protobuf-specs v0.4, "sigstore_trustroot.proto".
public struct TrustedRoot: Sendable, Hashable {
    /// A log, by the key that signs its promises.
    public struct Log: Sendable, Hashable {
        /// Where it is reached.
        public var baseURL: String
        /// The key; P-256, or verifiers that are in use cannot read it.
        public var key: PublicKey
        /// From when its promises count.
        public var start: Timestamp
        /// Until when; nil while it is in use.
        public var end: Timestamp?

        /// Makes a log.
        public init(baseURL: String, key: PublicKey, start: Timestamp, end: Timestamp? = nil) {
            self.baseURL = baseURL
            self.key = key
            self.start = start
            self.end = end
        }
    }

    /// An authority, by its chain.
    public struct Authority: Sendable, Hashable {
        /// Where it is reached.
        public var uri: String
        /// Its certificates, the root last; a time-stamp authority's own may be first.
        public var chain: [Certificate]
        /// From when what it issues counts.
        public var start: Timestamp
        /// Until when; nil while it is in use.
        public var end: Timestamp?

        /// Makes an authority.
        public init(uri: String, chain: [Certificate], start: Timestamp, end: Timestamp? = nil) {
            self.uri = uri
            self.chain = chain
            self.start = start
            self.end = end
        }
    }

    /// A log of certificates.
    public struct CertificateLogEntry: Sendable, Hashable {
        /// Where it is reached.
        public var baseURL: String
        /// The key that signs its promises, and when they count.
        public var log: CertificateLog

        /// Makes a log.
        public init(baseURL: String, log: CertificateLog) {
            self.baseURL = baseURL
            self.log = log
        }
    }

    /// The logs.
    public var logs: [Log]
    /// Whose certificates count.
    public var authorities: [Authority]
    /// Logs of certificates.
    public var certificateLogs: [CertificateLogEntry]
    /// Whose time stamps count.
    public var timestampAuthorities: [Authority]

    /// Bytes of a file that is read.
    public static let maximumBytes = 1 << 20
    /// Entries of one list.
    private static let maximumEntries = 64
    private static let mediaType = "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
    private static let mediaTypes = [
        mediaType, "application/vnd.dev.sigstore.trustedroot.v0.1+json",
        "application/vnd.dev.sigstore.trustedroot.v0.2+json",
    ]

    /// Makes a root.
    public init(
        logs: [Log],
        authorities: [Authority] = [],
        certificateLogs: [CertificateLogEntry] = [],
        timestampAuthorities: [Authority] = []
    ) {
        self.logs = logs
        self.authorities = authorities
        self.certificateLogs = certificateLogs
        self.timestampAuthorities = timestampAuthorities
    }

    /// The file.
    public var bytes: [UInt8] {
        let logs = self.logs.map { log -> JSONValue in
            [
                "baseUrl": .string(log.baseURL), "hashAlgorithm": "SHA2_256", "logId": ["keyId": .string(log.key.hint)],
                "publicKey": [
                    "rawBytes": .string(Base64.encoded(log.key.spki)),
                    "keyDetails": .string(log.key.algorithm.sigstoreName),
                    "validFor": Self.validity(log.start, log.end),
                ],
            ]
        }
        let certificateLogs = self.certificateLogs.map { entry -> JSONValue in
            [
                "baseUrl": .string(entry.baseURL), "hashAlgorithm": "SHA2_256",
                "logId": ["keyId": .string(Base64.encoded(entry.log.key.fingerprint))],
                "publicKey": [
                    "rawBytes": .string(Base64.encoded(entry.log.key.spki)),
                    "keyDetails": .string(entry.log.key.sigstoreName),
                    "validFor": Self.validity(entry.log.validFrom ?? Timestamp(seconds: 0), entry.log.validUntil),
                ],
            ]
        }
        let document: JSONValue = [
            "mediaType": .string(Self.mediaType), "tlogs": .array(logs),
            "certificateAuthorities": .array(authorities.map(\.json)), "ctlogs": .array(certificateLogs),
            "timestampAuthorities": .array(timestampAuthorities.map(\.json)),
        ]
        return document.bytes(.rfc8785)
    }

    fileprivate static func validity(_ start: Timestamp, _ end: Timestamp?) -> JSONValue {
        var validity: [String: JSONValue] = ["start": .string(start.rfc3339)]
        if let end { validity["end"] = .string(end.rfc3339) }
        return .object(validity)
    }
}

extension TrustedRoot {
    /// Reads a file; logs with keys of a kind that nothing is verified with here are left out, and so are not believed.
    public init(parsing bytes: [UInt8]) throws(AttestationError) {
        let fields = try SignedJSON.object(bytes, limit: Self.maximumBytes, what: "the trusted root")
        let mediaType = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.string("mediaType") }
        guard Self.mediaTypes.contains(mediaType) else {
            throw .value(path: "$.mediaType", reason: "is not \(Self.mediaType)")
        }
        self.init(logs: [])
        for entry in try Self.list(fields, "tlogs") {
            let (url, spki, start, end) = try Self.log(entry)
            guard let key = try? PublicKey(spki: spki) else { continue }
            logs.append(Log(baseURL: url, key: key, start: start, end: end))
        }
        for entry in try Self.list(fields, "ctlogs") {
            let (url, spki, start, end) = try Self.log(entry)
            guard let key = try? CertificateKey(spki: spki) else { continue }
            let log = CertificateLog(key: key, validFrom: start, validUntil: end)
            certificateLogs.append(CertificateLogEntry(baseURL: url, log: log))
        }
        for entry in try Self.list(fields, "certificateAuthorities") { authorities.append(try Authority(entry)) }
        for entry in try Self.list(fields, "timestampAuthorities") { timestampAuthorities.append(try Authority(entry)) }
    }

    private static func list(_ fields: JSONFields, _ key: String) throws(AttestationError) -> [JSONFields] {
        let list = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.optionalObjects(key) ?? [] }
        return try SignedJSON.bounded(list, maximumEntries, "entries under \(key)")
    }

    private static func log(
        _ fields: JSONFields
    ) throws(AttestationError) -> (url: String, spki: [UInt8], start: Timestamp, end: Timestamp?) {
        let url = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.optionalString("baseUrl") ?? "" }
        let key = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.object("publicKey") }
        let (start, end) = try validity(key)
        return (url, try SignedJSON.base64(key, "rawBytes"), start, end)
    }

    fileprivate static func validity(_ fields: JSONFields) throws(AttestationError) -> (Timestamp, Timestamp?) {
        let member = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.optionalObject("validFor") }
        guard let member else { return (Timestamp(seconds: 0), nil) }
        func time(_ key: String) throws(AttestationError) -> Timestamp? {
            let text = try SignedJSON.shaped { () throws(JSONShapeError) in try member.optionalString(key) }
            guard let text else { return nil }
            guard let time = Timestamp(rfc3339: text) else {
                throw .value(path: member.path(of: key), reason: "is no instant")
            }
            return time
        }
        return (try time("start") ?? Timestamp(seconds: 0), try time("end"))
    }
}

extension TrustedRoot.Authority {
    fileprivate var json: JSONValue {
        [
            "subject": ["organization": "", "commonName": ""], "uri": .string(uri),
            "certChain": [
                "certificates": .array(chain.map { ["rawBytes": .string(Base64.encoded($0.der))] })
            ],
            "validFor": TrustedRoot.validity(start, end),
        ]
    }

    fileprivate init(_ fields: JSONFields) throws(AttestationError) {
        uri = try SignedJSON.shaped { () throws(JSONShapeError) in try fields.optionalString("uri") ?? "" }
        let list = try SignedJSON.shaped { () throws(JSONShapeError) in
            try fields.object("certChain").objects("certificates")
        }
        chain = []
        for entry in try SignedJSON.bounded(list, CertificateLimits.certificates, "certificates of an authority") {
            let der = try SignedJSON.base64(entry, "rawBytes")
            do throws(CertificateError) { chain.append(try Certificate(der: der)) } catch {
                throw .value(path: entry.path, reason: "is no certificate that is read here: \(error)")
            }
        }
        guard !chain.isEmpty else { throw .value(path: fields.path, reason: "has no certificates") }
        (start, end) = try TrustedRoot.validity(fields)
    }

    /// The authority as those who verify need it; nil without certificates.
    public var roots: CertificateRoots? {
        guard var roots = try? CertificateRoots(chain: chain) else { return nil }
        roots.validFrom = start
        roots.validUntil = end
        return roots
    }
}
