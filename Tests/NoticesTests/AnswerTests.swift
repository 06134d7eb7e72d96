// SPDX-License-Identifier: EUPL-1.2

import Accounts
import AssessmentTestKit
import Audit
import Database
import JSON
import Mail
import Notices
import SBOM
import Testing
import Time

@Suite("Answers, corrections and withdrawals") struct AnswerTests {
    /// Sends what is due, and returns the letters by organisation.
    private func letters(_ world: World) async throws -> [String: MailMessage] {
        let sink = Sink()
        _ = try await world.sender(mail: sink.send).sendDueMail()
        return Dictionary(sink.messages.map { ($0.to.domain.split(separator: ".").first.map(String.init) ?? "", $0) }) {
            first,
            _ in first
        }
    }

    @Test("read, acting, done: only forward, each with its time, on the page and in the audit log")
    func forward() async throws {
        let (world, id) = try await World.sent(to: 3)
        let letters = try await letters(world)
        let token = try #require(letters["org1"]?.token)
        #expect(try await world.notices.answer(token).state == .none)
        world.node.time.advance(by: .seconds(60))
        let read = try await world.notices.acknowledge(token, .read)
        #expect(read.state == .read && read.readAt == world.node.time.clock.now() && read.organisation == "org1")
        world.node.time.advance(by: .seconds(60))
        #expect(try await world.notices.acknowledge(token, .acting).state == .acting)
        // An older form, sent late.
        let late = try await world.notices.acknowledge(token, .read)
        #expect(late.state == .acting && late.readAt == read.readAt)
        world.node.time.advance(by: .seconds(60))
        let done = try await world.notices.acknowledge(token, .done)
        #expect(done.state == .done && done.doneAt == world.node.time.clock.now() && done.actingAt != done.doneAt)
        #expect(try await world.notices.acknowledge(token, .acting).state == .done)
        // Straight to the end: what was passed over has no time.
        let skipped = try await world.notices.acknowledge(try #require(letters["org2"]?.token), .done)
        #expect(skipped.readAt == nil && skipped.actingAt == nil && skipped.doneAt != nil)
        let overview = try await world.notices.notice(id, by: world.admin)
        #expect(overview.recipients.map(\.state) == [.none, .done, .done])
        #expect(overview.summary.answers == [.none: 1, .read: 0, .acting: 0, .done: 2])
        let events = try await AuditLog.list(world.node.database, limit: 1_000)
        #expect(events.filter { $0.action == "notices.acknowledge" }.count == 4)
        #expect(events.filter { $0.action == "notices.send" && $0.subject == "notice:" + id }.count == 1)
    }

    @Test("a wrong token is answered always the same, and stored is only its hash")
    func tokens() async throws {
        let (world, _) = try await World.sent(to: 2)
        let letters = try await letters(world)
        let token = try #require(letters["org0"]?.token)
        #expect(token.utf8.count == 40)
        let other = (token.hasPrefix("a") ? "b" : "a") + token.dropFirst()
        for wrong in ["", "x", String(token.dropLast()), token + "a", token.uppercased(), other, "'; --"] {
            await #expect(throws: NoticesError.unknown("this link leads to no notice; copy it whole from the letter")) {
                try await world.notices.acknowledge(wrong, .read)
            }
        }
        let kept = try await world.node.database.read { t in
            try t.query(Statement("test.tokens", "SELECT token FROM notice_deliveries")).map { try $0.optionalText(0) }
        }
        #expect(kept == [nil, nil])
        // Looking changes nothing: mail servers open links.
        for _ in 0..<3 { #expect(try await world.notices.answer(token).state == .none) }
    }

    @Test("a correction and a withdrawal reach exactly the former recipients, whatever has become of them")
    func followers() async throws {
        let world = try await World()
        try await world.pulledBy(3)
        try await world.organisation("provider")
        try await world.accounts.setOperates("provider", for: "org0", true, by: world.admin)
        let draft = try await world.draft()
        #expect(draft.recipients.map(\.name) == ["org0", "org1", "org2", "provider"])
        // Not everybody was chosen.
        let first = try await world.notices.send(
            draft,
            World.content,
            to: ["org0", "org1", "provider"],
            by: world.admin
        )
        let former = try await letters(world)
        #expect(former.keys.sorted() == ["org0", "org1", "provider"])
        // One loses the relation, one its contact; one more is affected now.
        try await world.accounts.setOperates("provider", for: "org0", false, by: world.admin)
        try await world.organisation("org1", contact: nil)
        try await world.organisation("late")
        let digest = try await world.image("bund/app", "b")
        try await world.pull(digest, from: "bund/app", by: "late")
        #expect(try await world.draft().recipients.map(\.name) == ["late", "org0", "org1", "org2"])
        var content = World.content
        content.what = LocalizedText(de: "Anders.", en: "Different.")
        let preview = try await world.notices.preview(
            following: first,
            with: content,
            reason: World.reason,
            for: "org0",
            by: world.admin
        )
        let second = try await world.notices.correct(first, with: content, reason: World.reason, by: world.admin)
        let corrected = try await letters(world)
        #expect(corrected.keys.sorted() == ["org0", "org1", "provider"])
        // It was shown as it was sent, but for what is made when it is sent.
        let sent = try #require(corrected["org0"])
        #expect(sent.subject == preview.subject)
        #expect(sent.text.replacing(sent.token, with: "…").replacing(second, with: "…") == preview.text)
        let text = try #require(corrected["org1"]?.text)
        #expect(
            text.contains("Korrektur") && text.contains(first) && text.contains("It was different.")
                && text.contains("Different.")
        )
        #expect(corrected["org0"]?.subject.contains("Correction of a notice") ?? false)
        // Evidence is that of then.
        #expect(text.contains("bund/app") && corrected["provider"]?.text.contains("Authority org0") ?? false)
        // Of two who follow the same one, the second is told so.
        await #expect(throws: NoticesError.self) {
            try await world.notices.withdraw(first, reason: World.reason, by: world.admin)
        }
        let oldToken = try #require(former["org0"]?.token)
        guard case .corrected(let link) = try await world.notices.answer(oldToken).standing else {
            Issue.record("the former link does not say that it was corrected")
            return
        }
        #expect(link.id == second)
        let third = try await world.notices.withdraw(second, reason: World.reason, by: world.admin)
        let withdrawn = try await letters(world)
        #expect(withdrawn.keys.sorted() == ["org0", "org1", "provider"])
        #expect(withdrawn["org0"]?.text.contains("no longer holds") ?? false)
        #expect(!(withdrawn["org0"]?.text.contains("bund/app") ?? true))
        for token in [oldToken, try #require(corrected["org0"]?.token)] {
            let answer = try await world.notices.acknowledge(token, .acting)
            #expect(answer.state == .none)
            guard case .withdrawn(let link) = answer.standing else {
                Issue.record("the link does not say that it was withdrawn")
                continue
            }
            #expect(link.id == third)
        }
        let last = try await world.notices.acknowledge(try #require(withdrawn["org0"]?.token), .read)
        #expect(last.state == .read && last.standing == .withdrawal)
        await #expect(throws: NoticesError.self) {
            try await world.notices.correct(third, with: content, reason: World.reason, by: world.admin)
        }
        let list = try await world.notices.list(by: world.admin)
        #expect(list.map(\.id) == [third, second, first] && list.map(\.kind) == [.withdrawal, .correction, .notice])
        #expect(list.map(\.follows) == [second, first, nil])
        #expect(try await world.notices.list(before: list[0].position, limit: 1, by: world.admin).map(\.id) == [second])
    }

    @Test("what was not sent yet is not sent behind the notice that took its place")
    func superseded() async throws {
        let (world, first) = try await World.sent(to: 2)
        let outbox = NoticeOutbox(
            database: world.node.database,
            settings: world.settings,
            clock: world.node.time.clock,
            jitter: { 0 }
        )
        // One is on its way when the correction is made, and its process dies.
        _ = try await outbox.claim(1)
        _ = try await world.notices.correct(first, with: World.content, reason: World.reason, by: world.admin)
        let sink = Sink()
        let sender = world.sender(mail: sink.send)
        try await sender.recover()
        _ = try await sender.sendDueMail()
        #expect(sink.messages.count == 2 && sink.messages.allSatisfy { $0.subject.contains("Correction") })
        #expect(try await world.deliveries(first).map(\.state) == [.superseded, .superseded])
    }

    @Test("the same request sends once, and choosing somebody whom it does not concern sends nothing")
    func once() async throws {
        let world = try await World()
        try await world.pulledBy(2)
        let draft = try await world.draft()
        let request = "form-17-abcdef"
        let id = try await world.notices.send(draft, World.content, to: ["org0"], request: request, by: world.admin)
        #expect(
            try await world.notices.send(draft, World.content, to: ["org0"], request: request, by: world.admin) == id
        )
        await #expect(throws: NoticesError.self) {
            try await world.notices.send(draft, World.content, to: ["org0", "org7"], by: world.admin)
        }
        await #expect(throws: NoticesError.self) {
            try await world.notices.send(draft, World.content, to: [], by: world.admin)
        }
        #expect(try await world.notices.list(by: world.admin).count == 1)
        #expect(try await world.draft().fingerprint == draft.fingerprint)
        try await world.organisation("new")
        try await world.accounts.setOperates("new", for: "org0", true, by: world.admin)
        #expect(try await world.draft().fingerprint != draft.fingerprint)
    }

    @Test("who had no contact, or whose address was refused, is told once somebody has corrected it")
    func again() async throws {
        let world = try await World()
        try await world.pulledBy(2)
        try await world.organisation("org1", contact: nil)
        let id = try await world.send()
        let sink = Sink([Sink.never])
        let sender = world.sender(mail: sink.send)
        _ = try await sender.sendDueMail()
        await #expect(throws: NoticesError.self) {
            try await world.notices.sendAgain(id, to: "org1", by: world.admin)
        }
        try await world.organisation("org0", contact: "new@org0.example.org")
        try await world.organisation("org1", contact: "new@org1.example.org")
        for name in ["org0", "org1"] { try await world.notices.sendAgain(id, to: name, by: world.admin) }
        await #expect(throws: NoticesError.self) {
            try await world.notices.sendAgain(id, to: "org0", by: world.admin)
        }
        _ = try await sender.sendDueMail()
        #expect(
            sink.messages.map(\.to.description) == [
                "security@org0.example.org", "new@org0.example.org", "new@org1.example.org",
            ]
        )
        #expect(try await world.notices.acknowledge(sink.messages[1].token, .read).state == .read)
        #expect(try await world.notices.acknowledge(sink.messages[2].token, .read).state == .read)
        await #expect(throws: NoticesError.self) { try await world.notices.answer(sink.messages[0].token) }
        let overview = try await world.notices.notice(id, by: world.admin)
        #expect(overview.summary.unreachable == 0)
        #expect(overview.recipients.map { $0.deliveries.map(\.state) } == [[.rejected, .sent], [.sent]])
    }
}
