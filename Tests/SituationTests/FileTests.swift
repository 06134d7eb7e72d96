// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Advisories
import Assessment
import AssessmentTestKit
import Criteria
import Database
import JSON
import OCI
import PullRecords
import Registry
import Situation
import TestKit
import Testing
import Time
import Vulnerabilities

/// A node whose images hold files.
struct FileWorld {
    let node: NodeFixture
    let assessment: AssessmentService
    let situation: Situation
    let advisories: OwnAdvisories

    init() throws {
        node = try NodeFixture()
        assessment = try node.service()
        let feeds = node.feeds
        situation = Situation(
            database: node.database,
            registry: node.registry,
            pulls: PullRecords(database: node.database),
            documents: DocumentStore(directory: node.directory.file("documents")),
            snapshot: { try feeds.current()?.id },
            clock: node.time.clock
        )
        advisories = OwnAdvisories(database: node.database, clock: node.time.clock)
    }

    static func hash(_ text: String) -> Digest { .sha256(Array(text.utf8)) }

    /// A layer of files, each path with its text; `-` before a path: hidden.
    static func layer(_ files: KeyValuePairs<String, String>) -> LayerFiles {
        let entries = files.map { path, text in
            let isVisible = path.first != "-"
            let entry = FileEntry(
                path: isVisible ? path : String(path.dropFirst()),
                kind: .file,
                mode: 0o644,
                userID: 0,
                groupID: 0,
                size: Int64(text.utf8.count),
                sha256: FileHash(hash(text))
            )
            return (entry: entry, isVisible: isVisible)
        }
        return LayerFiles(entries.sorted { $0.entry.path.utf8.lexicographicallyPrecedes($1.entry.path.utf8) })
    }

    @discardableResult
    func push(_ repository: String, _ label: String, _ manifest: FileManifest?) async throws -> Digest {
        node.analyser.becomes { _ in
            var evidence = NodeFixture.evidence([("openssl", "3.0.1")])
            evidence.manifest = manifest
            return evidence
        }
        let digest = try await node.push(NodeFixture.image(label), to: repository, tag: "1.0")
        try await drain()
        return digest
    }

    func drain() async throws {
        while let job = try await node.queue.claim(kinds: assessment.jobs.keys.sorted(), lease: .seconds(60)) {
            try await assessment.jobs[job.kind]?(job)
            _ = try await node.queue.complete(job)
        }
    }

    func ask(_ text: String, after: Int64? = nil, limit: Int = 100, _ scope: ReadScope = .everything) async throws
        -> AffectedPage
    {
        try await situation.affected(
            by: AffectedQuestion(parsing: text),
            for: .init(scope: scope, seesPulls: false),
            after: after,
            limit: limit
        )
    }

    func summary(_ text: String, _ scope: ReadScope = .everything) async throws -> AffectedSummary {
        try await situation.summary(of: AffectedQuestion(parsing: text), for: .init(scope: scope, seesPulls: false))
    }

    /// What somebody may read who has no part in the namespace that all images lie in.
    func stranger() async throws -> ReadScope {
        let accounts = Accounts(database: node.database, clock: node.time.clock)
        _ = try await accounts.bootstrap(dataDirectory: node.directory.path)
        for name in ["bund", "land"] {
            try await accounts.putOrganisation(Organisation(name: name, title: name, kind: .federal), by: node.account)
        }
        try await accounts.createNamespace("team", organisation: "land", isPublic: false, by: node.account)
        let secret = try await accounts.createPerson("anna", organisation: "bund", by: node.account)
        let anna = try await accounts.authenticate(username: "anna", password: secret)
        return try #require(try await accounts.readScope(of: anna))
    }

    func rows(_ table: Statement) async throws -> Int {
        try await node.database.read { try $0.query(table).count }
    }

    static let keys = Statement("test.keys", "SELECT key FROM file_keys")
    static let links = Statement("test.links", "SELECT image FROM list_images")
    static let runs = Statement("test.runs", "SELECT id FROM file_chunks")
}

@Suite("Who has a file") struct FileTests {
    private static let base = FileWorld.layer(["etc/os-release": "os", "usr/lib/evil.jar": "evil", "usr/lib/x": "x"])
    private static let hiding = FileWorld.layer([
        "-usr/lib/evil.jar": "evil", "etc/os-release": "os", "usr/lib/x": "x",
    ])

    private static func places(_ page: AffectedPage) -> [String] {
        page.images.flatMap { image in
            image.reasons.map { reason in
                let seen = reason.position?.isVisible.map { $0 ? "visible" : "hidden" } ?? "-"
                return "\(image.repository.text) \(reason.name) \(reason.position?.layer ?? -1) \(seen)"
            }
        }
    }

    @Test("a hash and a path lead to every image that holds the file, also where a later layer hides it")
    func found() async throws {
        let world = try FileWorld()
        let app = FileWorld.layer(["app/main": "main 1"])
        let first = try await world.push("team/a", "a", FileManifest(layers: [Self.base, app]))
        let removes = FileWorld.layer(["app/main": "main 2", "app/twin": "evil"])
        try await world.push("team/b", "b", FileManifest(layers: [Self.hiding, removes]))
        try await world.push("team/c", "c", FileManifest(layers: [app]))
        let expected = [
            "team/a /usr/lib/evil.jar 0 visible", "team/b /usr/lib/evil.jar 0 hidden", "team/b /app/twin 1 visible",
        ]
        let hash = FileWorld.hash("evil")
        // A digest by itself that no image has is a file's, and the answer says so.
        for text in [hash.description, "file:\(hash)", "file:" + hash.hex.uppercased()] {
            let page = try await world.ask(text)
            #expect(Self.places(page).sorted() == expected.sorted())
            #expect(page.question.text == "file:\(hash)")
            #expect(page.images.allSatisfy { $0.isAffected && $0.reasons.allSatisfy { $0.version == "\(hash)" } })
        }
        let byPath = try await world.ask("path:/usr//lib/./evil.jar")
        #expect(Self.places(byPath) == Array(expected.prefix(2)))
        #expect(byPath.question.text == "path:/usr/lib/evil.jar")
        #expect(try await world.ask("path:/app/main").images.map(\.repository.text) == ["team/a", "team/b", "team/c"])
        #expect(try await world.ask("path:/app").images.isEmpty)
        #expect(try await world.ask("file:\(FileWorld.hash("nothing"))").images.isEmpty)
        // An image stays an image.
        let image = try await world.ask(first.description)
        #expect(image.images.map(\.digest) == [first] && image.question.text == first.description)
        #expect(try await world.ask("file:\(first)").images.isEmpty)
        let reason = try #require(byPath.images.last?.reasons.first)
        #expect(reason.json["file"] == ["layer": 0, "visible": false])
        #expect(reason.purl == "pkg:generic/evil.jar?checksum=\(hash)")
        #expect(AffectedCSV.lines(of: byPath).contains(",0,no,image,,,\r\n"))
        #expect(try await world.summary("path:/usr/lib/evil.jar").images == 2)
    }

    @Test("pages of an answer hold every image once, and what may not be read is in none")
    func pages() async throws {
        let world = try FileWorld()
        var digests: [Digest] = []
        for index in 0..<7 {
            let own = FileWorld.layer(["app/\(index)": "\(index)"])
            digests.append(
                try await world.push("team/\(index)", "\(index)", FileManifest(layers: [Self.base, own]))
            )
        }
        var found: [Digest] = []
        var after: Int64?
        repeat {
            let page = try await world.ask("path:/usr/lib/x", after: after, limit: 2)
            found += page.images.map(\.digest)
            after = page.next
        } while after != nil && found.count < 20
        #expect(found == digests)
        let nobody = try await world.stranger()
        #expect(try await world.ask("path:/usr/lib/x", nobody).images.isEmpty)
        // Whether somebody else has an image of that digest is nothing that the way the question is taken may tell.
        #expect(try await world.ask(digests[0].description, nobody).question.text == "file:\(digests[0])")
        #expect(try await world.summary("path:/usr/lib/x", nobody).unlisted == 0)
    }

    @Test("images whose files are not all listed are counted beside the answer")
    func unlisted() async throws {
        let world = try FileWorld()
        try await world.push("team/whole", "a", FileManifest(layers: [Self.base]))
        try await world.push("team/none", "b", nil)
        try await world.push("team/cut", "c", FileManifest(layers: [Self.base], omitted: 3))
        try await world.push("team/unhashed", "d", FileManifest(layers: [Self.base], unhashed: 1))
        let summary = try await world.summary("path:/usr/lib/x")
        #expect(summary.images == 3 && summary.unlisted == 3)
        #expect(summary.json["unlisted"] == 3)
        #expect(try await world.summary("CVE-2026-0001").unlisted == 0)
    }

    @Test("what builds share is written once, and an image that goes leaves no way to it")
    func shared() async throws {
        let world = try FileWorld()
        func build(_ changed: Int) -> LayerFiles {
            let files = (0..<3_000).map { index in
                let text = index == changed ? "changed" : "text \(index)"
                return FileEntry(
                    path: "app/node_modules/m\(index / 20)/f\(10_000 + index).js",
                    kind: .file,
                    mode: 0o644,
                    userID: 0,
                    groupID: 0,
                    size: 9,
                    sha256: FileHash(FileWorld.hash(text))
                )
            }.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
            return LayerFiles(files.map { ($0, true) })
        }
        let first = try await world.push("team/a", "1", FileManifest(layers: [Self.base, build(-1)]))
        let rows = try await world.rows(FileWorld.keys)
        #expect((6_000...6_006).contains(rows))
        try await world.push("team/a", "2", FileManifest(layers: [Self.base, build(1_500)]))
        // One run of some sixty files, each with its hash and its path.
        #expect(try await world.rows(FileWorld.keys) <= rows + 2 * 256)
        #expect(try await world.rows(FileWorld.links) == 4)
        let changed = try await world.ask("file:\(FileWorld.hash("changed"))")
        #expect(changed.images.count == 1)
        #expect(changed.images.first?.reasons.first?.name == "/app/node_modules/m75/f11500.js")
        #expect(try await world.ask("file:\(FileWorld.hash("text 1500"))").images.map(\.digest) == [first])
        // A verdict that is confirmed, and the same image elsewhere, bring no rows of files.
        try await world.push("team/b", "1", nil)
        #expect(try await world.ask("file:\(FileWorld.hash("text 1500"))").images.count == 2)
        let name = try RepositoryName(parsing: "team/a")
        _ = try await world.node.registry.deleteManifest(first, in: name, by: world.node.account)
        try await world.node.database.write { transaction in
            try JobQueue.enqueue(
                transaction,
                kind: AssessmentService.assessJob,
                subject: Registry.assessmentSubject(name, first),
                priority: .push,
                now: NodeFixture.start
            )
        }
        try await world.drain()
        let left = try await world.ask("file:\(FileWorld.hash("text 1500"))")
        #expect(left.images.map(\.repository.text) == ["team/b"])
    }

    @Test("where the lists' documents are gone the index still answers, and says that it is not certain")
    func lost() async throws {
        let world = try FileWorld()
        try await world.push("team/a", "a", FileManifest(layers: [Self.base]))
        let blind = Situation(
            database: world.node.database,
            registry: world.node.registry,
            pulls: PullRecords(database: world.node.database),
            snapshot: { nil },
            clock: world.node.time.clock
        )
        let hash = FileWorld.hash("evil")
        let reader = Situation.Reader(scope: .everything, seesPulls: false)
        let page = try await blind.affected(by: .file(hash), for: reader)
        let reason = try #require(page.images.first?.reasons.first)
        #expect(!reason.isCertain && reason.version == hash.description && reason.position?.isVisible == nil)
    }

    @Test(
        "what is no file is refused with a hint",
        arguments: [
            "file:", "file:sha256:abc", "file:sha512:" + String(repeating: "ab", count: 64), "path:", "path:etc/x",
            "path:/", "path:/etc/", "path:/opt/*", "path:/..", "path:/a\u{0}b",
            "path:/" + String(repeating: "a", count: 1100),
        ]
    )
    func refused(text: String) {
        #expect(throws: AffectedQuestionError.self) { try AffectedQuestion(parsing: text) }
    }
}
