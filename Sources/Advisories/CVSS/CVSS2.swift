// SPDX-License-Identifier: EUPL-1.2

/// The base score of version 2.0.
///
/// Source: FIRST, "A Complete Guide to the Common Vulnerability Scoring System Version 2.0", section 3.2.1.
enum CVSS2 {
    static let mandatory = ["AV": "L A N", "AC": "H M L", "Au": "M S N", "C": "N P C", "I": "N P C", "A": "N P C"]
    static let optional = [
        "E": "U POC F H ND", "RL": "OF TF W U ND", "RC": "UC UR C ND", "CDP": "N L LM MH H ND", "TD": "N L M H ND",
        "CR": "L M H ND", "IR": "L M H ND", "AR": "L M H ND",
    ]

    static func score(_ metrics: CVSSMetrics) -> Double {
        func impact(_ name: String) -> Double {
            switch metrics[name] {
            case "C": 0.660
            case "P": 0.275
            default: 0
            }
        }
        let total = 10.41 * (1 - (1 - impact("C")) * (1 - impact("I")) * (1 - impact("A")))
        let vector =
            switch metrics["AV"] {
            case "N": 1.0
            case "A": 0.646
            default: 0.395
            }
        let complexity =
            switch metrics["AC"] {
            case "L": 0.71
            case "M": 0.61
            default: 0.35
            }
        let authentication =
            switch metrics["Au"] {
            case "N": 0.704
            case "S": 0.56
            default: 0.45
            }
        let exploitability = 20 * vector * complexity * authentication
        let weight = total == 0 ? 0 : 1.176
        let score = (0.6 * total + 0.4 * exploitability - 1.5) * weight
        // A value that lies on a half in decimal may lie a little below it in binary.
        return max(0, (score * 10 + 1e-9).rounded() / 10)
    }
}
