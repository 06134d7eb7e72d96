// SPDX-License-Identifier: EUPL-1.2

import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// Files of a directory over HTTP on port 0, as git's "dumb" protocol needs them.
package final class FileServer: Sendable {
    /// `http://127.0.0.1:PORT`.
    package let url: String
    private let channel: any Channel

    /// Begins to serve.
    ///
    /// - Parameter redirect: answers everything with a redirect to there instead.
    package init(_ root: String, redirect: String? = nil) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(root: root, redirect: redirect))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        url = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"
    }

    /// Serves nothing more.
    package func stop() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let root: String
        private let redirect: String?
        private var path = ""

        init(root: String, redirect: String?) {
            self.root = root
            self.redirect = redirect
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): path = String(head.uri.prefix { $0 != "?" })
            case .body: break
            case .end:
                let bytes = redirect == nil ? FileManager.default.contents(atPath: root + path) : nil
                var headers = HTTPHeaders([("Content-Length", "\(bytes?.count ?? 0)")])
                if let redirect { headers.add(name: "Location", value: redirect + path) }
                let status: HTTPResponseStatus = redirect != nil ? .found : bytes == nil ? .notFound : .ok
                let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                if let bytes {
                    context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: Array(bytes))))), promise: nil)
                }
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
