// SPDX-License-Identifier: EUPL-1.2

import Synchronization

/// The uploads that this process holds in memory: one object for each session, so that two requests meet at the same one.
///
/// Owner of the map; the rows stay the authority, and an upload that is not here is taken up from its row.
final class UploadTable: Sendable {
    private struct Entry {
        let upload: Upload
        var lastUsed: ContinuousClock.Instant
        var isClaimed: Bool
    }

    private let entries = Mutex<[UploadID: Entry]>([:])

    var count: Int { entries.withLock { $0.count } }

    /// What came of asking for an upload.
    enum Claim {
        case claimed(Upload)
        case busy
        case absent
    }

    /// Takes an upload for one request; nobody else gets it until ``release(_:)``.
    func claim(_ id: UploadID) -> Claim {
        entries.withLock { entries in
            guard var entry = entries[id] else { return .absent }
            guard !entry.isClaimed else { return .busy }
            entry.isClaimed = true
            entries[id] = entry
            return .claimed(entry.upload)
        }
    }

    /// Adds an upload that was read from its row, claimed; when another request was quicker, that one has it.
    func insertClaimed(_ upload: Upload) -> Claim {
        entries.withLock { entries in
            guard entries[upload.id] == nil else { return .busy }
            entries[upload.id] = Entry(upload: upload, lastUsed: .now, isClaimed: true)
            return .claimed(upload)
        }
    }

    /// Ends a request's turn.
    func release(_ id: UploadID) {
        entries.withLock { entries in
            entries[id]?.isClaimed = false
            entries[id]?.lastUsed = .now
        }
    }

    /// Forgets an upload.
    func remove(_ id: UploadID) { entries.withLock { _ = $0.removeValue(forKey: id) } }

    /// Takes out the longest idle uploads above a number, so that their files can be closed.
    func evict(above limit: Int) -> [Upload] {
        entries.withLock { entries in
            guard entries.count > limit else { return [] }
            let idle = entries.values.filter { !$0.isClaimed }.sorted { $0.lastUsed < $1.lastUsed }
            let leaving = idle.prefix(entries.count - limit).map(\.upload)
            for upload in leaving { entries[upload.id] = nil }
            return leaving
        }
    }
}
