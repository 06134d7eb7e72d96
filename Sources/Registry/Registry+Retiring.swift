// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Audit
import Database
public import OCI
import Time

extension Registry {
    /// Takes a manifest out that nothing leads to any more, and leaves its blobs.
    ///
    /// For what the node itself said and says otherwise now: lists of what is attached to an image must not grow with each news. What
    /// somebody gave a tag of its own stays.
    ///
    /// - Parameters:
    ///   - digest: the manifest; one that is gone is no error.
    ///   - repository: where it is.
    ///   - account: who takes it out.
    ///   - namespace: that the repository lies in, whose quota gets the bytes back. Nil where there is none.
    /// - Returns: whether it is gone.
    @discardableResult
    public func retire(
        _ digest: Digest,
        in repository: RepositoryName,
        by account: Account,
        namespace: Namespace? = nil
    ) async throws -> Bool {
        let now = clock.now()
        return try await write { t in
            guard let row = try t.first(SQL.manifestToDelete, digest.columns + [.text(repository.text)]) else {
                return true
            }
            let (manifestID, kind) = (try row.int64(0), try row.manifestKind(2))
            // What was taken down stays as its own tombstone.
            guard kind == .artefact, try row.optionalInt64(4) == nil,
                try t.first(SQL.tagNamesOfManifest, [.integer(manifestID), 1]) == nil
            else {
                return false
            }
            _ = try Removal(
                digest: digest,
                manifestID: manifestID,
                repository: repository,
                repositoryID: try row.int64(1),
                kind: kind,
                size: try row.int64(3),
                namespaceID: namespace?.id,
                actor: account.name,
                now: now
            ).commit(t)
            return true
        }
    }

    /// Unlinks blobs that no manifest of the repository names; those that are gone, or that one names, are no error.
    ///
    /// Whoever pushes a manifest that builds on another one asks for the blobs of that first, and names them in the end: blobs are let go
    /// some time after the manifest that they came with.
    public func retire(blobs: [Digest], in repository: RepositoryName, namespace: Namespace? = nil) async throws {
        try await write { t in
            for blob in blobs {
                guard let row = try t.first(SQL.blobToDelete, blob.columns + [.text(repository.text)]) else { continue }
                let (repositoryID, blobID) = (SQLValue.integer(try row.int64(0)), try row.int64(1))
                guard try t.first(SQL.userOfBlob, [repositoryID, .integer(blobID)]) == nil else { continue }
                try t.execute(SQL.unlinkBlob, [repositoryID, .integer(blobID)])
                try NamespaceCount.unlink(t, blobID, in: namespace?.id)
            }
        }
    }
}
