// SPDX-License-Identifier: EUPL-1.2

/// How much one request, upload or account may ask of the registry.
public struct RegistryLimits: Sendable {
    /// Largest manifest, in bytes; the specification asks for at least 4 MiB.
    public var manifestBytes: Int
    /// Most descriptors in one manifest: each costs one look-up inside the write transaction.
    public var manifestReferences: Int
    /// Largest blob, in bytes.
    public var blobBytes: Int64
    /// Blobs up to this size live in the database row instead of a file, in bytes.
    public var inlineBytes: Int
    /// Open upload sessions of one account.
    public var uploadsPerAccount: Int
    /// Uploads whose file stays open between two requests; the longest idle ones are closed first.
    public var openUploads: Int
    /// How long an upload session lives after its last request.
    public var uploadLifetime: Duration
    /// Largest page of a listing.
    public var pageSize: Int
    /// Tags, untagged manifests and parts of indexes of one repository that retention looks at; a repository with more of one of them is
    /// left alone: of a part, "the newest ten" would be others.
    public var retentionFacts: Int

    /// Limits of a node; every one can be changed.
    public init(
        manifestBytes: Int = 4 << 20,
        manifestReferences: Int = 10_000,
        blobBytes: Int64 = 64 << 30,
        inlineBytes: Int = 64 << 10,
        uploadsPerAccount: Int = 1000,
        openUploads: Int = 128,
        uploadLifetime: Duration = .seconds(6 * 3600),
        pageSize: Int = 1000,
        retentionFacts: Int = 50_000
    ) {
        self.manifestBytes = manifestBytes
        self.manifestReferences = manifestReferences
        self.blobBytes = blobBytes
        self.inlineBytes = inlineBytes
        self.uploadsPerAccount = uploadsPerAccount
        self.openUploads = openUploads
        self.uploadLifetime = uploadLifetime
        self.pageSize = pageSize
        self.retentionFacts = retentionFacts
    }

    /// The defaults.
    public static let standard = RegistryLimits()
}
