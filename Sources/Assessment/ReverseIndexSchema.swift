// SPDX-License-Identifier: EUPL-1.2

import Database

/// Statements of the way from a package or a vulnerability to the images that have it.
enum ReverseIndexSchema {
    static let statements = [
        findComponent, putComponent, setComponentSnapshot, linkImage, unlinkImage, findingsOfComponent, deleteFinding,
        putFinding, nameFinding, unnameFinding, linkChain, unlinkChain, imagesOfPackage, imagesOfRelease,
        imagesOfName, namesAfter, componentsOfSource, componentsOfRelease, componentsOfName, componentsAfter,
        componentsOfPackage, findingsOfName, componentRecord, imagesOfComponent, imagesOfDigest, imageRow, topChains,
        imagesAbove, basesOfChain,
    ]

    static let findComponent = Statement("index.findComponent", "SELECT id, snapshot FROM components WHERE key = ?")
    static let putComponent = Statement(
        "index.putComponent",
        """
        INSERT INTO components (key, ecosystem, release, source_name, package, record) VALUES (?, ?, ?, ?, ?, ?)
        RETURNING id
        """
    )
    static let setComponentSnapshot = Statement(
        "index.setComponentSnapshot",
        "UPDATE components SET snapshot = ? WHERE id = ?"
    )
    static let linkImage = Statement(
        "index.linkImage",
        "INSERT INTO component_images (component, image) VALUES (?, ?) ON CONFLICT (component, image) DO NOTHING"
    )
    static let unlinkImage = Statement(
        "index.unlinkImage",
        "DELETE FROM component_images WHERE component = ? AND image = ?"
    )

    static let findingsOfComponent = Statement(
        "index.findingsOfComponent",
        "SELECT identifier, record, found_at FROM component_findings WHERE component = ? ORDER BY identifier"
    )
    static let deleteFinding = Statement(
        "index.deleteFinding",
        "DELETE FROM component_findings WHERE component = ? AND identifier = ?"
    )
    static let putFinding = Statement(
        "index.putFinding",
        """
        INSERT INTO component_findings (component, identifier, record, found_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (component, identifier) DO UPDATE SET record = excluded.record
        """
    )
    static let nameFinding = Statement(
        "index.nameFinding",
        """
        INSERT INTO finding_names (name, component, identifier) VALUES (?, ?, ?)
        ON CONFLICT (name, component, identifier) DO NOTHING
        """
    )
    static let unnameFinding = Statement(
        "index.unnameFinding",
        "DELETE FROM finding_names WHERE name = ? AND component = ? AND identifier = ?"
    )

    static let linkChain = Statement(
        "index.linkChain",
        """
        INSERT INTO image_chains (chain, is_top, image) VALUES (?, ?, ?)
        ON CONFLICT (chain, is_top, image) DO NOTHING
        """
    )
    static let unlinkChain = Statement(
        "index.unlinkChain",
        "DELETE FROM image_chains WHERE chain = ? AND is_top = ? AND image = ?"
    )

    // MARK: Images that a switch of advisories touches

    static let imagesOfPackage = Statement(
        "index.imagesOfPackage",
        """
        SELECT DISTINCT l.image FROM components c JOIN component_images l ON l.component = c.id
        WHERE c.ecosystem = ? AND c.release = ? AND c.source_name = ?
        """
    )
    static let imagesOfRelease = Statement(
        "index.imagesOfRelease",
        """
        SELECT DISTINCT l.image FROM components c JOIN component_images l ON l.component = c.id
        WHERE c.ecosystem = ? AND c.release = ?
        """
    )
    static let imagesOfName = Statement(
        "index.imagesOfName",
        """
        SELECT DISTINCT l.image FROM finding_names n JOIN component_images l ON l.component = n.component
        WHERE n.name = ?
        """
    )
    static let namesAfter = Statement(
        "index.namesAfter",
        "SELECT DISTINCT name FROM finding_names WHERE name > ? ORDER BY name LIMIT ?"
    )

    // MARK: Components that a switch of advisories touches

    static let componentsOfSource = Statement(
        "index.componentsOfSource",
        "SELECT id, record FROM components WHERE ecosystem = ? AND release = ? AND source_name = ?"
    )
    static let componentsOfRelease = Statement(
        "index.componentsOfRelease",
        "SELECT id, record FROM components WHERE ecosystem = ? AND release = ?"
    )
    static let componentsOfName = Statement(
        "index.componentsOfName",
        """
        SELECT DISTINCT c.id, c.record FROM finding_names n JOIN components c ON c.id = n.component WHERE n.name = ?
        """
    )
    static let componentsAfter = Statement(
        "index.componentsAfter",
        "SELECT id, record FROM components WHERE id > ? ORDER BY id LIMIT ?"
    )

    // MARK: Who is affected

    static let componentsOfPackage = Statement(
        "index.componentsOfPackage",
        "SELECT id, record FROM components WHERE package = ? AND id > ? ORDER BY id LIMIT ?"
    )
    static let findingsOfName = Statement(
        "index.findingsOfName",
        """
        SELECT n.component, f.record, f.found_at FROM finding_names n
            JOIN component_findings f ON f.component = n.component AND f.identifier = n.identifier
        WHERE n.name = ? AND n.component > ? ORDER BY n.component LIMIT ?
        """
    )
    static let componentRecord = Statement("index.componentRecord", "SELECT record FROM components WHERE id = ?")
    static let imagesOfComponent = Statement(
        "index.imagesOfComponent",
        """
        SELECT l.image, a.repository FROM component_images l JOIN assessed_images a ON a.id = l.image
        WHERE l.component = ? AND l.image > ? AND l.image <= ? ORDER BY l.image LIMIT ?
        """
    )
    static let imagesOfDigest = Statement(
        "index.imagesOfDigest",
        """
        SELECT id, repository FROM assessed_images WHERE digest = ? AND algorithm = ? AND id > ? ORDER BY id LIMIT ?
        """
    )
    static let imageRow = Statement(
        "index.image",
        "SELECT repository, digest, algorithm, level, first_at, chains FROM assessed_images WHERE id = ?"
    )
    static let topChains = Statement(
        "index.topChains",
        "SELECT chains FROM assessed_images WHERE digest = ? AND algorithm = ? AND LENGTH(chains) > 0 LIMIT 1"
    )
    /// Images that stand on a stack of layers.
    static let imagesAbove = Statement(
        "index.imagesAbove",
        """
        SELECT c.image, a.repository FROM image_chains c JOIN assessed_images a ON a.id = c.image
        WHERE c.chain = ? AND c.is_top = ? AND c.image > ? ORDER BY c.image LIMIT ?
        """
    )
    /// Images that are a stack of layers, with what they are made of.
    static let basesOfChain = Statement(
        "index.basesOfChain",
        """
        SELECT a.repository, a.digest, a.algorithm, a.components FROM image_chains c
            JOIN assessed_images a ON a.id = c.image
        WHERE c.chain = ? AND c.is_top = 1 LIMIT 100
        """
    )
}
