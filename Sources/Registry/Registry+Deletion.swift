// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Audit
import Database
import JSON
public import OCI
import Time

extension Registry {
    /// Removes a tag; what it pointed to stays and is still reached by its digest.
    ///
    /// The history keeps that the tag was there and who removed it.
    ///
    /// - Parameters:
    ///   - tag: the tag.
    ///   - repository: where it is.
    ///   - account: who removes it.
    ///   - expected: what it has to point to, compared in the transaction that removes it.
    ///   - namespace: that the repository lies in; its policy decides. Nil where there is none.
    /// - Throws: ``RegistryError/manifestUnknown(_:_:)`` when there is no such tag; ``RegistryError/tagChanged(_:_:)`` when it points
    ///   elsewhere; ``RegistryError/refusedByPolicy(_:)`` when it is immutable.
    ///
    /// Source: OCI distribution-spec v1.1.1, "Deleting tags".
    public func deleteTag(
        _ tag: Tag,
        in repository: RepositoryName,
        by account: Account,
        expected: ExpectedTag = .anything,
        namespace: Namespace? = nil
    ) async throws {
        let now = clock.now()
        let isQueued = try await write { t in
            guard let row = try t.first(SQL.tagToDelete, [.text(tag.text), .text(repository.text)]) else {
                throw RegistryError.manifestUnknown(tag.text, repository)
            }
            let (repositoryID, digest) = (try row.int64(0), try row.digest(1))
            guard expected == .anything || expected == .manifest(digest) else {
                throw RegistryError.tagChanged(tag, repository)
            }
            try NamespaceRules(t, of: namespace?.id).checkDeletion(of: tag, naming: digest, in: repository)
            try t.execute(
                SQL.insertRemoval,
                [.integer(repositoryID), .text(tag.text)] + digest.columns + [.time(now), .text(account.name)]
            )
            try t.execute(SQL.noteUnreferenced, [.time(now), .integer(try row.int64(3))])
            try t.execute(SQL.deleteTag, [.integer(repositoryID), .text(tag.text)])
            try AuditLog.append(
                t,
                actor: account.name,
                action: "tag.delete",
                subject: "\(repository):\(tag)",
                detail: ["digest": .string(digest.description)],
                at: now
            )
            // What was said of an image under the tag is said no more; an image without its tag is known by one name less.
            return try Registry.reassess(tag.speaksOf ?? digest, repository, repositoryID, at: now, in: t)
        }
        if isQueued { whenQueued() }
    }

    /// Removes a manifest and every tag that points to it.
    ///
    /// Its referrers stay, as the specification wants it, and so do its blobs: they are removed one by one, see
    /// ``deleteBlob(_:in:by:)``. The assessment is queued once more, and finds that there is nothing left to assess; so is that of each
    /// index that names the manifest as a part.
    ///
    /// - Parameters:
    ///   - digest: the manifest.
    ///   - repository: where it is.
    ///   - account: who removes it.
    ///   - namespace: that the repository lies in; its policy decides. Nil where there is none.
    /// - Throws: ``RegistryError/manifestUnknown(_:_:)`` when this repository does not hold it; ``RegistryError/refusedByPolicy(_:)`` when
    ///   a tag on it is immutable, or one on an index that leads to it.
    ///
    /// Source: OCI distribution-spec v1.1.1, "Deleting Manifests".
    public func deleteManifest(
        _ digest: Digest,
        in repository: RepositoryName,
        by account: Account,
        namespace: Namespace? = nil
    ) async throws {
        let now = clock.now()
        let wasAssessed = try await write { t in
            guard let row = try t.first(SQL.manifestToDelete, digest.columns + [.text(repository.text)]) else {
                throw RegistryError.manifestUnknown(digest.description, repository)
            }
            let (manifestID, repositoryID) = (try row.int64(0), try row.int64(1))
            // What was taken down stays as its own tombstone.
            if let takedown = try row.optionalInt64(4) {
                throw RegistryError.takenDown(try Self.notice(t, takedown, "\(repository)@\(digest)"))
            }
            try NamespaceRules(t, of: namespace?.id)
                .checkDeletion(of: digest, manifestID, in: repository, repositoryID, t)
            return try Removal(
                digest: digest,
                manifestID: manifestID,
                repository: repository,
                repositoryID: repositoryID,
                kind: try row.manifestKind(2),
                size: try row.int64(3),
                namespaceID: namespace?.id,
                actor: account.name,
                now: now
            ).commit(t)
        }
        if wasAssessed { whenQueued() }
    }

    /// Takes a blob out of a repository; others that link it keep it, and its bytes stay where they are.
    ///
    /// - Parameters:
    ///   - digest: the blob.
    ///   - repository: where it is linked.
    ///   - account: who removes it.
    ///   - namespace: that the repository lies in, whose quota gets the bytes back. Nil where there is none.
    /// - Throws: ``RegistryError/blobUnknown(_:_:)`` when the repository does not link it; ``RegistryError/blobInUse(_:_:by:)`` while a
    ///   manifest of the repository names it: every pull of that one would fail.
    ///
    /// Source: OCI distribution-spec v1.1.1, "Deleting Blobs".
    public func deleteBlob(
        _ digest: Digest,
        in repository: RepositoryName,
        by account: Account,
        namespace: Namespace? = nil
    ) async throws {
        let now = clock.now()
        try await write { t in
            guard let row = try t.first(SQL.blobToDelete, digest.columns + [.text(repository.text)]) else {
                throw RegistryError.blobUnknown(digest, repository)
            }
            let (repositoryID, blobID) = (SQLValue.integer(try row.int64(0)), SQLValue.integer(try row.int64(1)))
            if let user = try t.first(SQL.userOfBlob, [repositoryID, blobID]) {
                throw RegistryError.blobInUse(digest, repository, by: try user.digest(0))
            }
            try t.execute(SQL.unlinkBlob, [repositoryID, blobID])
            try NamespaceCount.unlink(t, try row.int64(1), in: namespace?.id)
            try AuditLog.append(
                t,
                actor: account.name,
                action: "blob.delete",
                subject: "\(repository)@\(digest)",
                at: now
            )
        }
    }
}

/// One manifest on its way out of the tables, whoever decided that it goes; a value, so that the transaction may run more than once.
struct Removal: Sendable {
    let digest: Digest
    let manifestID: Int64
    let repository: RepositoryName
    let repositoryID: Int64
    let kind: ManifestKind
    let size: Int64
    /// Whose quota gets the bytes back.
    let namespaceID: Int64?
    let actor: String
    /// What the audit event tells beside the manifest.
    var detail: [String: JSONValue] = [:]
    let now: Timestamp

    /// - Returns: whether assessments were queued.
    func commit(_ t: Transaction) throws -> Bool {
        let id = SQLValue.integer(manifestID)
        // A sample for the log: nothing bounds the number of tags, and the history names them all.
        let names = try t.query(SQL.tagNamesOfManifest, [id, 100]).map { try $0.text(0) }
        let subject = try t.first(SQL.subjectOfManifest, [id]).flatMap { row in
            try row.optionalBytes(0) == nil ? nil : try row.digest(0)
        }
        let spokenOf = Set(names.compactMap { try? Tag(parsing: $0).speaksOf } + [subject].compactMap { $0 })
        let removed = try t.execute(SQL.insertRemovals, [.time(now), .text(actor), id])
        try t.execute(SQL.deleteTagsOfManifest, [id])
        // The parts of an index lose what led to them; their own time begins now.
        try t.execute(SQL.noteUnreferencedParts, [.time(now), .integer(repositoryID), id])
        try t.execute(SQL.deleteReferences, [id])
        try t.execute(SQL.deleteManifest, [id])
        try NamespaceCount.remove(t, manifest: size, in: namespaceID)
        var detail = detail
        detail["kind"] = .string("\(kind)")
        detail["tags"] = .strings(names)
        detail["tagCount"] = .integer(Int64(removed))
        try AuditLog.append(
            t,
            actor: actor,
            action: "manifest.delete",
            subject: Registry.assessmentSubject(repository, digest),
            detail: .object(detail),
            at: now
        )
        var isQueued = false
        for digest in spokenOf where try Registry.reassess(digest, repository, repositoryID, at: now, in: t) {
            isQueued = true
        }
        guard kind != .artefact else { return isQueued }
        let parents = try t.query(SQL.parents, digest.columns + [.integer(repositoryID), 100])
        for digest in try [digest] + parents.map({ try $0.digest(0) }) {
            try JobQueue.enqueue(
                t,
                kind: Registry.assessmentJob,
                subject: Registry.assessmentSubject(repository, digest),
                priority: .push,
                now: now
            )
        }
        return true
    }
}
