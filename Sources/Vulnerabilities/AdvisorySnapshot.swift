// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Criteria
import Database
import JSON
public import SBOM
import Synchronization

/// One immutable set of advisories: what an image is matched against.
///
/// Opened read-only and shared; it stays readable for as long as somebody holds it, also after a newer one became
/// current and its file was unlinked.
public final class AdvisorySnapshot: Sendable {
    /// Digest over the normalised records and dates of all feeds, `sha256:…`.
    public let id: String
    /// The feeds in it, in order of name.
    public let feeds: [FeedState]
    /// The file that it was opened from.
    public let path: String
    private let database: Database
    private let cache = AdvisoryCache()

    /// Opens a snapshot's file.
    ///
    /// The states of its feeds are read and their identity recomputed: a file that was exchanged is refused.
    init(path: String, id: String) throws {
        let database = try Database.open(path: path, migrations: VulnerabilitiesSchema.migrations, mode: .readOnly)
        do {
            feeds = try database.readBlocking { transaction in
                try transaction.query(VulnerabilitiesSchema.listFeeds).map { row in
                    try FeedState(json: JSONFields(JSONValue(parsing: try row.text(0))))
                }
            }
            guard feeds.snapshotIdentity == id else {
                throw FeedStoreError.snapshot(path: path, reason: "it holds \(feeds.snapshotIdentity), not \(id)")
            }
        } catch {
            database.close()
            throw error
        }
        self.id = id
        self.path = path
        self.database = database
    }

    deinit {
        database.close()
    }

    /// Matches components against the advisories.
    ///
    /// - Parameters:
    ///   - components: the components of one image; each is matched under its distribution's release by its source
    ///     package, as the distribution's advisories are written.
    ///   - own: what the node's operator says beside the feeds.
    /// - Returns: findings ordered by identifier, then component, and what no feed covers, counted.
    /// - Complexity: one indexed lookup per source package and one per identifier that matched.
    public func assess(_ components: [Component], own: OwnAdvisories.Live = .none) async throws -> Assessed {
        try await database.read { [cache] transaction in
            let covered = try Self.coveredReleases(transaction)
            let lookup = Lookup(transaction: transaction, cache: cache, own: own)
            var findings: [Finding] = []
            var reasons: [(ecosystem: String, reason: LocalizedText)] = []
            let foreign = Coverage.foreign(in: components)
            for component in components {
                switch Coverage.place(of: component, foreign: foreign) {
                case .none:
                    continue
                case .unknown(let ecosystem, let reason):
                    reasons.append((ecosystem, reason))
                case .package(let key) where !covered.contains(key.release):
                    // The operator's word is no feed: what else there is stays unknown. Of files no feed speaks at all.
                    if component.kind != .file {
                        reasons.append((key.release.ecosystem, Coverage.uncovered(component, key.release)))
                    }
                    if own.byPackage[key] != nil { findings += try lookup.findings(of: component, under: key) }
                case .package(let key):
                    let found = try lookup.findings(of: component, under: key)
                    findings += found
                    if found.isEmpty, let doubt = Coverage.doubt(about: component) {
                        reasons.append((key.release.ecosystem, doubt))
                    }
                }
            }
            return Assessed(findings: Self.ordered(findings), notAssessed: Coverage.notAssessed(reasons))
        }
    }

    /// Findings by identifier, then component; places are sorted, because a finding is large to move.
    private static func ordered(_ findings: [Finding]) -> [Finding] {
        findings.indices.sorted { left, right in
            let (left, right) = (findings[left], findings[right])
            if left.id != right.id { return left.id < right.id }
            if left.componentName != right.componentName { return left.componentName < right.componentName }
            return (left.componentVersion, left.componentPURL ?? "")
                < (right.componentVersion, right.componentPURL ?? "")
        }
        .map { findings[$0] }
    }

    /// The releases that some feed covers.
    public func coveredReleases() async throws -> Set<ReleaseKey> {
        try await database.read { transaction in try Self.coveredReleases(transaction) }
    }

    private static func coveredReleases(_ transaction: Transaction) throws -> Set<ReleaseKey> {
        let rows = try transaction.query(VulnerabilitiesSchema.listReleases)
        return Set(try rows.map { row in ReleaseKey(ecosystem: try row.text(1), release: try row.text(2)) })
    }

    /// Reads beside the calling task.
    func read<T: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> T) async throws -> T {
        try await database.read(body)
    }

    /// Reads on the calling thread: for an import, which copies the feeds that it keeps.
    func readBlocking<T>(_ body: (Transaction) throws -> T) throws -> T {
        try database.readBlocking(body)
    }

    /// A digest of every package's advisories: what tells two snapshots apart without comparing records.
    func packageDigests() async throws -> [PackageKey: [UInt8]] {
        var digests: [PackageKey: [UInt8]] = [:]
        var after: Int64 = -1
        while true {
            let start = after
            let rows = try await database.read { transaction in
                try transaction.query(VulnerabilitiesSchema.listPackages, [.integer(start), 5000]).map { row in
                    let release = ReleaseKey(ecosystem: try row.text(1), release: try row.text(2))
                    return (
                        id: try row.int64(0), key: PackageKey(release: release, name: try row.text(3)),
                        digest: try row.bytes(5)
                    )
                }
            }
            guard let last = rows.last else { return digests }
            // Two feeds may speak about one package; both digests count.
            for row in rows { digests[row.key, default: []] += row.digest }
            after = last.id
        }
    }

    /// What the exploit catalogue and the exploit predictions say about each of some identifiers.
    func exploitability(of identifiers: [String]) async throws -> [String: Exploitability] {
        try await database.read { transaction in
            var found: [String: Exploitability] = [:]
            for identifier in identifiers {
                let arguments: [SQLValue] = [.text(identifier)]
                let record = try transaction.first(VulnerabilitiesSchema.exploited, arguments)?.text(0)
                let score = try transaction.first(VulnerabilitiesSchema.score, arguments).map { row in
                    EPSSScore(probability: try row.double(0), percentile: try row.double(1))
                }
                if record != nil || score != nil {
                    found[identifier] = Exploitability(record: record, score: score)
                }
            }
            return found
        }
    }
}

/// What is known about the exploitation of one vulnerability.
struct Exploitability: Sendable, Equatable {
    let record: String?
    let score: EPSSScore?
}

/// Advisories of packages that were asked for, read once for all images: a snapshot never changes.
private final class AdvisoryCache: Sendable {
    /// Advisories that are held at most; more, and all are forgotten.
    private static let limit = 20_000

    // Owner: this mutex.
    private let held = Mutex<(packages: [PackageKey: [Advisory]], count: Int)>(([:], 0))

    subscript(key: PackageKey) -> [Advisory]? {
        get { held.withLock { $0.packages[key] } }
        set {
            guard let newValue else { return }
            held.withLock { held in
                if held.count + newValue.count > Self.limit { held = ([:], 0) }
                held.count += newValue.count - (held.packages[key]?.count ?? 0)
                held.packages[key] = newValue
            }
        }
    }
}

/// Reads of one assessment, each done once: binaries of one source share its advisories.
private final class Lookup {
    let transaction: Transaction
    private var advisories: [PackageKey: [Advisory]] = [:]
    private var exploited: [String: KEVEntry?] = [:]
    private var scores: [String: EPSSScore?] = [:]
    private let own: OwnAdvisories.Live

    private let cache: AdvisoryCache

    init(transaction: Transaction, cache: AdvisoryCache, own: OwnAdvisories.Live) {
        self.transaction = transaction
        self.cache = cache
        self.own = own
    }

    func findings(of component: Component, under key: PackageKey) throws -> [Finding] {
        let candidates = try advisories(under: key)
        guard !candidates.isEmpty else { return [] }
        // The matcher asks through plain closures; a failing read is remembered and thrown after it returns.
        var failure: (any Error)?
        let findings = Matcher.findings(
            component: component,
            advisories: candidates,
            kev: { identifier in
                do {
                    return try self.exploited(identifier)
                } catch {
                    failure = error
                    return nil
                }
            },
            epss: { identifier in
                do {
                    return try self.score(identifier)
                } catch {
                    failure = error
                    return nil
                }
            }
        )
        if let failure { throw failure }
        return findings
    }

    private func advisories(under key: PackageKey) throws -> [Advisory] {
        if let known = advisories[key] { return known }
        let read = try cache[key] ?? parsed(key)
        let all = read + (own.byPackage[key] ?? [])
        advisories[key] = all
        return all
    }

    private func parsed(_ key: PackageKey) throws -> [Advisory] {
        let rows = try transaction.query(
            VulnerabilitiesSchema.advisoriesOfPackage,
            [.text(key.release.ecosystem), .text(key.release.release), .text(key.name)]
        )
        let advisories = try rows.map { row in
            try Advisory(json: JSONFields(JSONValue(parsing: try row.text(0))))
        }
        cache[key] = advisories
        return advisories
    }

    private func exploited(_ identifier: String) throws -> KEVEntry? {
        if let known = exploited[identifier] { return known }
        let row = try transaction.first(VulnerabilitiesSchema.exploited, [.text(identifier)])
        let entry = try row.map { row in try KEVEntry(json: JSONFields(JSONValue(parsing: try row.text(0)))) }
        exploited[identifier] = .some(entry)
        return entry
    }

    private func score(_ identifier: String) throws -> EPSSScore? {
        if let known = scores[identifier] { return known }
        let row = try transaction.first(VulnerabilitiesSchema.score, [.text(identifier)])
        let score = try row.map { row in
            EPSSScore(probability: try row.double(0), percentile: try row.double(1))
        }
        scores[identifier] = .some(score)
        return score
    }
}
