// SPDX-License-Identifier: EUPL-1.2

import Policies
import SBOM
import Testing
import Time

@Suite("Pull rules") struct PullRuleTests {
    private static let earlier = noon - days(10)

    private func decision(
        _ rules: [PullRule],
        _ standing: ImageStanding?,
        at now: Timestamp = noon,
        repository: String = "team/app"
    ) -> PullDecision {
        ContentPolicy(pull: rules).pull(from: repository, standing, firstSeen: Self.earlier, at: now, revision: 3)
    }

    private func standing(_ level: Int, exploited: [String] = []) -> ImageStanding {
        let below = PullLevel.allCases.filter { level < $0.rank }.map { ($0, Self.earlier) }
        return ImageStanding(
            level: level,
            below: Dictionary(uniqueKeysWithValues: below),
            exploited: exploited,
            exploitedSince: exploited.isEmpty ? nil : noon - days(1)
        )
    }

    @Test("a level is enough or not, for every pair", arguments: PullLevel.allCases, 0...3)
    func levels(demanded: PullLevel, level: Int) {
        let answer = decision([PullRule(level: demanded)], standing(level))
        guard level < demanded.rank else {
            #expect(answer == .allowed)
            return
        }
        guard case .refused(let objection) = answer else {
            Issue.record("\(answer)")
            return
        }
        #expect(objection.from == Self.earlier && objection.graceUntil == Self.earlier + days(14))
        #expect(objection.refusal.rule == "pull[0]" && objection.refusal.revision == 3)
        #expect(objection.refusal.reason.en.contains("at least \(demanded.rawValue) is demanded"))
        #expect(objection.refusal.reason.de.contains("mindestens \(demanded.rawValue)"))
    }

    @Test("what is exploited is refused since it was known, whatever the level")
    func exploited() {
        let rule = PullRule(refusesExploited: true, graceDays: 2)
        #expect(decision([rule], standing(0)) == .allowed)
        guard case .refused(let objection) = decision([rule], standing(3, exploited: ["CVE-2021-44228"])) else {
            Issue.record("it was given out")
            return
        }
        #expect(objection.from == noon - days(1) && objection.graceUntil == noon + days(1))
        #expect(objection.refusal.reason.en.contains("CVE-2021-44228"))
        #expect(decision([PullRule(level: .gold)], standing(3, exploited: ["CVE-2021-44228"])) == .allowed)
    }

    @Test("what nobody has looked at is refused by every rule, and by none elsewhere")
    func unknown() {
        for rule in [PullRule(level: .bronze), PullRule(refusesExploited: true)] {
            guard case .refused = decision([rule], nil) else {
                Issue.record("\(rule)")
                continue
            }
        }
        #expect(decision([], nil) == .allowed)
        #expect(decision([PullRule(repository: repositoryGlob("other/*"), level: .gold)], nil) == .allowed)
    }

    @Test("a release, a log entry and an approval are asked for one by one, whatever the verdict", arguments: 0..<64)
    func words(_ bits: Int) {
        func has(_ bit: Int) -> Bool { bits & 1 << bit != 0 }
        let rule = PullRule(requiresRelease: has(0), requiresLog: has(1), approvedBy: has(2) ? "bund" : nil)
        let standing = ImageStanding(
            level: nil,
            releasedAt: has(3) ? Self.earlier : nil,
            loggedAt: has(4) ? Self.earlier : nil,
            approvals: has(5) ? ["bund": noon + days(100)] : ["land": noon + days(100)]
        )
        let isMet = (has(3) || !has(0)) && (has(4) || !has(1)) && (has(5) || !has(2))
        let answer = decision([rule], standing)
        if isMet {
            #expect(answer == .allowed)
        } else if case .refused(let objection) = answer {
            #expect(objection.from == Self.earlier && objection.refusal.rule == "pull[0]")
        } else {
            Issue.record("\(answer)")
        }
    }

    @Test("an approval is announced to end, and ends; grace counts from there")
    func approvalEnds() {
        let rule = PullRule(approvedBy: "bund", graceDays: 3)
        func answer(_ end: Timestamp) -> PullDecision {
            decision([rule], ImageStanding(level: 3, approvals: ["bund": end]))
        }
        #expect(answer(noon + days(31)) == .allowed)
        for end in [noon + days(30), noon + .seconds(1)] {
            guard case .announced(let objection) = answer(end) else {
                Issue.record("\(end)")
                continue
            }
            #expect(objection.from == end)
        }
        for end in [noon, noon - days(2)] {
            guard case .refused(let objection) = answer(end) else {
                Issue.record("\(end)")
                continue
            }
            #expect(objection.from == end && objection.graceUntil == end + days(3))
            #expect(objection.refusal.reason.en.contains("by bund holds until \(end.rfc3339)"))
        }
    }

    @Test("before a release no rule wants it to be there, and every other rule holds")
    func beforeRelease() {
        func answer(_ rule: PullRule) -> PullDecision {
            ContentPolicy(pull: [rule]).pull(
                from: "team/app",
                standing(1),
                firstSeen: Self.earlier,
                at: noon,
                revision: 1,
                isBeforeRelease: true
            )
        }
        #expect(answer(PullRule(requiresRelease: true, requiresLog: true)) == .allowed)
        #expect(answer(PullRule(approvedBy: "bund")) != .allowed)
        #expect(answer(PullRule(level: .silver, requiresRelease: true)) != .allowed)
    }

    @Test("a rule is announced until it takes effect, and its grace begins then")
    func announced() {
        let rule = PullRule(level: .gold, graceDays: 7, effectiveFrom: noon + days(1))
        guard case .announced(let objection) = decision([rule], standing(1)) else {
            Issue.record("it is in force")
            return
        }
        #expect(objection.from == noon + days(1) && objection.graceUntil == noon + days(8))
        guard case .refused(let later) = decision([rule], standing(1), at: noon + days(1)) else {
            Issue.record("it is not in force")
            return
        }
        #expect(later == objection)
    }

    @Test("of several objections the one that takes effect first counts")
    func strongest() {
        let rules = [
            PullRule(level: .gold, effectiveFrom: noon + days(3)), PullRule(level: .silver, graceDays: 30),
            PullRule(level: .bronze, graceDays: 1),
        ]
        for (level, rule) in [(0, "pull[2]"), (1, "pull[1]"), (2, "pull[0]")] {
            switch decision(rules, standing(level)) {
            case .refused(let objection), .announced(let objection): #expect(objection.refusal.rule == rule)
            case .allowed: Issue.record("level \(level)")
            }
        }
        #expect(decision(rules, standing(3)) == .allowed)
    }

    @Test("grace is for those who pulled before, as long as it lasts")
    func grace() {
        guard case .refused(let objection) = decision([PullRule(level: .bronze)], standing(0)) else {
            Issue.record("it was given out")
            return
        }
        #expect(objection.spares(whoPulledAt: Self.earlier - .seconds(1), at: noon))
        #expect(!objection.spares(whoPulledAt: Self.earlier, at: noon))
        #expect(!objection.spares(whoPulledAt: nil, at: noon))
        #expect(!objection.spares(whoPulledAt: Self.earlier - .seconds(1), at: objection.graceUntil))
        #expect(objection.spares(whoPulledAt: Self.earlier - .seconds(1), at: objection.graceUntil - .seconds(1)))
    }
}
