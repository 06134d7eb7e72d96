// SPDX-License-Identifier: EUPL-1.2

public import OCI
public import Policies
public import Time

/// What a stored manifest is (architecture: what is assessed).
public enum ManifestKind: Int64, Sendable, Hashable {
    /// An image manifest with an image configuration.
    case image = 0
    /// An index of images.
    case index = 1
    /// Anything else: signatures, SBOMs, charts; served, never assessed.
    case artefact = 2
}

/// A manifest as it was pushed.
public struct StoredManifest: Sendable {
    /// The bytes exactly as they came.
    public let bytes: [UInt8]
    /// The media type it was pushed with.
    public let mediaType: String
    /// Its digest, in the algorithm it was asked for.
    public let digest: Digest
    /// What it is.
    public let kind: ManifestKind
    /// The artefact type, where it has one.
    public let artifactType: String?
    /// When this repository first saw it.
    public let firstSeen: Timestamp
    /// Name of the account that pushed it first.
    public let firstSeenBy: String
    /// Since when the address that was asked for means this: since the tag's last move for a tag, else since ``firstSeen``.
    public let since: Timestamp
    /// What the gate knows of it; nil for what nobody has judged.
    public let standing: ImageStanding?
    /// Number of the takedown that keeps it from being given out; nil for almost everything.
    public let takedown: Int64?

    /// The same without the bytes.
    public var summary: ManifestSummary {
        ManifestSummary(
            mediaType: mediaType,
            digest: digest,
            kind: kind,
            size: Int64(bytes.count),
            artifactType: artifactType,
            firstSeen: firstSeen,
            firstSeenBy: firstSeenBy,
            since: since,
            standing: standing,
            takedown: takedown
        )
    }
}

/// A manifest without its bytes.
public struct ManifestSummary: Sendable, Hashable {
    /// The media type it was pushed with.
    public let mediaType: String
    /// Its digest.
    public let digest: Digest
    /// What it is.
    public let kind: ManifestKind
    /// Size in bytes.
    public let size: Int64
    /// The artefact type, where it has one.
    public let artifactType: String?
    /// When this repository first saw it.
    public let firstSeen: Timestamp
    /// Name of the account that pushed it first.
    public let firstSeenBy: String
    /// Since when the address that was asked for means this: since the tag's last move for a tag, else since ``firstSeen``.
    public let since: Timestamp
    /// What the gate knows of it; nil for what nobody has judged.
    public let standing: ImageStanding?
    /// Number of the takedown that keeps it from being given out; nil for almost everything.
    public let takedown: Int64?
}

/// Where the bytes of a blob are.
public enum BlobLocation: Sendable {
    /// In the row: small blobs.
    case inline([UInt8])
    /// In the blob store, under this key; size in bytes.
    case stored(key: String, size: Int64)

    /// Size in bytes.
    public var size: Int64 {
        switch self {
        case .inline(let bytes): Int64(bytes.count)
        case .stored(_, let size): size
        }
    }
}

/// A repository in a listing.
public struct RepositoryEntry: Sendable, Hashable {
    /// Its name.
    public let name: RepositoryName
    /// When its first manifest came.
    public let firstSeen: Timestamp
}

/// One change of a tag.
public struct TagEvent: Sendable, Hashable {
    /// Position in the history, and the key of the next page; larger is later.
    public let id: Int64
    /// What the tag pointed to from then on; of a removal, until then.
    public let digest: Digest
    /// When.
    public let changedAt: Timestamp
    /// Name of the account that did it.
    public let changedBy: String
    /// Whether the tag was removed then.
    public let isRemoval: Bool
}

/// Which manifest a tag points to, and since when.
public struct TagState: Sendable, Hashable {
    /// The manifest.
    public let digest: Digest
    /// Since when.
    public let changedAt: Timestamp
}

/// A manifest that names another as its subject.
public struct Referrer: Sendable, Hashable {
    /// Its descriptor, with artefact type and annotations as the referrers API wants them.
    public let descriptor: Descriptor
}

/// What storing a manifest did.
public struct StoredManifestReceipt: Sendable, Hashable {
    /// Digest of the bytes, in the algorithm of the request.
    public let digest: Digest
    /// The subject that the manifest names, for the `OCI-Subject` header.
    public let subject: Digest?
    /// Whether the repository had not seen this manifest before.
    public let isNew: Bool
    /// What it is.
    public let kind: ManifestKind
}
