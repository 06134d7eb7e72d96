// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Advisories
public import Assessment
import Criteria
public import Database
import OCI
public import Products
public import PullRecords
public import Registry
import SBOM
public import Time

/// The situational picture: who is affected by what.
///
/// Everything is asked for somebody, and what they may not read is not in the answer, nor in its counts. A bare digest is an image's where an
/// image has it, and a file's otherwise; the answer's question says which.
public struct Situation: Sendable {
    /// On whose behalf something is asked.
    public struct Reader: Sendable {
        /// Which repositories they may read.
        public let scope: ReadScope
        /// Whether they may know who pulled.
        public let seesPulls: Bool
        /// Whose products they may know of.
        public let products: ProductScope

        /// Somebody.
        public init(scope: ReadScope, seesPulls: Bool, products: ProductScope = .none) {
            self.scope = scope
            self.seesPulls = seesPulls
            self.products = products
        }

        /// An account: operators and auditors know who pulled, programs with their tokens do not.
        public init(_ account: Account, scope: ReadScope) {
            self.init(
                scope: scope,
                seesPulls: account.nodeRole != nil && account.tokenID == nil,
                products: ProductScope(account)
            )
        }
    }

    /// Images that are passed over at most for one page, because the asking may not read them.
    private static let passedOver = 200_000
    private static let tagsShown = 10
    private static let pullsShown = 1_000

    private let database: Database
    private let index: ReverseIndex
    private let files: FileIndex
    let products: ProductIndex
    private let registry: Registry
    private let pulls: PullRecords
    private let snapshot: @Sendable () async throws -> String?
    private let clock: WallClock

    /// Composes the room.
    ///
    /// - Parameters:
    ///   - documents: where lists of files are; nil tells files by their hash or their path alone.
    ///   - snapshot: the advisories that verdicts rest on now.
    public init(
        database: Database,
        registry: Registry,
        pulls: PullRecords,
        documents: DocumentStore? = nil,
        snapshot: @escaping @Sendable () async throws -> String?,
        clock: WallClock = .system
    ) {
        self.database = database
        index = ReverseIndex(database: database)
        files = FileIndex(database: database, documents: documents)
        products = ProductIndex(database: database)
        self.registry = registry
        self.pulls = pulls
        self.snapshot = snapshot
        self.clock = clock
    }

    /// A page of what a question is about: images in the order in which the node first saw them, then products.
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
        try await page(of: search(question, for: reader), after: after ?? 0, limit: limit)
    }

    /// How many images, in which namespaces, of which organisations.
    public func summary(of question: AffectedQuestion, for reader: Reader) async throws -> AffectedSummary {
        try await summary(of: search(question, for: reader))
    }

    /// A page as of ``affected(by:for:after:limit:)``; with the first one how much the whole answer is.
    public func answer(
        to question: AffectedQuestion,
        for reader: Reader,
        after: Int64? = nil,
        limit: Int = 100
    ) async throws -> (page: AffectedPage, summary: AffectedSummary?) {
        let search = try await search(question, for: reader)
        guard after == nil else { return (try await page(of: search, after: after ?? 0, limit: limit), nil) }
        // Counting everything takes longer than finding the first rows.
        async let summary = summary(of: search)
        let page = try await page(of: search, after: 0, limit: limit)
        return (page, try await summary)
    }

    /// What page and summary of an answer share.
    struct Search: Sendable {
        let question: AffectedQuestion
        let reader: Reader
        let parts: Parts
        let words: Words
    }

    private func search(_ question: AffectedQuestion, for reader: Reader) async throws -> Search {
        var question = question
        if case .image(let digest) = question, digest.algorithm == .sha256, try await !isImage(digest, for: reader) {
            question = .file(digest)
        }
        let parts = try await parts(of: question)
        return Search(
            question: question,
            reader: reader,
            parts: parts,
            words: try await words(about: parts)
        )
    }

    /// Whether the asking may read an image of that digest: that others have one is nothing that an answer may tell.
    private func isImage(_ digest: Digest, for reader: Reader) async throws -> Bool {
        let places = Places(database: database, reader: reader)
        var (position, looked): (Int64, Int) = (0, 0)
        while looked < Self.passedOver {
            let hits = try await index.images(of: digest, after: position, limit: 200)
            guard let last = hits.last?.image else { return false }
            for hit in hits where try await places.place(of: hit.repository) != nil { return true }
            position = last
            looked += hits.count
        }
        return false
    }

    private func page(of search: Search, after: Int64, limit: Int) async throws -> AffectedPage {
        let limit = min(max(limit, 1), 1_000)
        let position = AffectedPosition(after)
        var images: [AffectedImage] = []
        var next: Int64?
        if case .image(let row) = position {
            (images, next) = try await imagePage(of: search, after: row, limit: limit)
        }
        var products: [AffectedProduct] = []
        if next == nil {
            (products, next) = try await affectedProducts(search, after: position, limit: limit - images.count)
        }
        return AffectedPage(
            question: search.question,
            images: images,
            products: products,
            next: next,
            components: Set((images.flatMap(\.reasons) + products.flatMap(\.reasons)).map(\.part.id)).count,
            answeredAt: clock.now(),
            snapshot: try await snapshot()
        )
    }

    private func imagePage(
        of search: Search,
        after: Int64,
        limit: Int
    ) async throws -> (images: [AffectedImage], next: Int64?) {
        let places = Places(database: database, reader: search.reader)
        var found: [(hit: ReverseIndex.Hit, place: Places.Place)] = []
        var position = after
        var next: Int64?
        var passed = 0
        pages: while true {
            // Not one by one, however small the page: what may not be read is passed over in batches.
            let hits = try await hits(search, after: position, limit: max(limit, 200))
            guard let last = hits.last?.image else { break }
            for hit in hits {
                guard let place = try await places.place(of: hit.repository) else {
                    passed += 1
                    continue
                }
                guard found.count < limit else {
                    next = found.last?.hit.image
                    break pages
                }
                found.append((hit, place))
            }
            position = last
            if passed >= Self.passedOver {
                next = position
                break
            }
        }
        return (try await affected(found, search), next)
    }

    private func affected(
        _ found: [(hit: ReverseIndex.Hit, place: Places.Place)],
        _ search: Search
    ) async throws -> [AffectedImage] {
        let known = Dictionary(
            try await index.images(found.map(\.hit.image)).map { ($0.id, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        var images: [AffectedImage] = []
        for (hit, place) in found {
            // Gone since the index was read.
            guard let image = known[hit.image] else { continue }
            let reasons = search.parts.reasons(of: hit, since: image.since)
            images.append(
                AffectedImage(
                    row: image.id,
                    repository: image.repository,
                    digest: image.digest,
                    tags: try await registry.tags(of: image.digest, in: image.repository, limit: Self.tagsShown),
                    namespace: place.namespace,
                    organisation: place.organisation,
                    level: image.level,
                    since: image.since,
                    reasons: try await positioned(
                        search.words.applied(to: reasons, of: image.id),
                        search.parts.files(of: hit),
                        in: image.id
                    ),
                    pulls: search.reader.seesPulls
                        ? try await pulls.records(of: image.digest, in: image.repository, limit: Self.pullsShown)
                        : nil
                )
            )
        }
        return images
    }

    /// Reasons that are files, each with its place in the image.
    private func positioned(
        _ reasons: [AffectedImage.Reason],
        _ found: [FileIndex.Found],
        in image: Int64
    ) async throws -> [AffectedImage.Reason] {
        guard !found.isEmpty else { return reasons }
        let positions = try await files.positions(of: found, in: image)
        // One file of the final view may have several names, and one name several layers: each is told.
        return zip(reasons, found).map { reason, file in
            var reason = reason
            reason.position = positions.first { $0.file == file }?.position
            return reason
        }
    }

    private func summary(of search: Search) async throws -> AffectedSummary {
        let places = Places(database: database, reader: search.reader)
        var (count, cleared, looked) = (0, 0, 0)
        var repositories = Set<String>()
        var namespaces = Set<String>()
        var organisations = Set<String>()
        var position: Int64 = 0
        var isAtLeast = search.parts.isCut
        pages: while true {
            let hits = try await hits(search, after: position, limit: 1_000, isBatch: true)
            guard let last = hits.last?.image else { break }
            for hit in hits {
                guard let place = try await places.place(of: hit.repository) else { continue }
                if !search.words.isEmpty {
                    let reasons = search.parts.reasons(of: hit, since: clock.now())
                    guard AffectedImage.isAffected(try await search.words.applied(to: reasons, of: hit.image)) else {
                        cleared += 1
                        continue
                    }
                }
                guard count < AffectedSummary.countedImages else {
                    isAtLeast = true
                    break pages
                }
                count += 1
                guard repositories.insert(hit.repository).inserted else { continue }
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
        let products = try await productCount(search)
        organisations.formUnion(products.organisations)
        return AffectedSummary(
            images: count,
            cleared: cleared,
            products: products.affected,
            clearedProducts: products.cleared,
            repositories: repositories.count,
            namespaces: namespaces.sorted(),
            organisations: organisations.sorted(),
            unlisted: try await unlisted(search, places),
            isAtLeast: isAtLeast || products.isAtLeast
        )
    }

    /// Images that the asking may read and of whose files not all are known.
    private func unlisted(_ search: Search, _ places: Places) async throws -> Int {
        switch search.question {
        case .file, .path: break
        case .vulnerability, .package, .image, .base: return 0
        }
        var (count, looked) = (0, 0)
        var position: Int64 = 0
        while count < AffectedSummary.countedImages, looked < Self.passedOver {
            let hits = try await index.unlistedImages(after: position, limit: 1_000)
            guard let last = hits.last?.image else { break }
            for hit in hits where try await places.place(of: hit.repository) != nil { count += 1 }
            position = last
            looked += hits.count
        }
        return count
    }

    private func words(about parts: Parts) async throws -> Words {
        guard parts.hasFindings else { return Words(database: database, overlay: nil, now: clock.now()) }
        let overlay = try await database.read { try StatementOverlay(about: parts.names, in: $0) }
        return Words(database: database, overlay: overlay.isEmpty ? nil : overlay, now: clock.now())
    }

    private func hits(
        _ search: Search,
        after: Int64,
        limit: Int,
        isBatch: Bool = false
    ) async throws -> [ReverseIndex.Hit] {
        let rows = search.parts.rows
        return switch search.question {
        case .vulnerability, .package:
            try await index.images(with: rows, after: after, limit: limit, isBatch: isBatch)
        case .image(let digest): try await index.images(of: digest, after: after, limit: limit)
        case .base(let digest): try await index.images(standingOn: digest, after: after, limit: limit)
        case .file, .path:
            try await index.images(withFiles: rows, after: after, limit: limit, isBatch: isBatch)
        }
    }

    private func parts(of question: AffectedQuestion) async throws -> Parts {
        switch question {
        case .vulnerability(let name):
            let found = try await index.parts(named: name)
            return Parts(
                found.map { Parts.Entry(part: $0.part, finding: $0.finding, since: $0.since, isCertain: true) },
                isCut: found.count >= ReverseIndex.maximumParts
            )
        case .package(let range):
            let found = try await index.parts(of: range.package.package)
            return Parts(
                found.compactMap { part in
                    let isMeant = range.includes(part.component)
                    guard isMeant != false else { return nil }
                    return Parts.Entry(part: part, finding: nil, since: nil, isCertain: isMeant == true)
                },
                isCut: found.count >= ReverseIndex.maximumParts
            )
        case .file(let digest):
            guard let hash = FileHash(digest) else { return Parts([], isCut: false) }
            return Parts(try await files.find(.hash(hash)))
        case .path(let path): return Parts(try await files.find(.path(path)))
        case .image, .base: return Parts([], isCut: false)
        }
    }
}

/// The components that an answer rests on.
struct Parts: Sendable {
    struct Entry: Sendable {
        let part: ReverseIndex.Part
        let finding: Finding?
        let since: Timestamp?
        let isCertain: Bool
        var file: FileIndex.Found?
    }

    let rows: [Int64]
    /// Whether there are more components than are looked at.
    let isCut: Bool
    private let entries: [Int64: [Entry]]

    init(_ entries: [Entry], isCut: Bool) {
        self.isCut = isCut
        self.entries = Dictionary(grouping: entries, by: \.part.id)
        rows = self.entries.keys.sorted()
    }

    /// Files as components of the lists that they are in.
    init(_ files: (found: [FileIndex.Found], isCut: Bool)) {
        let entries = files.found.map { file in
            Entry(
                part: ReverseIndex.Part(file),
                finding: nil,
                since: nil,
                isCertain: file.isCertain,
                file: file
            )
        }
        self.init(entries, isCut: files.isCut)
    }

    /// The files of an image in the order of its reasons.
    func files(of hit: ReverseIndex.Hit) -> [FileIndex.Found] {
        hit.parts.flatMap { entries[$0] ?? [] }.compactMap(\.file)
    }

    var hasFindings: Bool { entries.values.contains { $0.contains { $0.finding != nil } } }

    /// Every name of every finding.
    var names: Set<String> {
        Set(entries.values.flatMap { $0 }.compactMap(\.finding).flatMap { [$0.id] + $0.aliases })
    }

    /// - Parameter since: when the image was first assessed.
    func reasons(of hit: ReverseIndex.Hit, since: Timestamp) -> [AffectedImage.Reason] {
        hit.parts.flatMap { reasons(of: $0, since: since) }
    }

    /// - Parameter since: since when what is asked about has the component.
    func reasons(of part: Int64, since: Timestamp) -> [AffectedImage.Reason] {
        (entries[part] ?? []).map { entry in
            AffectedImage.Reason(
                name: entry.part.component.name,
                version: entry.part.component.version,
                purl: entry.part.component.purl?.description,
                part: entry.part,
                finding: entry.finding,
                since: entry.isCertain ? max(since, entry.since ?? since) : nil,
                isCertain: entry.isCertain
            )
        }
    }
}

/// Where repositories lie, and whether they may be read; each is looked at once.
///
/// Owner: the task of a page or of a summary.
private final class Places {
    struct Place {
        let namespace: String?
        let organisation: String?
    }

    private let database: Database
    private let reader: Situation.Reader
    private var places: [String: Place?] = [:]
    private var organisations: [String: String?] = [:]

    init(database: Database, reader: Situation.Reader) {
        self.database = database
        self.reader = reader
    }

    /// Nil where it may not be read.
    func place(of repository: String) async throws -> Place? {
        if let known = places[repository] { return known }
        let name = try RepositoryName(parsing: repository)
        var place: Place?
        if reader.scope.reads(name) {
            let namespace = reader.scope.namespace(of: name)
            var organisation: String?
            if let namespace { organisation = try await self.organisation(of: namespace) }
            place = Place(namespace: namespace, organisation: organisation)
        }
        places[repository] = .some(place)
        return place
    }

    private func organisation(of namespace: String) async throws -> String? {
        if let known = organisations[namespace] { return known }
        let organisation = try await database.lookUp { transaction in
            try transaction.first(SituationSchema.organisationOfNamespace, [.text(namespace)])?.text(0)
        }
        organisations[namespace] = .some(organisation)
        return organisation
    }
}
