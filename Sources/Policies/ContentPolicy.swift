// SPDX-License-Identifier: EUPL-1.2

/// The rules of one namespace on its content: which tags stay as they are, what is kept and removed, what may be
/// pushed and pulled, how much there may be, and whose signatures count.
///
/// A value without rules allows everything and removes nothing. What is read or stored obeys ``Limits``.
public struct ContentPolicy: Sendable, Hashable {
    /// Tags that can be set once and never be moved, deleted or set to something else again.
    public var immutableTags: [ImmutableTagRule]
    /// What is kept; whatever a rule covers and none keeps is removed.
    public var retention: [RetentionRule]
    /// What an image must be to be pulled; anything when empty.
    public var pull: [PullRule]
    /// What may be pushed under which tags; anything when empty.
    public var push: [PushRule]
    /// Bytes that the namespace may hold; unbounded when nil.
    public var quotaBytes: Int64?
    /// Uploads that may be open at once in the namespace; unbounded when nil.
    public var openUploads: Int?
    /// Whose signatures count; nobody's when nil.
    public var trust: TrustRules?

    /// Makes a policy; without arguments it has no rules.
    public init(
        immutableTags: [ImmutableTagRule] = [],
        retention: [RetentionRule] = [],
        pull: [PullRule] = [],
        push: [PushRule] = [],
        quotaBytes: Int64? = nil,
        openUploads: Int? = nil,
        trust: TrustRules? = nil
    ) {
        self.immutableTags = immutableTags
        self.retention = retention
        self.pull = pull
        self.push = push
        self.quotaBytes = quotaBytes
        self.openUploads = openUploads
        self.trust = trust
    }

    /// Bounds of a policy; beyond them it is refused, so that evaluating it is bounded too.
    public enum Limits {
        /// Bytes of the JSON form.
        public static let bytes = 64 << 10
        /// Bytes of the YAML form, which has room for indentation and comments: whatever is stored can be exported and read again.
        public static let yamlBytes = 128 << 10
        /// Rules of one list.
        public static let rules = 100
        /// Patterns of one list.
        public static let patterns = 100
        /// The N of "the newest N".
        public static let newest: ClosedRange<Int64> = 1...10_000
        /// Days; at least one, because the parts of an index arrive untagged before the index does.
        public static let days: ClosedRange<Int64> = 1...36_500
        /// Days of grace of a pull rule.
        public static let graceDays: ClosedRange<Int64> = 0...365
        /// Bytes of a quota; above 2⁵³ readers of JSON disagree about a number.
        public static let quotaBytes: ClosedRange<Int64> = 0...(1 << 53)
        /// Uploads that are open at once.
        public static let openUploads: ClosedRange<Int64> = 1...100_000
    }
}

/// Tags that can be set once.
public struct ImmutableTagRule: Sendable, Hashable {
    /// Repositories that the rule covers, by their whole name; all of the namespace when nil.
    public var repository: Glob?
    /// Tags that the rule covers; at least one pattern.
    public var tags: [Glob]
    /// Tags that it does not cover all the same.
    public var except: [Glob]

    /// Makes a rule.
    public init(repository: Glob? = nil, tags: [Glob], except: [Glob] = []) {
        self.repository = repository
        self.tags = tags
        self.except = except
    }
}

/// What is kept in the repositories that a rule covers, and what is removed there.
///
/// Where several rules cover a repository, a tag stays if one of them keeps it, an untagged manifest stays for the longest of their times,
/// and the newest tag may go only if all of them say so: a further rule for a repository never removes what the others keep.
public struct RetentionRule: Sendable, Hashable {
    /// Repositories that the rule covers, by their whole name; all of the namespace when nil.
    public var repository: Glob?
    /// What keeps a tag; a tag that nothing here names is removed.
    ///
    /// When nil, the rule is silent about tags.
    public var keep: [KeepRule]?
    /// Days after which a manifest that no tag reaches is removed; when nil, the rule is silent about such manifests.
    public var removeUntaggedAfterDays: Int?
    /// Whether the newest tag of a repository, too, may be removed.
    public var allowEmpty: Bool

    /// Makes a rule.
    public init(
        repository: Glob? = nil,
        keep: [KeepRule]? = nil,
        removeUntaggedAfterDays: Int? = nil,
        allowEmpty: Bool = false
    ) {
        self.repository = repository
        self.keep = keep
        self.removeUntaggedAfterDays = removeUntaggedAfterDays
        self.allowEmpty = allowEmpty
    }
}

/// One reason for which a tag is kept.
public struct KeepRule: Sendable, Hashable {
    /// What it looks at.
    public enum Condition: Sendable, Hashable {
        /// It is among the newest so many of its repository, of those that the patterns name.
        case newest(Int)
        /// It was pushed within so many days.
        case pushedWithin(days: Int)
        /// It was pulled within so many days, or that cannot be known.
        case pulledWithin(days: Int)
        /// The patterns name it.
        case matching
    }

    /// What it looks at.
    public var condition: Condition
    /// Tags that it is about; all when empty, which ``Condition/matching`` does not allow.
    public var tags: [Glob]

    /// Makes a reason.
    public init(_ condition: Condition, tags: [Glob] = []) {
        self.condition = condition
        self.tags = tags
    }
}

extension [Glob] {
    /// Whether one of the patterns names the text.
    func match(_ text: String) -> Bool { contains { $0.matches(text) } }

    /// The patterns for a sentence; a long list is cut.
    var listed: String {
        let shown = prefix(5).map(\.text).joined(separator: ", ")
        return count > 5 ? shown + ", …" : shown
    }
}
