// SPDX-License-Identifier: EUPL-1.2

public import JSON

extension TR03183 {
    /// What came of holding a bill against the guideline.
    public struct Report: Sendable, Hashable {
        /// What came of all.
        public let conclusion: Conclusion
        /// One result per field, in the order of the guideline.
        public let results: [Result]
        /// How many components have which role, the subject included.
        public let roles: [Role: Int]
    }

    /// What came of one field.
    public struct Result: Sendable, Hashable {
        /// The field.
        public let field: Field
        /// The worst that was found: missing, then unknown, then met; not applicable where it is demanded of nothing.
        public let outcome: Outcome
        /// What was found, the worst first.
        public let findings: [Finding]

        /// How many components, or the document, had an outcome.
        public func count(_ outcome: Outcome) -> Int {
            findings.reduce(0) { $0 + ($1.outcome == outcome ? $1.count : 0) }
        }
    }

    /// The same thing found about a field at some places.
    public struct Finding: Sendable, Hashable {
        /// Name of what was found, which stays the same between versions: `notStated`.
        public let reason: String
        /// What it means for the field.
        public let outcome: Outcome
        /// At how many places.
        public let count: Int
        /// The first ``BillOfMaterials/maximumPlaces`` of them, as JSON pointers; empty for what is met.
        public let places: [String]
        /// What was found.
        public let explanation: LocalizedText
        /// What to do; nil where nothing is to be done.
        public let advice: LocalizedText?
    }
}

extension TR03183.Report {
    /// The result of a field.
    public func result(_ field: TR03183.Field) -> TR03183.Result? { results.first { $0.field == field } }

    /// The report as an object, without a schema version of its own.
    public var json: JSONValue {
        let roles = TR03183.Role.allCases.map { ($0.rawValue, JSONValue.integer(Int64(self.roles[$0] ?? 0))) }
        return [
            "guideline": ["name": "BSI TR-03183-2", "version": .string(TR03183.version)],
            "conclusion": .string(conclusion.rawValue),
            "roles": .object(Dictionary(roles, uniquingKeysWith: { first, _ in first })),
            "results": .array(results.map(\.json)),
            "limits": .array(TR03183.limits.map(\.json)),
        ]
    }
}

extension TR03183.Result {
    fileprivate var json: JSONValue {
        [
            "field": .string(field.id),
            "clause": .string(field.clause),
            "requirement": .string(field.requirement.rawValue),
            "title": field.title.json,
            "outcome": .string(outcome.rawValue),
            "findings": .array(
                findings.map { finding in
                    [
                        "reason": .string(finding.reason),
                        "outcome": .string(finding.outcome.rawValue),
                        "count": .integer(Int64(finding.count)),
                        "places": .strings(finding.places),
                        "explanation": finding.explanation.json,
                        "advice": .optional(finding.advice?.json),
                    ]
                }
            ),
        ]
    }
}
