// SPDX-License-Identifier: EUPL-1.2

internal import JSON

extension BillOfMaterials {
    /// Reads a bill of materials; its format is told by its content.
    ///
    /// Bounded in bytes, depth, components and edges. Components may need each other in circles. Signatures are not verified, and
    /// only the members that Kontor looks at are held against the format's schema.
    ///
    /// - Parameters:
    ///   - bytes: CycloneDX JSON 1.2 to 1.7, SPDX JSON 2.2 or 2.3, or SPDX JSON-LD 3.0 with its elements in `@graph`.
    ///   - limits: how much is read.
    /// - Throws: ``BillReadError``; other formats are refused by their name.
    public init(reading bytes: [UInt8], limits: BillLimits = BillLimits()) throws(BillReadError) {
        // Some writers put a byte order mark first, which RFC 8259 allows readers to pass over.
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        if let other = BillSniffer.otherFormat(text) { throw .notRead(other) }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: text, limits: JSONLimits(depth: limits.depth, bytes: limits.bytes))
        } catch { throw .invalidJSON(error) }
        guard case .object = value else { throw .unknownDocument }
        let root = try BillObject(value, pointer: "")
        if root.members["bomFormat"] == "CycloneDX" {
            self = try CycloneDXReader.read(root, limits: limits)
        } else if root.members["spdxVersion"] != nil {
            self = try SPDX2Reader.read(root, limits: limits)
        } else if BillSniffer.isSPDX3(root) {
            guard root.members["@graph"] != nil else { throw .notRead(.spdxElement) }
            self = try SPDX3Reader.read(root, limits: limits)
        } else if let other = BillSniffer.otherFormat(root) {
            throw .notRead(other)
        } else {
            throw .unknownDocument
        }
        settleComponents()
    }
}

/// Tells by a glance what a file is.
enum BillSniffer {
    /// What a file is that is not JSON; nil where it may be.
    static func otherFormat(_ bytes: [UInt8]) -> BillReadError.OtherFormat? {
        if bytes.starts(with: [0x1F, 0x8B]) { return .gzip }
        if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return .zip }
        let head = bytes.prefix(4096).drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
        guard let first = head.first, first != 0x7B, first != 0x5B else { return nil }
        let text = String(decoding: head, as: UTF8.self).lowercased()
        if first == 0x3C {
            if text.contains("cyclonedx.org/schema/bom") { return .cycloneDXXML }
            if text.contains("spdx.org/rdf") { return .spdxRDF }
            if text.contains("softwareidentity") { return .swid }
            return .xml
        }
        // Letters as they are written: YAML and tag-value differ in nothing else.
        let plain = String(decoding: head, as: UTF8.self)
        if plain.contains("SPDXVersion:") { return .spdxTagValue }
        if plain.contains("spdxVersion:") { return .spdxYAML }
        return head.contains(0) ? .binary : nil
    }

    /// What a JSON document is that is no bill.
    static func otherFormat(_ root: BillObject) -> BillReadError.OtherFormat? {
        let members = root.members
        if members["artifacts"] != nil, members["descriptor"] != nil { return .syft }
        if members["SchemaVersion"] != nil, members["Results"] != nil || members["ArtifactName"] != nil {
            return .trivy
        }
        if members["predicateType"] != nil || members["payloadType"] != nil { return .attestation }
        if members["document"]?["csaf_version"] != nil { return .csaf }
        if members["@context"]?.stringValue?.hasPrefix("https://openvex.dev/") == true { return .openVEX }
        if members["runs"] != nil, members["version"] != nil { return .sarif }
        return nil
    }

    static func isSPDX3(_ root: BillObject) -> Bool {
        let contexts: [JSONValue] =
            switch root.members["@context"] {
            case .array(let elements)?: elements
            case .some(let one): [one]
            case nil: []
            }
        return contexts.contains { $0.stringValue?.hasPrefix("https://spdx.org/rdf/3.") == true }
    }
}
