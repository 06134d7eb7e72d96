// SPDX-License-Identifier: EUPL-1.2

import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import TestKit

/// A receiver in this process that does what it is told, good or bad.
final class Receiver: Sendable {
    /// What it does with a connection.
    enum Behaviour: Sendable {
        /// Reads everything, and answers the end of a connection.
        case reads
        /// Accepts connections and never says a word.
        case silent
        /// Reads the first bytes and nothing more.
        case stopsReading
        /// Reads the first bytes, and nothing reaches it any more.
        case goesDeaf
        /// Ends the connection in order after the first bytes.
        case endsConnection
        /// Cuts the connection after the first bytes.
        case cuts
        /// Reads everything and ends the connection without close_notify.
        case forgetsCloseNotify
    }

    let port: Int
    /// An element for each connection after its first bytes.
    let firstReads: AsyncStream<Void>
    /// An element for each connection that has ended.
    let endings: AsyncStream<Void>
    private let channel: any Channel
    private let log: Log

    private final class Log: Sendable {
        struct Content {
            var connections: [[UInt8]] = []
        }
        /// Owner: the receiver that fills it.
        let content = Mutex(Content())
    }

    init(_ certificates: TestCertificates, _ behaviour: Behaviour = .reads, demandsClient: Bool = false) async throws {
        let log = Log()
        self.log = log
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificates.server).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: certificates.serverKey, format: .pem))
        )
        if demandsClient {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(certificates.authority))
        }
        let context = try NIOSSLContext(configuration: configuration)
        let (firstReads, firstRead) = AsyncStream<Void>.makeStream()
        let (endings, ending) = AsyncStream<Void>.makeStream()
        (self.firstReads, self.endings) = (firstReads, endings)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            // Small, so that a sender soon feels that nobody reads.
            .childChannelOption(.socketOption(.so_rcvbuf), value: 4096)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    channel.closeFuture.whenComplete { _ in ending.yield() }
                    let number = log.content.withLock {
                        $0.connections.append([])
                        return $0.connections.count - 1
                    }
                    if case .silent = behaviour { return }
                    try channel.pipeline.syncOperations.addHandler(Wire())
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    try channel.pipeline.syncOperations.addHandler(
                        Handler(behaviour) { bytes in
                            let isFirst = log.content.withLock { content in
                                defer { content.connections[number] += bytes }
                                return content.connections[number].isEmpty
                            }
                            if isFirst { firstRead.yield() }
                        }
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    /// Messages that arrived, by connection in their order; nil where the bytes are no frames.
    var messages: [[[UInt8]]?] { log.content.withLock { $0.connections.map(Self.parse) } }

    func stop() async { try? await channel.close() }

    private static func parse(_ bytes: [UInt8]) -> [[UInt8]]? {
        var (rest, found) = (bytes[...], [[UInt8]]())
        while !rest.isEmpty {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard let count = Int(String(decoding: digits, as: UTF8.self)), rest.dropFirst(digits.count).first == 0x20
            else { return nil }
            let message = rest.dropFirst(digits.count + 1).prefix(count)
            guard message.count == count else { return nil }
            found.append(Array(message))
            rest = rest[message.endIndex...]
        }
        return found
    }

    /// Below TLS: where a connection is cut, and where words of TLS are lost.
    private final class Wire: ChannelDuplexHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundIn = ByteBuffer
        enum Event: Sendable { case cut, loseReads, loseWrites }
        private var losesReads = false
        private var losesWrites = false

        func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
            switch event as? Event {
            case .cut: context.close(promise: promise)
            case .loseReads:
                losesReads = true
                promise?.succeed()
            case .loseWrites:
                losesWrites = true
                promise?.succeed()
            case nil: context.triggerUserOutboundEvent(event, promise: promise)
            }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if !losesReads { context.fireChannelRead(data) }
        }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if losesWrites { promise?.succeed() } else { context.write(data, promise: promise) }
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let behaviour: Behaviour
        private let take: @Sendable ([UInt8]) -> Void

        init(_ behaviour: Behaviour, _ take: @escaping @Sendable ([UInt8]) -> Void) {
            (self.behaviour, self.take) = (behaviour, take)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            take(Array(unwrapInboundIn(data).readableBytesView))
            switch behaviour {
            case .reads, .silent: break
            case .stopsReading:
                context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
            case .goesDeaf: context.triggerUserOutboundEvent(Wire.Event.loseReads, promise: nil)
            case .endsConnection: context.close(promise: nil)
            case .cuts: context.triggerUserOutboundEvent(Wire.Event.cut, promise: nil)
            case .forgetsCloseNotify: context.triggerUserOutboundEvent(Wire.Event.loseWrites, promise: nil)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// Certificates and a receiver of one test.
struct Bench: Sendable {
    let directory: TemporaryDirectory
    let certificates: TestCertificates
    let receiver: Receiver

    init(_ behaviour: Receiver.Behaviour = .reads, demandsClient: Bool = false) async throws {
        directory = try TemporaryDirectory("kontor-syslog")
        certificates = try await TestCertificates(in: directory)
        receiver = try await Receiver(certificates, behaviour, demandsClient: demandsClient)
    }
}
