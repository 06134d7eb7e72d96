// SPDX-License-Identifier: EUPL-1.2

import Advisories
import SBOM
import Testing
import Time

@Suite("VEX: which statement counts")
struct VEXIndexTests {
    static let covering: [(stated: String, subject: String, covers: Bool)] = [
        ("pkg:deb/debian/curl", "pkg:deb/debian/curl@1?arch=amd64&distro=debian-12", true),
        ("pkg:deb/debian/curl@1", "pkg:deb/debian/curl@1?arch=amd64", true),
        ("pkg:deb/debian/curl@1", "pkg:deb/debian/curl@2", false),
        ("pkg:deb/debian/curl@1", "pkg:deb/debian/curl", false),
        ("pkg:deb/debian/curl?arch=amd64", "pkg:deb/debian/curl@1?arch=amd64&distro=x", true),
        ("pkg:deb/debian/curl?arch=arm64", "pkg:deb/debian/curl@1?arch=amd64", false),
        ("pkg:deb/debian/curl?arch=amd64&distro=x", "pkg:deb/debian/curl@1?arch=amd64", false),
        ("pkg:deb/debian/curl", "pkg:deb/ubuntu/curl@1", false),
        ("pkg:deb/debian/curl", "pkg:apk/debian/curl@1", false),
        ("pkg:deb/debian/curl", "pkg:deb/debian/curl4@1", false), ("pkg:deb/curl", "pkg:deb/debian/curl", false),
        ("pkg:golang/a/b#sub", "pkg:golang/a/b@1#sub", true), ("pkg:golang/a/b#sub", "pkg:golang/a/b@1", false),
        ("pkg:golang/a/b", "pkg:golang/a/b@1#sub", true), ("pkg:golang/a/b#sub", "pkg:golang/a/b@1#other", false),
    ]

    @Test("a purl covers another one by the rule of subsets", arguments: covering)
    func covers(_ stated: String, _ subject: String, _ expected: Bool) throws {
        let (stated, subject) = (try VEXExamples.purl(stated), try VEXExamples.purl(subject))
        #expect(stated.covers(subject) == expected)
        // The index answers as the rule does.
        let index = VEXIndex([document([(VEXComponent(purl: stated), [])])])
        let match = index.match(vulnerability: "CVE-1", component: subject, in: VEXSubject(), at: VEXExamples.now)
        #expect((match != nil) == expected)
    }

    private func document(
        id: String = "d",
        version: String? = nil,
        _ products: [(VEXComponent, [VEXComponent])],
        _ status: VEXStatus = .notAffected,
        names: [String] = ["CVE-1"],
        at time: String? = "2026-01-01T00:00:00Z",
        expires: String? = nil
    ) -> VEXDocument {
        VEXDocument(
            format: .openVEX,
            id: id,
            author: "a",
            version: version,
            statements: [
                VEXStatement(
                    vulnerability: VEXVulnerability(names.first ?? "", aliases: Array(names.dropFirst())),
                    products: products.map { VEXProduct($0, subcomponents: $1) },
                    status: status,
                    justification: status == .notAffected ? .componentNotPresent : nil,
                    timestamp: time.map(VEXExamples.instant),
                    expires: expires.map(VEXExamples.instant)
                )
            ]
        )
    }

    private func component(_ purl: String) throws -> VEXComponent { VEXComponent(purl: try VEXExamples.purl(purl)) }

    private static let image = VEXSubject(
        digests: [VEXExamples.digest],
        purls: [
            PackageURL(
                type: "oci",
                name: "app",
                version: VEXExamples.digest,
                qualifiers: ["repository_url": "registry.example/gov/app", "arch": "amd64"]
            )
        ].compactMap { $0 },
        ids: ["urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1"]
    )

    private func status(
        _ documents: [VEXDocument],
        _ component: String = "pkg:deb/debian/libssl3@3?arch=amd64",
        _ vulnerability: String = "CVE-1",
        aliases: [String] = [],
        in image: VEXSubject = image
    ) throws -> VEXStatus? {
        let purl = try VEXExamples.purl(component)
        return VEXIndex(documents).match(
            vulnerability: vulnerability,
            aliases: aliases,
            component: purl,
            in: image,
            at: VEXExamples.now
        )?.status
    }

    @Test("an image is found by digest, purl or name, in whatever registry the digest is")
    func products() throws {
        for product in [
            VEXComponent(digests: [VEXExamples.digest]), try component("pkg:oci/app"), try component(VEXExamples.image),
            try component("pkg:oci/app?repository_url=registry.example/gov/app"),
            // Another registry's name for the same content.
            try component(VEXExamples.image + "?repository_url=docker.io/vendor/app"),
            VEXComponent(id: "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1"),
        ] {
            #expect(try status([document([(product, [])])]) == .notAffected, "\(product)")
        }
        for product in [
            VEXComponent(digests: [VEXExamples.otherDigest]), try component("pkg:oci/app2"),
            try component("pkg:oci/app?repository_url=docker.io/vendor/app"),
            try component("pkg:oci/app@\(VEXExamples.otherDigest)"), VEXComponent(id: "urn:cdx:other/1"),
            // The digest says which app is meant.
            VEXComponent(purl: try VEXExamples.purl("pkg:oci/app"), digests: [VEXExamples.otherDigest]),
        ] {
            #expect(try status([document([(product, [])])]) == nil, "\(product)")
        }
    }

    @Test("subcomponents narrow a statement to themselves")
    func subcomponents() throws {
        let ssl = try component("pkg:deb/debian/libssl3")
        let app = document([(VEXComponent(digests: [VEXExamples.digest]), [ssl])])
        #expect(try status([app]) == .notAffected)
        #expect(try status([app], "pkg:deb/debian/curl@1") == nil)
        #expect(try status([app], in: VEXSubject(digests: [VEXExamples.otherDigest])) == nil)
        // A part that has no purl narrows to nothing that could be found, never to everything.
        let named = document([(VEXComponent(digests: [VEXExamples.digest]), [VEXComponent(id: "https://x")])])
        #expect(try status([named]) == nil)
        // Of a component that is no image, too.
        let curl = document([(try component("pkg:deb/debian/curl"), [ssl])])
        #expect(try status([curl]) == nil)
        #expect(try status([curl], "pkg:deb/debian/curl@1") == nil)
    }

    @Test("a finding without a purl is judged by statements about the image alone")
    func withoutPURL() throws {
        let index = VEXIndex([
            document([(VEXComponent(digests: [VEXExamples.digest]), [])], .fixed),
            document([(try component("pkg:deb/debian/libssl3"), [])]),
        ])
        let match = index.match(vulnerability: "CVE-1", component: nil, in: Self.image, at: VEXExamples.now)
        #expect(match?.status == .fixed)
        #expect(match?.basis == .imageDigest)
    }

    @Test("aliases are followed on both sides, whatever their case")
    func aliases() throws {
        let ssl = try component("pkg:deb/debian/libssl3")
        let stated = [document([(ssl, [])], names: ["CVE-1", "GHSA-aaaa-bbbb-cccc"])]
        #expect(try status(stated, "pkg:deb/debian/libssl3@1", "GHSA-AAAA-bbbb-cccc") == .notAffected)
        #expect(
            try status(stated, "pkg:deb/debian/libssl3@1", "PYSEC-1", aliases: ["ghsa-aaaa-bbbb-cccc"]) == .notAffected
        )
        #expect(try status(stated, "pkg:deb/debian/libssl3@1", "CVE-2", aliases: ["CVE-3"]) == nil)
        #expect(try status(stated, "pkg:deb/debian/libssl3@1", "CVE-11") == nil)
    }

    @Test("an erratum that two vulnerabilities share does not make them the same")
    func sharedErratum() throws {
        let ssl = [(try component("pkg:deb/debian/libssl3"), [VEXComponent]())]
        let stated = [document(ssl, names: ["CVE-2026-0001", "DSA-1-1"])]
        let purl = "pkg:deb/debian/libssl3@1"
        #expect(try status(stated, purl, "CVE-2026-0002", aliases: ["DSA-1-1"]) == nil)
        #expect(try status(stated, purl, "CVE-2026-0001", aliases: ["DSA-1-1"]) == .notAffected)
        #expect(try status(stated, purl, "DSA-1-1") == .notAffected)
        #expect(
            try status([document(ssl, names: ["DSA-1-1"])], purl, "CVE-2026-0002", aliases: ["DSA-1-1"]) == .notAffected
        )
    }

    @Test(
        "the latest statement counts, then the higher version, then the more cautious word, whatever the order of documents"
    )
    func latest() throws {
        let ssl = [(try component("pkg:deb/debian/libssl3"), [VEXComponent]())]
        let early = document(id: "early", ssl, .notAffected, at: "2026-01-01T00:00:00Z")
        let late = document(id: "late", ssl, .affected, at: "2026-01-02T00:00:00Z")
        let undated = document(id: "undated", ssl, .fixed, at: nil)
        for documents in [[early, late, undated], [late, undated, early], [undated, early, late]] {
            #expect(try status(documents) == .affected)
        }
        #expect(try status([undated, early]) == .notAffected)
        let versions = ["9", "10", "10.0.1", "2.1"].map { version in
            document(id: "x", version: version, ssl, version == "10.0.1" ? .fixed : .affected)
        }
        #expect(try status(versions) == .fixed)
        #expect(try status(versions.reversed()) == .fixed)
        let tied = VEXStatus.allCases.map { document(id: $0.rawValue, ssl, $0) }
        #expect(try status(tied) == .affected)
        #expect(try status(tied.reversed()) == .affected)
    }

    @Test("what is said of the image comes before what is said of the component in general")
    func imageFirst() throws {
        let ssl = try component("pkg:deb/debian/libssl3")
        let general = document(id: "general", [(ssl, [])], .affected, at: "2026-06-01T00:00:00Z")
        let own = document(id: "own", [(try component("pkg:oci/app"), [ssl])], .notAffected, at: "2026-01-01T00:00:00Z")
        let matches = VEXIndex([general, own]).matches(
            vulnerability: "CVE-1",
            component: try VEXExamples.purl("pkg:deb/debian/libssl3@3"),
            in: Self.image,
            at: VEXExamples.now
        )
        #expect(matches.map(\.source.document) == ["own", "general"])
        #expect(matches.map(\.basis) == [.imagePURL, .component])
        #expect(matches.first?.justification == .componentNotPresent)
        #expect(matches.first?.product.subcomponents == [ssl])
        #expect(try status([general, own], in: VEXSubject()) == .affected)
        // Whichever way the image is named, its latest statement counts.
        let revoked = document(
            id: "revoked",
            [(try component("pkg:oci/app"), [])],
            .affected,
            at: "2026-07-01T00:00:00Z"
        )
        let digest = document(
            id: "digest",
            [(VEXComponent(digests: [VEXExamples.digest]), [ssl])],
            .notAffected,
            at: "2026-06-01T00:00:00Z"
        )
        #expect(try status([digest, revoked]) == .affected)
    }

    @Test("an expired statement does not count, and what it overruled counts again")
    func expired() throws {
        let ssl = [(try component("pkg:deb/debian/libssl3"), [VEXComponent]())]
        let old = document(id: "old", ssl, .affected, at: "2025-01-01T00:00:00Z")
        let valid = document(id: "new", ssl, .notAffected, expires: "2026-11-26T12:00:00.000001Z")
        let over = document(id: "new", ssl, .notAffected, expires: "2026-11-26T12:00:00Z")
        #expect(try status([old, valid]) == .notAffected)
        #expect(try status([old, over]) == .affected)
        #expect(try status([over]) == nil)
    }

    @Test("a finding is looked up by its identifiers and its purl")
    func finding() throws {
        let index = VEXIndex([document([(try component("pkg:deb/debian/libssl3"), [])], names: ["GHSA-x"])])
        var finding = Finding(
            id: "CVE-1",
            aliases: ["GHSA-x"],
            componentName: "libssl3",
            componentVersion: "3",
            componentPURL: "pkg:deb/debian/libssl3@3?arch=amd64",
            status: .affected,
            evidence: FindingEvidence(feed: "f", record: "r", rule: "r", sourceName: "s", sourceVersion: "v")
        )
        #expect(index.match(finding, in: Self.image, at: VEXExamples.now)?.status == .notAffected)
        finding.componentPURL = nil
        #expect(index.match(finding, in: Self.image, at: VEXExamples.now) == nil)
        #expect(index.count == 1)
    }

    @Test("the index answers as reading every statement would, over random statements")
    func asReadingAll() throws {
        var random = SystemRandomNumberGenerator()
        let purls = try [
            "pkg:deb/debian/a", "pkg:deb/debian/a@1", "pkg:deb/debian/a@1?arch=x", "pkg:deb/debian/b", "pkg:oci/app",
            "pkg:oci/app?arch=x",
        ].map(VEXExamples.purl)
        let digests = [VEXExamples.digest, VEXExamples.otherDigest]
        func component() -> VEXComponent {
            Bool.random(using: &random)
                ? VEXComponent(purl: purls.randomElement(using: &random))
                : VEXComponent(digests: [digests.randomElement(using: &random)].compactMap { $0 })
        }
        for _ in 0..<300 {
            let documents = (0..<Int.random(in: 1...8, using: &random)).map { number in
                let parts = (0..<Int.random(in: 0...2, using: &random)).map { _ in component() }
                return document(
                    id: "\(number)",
                    [(component(), parts)],
                    VEXStatus.allCases.randomElement(using: &random) ?? .fixed,
                    names: [["CVE-1", "CVE-2"], ["CVE-1"], ["CVE-2"], ["CVE-3"]].randomElement(using: &random) ?? []
                )
            }
            let image = VEXSubject(digests: [digests[0]], purls: [purls[5]])
            let subject = try VEXExamples.purl("pkg:deb/debian/a@1?arch=x&distro=y")
            let found = VEXIndex(documents).matches(
                vulnerability: "CVE-1",
                component: subject,
                in: image,
                at: VEXExamples.now
            )
            let expected = documents.filter { document in
                let statement = document.statements[0]
                guard ([statement.vulnerability.name] + statement.vulnerability.aliases).contains("CVE-1") else {
                    return false
                }
                return statement.products.contains { product in
                    let identity = product.identity
                    let isMeant =
                        identity.digests.contains(digests[0])
                        || identity.purl.map { stated in (image.purls + [subject]).contains { stated.covers($0) } }
                            ?? false
                    let parts = product.subcomponents
                    return isMeant && (parts.isEmpty || parts.contains { $0.purl?.covers(subject) ?? false })
                }
            }
            #expect(Set(found.map(\.source.document)) == Set(expected.map(\.id)))
        }
    }
}
