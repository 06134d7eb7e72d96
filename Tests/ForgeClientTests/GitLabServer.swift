// SPDX-License-Identifier: EUPL-1.2

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A small server that answers as GitLab's documentation says, on port 0.
///
/// It pages with `x-next-page`, wants the token in `PRIVATE-TOKEN`, and answers 404 where nothing is, as GitLab does.
final class GitLabServer: Sendable {
    static let token = "glpat-test-of-this-suite"

    let url: String
    private let channel: any Channel
    private let seen: Seen

    private final class Seen: Sendable {
        /// Owner: the server that fills it.
        let paths = Mutex<[String]>([])
    }

    /// Requests so far, path and query.
    var requests: [String] { seen.paths.withLock { $0 } }

    /// - Parameter answers: entries of a list, each as JSON, or one object, by path below `/api/v4`; a number is a status.
    init(_ answers: [String: Answer]) async throws {
        let seen = Seen()
        self.seen = seen
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(answers: answers, seen: seen))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        url = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"
    }

    func stop() async { try? await channel.close() }

    enum Answer: Sendable {
        case object(String)
        case list([String])
        case status(UInt)
        case redirect(String)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let answers: [String: Answer]
        private let seen: Seen
        private var head: HTTPRequestHead?

        init(answers: [String: Answer], seen: Seen) {
            self.answers = answers
            self.seen = seen
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body: break
            case .end:
                guard let head else { return }
                seen.paths.withLock { $0.append(head.uri) }
                var headers = HTTPHeaders([("Content-Type", "application/json")])
                let (status, body) = reply(head, &headers)
                headers.add(name: "Content-Length", value: "\(body.utf8.count)")
                let response = HTTPResponseHead(
                    version: .http1_1,
                    status: .init(statusCode: Int(status)),
                    headers: headers
                )
                context.write(wrapOutboundOut(.head(response)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }

        private func reply(_ head: HTTPRequestHead, _ headers: inout HTTPHeaders) -> (UInt, String) {
            guard head.headers.first(name: "PRIVATE-TOKEN") == GitLabServer.token else {
                return (401, #"{"message": "401 Unauthorized"}"#)
            }
            let parts = head.uri.split(separator: "?", maxSplits: 1)
            guard let path = parts.first, path.hasPrefix("/api/v4"), let answer = answers[String(path.dropFirst(7))]
            else {
                return (404, #"{"message": "404 Project Not Found"}"#)
            }
            switch answer {
            case .status(let code): return (code, #"{"message": "no"}"#)
            case .redirect(let target):
                headers.add(name: "Location", value: target)
                return (302, "")
            case .object(let text): return (200, text)
            case .list(let items):
                func number(_ name: String, _ usual: Int) -> Int {
                    let query = parts.count > 1 ? parts[1].split(separator: "&") : []
                    return query.first { $0.hasPrefix(name + "=") }.flatMap { Int($0.dropFirst(name.count + 1)) }
                        ?? usual
                }
                let (page, size) = (number("page", 1), number("per_page", 20))
                let start = min(items.count, (page - 1) * size)
                let end = min(items.count, start + size)
                headers.add(name: "x-next-page", value: end < items.count ? "\(page + 1)" : "")
                return (200, "[" + items[start..<end].joined(separator: ",") + "]")
            }
        }
    }
}
