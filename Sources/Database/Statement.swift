// SPDX-License-Identifier: EUPL-1.2

/// A named SQL statement: a constant of the room that owns its tables.
///
/// Written in the subset that SQLite and PostgreSQL share, with `?` for each argument; never built from input. A
/// test explains every statement of every room and fails when one walks a whole table that grows, unless
/// ``scans(_:)`` says why that is right.
public struct Statement: Sendable, Hashable {
    /// Name for errors, metrics and tests: `room.whatItDoes`.
    public let name: String
    /// The SQL text; one statement.
    public let sql: String
    /// Why this statement may read a whole table; nil when it may not.
    public let scanReason: String?

    /// Names a statement.
    public init(_ name: String, _ sql: String) {
        self.init(name: name, sql: sql, scanReason: nil)
    }

    private init(name: String, sql: String, scanReason: String?) {
        self.name = name
        self.sql = sql
        self.scanReason = scanReason
    }

    /// The same statement with leave to read a whole table, and the reason ("at most ten rows", "verification reads
    /// all").
    public func scans(_ reason: String) -> Statement {
        Statement(name: name, sql: sql, scanReason: reason)
    }
}
