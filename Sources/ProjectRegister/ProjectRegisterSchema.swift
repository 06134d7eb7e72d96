// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of registered projects.
public enum ProjectRegisterSchema {
    /// The migrations, oldest first; they come after those of the accounts, of jobs and of the directory.
    public static let migrations: [Migration] = [
        Migration(
            id: "projects-0001",
            sql: [
                // visibility: 0 members, 1 everybody. forge_token: what the forge is asked with, as the secrets of webhooks are kept.
                // hook_hash: SHA-256 of what a forge shows when something was pushed. failures: checks in a row that came to nothing.
                // levels: by catalogue, of the verdicts that count.
                """
                CREATE TABLE registered_projects (
                    id INTEGER PRIMARY KEY,
                    name TEXT NOT NULL UNIQUE,
                    title TEXT NOT NULL,
                    namespace_id INTEGER NOT NULL REFERENCES namespaces (id),
                    url TEXT NOT NULL,
                    address TEXT NOT NULL,
                    visibility INTEGER NOT NULL,
                    forge_token TEXT,
                    hook_hash BLOB,
                    registered_at INTEGER NOT NULL,
                    registered_by TEXT NOT NULL,
                    checked_at INTEGER,
                    failure TEXT,
                    failing_since INTEGER,
                    failures INTEGER NOT NULL,
                    next_at INTEGER NOT NULL,
                    levels TEXT NOT NULL,
                    facts TEXT NOT NULL,
                    UNIQUE (namespace_id, address)
                ) STRICT
                """,
                "CREATE INDEX registered_projects_by_address ON registered_projects (address, id)",
                "CREATE INDEX registered_projects_by_due ON registered_projects (next_at, id)",
                // A row for each change of a result. document: of the first evaluation that came to them; latest: of the last, only
                // where that is another and the row counts. basis: SHA-256 over levels and results.
                """
                CREATE TABLE project_verdicts (
                    id INTEGER PRIMARY KEY,
                    project INTEGER NOT NULL REFERENCES registered_projects (id),
                    catalogue TEXT NOT NULL,
                    since INTEGER NOT NULL,
                    checked_at INTEGER NOT NULL,
                    level TEXT NOT NULL,
                    badges TEXT NOT NULL,
                    failure TEXT,
                    findings INTEGER NOT NULL,
                    basis BLOB NOT NULL,
                    document TEXT NOT NULL,
                    latest TEXT,
                    UNIQUE (project, catalogue, since)
                ) STRICT
                """,
            ]
        ),
        Migration(
            id: "projects-0002-sources",
            sql: [
                // What images that are built from it rest on, as the last check read it; NULL where nothing was read.
                "ALTER TABLE registered_projects ADD COLUMN source TEXT"
            ]
        ),
    ]

    /// Every statement of this room.
    public static let statements: [Statement] = [
        insert, change, setToken, setHook, delete, deleteVerdicts, one, named, at, page, pageOf, countUpTo, secrets,
        checked, failed, due, toCheck, verdict, verdictAt, basis, insertVerdict, confirmVerdict, supersede, history,
        oldestKept, prune, source, sources,
    ]

    static let columns = """
        p.id, p.name, p.title, p.url, p.address, n.name, n.organisation_id, p.visibility,
            CASE WHEN p.forge_token IS NULL THEN 0 ELSE 1 END, p.registered_at, p.registered_by, p.checked_at, p.failure,
            p.failing_since, p.next_at, p.levels, o.name, o.title
        """
    private static let tables = """
        registered_projects p JOIN namespaces n ON n.id = p.namespace_id
            LEFT JOIN organisations o ON o.id = n.organisation_id
        """

    // MARK: Projects

    static let insert = Statement(
        "projects.insert",
        """
        INSERT INTO registered_projects (name, title, namespace_id, url, address, visibility, forge_token, hook_hash,
            registered_at, registered_by, failures, next_at, levels, facts)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, '', '{}') RETURNING id
        """
    )

    static let change = Statement(
        "projects.change",
        "UPDATE registered_projects SET title = ?, url = ?, address = ?, visibility = ? WHERE id = ?"
    )

    static let setToken = Statement("projects.setToken", "UPDATE registered_projects SET forge_token = ? WHERE id = ?")

    static let setHook = Statement("projects.setHook", "UPDATE registered_projects SET hook_hash = ? WHERE id = ?")

    static let delete = Statement("projects.delete", "DELETE FROM registered_projects WHERE id = ?")

    static let deleteVerdicts = Statement("projects.deleteVerdicts", "DELETE FROM project_verdicts WHERE project = ?")

    static let one = Statement("projects.one", "SELECT \(columns) FROM \(tables) WHERE p.id = ?")

    static let named = Statement("projects.named", "SELECT \(columns) FROM \(tables) WHERE p.name = ?")

    static let at = Statement(
        "projects.at",
        "SELECT \(columns) FROM \(tables) WHERE p.address = ? AND p.id > ? ORDER BY p.address, p.id LIMIT ?"
    )

    static let page = Statement(
        "projects.page",
        "SELECT \(columns) FROM \(tables) WHERE p.name > ? ORDER BY p.name LIMIT ?"
    )

    /// Names of a namespace lie together.
    static let pageOf = Statement(
        "projects.pageOf",
        "SELECT \(columns) FROM \(tables) WHERE p.name > ? AND p.name < ? ORDER BY p.name LIMIT ?"
    )

    static let countUpTo = Statement(
        "projects.countUpTo",
        "SELECT 1 FROM registered_projects WHERE namespace_id = ? LIMIT ?"
    )

    static let secrets = Statement(
        "projects.secrets",
        "SELECT forge_token, hook_hash, failures, facts FROM registered_projects WHERE id = ?"
    )

    // MARK: Checks

    static let checked = Statement(
        "projects.checked",
        """
        UPDATE registered_projects SET checked_at = COALESCE(?, checked_at), failure = NULL, failing_since = NULL,
            failures = 0, next_at = ?, levels = ?, facts = ?, source = ?
        WHERE id = ?
        """
    )

    static let failed = Statement(
        "projects.failed",
        """
        UPDATE registered_projects SET failure = ?, failing_since = COALESCE(failing_since, ?), failures = failures + 1,
            next_at = ?
        WHERE id = ?
        """
    )

    static let toCheck = Statement(
        "projects.toCheck",
        "SELECT id FROM registered_projects WHERE next_at <= ? ORDER BY next_at, id LIMIT ?"
    )

    static let due = Statement("projects.due", "UPDATE registered_projects SET next_at = ? WHERE id = ?")

    static let source = Statement("projects.source", "SELECT source FROM registered_projects WHERE id = ?")

    static let sources = Statement(
        "projects.sources",
        """
        SELECT p.source, p.visibility, n.name, p.name FROM registered_projects p JOIN namespaces n ON n.id = p.namespace_id
        WHERE p.address = ? AND p.source IS NOT NULL AND (p.visibility = ? OR n.name = ?)
        ORDER BY p.address, p.id LIMIT ?
        """
    )

    // MARK: Verdicts

    static let verdictColumns = """
        project, catalogue, level, badges, since, checked_at, failure, findings
        """

    static let verdict = Statement(
        "projects.verdict",
        """
        SELECT \(verdictColumns), COALESCE(latest, document) FROM project_verdicts WHERE project = ? AND catalogue = ?
        ORDER BY since DESC LIMIT 1
        """
    )

    static let verdictAt = Statement(
        "projects.verdictAt",
        """
        SELECT \(verdictColumns), document FROM project_verdicts WHERE project = ? AND catalogue = ? AND since <= ?
        ORDER BY since DESC LIMIT 1
        """
    )

    static let basis = Statement(
        "projects.basis",
        """
        SELECT id, since, basis FROM project_verdicts WHERE project = ? AND catalogue = ? ORDER BY since DESC LIMIT 1
        """
    )

    static let insertVerdict = Statement(
        "projects.insertVerdict",
        """
        INSERT INTO project_verdicts (project, catalogue, since, checked_at, level, badges, failure, findings, basis,
            document)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (project, catalogue, since) DO UPDATE SET checked_at = excluded.checked_at, level = excluded.level,
            badges = excluded.badges, failure = excluded.failure, findings = excluded.findings, basis = excluded.basis,
            document = excluded.document, latest = NULL
        """
    )

    static let confirmVerdict = Statement(
        "projects.confirmVerdict",
        "UPDATE project_verdicts SET checked_at = ?, findings = ?, failure = ?, latest = ? WHERE id = ?"
    )

    /// What is history keeps the document of its beginning alone.
    static let supersede = Statement("projects.supersede", "UPDATE project_verdicts SET latest = NULL WHERE id = ?")

    static let history = Statement(
        "projects.history",
        """
        SELECT catalogue, since, checked_at, level, failure FROM project_verdicts
        WHERE project = ? AND catalogue = ? AND since < ? ORDER BY since DESC LIMIT ?
        """
    )

    static let oldestKept = Statement(
        "projects.oldestKept",
        "SELECT since FROM project_verdicts WHERE project = ? AND catalogue = ? ORDER BY since DESC LIMIT 1 OFFSET ?"
    )

    static let prune = Statement(
        "projects.prune",
        "DELETE FROM project_verdicts WHERE project = ? AND catalogue = ? AND since < ?"
    )
}
