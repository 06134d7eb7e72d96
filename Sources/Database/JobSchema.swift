// SPDX-License-Identifier: EUPL-1.2

/// Tables and statements of the job queue.
public enum JobSchema {
    /// Tables.
    public static let migrations = [
        Migration(
            id: "jobs-0001-first",
            sql: [
                """
                CREATE TABLE jobs (
                    id INTEGER PRIMARY KEY,
                    kind TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    priority INTEGER NOT NULL,
                    state INTEGER NOT NULL,
                    run_after INTEGER NOT NULL,
                    attempts INTEGER NOT NULL,
                    abandoned INTEGER NOT NULL,
                    token INTEGER NOT NULL,
                    lease_until INTEGER NOT NULL,
                    again INTEGER NOT NULL,
                    again_priority INTEGER NOT NULL,
                    again_after INTEGER NOT NULL,
                    last_error TEXT,
                    queued_at INTEGER NOT NULL,
                    updated_at INTEGER NOT NULL,
                    UNIQUE (kind, subject)
                ) STRICT
                """,
                "CREATE INDEX jobs_ready ON jobs (kind, state, priority, run_after, id)",
                "CREATE INDEX jobs_leases ON jobs (state, lease_until, id)",
            ]
        )
    ]

    /// Every statement, for the test that explains them.
    public static let statements = [
        enqueue, oldest, claim, expired, heartbeat, live, delete, requeue, retry, bury, release, find, count, list,
        revive, reviveSome,
        oldestWaiting,
    ]

    // States: 0 queued, 1 running, 2 dead. Written as numbers in the SQL, so that the planner sees constants.

    /// Coalesces: a waiting job gets the more urgent of both times and priorities, a running one is marked to run
    /// again (it may have read the old state already), a dead one starts afresh.
    ///
    /// A job in backoff keeps its time: knocking again does not open sooner.
    static let enqueue = Statement(
        "jobs.enqueue",
        """
        INSERT INTO jobs (kind, subject, priority, state, run_after, attempts, abandoned, token, lease_until, again,
            again_priority, again_after, last_error, queued_at, updated_at)
        VALUES (?, ?, ?, 0, ?, 0, 0, 0, 0, 0, 0, 0, NULL, ?, ?)
        ON CONFLICT (kind, subject) DO UPDATE SET
            priority = CASE
                WHEN jobs.state = 1 OR (jobs.state = 0 AND jobs.priority < excluded.priority) THEN jobs.priority
                ELSE excluded.priority END,
            run_after = CASE
                WHEN jobs.state = 2 THEN excluded.run_after
                WHEN jobs.state = 0 AND jobs.attempts = jobs.abandoned AND excluded.run_after < jobs.run_after
                    THEN excluded.run_after
                ELSE jobs.run_after END,
            attempts = CASE WHEN jobs.state = 2 THEN 0 ELSE jobs.attempts END,
            abandoned = CASE WHEN jobs.state = 2 THEN 0 ELSE jobs.abandoned END,
            again_priority = CASE
                WHEN jobs.again = 1 AND jobs.again_priority < excluded.priority THEN jobs.again_priority
                ELSE excluded.priority END,
            again_after = CASE
                WHEN jobs.again = 1 AND jobs.again_after < excluded.run_after THEN jobs.again_after
                ELSE excluded.run_after END,
            again = CASE WHEN jobs.state = 1 THEN 1 ELSE 0 END,
            last_error = CASE WHEN jobs.state = 2 THEN NULL ELSE jobs.last_error END,
            state = CASE WHEN jobs.state = 2 THEN 0 ELSE jobs.state END,
            updated_at = excluded.updated_at
        """
    )

    static let oldest = Statement(
        "jobs.oldest",
        """
        SELECT id, run_after FROM jobs WHERE kind = ? AND state = 0 AND priority = ? AND run_after <= ?
        ORDER BY run_after, id LIMIT 1
        """
    )

    static let claim = Statement(
        "jobs.claim",
        """
        UPDATE jobs SET state = 1, attempts = attempts + 1, token = ?, lease_until = ?, updated_at = ? WHERE id = ?
        RETURNING id, kind, subject, priority, attempts, abandoned, token
        """
    )

    static let expired = Statement(
        "jobs.expired",
        """
        SELECT id, attempts, abandoned, again, again_priority, again_after, last_error, priority, subject FROM jobs
        WHERE state = 1 AND lease_until <= ? ORDER BY lease_until, id LIMIT 100
        """
    )

    static let heartbeat = Statement(
        "jobs.heartbeat",
        "UPDATE jobs SET lease_until = ? WHERE id = ? AND token = ? AND state = 1 AND lease_until > ?"
    )

    static let live = Statement(
        "jobs.live",
        """
        SELECT id, attempts, abandoned, again, again_priority, again_after, last_error, priority, subject FROM jobs
        WHERE id = ? AND token = ? AND state = 1 AND lease_until > ?
        """
    )

    static let delete = Statement("jobs.delete", "DELETE FROM jobs WHERE id = ?")

    static let requeue = Statement(
        "jobs.requeue",
        """
        UPDATE jobs SET state = 0, attempts = 0, abandoned = 0, token = 0, priority = again_priority,
            run_after = again_after, again = 0, last_error = NULL, queued_at = ?, updated_at = ? WHERE id = ?
        """
    )

    static let retry = Statement(
        "jobs.retry",
        """
        UPDATE jobs SET state = 0, token = 0, again = 0, abandoned = ?, priority = ?, run_after = ?, last_error = ?,
            updated_at = ?
        WHERE id = ?
        """
    )

    static let bury = Statement(
        "jobs.bury",
        "UPDATE jobs SET state = 2, token = 0, again = 0, abandoned = ?, last_error = ?, updated_at = ? WHERE id = ?"
    )

    static let release = Statement(
        "jobs.release",
        """
        UPDATE jobs SET state = 0, token = 0, attempts = attempts - 1, run_after = ?, updated_at = ?,
            priority = CASE WHEN again = 1 AND again_priority < priority THEN again_priority ELSE priority END,
            again = 0
        WHERE id = ? AND token = ? AND state = 1
        """
    )

    static let revive = Statement(
        "jobs.revive",
        """
        UPDATE jobs SET state = 0, attempts = 0, abandoned = 0, last_error = NULL, run_after = ?, updated_at = ?
        WHERE kind = ? AND subject = ? AND state = 2
        """
    )

    /// Keeps the count of abandoned attempts: work that takes its process with it must stay dead in the end.
    static let reviveSome = Statement(
        "jobs.reviveSome",
        """
        UPDATE jobs SET state = 0, attempts = abandoned, last_error = NULL, run_after = ?, updated_at = ?
        WHERE id IN (SELECT id FROM jobs WHERE state = 2 AND abandoned < ? ORDER BY lease_until, id LIMIT 500)
        """
    )

    static let find = Statement(
        "jobs.find",
        "SELECT state, attempts, last_error, run_after FROM jobs WHERE kind = ? AND subject = ?"
    )

    static let count = Statement(
        "jobs.count",
        "SELECT COUNT(*) FROM (SELECT 1 FROM jobs WHERE state = ? LIMIT ?) AS bounded"
    )

    static let list = Statement(
        "jobs.list",
        """
        SELECT id, kind, subject, priority, state, attempts, last_error, run_after, queued_at FROM jobs
        WHERE id > ? ORDER BY id LIMIT ?
        """
    )

    static let oldestWaiting = Statement(
        "jobs.oldestWaiting",
        "SELECT run_after FROM jobs WHERE kind = ? AND state = 0 AND priority = ? ORDER BY run_after LIMIT 1"
    )
}
