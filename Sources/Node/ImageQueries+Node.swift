// SPDX-License-Identifier: EUPL-1.2

import Assessment
import Criteria
import JSON
import OCI
import Registry
import Vulnerabilities

extension ImageQueries {
    /// Largest image configuration that is shown, in bytes.
    private static let configurationLimit = 4 << 20

    /// The answers of a node.
    init(registry: Registry, assessment: AssessmentService, feeds: FeedStore) {
        self.init(
            resolve: { try await registry.resolve($0, $1) },
            standIn: { try await registry.standIn($0) },
            state: { repository, digest in
                switch try await assessment.verdict(repository: repository, digest: digest) {
                case .unknownImage: .unknownImage
                case .notAnImage: .notAnImage
                case .queued: .queued
                case .running: .running
                // The job's own error can name paths of this machine; strangers read this answer, the operator reads the log.
                case .failed(_, let isRetried):
                    isRetried ? .queued : .failed(reason: "siehe Protokoll des Knotens / see the node's log")
                case .ready(let verdict): .ready(Assessed(json: verdict.json, evaluatedAt: verdict.evaluatedAt))
                }
            },
            sbom: { try await assessment.sbom(repository: $0, digest: $1) },
            components: { try await assessment.components(repository: $0, digest: $1) },
            parts: { try await Self.parts(registry, $0, $1) },
            versions: { try await Self.versions(registry, assessment, $0, limit: $1) },
            repositories: { part, after, limit in
                var page: [Repository] = []
                for listing in try await assessment.repositories(containing: part, after: after, limit: limit) {
                    page.append(try await Self.entry(listing, assessment))
                }
                return page
            },
            feeds: {
                guard let snapshot = try feeds.current() else { return nil }
                return Feeds(snapshot: snapshot.id, feeds: snapshot.feeds)
            }
        )
    }

    private static func parts(_ registry: Registry, _ repository: RepositoryName, _ digest: Digest) async throws
        -> Parts?
    {
        guard let manifest = try await registry.manifest(repository, digest) else { return nil }
        var configuration: [UInt8]?
        if case .image(let image)? = try? ManifestDocument(parsing: manifest.bytes, contentType: manifest.mediaType) {
            configuration = try await registry.blobBytes(repository, image.config.digest, limit: configurationLimit)
        }
        return Parts(
            manifest: manifest.bytes,
            mediaType: manifest.mediaType,
            configuration: configuration,
            tags: try await registry.tags(of: digest, in: repository),
            firstSeen: manifest.firstSeen
        )
    }

    /// Tags that are looked at for the newest among them.
    private static let tagsLookedAt = 100
    /// Earlier moves that are told of each tag.
    private static let movesTold = 10

    private static func versions(
        _ registry: Registry,
        _ assessment: AssessmentService,
        _ repository: RepositoryName,
        limit: Int
    ) async throws -> [Version] {
        var states: [(tag: Tag, state: TagState)] = []
        for tag in try await registry.tags(repository, limit: tagsLookedAt) ?? [] {
            if let state = try await registry.tagState(repository, tag) { states.append((tag, state)) }
        }
        states.sort { ($1.state.changedAt, $0.tag.text) < ($0.state.changedAt, $1.tag.text) }
        var versions: [Version] = []
        for (tag, state) in states.prefix(max(limit, 0)) {
            // The latest event is what the tag points to now; that it was gone for a while is no version.
            let events = try await registry.tagHistory(repository, tag, limit: movesTold + 1).dropFirst()
                .filter { !$0.isRemoval }
            versions.append(
                Version(
                    tag: tag,
                    current: Version.Move(digest: state.digest, since: state.changedAt),
                    level: try await assessment.level(repository: repository, digest: state.digest)?.level,
                    earlier: events.map { Version.Move(digest: $0.digest, since: $0.changedAt) }
                )
            )
        }
        return versions
    }

    private static func entry(_ listing: RepositoryListing, _ assessment: AssessmentService) async throws -> Repository
    {
        let standing: Repository.Standing
        if let level = listing.level {
            standing = .level(level)
        } else if let digest = listing.digest {
            let isGivenUp = try await assessment.isGivenUp(repository: listing.name, digest: digest)
            standing = isGivenUp ? .failed : .pending
        } else {
            standing = .noImage
        }
        return Repository(
            name: listing.name,
            firstSeen: listing.firstSeen,
            tag: listing.newestTag,
            digest: listing.digest,
            standing: standing
        )
    }
}
