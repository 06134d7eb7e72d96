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
/// - closes connections whose client has stopped reading a response, or sends request after request without reading any answer;
/// - says in words why a request cannot be read as HTTP;
/// - reads in larger pieces than NIO's default, which saves a third of the CPU time of a push.
///
/// On a stream of HTTP/2 it does what makes sense there: a refused upload is ended by a reset of its stream, and no answer speaks of the
/// connection, which all streams share.
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
        /// How long a client may take for the rest of a body whose request was answered.
        public var drainTime: TimeAmount
        /// How long a client may take for the piece of a response that is on its way, of a file 2 MiB.
        public var stalledWriteTime: TimeAmount
        /// Requests that a client may send ahead of their answers; parsed ones cost far more memory than their bytes.
        public var requestsAhead: Int

        /// The limits of a node.
        public init(
            readBytes: Int = 256 << 10,
            lingerTime: TimeAmount = .seconds(2),
            lingerBytes: Int = 4 << 20,
            drainTime: TimeAmount = .seconds(10),
            stalledWriteTime: TimeAmount = .seconds(120),
            requestsAhead: Int = 100
        ) {
            self.readBytes = readBytes
            self.lingerTime = lingerTime
            self.lingerBytes = lingerBytes
            self.drainTime = drainTime
            self.stalledWriteTime = stalledWriteTime
            self.requestsAhead = requestsAhead
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
    private var isStream = false
    private var state = State.open
    private var requestIsComplete = true
    private var unanswered = 0
    /// What the parser said of a request that is no HTTP.
    private var unreadable: String?
    private var stallTimer: Scheduled<Void>?
    private var lingerTimer: Scheduled<Void>?
    private var drainTimer: Scheduled<Void>?

    /// One handler for one connection.
    public init(limits: Limits = Limits()) { self.limits = limits }

    /// Looks where it is, and enlarges the read buffer of a connection.
    public func handlerAdded(context: ChannelHandlerContext) {
        // A stream knows no such option, and ends the process when it is set.
        isStream = (try? context.pipeline.syncOperations.context(handlerType: HTTP1ToHTTPServerCodec.self)) == nil
        guard !isStream else { return }
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
        case .head:
            requestIsComplete = false
            unanswered += 1
            if unanswered > limits.requestsAhead { close(context) }
        case .body: break
        case .end:
            requestIsComplete = true
            drainTimer?.cancel()
            drainTimer = nil
        }
        if case .closed = state { return }
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

    /// Keeps the reason for the answer, which comes from above without one.
    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError { unreadable = "\(error)" }
        context.fireErrorCaught(error)
    }

    /// Watches for the response that ends the connection.
    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if case .open = state, head.headerFields[.connection]?.lowercased() == "close", head.status.code >= 200 {
                state = .closing
            }
            if let unreadable, head.status == .badRequest, head.headerFields[.contentLength] ?? "0" == "0" {
                return refuse(context, head, unreadable, promise)
            }
            if isStream, head.headerFields.contains(.connection) {
                // RFC 9113 §8.2.2: a response with it is malformed.
                head.headerFields[.connection] = nil
                return context.write(wrapOutboundOut(.head(head)), promise: promise)
            }
        case .end:
            unanswered -= 1
            if case .closing = state {
                let written = promise ?? context.eventLoop.makePromise(of: Void.self)
                written.futureResult.assumeIsolated().whenComplete { _ in self.linger(context) }
                return context.writeAndFlush(data, promise: written)
            }
            // What is still to come of an answered request is dropped; drop by drop it would hold the connection for ever.
            if unanswered == 0, !requestIsComplete, drainTimer == nil {
                drainTimer = context.eventLoop.assumeIsolated().scheduleTask(in: limits.drainTime) {
                    self.close(context)
                }
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

    /// Cuts the connection where the server would only stop reading: it does so when a node that ends has waited long enough.
    ///
    /// A client that takes no bytes would else hold the end up for as long as it likes, and one whose upload is cut would read a refusal
    /// (its body came too short) instead of a failed connection, which it tries again.
    public func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        context.close(mode: mode == .input ? .all : mode, promise: promise)
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

    /// Writes the head of a refusal with the reason as its body; nothing of the request is repeated, the text is the parser's own.
    private func refuse(
        _ context: ChannelHandlerContext,
        _ head: HTTPResponse,
        _ reason: String,
        _ promise: EventLoopPromise<Void>?
    ) {
        unreadable = nil
        let text =
            "400: this is no request of HTTP/1.1 (\(reason)); look at its request line, its header fields (at most 32 KiB and 100 fields) "
            + "and the length of its body\n"
        var head = head
        head.headerFields[.contentLength] = String(text.utf8.count)
        head.headerFields[.contentType] = "text/plain; charset=utf-8"
        head.headerFields[.xContentTypeOptions] = "nosniff"
        context.write(wrapOutboundOut(.head(head)), promise: promise)
        context.write(wrapOutboundOut(.body(ByteBuffer(string: text))), promise: nil)
    }

    private func linger(_ context: ChannelHandlerContext) {
        guard case .closing = state else { return }
        guard !requestIsComplete, !isStream else { return close(context) }
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
        drainTimer?.cancel()
        drainTimer = nil
    }
}

@available(*, unavailable)
extension ConnectionHandler: Sendable {}
