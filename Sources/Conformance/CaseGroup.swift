// SPDX-License-Identifier: EUPL-1.2

/// What cases are about; one suite each in a report.
public enum CaseGroup: String, Sendable, CaseIterable {
    /// `/v2/` itself.
    case base
    /// Names of repositories and tags.
    case names
    /// A repository that nobody ever pushed to.
    case empty
    /// Every way to push a blob, and sessions.
    case upload
    /// Blobs from another repository.
    case mount
    /// Blobs that are not what they claim to be.
    case refusal
    /// Parts of blobs.
    case range
    /// Headers that later versions demand.
    case header
    /// Pushing and pulling manifests.
    case manifest
    /// Whole objects of many shapes.
    case data
    /// Listing tags.
    case tags
    /// Listing referrers.
    case referrers
    /// Deleting.
    case deletion
    /// Listing repositories.
    case catalog
    /// Bodies of refusals.
    case errors
    /// Several requests at once.
    case concurrency
}
