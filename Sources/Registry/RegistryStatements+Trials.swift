// SPDX-License-Identifier: EUPL-1.2

import Database

/// What rules on pushes are tried on.
extension SQL {
    /// Manifests of one repository by age, with what rules on pushes look at.
    static let manifestsToTry = Statement(
        "registry.manifestsToTry",
        """
        SELECT m.first_seen_at, m.id, m.digest, m.algorithm, m.kind, m.media_type, m.artifact_type, s.released_at, m.first_seen_by
        FROM manifests m LEFT JOIN standings s ON s.manifest_id = m.id
        WHERE m.repository_id = ? AND m.taken_down IS NULL AND (m.first_seen_at, m.id) > (?, ?)
        ORDER BY m.first_seen_at, m.id LIMIT ?
        """
    )
    /// Tags of one repository as they were set, the oldest first, with what is known of the manifest as long as it is there.
    static let tagsSetSince = Statement(
        "registry.tagsSetSince",
        """
        SELECT h.changed_at, h.id, h.digest, h.algorithm, m.kind, m.media_type, m.artifact_type, s.released_at, h.changed_by,
            h.name, m.id, m.first_seen_at
        FROM tag_history h
            LEFT JOIN manifests m ON m.repository_id = h.repository_id AND m.digest = h.digest AND m.algorithm = h.algorithm
            LEFT JOIN standings s ON s.manifest_id = m.id
        WHERE h.repository_id = ? AND h.is_removal = 0 AND (h.changed_at, h.id) > (?, ?)
        ORDER BY h.changed_at, h.id LIMIT ?
        """
    )
    static let contentOfManifest = Statement(
        "registry.contentOfManifest",
        "SELECT content, media_type FROM manifests WHERE id = ?"
    )
}
