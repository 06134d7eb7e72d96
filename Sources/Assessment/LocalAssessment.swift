// SPDX-License-Identifier: EUPL-1.2

public import Criteria
public import ImageSources
public import Inventory
public import JSON
public import SBOM
public import Time
public import Vulnerabilities

/// The same way from image to verdict for one image that is at hand, without a node or a database.
public struct LocalAssessment: Sendable {
    /// What one image came to.
    public struct Result: Sendable {
        /// The verdict.
        public let verdict: Verdict
        /// What the analyser saw.
        public let evidence: ImageEvidence
        /// The image's name as it was given, for an SBOM.
        public let name: String
        /// The tag that was asked for.
        public let tag: String?
    }

    /// Looks at the image.
    public var analyse: AssessmentService.Analysis
    /// The advisories; nil when there are none.
    public var snapshot: AdvisorySnapshot?
    /// The rules.
    public var catalogue: Catalogue
    /// Limits, stage and visibility.
    public var settings: AssessmentSettings
    /// The time that verdicts are computed for.
    public var clock: WallClock

    /// Composes an assessment around the confined child.
    public init(
        analyser: Analyser,
        snapshot: AdvisorySnapshot?,
        catalogue: Catalogue,
        settings: AssessmentSettings = AssessmentSettings(),
        clock: WallClock = .system
    ) {
        self.init(
            analyse: { try await analyser.analyse($0) },
            snapshot: snapshot,
            catalogue: catalogue,
            settings: settings,
            clock: clock
        )
    }

    /// Composes an assessment around any way of looking at an image.
    public init(
        analyse: @escaping AssessmentService.Analysis,
        snapshot: AdvisorySnapshot?,
        catalogue: Catalogue,
        settings: AssessmentSettings = AssessmentSettings(),
        clock: WallClock = .system
    ) {
        self.analyse = analyse
        self.snapshot = snapshot
        self.catalogue = catalogue
        self.settings = settings
        self.clock = clock
    }

    /// Assesses an opened image.
    ///
    /// - Throws: what the analyser throws: here a person waits, and is told instead of given a verdict of unknowns.
    public func assess(_ image: OpenedImage) async throws -> Result {
        let evidence = try await analyse(AnalyserInput(image))
        return Result(verdict: try await verdict(of: evidence), evidence: evidence, name: image.name, tag: image.tag)
    }

    /// Opens and assesses the image at a location.
    ///
    /// - Parameters:
    ///   - location: where it is, as a person wrote it.
    ///   - opener: platform, credentials and progress.
    public func assess(_ location: ImageLocation, opener: ImageOpener = ImageOpener()) async throws -> Result {
        try await assess(try await opener.open(location))
    }

    /// The verdict that evidence leads to under the settings: the pure part.
    public func verdict(of evidence: ImageEvidence) async throws -> Verdict {
        let assessed = try await snapshot?.assess(evidence.components) ?? .withoutFeeds(evidence.components)
        return Evaluation.verdict(
            catalogue: catalogue,
            evidence: evidence,
            assessed: assessed,
            context: EvaluationContext(
                stage: settings.stage,
                visibility: settings.visibility,
                feeds: snapshot?.feeds ?? [],
                snapshot: snapshot?.id,
                ageLimits: settings.ageLimits,
                releases: settings.releases,
                now: clock.now(),
                exerciseData: settings.exerciseData
            )
        )
    }

    /// The SBOM of an image that was assessed, or only analysed.
    public static func sbom(
        name: String,
        tag: String?,
        evidence: ImageEvidence,
        version: String,
        timestamp: Timestamp,
        creator: SBOMCreator? = nil
    ) -> JSONValue {
        CycloneDX.document(
            subject: .image(name: name, digest: evidence.digest, evidence: evidence, tag: tag),
            components: evidence.components,
            tool: version,
            timestamp: timestamp,
            creator: creator
        )
    }
}
