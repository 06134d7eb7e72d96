// SPDX-License-Identifier: EUPL-1.2

public import Criteria
import Database
public import Directory
import JSON
public import ProjectCriteria
public import Time

/// A source project that somebody registered at this node.
public struct RegisteredProject: Sendable, Hashable {
    /// Who may know of a project.
    public enum Visibility: Int64, Sendable, Hashable, CaseIterable {
        /// Members of its namespace, operators and auditors.
        case members = 0
        /// Everybody who may see the node's pages.
        case everybody = 1

        /// As it is written.
        public var word: String {
            switch self {
            case .members: "members"
            case .everybody: "public"
            }
        }

        /// Reads ``word``.
        public init?(word: String) {
            guard let found = Self.allCases.first(where: { $0.word == word }) else { return nil }
            self = found
        }
    }

    /// Where its checks stand.
    public struct Checks: Sendable, Hashable {
        /// When it was last read whole; nil while it never was.
        public let checkedAt: Timestamp?
        /// Why the last check came to nothing; nil when it did not.
        public let failure: String?
        /// Since when each check has come to nothing; nil when the last one did not.
        public let failingSince: Timestamp?
        /// When the next one is due at the latest.
        public let nextAt: Timestamp
    }

    /// Row, and its number in addresses.
    public let id: Int64
    /// What it is called: `team/app`, below its namespace.
    public let name: String
    /// What people call it.
    public let title: String
    /// Where its repository is read from.
    public let url: String
    /// ``url`` in the one form by which it is found: without `.git` at its end.
    public let address: String
    /// Name of its namespace.
    public let namespace: String
    /// The organisation that the namespace belongs to.
    public let organisation: DirectoryEntry.Owner
    /// Who may know of it.
    public let visibility: Visibility
    /// Whether its forge is asked with a token.
    public let hasForgeToken: Bool
    /// When it was registered.
    public let registeredAt: Timestamp
    /// By which account.
    public let registeredBy: String
    /// Where its checks stand.
    public let checks: Checks
    /// Levels by the name of the catalogue; empty before the first check.
    public let levels: [String: Level]

    /// The level under Kontor's own catalogue; nil before the first check.
    public var level: Level? { levels[ProjectCatalogue.names[0]] }

    /// Key of its entry in the directory.
    public var key: String { DirectoryEntry.key(.project, name) }

    /// From the columns of ``ProjectRegisterSchema/columns``.
    init(_ row: Row) throws {
        guard let visibility = Visibility(rawValue: try row.int64(7)) else {
            throw DamagedProjectRegister(what: "visibility")
        }
        id = try row.int64(0)
        name = try row.text(1)
        title = try row.text(2)
        url = try row.text(3)
        address = try row.text(4)
        namespace = try row.text(5)
        organisation = DirectoryEntry.Owner(
            id: try row.int64(6),
            name: try row.optionalText(16) ?? "",
            title: try row.optionalText(17) ?? ""
        )
        self.visibility = visibility
        hasForgeToken = try row.bool(8)
        registeredAt = try row.time(9)
        registeredBy = try row.text(10)
        checks = Checks(
            checkedAt: try row.optionalTime(11),
            failure: try row.optionalText(12),
            failingSince: try row.optionalTime(13),
            nextAt: try row.time(14)
        )
        levels = try Self.levels(row.text(15))
    }

    /// `opencode:silver projects-2026.1:bronze`, as ``text(of:)`` writes it.
    static func levels(_ text: String) throws -> [String: Level] {
        var levels: [String: Level] = [:]
        for part in text.split(separator: " ") {
            let pair = part.split(separator: ":", omittingEmptySubsequences: false)
            guard pair.count == 2, let level = Level(rawValue: String(pair[1])) else {
                throw DamagedProjectRegister(what: "level")
            }
            levels[String(pair[0])] = level
        }
        return levels
    }

    static func text(of levels: [String: Level]) -> String {
        levels.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.rawValue)" }.joined(separator: " ")
    }
}

/// A verdict as it was stored: bytes to serve, and what lists and badges need without reading them.
public struct StoredProjectVerdict: Sendable, Hashable {
    /// The project's row.
    public let project: Int64
    /// Name of the catalogue.
    public let catalogue: String
    /// The project's level.
    public let level: Level
    /// Levels of the badges, in the order of the catalogue.
    public let badges: [(id: String, level: Level)]
    /// Since when every result is what it is: the first evaluation that came to them.
    public let since: Timestamp
    /// The last evaluation that came to the same results.
    public let checkedAt: Timestamp
    /// Why the project could not be assessed; nil when it was.
    ///
    /// Every criterion is unknown then.
    public let failure: String?
    /// Findings of the verdict; the document holds at most ``ProjectRegister/keptFindings``.
    public let findings: Int
    /// The verdict's JSON, compact: of ``since`` in the history, else of ``checkedAt``.
    public let json: [UInt8]

    /// The verdict as a value.
    public func verdict() throws -> ProjectVerdict {
        try ProjectVerdict(json: JSONValue(parsing: json, limits: JSONLimits(bytes: 64 << 20, values: .max)))
    }

    /// What was stored is equal where the bytes are.
    public static func == (left: Self, right: Self) -> Bool {
        left.project == right.project && left.catalogue == right.catalogue && left.since == right.since
            && left.checkedAt == right.checkedAt && left.json == right.json
    }

    /// By what tells one from another.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(project)
        hasher.combine(catalogue)
        hasher.combine(since)
    }

    /// From the columns of ``ProjectRegisterSchema/verdictColumns``.
    init(_ row: Row) throws {
        project = try row.int64(0)
        catalogue = try row.text(1)
        guard let level = Level(rawValue: try row.text(2)) else { throw DamagedProjectRegister(what: "level") }
        self.level = level
        badges = try row.text(3).split(separator: " ").map { part in
            let pair = part.split(separator: ":", omittingEmptySubsequences: false)
            guard pair.count == 2, let level = Level(rawValue: String(pair[1])) else {
                throw DamagedProjectRegister(what: "level of a badge")
            }
            return (String(pair[0]), level)
        }
        since = try row.time(4)
        checkedAt = try row.time(5)
        failure = try row.optionalText(6)
        findings = try row.int(7)
        json = Array(try row.text(8).utf8)
    }
}

/// One line of a project's history, without its document.
public struct ProjectHistoryLine: Sendable, Hashable {
    /// Name of the catalogue.
    public let catalogue: String
    /// Since when.
    public let since: Timestamp
    /// The last evaluation that came to the same results.
    public let checkedAt: Timestamp
    /// The project's level.
    public let level: Level
    /// Why the project could not be assessed; nil when it was.
    public let failure: String?

    init(_ row: Row) throws {
        catalogue = try row.text(0)
        since = try row.time(1)
        checkedAt = try row.time(2)
        guard let level = Level(rawValue: try row.text(3)) else { throw DamagedProjectRegister(what: "level") }
        self.level = level
        failure = try row.optionalText(4)
    }
}

/// A row holds what this program never writes.
struct DamagedProjectRegister: Error, CustomStringConvertible {
    let what: String
    var description: String {
        "a row of the register of projects holds an unknown \(what); was the database written by a later version, or damaged?"
    }
}
