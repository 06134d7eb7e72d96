// SPDX-License-Identifier: EUPL-1.2

public import Accounts
public import Assessment
public import Attesting
import Audit
public import Database
public import Directory
import DurableFiles
import Glibc
public import Logging
import NIOCore
import NIOPosix
import Notices
import Policies
import Products
public import ProjectRegister
import PullRecords
public import Registry
public import Releases
import Situation
public import Transparency
import Trust
public import Vulnerabilities

/// A node that runs: what its composition made, for the callback at the start and for tests.
public struct RunningNode: Sendable {
    /// What it was started with.
    public let configuration: NodeConfiguration
    /// Port that it listens at.
    public let port: Int
    /// Port of the portal's own listener, where there is one.
    public let portalPort: Int?
    /// The first secret, when this start made the account.
    public let adminSecret: AdminSecret?
    /// The database of all rooms.
    public let database: Database
    /// Repositories, blobs and manifests.
    public let registry: Registry
    /// Who may sign in.
    public let accounts: Accounts
    /// Advisories.
    public let feeds: FeedStore
    /// Verdicts.
    public let assessment: AssessmentService
    /// Work that waits.
    public let queue: JobQueue
    /// What the node has stated, as it is now; nil while nobody signs.
    public var log: TransparencyLog? { currentLog() }
    /// Which images tags stand for, signed.
    public let releases: Releases
    /// What keeps the directory in step.
    public let directory: DirectoryIndexer
    /// Source projects that were registered.
    public let projects: ProjectRegister
    /// What the node says about images, signed.
    public let attesting: Attesting
    let currentLog: @Sendable () -> TransparencyLog?
    /// Reads the listener's certificate anew if its files changed; the node does so by itself every ten seconds.
    public let reloadCertificates: @Sendable () -> Void
    /// Begins an orderly end: no new connections, running requests finish.
    public let stop: @Sendable () async -> Void
}

/// One node: every room wired to the others, and the order of starting and ending.
public enum Node {
    /// Tables of all rooms, in the order in which they are made.
    public static let migrations: [Migration] =
        AuditSchema.migrations + AccountsSchema.migrations + PoliciesSchema.migrations + JobSchema.migrations
        + RegistrySchema.migrations + PullRecordsSchema.migrations + AssessmentSchema.migrations
        + StatementsSchema.migrations + NoticesSchema.migrations + OwnAdvisoriesSchema.migrations
        + ProductsSchema.migrations + LogSchema.migrations + ReleasesSchema.migrations
        + ApprovalsSchema.migrations + AttestingSchema.migrations + DirectorySchema.migrations + TrustSchema.migrations
        + ProjectRegisterSchema.migrations

    /// Statements of all rooms on the node's database, for the test that explains each.
    public static let statements: [Statement] =
        AuditSchema.statements + AccountsSchema.statements + PoliciesSchema.statements + JobSchema.statements
        + RegistrySchema.statements + PullRecordsSchema.statements + AssessmentSchema.statements
        + SituationSchema.statements + StatementsSchema.statements + NoticesSchema.statements
        + OwnAdvisoriesSchema.statements + ProductsSchema.statements + LogSchema.statements
        + ReleasesSchema.statements + ApprovalsSchema.statements + AttestingSchema.statements
        + DirectorySchema.statements + TrustSchema.statements + ProjectRegisterSchema.statements

    /// What stands in the data directory of an exercise, and in no other.
    public static let exerciseMark = "exercise/exercise.json"

    /// Runs a node until it is stopped.
    ///
    /// The order is: lock the directory, open and migrate the database, start the signer, clean up what a crash left, make the first
    /// account, queue what is outdated, compare the log with what was signed last, then listen. Nothing answers before all of that is done.
    ///
    /// - Parameters:
    ///   - configuration: what to start.
    ///   - logger: where the node's log goes.
    ///   - version: of the program, named in documents.
    ///   - handlesSignals: whether SIGTERM and SIGINT end it in order; not in tests, which share their process.
    ///   - announce: takes the lines that the operator must see at the start; the secret is among them once.
    ///   - onReady: called when the node answers.
    /// - Throws: ``NodeError`` and the errors of the rooms, when it cannot start or a part of it fails.
    public static func run(
        _ configuration: NodeConfiguration,
        logger: Logger = Logger(label: "kontor"),
        version: String = "0.1.0",
        handlesSignals: Bool = true,
        announce: @escaping @Sendable (String) -> Void = Node.printToStandardError,
        onReady: @escaping @Sendable (RunningNode) async -> Void = { _ in }
    ) async throws {
        if configuration.isPublic {
            let missing = OperatorPages(directory: configuration.file("pages")).missing
            guard missing.isEmpty else { throw NodeError.missingPages(missing) }
        }
        // Nobody takes an exercise for the real thing: without its banner it does not start.
        if !configuration.exerciseData, try FileOperations.live.statusAt(configuration.file(exerciseMark)) != nil {
            throw NodeError.exerciseDirectory(configuration.dataDirectory)
        }
        let lock = try DirectoryLock(directory: configuration.dataDirectory)
        defer { withExtendedLifetime(lock) {} }
        let threads = NIOThreadPool(numberOfThreads: max(4, System.coreCount))
        threads.start()
        let database = try Database.open(path: configuration.file("kontor.db"), migrations: migrations)
        let signer = NodeSigner(configuration, threads: threads, logger: logger)
        do {
            let parts = try await NodeParts(configuration, database, signer, threads, logger, version)
            try await parts.run(handlesSignals: handlesSignals, announce: announce, onReady: onReady)
        } catch {
            try? await threads.runIfActive { signer.stop() }
            database.close()
            try? await threads.shutdownGracefully()
            throw error
        }
        try? await threads.runIfActive { signer.stop() }
        database.close()
        try? await threads.shutdownGracefully()
    }

    /// Writes one line to standard error, whatever the log is set to.
    public static let printToStandardError: @Sendable (String) -> Void = { line in
        _ = Array((line + "\n").utf8).withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
}
