// SPDX-License-Identifier: EUPL-1.2

internal import JSON
public import Time

/// CISA's catalogue of vulnerabilities that are known to be exploited.
///
/// Source: known_exploited_vulnerabilities.json and its schema, as CISA publishes them.
public struct KEVCatalogue: Sendable, Hashable {
    /// ``FeedState/name`` of this feed.
    public static let name = "cisa-kev"
    /// Bytes of a file that are read at most; the catalogue has about one million.
    public static let maximumBytes = 64 << 20
    /// Entries that are read at most.
    public static let maximumEntries = 200_000

    /// The catalogue's own version: `2025.11.14`.
    public let version: String
    /// When it was published.
    public let released: Timestamp
    /// The newest ``KEVEntry/dateAdded``.
    public let newestRecord: Timestamp
    /// Entries in the order of the file.
    public let entries: [KEVEntry]

    /// True when a file that begins so is the catalogue: an object with one of its own member names near the start.
    public static func detect(_ prefix: UnsafeRawBufferPointer) -> Bool {
        var scanner = PrefixScanner(prefix)
        guard scanner.take(0x7B), scanner.string() != nil else { return false }
        let text = String(decoding: prefix.prefix(4096), as: UTF8.self)
        return text.contains("\"catalogVersion\"") || text.contains("\"cveID\"")
    }

    /// Reads a file.
    ///
    /// - Throws: ``FeedReadError`` naming the entry; also when the file's own count is not the number of its entries.
    public static func read(_ bytes: UnsafeRawBufferPointer) throws -> KEVCatalogue {
        guard bytes.count <= maximumBytes else {
            throw error("the file", expected: "at most \(maximumBytes) bytes", found: "\(bytes.count) bytes")
        }
        var entries: [KEVEntry] = []
        var identifiers = Set<String>()
        do {
            let others = try JSONStream.forEachElement(
                ofMember: "vulnerabilities",
                in: bytes,
                limits: JSONLimits(depth: 16, bytes: maximumBytes, values: 100_000)
            ) { element in
                guard entries.count < maximumEntries else {
                    throw error("the file", expected: "at most \(maximumEntries) entries", found: "more")
                }
                let entry = try entry(JSONFields(element, path: "$.vulnerabilities[\(entries.count)]"))
                guard identifiers.insert(entry.id).inserted else {
                    throw error(
                        "entry \(entries.count + 1)",
                        expected: "an identifier that is new",
                        found: "\(entry.id) again"
                    )
                }
                entries.append(entry)
            }
            return try catalogue(JSONFields(.object(others)), entries)
        } catch let shape as JSONShapeError {
            throw error(shape.path, expected: shape.expected, found: shape.found)
        } catch let fault as JSONError {
            throw error("byte \(fault.offset)", expected: "JSON of the KEV catalogue", found: fault.description)
        }
    }

    /// Reads a file.
    public static func read(_ bytes: [UInt8]) throws -> KEVCatalogue { try bytes.withUnsafeBytes { try read($0) } }

    private static func catalogue(_ fields: JSONFields, _ entries: [KEVEntry]) throws -> KEVCatalogue {
        let count = try fields.int("count")
        guard count == entries.count else {
            throw error("$.count", expected: "the number of entries, \(entries.count)", found: "\(count)")
        }
        guard let newest = entries.map(\.dateAdded).max() else {
            throw error("$.vulnerabilities", expected: "at least one entry", found: "none")
        }
        return KEVCatalogue(
            version: try fields.string("catalogVersion"),
            released: try fields.instant("dateReleased"),
            newestRecord: newest,
            entries: entries
        )
    }

    private static func entry(_ fields: JSONFields) throws -> KEVEntry {
        let id = try fields.string("cveID")
        guard CVEIdentifier.isValid(id.utf8) else {
            throw error(
                fields.path(of: "cveID"),
                expected: "an identifier such as CVE-2024-1234",
                found: "\"\(id.prefix(40))\""
            )
        }
        let ransomware: Bool
        switch try fields.optionalString("knownRansomwareCampaignUse") {
        case "Known": ransomware = true
        case "Unknown", nil: ransomware = false
        case let other?:
            throw error(
                "\(id), knownRansomwareCampaignUse",
                expected: "\"Known\" or \"Unknown\"",
                found: "\"\(other.prefix(40))\""
            )
        }
        // Older entries have an empty due date.
        let due = try fields.optionalString("dueDate").map { !$0.isEmpty } ?? false
        return KEVEntry(
            id: id,
            dateAdded: try fields.day("dateAdded"),
            dueDate: due ? try fields.day("dueDate") : nil,
            ransomware: ransomware,
            name: String((try fields.optionalString("vulnerabilityName") ?? "").prefix(1000)),
            requiredAction: String((try fields.optionalString("requiredAction") ?? "").prefix(4000))
        )
    }

    private static func error(_ location: String, expected: String, found: String) -> FeedReadError {
        FeedReadError(feed: name, location: location, expected: expected, found: found)
    }
}
