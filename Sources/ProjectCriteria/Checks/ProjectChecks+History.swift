// SPDX-License-Identifier: EUPL-1.2

internal import Criteria
internal import SBOM
internal import Time

extension ProjectChecks {
    /// Checks that rest on commits and tags.
    static let history: [ProjectCheck] = [commits, busFactor, signedTags, releases]

    private static let commits = ProjectCheck(
        "commits",
        parameters: ["minimum": .number, "months": .number, "people-only": .flag],
        cases: [
            .pass("active", ["commits", "months"]),
            .fail("too-few", ["commits", "months", "minimum"]),
            .fail("archived", ["forge"]),
        ]
    ) { criterion, input in
        let months = criterion.number("months")
        if criterion.flag("people-only"), let forge = input.evidence.forge.value, forge.isArchived {
            return ProjectReport(.own("archived", ["forge": .seen(forge.name)]), evidence: [.forge("archived: true")])
        }
        let all: [ProjectCommit]
        switch input.evidence.history {
        case .unknown(let reason): return ProjectReport(.common("no-history", ["reason": reason]))
        case .known(let commits): all = commits
        }
        let counted = all.filter { commit in
            commit.at > input.start(months: months) && commit.at <= input.context.now
                && !(criterion.flag("people-only") && commit.isBot)
        }
        let minimum = Int(criterion.number("minimum"))
        let values: [String: LocalizedText] = [
            "commits": .number(counted.count), "months": .number(Int(months)), "minimum": .number(minimum),
        ]
        // Without further commits the oldest of those that are needed leaves the window one day.
        let leaves = counted.map(\.at).sorted(by: >).dropFirst(max(0, minimum - 1)).first
        return ProjectReport(
            .own(counted.count >= minimum ? "active" : "too-few", values),
            evidence: [
                .history(
                    "\(counted.count) commits since \(input.start(months: months).dateText) on \(input.evidence.branch ?? "HEAD")"
                )
            ],
            changesAt: leaves.map { [$0 + .seconds(Int64(months * 30) * 86_400)] } ?? []
        )
    }

    private static let busFactor = ProjectCheck(
        "bus-factor",
        parameters: ["minimum": .number, "months": .number],
        cases: [
            .pass("enough", ["factor", "authors", "months"]),
            .fail("too-few", ["factor", "authors", "months", "minimum"]),
        ]
    ) { criterion, input in
        let months = criterion.number("months")
        guard case .known(let all) = input.evidence.history else {
            return ProjectReport(.common("no-history", ["reason": input.evidence.history.reason ?? .seen("?")]))
        }
        let counted = all.filter { $0.at > input.start(months: months) && $0.at <= input.context.now && !$0.isBot }
        let factor = Self.busFactor(of: counted)
        let authors = Set(counted.map(\.author)).count
        let minimum = Int(criterion.number("minimum"))
        return ProjectReport(
            .own(
                factor >= minimum ? "enough" : "too-few",
                [
                    "factor": .number(factor), "authors": .number(authors), "months": .number(Int(months)),
                    "minimum": .number(minimum),
                ]
            ),
            evidence: [.history("\(counted.count) commits by \(authors) people, bus factor \(factor)")]
        )
    }

    /// The least number of people who together made more than half of the commits.
    static func busFactor(of commits: [ProjectCommit]) -> Int {
        var counts: [Int: Int] = [:]
        for commit in commits { counts[commit.author, default: 0] += 1 }
        var sum = 0
        for (index, count) in counts.values.sorted(by: >).enumerated() {
            sum += count
            if sum * 2 > commits.count { return index + 1 }
        }
        return 0
    }

    private static let signedTags = ProjectCheck(
        "signed-tags",
        parameters: ["minimum": .number, "months": .number, "known-keys": .flag],
        cases: [
            .pass("signed", ["signed", "total", "months"]),
            .fail("too-few", ["signed", "total", "share", "minimum", "examples"]),
            .unknown("none", ["months"]),
            .unknown("keys-unknown", ["signed", "total"]),
        ]
    ) { criterion, input in
        let months = criterion.number("months")
        guard case .known(let all) = input.evidence.tags else {
            return ProjectReport(.common("no-history", ["reason": input.evidence.tags.reason ?? .seen("?")]))
        }
        let tags = all.filter { $0.at > input.start(months: months) && $0.at <= input.context.now }
        guard !tags.isEmpty else { return ProjectReport(.own("none", ["months": .number(Int(months))])) }
        let signed = tags.count { $0.signature != nil }
        let minimum = criterion.number("minimum")
        let values: [String: LocalizedText] = [
            "signed": .number(signed), "total": .number(tags.count), "months": .number(Int(months)),
            "share": .percent(signed, of: tags.count), "minimum": .number(Int((minimum * 100).rounded())),
            "examples": .list(tags.filter { $0.signature == nil }.map(\.name)),
        ]
        let facts = tags.prefix(20).map { tag in
            CriterionEvidence.history(
                "tag \(tag.name) of \(tag.at.dateText): \(tag.signature.map { "\($0.rawValue) signature" } ?? "not signed")"
            )
        }
        guard Double(signed) >= minimum * Double(tags.count) - 1e-9 else {
            return ProjectReport(.own("too-few", values), evidence: facts)
        }
        return ProjectReport(.own(criterion.flag("known-keys") ? "keys-unknown" : "signed", values), evidence: facts)
    }

    private static let releases = ProjectCheck(
        "releases",
        parameters: ["months": .number, "change-log": .flag],
        cases: [
            .pass("released", ["tag", "date"]),
            .fail("none", ["months"]),
            .fail("not-increasing", ["tags"]),
            .fail("no-change-log"),
            .fail("no-security-section", ["path"]),
        ]
    ) { criterion, input in
        let months = criterion.number("months")
        guard case .known(let all) = input.evidence.tags else {
            return ProjectReport(.common("no-history", ["reason": input.evidence.tags.reason ?? .seen("?")]))
        }
        let tags = all.filter { $0.at <= input.context.now }.sorted { ($0.at, $0.name) < ($1.at, $1.name) }
        var hits: [ProjectHit] = []
        let recent = tags.filter { $0.at > input.start(months: months) }
        if recent.isEmpty { hits.append(.own("none", ["months": .number(Int(months))])) }
        if criterion.flag("change-log") {
            if let path = input.rootFile([
                "CHANGELOG.md", "CHANGELOG", "CHANGES.md", "CHANGES", "NEWS.md", "NEWS", "CHANGELOG.rst",
            ]) {
                let text = ProseSections(input.document(path) ?? "")
                if !text.hasSection(["security", "sicherheit"]), !text.mentions(["cve-", "security:", "sicherheit:"]) {
                    hits.append(.own("no-security-section", ["path": .seen(path)]))
                }
            } else {
                hits.append(.own("no-change-log"))
            }
            let wrong = outOfOrder(recent)
            if !wrong.isEmpty { hits.append(.own("not-increasing", ["tags": .list(wrong)])) }
        }
        if hits.isEmpty, let last = recent.last {
            return ProjectReport(
                .own("released", ["tag": .seen(last.name), "date": .seen(last.at.dateText)]),
                evidence: [.history("tag \(last.name) of \(last.at.dateText)")],
                changesAt: [last.at + .seconds(Int64(months * 30) * 86_400)]
            )
        }
        return ProjectReport(
            hits: hits,
            evidence: recent.last.map { [.history("tag \($0.name) of \($0.at.dateText)")] } ?? []
        )
    }

    /// Tags whose version is lower than that of an earlier tag of the same line (first number).
    static func outOfOrder(_ tags: [ProjectTag]) -> [String] {
        var highest: [Int: [Int]] = [:]
        var wrong: [String] = []
        for tag in tags {
            guard let match = tag.name.wholeMatch(of: /v?([0-9]{1,9})(?:\.([0-9]{1,9}))?(?:\.([0-9]{1,9}))?/) else {
                continue
            }
            let parts = [match.output.1, match.output.2 ?? "0", match.output.3 ?? "0"].compactMap { Int($0) }
            guard let line = parts.first else { continue }
            if let before = highest[line], parts.lexicographicallyPrecedes(before) {
                wrong.append(tag.name)
            } else {
                highest[line] = parts
            }
        }
        return wrong
    }
}
