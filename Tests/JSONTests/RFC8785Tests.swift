// SPDX-License-Identifier: EUPL-1.2

import JSON
import Testing

/// The examples that RFC 8785 prints, typed from its text.
@Suite("RFC 8785 (JCS)")
struct RFC8785Tests {
    @Test(
        "numbers of appendix B are written as ECMAScript writes them",
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"), (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"), (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"), (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"), (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"), (0x41b3_de43_5555_5554, "333333333.33333325"),
            (0x41b3_de43_5555_5555, "333333333.3333333"), (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0x41b3_de43_5555_5557, "333333333.33333343"), (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] as [(UInt64, String)]
    )
    func numbers(_ bits: UInt64, _ expected: String) {
        #expect(JSONValue.double(Double(bitPattern: bits)).text(.rfc8785) == expected)
    }

    @Test("the example of section 3.2.2 and 3.2.3 becomes the bytes of section 3.2.4")
    func example() throws {
        let source = #"""
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """#
        let expected =
            #"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#
            + #""string":"€$\u000f\nA'B\"\\\\\"/"}"#
        #expect(try JSONValue(parsing: source).text(.rfc8785) == expected)
    }

    @Test("members are sorted by UTF-16 units, as in section 3.2.3")
    func order() throws {
        let source = #"""
            {
              "\u20ac": "Euro Sign",
              "\r": "Carriage Return",
              "\ufb33": "Hebrew Letter Dalet With Dagesh",
              "1": "One",
              "\ud83d\ude00": "Emoji: Grinning Face",
              "\u0080": "Control",
              "\u00f6": "Latin Small Letter O With Diaeresis"
            }
            """#
        let text = try JSONValue(parsing: source).text(.rfc8785)
        let order = [
            "Carriage Return", "One", "Control", "Latin Small Letter O", "Euro Sign", "Emoji", "Hebrew Letter",
        ]
        var rest = text[...]
        for word in order {
            let at = try #require(rest.firstRange(of: word), "\(word) in \(text)")
            rest = rest[at.upperBound...]
        }
        // By bytes the emoji comes after the Hebrew letter.
        let bytes = try JSONValue(parsing: source).text(.compact)
        let emoji = try #require(bytes.firstRange(of: "Emoji"))
        let hebrew = try #require(bytes.firstRange(of: "Hebrew"))
        #expect(hebrew.lowerBound < emoji.lowerBound)
    }

    @Test("integers are written as doubles beyond 2^53")
    func integers() {
        #expect(JSONValue.integer(9_007_199_254_740_992).text(.rfc8785) == "9007199254740992")
        #expect(JSONValue.integer(9_007_199_254_740_993).text(.rfc8785) == "9007199254740992")
        #expect(JSONValue.integer(.max).text(.rfc8785) == "9223372036854776000")
        #expect(JSONValue.integer(.min).text(.rfc8785) == "-9223372036854776000")
        #expect(JSONValue.integer(.max).text(.compact) == "9223372036854775807")
    }
}
