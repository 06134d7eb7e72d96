// SPDX-License-Identifier: EUPL-1.2

internal import Audit
public import Database
internal import JSON
public import Time

/// The policy that is in force for a namespace.
public struct PolicyInForce: Sendable, Hashable {
    /// Its revision; 0 when none was ever set.
    public let revision: Int64
    /// The rules.
    public let policy: ContentPolicy

    /// Makes a value.
    public init(revision: Int64, policy: ContentPolicy) {
        self.revision = revision
        self.policy = policy
    }
}

/// One revision of a namespace's policy.
public struct PolicyRevision: Sendable, Hashable {
    /// Its number, from 1 without a gap.
    public let revision: Int64
    /// The rules; nil when what is stored cannot be read.
    public let policy: ContentPolicy?
    /// Why it was set.
    public let reason: String
    /// When it was set.
    public let createdAt: Timestamp
    /// Who set it.
    public let createdBy: String
}

/// The policies of namespaces as revisions: none is ever changed, the greatest number is in force.
///
/// Every function works in the caller's transaction, so that a decision and the fact it allows are one.
public enum PolicyStore {
    /// Bytes of a reason.
    public static let reasonLimit = 2_000

    /// The policy in force.
    ///
    /// - Parameters:
    ///   - transaction: of whatever the policy decides.
    ///   - namespace: its row id.
    /// - Returns: a policy without rules, revision 0, when none was ever set.
    /// - Throws: ``PolicyUnreadable`` when there is one that cannot be read, ``DatabaseError`` when it cannot be found out. Both mean that
    ///   nothing new is allowed, never that there are no rules.
    /// - Complexity: one row by its key.
    public static func current(_ transaction: Transaction, of namespace: Int64) throws -> PolicyInForce {
        guard let row = try transaction.first(PoliciesSchema.current, [.integer(namespace)]) else {
            return PolicyInForce(revision: 0, policy: ContentPolicy())
        }
        let revision = try row.int64(0)
        do throws(PolicyReadError) {
            return PolicyInForce(revision: revision, policy: try ContentPolicy(parsingJSON: try body(row, 1)))
        } catch {
            throw PolicyUnreadable(namespace: namespace, revision: revision, cause: error)
        }
    }

    /// The revision in force, also of a policy that cannot be read; 0 when none was ever set.
    ///
    /// - Complexity: one row by its key.
    public static func revision(_ transaction: Transaction, of namespace: Int64) throws -> Int64 {
        try transaction.first(PoliciesSchema.currentRevision, [.integer(namespace)])?.int64(0) ?? 0
    }

    /// Puts a policy in force as a new revision, with an audit event.
    ///
    /// - Parameters:
    ///   - transaction: of the change.
    ///   - namespace: its row id.
    ///   - name: its name, for the audit event and for errors.
    ///   - policy: the rules; within ``ContentPolicy/Limits``.
    ///   - expectedRevision: the revision that the author saw; 0 for none. Else one author would undo what another did meanwhile.
    ///   - actor: who sets it.
    ///   - reason: why; not blank, at most ``reasonLimit`` bytes.
    ///   - at: when.
    /// - Returns: the new revision.
    /// - Throws: ``PolicyConflict`` when another revision is in force; ``PolicyReadError`` when the policy or the reason is one that is not
    ///   accepted.
    @discardableResult
    public static func set(
        _ transaction: Transaction,
        of namespace: Int64,
        named name: String,
        to policy: ContentPolicy,
        expectedRevision: Int64,
        by actor: String,
        reason: String,
        at: Timestamp
    ) throws -> Int64 {
        try check(reason: reason)
        let body = policy.json.text(.compact)
        // What is stored can be read again, or it is not stored: an unreadable policy locks the namespace.
        guard try ContentPolicy(parsingJSON: body) == policy else {
            throw PolicyReadError(path: "", expected: "a policy that is read as it was written", found: "another")
        }
        // Not the body: a policy that cannot be read must be possible to replace.
        let current = try revision(transaction, of: namespace)
        guard current == expectedRevision else {
            throw PolicyConflict(namespace: name, expected: expectedRevision, current: current)
        }
        let revision = current + 1
        let inserted = try transaction.execute(
            PoliciesSchema.insert,
            [.integer(namespace), .integer(revision), .text(body), .text(reason), .time(at), .text(actor)]
        )
        // On a database with several writers, another one was between the read and the write.
        guard inserted == 1 else {
            throw PolicyConflict(namespace: name, expected: expectedRevision, current: revision)
        }
        try AuditLog.append(
            transaction,
            actor: actor,
            action: "policy.change",
            subject: "namespace:" + name,
            detail: [
                "namespaceId": .integer(namespace), "oldRevision": .integer(current), "newRevision": .integer(revision),
                "reason": .string(reason),
            ],
            at: at
        )
        return revision
    }

    /// A page of revisions, newest first.
    ///
    /// - Parameters:
    ///   - transaction: to read in.
    ///   - namespace: its row id.
    ///   - before: ``PolicyRevision/revision`` of the last one of the page before; from the newest when nil.
    ///   - limit: revisions of a page, at most 100.
    public static func history(
        _ transaction: Transaction,
        of namespace: Int64,
        before: Int64? = nil,
        limit: Int = 20
    ) throws(DatabaseError) -> [PolicyRevision] {
        let rows = try transaction.query(
            PoliciesSchema.history,
            [.integer(namespace), .integer(before ?? .max), .integer(min(max(limit, 1), 100))]
        )
        var revisions: [PolicyRevision] = []
        for row in rows {
            let body = try row.text(1)
            revisions.append(
                PolicyRevision(
                    revision: try row.int64(0),
                    policy: try? ContentPolicy(parsingJSON: body),
                    reason: try row.text(2),
                    createdAt: try row.time(3),
                    createdBy: try row.text(4)
                )
            )
        }
        return revisions
    }

    private static func body(_ row: Row, _ column: Int) throws(PolicyReadError) -> String {
        do throws(DatabaseError) {
            return try row.text(column)
        } catch {
            throw PolicyReadError(path: "", expected: "text", found: error.reason)
        }
    }

    private static func check(reason: String) throws(PolicyReadError) {
        guard reason.utf8.count <= reasonLimit, !reason.utf8.contains(0) else {
            throw PolicyReadError(
                path: "reason",
                expected: "a text of at most \(reasonLimit) bytes without NUL",
                found: reason.utf8.contains(0) ? "NUL" : "\(reason.utf8.count) bytes"
            )
        }
        guard reason.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw PolicyReadError(path: "reason", expected: "why the policy changes", found: "nothing")
        }
    }
}
