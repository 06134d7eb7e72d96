// SPDX-License-Identifier: EUPL-1.2

public import SBOM
public import Time

/// A revision of a source, as provenance or an image names it.
public struct SourceRevision: Sendable, Hashable {
    /// Where the source is, in the form of `SourceAddress.bare`.
    public var source: String
    /// The revision; nil where nobody names one.
    public var revision: String?

    /// Creates a value of its parts.
    public init(source: String, revision: String?) {
        self.source = source
        self.revision = revision
    }

    /// The same by an address as tools write it: `git+https://forge.example/team/app.git@refs/tags/1.0`.
    public init(written source: String, revision: String?) {
        self.init(source: SourceAddress.bare(source), revision: revision)
    }
}

/// What is known of a source project, for images that are built from a revision of it.
public struct SourceProject: Sendable, Hashable {
    /// Its level in security, as far as it is proven.
    public var security: Level
    /// The highest level in security that nothing which was seen speaks against.
    public var atMost: Level
    /// When it was judged so: read whole, for the last time.
    public var judgedAt: Timestamp
    /// Whether the revision lies on a branch or tag that is protected; nil when that is not known.
    public var isProtected: Bool?
    /// Why that is not known.
    public var gap: LocalizedText?
    /// The file that says where vulnerabilities are reported; nil when it could not be read.
    public var contact: VulnerabilityContact?

    /// Creates a value of its parts; without a highest level the proven one is it.
    public init(
        security: Level,
        atMost: Level? = nil,
        judgedAt: Timestamp,
        isProtected: Bool?,
        gap: LocalizedText? = nil,
        contact: VulnerabilityContact? = nil
    ) {
        self.security = security
        self.atMost = max(security, atMost ?? security)
        self.judgedAt = judgedAt
        self.isProtected = isProtected
        self.gap = gap
        self.contact = contact
    }
}

extension SupplierEvidence {
    /// Sources of one image that are looked for among projects.
    public static let maximumSources = 16

    /// The revisions of sources that an image comes from: those that provenance attests, else the one that the image declares.
    public func sources(of evidence: ImageEvidence) -> [SourceRevision] {
        let attested = provenance.compactMap { build in
            build.source.map { SourceRevision(written: $0, revision: build.revision) }
        }
        if !attested.isEmpty { return Array(attested.distinct.prefix(Self.maximumSources)) }
        guard case .value(let source, _) = evidence.metadata(Keys.source) else { return [] }
        guard case .value(let revision, _) = evidence.metadata(Keys.revision) else {
            return [SourceRevision(written: source, revision: nil)]
        }
        return [SourceRevision(written: source, revision: revision)]
    }

    /// All places where vulnerabilities can be reported: those that bills name, and the files of projects that were read.
    var allContacts: [VulnerabilityContact] {
        contacts + projects.values.compactMap(\.contact).distinct.sorted { $0.place < $1.place }
    }
}
