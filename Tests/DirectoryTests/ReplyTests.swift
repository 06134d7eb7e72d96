// SPDX-License-Identifier: EUPL-1.2

import Accounts
import AssessmentTestKit
import Audit
import Criteria
import Database
import Directory
import JSON
import OCI
import TestKit
import Testing
import Time

@Suite("What publishers say to a level") struct ReplyTests {
    private static let commit = String(repeating: "ab", count: 20)
    private static let checked = NodeFixture.start - .seconds(86_400)

    /// The level of `stadt/fach` as it stands at one time.
    private static func level(
        _ level: Level?,
        _ commit: String? = commit,
        _ since: Timestamp? = checked,
        of name: String = "stadt/fach"
    ) throws -> AnsweredLevel {
        .project(try RepositoryName(parsing: name), level, revision: commit, resultsSince: since)
    }

    private static func list(_ name: String, _ audience: DirectoryEntry.Audience, in world: World) async throws {
        let entry = DirectoryEntry(kind: .project, name: name, audience: audience, label: name, namespace: "stadt")
        try await world.node.database.write { t in try Directory.put(entry, at: NodeFixture.start, in: t) }
    }

    private static func events(_ world: World) async throws -> [[String]] {
        try await world.node.database.read { t in
            try t.query(
                Statement("test.events", "SELECT actor, action, subject, detail FROM audit_events ORDER BY id")
            ).map { row in try (0..<4).map { try row.optionalText($0) ?? "" } }
        }
        .filter { $0[1].hasPrefix("directory.reply") }
    }

    /// What was refused, by its kind.
    private static func refusal(_ body: () async throws -> some Any) async -> String? {
        do {
            _ = try await body()
            return nil
        } catch {
            switch error as? AccountsError {
            case .denied: return "denied"
            case .unknown: return "unknown"
            case .invalid: return "invalid"
            default: return "\(error)"
            }
        }
    }

    @Test("a publisher's reply stands beside the level; nobody else's does, and a newer one takes its place")
    func replies() async throws {
        let world = try await World()
        let digest = try await world.push("stadt/app", [:])
        let maria = try await world.person("maria", of: "stadt", in: "stadt", .maintainer)
        let paul = try await world.person("paul", of: "land", in: "stadt", .reader)
        let name = try RepositoryName(parsing: "stadt/app")
        func say(_ text: String, _ actor: Account) async throws -> LevelReply {
            try await world.directory.reply(text, disputes: true, to: .image(name, digest, .bronze), by: actor)
        }
        _ = try await say("Die Lizenz steht im Quelltext.", maria)
        let second = try await say("<b>Die Lizenz</b> steht in /LICENSE.", maria)
        let shown = try #require(try await world.directory.reply(to: .image(name, digest)))
        #expect(shown == second && shown.author == "Stadt Beispiel" && shown.disputes && shown.level == .bronze)
        #expect(try await world.directory.reply(to: .image(name, Digest.sha256([7]))) == nil)
        // What nobody knows now is no other level.
        #expect(shown.outdated(by: nil) == nil && shown.outdated(by: .image(name, digest, .bronze)) == nil)
        #expect(shown.outdated(by: .image(name, digest, .silver)) == .level)
        await #expect(throws: AccountsError.self) { _ = try await say("nein", paul) }
        await #expect(throws: AccountsError.self) { try await world.directory.endReply(shown.id, by: paul) }
        try await world.directory.endReply(shown.id, by: maria)
        #expect(try await world.directory.reply(to: .image(name, digest)) == nil)
        let events = try await Self.events(world)
        #expect(events.map { $0[1] } == ["directory.reply", "directory.reply", "directory.replyEnded"])
        #expect(events.allSatisfy { $0[0] == "maria" && $0[2] == "stadt/app@\(digest)" })
    }

    @Test(
        "those who maintain a project's namespace answer to its level: one reply at a time, taken back, all of it logged"
    )
    func project() async throws {
        let world = try await World()
        try await Self.list("stadt/fach", .everybody, in: world)
        try await Self.list("stadt/anderes", .everybody, in: world)
        let maria = try await world.person("maria", of: "stadt", in: "stadt", .maintainer)
        let name = try RepositoryName(parsing: "stadt/fach")
        #expect(try await world.directory.reply(to: .project(name)) == nil)
        let first = try await world.directory.reply("Eins.", disputes: false, to: Self.level(.bronze), by: maria)
        let second = try await world.directory.reply(
            "<b>Zwei.</b>",
            disputes: true,
            to: Self.level(.silver, String(repeating: "cd", count: 20)),
            by: maria
        )
        let shown = try #require(try await world.directory.reply(to: .project(name)))
        #expect(shown == second && shown.author == "Stadt Beispiel" && shown.disputes && shown.text == "<b>Zwei.</b>")
        #expect(shown.answered == (try Self.level(.silver, String(repeating: "cd", count: 20))))
        // The first counts no more, so that nobody can take it back; another project has none.
        #expect(await Self.refusal { try await world.directory.endReply(first.id, by: maria) } == "unknown")
        #expect(try await world.directory.reply(to: .project(try RepositoryName(parsing: "stadt/anderes"))) == nil)
        try await world.directory.endReply(second.id, by: maria)
        #expect(try await world.directory.reply(to: .project(name)) == nil)
        #expect(await Self.refusal { try await world.directory.endReply(second.id, by: maria) } == "unknown")
        let events = try await Self.events(world)
        #expect(events.map { $0[1] } == ["directory.reply", "directory.reply", "directory.replyEnded"])
        #expect(events.allSatisfy { $0[0] == "maria" && $0[2] == "project:stadt/fach" })
        let detail = try JSONValue(parsing: events[1][3])
        #expect(detail["text"] == "<b>Zwei.</b>" && detail["level"] == "silver" && detail["disputes"] == true)
        #expect(detail["revision"]?.stringValue == String(repeating: "cd", count: 20))
    }

    @Test("a reply says what it was said to: another level, another commit or another check than what stands there now")
    func outdated() async throws {
        let world = try await World()
        try await Self.list("stadt/fach", .everybody, in: world)
        func said(_ level: AnsweredLevel) async throws -> LevelReply {
            try await world.directory.reply("Dazu.", disputes: false, to: level, by: world.admin)
        }
        let reply = try await said(Self.level(.bronze))
        #expect(reply.outdated(by: try Self.level(.bronze)) == nil && reply.outdated(by: nil) == nil)
        #expect(reply.outdated(by: try Self.level(.silver)) == .level)
        #expect(reply.outdated(by: try Self.level(nil)) == .level)
        #expect(reply.outdated(by: try Self.level(Level.none)) == .level)
        #expect(reply.outdated(by: try Self.level(.bronze, String(repeating: "cd", count: 20))) == .revision)
        #expect(reply.outdated(by: try Self.level(.bronze, nil)) == .revision)
        #expect(reply.outdated(by: try Self.level(.bronze, Self.commit, NodeFixture.start)) == .check)
        // Of something else it says nothing.
        #expect(reply.outdated(by: try Self.level(.silver, of: "stadt/anderes")) == nil)
        let json = reply.json(beside: try Self.level(.silver))
        #expect(json["outdated"] == "level" && json["level"] == "bronze" && json["project"] == "stadt/fach")
        #expect(json["repository"] == .null && json["digest"] == .null && json["revision"]?.stringValue == Self.commit)
        // Said before the first check, and of a commit that is none.
        let early = try await said(Self.level(nil, "<script>", nil))
        #expect(early.answered.revision == nil && early.level == nil)
        #expect(early.outdated(by: try Self.level(nil, nil, nil)) == nil)
        #expect(early.outdated(by: try Self.level(.bronze)) == .level)
    }

    @Test(
        "nobody else answers for a project: not readers, not publishers, not maintainers of another namespace, and no token"
    )
    func rights() async throws {
        let world = try await World()
        try await Self.list("stadt/fach", .everybody, in: world)
        try await Self.list("stadt/intern", .members, in: world)
        let name = try RepositoryName(parsing: "stadt/fach")
        let maria = try await world.person("maria", of: "stadt", in: "stadt", .maintainer)
        let member = try await world.person("paul", of: "stadt", in: "stadt", .publisher)
        let stranger = try await world.person("otto", of: "land", in: "geheim", .maintainer)
        let secret = try await world.accounts.renewSecret(of: "maria", by: world.admin)
        let signedIn = try #require(try await world.accounts.authenticate(username: "maria", password: secret))
        let issued = try await world.accounts.issueToken(
            for: "maria",
            label: "alles",
            scopes: [TokenScope(repositories: "stadt/*", rights: [.pull, .push])],
            life: .seconds(3_600),
            by: signedIn
        )
        let token = try #require(try await world.accounts.authenticate(username: "maria", password: issued.secret))
        func say(_ text: String, to project: String, _ actor: Account) async throws -> LevelReply {
            try await world.directory.reply(text, disputes: true, to: Self.level(.bronze, of: project), by: actor)
        }
        for (actor, open, hidden) in [
            (member, "denied", "denied"), (token, "denied", "denied"), (stranger, "denied", "unknown"),
            // Her secret was renewed: what she proved before counts no more.
            (maria, "unknown", "unknown"),
        ] {
            #expect(await Self.refusal { try await say("x", to: "stadt/fach", actor) } == open, "\(actor)")
            #expect(await Self.refusal { try await say("x", to: "stadt/intern", actor) } == hidden, "\(actor)")
            #expect(try await !world.directory.publishes(name, actor))
        }
        #expect(try await !world.directory.publishes(name, nil))
        #expect(try await world.directory.publishes(name, signedIn))
        #expect(await Self.refusal { try await say("x", to: "stadt/nichts", signedIn) } == "unknown")
        for text in ["", " \n", "a\u{0}b", "a\u{202E}b", String(repeating: "x", count: 2_001)] {
            #expect(await Self.refusal { try await say(text, to: "stadt/fach", signedIn) } == "invalid")
        }
        #expect(try await Self.events(world).isEmpty)
        for project in ["stadt/fach", "stadt/intern"] {
            let reply = try await say("Unser Wort.", to: project, signedIn)
            for actor in [member, token, stranger, maria] {
                let refused = await Self.refusal { try await world.directory.endReply(reply.id, by: actor) }
                #expect(refused != nil)
                // Whether there is a reply to what somebody may not know of, they are not told.
                if project == "stadt/intern", actor.name == "otto" { #expect(refused == "unknown") }
            }
            #expect(try await world.directory.reply(to: reply.answered.subject) == reply)
        }
        #expect(try await Self.events(world).count == 2)
    }

    @Test("replies to images that were said before projects had any are read as they were, and end as they did")
    func migration() async throws {
        let migrations = NodeFixture.migrations + DirectorySchema.migrations
        let former = migrations.filter { $0.id != "directory-0003-replies" }
        #expect(former.count == migrations.count - 1)
        let scratch = try TemporaryDirectory("replies")
        defer { scratch.remove() }
        let path = scratch.file("kontor.sqlite")
        let digests = [Digest.sha256([1]), try Digest(algorithm: .sha512, bytes: [UInt8](repeating: 2, count: 64))]
        do {
            let old = try Database.open(path: path, migrations: former)
            let insert = Statement(
                "test.insert",
                """
                INSERT INTO level_replies (repository, digest, algorithm, level, disputes, text, author, created_at,
                    created_by, ended_at, ended_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
            )
            try await old.write { t in
                for (index, digest) in digests.enumerated() {
                    for isEnded in [true, false] {
                        let end: [SQLValue] = isEnded ? [.time(NodeFixture.start), "maria"] : [.null, .null]
                        try t.execute(
                            insert,
                            [
                                "stadt/team/app", .blob(digest.bytes),
                                .integer(digest.algorithm == .sha256 ? 1 : 2), index == 0 ? 1 : .null,
                                .bool(index == 0),
                                .text(isEnded ? "Früher." : "Jetzt \(index)."), "Stadt Beispiel",
                                .time(NodeFixture.start), "maria",
                            ] + end
                        )
                    }
                }
            }
            old.close()
        }
        let database = try Database.open(path: path, migrations: migrations)
        let accounts = Accounts(database: database, clock: .system)
        _ = try await accounts.bootstrap(dataDirectory: scratch.path)
        let directory = Directory(database: database, accounts: accounts)
        let name = try RepositoryName(parsing: "stadt/team/app")
        for (index, digest) in digests.enumerated() {
            let reply = try #require(try await directory.reply(to: .image(name, digest)))
            #expect(reply.answered == .image(name, digest, index == 0 ? .bronze : nil))
            #expect(reply.text == "Jetzt \(index)." && reply.author == "Stadt Beispiel")
            #expect(reply.disputes == (index == 0) && reply.saidAt == NodeFixture.start)
        }
        let count = Statement("test.count", "SELECT COUNT(*) FROM level_replies WHERE ended_at IS NOT NULL")
        #expect(try await database.read { t in try t.first(count)?.int64(0) } == 2)
        // The rows that came over are the ones that a newer reply replaces and that can be taken back.
        let admin = Account(id: 1, name: "admin", isAdmin: true)
        let newer = try await directory.reply("Neu.", disputes: false, to: .image(name, digests[0], .gold), by: admin)
        #expect(try await directory.reply(to: .image(name, digests[0])) == newer)
        let other = try #require(try await directory.reply(to: .image(name, digests[1])))
        try await directory.endReply(other.id, by: admin)
        #expect(try await directory.reply(to: .image(name, digests[1])) == nil)
        #expect(try await database.read { t in try t.first(count)?.int64(0) } == 4)
    }
}
