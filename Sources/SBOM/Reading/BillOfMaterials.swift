// SPDX-License-Identifier: EUPL-1.2

/// A bill of materials that somebody wrote, in whatever format, as one value.
///
/// It holds what the document says, word for word, and the place of each thing as a JSON pointer (RFC 6901); nothing is added, and
/// nothing is judged. Made by ``init(reading:limits:)-([UInt8],_)``.
public struct BillOfMaterials: Sendable, Hashable {
    /// Whose words the document uses.
    public enum Format: String, Sendable, Hashable, CaseIterable {
        /// CycloneDX in JSON.
        case cycloneDX = "CycloneDX"
        /// SPDX 2 in JSON, or SPDX 3 in JSON-LD.
        case spdx = "SPDX"
    }

    /// Whose words the document uses.
    public var format: Format
    /// Version of the format: `1.6`, `3.0.1`.
    public var specVersion: String
    /// `serialNumber`, `documentNamespace`, or the `spdxId` of the `software_Sbom`.
    public var identifier: String?
    /// Version of the document itself, in formats that count it.
    public var version: String?
    /// When it was made, as written.
    public var timestamp: String?
    /// Who made the document.
    public var creators: [BillParty]
    /// Names and versions of the programs that made it.
    public var tools: [String]
    /// Phases that the document says it describes: `build`, `post-build`, `deployed`.
    public var lifecycles: [String]
    /// What the document is about: `metadata.component`, or the package that it describes.
    public var subject: BillEntry?
    /// The components in the order of the document, nested ones after the one that holds them; the subject is not among them.
    public var entries: [BillEntry]
    /// Who needs or holds whom.
    public var dependencies: [BillDependency]
    /// How complete which lists are.
    public var compositions: [BillComposition]
    /// Places of statements about vulnerabilities; the first ``maximumPlaces`` of them.
    public var vulnerabilities: [String]
    /// How many statements about vulnerabilities there are.
    public var vulnerabilityCount: Int
    /// True where the document carries a signature; it is not verified.
    public var isSigned: Bool
    /// How many files the document lists beside its components; they are counted, not read.
    public var fileCount: Int

    /// Places that a list of them names at most.
    public static let maximumPlaces = 20

    init(format: Format, specVersion: String) {
        self.format = format
        self.specVersion = specVersion
        creators = []
        tools = []
        lifecycles = []
        entries = []
        dependencies = []
        compositions = []
        vulnerabilities = []
        vulnerabilityCount = 0
        isSigned = false
        fileCount = 0
    }

    /// What can be matched against advisories, in the order of the document; the subject is not among them.
    public var components: [Component] { entries.compactMap(\.component) }
}
