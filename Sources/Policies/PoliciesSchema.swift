// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of the policies.
///
/// `namespace_id` is the row id of a namespace in the room Accounts; no foreign key, because a policy's history outlives its namespace.
public enum PoliciesSchema {
    /// Tables.
    public static let migrations = [
        Migration(
            id: "policies-0001-first",
            sql: [
                """
                CREATE TABLE policies (
                    namespace_id INTEGER NOT NULL,
                    revision INTEGER NOT NULL,
                    body TEXT NOT NULL,
                    reason TEXT NOT NULL,
                    created_at INTEGER NOT NULL,
                    created_by TEXT NOT NULL,
                    PRIMARY KEY (namespace_id, revision)
                ) STRICT
                """,
                """
                CREATE TABLE namespace_usage (
                    namespace_id INTEGER PRIMARY KEY,
                    used INTEGER NOT NULL CHECK (used >= 0),
                    reserved INTEGER NOT NULL CHECK (reserved >= 0)
                ) STRICT
                """,
            ]
        )
    ]

    /// Every statement, for the test that explains them.
    public static let statements = [current, currentRevision, insert, history, usage, changeUsage, setUsage, counted]

    static let current = Statement(
        "policies.current",
        "SELECT revision, body FROM policies WHERE namespace_id = ? ORDER BY revision DESC LIMIT 1"
    )

    static let currentRevision = Statement(
        "policies.currentRevision",
        "SELECT revision FROM policies WHERE namespace_id = ? ORDER BY revision DESC LIMIT 1"
    )

    static let insert = Statement(
        "policies.insert",
        """
        INSERT INTO policies (namespace_id, revision, body, reason, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (namespace_id, revision) DO NOTHING
        """
    )

    static let history = Statement(
        "policies.history",
        """
        SELECT revision, body, reason, created_at, created_by FROM policies
        WHERE namespace_id = ? AND revision < ? ORDER BY revision DESC LIMIT ?
        """
    )

    static let usage = Statement(
        "policies.usage",
        "SELECT used, reserved FROM namespace_usage WHERE namespace_id = ?"
    )

    static let counted = Statement(
        "policies.counted",
        "SELECT namespace_id FROM namespace_usage WHERE namespace_id > ? ORDER BY namespace_id LIMIT ?"
    )

    static let changeUsage = Statement(
        "policies.changeUsage",
        "UPDATE namespace_usage SET used = ?, reserved = ? WHERE namespace_id = ? AND used = ? AND reserved = ?"
    )

    static let setUsage = Statement(
        "policies.setUsage",
        """
        INSERT INTO namespace_usage (namespace_id, used, reserved) VALUES (?, ?, ?)
        ON CONFLICT (namespace_id) DO UPDATE SET used = excluded.used, reserved = excluded.reserved
        """
    )
}
