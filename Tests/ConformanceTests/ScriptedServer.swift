// SPDX-License-Identifier: EUPL-1.2

import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server of HTTP whose answers a test writes.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        let head: HTTPRequestHead
        let body: [UInt8]
        var authorization: String? { head.headers.first(name: "Authorization") }
        var path: String { head.uri }
    }

    struct Answer: Sendable {
        var status = HTTPResponseStatus.ok
        var headers: HTTPHeaders = [:]
        var body: [UInt8] = []
        /// Never sent at all.
        var hangs = false
    }

    /// Owner: this server.
    private let seen = Mutex<[Request]>([])
    let port: Int

    private init(port: Int) { self.port = port }

    /// What has been asked so far.
    var requests: [Request] { seen.withLock { $0 } }

    var url: String { "http://127.0.0.1:\(port)" }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    /// Runs for as long as a closure runs.
    static func run<T: Sendable>(
        _ answer: @Sendable @escaping (Request) -> Answer,
        _ body: @Sendable @escaping (ScriptedServer) async throws -> T
    ) async throws -> T {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        let server = ScriptedServer(port: listener.channel.localAddress?.port ?? 0)
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask {
                try await listener.executeThenClose { connections in
                    try await withThrowingDiscardingTaskGroup { group in
                        for try await connection in connections {
                            // A client that hangs up is part of some tests.
                            group.addTask { try? await server.serve(connection, answer) }
                        }
                    }
                }
                return nil
            }
            group.addTask { try await body(server) }
            defer { group.cancelAll() }
            guard let result = try await group.next(), let result else { throw CancellationError() }
            return result
        }
    }

    private func serve(_ connection: Connection, _ answer: @Sendable (Request) -> Answer) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var head: HTTPRequestHead?
            var body: [UInt8] = []
            for try await part in inbound {
                switch part {
                case .head(let new): (head, body) = (new, [])
                case .body(let piece): body.append(contentsOf: piece.readableBytesView)
                case .end:
                    guard let head else { return }
                    let request = Request(head: head, body: body)
                    seen.withLock { $0.append(request) }
                    let reply = answer(request)
                    if reply.hangs { try await Task.sleep(for: .seconds(60)) }
                    var headers = reply.headers
                    headers.replaceOrAdd(name: "Content-Length", value: "\(reply.body.count)")
                    try await outbound.write(
                        .head(HTTPResponseHead(version: .http1_1, status: reply.status, headers: headers))
                    )
                    if head.method != .HEAD {
                        try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: reply.body))))
                    }
                    try await outbound.write(.end(nil))
                }
            }
        }
    }
}
