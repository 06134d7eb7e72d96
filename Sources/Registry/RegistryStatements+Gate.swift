// SPDX-License-Identifier: EUPL-1.2

import Database

extension SQL {
    /// Facts of an image's newest verdict; the instants since when they are so stay while they are so.
    static let putStanding = Statement(
        "registry.putStanding",
        """
        INSERT INTO standings (manifest_id, level, below_bronze, below_silver, below_gold, exploited, exploited_since)
        SELECT m.id, ?, ?, ?, ?, ?, ? FROM repositories r
            JOIN manifests m ON m.repository_id = r.id AND m.digest = ? AND m.algorithm = ?
        WHERE r.name = ?
        ON CONFLICT (manifest_id) DO UPDATE SET
            level = excluded.level,
            below_bronze = CASE WHEN excluded.below_bronze IS NULL THEN NULL
                ELSE coalesce(standings.below_bronze, excluded.below_bronze) END,
            below_silver = CASE WHEN excluded.below_silver IS NULL THEN NULL
                ELSE coalesce(standings.below_silver, excluded.below_silver) END,
            below_gold = CASE WHEN excluded.below_gold IS NULL THEN NULL
                ELSE coalesce(standings.below_gold, excluded.below_gold) END,
            exploited = excluded.exploited,
            exploited_since = CASE WHEN excluded.exploited_since IS NULL THEN NULL
                ELSE coalesce(standings.exploited_since, excluded.exploited_since) END
        """
    )
    /// Read by ``Registry/standing(_:at:)``.
    static let standingColumns = """
        s.level, s.below_bronze, s.below_silver, s.below_gold, s.exploited, s.exploited_since, s.released_at, s.logged_at, s.approvals
        """
    /// The first release stays: what came later takes nothing from it.
    static let noteRelease = Statement(
        "registry.noteRelease",
        """
        INSERT INTO standings (manifest_id, exploited, released_at, logged_at)
        SELECT m.id, '[]', ?, ? FROM repositories r
            JOIN manifests m ON m.repository_id = r.id AND m.digest = ? AND m.algorithm = ?
        WHERE r.name = ?
        ON CONFLICT (manifest_id) DO UPDATE SET
            released_at = coalesce(standings.released_at, excluded.released_at),
            logged_at = coalesce(standings.logged_at, excluded.logged_at)
        """
    )
    static let noteApprovals = Statement(
        "registry.noteApprovals",
        """
        INSERT INTO standings (manifest_id, exploited, approvals)
        SELECT m.id, '[]', ? FROM repositories r
            JOIN manifests m ON m.repository_id = r.id AND m.digest = ? AND m.algorithm = ?
        WHERE r.name = ?
        ON CONFLICT (manifest_id) DO UPDATE SET approvals = excluded.approvals
        """
    )
    /// Images of one repository by age, with what the gate knows of them; artefacts are none.
    static let imagesOfRepository = Statement(
        "registry.imagesOfRepository",
        """
        SELECT m.first_seen_at, m.id, m.digest, m.algorithm, \(standingColumns)
        FROM manifests m LEFT JOIN standings s ON s.manifest_id = m.id
        WHERE m.repository_id = ? AND m.kind <> ? AND (m.first_seen_at, m.id) > (?, ?)
        ORDER BY m.first_seen_at, m.id LIMIT ?
        """
    )

    // MARK: Exceptions

    static let requestException = Statement(
        "registry.requestException",
        """
        INSERT INTO gate_exceptions (namespace_id, digest, algorithm, reason, requested_at, requested_by, expires_at)
        VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id
        """
    )
    static let exceptionInForce = Statement(
        "registry.exceptionInForce",
        """
        SELECT id, expires_at FROM gate_exceptions
        WHERE namespace_id = ? AND digest = ? AND algorithm = ? AND expires_at > ?
            AND approved_at IS NOT NULL AND ended_at IS NULL
        ORDER BY expires_at LIMIT 1
        """
    )
    private static let columns = """
        id, namespace_id, digest, algorithm, reason, requested_at, requested_by, expires_at, approved_at, approved_by,
        ended_at, ended_by
        """
    static let exception = Statement(
        "registry.exception",
        "SELECT \(columns) FROM gate_exceptions WHERE id = ? AND namespace_id = ?"
    )
    static let exceptions = Statement(
        "registry.exceptions",
        "SELECT \(columns) FROM gate_exceptions WHERE namespace_id = ? AND id < ? ORDER BY id DESC LIMIT ?"
    )
    static let approveException = Statement(
        "registry.approveException",
        "UPDATE gate_exceptions SET approved_at = ?, approved_by = ? WHERE id = ? AND approved_at IS NULL AND ended_at IS NULL"
    )
    static let endException = Statement(
        "registry.endException",
        "UPDATE gate_exceptions SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at IS NULL"
    )
}
