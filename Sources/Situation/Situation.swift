// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Advisories
import Assessment
public import Database
import OCI
public import PullRecords
public import Registry
import SBOM
public import Time

/// The situational picture: who is affected by what.
///
/// Everything is asked for somebody, and what they may not read is not in the answer, nor in its counts.
public struct Situation: Sendable {
    /// On whose behalf something is asked.
    public struct Reader: Sendable {
        /// Which repositories they may read.
        public let scope: ReadScope
        /// Whether they may know who pulled.
        public let seesPulls: Bool

        /// Somebody.
        public init(scope: ReadScope, seesPulls: Bool) {
            self.scope = scope
            self.seesPulls = seesPulls
        }
    }

    /// Images that are passed over at most for one page, because the asking may not read them.
    private static let passedOver = 200_000
    private static let tagsShown = 10
    private static let pullsShown = 1_000

    private let database: Database
    private let index: ReverseIndex
    private let registry: Registry
    private let pulls: PullRecords
    private let snapshot: @Sendable () async throws -> String?
    private let clock: WallClock

    /// Composes the room.
    ///
    /// - Parameter snapshot: the advisories that verdicts rest on now.
    public init(
        database: Database,
        registry: Registry,
        pulls: PullRecords,
        snapshot: @escaping @Sendable () async throws -> String?,
        clock: WallClock = .system
    ) {
        self.database = database
        index = ReverseIndex(database: database)
        self.registry = registry
        self.pulls = pulls
        self.snapshot = snapshot
        self.clock = clock
    }

    /// A page of the images that a question is about, in the order in which the node first saw them.
    ///
    /// - Parameters:
    ///   - question: what is asked.
    ///   - reader: who asks.
    ///   - after: ``AffectedPage/next`` of the page before; nil from the start.
    ///   - limit: most images, at most 1 000.
    public func affected(
        by question: AffectedQuestion,
        for reader: Reader,
        after: Int64? = nil,
        limit: Int = 100
    ) async throws -> AffectedPage {
        let limit = min(max(limit, 1), 1_000)
        let parts = try await parts(of: question)
        let repositories = Repositories(database: database, reader: reader)
        let words = try await words(about: parts)
        var images: [AffectedImage] = []
        var position = after ?? 0
        var next: Int64?
        var passed = 0
        search: while true {
            // Not one by one, however small the page: what may not be read is passed over in batches.
            let hits = try await self.hits(question, parts, after: position, limit: max(limit, 200))
            guard let last = hits.last?.image else { break }
            let known = Dictionary(
                try await index.images(hits.map(\.image)).map { ($0.id, $0) },
                uniquingKeysWith: { first, _ in first }
            )
            for hit in hits {
                guard let image = known[hit.image], reader.scope.reads(image.repository) else {
                    passed += 1
                    continue
                }
                if images.count == limit {
                    next = position
                    break search
                }
                let reasons = try await words.applied(to: parts.reasons(of: hit, image), of: hit.image)
                position = hit.image
                images.append(try await affected(image, reasons, repositories, reader))
            }
            position = last
            if passed >= Self.passedOver {
                next = position
                break
            }
        }
        return AffectedPage(
            question: question,
            images: images,
            next: next,
            components: Set(images.flatMap(\.reasons).map(\.part.id)).count,
            answeredAt: clock.now(),
            snapshot: try await snapshot()
        )
    }

    /// How many images, in which namespaces, of which organisations.
    public func summary(of question: AffectedQuestion, for reader: Reader) async throws -> AffectedSummary {
        let parts = try await parts(of: question)
        let repositories = Repositories(database: database, reader: reader)
        let words = try await words(about: parts)
        var (count, cleared, looked) = (0, 0, 0)
        var names = Set<String>()
        var namespaces = Set<String>()
        var organisations = Set<String>()
        var position: Int64 = 0
        var isAtLeast = parts.isCut
        search: while true {
            let hits = try await hits(question, parts, after: position, limit: 1_000)
            guard let last = hits.last?.image else { break }
            let byImage = Dictionary(hits.map { ($0.image, $0) }, uniquingKeysWith: { first, _ in first })
            for image in try await index.images(hits.map(\.image)) where reader.scope.reads(image.repository) {
                if !words.isEmpty, let hit = byImage[image.id] {
                    let reasons = try await words.applied(to: parts.reasons(of: hit, image), of: image.id)
                    guard AffectedImage.isAffected(reasons) else {
                        cleared += 1
                        continue
                    }
                }
                if count == AffectedSummary.countedImages {
                    isAtLeast = true
                    break search
                }
                count += 1
                guard names.insert(image.repository.text).inserted else { continue }
                let place = try await repositories.place(of: image.repository)
                if let namespace = place.namespace { namespaces.insert(namespace) }
                if let organisation = place.organisation { organisations.insert(organisation) }
            }
            position = last
            looked += hits.count
            if looked >= Self.passedOver {
                isAtLeast = true
                break
            }
        }
        return AffectedSummary(
            images: count,
            cleared: cleared,
            repositories: names.count,
            namespaces: namespaces.sorted(),
            organisations: organisations.sorted(),
            isAtLeast: isAtLeast
        )
    }

    private func affected(
        _ image: ReverseIndex.Image,
        _ reasons: [AffectedImage.Reason],
        _ repositories: Repositories,
        _ reader: Reader
    ) async throws -> AffectedImage {
        let place = try await repositories.place(of: image.repository)
        return AffectedImage(
            row: image.id,
            repository: image.repository,
            digest: image.digest,
            tags: try await registry.tags(of: image.digest, in: image.repository, limit: Self.tagsShown),
            namespace: place.namespace,
            organisation: place.organisation,
            level: image.level,
            since: image.since,
            reasons: reasons,
            pulls: reader.seesPulls
                ? try await pulls.records(of: image.digest, in: image.repository, limit: Self.pullsShown) : nil
        )
    }

    private func words(about parts: Parts) async throws -> Words {
        guard parts.hasFindings else { return Words(database: database, overlay: nil, now: clock.now()) }
        let overlay = try await database.read { try StatementOverlay(about: parts.names, in: $0) }
        return Words(database: database, overlay: overlay.isEmpty ? nil : overlay, now: clock.now())
    }

    private func hits(
        _ question: AffectedQuestion,
        _ parts: Parts,
        after: Int64,
        limit: Int
    ) async throws -> [ReverseIndex.Hit] {
        switch question {
        case .vulnerability, .package: try await index.images(with: parts.rows, after: after, limit: limit)
        case .image(let digest): try await index.images(of: digest, after: after, limit: limit)
        case .base(let digest): try await index.images(standingOn: digest, after: after, limit: limit)
        }
    }

    private func parts(of question: AffectedQuestion) async throws -> Parts {
        switch question {
        case .vulnerability(let name):
            return Parts(
                try await index.parts(named: name).map { found in
                    Parts.Entry(part: found.part, finding: found.finding, since: found.since, isCertain: true)
                }
            )
        case .package(let range):
            return Parts(
                try await index.parts(of: range.package.package).compactMap { part in
                    let isMeant = range.includes(part.component)
                    guard isMeant != false else { return nil }
                    return Parts.Entry(part: part, finding: nil, since: nil, isCertain: isMeant == true)
                }
            )
        case .image, .base: return Parts([])
        }
    }
}

/// The components that an answer rests on.
private struct Parts: Sendable {
    struct Entry: Sendable {
        let part: ReverseIndex.Part
        let finding: Finding?
        let since: Timestamp?
        let isCertain: Bool
    }

    let rows: [Int64]
    private let entries: [Int64: [Entry]]

    init(_ entries: [Entry]) {
        self.entries = Dictionary(grouping: entries, by: \.part.id)
        rows = self.entries.keys.sorted()
    }

    /// Whether there are more components than are looked at.
    var isCut: Bool { rows.count >= ReverseIndex.maximumParts }

    var hasFindings: Bool { entries.values.contains { $0.contains { $0.finding != nil } } }

    /// Every name of every finding.
    var names: Set<String> {
        Set(entries.values.flatMap { $0 }.compactMap(\.finding).flatMap { [$0.id] + $0.aliases })
    }

    func reasons(of hit: ReverseIndex.Hit, _ image: ReverseIndex.Image) -> [AffectedImage.Reason] {
        hit.parts.flatMap { entries[$0] ?? [] }.map { entry in
            AffectedImage.Reason(
                name: entry.part.component.name,
                version: entry.part.component.version,
                purl: entry.part.component.purl?.description,
                part: entry.part,
                finding: entry.finding,
                since: entry.isCertain ? max(image.since, entry.since ?? image.since) : nil,
                isCertain: entry.isCertain
            )
        }
    }
}

/// Where repositories lie, each looked up once for an answer.
private actor Repositories {
    struct Place: Sendable {
        let namespace: String?
        let organisation: String?
    }

    private let database: Database
    private let reader: Situation.Reader
    private var organisations: [String: String?] = [:]

    init(database: Database, reader: Situation.Reader) {
        self.database = database
        self.reader = reader
    }

    func place(of repository: RepositoryName) async throws -> Place {
        guard let namespace = reader.scope.namespace(of: repository) else {
            return Place(namespace: nil, organisation: nil)
        }
        if let known = organisations[namespace] { return Place(namespace: namespace, organisation: known) }
        let organisation = try await database.lookUp { transaction in
            try transaction.first(SituationSchema.organisationOfNamespace, [.text(namespace)])?.text(0)
        }
        organisations[namespace] = .some(organisation)
        return Place(namespace: namespace, organisation: organisation)
    }
}
