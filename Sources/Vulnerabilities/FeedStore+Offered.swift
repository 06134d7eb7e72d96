// SPDX-License-Identifier: EUPL-1.2

import Advisories
import DurableFiles
import Time

extension FeedStore {
    /// Takes over the feeds of a snapshot that somebody else made and that was verified to be theirs.
    ///
    /// Feeds of other names that are in force are kept. Everything that the file says is recomputed, so that neither a signer's mistake nor
    /// his file can do more than say what his records say. Safe beside a running node and other imports, as
    /// ``importFeeds(paths:asOf:waiting:)`` is.
    ///
    /// - Parameters:
    ///   - contents: what the signer says is in it.
    ///   - place: where it comes from, for the report.
    ///   - allowsOlder: also takes a feed back to an earlier day.
    ///   - unpack: writes the snapshot's file to a path below the store.
    /// - Throws: ``FeedStoreError``, or what `unpack` throws; what was in force stays so.
    public func importOffered(
        _ contents: SnapshotContents,
        from place: String,
        allowsOlder: Bool = false,
        waiting: (@Sendable (String) -> Void)? = nil,
        unpack: (_ path: String) throws -> Void
    ) async throws -> ImportReport {
        let now = clock.now()
        for feed in contents.feeds {
            // It would count as fresh for longer than it is.
            guard feed.asOf <= now, feed.newestRecord.map({ $0 <= now }) ?? true else {
                let date = max(feed.asOf, feed.newestRecord ?? feed.asOf)
                throw FeedStoreError.offered(
                    place: "the feed \(feed.name)",
                    reason: "its date \(date.rfc3339) lies in the future; it is \(now.rfc3339) here"
                )
            }
        }
        var report = ImportReport()
        report.imported = contents.feeds
        report.sources = Dictionary(uniqueKeysWithValues: contents.feeds.map { ($0.name, place) })
        try await exchange(
            replacing: Set(contents.feeds.map(\.name)),
            waiting: waiting,
            in: &report,
            check: { inForce in
                guard !allowsOlder else { return }
                // Nil also stands for a pointer that cannot be read: then nobody knows what is older.
                let known = try inForce ?? pointer()
                try Self.refuseOlder(contents.feeds, than: known?.feeds ?? [])
            },
            build: { path, previous in
                let unpacked = path + ".offered"
                defer { _ = try? files.remove(unpacked) }
                try unpack(unpacked)
                return try SnapshotBuilder(path: path)
                    .integrate(OfferedSnapshot(path: unpacked, contents: contents), into: previous)
            }
        )
        return report
    }

    private static func refuseOlder(_ offered: [FeedState], than inForce: [FeedState]) throws(FeedStoreError) {
        let held = Dictionary(inForce.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        for feed in offered {
            guard let other = held[feed.name] else { continue }
            guard feed.asOf >= other.asOf else {
                throw .older(feed: feed.name, offered: feed.asOf.rfc3339, inForce: other.asOf.rfc3339)
            }
            guard let newest = other.newestRecord else { continue }
            guard let offered = feed.newestRecord, offered >= newest else {
                throw .older(
                    feed: feed.name,
                    offered: feed.newestRecord?.rfc3339 ?? "no date at all",
                    inForce: newest.rfc3339
                )
            }
        }
    }
}
