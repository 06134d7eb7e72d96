// SPDX-License-Identifier: EUPL-1.2

import FeedDownload
import Foundation
import NIOSSL
import TestKit
import Testing

/// What a publisher, or whoever sits in its place, cannot do.
@Suite("Hostile publishers")
struct HostilePublisherTests {
    @Test("a feed that announces too much is not begun, one that sends too much is not kept", arguments: [nil, -1])
    func oversized(announced: Int?) async throws {
        let server = try await FeedServer { _, _ in
            ServedAnswer(200, [("ETag", "\"v1\"")], body: sampleFeed, announced: announced)
        }
        let bench = try Bench()
        let found = try await bench.update([server.url("/f")]) { $0.sizeLimit = 100_000 }
        await server.stop()
        #expect(found[0].outcome == .failed(.tooLarge(limit: 100_000)))
        #expect(server.requests.count == 1)
        #expect(bench.bytes(found[0]) == nil)
        #expect(bench.bytes(found[0], ".part") == nil)
    }

    @Test("a publisher that trickles is left")
    func trickle() async throws {
        let server = try await FeedServer { _, _ in ServedAnswer(200, [], body: [1, 2, 3], announced: 4, end: .silence)
        }
        let bench = try Bench(tick: .seconds(61))
        let found = try await bench.update([server.url("/f")]) { $0.attempts = 1 }
        await server.stop()
        #expect(found[0].outcome == .failed(.tooSlow(bytes: 3, seconds: 61)))
    }

    @Test("an attempt that never ends is ended")
    func endless() async throws {
        let server = try await FeedServer { _, _ in
            ServedAnswer(200, [], body: sampleFeed, announced: -1, end: .silence)
        }
        let bench = try Bench(tick: .seconds(3601))
        let found = try await bench.update([server.url("/f")]) { $0.attempts = 1 }
        await server.stop()
        #expect(found[0].outcome == .failed(.tookTooLong(seconds: 3600)))
    }

    @Test("a publisher that falls silent is left")
    func silent() async throws {
        let server = try await FeedServer { _, _ in ServedAnswer(200, [], body: [1], announced: 4, end: .silence) }
        let bench = try Bench()
        let found = try await bench.update([server.url("/f")]) {
            $0.attempts = 1
            $0.idleTimeout = .milliseconds(50)
        }
        await server.stop()
        guard case .failed(.unreachable) = found[0].outcome else {
            Issue.record("\(found[0].outcome)")
            return
        }
    }

    @Test("a redirect is followed, one in a circle is not for ever")
    func redirects() async throws {
        let server = try await FeedServer { request, _ in
            switch request.path {
            case "/moved": ServedAnswer(302, [("Location", "/here")])
            case "/here": ServedAnswer(body: [5])
            default: ServedAnswer(302, [("Location", "/circle")])
            }
        }
        let bench = try Bench()
        let found = try await bench.update([server.url("/moved"), server.url("/circle")]) { $0.parallel = 1 }
        await server.stop()
        #expect(bench.bytes(found[0]) == [5])
        #expect(found[1].outcome == .failed(.redirect("more than 5 times")))
        #expect(server.requests.count == 8)
    }

    @Test(
        "a redirect to where no feed is has no effect",
        arguments: ["file:///etc/passwd", "http://publisher.invalid/f", "http://me:secret@127.0.0.1/", "", "http://["]
    )
    func badRedirect(location: String) async throws {
        let server = try await FeedServer { _, _ in ServedAnswer(302, [("Location", location)]) }
        let bench = try Bench()
        let found = try await bench.update([server.url("/f")]) { $0.redirects = 1 }
        await server.stop()
        guard case .failed(let error) = found[0].outcome, !error.isRetryable else {
            Issue.record("\(found[0].outcome)")
            return
        }
        #expect(!"\(error)".contains("secret"))
    }

    @Test("plain HTTP goes to this machine only, unless it is allowed")
    func plainHTTP() async throws {
        let bench = try Bench()
        let found = try await bench.update(["http://publisher.invalid/f?token=secret"])
        guard case .failed(.insecure(let target)) = found[0].outcome else {
            Issue.record("\(found[0].outcome)")
            return
        }
        #expect(target == "http://publisher.invalid/f")
    }

    @Test("a request goes through the proxy, with its credentials, except to hosts that are reached directly")
    func proxy() async throws {
        // The client asks for a tunnel; one that is refused shows as much of the request as one that is granted.
        let proxy = try await FeedServer { _, _ in ServedAnswer(403, []) }
        let direct = try await FeedServer { _, _ in ServedAnswer(body: [1]) }
        let bench = try Bench()
        let rules = try ProxyRules(
            proxy: "http://me:p%40ss@127.0.0.1:\(proxy.port)",
            environment: ["no_proxy": "example.invalid, 127.0.0.1"]
        )
        let found = try await bench.update(["http://publisher.invalid/f", direct.url("/f")]) {
            $0.plainHTTP = true
            $0.proxy = rules
        }
        await proxy.stop()
        await direct.stop()
        guard case .failed = found[0].outcome else {
            Issue.record("\(found[0].outcome)")
            return
        }
        #expect(bench.bytes(found[1]) == [1])
        let expected = "Basic " + Data("me:p@ss".utf8).base64EncodedString()
        #expect(!proxy.requests.isEmpty)
        #expect(
            proxy.requests.allSatisfy { $0["Proxy-Authorization"] == expected && $0.path == "publisher.invalid:80" }
        )
        #expect(direct.requests.count == 1)
    }

    @Test(
        "an authority of one's own is trusted when it is named, and only then; encryption is not given up by a redirect"
    )
    func authority() async throws {
        let directory = try TemporaryDirectory()
        try await tool("openssl").check(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj",
                "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", directory.file("key.pem"),
                "-out",
                directory.file("ca.pem"),
            ]
        )
        let certificates = try NIOSSLCertificate.fromPEMFile(directory.file("ca.pem"))
        let key = try NIOSSLPrivateKey(file: directory.file("key.pem"), format: .pem)
        let configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        let server = try await FeedServer(tls: NIOSSLContext(configuration: configuration)) { request, _ in
            request.path == "/f" ? ServedAnswer(body: [8]) : ServedAnswer(302, [("Location", "http://localhost/f")])
        }
        let urls = ["/f", "/down"].map { server.url($0, scheme: "https", host: "localhost") }
        let bench = try Bench()
        let without = try await bench.update([urls[0]]) { $0.attempts = 1 }
        let with = try await bench.update(urls) {
            $0.attempts = 1
            $0.authoritiesFile = directory.file("ca.pem")
        }
        await server.stop()
        guard case .failed(.unreachable) = without[0].outcome else {
            Issue.record("\(without[0].outcome)")
            return
        }
        #expect(with[0].outcome == .fetched(bytes: 1))
        #expect(with[1].outcome == .failed(.insecure("a redirect to http://localhost/f")))
    }

    @Test("a file without certificates is named, not ignored")
    func badAuthority() throws {
        let bench = try Bench()
        var settings = DownloadSettings()
        settings.authoritiesFile = try bench.directory.write(Array("no certificate".utf8), to: "ca.pem")
        #expect { try FeedDownloader(directory: bench.cache, settings: settings) } throws: {
            "\($0)".contains("ca.pem")
        }
    }
}
