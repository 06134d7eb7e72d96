// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Time

/// All results for one digest under one catalogue version, feed snapshot and time.
///
/// A pure function of these: the same inputs give the same bytes. It is never a release for use; that decision is the authority's own.
public struct Verdict: Sendable, Hashable {
    /// The image that was judged.
    public struct Image: Sendable, Hashable {
        /// `sha256:…`; nil for a root file system.
        public var digest: String?
        /// `linux/amd64`; nil when the image does not say, and for an index.
        public var platform: String?

        /// Names an image.
        public init(digest: String?, platform: String?) {
            self.digest = digest
            self.platform = platform
        }
    }

    /// One component, as short as a verdict lists it.
    public struct Component: Sendable, Hashable {
        /// Ecosystem: `deb`.
        public var type: String
        /// Name of the package.
        public var name: String
        /// Version as written.
        public var version: String
        /// Text of the package URL.
        public var purl: String?
        /// purl of the component that brought it.
        public var ownedBy: String?

        /// Creates a component.
        public init(type: String, name: String, version: String, purl: String?, ownedBy: String?) {
            self.type = type
            self.name = name
            self.version = version
            self.purl = purl
            self.ownedBy = ownedBy
        }
    }

    /// One feed of the snapshot.
    public struct Feed: Sendable, Hashable {
        /// Name, such as `debian-tracker`.
        public var name: String
        /// The publisher's date.
        public var date: Timestamp
        /// Date of its newest record; nil when the format has none.
        public var newestRecord: Timestamp?
        /// Digest of its normalised records.
        public var digest: String
        /// Number of records.
        public var count: Int

        /// Creates a feed.
        public init(name: String, date: Timestamp, newestRecord: Timestamp?, digest: String, count: Int) {
            self.name = name
            self.date = date
            self.newestRecord = newestRecord
            self.digest = digest
            self.count = count
        }
    }

    /// The image that was judged.
    public var image: Image
    /// Stage at which it was judged.
    public var stage: Stage
    /// Who may see it.
    public var visibility: Visibility
    /// Declared kind, or runtime.
    public var kind: ImageKind
    /// Overall level.
    public var level: Level
    /// Level of each area.
    public var areas: [Area: Level]
    /// One result per criterion, in the order of the catalogue.
    public var criteria: [CriterionResult]
    /// Findings, worst first.
    public var findings: [Finding]
    /// Installed components, in the order of the inventory; the distribution itself stands in the SBOM.
    public var components: [Component]
    /// Components that no feed covers.
    public var notAssessed: [NotAssessed]
    /// Version of the catalogue.
    public var catalogueVersion: String
    /// Feeds of the snapshot.
    public var feeds: [Feed]
    /// Id of the snapshot; nil when there was none.
    public var snapshot: String?
    /// The feeds are for exercise.
    public var exerciseData: Bool
    /// Clock value of the evaluation.
    public var evaluatedAt: Timestamp
    /// Earliest instant at which a result can change without new input; nil when none can.
    public var validUntil: Timestamp?
    /// Signatures, signed statements and tags; nil where nobody looked for any.
    public var signed: SignedEvidence?
    /// Verdicts of the platforms of an index; nil for an image.
    public var platforms: [Verdict]?

    /// Creates a verdict of its parts.
    public init(
        image: Image,
        stage: Stage,
        visibility: Visibility,
        kind: ImageKind,
        level: Level,
        areas: [Area: Level],
        criteria: [CriterionResult],
        findings: [Finding],
        components: [Component],
        notAssessed: [NotAssessed],
        catalogueVersion: String,
        feeds: [Feed],
        snapshot: String?,
        exerciseData: Bool,
        evaluatedAt: Timestamp,
        validUntil: Timestamp?,
        signed: SignedEvidence? = nil,
        platforms: [Verdict]? = nil
    ) {
        self.image = image
        self.stage = stage
        self.visibility = visibility
        self.kind = kind
        self.level = level
        self.areas = areas
        self.criteria = criteria
        self.findings = findings
        self.components = components
        self.notAssessed = notAssessed
        self.catalogueVersion = catalogueVersion
        self.feeds = feeds
        self.snapshot = snapshot
        self.exerciseData = exerciseData
        self.evaluatedAt = evaluatedAt
        self.validUntil = validUntil
        self.signed = signed
        self.platforms = platforms
    }

    /// Level of one area.
    public func level(of area: Area) -> Level { areas[area] ?? .none }
}
