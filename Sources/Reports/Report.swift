// SPDX-License-Identifier: EUPL-1.2

public import Criteria
public import SBOM

/// The language that a report is written in.
public enum ReportLanguage: String, Sendable, Hashable, CaseIterable {
    case de, en

    /// One text in this language.
    public func callAsFunction(_ text: LocalizedText) -> String { self == .de ? text.de : text.en }
}

/// A verdict and what is known around it: the one input of every form in this room.
///
/// Each form is a pure function of it, so equal reports give equal bytes.
public struct Report: Sendable {
    /// What came out.
    public var verdict: Verdict
    /// The image as the caller named it: `registry.example/team/app:1`, `oci-archive:app.tar`.
    public var name: String
    /// The language of every text.
    public var language: ReportLanguage
    /// The rules of the verdict, for their descriptions and sources; nil leaves those out.
    public var catalogue: Catalogue?
    /// The level that the caller asks for: what only a higher one asks for is told as a hint; nil asks for everything.
    public var required: Level?
    /// The file of the caller's repository that results point at, such as `Containerfile`; nil points at the image's name.
    public var location: String?
    /// What differs from an earlier verdict; nil when there is none to compare with.
    public var comparison: VerdictComparison?
    /// Version of the program that writes the report.
    public var toolVersion: String

    /// Creates a report of its parts.
    public init(
        verdict: Verdict,
        name: String,
        language: ReportLanguage,
        catalogue: Catalogue? = nil,
        required: Level? = nil,
        location: String? = nil,
        comparison: VerdictComparison? = nil,
        toolVersion: String
    ) {
        self.verdict = verdict
        self.name = name
        self.language = language
        self.catalogue = catalogue
        self.required = required
        self.location = location
        self.comparison = comparison
        self.toolVersion = toolVersion
    }

    /// Criteria that count at the verdict's stage and are not passed, in the order of the catalogue.
    var openCriteria: [CriterionResult] {
        verdict.criteria.filter { verdict.counts($0) && !$0.result.isPassed }
    }

    /// Advisories that stand open, worst first.
    var openGroups: [AdvisoryGroup] { verdict.advisoryGroups.filter(\.finding.isOpen) }

    /// Does the level that the caller asks for ask for this criterion? Of reuse every level asks for bronze only.
    func isAskedFor(_ result: CriterionResult) -> Bool {
        guard let required else { return true }
        return result.area == .reuse ? required >= .bronze && result.level == .bronze : result.level <= required
    }
}
