// SPDX-License-Identifier: EUPL-1.2

internal import SBOM
public import Time

/// What an image must be to be pulled from the repositories that a rule covers.
///
/// Every rule that covers a repository must be met. Who may push there can always pull, because somebody has to repair it; who pulled an
/// image before it fell under the rule is served for the time of grace: a new advisory must not switch an authority off.
public struct PullRule: Sendable, Hashable {
    /// Repositories that the rule covers, by their whole name; all of the namespace when nil.
    public var repository: Glob?
    /// Least overall level; any when nil.
    public var level: PullLevel?
    /// Whether an image is refused that has a vulnerability which is known to be exploited.
    public var refusesExploited: Bool
    /// Whether this node must have released the image.
    public var requiresRelease: Bool
    /// Whether that release must be in the node's log.
    public var requiresLog: Bool
    /// Organisation that must have approved the image for use; none when nil.
    public var approvedBy: String?
    /// Days for which those who pulled the image before are served all the same.
    public var graceDays: Int
    /// From when the rule holds, and is announced until then; nil: at once.
    public var effectiveFrom: Timestamp?

    /// Days of grace where a rule names none.
    public static let standardGraceDays = 14
    /// How long before its end an approval is announced to end.
    static let approvalNotice = Duration.seconds(30 * 86_400)

    /// Makes a rule.
    public init(
        repository: Glob? = nil,
        level: PullLevel? = nil,
        refusesExploited: Bool = false,
        requiresRelease: Bool = false,
        requiresLog: Bool = false,
        approvedBy: String? = nil,
        graceDays: Int = PullRule.standardGraceDays,
        effectiveFrom: Timestamp? = nil
    ) {
        self.repository = repository
        self.level = level
        self.refusesExploited = refusesExploited
        self.requiresRelease = requiresRelease
        self.requiresLog = requiresLog
        self.approvedBy = approvedBy
        self.graceDays = graceDays
        self.effectiveFrom = effectiveFrom
    }
}

/// A level that a rule can demand, by its word in verdicts.
public enum PullLevel: String, Sendable, Hashable, CaseIterable {
    case bronze, silver, gold

    /// Its place among levels, where none is 0.
    public var rank: Int {
        switch self {
        case .bronze: 1
        case .silver: 2
        case .gold: 3
        }
    }

    /// The word of a level by its place.
    static func word(rank: Int) -> String { allCases.first { $0.rank == rank }?.rawValue ?? "none" }
}

/// What the gate knows of an image: facts of its newest verdict and since when they are so, and who stands for it.
public struct ImageStanding: Sendable, Hashable {
    /// Overall level: 0 none, 1 bronze, 2 silver, 3 gold; nil while nobody has judged it.
    public var level: Int?
    /// Since when it has less than a level; nothing about those that it has.
    public var below: [PullLevel: Timestamp]
    /// Vulnerabilities that are known to be exploited and affect it, by name; at most ``maximumNames``.
    public var exploited: [String]
    /// Since when there are any; nil while there are none.
    public var exploitedSince: Timestamp?
    /// When this node released it first; nil when it did not.
    public var releasedAt: Timestamp?
    /// When its release was first in the node's log; nil when none is.
    public var loggedAt: Timestamp?
    /// Until when which organisation approves it, by name; also those that are over.
    public var approvals: [String: Timestamp]

    /// Most names that are kept.
    public static let maximumNames = 8

    /// Names facts.
    public init(
        level: Int?,
        below: [PullLevel: Timestamp] = [:],
        exploited: [String] = [],
        exploitedSince: Timestamp? = nil,
        releasedAt: Timestamp? = nil,
        loggedAt: Timestamp? = nil,
        approvals: [String: Timestamp] = [:]
    ) {
        self.level = level
        self.below = below
        self.exploited = exploited
        self.exploitedSince = exploitedSince
        self.releasedAt = releasedAt
        self.loggedAt = loggedAt
        self.approvals = approvals
    }
}

/// What the rules say about pulling one image.
public enum PullDecision: Sendable, Hashable {
    /// No rule is against it.
    case allowed
    /// It will be refused from an instant on.
    case announced(PullObjection)
    /// It is refused, but for those whom the objection's grace covers.
    case refused(PullObjection)
}

/// Why an image may not be pulled, and from when.
public struct PullObjection: Sendable, Hashable {
    /// The rule and the reason.
    public let refusal: PolicyRefusal
    /// From when it is refused.
    public let from: Timestamp
    /// Until when those who pulled it before ``from`` are served.
    public let graceUntil: Timestamp

    /// Makes an objection.
    public init(refusal: PolicyRefusal, from: Timestamp, graceUntil: Timestamp) {
        self.refusal = refusal
        self.from = from
        self.graceUntil = graceUntil
    }

    /// Whether somebody who pulled the image at an instant is served now.
    public func spares(whoPulledAt first: Timestamp?, at now: Timestamp) -> Bool {
        guard let first else { return false }
        return first < from && now < graceUntil
    }
}

extension ContentPolicy {
    /// Whether an image may be pulled.
    ///
    /// - Parameters:
    ///   - repository: its whole name.
    ///   - standing: what is known of it; nil when nothing is, which no rule takes for good.
    ///   - firstSeen: when it came, for an image of which nothing is known.
    ///   - revision: of this policy, for the reason.
    ///   - isBeforeRelease: whether this asks for an image that is about to be released; then no rule wants it to be so already.
    /// - Complexity: O(rules).
    public func pull(
        from repository: String,
        _ standing: ImageStanding?,
        firstSeen: Timestamp,
        at now: Timestamp,
        revision: Int64,
        isBeforeRelease: Bool = false
    ) -> PullDecision {
        var strongest: PullObjection?
        for (index, rule) in pull.enumerated() where rule.repository?.matches(repository) ?? true {
            var rule = rule
            if isBeforeRelease { (rule.requiresRelease, rule.requiresLog) = (false, false) }
            for (reason, since) in rule.objections(standing, firstSeen: firstSeen, at: now) {
                let from = max(since, rule.effectiveFrom ?? since)
                let objection = PullObjection(
                    refusal: PolicyRefusal(
                        rule: "pull[\(index)]",
                        revision: revision,
                        reason: reason.naming(rule: "pull[\(index)]", revision: revision)
                    ),
                    from: from,
                    graceUntil: from + .seconds(rule.graceDays * 86_400)
                )
                // The one that takes effect first; of those, the one whose grace ends first.
                let other = strongest.map { ($0.from, $0.graceUntil) }
                if other.map({ (objection.from, objection.graceUntil) < $0 }) ?? true { strongest = objection }
            }
        }
        guard let strongest else { return .allowed }
        return strongest.from <= now ? .refused(strongest) : .announced(strongest)
    }
}

extension PullRule {
    private typealias Objection = (reason: LocalizedText, since: Timestamp)

    /// What an image lacks, each with the instant since when it does, or from when on it will.
    fileprivate func objections(
        _ standing: ImageStanding?,
        firstSeen: Timestamp,
        at now: Timestamp
    ) -> [(reason: LocalizedText, since: Timestamp)] {
        judgements(standing, firstSeen) + words(standing, firstSeen, now)
    }

    /// What its verdict is against.
    private func judgements(_ standing: ImageStanding?, _ firstSeen: Timestamp) -> [Objection] {
        guard level != nil || refusesExploited else { return [] }
        guard let standing, let known = standing.level else {
            return [
                (
                    LocalizedText(
                        de: "Das Image ist noch nicht bewertet; fragen Sie in einer Minute erneut",
                        en: "The image has not been assessed yet; ask again in a minute"
                    ), firstSeen
                )
            ]
        }
        var found: [Objection] = []
        if let level, known < level.rank {
            let since = standing.below[level] ?? firstSeen
            let word = PullLevel.word(rank: known)
            found.append(
                (
                    LocalizedText(
                        de: "Das Image hat die Stufe \(word); verlangt ist mindestens \(level.rawValue)",
                        en: "The image has the level \(word); at least \(level.rawValue) is demanded"
                    ), since
                )
            )
        }
        if refusesExploited, let since = standing.exploitedSince {
            let names = standing.exploited.joined(separator: ", ")
            found.append(
                (
                    LocalizedText(
                        de: "Das Image hat Schwachstellen, die ausgenutzt werden: \(names)",
                        en: "The image has vulnerabilities that are being exploited: \(names)"
                    ), since
                )
            )
        }
        return found
    }

    /// Whose word for it is missing.
    private func words(_ standing: ImageStanding?, _ firstSeen: Timestamp, _ now: Timestamp) -> [Objection] {
        var found: [Objection] = []
        if requiresRelease, standing?.releasedAt == nil {
            found.append(
                (
                    LocalizedText(
                        de: "Dieser Knoten hat das Image nicht freigegeben und signiert (kontor release)",
                        en: "This node has not released and signed the image (kontor release)"
                    ), firstSeen
                )
            )
        }
        if requiresLog, standing?.loggedAt == nil {
            found.append(
                (
                    LocalizedText(
                        de: "Keine Freigabe des Images steht im Log dieses Knotens",
                        en: "No release of the image is in this node's transparency log"
                    ), firstSeen
                )
            )
        }
        if let approvedBy {
            switch standing?.approvals[approvedBy] {
            case nil:
                found.append(
                    (
                        LocalizedText(
                            de: "\(approvedBy) hat das Image nicht zur Nutzung freigegeben (kontor approve)",
                            en: "\(approvedBy) has not approved the image for use (kontor approve)"
                        ), firstSeen
                    )
                )
            case let end? where end <= now + Self.approvalNotice:
                found.append(
                    (
                        LocalizedText(
                            de: "Die Freigabe des Images durch \(approvedBy) gilt bis \(end.rfc3339)",
                            en: "The approval of the image by \(approvedBy) holds until \(end.rfc3339)"
                        ), end
                    )
                )
            default: break
            }
        }
        return found
    }
}

extension LocalizedText {
    fileprivate func naming(rule: String, revision: Int64) -> LocalizedText {
        LocalizedText(
            de: "\(de) (Richtlinie Revision \(revision), \(rule)).",
            en: "\(en) (policy revision \(revision), \(rule))."
        )
    }
}
