// SPDX-License-Identifier: EUPL-1.2

public import SBOM
public import Time

/// What is known of an image beside its bytes: who signed it, what signed statements say of it, which tags stand for it.
///
/// Whoever fills it has verified it by the trust policy of the namespace; nothing here is anybody's mere word. A verdict rests on it and
/// carries it whole.
public struct SignedEvidence: Sendable, Hashable {
    /// Whether there is a policy that says whom to believe.
    public enum Trust: Sendable, Hashable {
        /// Nobody has said whom to believe: nothing can be decided.
        case absent
        /// There is one that cannot be read: nothing counts.
        case unreadable
        /// It is in force.
        case inForce(revision: Int64, threshold: Int)
    }

    /// Whether there is a policy that says whom to believe.
    public var trust: Trust
    /// Signatures that name the image, accepted or not, in the order in which they were found.
    public var signatures: [FoundSignature]
    /// Signed statements about the image, accepted or not.
    public var statements: [FoundStatement]
    /// What was not read, and why; while there is any, that something is missing proves nothing.
    public var gaps: [LocalizedText]
    /// Tags that stand for the image now; for an image of an index those of the index.
    public var tags: [TagEvidence]
    /// When the repository had the image first, by its manifest and by what its tags ever stood for; nil where nobody looked.
    public var firstSeen: Timestamp?

    /// Entries of one list beyond which a reader must cut it and say so among the gaps.
    public static let maximumEntries = 128

    /// Creates a value of its parts; without arguments nobody signed anything, and nobody said whom to believe.
    public init(
        trust: Trust = .absent,
        signatures: [FoundSignature] = [],
        statements: [FoundStatement] = [],
        gaps: [LocalizedText] = [],
        tags: [TagEvidence] = [],
        firstSeen: Timestamp? = nil
    ) {
        self.trust = trust
        self.signatures = signatures
        self.statements = statements
        self.gaps = gaps
        self.tags = tags
        self.firstSeen = firstSeen
    }

    /// The stage at which the image is judged: published once somebody signed or released it where a policy says whom to believe.
    ///
    /// - Parameter least: the stage at which it is judged in any case.
    public func stage(atLeast least: Stage) -> Stage {
        guard trust != .absent, !signatures.isEmpty || tags.contains(where: \.isRelease) else { return least }
        return max(least, .published)
    }

    /// The statements of a predicate type that count.
    public func accepted(_ predicateType: String) -> [FoundStatement] {
        statements.filter { $0.predicateType == predicateType && $0.proof.isAccepted }
    }
}

/// Whose key made a signature.
public struct EvidenceSigner: Sendable, Hashable {
    /// What the policy calls the key.
    public var name: String
    /// Fingerprint of the key, or identity of the certificate: `sha256:…`, or 40 capital hexadecimal digits for OpenPGP.
    public var fingerprint: String
    /// The publisher that the policy has the key under; nil where it has none.
    public var publisher: EvidencePublisher?
    /// Whether it is a key of this node.
    public var isNode: Bool

    /// Creates a signer of its parts.
    public init(name: String, fingerprint: String, publisher: EvidencePublisher? = nil, isNode: Bool = false) {
        self.name = name
        self.fingerprint = fingerprint
        self.publisher = publisher
        self.isNode = isNode
    }
}

/// Who publishes, as the trust policy registers it.
public struct EvidencePublisher: Sendable, Hashable {
    /// Name of the organisation.
    public var name: String
    /// Where it is reached; nil where nobody said.
    public var contact: String?

    /// Creates a publisher.
    public init(name: String, contact: String? = nil) {
        self.name = name
        self.contact = contact
    }
}

/// What verifying one signature, or one signed statement, came to.
public struct SignatureProof: Sendable, Hashable {
    /// Whose key made it; nil when no trusted key did.
    public var signer: EvidenceSigner?
    /// Whether it counts.
    public var isAccepted: Bool
    /// Why not; empty when it counts.
    public var problems: [LocalizedText]
    /// When it existed at the latest, by the word of a log or a timestamp; nil where nobody proves that.
    public var provenAt: Timestamp?
    /// Which log or timestamp authority proves it.
    public var provenBy: String?
    /// Next instant at which it can begin or cease to count by itself; nil when there is none.
    public var changesAt: Timestamp?

    /// Creates a proof of its parts.
    public init(
        signer: EvidenceSigner?,
        isAccepted: Bool,
        problems: [LocalizedText] = [],
        provenAt: Timestamp? = nil,
        provenBy: String? = nil,
        changesAt: Timestamp? = nil
    ) {
        self.signer = signer
        self.isAccepted = isAccepted
        self.problems = problems
        self.provenAt = provenAt
        self.provenBy = provenBy
        self.changesAt = changesAt
    }
}

/// How something signed lies beside an image.
public enum EvidenceForm: String, Sendable, Hashable, CaseIterable {
    /// A layer under a tag `sha256-….sig` or `sha256-….att`.
    case cosign
    /// A Sigstore bundle: a referrer, or in the index under the tag `sha256-…`.
    case bundle
    /// An OpenPGP message that the registry gives out.
    case openPGP

    /// The words for people.
    public var title: String {
        switch self {
        case .cosign: "cosign"
        case .bundle: "Sigstore bundle"
        case .openPGP: "OpenPGP"
        }
    }
}

/// A signature over an image.
public struct FoundSignature: Sendable, Hashable {
    /// How it lies there.
    public var form: EvidenceForm
    /// Digest of the bytes that hold it.
    public var source: String
    /// What verifying it came to.
    public var proof: SignatureProof

    /// Creates a signature.
    public init(form: EvidenceForm, source: String, proof: SignatureProof) {
        self.form = form
        self.source = source
        self.proof = proof
    }
}

/// A signed statement about an image.
public struct FoundStatement: Sendable, Hashable {
    /// What kind of statement it is.
    public var predicateType: String
    /// Digest of the payload, byte by byte as it was signed.
    public var payload: String
    /// How it lies there.
    public var form: EvidenceForm
    /// What verifying it came to.
    public var proof: SignatureProof
    /// When the statement says that it was made; the signer's word.
    public var statedAt: Timestamp?

    /// Creates a statement.
    public init(
        predicateType: String,
        payload: String,
        form: EvidenceForm,
        proof: SignatureProof,
        statedAt: Timestamp? = nil
    ) {
        self.predicateType = predicateType
        self.payload = payload
        self.form = form
        self.proof = proof
        self.statedAt = statedAt
    }
}

/// A tag that stands for an image, by the registry's history.
public struct TagEvidence: Sendable, Hashable {
    /// The tag.
    public var name: String
    /// When it was set to the image.
    public var setAt: Timestamp
    /// Who set it.
    public var setBy: String
    /// Whether a release of this node set it.
    public var isRelease: Bool
    /// Whether it ever stood for another image.
    public var hasMoved: Bool

    /// Creates a tag.
    public init(name: String, setAt: Timestamp, setBy: String, isRelease: Bool, hasMoved: Bool) {
        self.name = name
        self.setAt = setAt
        self.setBy = setBy
        self.isRelease = isRelease
        self.hasMoved = hasMoved
    }
}
