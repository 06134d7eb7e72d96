// SPDX-License-Identifier: EUPL-1.2

public import Blobs
public import Database
import NIOCore
public import OCI
public import Time

/// The registry proper: repositories, blobs, manifests, tags and uploads, without a word of HTTP.
///
/// All state is rows; files hold bytes only. Who may do what is decided above; here an upload belongs to its account, and a blob is
/// reached only through a repository that links it.
///
/// ## Topics
/// - ``resolve(_:_:)``, ``manifest(_:_:)``, ``blob(_:_:)``: reading
/// - ``beginUpload(in:by:)``, ``claimUpload(_:in:by:)``, ``finish(_:as:by:)``: pushing a blob
/// - ``putManifest(_:contentType:to:at:by:)``: publishing
/// - ``recover()``: after a crash
public struct Registry: Sendable {
    let database: Database
    let blobs: BlobStore
    let clock: WallClock
    /// What this registry accepts.
    public let limits: RegistryLimits
    let sessions: UploadTable
    let gates = GateRules()
    /// Told after a transaction that queued work, so that it starts at once.
    let whenQueued: @Sendable () -> Void

    /// Composes a registry; ``recover()`` must run before the first request.
    public init(
        database: Database,
        blobs: BlobStore,
        clock: WallClock = .system,
        limits: RegistryLimits = .standard,
        whenQueued: @escaping @Sendable () -> Void = {}
    ) {
        self.whenQueued = whenQueued
        self.database = database
        self.blobs = blobs
        self.clock = clock
        self.limits = limits
        sessions = UploadTable()
    }

    /// What time it is for the registry.
    public var now: Timestamp { clock.now() }

    /// Number of uploads that this process holds open.
    public var openUploads: Int { sessions.count }

    /// Which manifest a tag points to; nil when there is no such repository or tag.
    public func resolve(_ repository: RepositoryName, _ tag: Tag) async throws -> Digest? {
        try await tagState(repository, tag)?.digest
    }

    /// Which manifest a tag points to and since when; nil when there is no such repository or tag.
    public func tagState(_ repository: RepositoryName, _ tag: Tag) async throws -> TagState? {
        try await database.lookUp { t in
            guard let row = try t.first(SQL.tag, [.text(tag.text), .text(repository.text)]) else { return nil }
            return TagState(digest: try row.digest(0), changedAt: try row.time(2))
        }
    }

    /// What a tag or digest names, with its bytes, in one read; nil when this repository does not hold it.
    public func manifest(_ repository: RepositoryName, at reference: ManifestReference) async throws -> StoredManifest?
    {
        try await find(repository, reference, byTag: SQL.manifestByTag, byDigest: SQL.manifest) { row in
            StoredManifest(
                bytes: try row.bytes(2),
                mediaType: try row.text(0),
                digest: try row.digest(6),
                kind: try row.manifestKind(1),
                artifactType: try row.optionalText(5),
                firstSeen: try row.time(3),
                firstSeenBy: try row.text(4),
                since: try row.time(8),
                standing: try Self.standing(row, at: 9),
                takedown: try row.optionalInt64(18)
            )
        }
    }

    /// What a tag or digest names, without its bytes, in one read; nil when this repository does not hold it.
    public func manifestSummary(
        _ repository: RepositoryName,
        at reference: ManifestReference
    ) async throws -> ManifestSummary? {
        try await find(repository, reference, byTag: SQL.manifestSummaryByTag, byDigest: SQL.manifestSummary) { row in
            ManifestSummary(
                mediaType: try row.text(0),
                digest: try row.digest(6),
                kind: try row.manifestKind(1),
                size: try row.int64(2),
                artifactType: try row.optionalText(5),
                firstSeen: try row.time(3),
                firstSeenBy: try row.text(4),
                since: try row.time(8),
                standing: try Self.standing(row, at: 9),
                takedown: try row.optionalInt64(18)
            )
        }
    }

    /// A manifest with its bytes; nil when this repository does not hold it.
    public func manifest(_ repository: RepositoryName, _ digest: Digest) async throws -> StoredManifest? {
        try await manifest(repository, at: .digest(digest))
    }

    /// A manifest without its bytes; nil when this repository does not hold it.
    public func manifestSummary(_ repository: RepositoryName, _ digest: Digest) async throws -> ManifestSummary? {
        try await manifestSummary(repository, at: .digest(digest))
    }

    private func find<Found: Sendable>(
        _ repository: RepositoryName,
        _ reference: ManifestReference,
        byTag: Statement,
        byDigest: Statement,
        _ read: @escaping @Sendable (Row) throws -> Found
    ) async throws -> Found? {
        let (statement, key): (Statement, [SQLValue]) =
            switch reference {
            case .tag(let tag): (byTag, [.text(tag.text)])
            case .digest(let digest): (byDigest, digest.columns)
            }
        return try await database.lookUp { t in
            try t.first(statement, key + [.text(repository.text)]).map(read)
        }
    }

    /// Where a blob's bytes are; nil when this repository does not link it, whatever others do.
    ///
    /// - Parameters:
    ///   - quarantine: what was linked at or after this is not given out.
    ///   - isForClients: whether it is to leave the node; then what was taken down is not given out.
    /// - Throws: ``RegistryError/quarantined(_:_:since:)``, ``RegistryError/takenDown(_:)``.
    public func blob(
        _ repository: RepositoryName,
        _ digest: Digest,
        quarantine: Timestamp? = nil,
        isForClients: Bool = false
    ) async throws -> BlobLocation? {
        try await database.lookUp { t in
            guard let row = try t.first(SQL.blobInRepository, digest.columns + [.text(repository.text)]) else {
                return nil
            }
            if let quarantine, try row.time(3) >= quarantine {
                throw RegistryError.quarantined(digest.description, repository, since: quarantine)
            }
            if isForClients, let takedown = try row.optionalInt64(4) {
                throw RegistryError.takenDown(try Self.notice(t, takedown, "\(repository)@\(digest)"))
            }
            if let content = try row.optionalBytes(1) { return .inline(content) }
            return .stored(key: try row.text(2), size: try row.int64(0))
        }
    }

    /// The key of a repository and when it was made; nil when there is none of that name.
    ///
    /// A repository that is made anew under an old name has another key: what was granted on the old one is not for it.
    public func identity(of repository: RepositoryName) async throws -> (key: Int64, createdAt: Timestamp)? {
        try await database.lookUp { t in
            try t.first(SQL.identity, [.text(repository.text)]).map { (try $0.int64(0), try $0.time(1)) }
        }
    }

    /// Names of the tags of a repository without regard to case, those that differ in nothing else in byte order.
    ///
    /// - Parameters:
    ///   - last: names after this one; nil from the start. It need not exist.
    ///   - limit: most names to return, cut to the page size of ``limits``.
    /// - Returns: nil when there is no such repository.
    public func tags(_ repository: RepositoryName, last: String? = nil, limit: Int) async throws -> [Tag]? {
        let limit = min(max(limit, 0), limits.pageSize + 1)
        return try await database.read { t in
            guard let id = try t.first(SQL.repositoryID, [.text(repository.text)])?.int64(0) else { return nil }
            return try t.query(
                SQL.tags,
                [.integer(id)] + Array(repeating: .text(last ?? ""), count: 3) + [.integer(limit)]
            ).map {
                try Tag(parsing: try $0.text(0))
            }
        }
    }

    /// Tags that point to a manifest now, in byte order.
    public func tags(of digest: Digest, in repository: RepositoryName, limit: Int = 100) async throws -> [Tag] {
        try await database.lookUp { t in
            try t.query(SQL.tagsOfManifest, digest.columns + [.text(repository.text), .integer(limit)]).map {
                try Tag(parsing: try $0.text(0))
            }
        }
    }

    /// Repositories that hold at least one manifest, by name in byte order.
    public func repositories(after: String? = nil, limit: Int) async throws -> [RepositoryEntry] {
        let limit = min(max(limit, 0), limits.pageSize + 1)
        return try await database.read { t in
            try t.query(SQL.repositories, [.text(after ?? ""), .integer(limit)]).map {
                RepositoryEntry(name: try RepositoryName(parsing: try $0.text(0)), firstSeen: try $0.time(1))
            }
        }
    }

    /// What a tag pointed to over time, latest first.
    public func tagHistory(
        _ repository: RepositoryName,
        _ tag: Tag,
        before: Int64? = nil,
        limit: Int = 100
    ) async throws -> [TagEvent] {
        try await database.read { t in
            let page: [SQLValue] = [
                .text(tag.text), .integer(before ?? .max), .text(repository.text), .integer(min(max(limit, 0), 1000)),
            ]
            return try t.query(SQL.history, page).map {
                TagEvent(
                    id: try $0.int64(0),
                    digest: try $0.digest(1),
                    changedAt: try $0.time(3),
                    changedBy: try $0.text(4),
                    isRemoval: try $0.bool(5)
                )
            }
        }
    }

    /// The image that stands for a repository: what `latest` points to, else the image whose tag moved last; nil when there is none.
    public func standIn(_ repository: RepositoryName) async throws -> (tag: Tag, digest: Digest)? {
        try await database.read { t in
            if let row = try t.first(SQL.tag, ["latest", .text(repository.text)]),
                let manifest = try t.first(SQL.manifestSummary, try row.digest(0).columns + [.text(repository.text)]),
                try manifest.manifestKind(1) != .artefact
            {
                return (try Tag(parsing: "latest"), try row.digest(0))
            }
            guard let row = try t.first(SQL.newestImageTag, [.text(repository.text)]) else { return nil }
            return (try Tag(parsing: try row.text(0)), try row.digest(1))
        }
    }

    /// All bytes of a small blob; nil when the repository does not link it or it is larger than `limit` bytes.
    public func blobBytes(_ repository: RepositoryName, _ digest: Digest, limit: Int) async throws -> [UInt8]? {
        guard let location = try await blob(repository, digest), location.size <= Int64(limit) else { return nil }
        switch location {
        case .inline(let bytes): return bytes
        case .stored(let key, let size):
            let reader = try await reader(key)
            var bytes: [UInt8] = []
            while Int64(bytes.count) < size {
                let piece = try await reader.read(at: Int64(bytes.count), count: limit)
                bytes.append(contentsOf: piece.readableBytesView)
            }
            return bytes
        }
    }

    /// Opens a stored blob for reading.
    public func reader(_ key: String) async throws -> BlobReader { try await blobs.reader(key) }
}

extension Row {
    func manifestKind(_ column: Int) throws -> ManifestKind {
        guard let kind = ManifestKind(rawValue: try int64(column)) else {
            throw DamagedRow(what: "kind of manifest \(try int64(column))")
        }
        return kind
    }
}
