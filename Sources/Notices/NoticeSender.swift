// SPDX-License-Identifier: EUPL-1.2

public import Database
public import Logging
public import Mail
public import Time
public import Webhooks

/// Sends what is due: mail one after the other on one connection, webhooks several at a time.
///
/// A delivery is claimed and its attempt counted before its first byte goes out, and its outcome is noted before the next one is claimed.
/// So a process that is killed leaves at most the mail in flight to be sent twice, under the same Message-ID and with the same bytes.
/// One sender works on a database.
///
/// ## Topics
/// - ``run()``
/// - ``recover()``
/// - ``sendDueMail()``
/// - ``sendDueWebhooks()``
public final class NoticeSender: Sendable {
    /// Hands over a mail; one call at a time.
    public typealias SendMail = @Sendable (MailMessage) async throws -> MailOutcome
    /// Sends a webhook; several calls at a time.
    public typealias SendWebhook =
        @Sendable (WebhookMessage, WebhookURL, [WebhookSecret]) async throws ->
        WebhookOutcome

    private static let mailChannel: Int64 = 1
    private static let webhookChannel: Int64 = 2

    private let outbox: NoticeOutbox
    private let settings: NoticeSettings
    private let mail: SendMail?
    private let webhook: SendWebhook?
    private let logger: Logger

    /// Composes a sender.
    ///
    /// - Parameters:
    ///   - database: with ``NoticesSchema/migrations``.
    ///   - settings: those of ``Notices``.
    ///   - mail: `SMTPSender.send`; nil where this node sends none: what is queued then stays so.
    ///   - webhook: `WebhookSender.send`; nil likewise.
    ///   - jitter: from 0 to 1.
    public init(
        database: Database,
        settings: NoticeSettings,
        mail: SendMail?,
        webhook: SendWebhook?,
        clock: WallClock = .system,
        logger: Logger,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) }
    ) {
        outbox = NoticeOutbox(database: database, settings: settings, clock: clock, jitter: jitter)
        self.settings = settings
        self.mail = mail
        self.webhook = webhook
        self.logger = logger
    }

    /// Sends until the task is cancelled; begins with what a former process left half-sent.
    public func run() async {
        await withDiscardingTaskGroup { group in
            if mail != nil {
                group.addTask { await self.work(Self.mailChannel) { try await self.sendMail().isServerDown } }
            }
            if webhook != nil {
                group.addTask {
                    await self.work(Self.webhookChannel) {
                        try await self.sendDueWebhooks()
                        return false
                    }
                }
            }
        }
    }

    /// Makes what a former process left half-sent due again.
    @discardableResult
    public func recover() async throws -> Int {
        try await outbox.recover(Self.mailChannel) + outbox.recover(Self.webhookChannel)
    }

    /// Sends all mail that is due, and stops where the mail server is the trouble.
    ///
    /// - Returns: attempts that were made.
    @discardableResult
    public func sendDueMail() async throws -> Int { try await sendMail().attempts }

    private func sendMail() async throws -> (attempts: Int, isServerDown: Bool) {
        guard let mail else { return (0, false) }
        var count = 0
        while !Task.isCancelled, let claim = try await outbox.claim(Self.mailChannel) {
            count += 1
            let (outcome, isServerDown) = await attempt(claim, mail)
            try await note(claim, outcome)
            // The others would fail in the same way, each after a long wait.
            if isServerDown { return (count, true) }
        }
        return (count, false)
    }

    /// Sends all webhooks that are due.
    ///
    /// - Returns: attempts that were made.
    @discardableResult
    public func sendDueWebhooks() async throws -> Int {
        guard let webhook else { return 0 }
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<max(1, settings.webhooksAtOnce) {
                group.addTask {
                    var count = 0
                    while !Task.isCancelled, let claim = try await self.outbox.claim(Self.webhookChannel) {
                        count += 1
                        try await self.note(claim, await self.attempt(claim, webhook))
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
    }

    private func attempt(
        _ claim: NoticeOutbox.Claim,
        _ send: SendMail
    ) async -> (outcome: NoticeOutbox.Outcome, isServerDown: Bool) {
        let message: MailMessage
        do { message = try claim.letter.mail(to: claim.channel.address, messageID: claim.messageID) } catch {
            return (.rejected("the mail cannot be written: \(error)", isGone: false), false)
        }
        do {
            switch try await send(message) {
            case .delivered: return (.sent, false)
            case .rejected(let problem): return (.rejected("\(problem)", isGone: false), false)
            case .deferred(let problem): return (.later("\(problem)", after: nil), !problem.isOfOneMessage)
            // It may have been taken; under the same Message-ID the receiver can tell.
            case .unknown(let problem): return (.later("\(problem)", after: nil), true)
            }
        } catch is CancellationError {
            return (.stopped, true)
        } catch {
            return (.later("\(error)", after: nil), true)
        }
    }

    private func attempt(_ claim: NoticeOutbox.Claim, _ send: SendWebhook) async -> NoticeOutbox.Outcome {
        guard let text = claim.secret else {
            return .rejected("this receiver is registered no longer", isGone: false)
        }
        do {
            let message = try claim.letter.webhook(id: claim.messageID)
            let url = try WebhookURL(parsing: claim.channel.address, under: settings.webhookRules ?? .standard)
            let secret = try WebhookSecret(parsing: text)
            switch try await send(message, url, [secret]) {
            case .delivered: return .sent
            case .rejected(let problem): return .rejected("\(problem)", isGone: problem.isGone)
            case .deferred(let problem, let after): return .later("\(problem)", after: after)
            }
        } catch let error as WebhookError {
            return .rejected("\(error)", isGone: false)
        } catch is CancellationError {
            return .stopped
        } catch {
            return .later("\(error)", after: nil)
        }
    }

    private func note(_ claim: NoticeOutbox.Claim, _ outcome: NoticeOutbox.Outcome) async throws {
        try await outbox.finish(claim, outcome)
        switch outcome {
        case .sent, .stopped: break
        case .later(let problem, _):
            logger.notice(
                "a notice was not delivered and will be tried again",
                metadata: ["to": "\(claim.channel.place)", "problem": "\(problem)"]
            )
        case .rejected(let problem, _):
            logger.warning(
                "a notice was rejected",
                metadata: ["to": "\(claim.channel.place)", "problem": "\(problem)"]
            )
        }
    }

    /// - Parameter send: sends what is due; whether the way out is blocked for all.
    private func work(_ channel: Int64, _ send: @Sendable () async throws -> Bool) async {
        var hasRecovered = false
        var failures = 0
        while !Task.isCancelled {
            do {
                if !hasRecovered {
                    let count = try await outbox.recover(channel)
                    hasRecovered = true
                    if count > 0 {
                        logger.notice("notices that were being sent are sent again", metadata: ["count": "\(count)"])
                    }
                }
                failures = try await send() ? failures + 1 : 0
            } catch is CancellationError {
                break
            } catch {
                // The database; what was claimed stays so until the next recovery.
                hasRecovered = false
                failures += 1
                logger.error("notices cannot be sent", metadata: ["error": "\(error)"])
            }
            // About a minute at most: who repairs a mail server need not tell this node.
            try? await Task.sleep(for: settings.poll * (1 << min(failures, 7)))
        }
    }
}

extension SMTPProblem {
    /// Whether the next message may fare better: the server spoke about this one.
    var isOfOneMessage: Bool {
        switch self {
        case .reply(_, to: .sender), .reply(_, to: .recipient), .reply(_, to: .data), .reply(_, to: .content),
            .tooLarge:
            true
        default: false
        }
    }
}
