// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Criteria
public import Database
public import OCI
public import SBOM
public import Time

/// The way back: from a vulnerability, a package, a digest or a base image to the images that have it.
///
/// Every answer costs as much as it is long, not as much as is stored.
public struct ReverseIndex: Sendable {
    /// A component, once for all images that have it.
    public struct Part: Sendable, Hashable {
        /// Its row.
        public let id: Int64
        /// The component, without its place in any image.
        public let component: Component
    }

    /// What advisories say about a component.
    public struct FoundPart: Sendable, Hashable {
        /// The component.
        public let part: Part
        /// The finding, before anybody's statements.
        public let finding: Finding
        /// When it was first found.
        public let since: Timestamp
    }

    /// An image and those of the components asked for that it has.
    public struct Hit: Sendable, Hashable {
        /// Row of the image.
        public let image: Int64
        /// Rows of the components, in order.
        public let parts: [Int64]
    }

    /// What the index knows of an image.
    public struct Image: Sendable, Hashable {
        /// Its row.
        public let id: Int64
        /// Where it is.
        public let repository: RepositoryName
        /// What it is.
        public let digest: Digest
        /// Its level.
        public let level: Level
        /// When it was first assessed there.
        public let since: Timestamp
    }

    /// Components that one question looks at.
    public static let maximumParts = 20_000

    private let database: Database

    /// The index of a node's database.
    public init(database: Database) { self.database = database }

    /// Components in which a vulnerability was found, by any of its names.
    ///
    /// - Parameter limit: most components.
    public func parts(named name: String, limit: Int = maximumParts) async throws -> [FoundPart] {
        try await database.read { transaction in
            var found: [FoundPart] = []
            for row in try transaction.query(
                ReverseIndexSchema.findingsOfName,
                [.text(name.uppercased()), .integer(0), .integer(limit)]
            ) {
                let id = try row.int64(0)
                guard let record = try transaction.first(ReverseIndexSchema.componentRecord, [.integer(id)]) else {
                    continue
                }
                found.append(
                    FoundPart(
                        part: Part(id: id, component: try Component(record: try record.text(0))),
                        finding: try Finding(record: try row.text(1)),
                        since: try row.time(2)
                    )
                )
            }
            return found
        }
    }

    /// Components of a package, of every version.
    ///
    /// - Parameters:
    ///   - package: a purl without version, qualifiers and subpath, see `PackageURL.package`.
    ///   - limit: most components.
    public func parts(of package: String, limit: Int = maximumParts) async throws -> [Part] {
        try await database.read { transaction in
            try transaction.query(
                ReverseIndexSchema.componentsOfPackage,
                [.text(package), .integer(0), .integer(limit)]
            ).map { row in Part(id: try row.int64(0), component: try Component(record: try row.text(1))) }
        }
    }

    /// A page of the images that have any of some components, in the order of their rows.
    public func images(with parts: [Int64], after: Int64 = 0, limit: Int) async throws -> [Hit] {
        guard limit > 0 else { return [] }
        return try await database.read { transaction in
            var hits: [Int64: [Int64]] = [:]
            // Beyond the last row of a full answer more of that component may come.
            var end = Int64.max
            for part in parts {
                let rows = try transaction.query(
                    ReverseIndexSchema.imagesOfComponent,
                    [.integer(part), .integer(after), .integer(limit)]
                )
                for row in rows {
                    let image = try row.int64(0)
                    guard image <= end else { break }
                    hits[image, default: []].append(part)
                }
                if rows.count == limit, let last = try rows.last?.int64(0) { end = min(end, last) }
            }
            return hits.filter { $0.key <= end }.sorted { $0.key < $1.key }.prefix(limit)
                .map { Hit(image: $0.key, parts: $0.value.sorted()) }
        }
    }

    /// A page of the images of a digest, in any repository.
    public func images(of digest: Digest, after: Int64 = 0, limit: Int) async throws -> [Hit] {
        try await rows(ReverseIndexSchema.imagesOfDigest, digest.columns + [.integer(after), .integer(limit)])
            .map { Hit(image: $0, parts: []) }
    }

    /// A page of the images whose lowest layers are the whole stack of an image, itself included.
    public func images(standingOn digest: Digest, after: Int64 = 0, limit: Int) async throws -> [Hit] {
        guard limit > 0 else { return [] }
        return try await database.read { transaction in
            guard let row = try transaction.first(ReverseIndexSchema.topChains, digest.columns) else { return [] }
            var found = Set<Int64>()
            var end = Int64.max
            for chain in try row.chains(0) where chain.isTop {
                for isTop in [0, 1] {
                    let rows = try transaction.query(
                        ReverseIndexSchema.imagesAbove,
                        [.blob(chain.bytes), .integer(isTop), .integer(after), .integer(limit)]
                    )
                    for row in rows { found.insert(try row.int64(0)) }
                    if rows.count == limit, let last = try rows.last?.int64(0) { end = min(end, last) }
                }
            }
            return found.filter { $0 <= end }.sorted().prefix(limit).map { Hit(image: $0, parts: []) }
        }
    }

    /// Digests of images whose whole stack is a lower part of an image's, or all of it.
    public func bases(of digest: Digest) async throws -> [Digest] {
        try await database.read { transaction in try Self.bases(of: digest, in: transaction) }
    }

    static func bases(of digest: Digest, in transaction: Transaction) throws -> [Digest] {
        guard let row = try transaction.first(ReverseIndexSchema.topChains, digest.columns) else { return [] }
        var digests: [Digest] = []
        for chain in Set(try row.chains(0).map(\.bytes)) {
            let below = try transaction.query(ReverseIndexSchema.imagesBelow, [.blob(chain), 100])
            digests += try below.compactMap { try $0.optionalDigest(0) }
        }
        return Set(digests).subtracting([digest]).sorted { $0.description < $1.description }
    }

    /// What is known of images, in the order asked; those that are gone are left out.
    public func images(_ rows: [Int64]) async throws -> [Image] {
        try await database.read { transaction in
            try rows.compactMap { id in
                guard let row = try transaction.first(ReverseIndexSchema.imageRow, [.integer(id)]),
                    let digest = try row.optionalDigest(1)
                else { return nil }
                return Image(
                    id: id,
                    repository: try RepositoryName(parsing: try row.text(0)),
                    digest: digest,
                    level: Level(rank: try row.int(3)),
                    since: try row.time(4)
                )
            }
        }
    }

    private func rows(_ statement: Statement, _ arguments: [SQLValue]) async throws -> [Int64] {
        try await database.read { transaction in try transaction.query(statement, arguments).map { try $0.int64(0) } }
    }
}
