// SPDX-License-Identifier: EUPL-1.2

import Conformance
import Testing

@Suite("Addresses")
struct RegistryAddressTests {
    @Test(
        "addresses of registries",
        arguments: [
            ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
            ("HTTPS://Registry.Example/", "https://registry.example"),
            ("http://[::1]:5000/", "http://[::1]:5000"),
        ]
    )
    func valid(text: String, address: String) throws {
        #expect(try RegistryAddress(parsing: text).text == address)
    }

    @Test(
        "what is no address of a registry",
        arguments: [
            "", "registry.example", "127.0.0.1:5000", "ftp://x", "http://", "http://a:b@x", "http://x/v2/",
            "http://x?a",
            "http://x#a", "http://x y", "http://x\u{1b}", "file:///etc/passwd",
        ]
    )
    func invalid(text: String) {
        #expect(throws: RegistryAddressError.self) { try RegistryAddress(parsing: text) }
    }

    @Test(
        "a Location is an absolute URL or a path, kept to the byte",
        arguments: [
            ("/v2/a/blobs/uploads/1?s=%2F+b%3D", "http://r:5000/v2/a/blobs/uploads/1?s=%2F+b%3D"),
            ("https://store.example/x?sig=a%20b", "https://store.example/x?sig=a%20b"),
            ("//other.example/x", "http://other.example/x"), ("next?n=2", "http://r:5000/v2/a/tags/next?n=2"),
            ("/v2/#fragment", "http://r:5000/v2/"), ("file:///etc/passwd", nil), ("/v2/ a", nil), ("/v2/\r\nX: y", nil),
        ] as [(String, String?)]
    )
    func locations(reference: String, target: String?) {
        #expect(RegistryAddress.resolve(reference, against: "http://r:5000/v2/a/tags/list") == target)
    }

    @Test("origins")
    func origins() {
        #expect(RegistryAddress.origin(of: "HTTP://A/x") == RegistryAddress.origin(of: "http://a:80/y"))
        #expect(RegistryAddress.origin(of: "http://a") != RegistryAddress.origin(of: "https://a"))
        #expect(RegistryAddress.origin(of: "http://a:1") != RegistryAddress.origin(of: "http://a:2"))
        #expect(RegistryAddress.origin(of: "a") == nil)
    }
}
