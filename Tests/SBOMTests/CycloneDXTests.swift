// SPDX-License-Identifier: EUPL-1.2

import JSON
import SBOM
import TestKit
import Testing
import Time

@Suite("CycloneDX document")
struct CycloneDXTests {
    static let digest = "sha256:" + String(repeating: "0123456789abcdef", count: 4)
    static let distribution = Distribution(id: "debian", versionID: "12", codename: "bookworm", prettyName: "Debian 12")
    static let subject = SBOMSubject(
        name: "team/app",
        version: "1.0",
        digest: digest,
        architecture: "amd64",
        operatingSystem: "linux",
        distribution: distribution,
        labels: [
            "org.opencontainers.image.source": "https://git.example.org/team/app",
            "org.opencontainers.image.url": "javascript:alert(1)",
            "org.opencontainers.image.licenses": "EUPL-1.2 AND MIT",
            "org.opencontainers.image.vendor": "Team",
        ]
    )

    static func package(_ name: String, needs: [String] = [], layer: Int? = 0, licenses: [String] = []) -> Component {
        Component(
            ecosystem: "deb",
            distribution: distribution,
            name: name,
            version: "1:1.0+b1",
            sourceName: name + "-src",
            sourceVersion: "1:1.0",
            architecture: "amd64",
            purl: purl(name),
            supplier: "Maintainers of \(name) <\(name.filter { $0.isASCII && $0.isLetter })@example.org>",
            licenses: licenses,
            layer: layer,
            paths: ["var/lib/dpkg/status", "usr/share/doc/\(name)/copyright"],
            dependsOn: needs.compactMap { purl($0)?.description }
        )
    }

    static func purl(_ name: String) -> PackageURL? {
        PackageURL.debian(
            name: name,
            version: "1:1.0+b1",
            architecture: "amd64",
            declaredSource: name + "-src",
            declaredSourceVersion: "1:1.0",
            distribution: distribution
        )
    }

    static func document(_ components: [Component], subject: SBOMSubject = subject) -> JSONValue {
        CycloneDX.document(
            subject: subject,
            components: components,
            tool: "0.1.0",
            timestamp: Timestamp(seconds: 1_795_000_000),
            creator: SBOMCreator(name: "Behörde", email: "sicherheit@example.org")
        )
    }

    /// Edges by reference.
    static func edges(_ document: JSONValue) -> [String: [String]] {
        var result: [String: [String]] = [:]
        for entry in document["dependencies"]?.arrayValue ?? [] {
            result[entry["ref"]?.stringValue ?? ""] = (entry["dependsOn"]?.arrayValue ?? []).compactMap(\.stringValue)
        }
        return result
    }

    static let typical = [
        package("openssl", needs: ["libssl3", "libc6"], licenses: ["Apache-2.0"]),
        package("libssl3", needs: ["libc6"], licenses: ["Apache-2.0", "BSD-3-Clause OR MIT"]),
        package("libc6", needs: ["libgcc-s1"], licenses: ["LGPL-2.1-or-later", "some licence"]),
        package("libgcc-s1", needs: ["libc6"]),
        package("perl", layer: nil),
        Component(kind: .file, ecosystem: "file", name: "tool", version: "", layer: 1, paths: ["opt/tool"]),
    ]

    @Test("is valid by the published schema")
    func valid() async throws {
        try await validateCycloneDX(Self.document(Self.typical).bytes(.pretty))
        try await validateCycloneDX(Self.document([]).bytes())
        try await validateCycloneDX(Self.document(Self.typical, subject: SBOMSubject(name: "/srv/rootfs")).bytes())
    }

    @Test("is valid whatever strangers wrote into their packages")
    func hostile() async throws {
        let nasty = [
            "\u{0}\u{1}\u{7F}", "<script>", String(repeating: "x", count: 5000), "a\nb", "\u{202E}abc", "😀", " ",
            "\"\\",
        ]
        var components = nasty.map { text in
            Component(
                ecosystem: text,
                name: text,
                version: text,
                sourceName: text,
                sourceVersion: text,
                architecture: text,
                purl: PackageURL(type: "deb", namespace: text, name: text, version: text),
                supplier: text + " <" + text + ">",
                licenses: [text, text],
                ownedBy: text,
                layer: .max,
                paths: Array(repeating: text, count: 200),
                dependsOn: [text, "image:" + Self.digest]
            )
        }
        components += components
        var subject = Self.subject
        subject.labels = Dictionary(
            uniqueKeysWithValues: [
                "source", "url", "documentation", "licenses", "vendor", "version", "description", "revision",
            ].map {
                ("org.opencontainers.image." + $0, "https://[x%%%\u{0}\"<>" + $0)
            }
        )
        subject.name = "a/\u{0}/b"
        subject.digest = "sha256:nothex"
        try await validateCycloneDX(Self.document(components, subject: subject).bytes())
    }

    @Test("has the image at the root, and every component hangs off it")
    func graph() throws {
        let document = Self.document(Self.typical)
        let edges = Self.edges(document)
        let image = "image:" + Self.digest
        #expect(document["metadata"]?["component"]?["bom-ref"]?.stringValue == image)
        #expect(document["metadata"]?["component"]?["type"]?.stringValue == "container")
        let ssl = Self.purl("libssl3")?.description ?? ""
        let libc = Self.purl("libc6")?.description ?? ""
        let openssl = Self.purl("openssl")?.description ?? ""
        #expect(edges[openssl] == [libc, ssl])
        #expect(edges[libc] == [Self.purl("libgcc-s1")?.description ?? ""])
        #expect(edges[image] == ["os:debian@12", "file:file:tool@", openssl, Self.purl("perl")?.description ?? ""])
        #expect(edges.count == Self.typical.count + 2)
    }

    @Test("a circle of packages that nobody else needs hangs off the root at one place, and what it needs does not")
    func circle() {
        let circle = [Self.package("b", needs: ["c", "a"]), Self.package("c", needs: ["b"]), Self.package("a")]
        let edges = Self.edges(Self.document(circle))
        #expect(edges["image:" + Self.digest] == ["os:debian@12", Self.purl("b")?.description ?? ""])
    }

    @Test("a package's own parts hang off that package")
    func owned() {
        let owner = Self.package("python3-requests")
        let part = Component(
            ecosystem: "pypi",
            name: "requests",
            version: "2.28.1",
            purl: PackageURL(type: "pypi", name: "requests", version: "2.28.1"),
            ownedBy: owner.purl?.description
        )
        let edges = Self.edges(Self.document([owner, part]))
        #expect(edges[owner.purl?.description ?? ""] == ["pkg:pypi/requests@2.28.1"])
        #expect(edges["image:" + Self.digest] == ["os:debian@12", owner.purl?.description ?? ""])
    }

    @Test("a hundred thousand packages in one chain, and as many of the same, take seconds, not hours")
    func large() {
        let chain = (0..<50_000).map { index in
            Component(
                ecosystem: "npm",
                name: "p\(index)",
                version: "1",
                purl: PackageURL(type: "npm", name: "p\(index)", version: "1"),
                dependsOn: ["pkg:npm/p\(index + 1)@1"]
            )
        }
        let same = Array(repeating: Component(ecosystem: "npm", name: "same", version: "1"), count: 50_000)
        let document = Self.document(chain + same)
        #expect(document["components"]?.arrayValue?.count == 100_001)
        #expect(
            Set((document["components"]?.arrayValue ?? []).compactMap { $0["bom-ref"]?.stringValue }).count == 100_001
        )
    }

    @Test("is the same bytes for the same image, in whatever order its components come")
    func deterministic() {
        let first = Self.document(Self.typical).bytes()
        #expect(Self.document(Self.typical.reversed()).bytes() == first)
        #expect(Self.document(Self.typical.shuffled()).bytes() == first)
    }

    @Test("has a serial number that belongs to the image, its name and the tool")
    func serialNumber() {
        func serial(_ change: (inout SBOMSubject) -> Void) -> String? {
            var subject = Self.subject
            change(&subject)
            return Self.document([], subject: subject)["serialNumber"]?.stringValue
        }
        let all = [
            serial { _ in }, serial { $0.name = "team/other" }, serial { $0.version = nil }, serial { $0.digest = nil },
            serial { $0.architecture = "arm64" },
        ]
        #expect(Set(all).count == all.count)
        #expect(serial { $0.labels = [:] } == serial { _ in })
    }

    @Test("numbers names as RFC 9562 does")
    func nameUUID() {
        let dns: [UInt8] = [
            0x6B, 0xA7, 0xB8, 0x10, 0x9D, 0xAD, 0x11, 0xD1, 0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4, 0x30, 0xC8,
        ]
        #expect(
            NameUUID.text(namespace: dns, name: Array("www.example.com".utf8)) == "2ed6657d-e927-568b-95e1-2665a8aea6a2"
        )
    }

    @Test("carries licences as one expression, in which a name that is no SPDX identifier is a reference")
    func licenses() throws {
        let components = try #require(Self.document(Self.typical)["components"]?.arrayValue)
        func component(_ name: String) -> JSONValue? { components.first { $0["name"]?.stringValue == name } }
        #expect(
            component("libssl3")?["licenses"] == [
                ["expression": "Apache-2.0 AND (BSD-3-Clause OR MIT)", "acknowledgement": "concluded"]
            ]
        )
        let other = try #require(component("libc6"))
        let expression = try #require(other["licenses"]?[0]?["expression"]?.stringValue)
        #expect(expression.hasPrefix("LGPL-2.1-or-later AND LicenseRef-kontor-some-licence-"))
        #expect(
            other["properties"]?.arrayValue?.contains(["name": "kontor:component:license", "value": "some licence"])
                == true
        )
        #expect(component("perl")?["licenses"] == nil)
    }

    @Test("names of licences that differ only in what an identifier cannot hold stay apart")
    func references() throws {
        func expression(_ licenses: [String]) -> String? {
            let component = Component(ecosystem: "npm", name: "x", version: "1", licenses: licenses)
            let subject = SBOMSubject(name: "x")
            let document = Self.document([component], subject: subject)
            return document["components"]?[0]?["licenses"]?[0]?["expression"]?.stringValue
        }
        #expect(expression(["X-1"]) == "LicenseRef-kontor-X-1")
        #expect(expression(["X 1"]) != expression(["X_1"]))
        #expect(expression(["X-1", "X-1", "MIT"]) == "LicenseRef-kontor-X-1 AND MIT")
        #expect(expression(["Public-Domain"]) == "LicenseRef-scancode-public-domain")
        #expect(expression(["MIT OR Apache-2.0"]) == "MIT OR Apache-2.0")
        #expect(expression([]) == nil)
        #expect(expression((0..<5000).map { "licence number \($0)" }) == nil)
        for name in ["ä", "(", "+", String(repeating: "x", count: 5000)] {
            let text = try #require(expression([name]))
            #expect(throws: Never.self) { try SPDXExpression(parsing: text) }
        }
    }

    @Test("an image and its system carry the licences of all that is in them, or none where one is not known")
    func wholeLicense() {
        let known = [Self.package("a", licenses: ["MIT"]), Self.package("b", licenses: ["MIT OR ISC", "Zlib"])]
        var subject = Self.subject
        subject.labels = [:]
        let document = Self.document(known, subject: subject)
        let expected: JSONValue = [["expression": "(MIT OR ISC) AND MIT AND Zlib", "acknowledgement": "concluded"]]
        #expect(document["metadata"]?["component"]?["licenses"] == expected)
        #expect(document["components"]?[0]?["licenses"] == expected)
        let unknown = Self.document(known + [Self.package("c")], subject: subject)
        #expect(unknown["metadata"]?["component"]?["licenses"] == nil)
        // The label says what the publisher decided.
        #expect(
            Self.document(known)["metadata"]?["component"]?["licenses"]?[0]?["expression"] == "EUPL-1.2 AND MIT"
        )
    }

    struct Maker: Sendable {
        var ecosystem: String
        var distribution: String?
        var name = "x"
        var supplier: String?
        var contact: JSONValue
    }

    @Test(
        "names who made a component with an address, where one is known",
        arguments: [
            Maker(ecosystem: "deb", supplier: "A <a@example.org>", contact: ["email": "a@example.org"]),
            Maker(ecosystem: "rpm", supplier: "SUSE LLC <https://www.suse.com/>", contact: "https://www.suse.com/"),
            Maker(
                ecosystem: "rpm",
                distribution: "almalinux",
                supplier: "AlmaLinux",
                contact: "https://almalinux.org/"
            ),
            Maker(ecosystem: "rpm", distribution: "almalinux", supplier: "Somebody Else", contact: nil),
            Maker(ecosystem: "apk", distribution: "alpine", contact: "https://alpinelinux.org/"),
            Maker(ecosystem: "golang", name: "github.com/a/b/v2", contact: "https://github.com/a/b"),
            Maker(ecosystem: "golang", name: "example.org/a/b", contact: nil),
            Maker(ecosystem: "npm", contact: nil),
        ]
    )
    func makers(_ maker: Maker) {
        let component = Component(
            ecosystem: maker.ecosystem,
            distribution: maker.distribution.map { Distribution(id: $0, versionID: "9") },
            name: maker.name,
            version: "1",
            supplier: maker.supplier
        )
        let written = Self.document([component], subject: SBOMSubject(name: "x"))["components"]?[0]?["manufacturer"]
        #expect((written?["contact"]?[0] ?? written?["url"]?[0] ?? .null) == maker.contact)
    }

    @Test("carries source package and layer, nothing about a file that is not there, and never a vulnerability")
    func properties() throws {
        let document = Self.document(Self.typical)
        let component = try #require(
            document["components"]?.arrayValue?.first { $0["name"]?.stringValue == "openssl" }
        )
        var properties: [String: String] = [:]
        for property in component["properties"]?.arrayValue ?? [] {
            properties[property["name"]?.stringValue ?? ""] = property["value"]?.stringValue
        }
        #expect(
            properties == [
                "kontor:component:architecture": "amd64",
                "kontor:component:ecosystem": "deb",
                "kontor:component:layer": "0",
                "kontor:component:sourceName": "openssl-src",
                "kontor:component:sourceVersion": "1:1.0",
            ]
        )
        #expect(component["manufacturer"]?["contact"]?[0]?["email"]?.stringValue == "openssl@example.org")
        #expect(component["evidence"]?["occurrences"]?[0]?["location"]?.stringValue == "var/lib/dpkg/status")
        #expect(document["vulnerabilities"] == nil)
        #expect(
            document["metadata"]?["manufacturer"]?["contact"]?[0]?["email"]?.stringValue == "sicherheit@example.org"
        )
    }

    @Test("takes only plain web addresses from labels")
    func addresses() {
        let component = Self.document([])["metadata"]?["component"]
        #expect(
            component?["externalReferences"] == [
                ["type": "vcs", "url": "https://git.example.org/team/app"],
                ["type": "source-distribution", "url": "https://git.example.org/team/app"],
            ]
        )
    }
}
