// SPDX-License-Identifier: EUPL-1.2

import API
import Accounts
import Assessment
import Attesting
import Audit
import Blobs
import Criteria
import Database
import Directory
import DurableFiles
import Glibc
import Inventory
import Keys
import Logging
import Mail
import NIOCore
import NIOPosix
import Notices
import Portal
import Products
import ProjectRegister
import PullRecords
import Registry
import RegistryHTTP
import Releases
import Situation
import Syslog
import Time
import Transparency
import Triage
import Trust
import Vulnerabilities
import Webhooks

/// The rooms of one node, made in the order in which they need each other.
struct NodeParts: Sendable {
    let configuration: NodeConfiguration
    let logger: Logger
    let database: Database
    let registry: Registry
    let accounts: Accounts
    let feeds: FeedStore
    let assessment: AssessmentService
    let products: Products
    let directory: DirectoryIndexer
    let projectRegister: ProjectRegister
    let queue: JobQueue
    let runner: JobRunner
    /// Reads repositories of registered projects.
    let projectRunner: JobRunner
    /// Signs what is said about images.
    let attester: JobRunner
    let log: CurrentLog
    let keeper: LogKeeper
    let releases: Releases
    let attesting: Attesting
    let metrics = NodeMetrics()
    let pulls: PullRecords
    /// What retention may rest on: pulls up to this moment.
    let knowledge: @Sendable () async throws -> PullKnowledge
    let certificates: TLSCertificates?
    let forwarder: AuditForwarder?
    let sender: NoticeSender
    let responder: NodeResponder
    let adminSecret: AdminSecret?
    let address: OwnAddress

    init(
        _ configuration: NodeConfiguration,
        _ database: Database,
        _ signer: NodeSigner,
        _ threads: NIOThreadPool,
        _ logger: Logger,
        _ version: String
    ) async throws {
        self.configuration = configuration
        self.logger = logger
        self.database = database
        // Starting a process and making the first keys takes its time: the rest of the start goes on meanwhile.
        async let keys = signer.ask()
        let clock = configuration.clock
        let files = FileOperations.live
        let wake = Wake()
        let blobs = BlobStore(directory: configuration.file("blobs"), files: files, threads: threads)
        registry = Registry(
            database: database,
            blobs: blobs,
            clock: clock,
            limits: configuration.registryLimits,
            whenQueued: { wake.notify() }
        )
        let recovered = try await registry.recover()
        if recovered != RecoveryReport() {
            logger.notice(
                "cleaned up after the last run",
                metadata: [
                    "removedFiles": "\(recovered.removedFiles)", "expiredUploads": "\(recovered.expiredUploads)",
                    "failures": "\(recovered.failures)",
                ]
            )
        }
        var patience = RetryPolicy()
        // About a quarter of an hour: what an image is to blame for ends as its verdict after three attempts, so what fails here is the machine's
        // fault (no descriptors, no memory), and a verdict must not be lost to that.
        patience.maximumAttempts = 12
        queue = JobQueue(database: database, clock: clock, policy: patience)
        // The lock on the directory says that no other process works on these jobs.
        _ = try await queue.recover()
        _ = try await queue.reviveAll()
        var rights = Accounts.Settings()
        rights.anonymousPull = configuration.anonymousPull
        rights.passwordLogRounds = configuration.passwordLogRounds
        accounts = Accounts(database: database, clock: clock, settings: rights)
        adminSecret = try await accounts.bootstrap(dataDirectory: configuration.dataDirectory)
        let log = CurrentLog()
        self.log = log
        keeper = LogKeeper(
            parts: NodeLog(
                configuration: configuration,
                signer: signer.client,
                accounts: accounts,
                database: database,
                threads: threads,
                logger: logger
            ),
            signer: signer,
            log: log,
            logger: logger,
            whenBack: { [queue] in
                if (try? await queue.reviveAll()) ?? 0 > 0 { wake.notify() }
            }
        )
        if let keys = await keys { try await keeper.open(keys) }
        feeds = FeedStore(directory: configuration.file("feeds"), files: files, clock: clock)
        let catalogue = try Catalogue.embedded()
        let scratch = configuration.file("tmp")
        _ = try files.makeDirectories(scratch, mode: 0o700)
        let documents = DocumentStore(directory: configuration.file("documents"), files: files)
        let address = OwnAddress(configuration)
        self.address = address
        let releases = Releases(
            database: database,
            registry: registry,
            accounts: accounts,
            signer: signer.client,
            log: { log.value },
            authority: { address.authority },
            clock: clock,
            whenQueued: { wake.notify() }
        )
        self.releases = releases
        let known = KnownKeys(await keys, signer.client)
        let authorities: @Sendable () throws -> [String] = {
            guard let own = address.authority else {
                if address.isPending { throw JobFailure("the node does not listen yet", isRetryable: true) }
                return configuration.standsInFor.sorted()
            }
            return [own] + configuration.standsInFor.filter { $0 != own }.sorted()
        }
        let trust = Trust(
            database: database,
            registry: registry,
            accounts: accounts,
            releases: releases,
            nodeKeys: { await known.current() },
            authorities: authorities,
            clock: clock
        )
        var judging = AssessmentSettings(
            ageLimits: configuration.ageLimits,
            exerciseData: configuration.exerciseData,
            releases: try configuration.releaseCalendar(),
            version: version,
            creator: configuration.sbomCreator
        )
        judging.authorities = authorities
        judging.attests = { configuration.attests && log.value != nil }
        let directory = Directory(database: database, accounts: accounts, clock: clock)
        let projects = ProjectStandings(database: database, accounts: accounts, clock: clock)
        assessment = AssessmentService(
            database: database,
            registry: registry,
            blobs: blobs,
            analyser: Analyser(
                executable: configuration.analyserExecutable,
                temporaryDirectory: scratch,
                records: LayerRecordStore(directory: configuration.file("layers"), files: files),
                log: { [logger] line in logger.info("analyser", metadata: ["said": "\(line)"]) }
            ),
            feeds: feeds,
            documents: documents,
            catalogue: catalogue,
            clock: clock,
            settings: judging,
            signed: { try await AttachedEvidence(trust.attached(to: $0, in: $1, within: $2), in: $1) },
            mayKnow: { [accounts] t, other, own in
                try accounts.mayBeKnown(other, to: own, in: t, at: clock.now())
            },
            projects: { try await projects.projects(at: $0, toldIn: $1) },
            reuse: { try await directory.reuse(of: $0) },
            logger: logger
        )
        try await assessment.start()
        products = Products(
            database: database,
            accounts: accounts,
            assessment: assessment,
            documents: DocumentStore(directory: configuration.file("bills"), files: files),
            clock: clock
        )
        self.directory = DirectoryIndexer(
            directory: directory,
            registry: registry,
            assessment: assessment,
            products: products,
            logger: logger
        )
        let projectWake = Wake()
        projectRegister = ProjectRegister(
            database: database,
            accounts: accounts,
            directory: directory,
            settings: ProjectRegisterSettings(rules: configuration.projectRules),
            checker: ProjectCheckChild.checker(
                executable: configuration.analyserExecutable,
                directory: configuration.file("projects"),
                feeds: configuration.file("feeds"),
                ageLimits: configuration.ageLimits,
                plainHTTP: configuration.projectRules.plainHTTP,
                log: { [logger] line in logger.info("project", metadata: ["said": "\(line)"]) }
            ),
            clock: clock,
            whenQueued: { projectWake.notify() }
        )
        var reading = JobRunner.Settings()
        // Each waits for the network and for git: no assessment stands behind that.
        reading.concurrency = 2
        projectRunner = JobRunner(queue: queue, handlers: projectRegister.jobs, settings: reading, logger: logger)
        projectWake.connect(projectRunner)
        var settings = JobRunner.Settings()
        settings.concurrency = configuration.concurrentAssessments
        let statements = Statements(database: database, clock: clock)
        let triage = Triage(
            database: database,
            registry: registry,
            accounts: accounts,
            statements: statements,
            clock: clock,
            assessment: assessment
        )
        let approvals = Approvals(
            database: database,
            registry: registry,
            accounts: accounts,
            signer: signer.client,
            authority: { address.authority },
            clock: clock
        )
        let attesterWake = Wake()
        attesting = Attesting(
            database: database,
            registry: registry,
            accounts: accounts,
            assessment: assessment,
            catalogue: catalogue,
            signer: signer.client,
            log: { log.value },
            address: {
                guard let url = address.url, let authority = address.authority else { return nil }
                return Attesting.Address(url: url, authority: authority)
            },
            version: version,
            clock: clock,
            whenQueued: { attesterWake.notify() }
        )
        var pace = JobRunner.Settings()
        // Most of the time each waits for the log, and those that wait together are in one batch of it: no assessment stands behind that.
        pace.concurrency = 8
        pace.poll = .milliseconds(500)
        attester = JobRunner(queue: queue, handlers: attesting.jobs, settings: pace, logger: logger)
        attesterWake.connect(attester)
        runner = JobRunner(
            queue: queue,
            handlers: assessment.jobs.merging(triage.jobs) { own, _ in own }.merging(releases.jobs) { own, _ in own }
                .merging(trust.jobs) { own, _ in own }.merging(self.directory.jobs) { own, _ in own },
            settings: settings,
            logger: logger
        )
        wake.connect(runner)
        let pulls = PullRecords(database: database)
        self.pulls = pulls
        let retention = configuration.pullRetention
        let knowledge: @Sendable () async throws -> PullKnowledge = {
            // The last second counts too: what was pulled in it stays.
            try await pulls.flush()
            return PullKnowledge(
                recordedSince: try await pulls.recordedSince(now: clock.now(), retention: retention),
                lastPull: { try PullRecords.lastPull($0, $1, $2) }
            )
        }
        self.knowledge = knowledge
        certificates = try configuration.tls.map {
            try TLSCertificates(certificateFile: $0.certificateFile, keyFile: $0.keyFile, logger: logger)
        }
        forwarder = try configuration.syslog.map {
            AuditForwarder(
                export: AuditExport(name: "syslog", database: database, clock: clock),
                format: AuditSyslogFormat(hostname: configuration.name, processID: getpid()),
                sink: .syslog(try SyslogSender($0)),
                logger: logger
            )
        }
        let registryResponder = RegistryResponder(
            registry: registry,
            accounts: accounts,
            tokens: RegistryTokens(issuer: configuration.name, audience: configuration.name, clock: clock),
            settings: RegistryHTTPSettings(
                realm: configuration.name,
                tokenRealm: { address.url.map { $0 + TokenResponder.path } },
                standsFor: { configuration.standsInFor.contains($0) || address.authority == $0 },
                imagePage: { repository, digest in address.url.map { "\($0)/images/\(repository)@\(digest)" } },
                usesSendFile: configuration.usesSendFile && configuration.tls == nil
            ),
            onPull: { pulls.note($0, $1, by: $2, at: clock.now()) },
            firstPull: { try await pulls.firstPull(of: $1, from: $0, by: $2) },
            signatures: { try await trust.openPGPSignatures($0, $1) },
            keepSignature: { try await trust.keep(signature: $2, of: $1, in: $0, by: $3) },
            logger: logger
        )
        let situation = Situation(
            database: database,
            registry: registry,
            pulls: pulls,
            documents: documents,
            snapshot: { [feeds] in try feeds.current()?.id },
            clock: clock
        )
        var telling = NoticeSettings(
            node: configuration.name,
            answerLink: configuration.answerLink,
            from: configuration.mail?.from,
            fromName: configuration.name,
            webhookRules: configuration.webhookRules
        )
        telling.poll = .milliseconds(200)
        let post = try configuration.mail.map { try SMTPSender($0.settings) }
        let hooks = try WebhookSender(
            WebhookSettings(rules: configuration.webhookRules)
        )
        var mail: NoticeSender.SendMail?
        if let post { mail = { message in try await post.send(message) } }
        let webhook: NoticeSender.SendWebhook = { message, url, secrets in
            try await hooks.send(message, to: url, secrets: secrets)
        }
        sender = NoticeSender(
            database: database,
            settings: telling,
            mail: mail,
            webhook: webhook,
            clock: clock,
            logger: logger
        )
        responder = NodeResponder(
            registry: registryResponder,
            tokens: TokenResponder(registryResponder),
            pages: try PageRoutes(
                configuration: configuration,
                queries: ImageQueries(registry: registry, assessment: assessment, feeds: feeds),
                accounts: accounts,
                registry: registry,
                pulls: pulls,
                situation: situation,
                statements: statements,
                triage: triage,
                ownAdvisories: OwnAdvisories(database: database, clock: clock),
                products: products,
                notices: Notices(
                    database: database,
                    accounts: accounts,
                    situation: situation,
                    pulls: pulls,
                    settings: telling,
                    clock: clock
                ),
                directory: directory,
                projects: projectRegister,
                inspection: NodeInspection(
                    queue: queue,
                    feeds: feeds,
                    ageLimits: configuration.ageLimits,
                    log: { log.value },
                    dataDirectory: configuration.dataDirectory,
                    clock: clock,
                    remark: { signer.remark }
                ),
                releases: releases,
                approvals: approvals,
                log: { log.value },
                attesting: attesting,
                trust: trust,
                knowledge: knowledge,
                database: database,
                threads: threads
            ).responder(catalogue, version: version),
            status: NodeStatus(
                database: database,
                queue: queue,
                registry: registry,
                metrics: metrics,
                feeds: feeds,
                ageLimits: configuration.ageLimits,
                clock: clock,
                unreadiness: { [database, logger] in await Self.unreadiness(of: database, logger) },
                remark: { [keeper] in await keeper.remark }
            ),
            metrics: metrics,
            rate: configuration.requestsPerSecond.map {
                RequestRate(perSecond: $0, burst: $0 * 10, countsLoopback: configuration.countsLoopback)
            },
            logger: logger
        )
    }

    private static let aliveness = Statement("node.alive", "SELECT 1")

    private static func unreadiness(of database: Database, _ logger: Logger) async -> String? {
        do {
            _ = try await database.read { t in try t.first(aliveness) }
            return nil
        } catch {
            // The cause names paths: it is for the log.
            logger.error("not ready: \(error)")
            return "the database does not answer; the node's log says why"
        }
    }
}
