// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Criteria

/// What differs between two verdicts of one image, or of two.
///
/// A finding is the same when advisory (by any of its identifiers) and source package are: a newer version with the same vulnerability is
/// nothing new, and neither is a further binary package of a source that had it already.
public struct VerdictComparison: Sendable, Hashable {
    /// One advisory in a source package whose status is another one now.
    public struct ChangedFinding: Sendable, Hashable {
        /// Before.
        public var before: AdvisoryGroup
        /// Now.
        public var after: AdvisoryGroup
    }

    /// One criterion whose result is another one now.
    public struct ChangedCriterion: Sendable, Hashable {
        /// The result before; nil when the criterion was not asked for.
        public var before: Outcome?
        /// The result now, with its reasons.
        public var after: CriterionResult
        /// It failed not before and does now, or was passed and can no longer be told.
        public var isWorse: Bool
    }

    /// Level before.
    public var levelBefore: Level
    /// Level now.
    public var levelAfter: Level
    /// Affected now and not before, worst first.
    public var newFindings: [AdvisoryGroup]
    /// Affected before, not now, although its ecosystem is still assessed; worst first.
    public var goneFindings: [AdvisoryGroup]
    /// Affected before; nobody has looked now, so it is not known to be gone.
    public var lostFindings: [AdvisoryGroup]
    /// Affected before and now, with another status or fix.
    public var changedFindings: [ChangedFinding]
    /// Criteria that count and have another result now, in the order of the catalogue.
    public var criteria: [ChangedCriterion]
    /// The advisories are others: what is new can be new knowledge about an old image.
    public var isOtherSnapshot: Bool
    /// The rules are others.
    public var isOtherCatalogue: Bool

    /// Criteria that are worse now.
    public var worse: [ChangedCriterion] { criteria.filter(\.isWorse) }

    /// Nothing is new, gone or changed.
    public var isEmpty: Bool {
        newFindings.isEmpty && goneFindings.isEmpty && lostFindings.isEmpty && changedFindings.isEmpty
            && criteria.isEmpty && levelBefore == levelAfter
    }

    /// Compares two verdicts.
    public init(before: Verdict, after: Verdict) {
        levelBefore = before.level
        levelAfter = after.level
        isOtherSnapshot = before.snapshot != after.snapshot
        isOtherCatalogue = before.catalogueVersion != after.catalogueVersion
        let old = GroupIndex(before)
        let new = GroupIndex(after)
        newFindings = new.affected.filter { old.match($0) == nil }
        // What has no advisories now cannot be known to be gone; without any feed nothing can.
        let unassessed = Set(after.notAssessed.map(\.ecosystem))
        let missing = old.affected.filter { new.match($0) == nil }
        let isLost = { (group: AdvisoryGroup) in
            after.feeds.isEmpty || unassessed.contains(group.finding.ecosystem)
        }
        goneFindings = missing.filter { !isLost($0) }
        lostFindings = missing.filter(isLost)
        changedFindings = new.affected.compactMap { group in
            guard let match = old.match(group),
                match.finding.status != group.finding.status || match.finding.fixedIn != group.finding.fixedIn
                    || (match.finding.kev == nil) != (group.finding.kev == nil)
            else { return nil }
            return ChangedFinding(before: match, after: group)
        }
        let results = Dictionary(before.criteria.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        criteria = after.criteria.compactMap { result in
            guard after.counts(result) else { return nil }
            // A criterion that did not count then has no result to compare with.
            let earlier = results[result.id].flatMap { before.counts($0) ? $0.result : nil }
            guard earlier != result.result, earlier != nil || !result.result.isPassed else { return nil }
            let isWorse =
                result.result == .fail || (result.result == .unknown && (earlier?.isPassed ?? true))
            return ChangedCriterion(before: earlier, after: result, isWorse: isWorse)
        }
    }

    /// The new findings that count from a severity on.
    ///
    /// One that is exploited counts always. One that nobody has rated counts as medium, as it does for the risk.
    public func newFindings(from severity: Severity) -> [AdvisoryGroup] {
        newFindings.filter {
            $0.finding.kev != nil || $0.finding.severity.bandMidpoint >= severity.bandMidpoint
        }
    }
}

/// Affected groups of a verdict by identifier and source package.
private struct GroupIndex {
    private struct Key: Hashable {
        var id: String
        var ecosystem: String
        var source: String
    }

    /// One per advisory and source package, worst first.
    let affected: [AdvisoryGroup]
    private let byKey: [Key: AdvisoryGroup]

    init(_ verdict: Verdict) {
        var affected: [AdvisoryGroup] = []
        var byKey: [Key: AdvisoryGroup] = [:]
        for group in verdict.advisoryGroups where group.finding.status.isAffected {
            let keys = Self.keys(of: group)
            let isKnown = keys.contains { byKey[$0] != nil }
            for key in keys where byKey[key] == nil { byKey[key] = group }
            if !isKnown { affected.append(group) }
        }
        self.affected = affected
        self.byKey = byKey
    }

    func match(_ group: AdvisoryGroup) -> AdvisoryGroup? {
        for key in Self.keys(of: group) {
            if let found = byKey[key] { return found }
        }
        return nil
    }

    private static func keys(of group: AdvisoryGroup) -> [Key] {
        ([group.finding.id] + group.finding.aliases).map {
            Key(id: $0, ecosystem: group.finding.ecosystem, source: group.sourceName)
        }
    }
}
