// SPDX-License-Identifier: EUPL-1.2

public import OCI
public import Time

/// What retention has to know about one tag.
public struct TagFact: Sendable, Hashable {
    /// Where the tag is.
    public var repository: RepositoryName
    /// The tag.
    public var tag: Tag
    /// What it names.
    public var digest: Digest
    /// When it was set to that.
    public var pushedAt: Timestamp
    /// When what it names was last pulled; nil when no record of it is left.
    public var lastPulledAt: Timestamp?
    /// Whether it is known to be immutable; the policy's own rules count besides.
    public var isImmutable: Bool
    /// Whether a declared release holds it.
    public var isHeldByRelease: Bool
    /// The manifest that its manifest is about, when it is a signature, an SBOM or another referrer.
    public var subject: Digest?

    /// Makes a fact.
    public init(
        repository: RepositoryName,
        tag: Tag,
        digest: Digest,
        pushedAt: Timestamp,
        lastPulledAt: Timestamp? = nil,
        isImmutable: Bool = false,
        isHeldByRelease: Bool = false,
        subject: Digest? = nil
    ) {
        self.repository = repository
        self.tag = tag
        self.digest = digest
        self.pushedAt = pushedAt
        self.lastPulledAt = lastPulledAt
        self.isImmutable = isImmutable
        self.isHeldByRelease = isHeldByRelease
        self.subject = subject
    }
}

/// What retention has to know about one manifest that has no tag in its repository.
public struct UntaggedFact: Sendable, Hashable {
    /// Where it is.
    public var repository: RepositoryName
    /// The manifest.
    public var digest: Digest
    /// When it was pushed.
    public var pushedAt: Timestamp
    /// When it was last pulled; nil when no record of it is left.
    public var lastPulledAt: Timestamp?
    /// When the last tag or index that reached it went; nil when there never was one.
    ///
    /// The days count from here, so that a removal can be seen, and undone, before bytes go.
    public var unreferencedSince: Timestamp?
    /// Whether signatures, SBOMs or other referrers are about it.
    public var hasReferrers: Bool
    /// The manifest that it is about, when it is itself such a referrer.
    public var subject: Digest?
    /// Whether a tag, or an index that stays, reaches it through an index.
    public var isChildOfTagged: Bool

    /// Whether it is a signature, an SBOM or another referrer.
    public var isReferrer: Bool { subject != nil }

    /// Makes a fact.
    public init(
        repository: RepositoryName,
        digest: Digest,
        pushedAt: Timestamp,
        lastPulledAt: Timestamp? = nil,
        unreferencedSince: Timestamp? = nil,
        hasReferrers: Bool = false,
        subject: Digest? = nil,
        isChildOfTagged: Bool = false
    ) {
        self.repository = repository
        self.digest = digest
        self.pushedAt = pushedAt
        self.lastPulledAt = lastPulledAt
        self.unreferencedSince = unreferencedSince
        self.hasReferrers = hasReferrers
        self.subject = subject
        self.isChildOfTagged = isChildOfTagged
    }
}
