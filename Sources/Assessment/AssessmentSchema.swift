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
        )
    ]

    /// Every statement of this room.
    public static let statements: [Statement] = [
        evidence, putEvidence, image, verdict, verdictSummary, sbom, putImage, deleteImage, unlinkComponents,
        linkComponent, findComponent, putComponent, setComponentSnapshot, deleteFindings, putFinding, findingsOfImage,
        imagesAfter, outdatedImages, imagesOfPackage, imagesOfRelease, imagesOfIdentifier, identifiersAfter,
        subjectOfImage, openSwitch, closeSwitch, latestSwitch, latestDoneSwitch, knownSwitch, repositories,
        repositoriesMatching,
    ]

    static let evidence = Statement(
        "assessment.evidence",
        "SELECT content, analysed_at FROM assessment_evidence WHERE digest = ? AND algorithm = ? AND format = ?"
    )
    static let putEvidence = Statement(
        "assessment.putEvidence",
        """
        INSERT INTO assessment_evidence (digest, algorithm, format, content, analysed_at) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (digest, algorithm) DO UPDATE SET format = excluded.format, content = excluded.content,
            analysed_at = excluded.analysed_at
        """
    )

    static let image = Statement(
        "assessment.image",
        "SELECT id, outcome FROM assessed_images WHERE repository = ? AND digest = ? AND algorithm = ?"
    )
    static let verdict = Statement(
        "assessment.verdict",
        """
        SELECT verdict, level, evaluated_at, valid_until, catalogue, snapshot, failure FROM assessed_images
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
    static let sbom = Statement(
        "assessment.sbom",
        "SELECT sbom FROM assessed_images WHERE repository = ? AND digest = ? AND algorithm = ?"
    )
    static let putImage = Statement(
        "assessment.putImage",
        """
        INSERT INTO assessed_images (repository, digest, algorithm, level, verdict, sbom, evaluated_at, valid_until,
            catalogue, stage, rules, snapshot, evidence_digest, outcome, failure)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (repository, digest, algorithm) DO UPDATE SET level = excluded.level, verdict = excluded.verdict,
            sbom = excluded.sbom, evaluated_at = excluded.evaluated_at, valid_until = excluded.valid_until,
            catalogue = excluded.catalogue, stage = excluded.stage, rules = excluded.rules,
            snapshot = excluded.snapshot, evidence_digest = excluded.evidence_digest, outcome = excluded.outcome,
            failure = excluded.failure
        RETURNING id
        """
    )
    static let deleteImage = Statement("assessment.deleteImage", "DELETE FROM assessed_images WHERE id = ?")
    static let subjectOfImage = Statement(
        "assessment.subjectOfImage",
        "SELECT repository, digest, algorithm, snapshot FROM assessed_images WHERE id = ?"
    )

    static let unlinkComponents = Statement(
        "assessment.unlinkComponents",
        "DELETE FROM image_components WHERE image = ?"
    )
    static let linkComponent = Statement(
        "assessment.linkComponent",
        "INSERT INTO image_components (image, component) VALUES (?, ?) ON CONFLICT (image, component) DO NOTHING"
    )
    static let findComponent = Statement(
        "assessment.findComponent",
        """
        SELECT id, snapshot FROM components WHERE ecosystem = ? AND release = ? AND source_name = ? AND name = ?
            AND version = ? AND source_version = ? AND architecture = ? AND distribution = ? AND purl = ?
        """
    )
    static let putComponent = Statement(
        "assessment.putComponent",
        """
        INSERT INTO components (ecosystem, release, source_name, name, version, source_version, architecture,
            distribution, purl)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id
        """
    )
    static let setComponentSnapshot = Statement(
        "assessment.setComponentSnapshot",
        "UPDATE components SET snapshot = ? WHERE id = ?"
    )
    static let deleteFindings = Statement(
        "assessment.deleteFindings",
        "DELETE FROM component_findings WHERE component = ?"
    )
    static let putFinding = Statement(
        "assessment.putFinding",
        "INSERT INTO component_findings (component, identifier, record) VALUES (?, ?, ?)"
    )
    static let findingsOfImage = Statement(
        "assessment.findingsOfImage",
        """
        SELECT f.identifier, f.component, f.record FROM image_components l
            JOIN component_findings f ON f.component = l.component
        WHERE l.image = ? AND (f.identifier, f.component) > (?, ?) ORDER BY f.identifier, f.component LIMIT ?
        """
    )
    .scans("sorts the findings of one image")

    static let imagesAfter = Statement(
        "assessment.imagesAfter",
        "SELECT id FROM assessed_images WHERE id > ? ORDER BY id LIMIT ?"
    )
    static let outdatedImages = Statement(
        "assessment.outdatedImages",
        "SELECT id, rules FROM assessed_images WHERE id > ? ORDER BY id LIMIT ?"
    )
    static let imagesOfPackage = Statement(
        "assessment.imagesOfPackage",
        """
        SELECT DISTINCT l.image FROM components c JOIN image_components l ON l.component = c.id
        WHERE c.ecosystem = ? AND c.release = ? AND c.source_name = ?
        """
    )
    static let imagesOfRelease = Statement(
        "assessment.imagesOfRelease",
        """
        SELECT DISTINCT l.image FROM components c JOIN image_components l ON l.component = c.id
        WHERE c.ecosystem = ? AND c.release = ?
        """
    )
    static let imagesOfIdentifier = Statement(
        "assessment.imagesOfIdentifier",
        """
        SELECT DISTINCT l.image FROM component_findings f JOIN image_components l ON l.component = f.component
        WHERE f.identifier = ?
        """
    )
    static let identifiersAfter = Statement(
        "assessment.identifiersAfter",
        "SELECT DISTINCT identifier FROM component_findings WHERE identifier > ? ORDER BY identifier LIMIT ?"
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
