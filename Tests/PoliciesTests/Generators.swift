// SPDX-License-Identifier: EUPL-1.2

import OCI
import Policies
import Time

let noon = Timestamp(seconds: 1_800_000_000)

/// A generator whose numbers are the same on every run.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    mutating func chance(_ percent: Int) -> Bool { number(1...100) <= percent }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[number(0...values.count - 1)] }

    mutating func text(_ alphabet: String, _ length: ClosedRange<Int>) -> String {
        let characters = Array(alphabet)
        return String((0..<number(length)).map { _ in pick(characters) })
    }
}

func tagGlob(_ text: String) -> Glob {
    do { return try Glob(parsing: text, for: .tag) } catch { preconditionFailure("\(text): \(error)") }
}

func repositoryGlob(_ text: String) -> Glob {
    do { return try Glob(parsing: text, for: .repository) } catch { preconditionFailure("\(text): \(error)") }
}

func digest(_ number: Int) -> Digest { Digest.sha256(Array("manifest \(number)".utf8)) }

func days(_ count: Int) -> Duration { .seconds(count * 86_400) }

/// Policies with rules that often meet the facts below.
struct PolicyGenerator {
    var numbers: SeededNumbers

    static let repositories = ["team/app", "team/web", "team/sub/tool"]
    static let patterns = ["*", "v*", "v[0-9]*", "latest", "[!v]*", "*-rc?", "v1.*", "sha256-*", "nightly-*"]

    mutating func globs(_ count: ClosedRange<Int>) -> [Glob] {
        Array(Self.patterns.shuffled(using: &numbers).prefix(numbers.number(count))).map(tagGlob)
    }

    mutating func repository() -> Glob? {
        numbers.chance(50) ? nil : repositoryGlob(numbers.pick(["team/*", "team/app", "*/tool", "team/???", "*"]))
    }

    mutating func keep() -> KeepRule {
        switch numbers.number(0...3) {
        case 0: KeepRule(.newest(numbers.number(1...5)), tags: globs(0...2))
        case 1: KeepRule(.pushedWithin(days: numbers.number(1...40)), tags: globs(0...2))
        case 2: KeepRule(.pulledWithin(days: numbers.number(1...40)), tags: globs(0...2))
        default: KeepRule(.matching, tags: globs(1...3))
        }
    }

    mutating func retentionRule() -> RetentionRule {
        let keep = numbers.chance(75) ? (0..<numbers.number(1...3)).map { _ in self.keep() } : nil
        return RetentionRule(
            repository: repository(),
            keep: keep,
            removeUntaggedAfterDays: keep == nil || numbers.chance(50) ? numbers.number(1...30) : nil,
            allowEmpty: numbers.chance(30)
        )
    }

    mutating func pullRule() -> PullRule {
        let level = numbers.chance(70) ? numbers.pick(PullLevel.allCases) : nil
        return PullRule(
            repository: repository(),
            level: level,
            refusesExploited: level == nil || numbers.chance(50),
            requiresRelease: numbers.chance(30),
            requiresLog: numbers.chance(30),
            approvedBy: numbers.chance(30) ? numbers.pick(["bund", "stadt-beispiel", "land_1.x"]) : nil,
            graceDays: numbers.number(0...365),
            effectiveFrom: numbers.chance(50) ? noon + .seconds(numbers.number(0...1_000_000)) : nil
        )
    }

    mutating func pushRule() -> PushRule {
        let tags = globs(0...2)
        let bases: [AllowedBase] = [
            .digest(.sha256(Array("base".utf8))), .repository(repositoryGlob("team/base/*")),
        ]
        let hasBases = numbers.chance(50)
        let types = ["application/vnd.oci.image.*", "text/*", "application/a+json"].compactMap {
            try? Glob(parsing: $0, for: .mediaType)
        }
        return PushRule(
            repository: repository(),
            tags: tags,
            except: tags.isEmpty ? [] : globs(0...2),
            requiresRelease: !tags.isEmpty && numbers.chance(50),
            bases: hasBases ? bases.shuffled(using: &numbers) : nil,
            mediaTypes: !hasBases || numbers.chance(50) ? Array(types.prefix(numbers.number(1...3))) : nil,
            effectiveFrom: numbers.chance(50) ? noon + .seconds(numbers.number(0...1_000_000)) : nil
        )
    }

    mutating func policy() -> ContentPolicy {
        ContentPolicy(
            immutableTags: (0..<numbers.number(0...2)).map { _ in
                ImmutableTagRule(repository: repository(), tags: globs(1...2), except: globs(0...2))
            },
            retention: (0..<numbers.number(0...3)).map { _ in retentionRule() },
            pull: (0..<numbers.number(0...2)).map { _ in pullRule() },
            push: (0..<numbers.number(0...2)).map { _ in pushRule() },
            quotaBytes: numbers.chance(50) ? Int64(numbers.number(0...1 << 53)) : nil,
            openUploads: numbers.chance(50) ? numbers.number(1...100_000) : nil
        )
    }
}

/// The content of some repositories, as a registry would hold it.
struct Content {
    struct Key: Hashable {
        let repository: RepositoryName
        let tag: Tag?
        let digest: Digest

        init(_ repository: RepositoryName, _ tag: Tag?, _ digest: Digest) {
            self.repository = repository
            self.tag = tag
            self.digest = digest
        }
    }

    var tags: [TagFact] = []
    var untagged: [UntaggedFact] = []

    init() {}

    init(_ numbers: inout SeededNumbers) throws {
        for name in PolicyGenerator.repositories {
            let repository = try RepositoryName(parsing: name)
            var seen: Set<Tag> = []
            for _ in 0..<numbers.number(0...12) {
                let subject = digest(numbers.number(0...15))
                let text = numbers.pick([
                    "latest", "v1.\(numbers.number(0...9))", "v2.0-rc\(numbers.number(0...3))",
                    "nightly-\(numbers.number(0...9))", "sha256-\(subject.hex).sig", "sha256-\(subject.hex)",
                ])
                let tag = try Tag(parsing: text)
                guard seen.insert(tag).inserted else { continue }
                tags.append(
                    TagFact(
                        repository: repository,
                        tag: tag,
                        digest: digest(numbers.number(0...9)),
                        pushedAt: noon - days(numbers.number(0...50)),
                        lastPulledAt: numbers.chance(50) ? noon - days(numbers.number(0...50)) : nil,
                        isImmutable: numbers.chance(10),
                        isHeldByRelease: numbers.chance(10),
                        subject: numbers.chance(10) ? digest(numbers.number(0...15)) : nil
                    )
                )
            }
            let tagged = Set(tags.filter { $0.repository == repository }.map(\.digest))
            for number in 0...20 where numbers.chance(50) && !tagged.contains(digest(number)) {
                untagged.append(
                    UntaggedFact(
                        repository: repository,
                        digest: digest(number),
                        pushedAt: noon - days(numbers.number(0...50)),
                        lastPulledAt: numbers.chance(30) ? noon - days(numbers.number(0...50)) : nil,
                        unreferencedSince: numbers.chance(30) ? noon - days(numbers.number(0...50)) : nil,
                        hasReferrers: numbers.chance(20),
                        subject: numbers.chance(40) ? digest(numbers.number(0...25)) : nil,
                        isChildOfTagged: numbers.chance(15)
                    )
                )
            }
        }
    }

    func decisions(_ policy: ContentPolicy, pullsRecordedSince: Timestamp?) -> [RetentionDecision] {
        policy.retentionDecisions(
            tags: tags,
            untagged: untagged,
            now: noon,
            pullsRecordedSince: pullsRecordedSince
        )
    }

    /// The content after the removals: a manifest that loses its last tag is untagged from now on.
    func applying(_ decisions: [RetentionDecision]) -> Content {
        let removed = Set(decisions.filter { $0.action == .remove }.map { Key($0.repository, $0.tag, $0.digest) })
        var after = Content()
        after.tags = tags.filter { !removed.contains(Key($0.repository, $0.tag, $0.digest)) }
        after.untagged = untagged.filter { !removed.contains(Key($0.repository, nil, $0.digest)) }
        var known = Set(after.tags.map { Key($0.repository, nil, $0.digest) })
        known.formUnion(after.untagged.map { Key($0.repository, nil, $0.digest) })
        for fact in tags where known.insert(Key(fact.repository, nil, fact.digest)).inserted {
            after.untagged.append(
                UntaggedFact(
                    repository: fact.repository,
                    digest: fact.digest,
                    pushedAt: fact.pushedAt,
                    lastPulledAt: fact.lastPulledAt,
                    unreferencedSince: noon,
                    subject: fact.subject
                )
            )
        }
        return after
    }
}
