// SPDX-License-Identifier: EUPL-1.2

import FeedDownload
import Testing

@Suite("Addresses of feeds and proxies")
struct FeedSourceTests {
    @Test(
        "what is no address is refused with the reason",
        arguments: [
            ("", "https://"), ("feed.json", "https://"), ("ftp://host/f", "https://"), ("https://", "https://"),
            ("https://me:secret@host/f", "credentials"), ("https://host/f#part", "fragment"),
            ("https://host/a b", "percent-encoded"), ("https://host/\u{e4}", "percent-encoded"),
            ("https://host/" + String(repeating: "a", count: 2048), "2048"),
        ]
    )
    func refused(text: String, says: String) {
        #expect { try FeedSource(parsing: text) } throws: { "\($0)".contains(says) && !"\($0)".contains("secret") }
    }

    @Test("every address has a file of its own, and no address leads out of the cache")
    func names() throws {
        let urls = [
            "https://host/a/all.zip", "https://host/b/all.zip", "https://other/a/all.zip", "https://host/a/all.zip?x=1",
            "https://host/../../etc/passwd", "https://host/..", "https://host/%2e%2e%2f", "https://host",
            "https://host/" + String(repeating: "n", count: 1000),
        ]
        let names = try urls.map { try FeedSource(parsing: $0).fileName }
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(!name.contains("/") && !name.hasPrefix(".") && name.utf8.count < 200, "\(name)")
        }
        #expect(names[0].hasSuffix("-host-all.zip"))
    }

    @Test("the publishers' own addresses are there without any setting")
    func publishers() {
        #expect(FeedSource.publishers.count == 9)
        #expect(FeedSource.publishers.allSatisfy { $0.url.hasPrefix("https://") })
    }

    @Test(
        "a proxy that cannot be used is refused without repeating its password",
        arguments: [
            "https://me:secret@proxy:1", "socks5://proxy:1080", "http://", "http://proxy:0", "http://proxy:99999",
        ]
    )
    func badProxy(text: String) {
        #expect { try ProxyRules(proxy: text, environment: [:]) } throws: { !"\($0)".contains("secret") }
        #expect(throws: DownloadError.self) { try ProxyRules(proxy: nil, environment: ["HTTPS_PROXY": text]) }
    }

    @Test("a setting goes before the environment")
    func order() throws {
        let environment = ["HTTPS_PROXY": "http://environment:1", "https_proxy": ""]
        #expect(
            try ProxyRules(proxy: "http://named:2", environment: environment)
                == ProxyRules(proxy: "named:2", environment: [:])
        )
        #expect(try ProxyRules(proxy: "", environment: environment) == ProxyRules(proxy: nil, environment: environment))
        #expect(try ProxyRules(proxy: nil, environment: environment) != ProxyRules())
    }
}
