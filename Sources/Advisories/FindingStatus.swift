// SPDX-License-Identifier: EUPL-1.2

/// What a finding says about an image.
public enum FindingStatus: String, Sendable, Hashable, CaseIterable {
    /// Vulnerable, and a fixed version exists.
    case affected
    /// Vulnerable, and no fixed version exists yet.
    case affectedNoFix
    /// Vulnerable, and the distributor has said that there will be no fix.
    case affectedWontFix
    /// Vulnerable, and the distributor has put the fix off.
    case affectedDeferred
    /// Vulnerable, and the distributor no longer supports the package.
    case affectedEndOfLife
    /// Somebody looks into it.
    case underInvestigation
    /// Not vulnerable by a VEX statement or a feed's explicit word.
    case notAffected
    /// Fixed by a VEX statement or a feed's explicit word.
    case fixed
    /// It cannot be told: never clean, never vulnerable.
    case undetermined

    /// True for the five ways of being vulnerable.
    public var isAffected: Bool {
        switch self {
        case .affected, .affectedNoFix, .affectedWontFix, .affectedDeferred, .affectedEndOfLife: true
        case .underInvestigation, .notAffected, .fixed, .undetermined: false
        }
    }
}
