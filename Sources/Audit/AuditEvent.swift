// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import Time

/// One event: who did what to what, when.
public struct AuditEvent: Sendable, Hashable {
    /// Number of the event, from 1 without a gap; the cursor of the list.
    public let id: Int64
    /// When it happened.
    public let at: Timestamp
    /// Who did it; nil once the retention of personal data has erased it.
    public let actor: String?
    /// What was done: `room.verb`.
    public let action: String
    /// What it was done to: never a person.
    public let subject: String
    /// More; nil once erased.
    public let detail: JSONValue?
    /// SHA-256 that ends the chain at this event.
    public let hash: [UInt8]
}

/// What a walk over the chain found.
public struct AuditVerification: Sendable, Hashable {
    /// A place where the chain does not hold.
    public struct Break: Sendable, Hashable {
        /// Number of the event.
        public let event: Int64
        /// What is wrong with it.
        public let reason: String
    }

    /// Events that were checked.
    public var events = 0
    /// Events whose personal fields were erased; their place in the chain holds all the same.
    public var erased = 0
    /// Hash of the last good event.
    ///
    /// Kept outside, it also shows when the end of the log was cut off.
    public var head: [UInt8] = AuditLog.origin
    /// The first place where the chain does not hold, nil when it holds.
    public var firstBreak: Break?

    /// What a walk over an empty log finds.
    public init() {}
}
