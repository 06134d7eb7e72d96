// SPDX-License-Identifier: EUPL-1.2

import Blobs
import Database
public import NIOCore
public import OCI
import Policies
import Time

/// The bytes of one blob on their way in: first in memory, then, once they are too many for a row, in a file.
///
/// Whoever claimed it is the only one to call it; the actor is for memory safety, not for turns.
public actor Upload {
    /// Name of the session; also of an upload that has no session, which never leaves the server.
    public nonisolated let id: UploadID
    /// Where the blob is going.
    public nonisolated let repository: RepositoryName
    nonisolated let repositoryID: Int64
    nonisolated let accountID: Int64
    /// Whether it outlives its request; a monolithic upload does not.
    nonisolated let isSession: Bool
    /// Whether a row stands behind it: of every session, and of a monolithic upload where something is counted.
    nonisolated let hasRow: Bool
    /// The namespace that its row is counted in.
    nonisolated let namespaceID: Int64?
    /// How many bytes have arrived: the offset of the next byte.
    public private(set) var offset: Int64

    /// Up to where the bytes are reserved, as far as this request has found out.
    private var held: Int64 = 0
    private let tools: UploadTools
    /// What has arrived and was not handed to the file's writer yet.
    private var pending: ByteBuffer
    /// Bytes that were handed to the writer.
    private var fileOffset: Int64
    private(set) var storage: Storage?
    private var writer: BlobWriter?
    private var isBroken = false

    /// A row of `storages`.
    struct Storage: Sendable {
        let id: Int64
        let key: String
    }

    /// Smaller buffers are copied together: a client that drips bytes would else make each of them hold a whole read buffer.
    private static let gatherBytes = 64 << 10

    init(
        id: UploadID,
        repository: RepositoryName,
        repositoryID: Int64,
        accountID: Int64,
        isSession: Bool,
        hasRow: Bool,
        namespaceID: Int64? = nil,
        offset: Int64 = 0,
        pending: [UInt8] = [],
        storage: Storage? = nil,
        tools: UploadTools
    ) {
        self.id = id
        self.repository = repository
        self.repositoryID = repositoryID
        self.accountID = accountID
        self.isSession = isSession
        self.hasRow = hasRow
        self.namespaceID = namespaceID
        self.offset = offset
        self.pending = ByteBuffer(bytes: pending)
        self.storage = storage
        fileOffset = storage == nil ? 0 : offset
        self.tools = tools
    }

    /// Up to where bytes have to be reserved before so many more may come; nil when they are.
    func uncovered(_ bytes: Int64) -> Int64? {
        let (total, overflow) = offset.addingReportingOverflow(max(0, bytes))
        guard !overflow else { return .max }
        return total > held ? total : nil
    }

    /// Remembers up to where bytes are reserved, for the rest of the request.
    func hold(_ total: Int64) { held = total }

    /// Appends bytes in order; memory stays bounded whatever the blob's size.
    ///
    /// - Throws: ``RegistryError/blobTooLarge(limit:)``; ``RegistryError/storageFull(_:)`` or ``RegistryError/storage(_:)`` when the
    ///   disk fails, after which the upload can only be given up.
    public func append(_ buffer: ByteBuffer) async throws(RegistryError) {
        guard !isBroken else { throw .uploadUnknown(id.text) }
        let (total, overflow) = offset.addingReportingOverflow(Int64(buffer.readableBytes))
        guard !overflow, total <= tools.limits.blobBytes else { throw .blobTooLarge(limit: tools.limits.blobBytes) }
        do {
            if storage == nil, pending.readableBytes + buffer.readableBytes > tools.limits.inlineBytes {
                try await beginFile()
            }
            if storage != nil, buffer.readableBytes >= Self.gatherBytes {
                try await handOver()
                try await write(buffer)
            } else {
                pending.writeImmutableBuffer(buffer)
                if storage != nil, pending.readableBytes >= Self.gatherBytes { try await handOver() }
            }
            offset = total
        } catch {
            // What is in the file and what was hashed may differ now: this upload is never finished.
            isBroken = true
            throw .from(error)
        }
    }

    /// The file is announced in a row before it exists, so that no crash leaves a file that nobody knows.
    private func beginFile() async throws {
        let key = BlobStore.newKey()
        let (now, token, hasRow) = (tools.clock.now(), id.text, hasRow)
        let row = try await tools.database.write { t -> Int64 in
            guard let row = try t.first(SQL.insertStorage, [.text(key), .time(now)]) else {
                throw DamagedRow(what: "storage")
            }
            let storageID = try row.int64(0)
            if hasRow, try t.execute(SQL.uploadStorage, [.integer(storageID), .text(token)]) == 0 {
                throw RegistryError.uploadUnknown(token)
            }
            return storageID
        }
        storage = Storage(id: row, key: key)
        writer = try await tools.blobs.create(key)
    }

    private func write(_ buffer: ByteBuffer) async throws {
        _ = try await openWriter().append(buffer)
        fileOffset += Int64(buffer.readableBytes)
    }

    /// The open file; after a restart, or after it was closed to save descriptors, it is hashed again up to here.
    private func openWriter() async throws -> BlobWriter {
        if let writer { return writer }
        guard let storage else { throw DamagedRow(what: "upload without a file") }
        do {
            let opened = try await tools.blobs.open(storage.key, resumeAt: fileOffset)
            writer = opened
            return opened
        } catch BlobError.missing, BlobError.shorterThanExpected {
            // Chunks are not synchronised, so a power cut may take them: the client begins again instead of failing for ever.
            throw RegistryError.uploadUnknown(id.text)
        }
    }

    private func handOver() async throws {
        guard storage != nil, pending.readableBytes > 0 else { return }
        let gathered = pending
        pending = ByteBuffer()
        try await write(gathered)
    }

    /// Writes down how far the upload has come, so that it survives a restart; the next request goes on from there.
    func save() async throws(RegistryError) {
        guard !isBroken else { throw .uploadUnknown(id.text) }
        guard isSession else { return }
        do {
            try await handOver()
            // Acknowledged bytes are in the file before the row says so.
            try await writer?.flush()
            let arguments: [SQLValue] = [
                .integer(offset), .blob(storage == nil ? Array(pending.readableBytesView) : []),
                .time(tools.clock.now() + tools.limits.uploadLifetime), .text(id.text),
            ]
            let (token, offset, namespaceID) = (id.text, offset, namespaceID)
            let changed = try await tools.database.write { t in
                // What did not come is not held any longer: the client may never come back.
                if let namespaceID, let row = try t.first(SQL.reservedByUpload, [.text(token)]) {
                    let excess = try row.int64(0) - offset
                    if excess > 0 {
                        try t.execute(SQL.setReserved, [.integer(offset), .text(token)])
                        try NamespaceUsage.release(t, of: namespaceID, bytes: excess)
                    }
                }
                return try t.execute(SQL.uploadProgress, arguments)
            }
            held = 0
            guard changed == 1 else { throw RegistryError.uploadUnknown(id.text) }
        } catch {
            isBroken = true
            throw .from(error)
        }
    }

    /// What has to become a blob: the bytes themselves, or a durable file.
    enum Content: Sendable {
        case inline([UInt8])
        case file(Storage)
    }

    /// Makes the bytes durable and names them.
    ///
    /// - Returns: the digests that were computed (sha256 always, the claimed algorithm too) and the size.
    func seal(for claimed: Digest) async throws(RegistryError) -> (content: Content, digests: [Digest], size: Int64) {
        guard !isBroken else { throw .uploadUnknown(id.text) }
        isBroken = true
        do {
            guard let storage else {
                let bytes = Array(pending.readableBytesView)
                var digests = [Digest.sha256(bytes)]
                if claimed.algorithm == .sha512 { digests.append(.sha512(bytes)) }
                return (.inline(bytes), digests, Int64(bytes.count))
            }
            try await handOver()
            let (digest, size) = try await openWriter().finish()
            writer = nil
            var digests = [digest]
            if claimed.algorithm != digest.algorithm {
                digests.append(try await tools.blobs.digest(storage.key, algorithm: claimed.algorithm))
            }
            return (.file(storage), digests, size)
        } catch {
            throw .from(error)
        }
    }

    /// Closes the file without finishing it; the upload can be taken up again from its row.
    func close() async {
        do { try await writer?.close() } catch { await writer?.cancel() }
        writer = nil
    }

    /// Closes and removes what was written.
    ///
    /// Failures are left to ``Registry/recover()``: the row still says what to remove.
    func discard() async {
        isBroken = true
        await writer?.cancel()
        writer = nil
        let token = id.text
        let hasRow = hasRow
        let storage = storage
        let dropped = try? await tools.database.write { t -> Bool in
            if hasRow { try Registry.dropUpload(t, token) }
            guard let storage else { return false }
            return try t.execute(SQL.dropStorage, [.integer(storage.id)]) == 1
        }
        // Only what the row gave up: after a commit whose answer was lost, the file belongs to a blob.
        if let storage, dropped == true { await tools.removeFile(of: storage) }
        self.storage = nil
        pending = ByteBuffer()
    }
}

/// What an upload works with.
struct UploadTools: Sendable {
    let database: Database
    let blobs: BlobStore
    let clock: WallClock
    let limits: RegistryLimits

    /// Removes the file of a row in state *deleting*, then the row; deletion is always last.
    func removeFile(of storage: Upload.Storage) async {
        do {
            try await blobs.delete(storage.key)
            try await database.write { t in _ = try t.execute(SQL.deleteStorage, [.integer(storage.id)]) }
        } catch {
            // Stays in state deleting; the next recovery tries again.
        }
    }
}

extension RegistryError {
    /// Keeps what is the registry's own word, wraps everything else.
    static func from(_ error: any Error) -> RegistryError {
        if let known = error as? RegistryError { return known }
        let isFull = (error as? BlobError)?.isFull ?? ((error as? DatabaseError)?.kind == .full)
        return isFull ? .storageFull(error) : .storage(error)
    }
}
