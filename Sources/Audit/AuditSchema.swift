// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of the audit log.
public enum AuditSchema {
    /// Tables.
    public static let migrations = [
        Migration(
            id: "audit-0001-first",
            sql: [
                """
                CREATE TABLE audit_events (
                    id INTEGER PRIMARY KEY,
                    at INTEGER NOT NULL,
                    action TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    salt BLOB,
                    actor TEXT,
                    detail TEXT,
                    actor_hash BLOB NOT NULL,
                    detail_hash BLOB NOT NULL,
                    previous BLOB NOT NULL,
                    hash BLOB NOT NULL
                ) STRICT
                """,
                "CREATE INDEX audit_events_at ON audit_events (at, id)",
            ]
        ),
        Migration(
            id: "audit-0002-exports",
            sql: [
                """
                CREATE TABLE audit_exports (
                    name TEXT PRIMARY KEY,
                    cursor INTEGER NOT NULL,
                    last_error TEXT,
                    changed_at INTEGER NOT NULL
                ) STRICT
                """
            ]
        ),
    ]

    /// Every statement, for the test that explains them.
    public static let statements = [
        last, insert, page, eraseBefore, exportState, exportOldestWaiting, exportAdvance, exportFail,
    ]

    static let last = Statement("audit.last", "SELECT id, hash FROM audit_events ORDER BY id DESC LIMIT 1")

    static let insert = Statement(
        "audit.insert",
        """
        INSERT INTO audit_events (id, at, action, subject, salt, actor, detail, actor_hash, detail_hash, previous, hash)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    )

    static let page = Statement(
        "audit.page",
        """
        SELECT id, at, action, subject, salt, actor, detail, actor_hash, detail_hash, previous, hash FROM audit_events
        WHERE id > ? ORDER BY id LIMIT ?
        """
    )

    static let eraseBefore = Statement(
        "audit.eraseBefore",
        """
        UPDATE audit_events SET salt = NULL, actor = NULL, detail = NULL WHERE id IN (
            SELECT id FROM audit_events WHERE at >= ? AND at < ? AND salt IS NOT NULL ORDER BY at, id LIMIT ?)
        """
    )

    static let exportState = Statement(
        "audit.exportState",
        "SELECT cursor, last_error, changed_at FROM audit_exports WHERE name = ?"
    )

    static let exportOldestWaiting = Statement(
        "audit.exportOldestWaiting",
        "SELECT at FROM audit_events WHERE id > ? ORDER BY id LIMIT 1"
    )

    /// Never back: a forwarder that was slower than another must not undo what that one has done.
    static let exportAdvance = Statement(
        "audit.exportAdvance",
        """
        INSERT INTO audit_exports (name, cursor, last_error, changed_at) VALUES (?, ?, NULL, ?)
        ON CONFLICT (name) DO UPDATE
        SET cursor = excluded.cursor, last_error = NULL, changed_at = excluded.changed_at
        WHERE excluded.cursor >= audit_exports.cursor
        """
    )

    static let exportFail = Statement(
        "audit.exportFail",
        """
        INSERT INTO audit_exports (name, cursor, last_error, changed_at) VALUES (?, 0, ?, ?)
        ON CONFLICT (name) DO UPDATE SET last_error = excluded.last_error, changed_at = excluded.changed_at
        """
    )
}
