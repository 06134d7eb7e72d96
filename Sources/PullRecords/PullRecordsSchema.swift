// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Table and statements of the pull records.
public enum PullRecordsSchema {
    /// Tables.
    ///
    /// `puller_kind`: 0 nobody that could be told, 1 an organisation, 2 a service account.
    public static let migrations = [
        Migration(
            id: "pulls-0001-first",
            sql: [
                """
                CREATE TABLE pulls (
                    id INTEGER PRIMARY KEY,
                    repository TEXT NOT NULL,
                    digest BLOB NOT NULL,
                    algorithm INTEGER NOT NULL,
                    puller_kind INTEGER NOT NULL,
                    puller_id INTEGER NOT NULL,
                    first_at INTEGER NOT NULL,
                    last_at INTEGER NOT NULL,
                    count INTEGER NOT NULL,
                    UNIQUE (repository, digest, algorithm, puller_kind, puller_id)
                ) STRICT
                """,
                "CREATE INDEX pulls_by_digest ON pulls (digest, algorithm)",
                "CREATE INDEX pulls_by_age ON pulls (last_at, id)",
            ]
        ),
        // One row: since when pulls are recorded without a gap.
        Migration(
            id: "pulls-0002-since",
            sql: ["CREATE TABLE pull_recording (id INTEGER PRIMARY KEY, since INTEGER NOT NULL) STRICT"]
        ),
    ]

    /// Every statement, for the test that explains them.
    public static let statements = [add, ofDigest, firstBy, last, begin, interrupt, since, expire]

    static let add = Statement(
        "pulls.add",
        """
        INSERT INTO pulls (repository, digest, algorithm, puller_kind, puller_id, first_at, last_at, count)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (repository, digest, algorithm, puller_kind, puller_id) DO UPDATE SET
            first_at = CASE WHEN excluded.first_at < pulls.first_at THEN excluded.first_at ELSE pulls.first_at END,
            last_at = CASE WHEN excluded.last_at > pulls.last_at THEN excluded.last_at ELSE pulls.last_at END,
            count = pulls.count + excluded.count
        """
    )

    static let ofDigest = Statement(
        "pulls.ofDigest",
        """
        SELECT o.name, a.name, p.first_at, p.last_at, p.count FROM pulls p
            LEFT JOIN organisations o ON p.puller_kind = 1 AND o.id = p.puller_id
            LEFT JOIN accounts a ON p.puller_kind = 2 AND a.id = p.puller_id
        WHERE p.repository = ? AND p.digest = ? AND p.algorithm = ?
        ORDER BY p.puller_kind, p.puller_id LIMIT ?
        """
    )

    static let firstBy = Statement(
        "pulls.firstBy",
        """
        SELECT first_at FROM pulls
        WHERE repository = ? AND digest = ? AND algorithm = ? AND puller_kind = ? AND puller_id = ?
        """
    )

    static let last = Statement(
        "pulls.last",
        "SELECT MAX(last_at) FROM pulls WHERE repository = ? AND digest = ? AND algorithm = ?"
    )

    static let begin = Statement(
        "pulls.begin",
        "INSERT INTO pull_recording (id, since) VALUES (1, ?) ON CONFLICT (id) DO NOTHING"
    )

    static let interrupt = Statement(
        "pulls.interrupt",
        "UPDATE pull_recording SET since = ? WHERE id = 1 AND since < ?"
    )

    static let since = Statement("pulls.since", "SELECT since FROM pull_recording WHERE id = 1")

    static let expire = Statement(
        "pulls.expire",
        "DELETE FROM pulls WHERE id IN (SELECT id FROM pulls WHERE last_at < ? ORDER BY last_at, id LIMIT ?)"
    )
}
