// SPDX-License-Identifier: EUPL-1.2

internal import Criteria
internal import SBOM
internal import Time

/// A check in code: what a catalogue must give it, what it can come to, and the function itself.
struct ProjectCheck: Sendable {
    /// What a parameter holds.
    enum ParameterKind: Sendable { case number, flag, texts }

    let name: String
    let parameters: [String: ParameterKind]
    let cases: [ProjectCase]
    /// Decides; pure.
    let run: @Sendable (ProjectCriterion, ProjectInput) -> ProjectReport

    init(
        _ name: String,
        parameters: [String: ParameterKind] = [:],
        cases: [ProjectCase],
        run: @escaping @Sendable (ProjectCriterion, ProjectInput) -> ProjectReport
    ) {
        self.name = name
        self.parameters = parameters
        self.cases = cases
        self.run = run
    }
}

/// One thing that a check can come to.
struct ProjectCase: Sendable {
    let name: String
    let outcome: Outcome
    let places: Set<String>
    /// The badge's level that a project can have at most in this case.
    let cap: Level

    static func pass(_ name: String, _ places: Set<String> = [], cap: Level = .gold) -> ProjectCase {
        ProjectCase(name: name, outcome: .pass, places: places, cap: cap)
    }
    static func fail(_ name: String, _ places: Set<String> = []) -> ProjectCase {
        ProjectCase(name: name, outcome: .fail, places: places, cap: .gold)
    }
    static func unknown(_ name: String, _ places: Set<String> = []) -> ProjectCase {
        ProjectCase(name: name, outcome: .unknown, places: places, cap: .gold)
    }
    static func exempt(_ name: String, _ places: Set<String> = []) -> ProjectCase {
        ProjectCase(name: name, outcome: .notApplicable, places: places, cap: .gold)
    }
}

/// A case that was met, with what was seen.
struct ProjectHit: Sendable {
    let name: String
    let isCommon: Bool
    let values: [String: LocalizedText]

    static func own(_ name: String, _ values: [String: LocalizedText] = [:]) -> ProjectHit {
        ProjectHit(name: name, isCommon: false, values: values)
    }
    static func common(_ name: String, _ values: [String: LocalizedText] = [:]) -> ProjectHit {
        ProjectHit(name: name, isCommon: true, values: values)
    }
}

/// What a check came to: the worst case decides.
struct ProjectReport: Sendable {
    var hits: [ProjectHit]
    var evidence: [CriterionEvidence]
    /// Instants at which the outcome can change without new input.
    var changesAt: [Timestamp]

    init(_ hits: ProjectHit..., evidence: [CriterionEvidence] = [], changesAt: [Timestamp] = []) {
        self.init(hits: hits, evidence: evidence, changesAt: changesAt)
    }

    init(hits: [ProjectHit], evidence: [CriterionEvidence] = [], changesAt: [Timestamp] = []) {
        self.hits = hits
        self.evidence = evidence
        self.changesAt = changesAt
    }
}

/// What a check may look at.
struct ProjectInput: Sendable {
    let evidence: ProjectEvidence
    let context: ProjectContext

    /// The instant so many calendar months before now.
    func start(months: Double) -> Timestamp {
        let date = context.now.date
        let count = date.year * 12 + date.month - 1 - Int64(months)
        let (year, month) = (count / 12, count % 12 + 1)
        for day in stride(from: date.day, through: max(1, date.day - 3), by: -1) {
            if let earlier = CivilDate(year: year, month: month, day: day) {
                return Timestamp(seconds: earlier.daysSinceEpoch * 86_400 + context.now.secondOfDay)
            }
        }
        return context.now - .seconds(Int64(months) * 30 * 86_400)
    }

    func document(_ path: String) -> String? { evidence.documents[path] }

    /// A file in the root by its name, in any case.
    func rootFile(_ names: [String]) -> String? { evidence.rootFile(names) }

    /// What was merged in the last months.
    func within(months: Double, _ requests: [ProjectForge.MergedRequest]) -> [ProjectForge.MergedRequest] {
        requests.filter { $0.at > start(months: months) && $0.at <= context.now }
    }

    /// What the forge says, or the hit that says why it is not known.
    func forge<Value>(_ part: (ProjectForge) -> Known<Value>) -> (value: Value?, gap: ProjectHit?) {
        switch evidence.forge {
        case .unknown(let reason): return (nil, .common("no-forge", ["reason": reason]))
        case .known(let forge):
            switch part(forge) {
            case .known(let value): return (value, nil)
            case .unknown(let reason): return (nil, .common("no-forge", ["reason": reason]))
            }
        }
    }
}

extension CriterionEvidence {
    static func file(_ path: String, _ text: String? = nil) -> CriterionEvidence {
        CriterionEvidence(
            kind: .file,
            strength: .observed,
            text: (text ?? path).bounded(to: 500),
            path: path.bounded(to: 500)
        )
    }

    static func history(_ text: String) -> CriterionEvidence {
        CriterionEvidence(kind: .history, strength: .observed, text: text.bounded(to: 500))
    }

    /// What a forge says of itself.
    static func forge(_ text: String) -> CriterionEvidence {
        CriterionEvidence(kind: .configuration, strength: .observed, text: text.bounded(to: 500))
    }
}

extension ProjectEvidence {
    /// A file in the root by its name, in any case.
    func rootFile(_ names: [String]) -> String? {
        let names = names.map { $0.lowercased() }
        return files.first { !$0.path.contains("/") && names.contains($0.path.lowercased()) }?.path
    }
}
