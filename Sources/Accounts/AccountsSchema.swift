// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of accounts, organisations, namespaces, tokens and roles.
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
        ),
        Migration(
            id: "accounts-0002-rights",
            sql: [
                """
                CREATE TABLE organisations (
                    id INTEGER PRIMARY KEY,
                    name TEXT NOT NULL UNIQUE,
                    title TEXT NOT NULL,
                    kind TEXT NOT NULL,
                    official_key TEXT,
                    security_contact TEXT,
                    deputy_contact TEXT,
                    created_at INTEGER NOT NULL
                ) STRICT
                """,
                // Who operates things for whom.
                """
                CREATE TABLE organisation_relations (
                    provider_id INTEGER NOT NULL REFERENCES organisations (id),
                    customer_id INTEGER NOT NULL REFERENCES organisations (id),
                    since INTEGER NOT NULL,
                    PRIMARY KEY (provider_id, customer_id)
                ) STRICT
                """,
                "CREATE INDEX organisation_relations_by_customer ON organisation_relations (customer_id, provider_id)",
                // No name begins another: a repository lies in one namespace or in none.
                """
                CREATE TABLE namespaces (
                    id INTEGER PRIMARY KEY,
                    name TEXT NOT NULL UNIQUE,
                    organisation_id INTEGER NOT NULL REFERENCES organisations (id),
                    is_public INTEGER NOT NULL,
                    created_at INTEGER NOT NULL,
                    frozen_since INTEGER,
                    frozen_at INTEGER,
                    frozen_by TEXT
                ) STRICT
                """,
                "CREATE INDEX namespaces_by_organisation ON namespaces (organisation_id, name)",
                // is_admin stays 1 for operators, so that an older program does not lock them out.
                "ALTER TABLE accounts ADD COLUMN kind INTEGER NOT NULL DEFAULT 1",
                "ALTER TABLE accounts ADD COLUMN node_role INTEGER",
                "UPDATE accounts SET node_role = 2 WHERE is_admin = 1",
                "ALTER TABLE accounts ADD COLUMN organisation_id INTEGER",
                // The namespace whose maintainers look after a service account.
                "ALTER TABLE accounts ADD COLUMN namespace_id INTEGER",
                // A chosen password; a generated secret has its hash in secret_hash.
                "ALTER TABLE accounts ADD COLUMN password TEXT",
                "ALTER TABLE accounts ADD COLUMN version INTEGER NOT NULL DEFAULT 0",
                "CREATE INDEX accounts_by_namespace ON accounts (namespace_id, name)",
                """
                CREATE TABLE memberships (
                    namespace_id INTEGER NOT NULL REFERENCES namespaces (id),
                    account_id INTEGER NOT NULL REFERENCES accounts (id),
                    role INTEGER NOT NULL,
                    changed_at INTEGER NOT NULL,
                    PRIMARY KEY (namespace_id, account_id)
                ) STRICT
                """,
                "CREATE INDEX memberships_by_account ON memberships (account_id, namespace_id)",
                """
                CREATE TABLE tokens (
                    id INTEGER PRIMARY KEY,
                    account_id INTEGER NOT NULL REFERENCES accounts (id),
                    label TEXT NOT NULL,
                    secret_hash BLOB NOT NULL UNIQUE,
                    created_at INTEGER NOT NULL,
                    created_by TEXT NOT NULL,
                    expires_at INTEGER NOT NULL,
                    last_used_at INTEGER,
                    revoked_at INTEGER
                ) STRICT
                """,
                "CREATE INDEX tokens_by_account ON tokens (account_id, id)",
                """
                CREATE TABLE token_scopes (
                    token_id INTEGER NOT NULL REFERENCES tokens (id),
                    repositories TEXT NOT NULL,
                    rights INTEGER NOT NULL,
                    PRIMARY KEY (token_id, repositories)
                ) STRICT
                """,
            ]
        ),
        sessionsMigration,
    ]

    /// Every statement, for the test that explains them.
    public static let statements =
        [
            find, insert, disable, enable, renewSecret, setPassword, access, readableNamespaces, accountByName,
            accounts,
        ] + organisationStatements + namespaceStatements + tokenStatements + sessionStatements

    // MARK: Accounts

    static let find = Statement(
        "accounts.find",
        """
        SELECT id, name, kind, node_role, organisation_id, secret_hash, password, disabled_at, version FROM accounts
        WHERE name = ?
        """
    )

    static let accountByName = Statement(
        "accounts.byName",
        """
        SELECT a.id, a.name, a.kind, a.node_role, o.name, n.name, a.created_at, a.disabled_at, a.namespace_id
        FROM accounts a
            LEFT JOIN organisations o ON o.id = a.organisation_id
            LEFT JOIN namespaces n ON n.id = a.namespace_id
        WHERE a.name = ?
        """
    )

    static let accounts = Statement(
        "accounts.page",
        """
        SELECT a.id, a.name, a.kind, a.node_role, o.name, n.name, a.created_at, a.disabled_at, a.namespace_id
        FROM accounts a
            LEFT JOIN organisations o ON o.id = a.organisation_id
            LEFT JOIN namespaces n ON n.id = a.namespace_id
        WHERE a.name > ? ORDER BY a.name LIMIT ?
        """
    )

    static let insert = Statement(
        "accounts.insert",
        """
        INSERT INTO accounts (name, is_admin, kind, node_role, organisation_id, namespace_id, secret_hash, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO NOTHING
        """
    )

    static let disable = Statement(
        "accounts.disable",
        "UPDATE accounts SET disabled_at = ?, version = version + 1 WHERE name = ? AND disabled_at IS NULL"
    )

    static let enable = Statement(
        "accounts.enable",
        "UPDATE accounts SET disabled_at = NULL WHERE name = ? AND disabled_at IS NOT NULL"
    )

    static let renewSecret = Statement(
        "accounts.renewSecret",
        "UPDATE accounts SET secret_hash = ?, password = NULL, version = version + 1 WHERE name = ?"
    )

    /// The generated secret ends with the first password: 32 zero bytes are the hash of nothing that anybody knows.
    static let setPassword = Statement(
        "accounts.setPassword",
        "UPDATE accounts SET password = ?, secret_hash = ?, version = version + 1 WHERE id = ?"
    )

    // MARK: Rights

    /// Everything that a decision about one repository needs, in one read: the account as it is now, the token, the namespace, the role.
    static let access = Statement(
        "accounts.access",
        """
        SELECT a.name, a.kind, a.node_role, a.organisation_id, a.disabled_at, a.version, t.expires_at, t.revoked_at,
            n.id, n.name, n.organisation_id, n.is_public, n.frozen_since, n.frozen_at, n.frozen_by, m.role
        FROM (SELECT CAST(? AS BIGINT) AS account, CAST(? AS BIGINT) AS token) AS asked
            LEFT JOIN accounts a ON a.id = asked.account
            LEFT JOIN tokens t ON t.id = asked.token AND t.account_id = a.id
            LEFT JOIN namespaces n ON n.name IN (?, ?, ?)
            LEFT JOIN memberships m ON m.namespace_id = n.id AND m.account_id = a.id
        """
    )

    static let readableNamespaces = Statement(
        "accounts.readableNamespaces",
        """
        SELECT n.name, n.is_public, m.role, n.frozen_at FROM namespaces n
            LEFT JOIN memberships m ON m.namespace_id = n.id AND m.account_id = ?
        ORDER BY n.name LIMIT 100000
        """
    )
    .scans("one row per namespace, which somebody made by hand")

    // MARK: Organisations

    static let organisationStatements = [
        insertOrganisation, organisation, organisationName, organisations, relate, unrelate, customers, providers,
        maintained,
    ]

    static let insertOrganisation = Statement(
        "organisations.insert",
        """
        INSERT INTO organisations (name, title, kind, official_key, security_contact, deputy_contact, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE SET title = excluded.title, kind = excluded.kind,
            official_key = excluded.official_key, security_contact = excluded.security_contact,
            deputy_contact = excluded.deputy_contact
        """
    )

    static let organisation = Statement(
        "organisations.byName",
        """
        SELECT id, name, title, kind, official_key, security_contact, deputy_contact FROM organisations WHERE name = ?
        """
    )

    static let organisationName = Statement(
        "organisations.name",
        "SELECT name FROM organisations WHERE id = ?"
    )

    static let organisations = Statement(
        "organisations.page",
        """
        SELECT id, name, title, kind, official_key, security_contact, deputy_contact FROM organisations
        WHERE name > ? ORDER BY name LIMIT ?
        """
    )

    static let relate = Statement(
        "organisations.relate",
        """
        INSERT INTO organisation_relations (provider_id, customer_id, since) VALUES (?, ?, ?)
        ON CONFLICT (provider_id, customer_id) DO NOTHING
        """
    )

    static let unrelate = Statement(
        "organisations.unrelate",
        "DELETE FROM organisation_relations WHERE provider_id = ? AND customer_id = ?"
    )

    static let customers = Statement(
        "organisations.customers",
        """
        SELECT o.name FROM organisation_relations r JOIN organisations o ON o.id = r.customer_id
        WHERE r.provider_id = ? ORDER BY r.customer_id LIMIT 10000
        """
    )

    static let providers = Statement(
        "organisations.providers",
        """
        SELECT o.name FROM organisation_relations r JOIN organisations o ON o.id = r.provider_id
        WHERE r.customer_id = ? ORDER BY r.provider_id LIMIT 10000
        """
    )

    /// A namespace of an organisation that an account maintains.
    static let maintained = Statement(
        "organisations.maintained",
        """
        SELECT n.id FROM memberships m JOIN namespaces n ON n.id = m.namespace_id
        WHERE m.account_id = ? AND m.role = 3 AND n.organisation_id = ? LIMIT 1
        """
    )

    // MARK: Namespaces

    static let namespaceStatements = [
        insertNamespace, namespace, namespacesAmong, namespacesBelow, namespaces, setVisibility, freeze, unfreeze,
        setMembership, removeMembership, members, membership, revokePushing,
    ]

    static let namespaceColumns =
        "n.id, n.name, n.organisation_id, n.is_public, n.frozen_since, n.frozen_at, n.frozen_by"

    static let insertNamespace = Statement(
        "namespaces.insert",
        "INSERT INTO namespaces (name, organisation_id, is_public, created_at) VALUES (?, ?, ?, ?)"
    )

    static let namespace = Statement(
        "namespaces.byName",
        """
        SELECT \(namespaceColumns), o.name FROM namespaces n JOIN organisations o ON o.id = n.organisation_id
        WHERE n.name = ?
        """
    )

    static let namespacesAmong = Statement(
        "namespaces.among",
        "SELECT name FROM namespaces WHERE name IN (?, ?, ?) LIMIT 1"
    )

    static let namespacesBelow = Statement(
        "namespaces.below",
        "SELECT name FROM namespaces WHERE name > ? AND name < ? LIMIT 1"
    )

    /// Those that everybody may see, those of a member, and all of them for whoever sees everything.
    static let namespaces = Statement(
        "namespaces.page",
        """
        SELECT \(namespaceColumns), o.name, m.role
        FROM namespaces n JOIN organisations o ON o.id = n.organisation_id
            LEFT JOIN memberships m ON m.namespace_id = n.id AND m.account_id = ?
        WHERE n.name > ? AND (n.is_public <> 0 OR m.role IS NOT NULL OR ? <> 0) ORDER BY n.name LIMIT ?
        """
    )

    static let setVisibility = Statement(
        "namespaces.setVisibility",
        "UPDATE namespaces SET is_public = ? WHERE id = ? AND is_public <> ?"
    )

    static let freeze = Statement(
        "namespaces.freeze",
        "UPDATE namespaces SET frozen_since = ?, frozen_at = ?, frozen_by = ? WHERE id = ? AND frozen_at IS NULL"
    )

    static let unfreeze = Statement(
        "namespaces.unfreeze",
        "UPDATE namespaces SET frozen_since = NULL, frozen_at = NULL, frozen_by = NULL WHERE id = ? AND frozen_by <> ?"
    )

    static let setMembership = Statement(
        "memberships.set",
        """
        INSERT INTO memberships (namespace_id, account_id, role, changed_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (namespace_id, account_id) DO UPDATE SET role = excluded.role, changed_at = excluded.changed_at
        """
    )

    static let removeMembership = Statement(
        "memberships.remove",
        "DELETE FROM memberships WHERE namespace_id = ? AND account_id = ?"
    )

    static let members = Statement(
        "memberships.page",
        """
        SELECT a.id, a.name, m.role FROM memberships m JOIN accounts a ON a.id = m.account_id
        WHERE m.namespace_id = ? AND m.account_id > ? ORDER BY m.account_id LIMIT ?
        """
    )

    static let membership = Statement(
        "memberships.one",
        "SELECT role FROM memberships WHERE namespace_id = ? AND account_id = ?"
    )

    /// Tokens of members that may push into a namespace: whoever stole one loses it.
    ///
    /// Those that are for other repositories stay: a maintainer must not end what is none of the namespace's.
    static let revokePushing = Statement(
        "tokens.revokePushing",
        """
        UPDATE tokens SET revoked_at = ? WHERE revoked_at IS NULL AND id IN (
            SELECT t.id FROM memberships m JOIN tokens t ON t.account_id = m.account_id
                JOIN token_scopes s ON s.token_id = t.id
            WHERE m.namespace_id = ? AND m.role >= 2 AND (s.rights & 14) <> 0
                AND (s.repositories IN ('*', ?, ?, ?) OR (s.repositories > ? AND s.repositories < ?)))
        """
    )

    // MARK: Tokens

    static let tokenStatements = [
        insertToken, insertScope, token, tokenByID, scopesOfToken, tokens, openTokens, latestOpenTokens,
        latestEndedTokens, revokeToken, useToken,
    ]

    static let insertToken = Statement(
        "tokens.insert",
        """
        INSERT INTO tokens (account_id, label, secret_hash, created_at, created_by, expires_at)
        VALUES (?, ?, ?, ?, ?, ?) RETURNING id
        """
    )

    static let insertScope = Statement(
        "tokens.insertScope",
        "INSERT INTO token_scopes (token_id, repositories, rights) VALUES (?, ?, ?)"
    )

    static let token = Statement(
        "tokens.bySecret",
        """
        SELECT a.id, a.name, a.kind, a.node_role, a.organisation_id, a.disabled_at, a.version, t.id, t.expires_at,
            t.revoked_at
        FROM tokens t JOIN accounts a ON a.id = t.account_id WHERE t.secret_hash = ?
        """
    )

    static let tokenByID = Statement(
        "tokens.byID",
        """
        SELECT t.id, a.id, a.name, a.namespace_id, t.revoked_at FROM tokens t JOIN accounts a ON a.id = t.account_id
        WHERE t.id = ?
        """
    )

    static let scopesOfToken = Statement(
        "tokens.scopes",
        "SELECT repositories, rights FROM token_scopes WHERE token_id = ? ORDER BY repositories"
    )

    static let tokens = Statement(
        "tokens.page",
        """
        SELECT id, label, created_at, created_by, expires_at, last_used_at, revoked_at FROM tokens
        WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?
        """
    )

    static let openTokens = Statement(
        "tokens.open",
        """
        SELECT id FROM tokens WHERE account_id = ? AND revoked_at IS NULL AND expires_at > ? ORDER BY id LIMIT ?
        """
    )

    static let latestOpenTokens = Statement(
        "tokens.latestOpen",
        """
        SELECT id, label, created_at, created_by, expires_at, last_used_at, revoked_at FROM tokens
        WHERE account_id = ? AND revoked_at IS NULL AND expires_at > ? ORDER BY id DESC LIMIT ?
        """
    )

    static let latestEndedTokens = Statement(
        "tokens.latestEnded",
        """
        SELECT id, label, created_at, created_by, expires_at, last_used_at, revoked_at FROM tokens
        WHERE account_id = ? AND (revoked_at IS NOT NULL OR expires_at <= ?) ORDER BY id DESC LIMIT ?
        """
    )

    static let revokeToken = Statement(
        "tokens.revoke",
        "UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL"
    )

    static let useToken = Statement("tokens.use", "UPDATE tokens SET last_used_at = ? WHERE id = ?")
}
