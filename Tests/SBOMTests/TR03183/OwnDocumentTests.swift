// SPDX-License-Identifier: EUPL-1.2

import JSON
import SBOM
import Testing
import Time

/// The bills that Kontor writes, held against the same rules as everybody else's.
@Suite("Kontor's own bills and TR-03183-2")
struct OwnDocumentTests {
    private static func subject(_ labels: [String: String] = [:]) -> SBOMSubject {
        var subject = CycloneDXTests.subject
        subject.labels["org.opencontainers.image.url"] = "https://team.example.org/"
        subject.labels.merge(labels) { $1 }
        return subject
    }

    private static let packages = [
        CycloneDXTests.package("openssl", needs: ["libc6"], licenses: ["Apache-2.0"]),
        CycloneDXTests.package("libc6", licenses: ["LGPL-2.1-or-later", "some licence"]),
        Component(
            ecosystem: "golang",
            name: "github.com/a/b",
            version: "v1.0.0",
            purl: PackageURL(type: "golang", namespace: "github.com/a", name: "b", version: "v1.0.0"),
            licenses: ["MIT"]
        ),
    ]

    private static func report(_ components: [Component], _ subject: SBOMSubject = subject()) throws
        -> TR03183.Report
    {
        try TR03183Tests.report(CycloneDXTests.document(components, subject: subject))
    }

    @Test("an image of which all is known conforms; its packages are unpacked, the system and the image logical")
    func conforms() throws {
        let report = try Self.report(Self.packages)
        let missing = report.results.filter { $0.outcome == .missing && $0.field != .signature }
        #expect(missing.isEmpty, "\(missing)")
        #expect(report.conclusion == .conforms)
        #expect(report.roles == [.logical: 2, .unpacked: 3])
        #expect(report.result(.deployableHash)?.outcome == .notApplicable)
    }

    @Test("the system as the inventory lists it conforms too, with a number or without")
    func system() throws {
        for (version, codename) in [("12", "bookworm"), ("", "forky")] {
            let distribution = Distribution(
                id: "debian",
                versionID: version.isEmpty ? nil : version,
                codename: codename
            )
            let system = Component(
                kind: .operatingSystem,
                ecosystem: "os",
                distribution: distribution,
                name: "debian",
                version: version
            )
            var subject = Self.subject()
            subject.distribution = distribution
            let report = try Self.report(Self.packages + [system], subject)
            #expect(report.conclusion == .conforms)
        }
    }

    @Test("an empty image whose labels name its authors and its licence conforms")
    func labels() throws {
        let labels = [
            "org.opencontainers.image.authors": "Team <team@example.org>",
            "org.opencontainers.image.licenses": "EUPL-1.2",
        ]
        for author in ["Team <team@example.org>", "team@example.org", "Team <https://team.example.org/>"] {
            let subject = SBOMSubject(
                name: "team/app",
                version: "1.0",
                labels: labels.merging(["org.opencontainers.image.authors": author]) { $1 }
            )
            #expect(try Self.report([], subject).conclusion == .conforms)
        }
        let nobody = SBOMSubject(name: "team/app", version: "1.0", labels: ["org.opencontainers.image.licenses": "MIT"])
        #expect(try Self.report([], nobody).result(.componentCreator)?.outcome == .missing)
    }

    @Test("what the image does not tell is missing, and the result says where")
    func incomplete() throws {
        let unknown = CycloneDXTests.package("perl")
        let report = try Self.report(Self.packages + [unknown])
        #expect(report.conclusion == .doesNotConform)
        let missing = report.results.filter { $0.outcome == .missing }.map(\.field)
        #expect(missing == [.distributionLicences, .signature])
    }

    @Test("a JAR is a file that is there: what is not known of it is missing")
    func jar() throws {
        let jar = Component(
            ecosystem: "maven",
            name: "a",
            version: "1",
            purl: PackageURL(type: "maven", namespace: "org.example", name: "a", version: "1"),
            supplier: "A <a@example.org>",
            licenses: ["MIT"],
            paths: ["opt/app/a-1.jar"]
        )
        let report = try Self.report([jar])
        #expect(report.roles[.delivered] == 1)
        #expect(report.result(.filename)?.outcome == .met && report.result(.archive)?.outcome == .met)
        #expect(report.result(.deployableHash)?.outcome == .missing)
        #expect(report.result(.executable)?.outcome == .missing)
    }
}
