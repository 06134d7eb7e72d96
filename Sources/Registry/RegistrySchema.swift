// SPDX-License-Identifier: EUPL-1.2

public import Database

/// The tables that the registry owns, and every statement that touches them.
public enum RegistrySchema {
    /// Tables of the registry: times in µs UTC, digests as raw bytes beside an algorithm number, integer keys.
    public static let migrations: [Migration] = [
        Migration(
            id: "registry-001",
            sql: [
                // listed_at is the time of the first manifest: a repository in which nothing was ever published is not listed.
                """
                CREATE TABLE repositories (
                    id INTEGER PRIMARY KEY,
                    name TEXT NOT NULL UNIQUE,
                    created_at INTEGER NOT NULL,
                    listed_at INTEGER
                ) STRICT
                """,
                // A row exists before the first byte of its file, and until after the last: orphans are found by state, never by
                // walking a directory.
                """
                CREATE TABLE storages (
                    id INTEGER PRIMARY KEY,
                    key TEXT NOT NULL UNIQUE,
                    state INTEGER NOT NULL,
                    size INTEGER,
                    created_at INTEGER NOT NULL
                ) STRICT
                """,
                "CREATE INDEX storages_unsettled ON storages (state, id)",
                // Either storage_id or content is set.
                """
                CREATE TABLE blobs (
                    id INTEGER PRIMARY KEY,
                    storage_id INTEGER REFERENCES storages (id),
                    content BLOB,
                    size INTEGER NOT NULL,
                    first_seen_at INTEGER NOT NULL
                ) STRICT
                """,
                "CREATE INDEX blobs_by_storage ON blobs (storage_id)",
                // Several digests may name one blob: identity is the row, so that sha512 is not a second copy.
                """
                CREATE TABLE blob_digests (
                    digest BLOB NOT NULL,
                    algorithm INTEGER NOT NULL,
                    blob_id INTEGER NOT NULL REFERENCES blobs (id),
                    PRIMARY KEY (digest, algorithm)
                ) STRICT
                """,
                "CREATE INDEX blob_digests_by_blob ON blob_digests (blob_id)",
                """
                CREATE TABLE repository_blobs (
                    repository_id INTEGER NOT NULL REFERENCES repositories (id),
                    blob_id INTEGER NOT NULL REFERENCES blobs (id),
                    linked_at INTEGER NOT NULL,
                    linked_by INTEGER NOT NULL,
                    PRIMARY KEY (repository_id, blob_id)
                ) STRICT
                """,
                "CREATE INDEX repository_blobs_by_blob ON repository_blobs (blob_id)",
                """
                CREATE TABLE manifests (
                    id INTEGER PRIMARY KEY,
                    repository_id INTEGER NOT NULL REFERENCES repositories (id),
                    digest BLOB NOT NULL,
                    algorithm INTEGER NOT NULL,
                    kind INTEGER NOT NULL,
                    media_type TEXT NOT NULL,
                    artifact_type TEXT,
                    content BLOB NOT NULL,
                    size INTEGER NOT NULL,
                    subject_digest BLOB,
                    subject_algorithm INTEGER,
                    annotations TEXT,
                    first_seen_at INTEGER NOT NULL,
                    first_seen_by TEXT NOT NULL,
                    UNIQUE (repository_id, digest, algorithm)
                ) STRICT
                """,
                "CREATE INDEX manifests_by_subject ON manifests (repository_id, subject_digest, subject_algorithm, digest)",
                """
                CREATE TABLE manifest_references (
                    manifest_id INTEGER NOT NULL REFERENCES manifests (id),
                    position INTEGER NOT NULL,
                    role INTEGER NOT NULL,
                    digest BLOB NOT NULL,
                    algorithm INTEGER NOT NULL,
                    size INTEGER NOT NULL,
                    PRIMARY KEY (manifest_id, position)
                ) STRICT
                """,
                "CREATE INDEX manifest_references_by_digest ON manifest_references (digest, algorithm)",
                """
                CREATE TABLE tags (
                    repository_id INTEGER NOT NULL REFERENCES repositories (id),
                    name TEXT NOT NULL,
                    manifest_id INTEGER NOT NULL REFERENCES manifests (id),
                    changed_at INTEGER NOT NULL,
                    PRIMARY KEY (repository_id, name)
                ) STRICT
                """,
                "CREATE INDEX tags_by_manifest ON tags (manifest_id, name)",
                "CREATE INDEX tags_by_change ON tags (repository_id, changed_at)",
                """
                CREATE TABLE tag_history (
                    id INTEGER PRIMARY KEY,
                    repository_id INTEGER NOT NULL REFERENCES repositories (id),
                    name TEXT NOT NULL,
                    digest BLOB NOT NULL,
                    algorithm INTEGER NOT NULL,
                    changed_at INTEGER NOT NULL,
                    changed_by TEXT NOT NULL
                ) STRICT
                """,
                "CREATE INDEX tag_history_by_tag ON tag_history (repository_id, name, id)",
                // pending holds the acknowledged bytes of an upload that is too small yet to have a file.
                """
                CREATE TABLE uploads (
                    id INTEGER PRIMARY KEY,
                    token TEXT NOT NULL UNIQUE,
                    repository_id INTEGER NOT NULL REFERENCES repositories (id),
                    account_id INTEGER NOT NULL,
                    storage_id INTEGER REFERENCES storages (id),
                    received INTEGER NOT NULL,
                    pending BLOB NOT NULL,
                    created_at INTEGER NOT NULL,
                    expires_at INTEGER NOT NULL
                ) STRICT
                """,
                "CREATE INDEX uploads_by_expiry ON uploads (expires_at, id)",
                "CREATE INDEX uploads_by_account ON uploads (account_id, id)",
                "CREATE INDEX uploads_by_storage ON uploads (storage_id)",
            ]
        ),
        // The digest of a removal is what the tag pointed to until then.
        Migration(
            id: "registry-002",
            sql: ["ALTER TABLE tag_history ADD COLUMN is_removal INTEGER NOT NULL DEFAULT 0"]
        ),
        Migration(
            id: "registry-003",
            sql: ["CREATE INDEX manifests_by_age ON manifests (repository_id, first_seen_at, id)"]
        ),
        Migration(
            id: "registry-004",
            sql: [
                // Which blobs the repositories of a namespace link, and how many of them each: kept for namespaces that are counted
                // (a row of namespace_usage), so that what is used is known without a walk.
                """
                CREATE TABLE namespace_blobs (
                    namespace_id INTEGER NOT NULL,
                    blob_id INTEGER NOT NULL REFERENCES blobs (id),
                    links INTEGER NOT NULL CHECK (links > 0),
                    PRIMARY KEY (namespace_id, blob_id)
                ) STRICT
                """,
                "CREATE INDEX namespace_blobs_by_blob ON namespace_blobs (blob_id)",
                // What an upload holds of its namespace's quota. A row that is no session is of an upload in one request, which no
                // restart survives.
                "ALTER TABLE uploads ADD COLUMN namespace_id INTEGER",
                "ALTER TABLE uploads ADD COLUMN reserved INTEGER NOT NULL DEFAULT 0",
                "ALTER TABLE uploads ADD COLUMN is_session INTEGER NOT NULL DEFAULT 1",
                "CREATE INDEX uploads_by_namespace ON uploads (namespace_id, id)",
                "CREATE INDEX uploads_by_session ON uploads (is_session, id)",
                // When a tag or an index that led to the manifest last went; retention counts from there.
                "ALTER TABLE manifests ADD COLUMN unreferenced_at INTEGER",
            ]
        ),
        // distribution-spec 1.1.1 lists tags without regard to case.
        Migration(
            id: "registry-005",
            sql: ["CREATE INDEX tags_by_word ON tags (repository_id, lower(name), name)"]
        ),
        // The newest tag of a repository is one step, also among a hundred thousand of the same instant.
        Migration(
            id: "registry-006",
            sql: [
                "DROP INDEX tags_by_change",
                "CREATE INDEX tags_by_change ON tags (repository_id, changed_at, name DESC)",
            ]
        ),
        // What the gate knows of an image. Facts, not decisions: a rule holds from the moment that it is set, and trying one out is a query.
        Migration(
            id: "registry-007",
            sql: [
                """
                CREATE TABLE standings (
                    manifest_id INTEGER PRIMARY KEY REFERENCES manifests (id) ON DELETE CASCADE,
                    level INTEGER NOT NULL,
                    below_bronze INTEGER,
                    below_silver INTEGER,
                    below_gold INTEGER,
                    exploited TEXT NOT NULL,
                    exploited_since INTEGER
                ) STRICT
                """,
                // An empty digest means every image of the namespace.
                """
                CREATE TABLE gate_exceptions (
                    id INTEGER PRIMARY KEY,
                    namespace_id INTEGER NOT NULL,
                    digest BLOB NOT NULL,
                    algorithm INTEGER NOT NULL,
                    reason TEXT NOT NULL,
                    requested_at INTEGER NOT NULL,
                    requested_by TEXT NOT NULL,
                    expires_at INTEGER NOT NULL,
                    approved_at INTEGER,
                    approved_by TEXT,
                    ended_at INTEGER,
                    ended_by TEXT
                ) STRICT
                """,
                "CREATE INDEX gate_exceptions_by_digest ON gate_exceptions (namespace_id, digest, algorithm, expires_at)",
                "CREATE INDEX gate_exceptions_by_namespace ON gate_exceptions (namespace_id, id)",
            ]
        ),
        // Who stands for an image, beside its verdict and also before there is one. approvals: until when, by name of the organisation.
        Migration(
            id: "registry-008",
            sql: [
                """
                CREATE TABLE standings_anew (
                    manifest_id INTEGER PRIMARY KEY REFERENCES manifests (id) ON DELETE CASCADE,
                    level INTEGER,
                    below_bronze INTEGER,
                    below_silver INTEGER,
                    below_gold INTEGER,
                    exploited TEXT NOT NULL,
                    exploited_since INTEGER,
                    released_at INTEGER,
                    logged_at INTEGER,
                    approvals TEXT
                ) STRICT
                """,
                """
                INSERT INTO standings_anew (manifest_id, level, below_bronze, below_silver, below_gold, exploited, exploited_since)
                SELECT manifest_id, level, below_bronze, below_silver, below_gold, exploited, exploited_since FROM standings
                """,
                "DROP TABLE standings",
                "ALTER TABLE standings_anew RENAME TO standings",
            ]
        ),
        // taken_down: number of the takedown that keeps it from being given out. The rows stay, so that everything that knows the image does.
        Migration(
            id: "registry-009",
            sql: [
                """
                CREATE TABLE takedowns (
                    id INTEGER PRIMARY KEY,
                    repository TEXT NOT NULL,
                    digest BLOB NOT NULL,
                    algorithm INTEGER NOT NULL,
                    reason TEXT NOT NULL,
                    legal_reference TEXT NOT NULL,
                    state INTEGER NOT NULL,
                    proposed_at INTEGER NOT NULL,
                    proposed_by TEXT NOT NULL,
                    confirmed_at INTEGER,
                    confirmed_by TEXT,
                    reversal_reason TEXT,
                    reversal_proposed_at INTEGER,
                    reversal_proposed_by TEXT,
                    ended_at INTEGER,
                    ended_by TEXT
                ) STRICT
                """,
                "CREATE INDEX takedowns_by_digest ON takedowns (digest, algorithm, id)",
                "CREATE INDEX takedowns_in_force ON takedowns (state, id)",
                "ALTER TABLE manifests ADD COLUMN taken_down INTEGER",
                "ALTER TABLE blobs ADD COLUMN taken_down INTEGER",
                "CREATE INDEX manifests_taken_down ON manifests (taken_down, id) WHERE taken_down IS NOT NULL",
                "CREATE INDEX blobs_taken_down ON blobs (taken_down, id) WHERE taken_down IS NOT NULL",
                "CREATE INDEX manifests_by_digest ON manifests (digest, algorithm, id)",
                // Which images begin with a layer: those that are built on others are found by it.
                """
                CREATE INDEX manifest_references_first ON manifest_references (digest, algorithm, manifest_id)
                WHERE role = 1 AND position = 1
                """,
            ]
        ),
        // What is attached to an image is found in every repository, by its subject or by the tag that names the image.
        Migration(
            id: "registry-010",
            sql: [
                """
                CREATE INDEX manifests_attached ON manifests (subject_digest, subject_algorithm, id)
                WHERE subject_digest IS NOT NULL
                """,
                """
                CREATE INDEX tags_attached ON tags (name, repository_id)
                WHERE name > 'sha256-' AND name < 'sha513'
                """,
            ]
        ),
        // What was pushed lately, for whoever tries rules on pushes out.
        Migration(
            id: "registry-011",
            sql: ["CREATE INDEX tag_history_by_time ON tag_history (repository_id, changed_at, id)"]
        ),
    ]

    /// Every statement of the room, for the test that explains each.
    public static let statements: [Statement] = [
        SQL.repositoryID, SQL.identity, SQL.insertRepository, SQL.listRepository, SQL.repositories,
        SQL.insertStorage, SQL.settleStorage, SQL.dropStorage, SQL.deleteStorage, SQL.unsettledStorages,
        SQL.storageOfUpload,
        SQL.blobByDigest, SQL.blobInRepository, SQL.blobSizeInRepository, SQL.repositoriesOfBlob, SQL.insertBlob,
        SQL.insertDigest, SQL.linkBlob, SQL.blobToDelete, SQL.userOfBlob, SQL.unlinkBlob,
        SQL.manifestByTag, SQL.manifestSummaryByTag, SQL.manifestToDelete, SQL.deleteReferences, SQL.deleteManifest,
        SQL.tagToDelete, SQL.deleteTag, SQL.insertRemoval, SQL.tagNamesOfManifest, SQL.insertRemovals,
        SQL.deleteTagsOfManifest,
        SQL.insertManifest, SQL.manifestID, SQL.promoteManifest, SQL.manifest, SQL.manifestSummary, SQL.insertReference,
        SQL.parents, SQL.kindOfManifest, SQL.subjectOfManifest,
        SQL.referrers,
        SQL.referrersOfType,
        SQL.tag, SQL.newestImageTag, SQL.setTag, SQL.insertHistory, SQL.tags, SQL.tagsOfManifest,
        SQL.history,
        SQL.recentManifests, SQL.repositoriesBelow, SQL.manifestsSince,
        SQL.insertUpload, SQL.upload, SQL.uploadStorage, SQL.uploadProgress, SQL.deleteUpload, SQL.expiredUploads,
        SQL.expiredUpload,
        SQL.uploadsOfAccount,
        SQL.uploadsOfNamespace, SQL.reservedByUpload, SQL.setReserved, SQL.uploadsWithoutSession,
        SQL.reservedInNamespace,
        SQL.reserveReceived,
        SQL.addLink, SQL.dropLink, SQL.dropLastLink, SQL.clearLinks, SQL.countLinks, SQL.sizeOfLinks,
        SQL.sizeOfManifests,
        SQL.sizeOfBlob,
        SQL.tagDigest, SQL.lastTagEvent,
        SQL.noteUnreferenced, SQL.noteUnreferencedParts,
        SQL.putStanding, SQL.imagesOfRepository,
        SQL.requestException, SQL.exceptionInForce, SQL.exception, SQL.exceptions, SQL.approveException,
        SQL.endException,
        SQL.noteRelease, SQL.noteApprovals, SQL.releaseOfManifest, SQL.imagesOnLayer, SQL.layersOfManifest,
        SQL.manifestsOfDigest, SQL.childrenOfManifest,
        SQL.proposeTakedown, SQL.takedown, SQL.takedowns, SQL.takedownsInForce, SQL.openTakedown, SQL.confirmTakedown,
        SQL.proposeReversal, SQL.withdrawReversal, SQL.endTakedown, SQL.takeDownManifest, SQL.takeDownBlobs,
        SQL.giveBackManifests, SQL.giveBackBlobs, SQL.takenDownDigest, SQL.attachedBySubject, SQL.attachedByTag,
        SQL.takeDownAttached, SQL.manifestsToTry, SQL.tagsSetSince, SQL.contentOfManifest,
        SQL.retentionTags, SQL.retentionUntagged, SQL.retentionParts, SQL.deleteTagIfStill, SQL.untaggedStill,
    ]
}

/// What a row of `storages` says about its file.
enum StorageState: Int64 {
    case writing = 0
    case stored = 1
    case deleting = 2
}

/// Which part of a manifest names a digest.
enum ReferenceRole: Int64 {
    case configuration = 0
    case layer = 1
    case child = 2
    case subject = 3
}
