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
        )
    ]

    /// Every statement, for the test that explains them.
    public static let statements = [last, insert, page, eraseBefore]

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
}
