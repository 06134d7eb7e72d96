// SPDX-License-Identifier: EUPL-1.2

public import SBOM

/// Whether a rule allows something.
public enum PolicyDecision: Sendable, Hashable {
    /// No rule is against it.
    case allowed
    /// A rule is against it.
    case refused(PolicyRefusal)

    /// Whether no rule is against it.
    public var isAllowed: Bool { self == .allowed }
}

/// Why something is refused, and which rule of which revision says so.
public struct PolicyRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// Path of the rule in the policy, such as `immutableTags[0]`.
    public let rule: String
    /// Revision of the policy; 0 when the namespace never had one.
    public let revision: Int64
    /// The reason for people, which names rule and revision.
    public let reason: LocalizedText

    /// Makes a refusal.
    public init(rule: String, revision: Int64, reason: LocalizedText) {
        self.rule = rule
        self.revision = revision
        self.reason = reason
    }

    /// Bytes that the quota of a revision has no room for, or that cannot be counted.
    public init(_ refusal: QuotaRefusal, revision: Int64) {
        self.init(rule: "quotaBytes", revision: revision, reason: refusal.reason)
    }

    /// Whatever it is, under a policy that cannot be read.
    public init(_ unreadable: PolicyUnreadable) {
        self.init(rule: "", revision: unreadable.revision, reason: unreadable.reason)
    }

    /// The reason in English.
    public var description: String { reason.en }
}

extension ContentPolicy {
    /// Whether one more upload may begin in the namespace.
    ///
    /// - Parameters:
    ///   - open: uploads that are open now.
    ///   - revision: of this policy, for the reason.
    public func uploadStart(open: Int, revision: Int64) -> PolicyDecision {
        guard let limit = openUploads, open >= limit else { return .allowed }
        return .refused(
            PolicyRefusal(
                rule: "openUploads",
                revision: revision,
                reason: LocalizedText(
                    de: "Im Namensraum sind \(open) Uploads offen; die Richtlinie (Revision \(revision), openUploads) "
                        + "erlaubt \(limit). Beenden Sie einen davon oder versuchen Sie es später erneut.",
                    en: "\(open) uploads are open in the namespace; the policy (revision \(revision), openUploads) "
                        + "allows \(limit). Finish or cancel one of them, or try again later."
                )
            )
        )
    }
}
