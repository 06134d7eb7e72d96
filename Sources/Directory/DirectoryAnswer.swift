// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Criteria
import Database
public import OCI
import Products

/// Who looks into the directory, and what they may know of.
public struct DirectoryReader: Sendable {
    let scope: ReadScope
    let products: ProductScope
    /// A token limits what they may read, so that each repository is decided by itself.
    let isLimited: Bool
    private let limit: [TokenScope]?
    /// Namespaces that they are members of.
    private let memberships: Set<String>
    private let seesAll: Bool

    /// Somebody, by what they may read and where they are members.
    init(_ account: Account?, scope: ReadScope, memberships: Set<String>) {
        self.scope = scope
        self.memberships = memberships
        products = ProductScope(account)
        limit = account?.limit
        isLimited = limit != nil
        seesAll = account?.nodeRole != nil
    }

    /// Whether they are a member of the namespace that something is named below, or see everything, whoever else may read there.
    public func isMember(of name: RepositoryName) -> Bool {
        let isIn = seesAll || scope.namespace(of: name).map { memberships.contains($0) } ?? false
        guard isIn, let limit else { return isIn }
        return limit.contains { $0.rights.contains(.pull) && $0.covers(name.text) }
    }

    /// Whether they may know of an entry.
    func sees(_ entry: DirectoryEntry) -> Bool {
        switch entry.audience {
        case .everybody: true
        case .readers: (try? RepositoryName(parsing: entry.name)).map { scope.reads($0) } ?? false
        case .members: (try? RepositoryName(parsing: entry.name)).map { isMember(of: $0) } ?? false
        case .organisation: entry.owner.map { products.includes(organisation: $0.id) } ?? (products == .all)
        }
    }
}

/// One page of the directory.
public struct DirectoryAnswer: Sendable {
    /// Its entries.
    public let entries: [DirectoryEntry]
    /// Where the next page begins; nil when this is the last.
    public let next: DirectoryPosition?
    /// What there is of each facet; only on the first page.
    public let facets: DirectoryFacets?
}

/// A place in the directory: opaque, `n…` by name, `0:7` in the order in which something was first seen.
public struct DirectoryPosition: Sendable, Hashable, CustomStringConvertible {
    /// Which of the queries of a question.
    let part: Int
    /// The last entry's row.
    let row: Int64
    /// The last entry's label, where everything is listed by it.
    let label: String?

    /// Reads what ``description`` writes; nil for anything else.
    public init?(parsing text: String) {
        guard text.utf8.count <= 1_000, !text.utf8.contains(0) else { return nil }
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, let part = Int(parts[0]), (0...1).contains(part), let row = Int64(parts[1]), row >= 0
        else { return nil }
        self.part = part
        self.row = row
        label = parts.count == 3 ? String(parts[2]) : nil
    }

    init(part: Int, row: Int64, label: String? = nil) {
        self.part = part
        self.row = row
        self.label = label
    }

    /// As text for an address.
    public var description: String { "\(part):\(row)" + (label.map { ":" + $0 } ?? "") }
}

/// How many of what matches have which value of a facet.
public struct DirectoryFacets: Sendable {
    /// A value with how many have it.
    public struct Value: Sendable, Hashable {
        /// The value.
        public let name: String
        /// What people call it.
        public let title: String
        /// How many have it.
        public let count: Int

        /// A value with its number.
        public init(name: String, title: String, count: Int) {
            self.name = name
            self.title = title
            self.count = count
        }
    }

    /// Most values of a facet that are told.
    public static let longestList = 30

    /// How many match, as far as was counted.
    public internal(set) var total = 0
    /// There are more, so that every number is "at least".
    public internal(set) var isAtLeast = false
    /// By what they are.
    public internal(set) var kinds: [Value] = []
    /// By the level that they at least have, `none` by itself; of the area that was asked for.
    public internal(set) var levels: [Value] = []
    /// By category.
    public internal(set) var categories: [Value] = []
    /// By licence.
    public internal(set) var licences: [Value] = []
    /// By organisation.
    public internal(set) var organisations: [Value] = []
    /// By architecture.
    public internal(set) var architectures: [Value] = []

    /// Nothing that matches.
    public init() {}
}

/// Counts facets over rows.
struct FacetCount: Sendable {
    private(set) var total = 0
    private var kinds: [Int64: Int] = [:]
    private var levels: [Int64: Int] = [:]
    private var organisations: [Int64: Int] = [:]
    private var categories: [String: Int] = [:]
    private var licences: [String: Int] = [:]
    private var architectures: [String: Int] = [:]
    private let levelColumn: Int
    private let reader: DirectoryReader
    /// What may be read by the first names of repositories: most are neighbours.
    private var readable: [String: Bool] = [:]

    init(_ area: Area?, _ reader: DirectoryReader) {
        levelColumn =
            switch area {
            case nil: 5
            case .security: 6
            case .maintenance: 7
            case .reuse: 8
            }
        self.reader = reader
    }

    /// Counts a row of ``DirectorySchema`` facets.
    mutating func add(_ row: Row) throws {
        guard try sees(row) else { return }
        total += 1
        kinds[try row.int64(2), default: 0] += 1
        if let level = try row.optionalInt64(levelColumn) { levels[level, default: 0] += 1 }
        let organisation = try row.int64(4)
        if organisation != 0 { organisations[organisation, default: 0] += 1 }
        Self.count(try row.text(9), in: &categories)
        Self.count(try row.text(10), in: &licences)
        Self.count(try row.text(11), in: &architectures)
    }

    private static func count(_ text: String, in values: inout [String: Int]) {
        guard !text.isEmpty else { return }
        guard text.utf8.contains(UInt8(ascii: "\n")) else {
            values[text, default: 0] += 1
            return
        }
        for value in DirectoryEntry.list(text) { values[value, default: 0] += 1 }
    }

    private mutating func sees(_ row: Row) throws -> Bool {
        switch DirectoryEntry.Audience(rawValue: try row.int64(3)) {
        case .everybody: return true
        case .organisation:
            let organisation = try row.int64(4)
            return organisation == 0 ? reader.products == .all : reader.products.includes(organisation: organisation)
        case .readers:
            guard let repository = try? RepositoryName(parsing: String(try row.text(1).drop { $0 != ":" }.dropFirst()))
            else { return false }
            // What a token is limited to is decided for each repository; else its namespace decides.
            guard !reader.isLimited, let end = repository.text.lastIndex(of: "/") else {
                return reader.scope.reads(repository)
            }
            let folder = String(repository.text[..<end])
            guard folder.utf8.count(where: { $0 == UInt8(ascii: "/") }) < Namespace.maximumComponents - 1 else {
                return reader.scope.reads(repository)
            }
            // A namespace can be called as its only repository is.
            if reader.scope.namespace(of: repository) == repository.text { return reader.scope.reads(repository) }
            if let known = readable[folder] { return known }
            let may = reader.scope.reads(repository)
            readable[folder] = may
            return may
        case .members:
            let name = String(try row.text(1).drop { $0 != ":" }.dropFirst())
            return (try? RepositoryName(parsing: name)).map { reader.isMember(of: $0) } ?? false
        case nil: return false
        }
    }

    /// The counts, with what organisations are called.
    func facets(isAtLeast: Bool, owners: [Int64: DirectoryEntry.Owner]) -> DirectoryFacets {
        var facets = DirectoryFacets()
        facets.total = total
        facets.isAtLeast = isAtLeast
        facets.kinds = DirectoryEntry.Kind.allCases.compactMap { kind in
            kinds[kind.rawValue].map { .init(name: kind.word, title: kind.word, count: $0) }
        }
        facets.levels = Level.allCases.compactMap { level in
            let count =
                level == .none
                ? levels[0] ?? 0 : levels.filter { $0.key >= Int64(level.rank) }.values.reduce(0, +)
            return count == 0 ? nil : .init(name: level.rawValue, title: level.rawValue, count: count)
        }
        facets.organisations = Self.longest(
            organisations.compactMap { id, count in
                owners[id].map { .init(name: $0.name, title: $0.title, count: count) }
            }
        )
        facets.categories = Self.longest(categories.map { .init(name: $0, title: $0, count: $1) })
        facets.licences = Self.longest(licences.map { .init(name: $0, title: $0, count: $1) })
        facets.architectures = Self.longest(architectures.map { .init(name: $0, title: $0, count: $1) })
        return facets
    }

    /// How many have exactly which level.
    var reached: [Level: Int] {
        var reached: [Level: Int] = [:]
        for (rank, count) in levels {
            reached[Level.allCases.first { Int64($0.rank) == rank } ?? .none, default: 0] += count
        }
        return reached
    }

    /// Organisations that were counted, most first, as far as they are told.
    var owners: [Int64] {
        organisations.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(DirectoryFacets.longestList).map(\.key)
    }

    private static func longest(_ values: [DirectoryFacets.Value]) -> [DirectoryFacets.Value] {
        Array(
            values.sorted { ($1.count, $0.title) < ($0.count, $1.title) }.prefix(DirectoryFacets.longestList)
        )
    }
}
