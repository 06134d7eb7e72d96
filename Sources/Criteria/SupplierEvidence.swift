// SPDX-License-Identifier: EUPL-1.2

public import OCI
public import SBOM
public import Time

/// What signed statements say about one image, as far as the trust policy of its namespace believes who signed them.
///
/// Facts only, each with the name of who signed it. What does not count stands in ``SignedEvidence/statements`` with the reason.
public struct SupplierEvidence: Sendable, Hashable {
    /// Who built it, from what.
    public var provenance: [AttestedProvenance]
    /// Bills of materials.
    public var bills: [AttestedBill]
    /// What is said about vulnerabilities.
    public var vex: [AttestedVEX]
    /// Where vulnerabilities can be reported.
    public var contacts: [VulnerabilityContact]
    /// What of it could not be read, and why; while there is any, that something is missing proves nothing.
    public var gaps: [LocalizedText]
    /// Images that provenance or annotations name, as far as this node serves them.
    public var images: [Digest: KnownImage]
    /// What is known of the projects that the source belongs to; what is missing here nobody judged, or may not be told of.
    public var projects: [SourceRevision: SourceProject]

    /// Creates a value of its parts.
    public init(
        provenance: [AttestedProvenance] = [],
        bills: [AttestedBill] = [],
        vex: [AttestedVEX] = [],
        contacts: [VulnerabilityContact] = [],
        gaps: [LocalizedText] = [],
        images: [Digest: KnownImage] = [:],
        projects: [SourceRevision: SourceProject] = [:]
    ) {
        self.provenance = provenance
        self.bills = bills
        self.vex = vex
        self.contacts = contacts
        self.gaps = gaps
        self.images = images
        self.projects = projects
    }
}

/// A kind of attestation, as criteria ask for it.
public enum AttestationKind: String, Sendable, Hashable, CaseIterable {
    /// Who built it from what.
    case provenance
    /// A bill of materials.
    case bill
    /// Words about vulnerabilities.
    case vex

    /// The kind of a predicate type, by its URI; nil for what no criterion asks for.
    ///
    /// Makers add versions to the URIs. A CycloneDX document can be either, and its content decides where it counts.
    public init?(predicateType type: String) {
        func isBelow(_ base: String) -> Bool { type == base || type.hasPrefix(base + "/") }
        if isBelow("https://slsa.dev/provenance") {
            self = .provenance
        } else if isBelow("https://cyclonedx.org/vex") || isBelow("https://openvex.dev/ns") || Self.csaf.contains(type)
        {
            self = .vex
        } else if isBelow("https://cyclonedx.org/bom") || isBelow("https://spdx.dev/Document") {
            self = .bill
        } else {
            return nil
        }
    }

    private static let csaf: Set<String> = [
        "https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json",
        "https://docs.oasis-open.org/csaf/csaf/v2.0/os/schemas/csaf_json_schema.json",
    ]
}

/// Provenance that a trusted key signed.
public struct AttestedProvenance: Sendable, Hashable {
    /// Name of the key or identity that signed.
    public var signer: String
    /// Type of the predicate: a URI.
    public var predicateType: String
    /// The builder: a URI.
    public var builder: String
    /// Kind of the build: a URI.
    public var buildType: String
    /// Highest SLSA build level that builder and signer together are believed; 0 when they are in no table.
    public var level: Int
    /// Who operates the builder, by the table.
    public var operatedBy: String?
    /// What differs from the build that the table expects, in English words; nil when it expects none in particular.
    public var unexpected: [String]?
    /// Where the source is, without what a version control system adds to it; nil when it does not say.
    public var source: String?
    /// Revision of the source.
    public var revision: String?
    /// Images that went into it.
    public var images: [ImageDependency]
    /// When a trusted log saw it.
    public var loggedAt: Timestamp?

    /// Creates a value of its parts.
    public init(
        signer: String,
        predicateType: String,
        builder: String,
        buildType: String,
        level: Int,
        operatedBy: String? = nil,
        unexpected: [String]? = nil,
        source: String? = nil,
        revision: String? = nil,
        images: [ImageDependency] = [],
        loggedAt: Timestamp? = nil
    ) {
        self.signer = signer
        self.predicateType = predicateType
        self.builder = builder
        self.buildType = buildType
        self.level = level
        self.operatedBy = operatedBy
        self.unexpected = unexpected
        self.source = source
        self.revision = revision
        self.images = images
        self.loggedAt = loggedAt
    }
}

/// An image that went into another one.
public struct ImageDependency: Sendable, Hashable {
    /// As the provenance names it: a URI.
    public var uri: String
    /// Its digest; nil when the provenance does not pin it.
    public var digest: Digest?

    /// Creates a value of its parts.
    public init(uri: String, digest: Digest?) {
        self.uri = uri
        self.digest = digest
    }
}

/// An image that this node serves, as another one is built on it.
public struct KnownImage: Sendable, Hashable {
    /// A repository that holds it.
    public var repository: String
    /// Its overall level.
    public var level: Level
    /// Whether it is still what the tag stands for by which it was taken; nil when that cannot be told.
    public var isCurrent: Bool?

    /// Creates a value of its parts.
    public init(repository: String, level: Level, isCurrent: Bool? = nil) {
        self.repository = repository
        self.level = level
        self.isCurrent = isCurrent
    }
}

/// A bill of materials that a trusted key signed.
public struct AttestedBill: Sendable, Hashable {
    /// Name of the key or identity that signed.
    public var signer: String
    /// Format and version: `CycloneDX 1.6`.
    public var format: String
    /// What judging it by TR-03183-2 came to; nil when it could not be read.
    public var conclusion: TR03183.Conclusion?
    /// Fields that must be there and are not.
    public var missing: [LocalizedText]
    /// Fields that must be there and cannot be judged.
    public var undecided: [LocalizedText]
    /// Why it could not be read, in English words.
    public var problem: String?
    /// How many components it lists.
    public var components: Int
    /// When it was made, as it says.
    public var timestamp: Timestamp?

    /// Creates a value of its parts.
    public init(
        signer: String,
        format: String,
        conclusion: TR03183.Conclusion?,
        missing: [LocalizedText] = [],
        undecided: [LocalizedText] = [],
        problem: String? = nil,
        components: Int = 0,
        timestamp: Timestamp? = nil
    ) {
        self.signer = signer
        self.format = format
        self.conclusion = conclusion
        self.missing = missing
        self.undecided = undecided
        self.problem = problem
        self.components = components
        self.timestamp = timestamp
    }
}

/// A VEX document that a trusted key signed.
public struct AttestedVEX: Sendable, Hashable {
    /// Name of the key or identity that signed.
    public var signer: String
    /// Its format, for people.
    public var format: String
    /// Its own identifier.
    public var document: String
    /// Statements that were read.
    public var statements: Int
    /// Vulnerabilities that are said not to affect, without one of the justifications that there are words for.
    public var unjustified: [String]
    /// Vulnerabilities that are said to affect, without what is to be done.
    public var actionless: [String]
    /// Parts that could not be used, each with the reason, in English words.
    public var refused: [String]
    /// Vulnerabilities whose statements are about other images.
    public var foreign: [String]
    /// When it was issued, as it says.
    public var timestamp: Timestamp?

    /// Creates a value of its parts.
    public init(
        signer: String,
        format: String,
        document: String,
        statements: Int,
        unjustified: [String] = [],
        actionless: [String] = [],
        refused: [String] = [],
        foreign: [String] = [],
        timestamp: Timestamp? = nil
    ) {
        self.signer = signer
        self.format = format
        self.document = document
        self.statements = statements
        self.unjustified = unjustified
        self.actionless = actionless
        self.refused = refused
        self.foreign = foreign
        self.timestamp = timestamp
    }
}

/// Where vulnerabilities of an image can be reported.
public struct VulnerabilityContact: Sendable, Hashable {
    /// The file: an address of a security.txt or SECURITY.md.
    public var place: String
    /// Who names it: a signer of a bill of materials, or the project's check.
    public var namedBy: String
    /// When the file was read last; nil when nobody read it.
    public var readAt: Timestamp?
    /// Until when the file holds, by its own words.
    public var expires: Timestamp?
    /// Whether the file is there; only whoever read it knows.
    public var isFound: Bool
    /// Whether it names a contact.
    public var hasContact: Bool
    /// Whether it says how reports are dealt with.
    public var hasPolicy: Bool

    /// Creates a value of its parts.
    public init(
        place: String,
        namedBy: String,
        readAt: Timestamp? = nil,
        expires: Timestamp? = nil,
        isFound: Bool = true,
        hasContact: Bool = false,
        hasPolicy: Bool = false
    ) {
        self.place = place
        self.namedBy = namedBy
        self.readAt = readAt
        self.expires = expires
        self.isFound = isFound
        self.hasContact = hasContact
        self.hasPolicy = hasPolicy
    }
}
