// SPDX-License-Identifier: EUPL-1.2

public import Accounts
internal import Attestations
internal import Audit
public import Database
internal import JSON
public import Keys
public import OCI
internal import Policies
public import Registry
public import Time
public import Transparency

/// Releases: maintainers say which image a tag stands for, and the node signs that in every form that clients verify.
///
/// A release is a row and a job in one transaction. The job makes signatures, waits until the log has them, publishes them, and only then
/// moves the tag: nobody ever pulls a released tag whose signatures are still on their way. Each step finds what was done before by its
/// bytes, which are rows before anything else happens to them.
///
/// ## Topics
/// - ``release(_:_:as:by:)``
/// - ``releases(of:before:limit:)``
/// - ``jobs``
public struct Releases: Sendable {
    /// Kind of the job that signs; its subject is the number of the release.
    public static let job = "release"
    /// Most images of one index.
    static let maximumImages = 128
    /// Most signatures that one answer lists.
    static let maximumGiven = 64
    /// Who pushes signatures: the node, which has no account.
    static let node = Account(id: 0, name: "kontor", isAdmin: true, kind: .service)

    let database: Database
    let registry: Registry
    let accounts: Accounts
    let signer: any Signer
    let currentLog: @Sendable () -> TransparencyLog?
    let authority: @Sendable () -> String?
    let clock: WallClock
    let whenQueued: @Sendable () -> Void

    /// Composes the room; needs ``ReleasesSchema/migrations``.
    ///
    /// - Parameters:
    ///   - signer: has the keys.
    ///   - log: as it is now; nil while nobody signs, and then nothing is released.
    ///   - authority: host and port of the registry, as in names of images; nil while that cannot be told.
    ///   - whenQueued: told after a release was queued, so that it starts at once.
    public init(
        database: Database,
        registry: Registry,
        accounts: Accounts,
        signer: any Signer,
        log: @escaping @Sendable () -> TransparencyLog?,
        authority: @escaping @Sendable () -> String?,
        clock: WallClock = .system,
        whenQueued: @escaping @Sendable () -> Void = {}
    ) {
        self.database = database
        self.registry = registry
        self.accounts = accounts
        self.signer = signer
        currentLog = log
        self.authority = authority
        self.clock = clock
        self.whenQueued = whenQueued
    }

    /// Releases an image as a tag: queues it, and gives the row that tells how far it is.
    ///
    /// The same release that still waits is given again. Another one of the same tag that waits ends, for the newer word counts.
    ///
    /// - Throws: ``ReleaseError``.
    public func release(
        _ repository: RepositoryName,
        _ digest: Digest,
        as tag: Tag,
        by account: Account
    ) async throws -> Release {
        let access = try await permitted(account, repository)
        guard let summary = try await registry.manifestSummary(repository, digest) else {
            throw ReleaseError.unknown("\(repository)@\(digest) is not in this registry; push it first")
        }
        try Self.check(summary, digest, tag)
        try await checkGate(repository, summary, access.namespace)
        guard log != nil, let authority = authority() else {
            throw ReleaseError.unavailable(
                log == nil
                    ? "nothing can be signed while the signer does not answer; /readyz and the node's log say why"
                    : "the node does not know its own name yet; set --public-url"
            )
        }
        let isLogged = access.namespace.map(\.isPublic) ?? accounts.allowsOutside
        let values: [SQLValue] = [
            .text(repository.text), .text(tag.text), .blob(digest.bytes), .text("\(authority)/\(repository):\(tag)"),
            .bool(isLogged), .time(clock.now()), .text(account.name),
        ]
        let now = clock.now()
        let release = try await database.write { t in
            // As things are in the transaction that writes it down.
            guard try accounts.access(t, of: account, to: repository, at: now)?.rights.contains(.overwrite) == true
            else { throw Self.denied(repository) }
            if let row = try t.first(ReleasesSchema.newest, [.text(repository.text), .text(tag.text)]) {
                let last = try Release(row)
                if last.state == .pending {
                    if last.digest == digest, last.reference == "\(authority)/\(repository):\(tag)" { return last }
                    let reason = "another image was released as \(tag) before this was signed"
                    try t.execute(ReleasesSchema.replace, [.text(reason), .time(now), .integer(last.id)])
                }
            }
            guard let row = try t.first(ReleasesSchema.insert, values) else {
                throw DatabaseError(.shape, "an insert gave no row back", statement: ReleasesSchema.insert.name)
            }
            let release = try Release(row)
            try AuditLog.append(
                t,
                actor: account.name,
                action: "release.request",
                subject: "\(repository)@\(digest)",
                detail: ["tag": .string(tag.text), "release": .integer(release.id), "logged": .bool(isLogged)],
                at: now
            )
            try JobQueue.enqueue(t, kind: Self.job, subject: String(release.id), priority: .push, now: now)
            return release
        }
        whenQueued()
        return release
    }

    /// A release; nil when there is none with this number.
    public func release(_ id: Int64) async throws -> Release? {
        try await database.lookUp { t in try t.first(ReleasesSchema.one, [.integer(id)]).map { try Release($0) } }
    }

    /// Releases of a repository, newest first.
    ///
    /// - Parameters:
    ///   - before: number of the last one of the page before.
    ///   - limit: releases of a page, at most 1 000.
    public func releases(of repository: RepositoryName, before: Int64? = nil, limit: Int = 100) async throws
        -> [Release]
    {
        let values: [SQLValue] = [
            .text(repository.text), .integer(before ?? .max), .integer(min(max(limit, 1), 1_000)),
        ]
        return try await database.read { t in try t.query(ReleasesSchema.page, values).map { try Release($0) } }
    }

    /// What was signed for a release, by image and form.
    public func signatures(of release: Release) async throws -> [ReleaseSignature] {
        let limit = Self.maximumImages * ReleaseSignature.Form.allCases.count
        return try await database.read { t in
            try t.query(ReleasesSchema.signatures, [.integer(release.id), .blob([]), .integer(limit)]).map {
                try ReleaseSignature($0)
            }
        }
    }

    /// Who moves the tags of releases, by the name in histories.
    public static let actor = Releases.node.name

    /// The newest release of a tag, however far it is; nil when there was none.
    public func newest(of repository: RepositoryName, _ tag: Tag) async throws -> Release? {
        try await database.lookUp { t in
            try t.first(ReleasesSchema.newest, [.text(repository.text), .text(tag.text)]).map { try Release($0) }
        }
    }

    /// Whether the newest release that signed an image is in the log; nil when none signed it.
    public func isLogged(_ digest: Digest, in repository: RepositoryName) async throws -> Bool? {
        let values: [SQLValue] = [
            .blob(digest.bytes), .integer(ReleaseSignature.Form.cosign.rawValue), .text(repository.text),
        ]
        return try await database.lookUp { t in try t.first(ReleasesSchema.isLogged, values)?.bool(0) }
    }

    /// The OpenPGP messages about an image that the registry gives out, bounded, the newest first.
    public func openPGPMessages(_ repository: RepositoryName, _ digest: Digest) async throws -> [[UInt8]] {
        let values: [SQLValue] = [
            .blob(digest.bytes), .integer(ReleaseSignature.Form.openPGP.rawValue), .text(repository.text),
            .integer(Self.maximumGiven),
        ]
        return try await database.read { t in
            try t.query(ReleasesSchema.given, values).map { try $0.bytes(0) }
        }
    }

    var log: TransparencyLog? { currentLog() }

    // MARK: - Who and what

    private func permitted(_ account: Account, _ repository: RepositoryName) async throws -> RepositoryAccess {
        guard let access = try await accounts.access(of: account, to: repository), access.rights.contains(.pull) else {
            throw ReleaseError.unknown("there is no repository \"\(repository)\" that you may see")
        }
        guard access.rights.contains(.overwrite) else {
            if let freeze = access.namespace?.freeze {
                throw ReleaseError.denied("the namespace is frozen since \(freeze.at.rfc3339); nothing is released")
            }
            throw Self.denied(repository)
        }
        return access
    }

    private static func denied(_ repository: RepositoryName) -> ReleaseError {
        .denied("only maintainers of the namespace of \"\(repository)\" and operators may release")
    }

    private static func check(_ summary: ManifestSummary, _ digest: Digest, _ tag: Tag) throws(ReleaseError) {
        guard summary.kind != .artefact else {
            throw .refused(
                "\(digest) is no image but \(summary.artifactType ?? summary.mediaType); images are released"
            )
        }
        guard digest.algorithm == .sha256 else {
            throw .refused("only images with a SHA-256 digest are released: no other client verifies another")
        }
        guard tag.attachedTo == nil else { throw .refused("\(tag) is a name for signatures; choose another tag") }
    }

    func checkGate(_ repository: RepositoryName, _ image: ManifestSummary, _ namespace: Namespace?) async throws {
        guard image.takedown == nil else {
            throw ReleaseError.refused(
                "\(repository)@\(image.digest) was taken down for legal reasons; kontor takedown list says more"
            )
        }
        guard let namespace else { return }
        let answer = try await registry.gate(image, in: repository, of: namespace, isBeforeRelease: true)
        if case .closed(let objection) = answer {
            throw ReleaseError.closed(
                "\(repository)@\(image.digest) is not given out and so not released: \(objection.refusal)",
                objection.refusal
            )
        }
    }
}
