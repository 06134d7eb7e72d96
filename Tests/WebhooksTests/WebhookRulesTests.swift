// SPDX-License-Identifier: EUPL-1.2

import Testing
import Webhooks

@Suite struct WebhookRulesTests {
    static let special: [(address: String, word: String)] = [
        ("0.0.0.0", "unspecified"), ("0.255.255.255", "unspecified"), ("10.0.0.0", "private"),
        ("10.255.255.255", "private"),
        ("100.64.0.1", "shared"), ("100.127.255.255", "shared"), ("100.100.100.200", "metadata"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"), ("169.254.169.254", "metadata"), ("169.254.0.1", "link-local"),
        ("169.254.170.2", "link-local"), ("172.16.0.1", "private"), ("172.31.255.255", "private"),
        ("192.0.0.1", "protocols"),
        ("192.0.0.192", "metadata"), ("192.0.2.7", "documentation"), ("192.88.99.1", "6to4"),
        ("192.168.0.1", "private"),
        ("192.168.255.255", "private"), ("198.18.0.1", "benchmarks"), ("198.19.255.255", "benchmarks"),
        ("198.51.100.7", "documentation"), ("203.0.113.7", "documentation"), ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"), ("240.0.0.1", "reserved"), ("255.255.255.255", "broadcast"),
        ("168.63.129.16", "metadata"),
        ("::", "unspecified"), ("::1", "loopback"), ("::2", "old form"), ("::10.0.0.1", "old form"),
        ("::93.184.215.14", "old form"),
        ("::ffff:10.0.0.1", "private"), ("::ffff:127.0.0.1", "loopback"), ("::ffff:7f00:1", "loopback"),
        ("::ffff:169.254.169.254", "metadata"), ("::ffff:0:10.0.0.1", "translator"), ("64:ff9b::10.0.0.1", "private"),
        ("64:ff9b::7f00:1", "loopback"), ("64:ff9b::a9fe:a9fe", "metadata"), ("64:ff9b:1::10.0.0.1", "translator"),
        ("64:ff9b:2::1", "public"), ("100::1", "hole"), ("2001::1", "Teredo"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"),
        ("2001:2::1", "protocols"), ("2001:10::1", "protocols"), ("2001:20::1", "protocols"),
        ("2001:1ff:ffff::1", "protocols"),
        ("2001:db8::1", "documentation"), ("2002:7f00:1::", "6to4"), ("2002:a00:1::1", "6to4"),
        ("3fff::1", "documentation"),
        ("4000::1", "public"), ("5f00::1", "public"), ("fc00::1", "private"), ("fd00:ec2::254", "metadata"),
        ("fd20:ce::254", "metadata"), ("fd12:3456::1", "private"), ("fe80::1", "link-local"), ("febf::1", "link-local"),
        ("fec0::1", "site-local"), ("ff02::1", "multicast"), ("ff0e::1", "multicast"), ("1::1", "public"),
        ("e000::1", "public"),
    ]

    static let open = [
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "93.184.215.14", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.1",
        "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.0.3.1", "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2001:200::1", "2001:db7::1", "2001:db9::1", "2003::1",
        "2a00:1450::1",
        "2606:4700::1", "3ffe::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1",
    ]

    private func refusal(_ text: String, _ rules: WebhookRules) -> String? {
        do {
            _ = try WebhookURL(parsing: text, under: rules)
            return nil
        } catch { return "\(error)" }
    }

    private func url(_ address: String) -> String {
        address.contains(":") ? "https://[\(address)]/" : "https://\(address)/"
    }

    @Test("no entry of the table of special addresses is lost")
    func table() { #expect(SpecialPurpose.tableCount == 36) }

    @Test("an address that is not of the public internet is refused with its purpose", arguments: special)
    func refused(address: String, word: String) throws {
        let reason = try #require(refusal(url(address), .standard), "\(address) is open")
        #expect(reason.contains(word), "\(reason)")
        // As the address of a name as well, also beside one that is open.
        let named = try WebhookURL(parsing: "https://hooks.example.org/")
        let bait = try #require(IPAddress(parsing: "93.184.215.14"))
        let found = try #require(IPAddress(parsing: address))
        #expect(throws: WebhookError.self) { try WebhookRules.standard.check(named, at: [found]) }
        #expect(throws: WebhookError.self) { try WebhookRules.standard.check(named, at: [bait, found]) }
        // Its network may be named.
        #expect(refusal(url(address), try WebhookRules(allowing: [found.description])) == nil)
        #expect(refusal(url(address), try WebhookRules(allowing: ["198.51.100.1", "2001:db8:1::/48"])) != nil)
    }

    @Test("an address of the public internet is open", arguments: open)
    func allowed(address: String) { #expect(refusal(url(address), .standard) == nil) }

    @Test(
        "a host that is named may be inside, but not at a link-local address, at everybody's or at a cloud's metadata"
    )
    func named() throws {
        let rules = try WebhookRules(allowing: ["Hooks.example.org", "other.example.org:9443"])
        let inside = try WebhookURL(parsing: "https://hooks.example.org:9999/", under: rules)
        for (text, isOpen) in [
            ("10.0.0.1", true), ("127.0.0.1", true), ("::1", true), ("fd00::1", true), ("100.64.0.1", true),
            ("93.184.215.14", true),
            ("169.254.169.254", false), ("169.254.1.1", false), ("fe80::1", false), ("224.0.0.1", false),
            ("0.0.0.0", false),
            ("fd00:ec2::254", false), ("::ffff:169.254.169.254", false), ("64:ff9b::10.0.0.1", false),
            ("2002:a00:1::1", false),
        ] {
            let address = try #require(IPAddress(parsing: text))
            #expect(((try? rules.check(inside, at: [address])) != nil) == isOpen, "\(text)")
        }
        #expect(refusal("https://other.example.org:9443/", rules) == nil)
        #expect(refusal("https://other.example.org:9444/", rules)?.contains("port 9444") == true)
        #expect(refusal("https://a.hooks.example.org:9999/", rules) != nil)
        #expect(refusal("https://hooks.example.org.example:9999/", rules) != nil)
    }

    @Test("ports, loopback by name and http are refused unless they are named")
    func policy() throws {
        for port in [22, 25, 80, 6379, 8080, 9443, 65_535] {
            #expect(refusal("https://a.example:\(port)/", .standard)?.contains("port \(port)") == true)
            #expect(refusal("https://93.184.215.14:\(port)/", .standard)?.contains("port \(port)") == true)
        }
        for name in ["localhost", "LOCALHOST", "a.localhost"] {
            #expect(refusal("https://\(name)/", .standard)?.contains("loopback") == true)
            #expect(
                refusal("https://\(name)/", try WebhookRules(allowing: ["10.0.0.0/8"]))?.contains("loopback") == true
            )
            #expect(refusal("https://\(name)/", try WebhookRules(allowing: [name])) == nil)
            #expect(refusal("https://\(name)/", try WebhookRules(allowing: ["127.0.0.0/8"])) == nil)
        }
        let plain = try WebhookRules(allowing: ["127.0.0.0/8", "hooks.example.org"], plainHTTP: true)
        #expect(refusal("http://127.0.0.1:8080/", plain) == nil && refusal("http://hooks.example.org/", plain) == nil)
        #expect(refusal("http://127.0.0.1/", try WebhookRules(allowing: ["127.0.0.0/8"])) != nil)
        #expect(refusal("http://93.184.215.14/", plain) != nil)
        #expect(refusal("http://a.example/", try WebhookRules(allowing: ["hooks.example.org"], plainHTTP: true)) != nil)
        let elsewhere = try WebhookURL(parsing: "http://a.example/", under: plain)
        let open = try #require(IPAddress(parsing: "93.184.215.14"))
        #expect(throws: WebhookError.self) { try plain.check(elsewhere, at: [open]) }
    }

    @Test(
        "a place that cannot be read is no setting",
        arguments: [
            "", "*", "*.example.org", "https://a.example", "a.example:0", "a.example:", "a.example:1:2", "10.0.0.1/8",
            "10.0.0.0/99",
            "a b", "a\n", "[::1]:443", "1.2.3", "a.example.", "\u{E4}",
        ]
    )
    func settings(entry: String) {
        #expect(throws: WebhookError.self) { try WebhookRules(allowing: [entry]) }
    }
}
