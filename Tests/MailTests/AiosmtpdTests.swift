// SPDX-License-Identifier: EUPL-1.2

import Glibc
import JSON
import Mail
import TestKit
import Testing

@Suite struct AiosmtpdTests {
    /// One server for one test: STARTTLS and a password are demanded; ends after three messages and prints them.
    private static let program = """
        import asyncio, json, ssl, sys
        from aiosmtpd.smtp import SMTP, AuthResult

        class Handler:
            def __init__(self): self.found, self.done = [], asyncio.Event()
            async def handle_RCPT(self, server, session, envelope, address, options):
                if address.startswith("nobody@"): return "550 5.1.1 no such person"
                envelope.rcpt_tos.append(address)
                return "250 OK"
            async def handle_DATA(self, server, session, envelope):
                self.found.append({"from": envelope.mail_from, "to": envelope.rcpt_tos, "content": envelope.content.decode()})
                if len(self.found) == 3: self.done.set()
                return "250 2.0.0 taken"

        def authenticate(server, session, envelope, mechanism, data):
            right = (data.login, data.password) == (b"node", b"secret")
            return AuthResult(success=right, handled=False)

        async def main(certificate, key, port):
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate, key)
            handler = Handler()
            server = await asyncio.get_running_loop().create_server(
                lambda: SMTP(handler, tls_context=context, require_starttls=True, auth_required=True,
                    authenticator=authenticate, hostname="mail.example.org"), "127.0.0.1", 0)
            with open(port, "w") as pipe: pipe.write(str(server.sockets[0].getsockname()[1]))
            await asyncio.wait_for(handler.done.wait(), 60)
            server.close()
            print(json.dumps(handler.found))

        asyncio.run(main(*sys.argv[1:]))
        """

    @Test("a real server takes messages over STARTTLS with a password, and its refusals are told apart")
    func aiosmtpd() async throws {
        let environment = try await pythonEnvironment(["aiosmtpd"])
        let directory = try TemporaryDirectory("kontor-aiosmtpd")
        let certificates = try await TestCertificates(in: directory)
        let pipe = directory.file("port")
        try #require(mkfifo(pipe, 0o600) == 0)
        let messages = try [".\nA line.\n", String(repeating: "..many lines\n", count: 3_000), "\u{DC}ml\u{E4}ute"]
            .enumerated().map { try exampleMessage($0.element, number: $0.offset) }
        let output = try await withThrowingTaskGroup(of: String?.self) { group in
            group.addTask {
                try await environment.python.check(
                    ["-c", Self.program, certificates.server, certificates.serverKey, pipe]
                )
            }
            group.addTask {
                let port = try await tool("bash").check(["-c", "cat \"$1\"", "kontor-mail", pipe])
                let number = try #require(Int(port))
                var settings = SMTPSettings(
                    host: "localhost",
                    port: number,
                    clientName: "node.example.org",
                    authoritiesFile: certificates.authority
                )
                guard case .deferred(.reply(let demand, to: .sender)) = try await SMTPSender(settings).send(messages[0])
                else {
                    Issue.record("sent without a password")
                    return nil
                }
                #expect(demand.code == 530)
                settings.credentials = .init(name: "node", password: "wrong")
                guard case .deferred(.reply(_, to: .authentication)) = try await SMTPSender(settings).send(messages[0])
                else {
                    Issue.record("sent with a wrong password")
                    return nil
                }
                settings.credentials = .init(name: "node", password: "secret")
                let sender = try SMTPSender(settings)
                let lost = try MailMessage(
                    from: messages[0].from,
                    to: MailAddress(parsing: "nobody@agency.example.org"),
                    subject: "A warning",
                    date: messages[0].date,
                    messageID: "lost@node.example.org",
                    text: ""
                )
                for message in messages {
                    guard case .rejected(.reply(_, to: .recipient)) = try await sender.send(lost) else {
                        Issue.record("taken for nobody")
                        return nil
                    }
                    guard case .delivered(let reply) = try await sender.send(message) else {
                        Issue.record("not taken")
                        return nil
                    }
                    #expect(reply.description == "250 2.0.0 taken")
                }
                await sender.close()
                return nil
            }
            var output = ""
            for try await text in group { output += text ?? "" }
            return output
        }
        let found = try #require(JSONValue(parsing: output).arrayValue)
        #expect(
            found.compactMap { $0["content"]?.stringValue }
                == messages.map { String(decoding: $0.bytes(), as: UTF8.self) }
        )
        #expect(found.allSatisfy { $0["from"] == "kontor@example.org" && $0["to"] == ["duty@agency.example.org"] })
    }
}
