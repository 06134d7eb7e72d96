// SPDX-License-Identifier: EUPL-1.2

public import Criteria
import JSON
import OCI
public import SBOM
import Time

/// What a node decides about its assessments; part of what a verdict rests on.
public struct AssessmentSettings: Sendable {
    /// How old the feeds may be.
    public var ageLimits: AgeLimits
    /// The feeds are for exercise: every verdict says so.
    public var exerciseData: Bool
    /// When distributions' releases end.
    public var releases: ReleaseCalendar
    /// Who may see the images.
    public var visibility: Visibility
    /// The stage at which pushed images are judged.
    public var stage: Stage
    /// Version of this program, named in SBOMs.
    public var version: String
    /// Who runs the node, named in SBOMs; nil where nobody said.
    public var creator: SBOMCreator?
    /// Whether each verdict queues ``AssessmentService/attestationJob``: somebody signs what the node says.
    ///
    /// Asked anew each time: a signer comes and goes.
    public var attests: @Sendable () -> Bool = { false }
    /// Hosts that this node is, or stands in for; nil takes every name of a base for one of its own.
    public var authorities: (@Sendable () throws -> [String])?
    /// How many crashes of the analyser an image gets before its verdict says so.
    public var maximumAttempts = 3
    /// How many images of one index are judged together; an index with more says so in its verdict.
    public var maximumPlatforms = 64

    /// Creates settings; what is not given is the careful default.
    public init(
        ageLimits: AgeLimits = .standard,
        exerciseData: Bool = false,
        releases: ReleaseCalendar = .empty,
        visibility: Visibility = .public,
        stage: Stage = .build,
        version: String = "0.1.0",
        creator: SBOMCreator? = nil
    ) {
        self.ageLimits = ageLimits
        self.exerciseData = exerciseData
        self.releases = releases
        self.visibility = visibility
        self.stage = stage
        self.version = version
        self.creator = creator
    }

    /// A digest over everything but image and advisories that verdicts rest on: another one makes the stored ones outdated.
    func rules(of catalogue: Catalogue) -> Digest {
        let byName = ageLimits.byName.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.components.seconds)" }
        let calendar = releases.releases.map { release in
            let dates = [release.released, release.end, release.longTermEnd].map {
                $0.map { "\($0.microseconds)" } ?? ""
            }
            return "\(release.distribution) \(release.version) \(release.series) \(dates.joined(separator: " "))"
        }
        let parts = [
            catalogue.version, Digest.sha256(Catalogue.embeddedYAML).description,
            "\(ageLimits.distribution.components.seconds)",
            "\(ageLimits.exploited.components.seconds)", "\(ageLimits.other.components.seconds)",
            byName.joined(separator: ","), "\(exerciseData)", visibility.rawValue, stage.rawValue, version,
            calendar.joined(separator: "\n"),
            // Whose sources were not kept is judged once more.
            "sources",
        ]
        return Digest.sha256(JSONValue.array(parts.map { .string($0) }).bytes(.rfc8785))
    }
}
