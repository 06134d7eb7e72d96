// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of the log.
public enum LogSchema {
    /// Tables.
    public static let migrations = [
        Migration(
            id: "log-0001-first",
            sql: [
                """
                CREATE TABLE log_state (
                    id INTEGER PRIMARY KEY,
                    origin TEXT NOT NULL,
                    next_index INTEGER NOT NULL,
                    size INTEGER NOT NULL,
                    root BLOB NOT NULL,
                    published_size INTEGER NOT NULL,
                    published_at INTEGER NOT NULL,
                    note BLOB,
                    frozen_reason TEXT,
                    frozen_detail TEXT,
                    lease_token INTEGER NOT NULL,
                    lease_until INTEGER NOT NULL,
                    CHECK (id = 1)
                ) STRICT
                """,
                """
                CREATE TABLE log_entries (
                    id INTEGER PRIMARY KEY,
                    kind TEXT NOT NULL,
                    namespace TEXT,
                    leaf_hash BLOB NOT NULL,
                    body BLOB,
                    state INTEGER NOT NULL,
                    entry_index INTEGER,
                    refusal TEXT,
                    queued_at INTEGER NOT NULL,
                    integrated_at INTEGER
                ) STRICT
                """,
                // Partial: what is in the log, which is nearly all, would cost a place in each and is never asked for there.
                "CREATE INDEX log_entries_waiting ON log_entries (state, id) WHERE state = 0",
                "CREATE INDEX log_entries_refused ON log_entries (state, id) WHERE state = 2",
                "CREATE INDEX log_entries_leaf ON log_entries (leaf_hash, id) WHERE state = 0",
                "CREATE UNIQUE INDEX log_entries_index ON log_entries (entry_index)",
            ]
        )
    ]

    /// Every statement, for the test that explains them.
    public static let statements = [
        begin, state, lease, release, enqueue, waiting, assigned, assign, refuse, advanceIndex, integrate,
        markIntegrated,
        publish, freeze, thaw, entry, refused, countWaiting, countRefused, oldestWaiting, revive, adopt, insertAdopted,
        ofLeaf, atIndex,
    ]

    // States of an entry: 0 waiting, 1 has an index, 2 refused. Written as numbers, so that the planner sees constants.

    /// The first entry fixes the origin; later ones find it there.
    static let begin = Statement(
        "log.begin",
        """
        INSERT INTO log_state (id, origin, next_index, size, root, published_size, published_at, note, frozen_reason,
            frozen_detail, lease_token, lease_until)
        VALUES (1, ?, 0, 0, ?, 0, 0, NULL, NULL, NULL, 0, 0)
        ON CONFLICT (id) DO NOTHING
        """
    )

    static let state = Statement(
        "log.state",
        """
        SELECT origin, next_index, size, root, published_size, published_at, note, frozen_reason, frozen_detail, lease_token,
            lease_until
        FROM log_state WHERE id = 1
        """
    )

    static let lease = Statement(
        "log.lease",
        "UPDATE log_state SET lease_token = ?, lease_until = ? WHERE id = 1 AND (lease_token = ? OR lease_until <= ?)"
    )

    static let release = Statement(
        "log.release",
        "UPDATE log_state SET lease_until = 0 WHERE id = 1 AND lease_token = ?"
    )

    static let enqueue = Statement(
        "log.enqueue",
        """
        INSERT INTO log_entries (kind, namespace, leaf_hash, body, state, queued_at) VALUES (?, ?, ?, ?, 0, ?)
        RETURNING id
        """
    )

    static let waiting = Statement(
        "log.waiting",
        "SELECT id, kind, namespace, body FROM log_entries WHERE state = 0 ORDER BY id LIMIT ?"
    )

    static let assigned = Statement(
        "log.assigned",
        "SELECT id, entry_index, body FROM log_entries WHERE entry_index >= ? ORDER BY entry_index LIMIT ?"
    )

    /// A run of neighbours: the index is the row's number plus what the run is shifted by.
    static let assign = Statement(
        "log.assign",
        "UPDATE log_entries SET state = 1, entry_index = id + ? WHERE id >= ? AND id <= ? AND state = 0"
    )

    static let refuse = Statement(
        "log.refuse",
        "UPDATE log_entries SET state = 2, refusal = ? WHERE id = ? AND state = 0"
    )

    static let advanceIndex = Statement("log.advanceIndex", "UPDATE log_state SET next_index = ? WHERE id = 1")

    static let integrate = Statement(
        "log.integrate",
        "UPDATE log_state SET size = ?, root = ? WHERE id = 1 AND size = ?"
    )

    /// The bytes lie in a bundle now, on disk.
    static let markIntegrated = Statement(
        "log.markIntegrated",
        "UPDATE log_entries SET body = NULL, integrated_at = ? WHERE entry_index >= ? AND entry_index < ?"
    )

    static let publish = Statement(
        "log.publish",
        "UPDATE log_state SET published_size = ?, published_at = ?, note = ? WHERE id = 1"
    )

    /// The first reason stays: it is what the operator has to look at.
    static let freeze = Statement(
        "log.freeze",
        "UPDATE log_state SET frozen_reason = ?, frozen_detail = ? WHERE id = 1 AND frozen_reason IS NULL"
    )

    static let thaw = Statement(
        "log.thaw",
        "UPDATE log_state SET frozen_reason = NULL, frozen_detail = NULL WHERE id = 1"
    )

    static let entry = Statement(
        "log.entry",
        "SELECT id, kind, state, entry_index, refusal, queued_at, integrated_at FROM log_entries WHERE id = ?"
    )

    static let refused = Statement(
        "log.refused",
        """
        SELECT id, kind, state, entry_index, refusal, queued_at, integrated_at FROM log_entries
        WHERE state = 2 AND id > ? ORDER BY id LIMIT ?
        """
    )

    static let countWaiting = Statement(
        "log.countWaiting",
        "SELECT COUNT(*) FROM (SELECT 1 FROM log_entries WHERE state = 0 LIMIT ?) AS bounded"
    )

    static let countRefused = Statement(
        "log.countRefused",
        "SELECT COUNT(*) FROM (SELECT 1 FROM log_entries WHERE state = 2 LIMIT ?) AS bounded"
    )

    static let oldestWaiting = Statement(
        "log.oldestWaiting",
        "SELECT queued_at FROM log_entries WHERE state = 0 ORDER BY id LIMIT 1"
    )

    static let revive = Statement(
        "log.revive",
        "UPDATE log_entries SET state = 0, refusal = NULL WHERE id = ? AND state = 2"
    )

    static let ofLeaf = Statement(
        "log.ofLeaf",
        "SELECT id FROM log_entries WHERE leaf_hash = ? AND state = 0 ORDER BY id LIMIT 1"
    )

    static let atIndex = Statement("log.atIndex", "SELECT id, leaf_hash FROM log_entries WHERE entry_index = ?")

    static let adopt = Statement(
        "log.adopt",
        "UPDATE log_entries SET state = 1, entry_index = ?, body = NULL, integrated_at = ? WHERE id = ?"
    )

    static let insertAdopted = Statement(
        "log.insertAdopted",
        """
        INSERT INTO log_entries (kind, leaf_hash, state, entry_index, queued_at, integrated_at) VALUES (?, ?, 1, ?, ?, ?)
        """
    )
}
