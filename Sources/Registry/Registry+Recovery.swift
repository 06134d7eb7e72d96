// SPDX-License-Identifier: EUPL-1.2

import Blobs
import Database
import Policies
import Time

/// What recovery and upkeep removed.
public struct RecoveryReport: Sendable, Hashable {
    /// Files that no upload and no blob needs any more.
    public var removedFiles = 0
    /// Upload sessions past their lifetime.
    public var expiredUploads = 0
    /// Files that could not be removed; the next run tries again.
    public var failures = 0

    /// Nothing done yet.
    public init() {}
}

extension Registry {
    /// Cleans up what a crash left.
    ///
    /// Runs before the first request: a file in state *writing* without an upload session has no owner then.
    /// Files are found by the state of their rows; a file that a blob refers to is never touched.
    public func recover() async throws -> RecoveryReport {
        var report = RecoveryReport()
        try await endMonolithicUploads()
        try await removeStorages(in: .writing, &report)
        try await removeStorages(in: .deleting, &report)
        try await expireUploads(&report)
        try await recomputeReservations()
        try await keepTakedowns()
        return report
    }

    /// Ends uploads past their lifetime and retries deletions that failed; safe beside running requests.
    public func upkeep() async throws -> RecoveryReport {
        var report = RecoveryReport()
        try await expireUploads(&report)
        try await removeStorages(in: .deleting, &report)
        return report
    }

    /// Uploads in one request ended with the process that took them.
    private func endMonolithicUploads() async throws {
        var last: Int64 = 0
        while true {
            let position = last
            let end = try await database.write { t -> Int64? in
                let rows = try t.query(SQL.uploadsWithoutSession, [.integer(position), 200])
                for row in rows { try Self.dropUpload(t, try row.text(1)) }
                return try rows.last?.int64(0)
            }
            guard let end else { return }
            last = end
        }
    }

    /// What is reserved is what the rows of the uploads say, whatever went wrong before.
    ///
    /// A usage that cannot be read stays unread: nothing is accepted until it is counted anew.
    private func recomputeReservations() async throws {
        var last: Int64 = 0
        while true {
            let position = last
            let end = try await database.write { t -> Int64? in
                let page = try NamespaceUsage.counted(t, after: position, limit: 200)
                for namespace in page {
                    guard let ledger = try NamespaceUsage.ledger(t, of: namespace, limit: nil) else { continue }
                    let reserved = try t.first(SQL.reservedInNamespace, [.integer(namespace)])?.int64(0) ?? 0
                    guard reserved != ledger.reserved else { continue }
                    try NamespaceUsage.set(t, of: namespace, used: ledger.used, reserved: reserved)
                }
                return page.last
            }
            guard let end else { return }
            last = end
        }
    }

    private func removeStorages(in state: StorageState, _ report: inout RecoveryReport) async throws {
        var last: Int64 = 0
        while true {
            let position = last
            let page = try await database.read { t in
                try t.query(SQL.unsettledStorages, [.integer(state.rawValue), .integer(position), 200]).map {
                    Upload.Storage(id: try $0.int64(0), key: try $0.text(1))
                }
            }
            guard let end = page.last?.id else { return }
            last = end
            let dropped = try await database.write { t in
                try page.filter { try t.execute(SQL.dropStorage, [.integer($0.id)]) == 1 }
            }
            for storage in dropped {
                do {
                    try await blobs.delete(storage.key)
                    try await database.write { t in _ = try t.execute(SQL.deleteStorage, [.integer(storage.id)]) }
                    report.removedFiles += 1
                } catch {
                    report.failures += 1
                }
            }
        }
    }

    private func expireUploads(_ report: inout RecoveryReport) async throws {
        while true {
            let now = clock.now()
            let tokens = try await database.read { t in
                try t.query(SQL.expiredUploads, [.time(now), 100]).map { try $0.text(0) }
            }
            guard !tokens.isEmpty else { return }
            var progressed = false
            for token in tokens {
                guard let id = UploadID(parsing: token) else { continue }
                // Not expired any more where a request took it up since the list was read.
                @Sendable func isExpired(_ t: Transaction) throws -> Bool {
                    try t.first(SQL.expiredUpload, [.text(token), .time(now)]) != nil
                }
                switch sessions.claim(id) {
                case .busy:
                    // Somebody is writing to it right now: not idle, whatever the row says; its turn renews the row.
                    continue
                case .claimed(let upload):
                    guard try await database.read(isExpired) else {
                        sessions.release(id)
                        continue
                    }
                    await cancel(upload)
                case .absent:
                    let storage = try await database.write { t -> Upload.Storage? in
                        guard try isExpired(t) else { return nil }
                        let row = try t.first(SQL.storageOfUpload, [.text(token)])
                        try Self.dropUpload(t, token)
                        guard let row else { return nil }
                        let storage = Upload.Storage(id: try row.int64(0), key: try row.text(1))
                        return try t.execute(SQL.dropStorage, [.integer(storage.id)]) == 1 ? storage : nil
                    }
                    if let storage { await tools.removeFile(of: storage) }
                }
                progressed = true
                report.expiredUploads += 1
            }
            guard progressed else { return }
        }
    }
}
