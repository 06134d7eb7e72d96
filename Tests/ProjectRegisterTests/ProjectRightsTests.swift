// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import AssessmentTestKit
import Database
import Directory
import Foundation
import OCI
import Products
import ProjectRegister
import Synchronization
import TestKit
import Testing
import Time
import Webhooks

@Suite("Who may register projects and know of them, and where they may lie") struct ProjectRightsTests {
    @Test(
        "a project for members is unknown to everybody else, also where its namespace is public; a token sees what it is for"
    )
    func visibility() async throws {
        let scene = try await Scene()
        let register = try scene.register()
        let member = try await scene.person("mia", of: "stadt", in: "stadt", .reader)
        let stranger = try await scene.person("otto", of: "land", in: "land", .maintainer)
        func make(_ name: String, _ visibility: RegisteredProject.Visibility) async throws -> RegisteredProject {
            try await register.register(
                ProjectRegistration(name: name, url: "http://127.0.0.1/\(name).git", visibility: visibility),
                checking: false,
                by: scene.admin
            ).project
        }
        let hidden = try await make("stadt/intern", .members)
        let open = try await make("stadt/offen", .everybody)
        for account in [nil, stranger] as [Account?] {
            #expect(await reason { try await register.project(hidden.id, for: account) } != nil)
            #expect(await reason { try await register.project(named: "stadt/intern", for: account) } != nil)
            #expect(try await register.projects(for: account).projects.map(\.name) == ["stadt/offen"])
            #expect(try await register.projects(at: hidden.url, for: account).isEmpty)
            let reader = try #require(try await scene.directory.reader(account))
            let page = try await scene.directory.search(.init(kind: .project), for: reader)
            #expect(page.entries.map(\.name) == ["stadt/offen"] && page.facets?.total == 1)
            #expect(try await scene.directory.entry(hidden.key, for: reader) == nil)
        }
        for account in [member, scene.admin] {
            #expect(try await register.project(hidden.id, for: account).name == "stadt/intern")
            #expect(try await register.projects(for: account).projects.count == 2)
            #expect(try await register.projects(at: hidden.address, for: account) == [hidden])
            let reader = try #require(try await scene.directory.reader(account))
            #expect(try await scene.directory.search(.init(kind: .project), for: reader).entries.count == 2)
        }
        for (scope, sees) in [("stadt/intern", true), ("stadt/anderes", false)] {
            let token = try await scene.accounts.issueToken(
                for: "mia",
                label: scope,
                scopes: [TokenScope(repositories: scope, rights: .pull)],
                life: .seconds(3_600),
                by: member
            )
            let limited = try await scene.accounts.authenticate(username: "mia", password: token.secret)
            #expect(try await register.projects(for: limited).projects.contains(hidden) == sees)
        }
        let changed = try await register.change(hidden.id, to: ProjectChange(visibility: .everybody), by: scene.admin)
        #expect(try await register.project(hidden.id, for: nil) == changed.project)
        #expect(try await register.projects(for: nil, after: "stadt/intern").projects == [open])
        let page = try await register.projects(for: nil, in: "stadt", limit: 1)
        #expect(page.projects.count == 1 && page.next == "stadt/intern")
        #expect(try await register.projects(for: nil, in: "land").projects.isEmpty)
    }

    @Test("maintainers of the namespace and operators register, change and remove; who may push has it checked")
    func rights() async throws {
        let scene = try await Scene()
        let register = try scene.register()
        let maintainer = try await scene.person("mona", of: "stadt", in: "stadt", .maintainer)
        let publisher = try await scene.person("paul", of: "stadt", in: "stadt", .publisher)
        let reader = try await scene.person("rosa", of: "stadt", in: "stadt", .reader)
        let registration = ProjectRegistration(
            name: "stadt/tool",
            url: "http://127.0.0.1/tool.git",
            forgeToken: "glpat-1"
        )
        for account in [publisher, reader] {
            #expect(await reason { try await register.register(registration, by: account) } != nil)
        }
        #expect(
            await reason {
                try await register.register(ProjectRegistration(name: "land/x", url: registration.url), by: maintainer)
            } != nil
        )
        let (project, _) = try await register.register(registration, by: maintainer)
        #expect(project.hasForgeToken && project.registeredBy == "mona")
        #expect(await reason { try await register.remove(project.id, by: publisher) } != nil)
        #expect(
            await reason { try await register.change(project.id, to: ProjectChange(title: "x"), by: reader) } != nil
        )
        #expect(await reason { try await register.recheck(project.id, by: reader) } != nil)
        try await register.recheck(project.id, by: publisher)
        // Another name or address of the same namespace is another project; the same is refused.
        #expect(
            await reason { try await register.register(registration, by: maintainer) }?.contains("stadt/tool") == true
        )
        let twice = ProjectRegistration(name: "stadt/zwei", url: "http://127.0.0.1/tool/")
        #expect(await reason { try await register.register(twice, by: maintainer) }?.contains("stadt/tool") == true)
        // A token is for the forge that it was given for.
        let moved = try await register.change(
            project.id,
            to: ProjectChange(url: "http://127.0.0.1/other.git"),
            by: maintainer
        )
        #expect(!moved.project.hasForgeToken && moved.project.address.hasSuffix("/other"))
        try await register.remove(project.id, by: maintainer)
        let actions = try await scene.node.database.read { t in
            try t.query(Statement("test.actions", "SELECT action, subject, detail FROM audit_events ORDER BY id")).map {
                (try $0.text(0), try $0.text(1), try $0.optionalText(2) ?? "")
            }
        }
        let own = actions.filter { $0.0.hasPrefix("project.") }
        #expect(own.map(\.0) == ["project.registered", "project.changed", "project.removed"])
        #expect(own.allSatisfy { $0.1 == "project:stadt/tool" && !$0.2.contains("glpat") })
    }

    @Test(
        "an address that is none, or leads inside, is refused",
        arguments: [
            "", "example.org/x", "ftp://example.org/x", "file:///etc/passwd", "/srv/git/x", "git@example.org:x/y.git",
            "http://example.org/x.git", "https://user:secret@example.org/x.git", "https://example.org/x.git?a=b",
            "https://example.org/x.git#main", "https://example.org", "https://example.org/", "https://example.org/../x",
            "https://127.0.0.1/x.git", "https://10.0.0.1/x.git", "https://[::1]/x.git", "https://169.254.169.254/x",
            "https://localhost/x.git", "https://2130706433/x.git", "https://example.org:22/x.git",
            "https://example.org/a b", "https://example.org/-\u{0}", "--upload-pack=x",
        ]
    )
    func addresses(url: String) async throws {
        let scene = try await Scene()
        let register = try scene.register(.standard)
        let registration = ProjectRegistration(name: "stadt/tool", url: url)
        #expect(await reason { try await register.register(registration, by: scene.admin) } != nil)
        #expect(try await register.projects(for: scene.admin).projects.isEmpty)
    }

    @Test(
        "a name that leads inside is not read from, also when it led elsewhere before; one bad address of several is enough"
    )
    func rebinding() async throws {
        let scene = try await Scene()
        let led = Mutex<[String]>(["192.0.2.7"])
        let register = try scene.register(.standard) { settings in
            settings.resolver = HostResolver { _ in led.withLock { $0.compactMap { IPAddress(parsing: $0) } } }
        }
        let (project, _) = try await register.register(
            ProjectRegistration(name: "stadt/tool", url: "https://git.example.org/tool.git"),
            by: scene.admin
        )
        for addresses in [["127.0.0.1"], ["10.1.2.3"], ["93.184.215.14", "169.254.169.254"], ["::1"], []] {
            led.withLock { $0 = addresses }
            try await register.recheck(project.id, by: scene.admin)
            try await scene.work(register)
            let failure = try await register.project(project.id, for: scene.admin).checks.failure
            #expect(failure != nil)
            scene.node.time.advance(by: .seconds(1))
        }
        #expect(scene.count == 0)
        led.withLock { $0 = ["93.184.215.14"] }
        scene.answer(.unreachable("asked"))
        try await register.recheck(project.id, by: scene.admin)
        try await scene.work(register)
        #expect(scene.count == 1)
    }

    @Test("an image leads to the project that its label names, and the project to its images")
    func images() async throws {
        let scene = try await Scene()
        let register = try scene.register()
        let assessment = try scene.node.service()
        let indexer = DirectoryIndexer(
            directory: scene.directory,
            registry: scene.node.registry,
            assessment: assessment,
            products: Products(
                database: scene.node.database,
                accounts: scene.accounts,
                assessment: assessment,
                documents: .init(directory: scene.node.directory.file("bills")),
                clock: scene.node.time.clock
            )
        )
        let (project, _) = try await register.register(
            ProjectRegistration(name: "stadt/tool", url: "http://127.0.0.1/Gruppe/tool.git", visibility: .everybody),
            checking: false,
            by: scene.admin
        )
        for (repository, source) in [
            ("stadt/app", "http://127.0.0.1:80/Gruppe/tool/"), ("land/app", "http://127.0.0.1/Gruppe/tool.git"),
            ("stadt/other", "http://127.0.0.1/gruppe/tool"), ("stadt/none", "no address"),
        ] {
            var builder = ImageBuilder()
            builder.labels = ["org.opencontainers.image.source": source]
            builder.layer { tar in tar.file("etc/name", text: repository) }
            try await scene.node.push(builder.built(), to: repository, tag: "1.0")
        }
        try await indexer.catchUp()
        #expect(try await register.images(of: project, for: nil).entries.map(\.name) == ["stadt/app"])
        let all = try await register.images(of: project, for: scene.admin)
        #expect(all.entries.map(\.name) == ["land/app", "stadt/app"] && all.next == nil)
        let page = try await register.images(of: project, for: scene.admin, limit: 1)
        let next = try #require(page.next)
        #expect(
            try await register.images(of: project, for: scene.admin, after: next).entries.map(\.name) == ["stadt/app"]
        )
        let source = try #require(all.entries.first?.facts.source)
        #expect(try await register.projects(at: source, for: nil) == [project])
        #expect(try await register.projects(at: "no address", for: nil).isEmpty)
        // An organisation's new title writes its entries anew; those of projects stay.
        try await scene.accounts.putOrganisation(
            Organisation(name: "stadt", title: "Stadt Neu", kind: .municipal),
            by: scene.admin
        )
        try await indexer.catchUp()
        let reader = try #require(try await scene.directory.reader(nil))
        #expect(try await scene.directory.entry(project.key, for: reader)?.owner?.title == "Stadt Neu")
        #expect(try await register.images(of: project, for: nil).entries.map(\.name) == ["stadt/app"])
    }
}
