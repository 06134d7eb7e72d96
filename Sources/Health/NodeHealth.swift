// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import Time

/// How a node is: what it knows and how old that is, what waits, what room there is, and what was saved.
///
/// What nobody found out is nil, and shown as unknown.
public struct NodeHealth: Sendable, Hashable {
    /// One source of advisories.
    public struct Feed: Sendable, Hashable {
        /// Name.
        public var name: String
        /// Date of its newest record, else of the feed.
        public var date: Timestamp
        /// How old that may be.
        public var limit: Duration
        /// Records.
        public var records: Int

        /// Names one.
        public init(name: String, date: Timestamp, limit: Duration, records: Int) {
            self.name = name
            self.date = date
            self.limit = limit
            self.records = records
        }
    }

    /// Work that waits.
    public struct Queue: Sendable, Hashable {
        /// Jobs that wait.
        public var waiting: Int
        /// Jobs that run.
        public var running: Int
        /// Jobs that were given up.
        public var givenUp: Int

        /// Counts, each "at least" from 10 000 on.
        public init(waiting: Int, running: Int, givenUp: Int) {
            self.waiting = waiting
            self.running = running
            self.givenUp = givenUp
        }
    }

    /// The file system of the data directory.
    public struct Storage: Sendable, Hashable {
        /// Bytes that it holds.
        public var total: Int64
        /// Bytes that the node can still write.
        public var free: Int64

        /// Measures.
        public init(total: Int64, free: Int64) {
            self.total = total
            self.free = free
        }
    }

    /// The node's log.
    public struct Log: Sendable, Hashable {
        /// Name; nil before the first entry.
        public var origin: String?
        /// Entries.
        public var size: Int
        /// Entries that wait.
        public var waiting: Int
        /// When the last checkpoint was signed; nil before the first.
        public var publishedAt: Timestamp?
        /// It stands still until somebody has looked.
        public var isFrozen: Bool

        /// Tells where it stands.
        public init(origin: String?, size: Int, waiting: Int, publishedAt: Timestamp?, isFrozen: Bool) {
            self.origin = origin
            self.size = size
            self.waiting = waiting
            self.publishedAt = publishedAt
            self.isFrozen = isFrozen
        }
    }

    /// Something that somebody should look after, worst first.
    public enum Concern: String, Sendable, Hashable, CaseIterable {
        /// There are no advisories at all.
        case noFeeds
        /// Advisories are older than they may be.
        case oldFeeds
        /// The log stands still.
        case frozenLog
        /// Less than a tenth of the storage is free.
        case littleStorage
        /// Jobs were given up.
        case givenUpJobs
        /// Nobody signs.
        case noLog
        /// Nobody knows of a backup.
        case noBackup
        /// The last backup is older than two days.
        case oldBackup
    }

    /// When this was found out.
    public var at: Timestamp
    /// Sources of advisories; empty for none.
    public var feeds: [Feed]
    /// Work.
    public var queue: Queue
    /// Storage; nil where it could not be measured.
    public var storage: Storage?
    /// The log; nil where nobody signs.
    public var log: Log?
    /// When the last backup was made; nil where nobody knows of one.
    public var lastBackup: Timestamp?
    /// What the node itself remarks; nil for nothing.
    public var remark: String?

    /// Puts together what was found out.
    public init(
        at: Timestamp,
        feeds: [Feed],
        queue: Queue,
        storage: Storage?,
        log: Log?,
        lastBackup: Timestamp?,
        remark: String?
    ) {
        self.at = at
        self.feeds = feeds
        self.queue = queue
        self.storage = storage
        self.log = log
        self.lastBackup = lastBackup
        self.remark = remark
    }

    /// Whether a feed is older than it may be.
    public func isOld(_ feed: Feed) -> Bool { at.duration(since: feed.date) > feed.limit }

    /// What somebody should look after, worst first; empty when all is as it should be.
    public var concerns: [Concern] {
        var concerns: [Concern] = []
        if feeds.isEmpty { concerns.append(.noFeeds) }
        if feeds.contains(where: isOld) { concerns.append(.oldFeeds) }
        if log?.isFrozen == true { concerns.append(.frozenLog) }
        if let storage, storage.free < storage.total / 10 { concerns.append(.littleStorage) }
        if queue.givenUp > 0 { concerns.append(.givenUpJobs) }
        if log == nil { concerns.append(.noLog) }
        if let lastBackup {
            if at.duration(since: lastBackup) > .seconds(2 * 86_400) { concerns.append(.oldBackup) }
        } else {
            concerns.append(.noBackup)
        }
        return concerns
    }

    /// As JSON.
    public var json: JSONValue {
        [
            "at": .string(at.rfc3339), "concerns": .strings(concerns.map(\.rawValue)),
            "feeds": .array(
                feeds.map {
                    [
                        "name": .string($0.name), "date": .string($0.date.rfc3339),
                        "limitSeconds": .integer($0.limit.components.seconds), "old": .bool(isOld($0)),
                        "records": .integer(Int64($0.records)),
                    ]
                }
            ),
            "queue": [
                "waiting": .integer(Int64(queue.waiting)), "running": .integer(Int64(queue.running)),
                "givenUp": .integer(Int64(queue.givenUp)),
            ],
            "storage": storage.map { ["total": .integer($0.total), "free": .integer($0.free)] } ?? .null,
            "log": log.map {
                [
                    "origin": .optional($0.origin), "size": .integer(Int64($0.size)),
                    "waiting": .integer(Int64($0.waiting)), "publishedAt": .optional($0.publishedAt?.rfc3339),
                    "frozen": .bool($0.isFrozen),
                ]
            } ?? .null,
            "lastBackup": .optional(lastBackup?.rfc3339), "remark": .optional(remark),
        ]
    }
}
