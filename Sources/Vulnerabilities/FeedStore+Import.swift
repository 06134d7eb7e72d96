// SPDX-License-Identifier: EUPL-1.2

import Advisories
import DurableFiles
public import Time

extension FeedStore {
    /// How many snapshots before the current one are kept, so that a node that was away can tell what changed.
    static let keptSnapshots = 2

    /// Reads feeds, builds a snapshot of them and of the feeds it keeps, and makes it current.
    ///
    /// Safe beside a running node and beside other imports, from any process. A feed whose file is broken is refused
    /// whole; the others still go in. A killed import leaves the old snapshot current and at most a file that the next
    /// one sweeps.
    ///
    /// - Parameters:
    ///   - paths: files or trees; each file's format is told by its content, whatever it is called. gzip is unpacked.
    ///   - asOf: the date of formats that carry none (Debian's tracker); other formats keep their own.
    ///   - waiting: told once, in words, when another import has to be waited for.
    /// - Returns: what went in, what was left out and why. Broken files are reported there, not thrown.
    /// - Throws: ``FeedStoreError`` when no snapshot could be built; the one before stays current.
    public func importFeeds(
        paths: [String],
        asOf: Timestamp? = nil,
        waiting: (@Sendable (String) -> Void)? = nil
    ) async throws -> ImportReport {
        let now = clock.now()
        if let asOf, asOf > now {
            throw FeedStoreError.asOf("\(asOf.dateText) lies in the future; it is \(now.dateText)")
        }
        var report = ImportReport()
        let (found, unreadable) = FeedFiles.collect(paths)
        report.failed = unreadable
        var feeds: [String: (feed: ParsedFeed, path: String)] = [:]
        let reader = FeedReader(
            asOf: asOf,
            now: now,
            stage: { try staging { try StagedAdvisories(directory: directory) } },
            scoreStage: { try staging { try StagedScores(directory: directory) } }
        )
        var parts = FeedParts(reader: reader)
        for path in found {
            switch try reader.read(path) {
            case .companion: continue
            case .skipped(let reason): report.skipped.append(.init(path: path, reason: reason))
            case .broken(let reason): report.failed.append(.init(path: path, reason: reason))
            case .part(let part): try parts.add(part, path: path)
            case .feed(let feed, let notes):
                report.notes += notes.map { .init(path: path, reason: $0) }
                Self.take(feed, path, &feeds, &report)
            }
        }
        for (feed, path) in try parts.finished(&report) { Self.take(feed, path, &feeds, &report) }
        report.imported = feeds.values.map(\.feed.state).sorted { $0.name < $1.name }
        report.sources = feeds.mapValues(\.path)
        try await publish(
            feeds.values.map(\.feed).sorted { $0.state.name < $1.state.name },
            waiting: waiting,
            in: &report
        )
        return report
    }

    /// Publishers' archives hold one file a day; the newest of them is the feed.
    private static func take(
        _ feed: ParsedFeed,
        _ path: String,
        _ feeds: inout [String: (feed: ParsedFeed, path: String)],
        _ report: inout ImportReport
    ) {
        let name = feed.state.name
        guard let other = feeds[name] else {
            feeds[name] = (feed, path)
            return
        }
        let isNewer = feed.state.asOf > other.feed.state.asOf
        let kept = isNewer ? (feed: feed, path: path) : other
        let left = isNewer ? other : (feed: feed, path: path)
        feeds[name] = kept
        let dates = (left.feed.state.asOf.dateText, kept.feed.state.asOf.dateText)
        report.skipped.append(
            .init(path: left.path, reason: "\(name) of \(dates.0): \(kept.path) of \(dates.1) is taken instead")
        )
    }

    /// Rows that memory should not hold lie beside the snapshots, where there is room for them.
    private func staging<Stage>(_ make: () throws -> Stage) throws -> Stage {
        do {
            try files.makeDirectories(directory)
            return try make()
        } catch let error as FileError {
            throw StageFailure(
                underlying: FeedStoreError.file(path: directory, operation: error.operation, reason: error.reason)
            )
        } catch {
            throw StageFailure(underlying: error)
        }
    }

    private func publish(
        _ feeds: [ParsedFeed],
        waiting: (@Sendable (String) -> Void)?,
        in report: inout ImportReport
    ) async throws {
        guard !feeds.isEmpty else {
            // Nothing to add; a damaged pointer is the next import's matter, not the reason to hide this report.
            let pointer = try? pointer()
            (report.snapshot, report.feeds) = (pointer?.id, pointer?.feeds ?? [])
            return
        }
        try await exchange(replacing: Set(feeds.map(\.state.name)), waiting: waiting, in: &report) { path, previous in
            try SnapshotBuilder(path: path).integrate(feeds, into: previous)
        }
    }

    /// Builds a snapshot under the lock and makes it current.
    ///
    /// - Parameters:
    ///   - names: the feeds of the current one that are not kept.
    ///   - check: looks at what is in force before anything is built.
    ///   - build: writes the file at a path with what is kept of the snapshot before.
    func exchange(
        replacing names: Set<String>,
        waiting: (@Sendable (String) -> Void)?,
        in report: inout ImportReport,
        check: (SnapshotPointer?) throws -> Void = { _ in },
        build: (_ path: String, _ previous: AdvisorySnapshot?) throws -> [FeedState]
    ) async throws {
        do {
            try files.makeDirectories(directory)
        } catch {
            throw FeedStoreError.file(path: directory, operation: error.operation, reason: error.reason)
        }
        let lock = try await ImportLock.acquire(path: directory + "/import.lock", patience: patience, waiting: waiting)
        // Only now: another import may have switched while this one waited, and its feeds are to be kept.
        let before = try? pointer()
        try check(before)
        let previous = try keepable(replacing: names)
        sweep()
        let path = directory + "/building-\(String(UInt64.random(in: .min ... .max), radix: 16)).sqlite"
        do {
            let states = try build(path, previous)
            let pointer = SnapshotPointer(id: states.snapshotIdentity, feeds: states)
            try makeDurable(path)
            try files.rename(path, directory + "/" + pointer.file)
            try files.synchroniseDirectory(directory)
            // The one commit point: before it the old snapshot is current, after it the new one.
            try files.replace(pointerPath, bytes: pointer.bytes)
            report.snapshot = pointer.id
            report.feeds = states
            report.switched = before?.id != pointer.id
            prune(current: pointer)
        } catch {
            _ = try? files.remove(path)
            if let error = error as? FileError {
                throw FeedStoreError.file(path: error.path, operation: error.operation, reason: error.reason)
            }
            throw error
        }
        // The lock ends here and not earlier.
        _ = consume lock
    }

    /// The current snapshot, if this import keeps anything of it.
    ///
    /// A damaged one does not stop an import that replaces all that it held: that is how it is repaired.
    private func keepable(replacing names: Set<String>) throws -> AdvisorySnapshot? {
        do {
            return try current()
        } catch {
            if let pointer = try? pointer(), pointer.feeds.allSatisfy({ names.contains($0.name) }) { return nil }
            guard (try? pointer()) == nil, names.isSuperset(of: FeedReader.names) else { throw error }
            return nil
        }
    }

    private func makeDurable(_ path: String) throws(FileError) {
        let file = try files.openForWriting(path)
        defer { files.close(file) }
        try files.synchronise(file)
    }

    /// Removes what killed imports left; under the lock nobody else builds.
    private func sweep() {
        for name in (try? files.names(directory)) ?? []
        where name.hasPrefix("building-") || name.hasPrefix("current.new-") {
            _ = try? files.remove(directory + "/" + name)
        }
    }

    /// Removes snapshots that nobody will ask for again.
    ///
    /// A reader that still has one open keeps it: unlinking takes the name, not the file.
    private func prune(current: SnapshotPointer) {
        let names = ((try? files.names(directory)) ?? []).filter { name in
            name.hasPrefix("snapshot-") && name.hasSuffix(".sqlite") && name != current.file
        }
        let dated = names.map { name in
            (name: name, modified: (try? files.statusAt(directory + "/" + name))?.modifiedNanoseconds ?? 0)
        }
        for entry in dated.sorted(by: { ($0.modified, $0.name) > ($1.modified, $1.name) }).dropFirst(Self.keptSnapshots)
        {
            _ = try? files.remove(directory + "/" + entry.name)
        }
    }
}
