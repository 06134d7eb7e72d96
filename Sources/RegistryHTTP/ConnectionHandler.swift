// SPDX-License-Identifier: EUPL-1.2

import HTTPTypes
public import NIOCore
import NIOHTTP1
public import NIOHTTPTypes
import NIOHTTPTypesHTTP1

/// Tells the client to go on with a body that it announced by `Expect: 100-continue`; sent as a user event once the request is authorised.
public struct ContinueRequest: Sendable {
    /// The event.
    public init() {}
}

/// Sends a part of a file by `sendfile`, between the head and the end of a response; the promise completes when the kernel took all of it.
public struct SendFilePart: Sendable {
    let handle: NIOFileHandle
    let range: Range<Int>
}

/// What Hummingbird's connection lacks, between the HTTP codec and its own handlers.
///
/// - answers `Expect: 100-continue` when it is told to, not before;
/// - ends the connection after a response that says `Connection: close`, without swallowing the rest of a refused upload: it closes its own
///   direction, drops a bounded amount for a bounded time so that the client gets to read the answer, then closes;
/// - sends files by `sendfile` on plain HTTP/1.1;
/// - closes connections whose client has stopped reading a response;
/// - reads in larger pieces than NIO's default, which saves a third of the CPU time of a push.
///
/// Owner: the event loop of its channel.
public final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    /// Parts of requests.
    public typealias InboundIn = HTTPRequestPart
    /// Parts of requests.
    public typealias InboundOut = HTTPRequestPart
    /// Parts of responses.
    public typealias OutboundIn = HTTPResponsePart
    /// Parts of responses.
    public typealias OutboundOut = HTTPResponsePart

    /// Bounds of one connection.
    public struct Limits: Sendable {
        /// Largest single read from the socket, in bytes.
        public var readBytes: Int
        /// How long a refused upload is listened to after the answer.
        public var lingerTime: TimeAmount
        /// How much of a refused upload is dropped after the answer, in bytes.
        public var lingerBytes: Int
        /// How long a client may take no bytes at all of a response.
        public var stalledWriteTime: TimeAmount

        /// The limits of a node.
        public init(
            readBytes: Int = 256 << 10,
            lingerTime: TimeAmount = .seconds(2),
            lingerBytes: Int = 4 << 20,
            stalledWriteTime: TimeAmount = .seconds(120)
        ) {
            self.readBytes = readBytes
            self.lingerTime = lingerTime
            self.lingerBytes = lingerBytes
            self.stalledWriteTime = stalledWriteTime
        }
    }

    private enum State {
        case open
        /// The head of the response said that this is the last one.
        case closing
        /// The answer is out; what still comes is dropped.
        case lingering(dropped: Int)
        case closed
    }

    private let limits: Limits
    private var state = State.open
    private var requestIsComplete = true
    private var stallTimer: Scheduled<Void>?
    private var lingerTimer: Scheduled<Void>?

    /// One handler for one connection.
    public init(limits: Limits = Limits()) { self.limits = limits }

    /// Enlarges the read buffer.
    public func handlerAdded(context: ChannelHandlerContext) {
        let allocator = AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 16 << 10, maximum: limits.readBytes)
        context.channel.setOption(.recvAllocator, value: allocator).whenFailure { _ in }
    }

    /// Stops the timers.
    public func handlerRemoved(context: ChannelHandlerContext) { cancelTimers() }

    /// Stops the timers.
    public func channelInactive(context: ChannelHandlerContext) {
        cancelTimers()
        state = .closed
        context.fireChannelInactive()
    }

    /// Lets parts of requests pass until the connection is about to close.
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        switch part {
        case .head: requestIsComplete = false
        case .body: break
        case .end: requestIsComplete = true
        }
        guard case .lingering(let dropped) = state else { return context.fireChannelRead(data) }
        if case .body(let buffer) = part {
            state = .lingering(dropped: dropped + buffer.readableBytes)
            if dropped + buffer.readableBytes > limits.lingerBytes { close(context) }
        } else {
            close(context)
        }
    }

    /// Goes on reading what is only dropped.
    public func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if case .lingering = state { context.read() }
    }

    /// Watches for the response that ends the connection.
    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.headerFields[.connection]?.lowercased() == "close" && head.status.code >= 200:
            if case .open = state { state = .closing }
        case .end:
            if case .closing = state {
                let written = promise ?? context.eventLoop.makePromise(of: Void.self)
                written.futureResult.assumeIsolated().whenComplete { _ in self.linger(context) }
                return context.writeAndFlush(data, promise: written)
            }
        default: break
        }
        context.write(data, promise: promise)
    }

    /// Executes ``ContinueRequest`` and ``SendFilePart``.
    public func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        switch event {
        case is ContinueRequest:
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: promise)
        case let part as SendFilePart:
            do {
                // Below the codec a body may be a region of a file.
                let codec = try context.pipeline.syncOperations.context(handlerType: HTTP1ToHTTPServerCodec.self)
                let region = FileRegion(
                    fileHandle: part.handle,
                    readerIndex: part.range.lowerBound,
                    endIndex: part.range.upperBound
                )
                codec.writeAndFlush(NIOAny(HTTPServerResponsePart.body(.fileRegion(region))), promise: promise)
            } catch {
                promise?.fail(error)
            }
        default:
            context.triggerUserOutboundEvent(event, promise: promise)
        }
    }

    /// Starts and stops the timer for clients that do not read.
    public func channelWritabilityChanged(context: ChannelHandlerContext) {
        stallTimer?.cancel()
        stallTimer = nil
        if !context.channel.isWritable {
            stallTimer = context.eventLoop.assumeIsolated().scheduleTask(in: limits.stalledWriteTime) {
                self.close(context)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    private func linger(_ context: ChannelHandlerContext) {
        guard case .closing = state else { return }
        guard !requestIsComplete else { return close(context) }
        state = .lingering(dropped: 0)
        // The answer and the end of our direction go out; a reset now would take the answer from the client again.
        context.close(mode: .output, promise: nil)
        lingerTimer = context.eventLoop.assumeIsolated().scheduleTask(in: limits.lingerTime) { self.close(context) }
        context.read()
    }

    private func close(_ context: ChannelHandlerContext) {
        cancelTimers()
        if case .closed = state { return }
        state = .closed
        context.close(promise: nil)
    }

    private func cancelTimers() {
        stallTimer?.cancel()
        stallTimer = nil
        lingerTimer?.cancel()
        lingerTimer = nil
    }
}

@available(*, unavailable)
extension ConnectionHandler: Sendable {}
