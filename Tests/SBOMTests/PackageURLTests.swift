// SPDX-License-Identifier: EUPL-1.2

import SBOM
import Testing

@Suite("Package URL")
struct PackageURLTests {
    struct Canonical: CustomTestStringConvertible, Sendable {
        let text: String
        let canonical: String
        init(_ text: String, _ canonical: String? = nil) {
            self.text = text
            self.canonical = canonical ?? text
        }
        var testDescription: String { text }
    }

    /// Forms of the purl specification's own examples, and Debian's.
    static let canonical: [Canonical] = [
        Canonical("pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=amd64&distro=debian-12"),
        Canonical(
            "pkg:deb/debian/login@1:4.13%2Bdfsg1-1%2Bb1?arch=amd64&distro=debian-12&upstream=shadow%401:4.13%2Bdfsg1-1"
        ),
        Canonical("pkg:deb/debian/login@1%3A4.13+dfsg1-1", "pkg:deb/debian/login@1:4.13%2Bdfsg1-1"),
        Canonical(
            "pkg:deb/debian/attr@1:2.4.47-2?distro=jessie&arch=source",
            "pkg:deb/debian/attr@1:2.4.47-2?arch=source&distro=jessie"
        ),
        Canonical("pkg:DEB/Debian/Attr@1?ARCH=x", "pkg:deb/debian/attr@1?arch=x"),
        Canonical("pkg://maven/org.apache.commons/io@1.4", "pkg:maven/org.apache.commons/io@1.4"),
        Canonical("pkg:npm/%40angular/animation@12.3.1"),
        Canonical("pkg:npm/@angular/animation", "pkg:npm/%40angular/animation"),
        Canonical("pkg:pypi/Django_package@1.11.1", "pkg:pypi/django-package@1.11.1"),
        Canonical(
            "pkg:golang/google.golang.org/genproto#/googleapis/../api/./annotations/",
            "pkg:golang/google.golang.org/genproto#googleapis/api/annotations"
        ),
        Canonical(
            "pkg:github/Package-URL/purl-Spec@244fd47e07d1004",
            "pkg:github/package-url/purl-spec@244fd47e07d1004"
        ),
        Canonical("pkg:rpm/Fedora/Curl@7.50.3-1.fc25", "pkg:rpm/fedora/Curl@7.50.3-1.fc25"),
        Canonical(
            "pkg:oci/Debian@sha256:244fd47e07d10?tag=latest&repository_url=a.example/b",
            "pkg:oci/debian@sha256:244fd47e07d10?repository_url=a.example%2Fb&tag=latest"
        ),
        Canonical("pkg:generic/a?x=&y=1", "pkg:generic/a?y=1"),
        Canonical("pkg:generic//a//b//name/", "pkg:generic/a/b/name"),
        Canonical("pkg:generic/n%C3%A4me@%E2%82%AC"),
        Canonical("pkg:generic/name@1#a%20b"),
    ]

    @Test("a purl is written in its one canonical form", arguments: canonical)
    func canonicalForm(_ example: Canonical) throws {
        let purl = try PackageURL(parsing: example.text)
        #expect(purl.description == example.canonical)
        #expect(try PackageURL(parsing: purl.description) == purl)
    }

    static let invalid: [(String, PackageURLError)] = [
        ("", .missingScheme),
        ("deb/debian/openssl", .missingScheme),
        ("pkg:", .invalidType("")),
        ("pkg:deb", .missingName),
        ("pkg:deb/", .missingName),
        ("pkg:deb/@1", .invalidEncoding(part: "x")),
        ("pkg:1deb/a", .invalidType("1deb")),
        ("pkg:d&b/a", .invalidType("d&b")),
        ("pkg:deb/a%", .invalidEncoding(part: "a%")),
        ("pkg:deb/a%2", .invalidEncoding(part: "a%2")),
        ("pkg:deb/a%FF", .invalidEncoding(part: "a%FF")),
        ("pkg:deb/ä", .invalidEncoding(part: "pkg:deb/ä")),
        ("pkg:deb/a%2Fb/c", .slashInSegment("a%2Fb")),
        ("pkg:deb/a?x", .invalidQualifier("x")),
        ("pkg:deb/a?1x=2", .invalidQualifier("1x=2")),
        ("pkg:deb/a?x=1&X=2", .duplicateQualifier("x")),
        ("pkg:deb/" + String(repeating: "a", count: 5000), .tooLong(bytes: 5008)),
    ]

    @Test("what is no purl is refused with the part that is wrong", arguments: invalid.filter { $0.0 != "pkg:deb/@1" })
    func refused(_ text: String, _ error: PackageURLError) {
        #expect(throws: error) { try PackageURL(parsing: text) }
        #expect(!error.description.isEmpty)
    }

    @Test("parts that cannot be a purl give none")
    func impossibleParts() {
        #expect(PackageURL(type: "deb", name: "") == nil)
        #expect(PackageURL(type: "", name: "a") == nil)
        #expect(PackageURL(type: "d b", name: "a") == nil)
        #expect(PackageURL(type: "deb", name: "a", qualifiers: ["a b": "c"]) == nil)
        #expect(PackageURL(type: "deb", name: "a", qualifiers: ["A": "c", "a": "d"]) == nil)
    }

    @Test("any parts survive being written and read")
    func roundTrip() throws {
        var random = SystemRandomNumberGenerator()
        let alphabet: [Character] = [
            "a", "Z", "0", "+", "~", ":", "@", "%", "?", "#", "&", "=", "-", ".", "_", " ", "ä", "\u{301}", "\u{0}",
            "€", "\r\n",
        ]
        func word(_ range: ClosedRange<Int>) -> String {
            String(
                (0..<Int.random(in: range, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" }
            )
        }
        for _ in 0..<5000 {
            guard
                let purl = PackageURL(
                    type: "generic",
                    namespace: word(0...3) + "/" + word(0...3),
                    name: word(1...6),
                    version: word(0...6),
                    qualifiers: ["a": word(0...4), "b": word(0...4)],
                    subpath: word(0...3)
                )
            else { continue }
            let read = try PackageURL(parsing: purl.description)
            #expect(read == purl, "\(purl)")
            #expect(read.description == purl.description)
        }
    }
}
