// SPDX-License-Identifier: EUPL-1.2

import API
import Accounts
import Advisories
import Assessment
import Audit
import Blobs
import Criteria
import Database
import Directory
import HTTPTypes
import Hummingbird
import JSON
import Logging
import NIOCore
import NIOPosix
import Notices
import OCI
import Policies
import Portal
import Products
import ProjectRegister
import PullRecords
import Registry
import SBOM
import Situation
import Time
import Triage
import Vulnerabilities

/// What a client got.
struct Answer {
    let status: Int
    let headers: HTTPFields
    let body: String

    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    func json() throws -> JSONValue { try JSONValue(parsing: body) }
}

/// API and portal on one router, over fixed answers; no socket, no database.
struct TestSite: Sendable {
    struct Context: RequestContext {
        struct Source: RequestContextSource {
            let logger: Logger
        }
        var coreContext: CoreRequestContextStorage
        init(source: Source) { coreContext = CoreRequestContextStorage(source: source) }
    }

    struct Fault: Error {}

    /// States of images by digest; `team/app` holds them all, `latest` is the first.
    var states: [(digest: Digest, state: ImageQueries.State)] = []
    var repositories: [ImageQueries.Repository] = []
    var parts: ImageQueries.Parts?
    var versions: [ImageQueries.Version] = []
    var components: [Component]?
    var isAnonymousAllowed = true
    /// Kept from one request to the next where a test makes one; else each has its own.
    var database: Database?
    /// What the forms of the administrator's session carry; nil for a session of nobody's.
    var formToken: String?
    /// Who else signs in, with the administrator's secret.
    var people: [String: Account] = [:]
    var isBroken = false
    /// What is said of each image beside its verdict.
    var words = ImageWords.none
    /// Releases images; nil where nobody does.
    var releases: ReleaseDesk?
    var settings = Pages.Settings(
        nodeName: "testknoten",
        registryAuthority: "registry.example:5000",
        isProvisional: false
    )

    static let repository = "team/app"

    static let migrations =
        AuditSchema.migrations + AccountsSchema.migrations + JobSchema.migrations + RegistrySchema.migrations
        + AssessmentSchema.migrations + ProductsSchema.migrations + StatementsSchema.migrations
        + DirectorySchema.migrations + ProjectRegisterSchema.migrations + PoliciesSchema.migrations

    /// The register of projects over a database; its checks come to nothing.
    static func projects(_ database: Database, _ accounts: Accounts) -> ProjectRegister {
        ProjectRegister(
            database: database,
            accounts: accounts,
            directory: Directory(database: database, accounts: accounts),
            checker: ProjectChecker(check: { _ throws(ProjectCheckError) in throw .cancelled })
        )
    }

    /// Sends a form of a page, as the administrator's browser does.
    func post(_ target: String, _ form: [(String, String)]) async throws -> Answer {
        let fields = form.map { $0.0 + "=" + PercentEncoding.encode($0.1) }.joined(separator: "&")
        return try await get(
            target,
            method: .post,
            [
                .contentType: "application/x-www-form-urlencoded", .authorization: "Basic YWRtaW46Z2VoZWltOm1pdA==",
                .cookie: "kontor-session=\(String(repeating: "a", count: 52))",
            ],
            body: Array(fields.utf8)
        )
    }

    func get(
        _ target: String,
        method: HTTPRequest.Method = .get,
        _ headers: HTTPFields = [:],
        body: [UInt8] = []
    ) async throws -> Answer {
        let router = Router(context: Context.self)
        let (queries, isAnonymousAllowed, people) = (queries, isAnonymousAllowed, people)
        let access: APICaller.Access = { header, _ in
            switch Credentials(header: header) {
            case .none: isAnonymousAllowed ? APICaller(account: nil, queries: queries) : nil
            case .given("admin", "geheim:mit"):
                APICaller(account: Account(id: 1, name: "admin", isAdmin: true), queries: queries)
            case .given(let name, "geheim:mit"):
                people[name].map { APICaller(account: $0, queries: queries) }
            default: nil
            }
        }
        let database = try database ?? Database.inMemory(migrations: Self.migrations)
        var settings = Accounts.Settings()
        settings.anonymousPull = isAnonymousAllowed
        let accounts = Accounts(database: database, clock: .system, settings: settings)
        try await list(in: database)
        let blobs = BlobStore(directory: "/nowhere", threads: .singleton)
        let registry = Registry(database: database, blobs: blobs)
        let pulls = PullRecords(database: database)
        let situation = Situation(database: database, registry: registry, pulls: pulls, snapshot: { nil })
        let statements = Statements(database: database, clock: .system)
        let triage = Triage(
            database: database,
            registry: registry,
            accounts: accounts,
            statements: statements,
            clock: .system,
            verdicts: { [states] repository, digest in
                guard case .ready(let assessed)? = states.first(where: { $0.digest == digest })?.state,
                    repository.text == Self.repository
                else { return .unknownImage }
                let verdict = try assessed.verdict()
                return .ready(
                    StoredVerdict(
                        json: assessed.json,
                        level: verdict.level,
                        evaluatedAt: assessed.evaluatedAt,
                        validUntil: nil,
                        catalogueVersion: verdict.catalogueVersion,
                        snapshot: nil,
                        failure: nil
                    )
                )
            },
            bases: { _, _ in [] }
        )
        let notices = Notices(
            database: database,
            accounts: accounts,
            situation: situation,
            pulls: pulls,
            settings: NoticeSettings(node: "testknoten", answerLink: "https://node.example/notices/answer/")
        )
        let products = Products(
            database: database,
            accounts: accounts,
            assessment: AssessmentService(
                database: database,
                registry: registry,
                blobs: blobs,
                analyse: { _ in throw CancellationError() },
                feeds: FeedStore(directory: "/nowhere"),
                documents: DocumentStore(directory: "/nowhere"),
                catalogue: try .embedded()
            ),
            documents: DocumentStore(directory: "/nowhere")
        )
        APIRoutes(
            access: access,
            accounts: accounts,
            registry: registry,
            pulls: pulls,
            situation: situation,
            statements: statements,
            triage: triage,
            publication: APIRoutes.Publication(
                publisher: VEXPublisher(
                    name: "testknoten",
                    namespace: "https://registry.example:5000",
                    category: .other
                ),
                registry: "registry.example:5000"
            ),
            ownAdvisories: OwnAdvisories(database: database, clock: .system),
            products: products,
            notices: notices,
            directory: Directory(database: database, accounts: accounts),
            projects: Self.projects(database, accounts),
            database: database,
            version: "0.1.0"
        ).register(on: router)
        try PortalRoutes(
            catalogue: .embedded(),
            settings: self.settings,
            accounts: accounts,
            situation: situation,
            products: products,
            triage: triage,
            notices: notices,
            directory: Directory(database: database, accounts: accounts),
            projects: Self.projects(database, accounts),
            registry: registry,
            words: { [words] _, _ in words },
            releases: releases,
            access: { [formToken] presented in
                try await access(presented.authorization, presented.source).map {
                    Visitor(account: $0.account, queries: $0.queries, formToken: formToken)
                }
            }
        ).register(on: router)
        let request = Request(
            head: HTTPRequest(
                method: method,
                scheme: "http",
                authority: "evil.example",
                path: target,
                headerFields: headers
            ),
            body: RequestBody(buffer: ByteBuffer(bytes: body))
        )
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let context = Context(source: .init(logger: logger))
        let response = try await router.buildResponder().respond(to: request, context: context)
        let writer = Writer()
        try await response.body.write(writer)
        return Answer(
            status: response.status.code,
            headers: response.headers,
            body: String(buffer: writer.collected.buffer)
        )
    }

    /// Writes the repositories into the directory, as the node's indexer does.
    private func list(in database: Database) async throws {
        let repositories = repositories
        guard !repositories.isEmpty else { return }
        try await database.write { t in
            for repository in repositories {
                var facts = DirectoryFacts()
                facts.tag = repository.tag?.text
                facts.digest = repository.digest?.description
                var level: Level?
                if case .level(let reached) = repository.standing { level = reached }
                let entry = DirectoryEntry(
                    kind: .image,
                    name: repository.name.text,
                    audience: .readers,
                    label: repository.name.text,
                    level: level,
                    facts: facts
                )
                try Directory.put(entry, at: Sample.now, in: t)
            }
        }
    }

    private var queries: ImageQueries {
        let (states, repositories, parts, isBroken) = (states, repositories, parts, isBroken)
        let (versions, components) = (versions, components)
        return ImageQueries(
            resolve: { repository, tag in
                if isBroken { throw Fault() }
                return repository.text == Self.repository && tag.text == "latest" ? states.first?.digest : nil
            },
            standIn: { repository in
                guard repository.text == Self.repository, let first = states.first else { return nil }
                return (try Tag(parsing: "latest"), first.digest)
            },
            state: { repository, digest in
                guard repository.text == Self.repository else { return .unknownImage }
                return states.first { $0.digest == digest }?.state ?? .unknownImage
            },
            sbom: { _, _ in Array(#"{"bomFormat":"CycloneDX"}"#.utf8) },
            components: { _, _ in components },
            parts: { _, _ in parts },
            versions: { _, limit in Array(versions.prefix(limit)) },
            repositories: { part, after, limit in
                if isBroken { throw Fault() }
                let found = repositories.filter { part == nil || $0.name.text.contains(part ?? "") }
                return Array(found.filter { after == nil || $0.name.text > (after ?? "") }.prefix(limit))
            },
            feeds: { ImageQueries.Feeds(snapshot: "sha256:ab", feeds: [Sample.feed]) }
        )
    }

    /// Collects a body; one owner, the request that writes it.
    private struct Writer: ResponseBodyWriter {
        final class Collected {
            var buffer = ByteBuffer()
        }
        let collected = Collected()

        func write(_ buffer: ByteBuffer) async throws {
            var buffer = buffer
            collected.buffer.writeBuffer(&buffer)
        }

        consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
    }
}

/// Evidence and verdicts to show.
enum Sample {
    static let now = Timestamp(rfc3339: "2026-11-22T09:14:00Z") ?? Timestamp(seconds: 0)
    static let digest = Digest.sha256([1])
    static let feed = FeedState(
        name: "debian-tracker",
        kind: .distribution,
        asOf: now - .seconds(86_400),
        newestRecord: nil,
        digest: "sha256:ab",
        count: 7,
        releases: ["bookworm"]
    )

    static let kev = KEVEntry(
        id: "CVE-2026-0002",
        dateAdded: now - .seconds(864_000),
        dueDate: nil
    )

    static func finding(_ id: String, component: String = "openssl", severity: Severity = .high) -> Finding {
        Finding(
            id: id,
            componentName: component,
            componentVersion: "3.0.11-1",
            status: .affected,
            fixedIn: "3.0.17-1",
            severity: severity,
            severitySource: "debian",
            kev: nil,
            epss: nil,
            risk: 12.34,
            riskExplanation: "formula",
            evidence: FindingEvidence(
                feed: "debian-tracker",
                record: "openssl \(id)",
                rule: "deb source version 3.0.11-1 < 3.0.17-1",
                sourceName: "openssl",
                sourceVersion: "3.0.11-1"
            )
        )
    }

    /// A verdict as the evaluation makes it, of an image about which nearly nothing is known.
    static func verdict(
        name: String = "openssl",
        findings: [Finding] = [finding("CVE-2026-0001")],
        labels: [String: String] = [:],
        exercise: Bool = false
    ) throws -> Verdict {
        let component = Component(
            kind: .library,
            ecosystem: "deb",
            name: name,
            version: "3.0.11-1"
        )
        let evidence = ImageEvidence(
            digest: digest,
            configuration: ImageConfiguration(architecture: "amd64", os: "linux", user: "", labels: labels),
            distribution: nil,
            components: [component]
        )
        return Evaluation.verdict(
            catalogue: try .embedded(),
            evidence: evidence,
            assessed: Assessed(findings: findings),
            context: EvaluationContext(feeds: [feed], snapshot: "sha256:ab", now: now, exerciseData: exercise)
        )
    }

    static func ready(_ verdict: Verdict) -> ImageQueries.State {
        .ready(ImageQueries.Assessed(json: verdict.json.bytes(), evaluatedAt: verdict.evaluatedAt))
    }

    static func site(_ verdict: Verdict) -> TestSite { TestSite(states: [(digest, ready(verdict))]) }
}
