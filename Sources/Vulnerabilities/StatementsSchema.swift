// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of the VEX documents that a node was given.
public enum StatementsSchema {
    /// Tables.
    ///
    /// `namespace` is empty where the word counts on the whole node. A document that was replaced or revoked stays: what it once changed
    /// can be explained.
    public static let migrations = [
        Migration(
            id: "statements-0001-first",
            sql: [
                """
                CREATE TABLE vex_documents (
                    id INTEGER PRIMARY KEY,
                    namespace TEXT NOT NULL,
                    format TEXT NOT NULL,
                    name TEXT NOT NULL,
                    author TEXT NOT NULL,
                    version TEXT,
                    digest BLOB NOT NULL,
                    statements INTEGER NOT NULL,
                    refused INTEGER NOT NULL,
                    imported_at INTEGER NOT NULL,
                    imported_by TEXT NOT NULL,
                    ended_at INTEGER,
                    ended_by TEXT
                ) STRICT
                """,
                "CREATE INDEX vex_documents_by_end ON vex_documents (ended_at)",
                "CREATE INDEX vex_documents_by_name ON vex_documents (name, author, namespace, id)",
                """
                CREATE TABLE vex_statements (
                    document INTEGER NOT NULL REFERENCES vex_documents (id),
                    position INTEGER NOT NULL,
                    record TEXT NOT NULL,
                    PRIMARY KEY (document, position)
                ) STRICT, WITHOUT ROWID
                """,
                // A vulnerability's names in capitals: databases differ in the case of theirs.
                """
                CREATE TABLE vex_names (
                    name TEXT NOT NULL,
                    document INTEGER NOT NULL,
                    position INTEGER NOT NULL,
                    PRIMARY KEY (name, document, position)
                ) STRICT, WITHOUT ROWID
                """,
            ]
        ),
        Migration(
            id: "statements-0002-triage",
            sql: [
                "ALTER TABLE vex_documents ADD COLUMN origin TEXT NOT NULL DEFAULT 'imported'",
                // Where a word counts in one repository alone; empty elsewhere.
                "ALTER TABLE vex_documents ADD COLUMN repository TEXT NOT NULL DEFAULT ''",
                "ALTER TABLE vex_documents ADD COLUMN adopted_from TEXT",
                // What somebody attached to an image. It lies in tables of its own: nothing that asks which words count can meet it.
                """
                CREATE TABLE vex_discovered (
                    id INTEGER PRIMARY KEY,
                    repository TEXT NOT NULL,
                    subject BLOB NOT NULL,
                    subject_algorithm INTEGER NOT NULL,
                    manifest BLOB NOT NULL,
                    manifest_algorithm INTEGER NOT NULL,
                    layer INTEGER NOT NULL,
                    format TEXT NOT NULL,
                    name TEXT NOT NULL,
                    author TEXT NOT NULL,
                    version TEXT,
                    statements INTEGER NOT NULL,
                    refused INTEGER NOT NULL,
                    found_at INTEGER NOT NULL,
                    pushed_by TEXT NOT NULL,
                    UNIQUE (repository, manifest, manifest_algorithm, layer)
                ) STRICT
                """,
                "CREATE INDEX vex_discovered_by_subject ON vex_discovered (subject, subject_algorithm, repository, id)",
                """
                CREATE TABLE vex_discovered_statements (
                    document INTEGER NOT NULL REFERENCES vex_discovered (id),
                    position INTEGER NOT NULL,
                    record TEXT NOT NULL,
                    PRIMARY KEY (document, position)
                ) STRICT, WITHOUT ROWID
                """,
            ]
        ),
        attestedMigration,
    ]

    /// Every statement, for the test that explains them.
    public static let statements =
        [
            insertDocument, insertStatement, insertName, document, live, liveOfPlace, end, page, statement,
            statementsOfName, namesOfDocument, generation,
        ] + discoveredStatements + attestedStatements

    static let insertDocument = Statement(
        "vex.insertDocument",
        """
        INSERT INTO vex_documents (namespace, repository, origin, adopted_from, format, name, author, version, digest,
            statements, refused, imported_at, imported_by)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
        """
    )
    static let insertStatement = Statement(
        "vex.insertStatement",
        "INSERT INTO vex_statements (document, position, record) VALUES (?, ?, ?)"
    )
    static let insertName = Statement(
        "vex.insertName",
        """
        INSERT INTO vex_names (name, document, position) VALUES (?, ?, ?)
        ON CONFLICT (name, document, position) DO NOTHING
        """
    )
    private static let columns = """
        id, namespace, format, name, author, version, statements, refused, imported_at, imported_by, ended_at, ended_by,
        origin, repository, adopted_from
        """
    static let document = Statement("vex.document", "SELECT \(columns) FROM vex_documents WHERE id = ?")
    static let live = Statement(
        "vex.live",
        """
        SELECT id, digest FROM vex_documents
        WHERE name = ? AND author = ? AND namespace = ? AND origin = 'imported' AND ended_at IS NULL
        ORDER BY id LIMIT 100
        """
    )
    .scans("the editions of one document")
    /// Whoever assesses a finding again means the same finding, whatever organisation they act for.
    static let liveOfPlace = Statement(
        "vex.liveOfPlace",
        """
        SELECT id, digest FROM vex_documents
        WHERE name = ? AND namespace = ? AND repository = ? AND ended_at IS NULL ORDER BY id LIMIT 100
        """
    )
    .scans("the assessments of one finding")
    static let end = Statement(
        "vex.end",
        "UPDATE vex_documents SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at IS NULL"
    )
    static let page = Statement(
        "vex.page",
        "SELECT \(columns) FROM vex_documents WHERE id > ? ORDER BY id LIMIT ?"
    )
    private static let wordColumns =
        "d.namespace, d.format, d.name, d.author, d.version, d.imported_by, d.repository, d.origin, d.adopted_from"
    /// One word that counts.
    static let statement = Statement(
        "vex.statement",
        """
        SELECT s.document, s.position, s.record, \(wordColumns)
        FROM vex_statements s JOIN vex_documents d ON d.id = s.document
        WHERE s.document = ? AND s.position = ? AND d.ended_at IS NULL
        """
    )
    static let statementsOfName = Statement(
        "vex.statementsOfName",
        """
        SELECT s.document, s.position, s.record, \(wordColumns)
        FROM vex_names n
            JOIN vex_documents d ON d.id = n.document
            JOIN vex_statements s ON s.document = n.document AND s.position = n.position
        WHERE n.name = ? AND d.ended_at IS NULL
        """
    )
    static let generation = Statement(
        "vex.generation",
        "SELECT (SELECT MAX(id) FROM vex_documents), (SELECT MAX(ended_at) FROM vex_documents)"
    )
    static let namesOfDocument = Statement(
        "vex.namesOfDocument",
        """
        SELECT s.record FROM vex_statements s WHERE s.document = ? AND s.position > ? ORDER BY s.position LIMIT ?
        """
    )
}
