// SPDX-License-Identifier: EUPL-1.2

public import Attestations
internal import OCI
public import Time

/// Whose signatures count in a namespace, and what else must be true of them.
///
/// A namespace without these rules trusts nobody: signatures are shown there, and none of them decides anything.
public struct TrustRules: Sendable, Hashable {
    /// Who publishes, each with the keys that count as its own.
    public var publishers: [TrustedPublisher]
    /// Logs whose word on times is believed, beside the node's own.
    public var logs: [TrustedLogRule]
    /// Keys that must have signed an image, each with a signature that counts.
    public var threshold: Int
    /// What a log must have seen of every signature.
    public var log: LogDemand
    /// The builder trust table: whose provenance says how much.
    public var builders: [TrustedBuilder]

    /// Makes rules.
    public init(
        publishers: [TrustedPublisher] = [],
        logs: [TrustedLogRule] = [],
        threshold: Int = 1,
        log: LogDemand = .none,
        builders: [TrustedBuilder] = []
    ) {
        self.publishers = publishers
        self.logs = logs
        self.threshold = threshold
        self.log = log
        self.builders = builders
    }

    /// What a log must have seen, by its word in policies.
    public enum LogDemand: String, Sendable, Hashable, CaseIterable {
        /// Nothing; times are then the signer's word.
        case none
        /// A promise of a trusted log.
        case promise
        /// A promise, and a proof that it was kept.
        case inclusion
    }

    /// Every key with its publisher.
    public var keys: [(publisher: TrustedPublisher, key: TrustedKeyRule)] {
        publishers.flatMap { publisher in publisher.keys.map { (publisher, $0) } }
    }

    /// Every rule on certificates with its publisher.
    public var certificates: [(publisher: TrustedPublisher, rule: TrustedCertificateRule)] {
        publishers.flatMap { publisher in publisher.certificates.map { (publisher, $0) } }
    }

    /// Whether signers count in some repositories of the namespace only; true for those that the rules do not know.
    ///
    /// - Parameter fingerprint: of the key or the rule on certificates, as it stands in reports.
    public func isLimited(_ fingerprint: String) -> Bool {
        let key = keys.first { $0.key.material.fingerprint == fingerprint }?.key.repositories
        let certificate = certificates.first { $0.rule.fingerprint == fingerprint }?.rule.repositories
        return (key ?? certificate).map { !$0.isEmpty } ?? true
    }

    /// Bounds beside those of ``ContentPolicy/Limits``.
    public enum Limits {
        /// Keys of all publishers together.
        public static let keys = 100
        /// Rules on certificates of all publishers together; each may cost a chain for every signature.
        public static let certificates = 16
        /// Bytes of a name.
        public static let nameBytes = 200
        /// Keys that must have signed.
        public static let threshold: ClosedRange<Int64> = 1...16
        /// Kinds of statements, or names of images, of one key.
        public static let entries = 32
    }
}

/// Somebody who publishes images.
public struct TrustedPublisher: Sendable, Hashable {
    /// Name of the organisation, as `org.opencontainers.image.vendor` gives it.
    public var name: String
    /// Where it takes reports; nil where that is not known.
    public var contact: String?
    /// Whether what this node releases counts as signed by it; at most one publisher.
    public var countsNode: Bool
    /// Its keys.
    public var keys: [TrustedKeyRule]
    /// Certificates that count as its own.
    public var certificates: [TrustedCertificateRule]

    /// Makes a publisher.
    public init(
        name: String,
        contact: String? = nil,
        countsNode: Bool = false,
        keys: [TrustedKeyRule] = [],
        certificates: [TrustedCertificateRule] = []
    ) {
        self.name = name
        self.contact = contact
        self.countsNode = countsNode
        self.keys = keys
        self.certificates = certificates
    }
}

/// A key that signatures are believed of.
public struct TrustedKeyRule: Sendable, Hashable {
    /// The key itself.
    public enum Material: Sendable, Hashable {
        /// Of cosign's signatures, envelopes and bundles.
        case key(PublicKey)
        /// Of OpenPGP messages, with its certified block.
        case openPGP(OpenPGPPublicKey, block: String)

        /// What identifies it: `sha256:…` of the key, or the 40 digits of OpenPGP.
        public var fingerprint: String {
            switch self {
            case .key(let key): key.fingerprint.description
            case .openPGP(let key, _): key.fingerprintText
            }
        }
    }

    /// What people call the key.
    public var name: String
    /// The key itself.
    public var material: Material
    /// What it may sign: ``image`` or a predicate type.
    public var signs: [String]
    /// Repositories that it may sign for, by their whole name; all of the namespace when empty.
    public var repositories: [Glob]
    /// Other names under which its signatures may know the image: repositories with their registry, and all below them.
    public var signedAs: [String]
    /// From when it counts; nil: always.
    public var validFrom: Timestamp?
    /// Until when it counts; nil while it is in use.
    public var validUntil: Timestamp?
    /// From when nothing that it signs counts; what a log saw before still does.
    public var revokedFrom: Timestamp?

    /// The word for signatures of images.
    public static let image = "image"

    /// Makes a rule.
    public init(
        name: String,
        material: Material,
        signs: [String] = [TrustedKeyRule.image],
        repositories: [Glob] = [],
        signedAs: [String] = [],
        validFrom: Timestamp? = nil,
        validUntil: Timestamp? = nil,
        revokedFrom: Timestamp? = nil
    ) {
        self.name = name
        self.material = material
        self.signs = signs
        self.repositories = repositories
        self.signedAs = signedAs
        self.validFrom = validFrom
        self.validUntil = validUntil
        self.revokedFrom = revokedFrom
    }
}

/// A log whose word on times is believed.
public struct TrustedLogRule: Sendable, Hashable {
    /// What people call the log.
    public var name: String
    /// The key of its promises.
    public var key: PublicKey
    /// From when its promises count; nil: always.
    public var validFrom: Timestamp?
    /// Until when; nil while it is in use.
    public var validUntil: Timestamp?

    /// Makes a rule.
    public init(name: String, key: PublicKey, validFrom: Timestamp? = nil, validUntil: Timestamp? = nil) {
        self.name = name
        self.key = key
        self.validFrom = validFrom
        self.validUntil = validUntil
    }
}

extension TrustRules {
    /// The same for those who verify: whom to believe what, in one repository.
    ///
    /// - Parameters:
    ///   - repository: whole name of the repository; keys of others are left out.
    ///   - verifiesInclusion: proves that an entry is in the tree of a log.
    public func policy(
        for repository: String,
        verifiesInclusion: (@Sendable (BundleLogEntry, TrustedLog) -> Bool)? = nil
    ) -> TrustPolicy {
        var policy = TrustPolicy(
            logs: logs.map { log in
                TrustedLog(
                    key: log.key,
                    name: log.name,
                    validFrom: log.validFrom ?? Self.always,
                    validUntil: log.validUntil
                )
            },
            logRequirement: log.requirement,
            threshold: threshold,
            verifiesInclusion: verifiesInclusion
        )
        for (publisher, rule) in keys where rule.repositories.isEmpty || rule.repositories.match(repository) {
            let terms = KeyTerms(
                name: rule.name,
                publisher: publisher.name,
                claims: Set(rule.signs.map { $0 == TrustedKeyRule.image ? .imageSignature : .predicate($0) }),
                aliases: rule.signedAs,
                validFrom: rule.validFrom ?? Self.always,
                validUntil: rule.validUntil,
                revokedFrom: rule.revokedFrom
            )
            switch rule.material {
            case .key(let key): policy.keys.append(TrustedKey(key, terms))
            case .openPGP(let key, _): policy.openPGPKeys.append(TrustedOpenPGPKey(key, terms))
            }
        }
        for (publisher, rule) in certificates
        where rule.repositories.isEmpty || rule.repositories.match(repository) {
            policy.authorities.append(rule.authority(of: publisher.name))
        }
        return policy
    }

    private static let always = Timestamp(seconds: 0)
}

extension TrustRules.LogDemand {
    fileprivate var requirement: TrustPolicy.LogRequirement {
        switch self {
        case .none: .none
        case .promise: .promise
        case .inclusion: .inclusion
        }
    }
}
