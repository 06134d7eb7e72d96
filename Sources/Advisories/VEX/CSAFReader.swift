// SPDX-License-Identifier: EUPL-1.2

internal import JSON
internal import SBOM
internal import Time

/// Reads CSAF 2.0 documents of the profile VEX.
///
/// Source: CSAF 2.0, 4.5 (profile VEX) and 3.2.3 (vulnerabilities).
struct CSAFReader {
    let limits: VEXLimits

    func document(_ fields: JSONFields) throws -> VEXDocument {
        let head = try fields.object("document")
        try demand(try head.string("csaf_version"), ["2.0"], at: head.path(of: "csaf_version"))
        try demand(try head.string("category"), ["csaf_vex"], at: head.path(of: "category"))
        let tracking = try head.object("tracking")
        // A draft is not yet its publisher's word.
        try demand(try tracking.string("status"), ["final", "interim"], at: tracking.path(of: "status"))
        let publisher = try head.object("publisher")
        var reading = VEXReading(.csaf, limits: limits)
        let id = try reading.name(try tracking.string("id"), at: tracking.path(of: "id"))
        let released = try tracking.instant("current_release_date")
        let author = try reading.name(try publisher.string("name"), at: publisher.path(of: "name"))
        let namespace = try publisher.optionalString("namespace").flatMap { reading.text($0) }
        let role = try reading.text(publisher, "category")
        let version = try reading.name(try tracking.string("version"), at: tracking.path(of: "version"))
        let tree = try CSAFProductTree(try fields.optionalObject("product_tree"), reading)
        let vulnerabilities = try fields.array("vulnerabilities")
        let path = fields.path(of: "vulnerabilities")
        for (index, value) in vulnerabilities.enumerated() {
            do {
                let entry = try JSONFields(value, path: "\(path)[\(index)]")
                var vulnerability = CSAFVulnerability(entry, tree: tree, released: released)
                try vulnerability.read(into: &reading)
            } catch let error as JSONShapeError {
                reading.refuse(error)
            }
        }
        return VEXDocument(
            format: .csaf,
            id: id,
            namespace: namespace,
            author: author,
            role: role,
            version: version,
            timestamp: released,
            statements: reading.statements,
            refused: reading.refused,
            refusedCount: reading.refusedCount
        )
    }

    private func demand(_ text: String, _ words: [String], at path: String) throws(JSONShapeError) {
        guard words.contains(text) else {
            throw JSONShapeError(
                path: path,
                expected: words.map { "\"\($0)\"" }.joined(separator: " or "),
                found: "\"\(text.excerpt(40))\""
            )
        }
    }
}
