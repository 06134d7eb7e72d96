// SPDX-License-Identifier: EUPL-1.2

public import Database
internal import JSON
public import Time

/// How far an export of the audit log has come.
public struct AuditExportState: Sendable, Hashable {
    /// ``AuditEvent/id`` of the last event that the other side is known to have; 0 before the first.
    public var cursor: Int64 = 0
    /// ``AuditEvent/id`` of the newest event; 0 when there is none.
    public var newest: Int64 = 0
    /// When the oldest event happened that is still to be exported; nil when none is.
    public var waitingSince: Timestamp?
    /// Why it last failed; nil since it works (again).
    public var lastError: String?
    /// When cursor or error last changed; nil when it never ran.
    public var changedAt: Timestamp?

    /// Events that are still to be exported.
    public var lag: Int64 { max(0, newest - cursor) }

    /// The state of an export that never ran, of an empty log.
    public init() {}
}

/// One export of the audit log: the rows are its spool, and all that is kept besides is a cursor.
public struct AuditExport: Sendable {
    /// Most characters of an error that are kept.
    public static let maximumErrorLength = 500

    /// Name of the export, unique for ever.
    public let name: String
    private let database: Database
    private let clock: WallClock

    /// An export; its row is made when it first advances or fails.
    public init(name: String, database: Database, clock: WallClock) {
        self.name = name
        self.database = database
        self.clock = clock
    }

    /// The events after a place, oldest first.
    ///
    /// A detail that cannot be read is exported as the text that it is: one row must not hold up all that follow.
    ///
    /// - Parameters:
    ///   - id: ``AuditEvent/id`` of the last event that was taken.
    ///   - limit: events of a page, at most 1 000.
    public func events(after id: Int64, limit: Int) async throws -> [AuditEvent] {
        let rows = try await database.read {
            try $0.query(AuditSchema.page, [.integer(id), .integer(min(max(limit, 1), 1_000))])
        }
        return try rows.map { row in
            AuditEvent(
                id: try row.int64(0),
                at: try row.time(1),
                actor: try row.optionalText(5),
                action: try row.text(2),
                subject: try row.text(3),
                detail: try row.optionalText(6).map { (try? JSONValue(parsing: $0)) ?? .string($0) },
                hash: try row.bytes(10)
            )
        }
    }

    /// Notes that the other side has all events up to this one, and that the export works; never goes back.
    public func advance(to id: Int64) async throws {
        try await database.write { [name, now = clock.now()] transaction in
            try transaction.execute(AuditSchema.exportAdvance, [.text(name), .integer(id), .time(now)])
        }
    }

    /// Notes why it does not go on; the cursor stays.
    public func fail(_ reason: String) async throws {
        // An error of a peer may hold any character, and a NUL would be refused.
        let kept = String(reason.prefix(Self.maximumErrorLength).map { $0 == "\0" ? " " : $0 })
        try await database.write { [name, now = clock.now()] transaction in
            try transaction.execute(AuditSchema.exportFail, [.text(name), .text(kept), .time(now)])
        }
    }

    /// How far it has come, as one consistent view.
    public func state() async throws -> AuditExportState {
        try await database.read { [name] transaction in
            var state = AuditExportState()
            if let row = try transaction.first(AuditSchema.exportState, [.text(name)]) {
                state.cursor = try row.int64(0)
                state.lastError = try row.optionalText(1)
                state.changedAt = try row.time(2)
            }
            state.newest = try transaction.first(AuditSchema.last)?.int64(0) ?? 0
            state.waitingSince = try transaction.first(
                AuditSchema.exportOldestWaiting,
                [.integer(state.cursor)]
            )?.time(0)
            return state
        }
    }
}
