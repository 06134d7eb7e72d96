// SPDX-License-Identifier: EUPL-1.2

public import Advisories
import Database
public import JSON

/// What is in a snapshot, said beside it: what somebody who signs one vouches for.
///
/// It follows from the records alone, so that whoever has the records can recompute it.
public struct SnapshotContents: Sendable, Hashable {
    /// Most feeds of one snapshot.
    static let maximumFeeds = 1_000
    /// Most releases that one snapshot covers.
    static let maximumReleases = 10_000

    /// The feeds, in order of name, each with the digest over its normalised records.
    public let feeds: [FeedState]
    /// What each feed speaks about, by its name: no advisory about a package there means that nothing is known of it.
    public let coverage: [String: [ReleaseKey]]

    /// Digest over the states of all feeds, and so over all records: the snapshot's identity, `sha256:…`.
    public var identity: String { feeds.snapshotIdentity }

    init(feeds: [FeedState], coverage: [String: [ReleaseKey]]) {
        self.feeds = feeds
        self.coverage = coverage.filter { !$0.value.isEmpty }
    }

    /// Reads what ``json`` writes.
    public init(json: JSONFields) throws {
        let identity = try json.string("snapshot")
        var feeds: [FeedState] = []
        var coverage: [String: [ReleaseKey]] = [:]
        var releases = 0
        for fields in try json.objects("feeds") {
            let state = try FeedState(json: fields)
            guard !state.name.isEmpty, feeds.last.map({ $0.name < state.name }) ?? true else {
                throw JSONShapeError(
                    path: fields.path(of: "name"),
                    expected: "a name after the one before",
                    found: "\"\(state.name.excerpt(64))\""
                )
            }
            guard state.count >= 0, feeds.count < Self.maximumFeeds else {
                throw JSONShapeError(path: fields.path, expected: "at most \(Self.maximumFeeds) feeds", found: "more")
            }
            let covered = try fields.objects("covers").map { entry in
                ReleaseKey(ecosystem: try entry.string("ecosystem"), release: try entry.string("release"))
            }
            releases += covered.count
            guard releases <= Self.maximumReleases else {
                throw JSONShapeError(
                    path: fields.path(of: "covers"),
                    expected: "at most \(Self.maximumReleases) releases",
                    found: "more"
                )
            }
            feeds.append(state)
            coverage[state.name] = covered
        }
        guard !feeds.isEmpty, feeds.snapshotIdentity == identity else {
            throw JSONShapeError(
                path: json.path(of: "snapshot"),
                expected: "the digest over its feeds, \(feeds.snapshotIdentity)",
                found: "\"\(identity.excerpt(80))\""
            )
        }
        self.init(feeds: feeds, coverage: coverage)
    }

    /// Identity, feeds and what they cover, as members of an object.
    public var json: [String: JSONValue] {
        let feeds = self.feeds.map { feed -> JSONValue in
            guard case .object(var members) = feed.json else { return feed.json }
            members["covers"] = .array(
                (coverage[feed.name] ?? []).map { key in
                    ["ecosystem": .string(key.ecosystem), "release": .string(key.release)]
                }
            )
            return .object(members)
        }
        return ["snapshot": .string(identity), "feeds": .array(feeds)]
    }
}

extension AdvisorySnapshot {
    /// What is in it.
    public func contents() async throws -> SnapshotContents {
        let rows = try await read { transaction in
            try transaction.query(VulnerabilitiesSchema.listReleases).map { row in
                (feed: try row.text(0), key: ReleaseKey(ecosystem: try row.text(1), release: try row.text(2)))
            }
        }
        return SnapshotContents(
            feeds: feeds,
            coverage: Dictionary(grouping: rows, by: \.feed).mapValues { $0.map(\.key) }
        )
    }
}
