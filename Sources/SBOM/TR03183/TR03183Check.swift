// SPDX-License-Identifier: EUPL-1.2

/// One look at one bill; collects what is found, grouped by field and reason.
struct TR03183Check {
    let bill: BillOfMaterials
    /// The components, and last the subject, where there is one.
    let nodes: [BillEntry]
    /// The role of each node.
    let roles: [TR03183.Role]
    /// Whether a text is a licence as the guideline wants it; the same few texts stand at thousands of components.
    private var licenceIsKnown: [String: Bool] = [:]
    /// By field, then by reason; an array, because every component adds to every field.
    private var tally = [Group](repeating: Group(), count: TR03183.Field.allCases.count * width)

    private static let width = TR03183Reason.allCases.count

    private struct Group {
        var count = 0
        var places: [String] = []

        mutating func add(_ count: Int, _ pointer: @autoclosure () -> String?) {
            self.count += count
            guard places.count < BillOfMaterials.maximumPlaces, let pointer = pointer() else { return }
            places.append(pointer)
        }
    }

    init(_ bill: BillOfMaterials) {
        self.bill = bill
        nodes = bill.entries + (bill.subject.map { [$0] } ?? [])
        let rules = TR03183RoleRules(bill)
        roles = nodes.map { rules.role(of: $0) }
    }

    /// Notes that something was found at a place.
    mutating func note(
        _ field: TR03183.Field,
        _ reason: TR03183Reason,
        at pointer: @autoclosure () -> String,
        count: Int = 1
    ) {
        guard count > 0 else { return }
        let cell = field.rawValue * Self.width + reason.rawValue
        tally[cell].add(count, reason.outcome == .met ? nil : pointer())
    }

    mutating func isLicence(_ text: String) -> Bool {
        if let known = licenceIsKnown[text] { return known }
        let isKnown = TR03183Values.isLicence(text)
        licenceIsKnown[text] = isKnown
        return isKnown
    }

    var report: TR03183.Report {
        let results = TR03183.Field.allCases.map { field in
            let findings = TR03183Reason.allCases.compactMap { finding(field, $0) }.sorted {
                ($0.outcome.rank, -$0.count, $0.reason) < ($1.outcome.rank, -$1.count, $1.reason)
            }
            return TR03183.Result(
                field: field,
                outcome: findings.first?.outcome ?? .notApplicable,
                findings: findings
            )
        }
        return TR03183.Report(
            conclusion: Self.conclusion(results),
            results: results,
            roles: roles.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        )
    }

    private func finding(_ field: TR03183.Field, _ reason: TR03183Reason) -> TR03183.Finding? {
        let group = tally[field.rawValue * Self.width + reason.rawValue]
        guard group.count > 0 else { return nil }
        return TR03183.Finding(
            reason: "\(reason)",
            outcome: reason.outcome,
            count: group.count,
            places: group.places,
            explanation: reason.explanation(field),
            advice: reason.advice(field, bill.format)
        )
    }

    /// What "may" and "ideally" lack decides nothing; what "must if it exists" does not say is no fault, since nobody can tell.
    private static func conclusion(_ results: [TR03183.Result]) -> TR03183.Conclusion {
        let demanded = results.filter { $0.field.requirement == .must || $0.field.requirement == .mustIfExists }
        if demanded.contains(where: { $0.outcome == .missing }) { return .doesNotConform }
        let isOpen = demanded.contains { $0.outcome == .unknown && $0.field.requirement == .must }
        return isOpen ? .undecided : .conforms
    }
}

extension TR03183.Outcome {
    /// The worst first.
    fileprivate var rank: Int {
        switch self {
        case .missing: 0
        case .unknown: 1
        case .met: 2
        case .notApplicable: 3
        }
    }
}
