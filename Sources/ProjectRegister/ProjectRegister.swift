// SPDX-License-Identifier: EUPL-1.2

public import Accounts
import Criteria
public import Database
public import Directory
import JSON
import OCI
public import ProjectCriteria
public import Time

/// Source projects that were registered at a node: where their repositories lie, what checks of them came to and when, and which images
/// say that they come from them.
///
/// A check is a row of the queue: made at registration, when a forge says that something was pushed, on demand, and a day after the last.
/// What it finds is written in the transaction that ends it, with the project's entry in the directory.
///
/// ## Topics
/// - ``project(_:for:)``, ``project(named:for:)``, ``projects(for:after:limit:)``, ``projects(at:for:)``
/// - ``verdict(of:under:at:)``, ``history(of:under:before:limit:)``, ``answeredLevel(of:)``
/// - ``images(of:for:after:limit:)``: images of a project; ``projects(at:for:)`` with an image's source: projects of an image
/// - ``register(_:by:)``, ``change(_:to:by:)``, ``remove(_:by:)``, ``recheck(_:by:)``, ``pushed(_:token:)``
/// - ``record(_:for:at:)``: what a check uses too
public struct ProjectRegister: Sendable {
    /// Findings that a stored verdict holds, the worst.
    public static let keptFindings = 500
    /// Changes of a project's results that are kept, by catalogue.
    public static let keptChanges = 400
    /// Most projects of one namespace.
    public static let maximumProjects = 5_000
    /// Entries that are looked at for one page, so that somebody who may read little does not keep the node busy.
    static let lookedAt = 5_000

    let database: Database
    let accounts: Accounts
    let directory: Directory
    let settings: ProjectRegisterSettings
    let checker: ProjectChecker
    let clock: WallClock
    let queue: JobQueue
    let whenQueued: @Sendable () -> Void

    /// Composes the room over a database that has ``ProjectRegisterSchema/migrations``.
    ///
    /// - Parameters:
    ///   - checker: reads repositories.
    ///   - whenQueued: told that there is work.
    public init(
        database: Database,
        accounts: Accounts,
        directory: Directory,
        settings: ProjectRegisterSettings = ProjectRegisterSettings(),
        checker: ProjectChecker,
        clock: WallClock = .system,
        whenQueued: @escaping @Sendable () -> Void = {}
    ) {
        self.database = database
        self.accounts = accounts
        self.directory = directory
        self.settings = settings
        self.checker = checker
        self.clock = clock
        queue = JobQueue(database: database, clock: clock)
        self.whenQueued = whenQueued
    }

    // MARK: Who may know

    /// Who asks, as they are now; nil when their proof counts no more.
    private func reader(_ account: Account?) async throws -> DirectoryReader? {
        try await directory.reader(account)
    }

    private static func sees(_ reader: DirectoryReader, _ project: RegisteredProject) -> Bool {
        switch project.visibility {
        case .everybody: true
        case .members: (try? RepositoryName(parsing: project.name)).map { reader.isMember(of: $0) } ?? false
        }
    }

    static func unknown(_ what: String) -> ProjectRegisterError {
        .unknown("there is no project \(what) that you may know of")
    }

    // MARK: Reading

    /// One project.
    ///
    /// - Throws: ``ProjectRegisterError/unknown(_:)`` also for who may not know of it.
    public func project(_ id: Int64, for account: Account?) async throws -> RegisteredProject {
        let reader = try await reader(account)
        let found = try await database.lookUp { t in
            try t.first(ProjectRegisterSchema.one, [.integer(id)]).map { try RegisteredProject($0) }
        }
        guard let reader, let found, Self.sees(reader, found) else { throw Self.unknown("\(id)") }
        return found
    }

    /// One project by its name, `team/app`.
    ///
    /// - Throws: ``ProjectRegisterError/unknown(_:)`` also for who may not know of it.
    public func project(named name: String, for account: Account?) async throws -> RegisteredProject {
        let reader = try await reader(account)
        let isName = (try? RepositoryName(parsing: name)) != nil
        let found = try await database.lookUp { t in
            try isName ? t.first(ProjectRegisterSchema.named, [.text(name)]).map { try RegisteredProject($0) } : nil
        }
        guard let reader, let found, Self.sees(reader, found) else { throw Self.unknown("\"\(name.excerpt(120))\"") }
        return found
    }

    /// A page of the projects that somebody may know of, by name.
    ///
    /// - Parameters:
    ///   - namespace: only those below this name; nil for all.
    ///   - after: ``name`` of the last one of the page before, or what stood as `next` beside it.
    ///   - limit: most projects, at most 500. A page can have fewer and still have a next one.
    public func projects(
        for account: Account?,
        in namespace: String? = nil,
        after: String = "",
        limit: Int = 100
    ) async throws -> (projects: [RegisteredProject], next: String?) {
        let limit = min(max(limit, 1), 500)
        guard let reader = try await reader(account), !after.utf8.contains(0),
            namespace.map({ (try? RepositoryName(parsing: $0)) != nil }) ?? true
        else { return ([], nil) }
        return try await database.read { t in
            var found: [RegisteredProject] = []
            var (after, lookedAt) = (max(after, namespace.map { $0 + "/" } ?? ""), 0)
            while lookedAt < Self.lookedAt {
                // No name has a '~', which lies after all that names have.
                let rows =
                    try namespace.map { name in
                        try t.query(
                            ProjectRegisterSchema.pageOf,
                            [.text(after), .text(name + "/~"), .integer(limit + 1)]
                        )
                    } ?? t.query(ProjectRegisterSchema.page, [.text(after), .integer(limit + 1)])
                for row in rows {
                    let project = try RegisteredProject(row)
                    if Self.sees(reader, project) {
                        if found.count == limit { return (found, found.last?.name) }
                        found.append(project)
                    }
                    after = project.name
                }
                lookedAt += rows.count
                if rows.count <= limit { return (found, nil) }
            }
            return (found, after)
        }
    }

    /// Projects whose repository lies at an address, as far as somebody may know of them, the first registered one first; more than one
    /// namespace can have registered it.
    ///
    /// - Parameter source: the address, also as an image names its source; with or without `.git`.
    public func projects(at source: String, for account: Account?) async throws -> [RegisteredProject] {
        guard let reader = try await reader(account), let address = SourceAddress(parsing: source) else { return [] }
        return try await database.read { t in
            try t.query(ProjectRegisterSchema.at, [.text(address.text), 0, 100])
                .map { try RegisteredProject($0) }.filter { Self.sees(reader, $0) }
        }
    }

    /// Images whose publisher says that they come from a project, as far as somebody may know of them.
    public func images(
        of project: RegisteredProject,
        for account: Account?,
        after: Int64 = 0,
        limit: Int = 100
    ) async throws -> (entries: [DirectoryEntry], next: Int64?) {
        guard let address = SourceAddress(parsing: project.address), let reader = try await reader(account) else {
            return ([], nil)
        }
        return try await directory.images(of: address, for: reader, after: after, limit: limit)
    }

    // MARK: Verdicts

    /// A verdict of a project; who may know of the project was looked at before.
    ///
    /// - Parameters:
    ///   - catalogue: name of the catalogue, see `ProjectCatalogue.names`.
    ///   - at: the evaluation closest to this instant and never after it; nil for the one that counts now.
    /// - Returns: nil where there was none.
    public func verdict(
        of project: RegisteredProject,
        under catalogue: String = ProjectCatalogue.names[0],
        at instant: Timestamp? = nil
    ) async throws -> StoredProjectVerdict? {
        guard ProjectCatalogue.names.contains(catalogue) else { return nil }
        return try await database.lookUp { t in
            let key: [SQLValue] = [.integer(project.id), .text(catalogue)]
            guard let row = try t.first(ProjectRegisterSchema.verdict, key) else { return nil }
            let newest = try StoredProjectVerdict(row)
            // What was evaluated last counts from then on; before that, what was evaluated first.
            guard let instant, instant < newest.checkedAt else { return newest }
            return try t.first(ProjectRegisterSchema.verdictAt, key + [.time(instant)]).map {
                try StoredProjectVerdict($0)
            }
        }
    }

    /// The level of a project that replies are said to: the one under Kontor's own catalogue, as it stands now.
    public func answeredLevel(of project: RegisteredProject) async throws -> AnsweredLevel {
        let name = try Self.checked(name: project.name)
        let stored = try await verdict(of: project)
        let verdict = try stored?.verdict()
        return .project(
            name,
            verdict?.standing.level,
            revision: verdict?.commit,
            resultsSince: stored?.since
        )
    }

    /// How a project's results went under a catalogue, the latest change first.
    ///
    /// - Parameters:
    ///   - before: ``ProjectHistoryLine/since`` of the last one of the page before.
    ///   - limit: most changes, at most 1 000.
    public func history(
        of project: RegisteredProject,
        under catalogue: String = ProjectCatalogue.names[0],
        before: Timestamp? = nil,
        limit: Int = 100
    ) async throws -> [ProjectHistoryLine] {
        guard ProjectCatalogue.names.contains(catalogue) else { return [] }
        let values: [SQLValue] = [
            .integer(project.id), .text(catalogue), before.map { .time($0) } ?? .integer(Int64.max),
            .integer(min(max(limit, 1), 1_000)),
        ]
        return try await database.read { t in
            try t.query(ProjectRegisterSchema.history, values).map { try ProjectHistoryLine($0) }
        }
    }
}
