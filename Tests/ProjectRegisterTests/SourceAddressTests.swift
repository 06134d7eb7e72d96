// SPDX-License-Identifier: EUPL-1.2

import Directory
import Testing

@Suite("Addresses of sources") struct SourceAddressTests {
    @Test(
        "different ways to write one address are one",
        arguments: [
            "https://example.org/a/b", "https://example.org/a/b.git", "https://example.org/a/b/",
            "HTTPS://Example.ORG/a/b",
            "https://example.org:443/a/b.git/",
        ]
    )
    func same(text: String) {
        #expect(SourceAddress(parsing: text)?.text == "https://example.org/a/b")
    }

    @Test(
        "what is the address of no repository is none",
        arguments: [
            "", "a/b", "https://", "https:///a", "https://example.org", "https://example.org//a",
            "https://example.org/.git",
            "https://u@example.org/a", "https://example.org/a?b", "https://example.org/a#b", "https://example.org/../a",
            "https://example.org:x/a", "git+https://example.org/a", "https://example.org/a b",
            "https://ex\u{E4}mple.org/a",
            "https://example.org/" + String(repeating: "a", count: 512),
        ]
    )
    func none(text: String) {
        #expect(SourceAddress(parsing: text) == nil)
    }
}
