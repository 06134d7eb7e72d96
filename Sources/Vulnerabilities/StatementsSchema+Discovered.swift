// SPDX-License-Identifier: EUPL-1.2

import Database

/// Statements about documents that were found in the registry.
extension StatementsSchema {
    static let discoveredStatements = [
        insertDiscovered, insertDiscoveredStatement, discoveredOfSubject, discovered, discoveredRecords,
        deleteDiscovered, deleteDiscoveredStatements,
    ]

    static let insertDiscovered = Statement(
        "vex.insertDiscovered",
        """
        INSERT INTO vex_discovered (repository, subject, subject_algorithm, manifest, manifest_algorithm, layer, format,
            name, author, version, statements, refused, found_at, pushed_by)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (repository, manifest, manifest_algorithm, layer) DO NOTHING RETURNING id
        """
    )
    static let insertDiscoveredStatement = Statement(
        "vex.insertDiscoveredStatement",
        "INSERT INTO vex_discovered_statements (document, position, record) VALUES (?, ?, ?)"
    )
    private static let columns = """
        id, repository, subject, subject_algorithm, manifest, manifest_algorithm, format, name, author, version,
        statements, refused, found_at, pushed_by
        """
    static let discoveredOfSubject = Statement(
        "vex.discoveredOfSubject",
        """
        SELECT \(columns) FROM vex_discovered
        WHERE subject = ? AND subject_algorithm = ? AND repository = ? ORDER BY id DESC LIMIT ?
        """
    )
    static let discovered = Statement("vex.discovered", "SELECT \(columns) FROM vex_discovered WHERE id = ?")
    static let discoveredRecords = Statement(
        "vex.discoveredRecords",
        "SELECT position, record FROM vex_discovered_statements WHERE document = ? ORDER BY position LIMIT ?"
    )
    static let deleteDiscovered = Statement("vex.deleteDiscovered", "DELETE FROM vex_discovered WHERE id = ?")
    static let deleteDiscoveredStatements = Statement(
        "vex.deleteDiscoveredStatements",
        "DELETE FROM vex_discovered_statements WHERE document = ?"
    )
}
