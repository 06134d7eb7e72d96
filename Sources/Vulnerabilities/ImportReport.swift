// SPDX-License-Identifier: EUPL-1.2

public import Advisories

/// What one import did: which feeds went in, which files were left out, and why.
public struct ImportReport: Sendable, Equatable {
    /// A file that was not taken, and the reason in words.
    public struct Entry: Sendable, Equatable {
        /// The path as it was found.
        public let path: String
        /// Why it was left out, or what is wrong with it.
        public let reason: String

        /// Creates an entry.
        public init(path: String, reason: String) {
            self.path = path
            self.reason = reason
        }
    }

    /// The feeds that this import put into the snapshot, in order of name.
    public var imported: [FeedState]
    /// The file that each imported feed came from, by feed name.
    public var sources: [String: String]
    /// Files whose format this version does not read, and older copies of a feed that is in the same import.
    public var skipped: [Entry]
    /// Files of a known format that are broken, and paths that cannot be read: nothing of them went in.
    public var failed: [Entry]
    /// What of the imported files was passed over, and why: withdrawn records, entries that name commits alone.
    public var notes: [Entry]
    /// The snapshot that is current afterwards; nil when there has never been one.
    public var snapshot: String?
    /// Everything that the current snapshot holds, feeds kept from the one before included.
    public var feeds: [FeedState]
    /// False when the import ended on the snapshot that was already current.
    public var switched: Bool

    /// Creates a report.
    public init(
        imported: [FeedState] = [],
        sources: [String: String] = [:],
        skipped: [Entry] = [],
        failed: [Entry] = [],
        notes: [Entry] = [],
        snapshot: String? = nil,
        feeds: [FeedState] = [],
        switched: Bool = false
    ) {
        self.imported = imported
        self.sources = sources
        self.skipped = skipped
        self.failed = failed
        self.notes = notes
        self.snapshot = snapshot
        self.feeds = feeds
        self.switched = switched
    }
}
