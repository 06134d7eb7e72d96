// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
public import OCI
internal import SBOM
internal import Time

/// A child of an index that could not be judged.
public struct MissingPlatform: Sendable, Hashable {
    /// Digest of the child's manifest.
    public var digest: Digest
    /// `linux/arm64`; nil when the index does not say.
    public var platform: String?

    /// Names a child.
    public init(digest: Digest, platform: String?) {
        self.digest = digest
        self.platform = platform
    }
}

extension Evaluation {
    /// Judges an index: for each criterion the worst result of its platforms, the union of findings and components.
    ///
    /// A child that is missing makes every criterion unknown that no other platform fails: nobody knows what it holds.
    ///
    /// - Parameters:
    ///   - catalogue: the rules that the platforms were judged by.
    ///   - digest: digest of the index.
    ///   - platforms: verdicts of the children, in the order of the index.
    ///   - missing: children without a verdict.
    ///   - signed: who signed the index itself, which some criteria ask of it too; nil where nobody looked.
    ///   - context: the context that the platforms were judged in.
    public static func indexVerdict(
        catalogue: Catalogue,
        digest: Digest,
        platforms: [Verdict],
        missing: [MissingPlatform] = [],
        signed: SignedEvidence? = nil,
        context: EvaluationContext
    ) -> Verdict {
        var changes = platforms.compactMap(\.validUntil)
        let own = ownResults(catalogue: catalogue, digest: digest, signed: signed, context: context, &changes)
        let named = platforms.map { (name: $0.image.platform ?? $0.image.digest ?? "?", verdict: $0) }
        let criteria = catalogue.criteria.map { criterion in
            let result = combined(criterion, platforms: named, missing: missing, catalogue: catalogue, context: context)
            return own[criterion.id].map { worse(of: result, index: $0) } ?? result
        }
        // Kinds that differ are judged as the strictest: what one platform declares excuses no other.
        let kinds = Set(platforms.map(\.kind))
        let kind = kinds.count == 1 ? platforms[0].kind : .runtime
        var areas = Levels.areas(criteria: criteria, stage: context.stage, kind: kind)
        for area in Area.allCases {
            // A builder among the platforms is capped on its own, so the minimum is taken as well.
            areas[area] = min(areas[area, default: .none], platforms.map { $0.level(of: area) }.min() ?? .none)
        }
        var findings: Set<Finding> = []
        var components: [Verdict.Component] = []
        var listed: Set<Verdict.Component> = []
        var notAssessed: Set<NotAssessed> = []
        for verdict in platforms {
            findings.formUnion(verdict.findings)
            notAssessed.formUnion(verdict.notAssessed)
            for component in verdict.components where listed.insert(component).inserted { components.append(component) }
        }
        return Verdict(
            image: Verdict.Image(digest: digest.description, platform: nil),
            stage: context.stage,
            visibility: context.visibility,
            kind: kind,
            level: Levels.overall(areas),
            areas: areas,
            criteria: criteria,
            findings: findings.worstFirst,
            components: components,
            notAssessed: notAssessed.sorted {
                ($0.ecosystem, $0.components, $0.reason.en) < ($1.ecosystem, $1.components, $1.reason.en)
            },
            catalogueVersion: catalogue.version,
            feeds: context.feeds.sorted { $0.name < $1.name }.map(Verdict.Feed.init),
            snapshot: context.snapshot,
            exerciseData: context.exerciseData,
            evaluatedAt: context.now,
            validUntil: changes.min(),
            signed: signed,
            platforms: platforms
        )
    }

    /// Results of the index itself, for criteria that every image of it must meet and it as well.
    private static func ownResults(
        catalogue: Catalogue,
        digest: Digest,
        signed: SignedEvidence?,
        context: EvaluationContext,
        _ changes: inout [Timestamp]
    ) -> [String: CriterionResult] {
        var own: [String: CriterionResult] = [:]
        let input = CheckInput(
            catalogue: catalogue,
            evidence: ImageEvidence(digest: digest),
            assessed: Assessed(),
            signed: signed,
            suppliers: nil,
            reuse: nil,
            context: context,
            kind: .runtime
        )
        for criterion in catalogue.criteria where Checks.byName[criterion.check]?.isAskedOfIndex == true {
            guard criterion.stage <= context.stage, !criterion.notApplicableVisibilities.contains(context.visibility)
            else { continue }
            guard let report = Checks.byName[criterion.check]?.run(criterion, input) else { continue }
            changes += report.changesAt.filter { $0 > context.now }
            own[criterion.id] = report.result(of: criterion, catalogue: catalogue)
        }
        return own
    }

    /// What the platforms came to, or the index where that is as bad.
    private static func worse(of platforms: CriterionResult, index: CriterionResult) -> CriterionResult {
        guard index.result.severity >= platforms.result.severity, !index.result.isPassed else { return platforms }
        var told = index
        told.explanation = LocalizedText(de: "Index: \(index.explanation.de)", en: "index: \(index.explanation.en)")
        guard platforms.result == index.result else { return told }
        told.explanation = LocalizedText.joined([told.explanation, platforms.explanation])
        told.evidence = Array((index.evidence + platforms.evidence).prefix(CheckReport.evidenceLimit))
        return told
    }

    private static func combined(
        _ criterion: Criterion,
        platforms: [(name: String, verdict: Verdict)],
        missing: [MissingPlatform],
        catalogue: Catalogue,
        context: EvaluationContext
    ) -> CriterionResult {
        let results = platforms.compactMap { platform in
            platform.verdict.criteria.first { $0.id == criterion.id }.map { (name: platform.name, result: $0) }
        }
        let worst = results.map(\.result.result).max { $0.severity < $1.severity }
        let isIncomplete = results.count < platforms.count || !missing.isEmpty || platforms.isEmpty
        let counts = criterion.stage <= context.stage
        if isIncomplete, counts, worst != .fail {
            var names = missing.map { [$0.platform, $0.digest.description].compactMap { $0 }.joined(separator: " ") }
            names += platforms.filter { platform in !results.contains { $0.name == platform.name } }.map(\.name)
            let report = CheckReport(.common("missing-platforms", ["platforms": .list(names.isEmpty ? ["-"] : names)]))
            return report.result(of: criterion, catalogue: catalogue)
        }
        guard let worst, var told = results.first(where: { $0.result.result == worst })?.result else {
            return CheckReport(hits: []).result(of: criterion, catalogue: catalogue)
        }
        // What all platforms say alike is said once; else each platform that is as bad says what it has.
        let same = results.filter { $0.result.result == worst }
        if Set(results.map(\.result.explanation)).count > 1 {
            var texts: [LocalizedText] = []
            for entry in same {
                texts.append(
                    LocalizedText(
                        de: "\(entry.name.bounded): \(entry.result.explanation.de)",
                        en: "\(entry.name.bounded): \(entry.result.explanation.en)"
                    )
                )
            }
            told.explanation = LocalizedText.joined(texts)
            var advice: [LocalizedText] = []
            for case let text? in same.map(\.result.advice) where !advice.contains(text) { advice.append(text) }
            told.advice = advice.isEmpty ? nil : LocalizedText.joined(advice)
            var evidence: [CriterionEvidence] = []
            for entry in same {
                for var fact in entry.result.evidence {
                    fact.text = "\(entry.name): \(fact.text)"
                    evidence.append(fact)
                }
            }
            told.evidence = Array(evidence.prefix(CheckReport.evidenceLimit))
        }
        return told
    }
}
