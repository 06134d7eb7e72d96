// SPDX-License-Identifier: EUPL-1.2

public import Audit
public import Logging
public import ServiceLifecycle
public import Syslog

/// Where audit messages go; the seam at which tests stand in for a receiver.
public struct AuditSink: Sendable {
    /// Hands over messages in order; after an error everything since the last confirmation is handed over again.
    public var send: @Sendable ([[UInt8]]) async throws -> Void
    /// Returns when the other side is known to have read everything that was handed over.
    public var confirm: @Sendable () async throws -> Void
    /// Gives up what is not confirmed.
    public var abandon: @Sendable () async -> Void

    /// A sink made of single closures.
    public init(
        send: @escaping @Sendable ([[UInt8]]) async throws -> Void,
        confirm: @escaping @Sendable () async throws -> Void,
        abandon: @escaping @Sendable () async -> Void
    ) {
        self.send = send
        self.confirm = confirm
        self.abandon = abandon
    }

    /// A syslog receiver over TLS.
    public static func syslog(_ sender: SyslogSender) -> AuditSink {
        AuditSink(
            send: { try await sender.send($0) },
            confirm: { try await sender.confirm() },
            abandon: { await sender.close() }
        )
    }
}

/// Sends the audit log to a receiver, in order, each event at least once.
///
/// It reads a page after the last event that was sent, sends it, and moves the cursor in the database only when the
/// receiver has confirmed; until then the rows are what is sent again after an error, a restart or a power cut. Between
/// two confirmations lie at most ``Settings/confirmAfter`` or ``Settings/maximumUnconfirmed`` events, and that is what
/// can arrive twice. Pushes never wait for it: it reads pages by their key and writes one row.
public struct AuditForwarder: Service {
    /// Bounds and times.
    public struct Settings: Sendable {
        /// Events that are read and sent at once.
        public var page = 500
        /// How often the log is looked at when there was nothing new.
        public var poll: Duration = .seconds(1)
        /// Longest time from the first event that is not confirmed until it is confirmed.
        public var confirmAfter: Duration = .seconds(10)
        /// Most events that are not confirmed.
        public var maximumUnconfirmed: Int64 = 5_000
        /// Longest wait after errors; the first is one second.
        public var maximumBackoff: Duration = .seconds(300)
        /// Longest time for the last confirmation when the node ends.
        public var farewell: Duration = .seconds(5)
        /// How time passes; tests give their own.
        public var sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
        /// Time since any fixed point, never going back.
        public var elapsed: @Sendable () -> Duration = {
            let start = ContinuousClock.now
            return { ContinuousClock.now - start }
        }()
        /// A number from 0 up to, not including, 1: keeps the nodes of a country from coming back in step.
        public var jitter: @Sendable () -> Double = { Double.random(in: 0..<1) }

        /// The usual bounds.
        public init() {}
    }

    private let export: AuditExport
    private let format: AuditSyslogFormat
    private let sink: AuditSink
    private let settings: Settings
    private let logger: Logger

    /// A forwarder; ``run()`` starts it.
    public init(
        export: AuditExport,
        format: AuditSyslogFormat,
        sink: AuditSink,
        settings: Settings = Settings(),
        logger: Logger = Logger(label: "kontor.audit")
    ) {
        self.export = export
        self.format = format
        self.sink = sink
        self.settings = settings
        self.logger = logger
    }

    /// Forwards until the node ends or the task is cancelled; no error ends it.
    ///
    /// At an orderly end it takes a moment to have confirmed what was sent, so that the next start does not repeat it.
    public func run() async throws {
        let walk = await cancelWhenGracefulShutdown { await forward() }
        if !Task.isCancelled, walk.isUnconfirmed { await takeLeave(walk) }
        await sink.abandon()
    }

    /// How far it is.
    private struct Walk: Sendable {
        /// Last event that was sent.
        var sent: Int64
        /// Last event that was confirmed.
        var confirmed: Int64
        /// When the first event was sent that is not confirmed.
        var since: Duration?

        init(cursor: Int64) { (sent, confirmed) = (cursor, cursor) }

        var isUnconfirmed: Bool { sent > confirmed }
    }

    private func forward() async -> Walk {
        var failures = 0
        var lastError: String?
        var walk = Walk(cursor: 0)
        while !Task.isCancelled {
            // Whether the connection still carries what is not confirmed; a step that is broken off takes it along.
            var isIntact = true
            do {
                // From the table each time: after an error the rows since the cursor are sent again.
                let state = try await export.state()
                var isBroken = failures > 0 || state.lastError != nil
                walk = Walk(cursor: state.cursor)
                while true {
                    isIntact = false
                    let isDry = try await step(&walk)
                    isIntact = true
                    if isBroken, !walk.isUnconfirmed, walk.confirmed > state.cursor {
                        logger.notice("audit export works again", metadata: ["confirmed": "\(walk.confirmed)"])
                        (isBroken, failures, lastError) = (false, 0, nil)
                    }
                    if isDry { try await settings.sleep(settings.poll) }
                    try Task.checkCancellation()
                }
            } catch {
                if !isIntact { walk = Walk(cursor: walk.confirmed) }
                // Whatever the end of the task broke off is no failure; what was being sent is sent at the next start.
                if Task.isCancelled { break }
                failures += 1
                await sink.abandon()
                walk = Walk(cursor: walk.confirmed)
                lastError = await note(error, last: lastError)
                let wait = Self.backoff(failures: failures, jitter: settings.jitter(), most: settings.maximumBackoff)
                do { try await settings.sleep(wait) } catch { break }
            }
        }
        return walk
    }

    /// Sends the next page, and confirms when it is time to.
    ///
    /// - Returns: whether there is nothing more to send now.
    private func step(_ walk: inout Walk) async throws -> Bool {
        let page = try await export.events(after: walk.sent, limit: settings.page)
        if let last = page.last {
            try await sink.send(page.map { format.message($0) })
            walk.sent = last.id
            walk.since = walk.since ?? settings.elapsed()
        }
        let age = walk.since.map { settings.elapsed() - $0 } ?? .zero
        if walk.isUnconfirmed,
            walk.sent - walk.confirmed >= settings.maximumUnconfirmed || age >= settings.confirmAfter
        {
            try await confirm(&walk)
        }
        return page.count < settings.page
    }

    private func confirm(_ walk: inout Walk) async throws {
        try await sink.confirm()
        // Confirmed, whether or not the row can be written: without it they are sent twice, which is allowed.
        try await export.advance(to: walk.sent)
        walk.confirmed = walk.sent
        walk.since = nil
    }

    private func takeLeave(_ walk: Walk) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                var walk = walk
                // An error leaves the cursor where it is; the next start sends again.
                try? await confirm(&walk)
            }
            group.addTask { [settings] in try? await settings.sleep(settings.farewell) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Keeps an error in the table and in the log, once until it changes.
    private func note(_ error: any Error, last: String?) async -> String {
        let text = String("\(error)".prefix(AuditExport.maximumErrorLength))
        guard text != last else { return text }
        logger.error("audit export fails and is tried again: \(text)")
        do { try await export.fail(text) } catch {
            logger.error("audit export cannot note its failure: \(error)")
        }
        return text
    }

    /// The wait after the nth failure in a row: 1, 2, 4 … seconds, of which the upper half is left to chance.
    static func backoff(failures: Int, jitter: Double, most: Duration) -> Duration {
        let ceiling = min(most, .seconds(1 << min(max(0, failures - 1), 20)))
        return ceiling / 2 + ceiling / 2 * min(1, max(0, jitter))
    }
}
