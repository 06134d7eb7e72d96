// SPDX-License-Identifier: EUPL-1.2

internal import SBOM
internal import Time

/// A check in code: what the catalogue must give it, what it can come to, and the function itself.
struct Check: Sendable {
    /// What a parameter holds.
    enum ParameterKind: String, Sendable { case text, number, flag, texts, numbers }

    /// Name as the catalogue writes it.
    let name: String
    /// Parameters; all are demanded, none else is allowed.
    let parameters: [String: ParameterKind]
    /// What the check can come to; the catalogue must have a text for each.
    let cases: [Case]
    /// Whether an index must meet it itself, and not only each of its images.
    let isAskedOfIndex: Bool
    /// Decides; pure.
    let run: @Sendable (Criterion, CheckInput) -> CheckReport

    init(
        _ name: String,
        parameters: [String: ParameterKind] = [:],
        cases: [Case],
        isAskedOfIndex: Bool = false,
        run: @escaping @Sendable (Criterion, CheckInput) -> CheckReport
    ) {
        self.name = name
        self.parameters = parameters
        self.cases = cases
        self.isAskedOfIndex = isAskedOfIndex
        self.run = run
    }
}

/// One thing that a check can come to.
struct Case: Sendable {
    let name: String
    let outcome: Outcome
    /// Places that its text may use.
    let places: Set<String>

    static func pass(_ name: String, _ places: Set<String> = []) -> Case {
        Case(name: name, outcome: .pass, places: places)
    }
    static func fail(_ name: String, _ places: Set<String> = []) -> Case {
        Case(name: name, outcome: .fail, places: places)
    }
    static func unknown(_ name: String, _ places: Set<String> = []) -> Case {
        Case(name: name, outcome: .unknown, places: places)
    }
    static func exempt(_ name: String, _ places: Set<String> = []) -> Case {
        Case(name: name, outcome: .notApplicable, places: places)
    }
}

/// What fills a place in a text.
enum PlaceValue: Sendable {
    case text(String)
    case localized(LocalizedText)
    /// The first of a list and how many there are in all: "a, b, c and 12 more".
    case list([String], total: Int)
    /// The same with texts of two languages.
    case localizedList([LocalizedText], total: Int)

    static func list(_ items: [String]) -> PlaceValue { .list(items, total: items.count) }
    static func number(_ value: Int) -> PlaceValue { .text(String(value)) }
    static func number(_ value: Int64) -> PlaceValue { .text(String(value)) }
}

/// A case that was met, with what was seen.
struct Hit: Sendable {
    let name: String
    let isCommon: Bool
    let values: [String: PlaceValue]

    /// A case of the criterion's own check.
    static func own(_ name: String, _ values: [String: PlaceValue] = [:]) -> Hit {
        Hit(name: name, isCommon: false, values: values)
    }
    /// A case that any check can meet.
    static func common(_ name: String, _ values: [String: PlaceValue] = [:]) -> Hit {
        Hit(name: name, isCommon: true, values: values)
    }
}

/// What a check came to.
struct CheckReport: Sendable {
    var hits: [Hit]
    var evidence: [CriterionEvidence] = []
    /// Instants at which the outcome can change without new input; past ones are left out by the evaluation.
    var changesAt: [Timestamp] = []

    init(_ hits: Hit..., evidence: [CriterionEvidence] = [], changesAt: [Timestamp] = []) {
        self.init(hits: hits, evidence: evidence, changesAt: changesAt)
    }

    init(hits: [Hit], evidence: [CriterionEvidence] = [], changesAt: [Timestamp] = []) {
        self.hits = hits
        self.evidence = evidence
        self.changesAt = changesAt
    }
}

extension CheckReport {
    /// At most this many facts are listed for one result: a verdict stays readable, however bad an image is.
    static let evidenceLimit = 50

    /// The result with its texts; the worst case met decides, and hides those that are not as bad unless they are unknown.
    func result(of criterion: Criterion, catalogue: Catalogue) -> CriterionResult {
        let check = Checks.byName[criterion.check]
        var worst = Outcome.notApplicable
        var met: [(outcome: Outcome, text: CaseText, hit: Hit)] = []
        for hit in hits {
            let rule = hit.isCommon ? Checks.commonCase(hit.name) : check?.cases.first { $0.name == hit.name }
            let text = hit.isCommon ? catalogue.common[hit.name] : criterion.cases[hit.name]
            // The loader demands a text for every case, so neither can be missing; unknown is the safe answer all the same.
            let missing = CaseText(explanation: LocalizedText(de: hit.name, en: hit.name), advice: nil)
            met.append((rule?.outcome ?? .unknown, text ?? missing, hit))
            if met.last.map({ $0.outcome.severity > worst.severity }) ?? false { worst = met[met.count - 1].outcome }
        }
        let told = met.filter { $0.outcome == worst || ($0.outcome == .unknown && worst == .fail) }
        let explanation = told.map { $0.text.explanation.filled(with: $0.hit.values) }
        var advice: [LocalizedText] = []
        for entry in told where !entry.outcome.isPassed {
            let text = entry.text.advice?.filled(with: entry.hit.values) ?? criterion.advice
            if !advice.contains(text) { advice.append(text) }
        }
        return CriterionResult(
            id: criterion.id,
            area: criterion.area,
            level: criterion.level,
            stage: criterion.stage,
            title: criterion.title,
            result: hits.isEmpty ? .unknown : worst,
            evidence: Array(evidence.prefix(Self.evidenceLimit)),
            explanation: LocalizedText.joined(explanation),
            advice: advice.isEmpty ? nil : LocalizedText.joined(advice)
        )
    }
}
