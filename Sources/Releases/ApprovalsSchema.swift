// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of approvals.
public enum ApprovalsSchema {
    /// The migrations, oldest first; they come after those of the registry.
    public static let migrations: [Migration] = [
        Migration(
            id: "approvals-0001",
            sql: [
                // algorithm: the word in digests. envelope: what was signed, with its signature.
                """
                CREATE TABLE approvals (
                    id INTEGER PRIMARY KEY,
                    repository TEXT NOT NULL,
                    digest BLOB NOT NULL,
                    algorithm TEXT NOT NULL,
                    organisation TEXT NOT NULL,
                    purpose TEXT NOT NULL,
                    approved_at INTEGER NOT NULL,
                    approved_by TEXT NOT NULL,
                    valid_until INTEGER NOT NULL,
                    revoked_at INTEGER,
                    revoked_by TEXT,
                    revocation_reason TEXT,
                    envelope BLOB NOT NULL
                ) STRICT
                """,
                "CREATE INDEX approvals_by_organisation ON approvals (organisation, id)",
                // What an approval is about: the image, and each image of its index, which clients pull by its own digest.
                """
                CREATE TABLE approval_images (
                    repository TEXT NOT NULL,
                    digest BLOB NOT NULL,
                    algorithm TEXT NOT NULL,
                    approval_id INTEGER NOT NULL REFERENCES approvals (id),
                    PRIMARY KEY (repository, digest, algorithm, approval_id)
                ) STRICT
                """,
                "CREATE INDEX approval_images_by_approval ON approval_images (approval_id)",
            ]
        )
    ]

    /// Every statement.
    public static let statements = [
        insert, addImage, one, revoke, images, ofImage, ofOrganisation, ends,
    ]

    private static let columns = """
        a.id, a.repository, a.digest, a.algorithm, a.organisation, a.purpose, a.approved_at, a.approved_by, a.valid_until, a.revoked_at,
        a.revoked_by, a.revocation_reason, a.envelope
        """

    static let insert = Statement(
        "approvals.insert",
        """
        INSERT INTO approvals (repository, digest, algorithm, organisation, purpose, approved_at, approved_by, valid_until, envelope)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
        """
    )

    static let addImage = Statement(
        "approvals.addImage",
        "INSERT INTO approval_images (repository, digest, algorithm, approval_id) VALUES (?, ?, ?, ?)"
    )

    static let one = Statement("approvals.one", "SELECT \(columns) FROM approvals a WHERE a.id = ?")

    static let revoke = Statement(
        "approvals.revoke",
        """
        UPDATE approvals SET revoked_at = ?, revoked_by = ?, revocation_reason = ?
        WHERE id = ? AND revoked_at IS NULL AND valid_until > ?
        """
    )

    static let images = Statement(
        "approvals.images",
        "SELECT digest, algorithm FROM approval_images WHERE approval_id = ?"
    )

    static let ofImage = Statement(
        "approvals.ofImage",
        """
        SELECT \(columns) FROM approval_images i JOIN approvals a ON a.id = i.approval_id
        WHERE i.repository = ? AND i.digest = ? AND i.algorithm = ? AND i.approval_id < ? ORDER BY i.approval_id DESC LIMIT ?
        """
    )

    static let ofOrganisation = Statement(
        "approvals.ofOrganisation",
        "SELECT \(columns) FROM approvals a WHERE a.organisation = ? AND a.id < ? ORDER BY a.id DESC LIMIT ?"
    )

    /// Until when each approval of an image holds or held.
    static let ends = Statement(
        "approvals.ends",
        """
        SELECT a.organisation, a.valid_until, a.revoked_at FROM approval_images i JOIN approvals a ON a.id = i.approval_id
        WHERE i.repository = ? AND i.digest = ? AND i.algorithm = ?
        """
    )
}
