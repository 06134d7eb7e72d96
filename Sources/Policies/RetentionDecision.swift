// SPDX-License-Identifier: EUPL-1.2

public import OCI
public import SBOM
internal import Time

/// What retention says about one tag or untagged manifest, and why.
public struct RetentionDecision: Sendable, Hashable {
    /// Whether it stays.
    public enum Action: String, Sendable, Hashable, CaseIterable {
        /// It stays.
        case keep
        /// It goes.
        case remove
    }

    /// Where it is.
    public let repository: RepositoryName
    /// The tag; nil for an untagged manifest.
    public let tag: Tag?
    /// The manifest; with a tag, what the tag names.
    public let digest: Digest
    /// Whether it stays.
    public let action: Action
    /// Paths of the rules that decided, such as `retention[0].keep[1]`; empty when none covers it or something stronger than rules decided.
    public let rules: [String]
    /// The reason for people.
    public let reason: LocalizedText
}

/// Why something is kept or removed.
enum RetentionReason {
    case noRule
    case immutable
    case held
    case newestOfRepository
    case newest(Int, [Glob])
    case pushedWithin(Int, at: Timestamp)
    case pulledWithin(Int, at: Timestamp)
    case pullsUnknown(Int, since: Timestamp?)
    case matching([Glob])
    case nothingKeeps(Int)
    case attached(Digest)
    case attachedToRemoved(Digest)
    case orphan(Digest, Int)
    case hasTag
    case child
    case tooYoung(Int, since: Timestamp)
    case tooOld(Int, since: Timestamp, hasReferrers: Bool)

    var text: LocalizedText {
        switch self {
        case .noRule:
            return LocalizedText(
                de: "Keine Aufbewahrungsregel gilt dafür.",
                en: "No retention rule covers it."
            )
        case .immutable:
            return LocalizedText(
                de: "Das Tag ist unveränderlich; keine Aufbewahrungsregel entfernt es.",
                en: "The tag is immutable; no retention rule removes it."
            )
        case .held:
            return LocalizedText(
                de: "Eine Veröffentlichung hält das Tag fest; keine Aufbewahrungsregel entfernt es.",
                en: "A release holds the tag; no retention rule removes it."
            )
        case .newestOfRepository:
            return LocalizedText(
                de: "Es ist das neueste Tag des Repositorys; es geht nur, wenn die Regel allowEmpty: true sagt.",
                en: "It is the newest tag of the repository; it goes only if the rule says allowEmpty: true."
            )
        case .newest(let count, let tags):
            return LocalizedText(
                de: "Es gehört zu den \(count) neuesten Tags des Repositorys\(Self.german(tags)).",
                en: "It is among the newest \(count) tags of the repository\(Self.english(tags))."
            )
        case .pushedWithin(let days, let at):
            return LocalizedText(
                de: "Es wurde innerhalb von \(Self.germanDays(days)) hochgeladen (\(at.dateText)).",
                en: "It was pushed within \(Self.englishDays(days)) (\(at.dateText))."
            )
        case .pulledWithin(let days, let at):
            return LocalizedText(
                de: "Es wurde innerhalb von \(Self.germanDays(days)) abgerufen (\(at.dateText)).",
                en: "It was pulled within \(Self.englishDays(days)) (\(at.dateText))."
            )
        case .pullsUnknown(let days, let since):
            return LocalizedText(
                de: "Ob es innerhalb von \(Self.germanDays(days)) abgerufen wurde, ist nicht bekannt: "
                    + (since.map { "Abrufe sind erst seit \($0.dateText) aufgezeichnet" }
                        ?? "Abrufe sind nicht aufgezeichnet") + ". Unbekanntes bleibt.",
                en: "Whether it was pulled within \(Self.englishDays(days)) is not known: "
                    + (since.map { "pulls are recorded since \($0.dateText) only" } ?? "pulls are not recorded")
                    + ". What is unknown stays."
            )
        case .matching(let tags):
            return LocalizedText(
                de: "Das Tag passt auf \(tags.listed).",
                en: "The tag matches \(tags.listed)."
            )
        case .nothingKeeps(let count):
            return LocalizedText(
                de: count == 1
                    ? "Die eine keep-Angabe nennt das Tag nicht." : "Keine der \(count) keep-Angaben nennt das Tag.",
                en: count == 1
                    ? "The one keep entry does not name the tag." : "None of the \(count) keep entries names the tag."
            )
        case .attached(let subject):
            return LocalizedText(
                de: "Es gehört zu \(subject.shortDescription) und bleibt so lange wie dieses.",
                en: "It belongs to \(subject.shortDescription) and stays as long as that does."
            )
        case .attachedToRemoved(let subject):
            return LocalizedText(
                de: "Es gehört zu \(subject.shortDescription) und geht mit diesem.",
                en: "It belongs to \(subject.shortDescription) and goes with it."
            )
        case .orphan(let subject, let days):
            return LocalizedText(
                de: "Es gehört zu \(subject.shortDescription), das es hier nicht gibt, und ist älter als "
                    + "\(Self.germanDay(days)).",
                en: "It belongs to \(subject.shortDescription), which is not here, and is older than "
                    + "\(Self.englishDays(days))."
            )
        case .hasTag:
            return LocalizedText(
                de: "Ein Tag bezeichnet dieses Manifest.",
                en: "A tag names this manifest."
            )
        case .child:
            return LocalizedText(
                de: "Ein Index, der bleibt, führt zu diesem Manifest.",
                en: "An index that stays leads to this manifest."
            )
        case .tooYoung(let days, let since):
            return LocalizedText(
                de:
                    "Kein Tag bezeichnet das Manifest seit \(since.dateText); von da an bleibt es \(Self.germanDay(days)).",
                en: "No tag has named the manifest since \(since.dateText); from then on it stays for "
                    + "\(Self.englishDays(days))."
            )
        case .tooOld(let days, let since, let hasReferrers):
            return LocalizedText(
                de: "Kein Tag bezeichnet das Manifest seit \(since.dateText), länger als \(Self.germanDay(days))"
                    + (hasReferrers ? "; was zu ihm gehört (Signaturen, SBOMs), geht mit ihm." : "."),
                en: "No tag has named the manifest since \(since.dateText), longer than \(Self.englishDays(days))"
                    + (hasReferrers ? "; what belongs to it (signatures, SBOMs) goes with it." : ".")
            )
        }
    }

    private static func german(_ tags: [Glob]) -> String { tags.isEmpty ? "" : ", die auf \(tags.listed) passen" }
    private static func english(_ tags: [Glob]) -> String { tags.isEmpty ? "" : " that match \(tags.listed)" }
    private static func germanDays(_ days: Int) -> String { days == 1 ? "einem Tag" : "\(days) Tagen" }
    private static func germanDay(_ days: Int) -> String { days == 1 ? "ein Tag" : "\(days) Tage" }
    private static func englishDays(_ days: Int) -> String { days == 1 ? "one day" : "\(days) days" }
}
