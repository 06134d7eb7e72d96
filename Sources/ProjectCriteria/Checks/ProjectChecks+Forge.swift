// SPDX-License-Identifier: EUPL-1.2

internal import Criteria
internal import SBOM
internal import Time

extension ProjectChecks {
    /// Checks that rest on what a forge says.
    static let forge: [ProjectCheck] = [reactionTime, branchProtection, codeReview, fourEyes]

    private static let reactionTime = ProjectCheck(
        "reaction-time",
        parameters: ["days": .number, "months": .number],
        cases: [
            .pass("fast", ["mean", "issues", "months"]),
            .fail("slow", ["mean", "issues", "months", "days"]),
            .exempt("none", ["months"]),
        ]
    ) { criterion, input in
        let (known, gap) = input.forge(\.issues)
        guard let known else { return ProjectReport(hits: gap.map { [$0] } ?? []) }
        let months = criterion.number("months")
        let issues = known.filter { $0.createdAt > input.start(months: months) && $0.createdAt <= input.context.now }
        guard !issues.isEmpty else { return ProjectReport(.own("none", ["months": .number(Int(months))])) }
        // An issue that nobody has answered has waited until now.
        var total = 0.0
        for issue in issues {
            let end = min(issue.firstReactionAt ?? input.context.now, input.context.now)
            total += max(0, Double(end.duration(since: issue.createdAt).components.seconds))
        }
        let mean = total / Double(issues.count) / 86_400
        let open = issues.count { $0.firstReactionAt == nil }
        let tenths = Int((min(mean, 1e6) * 10).rounded())
        let values: [String: LocalizedText] = [
            "mean": LocalizedText(de: "\(tenths / 10),\(tenths % 10)", en: "\(tenths / 10).\(tenths % 10)"),
            "issues": .number(issues.count), "months": .number(Int(months)),
            "days": .number(Int(criterion.number("days"))),
        ]
        return ProjectReport(
            .own(mean < criterion.number("days") ? "fast" : "slow", values),
            evidence: [
                .forge("\(issues.count) issues, \(open) without a reaction, mean \(tenths / 10).\(tenths % 10) days")
            ]
        )
    }

    private static let branchProtection = ProjectCheck(
        "branch-protection",
        cases: [
            .pass("protected", ["branch"]),
            .fail("open", ["branch"]),
            .fail("force-push", ["branch"]),
        ]
    ) { _, input in
        let (known, gap) = input.forge(\.protection)
        guard let known else { return ProjectReport(hits: gap.map { [$0] } ?? []) }
        let values: [String: LocalizedText] = ["branch": .seen(input.evidence.branch ?? "HEAD")]
        let facts = [CriterionEvidence.forge("protected: \(known.isProtected), force push: \(known.allowsForcePush)")]
        if !known.isProtected { return ProjectReport(.own("open", values), evidence: facts) }
        return ProjectReport(.own(known.allowsForcePush ? "force-push" : "protected", values), evidence: facts)
    }

    /// Judges what was merged in the months that a criterion looks at.
    private static func ofMerged(
        _ criterion: ProjectCriterion,
        _ input: ProjectInput,
        _ judged: ([ProjectForge.MergedRequest]) -> ProjectReport
    ) -> ProjectReport {
        let (known, gap) = input.forge(\.merged)
        guard let known else { return ProjectReport(hits: gap.map { [$0] } ?? []) }
        let months = criterion.number("months")
        let merged = input.within(months: months, known)
        guard !merged.isEmpty else { return ProjectReport(.own("none", ["months": .number(Int(months))])) }
        return judged(merged)
    }

    private static let codeReview = ProjectCheck(
        "code-review",
        parameters: ["minimum": .number, "months": .number],
        cases: [
            .pass("reviewed", ["reviewed", "total", "share", "others"]),
            .fail("too-few", ["reviewed", "total", "share", "others", "minimum"]),
            .unknown("none", ["months"]),
        ]
    ) { criterion, input in
        ofMerged(criterion, input) { merged in
            let reviewed = merged.count(where: \.isReviewedByOpenCodeRule)
            let others = merged.count(where: \.hasOtherApproval)
            let minimum = criterion.number("minimum")
            let values: [String: LocalizedText] = [
                "reviewed": .number(reviewed), "total": .number(merged.count),
                "share": .percent(reviewed, of: merged.count), "others": .percent(others, of: merged.count),
                "minimum": .number(Int((minimum * 100).rounded())),
            ]
            return ProjectReport(
                .own(Double(reviewed) >= minimum * Double(merged.count) - 1e-9 ? "reviewed" : "too-few", values),
                evidence: [
                    .forge(
                        "\(merged.count) merged, \(reviewed) reviewed by openCode's rule, \(others) approved by another person"
                    )
                ]
            )
        }
    }

    private static let fourEyes = ProjectCheck(
        "four-eyes",
        parameters: ["minimum": .number, "months": .number],
        cases: [
            .fail("too-few", ["share", "minimum"]),
            .unknown("none", ["months"]),
            .unknown("login", ["share"]),
        ]
    ) { criterion, input in
        ofMerged(criterion, input) { merged in
            let others = merged.count(where: \.hasOtherApproval)
            let minimum = criterion.number("minimum")
            let values: [String: LocalizedText] = [
                "share": .percent(others, of: merged.count), "minimum": .number(Int((minimum * 100).rounded())),
            ]
            // Whether maintainers sign in with two factors only an administrator of the forge can see.
            return ProjectReport(
                .own(Double(others) >= minimum * Double(merged.count) - 1e-9 ? "login" : "too-few", values),
                evidence: [.forge("\(others) of \(merged.count) merged requests approved by another person")]
            )
        }
    }
}
