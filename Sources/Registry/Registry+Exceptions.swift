// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Audit
import Database
import JSON
public import OCI
public import Time

/// Something that the gate gives out all the same, because two persons said so.
public struct GateException: Sendable, Hashable {
    /// Number of the exception.
    public let id: Int64
    /// The image; nil for every image of the namespace (breaking the glass).
    public let digest: Digest?
    /// Why.
    public let reason: String
    /// When it was asked for, and by whom.
    public let requestedAt: Timestamp
    /// Who asked for it.
    public let requestedBy: String
    /// Until when it holds.
    public let expiresAt: Timestamp
    /// When a second person agreed; nil: nobody has, and it does not hold.
    public let approvedAt: Timestamp?
    /// Who agreed.
    public let approvedBy: String?
    /// When somebody ended it before its time.
    public let endedAt: Timestamp?
    /// Who ended it.
    public let endedBy: String?
}

/// Why an exception is not made.
public enum GateExceptionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// It would hold too long, or is over before it begins.
    case badEnd(longestDays: Int)
    /// No reason, or one that is too long.
    case badReason
    /// There is none of that number in the namespace.
    case unknown(Int64)
    /// Whoever asked for it cannot agree to it.
    case samePerson
    /// It was agreed to, or is over.
    case settled(Int64)

    /// What, why, what next.
    public var description: String {
        switch self {
        case .badEnd(let days):
            "the exception must end within \(days) days from now; name an earlier end, and make a new one when it is over"
        case .badReason: "an exception needs a reason of 1 to \(Registry.exceptionReasonLimit) bytes"
        case .unknown(let id): "there is no exception \(id) in this namespace"
        case .samePerson: "an exception needs two persons; another maintainer or operator must agree to it"
        case .settled(let id): "exception \(id) was agreed to or is over; ask for a new one"
        }
    }
}

extension Registry {
    /// Bytes of a reason.
    public static let exceptionReasonLimit = 2_000
    /// Days for which one image can be excepted.
    static let longestException = 365
    /// Days for which a whole namespace can be.
    static let longestBrokenGlass = 3

    /// What stands for every image of a namespace in the columns of a digest.
    static let wholeNamespace: [SQLValue] = [.blob([]), .integer(0)]

    /// Asks for an exception; it holds from the moment that a second person agrees.
    ///
    /// - Parameter digest: the image; nil for every image of the namespace.
    /// - Throws: ``GateExceptionError``.
    public func requestException(
        _ digest: Digest?,
        in namespace: Namespace,
        reason: String,
        until end: Timestamp,
        by account: Account
    ) async throws -> GateException {
        let now = clock.now()
        let longest = digest == nil ? Self.longestBrokenGlass : Self.longestException
        guard end > now, end <= now + .seconds(longest * 86_400) else {
            throw GateExceptionError.badEnd(longestDays: longest)
        }
        guard reason.contains(where: { !$0.isWhitespace }), reason.utf8.count <= Self.exceptionReasonLimit,
            !reason.utf8.contains(0)
        else { throw GateExceptionError.badReason }
        let key = digest?.columns ?? Self.wholeNamespace
        return try await database.write { t in
            let values: [SQLValue] =
                [.integer(namespace.id)] + key
                + [.text(reason), .time(now), .text(account.name), .time(end)]
            guard let id = try t.first(SQL.requestException, values)?.int64(0) else {
                throw GateExceptionError.unknown(0)
            }
            try Self.audit(t, "gate.exception.request", id, namespace, digest, reason, account, now)
            return try Self.exception(t, id, namespace)
        }
    }

    /// Agrees to an exception, as another person than the one who asked for it.
    ///
    /// - Throws: ``GateExceptionError``.
    public func approveException(_ id: Int64, in namespace: Namespace, by account: Account) async throws
        -> GateException
    {
        let now = clock.now()
        return try await database.write { t in
            let found = try Self.exception(t, id, namespace)
            guard found.requestedBy != account.name else { throw GateExceptionError.samePerson }
            guard found.expiresAt > now, found.endedAt == nil, found.approvedAt == nil,
                try t.execute(SQL.approveException, [.time(now), .text(account.name), .integer(id)]) == 1
            else { throw GateExceptionError.settled(id) }
            try Self.audit(t, "gate.exception.approve", id, namespace, found.digest, found.reason, account, now)
            return try Self.exception(t, id, namespace)
        }
    }

    /// Ends an exception before its time; one person is enough to close the gate.
    ///
    /// - Throws: ``GateExceptionError``.
    public func endException(_ id: Int64, in namespace: Namespace, by account: Account) async throws {
        let now = clock.now()
        try await database.write { t in
            let found = try Self.exception(t, id, namespace)
            guard try t.execute(SQL.endException, [.time(now), .text(account.name), .integer(id)]) == 1 else {
                throw GateExceptionError.settled(id)
            }
            try Self.audit(t, "gate.exception.end", id, namespace, found.digest, found.reason, account, now)
        }
    }

    /// Exceptions of a namespace, the newest first, also those that are over.
    public func exceptions(
        in namespace: Namespace,
        before: Int64? = nil,
        limit: Int = 100
    ) async throws -> [GateException] {
        try await database.read { t in
            try t.query(
                SQL.exceptions,
                [.integer(namespace.id), .integer(before ?? .max), .integer(min(max(limit, 0), 1_000))]
            ).map(Self.exception)
        }
    }

    private static func exception(_ t: Transaction, _ id: Int64, _ namespace: Namespace) throws -> GateException {
        guard let row = try t.first(SQL.exception, [.integer(id), .integer(namespace.id)]) else {
            throw GateExceptionError.unknown(id)
        }
        return try exception(row)
    }

    private static func exception(_ row: Row) throws -> GateException {
        GateException(
            id: try row.int64(0),
            digest: try row.bytes(2).isEmpty ? nil : row.digest(2),
            reason: try row.text(4),
            requestedAt: try row.time(5),
            requestedBy: try row.text(6),
            expiresAt: try row.time(7),
            approvedAt: try row.optionalTime(8),
            approvedBy: try row.optionalText(9),
            endedAt: try row.optionalTime(10),
            endedBy: try row.optionalText(11)
        )
    }

    private static func audit(
        _ t: Transaction,
        _ action: String,
        _ id: Int64,
        _ namespace: Namespace,
        _ digest: Digest?,
        _ reason: String,
        _ account: Account,
        _ now: Timestamp
    ) throws {
        try AuditLog.append(
            t,
            actor: account.name,
            action: action,
            subject: "namespace:" + namespace.name,
            detail: [
                "exception": .integer(id), "digest": .optional(digest?.description), "reason": .string(reason),
            ],
            at: now
        )
    }
}
