// SPDX-License-Identifier: EUPL-1.2

public import OCI
internal import SBOM

/// What is to happen to a tag.
public enum TagChange: Sendable, Hashable {
    /// It is to name this manifest: a push, a multi-tag push, a copy, an import, a restore.
    case set(Digest)
    /// It is to go: by itself, with its manifest, or with its repository.
    case delete
    /// A manifest that the tag's index leads to is to go, so that the tag could not be pulled as a whole any more.
    case takeApart(Digest)
}

/// What a tag that does not exist now named before.
public enum TagPast: Sendable, Hashable {
    /// It never existed.
    case never
    /// It existed, and this is what it named last.
    case last(Digest)
    /// It existed; what it named is not known any more.
    case unknown
}

extension ContentPolicy {
    /// Whether a tag may change: one that a rule makes immutable can be set once, and stays.
    ///
    /// Setting it to what it names, or named last, is fine: a client that lost the answer pushes again. Every way to change a tag has to
    /// ask here, deletion of its manifest too; else the rule is one that deleting and pushing again gets round.
    ///
    /// - Parameters:
    ///   - change: what is to happen.
    ///   - tag: the tag.
    ///   - repository: where it is, by its whole name.
    ///   - current: what it names now; nil when it does not exist.
    ///   - past: what it named before, when it does not exist; not looked at when it does.
    ///   - revision: of this policy, for the reason.
    public func tagChange(
        _ change: TagChange,
        of tag: Tag,
        in repository: RepositoryName,
        current: Digest?,
        past: TagPast,
        revision: Int64
    ) -> PolicyDecision {
        let problem: TagProblem
        switch (change, current, past) {
        case (.delete, nil, _), (.takeApart, nil, _): return .allowed
        case (.takeApart(let part), .some(let current), _): problem = .takenApart(part, of: current)
        case (.delete, .some(let current), _): problem = .deleted(current)
        case (.set(let new), .some(let current), _):
            guard new != current else { return .allowed }
            problem = .moved(from: current)
        case (.set, nil, .never): return .allowed
        case (.set(let new), nil, .last(let old)):
            guard new != old else { return .allowed }
            problem = .reused(old)
        // Unknown is no reason to allow: who deletes a history must not free the tags in it.
        case (.set, nil, .unknown): problem = .reused(nil)
        }
        guard let (index, rule) = immutableTagRule(for: tag, in: repository) else { return .allowed }
        return .refused(
            PolicyRefusal(
                rule: "immutableTags[\(index)]",
                revision: revision,
                reason: problem.reason(tag, repository, rule: rule, number: index + 1, revision: revision)
            )
        )
    }

    /// Whether a rule makes a tag immutable.
    public func isImmutable(_ tag: Tag, in repository: RepositoryName) -> Bool {
        immutableTagRule(for: tag, in: repository) != nil
    }

    /// The first rule that makes a tag immutable.
    ///
    /// A tag about another manifest (`sha256-….sig`) is only covered by a pattern that begins with `sha256-` or `sha512-`: it moves with
    /// each further signature, so that `*` would make a released image one that nobody can sign any more.
    func immutableTagRule(for tag: Tag, in repository: RepositoryName) -> (index: Int, rule: ImmutableTagRule)? {
        let isAttached = tag.subject != nil
        for (index, rule) in immutableTags.enumerated() {
            guard rule.repository?.matches(repository.text) ?? true else { continue }
            let patterns = isAttached ? rule.tags.filter(\.namesAttachedTags) : rule.tags
            if patterns.match(tag.text), !rule.except.match(tag.text) { return (index, rule) }
        }
        return nil
    }
}

extension Tag {
    /// The manifest that a tag of cosign's scheme or of the referrers fallback (`sha256-…`) speaks about.
    public var subject: Digest? {
        if let digest = attachedTo { return digest }
        guard text.hasPrefix("sha256-") || text.hasPrefix("sha512-") else { return nil }
        return try? Digest(parsing: text.prefix(6) + ":" + text.dropFirst(7))
    }
}

extension Glob {
    fileprivate var namesAttachedTags: Bool { text.hasPrefix("sha256-") || text.hasPrefix("sha512-") }
}

/// What a change would do to an immutable tag.
private enum TagProblem {
    case moved(from: Digest)
    case deleted(Digest)
    case takenApart(Digest, of: Digest)
    case reused(Digest?)

    func reason(
        _ tag: Tag,
        _ repository: RepositoryName,
        rule: ImmutableTagRule,
        number: Int,
        revision: Int64
    ) -> LocalizedText {
        let name = "\(repository):\(tag)"
        let german =
            "Regel \(number) für unveränderliche Tags (\(rule.tags.listed)), Revision \(revision) der Richtlinie"
        let english = "rule \(number) on immutable tags (\(rule.tags.listed)), revision \(revision) of the policy"
        switch self {
        case .moved(let current):
            return LocalizedText(
                de: "Das Tag \(name) ist unveränderlich und bezeichnet \(current.shortDescription): \(german). "
                    + "Verwenden Sie ein neues Tag.",
                en: "The tag \(name) is immutable and names \(current.shortDescription): \(english). Use a new tag."
            )
        case .deleted(let current):
            return LocalizedText(
                de: "Das Tag \(name) ist unveränderlich und kann nicht gelöscht werden, "
                    + "auch nicht mit \(current.shortDescription): \(german).",
                en: "The tag \(name) is immutable and cannot be deleted, nor can \(current.shortDescription) with it: "
                    + "\(english)."
            )
        case .takenApart(let part, let current):
            return LocalizedText(
                de:
                    "Das Manifest \(part.shortDescription) ist ein Teil von \(current.shortDescription), und das Tag \(name), das "
                    + "diesen Index bezeichnet, ist unveränderlich: \(german).",
                en:
                    "The manifest \(part.shortDescription) is a part of \(current.shortDescription), and the tag \(name), which "
                    + "names that index, is immutable: \(english)."
            )
        case .reused(let old):
            let was = old.map { (de: $0.shortDescription, en: $0.shortDescription) }
            return LocalizedText(
                de:
                    "Das Tag \(name) ist unveränderlich und bezeichnete schon \(was?.de ?? "etwas, das nicht mehr bekannt ist")"
                    + ": \(german). Verwenden Sie ein neues Tag.",
                en:
                    "The tag \(name) is immutable and named \(was?.en ?? "something that is not known any more") before: "
                    + "\(english). Use a new tag."
            )
        }
    }
}
