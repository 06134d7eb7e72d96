// SPDX-License-Identifier: EUPL-1.2

import Demo
import NIOCore
import NIOPosix
import Portal
import TestKit
import Testing

/// What anybody on the machine can send to the inbox of an exercise.
@Suite("The inbox of an exercise")
struct InboxTests {
    /// One connection, spoken line by line.
    private func speak(_ port: Int, _ text: String) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            var answer = ""
            // A server that closes early may reset the connection: what it said before counts.
            do { for try await part in inbound { answer += String(buffer: part) } } catch {}
            return answer
        }
    }

    private func withInbox(_ body: (FakeInbox, Int, TemporaryDirectory) async throws -> Void) async throws {
        let directory = try TemporaryDirectory("inbox")
        let inbox = try FakeInbox(directory: directory.file("inbox"))
        let server = try await InboxServer(inbox)
        do {
            try await body(inbox, server.port, directory)
            await server.stop()
        } catch {
            await server.stop()
            throw error
        }
    }

    private static func letter(to receiver: String, _ message: String) -> String {
        "MAIL FROM:<kontor@example.org>\r\nRCPT TO:<\(receiver)>\r\nDATA\r\n\(message)\r\n.\r\n"
    }

    @Test("letters are kept in order, each with its receiver, and are there after a restart")
    func kept() async throws {
        try await withInbox { inbox, port, directory in
            let answer = try await speak(
                port,
                "EHLO localhost\r\n"
                    + Self.letter(
                        to: "a@example.org",
                        "From: Kontor <kontor@example.org>\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe_an?=\r\n =?utf-8?B?IGFsbGU=?=\r\n\r\nHallo\r\n..punkt"
                    ) + Self.letter(to: "b@example.org", "Subject: zwei\r\n\r\nzwei") + "QUIT\r\n"
            )
            #expect(answer.contains("250 kept") && answer.contains("221"), "\(answer)")
            for inbox in [inbox, try FakeInbox(directory: directory.file("inbox"))] {
                let letters = try inbox.letters(before: .max, limit: 10)
                #expect(letters.map(\.number) == [2, 1])
                #expect(letters.map(\.to) == ["b@example.org", "a@example.org"])
                let first = try #require(try inbox.letter(1))
                #expect(first.subject == "Grüße an alle")
                #expect(first.from == "Kontor <kontor@example.org>")
                #expect(first.text == "Hallo\n.punkt\n")
                #expect(try inbox.letters(before: 2, limit: 10).map(\.number) == [1])
                #expect(try inbox.letter(3) == nil)
            }
        }
    }

    @Test("what is too long, too large or out of order is refused, and ends nothing but its own connection")
    func refused() async throws {
        try await withInbox { inbox, port, _ in
            let long = try await speak(port, String(repeating: "x", count: 5_000) + "\r\n")
            #expect(long.contains("500 the line is too long"), "\(long)")
            let order = try await speak(port, "DATA\r\nRCPT TO:<a@example.org>\r\nBLAH\r\nQUIT\r\n")
            #expect(order.contains("503 RCPT comes first") && order.contains("503 MAIL comes first"), "\(order)")
            let line = String(repeating: "y", count: 1_000) + "\r\n"
            let large = try await speak(
                port,
                "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
                    + String(repeating: line, count: 2_200)
                    + ".\r\nQUIT\r\n"
            )
            #expect(large.contains("552"), "\(large)")
            #expect(try inbox.letters(before: .max, limit: 10).isEmpty)
            let answer = try await speak(port, Self.letter(to: "c@example.org", "\r\nthere") + "QUIT\r\n")
            #expect(answer.contains("250 kept"))
            #expect(try inbox.letters(before: .max, limit: 10).map(\.to) == ["c@example.org"])
            let big = Self.letter(to: "d@example.org", "Subject: long\r\n\r\n" + String(repeating: line, count: 1_000))
            #expect(try await speak(port, big + "QUIT\r\n").contains("250 kept"))
            #expect(try inbox.letters(before: .max, limit: 1).map(\.subject) == ["long"])
            // Shown as far as a page can bear.
            #expect(try inbox.letter(2)?.text.utf8.count ?? 0 > 200_000)
        }
    }

    @Test(
        "any bytes become some text",
        arguments: [
            "", "\r\n", ":\r\n\r\n", "Subject: =?utf-8?Q?=C3?=\r\n\r\n=", "Subject: =?=?=?=?\r\n\r\n",
            "Subject: =?x?B?!!!?=\r\n\r\n",
            "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\r\nx",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b",
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
            "Content-Transfer-Encoding: base64\r\n\r\n=====",
            "Content-Transfer-Encoding: quoted-printable\r\n\r\n=\r\n=4=\n=zz=",
        ]
    )
    func anything(_ message: String) {
        let letter = LetterReader(Array(message.utf8))
        #expect(letter.text.utf8.count <= message.utf8.count * 3 + 3)
        _ = LetterReader(Array(message.utf8) + [0xFF, 0x00, 0xC3])
    }

    @Test("a letter of several parts shows its first text, decoded")
    func parts() {
        let message = [
            "Subject: x", "Content-Type: multipart/mixed; boundary=\"=_kontor\"", "", "--=_kontor",
            "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", "",
            "L=C3=BCcke, die weiter=", "geht", "--=_kontor", "Content-Type: application/json", "", "{}", "--=_kontor--",
            "",
        ].joined(separator: "\r\n")
        #expect(LetterReader(Array(message.utf8)).text == "Lücke, die weitergeht")
    }
}
