// SPDX-License-Identifier: EUPL-1.2

public import OCI
public import Time

/// What a signature may say.
public enum Claim: Sendable, Hashable, CustomStringConvertible {
    /// That an image goes by a name: simple signing, or a statement of ``PredicateType/cosignSignature``.
    case imageSignature
    /// A statement with a predicate of this type.
    case predicate(String)
    /// That a file is as its signer left it.
    case file

    /// A word for logs: `imageSignature`, `file`, or the predicate type.
    public var description: String {
        switch self {
        case .imageSignature: "imageSignature"
        case .predicate(let type): type
        case .file: "file"
        }
    }
}

/// When and for what a key counts.
public struct KeyTerms: Sendable, Hashable {
    /// What people call the key.
    public var name: String
    /// Whose key it is; nil where nobody says.
    public var publisher: String?
    /// What it may say.
    ///
    /// A key for verdicts that could also sign images would turn every verdict into a release.
    public var claims: Set<Claim>
    /// Where it may say it: `registry.example/gov` covers `registry.example/gov/app`, and not `registry.example/government`; nil for everywhere.
    public var scopes: [String]?
    /// Other names under which its signatures may know an image: repositories with their registry, and all below them.
    ///
    /// What was signed elsewhere and copied here keeps the name that it was signed under.
    public var aliases: [String]
    /// From when.
    public var validFrom: Timestamp
    /// Until when; nil while it is in use.
    public var validUntil: Timestamp?
    /// From when nothing that it signs counts any more; what a log saw before still does.
    public var revokedFrom: Timestamp?

    /// Makes terms.
    public init(
        name: String,
        publisher: String? = nil,
        claims: Set<Claim>,
        scopes: [String]? = nil,
        aliases: [String] = [],
        validFrom: Timestamp,
        validUntil: Timestamp? = nil,
        revokedFrom: Timestamp? = nil
    ) {
        self.name = name
        self.publisher = publisher
        self.claims = claims
        self.scopes = scopes
        self.aliases = aliases
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.revokedFrom = revokedFrom
    }

    /// Whether signatures of the key may call an image of a repository by this name of one.
    func allows(_ name: String, for repository: String) -> Bool {
        name == repository || aliases.contains { name == $0 || name.hasPrefix($0 + "/") }
    }

    /// Whether a name of a repository, with its registry, lies in the scope.
    func covers(_ repository: String) -> Bool {
        scopes.map { $0.contains { repository == $0 || repository.hasPrefix($0 + "/") } } ?? true
    }
}

/// A key that signatures are believed of.
public struct TrustedKey: Sendable, Hashable {
    /// The key.
    public var key: PublicKey
    /// When and for what it counts.
    public var terms: KeyTerms

    /// Makes a trusted key.
    public init(_ key: PublicKey, _ terms: KeyTerms) {
        self.key = key
        self.terms = terms
    }
}

/// An OpenPGP key that image signatures are believed of.
public struct TrustedOpenPGPKey: Sendable, Hashable {
    /// The key.
    public var key: OpenPGPPublicKey
    /// When and for what it counts.
    public var terms: KeyTerms

    /// Makes a trusted key.
    public init(_ key: OpenPGPPublicKey, _ terms: KeyTerms) {
        self.key = key
        self.terms = terms
    }
}

/// A log whose word about times is believed.
public struct TrustedLog: Sendable, Hashable {
    /// The key that signs its promises.
    public var key: PublicKey
    /// What people call it.
    public var name: String
    /// From when its promises count.
    public var validFrom: Timestamp
    /// Until when; nil while it is in use.
    public var validUntil: Timestamp?

    /// Makes a trusted log.
    public init(key: PublicKey, name: String, validFrom: Timestamp, validUntil: Timestamp? = nil) {
        self.key = key
        self.name = name
        self.validFrom = validFrom
        self.validUntil = validUntil
    }
}

/// Whom to believe what.
public struct TrustPolicy: Sendable {
    /// What a log must have seen.
    public enum LogRequirement: Sendable, Hashable {
        /// Nothing; times are then the signer's word, and a key that ended ends all that it signed.
        case none
        /// A promise of a trusted log.
        case promise
        /// A promise, and a proof that it was kept; see ``TrustPolicy/verifiesInclusion``.
        case inclusion
    }

    /// Keys of signatures, envelopes and bundles; each once, because the first that fits decides.
    public var keys: [TrustedKey]
    /// Keys of OpenPGP messages.
    public var openPGPKeys: [TrustedOpenPGPKey]
    /// Whose certificates count, for whom; asked where no key of ``keys`` signed.
    public var authorities: [TrustedAuthority]
    /// Logs.
    public var logs: [TrustedLog]
    /// What a log must have seen; OpenPGP messages are in no log, so with a requirement none of them counts.
    public var logRequirement: LogRequirement
    /// Whether a statement must name the image's repository; otherwise one that names no image at all counts by its digest alone.
    public var requiresSubjectName: Bool
    /// Keys that must have signed an image, each with a signature that is accepted; see ``isSatisfied(by:)``.
    public var threshold: Int
    /// Proves that an entry is in the tree of a log: the work of the room that knows trees.
    ///
    /// Without it no inclusion is assessed.
    public var verifiesInclusion: (@Sendable (BundleLogEntry, TrustedLog) -> Bool)?

    /// Makes a policy.
    public init(
        keys: [TrustedKey] = [],
        openPGPKeys: [TrustedOpenPGPKey] = [],
        authorities: [TrustedAuthority] = [],
        logs: [TrustedLog] = [],
        logRequirement: LogRequirement,
        requiresSubjectName: Bool = true,
        threshold: Int = 1,
        verifiesInclusion: (@Sendable (BundleLogEntry, TrustedLog) -> Bool)? = nil
    ) {
        self.keys = keys
        self.openPGPKeys = openPGPKeys
        self.authorities = authorities
        self.logs = logs
        self.logRequirement = logRequirement
        self.requiresSubjectName = requiresSubjectName
        self.threshold = threshold
        self.verifiesInclusion = verifiesInclusion
    }
}

extension TrustPolicy {
    /// Whether enough different keys signed an image; two signatures of one key are one word.
    public func isSatisfied(by report: VerificationReport) -> Bool {
        Set(report.accepted(.imageSignature).compactMap(\.fingerprint)).count >= max(1, threshold)
    }
}

/// The image that signatures are looked at for.
public struct VerificationSubject: Sendable, Hashable {
    /// Digest of the manifest.
    public var digest: Digest
    /// Registry and repository: `registry.example/gov/app`.
    public var repository: String
    /// The tag by which it was asked for; nil when it was the digest.
    public var tag: Tag?

    /// Makes a subject.
    public init(digest: Digest, registry: String, repository: RepositoryName, tag: Tag? = nil) {
        self.digest = digest
        self.repository = registry + "/" + repository.text
        self.tag = tag
    }
}
