// SPDX-License-Identifier: EUPL-1.2

public import Criteria
import Database
public import OCI

/// Something that the directory lists.
public struct DirectoryEntry: Sendable, Hashable {
    /// What something is.
    public enum Kind: Int64, Sendable, Hashable, CaseIterable {
        case image = 0
        case product = 1
        case project = 2

        /// As it is written.
        public var word: String {
            switch self {
            case .image: "image"
            case .product: "product"
            case .project: "project"
            }
        }

        /// Reads ``word``.
        public init?(word: String) {
            guard let kind = Self.allCases.first(where: { $0.word == word }) else { return nil }
            self = kind
        }
    }

    /// Who may know of it.
    public enum Audience: Int64, Sendable, Hashable {
        /// Everybody who may see the node's pages.
        case everybody = 0
        /// Whoever may read the repository that it is called after.
        case readers = 1
        /// The organisation that it belongs to, and who sees everything.
        case organisation = 2
        /// Members of the namespace that it lies in, and who sees everything.
        case members = 3
    }

    /// Whose it is.
    public struct Owner: Sendable, Hashable {
        /// Row.
        public let id: Int64
        /// Name in addresses; empty where the organisation is gone.
        public let name: String
        /// Name for people.
        public let title: String

        /// Names an organisation.
        public init(id: Int64, name: String, title: String) {
            self.id = id
            self.name = name
            self.title = title
        }
    }

    /// Row; 0 before it is stored.
    public let id: Int64
    /// What it is.
    public let kind: Kind
    /// What it is called where it comes from: a repository, the number of a product, the name of a project.
    public let name: String
    /// Who may know of it.
    public let audience: Audience
    /// What people call it, and what lists are ordered by.
    public let label: String
    /// The namespace that it lies in; nil for none.
    public let namespace: String?
    /// The organisation that it belongs to; nil for none.
    public let owner: Owner?
    /// Its level; nil while nobody knows.
    public let level: Level?
    /// The level of each area.
    public let areas: [Area: Level]
    /// What it is for, in its publisher's words.
    public let categories: [String]
    /// Licences that it declares.
    public let licences: [String]
    /// What it runs on, in Go's words.
    public let architectures: [String]
    /// What a list shows beside that.
    public let facts: DirectoryFacts

    /// What ties it to what it is about: `image:team/app`.
    public var key: String { Self.key(kind, name) }

    /// The repository of an image.
    public var repository: RepositoryName? { kind == .image ? try? RepositoryName(parsing: name) : nil }

    /// A key of its parts.
    public static func key(_ kind: Kind, _ name: String) -> String { kind.word + ":" + name }

    /// Makes an entry.
    public init(
        id: Int64 = 0,
        kind: Kind,
        name: String,
        audience: Audience,
        label: String,
        namespace: String? = nil,
        owner: Owner? = nil,
        level: Level? = nil,
        areas: [Area: Level] = [:],
        categories: [String] = [],
        licences: [String] = [],
        architectures: [String] = [],
        facts: DirectoryFacts = DirectoryFacts()
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.audience = audience
        self.label = label
        self.namespace = namespace
        self.owner = owner
        self.level = level
        self.areas = areas
        self.categories = categories
        self.licences = licences
        self.architectures = architectures
        self.facts = facts
    }
}

extension DirectoryEntry {
    /// An entry of the columns of ``DirectorySchema/columns``.
    init(_ row: Row) throws {
        let key = try row.text(1)
        guard let kind = Kind(rawValue: try row.int64(2)), let audience = Audience(rawValue: try row.int64(3)),
            key.hasPrefix(kind.word + ":")
        else { throw DamagedDirectory(what: "entry \(key)") }
        let organisation = try row.int64(6)
        let levels: [(Area, Level?)] = [
            (.security, try Self.level(row, 10)), (.maintenance, try Self.level(row, 11)),
            (.reuse, try Self.level(row, 12)),
        ]
        self.init(
            id: try row.int64(0),
            kind: kind,
            name: String(key.dropFirst(kind.word.utf8.count + 1)),
            audience: audience,
            label: try row.text(4),
            namespace: try Optional(row.text(5)).flatMap { $0.isEmpty ? nil : $0 },
            owner: try organisation == 0
                ? nil
                : Owner(
                    id: organisation,
                    name: row.optionalText(7) ?? "",
                    title: row.optionalText(8) ?? ""
                ),
            level: try Self.level(row, 9),
            areas: Dictionary(uniqueKeysWithValues: levels.compactMap { pair in pair.1.map { (pair.0, $0) } }),
            categories: Self.list(try row.text(13)),
            licences: Self.list(try row.text(14)),
            architectures: Self.list(try row.text(15)),
            facts: try DirectoryFacts(record: try row.text(17))
        )
    }

    static func level(_ row: Row, _ column: Int) throws -> Level? {
        try row.optionalInt(column).map { rank in Level.allCases.first { $0.rank == rank } ?? .none }
    }

    /// Values of one column: none has a line break.
    static func list(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    static func text(_ list: [String]) -> String {
        list.map { $0.filter { $0 != "\n" && $0 != "\0" } }.joined(separator: "\n")
    }
}

/// A row holds what this program never writes.
struct DamagedDirectory: Error, CustomStringConvertible {
    let what: String
    var description: String {
        "a row of the directory holds an unknown \(what); was the database written by a later version, or damaged?"
    }
}
