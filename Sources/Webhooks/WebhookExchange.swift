// SPDX-License-Identifier: EUPL-1.2

internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import ServerIdentity

/// What matters of a receiver's answer.
struct WebhookAnswer: Sendable, Equatable {
    var status: Int
    var location: String?
    var retryAfter: String?
    /// Beginning of the body.
    var body = ""
}

/// One request on one connection of its own, to one address.
///
/// Not by a client library: it would look the name up itself, and then connect to what nobody has checked.
struct WebhookExchange: Sendable {
    /// Most bytes of an answer that are read; head, body and all.
    static let maximumAnswerBytes = 64 << 10
    /// Most bytes of a body that are kept.
    static let maximumBodyBytes = 2048

    let head: HTTPRequestHead
    let body: [UInt8]
    let context: NIOSSLContext
    /// What stands in the URL, for SNI and the check of the certificate.
    let serverName: String
    let isEncrypted: Bool

    /// Connects; nothing is said yet.
    ///
    /// - Throws: whatever went wrong.
    func connect(
        to address: IPAddress,
        port: Int,
        within limit: Duration,
        _ answer: EventLoopPromise<WebhookAnswer>
    ) async throws -> any Channel {
        let target = try SocketAddress(packedIPAddress: ByteBuffer(bytes: address.bytes), port: port)
        return try await ClientBootstrap(group: answer.futureResult.eventLoop)
            .connectTimeout(TimeAmount(limit))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(Abortion())
                    if isEncrypted {
                        try pipeline.addHandler(ServerIdentity.clientHandler(context: context, host: serverName))
                    }
                    try pipeline.addHandler(ByteBudget())
                    var limits = NIOHTTPDecoderLimitConfiguration()
                    limits.maxHeaderFieldSize = 16 << 10
                    limits.maxHeaderListSize = 32 << 10
                    limits.maxHeaderFieldCount = 128
                    try pipeline.addHTTPClientHandlers(decoderLimitConfiguration: limits)
                    try pipeline.addHandler(AnswerHandler(answer))
                }
            }
            .connect(to: target).get()
    }

    /// Sends the request; the answer comes by the promise.
    func send(on channel: any Channel) {
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }

    /// Ends a connection at once; what the answer is by then is the answer.
    static func end(_ channel: any Channel, _ problem: WebhookProblem) {
        channel.triggerUserOutboundEvent(AnswerHandler.End(problem: problem), promise: nil)
    }

    /// Closes below TLS, which would otherwise wait for a receiver that is silent.
    private final class Abortion: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        struct Event: Sendable {}

        func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
            guard event is Event else { return context.triggerUserOutboundEvent(event, promise: promise) }
            context.close(promise: promise)
        }
    }

    /// Ends an answer that has no end.
    private final class ByteBudget: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias InboundOut = ByteBuffer
        private var rest = WebhookExchange.maximumAnswerBytes

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            rest -= unwrapInboundIn(data).readableBytes
            guard rest >= 0 else {
                // Also when the answer counts: its end may never come.
                defer { context.triggerUserOutboundEvent(Abortion.Event(), promise: nil) }
                context.fireErrorCaught(
                    WebhookProblem.invalidAnswer("more than \(WebhookExchange.maximumAnswerBytes) bytes")
                )
                return
            }
            context.fireChannelRead(data)
        }
    }

    /// Collects an answer until its end, or until enough of it is there.
    private final class AnswerHandler: ChannelDuplexHandler {
        typealias InboundIn = HTTPClientResponsePart
        typealias OutboundIn = HTTPClientRequestPart
        typealias OutboundOut = HTTPClientRequestPart
        /// Asks for what there is of an answer, and else gives it up.
        struct End: Sendable { let problem: WebhookProblem }
        private var promise: EventLoopPromise<WebhookAnswer>?
        private var answer: WebhookAnswer?
        private var body: [UInt8] = []

        init(_ promise: EventLoopPromise<WebhookAnswer>) { self.promise = promise }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                answer = WebhookAnswer(
                    status: Int(head.status.code),
                    location: head.headers.first(name: "location").map { WebhookText.shown($0, 300) },
                    retryAfter: head.headers.first(name: "retry-after").map { String($0.prefix(40)) }
                )
                // A success needs no words.
                if (200..<300).contains(head.status.code) { finish(context, nil) }
            case .body(let buffer):
                body += buffer.readableBytesView.prefix(WebhookExchange.maximumBodyBytes - body.count)
                if body.count >= WebhookExchange.maximumBodyBytes { finish(context, nil) }
            case .end: finish(context, nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            let problem: WebhookProblem =
                switch error {
                case let problem as WebhookProblem: problem
                case NIOSSLError.uncleanShutdown: .connectionLost("without close_notify")
                case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError, is ServerIdentityError:
                    .tls(WebhookExchange.words(error))
                case is HTTPParserError: .invalidAnswer(WebhookExchange.words(error))
                default: .connectionLost(WebhookExchange.words(error))
                }
            finish(context, problem)
        }

        func channelInactive(context: ChannelHandlerContext) {
            finish(context, .connectionLost("closed"))
            context.fireChannelInactive()
        }

        func handlerRemoved(context: ChannelHandlerContext) { finish(context, .connectionLost("closed")) }

        func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
            guard let end = event as? End else { return context.triggerUserOutboundEvent(event, promise: promise) }
            finish(context, end.problem)
            context.triggerUserOutboundEvent(Abortion.Event(), promise: promise)
        }

        /// A status that is there counts, whatever became of the rest.
        private func finish(_ context: ChannelHandlerContext, _ problem: WebhookProblem?) {
            guard let promise else { return }
            self.promise = nil
            if var answer {
                answer.body = WebhookText.shown(String(decoding: body, as: UTF8.self), 500)
                promise.succeed(answer)
                // Writes TLS's own goodbye.
                context.close(promise: nil)
            } else {
                promise.fail(problem ?? .invalidAnswer("no head"))
            }
            // Without waiting for the receiver's: until then it could send whatever it likes.
            context.triggerUserOutboundEvent(Abortion.Event(), promise: nil)
        }
    }

    /// An error in words, bounded; the library's own hold whole stacks.
    static func words(_ error: any Error) -> String {
        switch error {
        case let error as ChannelError where error == .ioOnClosedChannel || error == .alreadyClosed: "closed"
        default: WebhookText.shown("\(error)", 300)
        }
    }
}
