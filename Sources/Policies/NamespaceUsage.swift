// SPDX-License-Identifier: EUPL-1.2

public import Database

/// The quota ledger of each namespace as a row, changed in the caller's transaction.
///
/// A namespace is counted from the moment its row is set, by ``set(_:of:used:reserved:)``: with zeros in the transaction that makes the
/// namespace, or with what the caller counted. Nothing here makes a row by itself: one that began in the middle would be too small, and
/// a quota over it would let too much in.
public enum NamespaceUsage {
    /// What is stored, under a limit.
    ///
    /// - Returns: nil when there is no row, or one that nothing here writes.
    public static func ledger(
        _ transaction: Transaction,
        of namespace: Int64,
        limit: Int64?
    ) throws(DatabaseError) -> QuotaLedger? {
        guard let row = try transaction.first(PoliciesSchema.usage, [.integer(namespace)]) else { return nil }
        let used = try row.int64(0)
        let reserved = try row.int64(1)
        return try? QuotaLedger(limit: limit, used: used, reserved: reserved)
    }

    /// Promises bytes to an upload.
    ///
    /// - Parameters:
    ///   - transaction: that opens the upload or takes its bytes in, and writes the amount into the upload's row.
    ///   - namespace: its row id.
    ///   - bytes: at most so many will come.
    ///   - limit: ``ContentPolicy/quotaBytes`` of the policy in force.
    /// - Returns: the state afterwards; nil when the namespace is not counted and has no limit.
    /// - Throws: ``QuotaRefusal`` when the bytes do not fit, or there is a limit and no count that can be read; ``DatabaseError`` when it
    ///   cannot be found out. Both mean no.
    @discardableResult
    public static func reserve(
        _ transaction: Transaction,
        of namespace: Int64,
        bytes: Int64,
        limit: Int64?
    ) throws -> QuotaLedger? {
        try change(transaction, of: namespace, limit: limit, asked: bytes) { ledger throws(QuotaRefusal) in
            try ledger.reserve(bytes)
        }
    }

    /// Ends a reservation: so many bytes of it are there now.
    ///
    /// - Parameters:
    ///   - transaction: that links the content.
    ///   - namespace: its row id.
    ///   - reserved: what was promised to the uploads that end with it.
    ///   - used: bytes that are new to the namespace.
    ///   - limit: ``ContentPolicy/quotaBytes`` of the policy in force.
    /// - Returns: the state afterwards; nil when the namespace is not counted and has no limit.
    /// - Throws: as ``reserve(_:of:bytes:limit:)``.
    @discardableResult
    public static func settle(
        _ transaction: Transaction,
        of namespace: Int64,
        reserved: Int64,
        used: Int64,
        limit: Int64?
    ) throws -> QuotaLedger? {
        try change(transaction, of: namespace, limit: limit, asked: used) { ledger throws(QuotaRefusal) in
            try ledger.settle(reserved: reserved, used: used)
        }
    }

    /// Gives a reservation up; the caller drops the upload's row in the same transaction, so that it happens once.
    ///
    /// Nothing is refused for lack of a count: what cannot be counted must still be possible to cancel.
    public static func release(_ transaction: Transaction, of namespace: Int64, bytes: Int64) throws {
        try change(transaction, of: namespace, limit: nil, asked: bytes) { ledger throws(QuotaRefusal) in
            try ledger.release(bytes)
        }
    }

    /// Takes away bytes of content that was deleted.
    ///
    /// Nothing is refused for lack of a count: deleting is what a full namespace needs.
    public static func free(_ transaction: Transaction, of namespace: Int64, bytes: Int64) throws {
        try change(transaction, of: namespace, limit: nil, asked: bytes) { ledger throws(QuotaRefusal) in
            try ledger.free(bytes)
        }
    }

    /// Sets what the caller counted, in the transaction in which it counted.
    ///
    /// - Parameters:
    ///   - transaction: of the count.
    ///   - namespace: its row id.
    ///   - used: bytes of content in the namespace.
    ///   - reserved: bytes promised to uploads that are open in it.
    /// - Throws: ``QuotaRefusal`` when a number is negative.
    public static func set(_ transaction: Transaction, of namespace: Int64, used: Int64, reserved: Int64) throws {
        let counted = try QuotaLedger(limit: nil, used: used, reserved: reserved)
        try transaction.execute(
            PoliciesSchema.setUsage,
            [.integer(namespace), .integer(counted.used), .integer(counted.reserved)]
        )
    }

    /// Namespaces that are counted, in the order of their row ids.
    ///
    /// - Parameters:
    ///   - transaction: to read in.
    ///   - after: the last one of the page before; 0 from the start.
    ///   - limit: of a page.
    public static func counted(
        _ transaction: Transaction,
        after: Int64,
        limit: Int
    ) throws(DatabaseError) -> [Int64] {
        var ids: [Int64] = []
        for row in try transaction.query(PoliciesSchema.counted, [.integer(after), .integer(limit)]) {
            ids.append(try row.int64(0))
        }
        return ids
    }

    @discardableResult
    private static func change(
        _ transaction: Transaction,
        of namespace: Int64,
        limit: Int64?,
        asked: Int64,
        _ body: (inout QuotaLedger) throws(QuotaRefusal) -> Void
    ) throws -> QuotaLedger? {
        guard let before = try ledger(transaction, of: namespace, limit: limit) else {
            // A quota that is not known to hold is no quota; zot lets everybody in here.
            guard limit == nil else {
                throw QuotaRefusal(.usageUnknown, limit: limit, used: nil, reserved: nil, asked: asked)
            }
            return nil
        }
        var after = before
        try body(&after)
        let changed = try transaction.execute(
            PoliciesSchema.changeUsage,
            [
                .integer(after.used), .integer(after.reserved), .integer(namespace), .integer(before.used),
                .integer(before.reserved),
            ]
        )
        // On a database with several writers, another one was between the read and the write.
        guard changed == 1 else {
            throw DatabaseError(
                .busy,
                "the usage of the namespace changed at the same moment",
                statement: PoliciesSchema.changeUsage.name
            )
        }
        return after
    }
}
