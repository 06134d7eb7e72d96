// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Policies
import Time

/// One rule of a policy in plain sentences.
struct PolicySentence: Sendable {
    /// Its path in the policy, as refusals name it: `pull[0]`.
    let path: String
    let text: String
    /// From when it holds, where that is still to come.
    var from: DateView?

    /// What it costs on a page, at most.
    var bytes: Int { HTMLText.escape(path).utf8.count + HTMLText.escape(text).utf8.count + 120 }
}

/// Says the rules of a policy, every kind of them, so that whoever reads needs no YAML.
struct PolicyWords: Sendable {
    /// Values of one list that a sentence names; it says how many there are.
    private static let listed = 5
    /// Characters of one value in a sentence.
    private static let longest = 160

    let texts: Texts
    let language: Language
    let now: Timestamp

    // MARK: Rules

    func pull(_ rules: [PullRule]) -> [PolicySentence] {
        rules.enumerated().map { index, rule in
            var parts: [String] = []
            if let level = rule.level {
                let word = Level(rawValue: level.rawValue).map { language.text($0.title) } ?? level.rawValue
                parts.append(text(.policyPullLevel, ["level": word]))
            }
            if rule.refusesExploited { parts.append(text(.policyPullExploited)) }
            if rule.requiresRelease { parts.append(text(.policyPullReleased)) }
            if rule.requiresLog { parts.append(text(.policyPullLogged)) }
            if let organisation = rule.approvedBy {
                parts.append(text(.policyPullApproved, ["organisation": short(organisation)]))
            }
            parts += place(rule.repository)
            parts.append(
                rule.graceDays == 0
                    ? text(.policyGraceNone) : texts.text(.policyGrace, language, count: rule.graceDays)
            )
            parts += since(rule.effectiveFrom)
            return sentence("pull[\(index)]", parts, from: rule.effectiveFrom)
        }
    }

    func push(_ rules: [PushRule]) -> [PolicySentence] {
        rules.enumerated().map { index, rule in
            var parts: [String] = []
            if rule.requiresRelease { parts.append(text(.policyPushReleased)) }
            if let bases = rule.bases {
                parts.append(text(.policyPushBases, ["bases": list(bases.map(\.description))]))
            }
            if let types = rule.mediaTypes {
                parts.append(text(.policyPushTypes, ["types": list(types.map(\.text))]))
            }
            parts += tags(rule.tags, except: rule.except) + place(rule.repository) + since(rule.effectiveFrom)
            return sentence("push[\(index)]", parts, from: rule.effectiveFrom)
        }
    }

    func immutable(_ rules: [ImmutableTagRule]) -> [PolicySentence] {
        rules.enumerated().map { index, rule in
            sentence(
                "immutableTags[\(index)]",
                [text(.policyImmutable)] + tags(rule.tags, except: rule.except) + place(rule.repository)
            )
        }
    }

    func retention(_ rules: [RetentionRule]) -> [PolicySentence] {
        rules.enumerated().map { index, rule in
            var parts: [String] = []
            if let keep = rule.keep {
                parts.append(text(.policyKeep, ["list": list(keep.map(kept), separator: "; ")]))
                parts.append(text(rule.allowEmpty ? .policyKeepNothing : .policyKeepLast))
            }
            if let days = rule.removeUntaggedAfterDays {
                parts.append(texts.text(.policyUntagged, language, count: days))
            }
            return sentence("retention[\(index)]", parts + place(rule.repository))
        }
    }

    private func kept(_ rule: KeepRule) -> String {
        let names = rule.tags.isEmpty ? text(.policyAllTags) : list(rule.tags.map(\.text))
        return switch rule.condition {
        case .newest(let count): texts.text(.policyKeepNewest, language, count: count, ["tags": names])
        case .pushedWithin(let days): texts.text(.policyKeepPushed, language, count: days, ["tags": names])
        case .pulledWithin(let days): texts.text(.policyKeepPulled, language, count: days, ["tags": names])
        case .matching: names
        }
    }

    /// - Parameters:
    ///   - used: bytes that are counted; nil where nobody can say.
    ///   - reserved: bytes that uploads hold.
    func limits(_ policy: ContentPolicy, used: Int64?, reserved: Int64?) -> [PolicySentence] {
        var found: [PolicySentence] = []
        if let limit = policy.quotaBytes {
            var parts = [text(.policyQuota, ["size": language.size(limit)])]
            if let used, let reserved {
                let values = ["used": language.size(used), "reserved": language.size(reserved)]
                parts.append(text(.policyQuotaUsed, values))
            } else {
                parts.append(text(.policyQuotaUnknown))
            }
            found.append(sentence("quotaBytes", parts))
        }
        if let uploads = policy.openUploads {
            found.append(sentence("openUploads", [texts.text(.policyUploads, language, count: uploads)]))
        }
        return found
    }

    // MARK: Words

    func text(_ key: TextKey, _ values: [String: String] = [:]) -> String { texts.text(key, language, values) }

    func sentence(_ path: String, _ parts: [String], from: Timestamp? = nil) -> PolicySentence {
        PolicySentence(
            path: path,
            text: parts.joined(separator: " "),
            from: from.flatMap { $0 > now ? DateView($0, language) : nil }
        )
    }

    /// The first values, and how many there are where that is not all.
    func list(_ values: [String], separator: String = ", ") -> String {
        let shown = values.prefix(Self.listed).map(short).joined(separator: separator)
        guard values.count > Self.listed else { return shown }
        return text(.policyListCut, ["list": shown, "count": language.number(values.count)])
    }

    /// A value that is too long for a sentence is cut where one sees it.
    func short(_ value: String) -> String {
        let cut = String(String.UnicodeScalarView(value.unicodeScalars.prefix(Self.longest)))
        return cut.unicodeScalars.count < value.unicodeScalars.count ? cut + "…" : value
    }

    func place(_ repository: Glob?) -> [String] {
        repository.map { [text(.policyWhere, ["list": short($0.text)])] } ?? []
    }

    private func tags(_ tags: [Glob], except: [Glob]) -> [String] {
        guard !tags.isEmpty else { return [] }
        let names = list(tags.map(\.text))
        return [
            except.isEmpty
                ? text(.policyTags, ["tags": names])
                : text(.policyTagsExcept, ["tags": names, "except": list(except.map(\.text))])
        ]
    }

    private func since(_ instant: Timestamp?) -> [String] {
        guard let instant, instant <= now else { return [] }
        return [text(.policySince, ["date": language.dateTime(instant)])]
    }
}
