// SPDX-License-Identifier: EUPL-1.2

import JSON
import Mail
import TestKit
import Testing
import Time

@Suite struct MailAddressTests {
    @Test(
        "an address is read, its domain in small letters",
        arguments: [
            "a@b": "a@b", "Duty.Officer@Agency.EXAMPLE.org": "Duty.Officer@agency.example.org",
            "o'neil+kontor=1@xn--bcher-kva.example": "o'neil+kontor=1@xn--bcher-kva.example",
            "\(String(repeating: "a", count: 64))@b.example": "\(String(repeating: "a", count: 64))@b.example",
            "-a@1.b": "-a@1.b",
        ]
    )
    func valid(text: String, expected: String) throws {
        #expect(try MailAddress(parsing: text).description == expected)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "@", "a", "a@", "@b", "a@@b", "a@b@c", "a b@c", "a@b c", "a@b\r\nRCPT TO:<x@y>", "a@b\n", "a\0@b",
            "<a@b>",
            "\"a\"@b", "\"a b\"@c.example", "a..b@c", ".a@b", "a.@b", "a@b..c", "a@.b", "a@b.", "a@-b.example",
            "a@b-.example",
            "a@b_c.example", "a@[192.0.2.7]", "a@192.0.2.7", "a@b\u{FC}cher.example", "\u{E4}@b.example", "a,b@c",
            "a@b,c@d",
            "a:b@c", "a@b>", "a%b@c", "a!b@c", "|cat@b", "`id`@b", "a\\@b", "a(b)@c", "a@b;c", "Name <a@b>",
            "a\u{200B}@b", "a@b\t",
            String(repeating: "a", count: 65) + "@b", "a@" + String(repeating: "b", count: 64),
            "a@" + Array(repeating: String(repeating: "b", count: 60), count: 5).joined(separator: "."),
        ]
    )
    func invalid(text: String) throws {
        let error = #expect(throws: MailError.self) { try MailAddress(parsing: text) }
        let words = error?.description ?? ""
        #expect(words.unicodeScalars.allSatisfy { $0.value >= 0x20 } && words.utf8.count < 500)
    }
}

@Suite struct MailMessageTests {
    private func message(
        fromName: String = "",
        subject: String = "A warning",
        messageID: String = "1@node.example.org",
        text: String = "",
        attachment: MailAttachment? = nil,
        date: Timestamp = Timestamp(seconds: 1_795_683_240)
    ) throws -> MailMessage {
        try MailMessage(
            from: MailAddress(parsing: "kontor@example.org"),
            fromName: fromName,
            to: MailAddress(parsing: "duty@agency.example.org"),
            subject: subject,
            date: date,
            messageID: messageID,
            text: text,
            attachment: attachment
        )
    }

    @Test("a plain message, byte for byte")
    func plain() throws {
        let expected = """
            Date: Thu, 26 Nov 2026 08:14:00 +0000
            From: "Kontor \\"node 1\\""
             <kontor@example.org>
            To: <duty@agency.example.org>
            Message-ID: <1@node.example.org>
            Subject: A warning
            Auto-Submitted: auto-generated
            MIME-Version: 1.0
            Content-Type: text/plain; charset=utf-8
            Content-Transfer-Encoding: quoted-printable

            Gr=C3=BC=C3=9Fe, a =3D b=20
            .
            \tlast

            """
        let found = try message(
            fromName: "Kontor \"node 1\"",
            text: "Gr\u{FC}\u{DF}e, a = b \n.\r\n\tlast",
            date: Timestamp(seconds: 1_795_680_840)
        )
        #expect(
            String(decoding: found.bytes(), as: UTF8.self)
                == expected.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
        )
    }

    @Test(
        "lines are short ASCII, and no CR or LF stands alone, whatever the message",
        arguments: [
            "", "a", "\n", "\r", "\r\n\r\n", "a\rb\nc\r\nd", String(repeating: "x", count: 5_000),
            String(repeating: "\u{E4}", count: 5_000), String(repeating: " ", count: 300) + "\n\t\n", "=\n=\n==",
            String(repeating: "\u{1F600}e\u{301} ", count: 400), "From me\n.\n..\n--=_kontor--\n", "a =?utf-8?Q?b?= c",
        ]
    )
    func lines(text: String) throws {
        let subject = MailText.harmless(String(text.prefix(60)), lines: false)
        let found = try message(
            fromName: String(subject.prefix(10)),
            subject: subject,
            text: text,
            attachment: MailAttachment(name: "a.json", mediaType: "application/json", bytes: Array(text.utf8))
        ).bytes()
        #expect(found.suffix(2) == [0x0D, 0x0A])
        for line in found.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
            #expect(line.last == 0x0D && line.count <= 79)
            #expect(line.dropLast().allSatisfy { $0 == 0x09 || (0x20..<0x7F).contains($0) })
        }
    }

    @Test("what another program reads is what was written")
    func oracle() async throws {
        let texts = [
            "A warning", "", "Warnung: \u{201E}Gr\u{FC}\u{DF}e\u{201C} \u{2013} registry/\u{E4}pp:1.0", "a  b ", " a",
            "=?utf-8?B?YQ==?=",
            String(repeating: "a long subject of many words ", count: 12) + ".", String(repeating: "x", count: 200),
            String(repeating: "\u{1F600}", count: 60), "\"quoted\" \\ name", "a =? b",
        ]
        let program = """
            import email, email.policy, json, sys
            found = []
            for raw in sys.stdin.buffer.read().split(b"\\0")[:-1]:
                m = email.message_from_bytes(raw, policy=email.policy.SMTP)
                assert not m.defects, m.defects
                for part in m.walk(): assert not part.defects, part.defects
                body, attached = m.get_body(), list(m.iter_attachments())
                found.append({
                    "subject": str(m["Subject"]), "name": m["From"].addresses[0].display_name,
                    "from": m["From"].addresses[0].addr_spec, "to": m["To"].addresses[0].addr_spec, "id": m["Message-ID"],
                    "date": m["Date"].datetime.isoformat(), "auto": m["Auto-Submitted"], "text": body.get_content().replace("\\r\\n", "\\n"),
                    "file": attached[0].get_filename(), "type": attached[0].get_content_type(),
                    "bytes": attached[0].get_payload(decode=True).hex(),
                })
            print(json.dumps(found))
            """
        // Short and without double spaces: of those the other program makes one, and one between two encoded words.
        let name = { (text: String) in
            text.contains("  ")
                ? ""
                : String(text.unicodeScalars.prefix(9).map(Character.init))
                    .split(separator: " ").joined(separator: " ")
        }
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var input: [UInt8] = []
        for text in texts {
            input +=
                try message(
                    fromName: name(text),
                    subject: text,
                    text: "\(text)\n.\n\(text) \nend\n",
                    attachment: MailAttachment(name: "facts.json", mediaType: "application/json", bytes: bytes)
                ).bytes() + [0]
        }
        let output = try await tool("python3").check(["-c", program], input: input)
        let found = try #require(JSONValue(parsing: output).arrayValue)
        #expect(found.count == texts.count)
        for (text, mail) in zip(texts, found) {
            #expect(mail["subject"]?.stringValue == text)
            #expect(mail["name"]?.stringValue == name(text))
            #expect(mail["text"]?.stringValue == "\(text)\n.\n\(text) \nend\n")
            #expect(mail["from"] == "kontor@example.org" && mail["to"] == "duty@agency.example.org")
            #expect(mail["id"] == "<1@node.example.org>" && mail["auto"] == "auto-generated")
            #expect(mail["date"] == "2026-11-26T08:54:00+00:00")
            #expect(mail["file"] == "facts.json" && mail["type"] == "application/json")
            #expect(mail["bytes"]?.stringValue == bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
        }
    }

    @Test(
        "control characters are refused in the header, with their place",
        arguments: [
            "a\r\nBcc: x@example.org", "a\nb", "a\rb", "a\tb", "a\0b", "a\u{1B}[2J", "a\u{7F}", "a\u{85}b",
            "a\u{2028}b",
        ]
    )
    func injection(text: String) throws {
        for make in [{ try message(subject: text) }, { try message(fromName: text) }] {
            let error = #expect(throws: MailError.self) { try make() }
            #expect(
                error?.description.contains("character 2 is the control character U+00") == true
                    || text.contains("\u{2028}")
            )
        }
        #expect(throws: MailError.self) { try message(messageID: text + "@example.org") }
        _ = try message(subject: MailText.harmless(text, lines: false))
    }

    @Test("control characters other than line ends and tabs are refused in the text, with their line")
    func text() throws {
        let error = #expect(throws: MailError.self) { try message(text: "a\nb\r\nc\u{0}") }
        #expect(error?.description.contains("line 3, is the control character U+0000") == true)
        #expect(MailText.harmless("a\r\nb\rc\td\u{0}", lines: true) == "a\nb\nc\td\u{FFFD}")
        _ = try message(text: MailText.harmless("a\u{0}\u{2028}\u{9B}", lines: true))
    }

    @Test("names, numbers and sizes beyond their bounds are refused")
    func bounds() throws {
        for id in [
            "", "a", "@", "a@", "@b", "<a@b>", "a b@c", "a@b@c", "a..b@c", ".a@b", "a@b.",
            String(repeating: "a", count: 201) + "@b",
        ] {
            #expect(throws: MailError.self, "\(id)") { try message(messageID: id) }
        }
        #expect(throws: MailError.self) { try message(subject: String(repeating: "a", count: 501)) }
        #expect(throws: MailError.self) { try message(text: String(repeating: "a", count: 1 << 20 | 1)) }
        #expect(throws: MailError.self) { try message(date: Timestamp(microseconds: .max)) }
        #expect(throws: MailError.self) { try message(date: Timestamp(microseconds: .min)) }
        for name in ["", "a b", "../a", "a/b", "a\"b", "a\r\nb", ".a", "\u{E4}", String(repeating: "a", count: 101)] {
            #expect(throws: MailError.self, "\(name)") {
                try MailAttachment(name: name, mediaType: "application/json", bytes: [])
            }
        }
        for type in ["", "json", "a/", "/b", "a/b/c", "a/b; c=d", "a/b\r\nc", "multipart/mixed", "Message/rfc822"] {
            #expect(throws: MailError.self, "\(type)") { try MailAttachment(name: "a", mediaType: type, bytes: []) }
        }
        #expect(throws: MailError.self) {
            try MailAttachment(
                name: "a",
                mediaType: "a/b",
                bytes: [UInt8](repeating: 0, count: MailAttachment.maximumBytes + 1)
            )
        }
    }
}
