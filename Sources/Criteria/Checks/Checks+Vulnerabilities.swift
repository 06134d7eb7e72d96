// SPDX-License-Identifier: EUPL-1.2

internal import Advisories
internal import SBOM
internal import Time

extension Checks {
    /// Checks that rest on findings and on the age of the feeds they come from.
    static let vulnerabilities: [Check] = [matched, assessedFindings, notExploited, fixedInTime, nothingOpen]

    // MARK: - IMG-SEC-25

    private static let matched = Check(
        "matched",
        parameters: ["maximumHours": .number],
        cases: [
            .pass("recent", ["time", "dates", "snapshot"]),
            .fail("no-feed", ["release"]),
            .fail("too-long-ago", ["time", "hours"]),
        ]
    ) { criterion, input in
        let gaps = input.inventoryGaps
        let covering = input.coveringFeeds
        let feeds = covering + input.languageFeeds + input.exploitedFeeds
        let evidence = input.facts(of: feeds)
        if !gaps.isEmpty { return CheckReport(hits: gaps, evidence: evidence) }
        if covering.isEmpty {
            return CheckReport(.own("no-feed", ["release": .text(input.releaseText)]), evidence: evidence)
        }
        if let stale = input.staleness(of: feeds) { return CheckReport(stale, evidence: evidence) }
        let hours = criterion.number("maximumHours")
        let time = input.context.matchedAt ?? input.context.now
        let end = time + .seconds(Int64(hours * 3600))
        if end <= input.context.now {
            let values: [String: PlaceValue] = ["time": .text(time.rfc3339), "hours": .number(Int(hours))]
            return CheckReport(.own("too-long-ago", values), evidence: evidence)
        }
        let values: [String: PlaceValue] = [
            "time": .text(time.rfc3339), "dates": .text(input.dateText(of: feeds)),
            "snapshot": .text(input.context.snapshot ?? feeds.map(\.digest).joined(separator: ", ")),
        ]
        return CheckReport(
            hits: input.coverageGaps.isEmpty ? [.own("recent", values)] : input.coverageGaps,
            evidence: evidence,
            changesAt: input.expiries(of: feeds) + [end]
        )
    }

    // MARK: - IMG-SEC-26

    private static let assessedFindings = Check(
        "findings-assessed",
        parameters: ["minimumSeverity": .text, "unratedPercentile": .number, "assessedStatuses": .texts],
        cases: [
            .pass("assessed", ["count", "dates"]),
            .fail("no-fix", ["findings"]),
            .unknown("undetermined", ["findings"]),
            .unknown("unrated", ["count", "findings"]),
        ]
    ) { criterion, input in
        let proof = Proof(input, feeds: input.coveringFeeds)
        if let stale = proof.stale { return stale }
        let minimum = Severity(rawValue: criterion.text("minimumSeverity")) ?? .high
        let sorting = Sorting(input, criterion: criterion)
        let bad = sorting.open.filter { $0.counted.isAtLeast(minimum) }.map(\.finding)
        let unrated = sorting.unrated.filter { !criterion.texts("assessedStatuses").contains($0.status.rawValue) }
        return proof.report(
            hits: sorting.hits(affected: bad) + sorting.undetermined(bad) + Sorting.unrated(unrated),
            facts: bad + unrated,
            pass: .own("assessed", ["count": .number(input.assessed.findings.count), "dates": .text(proof.dates)])
        )
    }

    // MARK: - IMG-SEC-27

    private static let notExploited = Check(
        "not-exploited",
        cases: [
            .pass("none", ["count", "dates"]),
            .fail("no-fix", ["findings"]),
            .unknown("undetermined", ["findings"]),
        ]
    ) { criterion, input in
        let proof = Proof(input, feeds: input.coveringFeeds + input.exploitedFeeds, needsExploited: true)
        if let stale = proof.stale { return stale }
        let sorting = Sorting(input, criterion: criterion)
        let bad = sorting.open.map(\.finding).filter { $0.kev != nil }
        return proof.report(
            hits: sorting.hits(affected: bad) + sorting.undetermined(bad),
            facts: bad,
            pass: .own("none", ["count": .number(input.assessed.findings.count), "dates": .text(proof.dates)])
        )
    }

    // MARK: - IMG-SEC-28

    private static let fixedInTime = Check(
        "fixed-in-time",
        parameters: [
            "criticalDays": .number, "highDays": .number, "unratedPercentile": .number, "assessedStatuses": .texts,
        ],
        cases: [
            .pass("in-time", ["dates"]),
            .unknown("fix-age", ["findings", "date"]),
            .unknown("undetermined", ["findings"]),
            .unknown("unrated", ["count", "findings"]),
        ]
    ) { criterion, input in
        let proof = Proof(input, feeds: input.coveringFeeds)
        if let stale = proof.stale { return stale }
        let sorting = Sorting(input, criterion: criterion)
        let now = input.context.now
        // The feed does not say since when a fix exists, but it existed when the feed was made: at least since then it is waiting.
        let known = proof.feeds.map(\.dataDate).min() ?? now
        var late: [Finding] = []
        var young: [Finding] = []
        var changes: [Timestamp] = []
        for (finding, counted) in sorting.open where finding.status == .affected && counted.isAtLeast(.high) {
            let days = counted.isAtLeast(.critical) ? criterion.number("criticalDays") : criterion.number("highDays")
            var deadline = known + .seconds(Int64(days * 86_400))
            if let due = finding.kev?.dueDate { deadline = min(deadline, due.endOfDay) }
            if deadline <= now { late.append(finding) } else { young.append(finding) }
            changes.append(deadline)
        }
        var hits = sorting.hits(affected: late)
        if !young.isEmpty {
            hits.append(
                .own(
                    "fix-age",
                    ["findings": FindingGroup.place(FindingGroup.groups(of: young)), "date": .text(known.dateText)]
                )
            )
        }
        let undetermined = sorting.open.filter { $0.counted.isAtLeast(.high) }.map(\.finding)
        let unrated = sorting.unrated.filter { $0.status == .affected || $0.status == .undetermined }
        hits += sorting.undetermined(undetermined) + Sorting.unrated(unrated)
        var report = proof.report(
            hits: hits,
            facts: late + young + unrated,
            pass: .own("in-time", ["dates": .text(proof.dates)])
        )
        report.changesAt += changes
        return report
    }

    // MARK: - IMG-SEC-30

    private static let nothingOpen = Check(
        "nothing-open",
        parameters: ["unratedPercentile": .number, "assessedStatuses": .texts],
        cases: [
            .pass("clean", ["count", "dates"]),
            .fail("no-fix", ["findings"]),
            .unknown("undetermined", ["findings"]),
            .unknown("unrated", ["count", "findings"]),
        ]
    ) { criterion, input in
        let proof = Proof(input, feeds: input.coveringFeeds)
        if let stale = proof.stale { return stale }
        let sorting = Sorting(input, criterion: criterion)
        // Nobody can assess a medium finding in this version, so an open one is not assessed.
        let bad = sorting.open.filter { $0.counted.isAtLeast(.medium) }.map(\.finding)
        let unrated = sorting.unrated.filter { !criterion.texts("assessedStatuses").contains($0.status.rawValue) }
        return proof.report(
            hits: sorting.hits(affected: bad) + sorting.undetermined(bad) + Sorting.unrated(unrated),
            facts: bad + unrated,
            pass: .own("clean", ["count": .number(input.assessed.findings.count), "dates": .text(proof.dates)])
        )
    }
}

/// What must hold before the absence of findings counts.
struct Proof {
    let input: CheckInput
    let feeds: [FeedState]
    let gaps: [Hit]
    /// The report when a feed is too old: then nothing else is said.
    let stale: CheckReport?

    init(_ input: CheckInput, feeds: [FeedState], needsExploited: Bool = false) {
        let feeds = feeds + input.languageFeeds
        self.input = input
        self.feeds = feeds
        var gaps = input.inventoryGaps + input.coverageGaps
        if input.coveringFeeds.isEmpty, input.evidence.distribution != nil {
            gaps.append(.common("no-advisories", ["release": .text(input.releaseText)]))
        }
        if needsExploited, input.exploitedFeeds.isEmpty { gaps.append(.common("no-exploited-feed")) }
        self.gaps = gaps
        stale = input.staleness(of: feeds).map { CheckReport($0, evidence: input.facts(of: feeds)) }
    }

    var dates: String { input.dateText(of: feeds) }

    func report(hits: [Hit], facts findings: [Finding], pass: Hit) -> CheckReport {
        let told = hits + gaps
        return CheckReport(
            hits: told.isEmpty ? [pass] : told,
            evidence: input.facts(of: feeds)
                + findings.worstFirst.map(CriterionEvidence.init(finding:)),
            changesAt: input.expiries(of: feeds)
        )
    }
}

/// Open findings with the severity that they count as.
struct Sorting {
    let open: [(finding: Finding, counted: CountedSeverity)]
    let release: String

    init(_ input: CheckInput, criterion: Criterion) {
        let percentile = criterion.number("unratedPercentile")
        open = input.assessed.findings.filter(\.isOpen).map { ($0, CountedSeverity($0, percentile: percentile)) }
        release = input.evidence.distribution?.releaseName ?? "?"
    }

    var unrated: [Finding] { open.filter { $0.counted == .unrated }.map(\.finding) }

    /// Fails: those with a fix together with the command that brings it, and those without.
    func hits(affected findings: [Finding]) -> [Hit] {
        let fixable = FindingGroup.groups(of: findings.filter { $0.status == .affected })
        let others = FindingGroup.groups(of: findings.filter { $0.status.isAffected && $0.status != .affected })
        var hits: [Hit] = []
        if !fixable.isEmpty {
            hits.append(
                .common(
                    "fix-available",
                    [
                        "findings": FindingGroup.place(fixable), "command": .text(FindingGroup.command(fixable)),
                        "release": .text(release),
                    ]
                )
            )
        }
        if !others.isEmpty { hits.append(.own("no-fix", ["findings": FindingGroup.place(others)])) }
        return hits
    }

    func undetermined(_ findings: [Finding]) -> [Hit] {
        let open = findings.filter { !$0.status.isAffected }
        guard !open.isEmpty else { return [] }
        return [
            .own(
                "undetermined",
                ["findings": .list(open.worstFirst.map { "\($0.id) (\($0.componentName))" })]
            )
        ]
    }

    static func unrated(_ findings: [Finding]) -> [Hit] {
        // Once per source package, worst first: the same vulnerability in five binary packages is one thing to do.
        var ids: [String] = []
        var seen: Set<String> = []
        for finding in findings.worstFirst {
            let source = finding.evidence.sourceName.isEmpty ? finding.componentName : finding.evidence.sourceName
            let text = "\(finding.id) (\(source.bounded))"
            if seen.insert(text).inserted { ids.append(text) }
        }
        guard !ids.isEmpty else { return [] }
        return [.own("unrated", ["count": .number(ids.count), "findings": .list(ids)])]
    }
}
