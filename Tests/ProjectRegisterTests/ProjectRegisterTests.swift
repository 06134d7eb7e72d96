// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Advisories
import AssessmentTestKit
import Criteria
import Database
import Directory
import Foundation
import JSON
import ProjectCriteria
import ProjectRegister
import SBOM
import TestKit
import Testing
import Time
import Webhooks

@Suite("The register of source projects") struct ProjectRegisterTests {
    @Test("no statement walks a table that grows, and PostgreSQL accepts each")
    func statements() async throws {
        let migrations = NodeFixture.migrations + DirectorySchema.migrations + ProjectRegisterSchema.migrations
        let own = NodeFixture.migrations + DirectorySchema.tables + ProjectRegisterSchema.migrations
        let statements = ProjectRegisterSchema.statements
        #expect(try StatementAudit.explain(migrations: migrations, statements: statements) == [])
        let output = try await PostgreSQLCluster.run(
            StatementAudit.postgresScript(migrations: own, statements: statements)
        )
        #expect(StatementAudit.postgresFindings(output) == [])
        #expect(output.contains("kontor: projects.verdictAt"))
    }

    @Test(
        "a project is checked when it is registered and every 24 hours; each change of a result is a row, and none is told before its time"
    )
    func daily() async throws {
        let scene = try await Scene()
        let repository = try await ServedRepository()
        let register = try scene.register()
        let start = scene.node.time.clock.now()
        let (project, secret) = try await register.register(
            ProjectRegistration(name: "stadt/tool", title: "Werkzeug", url: repository.url, visibility: .everybody),
            by: scene.admin
        )
        #expect(project.level == nil && project.checks.checkedAt == nil && project.namespace == "stadt")
        #expect(project.address == repository.server.url + "/tool" && project.url == repository.url)
        #expect(secret.utf8.count > 60)
        #expect(try await register.verdict(of: project) == nil)
        #expect(try await scene.work(register) == 1)

        let checked = try await register.project(project.id, for: nil)
        #expect(checked.checks.checkedAt == start && checked.checks.failure == nil)
        #expect(Set(checked.levels.keys) == Set(ProjectCatalogue.names))
        for name in ProjectCatalogue.names {
            let stored = try #require(try await register.verdict(of: project, under: name))
            let verdict = try stored.verdict()
            #expect(verdict.catalogue == name && verdict.level == stored.level && verdict.commit != nil)
            #expect(stored.since == start && stored.badges.count == verdict.badges.count)
            // What was written is read as it was.
            #expect(verdict.json.bytes(.compact) == stored.json)
        }
        let policy = try #require(try await register.verdict(of: project)?.verdict().result("SRC-SEC-01"))
        #expect(policy.result == .fail)
        // The forge was not asked, and nobody takes that for an answer.
        let protection = try #require(
            try await register.verdict(of: project, under: "opencode")?.verdict().results.first { $0.needs == [.forge] }
        )
        #expect(protection.criterion.result == .unknown)

        #expect(try await scene.work(register) == 0)
        scene.node.time.advance(by: .seconds(86_399))
        #expect(try await scene.work(register) == 0)
        scene.node.time.advance(by: .seconds(1))
        let second = scene.node.time.clock.now()
        #expect(try await scene.work(register) == 1)
        // The same results: the row is the same, and says until when it was confirmed.
        let same = try #require(try await register.verdict(of: project))
        #expect(same.since == start && same.checkedAt == second)
        #expect(try same.verdict().evaluatedAt == second)
        // Asked for a time before, what was evaluated then is told.
        let before = try #require(try await register.verdict(of: project, at: start + .seconds(10)))
        #expect(try before.verdict().evaluatedAt == start)

        try await repository.commit(["SECURITY.md": "# Security\n\nWrite to security@example.org.\n"], at: "2026-11-20")
        scene.node.time.advance(by: .seconds(86_400))
        let third = scene.node.time.clock.now()
        #expect(try await scene.work(register) == 1)
        let newer = try #require(try await register.verdict(of: project))
        #expect(newer.since == third)
        #expect(try newer.verdict().result("SRC-SEC-01")?.result == .pass)
        #expect(try await register.history(of: project).map(\.since) == [third, start])
        #expect(try await register.history(of: project, before: third).map(\.since) == [start])
        #expect(try await register.verdict(of: project, at: third - .microseconds(1))?.since == start)
        #expect(try await register.verdict(of: project, at: start - .microseconds(1)) == nil)
    }

    @Test("the directory has the project's words, and forgets it with the project")
    func directoryEntry() async throws {
        let scene = try await Scene()
        let repository = try await ServedRepository([
            "publiccode.yml": """
            publiccodeYmlVersion: "0.4"
            name: Antragswerk
            url: https://example.org/tool.git
            categories: [it-service-management]
            description: { de: { shortDescription: "Nimmt Anträge auf." } }
            legal: { license: EUPL-1.2 OR MIT }
            """
        ])
        let register = try scene.register()
        let (project, _) = try await register.register(
            ProjectRegistration(name: "stadt/tool", url: repository.url, visibility: .everybody),
            by: scene.admin
        )
        try await scene.work(register)
        let reader = try #require(try await scene.directory.reader(nil))
        let found = try await scene.directory.search(.init(text: "antragswerk", kind: .project), for: reader)
        let entry = try #require(found.entries.first)
        #expect(entry.name == "stadt/tool" && entry.label == "stadt/tool" && entry.owner?.name == "stadt")
        #expect(entry.licences == ["EUPL-1.2", "MIT"] && entry.categories == ["it-service-management"])
        #expect(entry.facts.description == "Nimmt Anträge auf." && entry.level != nil && entry.areas.count == 3)
        #expect(entry.facts.steps != nil && entry.facts.source == project.address)
        #expect(FileManager.default.fileExists(atPath: scene.copies + "/\(project.id)"))

        for organisation in ["stadt", "land"] {
            _ = try await scene.directory.use(
                entry.key,
                by: organisation,
                since: Timestamp(seconds: 0),
                purpose: "Betrieb",
                contact: nil,
                actor: scene.admin
            )
        }
        try await register.recheck(project.id, by: scene.admin)
        try await register.remove(project.id, by: scene.admin)
        #expect(try await scene.directory.search(.init(kind: .project), for: reader).entries.isEmpty)
        // Another project of that name is used by nobody yet.
        #expect(try await scene.directory.uses(of: entry.key).isEmpty)
        let ended = try await scene.node.database.read { t in
            let ended = "SELECT subject FROM audit_events WHERE action = 'directory.useEnded'"
            return try t.query(Statement("test.ended", ended)).map { try $0.text(0) }
        }
        #expect(ended == [entry.key, entry.key])
        #expect(!FileManager.default.fileExists(atPath: scene.copies + "/\(project.id)"))
        #expect(await reason { try await register.project(project.id, for: scene.admin) } != nil)
        // The job that waits finds nothing and does no harm.
        #expect(try await scene.work(register) == 1 && scene.count == 1)
        #expect(try await register.verdict(of: project) == nil)
        #expect(try await register.projects(for: scene.admin).projects.isEmpty)
    }

    @Test("a forge's word counts with its token alone; many in a row are one check")
    func webhook() async throws {
        let scene = try await Scene()
        let repository = try await ServedRepository()
        let register = try scene.register()
        let registration = ProjectRegistration(name: "stadt/tool", url: repository.url)
        let (project, secret) = try await register.register(registration, by: scene.admin)
        try await scene.work(register)
        for wrong in ["", secret + "x", String(secret.dropLast()), "kph_"] {
            #expect(await reason { try await register.pushed(project.id, token: wrong) } != nil)
        }
        #expect(await reason { try await register.pushed(project.id + 1, token: secret) } != nil)
        #expect(try await scene.work(register) == 0)
        for _ in 0..<5 { try await register.pushed(project.id, token: secret) }
        #expect(try await scene.work(register) == 1)
        let renewed = try await register.change(project.id, to: ProjectChange(renewsSecret: true), by: scene.admin)
        let next = try #require(renewed.hookSecret)
        #expect(await reason { try await register.pushed(project.id, token: secret) } != nil)
        try await register.pushed(project.id, token: next)
    }

    @Test("a worker that is gone loses its lease; a project that takes its process with it thrice is not assessed")
    func poison() async throws {
        let scene = try await Scene()
        let repository = try await ServedRepository()
        let register = try scene.register()
        let (project, _) = try await register.register(
            ProjectRegistration(name: "stadt/tool", url: repository.url),
            by: scene.admin
        )
        let kinds = Array(register.jobs.keys)
        let lost = try #require(try await scene.node.queue.claim(kinds: kinds, lease: .seconds(15)))
        scene.node.time.advance(by: .seconds(16))
        // What the lost one still brings does not count.
        try await register.check(lost)
        #expect(try await register.verdict(of: project) == nil)
        for _ in 0..<2 {
            _ = try #require(try await scene.node.queue.claim(kinds: kinds, lease: .seconds(15)))
            scene.node.time.advance(by: .seconds(600))
        }
        let count = scene.count
        try await scene.work(register)
        #expect(scene.count == count)
        let stored = try #require(try await register.verdict(of: project))
        #expect(stored.failure?.contains("ended with their process") == true && stored.level == .none)
        let results = try stored.verdict().results
        #expect(!results.isEmpty && results.allSatisfy { !$0.criterion.result.isPassed })
        // The next day it has another chance.
        scene.node.time.advance(by: .seconds(86_400))
        #expect(try await scene.work(register) == 1)
        let next = try #require(try await register.verdict(of: project))
        #expect(next.failure == nil && next.since > stored.since)
    }

    @Test(
        "a repository whose reader ends badly is tried three times and then not assessed; one that is away keeps its verdict"
    )
    func failures() async throws {
        let scene = try await Scene()
        let repository = try await ServedRepository()
        let register = try scene.register()
        let (project, _) = try await register.register(
            ProjectRegistration(name: "stadt/tool", url: repository.url),
            by: scene.admin
        )
        try await scene.work(register)
        let first = try #require(try await register.verdict(of: project))

        scene.answer(.unreachable("the host does not answer"))
        try await register.recheck(project.id, by: scene.admin)
        let failed = scene.node.time.clock.now()
        try await scene.work(register)
        let away = try await register.project(project.id, for: scene.admin)
        #expect(away.checks.failure == "the host does not answer" && away.checks.failingSince == failed)
        #expect(away.checks.nextAt == failed + .seconds(900))
        #expect(try await register.verdict(of: project) == first)
        scene.node.time.advance(by: .seconds(900))
        #expect(try await scene.work(register) == 1)
        #expect(try await register.project(project.id, for: scene.admin).checks.nextAt == failed + .seconds(4_500))
        scene.answer(nil)
        scene.node.time.advance(by: .seconds(3_600))
        #expect(try await scene.work(register) == 1)
        let back = try await register.project(project.id, for: scene.admin)
        #expect(back.checks.failure == nil && back.checks.failingSince == nil)

        scene.answer(.unreadable("its reader ended by signal 11"))
        let count = scene.count
        try await register.recheck(project.id, by: scene.admin)
        for _ in 0..<6 {
            try await scene.work(register)
            scene.node.time.advance(by: .seconds(10))
        }
        #expect(scene.count == count + 3)
        let stored = try #require(try await register.verdict(of: project))
        #expect(stored.failure == "its reader ended by signal 11" && stored.level == .none)
        #expect(try await register.history(of: project).first?.failure == "its reader ended by signal 11")
    }

    @Test("a project that was never reached has a verdict in which nothing is known, and says why")
    func neverReached() async throws {
        let scene = try await Scene()
        let register = try scene.register()
        let server = try await FileServer("/nonexistent")
        let (project, _) = try await register.register(
            ProjectRegistration(name: "stadt/tool", url: server.url + "/tool.git"),
            by: scene.admin
        )
        try await scene.work(register)
        await server.stop()
        let found = try await register.project(project.id, for: scene.admin)
        #expect(found.checks.failure?.contains("/tool.git") == true && found.level == Level.none)
        let stored = try #require(try await register.verdict(of: project))
        #expect(try stored.verdict().results.allSatisfy { !$0.criterion.result.isPassed })
        #expect(stored.failure != nil)
    }

    @Test("a forge is asked with the project's token alone, which stands in no answer")
    func forge() async throws {
        let scene = try await Scene()
        let repository = try await ServedRepository()
        // A forge that knows the project and refuses the rest.
        try repository.directory.write(
            Array(#"{"default_branch":"main","archived":false,"issues_access_level":"enabled"}"#.utf8),
            to: "api/v4/projects/tool"
        )
        let register = try scene.register()
        let (project, _) = try await register.register(
            ProjectRegistration(name: "stadt/tool", url: repository.url, forgeToken: "glpat-0123456789"),
            by: scene.admin
        )
        func told() async throws -> String {
            try await scene.work(register)
            let stored = try #require(try await register.verdict(of: project, under: "opencode"))
            #expect(!String(decoding: stored.json, as: UTF8.self).contains("glpat"))
            let result = try stored.verdict().results.first { $0.needs == [.forge] }
            #expect(result?.criterion.result == .unknown)
            return try #require(result?.criterion.explanation.en)
        }
        let asked = try await told()
        #expect(asked.contains("404"), "\(asked)")
        _ = try await register.change(project.id, to: ProjectChange(forgeToken: .remove), by: scene.admin)
        let unasked = try await told()
        #expect(unasked.contains("no token of its forge"), "\(unasked)")
    }

    @Test("a check that was given up for the machine's fault is queued again the next day")
    func givenUp() async throws {
        let scene = try await Scene()
        let repository = try await ServedRepository()
        let register = try scene.register()
        let (project, _) = try await register.register(
            ProjectRegistration(name: "stadt/tool", url: repository.url),
            by: scene.admin
        )
        scene.answer(.machine("git is not installed"))
        for _ in 0..<5 {
            try await scene.work(register)
            scene.node.time.advance(by: .seconds(10))
        }
        #expect(scene.count == 3)
        scene.answer(nil)
        #expect(try await register.wake() == 0)
        scene.node.time.advance(by: .seconds(86_400))
        #expect(try await register.wake() == 1)
        #expect(try await register.wake() == 0)
        #expect(try await scene.work(register) == 1)
        #expect(try await register.project(project.id, for: scene.admin).level != nil)
    }

    @Test("what a caller records counts as a check: with its time and its level, and the next one is due a day later")
    func recording() async throws {
        let scene = try await Scene()
        let register = try scene.register()
        let (project, _) = try await register.register(
            ProjectRegistration(name: "land/tool", url: "http://127.0.0.1/tool.git"),
            checking: false,
            by: scene.admin
        )
        #expect(try await scene.work(register) == 0)
        let now = scene.node.time.clock.now()
        let catalogue = try #require(try ProjectCatalogue.embedded("opencode"))
        func verdict(_ at: Timestamp, commits: Int) -> ProjectVerdict {
            let history = (0..<commits).map { _ in ProjectCommit(at: at - .seconds(86_400), author: 0) }
            return ProjectEvaluation.verdict(
                catalogue: catalogue,
                evidence: ProjectEvidence(name: "land/tool", history: .known(history)),
                context: ProjectContext(now: at)
            )
        }
        for day in 0..<4 {
            let at = now - .seconds(Int64(4 - day) * 86_400)
            let assessment = ProjectAssessment(verdicts: [verdict(at, commits: day < 2 ? 1 : 9)])
            try await register.record(assessment, for: project.id, at: at)
        }
        let lines = try await register.history(of: project, under: "opencode")
        #expect(lines.map(\.since) == [now - .seconds(2 * 86_400), now - .seconds(4 * 86_400)])
        #expect(lines.map(\.checkedAt) == [now - .seconds(86_400), now - .seconds(3 * 86_400)])
        // The last one was a day ago: the next is due now.
        #expect(try await register.wake() == 1)
        await #expect(throws: ProjectRegisterError.self) {
            try await register.record(ProjectAssessment(verdicts: []), for: project.id + 1, at: now)
        }
    }

    @Test("another title changes nothing of what the directory knows of a project's levels")
    func changedTitle() async throws {
        let scene = try await Scene()
        let register = try scene.register()
        let project = try await register.register(
            ProjectRegistration(name: "land/tool", url: "https://git.example.org/land/tool", visibility: .everybody),
            checking: false,
            by: scene.admin
        ).project
        let now = scene.node.time.clock.now()
        let catalogue = try #require(try ProjectCatalogue.embedded(ProjectCatalogue.names[0]))
        let readme = String(repeating: "Install it, run it, help with it. ", count: 40)
        let verdict = ProjectEvaluation.verdict(
            catalogue: catalogue,
            evidence: ProjectEvidence(
                name: "land/tool",
                files: [ProjectFile(path: "README.md", size: Int64(readme.utf8.count))],
                documents: ["README.md": readme]
            ),
            context: ProjectContext(now: now)
        )
        try await register.record(ProjectAssessment(verdicts: [verdict]), for: project.id, at: now)
        func entry() async throws -> DirectoryEntry {
            let reader = try #require(try await scene.directory.reader(nil))
            return try #require(try await scene.directory.search(.init(kind: .project), for: reader).entries.first)
        }
        let before = try await entry()
        #expect(!before.areas.isEmpty && before.facts.steps != nil)
        _ = try await register.change(project.id, to: ProjectChange(title: "Another"), by: scene.admin)
        let after = try await entry()
        #expect(after.facts.title == "Another" && after.areas == before.areas && after.level == before.level)
        #expect(after.facts.steps == before.facts.steps && after.facts.evaluatedAt == before.facts.evaluatedAt)
    }
}

extension ProjectVerdict {
    func result(_ id: String) -> CriterionResult? { results.first { $0.criterion.id == id }?.criterion }
}
