// SPDX-License-Identifier: EUPL-1.2

package import Accounts
package import Advisories
package import Assessment
package import Audit
package import Blobs
package import Criteria
package import Database
import DurableFiles
import Foundation
package import Inventory
import JSON
import Logging
import NIOCore
import NIOPosix
package import OCI
import Products
import PullRecords
package import Registry
package import SBOM
import Synchronization
package import TestKit
package import Time
package import Vulnerabilities

/// What a test wants the analyser to have seen, and how often it was asked.
package final class FakeAnalyser: Sendable {
    package typealias Look = @Sendable (Int) async throws -> ImageEvidence
    private let state: Mutex<(calls: Int, look: Look)>

    package init(_ look: @escaping Look) { state = Mutex((0, look)) }

    package convenience init(_ evidence: ImageEvidence) { self.init { _ in evidence } }

    package var calls: Int { state.withLock { $0.calls } }

    package func becomes(_ look: @escaping Look) { state.withLock { $0.look = look } }

    package func becomes(_ evidence: ImageEvidence) { becomes { _ in evidence } }

    package var analysis: AssessmentService.Analysis {
        { _ in
            let (call, look) = self.state.withLock { state in
                state.calls += 1
                return (state.calls, state.look)
            }
            return try await look(call)
        }
    }
}

/// The rooms below assessment, composed as in a node, on 2026-11-22.
package final class NodeFixture: Sendable {
    package static let start = Timestamp(rfc3339: "2026-11-22T09:00:00Z") ?? Timestamp(seconds: 0)
    package static let migrations =
        AuditSchema.migrations + AccountsSchema.migrations + JobSchema.migrations + RegistrySchema.migrations
        + PullRecordsSchema.migrations + AssessmentSchema.migrations
        + StatementsSchema.migrations + OwnAdvisoriesSchema.migrations + ProductsSchema.migrations

    package let directory: TemporaryDirectory
    package let database: Database
    package let blobs: BlobStore
    package let registry: Registry
    package let feeds: FeedStore
    package let analyser: FakeAnalyser
    package let time = ManualClock(start)
    package let account = Account(id: 1, name: "admin", isAdmin: true)

    /// - Parameter further: tables of the rooms above.
    package init(_ evidence: ImageEvidence = NodeFixture.evidence([]), further: [Migration] = []) throws {
        directory = try TemporaryDirectory("assessment")
        database = try Database.open(path: directory.file("kontor.db"), migrations: Self.migrations + further)
        blobs = BlobStore(directory: directory.file("blobs"), threads: .singleton)
        registry = Registry(database: database, blobs: blobs, clock: time.clock)
        feeds = FeedStore(directory: directory.file("feeds"), clock: time.clock)
        analyser = FakeAnalyser(evidence)
    }

    deinit { database.close() }

    package var queue: JobQueue { JobQueue(database: database, clock: time.clock) }

    package func service(
        _ settings: AssessmentSettings = AssessmentSettings(),
        analyse: AssessmentService.Analysis? = nil,
        signed: AssessmentService.SignedReading? = nil,
        projects: AssessmentService.ProjectReading? = nil,
        reuse: AssessmentService.ReuseReading? = nil
    ) throws -> AssessmentService {
        var quiet = Logger(label: "test")
        quiet.logLevel = .critical
        return AssessmentService(
            database: database,
            registry: registry,
            blobs: blobs,
            analyse: analyse ?? analyser.analysis,
            feeds: feeds,
            documents: DocumentStore(directory: directory.file("documents")),
            catalogue: try .embedded(),
            clock: time.clock,
            settings: settings,
            signed: signed,
            projects: projects,
            reuse: reuse,
            logger: quiet
        )
    }

    /// Pushes an image as a client does, blobs first.
    @discardableResult
    package func push(_ image: BuiltImage, to repository: String, tag: String = "latest") async throws -> Digest {
        let name = try RepositoryName(parsing: repository)
        for blob in image.blobs {
            let upload = try await registry.beginMonolithicUpload(in: name, by: account)
            try await upload.append(ByteBuffer(bytes: blob.bytes))
            try await registry.finish(upload, as: blob.digest, by: account)
        }
        return try await put(image.manifest, image.mediaType, to: repository, tag: tag)
    }

    @discardableResult
    package func put(_ manifest: [UInt8], _ mediaType: String, to repository: String, tag: String?) async throws
        -> Digest
    {
        let digest = Digest.sha256(manifest)
        let reference: ManifestReference = try tag.map { .tag(try Tag(parsing: $0)) } ?? .digest(digest)
        return try await registry.putManifest(
            manifest,
            contentType: mediaType,
            to: try RepositoryName(parsing: repository),
            at: reference,
            by: account
        ).digest
    }

    /// Does everything that is due; returns the subjects in order, with what went wrong.
    @discardableResult
    package func work(_ service: AssessmentService) async throws -> [String] {
        var done: [String] = []
        while let job = try await queue.claim(kinds: service.jobs.keys.sorted(), lease: .seconds(15)) {
            do {
                try await service.assess(job)
                done.append(job.subject)
            } catch {
                let retryable = (error as? JobFailure)?.isRetryable ?? true
                try await queue.fail(job, error: "\(error)", retryable: retryable)
                done.append("\(job.subject) failed")
            }
        }
        return done
    }

    package func importing(_ files: [String: String], asOf: String = "2026-11-21") async throws {
        let folder = "in-\(UInt64.random(in: .min ... .max))"
        for (name, text) in files { try directory.write(Array(text.utf8), to: folder + "/" + name) }
        let report = try await feeds.importFeeds(paths: [directory.file(folder)], asOf: Timestamp(date: asOf))
        guard report.failed.isEmpty else { throw JobFailure("\(report.failed)", isRetryable: false) }
    }

    /// Integrates the switch that happened since the last one, as the node's watcher does.
    @discardableResult
    package func follow(_ service: AssessmentService) async throws -> Int? {
        let known = try await service.lastSwitch()?.snapshot
        guard let difference = try await SnapshotWatcher(feeds: feeds).difference(since: known) else { return nil }
        return try await service.integrate(difference)
    }

    package func ready(_ service: AssessmentService, _ repository: String, _ digest: Digest) async throws
        -> StoredVerdict?
    {
        guard
            case .ready(let stored) = try await service.verdict(
                repository: try .init(parsing: repository),
                digest: digest
            )
        else { return nil }
        return stored
    }

    // MARK: - Images and feeds

    /// A different small image for each label.
    package static func image(_ label: String) -> BuiltImage {
        var builder = ImageBuilder()
        builder.labels = ["test": label]
        builder.layer { tar in tar.file("etc/label", text: label) }
        return builder.built()
    }

    package static let bookworm = Distribution(id: "debian", versionID: "12", codename: "bookworm")

    package static func evidence(_ packages: [(name: String, version: String)]) -> ImageEvidence {
        ImageEvidence(
            distribution: bookworm,
            components: packages.map { package in
                Component(
                    ecosystem: "deb",
                    distribution: bookworm,
                    name: package.name,
                    version: package.version,
                    sourceName: package.name,
                    sourceVersion: package.version,
                    architecture: "amd64"
                )
            },
            secrets: SecretEvidence(bytesScanned: 1, complete: true)
        )
    }

    package static func tracker(_ fixes: [(source: String, id: String, fixed: String)]) -> String {
        let sources = Dictionary(grouping: fixes, by: \.source).sorted { $0.key < $1.key }
        let members = sources.map { source, fixes in
            let issues = fixes.map { fix in
                """
                "\(fix.id)":{"releases":{"bookworm":{"fixed_version":"\(fix.fixed)","status":"resolved","urgency":"high"}}}
                """
            }
            return "\"\(source)\":{\(issues.joined(separator: ","))}"
        }
        return "{\(members.joined(separator: ","))}"
    }

    package static func kev(_ ids: [String], released: String = "2026-11-20") -> String {
        let entries = ids.map { id in
            """
            {"cveID":"\(id)","vulnerabilityName":"n","dateAdded":"\(released)","requiredAction":"a","dueDate":"",\
            "knownRansomwareCampaignUse":"Unknown"}
            """
        }
        return """
            {"catalogVersion":"1","dateReleased":"\(released)T00:00:00Z","count":\(ids.count),\
            "vulnerabilities":[\(entries.joined(separator: ","))]}
            """
    }
}
