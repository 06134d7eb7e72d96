// SPDX-License-Identifier: EUPL-1.2

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A request as the fake registry saw it.
struct SeenRequest: Sendable {
    var path: String
    var authorization: String?
}

/// What it answers.
struct FakeAnswer: Sendable {
    var status: Int = 200
    var headers: [(String, String)] = []
    var body: [UInt8] = []
    /// Announces more than it sends, then hangs up.
    var announcedLength: Int?
}

/// An HTTP server on port 0 that answers as a test says.
final class FakeRegistry: Sendable {
    let port: Int
    private let channel: any Channel
    private let log: SeenLog

    /// `127.0.0.1:PORT`.
    var name: String { "127.0.0.1:\(port)" }
    var requests: [SeenRequest] { log.requests.withLock { $0 } }

    private final class SeenLog: Sendable {
        /// Owner: the server that fills it.
        let requests = Mutex<[SeenRequest]>([])
    }

    init(answer: @escaping @Sendable (SeenRequest) -> FakeAnswer) async throws {
        let log = SeenLog()
        self.log = log
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        Handler { request in
                            log.requests.withLock { $0.append(request) }
                            return answer(request)
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
        private let answer: @Sendable (SeenRequest) -> FakeAnswer
        private var head: HTTPRequestHead?

        init(_ answer: @escaping @Sendable (SeenRequest) -> FakeAnswer) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body: break
            case .end:
                guard let head else { return }
                let reply = answer(
                    SeenRequest(path: head.uri, authorization: head.headers.first(name: "Authorization"))
                )
                var headers = HTTPHeaders(reply.headers)
                headers.add(name: "Content-Length", value: "\(reply.announcedLength ?? reply.body.count)")
                let status = HTTPResponseStatus(statusCode: reply.status)
                context.write(
                    wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))),
                    promise: nil
                )
                context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: reply.body)))), promise: nil)
                if reply.announcedLength != nil {
                    context.close(promise: nil)
                } else {
                    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
                }
            }
        }
    }
}
