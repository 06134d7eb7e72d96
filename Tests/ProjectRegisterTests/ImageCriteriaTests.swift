// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import AssessmentTestKit
import Criteria
import Database
import Directory
import JSON
import OCI
import Products
import ProjectCriteria
import ProjectRegister
import Registry
import SBOM
import Synchronization
import TestKit
import Testing
import Time

/// What happens between an answer of the register and the verdict that rests on it; once.
private final class Pause: Sendable {
    private let body = Mutex<(@Sendable () async throws -> Void)?>(nil)

    func whenAsked(_ body: @escaping @Sendable () async throws -> Void) { self.body.withLock { $0 = body } }

    func happens() async throws {
        let body = body.withLock { body in
            defer { body = nil }
            return body
        }
        try await body?()
    }
}

/// Images beside the register of projects, assessed as in a node.
private struct ImageScene {
    static let revision = String(repeating: "0123456789", count: 4)

    let scene: Scene
    let register: ProjectRegister
    let service: AssessmentService
    let indexer: DirectoryIndexer
    let source: String
    let isLabelled: Bool
    let pause = Pause()

    /// - Parameter source: what images name as their source where `isLabelled`; provenance too, with ``revision``, where `isAttested`.
    init(source: String, isAttested: Bool = true, isLabelled: Bool = true) async throws {
        scene = try await Scene()
        register = try scene.register()
        self.source = source
        self.isLabelled = isLabelled
        let node = scene.node
        var evidence = NodeFixture.evidence([])
        evidence.annotations = ["org.opencontainers.image.base.name": "scratch"]
        if isLabelled {
            evidence.annotations["org.opencontainers.image.source"] = source
            evidence.annotations["org.opencontainers.image.revision"] = Self.revision
        }
        node.analyser.becomes(evidence)
        var suppliers = SupplierEvidence()
        if isAttested {
            suppliers.provenance = [
                AttestedProvenance(
                    signer: "platform",
                    predicateType: "https://slsa.dev/provenance/v1",
                    builder: "https://build.example.org/v1",
                    buildType: "https://build.example.org/type/v1",
                    level: 3,
                    unexpected: [],
                    source: "git+\(source).git@refs/tags/1.0",
                    revision: Self.revision
                )
            ]
        }
        let signature = FoundSignature(
            form: .cosign,
            source: "sha256:1",
            proof: SignatureProof(signer: EvidenceSigner(name: "platform", fingerprint: "sha256:2"), isAccepted: true)
        )
        let attached = AttachedEvidence(
            signed: SignedEvidence(trust: .inForce(revision: 1, threshold: 1), signatures: [signature]),
            suppliers: suppliers
        )
        let standings = ProjectStandings(database: node.database, accounts: scene.accounts, clock: node.time.clock)
        service = try node.service(
            signed: { _, _, _ in attached },
            projects: { [pause] in
                let told = try await standings.projects(at: $0, toldIn: $1)
                try await pause.happens()
                return told
            }
        )
        indexer = DirectoryIndexer(
            directory: scene.directory,
            registry: node.registry,
            assessment: service,
            products: Products(
                database: node.database,
                accounts: scene.accounts,
                assessment: service,
                documents: DocumentStore(directory: node.directory.file("bills")),
                clock: node.time.clock
            )
        )
    }

    func push(_ repository: String, tag: String = "1.0") async throws -> Digest {
        var builder = ImageBuilder()
        if isLabelled { builder.labels = ["org.opencontainers.image.source": source] }
        builder.layer { tar in tar.file("etc/name", text: repository) }
        return try await scene.node.push(builder.built(), to: repository, tag: tag)
    }

    /// Registers a project that is not read; what was read is recorded.
    func project(_ name: String, _ visibility: RegisteredProject.Visibility) async throws -> RegisteredProject {
        try await register.register(
            ProjectRegistration(name: name, url: source, visibility: visibility),
            checking: false,
            by: scene.admin
        ).project
    }

    func record(_ read: ReadSource?, of project: RegisteredProject) async throws {
        let assessment = ProjectAssessment(verdicts: [], source: read)
        try await register.record(assessment, for: project.id, at: scene.node.time.clock.now())
    }

    func read(
        _ security: Level = .silver,
        _ protection: Known<Bool> = .known(true),
        revisions: [String] = [ImageScene.revision]
    ) -> ReadSource {
        ReadSource(
            address: source,
            readAt: scene.node.time.clock.now(),
            security: security,
            atMost: security,
            branch: "main",
            protection: protection,
            revisions: revisions,
            securityFile: .init(path: "SECURITY.md", hasContact: true, hasPolicy: true)
        )
    }

    /// Does what a node does by itself: nothing is judged again unless somebody queued it.
    ///
    /// - Parameter waiting: whether so much time passes that all news is taken in, also what is not urgent.
    /// - Returns: images that were assessed.
    @discardableResult
    func settle(waiting: Bool = true) async throws -> Int {
        try await indexer.catchUp()
        if waiting { scene.node.time.advance(by: .seconds(Directory.judgeAgainDelay)) }
        let queue = scene.node.queue
        while let job = try await queue.claim(kinds: Array(indexer.jobs.keys), lease: .seconds(15)) {
            try await indexer.jobs[job.kind]?(job)
            try await queue.complete(job)
        }
        let count = try await scene.node.work(service).count
        try await indexer.catchUp()
        return count
    }

    func result(_ id: String, of digest: Digest, in repository: String) async throws -> CriterionResult {
        let verdict = try #require(try await scene.node.ready(service, repository, digest)).verdict()
        return try #require(verdict.criteria.first { $0.id == id })
    }
}

@Suite("What projects say about images that are built from them") struct ImageCriteriaTests {
    @Test("an image's contact is unknown until its project was read, and follows what is read")
    func contact() async throws {
        let repository = try await ServedRepository()
        let source = repository.server.url + "/tool"
        let images = try await ImageScene(source: source, isAttested: false)
        let (scene, register) = (images.scene, images.register)
        let image = try await images.push("stadt/app")
        try await images.settle()
        var contact = try await images.result("IMG-MNT-06", of: image, in: "stadt/app")
        #expect(contact.result == .unknown && contact.explanation.en.contains("may not be told of here"))

        let (project, _) = try await register.register(
            ProjectRegistration(name: "stadt/tool", url: repository.url, visibility: .everybody),
            by: scene.admin
        )
        #expect(try await scene.work(register) == 1)
        #expect(try await images.settle() == 1)
        contact = try await images.result("IMG-MNT-06", of: image, in: "stadt/app")
        #expect(contact.result == .fail && contact.explanation.en.contains("There is no SECURITY.md in \(source)"))

        let policy = "# Security\n\nWrite to security@example.org in private; we answer within five days.\n"
        try await repository.commit(["SECURITY.md": policy], at: "2026-11-20")
        try await register.recheck(project.id, by: scene.admin)
        #expect(try await scene.work(register) == 1)
        #expect(try await images.settle() == 1)
        contact = try await images.result("IMG-MNT-06", of: image, in: "stadt/app")
        #expect(contact.result == .pass && contact.explanation.en.contains("read on 2026-11-22"))
        #expect(contact.evidence.contains { $0.strength == .observed && $0.text.contains("project stadt/tool") })

        // The next day nothing is new: nothing is judged again, and the verdict holds until the reading is too old.
        scene.node.time.advance(by: .seconds(86_400))
        #expect(try await scene.work(register) == 1)
        #expect(try await scene.node.queue.claim(kinds: [Directory.judgeAgainJob], lease: .seconds(1)) == nil)

        // Where the repository lies no more, it is read for the last time on that day.
        scene.answer(.unreachable("no answer"))
        scene.node.time.advance(by: .seconds(31 * 86_400))
        try await scene.work(register)
        try await images.settle()
        contact = try await images.result("IMG-MNT-06", of: image, in: "stadt/app")
        #expect(contact.result == .unknown && contact.explanation.en.contains("last read on 2026-11-23"))
        // And when it can be read again, that is news, though nothing in it is.
        scene.answer(nil)
        scene.node.time.advance(by: .seconds(86_400))
        try await register.recheck(project.id, by: scene.admin)
        try await scene.work(register)
        try await images.settle()
        #expect(try await images.result("IMG-MNT-06", of: image, in: "stadt/app").result == .pass)

        try await register.remove(project.id, by: scene.admin)
        try await images.settle()
        #expect(try await images.result("IMG-MNT-06", of: image, in: "stadt/app").result == .unknown)
    }

    @Test("a hardened build is one from a protected branch of a project that this node judged")
    func hardened() async throws {
        let images = try await ImageScene(source: "https://git.example.org/stadt/tool")
        let image = try await images.push("stadt/app")
        func judged() async throws -> CriterionResult {
            try await images.settle()
            return try await images.result("IMG-SEC-07", of: image, in: "stadt/app")
        }
        #expect(try await judged().result == .unknown)
        let project = try await images.project("stadt/tool", .everybody)
        #expect(try await judged().result == .unknown)
        try await images.record(images.read(), of: project)
        let result = try await judged()
        #expect(result.result == .pass && result.explanation.en.contains(ImageScene.revision))

        try await images.record(images.read(.bronze), of: project)
        #expect(try await judged().result == .fail)
        var unproven = images.read(.bronze)
        unproven.atMost = .gold
        try await images.record(unproven, of: project)
        #expect(try await judged().explanation.en.contains("Bronze is proven"))
        try await images.record(images.read(revisions: ["\(String(repeating: "a", count: 40))"]), of: project)
        let other = try await judged()
        #expect(other.result == .unknown)
        #expect(other.explanation.en.contains("not among the newest 1 commits of the protected branch \"main\""))
        try await images.record(images.read(.silver, .known(false)), of: project)
        #expect(try await judged().explanation.en.contains("not protected from being rewritten"))
        let reason = LocalizedText(de: "kein Token", en: "no token")
        try await images.record(images.read(.silver, .unknown(reason)), of: project)
        #expect(try await judged().explanation.en.hasSuffix("is not known: no token."))
        // Somebody else registered the same repository, and gave the node a token: the better of what it read itself counts.
        let second = try await images.project("land/tool", .everybody)
        try await images.record(images.read(), of: second)
        #expect(try await judged().result == .pass)
        // A reading that came to nothing takes back what was known.
        try await images.record(nil, of: second)
        #expect(try await judged().explanation.en.hasSuffix("is not known: no token."))
    }

    @Test("a project that moved is one that nobody read")
    func moved() async throws {
        let images = try await ImageScene(source: "https://git.example.org/stadt/tool")
        let image = try await images.push("stadt/app")
        let project = try await images.register.register(
            ProjectRegistration(name: "stadt/tool", url: "https://git.example.org/stadt/good", visibility: .everybody),
            checking: false,
            by: images.scene.admin
        ).project
        var read = images.read()
        read.address = "https://git.example.org/stadt/good"
        try await images.record(read, of: project)
        _ = try await images.register.change(
            project.id,
            to: ProjectChange(url: "https://git.example.org/stadt/tool"),
            by: images.scene.admin
        )
        try await images.settle()
        #expect(try await images.result("IMG-SEC-07", of: image, in: "stadt/app").result == .unknown)
    }

    @Test("a project for its members is told with images of its namespace that nobody else may read, and with no other")
    func leak() async throws {
        let images = try await ImageScene(source: "https://git.example.org/land/tool")
        let (scene, node) = (images.scene, images.scene.node)
        let open = try await images.push("stadt/app")
        let closed = try await images.push("land/app")
        let hidden = try await images.project("land/tool", .members)
        let inOpen = try await images.project("stadt/tool", .members)
        for project in [hidden, inOpen] { try await images.record(images.read(), of: project) }
        try await images.settle()
        for id in ["IMG-SEC-07", "IMG-MNT-06"] {
            #expect(try await images.result(id, of: open, in: "stadt/app").result == .unknown)
            #expect(try await images.result(id, of: closed, in: "land/app").result == .pass)
        }
        func tells(_ digest: Digest, _ repository: String) async throws -> Bool {
            let stored = try #require(try await node.ready(images.service, repository, digest))
            return String(decoding: stored.json, as: UTF8.self).contains("/tool, named by project")
        }
        #expect(try await !tells(open, "stadt/app"))
        #expect(try await tells(closed, "land/app"))

        // Once strangers may read the image, it tells nothing any more.
        try await scene.accounts.setVisibility(of: "land", isPublic: true, by: scene.admin)
        try await images.indexer.catchUp()
        let job = try #require(try await node.queue.claim(kinds: [Registry.trustJob], lease: .seconds(15)))
        #expect(job.subject == "land")
        let namespace = try await node.database.read { t in try scene.accounts.namespace(t, named: "land") }
        _ = try await node.registry.reassessImages(of: #require(namespace))
        try await images.settle()
        #expect(try await images.result("IMG-SEC-07", of: closed, in: "land/app").result == .unknown)
        #expect(try await !tells(closed, "land/app"))
        // And a project that everybody may know of is told again.
        _ = try await images.register.change(hidden.id, to: ProjectChange(visibility: .everybody), by: scene.admin)
        try await images.settle()
        #expect(try await images.result("IMG-SEC-07", of: closed, in: "land/app").result == .pass)
        #expect(try await images.result("IMG-SEC-07", of: open, in: "stadt/app").result == .pass)
    }

    @Test("what only provenance names is judged again too, whichever its digest, and at once where nothing may be told")
    func withoutLabel() async throws {
        let images = try await ImageScene(source: "https://git.example.org/stadt/tool", isLabelled: false)
        let node = images.scene.node
        let old = try await images.push("stadt/app", tag: "1.0")
        var builder = ImageBuilder()
        builder.layer { tar in tar.file("etc/name", text: "newer") }
        let new = try await node.push(builder.built(), to: "stadt/app", tag: "1.0")
        let project = try await images.project("stadt/tool", .everybody)
        try await images.record(images.read(), of: project)
        // Not judged yet, they are judged by it.
        try await images.settle()
        func results() async throws -> [CriterionResult] {
            [
                try await images.result("IMG-MNT-06", of: old, in: "stadt/app"),
                try await images.result("IMG-MNT-06", of: new, in: "stadt/app"),
            ]
        }
        #expect(try await results().map(\.result) == [.pass, .pass])
        // News that is not urgent waits for more of its kind, and is one round then.
        var read = images.read()
        read.securityFile?.hasContact = false
        try await images.record(read, of: project)
        #expect(try await images.settle(waiting: false) == 0)
        read.securityFile = .init(path: nil, hasContact: false, hasPolicy: false)
        try await images.record(read, of: project)
        #expect(try await images.settle(waiting: false) == 0)
        #expect(try await images.settle() == 2)
        #expect(try await results().allSatisfy { $0.explanation.en.contains("There is no SECURITY.md") })

        try await images.record(images.read(), of: project)
        try await images.settle()
        let admin = images.scene.admin
        _ = try await images.register.change(project.id, to: ProjectChange(visibility: .members), by: admin)
        #expect(try await images.settle(waiting: false) == 2)
        #expect(try await results().map(\.result) == [.unknown, .unknown])
        for digest in [old, new] {
            let stored = try #require(try await node.ready(images.service, "stadt/app", digest))
            #expect(!String(decoding: stored.json, as: UTF8.self).contains("/tool, named by project"))
        }
        _ = try await images.register.change(project.id, to: ProjectChange(visibility: .everybody), by: admin)
        #expect(try await images.settle(waiting: false) == 2)
        #expect(try await results().map(\.result) == [.pass, .pass])
        try await images.register.remove(project.id, by: admin)
        #expect(try await images.settle(waiting: false) == 2)
        #expect(try await results().map(\.result) == [.unknown, .unknown])
    }

    @Test("an image that is judged for the first time while its project hides is judged once more")
    func race() async throws {
        let images = try await ImageScene(source: "https://git.example.org/stadt/tool", isLabelled: false)
        let (node, register, admin) = (images.scene.node, images.register, images.scene.admin)
        let project = try await images.project("stadt/tool", .everybody)
        try await images.record(images.read(), of: project)
        try await images.settle()
        let image = try await images.push("stadt/app")
        // The project hides after it was asked, and the job that follows is done before the verdict is stored.
        images.pause.whenAsked {
            _ = try await register.change(project.id, to: ProjectChange(visibility: .members), by: admin)
            let job = try #require(
                try await node.queue.claim(kinds: [Directory.judgeAgainJob], lease: .seconds(15))
            )
            #expect(job.subject == project.address)
            try await images.indexer.jobs[job.kind]?(job)
            try await node.queue.complete(job)
        }
        #expect(try await node.work(images.service).count == 2)
        #expect(try await images.result("IMG-MNT-06", of: image, in: "stadt/app").result == .unknown)
    }

    @Test("what is read is what evidence and the verdict prove, and is read back as it was")
    func reading() throws {
        let now = Timestamp(seconds: 1_795_000_000)
        var evidence = ProjectEvidence(name: "x", branch: "main", revisions: [ImageScene.revision])
        func read() throws -> ReadSource {
            let catalogue = try #require(try ProjectCatalogue.embedded(ProjectCatalogue.names[0]))
            let verdict = ProjectEvaluation.verdict(
                catalogue: catalogue,
                evidence: evidence,
                context: ProjectContext(now: now)
            )
            let address = "https://git.example.org/x"
            let read = try #require(ReadSource(evidence, [verdict], address: address, readAt: now))
            #expect(try ReadSource(json: JSONFields(read.json)) == read)
            return read
        }
        var found = try read()
        #expect(found.protection.reason == ProjectEvidence.noForge && found.security == .none)
        // SECURITY.md is missing, and is asked for at bronze.
        #expect(found.atMost == .none && found.securityFile == .init(path: nil, hasContact: false, hasPolicy: false))
        evidence.files = [ProjectFile(path: "security.md", size: 10)]
        #expect(try read().securityFile == nil)
        evidence.documents = ["security.md": "Write to security@example.org; an answer comes within two weeks."]
        found = try read()
        #expect(found.securityFile == .init(path: "security.md", hasContact: true, hasPolicy: true))
        #expect(found.security == .none && found.atMost >= .bronze)
        evidence.files = []
        evidence.filesCut = LocalizedText(de: "nichts gelesen", en: "nothing read")
        #expect(try read().securityFile == nil)
        for (isProtected, allowsForcePush) in [(true, false), (true, true), (false, false)] {
            evidence.forge = .known(
                ProjectForge(
                    name: "GitLab",
                    protection: .known(.init(isProtected: isProtected, allowsForcePush: allowsForcePush)),
                    merged: .known([]),
                    issues: .known([])
                )
            )
            #expect(try read().protection == .known(isProtected && !allowsForcePush))
        }
        #expect(ReadSource(evidence, [], address: "x", readAt: now) == nil)

        let first = try read()
        var later = first
        later.readAt = first.readAt + .seconds(24 * 86_400)
        #expect(!later.isNews(after: first))
        later.revisions = ["1"]
        // The branch is not protected: nobody is told which commits it has.
        #expect(!later.isNews(after: first))
        later.readAt = first.readAt + .seconds(25 * 86_400)
        #expect(later.isNews(after: first))
        later = first
        later.protection = .known(true)
        #expect(later.isNews(after: first))
    }
}
