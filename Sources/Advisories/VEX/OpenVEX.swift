// SPDX-License-Identifier: EUPL-1.2

public import JSON
internal import SBOM
internal import Time

/// Writer of OpenVEX 0.2.0.
///
/// Source: OpenVEX specification 0.2.0 and its JSON schema.
public enum OpenVEX {
    /// Media type of the document, and predicate type of an attestation with it.
    public static let mediaType = "application/vnd.openvex+json"
    /// `@context`, and the predicate type of an in-toto attestation.
    public static let context = "https://openvex.dev/ns/v0.2.0"

    /// The document.
    ///
    /// Lost is what OpenVEX has no words for: ``VEXStatement/responses``, and CycloneDX's finer justifications, which become the nearest
    /// of the five labels.
    ///
    /// - Throws: ``VEXWriteError`` where something that the format demands is not there.
    public static func document(_ publication: VEXPublication) throws(VEXWriteError) -> JSONValue {
        let (_, current) = try publication.checked()
        return [
            "@context": .string(context),
            "@id": .string(identifier(publication)),
            "author": .string(publication.publisher.name),
            "role": .string(publication.publisher.category.rawValue),
            "timestamp": .string(current.rfc3339),
            "version": .integer(Int64(publication.revisions.count)),
            "tooling": .string("Kontor \(publication.tool)"),
            "statements": .array(publication.statements.map { statement($0, current) }),
        ]
    }

    /// The document's IRI, in the publisher's namespace.
    static func identifier(_ publication: VEXPublication) -> String {
        var path = ""
        for byte in publication.id.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                path.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                path += digits.utf8.count < 2 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return "\(publication.publisher.base)/vex/\(path)"
    }

    private static func statement(_ statement: VEXStatement, _ issued: Timestamp) -> JSONValue {
        var vulnerability: [String: JSONValue] = ["name": .string(statement.vulnerability.name)]
        if !statement.vulnerability.aliases.isEmpty {
            vulnerability["aliases"] = .strings(statement.vulnerability.aliases)
        }
        var members: [String: JSONValue] = [
            "vulnerability": .object(vulnerability),
            "products": .array(statement.products.map(product)),
            "status": .string(statement.status.rawValue),
            "timestamp": .string((statement.timestamp ?? issued).rfc3339),
        ]
        // The schema wants an IRI.
        if let id = statement.id, id.utf8.contains(0x3A) { members["@id"] = .string(id) }
        var notes = VEXNotes(notes: statement.notes, expires: statement.expires)
        if let justification = statement.justification {
            members["justification"] = .string(justification.openVEX.rawValue)
            // The schema forbids both for what is not affected.
            notes.impactStatement = statement.impactStatement
        } else {
            members["impact_statement"] = statement.impactStatement.map { .string($0) }
        }
        members["action_statement"] = statement.actionStatement.map { .string($0) }
        members["status_notes"] = notes.text.map { .string($0) }
        return .object(members)
    }

    private static func product(_ product: VEXProduct) -> JSONValue {
        var members = component(product.identity)
        if !product.subcomponents.isEmpty {
            members["subcomponents"] = .array(product.subcomponents.map { .object(component($0)) })
        }
        return .object(members)
    }

    private static func component(_ component: VEXComponent) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        if let purl = component.purl?.description {
            members["identifiers"] = ["purl": .string(purl)]
            members["@id"] = .string(component.id ?? purl)
        } else if let id = component.id {
            members["@id"] = .string(id)
        }
        var hashes: [String: JSONValue] = [:]
        for digest in component.digests {
            guard let (algorithm, value) = VEXDigest.parts(digest) else { continue }
            hashes["sha-" + algorithm.dropFirst(3)] = .string(value)
        }
        if !hashes.isEmpty { members["hashes"] = .object(hashes) }
        return members
    }
}
