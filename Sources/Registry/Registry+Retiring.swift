// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Audit
import Database
public import OCI
import Time

extension Registry {
    /// Takes a manifest out that nothing leads to any more, with those of its blobs that only it needed, in one transaction.
    ///
    /// For what the node itself said and says otherwise now: lists of what is attached to an image must not grow with each news. What
    /// somebody gave a tag of its own stays, and so does every blob that another manifest of the repository names.
    ///
    /// - Parameters:
    ///   - digest: the manifest; one that is gone is no error.
    ///   - blobs: which of them may go with it.
    ///   - repository: where it is.
    ///   - account: who takes it out.
    ///   - namespace: that the repository lies in, whose quota gets the bytes back. Nil where there is none.
    /// - Returns: whether it is gone.
    @discardableResult
    public func retire(
        _ digest: Digest,
        blobs: [Digest],
        in repository: RepositoryName,
        by account: Account,
        namespace: Namespace? = nil
    ) async throws -> Bool {
        let now = clock.now()
        return try await write { t in
            guard let row = try t.first(SQL.manifestToDelete, digest.columns + [.text(repository.text)]) else {
                try Self.dropUnused(blobs, in: repository, namespace?.id, t)
                return true
            }
            let (manifestID, kind) = (try row.int64(0), try row.manifestKind(2))
            guard kind == .artefact, try t.first(SQL.tagNamesOfManifest, [.integer(manifestID), 1]) == nil else {
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
            try Self.dropUnused(blobs, in: repository, namespace?.id, t)
            return true
        }
    }

    /// Unlinks blobs that no manifest of the repository names.
    private static func dropUnused(
        _ blobs: [Digest],
        in repository: RepositoryName,
        _ namespaceID: Int64?,
        _ t: Transaction
    ) throws {
        for blob in blobs {
            guard let row = try t.first(SQL.blobToDelete, blob.columns + [.text(repository.text)]) else { continue }
            let (repositoryID, blobID) = (SQLValue.integer(try row.int64(0)), try row.int64(1))
            guard try t.first(SQL.userOfBlob, [repositoryID, .integer(blobID)]) == nil else { continue }
            try t.execute(SQL.unlinkBlob, [repositoryID, .integer(blobID)])
            try NamespaceCount.unlink(t, blobID, in: namespaceID)
        }
    }
}
