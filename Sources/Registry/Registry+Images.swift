// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Database
public import OCI
import Policies

/// A place in the list of all images of a namespace; what is behind it is the next page.
public struct ImagePosition: Sendable, Hashable {
    let repository: RepositoryName
    let firstSeen: Int64
    let id: Int64

    init(_ repository: RepositoryName, _ firstSeen: Int64, _ id: Int64) {
        self.repository = repository
        self.firstSeen = firstSeen
        self.id = id
    }

    /// Reads what ``text`` wrote; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "~", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let firstSeen = Int64(parts[0]), let id = Int64(parts[1]),
            let repository = try? RepositoryName(parsing: String(parts[2]))
        else { return nil }
        self.init(repository, firstSeen, id)
    }

    /// The place for whoever asks for the next page.
    public var text: String { "\(firstSeen)~\(id)~\(repository)" }
}

extension Registry {
    /// Images of a namespace, by repository and age; artefacts are none.
    ///
    /// - Returns: a page, and the place of its last image when there may be more.
    public func images(
        of namespace: Namespace,
        after: ImagePosition? = nil,
        limit: Int
    ) async throws -> (page: [(repository: RepositoryName, digest: Digest)], next: ImagePosition?) {
        let limit = min(max(limit, 1), 1_000)
        return try await database.read { t in
            var page: [(repository: RepositoryName, digest: Digest)] = []
            var last: ImagePosition?
            func take(_ name: RepositoryName, _ id: Int64, from start: (Int64, Int64)) throws {
                let values: [SQLValue] = [
                    .integer(id), .integer(ManifestKind.artefact.rawValue), .integer(start.0), .integer(start.1),
                    .integer(limit - page.count),
                ]
                for row in try t.query(SQL.imagesOfRepository, values) {
                    page.append((name, try row.digest(2)))
                    last = ImagePosition(name, try row.int64(0), try row.int64(1))
                }
            }
            var cursor = after?.repository.text
            if let after, let row = try t.first(SQL.repositoryID, [.text(after.repository.text)]) {
                try take(after.repository, try row.int64(0), from: (after.firstSeen, after.id))
            }
            repeat {
                let (repositories, next) = try Self.repositories(t, of: namespace.name, after: cursor, limit: 100)
                for (id, name) in repositories where page.count < limit {
                    try take(try RepositoryName(parsing: name), id, from: (0, 0))
                }
                cursor = next
            } while cursor != nil && page.count < limit
            return (page, page.count == limit ? last : nil)
        }
    }
}
