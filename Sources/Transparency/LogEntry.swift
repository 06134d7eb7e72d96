// SPDX-License-Identifier: EUPL-1.2

public import MerkleLog
public import Time

/// Something to be logged: opaque bytes, which everybody will be able to read for ever.
public struct LogEntry: Sendable, Hashable {
    /// Most bytes of an entry, by tlog-tiles.
    public static let maximumBytes = EntryBundle.maximumEntryBytes
    /// Most characters of a kind.
    static let maximumKindLength = 64

    /// What the bytes are, for lists and counters: `hashedrekord`, `dsse`.
    public let kind: String
    /// Namespace of what it is about; nil where it is about none.
    ///
    /// Decides whether it may be published, and is not published itself.
    public let namespace: String?
    /// The bytes of the leaf.
    public let bytes: [UInt8]

    /// Something to be logged.
    public init(kind: String, namespace: String?, bytes: [UInt8]) {
        self.kind = kind
        self.namespace = namespace
        self.bytes = bytes
    }
}

/// Where an entry stands.
public struct LoggedEntry: Sendable, Hashable {
    /// Where it stands on its way into the log.
    public enum State: Sendable, Hashable {
        /// It waits for the next batch.
        case waiting
        /// It has an index for ever, and is in the tree when `integratedAt` says since when.
        case logged(index: Int, integratedAt: Timestamp?)
        /// It may not be published; the text says why.
        case refused(String)
    }

    /// Its row; what ``TransparencyLog/enqueue(_:in:)`` gave.
    public let id: Int64
    /// What the bytes are.
    public let kind: String
    /// Where it stands.
    public let state: State
    /// When it was queued.
    public let queuedAt: Timestamp
}

/// Why nothing is assigned, written or signed until somebody has looked.
public struct LogFreeze: Sendable, Hashable {
    /// What was noticed.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// A larger tree was signed already: the database is an older one.
        case olderThanSigned
        /// Another tree was signed at this size or on the way to it.
        case otherThanSigned
        /// It is not known what was signed last: the guard's file is gone or unreadable.
        case guardLost
        /// The log's directory holds a newer checkpoint than the database knows of.
        case directoryAhead
        /// The log's directory lacks what the database says was written, or holds something else.
        case directoryDiffers
        /// The database was restored from a backup, by a program that said so.
        case restored
    }

    /// What was noticed.
    public let reason: Reason
    /// Numbers and names, in English, for the operator.
    public let detail: String

    /// A reason to stop.
    public init(_ reason: Reason, _ detail: String) {
        self.reason = reason
        self.detail = detail
    }
}

/// How the log stands.
public struct LogStatus: Sendable, Hashable {
    /// ``waiting`` and ``refused`` are counted up to here and mean "at least" there.
    public static let countLimit = 10_000

    /// Its name for ever; nil before the first entry.
    public var origin: String?
    /// Entries in the tree.
    public var size = 0
    /// Root over them.
    public var root = MerkleHash.empty
    /// Entries that the last signed checkpoint covers.
    public var publishedSize = 0
    /// When it was signed; nil before the first.
    public var publishedAt: Timestamp?
    /// Entries that wait for an index.
    public var waiting = 0
    /// Since when the oldest of them waits.
    public var waitingSince: Timestamp?
    /// Entries that may not be published.
    public var refused = 0
    /// Why it stands still; nil while it does not.
    public var freeze: LogFreeze?

    /// Of a log without entries.
    public init() {}
}
