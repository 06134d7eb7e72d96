// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of one advisory snapshot: a file of its own, never part of the node's database.
///
/// The shape is that of the large scanners' databases: narrow indexed handles that a lookup touches, and the whole
/// record as JSON beside them, read only for what matched.
public enum VulnerabilitiesSchema {
    /// The migrations of a snapshot file, oldest first.
    public static let migrations: [Migration] = [
        Migration(
            id: "snapshot-0001-advisories",
            sql: [
                """
                CREATE TABLE feeds (
                    name TEXT PRIMARY KEY,
                    record TEXT NOT NULL
                ) STRICT
                """,
                """
                CREATE TABLE releases (
                    feed TEXT NOT NULL,
                    ecosystem TEXT NOT NULL,
                    release TEXT NOT NULL,
                    PRIMARY KEY (feed, ecosystem, release)
                ) STRICT
                """,
                """
                CREATE TABLE packages (
                    id INTEGER PRIMARY KEY,
                    ecosystem TEXT NOT NULL,
                    release TEXT NOT NULL,
                    name TEXT NOT NULL,
                    feed TEXT NOT NULL,
                    digest BLOB NOT NULL,
                    UNIQUE (ecosystem, release, name, feed)
                ) STRICT
                """,
                """
                CREATE TABLE advisories (
                    package INTEGER NOT NULL REFERENCES packages (id),
                    identifier TEXT NOT NULL,
                    record TEXT NOT NULL,
                    PRIMARY KEY (package, identifier)
                ) STRICT, WITHOUT ROWID
                """,
                """
                CREATE TABLE exploited (
                    identifier TEXT PRIMARY KEY,
                    record TEXT NOT NULL
                ) STRICT
                """,
                """
                CREATE TABLE scores (
                    identifier TEXT PRIMARY KEY,
                    probability REAL NOT NULL,
                    percentile REAL NOT NULL
                ) STRICT, WITHOUT ROWID
                """,
            ]
        )
    ]

    /// Every statement of this room.
    public static let statements: [Statement] = [
        insertFeed, listFeeds, insertRelease, listReleases, insertPackage, listPackages, insertAdvisory,
        advisoriesOfPackage, advisories, insertExploited, exploited, listExploited, insertScore, score, listScores,
        countAdvisories, countExploited, countScores,
    ]

    static let insertFeed = Statement("snapshot.insertFeed", "INSERT INTO feeds (name, record) VALUES (?, ?)")
    static let listFeeds = Statement("snapshot.listFeeds", "SELECT record FROM feeds ORDER BY name LIMIT 1000")
        .scans("a handful of feeds")

    static let insertRelease = Statement(
        "snapshot.insertRelease",
        "INSERT INTO releases (feed, ecosystem, release) VALUES (?, ?, ?)"
    )
    static let listReleases = Statement(
        "snapshot.listReleases",
        "SELECT feed, ecosystem, release FROM releases ORDER BY feed, ecosystem, release LIMIT 10000"
    )
    .scans("a handful of releases")

    static let insertPackage = Statement(
        "snapshot.insertPackage",
        "INSERT INTO packages (id, ecosystem, release, name, feed, digest) VALUES (?, ?, ?, ?, ?, ?)"
    )
    static let listPackages = Statement(
        "snapshot.listPackages",
        "SELECT id, ecosystem, release, name, feed, digest FROM packages WHERE id > ? ORDER BY id LIMIT ?"
    )

    static let insertAdvisory = Statement(
        "snapshot.insertAdvisory",
        "INSERT INTO advisories (package, identifier, record) VALUES (?, ?, ?)"
    )
    static let advisoriesOfPackage = Statement(
        "snapshot.advisoriesOfPackage",
        """
        SELECT a.record FROM packages p JOIN advisories a ON a.package = p.id
        WHERE p.ecosystem = ? AND p.release = ? AND p.name = ? ORDER BY p.feed, a.identifier
        """
    )
    static let advisories = Statement(
        "snapshot.advisories",
        "SELECT identifier, record FROM advisories WHERE package = ? ORDER BY identifier"
    )

    static let insertExploited = Statement(
        "snapshot.insertExploited",
        "INSERT INTO exploited (identifier, record) VALUES (?, ?)"
    )
    static let exploited = Statement("snapshot.exploited", "SELECT record FROM exploited WHERE identifier = ?")
    static let listExploited = Statement(
        "snapshot.listExploited",
        "SELECT identifier, record FROM exploited ORDER BY identifier"
    )
    .scans("an import copies what it keeps")

    static let insertScore = Statement(
        "snapshot.insertScore",
        "INSERT INTO scores (identifier, probability, percentile) VALUES (?, ?, ?)"
    )
    static let score = Statement(
        "snapshot.score",
        "SELECT probability, percentile FROM scores WHERE identifier = ?"
    )
    static let listScores = Statement(
        "snapshot.listScores",
        "SELECT identifier, probability, percentile FROM scores ORDER BY identifier"
    )
    .scans("an import copies what it keeps")

    static let countAdvisories = Statement("snapshot.countAdvisories", "SELECT count(*) FROM advisories")
        .scans("once per import, to verify what was built")
    static let countExploited = Statement("snapshot.countExploited", "SELECT count(*) FROM exploited")
        .scans("once per import, to verify what was built")
    static let countScores = Statement("snapshot.countScores", "SELECT count(*) FROM scores")
        .scans("once per import, to verify what was built")

    /// SQLite's own check of the whole file, run once when a snapshot was built.
    static let integrity = Statement("snapshot.integrity", "PRAGMA integrity_check")
}
