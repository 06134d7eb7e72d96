// SPDX-License-Identifier: EUPL-1.2

public import JSON
internal import SBOM
internal import Time

/// Writer of CycloneDX 1.6 documents that hold nothing but assessments.
///
/// The products are its components, and their parts are theirs; an SBOM stays free of vulnerabilities (BSI TR-03183-2 v2.1.0, 8.1.14).
///
/// Source: CycloneDX 1.6 JSON schema.
public enum CycloneDXVEX {
    /// The namespace of serial numbers of VEX documents; never to be changed.
    private static let namespace: [UInt8] = [
        0x6B, 0x6F, 0x6E, 0x74, 0x6F, 0x72, 0x4D, 0x0E, 0x9A, 0x31, 0x5B, 0xC2, 0x77, 0xE0, 0x14, 0xDA,
    ]

    /// The document; the same publication has the same serial number in all its versions.
    ///
    /// - Throws: ``VEXWriteError`` where something that the format demands is not there.
    public static func document(_ publication: VEXPublication) throws(VEXWriteError) -> JSONValue {
        let (_, current) = try publication.checked()
        var components = Components()
        let vulnerabilities = publication.statements.map { vulnerability($0, current, &components) }
        let publisher = publication.publisher
        let name = publisher.namespace + "\n" + publication.id
        return [
            "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "serialNumber": .string("urn:uuid:" + NameUUID.text(namespace: namespace, name: Array(name.utf8))),
            "version": .integer(Int64(publication.revisions.count)),
            "metadata": [
                "timestamp": .string(current.rfc3339),
                "authors": [["name": .string(publisher.name)]],
                "manufacturer": ["name": .string(publisher.name), "url": [.string(publisher.namespace)]],
                "tools": [
                    "components": [
                        ["type": "application", "name": "kontor", "version": .string(publication.tool)]
                    ]
                ],
            ],
            "components": .array(components.json),
            "vulnerabilities": .array(vulnerabilities),
        ]
    }

    private static func vulnerability(
        _ statement: VEXStatement,
        _ issued: Timestamp,
        _ components: inout Components
    ) -> JSONValue {
        var analysis: [String: JSONValue] = [
            "state": .string(state(statement)),
            "lastUpdated": .string((statement.timestamp ?? issued).rfc3339),
        ]
        analysis["justification"] = statement.justification?.cycloneDX.map { .string($0.rawValue) }
        analysis["detail"] = statement.impactStatement.map { .string($0) }
        if !statement.responses.isEmpty { analysis["response"] = .strings(statement.responses.map(\.rawValue)) }
        var properties: [JSONValue] = []
        func property(_ name: String, _ value: String?) {
            if let value { properties.append(["name": .string(name), "value": .string(value)]) }
        }
        if statement.justification != statement.justification?.cycloneDX, statement.justification != .falsePositive {
            property(CycloneDXVEXReader.Property.justification, statement.justification?.rawValue)
        }
        property(CycloneDXVEXReader.Property.notes, statement.notes)
        property(CycloneDXVEXReader.Property.expires, statement.expires?.rfc3339)
        var references: [JSONValue] = []
        var seen: Set<String> = []
        for product in statement.products {
            for reference in components.references(product) where seen.insert(reference).inserted {
                references.append(["ref": .string(reference)])
            }
        }
        var members: [String: JSONValue] = [
            "id": .string(statement.vulnerability.name),
            "analysis": .object(analysis),
            "affects": .array(references),
        ]
        members["source"] = VEXNaming.database(statement.vulnerability.name).map { ["name": .string($0)] }
        if !statement.vulnerability.aliases.isEmpty {
            members["references"] = .array(
                statement.vulnerability.aliases.map {
                    ["id": .string($0), "source": ["name": .string(VEXNaming.database($0) ?? "unknown")]]
                }
            )
        }
        members["recommendation"] = statement.actionStatement.map { .string($0) }
        if !properties.isEmpty { members["properties"] = .array(properties) }
        return .object(members)
    }

    private static func state(_ statement: VEXStatement) -> String {
        switch statement.status {
        case .notAffected: statement.justification == .falsePositive ? "false_positive" : "not_affected"
        case .affected: "exploitable"
        case .fixed: "resolved"
        case .underInvestigation: "in_triage"
        }
    }

    /// The products, each once, with the parts that are spoken of.
    private struct Components {
        private var order: [VEXComponent] = []
        private var numbers: [VEXComponent: Int] = [:]
        private var parts: [[VEXComponent]] = []
        private var partNumbers: [[VEXComponent: Int]] = []

        /// The references that a statement about a product has.
        mutating func references(_ product: VEXProduct) -> [String] {
            let number: Int
            if let known = numbers[product.identity] {
                number = known
            } else {
                number = order.count
                numbers[product.identity] = number
                order.append(product.identity)
                parts.append([])
                partNumbers.append([:])
            }
            if product.subcomponents.isEmpty { return [Self.reference(number)] }
            return product.subcomponents.map { component in
                if let known = partNumbers[number][component] { return Self.reference(number, known) }
                let part = parts[number].count
                partNumbers[number][component] = part
                parts[number].append(component)
                return Self.reference(number, part)
            }
        }

        var json: [JSONValue] {
            order.enumerated().map { number, product in
                var members = Self.members(product, Self.reference(number))
                if !parts[number].isEmpty {
                    members["components"] = .array(
                        parts[number].enumerated().map {
                            .object(Self.members($1, Self.reference(number, $0)))
                        }
                    )
                }
                return .object(members)
            }
        }

        private static func reference(_ product: Int, _ part: Int? = nil) -> String {
            "product-\(product + 1)" + (part.map { "/component-\($0 + 1)" } ?? "")
        }

        private static func members(_ component: VEXComponent, _ reference: String) -> [String: JSONValue] {
            let isImage = component.purl.map { $0.type == "oci" || $0.type == "docker" } ?? true
            var members: [String: JSONValue] = [
                "bom-ref": .string(reference),
                "type": isImage ? "container" : "library",
                "name": .string(VEXNaming.name(component)),
            ]
            members["version"] = component.purl?.version.map { .string($0.excerpt(1024)) }
            members["purl"] = component.purl.map { .string($0.description) }
            let hashes: [JSONValue] = component.digests.compactMap { digest in
                guard let (algorithm, value) = VEXDigest.parts(digest) else { return nil }
                return ["alg": .string("SHA-" + algorithm.dropFirst(3)), "content": .string(value)]
            }
            if !hashes.isEmpty { members["hashes"] = .array(hashes) }
            return members
        }
    }
}

/// Names for people and for fields that demand one.
enum VEXNaming {
    /// Who gives out an identifier; nil where its form does not say.
    static func database(_ id: String) -> String? {
        let prefix = id.prefix { $0 != "-" }
        switch prefix {
        case "CVE": return "CVE"
        case "GHSA": return "GitHub Security Advisories"
        case "DSA", "DLA": return "Debian"
        case _ where prefix.utf8.count < id.utf8.count && !prefix.isEmpty: return String(prefix)
        default: return nil
        }
    }

    /// The name of a product or a part of it.
    static func name(_ component: VEXComponent) -> String {
        component.purl?.name ?? component.digests.first ?? component.id ?? "unnamed"
    }
}
