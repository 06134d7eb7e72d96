// SPDX-License-Identifier: EUPL-1.2

import Database
public import OCI
public import Time

/// A manifest that came to a namespace since an instant.
public struct RecentManifest: Sendable, Hashable {
    /// The repository.
    public let repository: RepositoryName
    /// What came.
    public let digest: Digest
    /// When.
    public let firstSeen: Timestamp
    /// Name of the account that pushed it.
    public let firstSeenBy: String
}

extension Registry {
    /// What came to the repositories of a namespace since an instant, by repository and age: what a freeze puts in quarantine.
    ///
    /// - Parameters:
    ///   - namespace: name of the namespace.
    ///   - since: the instant.
    ///   - after: repository after which a page begins; nil from the start.
    ///   - limit: repositories that are looked at.
    /// - Returns: at most 1 000 manifests of each repository, and the last repository when there are more.
    public func manifests(
        inNamespace namespace: String,
        since: Timestamp,
        after: String? = nil,
        limit: Int = 100
    ) async throws -> (found: [RecentManifest], next: String?) {
        let limit = min(max(limit, 1), 1_000)
        return try await database.read { t in
            var found: [RecentManifest] = []
            let (rows, next) = try Self.repositories(t, of: namespace, after: after, limit: limit)
            for (id, name) in rows {
                let repository = try RepositoryName(parsing: name)
                let page: [SQLValue] = [.integer(id), .time(since), 1_000]
                found += try t.query(SQL.manifestsSince, page).map { row in
                    RecentManifest(
                        repository: repository,
                        digest: try row.digest(0),
                        firstSeen: try row.time(2),
                        firstSeenBy: try row.text(3)
                    )
                }
            }
            return (found, next)
        }
    }

    /// Repositories of a namespace by name, and the last one when there are more.
    static func repositories(
        _ t: Transaction,
        of namespace: String,
        after: String?,
        limit: Int
    ) throws -> (rows: [(id: Int64, name: String)], next: String?) {
        // The repository of the namespace's own name lies before all below it, names such as `name-x` between them.
        var rows = try t.query(SQL.repositoryID, [.text(namespace)]).map { (id: try $0.int64(0), name: namespace) }
        if let after, after >= namespace { rows = [] }
        let start = namespace + "/"
        let below = try t.query(
            SQL.repositoriesBelow,
            [.text(start), .text(start + "~"), .text(max(after ?? "", start)), .integer(limit)]
        )
        rows += try below.map { (try $0.int64(0), try $0.text(1)) }
        return (rows, below.count == limit ? rows.last?.name : nil)
    }
}
