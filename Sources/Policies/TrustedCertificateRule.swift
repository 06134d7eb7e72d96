// SPDX-License-Identifier: EUPL-1.2

public import Attestations
public import Certificates
internal import JSON
internal import OCI
public import Time

/// Certificates that signatures are believed of: of an authority, for somebody, at a proven time.
public struct TrustedCertificateRule: Sendable, Hashable {
    /// What people call these signers.
    public var name: String
    /// Roots, and authorities below them.
    public var roots: CertificateRoots
    /// For whom certificates must be; one that fits is enough.
    public var identities: [IdentityPattern]
    /// Who must have vouched for the name, as Fulcio notes it; nil for certificates of an authority that notes nobody.
    public var oidcIssuer: String?
    /// Who has to say when a signature was made.
    public var time: TrustedAuthority.TimeDemand
    /// Time-stamp authorities.
    public var timestampRoots: CertificateRoots?
    /// Keys of logs of certificates.
    public var certificateLogs: [CertificateLog]
    /// Whether one of these logs must have promised the certificate; otherwise that is not looked at.
    public var requiresCertificateLog: Bool
    /// What they may sign: ``TrustedKeyRule/image`` or a predicate type.
    public var signs: [String]
    /// Repositories that they may sign for, by their whole name; all of the namespace when empty.
    public var repositories: [Glob]
    /// Other names under which their signatures may know the image: repositories with their registry, and all below them.
    public var signedAs: [String]
    /// From when they count; nil: always.
    public var validFrom: Timestamp?
    /// Until when they count; nil while they are in use.
    public var validUntil: Timestamp?
    /// From when nothing that they sign counts; what a log saw before still does.
    public var revokedFrom: Timestamp?

    /// Makes a rule.
    public init(
        name: String,
        roots: CertificateRoots,
        identities: [IdentityPattern],
        oidcIssuer: String? = nil,
        time: TrustedAuthority.TimeDemand = .either,
        timestampRoots: CertificateRoots? = nil,
        certificateLogs: [CertificateLog] = [],
        requiresCertificateLog: Bool = false,
        signs: [String] = [TrustedKeyRule.image],
        repositories: [Glob] = [],
        signedAs: [String] = [],
        validFrom: Timestamp? = nil,
        validUntil: Timestamp? = nil,
        revokedFrom: Timestamp? = nil
    ) {
        self.name = name
        self.roots = roots
        self.identities = identities
        self.oidcIssuer = oidcIssuer
        self.time = time
        self.timestampRoots = timestampRoots
        self.certificateLogs = certificateLogs
        self.requiresCertificateLog = requiresCertificateLog
        self.signs = signs
        self.repositories = repositories
        self.signedAs = signedAs
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.revokedFrom = revokedFrom
    }

    /// The same for those who verify.
    ///
    /// - Parameter publisher: whose signers they are.
    func authority(of publisher: String) -> TrustedAuthority {
        TrustedAuthority(
            roots: roots,
            identities: identities,
            oidcIssuer: oidcIssuer,
            time: time,
            timestampRoots: timestampRoots.map { [$0] } ?? [],
            certificateLogs: certificateLogs,
            requiresCertificateLog: requiresCertificateLog,
            terms: KeyTerms(
                name: name,
                publisher: publisher,
                claims: Set(signs.map { $0 == TrustedKeyRule.image ? .imageSignature : .predicate($0) }),
                aliases: signedAs,
                validFrom: validFrom ?? Timestamp(seconds: 0),
                validUntil: validUntil,
                revokedFrom: revokedFrom
            )
        )
    }

    /// What identifies these signers, as a fingerprint does a key.
    public var fingerprint: String { authority(of: "").fingerprint }
}

extension TrustedCertificateRule {
    var json: JSONValue {
        [
            "name": .string(name), "roots": .string(roots.pem), "identities": .strings(identities.map(\.description)),
            "oidcIssuer": .optional(oidcIssuer), "time": .string(time.rawValue),
            "timestampRoots": .optional(timestampRoots?.pem),
            "certificateLogs": .strings(certificateLogs.map(\.key.pem)),
            "sct": .string(requiresCertificateLog ? Transparency.required.rawValue : Transparency.ignored.rawValue),
            "signs": .strings(signs), "repositories": .strings(repositories.map(\.text)),
            "signedAs": .strings(signedAs), "validFrom": .optional(validFrom?.rfc3339),
            "validUntil": .optional(validUntil?.rfc3339), "revokedFrom": .optional(revokedFrom?.rfc3339),
        ]
    }

    /// What is asked of logs of certificates, by its word in policies.
    enum Transparency: String, CaseIterable {
        /// One of the logs must have promised the certificate.
        case required
        /// It is not looked at.
        case ignored
    }

    init(_ fields: PolicyFields) throws(PolicyReadError) {
        try fields.allow([
            "name", "roots", "identities", "oidcIssuer", "time", "timestampRoots", "certificateLogs", "sct", "signs",
            "repositories", "signedAs", "validFrom", "validUntil", "revokedFrom",
        ])
        let signs = try fields.words("signs")
        self.init(
            name: try fields.demandedName("name"),
            roots: try fields.roots("roots"),
            identities: try Self.identities(fields),
            oidcIssuer: try Self.oidcIssuer(fields),
            time: try fields.word("time", TrustedAuthority.TimeDemand.self) ?? .either,
            timestampRoots: fields.has("timestampRoots") ? try fields.roots("timestampRoots") : nil,
            certificateLogs: try Self.certificateLogs(fields),
            requiresCertificateLog: try fields.word("sct", Transparency.self) == .required,
            signs: signs.isEmpty ? [TrustedKeyRule.image] : signs,
            repositories: try fields.repositories("repositories"),
            signedAs: try fields.words("signedAs"),
            validFrom: try fields.instant("validFrom"),
            validUntil: try fields.instant("validUntil"),
            revokedFrom: try fields.instant("revokedFrom")
        )
        if let validFrom, let validUntil, validUntil <= validFrom {
            throw fields.error("validUntil", "an instant after validFrom", validUntil.rfc3339)
        }
        try TrustedKeyRule.checkSigns(self.signs, fields)
        if time == .timestamp, timestampRoots == nil {
            throw fields.error("timestampRoots", "roots of a time-stamp authority for \"time: timestamp\"", "nothing")
        }
        guard requiresCertificateLog != certificateLogs.isEmpty else {
            throw fields.error("certificateLogs", "keys together with \"sct: required\"", "one without the other")
        }
    }

    private static func identities(_ fields: PolicyFields) throws(PolicyReadError) -> [IdentityPattern] {
        var patterns: [IdentityPattern] = []
        for (index, text) in try fields.texts("identities", atMost: TrustRules.Limits.entries).enumerated() {
            guard let pattern = IdentityPattern(text), !patterns.contains(pattern), !text.contains("\""),
                !text.contains("\\")
            else {
                throw fields.error(
                    "identities[\(index)]",
                    "each once: \"email:…\", \"uri:…\" with its host written out, or \"dns:…\"; * stands inside one part",
                    text.forMessage
                )
            }
            patterns.append(pattern)
        }
        guard !patterns.isEmpty else { throw fields.error("identities", "at least one", "none") }
        return patterns
    }

    private static func oidcIssuer(_ fields: PolicyFields) throws(PolicyReadError) -> String? {
        guard fields.has("oidcIssuer") else { return nil }
        let text = try fields.demandedText("oidcIssuer", atMost: 512)
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) else {
            throw fields.error(
                "oidcIssuer",
                "the issuer as its tokens name it, such as https://login.example",
                text.forMessage
            )
        }
        return text
    }

    private static func certificateLogs(_ fields: PolicyFields) throws(PolicyReadError) -> [CertificateLog] {
        var logs: [CertificateLog] = []
        for (index, text) in try fields.texts("certificateLogs", atMost: 8).enumerated() {
            do throws(CertificateError) { logs.append(CertificateLog(key: try CertificateKey(pem: text))) } catch {
                throw fields.error("certificateLogs[\(index)]", "a public key in PEM", error.description)
            }
        }
        return logs
    }
}

extension PolicyFields {
    fileprivate func roots(_ key: String) throws(PolicyReadError) -> CertificateRoots {
        let text = try demandedText(key, atMost: CertificateLimits.pemBytes)
        do throws(CertificateError) { return try CertificateRoots(pem: text) } catch {
            throw self.error(key, "certificates in PEM, a root among them", error.description)
        }
    }
}
