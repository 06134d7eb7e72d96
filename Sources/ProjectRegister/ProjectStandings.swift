// SPDX-License-Identifier: EUPL-1.2

public import Accounts
public import Criteria
public import Database
import Directory
import JSON
public import OCI
public import Time

/// What registered projects say about images that are built from them, as far as those who may read an image may know of a project.
public struct ProjectStandings: Sendable {
    /// Projects at one address that are looked at; more than one namespace can have registered it.
    static let lookedAt = 20

    let database: Database
    let accounts: Accounts
    let clock: WallClock

    /// Composes the room's reading side over a database that has ``ProjectRegisterSchema/migrations``.
    public init(database: Database, accounts: Accounts, clock: WallClock = .system) {
        self.database = database
        self.accounts = accounts
        self.clock = clock
    }

    /// What is known of the projects at sources.
    ///
    /// A project that everybody may know of is told with every image. One for its members alone is told with an image of its namespace
    /// that nobody else may read, and with no other: a verdict must not tell strangers how it stands.
    ///
    /// - Parameters:
    ///   - sources: as images name them.
    ///   - repository: where the image lies.
    /// - Returns: what may be told, and the addresses that were looked for, in the form of `SourceAddress`.
    public func projects(
        at sources: [SourceRevision],
        toldIn repository: RepositoryName
    ) async throws -> (projects: [SourceRevision: SourceProject], addresses: Set<String>) {
        let places = sources.compactMap { source in
            SourceAddress(parsing: source.source).map { (source: source, address: $0.text) }
        }
        guard !places.isEmpty else { return ([:], []) }
        let (accounts, now) = (accounts, clock.now())
        let projects = try await database.read { t in
            let access = try accounts.access(t, of: nil, to: repository, at: now)
            // Who may read here and is no member of the namespace may not know of what is for its members.
            let own = access?.rights.contains(.pull) == false ? access?.namespace?.name : nil
            var found: [SourceRevision: SourceProject] = [:]
            for place in places {
                let rows = try t.query(
                    ProjectRegisterSchema.sources,
                    [
                        .text(place.address), .integer(RegisteredProject.Visibility.everybody.rawValue),
                        // No namespace has the empty name.
                        .text(own ?? ""), .integer(Self.lookedAt),
                    ]
                )
                let readings = try rows.compactMap { row in
                    try ReadSource.parse(row.text(0)).map { (name: try row.text(3), read: $0) }
                }
                .filter { $0.read.address == place.address }
                for (name, read) in readings {
                    // What a newer reading speaks against is over, however well it stood.
                    let isOver = readings.contains { $0.read.readAt > read.readAt && $0.read.atMost < read.security }
                    guard !isOver else { continue }
                    let project = read.project(name, at: place.source.revision)
                    // Each is what this node read itself; who gave it a token of the forge lets it know more.
                    if found[place.source].map({ project.isMore(than: $0) }) ?? true { found[place.source] = project }
                }
            }
            return found
        }
        return (projects, Set(places.map(\.address)))
    }
}

extension ReadSource {
    /// Reads a column; nil where nothing was read, or another version wrote it.
    static func parse(_ text: String?) -> ReadSource? {
        guard let text, let value = try? JSONValue(parsing: text), let fields = try? JSONFields(value) else {
            return nil
        }
        return try? ReadSource(json: fields)
    }
}

extension SourceProject {
    /// Whether more is proven than by another reading of the same source.
    fileprivate func isMore(than other: SourceProject) -> Bool {
        func rank(_ project: SourceProject) -> (Int, Int, Timestamp) {
            (project.security.rank, project.isProtected == true ? 1 : 0, project.judgedAt)
        }
        return rank(self) > rank(other)
    }
}
