// SPDX-License-Identifier: EUPL-1.2

internal import Attestations
public import OCI
public import Time

/// What kind of attestation is asked for.
public enum AttestationKind: Sendable, Hashable {
    /// Where and how it was built.
    case provenance
    /// A bill of materials, whatever its format.
    case bill
    /// A verdict that passed.
    case verdict
    /// A scan for vulnerabilities.
    case scan
    /// An assessment of vulnerabilities.
    case vex
    /// Results of tests or criteria.
    case testResult
    /// Exactly this type.
    case type(String)

    /// Words for the command line, and a URI for any other type.
    public init?(_ text: String) {
        switch text {
        case "provenance": self = .provenance
        case "sbom": self = .bill
        case "verdict": self = .verdict
        case "scan": self = .scan
        case "vex": self = .vex
        case "test-result": self = .testResult
        default:
            guard text.contains("://"), text.utf8.count <= 1_024, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else {
                return nil
            }
            self = .type(text)
        }
    }

    /// The words that ``init(_:)`` knows.
    public static let words = ["provenance", "sbom", "verdict", "scan", "vex", "test-result"]

    /// The word, or the type.
    public var name: String {
        switch self {
        case .provenance: "provenance"
        case .bill: "sbom"
        case .verdict: "verdict"
        case .scan: "scan"
        case .vex: "vex"
        case .testResult: "test-result"
        case .type(let type): type
        }
    }

    /// Whether a type of statements is of this kind.
    func covers(_ type: String) -> Bool {
        switch self {
        case .provenance: type == PredicateType.provenance || type == PredicateType.provenanceV0_2
        case .bill: PredicateType.billKind(type) != nil
        case .verdict: type == PredicateType.verificationSummary
        case .scan: type.hasPrefix("https://in-toto.io/attestation/vulns/")
        case .vex: type.hasPrefix("https://openvex.dev/ns") || type.hasPrefix("https://cyclonedx.org/vex")
        case .testResult: type.hasPrefix("https://in-toto.io/attestation/test-result/")
        case .type(let wanted): type == wanted
        }
    }
}

/// A key of a publisher, from a file.
public struct PublisherKey: Sendable, Hashable {
    enum Material: Sendable, Hashable {
        case plain(PublicKey)
        case openPGP([OpenPGPPublicKey])
        case certificates(PublisherCertificates)
    }

    /// Longest file that is read, in bytes.
    public static let maximumBytes = AttestationLimits.keyBytes
    /// The file, as a person named it.
    public let name: String
    let material: Material

    init(_ name: String, _ material: Material) {
        self.name = name
        self.material = material
    }

    /// Reads a public key in PEM, or an armoured OpenPGP block.
    public init(_ text: String, name: String) throws {
        self.name = name
        material =
            text.contains("BEGIN PGP PUBLIC KEY BLOCK")
            ? .openPGP(try OpenPGPPublicKey.keys(armored: text)) : .plain(try PublicKey(pem: text))
    }
}

/// What is demanded of an image.
public struct TrustDemands: Sendable {
    /// What the node's log must show.
    public enum Log: String, Sendable, Hashable, CaseIterable {
        /// That it holds the signature.
        case inclusion
        /// That it promised to.
        case promise
        /// Nothing: images of internal namespaces are in no log.
        case none
    }

    /// The node's keys; nil when only publishers' keys count.
    public var root: TrustRoot?
    /// Publishers' keys; each must have signed the image.
    public var publishers: [PublisherKey]
    /// What the log must show.
    public var log: Log
    /// Forms of which one signature must be accepted.
    public var forms: [AttachedForm]
    /// Attestations that must be there.
    public var attestations: [AttestationKind]
    /// The image of an index that is meant; nil for all.
    public var platform: Platform?
    /// What time it is.
    public var now: Timestamp

    /// Makes demands.
    public init(
        root: TrustRoot?,
        publishers: [PublisherKey] = [],
        log: Log = .inclusion,
        forms: [AttachedForm] = [],
        attestations: [AttestationKind] = [],
        platform: Platform? = nil,
        now: Timestamp
    ) {
        self.root = root
        self.publishers = publishers
        self.log = log
        self.forms = forms
        self.attestations = attestations
        self.platform = platform
        self.now = now
    }
}
