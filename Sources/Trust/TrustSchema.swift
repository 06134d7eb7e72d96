// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of what publishers hand to the registry beside their images.
public enum TrustSchema {
    /// The migrations, oldest first.
    public static let migrations: [Migration] = [
        Migration(
            id: "trust-0001",
            sql: [
                // OpenPGP messages about images, as registries of this extension keep them; hash: SHA-256 of the message.
                """
                CREATE TABLE openpgp_signatures (
                    id INTEGER PRIMARY KEY,
                    repository TEXT NOT NULL,
                    digest TEXT NOT NULL,
                    hash BLOB NOT NULL,
                    message BLOB NOT NULL,
                    pushed_at INTEGER NOT NULL,
                    pushed_by TEXT NOT NULL,
                    UNIQUE (repository, digest, hash)
                ) STRICT
                """
            ]
        )
    ]

    /// Every statement of this room.
    public static let statements = [messages, keep]

    static let messages = Statement(
        "trust.openPGPMessages",
        """
        SELECT message, hash FROM openpgp_signatures WHERE repository = ? AND digest = ? ORDER BY repository, digest, hash
        LIMIT ?
        """
    )

    static let keep = Statement(
        "trust.keepOpenPGPMessage",
        """
        INSERT INTO openpgp_signatures (repository, digest, hash, message, pushed_at, pushed_by) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (repository, digest, hash) DO NOTHING
        """
    )
}
