// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Audit
import Database
import JSON
public import OCI
import Time

/// What a manifest is published under.
public enum ManifestReference: Sendable, Hashable, CustomStringConvertible {
    /// A tag, which moves to the manifest.
    case tag(Tag)
    /// The manifest's own digest.
    case digest(Digest)

    /// As it stands in a path.
    public var description: String {
        switch self {
        case .tag(let tag): tag.text
        case .digest(let digest): digest.description
        }
    }
}

/// What a tag has to point to, so that it may be moved.
public enum ExpectedTag: Sendable, Hashable {
    /// Anything, or nothing.
    case anything
    /// Nothing: there must be no such tag.
    case absent
    /// A manifest.
    case manifest(Digest)
}

extension Registry {
    /// Kind of the job that a new image queues; its subject is ``assessmentSubject(_:_:)``.
    public static let assessmentJob = "assess"

    /// Kind of the job that a new manifest with a subject queues: what was said about an image may be news; its subject is that of
    /// ``assessmentSubject(_:_:)``, of the manifest that says it.
    public static let referrerJob = "referrer"

    /// Subject of the assessment job of one image: `repository@digest`.
    public static func assessmentSubject(_ repository: RepositoryName, _ digest: Digest) -> String {
        "\(repository)@\(digest)"
    }

    /// Publishes a manifest: its row, its references, its tags with their history, the audit event and the assessment job, in one
    /// transaction.
    ///
    /// Blobs that it names must be linked in the repository; a missing subject and missing children of an index are accepted, as the
    /// specification demands for the one and allows for the other. The bytes are kept exactly.
    ///
    /// - Parameters:
    ///   - bytes: the manifest; its digest is over exactly these.
    ///   - contentType: the header's value.
    ///   - repository: where it is published.
    ///   - reference: tag or digest of the address.
    ///   - tags: further tags that move to it.
    ///   - account: who pushes.
    ///   - mayMoveTags: whether tags that point elsewhere may be moved; else they may only be made.
    ///   - expected: what each of the tags has to point to before, compared in the transaction that moves it.
    ///   - namespace: that the repository lies in; its policy decides, and its quota pays. Nil where there is none.
    ///   - isOwn: whether it is what the node itself says about an image: it counts like everything, no rule is against it, and nobody is told,
    ///     for else the node would look at its own words.
    /// - Throws: ``RegistryError`` of the `manifest…` family, ``RegistryError/tagMayNotMove(_:_:)``,
    ///   ``RegistryError/tagChanged(_:_:)`` or ``RegistryError/refusedByPolicy(_:)``; then nothing was changed.
    ///
    /// Source: OCI distribution-spec v1.1.1, "Pushing manifests".
    public func putManifest(
        _ bytes: [UInt8],
        contentType: String?,
        to repository: RepositoryName,
        at reference: ManifestReference,
        tags furtherTags: [Tag] = [],
        by account: Account,
        mayMoveTags: Bool = true,
        expected: ExpectedTag = .anything,
        namespace: Namespace? = nil,
        isOwn: Bool = false
    ) async throws -> StoredManifestReceipt {
        guard bytes.count <= limits.manifestBytes else {
            throw RegistryError.manifestTooLarge(limit: limits.manifestBytes)
        }
        let digest: Digest
        var tags = furtherTags
        switch reference {
        case .tag(let tag):
            digest = .sha256(bytes)
            tags.insert(tag, at: 0)
        case .digest(let claimed):
            digest = .hash(bytes, by: claimed.algorithm)
            guard digest == claimed else {
                throw RegistryError.manifestDigestMismatch(claimed: claimed, actual: digest)
            }
        }
        let document: ManifestDocument
        do {
            let bounds = ManifestDocument.Limits(bytes: limits.manifestBytes, descriptors: limits.manifestReferences)
            document = try ManifestDocument(parsing: bytes, contentType: contentType, limits: bounds)
        } catch {
            throw RegistryError.manifestInvalid(error.description)
        }
        let publication = Publication(
            bytes: bytes,
            digest: digest,
            document: document,
            repository: repository,
            tags: tags,
            account: account,
            mayMoveTags: mayMoveTags,
            expected: expected,
            namespaceID: namespace?.id,
            isOwn: isOwn,
            now: clock.now()
        )
        let receipt = try await write { t in try publication.commit(t) }
        // Also an artefact without a subject may be about an image, by its tag.
        if !isOwn { whenQueued() }
        return receipt
    }

    /// Manifests that name another as their subject, in digest order.
    ///
    /// - Parameters:
    ///   - subject: the manifest that is spoken about; it need not exist.
    ///   - repository: referrers are looked for in here only.
    ///   - artifactType: only those of one type; nil for all.
    ///   - after: digest bytes of the last one of the page before.
    ///   - limit: most to return; fewer when their annotations are large.
    /// - Returns: a page, and whether there is more after it.
    public func referrers(
        of subject: Digest,
        in repository: RepositoryName,
        artifactType: String? = nil,
        after: [UInt8] = [],
        limit: Int
    ) async throws -> (page: [Referrer], isMore: Bool) {
        let limit = min(max(limit, 0), limits.pageSize)
        let largest = limits.manifestBytes
        return try await database.read { t in
            var arguments = subject.columns + [.blob(after), .text(repository.text)]
            if let artifactType { arguments.append(.text(artifactType)) }
            arguments.append(.integer(limit + 1))
            var page: [Referrer] = []
            var bytes = 0
            do {
                // One row in memory at a time: each may have annotations of megabytes, and anybody who pushes makes as many as they like.
                try t.forEach(artifactType == nil ? SQL.referrers : SQL.referrersOfType, arguments) { row in
                    bytes += 1024 + (try row.optionalText(5)?.utf8.count ?? 0)
                    // The first always fits: else nobody would get past it.
                    guard page.count < limit, page.isEmpty || bytes <= largest else { throw PageIsFull() }
                    page.append(try Self.referrer(row))
                }
            } catch is PageIsFull { return (page, true) }
            return (page, false)
        }
    }

    private static func referrer(_ row: Row) throws -> Referrer {
        var annotations: [String: String] = [:]
        if let text = try row.optionalText(5) {
            annotations = try JSONValue(parsing: text).objectValue?.compactMapValues(\.stringValue) ?? [:]
        }
        return Referrer(
            descriptor: Descriptor(
                mediaType: try row.text(2),
                digest: try row.digest(0),
                size: try row.int64(4),
                artifactType: try row.optionalText(3),
                annotations: annotations
            )
        )
    }

    /// Manifests of all repositories in the order they came, for whoever follows them (listings of news, repeated assessments).
    ///
    /// - Returns: position, repository, digest and kind; the position of the last is the `after` of the next page.
    public func manifests(
        after: Int64,
        limit: Int
    ) async throws -> [(position: Int64, repository: RepositoryName, digest: Digest, kind: ManifestKind)] {
        try await database.read { t in
            try t.query(SQL.recentManifests, [.integer(after), .integer(min(max(limit, 0), 1000))]).map { row in
                (
                    try row.int64(0), try RepositoryName(parsing: try row.text(1)), try row.digest(2),
                    try row.manifestKind(4)
                )
            }
        }
    }
}

private struct PageIsFull: Error {}

/// One manifest on its way into the tables; a value, so that the transaction may run more than once.
private struct Publication: Sendable {
    let bytes: [UInt8]
    let digest: Digest
    let document: ManifestDocument
    let repository: RepositoryName
    let tags: [Tag]
    let account: Account
    let mayMoveTags: Bool
    let expected: ExpectedTag
    let namespaceID: Int64?
    let isOwn: Bool
    let now: Timestamp

    /// What the rules of the architecture make of it: a manifest under a tag of cosign's scheme is an artefact, whatever it looks like.
    var kind: ManifestKind {
        guard document.isImage, !tags.contains(where: { $0.attachedTo != nil }) else { return .artefact }
        if case .index = document { return .index }
        return .image
    }

    /// The type that the referrers API tells: the manifest's own, else that of its configuration, else none.
    var artifactType: String? {
        if let own = document.artifactType { return own }
        guard case .image(let manifest) = document else { return nil }
        return manifest.config.mediaType
    }

    var references: [(role: ReferenceRole, descriptor: Descriptor)] {
        var all: [(ReferenceRole, Descriptor)] = []
        switch document {
        case .image(let manifest):
            all.append((.configuration, manifest.config))
            all += manifest.layers.map { (.layer, $0) }
        case .index(let index):
            all += index.manifests.map { (.child, $0) }
        }
        if let subject = document.subject { all.append((.subject, subject)) }
        return all
    }

    func commit(_ t: Transaction) throws -> StoredManifestReceipt {
        let rules = try NamespaceRules(t, of: namespaceID, isOwn: isOwn)
        // What is attached to an image that was taken down follows it.
        for subject in [document.subject?.digest].compactMap({ $0 }) + tags.compactMap(\.speaksOf) {
            if let row = try t.first(SQL.takenDownDigest, subject.columns) {
                throw RegistryError.takenDown(try Registry.notice(t, try row.int64(0), "\(repository)@\(subject)"))
            }
        }
        let repositoryID = try Registry.repositoryID(t, repository, now)
        let known = try t.first(SQL.manifestID, [.integer(repositoryID)] + digest.columns)
        let manifestID: Int64
        if let known {
            manifestID = try known.int64(0)
            let mediaType = try known.text(1)
            guard mediaType == document.mediaType else {
                throw RegistryError.manifestInvalid(
                    "manifest \(digest) was pushed to \"\(repository)\" as \(mediaType) before, now as \(document.mediaType); the same "
                        + "bytes cannot be two things"
                )
            }
            // First under a tag of cosign's scheme, now under another: whatever is published as an image is assessed as one.
            if kind != .artefact {
                try t.execute(SQL.promoteManifest, [.integer(kind.rawValue), .integer(manifestID)])
            }
            // Whoever pushes it again is about to lead to it: retention must not be quicker than the index that follows.
            if tags.isEmpty { try t.execute(SQL.noteUnreferenced, [.time(now), .integer(manifestID)]) }
        } else {
            if let row = try t.first(SQL.takenDownDigest, digest.columns) {
                throw RegistryError.takenDown(try Registry.notice(t, try row.int64(0), "\(repository)@\(digest)"))
            }
            try checkBlobs(t, repositoryID)
            manifestID = try insert(t, repositoryID)
            try rules.settle(manifest: bytes.count, t)
        }
        try t.execute(SQL.listRepository, [.time(now), .integer(repositoryID)])
        try checkPush(t, repositoryID, manifestID, isNew: known == nil, rules)
        let moved = try moveTags(t, repositoryID, manifestID, rules)
        if known == nil || !moved.isEmpty {
            try AuditLog.append(
                t,
                actor: account.name,
                action: "manifest.push",
                subject: Registry.assessmentSubject(repository, digest),
                detail: [
                    "kind": .string("\(kind)"), "mediaType": .string(document.mediaType),
                    "size": .integer(Int64(bytes.count)),
                    "tags": .strings(moved.map(\.text)), "new": .bool(known == nil),
                ],
                at: now
            )
        }
        if kind != .artefact { try assess(t, repositoryID, isNew: known == nil) }
        var spokenOf = moved.compactMap(\.speaksOf)
        if known == nil, let subject = document.subject?.digest { spokenOf.append(subject) }
        // What the node says itself is no news to it: it would be assessed for its own attestation, for ever.
        for digest in Set(isOwn ? [] : spokenOf) {
            _ = try Registry.reassess(digest, repository, repositoryID, at: now, in: t)
        }
        if known == nil, kind == .artefact, document.subject != nil, !isOwn {
            try JobQueue.enqueue(
                t,
                kind: Registry.referrerJob,
                subject: Registry.assessmentSubject(repository, digest),
                priority: .feed,
                now: now
            )
        }
        return StoredManifestReceipt(
            digest: digest,
            subject: document.subject?.digest,
            isNew: known == nil,
            kind: kind
        )
    }

    /// The rules on pushes, asked of what is new here and of every tag that did not point to it.
    private func checkPush(
        _ t: Transaction,
        _ repositoryID: Int64,
        _ manifestID: Int64,
        isNew: Bool,
        _ rules: NamespaceRules
    ) throws {
        guard rules.watchesPushes else { return }
        let set = try tags.filter { tag in
            try t.first(SQL.tagDigest, [.integer(repositoryID), .text(tag.text)])?.int64(2) != manifestID
        }
        guard isNew || !set.isEmpty else { return }
        try rules.checkPush(
            document,
            digest,
            manifestID,
            isImage: kind != .artefact,
            type: artifactType ?? document.mediaType,
            tags: set,
            to: repository,
            repositoryID,
            at: now,
            t
        )
    }

    /// Every blob must be reachable through this repository, with the size that the manifest says: a client that pulls would fail otherwise.
    private func checkBlobs(_ t: Transaction, _ repositoryID: Int64) throws {
        var missing: [MissingReference] = []
        for (role, descriptor) in references where role == .configuration || role == .layer {
            // A layer that may not be pushed lives elsewhere.
            if role == .layer, !descriptor.urls.isEmpty || isForeign(descriptor.mediaType) { continue }
            guard let row = try t.first(SQL.blobSizeInRepository, [.integer(repositoryID)] + descriptor.digest.columns)
            else {
                missing.append(
                    MissingReference(role: role == .layer ? "layer" : "configuration", digest: descriptor.digest)
                )
                continue
            }
            if let takedown = try row.optionalInt64(1) {
                throw RegistryError.takenDown(try Registry.notice(t, takedown, "\(repository)@\(descriptor.digest)"))
            }
            let size = try row.int64(0)
            guard size == descriptor.size else {
                throw RegistryError.manifestInvalid(
                    "the descriptor of \(role == .layer ? "layer" : "configuration") \(descriptor.digest) says \(descriptor.size) bytes, "
                        + "the blob has \(size)"
                )
            }
        }
        guard missing.isEmpty else { throw RegistryError.manifestBlobsUnknown(manifest: digest, repository, missing) }
    }

    private func isForeign(_ mediaType: String) -> Bool {
        mediaType == MediaType.dockerForeignLayer || mediaType == MediaType.nondistributableLayerTar
            || mediaType == MediaType.nondistributableLayerTarGzip
            || mediaType == MediaType.nondistributableLayerTarZstd
    }

    private func insert(_ t: Transaction, _ repositoryID: Int64) throws -> Int64 {
        let subject = document.subject?.digest
        var values: [SQLValue] = [.integer(repositoryID)] + digest.columns
        values += [
            .integer(kind.rawValue), .text(document.mediaType), .optional(artifactType), .blob(bytes),
            .integer(bytes.count),
        ]
        values += subject?.columns ?? [.null, .null]
        // Only referrers are asked for their annotations.
        let annotations =
            subject == nil || document.annotations.isEmpty ? nil : JSONValue.stringMap(document.annotations).text()
        values += [.optional(annotations), .time(now), .text(account.name)]
        guard let row = try t.first(SQL.insertManifest, values) else { throw DamagedRow(what: "manifest") }
        let id = try row.int64(0)
        for (position, reference) in references.enumerated() {
            try t.execute(
                SQL.insertReference,
                [.integer(id), .integer(position), .integer(reference.role.rawValue)]
                    + reference.descriptor.digest.columns
                    + [.integer(reference.descriptor.size)]
            )
        }
        return id
    }

    /// - Returns: the tags that did not point here before; only those enter the history.
    private func moveTags(
        _ t: Transaction,
        _ repositoryID: Int64,
        _ manifestID: Int64,
        _ rules: NamespaceRules
    ) throws -> [Tag] {
        var moved: [Tag] = []
        for tag in tags where !moved.contains(tag) {
            let current = try t.first(SQL.tagDigest, [.integer(repositoryID), .text(tag.text)])
            let target = try current?.int64(2)
            switch expected {
            case .anything: break
            case .absent: guard current == nil else { throw RegistryError.tagChanged(tag, repository) }
            case .manifest(let digest):
                guard try current?.digest(0) == digest else { throw RegistryError.tagChanged(tag, repository) }
            }
            if !mayMoveTags, let target, target != manifestID {
                throw RegistryError.tagMayNotMove(tag, repository)
            }
            try rules.checkSetting(tag, to: digest, in: repository, repositoryID, t)
            if let target, target != manifestID {
                try t.execute(SQL.noteUnreferenced, [.time(now), .integer(target)])
            }
            let row: [SQLValue] = [.integer(repositoryID), .text(tag.text), .integer(manifestID), .time(now)]
            guard try t.execute(SQL.setTag, row) == 1 else { continue }
            try t.execute(
                SQL.insertHistory,
                [.integer(repositoryID), .text(tag.text)] + digest.columns + [.time(now), .text(account.name)]
            )
            moved.append(tag)
        }
        return moved
    }

    /// Queues the assessment, and that of every index that waited for this manifest.
    private func assess(_ t: Transaction, _ repositoryID: Int64, isNew: Bool) throws {
        var digests = [digest]
        if isNew {
            digests += try t.query(SQL.parents, digest.columns + [.integer(repositoryID), 100]).map { try $0.digest(0) }
        }
        for digest in digests {
            try JobQueue.enqueue(
                t,
                kind: Registry.assessmentJob,
                subject: Registry.assessmentSubject(repository, digest),
                priority: .push,
                now: now
            )
        }
    }
}
