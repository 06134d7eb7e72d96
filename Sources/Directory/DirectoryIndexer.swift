// SPDX-License-Identifier: EUPL-1.2

import Accounts
public import Assessment
import Audit
import Criteria
import Database
import JSON
public import Logging
import OCI
public import Products
public import Registry
import Time

/// Keeps the directory in step with what happens on the node: it follows the audit log, in which every fact stands in its own
/// transaction.
///
/// So a push does not pay for the directory, nothing is forgotten by a crash, and a directory that was lost is made anew by a walk over
/// repositories and products.
public struct DirectoryIndexer: Sendable {
    /// Another number has every entry written again.
    static let format: Int64 = 2
    /// Events that are taken at once.
    static let batch = 200
    /// Entries that are written in one transaction.
    static let written = 50

    /// What it keeps in step.
    public let directory: Directory
    let registry: Registry
    let assessment: AssessmentService
    let products: Products
    let logger: Logger

    var database: Database { directory.database }

    /// Composes the indexer.
    public init(
        directory: Directory,
        registry: Registry,
        assessment: AssessmentService,
        products: Products,
        logger: Logger = Logger(label: "kontor.directory")
    ) {
        self.directory = directory
        self.registry = registry
        self.assessment = assessment
        self.products = products
        self.logger = logger
    }

    /// Follows the node until the task is cancelled.
    ///
    /// - Parameter poll: how often it looks for news.
    public func run(every poll: Duration = .milliseconds(500)) async throws {
        while true {
            do { try await catchUp() } catch is CancellationError { throw CancellationError() } catch {
                logger.error("the directory fell behind, the next look tries again: \(error)")
            }
            try await Task.sleep(for: poll)
        }
    }

    /// Takes in everything that happened up to now.
    ///
    /// - Returns: how many events there were.
    @discardableResult
    public func catchUp() async throws -> Int {
        let state = try await database.read { t in
            try t.first(DirectorySchema.state).map { (event: try $0.int64(0), format: try $0.int64(1)) }
        }
        var (last, count) = (state?.event ?? 0, 0)
        if state?.format != Self.format { last = try await rebuild() }
        while true {
            try Task.checkCancellation()
            let page = (last, Self.batch)
            let events = try await database.read { t in
                try t.query(DirectorySchema.events, [.integer(page.0), .integer(page.1)]).map { try Event($0) }
            }
            guard let newest = events.last?.id else { return count }
            try await take(events)
            last = newest
            count += events.count
        }
    }

    /// An event of the audit log, as far as it says something here.
    private struct Event: Sendable {
        let id: Int64
        let at: Timestamp
        let action: String
        let subject: String
        let level: Level?

        init(_ row: Row) throws {
            id = try row.int64(0)
            at = try row.time(1)
            action = try row.text(2)
            subject = try row.text(3)
            // Only this one is read: what else stands in the detail is personal.
            guard action == "image.assessed", let detail = try row.optionalText(4),
                case .string(let word)? = try JSONValue(parsing: detail)["level"]
            else {
                level = nil
                return
            }
            level = Level(rawValue: word)
        }

        /// The repository that `repository@digest` or `repository:tag` names.
        var repository: RepositoryName? {
            let end = subject.lastIndex(of: "@") ?? subject.lastIndex(of: ":")
            return end.flatMap { try? RepositoryName(parsing: String(subject[..<$0])) }
        }
    }

    private func take(_ events: [Event]) async throws {
        var (keys, seen) = ([String](), Set<String>())
        func note(_ key: String) { if seen.insert(key).inserted { keys.append(key) } }
        for event in events {
            switch event.action {
            case "manifest.push", "manifest.delete", "tag.delete", "image.assessed":
                if let repository = event.repository { note(DirectoryEntry.key(.image, repository.text)) }
            case "product.uploaded", "product.removed": note(event.subject)
            case "namespaces.create":
                for key in try await self.keys(below: String(event.subject.dropFirst("namespace:".utf8.count))) {
                    note(key)
                }
            case "namespaces.setVisibility":
                // Who may read an image decides what else may be told with it.
                let namespace = String(event.subject.dropFirst("namespace:".utf8.count))
                let now = directory.clock.now()
                _ = try await database.write { t in
                    try JobQueue.enqueue(t, kind: Registry.trustJob, subject: namespace, priority: .feed, now: now)
                }
            case "organisations.put":
                let organisation = String(event.subject.dropFirst("organisation:".utf8.count))
                for key in try await self.keys(of: organisation) { note(key) }
                try await judgeAgain(usedBy: organisation)
            default: break
            }
        }
        let levels = events.filter { $0.level != nil }
        for start in stride(from: 0, to: keys.count, by: Self.written) {
            try await write(Array(keys[start..<min(start + Self.written, keys.count)]))
        }
        guard let last = events.last?.id else { return }
        _ = try await database.write { t in
            for event in levels { try Self.keepLevel(of: event, in: t) }
            try t.execute(DirectorySchema.setState, [.integer(last), .integer(Self.format)])
        }
    }

    private static func keepLevel(of event: Event, in t: Transaction) throws {
        guard let level = event.level, let repository = event.repository, let at = event.subject.lastIndex(of: "@"),
            let digest = try? Digest(parsing: String(event.subject[event.subject.index(after: at)...]))
        else { return }
        let key: [SQLValue] = [.text(repository.text)] + digest.columns + [.time(event.at)]
        let before = try t.first(DirectorySchema.lastLevel, key)?.int(0)
        guard before != level.rank else { return }
        try t.execute(DirectorySchema.putLevel, key + [.integer(level.rank)])
    }

    /// Writes the entries of keys as things are now.
    private func write(_ keys: [String]) async throws {
        var entries: [DirectoryEntry] = []
        var gone: [String] = []
        // Whose entries projects are writes them.
        for key in keys where !key.hasPrefix(DirectoryEntry.key(.project, "")) {
            try Task.checkCancellation()
            if let entry = try await entry(of: key) { entries.append(entry) } else { gone.append(key) }
        }
        let now = directory.clock.now()
        let (found, lost) = (entries, gone)
        try await database.write { t in
            for entry in found { try Directory.put(entry, at: now, in: t) }
            for key in lost { try Directory.remove(key, in: t) }
        }
    }

    // MARK: What an entry is made of

    private func entry(of key: String) async throws -> DirectoryEntry? {
        guard let colon = key.firstIndex(of: ":") else { return nil }
        let name = String(key[key.index(after: colon)...])
        switch DirectoryEntry.Kind(word: String(key[..<colon])) {
        case .image: return try await (try? RepositoryName(parsing: name)).asyncFlatMap { try await image($0) }
        case .product: return try await Int64(name).asyncFlatMap { try await product($0) }
        // Whose entries they are writes them.
        case .project, nil: return nil
        }
    }

    private func image(_ repository: RepositoryName) async throws -> DirectoryEntry? {
        let (accounts, clock) = (directory.accounts, directory.clock)
        let place = try await database.read { t -> (namespace: String?, owner: DirectoryEntry.Owner?)? in
            // A repository in which nothing was ever published is none.
            guard try t.first(DirectorySchema.listed, [.text(repository.text)]) != nil else { return nil }
            let namespace = try accounts.access(t, of: nil, to: repository, at: clock.now())?.namespace
            let owner = try namespace.flatMap { try Self.owner($0.organisationID, t) }
            return (namespace?.name, owner)
        }
        guard let place else { return nil }
        var facts = DirectoryFacts()
        var description = ImageDescription()
        var verdict: Verdict?
        if let (tag, digest) = try await registry.standIn(repository) {
            facts.tag = tag.text
            facts.digest = digest.description
            description = try await ImageDescription(of: digest, in: repository, registry)
            if case .ready(let stored) = try await assessment.verdict(repository: repository, digest: digest) {
                verdict = try stored.verdict()
            }
        }
        facts.title = description.title
        facts.description = description.description
        facts.source = description.source
        facts.take(verdict)
        return DirectoryEntry(
            kind: .image,
            name: repository.text,
            audience: .readers,
            label: repository.text,
            namespace: place.namespace,
            owner: place.owner,
            level: verdict?.level,
            areas: verdict?.areas ?? [:],
            categories: description.categories,
            licences: description.licences,
            architectures: description.architectures,
            facts: facts
        )
    }

    private func product(_ id: Int64) async throws -> DirectoryEntry? {
        let product: Product
        do { product = try await products.product(id, for: .all) } catch is ProductsError { return nil }
        guard product.removedAt == nil else { return nil }
        var facts = DirectoryFacts()
        facts.title = product.name.name
        facts.description = product.name.supplier
        return DirectoryEntry(
            kind: .product,
            name: String(id),
            audience: .organisation,
            label: "\(product.name.name) \(product.name.version)",
            owner: DirectoryEntry.Owner(
                id: product.organisationID,
                name: product.organisation,
                title: product.organisationTitle
            ),
            facts: facts
        )
    }

    private static func owner(_ id: Int64, _ t: Transaction) throws -> DirectoryEntry.Owner? {
        try t.first(DirectorySchema.organisationByID, [.integer(id)]).map {
            DirectoryEntry.Owner(id: try $0.int64(0), name: try $0.text(1), title: try $0.text(2))
        }
    }

    // MARK: Many at once

    /// Repositories of a namespace that was just made: they lay in none before.
    private func keys(below namespace: String) async throws -> [String] {
        try await database.read { t in
            var keys = [DirectoryEntry.key(.image, namespace)]
            var last = ""
            while true {
                let range: [SQLValue] = [.text(namespace + "/"), .text(namespace + "/~"), .text(last), 1_000]
                let page = try t.query(DirectorySchema.entriesBelow, range).map { try $0.text(0) }
                keys += page.filter { $0.hasPrefix("image:") }
                guard page.count == 1_000, let key = page.last else { return keys }
                last = String(key.dropFirst("image:".utf8.count))
            }
        }
    }

    private func keys(of organisation: String) async throws -> [String] {
        try await database.read { t in
            guard let id = try t.first(DirectorySchema.organisationByName, [.text(organisation)])?.int64(0) else {
                return []
            }
            var (keys, after): ([String], Int64) = ([], 0)
            while true {
                let page = try t.query(DirectorySchema.byOrganisation, [.integer(id), .integer(after), 1_000])
                keys += try page.map { try $0.text(1) }
                guard page.count == 1_000, let last = page.last else { return keys }
                after = try last.int64(0)
            }
        }
    }

    /// Writes every entry anew.
    ///
    /// - Returns: the event up to which that holds.
    private func rebuild() async throws -> Int64 {
        let start = try await database.read { t in try t.first(DirectorySchema.lastEvent)?.int64(0) ?? 0 }
        var name = ""
        while true {
            let after = name
            let page = try await database.read { t in
                try t.query(DirectorySchema.names, [.text(after), .integer(Self.written)]).map {
                    (name: try $0.text(0), isListed: try $0.optionalTime(1) != nil)
                }
            }
            try await write(page.filter(\.isListed).map { DirectoryEntry.key(.image, $0.name) })
            guard page.count == Self.written, let last = page.last else { break }
            name = last.name
        }
        var id: Int64 = 0
        while true {
            let page = try await products.list(for: .all, after: id, limit: Self.written)
            try await write(page.map { DirectoryEntry.key(.product, String($0.id)) })
            guard page.count == Self.written, let last = page.last else { break }
            id = last.id
        }
        let format = Self.format
        _ = try await database.write { t in
            try t.execute(DirectorySchema.setState, [.integer(start), .integer(format)])
        }
        return start
    }
}

extension Optional {
    /// The same as `flatMap`, for what takes its time.
    fileprivate func asyncFlatMap<T>(_ body: (Wrapped) async throws -> T?) async throws -> T? {
        guard let value = self else { return nil }
        return try await body(value)
    }
}
