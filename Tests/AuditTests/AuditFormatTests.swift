// SPDX-License-Identifier: EUPL-1.2

import Audit
import JSON
import TestKit
import Testing
import Time

/// An event with a fixed hash, made the way an archive is read.
func event(
    id: Int64 = 7,
    at: String = "2026-11-26T12:00:00.25Z",
    actor: String? = "alice",
    action: String = "manifest.push",
    subject: String = "team/app@sha256:ab",
    detail: JSONValue? = ["tags": ["v1"]]
) throws -> AuditEvent {
    let json: JSONValue = [
        "id": .integer(id), "at": .string(at), "actor": .optional(actor), "action": .string(action),
        "subject": .string(subject), "detail": .optional(detail), "hash": .string(String(repeating: "0f", count: 32)),
    ]
    return try AuditEvent(parsing: json.bytes(.compact))
}

/// Texts that try to break out of their place.
let hostileTexts: [String] = [
    "a\"b", "a]b", "a\\b", "\\", "\"]", "\\\"] [x@1 y=\"z\"]", "a\nb", "a\r\nb", "a\0b", "\u{7f}\u{85}\u{1b}[2J",
    "\u{202e}txet", "\u{2028}\u{2029}", "\u{feff}", "", " ", "\t", "ä€😀", "e\u{301}", "\u{10ffff}",
    "<110>1 - - - - - -",
    String(repeating: "x", count: 100_000), String(repeating: "\"", count: 100_000),
    String(repeating: "\0", count: 100_000), String(repeating: "😀", count: 100_000),
    "e" + String(repeating: "\u{301}", count: 100_000),
]

/// A message of RFC 5424, read by its grammar; nil when it breaks it.
private struct ParsedMessage {
    var priority = 0
    var header: [String] = []
    var parameters: [String: String] = [:]
    var text = ""

    init?(_ bytes: [UInt8]) {
        guard let whole = String(validating: bytes, as: UTF8.self), !bytes.contains(where: { $0 < 0x20 || $0 == 0x7f })
        else { return nil }
        var rest = whole.unicodeScalars[...]
        guard rest.popFirst() == "<", let close = rest.firstIndex(of: ">"), let priority = Int(String(rest[..<close]))
        else { return nil }
        self.priority = priority
        rest = rest[rest.index(after: close)...]
        for limit in [1, 32, 255, 48, 128, 32] {
            guard let space = rest.firstIndex(of: " ") else { return nil }
            let field = rest[..<space]
            guard (1...limit).contains(field.count), field.allSatisfy({ (0x21..<0x7f).contains($0.value) }) else {
                return nil
            }
            header.append(String(field))
            rest = rest[rest.index(after: space)...]
        }
        let start = "[kontor@32473"
        guard String(rest).hasPrefix(start) else { return nil }
        rest = rest.dropFirst(start.unicodeScalars.count)
        while rest.first == " " {
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let name = String(rest[rest.index(after: rest.startIndex)..<equals])
            rest = rest[rest.index(after: equals)...]
            guard rest.popFirst() == "\"", parameters[name] == nil else { return nil }
            var value = String.UnicodeScalarView()
            while let scalar = rest.popFirst(), scalar != "\"" {
                if scalar == "]" { return nil }
                guard scalar == "\\" else {
                    value.append(scalar)
                    continue
                }
                guard let escaped = rest.popFirst(), ["\"", "\\", "]"].contains(escaped) else { return nil }
                value.append(escaped)
            }
            parameters[name] = String(value)
        }
        guard rest.popFirst() == "]", rest.popFirst() == " ", rest.popFirst() == "\u{feff}" else { return nil }
        text = String(rest)
    }
}

@Suite struct AuditJSONLineTests {
    @Test("a line has every field, in one order")
    func line() throws {
        let hash = String(repeating: "0f", count: 32)
        #expect(
            String(decoding: try event().jsonLine, as: UTF8.self)
                == #"{"action":"manifest.push","actor":"alice","at":"2026-11-26T12:00:00.250000Z","detail":{"tags":["v1"]},"#
                + #""hash":"\#(hash)","id":7,"subject":"team/app@sha256:ab"}"# + "\n"
        )
        #expect(
            String(decoding: try event(at: "2026-11-26T12:00:00Z", actor: nil, detail: nil).jsonLine, as: UTF8.self)
                == #"{"action":"manifest.push","actor":null,"at":"2026-11-26T12:00:00Z","detail":null,"#
                + #""hash":"\#(hash)","id":7,"subject":"team/app@sha256:ab"}"# + "\n"
        )
    }

    @Test("whatever stands in an event stays on its line and comes back as it was", arguments: hostileTexts.indices)
    func hostile(index: Int) throws {
        let text = hostileTexts[index]
        let event = try event(actor: text, action: text, subject: text, detail: ["x": .string(text)])
        let line = event.jsonLine
        #expect(line.last == 0x0a && !line.dropLast().contains(0x0a))
        #expect(try AuditEvent(parsing: line) == event)
    }

    @Test(
        "what is no line of the log is refused",
        arguments: [
            "", "{}", "[]", #"{"action":"a","at":"x","hash":"","id":1,"subject":""}"#,
            #"{"action":"a","at":"2026-11-26T12:00:00Z","hash":"0F","id":1,"subject":""}"#,
        ]
    )
    func invalid(text: String) { #expect(throws: (any Error).self) { try AuditEvent(parsing: Array(text.utf8)) } }
}

@Suite struct AuditSyslogFormatTests {
    private let format = AuditSyslogFormat(hostname: "node.example", processID: 42)

    @Test("a message as RFC 5424 has it")
    func message() throws {
        let hash = String(repeating: "0f", count: 32)
        #expect(
            String(decoding: format.message(try event()), as: UTF8.self)
                == "<110>1 2026-11-26T12:00:00.250000Z node.example kontor 42 manifest.push "
                + "[kontor@32473 id=\"7\" actor=\"alice\" subject=\"team/app@sha256:ab\" hash=\"\(hash)\"] "
                + "\u{feff}alice manifest.push team/app@sha256:ab {\"tags\":[\"v1\"]}"
        )
        #expect(
            String(decoding: format.message(try event(actor: nil, detail: nil)), as: UTF8.self)
                == "<110>1 2026-11-26T12:00:00.250000Z node.example kontor 42 manifest.push "
                + "[kontor@32473 id=\"7\" subject=\"team/app@sha256:ab\" hash=\"\(hash)\"] "
                + "\u{feff}(erased) manifest.push team/app@sha256:ab"
        )
    }

    @Test(
        "the severity follows the action",
        arguments: [
            ("manifest.push", 6), ("image.assessed", 6), ("tag.delete", 5), ("blob.delete", 5), ("accounts.create", 5),
            ("accounts.signInFailed", 4), ("accounts.signInsFailed", 4), ("", 6), (".", 6), ("token.revoked", 5),
        ]
    )
    func severity(action: String, severity: Int) throws {
        let parsed = try #require(ParsedMessage(format.message(try event(action: action))))
        #expect(parsed.priority == 13 * 8 + severity)
    }

    @Test(
        "no value leaves its place, and no message is longer than every receiver takes",
        arguments: hostileTexts.indices
    )
    func hostile(index: Int) throws {
        let text = hostileTexts[index]
        for event in [
            try event(actor: text), try event(subject: text), try event(action: text),
            try event(detail: ["x": .string(text)]),
            try event(id: .max, actor: text, action: text, subject: text, detail: [text: .string(text)]),
        ] {
            for format in [format, AuditSyslogFormat(hostname: text)] {
                let bytes = format.message(event)
                #expect(bytes.count <= AuditSyslogFormat.maximumBytes)
                let parsed = try #require(ParsedMessage(bytes))
                #expect(parsed.header[0] == "1" && parsed.header[3] == "kontor")
                #expect(Set(parsed.parameters.keys) == ["id", "actor", "subject", "hash"])
                #expect(parsed.parameters["id"] == "\(event.id)")
                #expect(parsed.parameters["hash"]?.utf8.count == 64)
                #expect(!parsed.text.isEmpty)
                for category in bytes.isEmpty ? [] : parsed.text.unicodeScalars.map(\.properties.generalCategory) {
                    #expect(![.control, .format, .lineSeparator, .paragraphSeparator].contains(category))
                }
            }
        }
    }

    @Test(
        "what has its place and needs no replacement comes back as it was",
        arguments: ["a\"b", "a]b\\", "\\\"]", "ä€😀"]
    )
    func escaping(text: String) throws {
        let parsed = try #require(ParsedMessage(format.message(try event(actor: text, subject: text))))
        #expect(parsed.parameters["actor"] == text && parsed.parameters["subject"] == text)
    }

    @Test(
        "a value that is too long ends with a sign of it, at a whole character",
        arguments: [1, 253, 254, 255, 256, 257, 258]
    )
    func cut(length: Int) throws {
        for character in ["x", "\"", "ä", "€", "😀"] {
            let text = String(repeating: character, count: length)
            let bytes = character == "\"" ? 2 * length : character.utf8.count * length
            let parsed = try #require(ParsedMessage(format.message(try event(actor: text))))
            let actor = try #require(parsed.parameters["actor"])
            if bytes <= 256 {
                #expect(actor == text)
            } else {
                #expect(actor.hasSuffix("…") && text.hasPrefix(actor.dropLast()))
            }
        }
    }

    @Test("an instant that RFC 5424 cannot write is left out")
    func year() throws {
        #expect(try event(at: "0000-01-01T00:00:00Z").at.date.year == 0)
        let early = try event(at: "0000-01-01T00:00:00+23:00")
        #expect(early.at.date.year == -1)
        #expect(ParsedMessage(format.message(early))?.header[1] == "-")
    }

    @Test("an empty host name and no process are written as nothing")
    func nothing() throws {
        let parsed = try #require(ParsedMessage(AuditSyslogFormat(hostname: "").message(try event(action: ""))))
        #expect(parsed.header[2] == "-" && parsed.header[4] == "-" && parsed.header[5] == "-")
    }
}
