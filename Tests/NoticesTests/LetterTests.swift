// SPDX-License-Identifier: EUPL-1.2

import AssessmentTestKit
import Foundation
import JSON
import Mail
import Notices
import OCI
import SBOM
import Situation
import Testing
import Time
import Webhooks

@Suite("What a letter says") struct LetterTests {
    @Test("German, then English: what, evidence, replacement, measure, link; in short lines")
    func text() async throws {
        let world = try await World()
        try await world.organisation("land")
        let digest = try await world.image("bund/app")
        try await world.pull(digest, from: "bund/app", by: "land")
        let draft = try await world.draft()
        let preview = try await world.notices.preview(draft, World.content, for: "land", by: world.admin)
        #expect(preview.subject == "[TLP:AMBER] Betroffenheitshinweis / Notice: CVE-2026-0001")
        let halves = preview.text.components(separatedBy: String(repeating: "=", count: 72))
        #expect(halves.count == 2)
        for (half, words) in [
            (
                halves[0],
                [
                    "Betroffenheitshinweis", "Eine Schwachstelle wird ausgenutzt.", digest.description,
                    "von Ihnen abgerufen am 22.11.2026 um 09:00 UTC", "enthält openssl 3.0.1, behoben in 3.0.2",
                    "podman pull node.example.org/bund/app:1.1", "Zugang sperren.",
                    "https://node.example.org/notices/answer/",
                    "TLP:AMBER", "Authority land",
                ]
            ),
            (
                halves[1],
                [
                    "Notice", "A vulnerability is being exploited.", digest.description,
                    "pulled by you on 2026-11-22 at 09:00 UTC", "contains openssl 3.0.1, repaired in 3.0.2",
                    "podman pull node.example.org/bund/app:1.1", "Close the access.",
                    "https://node.example.org/notices/answer/", "TLP:AMBER",
                ]
            ),
        ] {
            for word in words { #expect(half.contains(word), "\(word) is missing in \(half)") }
        }
        for line in preview.text.split(separator: "\n") where !line.contains("sha256:") && !line.contains("://") {
            #expect(line.count <= 72, "\(line)")
        }
        // The bodies with that legal power say Warnung.
        #expect(!preview.subject.lowercased().contains("warn"))
        let json = try JSONFields(JSONValue(parsing: preview.attachment))
        #expect(try json.string("tlp") == "TLP:AMBER")
        #expect(try json.object("evidence").object("pulled").integer("count") == 1)
    }

    @Test("the attachment and the event of a sent letter hold the same facts, and the link that works")
    func machines() async throws {
        let (world, id) = try await World.sent(to: 1)
        let sink = Sink()
        _ = try await world.sender(mail: sink.send).sendDueMail()
        let message = try #require(sink.messages.first)
        let json = try JSONFields(JSONValue(parsing: #require(message.attachment).bytes))
        #expect(try json.string("answer") == "https://node.example.org/notices/answer/" + message.token)
        #expect(try json.string("id") == id && json.string("kind") == "notice" && json.string("organisation") == "org0")
        #expect(try await world.notices.answer(message.token).id == id)
        #expect(
            message.messageID.hasSuffix(".notice@node.example.org")
                && message.to.description == "security@org0.example.org"
        )
    }

    @Test("names of strangers forge no line and turn no word round, however long they are")
    func hostile() async throws {
        let evil =
            "openssl\r\nBcc: victim@example.test\u{2028}\u{202E}gpj.exe\u{0}\u{1B}[2J"
            + String(repeating: "x", count: 50_000)
        var evidence = NoticeEvidence()
        evidence.pulled.append(
            NoticeEvidence.Image(
                repository: "bund/app",
                digest: Digest.sha256([1]).description,
                tags: [],
                components: [
                    .init(name: NoticeText.word(evil), version: NoticeText.word(evil), fixedIn: nil, isCertain: false)
                ],
                since: NodeFixture.start,
                pulls: .init(first: NodeFixture.start, last: NodeFixture.start, count: 2)
            )
        )
        let content = try NoticeContent(
            what: LocalizedText(de: "a\r\n.\r\nMAIL FROM:<x@example.test>\u{0}\u{202E}", en: "b\u{7}")
        ).checked()
        var settings = NoticeSettings(node: "node\r\nBcc: x@example.test", answerLink: "https://node.example.org/a/")
        settings.from = try MailAddress(parsing: "kontor@node.example.org")
        let letter = NoticeLetter(
            notice: NoticeRecord(
                row: 1,
                id: "id",
                kind: .notice,
                question: "pkg:generic/\r\nSubject: x@1\u{202E}",
                content: content,
                reason: nil,
                snapshot: nil,
                images: 1,
                pullsOfNobody: 0,
                letterhead: .init(settings),
                sentAt: NodeFixture.start,
                sentBy: "admin",
                follows: nil
            ),
            organisation: "land",
            title: "Land\r\nTo: y@example.test",
            reasons: [.pulled],
            evidence: evidence,
            token: NoticeToken.random()
        )
        let message = try letter.mail(to: "security@example.org", messageID: "1.notice@node.example.org")
        let headers = String(decoding: message.bytes(), as: UTF8.self).components(separatedBy: "\r\n\r\n")[0]
        #expect(!headers.contains("\r\nBcc") && !headers.contains("\r\nSubject: x"))
        #expect(
            !message.text.contains("\nBcc") && !message.text.contains("\u{202E}") && !message.text.contains("\u{0}")
        )
        #expect(!message.text.contains("\u{1B}") && !message.text.contains("\u{2028}"))
        #expect(message.text.utf8.count < 20_000)
        #expect(try letter.webhook(id: "ntc_1").body.count < WebhookMessage.maximumBytes)
    }

    @Test("an image with such names reaches its recipients all the same")
    func hostileImage() async throws {
        let name = "evil\r\nBcc: victim@example.test" + String(repeating: "y", count: 3_000)
        let world = try await World([(name, "1.0\u{7}\u{202E}")])
        try await world.organisation("land")
        let digest = try await world.image("bund/app")
        try await world.pull(digest, from: "bund/app", by: "land")
        let draft = try await world.draft(digest.description)
        _ = try await world.notices.send(draft, World.content, to: ["land"], by: world.admin)
        let sink = Sink()
        _ = try await world.sender(mail: sink.send).sendDueMail()
        #expect(sink.messages.count == 1 && !(sink.messages.first?.text.contains("\nBcc") ?? true))
    }

    @Test("the largest letter fits into a webhook and a mail")
    func largest() throws {
        var evidence = NoticeEvidence()
        let long = String(repeating: "\"", count: 100)
        for _ in 0..<1_000 {
            let image = NoticeEvidence.Image(
                repository: long + long,
                digest: Digest.sha512([1]).description,
                tags: Array(repeating: long, count: 5),
                components: Array(
                    repeating: .init(name: long, version: long, fixedIn: long, isCertain: true),
                    count: 5
                ),
                since: NodeFixture.start,
                pulls: .init(first: NodeFixture.start, last: NodeFixture.start, count: .max)
            )
            evidence.published.append(image)
            evidence.pulled.append(image)
            evidence.operatesFor.append(long + long)
            evidence.operatedBy.append(long + long)
        }
        let text = LocalizedText(de: String(repeating: "\"", count: 4_000), en: String(repeating: "\n\"", count: 2_000))
        var settings = NoticeSettings(node: "node", answerLink: "https://node.example.org/a/")
        settings.from = try MailAddress(parsing: "kontor@node.example.org")
        let letter = NoticeLetter(
            notice: NoticeRecord(
                row: 1,
                id: NoticeToken.identifier(),
                kind: .correction,
                question: String(repeating: "q", count: 1_024),
                content: try NoticeContent(what: text, measure: text).checked(),
                reason: text,
                snapshot: nil,
                images: 1,
                pullsOfNobody: 0,
                letterhead: .init(settings),
                sentAt: NodeFixture.start,
                sentBy: "admin",
                follows: (NoticeToken.identifier(), NodeFixture.start)
            ),
            organisation: "land",
            title: long + long,
            reasons: [.publishes, .pulled, .operates, .operated],
            evidence: evidence,
            token: NoticeToken.random()
        )
        #expect(try letter.webhook(id: "ntc_1").body.count <= WebhookMessage.maximumBytes)
        #expect(try letter.mail(to: "security@example.org", messageID: "1@example.org").bytes().count < 1 << 20)
    }

    @Test("content that says nothing, or a command with what does not show, is refused")
    func content() {
        let fine = LocalizedText(de: "a", en: "b")
        #expect(throws: NoticesError.self) { try NoticeContent(what: LocalizedText(de: " \n", en: "b")).checked() }
        #expect(throws: NoticesError.self) {
            try NoticeContent(what: LocalizedText(de: String(repeating: "a", count: 4_001), en: "b")).checked()
        }
        #expect(throws: NoticesError.self) {
            try NoticeContent(what: fine, replacement: NoticeReplacement(command: "podman\u{200B} pull x")).checked()
        }
        #expect(throws: NoticesError.self) {
            try NoticeContent(what: fine, replacement: NoticeReplacement(command: "podman pull x\nrm -rf /")).checked()
        }
        #expect(
            (try? NoticeContent(what: fine, replacement: NoticeReplacement(command: " ")).checked().replacement)
                == .some(nil)
        )
    }
}
