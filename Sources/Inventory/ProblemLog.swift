// SPDX-License-Identifier: EUPL-1.2

import Criteria

/// Collects problems up to a bound, and says how many more there were.
struct ProblemLog {
    private(set) var problems: [InventoryProblem] = []
    private var seen: Set<InventoryProblem> = []
    private var dropped = 0
    private var droppedAffectsComponents = false
    let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func add(_ path: String?, layer: Int?, _ reason: String, affectsComponents: Bool) {
        let problem = InventoryProblem(
            path: path.map { String($0.prefix(512)) },
            layer: layer,
            reason: reason,
            affectsComponents: affectsComponents
        )
        guard problems.count < limit else {
            dropped += 1
            droppedAffectsComponents = droppedAffectsComponents || affectsComponents
            return
        }
        if seen.insert(problem).inserted { problems.append(problem) }
    }

    /// All problems; when some were dropped the last one says so, and never sounds better than those.
    var all: [InventoryProblem] {
        guard dropped > 0 else { return problems }
        return problems + [
            InventoryProblem(
                path: nil,
                layer: nil,
                reason: "\(dropped) more problems are not listed",
                affectsComponents: droppedAffectsComponents
            )
        ]
    }
}
