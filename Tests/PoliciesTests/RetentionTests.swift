// SPDX-License-Identifier: EUPL-1.2

import OCI
import Policies
import SBOM
import Testing
import Time

private typealias Key = Content.Key

@Suite struct RetentionTests {
    private let app: RepositoryName
    /// Pulls are recorded for as long as any rule asks.
    private let always = noon - days(1_000)

    init() throws { app = try RepositoryName(parsing: "team/app") }

    private func fact(
        _ tag: String,
        _ number: Int,
        age: Int,
        pulled: Int? = nil,
        isImmutable: Bool = false,
        isHeld: Bool = false
    ) throws -> TagFact {
        TagFact(
            repository: app,
            tag: try Tag(parsing: tag),
            digest: digest(number),
            pushedAt: noon - days(age),
            lastPulledAt: pulled.map { noon - days($0) },
            isImmutable: isImmutable,
            isHeldByRelease: isHeld
        )
    }

    private func orphan(_ number: Int, age: Int, about subject: Int? = nil) -> UntaggedFact {
        UntaggedFact(
            repository: app,
            digest: digest(number),
            pushedAt: noon - days(age),
            subject: subject.map(digest)
        )
    }

    private func run(
        _ rules: [RetentionRule],
        _ tags: [TagFact],
        _ untagged: [UntaggedFact] = [],
        immutable: [ImmutableTagRule] = [],
        pullsRecordedSince: Timestamp? = noon - days(1_000)
    ) -> [RetentionDecision] {
        ContentPolicy(immutableTags: immutable, retention: rules).retentionDecisions(
            tags: tags,
            untagged: untagged,
            now: noon,
            pullsRecordedSince: pullsRecordedSince
        )
    }

    private func removed(_ decisions: [RetentionDecision]) -> [String] {
        decisions.filter { $0.action == .remove }.map { $0.tag?.text ?? $0.digest.description }
    }

    @Test("the newest of a pattern stay, the others go, and each decision names rule and reason")
    func newest() throws {
        let tags = try (0..<6).map { try fact("v1.\($0)", $0, age: 50 - $0) } + [fact("latest", 9, age: 90)]
        let rules = [
            RetentionRule(keep: [
                KeepRule(.newest(2), tags: [tagGlob("v*")]), KeepRule(.matching, tags: [tagGlob("latest")]),
            ])
        ]
        let decisions = run(rules, tags)
        #expect(removed(decisions) == ["v1.0", "v1.1", "v1.2", "v1.3"])
        #expect(decisions.count == tags.count)
        let kept = try #require(decisions.first { $0.tag?.text == "v1.5" })
        #expect(kept.rules == ["retention[0].keep[0]"])
        #expect(kept.reason.de == "Es gehört zu den 2 neuesten Tags des Repositorys, die auf v* passen.")
        #expect(kept.reason.en == "It is among the newest 2 tags of the repository that match v*.")
        let gone = try #require(decisions.first { $0.tag?.text == "v1.0" })
        #expect(gone.rules == ["retention[0]"] && gone.reason.en == "None of the 2 keep entries names the tag.")
    }

    @Test("days count to the microsecond, and the future counts as now")
    func pushedWithin() throws {
        var tags = try [fact("a", 1, age: 30), fact("b", 2, age: 30), fact("c", 3, age: 0), fact("d", 4, age: -5)]
        tags[1].pushedAt = tags[1].pushedAt - .microseconds(1)
        let rules = [RetentionRule(keep: [KeepRule(.pushedWithin(days: 30))])]
        #expect(removed(run(rules, tags)) == ["b"])
    }

    @Test("whether something was pulled must be known, or it stays")
    func pulledWithin() throws {
        let tags = try [
            fact("a", 1, age: 100, pulled: 5), fact("b", 2, age: 100, pulled: 40), fact("c", 3, age: 100),
            fact("z", 4, age: 1, pulled: 1),
        ]
        let rules = [RetentionRule(keep: [KeepRule(.pulledWithin(days: 30))])]
        #expect(removed(run(rules, tags)) == ["b", "c"])
        #expect(removed(run(rules, tags, pullsRecordedSince: noon - days(30))) == ["b", "c"])
        for since in [noon - days(29), nil] {
            let decisions = run(rules, tags, pullsRecordedSince: since)
            #expect(removed(decisions).isEmpty)
            #expect(decisions[2].reason.de.contains("nicht bekannt") && decisions[2].reason.en.contains("not known"))
        }
    }

    @Test("the newest tag of a repository stays unless every rule about it says allowEmpty")
    func allowEmpty() throws {
        let tags = try [fact("a", 1, age: 100), fact("b", 2, age: 99)]
        let keep = [KeepRule(.matching, tags: [tagGlob("v*")])]
        #expect(removed(run([RetentionRule(keep: keep)], tags)) == ["a"])
        #expect(removed(run([RetentionRule(keep: keep, allowEmpty: true)], tags)) == ["a", "b"])
        #expect(removed(run([RetentionRule(keep: keep), RetentionRule(keep: keep, allowEmpty: true)], tags)) == ["a"])
    }

    @Test("immutable tags and tags of a release stay, whatever the rules say")
    func protected() throws {
        let tags = try [
            fact("a", 1, age: 100, isImmutable: true), fact("b", 2, age: 100, isHeld: true), fact("v1", 3, age: 100),
            fact("c", 4, age: 100),
        ]
        let rules = [RetentionRule(keep: [KeepRule(.matching, tags: [tagGlob("none")])], allowEmpty: true)]
        let decisions = run(rules, tags, immutable: [ImmutableTagRule(tags: [tagGlob("v*")])])
        #expect(removed(decisions) == ["c"])
        #expect(decisions.allSatisfy { $0.action == .remove || $0.rules.isEmpty })
    }

    @Test("a rule about untagged manifests does not speak about tags, nor a rule about other repositories")
    func silence() throws {
        let tags = try [fact("a", 1, age: 100), fact("b", 2, age: 100)]
        let elsewhere = RetentionRule(
            repository: repositoryGlob("team/web"),
            keep: [KeepRule(.newest(1))],
            removeUntaggedAfterDays: 1,
            allowEmpty: true
        )
        #expect(removed(run([RetentionRule(removeUntaggedAfterDays: 1)], tags)).isEmpty)
        let decisions = run([elsewhere], tags, [orphan(5, age: 100)])
        #expect(removed(decisions).isEmpty)
        #expect(decisions.allSatisfy { $0.rules.isEmpty && $0.reason.en.contains("No retention rule") })
    }

    @Test("untagged manifests go after their days, which begin when the last tag went")
    func untagged() throws {
        var manifests = [
            orphan(1, age: 15), orphan(2, age: 14), orphan(3, age: 100), orphan(4, age: 100), orphan(5, age: 100),
        ]
        manifests[2].unreferencedSince = noon - days(3)
        manifests[3].isChildOfTagged = true
        manifests[4].lastPulledAt = noon - days(2)
        let rules = [RetentionRule(removeUntaggedAfterDays: 14)]
        let decisions = run(rules, [], manifests)
        #expect(removed(decisions) == [digest(1).description])
        #expect(decisions.first { $0.action == .remove }?.rules == ["retention[0].removeUntaggedAfterDays"])
        // The longest time of all rules counts.
        #expect(removed(run(rules + [RetentionRule(removeUntaggedAfterDays: 20)], [], manifests)).isEmpty)
    }

    @Test("signatures and SBOMs go with what they are about, and count nowhere")
    func referrers() throws {
        let tags = try [
            fact("v1", 1, age: 100), fact("v2", 2, age: 90), fact("sha256-\(digest(1).hex).sig", 11, age: 1),
            fact("sha256-\(digest(3).hex).sig", 12, age: 1), fact("sha256-\(digest(99).hex)", 13, age: 1),
        ]
        // 4 is about the untagged 3, 5 about 4, 6 about the tagged 1, 7 about nothing that is here.
        let manifests = [
            orphan(3, age: 100), orphan(4, age: 1, about: 3), orphan(5, age: 1, about: 4),
            orphan(6, age: 100, about: 1),
            orphan(7, age: 100, about: 98), orphan(8, age: 5, about: 98),
        ]
        let rules = [RetentionRule(keep: [KeepRule(.newest(1))], removeUntaggedAfterDays: 30)]
        let decisions = run(rules, tags, manifests)
        let expected = ["sha256-\(digest(3).hex).sig", "v1"] + [3, 4, 5, 7].map { digest($0).description }
        #expect(Set(removed(decisions)) == Set(expected))
        #expect(
            decisions.first { $0.digest == digest(2) }?.rules == ["retention[0].keep[0]"],
            "the newest is v2 although signatures are newer"
        )
    }

    @Test("a long chain of signatures of signatures, and a circle of them, are no harm")
    func chains() {
        var manifests = [orphan(0, age: 100)]
        for number in 1...20_000 { manifests.append(orphan(number, age: 1, about: number - 1)) }
        manifests += [orphan(30_000, age: 100, about: 30_001), orphan(30_001, age: 100, about: 30_000)]
        let decisions = run([RetentionRule(removeUntaggedAfterDays: 30)], [], manifests)
        #expect(removed(decisions).count == 20_001)
    }

    @Test("an orphaned fact about a manifest that has a tag all the same removes nothing")
    func contradiction() throws {
        let decisions = run(
            [RetentionRule(removeUntaggedAfterDays: 1)],
            [try fact("a", 1, age: 100)],
            [orphan(1, age: 100)]
        )
        #expect(removed(decisions).isEmpty)
    }

    @Test("numbers that no reader accepts do no harm")
    func extremes() throws {
        let tags = try [fact("a", 1, age: 100), fact("b", 2, age: 1)]
        for number in [Int.min, -1, 0, Int.max] {
            let keep = [
                KeepRule(.newest(number)), KeepRule(.pushedWithin(days: number)), KeepRule(.pulledWithin(days: number)),
                KeepRule(.matching),
            ]
            let rule = RetentionRule(keep: keep, removeUntaggedAfterDays: number)
            #expect(run([rule], tags, [orphan(3, age: 1)]).count == 3)
        }
    }

    // MARK: - Properties

    private func forRandomContent(
        seed: UInt64,
        _ body: (ContentPolicy, Content, Timestamp?, inout PolicyGenerator) throws -> Void
    ) throws {
        var generator = PolicyGenerator(numbers: SeededNumbers(seed))
        var removals = 0
        for _ in 0..<400 {
            let policy = generator.policy()
            let content = try Content(&generator.numbers)
            let since = generator.numbers.pick([always, noon - days(20), nil])
            removals += content.decisions(policy, pullsRecordedSince: since).count { $0.action == .remove }
            try body(policy, content, since, &generator)
        }
        #expect(removals > 400, "the content meets the rules")
    }

    private func keys(_ decisions: [RetentionDecision], _ action: RetentionDecision.Action) -> Set<Key> {
        Set(decisions.filter { $0.action == action }.map { Key($0.repository, $0.tag, $0.digest) })
    }

    @Test("there is one decision for each fact, with a reason in both languages")
    func total() throws {
        try forRandomContent(seed: 20) { policy, content, since, _ in
            let decisions = content.decisions(policy, pullsRecordedSince: since)
            let facts =
                content.tags.map { Key($0.repository, $0.tag, $0.digest) }
                + content.untagged.map { Key($0.repository, nil, $0.digest) }
            #expect(decisions.count == facts.count)
            #expect(Set(decisions.map { Key($0.repository, $0.tag, $0.digest) }) == Set(facts))
            #expect(
                decisions.allSatisfy { !$0.reason.de.isEmpty && !$0.reason.en.isEmpty && $0.reason.de != $0.reason.en }
            )
            #expect(decisions.allSatisfy { $0.action == .keep || !$0.rules.isEmpty }, "no removal without a rule")
        }
    }

    @Test("a further keep entry never removes more")
    func monotone() throws {
        try forRandomContent(seed: 21) { policy, content, since, generator in
            let speaking = policy.retention.indices.filter { policy.retention[$0].keep != nil }
            guard let index = speaking.randomElement(using: &generator.numbers) else { return }
            var more = policy
            let count = more.retention[index].keep?.count ?? 0
            more.retention[index].keep?.insert(generator.keep(), at: generator.numbers.number(0...count))
            let before = keys(content.decisions(policy, pullsRecordedSince: since), .remove)
            let after = keys(content.decisions(more, pullsRecordedSince: since), .remove)
            #expect(after.isSubset(of: before))
        }
    }

    @Test("the order of the facts does not matter")
    func order() throws {
        try forRandomContent(seed: 22) { policy, content, since, generator in
            var shuffled = content
            shuffled.tags.shuffle(using: &generator.numbers)
            shuffled.untagged.shuffle(using: &generator.numbers)
            #expect(
                content.decisions(policy, pullsRecordedSince: since)
                    == shuffled.decisions(policy, pullsRecordedSince: since)
            )
        }
    }

    @Test("immutable and held tags, and the newest tag where it must stay, are never removed")
    func never() throws {
        try forRandomContent(seed: 23) { policy, content, since, _ in
            let removed = keys(content.decisions(policy, pullsRecordedSince: since), .remove)
            for fact in content.tags
            where fact.isImmutable || fact.isHeldByRelease || policy.isImmutable(fact.tag, in: fact.repository) {
                #expect(!removed.contains(Key(fact.repository, fact.tag, fact.digest)))
            }
            for (_, facts) in Dictionary(grouping: content.tags, by: \.repository)
            where policy.retention.allSatisfy({ !$0.allowEmpty }) {
                let images = facts.filter { $0.subject == nil && !$0.tag.text.hasPrefix("sha256-") }
                guard let newest = images.max(by: { ($0.pushedAt, $0.tag) < ($1.pushedAt, $1.tag) }) else { continue }
                #expect(!removed.contains(Key(newest.repository, newest.tag, newest.digest)))
            }
        }
    }

    @Test("what is about something that stays, stays")
    func attachments() throws {
        try forRandomContent(seed: 24) { policy, content, since, _ in
            let decisions = content.decisions(policy, pullsRecordedSince: since)
            let removed = keys(decisions, .remove)
            let staying = Set(
                content.tags.map { Key($0.repository, nil, $0.digest) }
                    + content.untagged.map { Key($0.repository, nil, $0.digest) }.filter { !removed.contains($0) }
            )
            for fact in content.untagged {
                guard let subject = fact.subject, staying.contains(Key(fact.repository, nil, subject)) else { continue }
                #expect(!removed.contains(Key(fact.repository, nil, fact.digest)))
            }
        }
    }

    @Test("applied twice, the second time changes nothing")
    func idempotent() throws {
        try forRandomContent(seed: 25) { policy, content, since, _ in
            let after = content.applying(content.decisions(policy, pullsRecordedSince: since))
            let again = after.decisions(policy, pullsRecordedSince: since)
            #expect(keys(again, .remove).isEmpty)
        }
    }
}
