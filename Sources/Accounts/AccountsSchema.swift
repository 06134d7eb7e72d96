// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of the accounts.
public enum AccountsSchema {
    /// Tables.
    public static let migrations = [
        Migration(
            id: "accounts-0001-first",
            sql: [
                """
                CREATE TABLE accounts (
                    id INTEGER PRIMARY KEY,
                    name TEXT NOT NULL UNIQUE,
                    is_admin INTEGER NOT NULL,
                    secret_hash BLOB NOT NULL,
                    created_at INTEGER NOT NULL,
                    disabled_at INTEGER
                ) STRICT
                """
            ]
        )
    ]

    /// Every statement, for the test that explains them.
    public static let statements = [find, insert, disable, enable, renewSecret]

    static let find = Statement(
        "accounts.find",
        "SELECT id, name, is_admin, secret_hash, disabled_at FROM accounts WHERE name = ?"
    )

    static let insert = Statement(
        "accounts.insert",
        """
        INSERT INTO accounts (name, is_admin, secret_hash, created_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (name) DO NOTHING
        """
    )

    static let disable = Statement(
        "accounts.disable",
        "UPDATE accounts SET disabled_at = ? WHERE name = ? AND disabled_at IS NULL"
    )

    static let enable = Statement(
        "accounts.enable",
        "UPDATE accounts SET disabled_at = NULL WHERE name = ? AND disabled_at IS NOT NULL"
    )

    static let renewSecret = Statement(
        "accounts.renewSecret",
        "UPDATE accounts SET secret_hash = ? WHERE name = ?"
    )
}
