// SPDX-License-Identifier: EUPL-1.2

public import OCI
public import Policies
public import Time

/// Why the registry cannot do what was asked.
///
/// Everything but ``storage(_:)`` may be told to the caller as it stands; delivery translates it into a status and an OCI code.
public enum RegistryError: Error, Sendable {
    /// No such repository.
    case repositoryUnknown(RepositoryName)
    /// No such blob in this repository (whatever other repositories hold).
    case blobUnknown(Digest, RepositoryName)
    /// No such manifest or tag in this repository.
    case manifestUnknown(String, RepositoryName)
    /// No such upload for this repository and account.
    case uploadUnknown(String)
    /// Another request is writing to this upload right now.
    case uploadBusy(UploadID)
    /// A chunk does not start where the upload ends; the upload stays as it is.
    case uploadOutOfOrder(UploadID, expected: Int64, given: Int64)
    /// Fewer bytes arrived than were announced.
    case uploadIncomplete(UploadID, expected: Int64, received: Int64)
    /// The bytes are not those that the digest names; nothing was kept.
    case digestMismatch(claimed: Digest, actual: Digest, size: Int64)
    /// The bytes of a manifest are not those that the address names.
    case manifestDigestMismatch(claimed: Digest, actual: Digest)
    /// The manifest cannot be accepted; the text says why.
    case manifestInvalid(String)
    /// The manifest names blobs that this repository does not hold.
    case manifestBlobsUnknown(manifest: Digest, RepositoryName, [MissingReference])
    /// A manifest of the repository names the blob that was to be deleted.
    case blobInUse(Digest, RepositoryName, by: Digest)
    /// The manifest is larger than the limit, in bytes.
    case manifestTooLarge(limit: Int)
    /// The blob is larger than the limit, in bytes.
    case blobTooLarge(limit: Int64)
    /// The tag points elsewhere already, and whoever pushes may not move it.
    case tagMayNotMove(Tag, RepositoryName)
    /// The tag does not point to what whoever moves it has seen there.
    case tagChanged(Tag, RepositoryName)
    /// A rule of the namespace is against it; its reason is for whoever asked.
    case refusedByPolicy(PolicyRefusal)
    /// What the rules of the namespace say, or how much of its quota is used, cannot be read, so that it is refused. The cause is for the log.
    case policyUnknown(PolicyRefusal, cause: any Error)
    /// More indexes of the repository lead to the manifest than can be looked through for immutable tags.
    case manifestInUse(Digest, RepositoryName)
    /// The namespace is frozen, and this came after the instant since when nothing is trusted.
    case quarantined(String, RepositoryName, since: Timestamp)
    /// For legal reasons it is not given out, and not taken in again.
    case takenDown(TakedownNotice)
    /// The account has too many open uploads.
    case tooManyUploads(limit: Int)
    /// The disk is full; nothing was lost that had been acknowledged.
    case storageFull(any Error)
    /// Something below failed. The cause is for the log only.
    case storage(any Error)

    /// Whether the same request can succeed later.
    public var isRetryable: Bool {
        switch self {
        case .uploadBusy, .tooManyUploads, .tagChanged, .storage, .storageFull: true
        default: false
        }
    }
}

/// One descriptor of a manifest that the repository cannot follow.
public struct MissingReference: Sendable, Hashable {
    /// What the descriptor is in its manifest: `configuration` or `layer`.
    public let role: String
    /// The digest that is not there.
    public let digest: Digest

    /// Names a missing descriptor.
    public init(role: String, digest: Digest) {
        self.role = role
        self.digest = digest
    }
}
