// SPDX-License-Identifier: EUPL-1.2

/// What a VEX statement says about a vulnerability in a product, in OpenVEX's words.
public enum VEXStatus: String, Sendable, Hashable, CaseIterable {
    /// No remediation is needed.
    case notAffected = "not_affected"
    /// Something is to be done.
    case affected
    /// These versions contain a fix.
    case fixed
    /// It is not known yet.
    case underInvestigation = "under_investigation"

    /// What a finding becomes by this word.
    ///
    /// An investigation that has merely begun clears nobody: a finding that counts as vulnerable stays so, and one that says more than
    /// "affected" (no fix, no support) keeps what it says.
    public func applied(to status: FindingStatus) -> FindingStatus {
        switch self {
        case .notAffected: .notAffected
        case .fixed: .fixed
        case .affected: status.isAffected ? status : .affected
        case .underInvestigation: status.isAffected ? status : .underInvestigation
        }
    }

    /// How much a statement leaves visible; between statements that are otherwise equal the more cautious one counts.
    var caution: Int {
        switch self {
        case .affected: 3
        case .underInvestigation: 2
        case .fixed: 1
        case .notAffected: 0
        }
    }
}

/// What somebody does about a vulnerability, in CycloneDX's words.
public enum VEXResponse: String, Sendable, Hashable, CaseIterable {
    /// A fix is not possible.
    case canNotFix = "can_not_fix"
    /// A fix is possible and will not come.
    case willNotFix = "will_not_fix"
    /// Update to another version.
    case update
    /// Go back to an earlier version.
    case rollback
    /// There is a workaround.
    case workaroundAvailable = "workaround_available"
}
