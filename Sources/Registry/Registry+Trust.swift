// SPDX-License-Identifier: EUPL-1.2

public import Accounts
public import Database
public import OCI
public import Time

extension Registry {
    /// Kind of the job that follows a change of whom a namespace trusts; its subject is the namespace's name.
    public static let trustJob = "trust"

    /// Queues an image anew because something was said of it, or is said no more; with it every index that names it.
    ///
    /// Jobs of one image coalesce: ten signatures that arrive together are one assessment.
    ///
    /// - Returns: false where there is no such image in the repository, which is no error: what speaks of an image may come before it.
    static func reassess(
        _ digest: Digest,
        _ repository: RepositoryName,
        _ repositoryID: Int64,
        at now: Timestamp,
        in t: Transaction
    ) throws -> Bool {
        guard let row = try t.first(SQL.kindOfManifest, [.integer(repositoryID)] + digest.columns),
            try row.manifestKind(0) != .artefact
        else { return false }
        let parents = try t.query(SQL.parents, digest.columns + [.integer(repositoryID), 100])
        for digest in try [digest] + parents.map({ try $0.digest(0) }) {
            try JobQueue.enqueue(
                t,
                kind: assessmentJob,
                subject: assessmentSubject(repository, digest),
                priority: .push,
                now: now
            )
        }
        return true
    }

    /// Queues an image anew because something was said of it beside the registry's own tables.
    ///
    /// - Returns: false where there is no such image in the repository.
    public static func isSpokenOf(
        _ digest: Digest,
        in repository: RepositoryName,
        at now: Timestamp,
        _ t: Transaction
    ) throws -> Bool {
        guard let id = try t.first(SQL.repositoryID, [.text(repository.text)])?.int64(0) else { return false }
        return try reassess(digest, repository, id, at: now, in: t)
    }

    /// Has whoever works on jobs look whether there are new ones.
    public func wake() { whenQueued() }

    /// Queues every image of a namespace anew, repository by repository.
    ///
    /// - Parameters:
    ///   - namespace: whose images.
    ///   - after: repositories after this one; nil from the start.
    ///   - limit: repositories that one call looks at.
    /// - Returns: the last repository, where there are more after it.
    public func reassessImages(of namespace: Namespace, after: String? = nil, limit: Int = 50) async throws -> String? {
        let now = clock.now()
        let next = try await write { t in
            let (repositories, next) = try Self.repositories(t, of: namespace.name, after: after, limit: limit)
            for (id, name) in repositories {
                try Self.reassessImages(t, in: RepositoryName(parsing: name), id, at: now)
            }
            return next
        }
        whenQueued()
        return next
    }

    /// Queues every image of a repository anew; nothing where there is no such repository.
    public func reassessImages(in repository: RepositoryName) async throws {
        let now = clock.now()
        try await write { t in
            guard let id = try t.first(SQL.repositoryID, [.text(repository.text)])?.int64(0) else { return }
            try Self.reassessImages(t, in: repository, id, at: now)
        }
        whenQueued()
    }

    private static func reassessImages(
        _ t: Transaction,
        in repository: RepositoryName,
        _ id: Int64,
        at now: Timestamp
    ) throws {
        try eachImage(t, of: id) { row in
            try JobQueue.enqueue(
                t,
                kind: assessmentJob,
                subject: assessmentSubject(repository, try row.digest(2)),
                priority: .feed,
                now: now
            )
        }
    }
}

extension Tag {
    /// The names of all tags that speak of a digest.
    static func names(speakingOf digest: Digest) -> [String] {
        ["", ".sig", ".att", ".sbom"].map { "\(digest.algorithm.rawValue)-\(digest.hex)\($0)" }
    }

    /// The digest that what lies under this tag speaks of: cosign's scheme, and the index of referrers for clients that know no better.
    var speaksOf: Digest? {
        if let attachedTo { return attachedTo }
        guard let hyphen = text.firstIndex(of: "-") else { return nil }
        return try? Digest(parsing: text[..<hyphen] + ":" + text[text.index(after: hyphen)...])
    }
}
