// SPDX-License-Identifier: EUPL-1.2

import JSON
import NIOHTTP1
import Synchronization
import TestKit
import Testing
import Time
import Webhooks

/// Made once per test run: many at a time would keep the machine from everything else.
private let shared = Task {
    let directory = try TemporaryDirectory("kontor-webhooks")
    return (directory, try await TestCertificates(in: directory))
}

/// Certificates and a receiver whose certificate names `node.example`.
private struct Bench: Sendable {
    let directory: TemporaryDirectory
    let certificates: TestCertificates
    let receiver: HookReceiver
    let secret = WebhookSecret.random()

    init(
        answer: String = "HTTP/1.1 204 No Content\r\n\r\n",
        repeats: Bool = false,
        staysOpen: Bool = false,
        ownName: Bool = true
    ) async throws {
        (directory, certificates) = try await shared.value
        receiver = try await HookReceiver(
            certificate: ownName ? certificates.client : certificates.server,
            key: ownName ? certificates.clientKey : certificates.serverKey,
            answer: answer,
            repeats: repeats,
            staysOpen: staysOpen
        )
    }

    func settings(_ allowed: [String]) throws -> WebhookSettings {
        WebhookSettings(rules: try WebhookRules(allowing: allowed), authoritiesFile: certificates.authority)
    }

    func url(_ host: String, _ path: String = "/hook?a=b") throws -> WebhookURL {
        try WebhookURL(
            parsing: "https://\(host):\(receiver.port)\(path)",
            under: WebhookRules(allowing: [host])
        )
    }
}

private func resolver(_ addresses: String...) -> HostResolver {
    HostResolver { _ in addresses.compactMap { IPAddress(parsing: $0) } }
}

private let instant = Timestamp(seconds: 1_795_683_240)

@Suite struct WebhookSenderTests {
    private let message = Result {
        try WebhookMessage(id: "msg_1", mediaType: "application/json", body: Array("{}".utf8))
    }

    private func words(_ outcome: WebhookOutcome) -> String {
        switch outcome {
        case .delivered(let status): "delivered: \(status)"
        case .rejected(let problem): "rejected: \(problem)"
        case .deferred(let problem, let wait):
            "deferred: \(problem)" + (wait.map { " [\($0.components.seconds) s]" } ?? "")
        }
    }

    private func outcome(
        _ bench: Bench,
        _ allowed: [String] = ["node.example"],
        _ resolver: HostResolver = resolver("127.0.0.1"),
        timeout: Duration = .seconds(20)
    ) async throws -> String {
        var settings = try bench.settings(allowed)
        settings.timeout = timeout
        let sender = try WebhookSender(settings, resolver: resolver, clock: .fixed(instant))
        return words(try await sender.send(message.get(), to: bench.url("node.example"), secrets: [bench.secret]))
    }

    @Test("a webhook arrives signed at the checked address, while the certificate and Host stay with the name")
    func delivered() async throws {
        let bench = try await Bench()
        let other = WebhookSecret.random()
        let sender = try WebhookSender(
            bench.settings(["node.example"]),
            resolver: resolver("127.0.0.1"),
            clock: .fixed(instant)
        )
        let event = try CloudEvent(id: "e-1", source: "/node", type: "a.b", time: instant, data: ["a": 1])
        let result = try await sender.send(
            WebhookMessage(event),
            to: bench.url("node.example"),
            secrets: [bench.secret, other]
        )
        #expect(result == .delivered(status: 204))
        let request = try #require(bench.receiver.requests.first)
        #expect(request.head.method == .POST && request.head.uri == "/hook?a=b" && request.body == event.bytes())
        func field(_ name: String) -> String? {
            let all = request.head.headers[name]
            return all.count == 1 ? all[0] : nil
        }
        #expect(field("host") == "node.example:\(bench.receiver.port)" && field("user-agent") == "kontor")
        #expect(field("content-type") == "application/cloudevents+json" && field("webhook-id") == "e-1")
        #expect(field("webhook-timestamp") == "1795683240" && field("content-length") == "\(event.bytes().count)")
        #expect(
            field("webhook-signature")
                == WebhookSignature.value(
                    id: "e-1",
                    timestamp: 1_795_683_240,
                    body: event.bytes(),
                    secrets: [bench.secret, other]
                )
        )
        await bench.receiver.stop()
    }

    @Test("a receiver on this machine is refused, without a connection, until it is named")
    func loopback() async throws {
        let bench = try await Bench(ownName: false)
        let rules: [(allowed: [String], isOpen: Bool)] = [
            ([], false), (["10.0.0.0/8"], false), (["127.0.0.2"], false), (["node.example"], false),
            (["127.0.0.0/8"], true),
            (["127.0.0.1"], true),
        ]
        for (allowed, isOpen) in rules {
            let sender = try WebhookSender(bench.settings(allowed))
            let result = words(
                try await sender.send(message.get(), to: bench.url("127.0.0.1"), secrets: [bench.secret])
            )
            #expect(result.hasPrefix(isOpen ? "delivered" : "rejected: webhook to https://127.0.0.1"), "\(result)")
        }
        #expect(bench.receiver.connections == 2)
        // By the system's own lookups.
        for (allowed, isOpen) in [(["10.0.0.0/8"], false), (["localhost"], true)] {
            let sender = try WebhookSender(bench.settings(allowed))
            let result = words(
                try await sender.send(message.get(), to: bench.url("localhost"), secrets: [bench.secret])
            )
            #expect(result.hasPrefix(isOpen ? "delivered" : "rejected: webhook to https://localhost"), "\(result)")
        }
        #expect(bench.receiver.connections == 3)
        await bench.receiver.stop()
    }

    @Test("http goes nowhere but to what is named, and only when http is allowed")
    func plain() async throws {
        let receiver = try await HookReceiver(certificate: nil, key: nil)
        let rules = try WebhookRules(allowing: ["127.0.0.0/8"], plainHTTP: true)
        let url = try WebhookURL(parsing: "http://127.0.0.1:\(receiver.port)/", under: rules)
        let secrets = [WebhookSecret.random()]
        #expect(
            try await WebhookSender(WebhookSettings(rules: rules)).send(message.get(), to: url, secrets: secrets)
                == .delivered(status: 204)
        )
        let strict = WebhookSettings(rules: try WebhookRules(allowing: ["127.0.0.0/8"]))
        let result = words(try await WebhookSender(strict).send(message.get(), to: url, secrets: secrets))
        #expect(result.contains("use https") && receiver.connections == 1)
        await receiver.stop()
    }

    @Test("one address that is not allowed closes the place, in whatever company it is")
    func bait() async throws {
        let bench = try await Bench()
        for addresses in [
            ["127.0.0.1", "169.254.169.254"], ["169.254.169.254", "127.0.0.1"], ["127.0.0.1", "fe80::1"],
            ["::ffff:169.254.169.254"],
            ["0.0.0.0"], ["224.0.0.1"],
        ] {
            let result = try await outcome(
                bench,
                ["node.example"],
                HostResolver { _ in addresses.compactMap { IPAddress(parsing: $0) } }
            )
            #expect(result.hasPrefix("rejected: webhook to https://node.example"), "\(result)")
        }
        #expect(bench.receiver.connections == 0)
        await bench.receiver.stop()
    }

    @Test("a name is looked up once for each delivery, and one that leads elsewhere the second time is refused then")
    func rebinding() async throws {
        let bench = try await Bench()
        let counting = CountingResolver()
        let sender = try WebhookSender(bench.settings(["127.0.0.1/32"]), resolver: counting.resolver)
        let url = try WebhookURL(
            parsing: "https://node.example:\(bench.receiver.port)/",
            under: WebhookRules(allowing: ["node.example"])
        )
        #expect(words(try await sender.send(message.get(), to: url, secrets: [bench.secret])) == "delivered: 204")
        #expect(counting.count == 1)
        let second = words(try await sender.send(message.get(), to: url, secrets: [bench.secret]))
        #expect(second.contains("127.0.0.2 is this machine itself"), "\(second)")
        #expect(counting.count == 2 && bench.receiver.connections == 1)
        await bench.receiver.stop()
    }

    @Test("a receiver whose certificate has another name, or another authority, gets nothing")
    func certificates() async throws {
        let bench = try await Bench(ownName: false)
        // Its certificate names the address to which the connection goes, but not the host.
        #expect(
            try await outcome(bench).hasPrefix(
                "deferred: no TLS with the receiver (the certificate is not for node.example but for localhost)"
            )
        )
        let mine = try await Bench()
        var settings = try mine.settings(["node.example", "127.0.0.1"])
        // The name's certificate does not name the address.
        let byAddress = try await WebhookSender(settings).send(
            message.get(),
            to: mine.url("127.0.0.1"),
            secrets: [mine.secret]
        )
        #expect(words(byAddress).hasPrefix("deferred: no TLS with the receiver"))
        settings.authoritiesFile = nil
        let stranger = try WebhookSender(settings, resolver: resolver("127.0.0.1"))
        let result = words(try await stranger.send(message.get(), to: mine.url("node.example"), secrets: [mine.secret]))
        #expect(result.contains("CERTIFICATE_VERIFY_FAILED"))
        #expect(bench.receiver.requests.isEmpty && mine.receiver.requests.isEmpty)
        await bench.receiver.stop()
        await mine.receiver.stop()
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        let head: String
        let outcome: String
        init(_ head: String, _ outcome: String) { (self.head, self.outcome) = (head, outcome) }
        var testDescription: String { head }
    }

    @Test(
        "what the receiver answers decides whether to try again",
        arguments: [
            Answer("200 OK", "delivered: 200"), Answer("299 Fine", "delivered: 299"),
            Answer(
                "301 Moved\r\nLocation: https://other.example/x",
                "rejected: the receiver answered 301 and points to https://other.example/x"
            ),
            Answer(
                "308 Moved\r\nLocation: http://169.254.169.254/",
                "rejected: the receiver answered 308 and points to http://169.254.169.254/"
            ),
            Answer("302 Found\r\nLocation: /x\u{1B}[2J", "deferred: "),
            Answer("307 Later\r\nLocation: /\u{202E}x", "deferred: the receiver answered 307 and points to /\u{FFFD}x"),
            Answer("304 Same", "rejected: the receiver answered 304 and points to no place"),
            Answer("400 Bad", "rejected: the receiver answered 400"),
            Answer("401 Who", "rejected: the receiver answered 401"),
            Answer("404 Not Found", "rejected: the receiver answered 404"),
            Answer("410 Gone", "rejected: the receiver answered 410: it is gone"),
            Answer("408 Slow", "deferred: the receiver answered 408"),
            Answer("425 Early", "deferred: the receiver answered 425"),
            Answer("429 Slow down\r\nRetry-After: 120", "deferred: the receiver answered 429: why [120 s]"),
            Answer("503 Full\r\nRetry-After: 999999999", "deferred: the receiver answered 503: why [86400 s]"),
            Answer(
                "503 Full\r\nRetry-After: Thu, 26 Nov 2026 08:55:00 GMT",
                "deferred: the receiver answered 503: why [60 s]"
            ),
            Answer(
                "503 Full\r\nRetry-After: Thu, 26 Nov 2020 08:55:00 GMT",
                "deferred: the receiver answered 503: why [0 s]"
            ),
            Answer("503 Full\r\nRetry-After: -1", "deferred: the receiver answered 503: why"),
            Answer("503 Full\r\nRetry-After: soon", "deferred: the receiver answered 503: why"),
            Answer("500 Oops", "deferred: the receiver answered 500: why"),
            Answer("999 What", "deferred: the receiver answered 999: why"),
        ]
    )
    func answers(answer: Answer) async throws {
        let bench = try await Bench(answer: "HTTP/1.1 \(answer.head)\r\nContent-Length: 3\r\n\r\nwhy")
        let result = try await outcome(bench)
        #expect(result.hasPrefix(answer.outcome), "\(result)")
        // Redirects are not followed, and nothing is sent twice.
        #expect(bench.receiver.connections == 1)
        await bench.receiver.stop()
    }

    @Test(
        "an answer without end or without sense does not hold the sender",
        arguments: [
            "HTTP/1.1 200 OK\r\n": "deferred", "HTTP/1.1 200 OK\r\nA: b\r\n\r\n": "delivered", "x": "deferred",
            "\r\n": "deferred", "\0": "deferred",
            "SSH-2.0-a\r\n": "deferred", "HTTP/1.1 100 Continue\r\n\r\n": "deferred",
            "HTTP/1.1 500 Oops\r\n\r\nmore": "deferred",
            "HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n": "deferred", "A: b\r\n": "deferred",
            "HTTP/1.1 404 No\r\nContent-Length: 999999999999\r\n\r\na": "rejected",
            "HTTP/9.9 200 OK\r\n\r\n": "deferred",
            "HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n": "deferred",
        ]
    )
    func endless(text: String, expected: String) async throws {
        let bench = try await Bench(answer: text, repeats: true)
        let result = try await outcome(bench, timeout: .seconds(10))
        #expect(result.hasPrefix(expected) && result.utf8.count < 1_000, "\(result)")
        await bench.receiver.stop()
    }

    @Test("a status that is there counts, even when the rest never comes")
    func partial() async throws {
        let bench = try await Bench(answer: "HTTP/1.1 404 No\r\nContent-Length: 100\r\n\r\nsome\u{1B}", staysOpen: true)
        let partly = try await outcome(bench, timeout: .seconds(20))
        #expect(partly == "rejected: the receiver answered 404: some\u{FFFD}")
        let cut = try await Bench(answer: "HTTP/1.1 503 No\r\nContent-Length: 100\r\n\r\nsome")
        #expect(try await outcome(cut) == "deferred: the receiver answered 503: some")
        await bench.receiver.stop()
        await cut.receiver.stop()
    }

    @Test("a receiver or a name server that is silent is left after its time")
    func silence() async throws {
        let bench = try await Bench(answer: "", staysOpen: true)
        #expect(
            try await outcome(bench, timeout: .seconds(5)).hasPrefix("deferred: the receiver did not answer within 5 s")
        )
        let mute = HostResolver { _ in
            try await Task.sleep(for: .seconds(600))
            return []
        }
        #expect(
            try await outcome(bench, ["node.example"], mute, timeout: .milliseconds(100)).hasPrefix(
                "deferred: the receiver did not"
            )
        )
        #expect(
            try await outcome(bench, ["node.example"], resolver()).hasPrefix("deferred: the host's name leads nowhere")
        )
        let cut = try await Bench(answer: "")
        #expect(try await outcome(cut).hasPrefix("deferred: the receiver ended the connection"))
        await bench.receiver.stop()
        await cut.receiver.stop()
        #expect(try await outcome(bench).hasPrefix("deferred: the receiver cannot be reached (127.0.0.1: "))
    }

    @Test("an address that does not answer gives way to the next one")
    func nextAddress() async throws {
        let bench = try await Bench()
        // Nobody listens at the second loopback address.
        #expect(try await outcome(bench, ["node.example"], resolver("127.0.0.2", "127.0.0.1")) == "delivered: 204")
        await bench.receiver.stop()
    }

    @Test("who cancels gets his word at once")
    func cancellation() async throws {
        let bench = try await Bench(answer: "", staysOpen: true)
        let sender = try WebhookSender(bench.settings(["node.example"]), resolver: resolver("127.0.0.1"))
        let (url, message) = (try bench.url("node.example"), try message.get())
        let work = Task { try await sender.send(message, to: url, secrets: [bench.secret]) }
        for await _ in bench.receiver.arrivals { break }
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
        await bench.receiver.stop()
    }

    @Test("nothing is sent without a secret, or with settings that cannot be used")
    func settings() async throws {
        let bench = try await Bench()
        let sender = try WebhookSender(bench.settings(["node.example"]), resolver: resolver("127.0.0.1"))
        for count in [0, 9] {
            await #expect(throws: WebhookError.self) {
                try await sender.send(
                    message.get(),
                    to: bench.url("node.example"),
                    secrets: [WebhookSecret](repeating: bench.secret, count: count)
                )
            }
        }
        #expect(bench.receiver.connections == 0)
        await bench.receiver.stop()
        for file in [try bench.directory.write([], to: "empty.pem"), bench.directory.file("missing")] {
            #expect(throws: WebhookError.self) { try WebhookSender(WebhookSettings(authoritiesFile: file)) }
        }
        var settings = WebhookSettings()
        settings.userAgent = "a\r\nb: c"
        #expect(throws: WebhookError.self) { try WebhookSender(settings) }
    }
}

/// Leads to 127.0.0.1 the first time, and to 127.0.0.2 ever after.
private final class CountingResolver: Sendable {
    private let lookups = Mutex(0)

    var count: Int { lookups.withLock { $0 } }

    var resolver: HostResolver {
        HostResolver { _ in
            let number = self.lookups.withLock {
                $0 += 1
                return $0
            }
            return [IPAddress(parsing: number == 1 ? "127.0.0.1" : "127.0.0.2")].compactMap { $0 }
        }
    }
}
