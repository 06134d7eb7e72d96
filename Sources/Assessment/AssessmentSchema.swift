// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of assessment: evidence, verdicts, and the index from components to images.
public enum AssessmentSchema {
    /// The migrations, oldest first.
    public static let migrations: [Migration] = [
        Migration(
            id: "assessment-0001-verdicts",
            sql: [
                // What looking at one manifest told; whoever holds the digest has the same bytes, in whichever repository.
                """
                CREATE TABLE assessment_evidence (
                    digest BLOB NOT NULL,
                    algorithm INTEGER NOT NULL,
                    format INTEGER NOT NULL,
                    content BLOB NOT NULL,
                    analysed_at INTEGER NOT NULL,
                    PRIMARY KEY (digest, algorithm)
                ) STRICT
                """,
                // outcome is a digest over level, results and affected findings: it tells a news from a confirmation.
                """
                CREATE TABLE assessed_images (
                    id INTEGER PRIMARY KEY,
                    repository TEXT NOT NULL,
                    digest BLOB NOT NULL,
                    algorithm INTEGER NOT NULL,
                    level INTEGER NOT NULL,
                    verdict BLOB NOT NULL,
                    sbom BLOB,
                    evaluated_at INTEGER NOT NULL,
                    valid_until INTEGER,
                    catalogue TEXT NOT NULL,
                    stage TEXT NOT NULL,
                    rules BLOB NOT NULL,
                    snapshot TEXT,
                    evidence_digest BLOB,
                    outcome BLOB NOT NULL,
                    failure TEXT,
                    UNIQUE (repository, digest, algorithm)
                ) STRICT
                """,
                // Each component once, whatever number of images have it; absent values are empty, so that UNIQUE holds.
                """
                CREATE TABLE components (
                    id INTEGER PRIMARY KEY,
                    ecosystem TEXT NOT NULL,
                    distribution TEXT NOT NULL,
                    release TEXT NOT NULL,
                    name TEXT NOT NULL,
                    version TEXT NOT NULL,
                    source_name TEXT NOT NULL,
                    source_version TEXT NOT NULL,
                    architecture TEXT NOT NULL,
                    purl TEXT NOT NULL,
                    snapshot TEXT,
                    UNIQUE (ecosystem, release, source_name, name, version, source_version, architecture, distribution, purl)
                ) STRICT
                """,
                """
                CREATE TABLE image_components (
                    image INTEGER NOT NULL REFERENCES assessed_images (id),
                    component INTEGER NOT NULL REFERENCES components (id),
                    PRIMARY KEY (image, component)
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX image_components_by_component ON image_components (component, image)",
                // A match belongs to a component: the same package in a thousand images is one row.
                """
                CREATE TABLE component_findings (
                    component INTEGER NOT NULL REFERENCES components (id),
                    identifier TEXT NOT NULL,
                    record TEXT NOT NULL,
                    PRIMARY KEY (component, identifier)
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX component_findings_by_identifier ON component_findings (identifier, component)",
                // One row confirms all images that a new snapshot does not touch.
                """
                CREATE TABLE feed_switches (
                    id INTEGER PRIMARY KEY,
                    snapshot TEXT NOT NULL,
                    seen_at INTEGER NOT NULL,
                    done_at INTEGER,
                    touched INTEGER
                ) STRICT
                """,
                "CREATE INDEX feed_switches_by_snapshot ON feed_switches (snapshot, id)",
            ]
        ),
        // Documents are files; the way back from a component to its images is one tree, and an image remembers its side of it.
        Migration(
            id: "assessment-0002-reverse-index",
            sql: [
                "DROP TABLE assessment_evidence",
                "DROP TABLE component_findings",
                "DROP TABLE image_components",
                "DROP TABLE components",
                // analysed_at: when the image was looked at. document: SHA-256 of the evidence's bytes.
                """
                CREATE TABLE assessment_evidence (
                    digest BLOB NOT NULL,
                    algorithm INTEGER NOT NULL,
                    format INTEGER NOT NULL,
                    document BLOB NOT NULL,
                    analysed_at INTEGER NOT NULL,
                    PRIMARY KEY (digest, algorithm)
                ) STRICT
                """,
                "CREATE INDEX assessment_evidence_by_document ON assessment_evidence (document)",
                // package: its purl without version, qualifiers and subpath. key: digest of the record, which holds all that matching asks.
                """
                CREATE TABLE components (
                    id INTEGER PRIMARY KEY,
                    key BLOB NOT NULL UNIQUE,
                    ecosystem TEXT NOT NULL,
                    release TEXT NOT NULL,
                    source_name TEXT NOT NULL,
                    package TEXT NOT NULL,
                    record TEXT NOT NULL,
                    snapshot TEXT
                ) STRICT
                """,
                "CREATE INDEX components_by_source ON components (ecosystem, release, source_name)",
                "CREATE INDEX components_by_package ON components (package, id)",
                """
                CREATE TABLE component_images (
                    component INTEGER NOT NULL REFERENCES components (id),
                    image INTEGER NOT NULL,
                    PRIMARY KEY (component, image)
                ) STRICT, WITHOUT ROWID
                """,
                // A match belongs to a component: the same package in a thousand images is one row.
                """
                CREATE TABLE component_findings (
                    component INTEGER NOT NULL REFERENCES components (id),
                    identifier TEXT NOT NULL,
                    record TEXT NOT NULL,
                    found_at INTEGER NOT NULL,
                    PRIMARY KEY (component, identifier)
                ) STRICT, WITHOUT ROWID
                """,
                // Every name of a finding leads to it, its own too.
                """
                CREATE TABLE finding_names (
                    name TEXT NOT NULL,
                    component INTEGER NOT NULL,
                    identifier TEXT NOT NULL,
                    PRIMARY KEY (name, component, identifier)
                ) STRICT, WITHOUT ROWID
                """,
                // chain: 16 bytes that stand for a stack of layers; is_top where it is the whole stack of the image, on a platform.
                """
                CREATE TABLE image_chains (
                    chain BLOB NOT NULL,
                    is_top INTEGER NOT NULL,
                    image INTEGER NOT NULL,
                    PRIMARY KEY (chain, is_top, image)
                ) STRICT, WITHOUT ROWID
                """,
                "ALTER TABLE assessed_images DROP COLUMN sbom",
                "ALTER TABLE assessed_images DROP COLUMN verdict",
                // document: SHA-256 of the verdict's bytes. components: rows, as differences. chains: each with its is_top.
                "ALTER TABLE assessed_images ADD COLUMN document BLOB",
                "ALTER TABLE assessed_images ADD COLUMN components BLOB",
                "ALTER TABLE assessed_images ADD COLUMN chains BLOB",
                "ALTER TABLE assessed_images ADD COLUMN first_at INTEGER NOT NULL DEFAULT 0",
                "UPDATE assessed_images SET first_at = evaluated_at",
                "CREATE INDEX assessed_images_by_document ON assessed_images (document)",
                "CREATE INDEX assessed_images_by_digest ON assessed_images (digest, algorithm, id)",
            ]
        ),
        FileIndexSchema.migration,
        ImageSources.migration,
    ]

    /// Every statement of this room.
    public static let statements: [Statement] =
        [
            evidence, putEvidence, image, verdict, verdictSummary, putImage, deleteImage, namedVerdict, namedEvidence,
            imagesAfter, outdatedImages, subjectOfImage, openSwitch, closeSwitch, latestSwitch, latestDoneSwitch,
            knownSwitch, repositories, repositoriesMatching, levelsOfDigest,
        ] + ReverseIndexSchema.statements + FileIndexSchema.statements + ImageSources.statements

    static let evidence = Statement(
        "assessment.evidence",
        "SELECT document, analysed_at, files FROM assessment_evidence WHERE digest = ? AND algorithm = ? AND format = ?"
    )
    static let putEvidence = Statement(
        "assessment.putEvidence",
        """
        INSERT INTO assessment_evidence (digest, algorithm, format, document, analysed_at, files)
        VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (digest, algorithm) DO UPDATE SET format = excluded.format, document = excluded.document,
            analysed_at = excluded.analysed_at, files = excluded.files
        """
    )

    static let image = Statement(
        "assessment.image",
        "SELECT id, outcome, components, chains FROM assessed_images WHERE repository = ? AND digest = ? AND algorithm = ?"
    )
    static let verdict = Statement(
        "assessment.verdict",
        """
        SELECT document, level, evaluated_at, valid_until, catalogue, snapshot, failure FROM assessed_images
        WHERE repository = ? AND digest = ? AND algorithm = ?
        """
    )
    static let verdictSummary = Statement(
        "assessment.verdictSummary",
        """
        SELECT level, evaluated_at, valid_until, catalogue, snapshot, failure, stage FROM assessed_images
        WHERE repository = ? AND digest = ? AND algorithm = ?
        """
    )
    static let putImage = Statement(
        "assessment.putImage",
        """
        INSERT INTO assessed_images (repository, digest, algorithm, level, document, evaluated_at, valid_until,
            catalogue, stage, rules, snapshot, evidence_digest, outcome, failure, components, chains, first_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (repository, digest, algorithm) DO UPDATE SET level = excluded.level,
            document = excluded.document, evaluated_at = excluded.evaluated_at, valid_until = excluded.valid_until,
            catalogue = excluded.catalogue, stage = excluded.stage, rules = excluded.rules,
            snapshot = excluded.snapshot, evidence_digest = excluded.evidence_digest, outcome = excluded.outcome,
            failure = excluded.failure, components = excluded.components, chains = excluded.chains
        RETURNING id
        """
    )
    static let deleteImage = Statement("assessment.deleteImage", "DELETE FROM assessed_images WHERE id = ?")
    static let subjectOfImage = Statement(
        "assessment.subjectOfImage",
        "SELECT repository, digest, algorithm, snapshot FROM assessed_images WHERE id = ?"
    )
    static let namedVerdict = Statement(
        "assessment.namedVerdict",
        "SELECT document FROM assessed_images WHERE document = ? LIMIT 1"
    )
    static let namedEvidence = Statement(
        "assessment.namedEvidence",
        "SELECT document FROM assessment_evidence WHERE document = ? LIMIT 1"
    )

    static let levelsOfDigest = Statement(
        "assessment.levelsOfDigest",
        """
        SELECT repository, level FROM assessed_images
        WHERE digest = ? AND algorithm = ? AND failure IS NULL ORDER BY id LIMIT 100
        """
    )

    static let imagesAfter = Statement(
        "assessment.imagesAfter",
        "SELECT id FROM assessed_images WHERE id > ? ORDER BY id LIMIT ?"
    )
    static let outdatedImages = Statement(
        "assessment.outdatedImages",
        "SELECT id, rules, document FROM assessed_images WHERE id > ? ORDER BY id LIMIT ?"
    )

    static let openSwitch = Statement(
        "assessment.openSwitch",
        "INSERT INTO feed_switches (snapshot, seen_at) VALUES (?, ?) RETURNING id"
    )
    static let closeSwitch = Statement(
        "assessment.closeSwitch",
        "UPDATE feed_switches SET done_at = ?, touched = ? WHERE id = ?"
    )
    static let latestSwitch = Statement(
        "assessment.latestSwitch",
        "SELECT snapshot, id, done_at FROM feed_switches ORDER BY id DESC LIMIT 1"
    )
    static let latestDoneSwitch = Statement(
        "assessment.latestDoneSwitch",
        "SELECT snapshot, done_at, touched FROM feed_switches WHERE done_at IS NOT NULL ORDER BY id DESC LIMIT 1"
    )
    .scans("one row for each import, and the latest ones are done")
    static let knownSwitch = Statement(
        "assessment.knownSwitch",
        "SELECT id FROM feed_switches WHERE snapshot = ? LIMIT 1"
    )

    /// Reads the registry's tables as well: one page of the list of repositories is one query.
    static let repositories = Statement(
        "assessment.repositories",
        listing + " WHERE r.name > ? AND r.listed_at IS NOT NULL ORDER BY r.name LIMIT ?"
    )
    .scans("for each of a page the tags of one repository, up to the first that is an image's")
    /// The pattern is of LIKE, with `!` before what is meant literally.
    static let repositoriesMatching = Statement(
        "assessment.repositoriesMatching",
        listing
            + " WHERE r.name > ? AND r.listed_at IS NOT NULL AND r.name LIKE ? ESCAPE '!' ORDER BY r.name LIMIT ?"
    )
    .scans(
        "the names in their order until a page is full, and of each repository its tags up to the first that is an image's"
    )

    private static let listing = """
        SELECT r.name, r.listed_at, t.name, t.changed_at, m.digest, m.algorithm, a.level, a.evaluated_at, a.stage
        FROM repositories r
            LEFT JOIN tags t ON t.repository_id = r.id AND t.name = COALESCE(
                (SELECT n.name FROM tags n JOIN manifests k ON k.id = n.manifest_id
                    WHERE n.repository_id = r.id AND n.name = 'latest' AND k.kind < 2),
                (SELECT n.name FROM tags n JOIN manifests k ON k.id = n.manifest_id
                    WHERE n.repository_id = r.id AND k.kind < 2 ORDER BY n.changed_at DESC, n.name LIMIT 1)
            )
            LEFT JOIN manifests m ON m.id = t.manifest_id
            LEFT JOIN assessed_images a ON a.repository = r.name AND a.digest = m.digest AND a.algorithm = m.algorithm
        """
}
