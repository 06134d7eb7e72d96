// SPDX-License-Identifier: EUPL-1.2

import Database

/// Takedowns, and what a pushed image is built on.
extension SQL {
    // MARK: Takedowns

    private static let takedownColumns = """
        id, repository, digest, algorithm, reason, legal_reference, state, proposed_at, proposed_by, confirmed_at, confirmed_by,
        reversal_reason, reversal_proposed_at, reversal_proposed_by, ended_at, ended_by
        """
    static let proposeTakedown = Statement(
        "registry.proposeTakedown",
        """
        INSERT INTO takedowns (repository, digest, algorithm, reason, legal_reference, state, proposed_at, proposed_by)
        VALUES (?, ?, ?, ?, ?, 0, ?, ?) RETURNING \(takedownColumns)
        """
    )
    static let takedown = Statement(
        "registry.takedown",
        "SELECT \(takedownColumns) FROM takedowns WHERE id = ?"
    )
    static let takedowns = Statement(
        "registry.takedowns",
        "SELECT \(takedownColumns) FROM takedowns WHERE id < ? ORDER BY id DESC LIMIT ?"
    )
    /// One of a digest that is proposed or in force.
    static let openTakedown = Statement(
        "registry.openTakedown",
        "SELECT id FROM takedowns WHERE digest = ? AND algorithm = ? AND state IN (0, 1) ORDER BY id DESC LIMIT 1"
    )
    static let takedownsInForce = Statement(
        "registry.takedownsInForce",
        "SELECT \(takedownColumns) FROM takedowns WHERE state = 1 AND id > ? ORDER BY id LIMIT ?"
    )
    static let confirmTakedown = Statement(
        "registry.confirmTakedown",
        "UPDATE takedowns SET state = 1, confirmed_at = ?, confirmed_by = ? WHERE id = ? AND state = 0"
    )
    static let proposeReversal = Statement(
        "registry.proposeReversal",
        """
        UPDATE takedowns SET reversal_reason = ?, reversal_proposed_at = ?, reversal_proposed_by = ?
        WHERE id = ? AND state = 1 AND reversal_proposed_by IS NULL
        """
    )
    static let withdrawReversal = Statement(
        "registry.withdrawReversal",
        """
        UPDATE takedowns SET reversal_reason = NULL, reversal_proposed_at = NULL, reversal_proposed_by = NULL
        WHERE id = ? AND state = 1
        """
    )
    /// state: 2 withdrawn before it was confirmed, 3 reversed.
    static let endTakedown = Statement(
        "registry.endTakedown",
        "UPDATE takedowns SET state = ?, ended_at = ?, ended_by = ? WHERE id = ? AND state = ?"
    )
    /// What a takedown is about, not what only went with it because of where it was attached.
    ///
    /// kind: 2 artefact.
    static let takenDownDigest = Statement(
        "registry.takenDownDigest",
        """
        SELECT m.taken_down FROM manifests m JOIN takedowns k ON k.id = m.taken_down
        WHERE m.digest = ? AND m.algorithm = ? AND m.taken_down IS NOT NULL
            AND (m.kind < 2 OR (k.digest = m.digest AND k.algorithm = m.algorithm))
        LIMIT 1
        """
    )
    /// Artefacts that refer to a manifest, in every repository.
    static let attachedBySubject = Statement(
        "registry.attachedBySubject",
        """
        SELECT id, digest, algorithm FROM manifests
        WHERE subject_digest = ? AND subject_algorithm = ? AND subject_digest IS NOT NULL AND kind = 2
        """
    )
    /// Artefacts under a tag that names a manifest by its digest, in every repository.
    static let attachedByTag = Statement(
        "registry.attachedByTag",
        """
        SELECT m.id FROM tags t JOIN manifests m ON m.id = t.manifest_id
        WHERE t.name = ? AND t.name > 'sha256-' AND t.name < 'sha513' AND m.kind = 2
        """
    )
    static let takeDownAttached = Statement(
        "registry.takeDownAttached",
        "UPDATE manifests SET taken_down = ? WHERE id = ? AND taken_down IS NULL"
    )
    static let takeDownManifest = Statement(
        "registry.takeDownManifest",
        "UPDATE manifests SET taken_down = ? WHERE digest = ? AND algorithm = ? AND taken_down IS NULL"
    )
    /// Blobs that no manifest names any more which is given out; by whatever digest it names them.
    ///
    /// The two bytes of the empty configuration are nobody's content, and every artefact has them.
    static let takeDownBlobs = Statement(
        "registry.takeDownBlobs",
        """
        UPDATE blobs SET taken_down = ? WHERE taken_down IS NULL AND size > 2 AND id IN (
            SELECT d.blob_id FROM manifest_references f
                JOIN blob_digests d ON d.digest = f.digest AND d.algorithm = f.algorithm
            WHERE f.manifest_id = ? AND f.role < 2)
        AND NOT EXISTS (
            SELECT 1 FROM blob_digests d
                JOIN manifest_references f ON f.digest = d.digest AND f.algorithm = d.algorithm AND f.role < 2
                JOIN manifests m ON m.id = f.manifest_id
            WHERE d.blob_id = blobs.id AND m.taken_down IS NULL)
        """
    )
    static let giveBackManifests = Statement(
        "registry.giveBackManifests",
        "UPDATE manifests SET taken_down = NULL WHERE taken_down = ?"
    )
    static let giveBackBlobs = Statement(
        "registry.giveBackBlobs",
        "UPDATE blobs SET taken_down = NULL WHERE taken_down = ?"
    )

    // MARK: Bases

    static let releaseOfManifest = Statement(
        "registry.releaseOfManifest",
        "SELECT released_at FROM standings WHERE manifest_id = ?"
    )
    /// Images that begin with a layer, the oldest first: what others are built on was there before them.
    static let imagesOnLayer = Statement(
        "registry.imagesOnLayer",
        """
        SELECT m.id, m.digest, m.algorithm, r.name FROM manifest_references f
            JOIN manifests m ON m.id = f.manifest_id JOIN repositories r ON r.id = m.repository_id
        WHERE f.digest = ? AND f.algorithm = ? AND f.role = 1 AND f.position = 1 AND m.kind = 0 AND m.taken_down IS NULL
        ORDER BY f.manifest_id LIMIT ?
        """
    )
    static let layersOfManifest = Statement(
        "registry.layersOfManifest",
        "SELECT digest, algorithm FROM manifest_references WHERE manifest_id = ? AND role = 1 ORDER BY position LIMIT ?"
    )
    static let manifestsOfDigest = Statement(
        "registry.manifestsOfDigest",
        """
        SELECT m.id, m.kind, m.repository_id, r.name FROM manifests m JOIN repositories r ON r.id = m.repository_id
        WHERE m.digest = ? AND m.algorithm = ? ORDER BY m.id LIMIT ?
        """
    )
    /// Images that an index of the same repository names.
    static let childrenOfManifest = Statement(
        "registry.childrenOfManifest",
        """
        SELECT m.id, m.kind, m.digest, m.algorithm FROM manifest_references f
            JOIN manifests m ON m.repository_id = ? AND m.digest = f.digest AND m.algorithm = f.algorithm
        WHERE f.manifest_id = ? AND f.role = 2 ORDER BY f.position LIMIT ?
        """
    )
}
