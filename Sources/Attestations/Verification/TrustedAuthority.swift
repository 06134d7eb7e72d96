// SPDX-License-Identifier: EUPL-1.2

public import Certificates
import OCI

/// Signers that are believed by their certificates: of an authority, and for somebody.
public struct TrustedAuthority: Sendable, Hashable {
    /// Who has to say when a signature was made.
    ///
    /// A certificate ends soon; whether it counted is judged at that time, and never at one that the signer says.
    public enum TimeDemand: String, Sendable, Hashable, CaseIterable {
        /// A log that is trusted, or a time-stamp authority.
        case either
        /// A log that is trusted.
        case log
        /// A time-stamp authority.
        case timestamp
        /// Nobody: without a proven time the certificate must count now.
        case none
    }

    /// Roots, and authorities below them.
    public var roots: CertificateRoots
    /// For whom certificates must be; one that fits is enough.
    public var identities: [IdentityPattern]
    /// Who must have vouched for the name; nil where certificates must name nobody who did.
    ///
    /// Another issuer of identities could vouch for the same name.
    public var oidcIssuer: String?
    /// Who has to say when a signature was made.
    public var time: TimeDemand
    /// Time-stamp authorities.
    public var timestampRoots: [CertificateRoots]
    /// Logs of certificates.
    public var certificateLogs: [CertificateLog]
    /// Whether one of them must have promised to log the certificate; otherwise that is not looked at.
    public var requiresCertificateLog: Bool
    /// When and for what signatures count.
    public var terms: KeyTerms

    /// Makes an authority.
    public init(
        roots: CertificateRoots,
        identities: [IdentityPattern],
        oidcIssuer: String? = nil,
        time: TimeDemand = .either,
        timestampRoots: [CertificateRoots] = [],
        certificateLogs: [CertificateLog] = [],
        requiresCertificateLog: Bool = false,
        terms: KeyTerms
    ) {
        self.roots = roots
        self.identities = identities
        self.oidcIssuer = oidcIssuer
        self.time = time
        self.timestampRoots = timestampRoots
        self.certificateLogs = certificateLogs
        self.requiresCertificateLog = requiresCertificateLog
        self.terms = terms
    }

    /// What identifies these signers, as a fingerprint does a key: all that fits one entry is one signer, whatever key it signs with.
    public var fingerprint: String {
        var text = roots.roots.map { Hexadecimal.text($0.fingerprint) }.sorted().joined(separator: " ")
        text += "\n" + identities.map(\.description).sorted().joined(separator: " ") + "\n" + (oidcIssuer ?? "")
        return Digest.sha256(Array(text.utf8)).description
    }
}
