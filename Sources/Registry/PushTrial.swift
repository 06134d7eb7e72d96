// SPDX-License-Identifier: EUPL-1.2

public import OCI
public import Policies
public import Time

/// What rules on pushes would say about one push, or about one manifest that is there if it were pushed now.
public struct PushTrial: Sendable, Hashable {
    /// What came out.
    public enum Outcome: Sendable, Hashable {
        /// No rule is against it.
        case allowed
        /// It would be refused from an instant on.
        case announced(PolicyRefusal, from: Timestamp)
        /// It would be refused.
        case refused(PolicyRefusal)
        /// A rule is about it, and what the rule asks for is not known any more.
        case unknown(Gap)
    }

    /// Why it cannot be told.
    public enum Gap: String, Sendable, Hashable {
        /// The manifest is not there any more.
        case gone
        /// The manifest cannot be read.
        case unreadable
    }

    /// Who pushed it.
    public struct Push: Sendable, Hashable {
        /// When.
        public let at: Timestamp
        /// By the name of the account.
        public let by: String
    }

    /// Where it lies, or lay.
    public let repository: RepositoryName
    /// What was pushed.
    public let digest: Digest
    /// Tags that it has; of a push the one that was set, if any.
    public let tags: [String]
    /// When it was pushed, and by whom; nil for what is there.
    public let push: Push?
    /// What came out; never that it is allowed.
    public let outcome: Outcome
}

/// How many of something came out how.
public struct TrialCounts: Sendable, Hashable {
    /// No rule is against them.
    public var allowed = 0
    /// They would be refused from an instant on.
    public var announced = 0
    /// They would be refused.
    public var refused = 0
    /// It cannot be told.
    public var unknown = 0

    /// All of them.
    public var looked: Int { allowed + announced + refused + unknown }

    mutating func count(_ outcome: PushTrial.Outcome) {
        switch outcome {
        case .allowed: allowed += 1
        case .announced: announced += 1
        case .refused: refused += 1
        case .unknown: unknown += 1
        }
    }
}

/// What rules on pushes would say about some repositories of a namespace.
public struct PushTrialPage: Sendable, Hashable {
    /// Manifests that are there, as if they were pushed now.
    public var present = TrialCounts()
    /// What was pushed lately, as if the rules had held then.
    public var pushed = TrialCounts()
    /// What is not allowed, as far as it is listed.
    public var found: [PushTrial] = []
    /// Whether more than that is not allowed.
    public var isCut = false
    /// The last repository that was looked at, when there are more.
    public var next: String?
}
