// SPDX-License-Identifier: EUPL-1.2

import Audit
import Database
import Logging
import Node
import ServiceLifecycle
import Synchronization
import Syslog
import TestKit
import Testing
import Time

/// A receiver that takes, fails and forgets as it is told.
private final class FakeSink: Sendable {
    struct Failure: Error, CustomStringConvertible { let description: String }
    struct State {
        /// Ids in the order in which they were handed over.
        var handed: [Int64] = []
        /// Ids that were confirmed, in their order.
        var confirmed: [Int64] = []
        var pending: [Int64] = []
        var sends = 0
        var confirmations = 0
        var abandonments = 0
    }
    /// Owner: the sink.
    private let state = Mutex(State())
    /// What goes wrong at the nth call, counted from 1; nil when nothing does.
    private let failsSend: @Sendable (Int) -> String?
    private let failsConfirm: @Sendable (Int) -> String?

    init(
        failsSend: @escaping @Sendable (Int) -> String? = { _ in nil },
        failsConfirm: @escaping @Sendable (Int) -> String? = { _ in nil }
    ) {
        (self.failsSend, self.failsConfirm) = (failsSend, failsConfirm)
    }

    var now: State { state.withLock { $0 } }

    var sink: AuditSink {
        AuditSink(
            send: { [self] messages in
                let number = state.withLock {
                    $0.sends += 1
                    return $0.sends
                }
                if let failure = failsSend(number) { throw Failure(description: failure) }
                let ids = messages.map(Self.id)
                state.withLock {
                    $0.handed += ids
                    $0.pending += ids
                }
            },
            confirm: { [self] in
                let number = state.withLock {
                    $0.confirmations += 1
                    return $0.confirmations
                }
                if let failure = failsConfirm(number) { throw Failure(description: failure) }
                state.withLock {
                    $0.confirmed += $0.pending
                    $0.pending = []
                }
            },
            abandon: { [self] in
                state.withLock {
                    $0.abandonments += 1
                    $0.pending = []
                }
            }
        )
    }

    private static func id(_ message: [UInt8]) -> Int64 {
        let text = String(decoding: message, as: UTF8.self)
        guard let start = text.firstRange(of: " id=\"")?.upperBound else { return -1 }
        return Int64(text[start...].prefix { $0 != "\"" }) ?? -1
    }
}

/// Time of a forwarder: waits end at once and are noted; after a number of idle looks the work is over.
private final class Pace: Sendable {
    private let waits = Mutex<[Duration]>([])
    private let idle: Mutex<Int>
    private let onIdle: @Sendable (Int) async throws -> Void
    /// One element when the work is over.
    private let (overs, over) = AsyncStream<Void>.makeStream()

    init(idle: Int = 1, onIdle: @escaping @Sendable (Int) async throws -> Void = { _ in }) {
        self.idle = Mutex(idle)
        self.onIdle = onIdle
    }

    /// Waits after errors.
    var backoffs: [Duration] { waits.withLock { $0.filter { $0 != .milliseconds(7) } } }

    func settings() -> AuditForwarder.Settings {
        var settings = AuditForwarder.Settings()
        settings.page = 10
        settings.poll = .milliseconds(7)
        settings.confirmAfter = .zero
        settings.elapsed = { .zero }
        settings.jitter = { 1 }
        settings.sleep = { [self] duration in
            try Task.checkCancellation()
            waits.withLock { $0.append(duration) }
            guard duration == .milliseconds(7) else { return }
            let left = idle.withLock {
                $0 -= 1
                return $0
            }
            try await onIdle(left)
            guard left <= 0 else { return }
            over.yield()
            // Ends with the cancellation.
            try await Task.sleep(for: .seconds(10_000))
        }
        return settings
    }

    /// Runs a forwarder until the work is over, and then breaks it off as a killed node would.
    func run(_ forwarder: AuditForwarder) async throws {
        let task = Task { try await forwarder.run() }
        for await _ in overs { break }
        task.cancel()
        try await task.value
    }
}

@Suite struct AuditForwarderTests {
    private func run(
        _ log: Log,
        _ sink: AuditSink,
        _ pace: Pace = Pace(),
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        change: (inout AuditForwarder.Settings) -> Void = { _ in }
    ) async throws {
        var settings = pace.settings()
        change(&settings)
        let format = AuditSyslogFormat(hostname: "node.example", processID: 42)
        try await pace.run(
            AuditForwarder(export: log.export(), format: format, sink: sink, settings: settings, logger: logger)
        )
    }

    @Test("everything goes out once and in order, and the cursor follows", arguments: [1, 7, 25, 100])
    func order(page: Int) async throws {
        let log = try await Log(events: 25)
        let sink = FakeSink()
        try await run(log, sink.sink) { $0.page = page }
        #expect(sink.now.handed == Array(1...25) && sink.now.confirmed == Array(1...25))
        #expect(try await log.export().state().cursor == 25)
    }

    @Test("a restart goes on at the cursor")
    func restart() async throws {
        let log = try await Log(events: 5)
        let sink = FakeSink()
        try await run(log, sink.sink)
        try await log.append(5)
        try await run(log, sink.sink)
        #expect(sink.now.handed == Array(1...10))
        #expect(try await log.export().state().cursor == 10)
    }

    @Test("what comes while it waits goes out with the next look")
    func later() async throws {
        let log = try await Log(events: 1)
        let sink = FakeSink()
        try await run(log, sink.sink, Pace(idle: 3) { left in if left > 0 { try await log.append(2) } })
        #expect(sink.now.confirmed == Array(1...5))
    }

    @Test("what was sent and not confirmed does not move the cursor, and is sent again by the next start")
    func unconfirmed() async throws {
        let log = try await Log(events: 5)
        let sink = FakeSink()
        try await run(log, sink.sink) { $0.confirmAfter = .seconds(10) }
        #expect(sink.now.handed == Array(1...5) && sink.now.confirmations == 0)
        #expect(try await log.export().state().cursor == 0)
        try await run(log, sink.sink)
        #expect(sink.now.handed == Array(1...5) + Array(1...5) && sink.now.confirmed == Array(1...5))
    }

    @Test("a long backlog is confirmed in between, so that little is ever sent twice")
    func backlog() async throws {
        let log = try await Log(events: 100)
        let sink = FakeSink()
        try await run(log, sink.sink) { ($0.confirmAfter, $0.maximumUnconfirmed) = (.seconds(10), 20) }
        #expect(sink.now.confirmations == 5 && sink.now.confirmed == Array(1...100))
    }

    @Test("errors of sending lose nothing, keep the order, are kept until it works, and wait longer each time")
    func sendErrors() async throws {
        let log = try await Log(events: 30)
        let pace = Pace()
        // The second page fails ten times.
        let sink = FakeSink(failsSend: { (2...11).contains($0) ? "receiver away" : nil })
        try await run(log, sink.sink, pace) { ($0.confirmAfter, $0.maximumUnconfirmed) = (.seconds(10), 30) }
        // The first page was not confirmed when the second failed, and goes again.
        #expect(sink.now.handed == Array(1...10) + Array(1...30))
        #expect(sink.now.confirmed == Array(1...30))
        #expect(
            pace.backoffs == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300].map { Duration.seconds($0) }
        )
        #expect(try await log.export().state().lastError == nil)
    }

    @Test("a confirmation that fails brings everything since the last one again, in order")
    func confirmErrors() async throws {
        let log = try await Log(events: 25)
        let sink = FakeSink(failsConfirm: { $0 == 2 ? "receiver died" : nil })
        try await run(log, sink.sink)
        #expect(sink.now.handed == Array(1...20) + Array(11...25))
        #expect(sink.now.confirmed == Array(1...25))
    }

    @Test("an error is in the table while it lasts, and in the log once until it changes")
    func noted() async throws {
        let log = try await Log(events: 5)
        let lines = Lines()
        let logger = Logger(label: "test", factory: { _ in lines.handler })
        let seen = Mutex<String?>(nil)
        let pace = Pace()
        let sink = FakeSink(failsSend: { number in
            switch number {
            case 1...3: "first reason"
            case 4...5: "second reason"
            default: nil
            }
        })
        try await run(log, sink.sink, pace, logger: logger) { settings in
            let sleep = settings.sleep
            settings.sleep = { duration in
                if duration == .seconds(16) {
                    let state = try await log.export().state()
                    seen.withLock { $0 = state.lastError }
                }
                try await sleep(duration)
            }
        }
        #expect(seen.withLock { $0 } == "second reason")
        #expect(try await log.export().state().lastError == nil)
        #expect(lines.all.filter { $0.contains("first reason") }.count == 1)
        #expect(lines.all.filter { $0.contains("second reason") }.count == 1)
        #expect(lines.all.filter { $0.contains("works again") }.count == 1)
    }

    @Test("a node that ends has what was sent confirmed, and the next start does not repeat it")
    func orderlyEnd() async throws {
        let log = try await Log(events: 5)
        let sink = FakeSink()
        let (idles, idle) = AsyncStream<Void>.makeStream()
        var settings = AuditForwarder.Settings()
        settings.confirmAfter = .seconds(10_000)
        settings.sleep = { duration in
            idle.yield()
            try await Task.sleep(for: .seconds(10_000))
        }
        let forwarder = AuditForwarder(
            export: log.export(),
            format: AuditSyslogFormat(hostname: "node.example"),
            sink: sink.sink,
            settings: settings
        )
        let group = ServiceGroup(configuration: .init(services: [forwarder], logger: Logger(label: "test")))
        let running = Task { try await group.run() }
        for await _ in idles { break }
        #expect(try await log.export().state().cursor == 0)
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(sink.now.confirmed == Array(1...5) && sink.now.abandonments == 1)
        #expect(try await log.export().state().cursor == 5)
    }

    @Test("a node that ends while something is being sent confirms nothing of it")
    func endWhileSending() async throws {
        let log = try await Log(events: 15)
        let fake = FakeSink()
        let (hangs, hang) = AsyncStream<Void>.makeStream()
        var sink = fake.sink
        let send = sink.send
        sink.send = { messages in
            try await send(messages)
            guard fake.now.sends == 2 else { return }
            hang.yield()
            try await Task.sleep(for: .seconds(10_000))
        }
        var settings = AuditForwarder.Settings()
        settings.page = 10
        let forwarder = AuditForwarder(
            export: log.export(),
            format: AuditSyslogFormat(hostname: "node.example"),
            sink: sink,
            settings: settings
        )
        let group = ServiceGroup(configuration: .init(services: [forwarder], logger: Logger(label: "test")))
        let running = Task { try await group.run() }
        for await _ in hangs { break }
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(fake.now.confirmations == 0)
        #expect(try await log.export().state().cursor == 0)
    }

    @Test("a real rsyslog reads the fields of every event")
    func rsyslog() async throws {
        let log = try await Log(events: 1_200)
        let now = noon
        try await log.database.write {
            try AuditLog.append(
                $0,
                actor: "Zoë \"]\\ \n x",
                action: "accounts.signInFailed",
                subject: "last of all",
                at: now
            )
        }
        let template =
            "%pri%|%timereported:::date-rfc3339%|%hostname%|%app-name%|%procid%|%msgid%|%structured-data%|%msg%"
        let lines = try await RsyslogServer.run(template: template, until: "last of all") { address in
            let sender = try SyslogSender(
                SyslogSettings(
                    host: "localhost",
                    port: address.port,
                    authoritiesFile: address.certificates.authority
                )
            )
            // Broken off with 201 events sent and not confirmed.
            try await run(log, .syslog(sender)) {
                ($0.page, $0.confirmAfter, $0.maximumUnconfirmed) = (500, .seconds(10), 1_000)
            }
            #expect(try await log.export().state().cursor == 1_000)
            try await run(log, .syslog(sender)) { $0.page = 500 }
            #expect(try await log.export().state().cursor == 1_201)
        }
        // At least once: what the end cut off unconfirmed comes twice.
        let ids = lines.compactMap { line in
            line.firstRange(of: " id=\"").flatMap { Int64(line[$0.upperBound...].prefix { $0 != "\"" }) }
        }
        #expect(ids.count == lines.count)
        #expect(Set(ids) == Set(1...1_201))
        #expect(Array(ids.prefix(1_000)) == Array(1...1_000))
        let events = try await log.export().events(after: 1_200, limit: 1)
        let hash = events[0].hash.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(
            lines.last
                == "108|2026-11-26T12:00:00Z|node.example|kontor|42|accounts.signInFailed|"
                + #"[kontor@32473 id="1201" actor="Zoë \"\]\\ \#u{fffd} x" subject="last of all" hash="\#(hash)"]|"#
                + "\u{feff}Zoë \"]\\ \u{fffd} x accounts.signInFailed last of all"
        )
    }
}

/// What was logged.
private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var handler: any LogHandler { Handler(lines: self) }

    private func add(_ line: String) { lines.withLock { $0.append(line) } }

    private struct Handler: LogHandler {
        let lines: Lines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.add("\(event.message)") }
    }
}
