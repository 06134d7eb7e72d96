// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of what the node attests.
public enum AttestingSchema {
    /// The migrations, oldest first; they come after those of the registry, of assessment and of the log.
    public static let migrations: [Migration] = [
        Migration(
            id: "attesting-0001",
            sql: [
                // How far an image is. digest: SHA-256. news: digest of what the verdict's statements are about; words: of everybody's words
                // at that time. problem: why something is not attested, for people.
                """
                CREATE TABLE attested_images (
                    id INTEGER PRIMARY KEY,
                    repository TEXT NOT NULL,
                    digest BLOB NOT NULL,
                    news BLOB NOT NULL,
                    words TEXT NOT NULL,
                    problem TEXT,
                    looked_at INTEGER NOT NULL,
                    UNIQUE (repository, digest)
                ) STRICT
                """,
                // One statement, byte by byte as it is signed: whoever goes on after a crash signs nothing twice. Of each kind and slot one is
                // published, and one may be on its way to take its place. payload and bundle are empty once the registry has both.
                // log_entry: row of the log that waits or is in it. promise: what the log says, as an annotation.
                // envelope, bundle_digest, manifest: SHA-256 of what was published.
                """
                CREATE TABLE attestations (
                    id INTEGER PRIMARY KEY,
                    repository TEXT NOT NULL,
                    digest BLOB NOT NULL,
                    kind INTEGER NOT NULL,
                    slot BLOB NOT NULL,
                    is_published INTEGER NOT NULL,
                    basis BLOB NOT NULL,
                    predicate_type TEXT NOT NULL,
                    payload BLOB,
                    payload_digest BLOB NOT NULL,
                    is_logged INTEGER NOT NULL,
                    made_at INTEGER NOT NULL,
                    made_by TEXT NOT NULL,
                    valid_until INTEGER,
                    signature BLOB,
                    public_key BLOB,
                    log_entry INTEGER,
                    log_index INTEGER,
                    promise TEXT,
                    bundle BLOB,
                    envelope BLOB,
                    bundle_digest BLOB,
                    manifest BLOB,
                    UNIQUE (repository, digest, kind, slot, is_published)
                ) STRICT
                """,
            ]
        ),
        // What was taken back and may still be on its way through a client: SHA-256 of a list or a blob of the repository, beside the image
        // that it spoke about.
        Migration(
            id: "attesting-0002",
            sql: [
                """
                CREATE TABLE attestation_leftovers (
                    id INTEGER PRIMARY KEY,
                    repository TEXT NOT NULL,
                    digest BLOB NOT NULL,
                    part BLOB NOT NULL,
                    is_manifest INTEGER NOT NULL,
                    let_go_at INTEGER NOT NULL,
                    UNIQUE (repository, digest, part)
                ) STRICT
                """
            ]
        ),
    ]

    /// Every statement of this room.
    public static let statements = [
        insert, one, ofImage, bytes, sign, logAgain, seal, place, publish, delete, image, putImage, deleteImage, leave,
        leftovers, letGo,
    ]

    static let columns = """
        id, repository, digest, kind, slot, is_published, basis, predicate_type, payload_digest, is_logged, made_at, made_by,
        valid_until, signature, public_key, log_entry, log_index, promise, envelope, bundle_digest, manifest
        """

    static let insert = Statement(
        "attesting.insert",
        """
        INSERT INTO attestations (repository, digest, kind, slot, is_published, basis, predicate_type, payload, payload_digest,
            is_logged, made_at, made_by, valid_until)
        VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING \(columns)
        """
    )

    static let one = Statement("attesting.one", "SELECT \(columns) FROM attestations WHERE id = ?")

    static let ofImage = Statement(
        "attesting.ofImage",
        """
        SELECT \(columns) FROM attestations WHERE repository = ? AND digest = ?
        ORDER BY repository, digest, kind, slot, is_published LIMIT ?
        """
    )

    /// What is large, and only needed on the way.
    static let bytes = Statement("attesting.bytes", "SELECT payload, bundle FROM attestations WHERE id = ?")

    static let sign = Statement(
        "attesting.sign",
        "UPDATE attestations SET signature = ?, public_key = ?, log_entry = ? WHERE id = ? AND signature IS NULL"
    )

    static let logAgain = Statement(
        "attesting.logAgain",
        "UPDATE attestations SET log_entry = ? WHERE id = ? AND bundle IS NULL"
    )

    static let seal = Statement(
        "attesting.seal",
        "UPDATE attestations SET log_index = ?, promise = ?, bundle = ? WHERE id = ? AND bundle IS NULL"
    )

    /// Where it will be, before it is pushed: a crash leaves nothing that no row knows.
    static let place = Statement(
        "attesting.place",
        "UPDATE attestations SET envelope = ?, bundle_digest = ?, manifest = ? WHERE id = ? AND is_published = 0"
    )

    static let publish = Statement(
        "attesting.publish",
        "UPDATE attestations SET is_published = 1, payload = NULL, bundle = NULL WHERE id = ? AND is_published = 0"
    )

    static let delete = Statement("attesting.delete", "DELETE FROM attestations WHERE id = ?")

    static let image = Statement(
        "attesting.image",
        "SELECT news, words, problem FROM attested_images WHERE repository = ? AND digest = ?"
    )

    static let putImage = Statement(
        "attesting.putImage",
        """
        INSERT INTO attested_images (repository, digest, news, words, problem, looked_at) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (repository, digest) DO UPDATE SET news = excluded.news, words = excluded.words,
            problem = excluded.problem, looked_at = excluded.looked_at
        """
    )

    static let deleteImage = Statement(
        "attesting.deleteImage",
        "DELETE FROM attested_images WHERE repository = ? AND digest = ?"
    )

    /// The later of two times counts: it was on its way again.
    static let leave = Statement(
        "attesting.leave",
        """
        INSERT INTO attestation_leftovers (repository, digest, part, is_manifest, let_go_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (repository, digest, part) DO UPDATE SET let_go_at = CASE
            WHEN excluded.let_go_at > attestation_leftovers.let_go_at THEN excluded.let_go_at
            ELSE attestation_leftovers.let_go_at END
        """
    )

    static let leftovers = Statement(
        "attesting.leftovers",
        """
        SELECT id, part, is_manifest, let_go_at FROM attestation_leftovers WHERE repository = ? AND digest = ?
        ORDER BY repository, digest, part
        """
    )

    static let letGo = Statement(
        "attesting.letGo",
        "DELETE FROM attestation_leftovers WHERE id = ? AND let_go_at <= ?"
    )
}
