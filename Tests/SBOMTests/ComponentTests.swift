// SPDX-License-Identifier: EUPL-1.2

import JSON
import SBOM
import Testing

@Suite("Component")
struct ComponentTests {
    static let full = Component(
        kind: .library,
        ecosystem: "deb",
        distribution: Distribution(
            id: "debian",
            versionID: "12",
            codename: "bookworm",
            prettyName: "Debian GNU/Linux 12 (bookworm)"
        ),
        name: "libssl3",
        version: "3.0.11-1~deb12u2",
        sourceName: "openssl",
        sourceVersion: "3.0.11-1~deb12u2",
        architecture: "amd64",
        purl: PackageURL(
            type: "deb",
            namespace: "debian",
            name: "libssl3",
            version: "3.0.11-1~deb12u2",
            qualifiers: ["arch": "amd64"]
        ),
        supplier: "Debian OpenSSL Team <team@example.org>",
        licenses: ["Apache-2.0"],
        ownedBy: "pkg:deb/debian/x@1",
        layer: 2,
        paths: ["var/lib/dpkg/status"],
        dependsOn: ["pkg:deb/debian/libc6@2.36-9"]
    )

    @Test("survives JSON", arguments: [full, Component(ecosystem: "npm", name: "a", version: "")])
    func roundTrip(_ component: Component) throws {
        let text = component.json.text()
        let read = try Component(json: JSONFields(JSONValue(parsing: text)))
        #expect(read == component)
        #expect(read.json.text() == text)
    }

    @Test(
        "is refused with the path of what is wrong",
        arguments: [
            ("kind", "virus", "$.kind"), ("purl", "openssl", "$.purl"), ("name", nil, "$.name"),
            ("layer", "two", "$.layer"), ("distribution", "debian", "$.distribution"),
            ("licenses", "MIT", "$.licenses"),
        ] as [(String, String?, String)]
    )
    func refused(_ key: String, _ value: String?, _ path: String) throws {
        var members = try #require(Self.full.json.objectValue)
        members[key] = value.map { .string($0) } ?? .null
        let error = #expect(throws: JSONShapeError.self) { try Component(json: JSONFields(.object(members))) }
        #expect(error?.path == path)
    }

    @Test(
        "of Debian knows its release's name",
        arguments: [
            (Distribution(id: "debian", versionID: "12", codename: "bookworm"), "bookworm"),
            (Distribution(id: "debian", versionID: "12"), "bookworm"),
            (Distribution(id: "debian", versionID: "11.7"), "bullseye"),
            (Distribution(id: "debian", codename: "forky"), "forky"),
            (Distribution(id: "debian", versionID: "99"), nil),
            (Distribution(id: "alpine", versionID: "12"), nil),
        ] as [(Distribution, String?)]
    )
    func releaseName(_ distribution: Distribution, _ name: String?) {
        #expect(distribution.releaseName == name)
    }

    @Test("texts survive JSON")
    func localizedText() throws {
        let text = LocalizedText(de: "Prüfung", en: "check")
        #expect(try LocalizedText(json: JSONFields(text.json)) == text)
    }
}
