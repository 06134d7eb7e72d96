// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of releases.
public enum ReleasesSchema {
    /// The migrations, oldest first; they come after those of the registry and of the log.
    public static let migrations: [Migration] = [
        Migration(
            id: "releases-0001",
            sql: [
                // One row for each time that somebody released something; the newest of a tag is what it stands for. state: 0 pending,
                // 1 signed, 2 failed. reference: what the signatures say, fixed before the first is made. digest: SHA-256.
                """
                CREATE TABLE releases (
                    id INTEGER PRIMARY KEY,
                    repository TEXT NOT NULL,
                    tag TEXT NOT NULL,
                    digest BLOB NOT NULL,
                    reference TEXT NOT NULL,
                    is_logged INTEGER NOT NULL,
                    state INTEGER NOT NULL,
                    problem TEXT,
                    requested_at INTEGER NOT NULL,
                    requested_by TEXT NOT NULL,
                    ended_at INTEGER
                ) STRICT
                """,
                "CREATE INDEX releases_by_repository ON releases (repository, id)",
                "CREATE INDEX releases_by_tag ON releases (repository, tag, id)",
                // What was signed, byte by byte: whoever goes on after a crash signs nothing twice. form: 0 cosign, 1 bundle, 2 OpenPGP.
                // log_entry: row of the log that waits or is in it. document: what is given out, once all of it is there.
                """
                CREATE TABLE release_signatures (
                    id INTEGER PRIMARY KEY,
                    release_id INTEGER NOT NULL REFERENCES releases (id),
                    digest BLOB NOT NULL,
                    form INTEGER NOT NULL,
                    payload BLOB NOT NULL,
                    signature BLOB NOT NULL,
                    public_key BLOB NOT NULL,
                    log_entry INTEGER,
                    log_index INTEGER,
                    document BLOB,
                    UNIQUE (release_id, digest, form)
                ) STRICT
                """,
                "CREATE INDEX release_signatures_by_digest ON release_signatures (digest, form, id)",
            ]
        )
    ]

    /// Every statement of this room.
    public static let statements = [
        insert, one, newest, page, note, end, replace, insertSignature, signature, signatures, seal, given, isLogged,
    ]

    static let columns =
        "id, repository, tag, digest, reference, is_logged, state, problem, requested_at, requested_by, ended_at"

    static let insert = Statement(
        "releases.insert",
        """
        INSERT INTO releases (repository, tag, digest, reference, is_logged, state, requested_at, requested_by)
        VALUES (?, ?, ?, ?, ?, 0, ?, ?) RETURNING \(columns)
        """
    )

    static let one = Statement("releases.one", "SELECT \(columns) FROM releases WHERE id = ?")

    static let newest = Statement(
        "releases.newest",
        "SELECT \(columns) FROM releases WHERE repository = ? AND tag = ? ORDER BY id DESC LIMIT 1"
    )

    static let page = Statement(
        "releases.page",
        "SELECT \(columns) FROM releases WHERE repository = ? AND id < ? ORDER BY id DESC LIMIT ?"
    )

    static let note = Statement("releases.note", "UPDATE releases SET problem = ? WHERE id = ? AND state = 0")

    static let end = Statement(
        "releases.end",
        "UPDATE releases SET state = ?, problem = ?, ended_at = ? WHERE id = ? AND state = 0"
    )

    static let replace = Statement(
        "releases.replace",
        "UPDATE releases SET state = 2, problem = ?, ended_at = ? WHERE id = ? AND state = 0"
    )

    static let signatureColumns =
        "s.id, s.digest, s.form, s.payload, s.signature, s.public_key, s.log_entry, s.log_index, s.document"

    static let insertSignature = Statement(
        "releases.insertSignature",
        """
        INSERT INTO release_signatures (release_id, digest, form, payload, signature, public_key, log_entry, document)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    )

    static let signature = Statement(
        "releases.signature",
        "SELECT \(signatureColumns) FROM release_signatures s WHERE s.release_id = ? AND s.digest = ? AND s.form = ?"
    )

    static let signatures = Statement(
        "releases.signatures",
        """
        SELECT \(signatureColumns) FROM release_signatures s WHERE s.release_id = ? AND s.digest >= ?
        ORDER BY s.release_id, s.digest, s.form LIMIT ?
        """
    )

    static let seal = Statement(
        "releases.seal",
        "UPDATE release_signatures SET log_index = ?, document = ? WHERE id = ? AND document IS NULL"
    )

    /// Documents of one form about an image, the newest first, of releases that were finished.
    static let given = Statement(
        "releases.given",
        """
        SELECT s.document FROM release_signatures s JOIN releases r ON r.id = s.release_id
        WHERE s.digest = ? AND s.form = ? AND r.repository = ? AND r.state = 1 AND s.document IS NOT NULL
        ORDER BY s.id DESC LIMIT ?
        """
    )

    static let isLogged = Statement(
        "releases.isLogged",
        """
        SELECT r.is_logged FROM release_signatures s JOIN releases r ON r.id = s.release_id
        WHERE s.digest = ? AND s.form = ? AND r.repository = ? AND r.state = 1 ORDER BY s.id DESC LIMIT 1
        """
    )
}
