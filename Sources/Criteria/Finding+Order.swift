// SPDX-License-Identifier: EUPL-1.2

public import Advisories

extension Finding {
    /// Stands open: vulnerable, under investigation, or not to be told.
    public var isOpen: Bool { status.isAffected || status == .underInvestigation || status == .undetermined }

    /// Order of lists: exploited first, then by risk, severity and name.
    static func isWorse(_ left: Finding, _ right: Finding) -> Bool {
        if (left.kev == nil) != (right.kev == nil) { return left.kev != nil }
        if left.risk != right.risk { return left.risk > right.risk }
        if left.severity != right.severity { return left.severity > right.severity }
        if left.id != right.id { return left.id < right.id }
        if left.componentName != right.componentName { return left.componentName < right.componentName }
        if left.componentVersion != right.componentVersion { return left.componentVersion < right.componentVersion }
        return (left.componentPURL ?? "") < (right.componentPURL ?? "")
    }
}
