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
        /// Where it is.
        public let repository: String
        /// Rows of the components, in order.
        public internal(set) var parts: [Int64]
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
    ///
    /// - Parameter isBatch: whether more than `limit` are welcome: all that were read for the page, which whoever reads on would read again.
    public func images(
        with parts: [Int64],
        after: Int64 = 0,
        limit: Int,
        isBatch: Bool = false
    ) async throws -> [Hit] {
        try await hits(limit, isBatch: isBatch) { transaction, merge in
            for part in parts {
                try merge(part) { end in
                    let arguments: [SQLValue] = [.integer(part), .integer(after), .integer(end), .integer(limit)]
                    return try transaction.query(ReverseIndexSchema.imagesOfComponent, arguments)
                }
            }
        }
    }

    /// A page of the images of a digest, in any repository.
    public func images(of digest: Digest, after: Int64 = 0, limit: Int) async throws -> [Hit] {
        try await hits(limit) { transaction, merge in
            let arguments = digest.columns + [.integer(after), .integer(limit)]
            try merge(nil) { _ in try transaction.query(ReverseIndexSchema.imagesOfDigest, arguments) }
        }
    }

    /// A page of the images whose lowest layers are the whole stack of an image, itself included.
    public func images(standingOn digest: Digest, after: Int64 = 0, limit: Int) async throws -> [Hit] {
        try await hits(limit) { transaction, merge in
            guard let row = try transaction.first(ReverseIndexSchema.topChains, digest.columns) else { return }
            for chain in try row.chains(0) where chain.isTop {
                for isTop in [0, 1] {
                    let arguments: [SQLValue] = [
                        .blob(chain.bytes), .integer(isTop), .integer(after), .integer(limit),
                    ]
                    try merge(nil) { _ in try transaction.query(ReverseIndexSchema.imagesAbove, arguments) }
                }
            }
        }
    }

    /// A page of the images that have any of some lists of files.
    public func images(
        withFiles lists: [Int64],
        after: Int64 = 0,
        limit: Int,
        isBatch: Bool = false
    ) async throws -> [Hit] {
        try await hits(limit, isBatch: isBatch) { transaction, merge in
            for list in lists {
                try merge(list) { end in
                    let arguments: [SQLValue] = [.integer(list), .integer(after), .integer(end), .integer(limit)]
                    return try transaction.query(FileIndexSchema.imagesOfList, arguments)
                }
            }
        }
    }

    /// A page of the images whose files are not all listed, in the order of their rows.
    public func unlistedImages(after: Int64 = 0, limit: Int) async throws -> [Hit] {
        try await hits(limit) { transaction, merge in
            let arguments: [SQLValue] = [.integer(after), .integer(limit)]
            try merge(nil) { _ in try transaction.query(FileIndexSchema.unlistedImages, arguments) }
        }
    }

    /// Hands over the rows (image, repository) of one statement, with the component that they have; they need not go beyond an image.
    private typealias Merge = (_ part: Int64?, _ rows: (_ end: Int64) throws -> [Row]) throws -> Void

    /// Merges the pages of several statements, each in the order of the images' rows.
    private func hits(
        _ limit: Int,
        isBatch: Bool = false,
        _ fill: @escaping @Sendable (Transaction, Merge) throws -> Void
    ) async throws -> [Hit] {
        guard limit > 0 else { return [] }
        return try await database.read { transaction in
            var hits: [Int64: Hit] = [:]
            // Beyond the last row of a full page more of that statement may come.
            var end = Int64.max
            try fill(transaction) { part, read in
                let rows = try read(end)
                for row in rows {
                    let image = try row.int64(0)
                    guard image <= end else { break }
                    if hits[image] == nil { hits[image] = Hit(image: image, repository: try row.text(1), parts: []) }
                    if let part { hits[image]?.parts.append(part) }
                }
                if rows.count == limit, let last = try rows.last?.int64(0) { end = min(end, last) }
            }
            let ordered = hits.values.filter { $0.image <= end }.sorted { $0.image < $1.image }
            return isBatch ? ordered : Array(ordered.prefix(limit))
        }
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

    /// Components by their rows, in the order asked; those that are gone are left out.
    public func components(_ rows: [Int64]) async throws -> [Part] {
        var parts: [Part] = []
        var rest = rows[...]
        while !rest.isEmpty {
            let portion = Array(rest.prefix(1_000))
            rest = rest.dropFirst(1_000)
            // In portions, so that no read holds the database for long.
            parts += try await database.read { transaction in
                try portion.compactMap { id in
                    try transaction.first(ReverseIndexSchema.componentRecord, [.integer(id)]).map { row in
                        Part(id: id, component: try Component(record: try row.text(0)))
                    }
                }
            }
        }
        return parts
    }

    /// A page of what advisories say about some components, ordered by vulnerability, then component; before anybody's statements.
    public func findings(
        in components: [Int64],
        after: FindingCursor? = nil,
        limit: Int
    ) async throws -> [ListedFinding] {
        try await database.read { transaction in
            try AssessmentService.findings(in: components, after: after, limit: max(limit, 0), transaction)
        }
    }
}
