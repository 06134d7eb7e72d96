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

extension Collection<Finding> {
    /// In the order of ``Finding/isWorse(_:_:)``; what is in that order already only costs the look.
    ///
    /// Places are sorted, because a finding is large to move.
    public var worstFirst: [Finding] {
        let findings = Array(self)
        let isOrdered = zip(findings, findings.dropFirst()).allSatisfy { !Finding.isWorse($1, $0) }
        guard !isOrdered else { return findings }
        return findings.indices.sorted { Finding.isWorse(findings[$0], findings[$1]) }.map { findings[$0] }
    }
}
