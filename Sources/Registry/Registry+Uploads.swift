// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Blobs
import Database
import NIOCore
public import OCI
import Policies
import Time

extension Registry {
    var tools: UploadTools { UploadTools(database: database, blobs: blobs, clock: clock, limits: limits) }

    /// Writes rows; a full disk below them is told as such, like one below the files.
    func write<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws(RegistryError) -> T {
        do { return try await database.write(body) } catch { throw .from(error) }
    }

    /// Opens an upload session for a blob.
    ///
    /// - Parameters:
    ///   - repository: where the blob is to appear.
    ///   - account: who pushes.
    ///   - namespace: that the repository lies in; its policy decides. Nil where there is none.
    /// - Throws: ``RegistryError/tooManyUploads(limit:)``; ``RegistryError/refusedByPolicy(_:)`` when too many are open in the namespace.
    public func beginUpload(
        in repository: RepositoryName,
        by account: Account,
        namespace: Namespace? = nil
    ) async throws -> UploadID {
        let id = UploadID.random()
        let now = clock.now()
        let limits = limits
        try await write { t in
            let open = try t.query(SQL.uploadsOfAccount, [.integer(account.id), .integer(limits.uploadsPerAccount)])
                .count
            guard open < limits.uploadsPerAccount else {
                throw RegistryError.tooManyUploads(limit: limits.uploadsPerAccount)
            }
            try NamespaceRules(t, of: namespace?.id).checkStart(t)
            let repositoryID = try Self.repositoryID(t, repository, now)
            try Self.insert(
                t,
                id,
                in: repositoryID,
                of: account,
                namespace,
                at: now,
                for: limits.uploadLifetime,
                isSession: true
            )
        }
        return id
    }

    private static func insert(
        _ t: Transaction,
        _ id: UploadID,
        in repositoryID: Int64,
        of account: Account,
        _ namespace: Namespace?,
        at now: Timestamp,
        for lifetime: Duration,
        isSession: Bool
    ) throws {
        try t.execute(
            SQL.insertUpload,
            [
                .text(id.text), .integer(repositoryID), .integer(account.id), .blob([]), .time(now),
                .time(now + lifetime), .optional(namespace?.id), .bool(isSession),
            ]
        )
    }

    /// An upload without a session, for a blob that comes in one request; nothing of it survives that request unless it is finished.
    ///
    /// Where a policy counts uploads or bytes it has a row all the same, which says what it holds.
    ///
    /// - Parameters:
    ///   - repository: where the blob is to appear.
    ///   - account: who pushes.
    ///   - namespace: that the repository lies in; its policy decides. Nil where there is none.
    /// - Throws: ``RegistryError/refusedByPolicy(_:)`` when too many uploads are open in the namespace.
    public func beginMonolithicUpload(
        in repository: RepositoryName,
        by account: Account,
        namespace: Namespace? = nil
    ) async throws -> Upload {
        let id = UploadID.random()
        let now = clock.now()
        let lifetime = limits.uploadLifetime
        let (repositoryID, hasRow) = try await write { t in
            let rules = try NamespaceRules(t, of: namespace?.id)
            try rules.checkStart(t)
            let repositoryID = try Self.repositoryID(t, repository, now)
            guard rules.watchesUploads else { return (repositoryID, false) }
            try Self.insert(t, id, in: repositoryID, of: account, namespace, at: now, for: lifetime, isSession: false)
            return (repositoryID, true)
        }
        let upload = Upload(
            id: id,
            repository: repository,
            repositoryID: repositoryID,
            accountID: account.id,
            isSession: false,
            hasRow: hasRow,
            namespaceID: namespace?.id,
            tools: tools
        )
        // Claimed as long as it lives: else upkeep would end a slow one when its row is old.
        if hasRow { _ = sessions.insertClaimed(upload) }
        return upload
    }

    /// What a request says about the bytes that it brings.
    public enum UploadAmount: Sendable, Hashable {
        /// So many come, by the `Content-Length`.
        case announced(Int64)
        /// So many are here, of a body whose length nobody knows.
        case arriving(Int64)
    }

    /// Most bytes that are reserved ahead for a body whose length nobody knows.
    static let reservationStep: Int64 = 8 << 20

    /// Reserves bytes of the namespace's quota before they are taken in; nothing happens where there is no quota.
    ///
    /// The reservation is kept in the row of the upload. It shrinks to what has arrived when the request ends, becomes used in
    /// ``finish(_:as:by:namespace:)``, and is free again when the upload is cancelled or expires.
    ///
    /// - Parameters:
    ///   - upload: claimed by the caller.
    ///   - amount: what comes beyond the bytes that have arrived.
    /// - Throws: ``RegistryError/refusedByPolicy(_:)`` when the quota has no room: the upload stays as it is.
    public func reserve(_ upload: Upload, _ amount: UploadAmount) async throws {
        guard upload.hasRow, let namespaceID = upload.namespaceID else { return }
        let bytes: Int64
        let step: Int64
        switch amount {
        case .announced(let count): (bytes, step) = (count, 0)
        case .arriving(let count): (bytes, step) = (count, Self.reservationStep)
        }
        guard let needed = await upload.uncovered(bytes) else { return }
        // A commit for each request only where something is counted.
        let isCounted = try await database.lookUp { t in try NamespaceRules(t, of: namespaceID).isCounted(t) }
        guard isCounted else { return await upload.hold(.max) }
        let token = upload.id.text
        let held = try await write { t -> Int64 in
            guard let row = try t.first(SQL.reservedByUpload, [.text(token)]) else {
                throw RegistryError.uploadUnknown(token)
            }
            let reserved = try row.int64(0)
            guard needed > reserved else { return reserved }
            let rules = try NamespaceRules(t, of: namespaceID)
            guard let granted = try rules.grant(needed - reserved, upTo: max(step, needed - reserved), t) else {
                return .max
            }
            try t.execute(SQL.setReserved, [.integer(reserved + granted), .text(token)])
            return reserved + granted
        }
        await upload.hold(held)
    }

    /// How far an upload has come, in bytes.
    ///
    /// - Throws: ``RegistryError/uploadUnknown(_:)`` also when it belongs to another repository or account: a stranger learns nothing.
    public func uploadOffset(_ id: UploadID, in repository: RepositoryName, by account: Account) async throws -> Int64 {
        try await uploadRow(id, in: repository, by: account).received
    }

    /// Takes an upload for one request.
    ///
    /// Every claim ends with ``release(_:)``, ``finish(_:as:by:)`` or ``cancel(_:)``.
    ///
    /// - Throws: ``RegistryError/uploadUnknown(_:)``; ``RegistryError/uploadBusy(_:)`` while another request has it.
    public func claimUpload(_ id: UploadID, in repository: RepositoryName, by account: Account) async throws -> Upload {
        let row = try await uploadRow(id, in: repository, by: account)
        switch sessions.claim(id) {
        case .claimed(let upload): return upload
        case .busy: throw RegistryError.uploadBusy(id)
        case .absent: break
        }
        let fresh = Upload(
            id: id,
            repository: repository,
            repositoryID: row.repositoryID,
            accountID: account.id,
            isSession: true,
            hasRow: true,
            namespaceID: row.namespaceID,
            offset: row.received,
            pending: row.pending,
            storage: row.storage,
            tools: tools
        )
        guard case .claimed(let upload) = sessions.insertClaimed(fresh) else { throw RegistryError.uploadBusy(id) }
        // The row was read before the claim: a request that ended in between may have finished or advanced the upload.
        let current: UploadRow
        do {
            current = try await uploadRow(id, in: repository, by: account)
        } catch {
            sessions.remove(id)
            throw error
        }
        guard current.received == row.received, current.storage?.id == row.storage?.id else {
            sessions.remove(id)
            throw RegistryError.uploadBusy(id)
        }
        return upload
    }

    /// Ends a request's turn and keeps what arrived, durably enough to go on after a restart of the process.
    ///
    /// - Returns: the offset of the next byte.
    @discardableResult
    public func release(_ upload: Upload) async throws -> Int64 {
        guard upload.isSession else {
            await cancel(upload)
            return 0
        }
        do {
            try await upload.save()
        } catch {
            await cancel(upload)
            throw error
        }
        let offset = await upload.offset
        sessions.release(upload.id)
        for idle in sessions.evict(above: limits.openUploads) { await idle.close() }
        return offset
    }

    /// Gives an upload up and removes what it wrote.
    public func cancel(_ upload: Upload) async {
        await upload.discard()
        if upload.hasRow { sessions.remove(upload.id) }
    }

    /// Makes bytes a blob of a repository, for what the node pushes by itself; nothing happens when it is there.
    ///
    /// - Parameter isOwn: whether the node itself says something about an image: it counts, and no rule is against it.
    /// - Throws: what ``beginMonolithicUpload(in:by:namespace:)`` and ``finish(_:as:by:namespace:)`` throw.
    public func putBlob(
        _ bytes: [UInt8],
        to repository: RepositoryName,
        by account: Account,
        namespace: Namespace? = nil,
        isOwn: Bool = false
    ) async throws {
        let digest = Digest.sha256(bytes)
        guard try await blob(repository, digest) == nil else { return }
        // What no rule is against needs nothing promised.
        let upload = try await beginMonolithicUpload(in: repository, by: account, namespace: isOwn ? nil : namespace)
        do {
            try await reserve(upload, .announced(Int64(bytes.count)))
            try await upload.append(ByteBuffer(bytes: bytes))
        } catch {
            await cancel(upload)
            throw error
        }
        try await finish(upload, as: digest, by: account, namespace: namespace, isOwn: isOwn)
    }

    /// Makes an upload a blob of its repository.
    ///
    /// The file is made durable first; then one transaction links digest, blob and repository and ends the session. When the bytes are
    /// there already, the new file is dropped. Whatever happens, the session is over afterwards.
    ///
    /// - Parameters:
    ///   - upload: claimed by the caller.
    ///   - digest: what the client says the bytes are.
    ///   - account: who pushes.
    ///   - namespace: that the repository lies in, whose quota pays. Nil where there is none.
    ///   - isOwn: whether the node itself says something about an image: it counts, and no rule is against it.
    /// - Throws: ``RegistryError/digestMismatch(claimed:actual:size:)``; nothing is kept then. ``RegistryError/refusedByPolicy(_:)`` when
    ///   the quota came after the reservation and has no room.
    public func finish(
        _ upload: Upload,
        as digest: Digest,
        by account: Account,
        namespace: Namespace? = nil,
        isOwn: Bool = false
    ) async throws {
        do {
            let (content, digests, size) = try await upload.seal(for: digest)
            guard digests.contains(digest) else {
                let actual = digests.last { $0.algorithm == digest.algorithm } ?? digests[0]
                throw RegistryError.digestMismatch(claimed: digest, actual: actual, size: size)
            }
            let superfluous = try await commit(content, digests, size, of: upload, by: account, namespace?.id, isOwn)
            if upload.hasRow { sessions.remove(upload.id) }
            if let superfluous { await tools.removeFile(of: superfluous) }
        } catch {
            await cancel(upload)
            throw RegistryError.from(error)
        }
    }

    /// The one commit point of a blob.
    ///
    /// - Returns: the storage that another blob with the same bytes made superfluous.
    private func commit(
        _ content: Upload.Content,
        _ digests: [Digest],
        _ size: Int64,
        of upload: Upload,
        by account: Account,
        _ namespaceID: Int64?,
        _ isOwn: Bool
    ) async throws -> Upload.Storage? {
        let now = clock.now()
        return try await database.write { t in
            let namespaceID = namespaceID ?? upload.namespaceID
            var reserved: Int64 = 0
            if upload.hasRow {
                guard let row = try t.first(SQL.deleteUpload, [.text(upload.id.text)]) else {
                    throw RegistryError.uploadUnknown(upload.id.text)
                }
                reserved = try row.int64(1)
                // A namespace that was made while the upload was open.
                if let other = try row.optionalInt64(0), other != namespaceID {
                    try NamespaceUsage.release(t, of: other, bytes: reserved)
                    reserved = 0
                }
            }
            let known = try digests.lazy.compactMap { try t.first(SQL.blobByDigest, $0.columns)?.int64(0) }.first
            var superfluous: Upload.Storage?
            let blobID: Int64
            if let known {
                blobID = known
                if case .file(let storage) = content {
                    try t.execute(SQL.dropStorage, [.integer(storage.id)])
                    superfluous = storage
                }
            } else {
                blobID = try Self.insertBlob(t, content, size, now)
            }
            for digest in digests { try t.execute(SQL.insertDigest, digest.columns + [.integer(blobID)]) }
            let isNew =
                try t.execute(
                    SQL.linkBlob,
                    [.integer(upload.repositoryID), .integer(blobID), .time(now), .integer(account.id)]
                ) == 1
            try NamespaceRules(t, of: namespaceID, isOwn: isOwn)
                .settle(blob: blobID, isNew: isNew, reserved: reserved, t)
            return superfluous
        }
    }

    private static func insertBlob(
        _ t: Transaction,
        _ content: Upload.Content,
        _ size: Int64,
        _ now: Timestamp
    ) throws -> Int64 {
        let place: [SQLValue]
        switch content {
        case .inline(let bytes):
            place = [.null, .blob(bytes)]
        case .file(let storage):
            try t.execute(SQL.settleStorage, [.integer(size), .integer(storage.id)])
            place = [.integer(storage.id), .null]
        }
        guard let row = try t.first(SQL.insertBlob, place + [.integer(size), .time(now)]) else {
            throw DamagedRow(what: "blob")
        }
        return try row.int64(0)
    }

    /// Links a blob that another readable repository holds, without moving a byte.
    ///
    /// - Parameters:
    ///   - digest: the blob.
    ///   - source: the repository to take it from; nil lets the registry choose among those that may be read.
    ///   - isReadable: whether the account may read a repository; asked of every source.
    ///   - repository: where it is to appear.
    ///   - account: who pushes.
    ///   - namespace: that the target lies in, whose quota pays as for a push. Nil where there is none.
    /// - Returns: false when the source does not hold it; the client then uploads.
    /// - Throws: ``RegistryError/refusedByPolicy(_:)`` when the quota has no room: an upload would be refused too.
    public func mount(
        _ digest: Digest,
        from source: RepositoryName?,
        isReadable: @escaping @Sendable (RepositoryName) -> Bool,
        into repository: RepositoryName,
        by account: Account,
        namespace: Namespace? = nil
    ) async throws -> Bool {
        let now = clock.now()
        return try await write { t in
            let found: Int64?
            if let source {
                guard isReadable(source), let sourceID = try t.first(SQL.repositoryID, [.text(source.text)])?.int64(0),
                    try t.first(SQL.blobSizeInRepository, [.integer(sourceID)] + digest.columns) != nil
                else { return false }
                found = try t.first(SQL.blobByDigest, digest.columns)?.int64(0)
            } else {
                found = try t.query(SQL.repositoriesOfBlob, digest.columns).first { row in
                    isReadable(try RepositoryName(parsing: try row.text(1)))
                }?.int64(0)
            }
            guard let found else { return false }
            let target = try Self.repositoryID(t, repository, now)
            let link: [SQLValue] = [.integer(target), .integer(found), .time(now), .integer(account.id)]
            let isNew = try t.execute(SQL.linkBlob, link) == 1
            try NamespaceRules(t, of: namespace?.id).settle(blob: found, isNew: isNew, reserved: 0, t)
            return true
        }
    }

    // MARK: Rows

    struct UploadRow: Sendable {
        let repositoryID: Int64
        let received: Int64
        let pending: [UInt8]
        let storage: Upload.Storage?
        let namespaceID: Int64?
    }

    private func uploadRow(_ id: UploadID, in repository: RepositoryName, by account: Account) async throws -> UploadRow
    {
        try await database.read { t in
            guard let row = try t.first(SQL.upload, [.text(id.text)]), try row.text(1) == repository.text,
                try row.int64(2) == account.id
            else { throw RegistryError.uploadUnknown(id.text) }
            var storage: Upload.Storage?
            if let key = try row.optionalText(6) { storage = Upload.Storage(id: try row.int64(5), key: key) }
            return UploadRow(
                repositoryID: try row.int64(0),
                received: try row.int64(3),
                pending: try row.bytes(4),
                storage: storage,
                namespaceID: try row.optionalInt64(7)
            )
        }
    }

    /// Ends an upload that brings nothing: its row goes, and what it held of a quota is free again.
    static func dropUpload(_ t: Transaction, _ token: String) throws {
        guard let row = try t.first(SQL.deleteUpload, [.text(token)]), let namespace = try row.optionalInt64(0) else {
            return
        }
        try NamespaceUsage.release(t, of: namespace, bytes: try row.int64(1))
    }

    /// The key of a repository, which is made when the first upload into it begins.
    static func repositoryID(_ t: Transaction, _ name: RepositoryName, _ now: Timestamp) throws -> Int64 {
        if let row = try t.first(SQL.repositoryID, [.text(name.text)]) { return try row.int64(0) }
        try t.execute(SQL.insertRepository, [.text(name.text), .time(now)])
        guard let row = try t.first(SQL.repositoryID, [.text(name.text)]) else { throw DamagedRow(what: "repository") }
        return try row.int64(0)
    }
}
