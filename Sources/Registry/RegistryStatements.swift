// SPDX-License-Identifier: EUPL-1.2

import Database

/// The statements of the registry, by name.
enum SQL {
    // MARK: Repositories

    static let repositoryID = Statement("registry.repositoryID", "SELECT id FROM repositories WHERE name = ?")
    static let identity = Statement("registry.identity", "SELECT id, created_at FROM repositories WHERE name = ?")
    static let insertRepository = Statement(
        "registry.insertRepository",
        "INSERT INTO repositories (name, created_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"
    )
    static let listRepository = Statement(
        "registry.listRepository",
        "UPDATE repositories SET listed_at = ? WHERE id = ? AND listed_at IS NULL"
    )
    static let repositories = Statement(
        "registry.repositories",
        "SELECT name, listed_at FROM repositories WHERE name > ? AND listed_at IS NOT NULL ORDER BY name LIMIT ?"
    )

    /// Repositories of a namespace: its own name and all below it.
    static let repositoriesBelow = Statement(
        "registry.repositoriesBelow",
        "SELECT id, name FROM repositories WHERE name >= ? AND name < ? AND name > ? ORDER BY name LIMIT ?"
    )
    static let manifestsSince = Statement(
        "registry.manifestsSince",
        """
        SELECT digest, algorithm, first_seen_at, first_seen_by FROM manifests
        WHERE repository_id = ? AND first_seen_at >= ? ORDER BY first_seen_at, id LIMIT ?
        """
    )

    // MARK: Storages

    static let insertStorage = Statement(
        "registry.insertStorage",
        "INSERT INTO storages (key, state, created_at) VALUES (?, 0, ?) RETURNING id"
    )
    static let settleStorage = Statement(
        "registry.settleStorage",
        "UPDATE storages SET state = 1, size = ? WHERE id = ?"
    )
    static let dropStorage = Statement(
        "registry.dropStorage",
        """
        UPDATE storages SET state = 2 WHERE id = ? AND state <> 1
            AND NOT EXISTS (SELECT 1 FROM blobs WHERE blobs.storage_id = storages.id)
        """
    )
    static let deleteStorage = Statement("registry.deleteStorage", "DELETE FROM storages WHERE id = ? AND state = 2")
    static let unsettledStorages = Statement(
        "registry.unsettledStorages",
        """
        SELECT id, key FROM storages WHERE state = ? AND id > ?
            AND NOT EXISTS (SELECT 1 FROM uploads WHERE uploads.storage_id = storages.id)
            AND NOT EXISTS (SELECT 1 FROM blobs WHERE blobs.storage_id = storages.id)
        ORDER BY id LIMIT ?
        """
    )
    static let storageOfUpload = Statement(
        "registry.storageOfUpload",
        "SELECT s.id, s.key FROM uploads u JOIN storages s ON s.id = u.storage_id WHERE u.token = ?"
    )

    // MARK: Blobs

    static let blobByDigest = Statement(
        "registry.blobByDigest",
        """
        SELECT b.id, b.size FROM blob_digests d JOIN blobs b ON b.id = d.blob_id
        WHERE d.digest = ? AND d.algorithm = ?
        """
    )
    static let blobInRepository = Statement(
        "registry.blobInRepository",
        """
        SELECT b.size, b.content, s.key, l.linked_at, b.taken_down FROM repositories r
            JOIN blob_digests d ON d.digest = ? AND d.algorithm = ?
            JOIN repository_blobs l ON l.repository_id = r.id AND l.blob_id = d.blob_id
            JOIN blobs b ON b.id = d.blob_id
            LEFT JOIN storages s ON s.id = b.storage_id
        WHERE r.name = ?
        """
    )
    static let blobSizeInRepository = Statement(
        "registry.blobSizeInRepository",
        """
        SELECT b.size, b.taken_down FROM blob_digests d
            JOIN repository_blobs l ON l.repository_id = ? AND l.blob_id = d.blob_id
            JOIN blobs b ON b.id = d.blob_id
        WHERE d.digest = ? AND d.algorithm = ?
        """
    )
    /// A sample: a base layer can lie in every repository of the node.
    static let repositoriesOfBlob = Statement(
        "registry.repositoriesOfBlob",
        """
        SELECT d.blob_id, r.name FROM blob_digests d
            JOIN repository_blobs l ON l.blob_id = d.blob_id
            JOIN repositories r ON r.id = l.repository_id
        WHERE d.digest = ? AND d.algorithm = ? LIMIT 100
        """
    )
    static let insertBlob = Statement(
        "registry.insertBlob",
        "INSERT INTO blobs (storage_id, content, size, first_seen_at) VALUES (?, ?, ?, ?) RETURNING id"
    )
    static let insertDigest = Statement(
        "registry.insertDigest",
        "INSERT INTO blob_digests (digest, algorithm, blob_id) VALUES (?, ?, ?) ON CONFLICT (digest, algorithm) DO NOTHING"
    )
    static let linkBlob = Statement(
        "registry.linkBlob",
        """
        INSERT INTO repository_blobs (repository_id, blob_id, linked_at, linked_by) VALUES (?, ?, ?, ?)
        ON CONFLICT (repository_id, blob_id) DO NOTHING
        """
    )

    static let blobToDelete = Statement(
        "registry.blobToDelete",
        """
        SELECT l.repository_id, l.blob_id FROM repositories r
            JOIN blob_digests d ON d.digest = ? AND d.algorithm = ?
            JOIN repository_blobs l ON l.repository_id = r.id AND l.blob_id = d.blob_id
        WHERE r.name = ?
        """
    )
    /// A manifest may name the blob by any of its digests.
    static let userOfBlob = Statement(
        "registry.userOfBlob",
        """
        SELECT m.digest, m.algorithm FROM blob_digests d
            JOIN manifest_references f ON f.digest = d.digest AND f.algorithm = d.algorithm AND f.role < 2
            JOIN manifests m ON m.id = f.manifest_id AND m.repository_id = ?
        WHERE d.blob_id = ? LIMIT 1
        """
    )
    static let unlinkBlob = Statement(
        "registry.unlinkBlob",
        "DELETE FROM repository_blobs WHERE repository_id = ? AND blob_id = ?"
    )

    // MARK: Manifests

    static let insertManifest = Statement(
        "registry.insertManifest",
        """
        INSERT INTO manifests (repository_id, digest, algorithm, kind, media_type, artifact_type, content, size,
            subject_digest, subject_algorithm, annotations, first_seen_at, first_seen_by)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
        """
    )
    static let manifestID = Statement(
        "registry.manifestID",
        "SELECT id, media_type FROM manifests WHERE repository_id = ? AND digest = ? AND algorithm = ?"
    )
    static let promoteManifest = Statement(
        "registry.promoteManifest",
        "UPDATE manifests SET kind = ? WHERE id = ? AND kind = 2"
    )
    static let manifest = found("registry.manifest", "m.content", byTag: false)
    static let manifestSummary = found("registry.manifestSummary", "m.size", byTag: false)
    static let manifestByTag = found("registry.manifestByTag", "m.content", byTag: true)
    static let manifestSummaryByTag = found("registry.manifestSummaryByTag", "m.size", byTag: true)

    /// What a pull needs, in one statement: the manifest, since when the address means it, and what the gate knows of it.
    private static func found(_ name: String, _ content: String, byTag: Bool) -> Statement {
        Statement(
            name,
            """
            SELECT m.media_type, m.kind, \(content), m.first_seen_at, m.first_seen_by, m.artifact_type, m.digest, m.algorithm,
                \(byTag ? "CASE WHEN t.changed_at > m.first_seen_at THEN t.changed_at ELSE m.first_seen_at END" : "m.first_seen_at"),
                \(standingColumns), m.taken_down
            FROM repositories r
                \(byTag
                    ? "JOIN tags t ON t.repository_id = r.id AND t.name = ? JOIN manifests m ON m.id = t.manifest_id"
                    : "JOIN manifests m ON m.repository_id = r.id AND m.digest = ? AND m.algorithm = ?")
                LEFT JOIN standings s ON s.manifest_id = m.id
            WHERE r.name = ?
            """
        )
    }
    static let manifestToDelete = Statement(
        "registry.manifestToDelete",
        """
        SELECT m.id, m.repository_id, m.kind, m.size, m.taken_down FROM repositories r
            JOIN manifests m ON m.repository_id = r.id AND m.digest = ? AND m.algorithm = ?
        WHERE r.name = ?
        """
    )
    static let deleteReferences = Statement(
        "registry.deleteReferences",
        "DELETE FROM manifest_references WHERE manifest_id = ?"
    )
    static let deleteManifest = Statement("registry.deleteManifest", "DELETE FROM manifests WHERE id = ?")
    static let insertReference = Statement(
        "registry.insertReference",
        "INSERT INTO manifest_references (manifest_id, position, role, digest, algorithm, size) VALUES (?, ?, ?, ?, ?, ?)"
    )
    static let kindOfManifest = Statement(
        "registry.kindOfManifest",
        "SELECT kind FROM manifests WHERE repository_id = ? AND digest = ? AND algorithm = ?"
    )
    static let subjectOfManifest = Statement(
        "registry.subjectOfManifest",
        "SELECT subject_digest, subject_algorithm FROM manifests WHERE id = ?"
    )
    static let parents = Statement(
        "registry.parents",
        """
        SELECT m.digest, m.algorithm, m.id FROM manifest_references f JOIN manifests m ON m.id = f.manifest_id
        WHERE f.digest = ? AND f.algorithm = ? AND f.role = 2 AND m.repository_id = ? LIMIT ?
        """
    )
    static let referrers = Statement(
        "registry.referrers",
        """
        SELECT m.digest, m.algorithm, m.media_type, m.artifact_type, m.size, m.annotations FROM repositories r
            JOIN manifests m ON m.repository_id = r.id AND m.subject_digest = ? AND m.subject_algorithm = ? AND m.digest > ?
        WHERE r.name = ? ORDER BY m.digest LIMIT ?
        """
    )
    static let referrersOfType = Statement(
        "registry.referrersOfType",
        """
        SELECT m.digest, m.algorithm, m.media_type, m.artifact_type, m.size, m.annotations FROM repositories r
            JOIN manifests m ON m.repository_id = r.id AND m.subject_digest = ? AND m.subject_algorithm = ? AND m.digest > ?
        WHERE r.name = ? AND m.artifact_type = ? ORDER BY m.digest LIMIT ?
        """
    )

    // MARK: Tags

    static let tag = Statement(
        "registry.tag",
        """
        SELECT m.digest, m.algorithm, t.changed_at FROM repositories r
            JOIN tags t ON t.repository_id = r.id AND t.name = ?
            JOIN manifests m ON m.id = t.manifest_id
        WHERE r.name = ?
        """
    )
    static let newestImageTag = Statement(
        "registry.newestImageTag",
        """
        SELECT t.name, m.digest, m.algorithm FROM repositories r
            JOIN tags t ON t.repository_id = r.id
            JOIN manifests m ON m.id = t.manifest_id
        WHERE r.name = ? AND m.kind <> 2 ORDER BY t.changed_at DESC LIMIT 1
        """
    )
    static let setTag = Statement(
        "registry.setTag",
        """
        INSERT INTO tags (repository_id, name, manifest_id, changed_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (repository_id, name) DO UPDATE SET manifest_id = excluded.manifest_id, changed_at = excluded.changed_at
            WHERE tags.manifest_id <> excluded.manifest_id
        """
    )
    static let insertHistory = Statement(
        "registry.insertHistory",
        """
        INSERT INTO tag_history (repository_id, name, digest, algorithm, changed_at, changed_by) VALUES (?, ?, ?, ?, ?, ?)
        """
    )
    static let tagToDelete = Statement(
        "registry.tagToDelete",
        """
        SELECT r.id, m.digest, m.algorithm, m.id FROM repositories r
            JOIN tags t ON t.repository_id = r.id AND t.name = ?
            JOIN manifests m ON m.id = t.manifest_id
        WHERE r.name = ?
        """
    )
    static let deleteTag = Statement("registry.deleteTag", "DELETE FROM tags WHERE repository_id = ? AND name = ?")
    static let insertRemoval = Statement(
        "registry.insertRemoval",
        """
        INSERT INTO tag_history (repository_id, name, digest, algorithm, changed_at, changed_by, is_removal)
        VALUES (?, ?, ?, ?, ?, ?, 1)
        """
    )
    static let tagNamesOfManifest = Statement(
        "registry.tagNamesOfManifest",
        "SELECT name FROM tags WHERE manifest_id = ? ORDER BY name LIMIT ?"
    )
    static let insertRemovals = Statement(
        "registry.insertRemovals",
        """
        INSERT INTO tag_history (repository_id, name, digest, algorithm, changed_at, changed_by, is_removal)
        SELECT t.repository_id, t.name, m.digest, m.algorithm, ?, ?, 1 FROM tags t JOIN manifests m ON m.id = t.manifest_id
        WHERE t.manifest_id = ?
        """
    )
    static let deleteTagsOfManifest = Statement(
        "registry.deleteTagsOfManifest",
        "DELETE FROM tags WHERE manifest_id = ?"
    )
    static let tags = Statement(
        "registry.tags",
        """
        SELECT name FROM tags WHERE repository_id = ? AND lower(name) >= lower(?) AND (lower(name) > lower(?) OR name > ?)
        ORDER BY lower(name), name LIMIT ?
        """
    )
    static let tagsOfManifest = Statement(
        "registry.tagsOfManifest",
        """
        SELECT t.name FROM repositories r
            JOIN manifests m ON m.repository_id = r.id AND m.digest = ? AND m.algorithm = ?
            JOIN tags t ON t.manifest_id = m.id
        WHERE r.name = ? ORDER BY t.name LIMIT ?
        """
    )
    static let history = Statement(
        "registry.history",
        """
        SELECT h.id, h.digest, h.algorithm, h.changed_at, h.changed_by, h.is_removal FROM repositories r
            JOIN tag_history h ON h.repository_id = r.id AND h.name = ? AND h.id < ?
        WHERE r.name = ? ORDER BY h.id DESC LIMIT ?
        """
    )
    static let recentManifests = Statement(
        "registry.recentManifests",
        """
        SELECT m.id, r.name, m.digest, m.algorithm, m.kind FROM manifests m JOIN repositories r ON r.id = m.repository_id
        WHERE m.id > ? ORDER BY m.id LIMIT ?
        """
    )

    // MARK: Uploads

    static let insertUpload = Statement(
        "registry.insertUpload",
        """
        INSERT INTO uploads (token, repository_id, account_id, received, pending, created_at, expires_at, namespace_id,
            is_session)
        VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?)
        """
    )
    static let upload = Statement(
        "registry.upload",
        """
        SELECT u.repository_id, r.name, u.account_id, u.received, u.pending, s.id, s.key, u.namespace_id FROM uploads u
            JOIN repositories r ON r.id = u.repository_id
            LEFT JOIN storages s ON s.id = u.storage_id
        WHERE u.token = ?
        """
    )
    static let uploadStorage = Statement(
        "registry.uploadStorage",
        "UPDATE uploads SET storage_id = ? WHERE token = ?"
    )
    static let uploadProgress = Statement(
        "registry.uploadProgress",
        "UPDATE uploads SET received = ?, pending = ?, expires_at = ? WHERE token = ?"
    )
    static let deleteUpload = Statement(
        "registry.deleteUpload",
        "DELETE FROM uploads WHERE token = ? RETURNING namespace_id, reserved"
    )
    static let expiredUploads = Statement(
        "registry.expiredUploads",
        "SELECT token FROM uploads WHERE expires_at < ? ORDER BY expires_at LIMIT ?"
    )
    static let expiredUpload = Statement(
        "registry.expiredUpload",
        "SELECT id FROM uploads WHERE token = ? AND expires_at < ?"
    )
    static let uploadsOfAccount = Statement(
        "registry.uploadsOfAccount",
        "SELECT id FROM uploads WHERE account_id = ? LIMIT ?"
    )
}
