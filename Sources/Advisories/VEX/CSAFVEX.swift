// SPDX-License-Identifier: EUPL-1.2

public import JSON
internal import SBOM
internal import Time

/// Writer of CSAF 2.0 documents of the profile VEX.
///
/// Source: CSAF 2.0, 4.5 (profile VEX), 5.1 (file name) and the tests of section 6.
public enum CSAFVEX {
    /// The name that the file must have: the identifier in lower case, with `_` for what is not a letter, a digit, `+` or `-`.
    public static func fileName(id: String) -> String {
        var name: [UInt8] = []
        for byte in id.lowercased().utf8 {
            switch byte {
            case 0x30...0x39, 0x61...0x7A, 0x2B, 0x2D: name.append(byte)
            default: if name.last != 0x5F { name.append(0x5F) }
            }
        }
        return String(decoding: name, as: UTF8.self) + ".json"
    }

    /// The document.
    ///
    /// Lost is what CSAF has no words for: CycloneDX's finer justifications, which become the nearest of the five labels, and the time of a
    /// statement that has neither a justification nor an impact statement, which becomes that of the document.
    ///
    /// - Throws: ``VEXWriteError`` where something that the format demands is not there, and where one product would have two statuses.
    public static func document(_ publication: VEXPublication) throws(VEXWriteError) -> JSONValue {
        let (initial, current) = try publication.checked()
        var products = CSAFProducts(publication: publication)
        var order: [String] = []
        var groups: [String: CSAFVulnerabilityWriter] = [:]
        for (index, statement) in publication.statements.enumerated() {
            // A CVE may stand in one entry only (6.1.23), by whatever name a statement calls it.
            let names = [statement.vulnerability.name] + statement.vulnerability.aliases
            let name = names.first { CVEIdentifier.isValid($0.utf8) } ?? statement.vulnerability.name
            if groups[name] == nil { order.append(name) }
            try groups[name, default: CSAFVulnerabilityWriter(publication, released: current)]
                .add(statement, "statements[\(index)]", &products)
        }
        return [
            "document": head(publication, initial: initial, current: current),
            "product_tree": products.json,
            "vulnerabilities": .array(order.compactMap { groups[$0]?.json }),
        ]
    }

    private static func head(_ publication: VEXPublication, initial: Timestamp, current: Timestamp) -> JSONValue {
        let publisher = publication.publisher
        var by: [String: JSONValue] = [
            "category": .string(publisher.category.rawValue),
            "name": .string(publisher.name),
            "namespace": .string(publisher.namespace),
        ]
        by["contact_details"] = publisher.contactDetails.map { .string($0) }
        var head: [String: JSONValue] = [
            "category": "csaf_vex",
            "csaf_version": "2.0",
            "distribution": ["tlp": ["label": .string(publication.tlp.rawValue)]],
            "lang": .string(publication.language.rawValue),
            "publisher": .object(by),
            "title": .string(publication.title),
            "tracking": [
                "current_release_date": .string(current.rfc3339),
                "generator": [
                    "date": .string(current.rfc3339),
                    "engine": ["name": "Kontor", "version": .string(publication.tool)],
                ],
                "id": .string(publication.id),
                "initial_release_date": .string(initial.rfc3339),
                "revision_history": .array(
                    publication.revisions.enumerated().map { index, revision in
                        [
                            "date": .string(revision.date.rfc3339),
                            "number": .string("\(index + 1)"),
                            "summary": .string(revision.summary),
                        ]
                    }
                ),
                "status": "final",
                "version": .string("\(publication.revisions.count)"),
            ],
        ]
        if !publication.notes.isEmpty {
            head["notes"] = .array(
                publication.notes.map {
                    [
                        "category": "general", "text": .string($0),
                        "title": .string(publication.text(de: "Zu diesem Dokument", en: "About this document")),
                    ]
                }
            )
        }
        if let url = publication.canonicalURL {
            head["references"] = [
                [
                    "category": "self",
                    "summary": .string(publication.text(de: "Dieses Dokument", en: "This document")),
                    "url": .string(url),
                ]
            ]
        }
        return .object(head)
    }
}
