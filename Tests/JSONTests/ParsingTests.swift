// SPDX-License-Identifier: EUPL-1.2

import JSON
import Testing

@Suite("Reading JSON")
struct ParsingTests {
    @Test(
        "valid texts are read",
        arguments: [
            ("null", .null), ("true", true), (" false\n", false), ("0", 0), ("-0", 0), ("42", 42), ("-17", -17),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            ("-9223372036854775809", .double(-9_223_372_036_854_775_808)),
            ("18446744073709551616", .double(18_446_744_073_709_551_616)),
            ("1.5", 1.5), ("-1.5e3", -1500.0), ("1E2", 100.0), ("1e-2", 0.01), ("0e1", 0.0), ("0.1", 0.1),
            ("5e-324", .double(5e-324)), ("1.7976931348623157e308", .double(1.7976931348623157e308)), ("1e-999", 0.0),
            ("\"\"", ""), ("\"a\"", "a"), ("\"12345678\"", "12345678"), ("\"1234567\\n\"", "1234567\n"),
            ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{C}\n\r\t"), ("\"\\u00e9\\u20AC\"", "é€"),
            ("\"\\ud83d\\ude00\"", "😀"),
            ("\"😀 äöü\"", "😀 äöü"), ("\"\\u0000\"", "\u{0}"), ("\"\u{7F}\"", "\u{7F}"),
            ("\"0123456789abcdefä\\u0041\"", "0123456789abcdefäA"),
            ("[]", []), ("[ ]", []), ("[1,2 , 3]", [1, 2, 3]), ("[[],[[]]]", [[], [[]]]),
            ("{}", [:]), ("{ }", [:]), ("{\"a\":{\"b\":[null]}}", ["a": ["b": [nil]]]), ("{\"\":1}", ["": 1]),
            ("\t\r\n {\"a\" : 1 , \"b\" : 2}\n", ["a": 1, "b": 2]),
        ] as [(String, JSONValue)]
    )
    func reads(_ text: String, _ expected: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == expected)
        #expect(try JSONValue(parsing: Array(text.utf8)) == expected)
    }

    @Test(
        "invalid texts are refused with reason and offset",
        arguments: [
            ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("nul", .unexpectedEnd, 3),
            ("nulL", .unexpectedByte(0x4C), 3),
            ("True", .unexpectedByte(0x54), 0), ("NaN", .unexpectedByte(0x4E), 0),
            ("Infinity", .unexpectedByte(0x49), 0),
            ("01", .invalidNumber, 0), ("-", .invalidNumber, 0), ("+1", .unexpectedByte(0x2B), 0),
            ("1.", .invalidNumber, 0),
            (".5", .unexpectedByte(0x2E), 0), ("1e", .invalidNumber, 0), ("1e+", .invalidNumber, 0),
            ("-01", .invalidNumber, 0),
            ("1e999", .numberOutOfRange, 0), ("0x10", .trailingBytes, 1), ("1 2", .trailingBytes, 2),
            ("{} x", .trailingBytes, 3),
            ("\"", .unexpectedEnd, 1), ("\"abc", .unexpectedEnd, 4), ("\"a\nb\"", .controlCharacter(0x0A), 2),
            ("\"\u{0}\"", .controlCharacter(0), 1), ("\"12345678\u{1F}\"", .controlCharacter(0x1F), 9),
            ("\"\\x\"", .invalidEscape, 1),
            ("\"\\u12\"", .unexpectedEnd, 6), ("\"\\u12g4\"", .invalidEscape, 1), ("\"\\", .unexpectedEnd, 2),
            ("\"\\ud800\"", .loneSurrogate, 1), ("\"\\udc00\"", .loneSurrogate, 1),
            ("\"\\ud800\\n\"", .loneSurrogate, 1),
            ("\"\\ud800\\ud800\"", .loneSurrogate, 1), ("'a'", .unexpectedByte(0x27), 0),
            ("[1,]", .unexpectedByte(0x5D), 3), ("[,1]", .unexpectedByte(0x2C), 1), ("[1 2]", .unexpectedByte(0x32), 3),
            ("[", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2), ("[1}", .unexpectedByte(0x7D), 2),
            ("{", .unexpectedEnd, 1), ("{\"a\"}", .unexpectedByte(0x7D), 4), ("{\"a\":}", .unexpectedByte(0x7D), 5),
            ("{a:1}", .unexpectedByte(0x61), 1), ("{\"a\":1,}", .unexpectedByte(0x7D), 7),
            ("{1:1}", .unexpectedByte(0x31), 1),
            ("{\"a\":1,\"a\":2}", .duplicateKey("a"), 7), ("{\"a\":1,\"\\u0061\":2}", .duplicateKey("a"), 7),
            ("// c\n1", .unexpectedByte(0x2F), 0), ("\u{FEFF}1", .byteOrderMark, 0),
            ("\u{A0}1", .unexpectedByte(0xC2), 0),
        ] as [(String, JSONError.Reason, Int)]
    )
    func refuses(_ text: String, _ reason: JSONError.Reason, _ offset: Int) {
        #expect(throws: JSONError(reason, at: offset)) { try JSONValue(parsing: text) }
    }

    @Test(
        "invalid UTF-8 in a string is refused",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC3], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF],
            [0xE0, 0x80, 0xAF],
        ] as [[UInt8]]
    )
    func refusesInvalidUTF8(_ bytes: [UInt8]) {
        let plain = [0x22] + bytes + [0x22]
        #expect(throws: JSONError(.invalidUTF8, at: 1)) { try JSONValue(parsing: plain) }
        let escaped = [0x22, 0x5C, 0x6E] + bytes + [0x22]
        #expect(throws: JSONError(.invalidUTF8, at: 1)) { try JSONValue(parsing: escaped) }
        let key = Array("{\"k".utf8) + bytes + Array("\":1}".utf8)
        #expect(throws: JSONError.self) { try JSONValue(parsing: key) }
    }

    @Test("keys that Unicode holds for the same are duplicates")
    func canonicalDuplicates() {
        #expect(throws: JSONError.self) { try JSONValue(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}") }
    }

    @Test("depth, length and number of values are bounded")
    func bounds() throws {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try JSONValue(parsing: deep).arrayValue?.count == 1)
        #expect(throws: JSONError(.tooDeep(limit: 64), at: 64)) { try JSONValue(parsing: "[" + deep + "]") }
        let bomb = String(repeating: "[", count: 1_000_000)
        #expect(throws: JSONError(.tooDeep(limit: 512), at: 512)) {
            try JSONValue(parsing: bomb, limits: JSONLimits(depth: .max))
        }
        let mixed = String(repeating: "{\"a\":[", count: 100_000)
        #expect(throws: JSONError(.tooDeep(limit: 64), at: 192)) { try JSONValue(parsing: mixed) }
        #expect(throws: JSONError(.tooLarge(limit: 3), at: 3)) {
            try JSONValue(parsing: "1234", limits: JSONLimits(bytes: 3))
        }
        #expect(throws: JSONError(.tooManyValues(limit: 3), at: 5)) {
            try JSONValue(parsing: "[1,2,3]", limits: JSONLimits(values: 3))
        }
        let digits = String(repeating: "1", count: 2000)
        #expect(throws: JSONError(.numberOutOfRange, at: 0)) { try JSONValue(parsing: digits) }
    }

    @Test("every prefix of a document is refused, and none of its one-byte changes traps")
    func mutations() throws {
        let document = Array(#"{"a":[1,-2.5e3,"x\u00e9\n\ud83d\ude00ä"],"b":{"c":null,"d":true},"e":false}"#.utf8)
        _ = try JSONValue(parsing: document)
        for count in document.indices {
            #expect(throws: JSONError.self) { try JSONValue(parsing: Array(document[..<count])) }
        }
        var accepted = 0
        for index in document.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = document
                changed[index] = byte
                if let value = try? JSONValue(parsing: changed) {
                    accepted += 1
                    #expect(try JSONValue(parsing: value.bytes(.compact)) == value)
                }
            }
        }
        #expect(accepted > document.count)
    }

    @Test("errors say what and where in words")
    func words() {
        #expect(JSONError(.unexpectedByte(0x7D), at: 7).description == "invalid JSON at byte 7: unexpected '}'")
        #expect(JSONError(.controlCharacter(0x0A), at: 2).description.contains("0x0a"))
    }

    @Test("members and elements are reached by subscript, and a wrong kind is nil")
    func access() throws {
        let value = try JSONValue(parsing: #"{"a":[1,2.5,"x",true,null]}"#)
        #expect(value["a"]?[0]?.intValue == 1)
        #expect(value["a"]?[0]?.doubleValue == 1)
        #expect(value["a"]?[1]?.doubleValue == 2.5)
        #expect(value["a"]?[1]?.intValue == nil)
        #expect(value["a"]?[2]?.stringValue == "x")
        #expect(value["a"]?[3]?.boolValue == true)
        #expect(value["a"]?[4]?.isNull == true)
        #expect(value["a"]?[5] == nil)
        #expect(value["a"]?[-1] == nil)
        #expect(value["b"] == nil)
        #expect(value[0] == nil)
    }
}
