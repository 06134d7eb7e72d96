// SPDX-License-Identifier: EUPL-1.2

import NIOCore
import NIOPosix
import NIOSSL
import ServerIdentity
import TestKit
import Testing

@Suite struct ServerIdentityTests {
    /// Connects to a server at 127.0.0.1 by what is called `host`; the error, or nil.
    private func failure(_ host: String, certificate: String, key: String, authority: String) async throws -> (
        any Error
    )? {
        let server = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            )
        )
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: server))
                    try channel.pipeline.syncOperations.addHandler(Echo())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authority))
        let client = try NIOSSLContext(configuration: configuration)
        let answer = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
        let channel = try await ClientBootstrap(group: answer.futureResult.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ServerIdentity.clientHandler(context: client, host: host))
                    try pipeline.addHandler(Listener(answer))
                }
            }
            .connect(host: "127.0.0.1", port: listener.localAddress?.port ?? 0).get()
        channel.writeAndFlush(ByteBuffer(string: "a"), promise: nil)
        let result: (any Error)?
        do {
            try await answer.futureResult.get()
            result = nil
        } catch {
            result = error
        }
        try? await channel.close()
        try? await listener.close()
        return result
    }

    @Test("a certificate for the address of the server is none for its name, and the other way round")
    func identities() async throws {
        let directory = try TemporaryDirectory("kontor-identity")
        let all = try await TestCertificates(in: directory)
        // The server's is for localhost and 127.0.0.1, the client's for node.example.
        for host in ["localhost", "LOCALHOST", "127.0.0.1"] {
            #expect(
                try await failure(host, certificate: all.server, key: all.serverKey, authority: all.authority) == nil
            )
        }
        #expect(
            try await failure("node.example", certificate: all.client, key: all.clientKey, authority: all.authority)
                == nil
        )
        for host in ["node.example", "mail.example.org"] {
            let error = try await failure(host, certificate: all.server, key: all.serverKey, authority: all.authority)
            #expect(error as? ServerIdentityError == ServerIdentityError(host: host, names: ["localhost"]))
        }
        for host in ["127.0.0.1", "localhost"] {
            #expect(
                try await failure(host, certificate: all.client, key: all.clientKey, authority: all.authority) != nil
            )
        }
        // A chain that is not trusted stays one.
        #expect(
            try await failure("localhost", certificate: all.server, key: all.serverKey, authority: all.client) != nil
        )
    }

    @Test("a common name is no name")
    func commonName() async throws {
        let directory = try TemporaryDirectory("kontor-identity")
        let all = try await TestCertificates(in: directory)
        let (certificate, key) = (directory.file("old.pem"), directory.file("old.key"))
        try await tool("openssl").check([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-CA",
            all.authority,
            "-CAkey", directory.file("authority.key"), "-subj", "/CN=old.example", "-keyout", key, "-out", certificate,
        ])
        let error = try await failure("old.example", certificate: certificate, key: key, authority: all.authority)
        #expect("\(try #require(error))" == "the certificate is not for old.example but for no name")
    }

    struct Pair: Sendable, CustomTestStringConvertible {
        let pattern: String
        let host: String
        init(_ pattern: String, _ host: String) { (self.pattern, self.host) = (pattern, host) }
        var testDescription: String { "\(pattern) \(host)" }
    }

    @Test(
        "a name of a certificate covers a host",
        arguments: [
            Pair("a.example", "a.example"), Pair("A.Example", "a.eXAMPLE"), Pair("*.a.example", "b.a.example"),
            Pair("localhost", "localhost"),
            Pair("a.example.", "a.example"), Pair("a.example", "a.example."),
            Pair("xn--a.example.org", "xn--a.example.org"),
        ]
    )
    func covers(pair: Pair) { #expect(ServerIdentity.matches(pair.pattern, pair.host)) }

    @Test(
        "and no other",
        arguments: [
            Pair("", ""), Pair("*", "a"), Pair("*.example", "a.example"), Pair("*.a.example", "a.example"),
            Pair("*.a.example", "c.b.a.example"),
            Pair("b*.a.example", "bc.a.example"), Pair("b.*.example", "b.a.example"),
            Pair("*.*.example", "b.a.example"),
            Pair("*.a.example", "xn--b.a.example"), Pair("*.a.example", ".a.example"), Pair("a.example", "b.example"),
            Pair("a.example\0", "a.example"), Pair("a.example\0.b.example", "a.example"),
            Pair("\u{E4}.example", "\u{E4}.example"),
            Pair("a..example", "a..example"), Pair("*.a.example", "*.b.example"),
        ]
    )
    func others(pair: Pair) { #expect(!ServerIdentity.matches(pair.pattern, pair.host)) }

    private final class Echo: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.writeAndFlush(data, promise: nil) }
        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    private final class Listener: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let answer: EventLoopPromise<Void>
        init(_ answer: EventLoopPromise<Void>) { self.answer = answer }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) { answer.succeed() }
        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            answer.fail(error)
            context.close(promise: nil)
        }
        func channelInactive(context: ChannelHandlerContext) { answer.fail(ChannelError.eof) }
    }
}
