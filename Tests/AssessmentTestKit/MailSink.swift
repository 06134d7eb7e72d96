// SPDX-License-Identifier: EUPL-1.2

import NIOCore
import NIOPosix
import Synchronization

/// A mail server in this process that takes everything.
package final class MailSink: Sendable {
    package struct Taken: Sendable {
        package var connections = 0
        /// Receivers and messages, in order.
        package var messages: [(to: String, text: String)] = []
    }

    package let port: Int
    private let channel: any Channel
    private let log: Log

    fileprivate final class Log: Sendable {
        /// Owner: the server that fills it.
        let taken = Mutex(Taken())
    }

    package init() async throws {
        let log = Log()
        self.log = log
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    log.taken.withLock { $0.connections += 1 }
                    try channel.pipeline.syncOperations.addHandler(Handler(log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    package var taken: Taken { log.taken.withLock { $0 } }

    package func stop() async { try? await channel.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let log: Log
        private var input: [UInt8] = []
        private var receiver = ""
        private var message: [String]?
        private var hasGreeted = false

        init(_ log: Log) { self.log = log }

        func handlerAdded(context: ChannelHandlerContext) {
            if context.channel.isActive { channelActive(context: context) }
        }

        func channelActive(context: ChannelHandlerContext) {
            guard !hasGreeted else { return }
            hasGreeted = true
            say("220 mail.example.org", context)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            input += unwrapInboundIn(data).readableBytesView
            var start = input.startIndex
            while let end = input[start...].firstIndex(of: 0x0A) {
                obey(String(decoding: input[start..<end].dropLast(), as: UTF8.self), context)
                start = end + 1
            }
            input = Array(input[start...])
        }

        private func obey(_ line: String, _ context: ChannelHandlerContext) {
            if let lines = message {
                guard line == "." else {
                    message?.append(line)
                    return
                }
                message = nil
                log.taken.withLock { $0.messages.append((receiver, lines.joined(separator: "\r\n"))) }
                return say("250 taken", context)
            }
            switch line.prefix(4).uppercased() {
            case "RCPT": receiver = String(line.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" })
            case "DATA":
                message = []
                return say("354 go on", context)
            default: break
            }
            say("250 fine", context)
        }

        private func say(_ text: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(NIOAny(ByteBuffer(string: text + "\r\n")), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
