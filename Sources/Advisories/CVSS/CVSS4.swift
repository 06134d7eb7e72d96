// SPDX-License-Identifier: EUPL-1.2

/// The score of version 4.0: that of the macro vector, less the mean of how far the vector lies below the worst of its macro vector.
///
/// Source: FIRST, "CVSS v4.0 Specification Document", section 8.
enum CVSS4 {
    static let mandatory = [
        "AV": "N A L P", "AC": "L H", "AT": "N P", "PR": "N L H", "UI": "N P A", "VC": "H L N", "VI": "H L N",
        "VA": "H L N", "SC": "H L N", "SI": "H L N", "SA": "H L N",
    ]
    static let optional = [
        "E": "X A P U", "CR": "X H M L", "IR": "X H M L", "AR": "X H M L", "MAV": "X N A L P", "MAC": "X L H",
        "MAT": "X N P", "MPR": "X N L H", "MUI": "X N P A", "MVC": "X H L N", "MVI": "X H L N", "MVA": "X H L N",
        "MSC": "X H L N", "MSI": "X S H L N", "MSA": "X S H L N", "S": "X N P", "AU": "X N Y", "R": "X A U I",
        "V": "X D C", "RE": "X L M H", "U": "X Clear Green Amber Red",
    ]

    static func score(_ metrics: CVSSMetrics) -> Double {
        let vector = Vector(metrics)
        if ["VC", "VI", "VA", "SC", "SI", "SA"].allSatisfy({ vector[$0] == "N" }) { return 0 }
        let eq = vector.macroVector
        guard let tenths = CVSS4Table.score(eq) else { return 0 }
        let value = Double(tenths) / 10
        guard let distances = vector.distances(eq) else { return value }
        let depths = [[1, 4, 5], [1, 2], [], [6, 5, 4]]
        let depth36 = [[7, 6], [8, 8], [10, 10]][eq[2]][eq[5]]
        var sum = 0.0
        var count = 0
        for (index, lower) in lowerScores(eq).enumerated() {
            guard let lower else { continue }
            count += 1
            // EQ5 has one metric only, so that nothing lies between its levels.
            guard index < 4 else { continue }
            let depth = Double(index == 2 ? depth36 : depths[index][eq[index]]) * 0.1
            sum += (value - Double(lower) / 10) * (distances[index] / depth)
        }
        let result = count == 0 ? value : value - sum / Double(count)
        // Half up; the small addition outweighs what binary fractions lose.
        return ((min(max(result, 0), 10) + 1e-6) * 10).rounded() / 10
    }

    /// The scores of the next lower macro vector along EQ1, EQ2, EQ3 with EQ6, EQ4 and EQ5.
    private static func lowerScores(_ eq: [Int]) -> [Int?] {
        func lower(_ indices: Int...) -> Int? {
            var next = eq
            for index in indices { next[index] += 1 }
            return CVSS4Table.score(next)
        }
        let joint: Int? =
            switch (eq[2], eq[5]) {
            case (0, 0): [lower(5), lower(2)].compactMap { $0 }.max()
            case (1, 0): lower(5)
            case (_, 1): lower(2)
            default: lower(2, 5)
            }
        return [lower(0), lower(1), joint, lower(3), lower(4)]
    }

    /// The metrics that count, with modified ones in the place of those they modify.
    private struct Vector {
        private let values: CVSSMetrics

        init(_ metrics: CVSSMetrics) {
            var values = metrics
            for (name, value) in metrics.all where name.count > 1 && name.first == "M" && value != "X" {
                values[String(name.dropFirst())] = value
            }
            // What is not known counts as the worst.
            for (name, worst) in ["E": "A", "CR": "H", "IR": "H", "AR": "H"] as KeyValuePairs<String, Character>
            where values[name] ?? "X" == "X" { values[name] = worst }
            self.values = values
        }

        subscript(_ name: String) -> Character { values[name] ?? "X" }

        var macroVector: [Int] {
            let isOpen = [self["AV"] == "N", self["PR"] == "N", self["UI"] == "N"]
            let eq1 = isOpen.allSatisfy { $0 } ? 0 : isOpen.contains(true) && self["AV"] != "P" ? 1 : 2
            let eq2 = self["AC"] == "L" && self["AT"] == "N" ? 0 : 1
            let high = ["VC", "VI", "VA"].map { self[$0] == "H" }
            let eq3 = high[0] && high[1] ? 0 : high.contains(true) ? 1 : 2
            let isSafety = self["SI"] == "S" || self["SA"] == "S"
            let eq4 = isSafety ? 0 : ["SC", "SI", "SA"].contains { self[$0] == "H" } ? 1 : 2
            let eq5 = self["E"] == "A" ? 0 : self["E"] == "P" ? 1 : 2
            let isRequired = zip(high, ["CR", "IR", "AR"]).contains { $0 && self[$1] == "H" }
            return [eq1, eq2, eq3, eq4, eq5, isRequired ? 0 : 1]
        }

        /// How far the vector lies below the first of its macro vector's worst vectors that is nowhere better: for EQ1, EQ2, EQ3 with EQ6, EQ4.
        func distances(_ eq: [Int]) -> [Double]? {
            let sets = [
                CVSS4Worst.eq1[eq[0]], CVSS4Worst.eq2[eq[1]], CVSS4Worst.eq36[eq[2]][eq[5]], [CVSS4Worst.eq4[eq[3]]],
            ]
            // The sets share no metric, so that each is judged alone.
            var sums: [Double] = []
            for set in sets {
                let fitting = set.lazy.compactMap { worst -> Double? in
                    var sum = 0.0
                    for (name, value) in worst {
                        guard let mine = level(name, self[name]), let most = level(name, value), mine >= most else {
                            return nil
                        }
                        sum += Double(mine - most) * 0.1
                    }
                    return sum
                }
                guard let first = fitting.first else { return nil }
                sums.append(first)
            }
            return sums
        }

        /// Steps below the worst value of a metric.
        private func level(_ name: String, _ value: Character) -> Int? {
            let order: [Character] =
                switch name {
                case "AV": ["N", "A", "L", "P"]
                case "PR": ["N", "L", "H"]
                case "UI": ["N", "P", "A"]
                case "AC": ["L", "H"]
                case "AT": ["N", "P"]
                case "SC", "SI", "SA": ["S", "H", "L", "N"]
                case "CR", "IR", "AR": ["H", "M", "L"]
                default: ["H", "L", "N"]
                }
            return order.firstIndex(of: value)
        }
    }
}

/// The worst vectors of each level.
///
/// Source: FIRST, "CVSS v4.0 Specification Document", section 8.2, tables 24 to 29.
private enum CVSS4Worst {
    typealias Metrics = [(String, Character)]

    static let eq1: [[Metrics]] = [
        [[("AV", "N"), ("PR", "N"), ("UI", "N")]],
        [
            [("AV", "A"), ("PR", "N"), ("UI", "N")], [("AV", "N"), ("PR", "L"), ("UI", "N")],
            [("AV", "N"), ("PR", "N"), ("UI", "P")],
        ],
        [[("AV", "P"), ("PR", "N"), ("UI", "N")], [("AV", "A"), ("PR", "L"), ("UI", "P")]],
    ]
    static let eq2: [[Metrics]] = [
        [[("AC", "L"), ("AT", "N")]], [[("AC", "H"), ("AT", "N")], [("AC", "L"), ("AT", "P")]],
    ]
    static let eq4: [Metrics] = [
        [("SC", "H"), ("SI", "S"), ("SA", "S")], [("SC", "H"), ("SI", "H"), ("SA", "H")],
        [("SC", "L"), ("SI", "L"), ("SA", "L")],
    ]
    /// By EQ3, then EQ6; the values of VC, VI, VA, CR, IR and AR.
    static let eq36: [[[Metrics]]] = [
        [worst("HHHHHH"), worst("HHLMMH", "HHHMMM")],
        [worst("LHHHHH", "HLHHHH"), worst("LHLHMH", "LHHHMM", "HLHMHM", "HLLMHH", "LLHHHM")],
        [[], worst("LLLHHH")],
    ]

    private static func worst(_ texts: String...) -> [Metrics] {
        texts.map { Array(zip(["VC", "VI", "VA", "CR", "IR", "AR"], $0)) }
    }
}
