// SPDX-License-Identifier: EUPL-1.2

/// How bad a vulnerability is, in the order of badness; `unknown` is below all others, which does not make it harmless.
public enum Severity: String, Sendable, Hashable, CaseIterable {
    /// Nobody has rated it.
    case unknown
    /// Of no consequence in the distributor's words (Debian: `unimportant`).
    case negligible
    /// Low.
    case low
    /// Medium.
    case medium
    /// High.
    case high
    /// Critical.
    case critical

    /// The middle of the CVSS band that the severity stands for, 0 to 10; an unrated one counts as medium.
    ///
    /// Source: the bands of Grype's risk formula.
    public var bandMidpoint: Double {
        switch self {
        case .unknown: 5
        case .negligible: 0.5
        case .low: 3
        case .medium: 5
        case .high: 7.5
        case .critical: 9
        }
    }
}

extension Severity: Comparable {
    /// Less bad, with unrated ones first.
    public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .unknown: 0
        case .negligible: 1
        case .low: 2
        case .medium: 3
        case .high: 4
        case .critical: 5
        }
    }
}
