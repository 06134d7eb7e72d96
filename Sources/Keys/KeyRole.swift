// SPDX-License-Identifier: EUPL-1.2

/// What a key is for: one key per role, so that no statement can be taken for another.
///
/// `cosign verify` accepts every in-toto statement of a key it trusts, whatever the statement says: a key that signs releases must sign
/// nothing else, and nothing that says "failed".
public enum KeyRole: String, Sendable, Hashable, CaseIterable {
    /// Releases: "this node serves this digest under this name".
    case release
    /// How an image was built, by this node's own builder.
    case provenance
    /// Verdicts: summaries and every criterion with its result.
    case verdict
    /// What was looked at: bills of materials and findings.
    case scan
    /// Assessments of findings (VEX).
    case vex
    /// Audits by people, and an authority's own release for use.
    case audit
    /// Checkpoints of the log.
    case logNotes = "log-notes"
    /// Time stamps of log entries in the form that cosign and skopeo verify.
    case logTimestamps = "log-timestamps"
    /// Snapshots of advisories for other nodes.
    case feeds
    /// Releases for clients that verify OpenPGP alone.
    case openPGP = "openpgp"

    /// The algorithm of the role's keys.
    public var algorithm: KeyAlgorithm {
        switch self {
        // The C2SP checkpoint wants Ed25519; Debian 12's gpgme takes EdDSA.
        case .logNotes, .openPGP: .ed25519
        default: .ecdsaP256
        }
    }
}

/// How a key signs.
public enum KeyAlgorithm: String, Sendable, Hashable, CaseIterable {
    /// ECDSA on P-256 with SHA-256; signatures are ASN.1 DER.
    case ecdsaP256 = "ecdsa-p256-sha256"
    /// Ed25519; signatures are 64 bytes.
    case ed25519
}
