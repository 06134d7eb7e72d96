// SPDX-License-Identifier: EUPL-1.2

public import SBOM
public import Time

/// A format in which VEX statements come.
public enum VEXFormat: String, Sendable, Hashable, CaseIterable {
    /// OpenVEX.
    case openVEX = "openvex"
    /// CSAF with the profile `csaf_vex`.
    case csaf
    /// CycloneDX with analyses of vulnerabilities.
    case cycloneDX = "cyclonedx"

    /// Its name for a person.
    public var title: String {
        switch self {
        case .openVEX: "OpenVEX"
        case .csaf: "CSAF VEX"
        case .cycloneDX: "CycloneDX VEX"
        }
    }
}

/// A VEX document, whatever its format.
///
/// The author is what the document claims; whether to believe it is for a signature to say.
public struct VEXDocument: Sendable, Hashable {
    /// The format that it was read from.
    public var format: VEXFormat
    /// `@id`, `tracking.id` or `serialNumber`; empty for a CycloneDX document without one.
    public var id: String
    /// The namespace within which a CSAF document's ``id`` is unique.
    public var namespace: String?
    /// Who says it.
    public var author: String
    /// In which role.
    public var role: String?
    /// The document's version, as written.
    public var version: String?
    /// When it was issued; of a CSAF document the current release.
    public var timestamp: Timestamp?
    /// What it says.
    public var statements: [VEXStatement]
    /// What of it is not used and why, in the order of the document; at most ``VEXLimits/refusals``.
    public var refused: [VEXRefusal]
    /// How many parts are not used, also beyond ``refused``.
    public var refusedCount: Int

    /// Makes a document.
    public init(
        format: VEXFormat,
        id: String,
        namespace: String? = nil,
        author: String,
        role: String? = nil,
        version: String? = nil,
        timestamp: Timestamp? = nil,
        statements: [VEXStatement],
        refused: [VEXRefusal] = [],
        refusedCount: Int? = nil
    ) {
        self.format = format
        self.id = id
        self.namespace = namespace
        self.author = author
        self.role = role
        self.version = version
        self.timestamp = timestamp
        self.statements = statements
        self.refused = refused
        self.refusedCount = refusedCount ?? refused.count
    }
}

/// A part of a VEX document that is not used; the rest is.
public struct VEXRefusal: Sendable, Hashable {
    /// Where: `$.statements[3]`.
    public let place: String
    /// Why, and what its publisher would have to change.
    public let reason: LocalizedText

    /// Makes a refusal.
    public init(place: String, reason: LocalizedText) {
        self.place = place
        self.reason = reason
    }
}

/// Bounds within which a VEX document is read; each is several times what large publishers write.
public struct VEXLimits: Sendable {
    /// Bytes of the document.
    public var bytes = 32 << 20
    /// Levels of arrays and objects.
    public var depth = 64
    /// Values of the document.
    public var values = 2_000_000
    /// Statements.
    public var statements = 100_000
    /// Products and subcomponents of all statements together, counted as often as one is referred to.
    public var products = 1_000_000
    /// Refusals that are kept.
    public var refusals = 1000
    /// Bytes of an identifier.
    public var nameBytes = 1024
    /// Bytes of a text that are kept.
    public var textBytes = 8000

    /// The default bounds.
    public init() {}
}
