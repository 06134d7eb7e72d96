// SPDX-License-Identifier: EUPL-1.2

import JSON
import Portal
import SBOM
import Testing
import Time

@Suite("Languages and texts")
struct LanguageTests {
    @Test(
        "the language is chosen by address, cookie and browser, in this order",
        arguments: [
            (nil, nil, nil, .de), ("en", "kontor-lang=de", "de", .en), (nil, "a=b; kontor-lang=en", "de", .en),
            ("fr", nil, "en", .en),
            (nil, nil, "en-US,en;q=0.9,de;q=0.8", .en), (nil, nil, "de;q=0.5, en;q=0.9", .en),
            (nil, nil, "fr, de;q=0.2", .de),
            (nil, nil, "en;q=0, de;q=0.1", .de), (nil, nil, "*", .de), (nil, nil, "fr", .de),
            (nil, nil, ";;;,,=;q=", .de),
            (nil, "kontor-lang=xx", "en", .en), (nil, nil, "EN-gb", .en), (nil, nil, "en;q=abc", .en),
        ] as [(String?, String?, String?, Language)]
    )
    func negotiation(_ query: String?, _ cookie: String?, _ header: String?, _ expected: Language) {
        #expect(Language.negotiate(query: query, cookie: cookie, acceptLanguage: header) == expected)
    }

    @Test("every text has both languages, every text that is used exists, and none is left over")
    func texts() throws {
        let texts = try Texts.embedded()
        for (key, text) in texts.entries {
            #expect(!text.de.isEmpty && !text.en.isEmpty, "\(key)")
            #expect(Self.places(text.de) == Self.places(text.en), "\(key)")
        }
        var used = Set(TextKey.allCases.map(\.rawValue))
        // The singular of a text about a number.
        used.formUnion(used.map { $0 + "One" }.filter { texts.entries[$0] != nil })
        for (name, bytes) in Pages.templates {
            let template = String(decoding: bytes, as: UTF8.self)
            for match in template.matches(of: #/{{[#^/]?t\.([A-Za-z]+)}}/#) {
                let key = String(match.output.1)
                #expect(texts.entries[key] != nil, "\(key) in \(name)")
                used.insert(key)
            }
            #expect(template.contains("{{{") == (name == "layout"), "\(name)")
        }
        #expect(used.subtracting(texts.entries.keys).isEmpty)
        #expect(Set(texts.entries.keys).subtracting(used).isEmpty)
    }

    @Test("dates, sizes and numbers follow the language")
    func formats() throws {
        let instant = try #require(Timestamp(rfc3339: "2026-03-05T07:08:09Z"))
        #expect(Language.de.dateTime(instant) == "05.03.2026, 07:08 UTC")
        #expect(Language.en.dateTime(instant) == "5 March 2026, 07:08 UTC")
        #expect(Language.de.size(0) == "0\u{A0}B")
        #expect(Language.de.size(999) == "999\u{A0}B")
        #expect(Language.de.size(48_123_456) == "48,1\u{A0}MB")
        #expect(Language.en.size(1_000) == "1.0\u{A0}kB")
        #expect(Language.en.size(999_990) == "1.0\u{A0}MB")
        #expect(Language.en.size(.max) == "9.2\u{A0}EB")
        #expect(Language.en.size(-5) == "0\u{A0}B")
        #expect(Language.de.number(8849) == "8849" && Language.de.number(360_142) == "360.142")
        #expect(Language.en.number(1_360_142) == "1,360,142" && Language.en.number(-12_345) == "−12,345")
        #expect(Language.de.decimal(12.34) == "12,3")
        #expect(Language.en.decimal(-0.55) == "−0.6")
        #expect(Language.en.decimal(.nan) == "–")
    }

    private static func places(_ text: String) -> Set<String> {
        Set(text.matches(of: #/{[a-z]+}/#).map { String($0.output) })
    }
}
