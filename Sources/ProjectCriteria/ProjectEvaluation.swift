// SPDX-License-Identifier: EUPL-1.2

internal import Criteria
internal import SBOM
internal import Time

/// Turns evidence and a clock value into a verdict.
public enum ProjectEvaluation {
    /// At most this many facts are listed for one result.
    static let evidenceLimit = 50

    /// Judges one project.
    ///
    /// Pure: no clock, file or network is asked, and the same arguments give an equal verdict.
    public static func verdict(
        catalogue: ProjectCatalogue,
        evidence: ProjectEvidence,
        context: ProjectContext
    ) -> ProjectVerdict {
        let input = ProjectInput(evidence: evidence, context: context)
        var results: [ProjectVerdict.Result] = []
        var changes: [Timestamp] = []
        for criterion in catalogue.criteria {
            let (result, report) = judge(criterion, input, catalogue)
            results.append(result)
            changes += report.changesAt.filter { $0 > context.now }
        }
        let badges = catalogue.badges.map { badge in
            ProjectVerdict.Badge(id: badge.id, title: badge.title, level: level(of: badge.id, results))
        }
        return ProjectVerdict(
            project: evidence.name,
            commit: evidence.commit,
            branch: evidence.branch,
            catalogue: catalogue.name,
            notice: catalogue.notice,
            level: overall(badges, catalogue),
            badges: badges,
            results: results,
            findings: context.assessed?.findings ?? [],
            feeds: context.feeds,
            snapshot: context.snapshot,
            evaluatedAt: context.now,
            validUntil: changes.min()
        )
    }

    /// The highest level whose criteria, and those of all levels below, are passed; a level that nothing is asked for is not reached.
    static func level(of badge: String, _ results: [ProjectVerdict.Result]) -> Level {
        let own = results.filter { $0.badge == badge }
        var reached = Level.none
        for level in [Level.bronze, .silver, .gold] {
            let asked = own.filter { $0.criterion.level == level }
            guard !asked.isEmpty, asked.allSatisfy(\.criterion.result.isPassed) else { break }
            reached = level
        }
        return own.map(\.cap).reduce(reached, min)
    }

    private static func overall(_ badges: [ProjectVerdict.Badge], _ catalogue: ProjectCatalogue) -> Level {
        func level(_ id: String) -> Level { badges.first { $0.id == id }?.level ?? .none }
        guard catalogue.atLeastBronze.allSatisfy({ level($0) >= .bronze }) else { return .none }
        return catalogue.decisive.map(level).min() ?? .none
    }

    private static func judge(
        _ criterion: ProjectCriterion,
        _ input: ProjectInput,
        _ catalogue: ProjectCatalogue
    ) -> (ProjectVerdict.Result, ProjectReport) {
        let check = ProjectChecks.byName[criterion.check]
        var report = check?.run(criterion, input) ?? ProjectReport(hits: [])
        if let reason = input.evidence.documentsCut, criterion.evidence.contains(.files),
            !(certain.contains(criterion.check) && hasFail(report, check))
        {
            // What was not read can make a pass of a fail and the other way round.
            report = ProjectReport(.common("files-cut", ["reason": reason]), evidence: report.evidence)
        }
        var met: [(rule: ProjectCase, text: ProjectCaseText, hit: ProjectHit)] = []
        for hit in report.hits {
            let rules = hit.isCommon ? ProjectChecks.common : check?.cases ?? []
            let name = hit.isCommon ? ProjectChecks.commonName : criterion.check
            let rule = rules.first { $0.name == hit.name }
            // The loader demands a text for every case, so neither can be missing; unknown is the safe answer all the same.
            let text = catalogue.texts[name]?[hit.name]
            let missing = ProjectCaseText(explanation: LocalizedText(de: hit.name, en: hit.name), advice: nil)
            met.append((rule ?? .unknown(hit.name), text ?? missing, hit))
        }
        let worst = met.map(\.rule.outcome).max { rank($0) < rank($1) } ?? .unknown
        let told = met.filter { $0.rule.outcome == worst || ($0.rule.outcome == .unknown && worst == .fail) }
        var explanation = told.map { $0.text.explanation.filled(with: $0.hit.values) }
        var advice: [LocalizedText] = []
        for entry in told where !entry.rule.outcome.isPassed || entry.rule.cap < .gold {
            let text = entry.text.advice?.filled(with: entry.hit.values) ?? criterion.advice
            if !advice.contains(text) { advice.append(text) }
        }
        if let reason = criterion.reason {
            // Nothing decides it, whatever was read.
            explanation = [reason]
            advice = [criterion.advice]
        }
        let result = CriterionResult(
            id: criterion.id,
            area: criterion.area,
            level: criterion.level,
            stage: .build,
            title: criterion.title,
            result: worst,
            evidence: Array(report.evidence.prefix(evidenceLimit)),
            explanation: joined(explanation),
            advice: advice.isEmpty ? nil : joined(advice)
        )
        let cap = told.map(\.rule.cap).min() ?? .gold
        return (
            ProjectVerdict.Result(badge: criterion.badge, needs: criterion.evidence, criterion: result, cap: cap),
            report
        )
    }

    /// Checks whose fail stands, whatever else was not read: they have seen what must not be there.
    private static let certain: Set<String> = [
        "secrets", "binaries", "pipeline-hardening", "dependency-vulnerabilities",
    ]

    private static func hasFail(_ report: ProjectReport, _ check: ProjectCheck?) -> Bool {
        report.hits.contains { hit in
            !hit.isCommon && check?.cases.contains { $0.name == hit.name && $0.outcome == .fail } == true
        }
    }

    private static func joined(_ texts: [LocalizedText]) -> LocalizedText {
        LocalizedText(de: texts.map(\.de).joined(separator: " "), en: texts.map(\.en).joined(separator: " "))
    }

    /// A fail is told before an unknown, that before a pass.
    private static func rank(_ outcome: Outcome) -> Int {
        switch outcome {
        case .fail: 3
        case .unknown: 2
        case .pass: 1
        case .notApplicable: 0
        }
    }
}
