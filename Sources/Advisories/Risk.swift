// SPDX-License-Identifier: EUPL-1.2

/// How urgent a finding is, from 0 to 100, by Grype's formula: `min(threat × severity × kevModifier, 1) × 100`.
///
/// The threat is 1 for a vulnerability that is known to be exploited, else the EPSS probability, else 0. The severity is the middle
/// of its band divided by 10. The modifier is 1.05 for exploited vulnerabilities, 1.1 for those used in ransomware campaigns.
///
/// Source: anchore/grype, `vulnerability/metadata.go`.
public struct Risk: Sendable, Hashable {
    /// 0 to 100, rounded to three decimals.
    public let value: Double
    /// The formula with its numbers: `EPSS 0.0335 × severity medium 0.5 × 100 = 1.675`.
    public let explanation: String

    /// Applies the formula.
    public init(severity: Severity, kev: KEVEntry?, epss: EPSSScore?) {
        let weight = severity.bandMidpoint / 10
        let threat: Double
        let modifier: Double
        let threatText: String
        if let kev {
            threat = 1
            modifier = kev.ransomware ? 1.1 : 1.05
            threatText = "exploited (KEV) 1"
        } else {
            threat = min(max(epss?.probability ?? 0, 0), 1)
            modifier = 1
            threatText = epss == nil ? "no EPSS 0" : "EPSS \(threat)"
        }
        let product = threat * weight * modifier
        value = (min(product, 1) * 100_000).rounded() / 1000
        let severityText = "severity \(severity == .unknown ? "unrated" : severity.rawValue) \(weight)"
        let modifierText =
            kev.map { $0.ransomware ? " × ransomware 1.1" : " × KEV 1.05" } ?? ""
        let product100 = product > 1 ? " × 100, at most 100 = " : " × 100 = "
        explanation = "\(threatText) × \(severityText)\(modifierText)\(product100)\(value)"
    }
}
