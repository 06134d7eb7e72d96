// SPDX-License-Identifier: EUPL-1.2

import AssessmentTestKit
import Database
import Mail
import Notices
import Testing
import Time

@Suite("From a question to two hundred mails") struct ManyRecipientsTests {
    @Test("200 recipients within 10 s on one connection, none left out; an answer stands on the page")
    func twoHundred() async throws {
        let server = try await MailSink()
        let world = try await World()
        try await world.pulledBy(200)
        let smtp = try SMTPSender(
            SMTPSettings(host: "127.0.0.1", port: server.port, security: .plain, clientName: "node.example.org")
        )
        let sender = world.sender(mail: { try await smtp.send($0) })
        let running = Task { await sender.run() }
        defer { running.cancel() }
        let start = ContinuousClock.now
        let id = try await world.send()
        while server.taken.messages.count < 200, ContinuousClock.now - start < .seconds(30) {
            try await Task.sleep(for: .milliseconds(10))
        }
        let time = ContinuousClock.now - start
        #expect(time < .seconds(10))
        print("200 mails after \(time)")
        let taken = server.taken
        #expect(taken.connections == 1)
        #expect(Set(taken.messages.map(\.to)) == Set((0..<200).map { "security@org\($0).example.org" }))
        #expect(taken.messages.count == 200)
        let text = try #require(taken.messages.first?.text)
        #expect(text.contains("Message-ID: <") && text.contains("Auto-Submitted: auto-generated"))
        // Somebody clicks, and the page shows it.
        let lines = text.replacing("=\r\n", with: "")
        let link = try #require(lines.split(separator: world.settings.answerLink).dropFirst().first)
        let answer = try await world.notices.acknowledge(String(link.prefix(40)), .acting)
        #expect(try await world.notices.notice(id, by: world.admin).summary.answers[.acting] == 1)
        #expect(taken.messages.first?.to == "security@\(answer.organisation).example.org")
        #expect(ContinuousClock.now - start < .seconds(10))
        while try await world.deliveries(id).contains(where: { $0.state != .sent }),
            ContinuousClock.now - start < .seconds(30)
        {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(try await world.deliveries(id).allSatisfy { $0.state == .sent && $0.attempts == 1 })
        running.cancel()
        await running.value
        await smtp.close()
        await server.stop()
    }
}
