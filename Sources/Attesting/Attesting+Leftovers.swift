// SPDX-License-Identifier: EUPL-1.2

internal import Accounts
internal import Attestations
internal import Database
internal import OCI
internal import Registry
internal import Time

/// What the node took back and has not let go yet.
///
/// cosign adds to a list by reading it, uploading what the registry lacks, and pushing the whole list with one layer more. What it read must
/// be there until then, or its push fails: what the node replaces meanwhile is kept for a while, by rows that a crash leaves.
extension Attesting {
    /// For how long what was taken back stays, so that whoever read it before can finish.
    public static let grace = Duration.seconds(3_600)
    /// Kind of the job that lets go what was taken back; its subject is `repository@digest`.
    public static let lettingGo = "attest-let-go"

    /// An image whose statements lie in a repository.
    struct Place: Sendable {
        let repository: RepositoryName
        let digest: Digest
        let namespace: Namespace?

        var key: [SQLValue] { Attesting.key(repository, digest) }
    }

    /// A list or a blob that was taken back.
    struct Leftover: Sendable {
        let id: Int64
        let part: Digest
        let isManifest: Bool
        let letGoAt: Timestamp
    }

    /// What was taken back of an image and is still there; no more than the node itself replaced within the grace.
    func leftovers(at place: Place) async throws -> [Leftover] {
        try await database.read { t in
            var found: [Leftover] = []
            try t.forEach(AttestingSchema.leftovers, place.key) { row in
                found.append(
                    Leftover(
                        id: try row.int64(0),
                        part: try Digest(algorithm: .sha256, bytes: try row.bytes(1)),
                        isManifest: try row.bool(2),
                        letGoAt: try row.time(3)
                    )
                )
            }
            return found
        }
    }

    /// Writes down what a list takes along when another takes its place, before it does.
    func leave(
        _ present: StoredManifest,
        _ before: AttachedManifest,
        without after: AttachedManifest,
        at place: Place
    ) async throws {
        let kept = Set(after.layers.map(\.digest))
        let blobs = before.layers.map(\.digest).filter { !kept.contains($0) } + [.sha256(before.configuration)]
        let lists = present.firstSeenBy == Self.node.name ? [present.digest] : []
        let now = clock.now()
        try await database.write { t in try Self.leave(lists: lists, blobs: blobs, at: place, now, t) }
    }

    /// Forgets statements; what is left of them goes later.
    static func forget(_ rows: [ImageAttestation], at place: Place, _ now: Timestamp, _ t: Transaction) throws {
        for row in rows { try t.execute(AttestingSchema.delete, [.integer(row.id)]) }
        try leave(lists: [], blobs: rows.flatMap { [$0.bundle, $0.envelope].compactMap { $0 } }, at: place, now, t)
    }

    private static func leave(
        lists: [Digest],
        blobs: [Digest],
        at place: Place,
        _ now: Timestamp,
        _ t: Transaction
    ) throws {
        guard !lists.isEmpty || !blobs.isEmpty else { return }
        let end = now + grace
        for (part, isManifest) in lists.map({ ($0, true) }) + blobs.map({ ($0, false) }) {
            try t.execute(AttestingSchema.leave, place.key + [.blob(part.bytes), .bool(isManifest), .time(end)])
        }
        try later(end, place, now, t)
    }

    private static func later(_ end: Timestamp, _ place: Place, _ now: Timestamp, _ t: Transaction) throws {
        try JobQueue.enqueue(
            t,
            kind: lettingGo,
            subject: Registry.assessmentSubject(place.repository, place.digest),
            priority: .clock,
            runAfter: end,
            now: now
        )
    }

    /// Lets go what was taken back and whose time is over; what somebody else's manifest names stays.
    func letGo(_ repository: RepositoryName, _ digest: Digest) async throws {
        let namespace = try await accounts.access(of: nil, to: repository)?.namespace
        let place = Place(repository: repository, digest: digest, namespace: namespace)
        // What is looked into must not change meanwhile, nor what is not given out.
        let takedown = try await registry.noticeOfTakedown(of: digest, in: repository)
        guard namespace?.freeze == nil, takedown == nil else {
            let now = clock.now()
            return try await database.write { t in try Self.later(now + Self.grace, place, now, t) }
        }
        // Whoever wrote a list back with it shall not keep it there for ever. What is just being replaced is not put back.
        let rows = try await rows(repository, digest)
        try await mend(rows.filter { row in row.isPublished && !rows.contains(where: row.isReplaced) }, at: place)
        let now = clock.now()
        let all = try await leftovers(at: place)
        let due = all.filter { $0.letGoAt <= now }
        for list in due where list.isManifest {
            try await registry.retire(list.part, in: repository, by: Self.node, namespace: namespace)
        }
        let blobs = due.filter { !$0.isManifest }.map(\.part)
        try await registry.retire(blobs: blobs, in: repository, namespace: namespace)
        let next = all.filter { $0.letGoAt > now }.map(\.letGoAt).min()
        try await database.write { t in
            for leftover in due { try t.execute(AttestingSchema.letGo, [.integer(leftover.id), .time(now)]) }
            if let next { try Self.later(next, place, now, t) }
        }
    }
}
