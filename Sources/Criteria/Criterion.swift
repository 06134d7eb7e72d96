// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// One rule of the catalogue.
public struct Criterion: Sendable, Hashable {
    /// Id, such as `IMG-SEC-10`; never reused.
    public let id: String
    /// The area that it belongs to.
    public let area: Area
    /// The level from which on it is asked for.
    public let level: Level
    /// The stage from which on it counts.
    public let stage: Stage
    /// Name of the check in code that decides it; `undecided` where none can yet.
    public let check: String
    /// What the check is told: lists, numbers, texts.
    public let parameters: [String: ParameterValue]
    /// Where the rule comes from, such as `SYS.1.6.A17 (edition 2023)`.
    public let sources: [String]
    /// Short name.
    public let title: LocalizedText
    /// What is asked for and why.
    public let description: LocalizedText
    /// How to meet it, in general; a result's own advice is more exact.
    public let advice: LocalizedText
    /// Kinds of image that it does not apply to.
    public let notApplicableKinds: [ImageKind]
    /// Visibilities that it does not apply to.
    public let notApplicableVisibilities: [Visibility]
    /// Texts of what the check can see, by the case's name.
    public let cases: [String: CaseText]

    /// True when this version of the catalogue has no check that decides it.
    public var isUndecided: Bool { check == "undecided" }
}

/// Explanation and advice of one case, with places such as `{user}` for what was seen.
public struct CaseText: Sendable, Hashable {
    /// What was seen.
    public let explanation: LocalizedText
    /// What to change; nil where nothing is to be done.
    public let advice: LocalizedText?
}

/// One parameter of a criterion's check.
public enum ParameterValue: Sendable, Hashable {
    case text(String)
    case number(Double)
    case flag(Bool)
    case texts([String])
    case numbers([Double])
}
