// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Database
import JSON
import OCI

/// A snapshot's file from somebody else, read as if its maker meant harm, against what is said to be in it.
///
/// Every record is read, must be in the normal form and where it belongs, and goes into the digest of its feed; what differs from what was
/// signed is refused. The file itself is never used: its records are written into a new one.
struct OfferedSnapshot {
    private typealias SQL = VulnerabilitiesSchema

    /// Where it lies.
    let path: String
    /// What is said to be in it.
    let contents: SnapshotContents

    /// Reads all of it into a snapshot that is being built.
    ///
    /// - Throws: ``FeedStoreError/offered(place:reason:)``; nothing that was written may be used then.
    func read(into writer: inout SnapshotBuilder.Writer) throws {
        do {
            try SQLiteFile.readForeign(path: path, migrations: SQL.migrations) { source in
                try compareFeeds(source)
                try takeReleases(source, &writer)
                try takeAdvisories(source, &writer)
                try takeExploited(source, &writer)
                try takeScores(source, &writer)
            }
        } catch let error as DatabaseError where error.path == path {
            throw FeedStoreError.offered(place: "the file in it", reason: error.reason)
        }
    }

    private func compareFeeds(_ source: Transaction) throws {
        let held = try source.query(SQL.listFeeds).map { row in
            try shaped("the table of feeds") { try FeedState(json: JSONFields(JSONValue(parsing: try row.text(0)))) }
        }
        guard held.sorted(by: { $0.name < $1.name }) == contents.feeds else {
            throw refused("the table of feeds", "it says other feeds or dates than its signer")
        }
    }

    private func takeReleases(_ source: Transaction, _ writer: inout SnapshotBuilder.Writer) throws {
        var held: [String: [ReleaseKey]] = [:]
        for row in try source.query(SQL.listReleases) {
            held[try row.text(0), default: []]
                .append(ReleaseKey(ecosystem: try row.text(1), release: try row.text(2)))
        }
        for feed in contents.feeds {
            let covered = contents.coverage[feed.name] ?? []
            guard Set(held.removeValue(forKey: feed.name) ?? []) == Set(covered), Set(covered).count == covered.count
            else {
                throw refused("what the feed \(feed.name) covers", "it is not what its signer says")
            }
            for key in covered { try writer.insert(key, feed: feed.name) }
        }
        guard held.isEmpty else { throw refused("the table of releases", "it names feeds that its signer does not") }
    }

    /// One feed's records on their way: in the order that its digest is made in.
    private struct Progress {
        let state: FeedState
        var hasher = DigestHasher()
        var count = 0
        var last: PackageKey?

        func end() throws(FeedStoreError) {
            guard count == state.count else {
                throw .offered(
                    place: "the feed \(state.name)",
                    reason: "it has \(count) records, its signer says \(state.count)"
                )
            }
            let digest = hasher.finalized().description
            guard digest == state.digest else {
                throw .offered(
                    place: "the feed \(state.name)",
                    reason: "its records have the digest \(digest), its signer says \(state.digest)"
                )
            }
        }
    }

    private func takeAdvisories(_ source: Transaction, _ writer: inout SnapshotBuilder.Writer) throws {
        var feeds = Dictionary(
            uniqueKeysWithValues: contents.feeds.filter(\.holdsAdvisories).map { ($0.name, Progress(state: $0)) }
        )
        try source.forEach(SQL.listPackages, [.integer(Int64.min), .integer(Int64.max)]) { row in
            let release = ReleaseKey(ecosystem: try row.text(1), release: try row.text(2))
            let key = PackageKey(release: release, name: try row.text(3))
            let name = try row.text(4)
            let place = "the package \(key.name.excerpt(64)) of the feed \(name.excerpt(64))"
            guard var feed = feeds.removeValue(forKey: name) else {
                throw refused(place, "its signer names no such feed")
            }
            guard feed.last.map({ Self.precedes($0, key) }) ?? true else {
                throw refused(place, "it is not where it belongs in the order of packages")
            }
            feed.last = key
            let package = try row.int64(0)
            try writer.insert(key, feed: name) { insert in
                try source.forEach(SQL.advisories, [.integer(package)]) { row in
                    let (identifier, record) = (try row.text(0), try row.text(1))
                    feed.count += 1
                    guard feed.count <= feed.state.count else {
                        throw refused(place, "the feed has more than the \(feed.state.count) records of its signer")
                    }
                    try check(record, is: identifier, of: key, place)
                    feed.hasher.update(Array(record.utf8) + [0x0A])
                    try insert(identifier, record)
                }
            }
            feeds[name] = feed
        }
        for feed in feeds.values.sorted(by: { $0.state.name < $1.state.name }) { try feed.end() }
    }

    /// The order of SQLite's keys: by bytes.
    private static func precedes(_ left: PackageKey, _ right: PackageKey) -> Bool {
        func parts(_ key: PackageKey) -> [String] { [key.release.ecosystem, key.release.release, key.name] }
        for (left, right) in zip(parts(left), parts(right)) where !left.utf8.elementsEqual(right.utf8) {
            return left.utf8.lexicographicallyPrecedes(right.utf8)
        }
        return false
    }

    private func check(
        _ record: String,
        is identifier: String,
        of key: PackageKey,
        _ place: String
    ) throws {
        let advisory = try shaped(place) { try Advisory(json: JSONFields(JSONValue(parsing: record))) }
        guard advisory.id == identifier, advisory.package == key.name,
            advisory.ecosystem == key.release.ecosystem, advisory.release == key.release.release
        else { throw refused(place, "the record \(identifier.excerpt(64)) is about something else") }
        guard advisory.json.text() == record else {
            throw refused(place, "the record \(identifier.excerpt(64)) is not in the normal form")
        }
    }

    private func takeExploited(_ source: Transaction, _ writer: inout SnapshotBuilder.Writer) throws {
        var feed = contents.feeds.first { $0.name == KEVCatalogue.name }.map { Progress(state: $0) }
        try source.forEach(SQL.listExploited) { row in
            let (identifier, record) = (try row.text(0), try row.text(1))
            let place = "the entry \(identifier.excerpt(64)) of exploited vulnerabilities"
            let entry = try shaped(place) { try KEVEntry(json: JSONFields(JSONValue(parsing: record))) }
            guard entry.id == identifier, entry.json.text() == record else {
                throw refused(place, "its record is not in the normal form")
            }
            guard feed != nil else { throw refused(place, "its signer names no such feed") }
            feed?.hasher.update(entry.json.bytes(.rfc8785) + [0x0A])
            feed?.count += 1
            try writer.insertExploited(identifier, record)
        }
        try feed?.end()
    }

    private func takeScores(_ source: Transaction, _ writer: inout SnapshotBuilder.Writer) throws {
        var feed = contents.feeds.first { $0.name == EPSSScores.name }.map { Progress(state: $0) }
        try source.forEach(SQL.listScores) { row in
            let (identifier, probability, percentile) = (try row.text(0), try row.double(1), try row.double(2))
            let place = "the prediction for \(identifier.excerpt(64))"
            guard (0...1).contains(probability), (0...1).contains(percentile) else {
                throw refused(place, "it is no probability")
            }
            guard feed != nil else { throw refused(place, "its signer names no such feed") }
            feed?.hasher.update(Array("\(identifier) \(probability) \(percentile)\n".utf8))
            feed?.count += 1
            try writer.insert(identifier, EPSSScore(probability: probability, percentile: percentile))
        }
        try feed?.end()
    }

    private func shaped<T>(_ place: String, _ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as DatabaseError { throw error } catch {
            throw refused(place, "it cannot be read: \(error)")
        }
    }

    private func refused(_ place: String, _ reason: String) -> FeedStoreError { .offered(place: place, reason: reason) }
}
