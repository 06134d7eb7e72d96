// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
internal import Certificates
internal import Time

/// Signers of a publisher that are believed by their certificates, from files.
struct PublisherCertificates: Sendable, Hashable {
    private let authorities: [CertificateRoots]
    private let identities: [IdentityPattern]
    private let oidcIssuer: String?
    private let logs: [TrustedLog]
    private let timestampRoots: [CertificateRoots]
    private let certificateLogs: [CertificateLog]

    /// - Parameters:
    ///   - roots: certificates in PEM.
    ///   - trustedRoot: a `trusted_root.json`, whose logs and time-stamp authorities say when something was signed.
    init(roots: String?, trustedRoot: [UInt8]?, identities: [IdentityPattern], oidcIssuer: String?) throws {
        let known = try trustedRoot.map { bytes throws(AttestationError) in try TrustedRoot(parsing: bytes) }
        authorities =
            (try roots.map { pem throws(CertificateError) in [try CertificateRoots(pem: pem)] } ?? [])
            + (known?.authorities.compactMap(\.roots) ?? [])
        self.identities = identities
        self.oidcIssuer = oidcIssuer
        logs =
            known?.logs.map { log in
                TrustedLog(key: log.key, name: log.baseURL, validFrom: log.start, validUntil: log.end)
            } ?? []
        timestampRoots = known?.timestampAuthorities.compactMap(\.roots) ?? []
        certificateLogs = known?.certificateLogs.map(\.log) ?? []
    }

    /// Whom to believe; that somebody proves when it was signed is demanded in any case.
    ///
    /// Where logs of certificates are named, one of them must have promised the certificate, as cosign demands it.
    func policy(_ terms: KeyTerms, nodeLogs: [TrustedLog]) -> TrustPolicy {
        TrustPolicy(
            authorities: authorities.map { roots in
                TrustedAuthority(
                    roots: roots,
                    identities: identities,
                    oidcIssuer: oidcIssuer,
                    timestampRoots: timestampRoots,
                    certificateLogs: certificateLogs,
                    requiresCertificateLog: !certificateLogs.isEmpty,
                    terms: terms
                )
            },
            logs: nodeLogs + logs,
            logRequirement: .none,
            requiresSubjectName: false
        )
    }
}

extension PublisherKey {
    /// Longest file with certificates or a `trusted_root.json` that is read, in bytes.
    public static let maximumCertificateBytes = TrustedRoot.maximumBytes

    /// Reads whom certificates must be of and for; nil for an identity that is none.
    ///
    /// - Parameters:
    ///   - roots: certificates in PEM.
    ///   - trustedRoot: a `trusted_root.json`.
    ///   - identities: as policies write them: `email:…`, `uri:…`, `dns:…`.
    ///   - oidcIssuer: who must have vouched for the identity; nil where certificates must name nobody.
    public init?(
        certificateRoots roots: String?,
        trustedRoot: [UInt8]?,
        identities: [String],
        oidcIssuer: String?
    ) throws {
        let patterns = identities.compactMap { IdentityPattern($0) }
        guard patterns.count == identities.count, !patterns.isEmpty else { return nil }
        self.init(
            identities.joined(separator: ", "),
            .certificates(
                try PublisherCertificates(
                    roots: roots,
                    trustedRoot: trustedRoot,
                    identities: patterns,
                    oidcIssuer: oidcIssuer
                )
            )
        )
    }
}
