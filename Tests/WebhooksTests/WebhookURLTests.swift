// SPDX-License-Identifier: EUPL-1.2

import Testing
import Webhooks

@Suite struct WebhookURLTests {
    @Test(
        "a URL is read, and has one form",
        arguments: [
            "https://hooks.example.org": "https://hooks.example.org/",
            "HTTPS://Hooks.Example.ORG:443/a/B?c=%2f&d": "https://hooks.example.org/a/B?c=%2f&d",
            "https://hooks.example.org:8443/": "https://hooks.example.org:8443/",
            "https://hooks.example.org?x": "https://hooks.example.org/?x",
            "https://xn--bcher-kva.example/a//b/../c": "https://xn--bcher-kva.example/a//b/../c",
            "https://93.184.215.14/x": "https://93.184.215.14/x",
            "https://[2A00:0:0:1::0:7]/x": "https://[2a00:0:0:1::7]/x",
            "https://[::ffff:93.184.215.14]/": "https://93.184.215.14/",
            "https://example/": "https://example/", "https://1.example/": "https://1.example/",
            "https://a.example/(x)!*'@:,;=$+~": "https://a.example/(x)!*'@:,;=$+~",
        ]
    )
    func valid(text: String, form: String) throws {
        let url = try WebhookURL(parsing: text)
        #expect(url.text == form)
        #expect(try WebhookURL(parsing: url.text) == url)
    }

    @Test("what is shown of a URL has neither its path nor its query")
    func shown() throws {
        #expect("\(try WebhookURL(parsing: "https://a.example:8443/secret?token=secret"))" == "https://a.example:8443")
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "https", "https:", "https:/", "https://", "https:///", "//a.example", "a.example", "ftp://a.example",
            "file:///etc",
            "gopher://a.example", "javascript:alert(1)", "http://a.example/", "https:a.example", "https:\\\\a.example",
            " https://a.example", "https://a.example ", "https://a.example/a b", "https://a.example/\r\nHost: b",
            "https://a\0.example",
            "https://a.example/\u{E4}", "https://\u{E4}.example", "https://\u{FF41}.example",
            "https://a\u{3002}example",
            "https://a.example#b", "https://a.example/#", "https://user@a.example", "https://user:secret@a.example",
            "https://a.example@10.0.0.1/", "https://a.example\\@10.0.0.1", "https://a.example\\.b",
            "https://a.example:80@b/",
            "https://a.example:", "https://a.example:0", "https://a.example:0443", "https://a.example:65536",
            "https://a.example:+443",
            "https://a.example:443:443", "https://a..example", "https://.example", "https://a.example.",
            "https://-a.example",
            "https://a-.example", "https://a_b.example", "https://a%2eexample", "https://%31.example",
            "https://a,b.example",
            "https://127.1", "https://0x7f.1", "https://0x7f000001", "https://2130706433", "https://017700000001",
            "https://0177.0.0.1",
            "https://127.0.0.01", "https://127.0.0.256", "https://1.2.3", "https://1.2.3.4.5", "https://1.2.3.4.",
            "https://a.0x",
            "https://[::1", "https://::1", "https://[]", "https://[1.2.3.4]", "https://[::1]x", "https://[::1%25lo]",
            "https://[::1%lo]",
            "https://[fe80::1%25eth0]/", "https://[v1.a]", "https://[:::]", "https://[1::2::3]",
            "https://[1:2:3:4:5:6:7:8:9]",
            "https://[12345::]", "https://[1:2:3:4:5:6:7::8]", "https://[::1.2.3]",
            "https://a.example/%", "https://a.example/%4", "https://a.example/%gg", "https://a.example/<x>",
            "https://a.example/\"",
            "https://a.example/[x]", "https://a.example/^", "https://a.example/`", "https://a.example/{x}",
            "https://a.example/|",
            "https://" + String(repeating: "a", count: 64) + ".example",
            "https://a.example/" + String(repeating: "a", count: 2048),
            "https://" + Array(repeating: "abcdefgh", count: 29).joined(separator: "."),
        ]
    )
    func invalid(text: String) {
        let error = #expect(throws: WebhookError.self) { try WebhookURL(parsing: text) }
        let words = error?.description ?? ""
        #expect(!words.contains("secret") && words.utf8.count < 600)
        #expect(words.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }

    @Test("any bytes are read or refused")
    func noise() {
        var generator = SystemRandomNumberGenerator()
        let pieces = [
            "https://", "[", "]", ":", "::", "@", "/", ".", "1", "f", "%", "#", "?", "\\", "a.example", "255", "\u{E4}",
            "\r\n",
        ]
        for _ in 0..<5_000 {
            let text = (0..<Int.random(in: 0...9, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }
            for prefix in ["", "https://", "https://["] {
                _ = try? WebhookURL(parsing: prefix + text.joined())
                _ = IPAddress(parsing: prefix + text.joined())
                _ = IPNetwork(parsing: text.joined())
            }
        }
    }
}

@Suite struct IPAddressTests {
    @Test(
        "an address has one form",
        arguments: [
            "0.0.0.0": "0.0.0.0", "255.255.255.255": "255.255.255.255", "::": "::", "::1": "::1", "1::": "1::",
            "2001:DB8:0:0:1:0:0:1": "2001:db8::1:0:0:1", "2001:db8:0:1:1:1:1:1": "2001:db8:0:1:1:1:1:1",
            "0:0:0:0:0:0:0:0": "::", "1:0:0:2:0:0:0:3": "1:0:0:2::3", "::192.0.2.7": "::c000:207",
            "::ffff:192.0.2.7": "192.0.2.7", "0:0:0:0:0:FFFF:C000:0207": "192.0.2.7",
            "64:ff9b::192.0.2.7": "64:ff9b::c000:207",
            "1:2:3:4:5:6:7:8": "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:192.0.2.7": "1:2:3:4:5:6:c000:207",
            "::2:3:4:5:6:7:8": "0:2:3:4:5:6:7:8",
            "fe80::a:b": "fe80::a:b",
        ]
    )
    func forms(text: String, form: String) throws {
        let address = try #require(IPAddress(parsing: text))
        #expect(address.description == form)
        #expect(IPAddress(parsing: form) == address)
    }

    @Test("a network holds its addresses and no others; one with bits behind its prefix is none")
    func networks() throws {
        let network = try #require(IPNetwork(parsing: "10.1.16.0/20"))
        for (text, isInside) in [
            ("10.1.16.0", true), ("10.1.31.255", true), ("10.1.32.0", false), ("10.1.15.255", false),
            ("::ffff:10.1.20.1", true),
            ("::10.1.20.1", false),
        ] {
            #expect(network.contains(try #require(IPAddress(parsing: text))) == isInside)
        }
        #expect(try #require(IPNetwork(parsing: "::/0")).contains(try #require(IPAddress(parsing: "ff02::1"))))
        #expect(try #require(IPNetwork(parsing: "0.0.0.0/0")).contains(try #require(IPAddress(parsing: "192.0.2.7"))))
        for text in [
            "10.1.16.0/19", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "/8", "10.0.0.0/8/8", "fd00::1/8", "::/129",
            "a/8", "",
        ] {
            #expect(IPNetwork(parsing: text) == nil, "\(text)")
        }
    }
}
