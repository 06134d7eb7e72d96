// SPDX-License-Identifier: EUPL-1.2

import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestKit

/// A mail server in this process that is polite, but for what its script says.
final class MailServer: Sendable {
    /// What it does instead of the polite thing.
    enum Action: Sendable {
        /// Sends these bytes.
        case say(String)
        /// Sends these bytes and ends the connection.
        case sayAndLeave(String)
        /// Cuts the connection.
        case cut
        /// Nothing.
        case silence
        /// Sends these bytes again and again until the other side has enough.
        case flood(String)
        /// Begins TLS after these bytes.
        case beginTLS(String)
    }

    /// How connections begin.
    enum Security: Sendable { case plain, offersTLS, implicitTLS }

    struct Connection: Sendable {
        /// Commands; those over TLS begin with `tls `.
        var commands: [String] = []
        /// Bytes between DATA's invitation and the line with a dot, as they came.
        var messages: [[UInt8]] = []
    }

    let port: Int
    /// An element for each connection that has ended.
    let endings: AsyncStream<Void>
    /// An element for each action that is no word.
    let silences: AsyncStream<Void>
    private let channel: any Channel
    private let log: Log

    fileprivate final class Log: Sendable {
        struct Content {
            var connections: [Connection] = []
            /// Actions by what they follow, each used once.
            var script: [String: [Action]] = [:]
        }
        /// Owner: the server that fills it.
        let content: Mutex<Content>
        init(_ script: [String: [Action]]) { content = Mutex(Content(script: script)) }
    }

    /// - Parameter script: actions by command (`EHLO`), `connect`, `.` for a whole message or `data` for its first bytes; each
    ///   is used once.
    init(
        _ certificates: TestCertificates,
        _ security: Security = .offersTLS,
        offers: [String] = ["SIZE 1000000", "8BITMIME"],
        _ script: [String: [Action]] = [:]
    ) async throws {
        let log = Log(script)
        self.log = log
        let context = try NIOSSLContext(
            configuration: TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificates.server).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: certificates.serverKey, format: .pem))
            )
        )
        let (endings, ending) = AsyncStream<Void>.makeStream()
        let (silences, silence) = AsyncStream<Void>.makeStream()
        (self.endings, self.silences) = (endings, silences)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.socketOption(.so_rcvbuf), value: 16_384)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    channel.closeFuture.whenComplete { _ in ending.yield() }
                    let number = log.content.withLock {
                        $0.connections.append(Connection())
                        return $0.connections.count - 1
                    }
                    let pipeline = channel.pipeline.syncOperations
                    if security == .implicitTLS { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
                    try pipeline.addHandler(
                        Handler(number, log, security, offers, context) { silence.yield() }
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    var connections: [Connection] { log.content.withLock { $0.connections } }
    /// All messages, with the doubled dots undone.
    var messages: [String] {
        connections.flatMap(\.messages).map { bytes in
            String(decoding: bytes, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
                .map { $0.hasPrefix(".") ? $0.dropFirst() : $0 }.joined(separator: "\r\n")
        }
    }

    func stop() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let number: Int
        private let log: Log
        private let offers: [String]
        private let context: NIOSSLContext
        private let silence: @Sendable () -> Void
        private var security: Security
        private var isSecret: Bool
        private var input: [UInt8] = []
        private var isMessage = false
        private var hasSpoken = false
        private var searched = 0
        private var proofs = 0

        init(
            _ number: Int,
            _ log: Log,
            _ security: Security,
            _ offers: [String],
            _ context: NIOSSLContext,
            _ silence: @escaping @Sendable () -> Void
        ) {
            (self.number, self.log, self.offers, self.context) = (number, log, offers, context)
            (self.security, self.silence, isSecret) = (security, silence, security == .implicitTLS)
        }

        func handlerAdded(context: ChannelHandlerContext) {
            if context.channel.isActive { channelActive(context: context) }
        }

        private var hasGreeted = false

        func channelActive(context: ChannelHandlerContext) {
            guard !hasGreeted else { return }
            hasGreeted = true
            perform(scripted("connect") ?? .say("220 mail.example.org ESMTP\r\n"), context)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            input += unwrapInboundIn(data).readableBytesView
            if isMessage, !hasSpoken {
                hasSpoken = true
                if let action = scripted("data") { return perform(action, context) }
            }
            while true {
                if isMessage {
                    guard let end = endOfMessage() else { return }
                    let message = Array(input[..<(end - 3)])
                    log.content.withLock { $0.connections[number].messages.append(message) }
                    input = Array(input[end...])
                    isMessage = false
                    perform(scripted(".") ?? .say("250 2.0.0 taken as 17\r\n"), context)
                } else {
                    guard let end = input.firstIndex(of: 0x0A) else { return }
                    let line = String(decoding: input[..<end], as: UTF8.self)
                    input = Array(input[(end + 1)...])
                    obey(line.hasSuffix("\r") ? String(line.dropLast()) : line, context)
                }
            }
        }

        /// Index behind CR LF, dot, CR LF; also a dot in the very first line.
        private func endOfMessage() -> Int? {
            let mark: [UInt8] = [0x0D, 0x0A, 0x2E, 0x0D, 0x0A]
            while searched + mark.count <= input.count {
                if input[searched] == 0x0D, input[searched..<searched + mark.count].elementsEqual(mark) {
                    defer { searched = 0 }
                    return searched + mark.count
                }
                searched += 1
            }
            return nil
        }

        private func scripted(_ name: String) -> Action? {
            log.content.withLock {
                guard let action = $0.script[name]?.first else { return nil }
                $0.script[name]?.removeFirst()
                return action
            }
        }

        private func obey(_ line: String, _ context: ChannelHandlerContext) {
            log.content.withLock { $0.connections[number].commands.append((isSecret ? "tls " : "") + line) }
            if proofs > 0 {
                proofs -= 1
                return perform(.say(proofs > 0 ? "334 UGFzc3dvcmQ6\r\n" : "235 welcome\r\n"), context)
            }
            let verb = String(line.prefix { $0 != " " }).uppercased()
            if let action = scripted(verb) {
                if verb == "DATA", case .say(let text) = action, text.hasPrefix("354") { isMessage = true }
                return perform(action, context)
            }
            switch verb {
            case "EHLO":
                var lines = ["mail.example.org greets you"] + offers
                if security == .offersTLS, !isSecret { lines.append("STARTTLS") }
                let reply = lines.enumerated().map { "250\($0 == lines.count - 1 ? " " : "-")\($1)\r\n" }
                perform(.say(reply.joined()), context)
            case "STARTTLS": perform(.beginTLS("220 go ahead\r\n"), context)
            case "AUTH" where line == "AUTH LOGIN":
                proofs = 2
                perform(.say("334 VXNlcm5hbWU6\r\n"), context)
            case "AUTH" where line == "AUTH PLAIN":
                proofs = 1
                perform(.say("334 \r\n"), context)
            case "AUTH": perform(.say("235 welcome\r\n"), context)
            case "DATA":
                isMessage = true
                perform(.say("354 go on\r\n"), context)
            case "QUIT": perform(.sayAndLeave("221 bye\r\n"), context)
            default: perform(.say("250 fine\r\n"), context)
            }
        }

        private func perform(_ action: Action, _ context: ChannelHandlerContext) {
            switch action {
            case .say(let text): context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
            case .sayAndLeave(let text):
                context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
                context.close(promise: nil)
            case .cut: context.close(promise: nil)
            case .silence: silence()
            case .flood(let text):
                let loop = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                context.writeAndFlush(NIOAny(ByteBuffer(string: String(repeating: text, count: 2_000)))).whenSuccess {
                    // Not at once: a write that ends at once would call this again without end.
                    loop.value.1.eventLoop.execute { loop.value.0.perform(action, loop.value.1) }
                }
            case .beginTLS(let text):
                context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
                isSecret = true
                try? context.pipeline.syncOperations.addHandler(
                    NIOSSLServerHandler(context: self.context),
                    position: .first
                )
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
