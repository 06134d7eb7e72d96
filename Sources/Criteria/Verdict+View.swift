// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import SBOM
internal import Time

/// One thing to do on the way to the next level.
public struct Step: Sendable, Hashable {
    /// Criterion that asks for it, such as `IMG-SEC-10`.
    public let criterion: String
    /// Further criteria that the same change settles.
    public let alsoSettles: [String]
    /// Area of the criterion.
    public let area: Area
    /// Level of the criterion.
    public let level: Level
    /// `fail` or `unknown`.
    public let result: Outcome
    /// Short name of the criterion.
    public let title: LocalizedText
    /// What was seen.
    public let explanation: LocalizedText
    /// The line or command to change.
    public let advice: LocalizedText
}

/// How many criteria came out how.
public struct ResultCounts: Sendable, Hashable {
    /// Passed.
    public var pass = 0
    /// Failed.
    public var fail = 0
    /// Not applicable.
    public var notApplicable = 0
    /// Unknown at this stage.
    public var unknown = 0
    /// Of a later stage: do not count yet.
    public var open = 0
}

extension Verdict {
    /// True when the criterion counts at the verdict's stage.
    public func counts(_ result: CriterionResult) -> Bool { result.stage <= stage }

    /// How many criteria came out how.
    public var counts: ResultCounts {
        var counts = ResultCounts()
        for criterion in criteria {
            guard self.counts(criterion) else {
                counts.open += 1
                continue
            }
            switch criterion.result {
            case .pass: counts.pass += 1
            case .fail: counts.fail += 1
            case .notApplicable: counts.notApplicable += 1
            case .unknown: counts.unknown += 1
            }
        }
        return counts
    }

    /// Criteria up to the reached level (at least bronze) that are decided at a later stage.
    public var open: [CriterionResult] {
        let asked = max(level, .bronze)
        return criteria.filter { !counts($0) && Evaluation.isAsked($0, for: asked) }
    }

    /// "Bronze (build stage), 3 open".
    public var headline: LocalizedText {
        let count = open.count
        return LocalizedText(
            de: "\(level.title.de) (\(stage.title.de))" + (count > 0 ? ", \(count) offen" : ""),
            en: "\(level.title.en) (\(stage.title.en))" + (count > 0 ? ", \(count) open" : "")
        )
    }

    /// "2 steps to silver"; nil at gold.
    public var stepsHeadline: LocalizedText? {
        guard let next = level.next else { return nil }
        let count = steps.count
        return LocalizedText(
            de: "\(count) \(count == 1 ? "Schritt" : "Schritte") bis \(next.title.de)",
            en: "\(count) \(count == 1 ? "step" : "steps") to \(next.title.en.lowercased())"
        )
    }

    /// What to do to reach the next level, worst first.
    public var steps: [Step] { level.next.map { steps(to: $0) } ?? [] }

    /// What stands between this verdict and a level at the same stage, worst first, each piece of advice once.
    public func steps(to target: Level) -> [Step] {
        let wanted = criteria.enumerated()
            .filter { counts($0.element) && Evaluation.isAsked($0.element, for: target) && !$0.element.result.isPassed }
            .sorted { left, right in
                // A known fault before an open question, then bronze before silver, then the order of the catalogue.
                let (a, b) = (left.element, right.element)
                if a.result != b.result { return a.result.severity > b.result.severity }
                return (a.level.rank, left.offset) < (b.level.rank, right.offset)
            }
            .map(\.element)
        var steps: [Step] = []
        var settled: [LocalizedText: Int] = [:]
        for result in wanted {
            let advice = result.advice ?? result.explanation
            if let index = settled[advice] {
                let step = steps[index]
                steps[index] = Step(
                    criterion: step.criterion,
                    alsoSettles: step.alsoSettles + [result.id],
                    area: step.area,
                    level: step.level,
                    result: step.result,
                    title: step.title,
                    explanation: step.explanation,
                    advice: step.advice
                )
                continue
            }
            settled[advice] = steps.count
            steps.append(
                Step(
                    criterion: result.id,
                    alsoSettles: [],
                    area: result.area,
                    level: result.level,
                    result: result.result,
                    title: result.title,
                    explanation: result.explanation,
                    advice: advice
                )
            )
        }
        return steps
    }

    /// What every rendering says beside the level; nil unless the feeds are for exercise.
    public var note: LocalizedText? {
        guard exerciseData else { return nil }
        let dates = feedDates
        return LocalizedText(
            de: dates.isEmpty
                ? "Übungsdaten, ohne Sicherheitshinweise" : "Übungsdaten, Sicherheitshinweise vom \(dates)",
            en: dates.isEmpty ? "Exercise data, no advisories" : "Exercise data, advisories as of \(dates)"
        )
    }

    /// "2026-10-06 (debian-tracker), 2025-11-14 (cisa-kev)": the date of each feed's newest record.
    public var feedDates: String {
        feeds.map { "\(($0.newestRecord ?? $0.date).dateText) (\($0.name))" }.joined(separator: ", ")
    }

    /// Open findings by severity, worst first; severities without one are left out.
    public var findingCounts: [(severity: Severity, count: Int)] {
        var counts: [Severity: Int] = [:]
        for finding in findings where finding.isOpen { counts[finding.severity, default: 0] += 1 }
        return counts.sorted { $0.key > $1.key }.map { (severity: $0.key, count: $0.value) }
    }
}
