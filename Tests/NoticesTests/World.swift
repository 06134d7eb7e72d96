// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Assessment
import AssessmentTestKit
import Database
import Logging
import Mail
import Notices
import OCI
import PullRecords
import SBOM
import Situation
import Synchronization
import TestKit
import Time
import Vulnerabilities
import Webhooks

/// A node with images, organisations and the rooms up to notices.
struct World {
    static let vulnerability = "CVE-2026-0001"

    let node: NodeFixture
    let assessment: AssessmentService
    let pulls: PullRecords
    let accounts: Accounts
    let settings: NoticeSettings
    let notices: Notices
    let admin: Account

    init(
        _ packages: [(name: String, version: String)] = [("openssl", "3.0.1")],
        _ change: (inout NoticeSettings) -> Void = { _ in }
    ) async throws {
        node = try NodeFixture(NodeFixture.evidence(packages), further: NoticesSchema.migrations)
        assessment = try node.service()
        pulls = PullRecords(database: node.database)
        accounts = Accounts(database: node.database, clock: node.time.clock)
        admin = node.account
        _ = try await accounts.bootstrap(dataDirectory: node.directory.path)
        var settings = NoticeSettings(
            node: "node.example.org",
            answerLink: "https://node.example.org/notices/answer/",
            from: try MailAddress(parsing: "kontor@node.example.org"),
            webhookRules: try WebhookRules(allowing: ["hooks.example.test"])
        )
        change(&settings)
        self.settings = settings
        let feeds = node.feeds
        notices = Notices(
            database: node.database,
            accounts: accounts,
            situation: Situation(
                database: node.database,
                registry: node.registry,
                pulls: pulls,
                snapshot: { try feeds.current()?.id },
                clock: node.time.clock
            ),
            pulls: pulls,
            settings: settings,
            clock: node.time.clock
        )
        try await node.importing([
            "tracker.json": NodeFixture.tracker([(source: "openssl", id: Self.vulnerability, fixed: "3.0.2")]),
            "kev.json": NodeFixture.kev([Self.vulnerability]),
        ])
    }

    func organisation(_ name: String, contact: String? = "default", deputy: String? = nil) async throws {
        try await accounts.putOrganisation(
            Organisation(
                name: name,
                title: "Authority \(name)",
                kind: .municipal,
                securityContact: contact == "default" ? "security@\(name).example.org" : contact,
                deputyContact: deputy
            ),
            by: admin
        )
    }

    func namespace(_ name: String, of organisation: String) async throws {
        try await accounts.createNamespace(name, organisation: organisation, isPublic: true, by: admin)
    }

    @discardableResult
    func image(_ repository: String, _ label: String = "a", tag: String = "1.0") async throws -> Digest {
        let digest = try await node.push(NodeFixture.image(label), to: repository, tag: tag)
        try await node.work(assessment)
        return digest
    }

    func id(of organisation: String) async throws -> Int64 {
        try await accounts.organisation(organisation).organisation.id
    }

    func pull(_ digest: Digest, from repository: String, by organisation: String) async throws {
        pulls.note(
            try RepositoryName(parsing: repository),
            digest,
            by: .organisation(try await id(of: organisation)),
            at: node.time.clock.now()
        )
    }

    func draft(_ question: String = vulnerability) async throws -> NoticeDraft {
        try await notices.draft(AffectedQuestion(parsing: question), by: admin)
    }

    /// Sends to all whom it concerns.
    @discardableResult
    func send() async throws -> String {
        let draft = try await draft()
        return try await notices.send(draft, Self.content, to: Set(draft.recipients.map(\.name)), by: admin)
    }

    /// An image that organisations pulled, and a notice about it.
    static func sent(to count: Int, _ change: (inout NoticeSettings) -> Void = { _ in }) async throws -> (World, String)
    {
        let world = try await World([("openssl", "3.0.1")], change)
        try await world.pulledBy(count)
        return (world, try await world.send())
    }

    func pulledBy(_ count: Int) async throws {
        let digest = try await image("bund/app")
        for index in 0..<count {
            try await organisation("org\(index)")
            try await pull(digest, from: "bund/app", by: "org\(index)")
        }
    }

    static let content = NoticeContent(
        what: LocalizedText(de: "Eine Schwachstelle wird ausgenutzt.", en: "A vulnerability is being exploited."),
        measure: LocalizedText(de: "Zugang sperren.", en: "Close the access."),
        replacement: NoticeReplacement(
            reference: "node.example.org/bund/app:1.1",
            command: "podman pull node.example.org/bund/app:1.1"
        )
    )
    static let reason = LocalizedText(de: "Es war anders.", en: "It was different.")

    func sender(
        database: Database? = nil,
        mail: NoticeSender.SendMail? = nil,
        webhook: NoticeSender.SendWebhook? = nil
    ) -> NoticeSender {
        var quiet = Logger(label: "test")
        quiet.logLevel = .critical
        return NoticeSender(
            database: database ?? node.database,
            settings: settings,
            mail: mail,
            webhook: webhook,
            clock: node.time.clock,
            logger: quiet,
            jitter: { 0 }
        )
    }

    func deliveries(_ id: String) async throws -> [NoticeDelivery] {
        try await notices.notice(id, by: admin).recipients.flatMap(\.deliveries)
    }
}

/// What was handed over, and what is answered to it.
final class Sink: Sendable {
    private let state = Mutex<(messages: [MailMessage], answers: [MailOutcome])>(([], []))

    init(_ answers: [MailOutcome] = []) { state.withLock { $0.answers = answers } }

    var messages: [MailMessage] { state.withLock { $0.messages } }

    var send: NoticeSender.SendMail {
        { message in
            self.state.withLock { state in
                state.messages.append(message)
                return state.answers.isEmpty ? Self.delivered : state.answers.removeFirst()
            }
        }
    }

    func keep(_ message: MailMessage) { state.withLock { $0.messages.append(message) } }

    static let delivered = MailOutcome.delivered(SMTPReply(code: 250, lines: ["fine"]))
    static let later = MailOutcome.deferred(.reply(SMTPReply(code: 451, lines: ["later"]), to: .recipient))
    static let never = MailOutcome.rejected(.reply(SMTPReply(code: 550, lines: ["no such user"]), to: .recipient))
}

extension MailMessage {
    /// The token at the end of the link.
    var token: String {
        let prefix = "https://node.example.org/notices/answer/"
        let line = text.split(separator: "\n").first { $0.hasPrefix(prefix) } ?? ""
        return String(line.dropFirst(prefix.count))
    }
}

/// Numbers that are the same with each run.
struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ (state >> 29)) &* 0x9E37_79B9_7F4A_7C15
    }
}
