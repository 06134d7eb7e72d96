// SPDX-License-Identifier: EUPL-1.2

import Criteria
import OCI

/// One criterion's result as it stands on the page.
struct ResultItem: Sendable {
    struct EvidenceItem: Sendable {
        let text: String
        let path: String?
        let layer: String?
        let strength: String
    }

    let id: String
    let href: String
    let title: String
    let area: String
    let level: LevelView
    let outcome: String
    let outcomeWord: String
    let openHint: String?
    let explanation: Prose
    let adviceTitle: String
    let advice: Prose?
    let evidenceTitle: String
    let hasEvidence: Bool
    let evidence: [EvidenceItem]
    let moreEvidence: String?
    /// What limits a result that is passed, or settles one that is unknown.
    var note: String?

    init(
        _ result: CriterionResult,
        isOpen: Bool,
        isUndecided: Bool,
        facts most: Int = ImagePage.mostFacts,
        _ texts: Texts,
        _ language: Language
    ) {
        id = result.id
        href = Self.address(result.id)
        title = language.text(result.title)
        area = language.text(result.area.title)
        level = LevelView(result.level, language)
        outcome = isOpen ? "open" : result.result.rawValue
        outcomeWord = isOpen ? texts.text(.open, language) : language.text(result.result.title)
        openHint = isOpen ? texts.text(.openHint, language, ["stage": language.text(result.stage.title)]) : nil
        explanation = Prose(language.text(result.explanation))
        adviceTitle = texts.text(isUndecided ? .adviceUndecided : .advice, language)
        advice = result.advice.map { Prose(language.text($0)) }
        evidenceTitle = texts.text(.evidence, language, ["count": String(result.evidence.count)])
        hasEvidence = !result.evidence.isEmpty
        evidence = result.evidence.prefix(most).map { fact in
            let strength: TextKey =
                switch fact.strength {
                case .proven: .proven
                case .observed: .observed
                case .declared: .declared
                }
            return EvidenceItem(
                text: fact.text,
                path: fact.path,
                layer: fact.layer.map { texts.text(.layer, language, ["number": String($0)]) },
                strength: texts.text(strength, language)
            )
        }
        let hidden = result.evidence.count - evidence.count
        moreEvidence = hidden > 0 ? texts.text(.more, language, count: hidden) : nil
    }

    static func address(_ id: String) -> String { "/criteria/" + PercentEncoding.encode(id) }
}

/// Results of one outcome; groups come worst first.
struct ResultGroup: Sendable {
    let title: String
    let isOpen: Bool
    let results: [ResultItem]

    static func groups(of verdict: Verdict, undecided: Set<String>, _ texts: Texts, _ language: Language)
        -> [ResultGroup]
    {
        let kinds: [(outcome: Outcome, isUndecided: Bool, title: TextKey)] = [
            (.fail, false, .outcomeFail), (.unknown, false, .outcomeUnknown), (.unknown, true, .outcomeUndecided),
            (.pass, false, .outcomePass), (.notApplicable, false, .outcomeNotApplicable),
        ]
        var groups: [ResultGroup] = []
        for kind in kinds {
            // Bronze before silver: what stands in the way of the first level is told first.
            let results = verdict.criteria.filter {
                verdict.counts($0) && $0.result == kind.outcome
                    && ($0.result == .unknown && undecided.contains($0.id)) == kind.isUndecided
            }
            .enumerated().sorted { ($0.element.level.rank, $0.offset) < ($1.element.level.rank, $1.offset) }.map(
                \.element
            )
            guard !results.isEmpty else { continue }
            groups.append(
                ResultGroup(
                    title: texts.text(kind.title, language, ["count": String(results.count)]),
                    isOpen: kind.outcome == .fail,
                    results: results.map {
                        ResultItem($0, isOpen: false, isUndecided: kind.isUndecided, texts, language)
                    }
                )
            )
        }
        let open = verdict.criteria.filter { !verdict.counts($0) }
        if !open.isEmpty {
            groups.append(
                ResultGroup(
                    title: texts.text(.openTitle, language, ["count": String(open.count)]),
                    isOpen: false,
                    results: open.map {
                        ResultItem($0, isOpen: true, isUndecided: undecided.contains($0.id), texts, language)
                    }
                )
            )
        }
        return groups
    }
}
