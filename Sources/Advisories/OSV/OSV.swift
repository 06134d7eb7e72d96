// SPDX-License-Identifier: EUPL-1.2

internal import JSON
public import Time

/// Reader of one advisory in the Open Source Vulnerability format.
///
/// Source: OSV schema 1.7.4 (2025-10-27).
public enum OSV {
    /// What a record came to.
    public struct Record: Sendable, Hashable {
        /// One advisory per affected package and release.
        public var advisories: [Advisory] = []
        /// The ecosystem of each advisory, lower-cased and without its release: `almalinux`.
        public var bases: [String] = []
        /// When the record was last changed; nil where it says the zero date, as the Go database's own copy does.
        public var modified: Timestamp?
        /// True when its publisher took it back; then there are no advisories.
        public var isWithdrawn = false
        /// True for an erratum that repairs or extends without any vulnerability; then there are no advisories.
        public var isNotSecurity = false
        /// Affected entries that name commits alone, which no component can be compared with, or no package at all.
        public var unmatchable = 0
        /// Affected entries whose bounds are taken from the Go database's `custom_ranges`.
        public var customRanges = 0
    }

    /// Bounds of one record; each is several times what any record has.
    public struct Limits: Sendable {
        /// Bytes of one record.
        public var bytes = 16 << 20
        /// Values in its JSON.
        public var values = 1_000_000
        /// Affected packages.
        public var affected = 20_000
        /// Events in all ranges of one affected package.
        public var events = 20_000
        /// Versions that are listed one by one.
        public var versions = 100_000
        /// Bytes of a name, an identifier or a version.
        public var nameBytes = 512
        /// Bytes of a summary that are kept.
        public var summaryBytes = 300

        /// The default bounds.
        public init() {}
    }

    /// True when a JSON text that begins so is an OSV record.
    public static func detect(_ prefix: UnsafeRawBufferPointer) -> Bool {
        var scanner = PrefixScanner(prefix)
        guard scanner.take(0x7B) else { return false }
        let text = String(decoding: prefix.prefix(16 << 10), as: UTF8.self)
        guard text.contains("\"id\""), text.contains("\"modified\"") else { return false }
        return text.contains("\"affected\"") || text.contains("\"schema_version\"") || text.contains("\"withdrawn\"")
    }

    /// Name of the feed of an ecosystem: `osv-pypi`.
    public static func feed(_ base: String) -> String { "osv-" + base }

    /// Reads one record.
    ///
    /// - Throws: ``FeedReadError`` naming the path in it.
    public static func read(_ bytes: UnsafeRawBufferPointer, limits: Limits = Limits()) throws(FeedReadError) -> Record
    {
        guard bytes.count <= limits.bytes else {
            throw FeedReadError(
                feed: "osv",
                location: "the record",
                expected: "at most \(limits.bytes) bytes",
                found: "\(bytes.count) bytes"
            )
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(
                parsing: bytes,
                limits: JSONLimits(depth: 32, bytes: limits.bytes, values: limits.values)
            )
        } catch {
            throw FeedReadError(
                feed: "osv",
                location: "byte \(error.offset)",
                expected: "JSON of one advisory",
                found: error.description
            )
        }
        do throws(JSONShapeError) {
            return try OSVReader(limits: limits).read(JSONFields(value))
        } catch {
            throw FeedReadError(feed: "osv", location: error.path, expected: error.expected, found: error.found)
        }
    }
}
