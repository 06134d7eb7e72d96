// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// One fact that a result rests on.
public struct CriterionEvidence: Sendable, Hashable {
    /// What was looked at.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case digest, configuration, annotation, label, history, file, component, finding, feed, inventory, calendar,
            signature, tag, attestation
    }

    /// How far the fact can be trusted.
    public enum Strength: String, Sendable, Hashable, CaseIterable {
        /// Signed or recomputed.
        case proven
        /// The node looked.
        case observed
        /// The publisher says so.
        case declared
    }

    /// What was looked at.
    public var kind: Kind
    /// How far the fact can be trusted.
    public var strength: Strength
    /// The fact as it was found, in the words of the file or format; the same in every language.
    public var text: String
    /// Path in the image, without a leading slash; nil when it is not about a file.
    public var path: String?
    /// Index of the layer, counted from the base; nil when unknown or not about a layer.
    public var layer: Int?

    /// Creates a fact.
    public init(kind: Kind, strength: Strength, text: String, path: String? = nil, layer: Int? = nil) {
        self.kind = kind
        self.strength = strength
        self.text = text
        self.path = path
        self.layer = layer
    }
}

/// What came out for one criterion of the catalogue, with reasons.
public struct CriterionResult: Sendable, Hashable {
    /// Id of the criterion, such as `IMG-SEC-10`.
    public var id: String
    /// Area of the criterion.
    public var area: Area
    /// Level from which on the criterion is asked for.
    public var level: Level
    /// Stage from which on the criterion counts.
    public var stage: Stage
    /// Short name of the criterion.
    public var title: LocalizedText
    /// What came out.
    public var result: Outcome
    /// The facts, bounded.
    public var evidence: [CriterionEvidence]
    /// What was seen.
    public var explanation: LocalizedText
    /// The line or command to change; nil where nothing is to be done.
    public var advice: LocalizedText?

    /// Creates a result.
    public init(
        id: String,
        area: Area,
        level: Level,
        stage: Stage,
        title: LocalizedText,
        result: Outcome,
        evidence: [CriterionEvidence],
        explanation: LocalizedText,
        advice: LocalizedText?
    ) {
        self.id = id
        self.area = area
        self.level = level
        self.stage = stage
        self.title = title
        self.result = result
        self.evidence = evidence
        self.explanation = explanation
        self.advice = advice
    }
}
