// SPDX-License-Identifier: EUPL-1.2

internal import Crypto
public import Database
public import JSON
public import Time

/// The audit log: rows in the transaction of their fact, each hashed over its predecessor.
///
/// The chain does not cover the personal fields (actor, detail) themselves but their HMAC under a key of that row
/// alone. Erasing the fields together with the key leaves the chain whole, and nobody can find the erased value by
/// trying names.
public enum AuditLog {
    /// What the first event follows.
    public static let origin = [UInt8](repeating: 0, count: 32)

    /// Adds an event in the caller's transaction, so that fact and event are there together or not at all.
    ///
    /// - Parameters:
    ///   - transaction: of the fact.
    ///   - actor: who; personal, erasable.
    ///   - action: `room.verb`.
    ///   - subject: what; kept for ever, so never a person.
    ///   - detail: more; personal, erasable.
    ///   - at: when.
    public static func append(
        _ transaction: Transaction,
        actor: String,
        action: String,
        subject: String,
        detail: JSONValue = .object([:]),
        at: Timestamp
    ) throws(DatabaseError) {
        let last = try transaction.first(AuditSchema.last)
        var salt: [UInt8] = []
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<4 { withUnsafeBytes(of: generator.next() as UInt64) { salt.append(contentsOf: $0) } }
        let detailText = detail.text(.compact)
        let link = Link(
            id: (try last?.int64(0) ?? 0) + 1,
            at: at,
            action: action,
            subject: subject,
            actorHash: keyedHash(actor, salt, field: "actor"),
            detailHash: keyedHash(detailText, salt, field: "detail"),
            previous: try last?.bytes(1) ?? origin
        )
        try transaction.execute(
            AuditSchema.insert,
            [
                .integer(link.id), .time(at), .text(action), .text(subject), .blob(salt), .text(actor),
                .text(detailText),
                .blob(link.actorHash), .blob(link.detailHash), .blob(link.previous), .blob(link.hash),
            ]
        )
    }

    /// A page of events, oldest first.
    ///
    /// - Parameters:
    ///   - database: where the log is.
    ///   - after: ``AuditEvent/id`` of the last event of the page before; from the start when nil.
    ///   - limit: events of a page, at most 1 000.
    public static func list(_ database: Database, after: Int64? = nil, limit: Int = 100) async throws -> [AuditEvent] {
        let limit = min(max(limit, 1), 1_000)
        return try await database.read { transaction in
            try transaction.query(AuditSchema.page, [.integer(after ?? 0), .integer(limit)]).map { row in
                AuditEvent(
                    id: try row.int64(0),
                    at: try row.time(1),
                    actor: try row.optionalText(5),
                    action: try row.text(2),
                    subject: try row.text(3),
                    detail: try row.optionalText(6).map { try JSONValue(parsing: $0) },
                    hash: try row.bytes(10)
                )
            }
        }
    }

    /// Walks the chain from the start, a page at a time, until its end or its first break.
    ///
    /// - Parameters:
    ///   - database: where the log is.
    ///   - page: events that are held in memory at once.
    /// - Returns: what was found; a break is a result, not an error.
    public static func verify(_ database: Database, page: Int = 1_000) async throws -> AuditVerification {
        var found = AuditVerification()
        while true {
            let after = Int64(found.events)
            let rows = try await database.read { transaction in
                try transaction.query(AuditSchema.page, [.integer(after), .integer(max(page, 1))])
            }
            for row in rows {
                if let reason = try broken(row, following: found.head, expectedID: Int64(found.events) + 1) {
                    found.firstBreak = .init(event: try row.int64(0), reason: reason)
                    return found
                }
                found.events += 1
                if try row.optionalBytes(4) == nil { found.erased += 1 }
                found.head = try row.bytes(10)
            }
            if rows.count < max(page, 1) { return found }
        }
    }

    /// Erases actor, detail and key of events older than their retention; the chain stays whole.
    ///
    /// - Parameters:
    ///   - transaction: of the erasure.
    ///   - since: start of the span; its older part may have been erased before, and is then not read again.
    ///   - before: end of the span, exclusive.
    ///   - limit: most events in one transaction.
    /// - Returns: how many events were erased; call again while it equals `limit`.
    public static func erasePersonalFields(
        _ transaction: Transaction,
        since: Timestamp = Timestamp(microseconds: 0),
        before: Timestamp,
        limit: Int = 1_000
    ) throws(DatabaseError) -> Int {
        try transaction.execute(AuditSchema.eraseBefore, [.time(since), .time(before), .integer(limit)])
    }

    private static func broken(_ row: Row, following head: [UInt8], expectedID: Int64) throws -> String? {
        let id = try row.int64(0)
        guard id == expectedID else { return "event \(expectedID) is missing" }
        let link = Link(
            id: id,
            at: try row.time(1),
            action: try row.text(2),
            subject: try row.text(3),
            actorHash: try row.bytes(7),
            detailHash: try row.bytes(8),
            previous: try row.bytes(9)
        )
        guard link.previous == head else { return "it does not follow the event before it" }
        guard link.hash == (try row.bytes(10)) else { return "its content was changed" }
        guard let salt = try row.optionalBytes(4) else {
            let isErased = try row.optionalText(5) == nil && row.optionalText(6) == nil
            return isErased ? nil : "its key is gone and its personal fields are not"
        }
        guard let actor = try row.optionalText(5), keyedHash(actor, salt, field: "actor") == link.actorHash else {
            return "its actor was changed"
        }
        guard let detail = try row.optionalText(6), keyedHash(detail, salt, field: "detail") == link.detailHash else {
            return "its detail was changed"
        }
        return nil
    }

    private static func keyedHash(_ text: String, _ salt: [UInt8], field: String) -> [UInt8] {
        [UInt8](
            HMAC<SHA256>.authenticationCode(for: Array((field + "\n" + text).utf8), using: SymmetricKey(data: salt))
        )
    }
}

/// What the chain covers of one event.
private struct Link {
    let id: Int64
    let at: Timestamp
    let action: String
    let subject: String
    let actorHash: [UInt8]
    let detailHash: [UInt8]
    let previous: [UInt8]

    /// Each field goes in with its length, so that no byte can wander from one field into the next.
    var hash: [UInt8] {
        var hasher = SHA256()
        func add(_ bytes: some Sequence<UInt8>) {
            let bytes = Array(bytes)
            withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { hasher.update(bufferPointer: $0) }
            hasher.update(data: bytes)
        }
        add("kontor-audit-1".utf8)
        add(previous)
        withUnsafeBytes(of: id.bigEndian) { add($0) }
        withUnsafeBytes(of: at.microseconds.bigEndian) { add($0) }
        add(action.utf8)
        add(subject.utf8)
        add(actorHash)
        add(detailHash)
        return [UInt8](hasher.finalize())
    }
}
