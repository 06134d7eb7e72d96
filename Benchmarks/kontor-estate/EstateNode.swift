// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import Audit
import Blobs
import Criteria
import Database
import DurableFiles
import Logging
import NIOCore
import NIOPosix
import OCI
import Policies
import Products
import PullRecords
import Registry
import Situation
import Time
import Vulnerabilities

/// The rooms of a node that the estate goes through, composed as in a node.
///
/// Documents, blobs and snapshots are written without waiting for the disk: a torn estate is made again. The database waits as always.
struct EstateNode: Sendable {
    static let now = Timestamp(rfc3339: "2026-11-22T09:00:00Z") ?? Timestamp(seconds: 0)
    /// Day of the Debian tracker, whose file carries no date.
    static let trackerDay = Timestamp(rfc3339: "2026-11-20T00:00:00Z") ?? Timestamp(seconds: 0)

    /// The image that the task assesses: what the analyser is given is for the child's eyes alone.
    @TaskLocal static var image: Estate.Image?

    let directory: String
    let database: Database
    let registry: Registry
    let accounts: Accounts
    let pulls: PullRecords
    let feeds: FeedStore
    let assessment: AssessmentService
    let situation: Situation
    let queue: JobQueue
    let account = Account(id: 1, name: "admin", isAdmin: true)

    /// Tables of the rooms that an estate is made through; a whole node has more.
    static let ownMigrations =
        AuditSchema.migrations + AccountsSchema.migrations + PoliciesSchema.migrations + JobSchema.migrations
        + RegistrySchema.migrations + PullRecordsSchema.migrations + AssessmentSchema.migrations
        + StatementsSchema.migrations + OwnAdvisoriesSchema.migrations + ProductsSchema.migrations

    init(directory: String, estate: Estate, timers: Timers, migrations: [Migration] = ownMigrations) throws {
        self.directory = directory
        let clock = WallClock.fixed(Self.now)
        let files = Self.hastyFiles
        try files.makeDirectories(directory)
        database = try Database.open(
            path: directory + "/kontor.db",
            migrations: migrations
        )
        let blobs = BlobStore(directory: directory + "/blobs", files: files, threads: .singleton)
        registry = Registry(database: database, blobs: blobs, clock: clock)
        accounts = Accounts(database: database, clock: clock)
        pulls = PullRecords(database: database)
        let feeds = FeedStore(directory: directory + "/feeds", files: files, clock: clock)
        self.feeds = feeds
        var quiet = Logger(label: "estate")
        quiet.logLevel = .critical
        assessment = AssessmentService(
            database: database,
            registry: registry,
            blobs: blobs,
            analyse: { _ in
                guard let image = Self.image else { throw Complaint("an image is assessed that nobody made") }
                return timers.measure("evidence made up") { image.evidence(estate.packages) }
            },
            feeds: feeds,
            documents: DocumentStore(directory: directory + "/documents", files: files),
            catalogue: try .embedded(),
            clock: clock,
            logger: quiet
        )
        situation = Situation(
            database: database,
            registry: registry,
            pulls: pulls,
            snapshot: { try feeds.current()?.id },
            clock: clock
        )
        queue = JobQueue(database: database, clock: clock)
    }

    private static var hastyFiles: FileOperations {
        var files = FileOperations.live
        files.synchronise = { _ throws(FileError) in }
        files.synchroniseDirectory = { _ throws(FileError) in }
        return files
    }

    /// Somebody who sees everything, with the organisations' names.
    func reader() async throws -> Situation.Reader {
        guard let scope = try await accounts.readScope(of: account) else { throw Complaint("there is no operator") }
        return Situation.Reader(scope: scope, seesPulls: true)
    }

    // MARK: Pushing

    func upload(_ bytes: [UInt8], as digest: Digest, to repository: RepositoryName, of namespace: Namespace?)
        async throws
    {
        let upload = try await registry.beginMonolithicUpload(in: repository, by: account, namespace: namespace)
        try await upload.append(ByteBuffer(bytes: bytes))
        try await registry.finish(upload, as: digest, by: account, namespace: namespace)
    }

    /// Pushes the configuration and the manifest of an image whose layers are there.
    func publish(_ image: Estate.Image, of namespace: Namespace?) async throws -> Digest {
        let repository = try RepositoryName(parsing: image.repository)
        let configuration = image.configuration
        try await upload(configuration, as: .sha256(configuration), to: repository, of: namespace)
        return try await registry.putManifest(
            image.manifest(configuration: configuration),
            contentType: MediaType.imageManifest,
            to: repository,
            at: .tag(try Tag(parsing: image.tag)),
            by: account,
            namespace: namespace
        ).digest
    }

    // MARK: Advisories

    /// Imports a tracker, with other feeds beside it.
    func importing(_ tracker: Tracker, with others: [String] = [], hoursLater: Int = 0) async throws {
        let path = directory + "/tracker.json"
        let files = Self.hastyFiles
        try files.replace(path, bytes: tracker.bytes)
        let asOf = Self.trackerDay + .seconds(hoursLater * 3_600)
        let report = try await feeds.importFeeds(paths: [path] + others, asOf: asOf)
        guard report.failed.isEmpty else { throw Complaint("feeds were refused: \(report.failed)") }
    }

    /// What the node's watcher sees after an import.
    func difference() async throws -> SnapshotDifference? {
        let known = try await assessment.lastSwitch()?.snapshot
        return try await SnapshotWatcher(feeds: feeds).difference(since: known)
    }
}
