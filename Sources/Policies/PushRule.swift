// SPDX-License-Identifier: EUPL-1.2

public import OCI
internal import SBOM
public import Time

/// What may be pushed to the repositories that a rule covers, or set under the tags that it names.
///
/// Every rule that covers a push must be met, whoever pushes; what was there before a rule is touched only when a tag is set to it.
public struct PushRule: Sendable, Hashable {
    /// Repositories that the rule covers, by their whole name; all of the namespace when nil.
    public var repository: Glob?
    /// Tags that the rule is about; when empty, it is about every manifest, with and without a tag.
    public var tags: [Glob]
    /// Tags that it is not about all the same: candidates.
    public var except: [Glob]
    /// Whether these tags are for images alone that this node released.
    public var requiresRelease: Bool
    /// Images that the layers of an image must begin with; any when nil.
    public var bases: [AllowedBase]?
    /// Types that a manifest may have, see ``PushFacts/type``; any when nil.
    public var mediaTypes: [Glob]?
    /// From when the rule holds; nil: at once.
    public var effectiveFrom: Timestamp?

    /// Makes a rule.
    public init(
        repository: Glob? = nil,
        tags: [Glob] = [],
        except: [Glob] = [],
        requiresRelease: Bool = false,
        bases: [AllowedBase]? = nil,
        mediaTypes: [Glob]? = nil,
        effectiveFrom: Timestamp? = nil
    ) {
        self.repository = repository
        self.tags = tags
        self.except = except
        self.requiresRelease = requiresRelease
        self.bases = bases
        self.mediaTypes = mediaTypes
        self.effectiveFrom = effectiveFrom
    }
}

/// A base image that a rule allows.
public enum AllowedBase: Sendable, Hashable, CustomStringConvertible {
    /// This one.
    case digest(Digest)
    /// Whatever lies in these repositories of the node.
    case repository(Glob)

    /// As it is written in a policy.
    public var description: String {
        switch self {
        case .digest(let digest): digest.description
        case .repository(let glob): glob.text
        }
    }

    /// Whether a base is one of these.
    public func allows(_ base: PushedBase) -> Bool {
        switch self {
        case .digest(let digest): base.digest == digest
        case .repository(let glob): glob.matches(base.repository)
        }
    }
}

/// An image of the node with whose layers another one begins.
public struct PushedBase: Sendable, Hashable {
    /// Where it lies, by its whole name.
    public let repository: String
    /// The image.
    public let digest: Digest

    /// Names one.
    public init(repository: String, digest: Digest) {
        self.repository = repository
        self.digest = digest
    }
}

/// What is known of the bases of one image that is pushed.
public struct BaseFacts: Sendable, Hashable {
    /// The image: the one that is pushed, or one of its index.
    public let image: Digest
    /// Images of the node with whose layers it begins.
    public let found: [PushedBase]
    /// Why more of them may exist; nil when there are no others.
    public let gap: BaseGap?

    /// Names facts.
    public init(image: Digest, found: [PushedBase], gap: BaseGap? = nil) {
        self.image = image
        self.found = found
        self.gap = gap
    }
}

/// Why the bases of an image cannot be told.
public enum BaseGap: Sendable, Hashable {
    /// It is not in the repository of its index.
    case absent
    /// It has no layers.
    case noLayers
    /// Its index has more images than are looked at.
    case largeIndex(limit: Int)
    /// More images begin with its first layer than are looked at.
    case manyImages(limit: Int)

    var text: LocalizedText {
        switch self {
        case .absent:
            LocalizedText(
                de: "es liegt nicht in diesem Repository; laden Sie es vor seinem Index hoch",
                en: "it is not in this repository; push it before its index"
            )
        case .noLayers: LocalizedText(de: "es hat keine Schichten", en: "it has no layers")
        case .largeIndex(let limit):
            LocalizedText(
                de: "der Index hat mehr als \(limit) Images",
                en: "the index has more than \(limit) images"
            )
        case .manyImages(let limit):
            LocalizedText(
                de: "mehr als \(limit) Images beginnen mit seiner ersten Schicht; nennen Sie seine Grundlage in der "
                    + "Annotation org.opencontainers.image.base.digest",
                en: "more than \(limit) images begin with its first layer; name its base in the annotation "
                    + "org.opencontainers.image.base.digest"
            )
        }
    }
}

/// What the rules on pushes look at.
public struct PushFacts: Sendable, Hashable {
    /// Where it is pushed, by its whole name.
    public var repository: String
    /// Tags that are set to it.
    public var tags: [Tag]
    /// What it is: its artefact type, else the type of its configuration, else, of an index, its own media type.
    public var type: String
    /// Whether it is an image or an index of images; nothing but its type is asked of anything else.
    public var isImage: Bool
    /// Whether this node released it.
    public var isReleased: Bool
    /// Bases of the image, or of each image of the index; nil when nobody looked.
    public var bases: [BaseFacts]?

    /// Names facts.
    public init(
        repository: String,
        tags: [Tag],
        type: String,
        isImage: Bool,
        isReleased: Bool = false,
        bases: [BaseFacts]? = nil
    ) {
        self.repository = repository
        self.tags = tags
        self.type = type
        self.isImage = isImage
        self.isReleased = isReleased
        self.bases = bases
    }
}

extension ContentPolicy {
    /// The bases that rules allow for a push, so that somebody looks for them; empty when nobody has to.
    public func allowedBases(_ facts: PushFacts, at now: Timestamp) -> [AllowedBase] {
        guard facts.isImage else { return [] }
        return push.filter { $0.covers(facts, at: now) }.flatMap { $0.bases ?? [] }
    }

    /// Whether a rule asks if a push is of a released image, so that somebody has to look.
    public func asksForRelease(_ facts: PushFacts, at now: Timestamp) -> Bool {
        facts.isImage && push.contains { $0.requiresRelease && $0.covers(facts, at: now) }
    }

    /// The instants at which rules on pushes begin to hold, from now on: trying a policy out asks at each of them.
    public func pushInstants(from now: Timestamp) -> [Timestamp] {
        [now] + Set(push.compactMap(\.effectiveFrom).filter { $0 > now }).sorted()
    }

    /// Whether any rule is about a push, whatever it says.
    public func watches(_ facts: PushFacts, at now: Timestamp) -> Bool { push.contains { $0.covers(facts, at: now) } }

    /// Whether something may be pushed.
    ///
    /// - Parameter revision: of this policy, for the reason.
    /// - Complexity: O(rules × patterns × bases).
    public func push(_ facts: PushFacts, at now: Timestamp, revision: Int64) -> PolicyDecision {
        for (index, rule) in push.enumerated() where rule.covers(facts, at: now) {
            guard let reason = rule.objection(facts) else { continue }
            let name = "push[\(index)]"
            return .refused(
                PolicyRefusal(
                    rule: name,
                    revision: revision,
                    reason: LocalizedText(
                        de: "\(reason.de) (Richtlinie Revision \(revision), \(name)).",
                        en: "\(reason.en) (policy revision \(revision), \(name))."
                    )
                )
            )
        }
        return .allowed
    }
}

extension PushRule {
    fileprivate func covers(_ facts: PushFacts, at now: Timestamp) -> Bool {
        guard repository?.matches(facts.repository) ?? true, effectiveFrom.map({ $0 <= now }) ?? true else {
            return false
        }
        if tags.isEmpty { return true }
        return facts.tags.contains { $0.attachedTo == nil && tags.match($0.text) && !except.match($0.text) }
    }

    fileprivate func objection(_ facts: PushFacts) -> LocalizedText? {
        if let mediaTypes, !mediaTypes.match(facts.type) {
            let type = facts.type.forMessage
            return LocalizedText(
                de: "Manifeste der Art \(type) sind hier nicht erlaubt, nur \(mediaTypes.listed)",
                en: "Manifests of the type \(type) are not allowed here, only \(mediaTypes.listed)"
            )
        }
        guard facts.isImage else { return nil }
        if requiresRelease, !facts.isReleased {
            return LocalizedText(
                de:
                    "Diese Tags bezeichnen nur Images, die dieser Knoten signiert hat; laden Sie das Image unter einem anderen "
                    + "Tag hoch und geben Sie es mit kontor release frei",
                en:
                    "These tags are for images alone that this node signed; push the image under another tag and release it "
                    + "with kontor release"
            )
        }
        return bases.flatMap { baseObjection($0, facts.bases) }
    }

    private func baseObjection(_ allowed: [AllowedBase], _ facts: [BaseFacts]?) -> LocalizedText? {
        guard let facts else {
            return LocalizedText(
                de: "Worauf das Image aufbaut, ist nicht bekannt",
                en: "What the image is built on is not known"
            )
        }
        for fact in facts where !fact.found.contains(where: { base in allowed.contains { $0.allows(base) } }) {
            let names = allowed.prefix(5).map(\.description).joined(separator: ", ") + (allowed.count > 5 ? ", …" : "")
            let image = fact.image.shortDescription
            if let gap = fact.gap?.text {
                return LocalizedText(
                    de:
                        "Ob \(image) auf einem erlaubten Image (\(names)) aufbaut, lässt sich nicht feststellen: \(gap.de)",
                    en: "Whether \(image) is built on an allowed image (\(names)) cannot be told: \(gap.en)"
                )
            }
            return LocalizedText(
                de: "\(image) beginnt nicht mit den Schichten eines erlaubten Images auf diesem Knoten (\(names))",
                en: "\(image) does not begin with the layers of an allowed image of this node (\(names))"
            )
        }
        return nil
    }
}
