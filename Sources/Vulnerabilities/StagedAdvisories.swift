// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Database
import JSON
import OCI
import Synchronization

/// The advisories of one import's file, in the order of their keys, on disk: memory does not grow with the feed.
final class StagedAdvisories: Sendable {
    /// What came in for one ecosystem.
    struct Summary: Sendable {
        let count: Int
        let digest: String
        let keys: [ReleaseKey]
    }

    private typealias SQL = StagingSchema
    private let database: ScratchDatabase

    /// Makes an empty stage in a directory that exists.
    init(directory: String) throws {
        database = try ScratchDatabase(stageIn: directory, migrations: SQL.migrations)
    }

    /// Takes advisories; the closure hands each to the function that it is given, with the base of its ecosystem.
    func fill(_ body: ((Advisory, String) throws -> Void) throws -> Void) throws {
        try database.use { transaction in
            try body { advisory, base in
                let key: [SQLValue] = [
                    .text(base), .text(advisory.ecosystem), .text(advisory.release), .text(advisory.package),
                    .text(advisory.id),
                ]
                let record = advisory.json.text()
                guard try transaction.execute(SQL.insert, key + [.text(record)]) == 0 else { return }
                // The same record twice says nothing new; two that differ leave open which one holds.
                guard try transaction.first(SQL.record, key)?.text(0) == record else {
                    throw TwoRecords(record: advisory.record)
                }
            }
        }
        try database.rest()
    }

    /// How many advisories there are of each ecosystem's base, the most first.
    func bases() throws -> [(base: String, count: Int)] {
        try database.use { transaction in
            try transaction.query(SQL.bases).map { row in (base: try row.text(0), count: try row.int(1)) }
        }
        .sorted { ($1.count, $0.base) < ($0.count, $1.base) }
    }

    /// Count, digest over the records in order, and releases of one base.
    func summary(of base: String) throws -> Summary {
        var count = 0
        var hasher = DigestHasher()
        var keys = Set<ReleaseKey>()
        try forEach(of: base) { key, _, record in
            count += 1
            hasher.update(Array(record.utf8) + [0x0A])
            keys.insert(key.release)
        }
        try database.rest()
        return Summary(count: count, digest: hasher.finalized().description, keys: keys.sorted())
    }

    /// Hands out the records of one base, ordered by ecosystem, release, package and identifier.
    func forEach(of base: String, _ body: (PackageKey, String, String) throws -> Void) throws {
        try database.use { transaction in
            try transaction.forEach(SQL.list, [.text(base)]) { row in
                let release = ReleaseKey(ecosystem: try row.text(0), release: try row.text(1))
                let key = PackageKey(release: release, name: try row.text(2))
                try body(key, try row.text(3), try row.text(4))
            }
        }
    }
}

/// Two different records of one feed about one vulnerability in one package.
struct TwoRecords: Error, CustomStringConvertible {
    let record: String

    var description: String { "it has two different records about \(record)" }
}

/// The one table of a stage.
enum StagingSchema {
    static let migrations = [
        Migration(
            id: "stage-0001-advisories",
            sql: [
                """
                CREATE TABLE staged (
                    base TEXT NOT NULL,
                    ecosystem TEXT NOT NULL,
                    release TEXT NOT NULL,
                    package TEXT NOT NULL,
                    identifier TEXT NOT NULL,
                    record TEXT NOT NULL,
                    PRIMARY KEY (base, ecosystem, release, package, identifier)
                ) STRICT, WITHOUT ROWID
                """
            ]
        )
    ]

    static let insert = Statement(
        "stage.insert",
        """
        INSERT INTO staged (base, ecosystem, release, package, identifier, record) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        """
    )
    static let record = Statement(
        "stage.record",
        "SELECT record FROM staged WHERE base = ? AND ecosystem = ? AND release = ? AND package = ? AND identifier = ?"
    )
    static let bases = Statement("stage.bases", "SELECT base, COUNT(*) FROM staged GROUP BY base ORDER BY base")
        .scans("once per import")
    static let list = Statement(
        "stage.list",
        """
        SELECT ecosystem, release, package, identifier, record FROM staged WHERE base = ?
        ORDER BY ecosystem, release, package, identifier
        """
    )
    .scans("a feed is written whole")
}

/// No rows can be staged: the node's own directory does not let itself be written.
struct StageFailure: Error {
    let underlying: any Error
}

extension ScratchDatabase {
    /// A stage beside the snapshots, under a name that the next importer sweeps.
    convenience init(stageIn directory: String, migrations: [Migration]) throws(DatabaseError) {
        let name = "building-\(String(UInt64.random(in: .min ... .max), radix: 16)).stage"
        try self.init(path: directory + "/" + name, migrations: migrations)
    }
}
