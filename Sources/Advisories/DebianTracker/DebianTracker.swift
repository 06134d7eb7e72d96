// SPDX-License-Identifier: EUPL-1.2

internal import JSON

/// Reader of the Debian security tracker's JSON: source → CVE → release → status.
///
/// Source: the file that the tracker serves at `/tracker/data/json`; its statuses are explained in the security team's
/// "security-tracker documentation", section "The data/CVE/list file".
public enum DebianTracker {
    /// ``Advisory/feed`` of what is read.
    public static let feed = "debian"
    /// ``FeedState/name`` of this feed.
    public static let name = "debian-tracker"

    /// What a file held besides its advisories.
    public struct Summary: Sendable, Hashable {
        /// Records that were read.
        public var count = 0
        /// Releases that occur, sorted.
        public var releases: [String] = []
        /// Source packages that occur.
        public var sources = 0

        /// An empty summary.
        public init() {}
    }

    /// Bounds of one file; each is several times what the whole tracker has.
    public struct Limits: Sendable {
        /// Bytes of the unpacked file.
        public var bytes = 1 << 30
        /// Records, one per source, CVE and release.
        public var records = 10_000_000
        /// Bytes of a name, an identifier or a version.
        public var nameBytes = 256
        /// Bytes of a description that are kept.
        public var summaryBytes = 2048

        /// The default bounds.
        public init() {}
    }

    /// True when a file that begins so is the tracker's JSON: an object of objects whose first member's first name is a CVE.
    public static func detect(_ prefix: UnsafeRawBufferPointer) -> Bool {
        var scanner = PrefixScanner(prefix)
        guard scanner.take(0x7B), scanner.string() != nil, scanner.take(0x3A), scanner.take(0x7B),
            let identifier = scanner.string(), scanner.take(0x3A), scanner.take(0x7B)
        else { return false }
        return identifier.hasPrefix("CVE-") || identifier.hasPrefix("TEMP-")
    }

    /// Reads a file, advisory by advisory, without holding it as a tree.
    ///
    /// - Parameters:
    ///   - bytes: the unpacked file.
    ///   - limits: bounds on size and counts.
    ///   - body: gets every advisory, in the order of the file's sources; what it throws ends the reading.
    /// - Throws: ``FeedReadError`` naming the record; advisories before it have been handed out by then, so that nothing may be
    ///   published before this returns.
    public static func read(
        _ bytes: UnsafeRawBufferPointer,
        limits: Limits = Limits(),
        _ body: (Advisory) throws -> Void
    ) throws -> Summary {
        guard bytes.count <= limits.bytes else {
            throw FeedReadError(
                feed: name,
                location: "the file",
                expected: "at most \(limits.bytes) bytes",
                found: "\(bytes.count) bytes"
            )
        }
        var reader = DebianTrackerReader(limits: limits)
        // One member is one source package; the kernel's, the largest, has some 200 000 values.
        let jsonLimits = JSONLimits(depth: 16, bytes: limits.bytes, values: 8_000_000)
        do {
            try JSONStream.forEachMember(in: bytes, limits: jsonLimits) { source, value in
                try reader.read(source: source, value, body)
            }
        } catch let error as JSONError {
            throw FeedReadError(
                feed: name,
                location: "byte \(error.offset)",
                expected: "JSON of the Debian security tracker",
                found: error.description
            )
        }
        // A file that names packages and says nothing of any release would take the place of one that does.
        guard reader.summary.count > 0 else {
            throw FeedReadError(feed: name, location: "the file", expected: "at least one record", found: "none")
        }
        reader.summary.releases.sort()
        return reader.summary
    }

    /// Reads a file at once.
    ///
    /// - Throws: ``FeedReadError``.
    public static func read(_ bytes: [UInt8], limits: Limits = Limits()) throws -> (
        advisories: [Advisory], summary: Summary
    ) {
        var advisories: [Advisory] = []
        let summary = try bytes.withUnsafeBytes { try read($0, limits: limits) { advisories.append($0) } }
        return (advisories, summary)
    }
}
