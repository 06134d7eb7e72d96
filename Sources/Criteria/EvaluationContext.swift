// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Time

/// What matching the components of one image against a feed snapshot gave.
public struct Assessed: Sendable, Hashable {
    /// All findings, in any order.
    public var findings: [Finding]
    /// Components that no feed covers, with the reason.
    public var notAssessed: [NotAssessed]
    /// When something that the findings rest on ends by itself: a statement that expires.
    public var changesAt: [Timestamp]

    /// Creates the outcome of a match.
    public init(findings: [Finding] = [], notAssessed: [NotAssessed] = [], changesAt: [Timestamp] = []) {
        self.findings = findings
        self.notAssessed = notAssessed
        self.changesAt = changesAt
    }
}

/// Everything that a verdict depends on beside the catalogue, the image's evidence and the findings.
public struct EvaluationContext: Sendable, Hashable {
    /// Stage at which the image is judged.
    public var stage: Stage
    /// Who may see the image.
    public var visibility: Visibility
    /// Feeds of the snapshot that the findings come from.
    public var feeds: [FeedState]
    /// Id of that snapshot; nil when there is none.
    public var snapshot: String?
    /// How old the feeds may be.
    public var ageLimits: AgeLimits
    /// When distributions' releases end.
    public var releases: ReleaseCalendar
    /// The clock value of this evaluation.
    public var now: Timestamp
    /// When the components were matched against the snapshot; nil means now.
    public var matchedAt: Timestamp?
    /// The feeds are for exercise: every verdict says so.
    public var exerciseData: Bool

    /// Creates a context.
    public init(
        stage: Stage = .build,
        visibility: Visibility = .public,
        feeds: [FeedState] = [],
        snapshot: String? = nil,
        ageLimits: AgeLimits = .standard,
        releases: ReleaseCalendar = .empty,
        now: Timestamp,
        matchedAt: Timestamp? = nil,
        exerciseData: Bool = false
    ) {
        self.stage = stage
        self.visibility = visibility
        self.feeds = feeds
        self.snapshot = snapshot
        self.ageLimits = ageLimits
        self.releases = releases
        self.now = now
        self.matchedAt = matchedAt
        self.exerciseData = exerciseData
    }
}
