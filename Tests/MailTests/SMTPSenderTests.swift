// SPDX-License-Identifier: EUPL-1.2

import Mail
import TestKit
import Testing
import Time

/// Made once per test run: many at a time would keep the machine from everything else.
private let shared = Task {
    let directory = try TemporaryDirectory("kontor-mail")
    return (directory, try await TestCertificates(in: directory))
}

/// Certificates, a server and the settings for it.
private struct Bench: Sendable {
    let directory: TemporaryDirectory
    let certificates: TestCertificates
    let server: MailServer
    var settings: SMTPSettings

    init(
        _ security: MailServer.Security = .plain,
        offers: [String] = ["SIZE 1000000", "8BITMIME"],
        _ script: [String: [MailServer.Action]] = [:]
    ) async throws {
        (directory, certificates) = try await shared.value
        server = try await MailServer(certificates, security, offers: offers, script)
        let choice: SMTPSettings.Security =
            switch security {
            case .plain: .plain
            case .offersTLS: .startTLS
            case .implicitTLS: .implicitTLS
            }
        settings = SMTPSettings(
            host: "localhost",
            port: server.port,
            security: choice,
            clientName: "node.example.org",
            authoritiesFile: certificates.authority
        )
    }

    func sender() throws -> SMTPSender { try SMTPSender(settings) }
}

func exampleMessage(_ text: String = "Hello.\n", number: Int = 1) throws -> MailMessage {
    try MailMessage(
        from: MailAddress(parsing: "kontor@example.org"),
        to: MailAddress(parsing: "duty@agency.example.org"),
        subject: "A warning",
        date: Timestamp(seconds: 1_795_683_240),
        messageID: "\(number).warning@node.example.org",
        text: text
    )
}

private let taken = "250 2.0.0 taken as 17"

@Suite struct SMTPSenderTests {
    private func words(_ outcome: MailOutcome) -> String {
        switch outcome {
        case .delivered(let reply): "delivered: \(reply)"
        case .rejected(let problem): "rejected: \(problem)"
        case .deferred(let problem): "deferred: \(problem)"
        case .unknown(let problem): "unknown: \(problem)"
        }
    }

    @Test("a message arrives as it is over a plain connection, and the commands are those of the standard")
    func plain() async throws {
        let bench = try await Bench()
        let sender = try bench.sender()
        let message = try exampleMessage(".\n..\n.a\nb\n\n.\n")
        #expect(words(try await sender.send(message)) == "delivered: \(taken)")
        await sender.close()
        #expect(bench.server.messages == [String(decoding: message.bytes(), as: UTF8.self)])
        #expect(
            bench.server.connections[0].commands == [
                "EHLO node.example.org", "MAIL FROM:<kontor@example.org> SIZE=\(message.bytes().count)",
                "RCPT TO:<duty@agency.example.org>", "DATA", "QUIT",
            ]
        )
        await bench.server.stop()
    }

    @Test("many messages go over one connection, and a long one arrives whole")
    func reuse() async throws {
        let bench = try await Bench()
        let sender = try bench.sender()
        let line = ".a line that begins with a dot and has an umlaut: \u{E4}\n"
        let messages = try (0..<5).map {
            try exampleMessage(String(repeating: line, count: $0 == 2 ? 4_000 : $0), number: $0)
        }
        for message in messages { #expect(words(try await sender.send(message)) == "delivered: \(taken)") }
        await sender.close()
        #expect(bench.server.messages == messages.map { String(decoding: $0.bytes(), as: UTF8.self) })
        #expect(bench.server.connections.count == 1)
        await bench.server.stop()
    }

    @Test("with STARTTLS nothing but EHLO and STARTTLS is said in the clear", arguments: [true, false])
    func secret(startTLS: Bool) async throws {
        let bench = try await Bench(startTLS ? .offersTLS : .implicitTLS)
        let sender = try bench.sender()
        #expect(words(try await sender.send(exampleMessage())) == "delivered: \(taken)")
        await sender.close()
        let commands = bench.server.connections[0].commands
        #expect(commands.filter { !$0.hasPrefix("tls ") } == (startTLS ? ["EHLO node.example.org", "STARTTLS"] : []))
        #expect(commands.contains("tls EHLO node.example.org") && commands.contains("tls DATA"))
        await bench.server.stop()
    }

    @Test("a server that takes the offer of STARTTLS back gets nothing", arguments: [true, false])
    func stripped(refusesCommand: Bool) async throws {
        let bench = try await Bench(
            .offersTLS,
            refusesCommand
                ? ["STARTTLS": [.say("454 not now\r\n")]] : ["EHLO": [.say("250-mail.example.org\r\n250 XXXXXXXA\r\n")]]
        )
        var settings = bench.settings
        settings.credentials = .init(name: "node", password: "secret")
        let outcome = try await SMTPSender(settings).send(exampleMessage())
        if refusesCommand {
            #expect(words(outcome) == "deferred: the mail server answered STARTTLS with 454 not now")
        } else {
            #expect(outcome == .deferred(.startTLSNotOffered))
        }
        #expect(bench.server.connections[0].commands.allSatisfy { $0.hasPrefix("EHLO") || $0 == "STARTTLS" })
        await bench.server.stop()
    }

    @Test("bytes in the clear behind the answer to STARTTLS end the connection")
    func injection() async throws {
        let injected = "220 go ahead\r\n250-mail.example.org\r\n250 AUTH PLAIN\r\n"
        let bench = try await Bench(.offersTLS, ["STARTTLS": [.beginTLS(injected), .beginTLS("220 go\r\n2")]])
        let sender = try bench.sender()
        #expect(try await sender.send(exampleMessage()) == .deferred(.startTLSInjection))
        #expect(try await sender.send(exampleMessage()) == .deferred(.startTLSInjection))
        #expect(bench.server.messages.isEmpty)
        // A third one is let alone.
        #expect(words(try await sender.send(exampleMessage())) == "delivered: \(taken)")
        await sender.close()
        await bench.server.stop()
    }

    @Test("what is offered in the clear does not count once TLS is there")
    func offersForgotten() async throws {
        let clear = "250-mail.example.org\r\n250-STARTTLS\r\n250-AUTH PLAIN\r\n250 SIZE 10\r\n"
        let bench = try await Bench(.offersTLS, offers: ["AUTH CRAM-MD5"], ["EHLO": [.say(clear)]])
        var settings = bench.settings
        settings.credentials = .init(name: "node", password: "secret")
        #expect(
            try await SMTPSender(settings).send(exampleMessage()) == .deferred(.authenticationNotOffered(["CRAM-MD5"]))
        )
        await bench.server.stop()
    }

    @Test("a server whose authority is not trusted, or whose certificate has another name, gets nothing")
    func certificates() async throws {
        for security in [MailServer.Security.offersTLS, .implicitTLS] {
            let bench = try await Bench(security)
            var settings = bench.settings
            settings.authoritiesFile = nil
            let stranger = try await SMTPSender(settings).send(exampleMessage())
            guard case .deferred(.tls(let reason)) = stranger else {
                Issue.record("sent to a stranger: \(words(stranger))")
                return
            }
            #expect(reason.contains("CERTIFICATE_VERIFY_FAILED"))
            // Certificate of the same authority, but for node.example.
            let other = try await MailServer(
                TestCertificates(
                    authority: bench.certificates.authority,
                    server: bench.certificates.client,
                    serverKey: bench.certificates.clientKey
                ),
                security
            )
            for host in ["localhost", "127.0.0.1"] {
                settings = bench.settings
                (settings.host, settings.port) = (host, other.port)
                let outcome = try await SMTPSender(settings).send(exampleMessage())
                guard case .deferred(.tls) = outcome else {
                    Issue.record("sent to another name: \(words(outcome))")
                    return
                }
            }
            #expect(bench.server.messages.isEmpty && other.messages.isEmpty)
            // By its address, which stands in the certificate.
            settings = bench.settings
            settings.host = "127.0.0.1"
            #expect(words(try await SMTPSender(settings).send(exampleMessage())) == "delivered: \(taken)")
            await other.stop()
            await bench.server.stop()
        }
    }

    @Test("name and password are shown in the way that the server offers")
    func authentication() async throws {
        let long = String(repeating: "p", count: 400)
        for (offer, password, expected) in [
            ("AUTH LOGIN PLAIN", "secret", ["AUTH PLAIN AG5vZGUAc2VjcmV0"]),
            ("AUTH LOGIN", "secret", ["AUTH LOGIN", "bm9kZQ==", "c2VjcmV0"]),
            ("auth plain", long, ["AUTH PLAIN"]),
        ] {
            let bench = try await Bench(.offersTLS, offers: [offer])
            var settings = bench.settings
            settings.credentials = .init(name: "node", password: password)
            let sender = try SMTPSender(settings)
            #expect(words(try await sender.send(exampleMessage())) == "delivered: \(taken)")
            await sender.close()
            let commands = bench.server.connections[0].commands
            let start = try #require(commands.firstIndex { $0.hasPrefix("tls AUTH") })
            #expect(Array(commands[start..<(start + expected.count)]) == expected.map { "tls " + $0 })
            await bench.server.stop()
        }
    }

    @Test("a refused password is a fault of the settings, not of the message")
    func refusedPassword() async throws {
        let bench = try await Bench(
            .implicitTLS,
            offers: ["AUTH PLAIN"],
            ["AUTH": [.say("535-5.7.8 wrong\r\n535 5.7.8 quite wrong\r\n")]]
        )
        var settings = bench.settings
        settings.credentials = .init(name: "node", password: "secret")
        let outcome = try await SMTPSender(settings).send(exampleMessage())
        #expect(
            words(outcome)
                == "deferred: the mail server refused name and password (535 5.7.8 wrong 5.7.8 quite wrong); check both"
        )
        #expect(!words(outcome).contains("secret") && !"\(settings)".contains("secret"))
        var dumped = ""
        dump(settings, to: &dumped)
        #expect(!dumped.contains("secret"))
        await bench.server.stop()
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let step: String
        let reply: String
        let outcome: String
        init(_ step: String, _ reply: String, _ outcome: String) {
            (self.step, self.reply, self.outcome) = (step, reply, outcome)
        }
        var testDescription: String { "\(step): \(reply)" }
    }

    @Test(
        "what the server says decides whether to try again; the next message is not touched by it",
        arguments: [
            Refusal("connect", "554 no mail here\r\n", "deferred"), Refusal("connect", "421 full\r\n", "deferred"),
            Refusal("EHLO", "502 what\r\n", "deferred"), Refusal("MAIL", "550 never\r\n", "rejected"),
            Refusal("MAIL", "451 later\r\n", "deferred"), Refusal("MAIL", "530 TLS first\r\n", "deferred"),
            Refusal("MAIL", "552 too long\r\n", "rejected"),
            Refusal("RCPT", "550-nobody\r\n550-of that\r\n550 name\r\n", "rejected"),
            Refusal("RCPT", "450 grey\r\n", "deferred"), Refusal("RCPT", "552 too many\r\n", "deferred"),
            Refusal("RCPT", "251 elsewhere\r\n", "delivered"), Refusal("RCPT", "354 what\r\n", "deferred"),
            Refusal("DATA", "554 no\r\n", "rejected"), Refusal("DATA", "421 bye\r\n", "deferred"),
            Refusal("DATA", "250 what\r\n", "deferred"), Refusal(".", "554 spam\r\n", "rejected"),
            Refusal(".", "452 full\r\n", "deferred"), Refusal(".", "250-a\r\n250-b\r\n250 c\r\n", "delivered"),
            Refusal(".", "354 more\r\n", "unknown"), Refusal(".", "250 \u{1B}[2J\u{FF}\r\n", "delivered"),
        ]
    )
    func refusals(refusal: Refusal) async throws {
        let bench = try await Bench(.plain, [refusal.step: [.say(refusal.reply)]])
        let sender = try bench.sender()
        let outcome = words(try await sender.send(exampleMessage()))
        #expect(outcome.hasPrefix(refusal.outcome + ": "), "\(outcome)")
        #expect(outcome.unicodeScalars.allSatisfy { (0x20..<0x7F).contains($0.value) })
        #expect(words(try await sender.send(exampleMessage(number: 2))) == "delivered: \(taken)")
        await sender.close()
        await bench.server.stop()
    }

    @Test(
        "a reply that is lost after the last dot leaves it open whether the message was taken",
        arguments: ["cut", "silence", "nonsense", "half"]
    )
    func unknown(kind: String) async throws {
        let action: MailServer.Action =
            switch kind {
            case "cut": .cut
            case "silence": .silence
            case "half": .sayAndLeave("250-tak")
            default: .say("HTTP/1.1 400 Bad Request\r\n")
            }
        let bench = try await Bench(.offersTLS, [".": [action]])
        var settings = bench.settings
        settings.messageTimeout = .milliseconds(300)
        let sender = try SMTPSender(settings)
        let message = try exampleMessage()
        let outcome = try await sender.send(message)
        guard case .unknown = outcome else {
            Issue.record("\(words(outcome))")
            return
        }
        let again = try bench.sender()
        #expect(words(try await again.send(message)) == "delivered: \(taken)")
        await again.close()
        // The same message, byte for byte: its Message-ID says so to whoever gets both.
        #expect(bench.server.messages.count == 2 && Set(bench.server.messages).count == 1)
        await bench.server.stop()
    }

    @Test("a server that leaves, or speaks up, before it has the whole message has not taken it")
    func interrupted() async throws {
        // More than both systems' buffers hold.
        let short = try exampleMessage()
        let long = try MailMessage(
            from: short.from,
            to: short.to,
            subject: short.subject,
            date: short.date,
            messageID: short.messageID,
            text: "",
            attachment: MailAttachment(
                name: "long",
                mediaType: "application/octet-stream",
                bytes: [UInt8](repeating: 0, count: MailAttachment.maximumBytes)
            )
        )
        let bench = try await Bench(
            .plain,
            offers: [],
            ["data": [.cut, .say("552 too long\r\n"), .say("451 disk full\r\n")]]
        )
        let sender = try bench.sender()
        let cut = words(try await sender.send(long))
        #expect(cut.hasPrefix("deferred: the mail server ended the connection"), "\(cut)")
        #expect(
            words(try await sender.send(long)) == "rejected: the mail server answered the message with 552 too long"
        )
        #expect(
            words(try await sender.send(long)) == "deferred: the mail server answered the message with 451 disk full"
        )
        #expect(words(try await sender.send(short)) == "delivered: \(taken)")
        await sender.close()
        await bench.server.stop()
    }

    @Test(
        "a server that talks without end is left",
        arguments: [
            "250-more\r\n", "a", "250-", "250 ok\r\n", "999 ok\r\n", "250-a\r\n550-b\r\n", "\r\n", "\0", "250x\r\n",
        ]
    )
    func endless(text: String) async throws {
        for step in ["connect", "EHLO", "MAIL", "QUIT"] {
            let bench = try await Bench(.plain, [step: [.flood(text)]])
            var settings = bench.settings
            settings.commandTimeout = .seconds(20)
            let sender = try SMTPSender(settings)
            let outcome = words(try await sender.send(exampleMessage()))
            await sender.close()
            #expect(outcome.utf8.count < 1_000)
            if step != "QUIT", text != "250 ok\r\n" {
                #expect(outcome.hasPrefix("deferred: the mail server broke the rules of SMTP"), "\(step) \(outcome)")
            }
            for await _ in bench.server.endings { break }
            await bench.server.stop()
        }
    }

    @Test("replies to commands that were not sent yet are not believed")
    func early() async throws {
        let bench = try await Bench(.plain, ["MAIL": [.say("250 ok\r\n250 ok\r\n354 go\r\n250 taken\r\n")]])
        let outcome = words(try await bench.sender().send(exampleMessage()))
        #expect(
            outcome.hasPrefix("deferred: the mail server broke the rules of SMTP (a reply to nothing"),
            "\(outcome)"
        )
        await bench.server.stop()
    }

    @Test("a connection that the server ended while it was idle is replaced", arguments: [true, false])
    func idle(saysSo: Bool) async throws {
        let bench = try await Bench(
            .plain,
            saysSo
                ? [".": [.sayAndLeave("250 taken\r\n421 idle for too long\r\n")]] : ["RSET": [.cut]]
        )
        let sender = try bench.sender()
        for number in 0..<2 {
            let outcome = words(try await sender.send(exampleMessage(number: number)))
            #expect(outcome.hasPrefix("delivered: "), "\(outcome)")
            if saysSo, number == 0 { for await _ in bench.server.endings { break } }
        }
        #expect(bench.server.connections.count == 2)
        await sender.close()
        await bench.server.stop()
    }

    @Test("a server that is silent is left after its time, and that is said")
    func timeouts() async throws {
        for step in ["connect", "EHLO", "STARTTLS", "RCPT", "DATA"] {
            let bench = try await Bench(.offersTLS, [step: [.silence]])
            var settings = bench.settings
            settings.connectTimeout = .milliseconds(step == "connect" ? 5_000 : 60_000)
            settings.commandTimeout = .milliseconds(step == "connect" ? 60_000 : 300)
            let outcome = words(try await SMTPSender(settings).send(exampleMessage()))
            #expect(outcome.hasPrefix("deferred: the mail server did not answer "), "\(outcome)")
            await bench.server.stop()
        }
        let gone = try await Bench()
        await gone.server.stop()
        guard case .deferred(.unreachable) = try await gone.sender().send(exampleMessage()) else {
            Issue.record("nobody took something")
            return
        }
    }

    @Test("a message longer than the server takes is not begun")
    func size() async throws {
        let bench = try await Bench(.plain, offers: ["SIZE 600"])
        let sender = try bench.sender()
        let long = try exampleMessage(String(repeating: "a", count: 600))
        #expect(try await sender.send(long) == .rejected(.tooLarge(bytes: long.bytes().count, limit: 600)))
        #expect(words(try await sender.send(exampleMessage())) == "delivered: \(taken)")
        await sender.close()
        await bench.server.stop()
    }

    @Test("who cancels before the last dot gets his word; after it the message may have been taken")
    func cancellation() async throws {
        let bench = try await Bench(.plain, ["RCPT": [.silence], ".": [.silence]])
        let sender = try bench.sender()
        let message = try exampleMessage()
        let early = Task { try await sender.send(message) }
        for await _ in bench.server.silences { break }
        await #expect(throws: MailError.busy) { try await sender.send(message) }
        early.cancel()
        await #expect(throws: CancellationError.self) { try await early.value }
        let late = Task { try await sender.send(message) }
        for await _ in bench.server.silences { break }
        late.cancel()
        #expect(try await late.value == .unknown(.cancelled))
        #expect(words(try await sender.send(message)) == "delivered: \(taken)")
        await sender.close()
        await bench.server.stop()
    }

    @Test("settings that cannot be used are named at the start")
    func settings() throws {
        let directory = try TemporaryDirectory()
        let empty = try directory.write([], to: "empty.pem")
        let good = SMTPSettings(host: "mail.example.org", clientName: "node.example.org")
        #expect(good.port == 587)
        _ = try SMTPSender(good)
        let changes: [(inout SMTPSettings) -> Void] = [
            { $0.host = "" }, { $0.host = "a b" }, { $0.host = "a\r\nb" }, { $0.port = 0 }, { $0.port = 65_536 },
            { $0.clientName = "" }, { $0.clientName = "node\r\nMAIL FROM:<>" }, { $0.clientName = "a b" },
            { $0.authoritiesFile = empty }, { $0.authoritiesFile = directory.file("missing") },
            { $0.credentials = .init(name: "", password: "a") }, { $0.credentials = .init(name: "a", password: "") },
            { $0.credentials = .init(name: "a\0b", password: "a") },
            {
                $0.security = .plain
                $0.credentials = .init(name: "a", password: "b")
            },
        ]
        for change in changes {
            var settings = good
            change(&settings)
            #expect(throws: MailError.self) { try SMTPSender(settings) }
        }
    }
}
