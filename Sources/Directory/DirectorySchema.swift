// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of the directory.
public enum DirectorySchema {
    /// The tables, oldest first, without the full-text index; they come after those of accounts.
    public static let tables: [Migration] = [
        Migration(
            id: "directory-0001",
            sql: [
                // key: what the entry is about, such as image:team/app. audience: 0 everybody, 1 who may read the repository, 2 the
                // organisation. level and its areas: NULL while nobody knows. risk: of the worst finding that can be mended. facts: what
                // a list shows, as JSON.
                """
                CREATE TABLE directory_entries (
                    id INTEGER PRIMARY KEY,
                    key TEXT NOT NULL UNIQUE,
                    kind INTEGER NOT NULL,
                    audience INTEGER NOT NULL,
                    label TEXT NOT NULL,
                    namespace TEXT NOT NULL,
                    organisation INTEGER NOT NULL,
                    level INTEGER,
                    security INTEGER,
                    maintenance INTEGER,
                    reuse INTEGER,
                    categories TEXT NOT NULL,
                    licences TEXT NOT NULL,
                    architectures TEXT NOT NULL,
                    risk REAL NOT NULL,
                    facts TEXT NOT NULL,
                    changed_at INTEGER NOT NULL
                ) STRICT
                """,
                "CREATE INDEX directory_entries_by_label ON directory_entries (label, id)",
                "CREATE INDEX directory_entries_by_risk ON directory_entries (namespace, risk, id)",
                "CREATE INDEX directory_entries_by_organisation ON directory_entries (organisation, id)",
                // How far the events of the node are in the directory; one row. format: other facts are kept from another number on.
                """
                CREATE TABLE directory_state (
                    id INTEGER PRIMARY KEY,
                    event INTEGER NOT NULL,
                    format INTEGER NOT NULL
                ) STRICT
                """,
                // A row for each change of an image's level.
                """
                CREATE TABLE level_history (
                    repository TEXT NOT NULL,
                    digest BLOB NOT NULL,
                    algorithm INTEGER NOT NULL,
                    at INTEGER NOT NULL,
                    level INTEGER NOT NULL,
                    PRIMARY KEY (repository, digest, algorithm, at)
                ) STRICT
                """,
                // The reuse register. subject: key of the entry. since: first instant of the day.
                """
                CREATE TABLE directory_uses (
                    id INTEGER PRIMARY KEY,
                    subject TEXT NOT NULL,
                    organisation INTEGER NOT NULL REFERENCES organisations (id),
                    since INTEGER NOT NULL,
                    purpose TEXT NOT NULL,
                    contact TEXT,
                    created_at INTEGER NOT NULL,
                    created_by TEXT NOT NULL,
                    ended_at INTEGER,
                    ended_by TEXT
                ) STRICT
                """,
                "CREATE INDEX directory_uses_by_subject ON directory_uses (subject, id)",
                "CREATE INDEX directory_uses_by_organisation ON directory_uses (organisation, id)",
                // What a publisher says to the level of an image; level: the one that it was when it was said.
                """
                CREATE TABLE level_replies (
                    id INTEGER PRIMARY KEY,
                    repository TEXT NOT NULL,
                    digest BLOB NOT NULL,
                    algorithm INTEGER NOT NULL,
                    level INTEGER,
                    disputes INTEGER NOT NULL,
                    text TEXT NOT NULL,
                    author TEXT NOT NULL,
                    created_at INTEGER NOT NULL,
                    created_by TEXT NOT NULL,
                    ended_at INTEGER,
                    ended_by TEXT
                ) STRICT
                """,
                "CREATE INDEX level_replies_by_image ON level_replies (repository, digest, algorithm, id)",
            ]
        ),
        Migration(
            id: "directory-0002-sources",
            sql: [
                // Where the source of an entry lies, in the form of SourceAddress, as far as it says so.
                """
                CREATE TABLE directory_sources (
                    entry INTEGER PRIMARY KEY REFERENCES directory_entries (id),
                    address TEXT NOT NULL
                ) STRICT
                """,
                "CREATE INDEX directory_sources_by_address ON directory_sources (address, entry)",
            ]
        ),
        Migration(
            id: "directory-0003-replies",
            sql: [
                // What a publisher says to the level of an image, and since now of a source project. subject: key of the entry. digest:
                // of an image; empty, with algorithm 0, where there is none.
                "DROP INDEX level_replies_by_image",
                "ALTER TABLE level_replies RENAME COLUMN repository TO subject",
                "UPDATE level_replies SET subject = 'image:' || subject",
                // Of a project: the commit that was looked at, and since when its results were what they were.
                "ALTER TABLE level_replies ADD COLUMN revision TEXT",
                "ALTER TABLE level_replies ADD COLUMN results_since INTEGER",
                "CREATE INDEX level_replies_by_subject ON level_replies (subject, digest, algorithm, id)",
            ]
        ),
    ]

    /// Words of the entries: `name` is what they are called, `text` what they say of themselves, `facets` what they are.
    static let texts = FullTextIndex("directory_texts", columns: ["name", "text", "facets"])

    /// Everything, oldest first.
    public static let migrations: [Migration] = tables + [texts.migration]

    /// Statements that both databases share.
    public static let statements: [Statement] = [
        entry, put, delete, byLabel, byRisk, byOrganisation, entriesBelow, facetsByLabel,
        facetsByOrganisation, state, setState, lastEvent,
        events, names, listed, putLevel, lastLevel, levels, organisationByID, organisationByName, useInForce, use,
        addUse, endUse, putSource, deleteSource, bySource, memberships,
        usesOf, reuse, usesBy, addReply, reply, endReply, endReplies, replies,
    ]

    /// Statements of full-text search, each for SQLite alone.
    public static let searches: [Statement] = texts.statements + [matching, facetsMatching]

    static let columns = """
        e.id, e.key, e.kind, e.audience, e.label, e.namespace, e.organisation, o.name, o.title, e.level, e.security,
            e.maintenance, e.reuse, e.categories, e.licences, e.architectures, e.risk, e.facts
        """
    private static let tablesOfEntries = "directory_entries e LEFT JOIN organisations o ON o.id = e.organisation"
    /// What counting by facets needs of an entry.
    private static let facetColumns = """
        e.id, e.key, e.kind, e.audience, e.organisation, e.level, e.security, e.maintenance, e.reuse, e.categories,
            e.licences, e.architectures
        """

    static let entry = Statement("directory.entry", "SELECT \(columns) FROM \(tablesOfEntries) WHERE e.key = ?")
    static let put = Statement(
        "directory.put",
        """
        INSERT INTO directory_entries (key, kind, audience, label, namespace, organisation, level, security,
            maintenance, reuse, categories, licences, architectures, risk, facts, changed_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (key) DO UPDATE SET kind = excluded.kind, audience = excluded.audience, label = excluded.label,
            namespace = excluded.namespace, organisation = excluded.organisation, level = excluded.level,
            security = excluded.security, maintenance = excluded.maintenance, reuse = excluded.reuse,
            categories = excluded.categories, licences = excluded.licences, architectures = excluded.architectures,
            risk = excluded.risk, facts = excluded.facts, changed_at = excluded.changed_at
        RETURNING id
        """
    )
    static let delete = Statement("directory.delete", "DELETE FROM directory_entries WHERE key = ? RETURNING id")
    static let memberships = Statement(
        "directory.memberships",
        """
        SELECT n.name FROM memberships m JOIN namespaces n ON n.id = m.namespace_id
        WHERE m.account_id = ? ORDER BY m.account_id, m.namespace_id LIMIT 100000
        """
    )

    static let putSource = Statement(
        "directory.putSource",
        """
        INSERT INTO directory_sources (entry, address) VALUES (?, ?)
        ON CONFLICT (entry) DO UPDATE SET address = excluded.address
        """
    )
    static let deleteSource = Statement("directory.deleteSource", "DELETE FROM directory_sources WHERE entry = ?")
    static let bySource = Statement(
        "directory.bySource",
        """
        SELECT \(columns) FROM directory_sources s JOIN directory_entries e ON e.id = s.entry
            LEFT JOIN organisations o ON o.id = e.organisation
        WHERE s.address = ? AND s.entry > ? ORDER BY s.address, s.entry LIMIT ?
        """
    )
    static let byLabel = Statement(
        "directory.byLabel",
        """
        SELECT \(columns) FROM \(tablesOfEntries)
        WHERE (e.label, e.id) > (?, ?) ORDER BY e.label, e.id LIMIT ?
        """
    )
    static let byRisk = Statement(
        "directory.byRisk",
        """
        SELECT \(columns) FROM \(tablesOfEntries)
        WHERE e.namespace = ? ORDER BY e.risk DESC, e.id DESC LIMIT ?
        """
    )
    static let byOrganisation = Statement(
        "directory.byOrganisation",
        """
        SELECT \(columns) FROM \(tablesOfEntries)
        WHERE e.organisation = ? AND e.id > ? ORDER BY e.id LIMIT ?
        """
    )
    static let entriesBelow = Statement(
        "directory.entriesBelow",
        "SELECT key FROM directory_entries WHERE label >= ? AND label < ? AND label > ? ORDER BY label LIMIT ?"
    )
    static let facetsByLabel = Statement(
        "directory.facetsByLabel",
        "SELECT \(facetColumns) FROM directory_entries e ORDER BY e.label, e.id LIMIT ?"
    )
    static let facetsByOrganisation = Statement(
        "directory.facetsByOrganisation",
        "SELECT \(facetColumns) FROM directory_entries e WHERE e.organisation = ? ORDER BY e.id LIMIT ?"
    )
    static let matching = texts.newest(
        "directory.matching",
        selecting: columns,
        joining:
            "JOIN directory_entries e ON e.id = found.rowid LEFT JOIN organisations o ON o.id = e.organisation"
    )
    static let facetsMatching = texts.newest(
        "directory.facetsMatching",
        selecting: facetColumns,
        joining: "JOIN directory_entries e ON e.id = found.rowid"
    )

    static let state = Statement("directory.state", "SELECT event, format FROM directory_state WHERE id = 1")
    static let setState = Statement(
        "directory.setState",
        """
        INSERT INTO directory_state (id, event, format) VALUES (1, ?, ?)
        ON CONFLICT (id) DO UPDATE SET event = excluded.event, format = excluded.format
        """
    )
    static let lastEvent = Statement("directory.lastEvent", "SELECT id FROM audit_events ORDER BY id DESC LIMIT 1")
    static let events = Statement(
        "directory.events",
        "SELECT id, at, action, subject, detail FROM audit_events WHERE id > ? ORDER BY id LIMIT ?"
    )
    static let names = Statement(
        "directory.names",
        "SELECT name, listed_at FROM repositories WHERE name > ? ORDER BY name LIMIT ?"
    )

    static let listed = Statement(
        "directory.listed",
        "SELECT id FROM repositories WHERE name = ? AND listed_at IS NOT NULL"
    )

    static let putLevel = Statement(
        "directory.putLevel",
        """
        INSERT INTO level_history (repository, digest, algorithm, at, level) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (repository, digest, algorithm, at) DO UPDATE SET level = excluded.level
        """
    )
    static let lastLevel = Statement(
        "directory.lastLevel",
        """
        SELECT level FROM level_history WHERE repository = ? AND digest = ? AND algorithm = ? AND at <= ?
        ORDER BY at DESC LIMIT 1
        """
    )
    static let levels = Statement(
        "directory.levels",
        """
        SELECT at, level FROM level_history WHERE repository = ? AND digest = ? AND algorithm = ?
        ORDER BY at DESC LIMIT ?
        """
    )
    static let organisationByID = Statement(
        "directory.organisationByID",
        "SELECT id, name, title FROM organisations WHERE id = ?"
    )
    static let organisationByName = Statement(
        "directory.organisationByName",
        "SELECT id, name, title FROM organisations WHERE name = ?"
    )
}
