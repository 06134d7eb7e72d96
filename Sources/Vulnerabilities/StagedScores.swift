// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Database
import OCI

/// The predictions of one import's file, in the order of their identifiers, on disk: memory does not grow with the feed.
final class StagedScores: Sendable {
    private typealias SQL = ScoreStagingSchema
    private let database: ScratchDatabase

    /// Makes an empty stage in a directory that exists.
    init(directory: String) throws {
        let name = "building-\(String(UInt64.random(in: .min ... .max), radix: 16)).stage"
        database = try ScratchDatabase(path: directory + "/" + name, migrations: SQL.migrations)
    }

    /// Takes predictions; the closure hands each to the function that it is given, which says whether the identifier is new.
    func fill<T>(_ body: ((String, EPSSScore) throws -> Bool) throws -> T) throws -> T {
        try database.use { transaction in
            try body { identifier, score in
                try transaction.execute(
                    SQL.insert,
                    [.text(identifier), .real(score.probability), .real(score.percentile)]
                ) == 1
            }
        }
    }

    /// Hands out the predictions in the order of their identifiers.
    func read(_ body: (String, EPSSScore) throws -> Void) throws {
        try database.use { transaction in
            try transaction.forEach(SQL.list) { row in
                try body(try row.text(0), EPSSScore(probability: try row.double(1), percentile: try row.double(2)))
            }
        }
    }

    /// Digest over the predictions in order.
    func digest() throws -> String {
        var hasher = DigestHasher()
        try read { identifier, score in
            hasher.update(Array("\(identifier) \(score.probability) \(score.percentile)\n".utf8))
        }
        return hasher.finalized().description
    }
}

/// The one table of a stage of predictions.
enum ScoreStagingSchema {
    static let migrations = [
        Migration(
            id: "stage-0001-scores",
            sql: [
                """
                CREATE TABLE staged_scores (
                    identifier TEXT PRIMARY KEY,
                    probability REAL NOT NULL,
                    percentile REAL NOT NULL
                ) STRICT, WITHOUT ROWID
                """
            ]
        )
    ]

    static let insert = Statement(
        "stage.insertScore",
        "INSERT INTO staged_scores (identifier, probability, percentile) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
    )
    static let list = Statement(
        "stage.listScores",
        "SELECT identifier, probability, percentile FROM staged_scores ORDER BY identifier"
    )
    .scans("a feed is written whole")
}
