// SPDX-License-Identifier: EUPL-1.2

/// The base score of versions 3.0 and 3.1, which differ in how they round.
///
/// Source: FIRST, "CVSS v3.1 Specification Document", section 7.1 and appendix A.
enum CVSS3 {
    static let mandatory = [
        "AV": "N A L P", "AC": "L H", "PR": "N L H", "UI": "N R", "S": "U C", "C": "N L H", "I": "N L H", "A": "N L H",
    ]
    static let optional = [
        "E": "X U P F H", "RL": "X O T W U", "RC": "X U R C", "CR": "X L M H", "IR": "X L M H", "AR": "X L M H",
        "MAV": "X N A L P", "MAC": "X L H", "MPR": "X N L H", "MUI": "X N R", "MS": "X U C", "MC": "X N L H",
        "MI": "X N L H", "MA": "X N L H",
    ]

    static func score(_ metrics: CVSSMetrics, _ version: CVSSVector.Version) -> Double {
        let isChanged = metrics["S"] == "C"
        func impact(_ name: String) -> Double {
            switch metrics[name] {
            case "H": 0.56
            case "L": 0.22
            default: 0
            }
        }
        let base = 1 - (1 - impact("C")) * (1 - impact("I")) * (1 - impact("A"))
        let total = isChanged ? 7.52 * (base - 0.029) - 3.25 * power(base - 0.02, 15) : 6.42 * base
        guard total > 0 else { return 0 }
        let exploitability =
            8.22 * vector(metrics) * (metrics["AC"] == "L" ? 0.77 : 0.44)
            * privileges(metrics, isChanged) * (metrics["UI"] == "N" ? 0.85 : 0.62)
        return roundUp(min((isChanged ? 1.08 : 1) * (total + exploitability), 10), version)
    }

    private static func vector(_ metrics: CVSSMetrics) -> Double {
        switch metrics["AV"] {
        case "N": 0.85
        case "A": 0.62
        case "L": 0.55
        default: 0.2
        }
    }

    private static func privileges(_ metrics: CVSSMetrics, _ isChanged: Bool) -> Double {
        switch metrics["PR"] {
        case "N": 0.85
        case "L": isChanged ? 0.68 : 0.62
        default: isChanged ? 0.5 : 0.27
        }
    }

    private static func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { value, _ in value * base }
    }

    /// The smallest tenth that is not below; 3.1 looks at five decimals only, 3.0 at all of them, up to what binary cannot tell.
    private static func roundUp(_ value: Double, _ version: CVSSVector.Version) -> Double {
        let scale = version == .v31 ? 1e5 : 1e10
        let whole = (value * scale).rounded()
        return (whole / (scale / 10)).rounded(.up) / 10
    }
}
