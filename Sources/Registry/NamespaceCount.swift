// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Database
import OCI
import Policies

/// What the repositories of a namespace hold: the distinct blobs that they link, and their manifests.
///
/// Kept from the moment on that the namespace has a usage row; before that nothing is written, and ``rebuild(_:of:)`` makes it anew.
enum NamespaceCount {
    /// Whether a namespace is counted.
    static func isKept(_ t: Transaction, of namespace: Int64) throws -> Bool {
        try NamespaceUsage.ledger(t, of: namespace, limit: nil) != nil
    }

    /// Counts a link of a repository to a blob that was not there before.
    ///
    /// - Returns: whether the blob is new to the namespace.
    static func link(_ t: Transaction, _ blob: Int64, in namespace: Int64) throws -> Bool {
        guard try isKept(t, of: namespace) else { return false }
        return try t.first(SQL.addLink, [.integer(namespace), .integer(blob)])?.int64(0) == 1
    }

    /// Takes away a link that went; with the last one, the bytes of the blob are free.
    static func unlink(_ t: Transaction, _ blob: Int64, in namespace: Int64?) throws {
        guard let namespace, try isKept(t, of: namespace) else { return }
        let key: [SQLValue] = [.integer(namespace), .integer(blob)]
        guard try t.execute(SQL.dropLink, key) == 0, try t.execute(SQL.dropLastLink, key) == 1 else { return }
        guard let row = try t.first(SQL.sizeOfBlob, [.integer(blob)]) else { throw DamagedRow(what: "blob") }
        try NamespaceUsage.free(t, of: namespace, bytes: try row.int64(0))
    }

    /// Takes away a manifest that went.
    static func remove(_ t: Transaction, manifest size: Int64, in namespace: Int64?) throws {
        guard let namespace else { return }
        try NamespaceUsage.free(t, of: namespace, bytes: size)
    }

    /// Counts a namespace anew, in the transaction of the caller: what is linked, and what its uploads hold.
    static func rebuild(_ t: Transaction, of namespace: Namespace) throws {
        let id = SQLValue.integer(namespace.id)
        try t.execute(SQL.clearLinks, [id])
        var used: Int64 = 0
        func add(_ row: Row?) throws {
            let (sum, overflow) = used.addingReportingOverflow(try row?.int64(0) ?? 0)
            guard !overflow else { throw DamagedRow(what: "size") }
            used = sum
        }
        try forEachRepository(t, in: namespace.name) { repository, _ in
            try t.execute(SQL.countLinks, [id, .integer(repository)])
            try add(try t.first(SQL.sizeOfManifests, [.integer(repository)]))
        }
        try add(try t.first(SQL.sizeOfLinks, [id]))
        try t.execute(SQL.reserveReceived, [id])
        let reserved = try t.first(SQL.reservedInNamespace, [id])?.int64(0) ?? 0
        try NamespaceUsage.set(t, of: namespace.id, used: used, reserved: reserved)
    }

    /// The repositories of a namespace by name: the one of its own name, then all below it.
    static func forEachRepository(
        _ t: Transaction,
        in namespace: String,
        _ body: (Int64, RepositoryName) throws -> Void
    ) throws {
        if let row = try t.first(SQL.repositoryID, [.text(namespace)]) {
            try body(try row.int64(0), try RepositoryName(parsing: namespace))
        }
        let start = namespace + "/"
        var last = start
        while true {
            // No name has a '~', which lies after all that names have.
            let rows = try t.query(
                SQL.repositoriesBelow,
                [.text(start), .text(start + "~"), .text(last), .integer(500)]
            )
            for row in rows { try body(try row.int64(0), try RepositoryName(parsing: try row.text(1))) }
            guard rows.count == 500, let end = rows.last else { return }
            last = try end.text(1)
        }
    }
}
