// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Criteria
import FoundationEssentials
import Glibc
import Logging
import Mail
import Node
import Portal
import Time

/// A node for practising: made in one command, without network, and the same every time but for the days.
public enum Demo {
    /// What an exercise is started with.
    public struct Options: Sendable {
        /// Data directory; nil: a temporary one, which goes with the process.
        public var data: String?
        /// Port on 127.0.0.1; nil: that of the last run where it is free, else a free one.
        public var port: Int?

        /// Makes options.
        public init(data: String? = nil, port: Int? = nil) {
            self.data = data
            self.port = port
        }
    }

    /// What runs at the same time.
    private enum Part { case node, seeding }

    /// Moves an exercise on to the advisories of today, also while its node runs.
    ///
    /// - Throws: ``DemoError`` when the directory is none of an exercise.
    public static func goToToday(data: String) async throws {
        try await ExerciseDirectory.existing(data).importFeeds(of: .today)
    }

    /// Runs an exercise until it is stopped.
    ///
    /// - Parameters:
    ///   - options: where, and at which port.
    ///   - version: of the program.
    ///   - progress: takes what is being done.
    ///   - result: takes the lines that people need: where to go, and with what to sign in.
    /// - Throws: ``DemoError``, ``NodeError`` and the errors of the node's rooms.
    public static func run(
        _ options: Options,
        version: String,
        progress: @escaping @Sendable (String) -> Void,
        result: @escaping @Sendable (String) -> Void
    ) async throws {
        let place = try options.data ?? temporaryDirectory()
        defer { if options.data == nil { try? FileManager.default.removeItem(atPath: place) } }
        let (directory, record) = try ExerciseDirectory.open(place)
        let inbox = try FakeInbox(directory: directory.inbox)
        let server = try await InboxServer(inbox)
        let port = try FreePort.choose(options.port, else: record?.ports.last)
        let configuration = try configuration(directory, inbox, mailPort: server.port, port: port, record)
        let logger = Logger(label: "kontor.demo")
        do {
            try await withThrowingTaskGroup(of: Part.self) { group in
                let (ready, isReady) = AsyncStream<String?>.makeStream()
                group.addTask {
                    defer { isReady.finish() }
                    try await Node.run(
                        configuration,
                        logger: logger,
                        version: version,
                        announce: { _ in },
                        onReady: { isReady.yield($0.adminSecret?.secret) }
                    )
                    return .node
                }
                group.addTask {
                    var iterator = ready.makeAsyncIterator()
                    // It ended before it was ready: its own error says why.
                    guard let secret = await iterator.next() else { return .seeding }
                    try await seed(directory, record, port: port, adminSecret: secret, progress, result)
                    return .seeding
                }
                let first = try await group.next()
                // Somebody stopped the node: what was being made needs it, and ends too.
                if first == .node {
                    group.cancelAll()
                    return
                }
                _ = try await group.next()
            }
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private static func seed(
        _ directory: ExerciseDirectory,
        _ known: ExerciseDirectory.Record?,
        port: Int,
        adminSecret: String?,
        _ progress: @escaping @Sendable (String) -> Void,
        _ result: @escaping @Sendable (String) -> Void
    ) async throws {
        let clients = ExerciseClients(port: port)
        var record = known ?? ExerciseDirectory.Record(ports: [], isComplete: false, secrets: [:])
        record.ports = record.ports.filter { $0 != port } + [port]
        if known == nil {
            guard let adminSecret else { throw DemoError.failed(what: "account admin", why: "it was there already") }
            record.secrets = try await Seeding(
                directory: directory,
                clients: clients,
                adminSecret: adminSecret,
                clock: .system,
                progress: progress
            ).run()
            record.isComplete = true
        }
        try directory.write(record)
        for line in try await summary(directory, record, clients) { result(line) }
    }

    private static func configuration(
        _ directory: ExerciseDirectory,
        _ inbox: FakeInbox,
        mailPort: Int,
        port: Int,
        _ record: ExerciseDirectory.Record?
    ) throws -> NodeConfiguration {
        // A year from now its advisories are still good for practising.
        let years = Duration.seconds(3_650 * 86_400)
        let ages = AgeLimits(distribution: years, exploited: years, other: years)
        var configuration = NodeConfiguration(
            dataDirectory: directory.path,
            port: port,
            anonymousPull: true,
            nodeName: "exercise.example.org",
            ageLimits: ages,
            exerciseData: true
        )
        configuration.mail = (
            SMTPSettings(
                host: "127.0.0.1",
                port: mailPort,
                security: .plain,
                clientName: configuration.mailClientName
            ),
            try MailAddress(parsing: "kontor@exercise.example.org")
        )
        // Where the port of the last run was taken, what was signed at it is still what it was.
        configuration.standsInFor = Set((record?.ports ?? []).filter { $0 != port }.map { "127.0.0.1:\($0)" })
        configuration.exercise = ExerciseDesk(
            vulnerability: ExerciseFeeds.exploited,
            origins: Set((record?.ports ?? []) + [port]).sorted().map { "http://127.0.0.1:\($0)" },
            day: { try directory.day() },
            goToToday: { try await directory.importFeeds(of: .today) },
            letters: { try inbox.letters(before: $0, limit: $1) },
            letter: { try inbox.letter($0) }
        )
        return configuration
    }

    private static func temporaryDirectory() throws -> String {
        var template = Array("/tmp/kontor-demo-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { mkdtemp($0) != nil } ?? false
        }
        guard made else {
            throw DemoError.failed(
                what: "temporary directory",
                why: String(cString: strerror(errno)) + "; name one with --data"
            )
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
