// SPDX-License-Identifier: EUPL-1.2

import Criteria
import JSON
import SBOM

/// One criterion with everything that the catalogue says about it.
struct CriterionPage {
    let criterion: Criterion
    let language: Language

    /// The page, with a newline at its end.
    var text: String {
        let scope = [criterion.area.title, criterion.level.title, criterion.stage.title].map { language($0) }
        var lines = [
            "\(criterion.id)  \(language(criterion.title))", scope.joined(separator: " · "), "",
            language(criterion.description), "", "\(language(Texts.advice)): \(language(criterion.advice))", "",
            "\(language(Texts.sources)):",
        ]
        lines += criterion.sources.map { "  \($0)" }
        let exempt = criterion.notApplicableKinds.map(\.rawValue) + criterion.notApplicableVisibilities.map(\.rawValue)
        if !exempt.isEmpty { lines += ["", "\(language(Texts.notFor)): \(exempt.joined(separator: ", "))"] }
        if criterion.isUndecided {
            let reason = criterion.cases["undecided"].map { ": " + language($0.explanation) } ?? ""
            lines += ["", language(Texts.undecidedYet) + reason]
        } else {
            lines += ["", "\(language(Texts.decidedBy)): \(criterion.check)"]
            if !criterion.parameters.isEmpty {
                lines.append("\(language(Texts.parameters)):")
                lines += criterion.parameters.sorted { $0.key < $1.key }.map { "  \($0.key): \(Self.text($0.value))" }
            }
            lines += ["", "\(language(Texts.casesTitle)):"]
            lines += criterion.cases.sorted { $0.key < $1.key }.map { "  \($0.key): \(language($0.value.explanation))" }
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The criterion as JSON; absent values are null.
    static func json(_ criterion: Criterion) -> JSONValue {
        [
            "id": .string(criterion.id), "area": .string(criterion.area.rawValue),
            "level": .string(criterion.level.rawValue), "stage": .string(criterion.stage.rawValue),
            "check": criterion.isUndecided ? .null : .string(criterion.check),
            "parameters": .object(criterion.parameters.mapValues(json)),
            "sources": .strings(criterion.sources), "title": criterion.title.json,
            "description": criterion.description.json, "advice": criterion.advice.json,
            "notFor": .strings(
                criterion.notApplicableKinds.map(\.rawValue) + criterion.notApplicableVisibilities.map(\.rawValue)
            ),
            "cases": .object(
                criterion.cases.mapValues { ["explanation": $0.explanation.json, "advice": $0.advice?.json ?? .null] }
            ),
        ]
    }

    private static func json(_ value: ParameterValue) -> JSONValue {
        switch value {
        case .text(let text): .string(text)
        case .number(let number): .double(number)
        case .flag(let flag): .bool(flag)
        case .texts(let texts): .strings(texts)
        case .numbers(let numbers): .array(numbers.map { .double($0) })
        }
    }

    private static func text(_ value: ParameterValue) -> String {
        switch value {
        case .text(let text): text
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .texts(let texts): texts.joined(separator: ", ")
        case .numbers(let numbers): numbers.map { "\($0)" }.joined(separator: ", ")
        }
    }
}
