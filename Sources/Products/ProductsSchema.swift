// SPDX-License-Identifier: EUPL-1.2

public import Database

/// Tables and statements of products.
public enum ProductsSchema {
    /// The migrations, oldest first; they come after those of the accounts and of the assessment.
    public static let migrations: [Migration] = [
        Migration(
            id: "products-0001",
            sql: [
                // One organisation's word about what it operates: what another one operates is a row of its own. revision: the one that
                // counts. coverage: what of its components no advisory speaks about, under the snapshot that coverage_of names.
                """
                CREATE TABLE products (
                    id INTEGER PRIMARY KEY,
                    organisation_id INTEGER NOT NULL REFERENCES organisations (id),
                    supplier TEXT NOT NULL,
                    name TEXT NOT NULL,
                    version TEXT NOT NULL,
                    revision INTEGER NOT NULL,
                    first_at INTEGER NOT NULL,
                    removed_at INTEGER,
                    removed_by TEXT,
                    coverage TEXT,
                    coverage_of TEXT,
                    UNIQUE (organisation_id, supplier, name, version)
                ) STRICT
                """,
                "CREATE INDEX products_by_organisation ON products (organisation_id, id)",
                // document: SHA-256 of the bytes as they were uploaded. entries: components that the bill lists. unnamed: those of them that
                // no package URL names, so that no advisory can be looked up. purl, link: what names the product itself in VEX documents.
                """
                CREATE TABLE product_revisions (
                    product INTEGER NOT NULL REFERENCES products (id),
                    revision INTEGER NOT NULL,
                    document BLOB NOT NULL,
                    size INTEGER NOT NULL,
                    format TEXT NOT NULL,
                    format_version TEXT NOT NULL,
                    entries INTEGER NOT NULL,
                    components INTEGER NOT NULL,
                    unnamed INTEGER NOT NULL,
                    purl TEXT,
                    link TEXT,
                    judgement TEXT NOT NULL,
                    uploaded_at INTEGER NOT NULL,
                    uploaded_by TEXT NOT NULL,
                    PRIMARY KEY (product, revision)
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX product_revisions_by_document ON product_revisions (document, product)",
                // Rows of the index that images' components are in too; since when the node knows that the product has it.
                """
                CREATE TABLE product_components (
                    component INTEGER NOT NULL REFERENCES components (id),
                    product INTEGER NOT NULL REFERENCES products (id),
                    since INTEGER NOT NULL,
                    PRIMARY KEY (component, product)
                ) STRICT, WITHOUT ROWID
                """,
                "CREATE INDEX product_components_by_product ON product_components (product, component)",
            ]
        )
    ]

    /// Every statement of this room.
    public static let statements = [
        named, countUpTo, insert, revise, remove, one, page, pageOfOrganisation, insertRevision, revision, revisions,
        namedDocument, components, link, unlink, productsOfComponent, ownProductsOfComponent, setCoverage,
    ]

    static let named = Statement(
        "products.named",
        """
        SELECT p.id, p.revision, p.removed_at, r.document FROM products p
            JOIN product_revisions r ON r.product = p.id AND r.revision = p.revision
        WHERE p.organisation_id = ? AND p.supplier = ? AND p.name = ? AND p.version = ?
        """
    )
    static let countUpTo = Statement(
        "products.countUpTo",
        "SELECT id FROM products WHERE organisation_id = ? ORDER BY id LIMIT ?"
    )
    static let insert = Statement(
        "products.insert",
        """
        INSERT INTO products (organisation_id, supplier, name, version, revision, first_at) VALUES (?, ?, ?, ?, 1, ?)
        RETURNING id
        """
    )
    /// What was removed counts again from now on.
    static let revise = Statement(
        "products.revise",
        """
        UPDATE products SET revision = ?, first_at = CASE WHEN removed_at IS NULL THEN first_at ELSE ? END,
            removed_at = NULL, removed_by = NULL, coverage = NULL, coverage_of = NULL WHERE id = ?
        """
    )
    static let remove = Statement(
        "products.remove",
        """
        UPDATE products SET removed_at = ?, removed_by = ?, coverage = NULL, coverage_of = NULL
        WHERE id = ? AND removed_at IS NULL
        """
    )
    static let setCoverage = Statement(
        "products.setCoverage",
        "UPDATE products SET coverage = ?, coverage_of = ? WHERE id = ? AND revision = ? AND removed_at IS NULL"
    )

    private static let columns = """
        p.id, p.organisation_id, o.name, o.title, p.supplier, p.name, p.version, p.first_at, p.removed_at, p.removed_by,
            p.coverage, p.coverage_of, \(revisionColumns)
        """
    private static let revisionColumns = """
        r.revision, r.document, r.size, r.format, r.format_version, r.entries, r.components, r.unnamed, r.purl, r.link,
            r.judgement, r.uploaded_at, r.uploaded_by
        """
    private static let tables = """
        products p JOIN organisations o ON o.id = p.organisation_id
            JOIN product_revisions r ON r.product = p.id AND r.revision = p.revision
        """

    static let one = Statement("products.one", "SELECT \(columns) FROM \(tables) WHERE p.id = ?")
    static let page = Statement(
        "products.page",
        "SELECT \(columns) FROM \(tables) WHERE p.id > ? ORDER BY p.id LIMIT ?"
    )
    static let pageOfOrganisation = Statement(
        "products.pageOfOrganisation",
        "SELECT \(columns) FROM \(tables) WHERE p.organisation_id = ? AND p.id > ? ORDER BY p.id LIMIT ?"
    )

    static let insertRevision = Statement(
        "products.insertRevision",
        """
        INSERT INTO product_revisions (product, revision, document, size, format, format_version, entries, components,
            unnamed, purl, link, judgement, uploaded_at, uploaded_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    )
    static let revision = Statement(
        "products.revision",
        "SELECT \(revisionColumns) FROM product_revisions r WHERE r.product = ? AND r.revision = ?"
    )
    static let revisions = Statement(
        "products.revisions",
        """
        SELECT \(revisionColumns) FROM product_revisions r WHERE r.product = ? AND r.revision < ?
        ORDER BY r.revision DESC LIMIT ?
        """
    )
    /// Whether a document is still to be kept: of a product that was removed none is, of the others the latest ones are.
    static let namedDocument = Statement(
        "products.namedDocument",
        """
        SELECT r.product FROM product_revisions r JOIN products p ON p.id = r.product
        WHERE r.document = ? AND p.removed_at IS NULL AND r.revision > p.revision - ? LIMIT 1
        """
    )

    static let components = Statement(
        "products.components",
        "SELECT component, since FROM product_components WHERE product = ? AND component > ? ORDER BY component LIMIT ?"
    )
    static let link = Statement(
        "products.link",
        "INSERT INTO product_components (component, product, since) VALUES (?, ?, ?)"
    )
    static let unlink = Statement(
        "products.unlink",
        "DELETE FROM product_components WHERE component = ? AND product = ?"
    )
    static let productsOfComponent = Statement(
        "products.ofComponent",
        "SELECT product, since FROM product_components WHERE component = ? AND product > ? ORDER BY product LIMIT ?"
    )
    static let ownProductsOfComponent = Statement(
        "products.ownOfComponent",
        """
        SELECT c.product, c.since FROM product_components c JOIN products p ON p.id = c.product
        WHERE c.component = ? AND c.product > ? AND p.organisation_id = ? ORDER BY c.product LIMIT ?
        """
    )
}
