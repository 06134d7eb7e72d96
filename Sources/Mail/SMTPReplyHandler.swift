// SPDX-License-Identifier: EUPL-1.2

internal import NIOCore
internal import NIOSSL
internal import ServerIdentity
import Synchronization

/// The first thing that went wrong on a connection, which is the cause of all that follows.
final class SMTPHealth: Sendable {
    // Owner: the event loop of the connection, and its time limits, which run there.
    private let first = Mutex<SMTPProblem?>(nil)

    var problem: SMTPProblem? { first.withLock { $0 } }

    func fail(_ problem: SMTPProblem) { first.withLock { $0 = $0 ?? problem } }
}

/// The last handler: gives each reply to the one command that waits for it.
///
/// A reply that nobody waits for ends the connection. Kept for the next command it would be taken for the answer to
/// that, and from there on every answer would belong to another question.
final class SMTPReplyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let health: SMTPHealth
    private var parser = SMTPReplyParser()
    private var waiting: EventLoopPromise<SMTPReply>?
    /// Makes the TLS that begins with the answer to STARTTLS.
    private var upgrade: (@Sendable () throws -> NIOSSLClientHandler)?

    init(_ health: SMTPHealth) { self.health = health }

    var isAnswered: Bool { waiting == nil }

    /// The next reply; called before the command is written.
    func expect(
        _ promise: EventLoopPromise<SMTPReply>,
        upgrade: (@Sendable () throws -> NIOSSLClientHandler)? = nil
    ) {
        if let problem = health.problem { return promise.fail(problem) }
        (waiting, self.upgrade) = (promise, upgrade)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        // What comes after a failure is not looked at any more.
        while health.problem == nil {
            do throws(SMTPProblem) {
                guard let reply = try parser.next(&buffer) else { return }
                try deliver(reply, hasRest: buffer.readableBytes > 0, context)
            } catch {
                fail(error, context)
            }
        }
    }

    private func deliver(
        _ reply: SMTPReply,
        hasRest: Bool,
        _ context: ChannelHandlerContext
    ) throws(SMTPProblem) {
        guard let promise = waiting else {
            // What a server says before it ends a connection that was silent for long.
            if reply.code == 421 { throw .connectionLost(reply.description) }
            throw .invalidReply("a reply to nothing: \(reply)")
        }
        if let upgrade, reply.code == 220 {
            // Whatever stands here was written by somebody who did not have to prove who he is.
            guard !hasRest else { throw .startTLSInjection }
            // Before anything else is read from the socket: this is the event loop.
            do {
                try context.pipeline.syncOperations.addHandler(upgrade(), position: .before(self))
            } catch {
                throw .tls(SMTPConnection.words(error))
            }
        }
        (waiting, upgrade) = (nil, nil)
        promise.succeed(reply)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOSSLError.uncleanShutdown: fail(.connectionLost("without close_notify"), context)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError, is ServerIdentityError:
            fail(.tls(SMTPConnection.words(error)), context)
        default: fail(.connectionLost(SMTPConnection.words(error)), context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.connectionLost("closed"), context)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { fail(.connectionLost("closed"), context) }

    private func fail(_ problem: SMTPProblem, _ context: ChannelHandlerContext) {
        health.fail(problem)
        let promise = waiting
        (waiting, upgrade) = (nil, nil)
        context.triggerUserOutboundEvent(SMTPAbortion.Event(), promise: nil)
        promise?.fail(health.problem ?? problem)
    }
}

/// Closes below TLS, which would otherwise wait for an answer of a server that is silent.
final class SMTPAbortion: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    struct Event: Sendable {}

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is Event else { return context.triggerUserOutboundEvent(event, promise: promise) }
        context.close(promise: promise)
    }
}
