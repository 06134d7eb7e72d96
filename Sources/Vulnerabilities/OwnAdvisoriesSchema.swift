// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of the advisories that a node's operator wrote.
public enum OwnAdvisoriesSchema {
    /// Tables.
    public static let migrations = [
        Migration(
            id: "own-advisories-0001-first",
            sql: [
                """
                CREATE TABLE own_advisories (
                    id INTEGER PRIMARY KEY,
                    name TEXT NOT NULL,
                    tlp TEXT NOT NULL,
                    created_at INTEGER NOT NULL,
                    created_by TEXT NOT NULL,
                    expires_at INTEGER,
                    ended_at INTEGER,
                    ended_by TEXT
                ) STRICT
                """,
                "CREATE INDEX own_advisories_by_name ON own_advisories (name, id)",
                "CREATE INDEX own_advisories_by_end ON own_advisories (ended_at)",
                """
                CREATE TABLE own_advisory_records (
                    advisory INTEGER NOT NULL REFERENCES own_advisories (id),
                    position INTEGER NOT NULL,
                    record TEXT NOT NULL,
                    PRIMARY KEY (advisory, position)
                ) STRICT, WITHOUT ROWID
                """,
            ]
        )
    ]

    /// Every statement, for the test that explains them.
    public static let statements = [insert, insertRecord, end, endFormer, one, page, records, live, generation]

    private static let columns = "id, name, tlp, created_at, created_by, expires_at, ended_at, ended_by"

    static let insert = Statement(
        "ownAdvisories.insert",
        "INSERT INTO own_advisories (name, tlp, created_at, created_by, expires_at) VALUES (?, ?, ?, ?, ?) RETURNING id"
    )
    static let insertRecord = Statement(
        "ownAdvisories.insertRecord",
        "INSERT INTO own_advisory_records (advisory, position, record) VALUES (?, ?, ?)"
    )
    static let end = Statement(
        "ownAdvisories.end",
        "UPDATE own_advisories SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at IS NULL"
    )
    static let endFormer = Statement(
        "ownAdvisories.endFormer",
        "UPDATE own_advisories SET ended_at = ?, ended_by = ? WHERE name = ? AND ended_at IS NULL RETURNING id"
    )
    static let one = Statement("ownAdvisories.one", "SELECT \(columns) FROM own_advisories WHERE id = ?")
    static let page = Statement(
        "ownAdvisories.page",
        "SELECT \(columns) FROM own_advisories WHERE id > ? ORDER BY id LIMIT ?"
    )
    static let records = Statement(
        "ownAdvisories.records",
        "SELECT record FROM own_advisory_records WHERE advisory = ? ORDER BY position"
    )
    static let live = Statement(
        "ownAdvisories.live",
        """
        SELECT r.record, a.expires_at FROM own_advisories a JOIN own_advisory_records r ON r.advisory = a.id
        WHERE a.ended_at IS NULL AND (a.expires_at IS NULL OR a.expires_at > ?)
        """
    )
    .scans("an operator writes a handful, and they are kept until one comes or goes")
    static let generation = Statement(
        "ownAdvisories.generation",
        """
        SELECT (SELECT MAX(id) FROM own_advisories), (SELECT MAX(ended_at) FROM own_advisories),
            (SELECT COUNT(*) FROM (SELECT 1 FROM own_advisories WHERE ended_at IS NULL LIMIT 100000) AS live )
        """
    )
}
