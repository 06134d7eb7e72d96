// SPDX-License-Identifier: EUPL-1.2

import JSON
import Testing

@Suite("Writing JSON")
struct WritingTests {
    @Test("members are sorted, whatever order they were made in")
    func sorted() throws {
        let value = try JSONValue(parsing: #"{"b":1,"a":[true,null,"x"],"B":{},"ä":[]}"#)
        #expect(value.text(.compact) == #"{"B":{},"a":[true,null,"x"],"b":1,"ä":[]}"#)
        #expect(
            value.text(.pretty) == """
                {
                  "B": {},
                  "a": [
                    true,
                    null,
                    "x"
                  ],
                  "b": 1,
                  "ä": []
                }
                """
        )
    }

    @Test("control characters, quotes and backslashes are escaped as RFC 8785 says")
    func escapes() {
        let value: JSONValue = "\u{0}\u{8}\t\n\u{B}\u{C}\r\u{1F}\"\\/\u{7F}\u{2028}é"
        let expected = #""\u0000\b\t\n\u000b\f\r\u001f\"\\/"# + "\u{7F}\u{2028}é\""
        for form in [JSONForm.compact, .pretty, .rfc8785] { #expect(value.text(form) == expected) }
        #expect(JSONValue.string("a\n\"\\").text(.olpc) == "\"a\n\\\"\\\\\"")
    }

    @Test("a double stays a double when it is read again, also without a fraction")
    func doubles() throws {
        for value in [1.0, -3.0, 0.0, 0.1, 1e21, 1e-7, 123_456_789.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
        {
            #expect(try JSONValue(parsing: JSONValue.double(value).bytes()) == .double(value))
        }
        #expect(JSONValue.double(1).text(.compact) == "1.0")
        #expect(JSONValue.double(.nan).text() == "null")
        #expect(JSONValue.double(-.infinity).text(.rfc8785) == "null")
    }

    @Test("any value survives writing and reading in the compact and pretty forms")
    func roundTrip() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let value = Self.value(depth: 4, &generator)
            for form in [JSONForm.compact, .pretty] {
                let bytes = value.bytes(form)
                #expect(try JSONValue(parsing: bytes) == value)
                #expect(try JSONValue(parsing: bytes).bytes(form) == bytes)
            }
            let canonical = value.bytes(.rfc8785)
            #expect(try JSONValue(parsing: canonical).bytes(.rfc8785) == canonical)
        }
    }

    @Test("OLPC canonical JSON has no white space and no fractions")
    func olpc() throws {
        let value = try JSONValue(parsing: #"{"b": [1, "é\t"], "a": {"x": null}}"#)
        #expect(value.text(.olpc) == "{\"a\":{\"x\":null},\"b\":[1,\"é\t\"]}")
        #expect(value.isRepresentableInOLPC)
        #expect(!(JSONValue.array([.double(0.5)]).isRepresentableInOLPC))
    }

    private static func value(depth: Int, _ generator: inout some RandomNumberGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &generator) {
        case 0: return .null
        case 1: return .bool(.random(using: &generator))
        case 2: return .integer(.random(in: .min ... .max, using: &generator))
        case 3:
            let double = Double(bitPattern: .random(in: .min ... .max, using: &generator))
            return .double(double.isFinite && double != 0 ? double : 0.5)
        case 4: return .double(Double(Int.random(in: -1_000_000...1_000_000, using: &generator)) / 100)
        case 5: return .string(text(&generator))
        case 6:
            return .array(
                (0..<Int.random(in: 0..<5, using: &generator)).map { _ in value(depth: depth - 1, &generator) }
            )
        default:
            var members: [String: JSONValue] = [:]
            for _ in 0..<Int.random(in: 0..<6, using: &generator) {
                members[text(&generator)] = value(depth: depth - 1, &generator)
            }
            return .object(members)
        }
    }

    private static func text(_ generator: inout some RandomNumberGenerator) -> String {
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<24, using: &generator) {
            let limit: UInt32 = [0x80, 0x80, 0x800, 0x10000, 0x110000][Int.random(in: 0..<5, using: &generator)]
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &generator)) { scalars.append(scalar) }
        }
        return String(scalars)
    }
}
