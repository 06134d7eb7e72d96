// SPDX-License-Identifier: EUPL-1.2

public import JSON

/// One vulnerability in one component of one image, with what it rests on.
public struct Finding: Sendable, Hashable {
    /// Identifier: `CVE-2024-1234`.
    public var id: String
    /// Other identifiers of the same vulnerability.
    public var aliases: [String]
    /// Name of the component.
    public var componentName: String
    /// Version of the component.
    public var componentVersion: String
    /// Text of the component's purl.
    public var componentPURL: String?
    /// What it means for the image.
    public var status: FindingStatus
    /// The first version that has the fix; of the source package where the feed speaks of those.
    public var fixedIn: String?
    /// How bad it is.
    public var severity: Severity
    /// Who says how bad it is; nil when nobody has rated it.
    public var severitySource: String?
    /// What every source says about how bad it is; the first that is not `unknown` counts.
    public var ratings: [FindingRating]
    /// The entry in the catalogue of exploited vulnerabilities.
    public var kev: KEVEntry?
    /// The probability of exploitation.
    public var epss: EPSSScore?
    /// 0 to 100; see ``Risk``.
    public var risk: Double
    /// How ``risk`` came about, as a formula.
    public var riskExplanation: String
    /// What the finding rests on.
    public var evidence: FindingEvidence
    /// Somebody's word that changed the status; nil where nobody said anything that counts.
    public var statement: FindingStatement?

    /// Makes a finding.
    public init(
        id: String,
        aliases: [String] = [],
        componentName: String,
        componentVersion: String,
        componentPURL: String? = nil,
        status: FindingStatus,
        fixedIn: String? = nil,
        severity: Severity = .unknown,
        severitySource: String? = nil,
        ratings: [FindingRating] = [],
        kev: KEVEntry? = nil,
        epss: EPSSScore? = nil,
        risk: Double = 0,
        riskExplanation: String = "",
        evidence: FindingEvidence,
        statement: FindingStatement? = nil
    ) {
        self.id = id
        self.aliases = aliases
        self.componentName = componentName
        self.componentVersion = componentVersion
        self.componentPURL = componentPURL
        self.status = status
        self.fixedIn = fixedIn
        self.severity = severity
        self.severitySource = severitySource
        self.ratings = ratings
        self.kev = kev
        self.epss = epss
        self.risk = risk
        self.riskExplanation = riskExplanation
        self.evidence = evidence
        self.statement = statement
    }
}

/// Which record, which rule and which source package a finding rests on.
public struct FindingEvidence: Sendable, Hashable {
    /// The feed: `debian`.
    public var feed: String
    /// The record in it: `openssl CVE-2024-1234 bookworm`.
    public var record: String
    /// The comparison: `deb source version 3.0.11-1 < 3.0.17-1`.
    public var rule: String
    /// Name of the source package; findings of one source can be shown as one.
    public var sourceName: String
    /// Version of the source package.
    public var sourceVersion: String

    /// Makes evidence.
    public init(feed: String, record: String, rule: String, sourceName: String, sourceVersion: String) {
        self.feed = feed
        self.record = record
        self.rule = rule
        self.sourceName = sourceName
        self.sourceVersion = sourceVersion
    }

    /// Reads what ``json`` writes.
    public init(json: JSONFields) throws(JSONShapeError) {
        feed = try json.string("feed")
        record = try json.string("record")
        rule = try json.string("rule")
        sourceName = try json.string("sourceName")
        sourceVersion = try json.string("sourceVersion")
    }

    /// The evidence as an object.
    public var json: JSONValue {
        [
            "feed": .string(feed),
            "record": .string(record),
            "rule": .string(rule),
            "sourceName": .string(sourceName),
            "sourceVersion": .string(sourceVersion),
        ]
    }
}
