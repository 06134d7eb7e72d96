// SPDX-License-Identifier: EUPL-1.2

internal import NIOCore
internal import NIOPosix
internal import NIOSSL
import ServerIdentity
import Synchronization

/// One TLS connection: writes with a time limit, and what is known about its end.
final class SyslogConnection: Sendable {
    private let channel: any Channel
    private let health: Health

    private init(channel: any Channel, health: Health) {
        self.channel = channel
        self.health = health
    }

    // A sender that is let go without a word must not leave its connection behind.
    deinit { abort() }

    /// Connects; the TLS handshake runs while the first bytes wait.
    static func open(_ settings: SyslogSettings, _ context: NIOSSLContext) async throws -> SyslogConnection {
        let health = Health()
        // A certificate for an address is checked against the address of the connection; as a name it is refused.
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(TimeAmount(settings.connectTimeout))
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHandler(Abortion())
                        try pipeline.addHandler(
                            ServerIdentity.clientHandler(context: context, host: settings.host)
                        )
                        try pipeline.addHandler(Watch(health))
                    }
                }
                .connect(host: settings.host, port: settings.port).get()
            return SyslogConnection(channel: channel, health: health)
        } catch {
            throw SyslogError.unreachable(Self.words(error))
        }
    }

    /// Whether neither side has ended it, as far as is known here.
    var isOpen: Bool { health.failure == nil && channel.isActive }

    /// Why it ended.
    var reason: String { health.failure.map(Self.words) ?? "closed" }

    /// Writes and returns when the system has taken the bytes; cut off after a time or when the task is cancelled.
    func write(_ bytes: ByteBuffer, within limit: Duration) async throws {
        try await limited(limit) { try await self.channel.writeAndFlush(bytes) }
    }

    /// Throws when an end was seen by now; asked on the event loop, after what it has read so far.
    func checkAlive() async throws {
        let isOpen = try await channel.eventLoop.submit { self.isOpen }.get()
        if !isOpen { throw health.failure ?? ChannelError.ioOnClosedChannel }
    }

    /// Ends the connection and waits until the receiver does the same.
    ///
    /// - Throws: what happened instead.
    func end(_ settings: SyslogSettings) async throws {
        do {
            try await limited(settings.confirmTimeout) {
                // Looked at on the event loop: an end that the receiver began is no answer to ours.
                try await self.channel.eventLoop.flatSubmit {
                    self.isOpen
                        ? self.channel.close() : self.channel.eventLoop.makeFailedFuture(ChannelError.alreadyClosed)
                }.get()
            }
        } catch {
            // A reset is recorded before the missing close_notify, which follows from it.
            if settings.confirmation == .endOfStream, case .uncleanShutdown? = health.failure as? NIOSSLError { return }
            throw health.failure ?? error
        }
        // The library also succeeds after an alert of the peer (a refused certificate, say).
        if let failure = health.failure { throw failure }
    }

    /// Ends it at once, without a word to the receiver.
    func abort() { channel.triggerUserOutboundEvent(Abortion.Event(), promise: nil) }

    private func limited(_ limit: Duration, _ work: @Sendable () async throws -> Void) async throws {
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(limit)) {
            self.health.fail(SyslogError.stalled(seconds: limit.components.seconds))
            self.abort()
        }
        defer { timer.cancel() }
        do {
            try await withTaskCancellationHandler {
                try await work()
            } onCancel: {
                abort()
            }
        } catch {
            try Task.checkCancellation()
            throw health.failure ?? error
        }
    }

    /// An error in words, bounded; the library's own hold whole stacks.
    static func words(_ error: any Error) -> String {
        switch error {
        case NIOSSLError.uncleanShutdown: "without close_notify"
        case let error as ChannelError where error == .ioOnClosedChannel || error == .alreadyClosed: "closed"
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { String("\($0.error)".prefix(300)) } ?? "its name is not known"
        case let error as SyslogError: error.description
        default: String("\(error)".prefix(300))
        }
    }

    /// The first thing that went wrong, which is the cause of all that follows.
    private final class Health: Sendable {
        // Owner: the event loop of the connection, which alone writes.
        private let first = Mutex<(any Error)?>(nil)

        var failure: (any Error)? { first.withLock { $0 } }

        func fail(_ error: any Error) { first.withLock { $0 = $0 ?? error } }
    }

    /// Notes errors and drops what a receiver sends: syslog knows no answers, and kept they would grow.
    private final class Watch: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let health: Health

        init(_ health: Health) { self.health = health }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            health.fail(error)
            context.close(promise: nil)
        }
    }

    /// Closes below TLS, which would otherwise wait for an answer of a receiver that is silent.
    private final class Abortion: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        struct Event: Sendable {}

        func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
            guard event is Event else { return context.triggerUserOutboundEvent(event, promise: promise) }
            context.close(promise: promise)
        }
    }
}
