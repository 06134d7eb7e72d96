// SPDX-License-Identifier: EUPL-1.2

/// How results become levels.
enum Levels {
    /// The level of each area: the highest whose criteria, and those of all levels below, that count at the stage are passed.
    ///
    /// A level of which no criterion counts yet is not reached: nothing has been asked for it.
    static func areas(criteria: [CriterionResult], stage: Stage, kind: ImageKind) -> [Area: Level] {
        var areas: [Area: Level] = [:]
        for area in Area.allCases {
            let counted = criteria.filter { $0.area == area && $0.stage <= stage }
            var reached = Level.none
            for level in [Level.bronze, .silver, .gold] {
                let asked = counted.filter { $0.level == level }
                guard !asked.isEmpty, asked.allSatisfy(\.result.isPassed) else { break }
                reached = level
            }
            // A declared builder is excused from "minimal" and "no build tools", so it cannot be gold.
            if kind == .builder, area == .security { reached = min(reached, .silver) }
            areas[area] = reached
        }
        return areas
    }

    /// The highest L with security ≥ L, maintenance ≥ L and reuse ≥ bronze.
    static func overall(_ areas: [Area: Level]) -> Level {
        guard areas[.reuse, default: .none] >= .bronze else { return .none }
        return min(areas[.security, default: .none], areas[.maintenance, default: .none])
    }
}
