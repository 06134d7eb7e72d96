// SPDX-License-Identifier: EUPL-1.2

public import Accounts
public import Criteria
public import Database
import JSON
public import OCI
public import Time

/// What there is: images and products (and, put here by their room, source projects), searched by words and facets; how levels went
/// over time; who uses what; and what publishers say to a level.
///
/// Entries follow the facts by the audit log (``DirectoryIndexer``): what is pushed does not wait for the directory.
///
/// ## Topics
/// - ``search(_:for:after:limit:)``, ``entry(_:for:)``, ``work(in:limit:)``
/// - ``put(_:in:)``, ``remove(_:in:)``: for rooms that list something of theirs
/// - ``levels(of:_:limit:)``
/// - ``uses(of:after:limit:)``, ``reply(to:)``
public struct Directory: Sendable {
    /// Entries over which facets are counted; there may be more.
    public static let counted = 2_000
    /// Entries that are looked at for one page, so that somebody who may read little does not keep the node busy.
    static let lookedAt = 5_000

    let database: Database
    let accounts: Accounts
    let clock: WallClock

    /// Composes the room over a database that has ``DirectorySchema/migrations``.
    public init(database: Database, accounts: Accounts, clock: WallClock = .system) {
        self.database = database
        self.accounts = accounts
        self.clock = clock
    }

    // MARK: Search

    /// A page of what matches a question, as far as somebody may know of it.
    ///
    /// Without a question everything is listed by name; else what has the words in its name comes first, and of these what the node saw
    /// last.
    ///
    /// - Parameters:
    ///   - question: what is looked for.
    ///   - reader: who looks.
    ///   - after: ``DirectoryAnswer/next`` of the page before.
    ///   - limit: most entries, at most 500. A page can have fewer and still have a next one.
    public func search(
        _ question: DirectoryQuestion,
        for reader: DirectoryReader,
        after: DirectoryPosition? = nil,
        limit: Int = 50
    ) async throws -> DirectoryAnswer {
        let limit = min(max(limit, 1), 500)
        return try await database.read { t in
            var organisation: Int64?
            if let name = question.organisation {
                let known = name.utf8.contains(0) ? nil : try t.first(DirectorySchema.organisationByName, [.text(name)])
                guard let known else { return Self.nothing }
                organisation = try known.int64(0)
            }
            guard let queries = question.queries(organisation: organisation) else { return Self.nothing }
            let facets = after == nil ? try Self.facets(queries, question.area, reader, t) : nil
            let (entries, next) =
                queries.isEmpty
                ? try Self.byLabel(reader, after, limit, t) : try Self.matching(queries, reader, after, limit, t)
            return DirectoryAnswer(entries: entries, next: next, facets: facets)
        }
    }

    private static let nothing = DirectoryAnswer(entries: [], next: nil, facets: DirectoryFacets())

    private static func byLabel(
        _ reader: DirectoryReader,
        _ after: DirectoryPosition?,
        _ limit: Int,
        _ t: Transaction
    ) throws -> ([DirectoryEntry], DirectoryPosition?) {
        var entries: [DirectoryEntry] = []
        var place = (label: after?.label ?? "", row: after?.row ?? 0)
        var lookedAt = 0
        while lookedAt < Self.lookedAt {
            let batch = max(limit + 1 - entries.count, 100)
            let rows = try t.query(
                DirectorySchema.byLabel,
                [.text(place.label), .integer(place.row), .integer(batch)]
            )
            for row in rows {
                let entry = try DirectoryEntry(row)
                if reader.sees(entry) {
                    if entries.count == limit { return (entries, Self.position(after: entries.last)) }
                    entries.append(entry)
                }
                place = (entry.label, entry.id)
            }
            lookedAt += rows.count
            if rows.count < batch { return (entries, nil) }
        }
        return (entries, DirectoryPosition(part: 0, row: place.row, label: place.label))
    }

    private static func position(after entry: DirectoryEntry?) -> DirectoryPosition? {
        entry.map { DirectoryPosition(part: 0, row: $0.id, label: $0.label) }
    }

    private static func matching(
        _ queries: [FullTextQuery],
        _ reader: DirectoryReader,
        _ after: DirectoryPosition?,
        _ limit: Int,
        _ t: Transaction
    ) throws -> ([DirectoryEntry], DirectoryPosition?) {
        var entries: [DirectoryEntry] = []
        var last: DirectoryPosition?
        var lookedAt = 0
        let first = after?.part ?? 0
        for (part, query) in queries.enumerated() where part >= first {
            var before = part == first ? after.map(\.row) ?? .max : .max
            while true {
                let batch = max(limit + 1 - entries.count, 50)
                let rows = try t.query(
                    DirectorySchema.matching,
                    [.text(query.text), .integer(before), .integer(batch)]
                )
                for row in rows {
                    let entry = try DirectoryEntry(row)
                    if reader.sees(entry) {
                        if entries.count == limit { return (entries, last) }
                        entries.append(entry)
                        last = DirectoryPosition(part: part, row: entry.id)
                    }
                    before = entry.id
                }
                lookedAt += rows.count
                if rows.count < batch { break }
                if lookedAt >= Self.lookedAt { return (entries, DirectoryPosition(part: part, row: before)) }
            }
        }
        return (entries, nil)
    }

    private static func facets(
        _ queries: [FullTextQuery],
        _ area: Area?,
        _ reader: DirectoryReader,
        _ t: Transaction
    ) throws -> DirectoryFacets {
        var count = FacetCount(area, reader)
        var left = counted + 1
        if queries.isEmpty {
            let rows = try t.query(DirectorySchema.facetsByLabel, [.integer(left)])
            for row in rows.prefix(counted) { try count.add(row) }
            left -= rows.count
        }
        for query in queries where left > 0 {
            let rows = try t.query(
                DirectorySchema.facetsMatching,
                [.text(query.text), .integer(Int64.max), .integer(left)]
            )
            left -= rows.count
            for row in left == 0 ? rows.dropLast() : rows[...] { try count.add(row) }
        }
        var owners: [Int64: DirectoryEntry.Owner] = [:]
        for id in count.owners {
            owners[id] = try t.first(DirectorySchema.organisationByID, [.integer(id)]).map {
                DirectoryEntry.Owner(id: try $0.int64(0), name: try $0.text(1), title: try $0.text(2))
            }
        }
        return count.facets(isAtLeast: left == 0, owners: owners)
    }

    /// One entry; nil where there is none, or none that somebody may know of.
    public func entry(_ key: String, for reader: DirectoryReader) async throws -> DirectoryEntry? {
        guard !key.utf8.contains(0) else { return nil }
        let found = try await database.lookUp { t in
            try t.first(DirectorySchema.entry, [.text(key)]).map { try DirectoryEntry($0) }
        }
        return found.flatMap { reader.sees($0) ? $0 : nil }
    }

    /// Images whose publisher says that they come from a source, as far as somebody may know of them, in the order in which they were
    /// first seen.
    ///
    /// - Parameter source: where the source lies.
    public func images(
        of source: SourceAddress,
        for reader: DirectoryReader,
        after: Int64 = 0,
        limit: Int = 100
    ) async throws -> (entries: [DirectoryEntry], next: Int64?) {
        try await page(of: DirectorySchema.bySource, .text(source.text), after: after, limit: limit) {
            $0.kind == .image && reader.sees($0)
        }
    }

    /// A page of what belongs to an organisation, in the order in which it was first seen.
    public func entries(
        of organisation: Int64,
        for reader: DirectoryReader,
        after: Int64 = 0,
        limit: Int = 100
    ) async throws -> (entries: [DirectoryEntry], next: Int64?) {
        try await page(of: DirectorySchema.byOrganisation, .integer(organisation), after: after, limit: limit) {
            reader.sees($0)
        }
    }

    /// A page of a list in the order of its rows, with what is meant of it.
    private func page(
        of statement: Statement,
        _ key: SQLValue,
        after start: Int64,
        limit: Int,
        where isMeant: @escaping @Sendable (DirectoryEntry) -> Bool
    ) async throws -> (entries: [DirectoryEntry], next: Int64?) {
        let limit = min(max(limit, 1), 500)
        return try await database.read { t in
            var entries: [DirectoryEntry] = []
            var (after, lookedAt) = (start, 0)
            while lookedAt < Self.lookedAt {
                let rows = try t.query(statement, [key, .integer(after), .integer(limit + 1)])
                for row in rows {
                    let entry = try DirectoryEntry(row)
                    if isMeant(entry) {
                        if entries.count == limit { return (entries, entries.last?.id) }
                        entries.append(entry)
                    }
                    after = entry.id
                }
                lookedAt += rows.count
                if rows.count <= limit { return (entries, nil) }
            }
            return (entries, after)
        }
    }

    /// What to mend first in some namespaces: the worst finding that a newer version mends comes first, then what has no level.
    ///
    /// - Parameters:
    ///   - namespaces: names; those of whoever asks.
    ///   - reader: who asks.
    ///   - limit: most entries, at most 200.
    public func work(
        in namespaces: [String],
        for reader: DirectoryReader,
        limit: Int = 50
    ) async throws -> [DirectoryEntry] {
        let limit = min(max(limit, 1), 200)
        let found = try await database.read { t in
            try namespaces.prefix(1_000).flatMap { name in
                try t.query(DirectorySchema.byRisk, [.text(name), .integer(limit)]).map {
                    (risk: try $0.double(16), entry: try DirectoryEntry($0))
                }
            }
        }
        let open = found.filter { reader.sees($0.entry) && ($0.entry.facts.fix != nil || $0.entry.facts.steps != nil) }
        return open.sorted { left, right in
            if left.risk != right.risk { return left.risk > right.risk }
            let levels = (left.entry.level?.rank ?? -1, right.entry.level?.rank ?? -1)
            return levels.0 == levels.1 ? left.entry.label < right.entry.label : levels.0 < levels.1
        }
        .prefix(limit).map(\.entry)
    }

    // MARK: Levels over time

    /// How the level of an image went, the latest change first.
    public func levels(
        of repository: RepositoryName,
        _ digest: Digest,
        limit: Int = 100
    ) async throws -> [(at: Timestamp, level: Level)] {
        let arguments = [.text(repository.text)] + digest.columns + [.integer(min(max(limit, 1), 1_000))]
        return try await database.read { t in
            try t.query(DirectorySchema.levels, arguments).map { row in
                (try row.time(0), try DirectoryEntry.level(row, 1) ?? .none)
            }
        }
    }

    // MARK: Entries

    /// Writes an entry in the transaction of its fact, or what is known of it now.
    public static func put(_ entry: DirectoryEntry, at now: Timestamp, in t: Transaction) throws {
        let facts = entry.facts
        let record = facts.json.text(.compact)
        let values: [SQLValue] = [
            .text(entry.key), .integer(entry.kind.rawValue), .integer(entry.audience.rawValue),
            .text(entry.label), .text(entry.namespace ?? ""), .integer(entry.owner?.id ?? 0),
            .optional(entry.level?.rank), .optional(entry.areas[.security]?.rank),
            .optional(entry.areas[.maintenance]?.rank), .optional(entry.areas[.reuse]?.rank),
            .text(DirectoryEntry.text(entry.categories)), .text(DirectoryEntry.text(entry.licences)),
            .text(DirectoryEntry.text(entry.architectures)), .real(Self.risk(facts)), .text(record), .time(now),
        ]
        guard let row = try t.first(DirectorySchema.put, values) else { throw DamagedDirectory(what: "row") }
        if let source = facts.source {
            try t.execute(DirectorySchema.putSource, [.integer(row.int64(0)), .text(source)])
        } else {
            try t.execute(DirectorySchema.deleteSource, [.integer(row.int64(0))])
        }
        let words = [facts.title, facts.description, entry.owner?.title, facts.tag].compactMap { $0 }
        try DirectorySchema.texts.put(
            t,
            row: try row.int64(0),
            [
                entry.label,
                (words + entry.categories + entry.licences + entry.architectures).joined(separator: "\n"),
                FacetWord.words(of: entry),
            ]
        )
    }

    /// What can be mended comes before what cannot, also where nobody rated it.
    private static func risk(_ facts: DirectoryFacts) -> Double { facts.fix.map { max($0.risk, 0.001) } ?? 0 }

    /// Removes an entry.
    public static func remove(_ key: String, in t: Transaction) throws {
        guard let known = try t.first(DirectorySchema.entry, [.text(key)]) else { return }
        try t.execute(DirectorySchema.deleteSource, [.integer(known.int64(0))])
        guard let row = try t.first(DirectorySchema.delete, [.text(key)]) else { return }
        try DirectorySchema.texts.remove(t, row: try row.int64(0))
    }
}

extension Digest {
    /// Raw bytes and the number of the algorithm, as the registry's tables have them.
    var columns: [SQLValue] { [.blob(bytes), .integer(algorithm == .sha256 ? 1 : 2)] }
}
