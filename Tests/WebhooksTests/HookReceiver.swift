// SPDX-License-Identifier: EUPL-1.2

import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import TestKit

/// A receiver of webhooks in this process that answers with the bytes that it is told.
final class HookReceiver: Sendable {
    struct Request: Sendable {
        var head: HTTPRequestHead
        var body: [UInt8] = []
    }

    let port: Int
    /// An element for each whole request.
    let arrivals: AsyncStream<Void>
    private let channel: any Channel
    private let log: Log

    private final class Log: Sendable {
        struct Content {
            var connections = 0
            var requests: [Request] = []
        }
        /// Owner: the receiver that fills it.
        let content = Mutex(Content())
    }

    /// - Parameters:
    ///   - answer: sent after each request, and again and again when it `repeats`; then the connection ends unless it is empty.
    init(
        certificate: String?,
        key: String?,
        answer: String = "HTTP/1.1 204 No Content\r\n\r\n",
        repeats: Bool = false,
        staysOpen: Bool = false
    ) async throws {
        let log = Log()
        self.log = log
        var context: NIOSSLContext?
        if let certificate, let key {
            context = try NIOSSLContext(
                configuration: TLSConfiguration.makeServerConfiguration(
                    certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                    privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
                )
            )
        }
        let (arrivals, arrival) = AsyncStream<Void>.makeStream()
        self.arrivals = arrivals
        let tls = context
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    log.content.withLock { $0.connections += 1 }
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    try pipeline.addHandler(
                        Handler(answer, repeats: repeats, staysOpen: staysOpen) { request in
                            log.content.withLock { $0.requests.append(request) }
                            arrival.yield()
                        }
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    var requests: [Request] { log.content.withLock { $0.requests } }
    var connections: Int { log.content.withLock { $0.connections } }

    func stop() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        private let answer: String
        private let repeats: Bool
        private let staysOpen: Bool
        private let take: @Sendable (Request) -> Void
        private var request: Request?

        init(_ answer: String, repeats: Bool, staysOpen: Bool, _ take: @escaping @Sendable (Request) -> Void) {
            (self.answer, self.repeats, self.staysOpen, self.take) = (answer, repeats, staysOpen, take)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): request = Request(head: head)
            case .body(let buffer): request?.body += buffer.readableBytesView
            case .end:
                if let request { take(request) }
                write(context)
            }
        }

        private func write(_ context: ChannelHandlerContext) {
            let loop = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            // Of few bytes many at a time, which would else keep the event loop from everything else.
            let text = String(repeating: answer, count: repeats ? max(1, 4096 / answer.utf8.count) : 1)
            context.writeAndFlush(NIOAny(ByteBuffer(string: text))).whenSuccess {
                let (handler, context) = loop.value
                if handler.repeats {
                    context.eventLoop.execute { loop.value.0.write(loop.value.1) }
                } else if !handler.staysOpen {
                    context.close(promise: nil)
                }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
