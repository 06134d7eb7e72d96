// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Criteria
public import JSON
public import OCI
public import SBOM
public import Time

/// What delivery rooms ask about images: one small surface that API and portal share, so that both give the same answer.
///
/// The composition fills it; tests fill it with fixed answers.
public struct ImageQueries: Sendable {
    /// How far the assessment of an image is.
    public enum State: Sendable {
        /// The repository does not hold this digest.
        case unknownImage
        /// The repository holds it, but it is no image: a signature, an SBOM, a chart.
        case notAnImage
        /// The job waits.
        case queued
        /// The job runs.
        case running
        /// The job was given up; the reason is for people.
        case failed(reason: String)
        /// There is a verdict.
        case ready(Assessed)
    }

    /// A stored verdict as delivery rooms need it.
    public struct Assessed: Sendable {
        /// The verdict's bytes as they were stored: what the API serves.
        public let json: [UInt8]
        /// When the image was judged.
        public let evaluatedAt: Timestamp

        /// Makes one.
        public init(json: [UInt8], evaluatedAt: Timestamp) {
            self.json = json
            self.evaluatedAt = evaluatedAt
        }

        /// The verdict as a JSON value; it is the node's own, so only its form is checked.
        public func value() throws -> JSONValue {
            try JSONValue(parsing: json, limits: JSONLimits(bytes: 1 << 30, values: .max))
        }

        /// The verdict.
        public func verdict() throws -> Verdict { try Verdict(json: value()) }
    }

    /// A repository in a list, with the image that stands for it.
    public struct Repository: Sendable, Hashable {
        /// What is known about the level of the image that stands for the repository.
        public enum Standing: Sendable, Hashable {
            /// It has a verdict.
            case level(Level)
            /// Its assessment waits or runs.
            case pending
            /// Its assessment was given up.
            case failed
            /// The repository holds no image.
            case noImage
        }

        /// Name.
        public let name: RepositoryName
        /// When its first manifest came.
        public let firstSeen: Timestamp
        /// Tag of the image that stands for it; nil when it has none.
        public let tag: Tag?
        /// Digest of the image that stands for it; nil when it holds none.
        public let digest: Digest?
        /// Its level.
        public let standing: Standing

        /// Makes an entry.
        public init(name: RepositoryName, firstSeen: Timestamp, tag: Tag?, digest: Digest?, standing: Standing) {
            self.name = name
            self.firstSeen = firstSeen
            self.tag = tag
            self.digest = digest
            self.standing = standing
        }
    }

    /// A manifest with the configuration that it names, as bytes.
    public struct Parts: Sendable {
        /// The manifest or index as it was pushed.
        public let manifest: [UInt8]
        /// Its media type.
        public let mediaType: String
        /// The configuration; nil for an index, or when it is too large to be shown.
        public let configuration: [UInt8]?
        /// Tags that point to it now.
        public let tags: [Tag]
        /// When the repository first saw it.
        public let firstSeen: Timestamp

        /// Makes parts.
        public init(manifest: [UInt8], mediaType: String, configuration: [UInt8]?, tags: [Tag], firstSeen: Timestamp) {
            self.manifest = manifest
            self.mediaType = mediaType
            self.configuration = configuration
            self.tags = tags
            self.firstSeen = firstSeen
        }
    }

    /// A tag of a repository, what it points to, and what it pointed to before.
    public struct Version: Sendable, Hashable {
        /// An earlier move of the tag.
        public struct Move: Sendable, Hashable {
            /// What it pointed to from then on.
            public let digest: Digest
            /// Since when.
            public let since: Timestamp

            /// Makes a move.
            public init(digest: Digest, since: Timestamp) {
                self.digest = digest
                self.since = since
            }
        }

        /// The tag.
        public let tag: Tag
        /// What it points to now, and since when.
        public let current: Move
        /// Level of what it points to; nil while there is no verdict.
        public let level: Level?
        /// What it pointed to before, latest first, bounded.
        public let earlier: [Move]

        /// Makes a version.
        public init(tag: Tag, current: Move, level: Level?, earlier: [Move]) {
            self.tag = tag
            self.current = current
            self.level = level
            self.earlier = earlier
        }
    }

    /// The feeds of the current snapshot.
    public struct Feeds: Sendable {
        /// Identity of the snapshot.
        public let snapshot: String
        /// Its feeds.
        public let feeds: [FeedState]

        /// Makes one.
        public init(snapshot: String, feeds: [FeedState]) {
            self.snapshot = snapshot
            self.feeds = feeds
        }
    }

    /// The digest that a tag points to; nil when there is no such repository or tag.
    public var resolve: @Sendable (RepositoryName, Tag) async throws -> Digest?
    /// The image that stands for a repository: what `latest` points to, else the tag that moved last; nil when there is none.
    public var standIn: @Sendable (RepositoryName) async throws -> (tag: Tag, digest: Digest)?
    /// How far the assessment of an image is.
    public var state: @Sendable (RepositoryName, Digest) async throws -> State
    /// The CycloneDX document of an image; nil while there is none.
    public var sbom: @Sendable (RepositoryName, Digest) async throws -> [UInt8]?
    /// The components of an image, whole; nil while there is no verdict.
    public var components: @Sendable (RepositoryName, Digest) async throws -> [Component]?
    /// Manifest and configuration of an image; nil when the repository does not hold it.
    public var parts: @Sendable (RepositoryName, Digest) async throws -> Parts?
    /// Tags of a repository with their history, the one that moved last first, at most a number of them.
    public var versions: @Sendable (RepositoryName, _ limit: Int) async throws -> [Version]
    /// Repositories whose name contains a text, by name after one, at most a number of them.
    public var repositories: @Sendable (_ part: String?, _ after: String?, _ limit: Int) async throws -> [Repository]
    /// The feeds of the current snapshot; nil when nothing was ever imported.
    public var feeds: @Sendable () async throws -> Feeds?

    /// Fills every question.
    public init(
        resolve: @escaping @Sendable (RepositoryName, Tag) async throws -> Digest?,
        standIn: @escaping @Sendable (RepositoryName) async throws -> (tag: Tag, digest: Digest)?,
        state: @escaping @Sendable (RepositoryName, Digest) async throws -> State,
        sbom: @escaping @Sendable (RepositoryName, Digest) async throws -> [UInt8]?,
        components: @escaping @Sendable (RepositoryName, Digest) async throws -> [Component]?,
        parts: @escaping @Sendable (RepositoryName, Digest) async throws -> Parts?,
        versions: @escaping @Sendable (RepositoryName, _ limit: Int) async throws -> [Version],
        repositories:
            @escaping @Sendable (_ part: String?, _ after: String?, _ limit: Int) async throws ->
            [Repository],
        feeds: @escaping @Sendable () async throws -> Feeds?
    ) {
        self.resolve = resolve
        self.standIn = standIn
        self.state = state
        self.sbom = sbom
        self.components = components
        self.parts = parts
        self.versions = versions
        self.repositories = repositories
        self.feeds = feeds
    }

    /// Answers that there is nothing.
    public static let nothing = ImageQueries(
        resolve: { _, _ in nil },
        standIn: { _ in nil },
        state: { _, _ in .unknownImage },
        sbom: { _, _ in nil },
        components: { _, _ in nil },
        parts: { _, _ in nil },
        versions: { _, _ in [] },
        repositories: { _, _, _ in [] },
        feeds: { nil }
    )

    /// The same questions for somebody who may not read everything: what they may not read is not there.
    ///
    /// - Parameters:
    ///   - reads: whether they may read a repository.
    ///   - skip: where a list goes on after a repository that they may not read.
    public func limited(
        reads: @escaping @Sendable (RepositoryName) -> Bool,
        skip: @escaping @Sendable (RepositoryName) -> String
    ) -> ImageQueries {
        let all = self
        return ImageQueries(
            resolve: { reads($0) ? try await all.resolve($0, $1) : nil },
            standIn: { reads($0) ? try await all.standIn($0) : nil },
            state: { reads($0) ? try await all.state($0, $1) : .unknownImage },
            sbom: { reads($0) ? try await all.sbom($0, $1) : nil },
            components: { reads($0) ? try await all.components($0, $1) : nil },
            parts: { reads($0) ? try await all.parts($0, $1) : nil },
            versions: { reads($0) ? try await all.versions($0, $1) : [] },
            repositories: { part, after, limit in
                var page: [Repository] = []
                var after = after
                // Not one by one, however small the page: what is hidden is passed over in batches.
                let batch = max(limit, 100)
                search: while page.count < limit {
                    let found = try await all.repositories(part, after, batch)
                    for entry in found {
                        guard reads(entry.name) else {
                            let next = skip(entry.name)
                            after = next
                            if next != entry.name.text { continue search }
                            continue
                        }
                        page.append(entry)
                        after = entry.name.text
                        if page.count == limit { break search }
                    }
                    if found.count < batch { break }
                }
                return page
            },
            feeds: all.feeds
        )
    }
}
