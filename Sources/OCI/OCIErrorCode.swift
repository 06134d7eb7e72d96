// SPDX-License-Identifier: EUPL-1.2

/// Error codes of the distribution API, as they stand in an answer's `code`.
///
/// Source: OCI distribution-spec v1.1.1, "Error Codes".
public enum OCIErrorCode: String, Sendable, Hashable, CaseIterable {
    /// The blob is not known to the registry.
    case blobUnknown = "BLOB_UNKNOWN"
    /// The upload is invalid.
    case blobUploadInvalid = "BLOB_UPLOAD_INVALID"
    /// The upload is not known to the registry.
    case blobUploadUnknown = "BLOB_UPLOAD_UNKNOWN"
    /// The digest does not match the content, or is no digest.
    case digestInvalid = "DIGEST_INVALID"
    /// The manifest names a manifest or blob that the repository does not have.
    case manifestBlobUnknown = "MANIFEST_BLOB_UNKNOWN"
    /// The manifest is invalid.
    case manifestInvalid = "MANIFEST_INVALID"
    /// The manifest is not known to the registry.
    case manifestUnknown = "MANIFEST_UNKNOWN"
    /// The repository name is invalid.
    case nameInvalid = "NAME_INVALID"
    /// The repository is not known to the registry.
    case nameUnknown = "NAME_UNKNOWN"
    /// The size does not match the content.
    case sizeInvalid = "SIZE_INVALID"
    /// Authentication is needed.
    case unauthorized = "UNAUTHORIZED"
    /// Access is denied.
    case denied = "DENIED"
    /// The operation is not supported.
    case unsupported = "UNSUPPORTED"
    /// There are too many requests.
    case tooManyRequests = "TOOMANYREQUESTS"
}
