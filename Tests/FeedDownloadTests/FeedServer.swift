// SPDX-License-Identifier: EUPL-1.2

import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A request as the server saw it.
struct SeenRequest: Sendable {
    var path: String
    var headers: HTTPHeaders

    subscript(_ name: String) -> String? { headers.first(name: name) }
}

/// What it answers.
struct ServedAnswer: Sendable {
    /// How the body ends.
    enum End: Sendable {
        /// As announced.
        case whole
        /// The connection breaks.
        case cut
        /// Nothing more comes, and the connection stays.
        case silence
    }

    var status = 200
    var headers: [(String, String)] = []
    var pieces: [[UInt8]] = []
    /// `Content-Length`; nil: the length of the pieces; negative: none, so chunked.
    var announced: Int?
    var end = End.whole

    init(
        _ status: Int = 200,
        _ headers: [(String, String)] = [],
        body: [UInt8] = [],
        announced: Int? = nil,
        end: End = .whole
    ) {
        (self.status, self.headers, self.pieces) = (status, headers, [body])
        (self.announced, self.end) = (announced, end)
    }
}

/// An HTTP server on port 0 that plays a publisher.
final class FeedServer: Sendable {
    let port: Int
    private let channel: any Channel
    private let log: Log

    /// Address of a path on it.
    func url(_ path: String, scheme: String = "http", host: String = "127.0.0.1") -> String {
        "\(scheme)://\(host):\(port)\(path)"
    }

    /// All requests, in order.
    var requests: [SeenRequest] { log.requests.withLock { $0 } }

    private final class Log: Sendable {
        /// Owner: the server that fills it.
        let requests = Mutex<[SeenRequest]>([])
    }

    /// - Parameter answer: gets the request and its number, counted from 1.
    init(tls: NIOSSLContext? = nil, answer: @escaping @Sendable (SeenRequest, Int) -> ServedAnswer) async throws {
        let log = Log()
        self.log = log
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        Handler { request in
                            let number = log.requests.withLock {
                                $0.append(request)
                                return $0.count
                            }
                            return answer(request, number)
                        }
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    func stop() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let answer: @Sendable (SeenRequest) -> ServedAnswer
        private var head: HTTPRequestHead?

        init(_ answer: @escaping @Sendable (SeenRequest) -> ServedAnswer) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body: break
            case .end:
                guard let head else { return }
                let reply = answer(SeenRequest(path: head.uri, headers: head.headers))
                var headers = HTTPHeaders(reply.headers)
                let length = reply.announced ?? reply.pieces.reduce(0) { $0 + $1.count }
                if length >= 0, reply.status != 304 { headers.add(name: "Content-Length", value: "\(length)") }
                let status = HTTPResponseStatus(statusCode: reply.status)
                context.write(
                    wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
                    promise: nil
                )
                for piece in reply.pieces where !piece.isEmpty {
                    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: piece)))), promise: nil)
                }
                switch reply.end {
                case .whole: context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
                case .cut:
                    context.flush()
                    context.close(promise: nil)
                case .silence: context.flush()
                }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
