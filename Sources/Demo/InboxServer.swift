// SPDX-License-Identifier: EUPL-1.2

import NIOCore
import NIOPosix
import Synchronization

/// A mail server of this machine that keeps everything in the inbox of the exercise and passes nothing on.
package final class InboxServer: Sendable {
    /// Connections at the same time; more are closed.
    private static let mostConnections = 32
    /// Silence after which a connection ends.
    private static let patience = TimeAmount.seconds(120)

    /// Port on 127.0.0.1.
    package let port: Int
    private let channel: any Channel

    /// Listens at a free port.
    package init(_ inbox: FakeInbox) async throws {
        let open = Open()
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard open.begin() else { throw ChannelError.inappropriateOperationForState }
                    channel.closeFuture.whenComplete { _ in open.end() }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(IdleStateHandler(readTimeout: Self.patience))
                    try pipeline.addHandler(Handler(inbox))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    /// Takes no more connections.
    package func stop() async { try? await channel.close() }

    private final class Open: Sendable {
        /// Owner: the server; connections that are open.
        private let count = Mutex(0)

        func begin() -> Bool {
            count.withLock { count in
                guard count < InboxServer.mostConnections else { return false }
                count += 1
                return true
            }
        }

        func end() { count.withLock { $0 -= 1 } }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let inbox: FakeInbox
        private var dialogue = SMTPDialogue()
        private var input: [UInt8] = []
        private var hasGreeted = false
        /// A message is being kept: what came after it waits.
        private var isKeeping = false

        init(_ inbox: FakeInbox) { self.inbox = inbox }

        func handlerAdded(context: ChannelHandlerContext) {
            if context.channel.isActive { channelActive(context: context) }
        }

        func channelActive(context: ChannelHandlerContext) {
            guard !hasGreeted else { return }
            hasGreeted = true
            say("220 inbox.example.org", context)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            input += unwrapInboundIn(data).readableBytesView
            work(context)
        }

        private func work(_ context: ChannelHandlerContext) {
            var start = input.startIndex
            while !isKeeping, let end = input[start...].firstIndex(of: 0x0A) {
                var line = input[start..<end]
                start = end + 1
                if line.last == 0x0D { line.removeLast() }
                guard line.count < SMTPDialogue.longestLine else { return refuse(context) }
                act(dialogue.take(line), context)
            }
            input.removeSubrange(..<start)
            // While a message is kept at most what fits into it may wait.
            let most = isKeeping ? SMTPDialogue.largestMessage : SMTPDialogue.longestLine
            if input.count > most { refuse(context) }
        }

        private func refuse(_ context: ChannelHandlerContext) {
            say("500 the line is too long", context)
            context.close(promise: nil)
        }

        private func act(_ action: SMTPDialogue.Action, _ context: ChannelHandlerContext) {
            switch action {
            case .nothing: return
            case .reply(let text): say(text, context)
            case .close(let text):
                say(text, context)
                context.close(promise: nil)
            case .take(let envelope):
                isKeeping = true
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                // Off the event loop: it waits for the disk.
                NIOThreadPool.singleton.runIfActive(eventLoop: context.eventLoop) { [inbox] in try inbox.take(envelope)
                }
                .whenComplete { result in
                    let (handler, context) = bound.value
                    handler.isKeeping = false
                    switch result {
                    case .success: handler.say("250 kept", context)
                    case .failure: handler.say("451 it could not be kept", context)
                    }
                    handler.work(context)
                }
            }
        }

        private func say(_ text: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(NIOAny(ByteBuffer(string: text + "\r\n")), promise: nil)
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
