// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Criteria
import SBOM
import TestKit
import Testing
import Vulnerabilities

@Suite("What advisories can speak about")
struct CoverageTests {
    private static let rocky = Distribution(id: "rocky", versionID: "9.4")

    private static func package(
        _ ecosystem: String,
        _ name: String,
        version: String = "1.0",
        distribution: Distribution? = nil,
        supplier: String? = nil,
        ownedBy: String? = nil,
        confidence: Double = 1
    ) -> Component {
        Component(
            ecosystem: ecosystem,
            distribution: distribution,
            name: name,
            version: version,
            purl: PackageURL(type: ecosystem, namespace: distribution?.id, name: name, version: version),
            supplier: supplier,
            ownedBy: ownedBy,
            confidence: confidence
        )
    }

    @Test(
        "packages of somebody else's repository are not matched against the distribution's advisories",
        arguments: [
            ("NodeSource <gpg-rpm@nodesource.com>", true), ("Docker <support@docker.com>", true),
            ("Ops <ops@eu.grafana.com>", true), ("Debian OpenSSL Team <pkg@lists.debian.org>", false),
            ("Somebody <me@notdocker.com>", false), ("no address docker.com", false),
        ]
    )
    func foreign(_ supplier: String, _ isForeign: Bool) throws {
        let owner = Self.package("deb", "nodejs", distribution: SmallFeeds.bookworm, supplier: supplier)
        let purl = try #require(owner.purl?.description)
        let inside = Self.package("npm", "tar", ownedBy: purl)
        let foreign = Coverage.foreign(in: [owner, inside])
        #expect(foreign == (isForeign ? [purl] : []))
        // What the distribution brought is left to its advisories; what others brought is looked up where upstream's are.
        switch (Coverage.place(of: owner, foreign: foreign), Coverage.place(of: inside, foreign: foreign)) {
        case (.unknown, .package): #expect(isForeign)
        case (.package, .none): #expect(!isForeign)
        case let places: Issue.record("\(places)")
        }
    }

    @Test(
        "the vendor tells an rpm package's origin",
        arguments: [("Rocky Enterprise Software Foundation", false), ("Fedora Project", true), ("", false)]
    )
    func vendor(_ vendor: String, _ isForeign: Bool) {
        let package = Self.package("rpm", "bash", distribution: Self.rocky, supplier: vendor)
        #expect(Coverage.foreign(in: [package]).isEmpty == !isForeign)
    }

    @Test("a version that is not known is not looked up")
    func version() {
        guard case .unknown(let ecosystem, let reason) = Coverage.place(of: Self.package("maven", "a", version: ""))
        else {
            Issue.record("it was looked up")
            return
        }
        #expect(ecosystem == "maven" && reason.en.contains("version"))
    }

    @Test("finding nothing under a guessed name proves nothing, finding something does")
    func guessed() async throws {
        let fixture = try StoreFixture()
        let dump = OSVDumpTests.zip([("A-1.json", OSVDumpTests.record("A-1", "Maven", "guess:guess", fixed: "2.0"))])
        _ = try await fixture.importing([("all.zip", dump)])
        let snapshot = try #require(try fixture.store.current())
        func assess(_ name: String, _ confidence: Double) async throws -> (findings: Int, notAssessed: Int) {
            var component = Self.package("maven", name, confidence: confidence)
            component.purl = PackageURL(type: "maven", namespace: name, name: name, version: "1.0")
            let assessed = try await snapshot.assess([component])
            return (assessed.findings.count, assessed.notAssessed.count)
        }
        #expect(try await assess("other", 1) == (0, 0))
        #expect(try await assess("other", 0.5) == (0, 1))
        #expect(try await assess("guess", 0.5) == (1, 0))
    }

    @Test(
        "Go modules and npm packages are looked up as they are written",
        arguments: [
            ("Go", "golang", "github.com/BurntSushi/toml"), ("Go", "golang", "github.com/jackc/pgx/v5"),
            ("npm", "npm", "JSONStream"),
            ("npm", "npm", "@babel/core"),
        ]
    )
    func names(_ ecosystem: String, _ type: String, _ name: String) async throws {
        let fixture = try StoreFixture()
        let dump = OSVDumpTests.zip([("A-1.json", OSVDumpTests.record("A-1", ecosystem, name, fixed: "2.0.0"))])
        _ = try await fixture.importing([("all.zip", dump)])
        let snapshot = try #require(try fixture.store.current())
        var parts = name.split(separator: "/").map { String($0) }
        let last = parts.removeLast()
        let component = Component(
            ecosystem: type,
            name: name,
            version: "1.0.0",
            purl: PackageURL(
                type: type,
                namespace: parts.isEmpty ? nil : parts.joined(separator: "/"),
                name: last,
                version: "1.0.0"
            )
        )
        #expect(try await snapshot.assess([component]).findings.map(\.id) == ["A-1"])
    }
}
