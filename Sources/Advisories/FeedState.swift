// SPDX-License-Identifier: EUPL-1.2

public import JSON
public import Time

/// What a feed is good for; criteria bound the age of its data by it.
public enum FeedKind: String, Sendable, Hashable, CaseIterable {
    /// A distributor's advisories.
    case distribution
    /// Vulnerabilities that are exploited.
    case exploited
    /// Anything else.
    case other
}

/// One feed as it stands in a snapshot.
public struct FeedState: Sendable, Hashable {
    /// Its name: `debian-tracker`, `cisa-kev`, `epss`.
    public let name: String
    /// What it is good for.
    public let kind: FeedKind
    /// The date of the data: the publisher's own, or what the import was told.
    public let asOf: Timestamp
    /// The date of its newest record, where records have dates.
    public let newestRecord: Timestamp?
    /// Digest over the normalised records: `sha256:…`.
    public let digest: String
    /// How many records it has.
    public let count: Int
    /// The releases that it covers: `["bookworm"]`; empty where that makes no sense.
    public let releases: [String]

    /// Makes a state.
    public init(
        name: String,
        kind: FeedKind,
        asOf: Timestamp,
        newestRecord: Timestamp? = nil,
        digest: String,
        count: Int,
        releases: [String] = []
    ) {
        self.name = name
        self.kind = kind
        self.asOf = asOf
        self.newestRecord = newestRecord
        self.digest = digest
        self.count = count
        self.releases = releases
    }

    /// Reads what ``json`` writes.
    public init(json: JSONFields) throws(JSONShapeError) {
        name = try json.string("name")
        let kindText = try json.string("kind")
        guard let kind = FeedKind(rawValue: kindText) else {
            throw JSONShapeError(path: json.path(of: "kind"), expected: "a kind of feed", found: kindText)
        }
        self.kind = kind
        asOf = try json.instant("date")
        newestRecord = json.has("newestRecord") ? try json.instant("newestRecord") : nil
        digest = try json.string("digest")
        count = try json.int("count")
        releases = try json.strings("releases")
    }

    /// The state as an object; ``asOf`` is its member `date`.
    public var json: JSONValue {
        [
            "name": .string(name),
            "kind": .string(kind.rawValue),
            "date": .string(asOf.rfc3339),
            "newestRecord": .optional(newestRecord?.rfc3339),
            "digest": .string(digest),
            "count": .optional(count),
            "releases": .strings(releases),
        ]
    }
}
