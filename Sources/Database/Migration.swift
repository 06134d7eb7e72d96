// SPDX-License-Identifier: EUPL-1.2

/// One step in the history of a room's tables; it never changes once it was released.
public struct Migration: Sendable, Hashable {
    /// Unique for ever: `room-0001-what`.
    public let id: String
    /// Statements in order; each table is STRICT.
    public let sql: [String]

    /// A step.
    public init(id: String, sql: [String]) {
        self.id = id
        self.sql = sql
    }
}
