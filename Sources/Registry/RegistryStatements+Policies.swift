// SPDX-License-Identifier: EUPL-1.2

import Database

/// What the rules on content ask and count.
extension SQL {
    // MARK: Tags and what leads to manifests

    static let tagDigest = Statement(
        "registry.tagDigest",
        """
        SELECT m.digest, m.algorithm, m.id FROM tags t JOIN manifests m ON m.id = t.manifest_id
        WHERE t.repository_id = ? AND t.name = ?
        """
    )
    static let lastTagEvent = Statement(
        "registry.lastTagEvent",
        "SELECT digest, algorithm FROM tag_history WHERE repository_id = ? AND name = ? ORDER BY id DESC LIMIT 1"
    )
    static let noteUnreferenced = Statement(
        "registry.noteUnreferenced",
        "UPDATE manifests SET unreferenced_at = ? WHERE id = ?"
    )
    static let noteUnreferencedParts = Statement(
        "registry.noteUnreferencedParts",
        """
        UPDATE manifests SET unreferenced_at = ? WHERE id IN (
            SELECT m.id FROM manifest_references f
                JOIN manifests m ON m.repository_id = ? AND m.digest = f.digest AND m.algorithm = f.algorithm
            WHERE f.manifest_id = ? AND f.role = 2)
        """
    )

    // MARK: Uploads of a namespace

    static let uploadsOfNamespace = Statement(
        "registry.uploadsOfNamespace",
        "SELECT id FROM uploads WHERE namespace_id = ? LIMIT ?"
    )
    static let reservedByUpload = Statement(
        "registry.reservedByUpload",
        "SELECT reserved FROM uploads WHERE token = ?"
    )
    static let setReserved = Statement("registry.setReserved", "UPDATE uploads SET reserved = ? WHERE token = ?")
    static let uploadsWithoutSession = Statement(
        "registry.uploadsWithoutSession",
        "SELECT id, token FROM uploads WHERE is_session = 0 AND id > ? ORDER BY id LIMIT ?"
    )
    static let reservedInNamespace = Statement(
        "registry.reservedInNamespace",
        "SELECT CAST(COALESCE(SUM(reserved), 0) AS BIGINT) FROM uploads WHERE namespace_id = ?"
    )
    /// What has arrived in a namespace that was not counted yet is held from now on.
    static let reserveReceived = Statement(
        "registry.reserveReceived",
        "UPDATE uploads SET reserved = received WHERE namespace_id = ? AND reserved < received"
    )

    // MARK: What a namespace holds

    static let addLink = Statement(
        "registry.addLink",
        """
        INSERT INTO namespace_blobs (namespace_id, blob_id, links) VALUES (?, ?, 1)
        ON CONFLICT (namespace_id, blob_id) DO UPDATE SET links = namespace_blobs.links + 1 RETURNING links
        """
    )
    static let dropLink = Statement(
        "registry.dropLink",
        "UPDATE namespace_blobs SET links = links - 1 WHERE namespace_id = ? AND blob_id = ? AND links > 1"
    )
    static let dropLastLink = Statement(
        "registry.dropLastLink",
        "DELETE FROM namespace_blobs WHERE namespace_id = ? AND blob_id = ?"
    )
    static let clearLinks = Statement("registry.clearLinks", "DELETE FROM namespace_blobs WHERE namespace_id = ?")
    static let countLinks = Statement(
        "registry.countLinks",
        """
        INSERT INTO namespace_blobs (namespace_id, blob_id, links)
        SELECT ?, blob_id, 1 FROM repository_blobs WHERE repository_id = ?
        ON CONFLICT (namespace_id, blob_id) DO UPDATE SET links = namespace_blobs.links + 1
        """
    )
    static let sizeOfLinks = Statement(
        "registry.sizeOfLinks",
        """
        SELECT CAST(COALESCE(SUM(b.size), 0) AS BIGINT) FROM namespace_blobs n JOIN blobs b ON b.id = n.blob_id
        WHERE n.namespace_id = ?
        """
    )
    static let sizeOfManifests = Statement(
        "registry.sizeOfManifests",
        "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM manifests WHERE repository_id = ?"
    )
    static let sizeOfBlob = Statement("registry.sizeOfBlob", "SELECT size FROM blobs WHERE id = ?")

    // MARK: Retention

    static let retentionTags = Statement(
        "registry.retentionTags",
        """
        SELECT t.name, m.digest, m.algorithm, t.changed_at, m.subject_digest, m.subject_algorithm, m.id
        FROM tags t JOIN manifests m ON m.id = t.manifest_id WHERE t.repository_id = ? LIMIT ?
        """
    )
    static let retentionUntagged = Statement(
        "registry.retentionUntagged",
        """
        SELECT m.id, m.digest, m.algorithm, m.first_seen_at, m.unreferenced_at, m.subject_digest, m.subject_algorithm
        FROM manifests m
        WHERE m.repository_id = ? AND m.taken_down IS NULL
            AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.manifest_id = m.id) LIMIT ?
        """
    )
    static let retentionParts = Statement(
        "registry.retentionParts",
        """
        SELECT m.digest, m.algorithm, f.digest, f.algorithm FROM manifests m
            JOIN manifest_references f ON f.manifest_id = m.id AND f.role = 2
        WHERE m.repository_id = ? AND m.kind <> 0 LIMIT ?
        """
    )
    static let deleteTagIfStill = Statement(
        "registry.deleteTagIfStill",
        "DELETE FROM tags WHERE repository_id = ? AND name = ? AND manifest_id = ? AND changed_at = ?"
    )
    // By digest too: the number of a row that went may be given again. Two times: what the same run took from it does not count.
    static let untaggedStill = Statement(
        "registry.untaggedStill",
        """
        SELECT m.kind, m.size FROM manifests m
        WHERE m.id = ? AND m.digest = ? AND m.algorithm = ? AND COALESCE(m.unreferenced_at, -1) IN (?, ?)
            AND m.taken_down IS NULL
            AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.manifest_id = m.id)
        """
    )
}
