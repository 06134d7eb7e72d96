// SPDX-License-Identifier: EUPL-1.2

internal import OCI
public import Time

extension ContentPolicy {
    /// What the retention rules say about the content of repositories: one decision for each fact, by repository, then tags, then untagged
    /// manifests.
    ///
    /// A dry run and the removal itself are this one function; it changes nothing. The same facts in another order give the same decisions.
    ///
    /// - Immutable tags and tags that a release holds are never removed, nor is the newest tag of a repository unless the rules allow it.
    /// - Tags about other manifests (`sha256-….sig`) and referrers are counted nowhere and go with what they are about.
    /// - Where it cannot be known whether something was pulled within the days of a rule, it stays.
    /// - A tag that goes leaves its manifest untagged from that moment on; the manifest's own days begin then.
    ///
    /// - Parameters:
    ///   - tags: all tags of each repository named; "the newest N" of a part would be another answer.
    ///   - untagged: all manifests without a tag of these repositories, referrers among them.
    ///   - now: the instant of the run.
    ///   - pullsRecordedSince: since when pulls are recorded without a gap; nil when they are not.
    /// - Complexity: O(facts × rules + facts log facts).
    public func retentionDecisions(
        tags: [TagFact],
        untagged: [UntaggedFact],
        now: Timestamp,
        pullsRecordedSince: Timestamp?
    ) -> [RetentionDecision] {
        var repositories: [RepositoryName: (tags: [TagFact], untagged: [UntaggedFact])] = [:]
        for fact in tags { repositories[fact.repository, default: ([], [])].tags.append(fact) }
        for fact in untagged { repositories[fact.repository, default: ([], [])].untagged.append(fact) }
        var decisions: [RetentionDecision] = []
        decisions.reserveCapacity(tags.count + untagged.count)
        for (name, facts) in repositories.sorted(by: { $0.key < $1.key }) {
            let run = RetentionRun(
                policy: self,
                repository: name,
                tags: facts.tags.sorted { ($0.tag, $0.digest, $0.pushedAt) < ($1.tag, $1.digest, $1.pushedAt) },
                untagged: facts.untagged.sorted { ($0.digest, $0.pushedAt) < ($1.digest, $1.pushedAt) },
                now: now,
                pullsRecordedSince: pullsRecordedSince
            )
            decisions += run.decisions()
        }
        return decisions
    }
}

/// Retention of one repository.
private struct RetentionRun {
    private typealias Verdict = (action: RetentionDecision.Action, rules: [String], reason: RetentionReason)
    private typealias Covering = (path: String, rule: RetentionRule)

    let policy: ContentPolicy
    let repository: RepositoryName
    let tags: [TagFact]
    let untagged: [UntaggedFact]
    let now: Timestamp
    let pullsRecordedSince: Timestamp?

    func decisions() -> [RetentionDecision] {
        let covering: [Covering] = policy.retention.enumerated().compactMap { index, rule in
            guard rule.repository?.matches(repository.text) ?? true else { return nil }
            return ("retention[\(index)]", rule)
        }
        let removed = removedManifests(covering)
        let attached = tags.map { $0.subject ?? $0.tag.subject }
        let images = tags.indices.filter { attached[$0] == nil }
        // By push time; of two at one instant the one with the greater name counts as newer, whatever order the facts came in.
        let newestFirst = images.sorted { (tags[$0].pushedAt, tags[$0].tag) > (tags[$1].pushedAt, tags[$1].tag) }
        let named = imageVerdicts(newestFirst, covering)
        var decisions: [RetentionDecision] = []
        decisions.reserveCapacity(tags.count + untagged.count)
        for (index, fact) in tags.enumerated() {
            let verdict: Verdict
            if fact.isImmutable || policy.isImmutable(fact.tag, in: repository) {
                verdict = (.keep, [], .immutable)
            } else if fact.isHeldByRelease {
                verdict = (.keep, [], .held)
            } else if let subject = attached[index] {
                verdict = self.attached(fact, to: subject, removed, covering)
            } else {
                verdict = named[index] ?? (.keep, [], .noRule)
            }
            decisions.append(decision(fact.tag, fact.digest, verdict))
        }
        for fact in untagged {
            decisions.append(decision(nil, fact.digest, removed.verdicts[fact.digest] ?? (.keep, [], .noRule)))
        }
        return decisions
    }

    private func decision(_ tag: Tag?, _ digest: Digest, _ verdict: Verdict) -> RetentionDecision {
        RetentionDecision(
            repository: repository,
            tag: tag,
            digest: digest,
            action: verdict.action,
            rules: verdict.rules,
            reason: verdict.reason.text
        )
    }

    // MARK: - Tags of images

    private func imageVerdicts(_ newestFirst: [Int], _ covering: [Covering]) -> [Int: Verdict] {
        let silent = covering.allSatisfy { $0.rule.keep == nil }
        guard !silent else { return [:] }
        var verdicts: [Int: Verdict] = [:]
        verdicts.reserveCapacity(newestFirst.count)
        var entries = 0
        for (path, rule) in covering {
            for (number, keep) in (rule.keep ?? []).enumerated() {
                entries += 1
                var left = Int.max
                if case .newest(let count) = keep.condition { left = max(0, count) }
                for index in newestFirst {
                    guard left > 0 else { break }
                    let fact = tags[index]
                    guard keep.tags.isEmpty ? keep.condition != .matching : keep.tags.match(fact.tag.text) else {
                        continue
                    }
                    left -= 1
                    guard verdicts[index] == nil, let reason = reason(keep, fact) else { continue }
                    verdicts[index] = (.keep, ["\(path).keep[\(number)]"], reason)
                }
            }
        }
        let speaking = covering.filter { $0.rule.keep != nil }
        // One rule that does not allow it is enough.
        let mayEmpty = speaking.allSatisfy(\.rule.allowEmpty)
        for (position, index) in newestFirst.enumerated() where verdicts[index] == nil {
            let paths = speaking.map(\.path)
            verdicts[index] =
                position == 0 && !mayEmpty
                ? (.keep, paths, .newestOfRepository) : (.remove, paths, .nothingKeeps(entries))
        }
        return verdicts
    }

    /// Why an entry keeps a tag that its patterns name; nil when it does not.
    private func reason(_ keep: KeepRule, _ fact: TagFact) -> RetentionReason? {
        switch keep.condition {
        case .newest(let count): return .newest(count, keep.tags)
        case .matching: return .matching(keep.tags)
        case .pushedWithin(let days):
            return fact.pushedAt >= start(of: days) ? .pushedWithin(days, at: fact.pushedAt) : nil
        case .pulledWithin(let days): return pull(fact.lastPulledAt, within: days)
        }
    }

    /// Why something counts as pulled within so many days; nil when it is known that it was not.
    private func pull(_ last: Timestamp?, within days: Int) -> RetentionReason? {
        if let last, last >= start(of: days) { return .pulledWithin(days, at: last) }
        guard let since = pullsRecordedSince, since <= start(of: days) else {
            return .pullsUnknown(days, since: pullsRecordedSince)
        }
        return nil
    }

    private func start(of days: Int) -> Timestamp {
        // A policy that was built and not read may hold any number.
        now - .seconds(Int64(min(max(days, 0), Int(ContentPolicy.Limits.days.upperBound))) * 86_400)
    }

    // MARK: - Untagged manifests, and what is about others

    private struct Removed {
        var verdicts: [Digest: Verdict] = [:]
        /// Manifests that are here and stay.
        var present: Set<Digest> = []
        var gone: Set<Digest> = []
    }

    private func removedManifests(_ covering: [Covering]) -> Removed {
        var removed = Removed()
        let tagged = Set(tags.map(\.digest))
        removed.present = tagged.union(untagged.map(\.digest))
        let limit = untaggedLimit(covering)
        var referrers: [Digest: [UntaggedFact]] = [:]
        var next: [Digest] = []
        for fact in untagged {
            let verdict: Verdict
            if tagged.contains(fact.digest) {
                verdict = (.keep, [], .hasTag)
            } else if fact.isChildOfTagged {
                verdict = (.keep, [], .child)
            } else if let subject = fact.subject, removed.present.contains(subject) {
                referrers[subject, default: []].append(fact)
                verdict = (.keep, [], .attached(subject))
            } else {
                verdict = self.verdict(of: fact, limit)
            }
            // A manifest that is there twice stays if one of the facts says so.
            if removed.verdicts[fact.digest]?.action != .keep { removed.verdicts[fact.digest] = verdict }
        }
        for fact in untagged where removed.verdicts[fact.digest]?.action == .remove { next.append(fact.digest) }
        // What is about something that goes, goes too, and what is about that. Without recursion: a chain of signatures of signatures is as
        // long as its author likes.
        while let digest = next.popLast() {
            guard removed.gone.insert(digest).inserted else { continue }
            let rules = removed.verdicts[digest]?.rules ?? []
            for fact in referrers[digest] ?? [] {
                // One that is kept for another reason than its subject stays.
                guard case .attached(digest)? = removed.verdicts[fact.digest]?.reason else { continue }
                removed.verdicts[fact.digest] = (.remove, rules, .attachedToRemoved(digest))
                next.append(fact.digest)
            }
        }
        removed.present.subtract(removed.gone)
        return removed
    }

    /// The longest time of all rules that speak about untagged manifests, and where it stands.
    private func untaggedLimit(_ covering: [Covering]) -> (path: String, days: Int)? {
        var limit: (path: String, days: Int)?
        for (path, rule) in covering {
            guard let days = rule.removeUntaggedAfterDays, days > limit?.days ?? Int.min else { continue }
            limit = (path + ".removeUntaggedAfterDays", days)
        }
        return limit
    }

    private func verdict(of fact: UntaggedFact, _ limit: (path: String, days: Int)?) -> Verdict {
        guard let limit else { return (.keep, [], .noRule) }
        let since = max(fact.pushedAt, fact.unreferencedSince ?? fact.pushedAt)
        guard since < start(of: limit.days) else { return (.keep, [limit.path], .tooYoung(limit.days, since: since)) }
        // Clusters pull by digest.
        if let reason = pull(fact.lastPulledAt, within: limit.days) { return (.keep, [limit.path], reason) }
        if let subject = fact.subject { return (.remove, [limit.path], .orphan(subject, limit.days)) }
        return (.remove, [limit.path], .tooOld(limit.days, since: since, hasReferrers: fact.hasReferrers))
    }

    private func attached(
        _ fact: TagFact,
        to subject: Digest,
        _ removed: Removed,
        _ covering: [Covering]
    ) -> Verdict {
        if removed.gone.contains(subject) {
            return (.remove, removed.verdicts[subject]?.rules ?? [], .attachedToRemoved(subject))
        }
        if removed.present.contains(subject) { return (.keep, [], .attached(subject)) }
        let orphan = UntaggedFact(
            repository: repository,
            digest: fact.digest,
            pushedAt: fact.pushedAt,
            lastPulledAt: fact.lastPulledAt,
            subject: subject
        )
        return verdict(of: orphan, untaggedLimit(covering))
    }
}
