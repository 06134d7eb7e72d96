// SPDX-License-Identifier: EUPL-1.2

internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import ServerIdentity

/// One connection to a mail server: a command and its reply at a time, each with a time limit.
final class SMTPConnection: Sendable {
    /// What became of the bytes of a message.
    enum Transmission: Sendable {
        /// All were sent, and this is the answer.
        case answered(SMTPReply)
        /// The server answered before it had all; the connection is of no use any more.
        case interrupted(SMTPReply)
        /// The end was not sent.
        case failed(SMTPProblem)
        /// The end was sent, and no answer came.
        case unknown(SMTPProblem)
    }

    private let channel: any Channel
    private let health: SMTPHealth

    private init(channel: any Channel, health: SMTPHealth) { (self.channel, self.health) = (channel, health) }

    // A sender that is let go without a word must not leave its connection behind.
    deinit { abort() }

    /// Connects and waits for the server's first words.
    static func open(
        _ settings: SMTPSettings,
        _ context: NIOSSLContext
    ) async throws -> (connection: SMTPConnection, greeting: SMTPReply) {
        let health = SMTPHealth()
        let greeting = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: SMTPReply.self)
        let connection: SMTPConnection
        do {
            let channel = try await ClientBootstrap(group: greeting.futureResult.eventLoop)
                .connectTimeout(TimeAmount(settings.connectTimeout))
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHandler(SMTPAbortion())
                        if settings.security == .implicitTLS { try pipeline.addHandler(tls(settings, context)) }
                        let replies = SMTPReplyHandler(health)
                        // Before the first byte can arrive.
                        replies.expect(greeting)
                        try pipeline.addHandler(replies)
                    }
                }
                .connect(host: settings.host, port: settings.port).get()
            connection = SMTPConnection(channel: channel, health: health)
        } catch {
            let problem = SMTPProblem.unreachable(words(error))
            greeting.fail(problem)
            try Task.checkCancellation()
            throw problem
        }
        let reply = try await connection.limited(settings.connectTimeout, .greeting) {
            try await greeting.futureResult.get()
        }
        return (connection, reply)
    }

    static func tls(_ settings: SMTPSettings, _ context: NIOSSLContext) throws -> NIOSSLClientHandler {
        try ServerIdentity.clientHandler(context: context, host: settings.host)
    }

    /// Whether neither side has ended it, as far as is known here.
    var isOpen: Bool { health.problem == nil && channel.isActive }

    /// Sends a command and waits for its reply.
    ///
    /// - Throws: ``SMTPProblem`` or `CancellationError`; the connection is gone then.
    func ask(
        _ command: String,
        _ step: SMTPStep,
        within limit: Duration,
        upgrade: (@Sendable () throws -> NIOSSLClientHandler)? = nil
    ) async throws -> SMTPReply {
        try await limited(limit, step) {
            try await self.exchange(ByteBuffer(string: command + "\r\n"), upgrade).get()
        }
    }

    /// Sends a message, which the server has asked for, and waits for its answer.
    ///
    /// - Throws: `CancellationError`, before the end was sent.
    func transmit(_ message: [UInt8], _ settings: SMTPSettings) async throws -> Transmission {
        let answer: Answer
        do {
            answer = try await limited(settings.writeTimeout, .content) { try await self.listen().get() }
        } catch let problem as SMTPProblem {
            return .failed(problem)
        }
        do {
            var content = SMTPContent(message)
            while let piece = content.next() {
                try await limited(settings.writeTimeout, .content) { try await self.channel.writeAndFlush(piece) }
                if try await isAnswered() { return .interrupted(try await answer.value.get()) }
            }
        } catch let problem as SMTPProblem {
            // A server that says why and leaves: its words are worth more than the broken pipe.
            if let reply = try? await answer.value.get() { return .interrupted(reply) }
            return .failed(problem)
        }
        do {
            return .answered(
                try await limited(settings.messageTimeout, .content) {
                    // From here on the server may have the whole message, whatever the error.
                    try await self.channel.writeAndFlush(ByteBuffer(string: SMTPContent.end))
                    return try await answer.value.get()
                }
            )
        } catch {
            if let reply = try? await answer.value.get() { return .answered(reply) }
            return .unknown(error as? SMTPProblem ?? .cancelled)
        }
    }

    /// Ends it with TLS's own goodbye, and does not wait for the server's: until then it could send whatever it likes.
    func end() {
        channel.close(promise: nil)
        abort()
    }

    /// Ends it at once, without a word to the server.
    func abort() { channel.triggerUserOutboundEvent(SMTPAbortion.Event(), promise: nil) }

    private func exchange(
        _ bytes: ByteBuffer,
        _ upgrade: (@Sendable () throws -> NIOSSLClientHandler)?
    ) -> EventLoopFuture<SMTPReply> {
        channel.eventLoop.flatSubmit {
            let promise = self.channel.eventLoop.makePromise(of: SMTPReply.self)
            do {
                try self.replies().expect(promise, upgrade: upgrade)
                // A failure to write is seen by the handler as the end of the connection.
                self.channel.writeAndFlush(bytes, promise: nil)
            } catch {
                promise.fail(error)
            }
            return promise.futureResult
        }
    }

    /// An answer that comes later: as a value, because waiting for it here would be waiting for the message to be sent.
    private struct Answer: Sendable { let value: EventLoopFuture<SMTPReply> }

    private func listen() -> EventLoopFuture<Answer> {
        channel.eventLoop.submit {
            let promise = self.channel.eventLoop.makePromise(of: SMTPReply.self)
            try self.replies().expect(promise)
            return Answer(value: promise.futureResult)
        }
    }

    private func isAnswered() async throws -> Bool {
        try await channel.eventLoop.submit { try self.replies().isAnswered }.get()
    }

    /// On the event loop only.
    private func replies() throws -> SMTPReplyHandler {
        do { return try channel.pipeline.syncOperations.handler(type: SMTPReplyHandler.self) } catch {
            throw health.problem ?? SMTPProblem.connectionLost("closed")
        }
    }

    private func limited<Value: Sendable>(
        _ limit: Duration,
        _ step: SMTPStep,
        _ work: @Sendable () async throws -> Value
    ) async throws -> Value {
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(limit)) {
            self.health.fail(.timeout(step, seconds: limit.components.seconds))
            self.abort()
        }
        defer { timer.cancel() }
        do {
            return try await withTaskCancellationHandler {
                try await work()
            } onCancel: {
                abort()
            }
        } catch {
            try Task.checkCancellation()
            throw health.problem ?? (error as? SMTPProblem) ?? .connectionLost(Self.words(error))
        }
    }

    /// An error in words, bounded; the library's own hold whole stacks.
    static func words(_ error: any Error) -> String {
        switch error {
        case let error as ChannelError where error == .ioOnClosedChannel || error == .alreadyClosed: "closed"
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { String("\($0.error)".prefix(300)) } ?? "its name is not known"
        default: String("\(error)".prefix(300))
        }
    }
}

/// A message as DATA carries it, in pieces: a dot is doubled where a line begins with it.
///
/// Source: RFC 5321, 4.5.2. The message has CR LF at every line end and no other CR or LF (``MailMessage/bytes()``).
struct SMTPContent: Sequence, IteratorProtocol {
    /// The line that ends a message.
    static let end = ".\r\n"
    private static let pieceBytes = 64 << 10

    private var rest: ArraySlice<UInt8>

    init(_ message: [UInt8]) { rest = message[...] }

    mutating func next() -> ByteBuffer? {
        guard !rest.isEmpty else { return nil }
        var piece = ByteBuffer()
        piece.reserveCapacity(Swift.min(rest.count, Self.pieceBytes) + 128)
        while piece.readableBytes < Self.pieceBytes, !rest.isEmpty {
            let end = rest.firstIndex(of: 0x0A).map { $0 + 1 } ?? rest.endIndex
            if rest.first == 0x2E { piece.writeInteger(0x2E as UInt8) }
            piece.writeBytes(rest[rest.startIndex..<end])
            rest = rest[end...]
        }
        return piece
    }
}
