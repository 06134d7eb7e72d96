// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
internal import OCI
internal import SBOM
internal import Time

/// Turns evidence, findings and a clock value into a verdict.
public enum Evaluation {
    /// Judges one image.
    ///
    /// Pure: no clock, file or network is asked, and the same arguments give an equal verdict.
    ///
    /// - Parameters:
    ///   - catalogue: the rules.
    ///   - evidence: what the analyser saw.
    ///   - assessed: what matching its components against a feed snapshot gave.
    ///   - signed: who signed it, as far as somebody looked; nil where nobody did.
    ///   - suppliers: what the signed statements of suppliers say; nil where nobody read them.
    ///   - reuse: who says that they use it; nil where no register was asked.
    ///   - context: stage, visibility, feeds, limits and the clock value.
    /// - Returns: one result for each criterion, levels, and when they can change.
    public static func verdict(
        catalogue: Catalogue,
        evidence: ImageEvidence,
        assessed: Assessed,
        signed: SignedEvidence? = nil,
        suppliers: SupplierEvidence? = nil,
        reuse: ReuseEvidence? = nil,
        context: EvaluationContext
    ) -> Verdict {
        let kind = ImageKind.declared(by: evidence)
        var assessed = assessed
        // Once: every check names its findings in this order.
        assessed.findings = assessed.findings.worstFirst
        let input = CheckInput(
            catalogue: catalogue,
            evidence: evidence,
            assessed: assessed,
            signed: signed,
            suppliers: suppliers,
            reuse: reuse,
            context: context,
            kind: kind
        )
        var criteria: [CriterionResult] = []
        criteria.reserveCapacity(catalogue.criteria.count)
        var changes = assessed.changesAt.filter { $0 > context.now }
        for criterion in catalogue.criteria {
            let report = report(on: criterion, input: input)
            changes += report.changesAt.filter { $0 > context.now }
            criteria.append(report.result(of: criterion, catalogue: catalogue))
        }
        let areas = Levels.areas(criteria: criteria, stage: context.stage, kind: kind)
        return Verdict(
            image: Verdict.Image(digest: evidence.digest?.description, platform: evidence.configuration?.platformText),
            stage: context.stage,
            visibility: context.visibility,
            kind: kind,
            level: Levels.overall(areas),
            areas: areas,
            criteria: criteria,
            findings: assessed.findings,
            components: evidence.components.filter(\.isPackage).map(Verdict.Component.init),
            notAssessed: assessed.notAssessed,
            catalogueVersion: catalogue.version,
            feeds: context.feeds.sorted { $0.name < $1.name }.map(Verdict.Feed.init),
            snapshot: context.snapshot,
            exerciseData: context.exerciseData,
            evaluatedAt: context.now,
            validUntil: changes.min(),
            signed: signed
        )
    }

    /// Is a criterion asked for at a level? Of reuse only bronze is: a new image has no adopters yet.
    static func isAsked(_ result: CriterionResult, for level: Level) -> Bool {
        result.area == .reuse ? level >= .bronze && result.level == .bronze : result.level <= level
    }

    private static func report(on criterion: Criterion, input: CheckInput) -> CheckReport {
        if criterion.stage > input.context.stage {
            return CheckReport(.common(criterion.stage == .published ? "open-published" : "open-operated"))
        }
        if criterion.notApplicableVisibilities.contains(input.context.visibility) {
            return CheckReport(.common("internal-image"))
        }
        if criterion.notApplicableKinds.contains(input.kind) {
            return CheckReport(.common("kind-exempt", ["kind": .localized(input.kind.title)]))
        }
        guard let check = Checks.byName[criterion.check] else {
            // The loader refuses a catalogue that names a check which is not there.
            return CheckReport(hits: [])
        }
        return check.run(criterion, input)
    }
}
