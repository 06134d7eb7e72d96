// SPDX-License-Identifier: EUPL-1.2

import AssessmentTestKit
import Audit
import Database
import JSON
import Mail
import Notices
import Synchronization
import TestKit
import Testing
import Time
import Webhooks

@Suite("The outbox") struct OutboxTests {
    @Test(
        "a process that dies with a mail in flight sends at most that one twice, as the same message",
        arguments: 0..<6
    )
    func crash(at place: Int) async throws {
        let (world, id) = try await World.sent(to: 6)
        let sink = Sink()
        let database = world.node.database
        let dying = world.sender(mail: { message in
            let number = sink.messages.count
            sink.keep(message)
            // The mail is out, and what became of it can be noted nowhere.
            if number == place { database.close() }
            return Sink.delivered
        })
        await #expect(throws: (any Error).self) { try await dying.sendDueMail() }
        #expect(sink.messages.count == place + 1)
        let again = try Database.open(
            path: world.node.directory.file("kontor.db"),
            migrations: NodeFixture.migrations + NoticesSchema.migrations
        )
        defer { again.close() }
        let sender = world.sender(database: again, mail: sink.send)
        #expect(try await sender.recover() == 1)
        _ = try await sender.sendDueMail()
        #expect(sink.messages.count == 7)
        let byAddress = Dictionary(grouping: sink.messages, by: \.to.description)
        #expect(byAddress.count == 6)
        let twice = byAddress.values.filter { $0.count == 2 }
        #expect(twice.count == 1)
        for pair in twice { #expect(pair[0] == pair[1] && pair[0].bytes() == pair[1].bytes()) }
        #expect(Set(sink.messages.map(\.messageID)).count == 6)
        let states = try await again.read { t in
            try t.query(Statement("test.states", "SELECT state, attempts FROM notice_deliveries ORDER BY attempts")).map
            {
                [try $0.int64(0), try $0.int64(1)]
            }
        }
        #expect(states == Array(repeating: [2, 1], count: 5) + [[2, 2]])
        _ = id
    }

    @Test("what failed for now is tried again later, longer each time, as the same message")
    func retries() async throws {
        let (world, id) = try await World.sent(to: 1)
        let sink = Sink([Sink.later, .unknown(.connectionLost("x")), Sink.delivered])
        let sender = world.sender(mail: sink.send)
        #expect(try await sender.sendDueMail() == 1)
        #expect(try await sender.sendDueMail() == 0)
        var delivery = try #require(try await world.deliveries(id).first)
        #expect(delivery.state == .queued && delivery.attempts == 1)
        #expect(delivery.nextAt == NodeFixture.start + .seconds(30))
        #expect(delivery.problem?.contains("451") ?? false)
        world.node.time.advance(by: .seconds(30))
        #expect(try await sender.sendDueMail() == 1)
        delivery = try #require(try await world.deliveries(id).first)
        #expect(delivery.nextAt == NodeFixture.start + .seconds(90) && delivery.attempts == 2)
        world.node.time.advance(by: .seconds(60))
        #expect(try await sender.sendDueMail() == 1)
        delivery = try #require(try await world.deliveries(id).first)
        #expect(delivery.state == .sent && delivery.attempts == 3 && delivery.problem == nil)
        #expect(sink.messages.count == 3 && Set(sink.messages).count == 1)
    }

    @Test("a rejection is final, stands on the page and in the audit log, and holds up nobody")
    func rejected() async throws {
        let (world, id) = try await World.sent(to: 3)
        let sink = Sink([Sink.never])
        #expect(try await world.sender(mail: sink.send).sendDueMail() == 3)
        let states = try await world.deliveries(id).map(\.state)
        #expect(states.filter { $0 == .sent }.count == 2 && states.filter { $0 == .rejected }.count == 1)
        let events = try await AuditLog.list(world.node.database, limit: 1_000).filter {
            $0.action == "notices.rejected"
        }
        #expect(events.count == 1 && events.first?.subject == "notice:" + id)
    }

    @Test("after the stated time nothing more is tried, and the page says so")
    func givenUp() async throws {
        let (world, id) = try await World.sent(to: 1) { $0.giveUpAfter = .seconds(4 * 3_600) }
        let later = Sink()
        let sender = world.sender(mail: { message in
            later.keep(message)
            return Sink.later
        })
        for _ in 0..<600 {
            world.node.time.advance(by: .seconds(60))
            _ = try await sender.sendDueMail()
        }
        let delivery = try #require(try await world.deliveries(id).first)
        #expect(delivery.state == .givenUp && delivery.nextAt == nil)
        #expect(delivery.problem?.hasPrefix("given up after 4 hours") ?? false)
        #expect((8...12).contains(later.messages.count), "\(later.messages.count)")
        #expect(Set(later.messages).count == 1)
        let events = try await AuditLog.list(world.node.database, limit: 1_000).filter {
            $0.action == "notices.givenUp"
        }
        #expect(events.count == 1)
    }

    @Test("a mail server that is down stops the round at its first mail")
    func serverDown() async throws {
        let (world, id) = try await World.sent(to: 5)
        let sink = Sink([.deferred(.unreachable("connection refused"))])
        let sender = world.sender(mail: sink.send)
        #expect(try await sender.sendDueMail() == 1)
        #expect(try await sender.sendDueMail() == 4)
        world.node.time.advance(by: .seconds(60))
        #expect(try await sender.sendDueMail() == 1)
        #expect(try await world.deliveries(id).allSatisfy { $0.state == .sent })
    }

    @Test("an orderly end puts the mail that was not handed over back at once")
    func stopped() async throws {
        let (world, id) = try await World.sent(to: 1)
        let sender = world.sender(mail: { _ in throw CancellationError() })
        #expect(try await sender.sendDueMail() == 1)
        let delivery = try #require(try await world.deliveries(id).first)
        #expect(delivery.state == .queued && delivery.nextAt == world.node.time.clock.now())
    }

    @Test("what crashed its process several times waits behind all others")
    func poison() async throws {
        let (world, id) = try await World.sent(to: 1)
        let outbox = NoticeOutbox(
            database: world.node.database,
            settings: world.settings,
            clock: world.node.time.clock,
            jitter: { 0 }
        )
        for attempt in 1...4 {
            #expect(try await outbox.claim(1)?.attempts == Int64(attempt))
            #expect(try await outbox.recover(1) == 1)
        }
        #expect(try await outbox.claim(1) == nil)
        let delivery = try #require(try await world.deliveries(id).first)
        #expect(delivery.nextAt == NodeFixture.start + .seconds(3_600))
    }

    @Test("waits double up to an hour, and jitter makes them up to a quarter shorter")
    func delays() async throws {
        let world = try await World()
        func delay(_ attempts: Int64, _ jitter: Double) -> Duration {
            NoticeOutbox(
                database: world.node.database,
                settings: world.settings,
                clock: world.node.time.clock,
                jitter: { jitter }
            ).delay(after: attempts)
        }
        #expect([1, 2, 3, 8, 100].map { delay($0, 0) } == [30, 60, 120, 3_600, 3_600].map { Duration.seconds($0) })
        #expect(delay(1, 1) == .seconds(22.5))
    }

    @Test("a webhook is a signed CloudEvent under its id; gone for good switches it off")
    func webhooks() async throws {
        let world = try await World()
        try await world.pulledBy(2)
        try await world.organisation("org1", contact: nil)
        let secret = try await world.notices.setWebhook(
            of: "org1",
            to: "https://hooks.example.test/in?key=s3cret",
            by: world.admin
        )
        let id = try await world.send()
        let calls = Mutex<[(WebhookMessage, WebhookURL, [WebhookSecret])]>([])
        let outcomes = Mutex<[WebhookOutcome]>([
            .deferred(.status(503, body: ""), retryAfter: .seconds(120)), .delivered(status: 204),
            .rejected(.status(410, body: "")),
        ])
        let sender = world.sender(webhook: { message, url, secrets in
            calls.withLock { $0.append((message, url, secrets)) }
            return outcomes.withLock { $0.removeFirst() }
        })
        #expect(try await sender.sendDueWebhooks() == 1)
        world.node.time.advance(by: .seconds(119))
        #expect(try await sender.sendDueWebhooks() == 0)
        world.node.time.advance(by: .seconds(1))
        #expect(try await sender.sendDueWebhooks() == 1)
        let sent = calls.withLock { $0 }
        #expect(sent.count == 2 && sent[0].0 == sent[1].0 && sent[0].2 == [secret])
        #expect(sent[0].1.text == "https://hooks.example.test/in?key=s3cret")
        let event = try JSONFields(JSONValue(parsing: sent[0].0.body))
        #expect(try event.string("type") == "org.kontor.notice.published.v1" && event.string("subject") == id)
        #expect(try event.string("source") == "https://node.example.org" && event.string("id") == sent[0].0.id)
        let data = try event.object("data")
        let token = String(try data.string("answer").split(separator: "/").last ?? "")
        #expect(try data.string("organisation") == "org1")
        #expect(try await world.notices.acknowledge(token, .acting).organisation == "org1")
        let delivery = try #require(
            try await world.notices.notice(id, by: world.admin).recipients.last?.deliveries.first
        )
        #expect(delivery.channel.place == "https://hooks.example.test" && delivery.state == .sent)
        _ = try await world.notices.withdraw(id, reason: World.reason, by: world.admin)
        #expect(try await sender.sendDueWebhooks() == 1)
        let last = try #require(calls.withLock { $0.last })
        #expect(try JSONFields(JSONValue(parsing: last.0.body)).string("type") == "org.kontor.notice.withdrawn.v1")
        let known = try await world.notices.webhooks(of: "org1", by: world.admin)
        #expect(known.count == 1 && known.first?.goneAt != nil && known.first?.place == "https://hooks.example.test")
        #expect(try await world.draft().recipient("org1")?.unreachable == .noContact)
        try await world.notices.removeWebhook(of: "org1", "https://hooks.example.test/in?key=s3cret", by: world.admin)
        #expect(try await world.notices.webhooks(of: "org1", by: world.admin).isEmpty)
        let log = try await AuditLog.list(world.node.database, limit: 1_000).map {
            String(decoding: $0.jsonLine, as: UTF8.self)
        }
        #expect(!log.contains { $0.contains("s3cret") || $0.contains(secret.text) })
    }

    @Test("what is queued for a receiver that was removed is not sent, and a place within is not registered")
    func removed() async throws {
        let world = try await World()
        try await world.pulledBy(1)
        try await world.notices.setWebhook(of: "org0", to: "https://hooks.example.test/a", by: world.admin)
        for url in ["https://127.0.0.1/a", "http://hooks.example.test/a", "https://10.0.0.1/", "nonsense"] {
            await #expect(throws: WebhookError.self) {
                try await world.notices.setWebhook(of: "org0", to: url, by: world.admin)
            }
        }
        let id = try await world.send()
        try await world.notices.removeWebhook(of: "org0", "https://hooks.example.test/a", by: world.admin)
        let sender = world.sender(webhook: { _, _, _ in
            Issue.record("it was sent")
            return .delivered(status: 200)
        })
        #expect(try await sender.sendDueWebhooks() == 1)
        let deliveries = try await world.deliveries(id)
        #expect(deliveries.map(\.state) == [.queued, .rejected])
    }

    @Test("a row that cannot be read holds up nobody")
    func damaged() async throws {
        let (world, id) = try await World.sent(to: 3)
        try await world.node.database.write { t in
            try t.execute(
                Statement("test.damage", "UPDATE notice_recipients SET evidence = '{}' WHERE organisation = 'org0'")
            )
        }
        let sink = Sink()
        #expect(try await world.sender(mail: sink.send).sendDueMail() == 2)
        #expect(try await world.deliveries(id).map(\.state) == [.rejected, .sent, .sent])
    }
}
