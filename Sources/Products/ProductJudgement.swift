// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import SBOM

/// What came of holding a product's bill against TR-03183-2, in short; the bill itself can be held against it again.
public struct ProductJudgement: Sendable, Hashable {
    /// What came of one demand.
    public struct Field: Sendable, Hashable {
        /// The demand.
        public let field: TR03183.Field
        /// The worst that was found.
        public let outcome: TR03183.Outcome
        /// At how many places it is missing.
        public let missing: Int
        /// At how many places it cannot be told.
        public let unknown: Int
    }

    /// What came of all.
    public let conclusion: TR03183.Conclusion
    /// The version of the guideline.
    public let version: String
    /// Every demand, in the order of the guideline.
    public let fields: [Field]

    init(_ report: TR03183.Report) {
        conclusion = report.conclusion
        version = TR03183.version
        fields = report.results.map { result in
            Field(
                field: result.field,
                outcome: result.outcome,
                missing: result.count(.missing),
                unknown: result.count(.unknown)
            )
        }
    }

    /// Reads what ``json`` writes.
    init(json: JSONFields) throws {
        guard let conclusion = TR03183.Conclusion(rawValue: try json.string("conclusion")) else {
            throw DamagedProducts(what: "conclusion")
        }
        self.conclusion = conclusion
        version = try json.string("version")
        fields = try json.objects("fields").map { entry in
            let id = try entry.string("field")
            guard let field = TR03183.Field.allCases.first(where: { $0.id == id }),
                let outcome = TR03183.Outcome(rawValue: try entry.string("outcome"))
            else { throw DamagedProducts(what: "field of TR-03183-2") }
            return Field(
                field: field,
                outcome: outcome,
                missing: try entry.int("missing"),
                unknown: try entry.int("unknown")
            )
        }
    }

    /// The judgement as an object.
    public var json: JSONValue {
        [
            "guideline": "BSI TR-03183-2", "version": .string(version), "conclusion": .string(conclusion.rawValue),
            "fields": .array(
                fields.map { entry in
                    [
                        "field": .string(entry.field.id), "title": entry.field.title.json,
                        "requirement": .string(entry.field.requirement.rawValue),
                        "outcome": .string(entry.outcome.rawValue), "missing": .integer(Int64(entry.missing)),
                        "unknown": .integer(Int64(entry.unknown)),
                    ]
                }
            ),
        ]
    }
}
