// SPDX-License-Identifier: EUPL-1.2

import Advisories
import OCI
import SBOM
import Situation
import Testing

@Suite("What can be asked") struct AffectedQuestionTests {
    static let digest = "sha256:" + String(repeating: "ab", count: 32)

    @Test(
        "a question is read as what it is, and told as it is meant",
        arguments: [
            ("CVE-2021-44228", "CVE-2021-44228"), ("  cve-2021-44228 ", "CVE-2021-44228"),
            ("ghsa-JFH8-C2JP-5V3Q", "GHSA-jfh8-c2jp-5v3q"), ("DSA-5000-1", "DSA-5000-1"),
            ("PYSEC-2021-1", "PYSEC-2021-1"), (digest, digest), ("base:" + digest, "base:" + digest),
            (
                "pkg:maven/org.apache.logging.log4j/log4j-core@<2.15",
                "pkg:maven/org.apache.logging.log4j/log4j-core@<2.15"
            ),
        ]
    )
    func reads(text: String, meant: String) throws {
        #expect(try AffectedQuestion(parsing: text).text == meant)
    }

    @Test(
        "what is no question is refused with a hint",
        arguments: [
            "", "   ", "log4j", "CVE-2021-44228; DROP TABLE", "pkg:", "pkg:deb", "sha256:abc", "base:", "base:CVE-1",
            "pkg:deb/debian/a@", "pkg:deb/debian/a@<", "pkg:deb/debian/a@<1,<2,<3,<4,<5", "<script>-", "\u{0}-",
            "CVE-" + String(repeating: "1", count: 1100),
        ]
    )
    func refuses(text: String) throws {
        #expect(throws: AffectedQuestionError.self) { try AffectedQuestion(parsing: text) }
    }

    private static func component(_ purl: String) throws -> Component {
        let purl = try PackageURL(parsing: purl)
        return Component(ecosystem: purl.type, name: purl.name, version: purl.version ?? "", purl: purl)
    }

    @Test(
        "a range holds what the ecosystem's order says",
        arguments: [
            ("pkg:maven/g/a@<2.15", "pkg:maven/g/a@2.14.1", true),
            ("pkg:maven/g/a@<2.15", "pkg:maven/g/a@2.15.0", false),
            ("pkg:maven/g/a@<2.15", "pkg:maven/g/a@2.9", true), ("pkg:maven/g/a", "pkg:maven/g/a@9", true),
            ("pkg:maven/g/a@2.14.1", "pkg:maven/g/a@2.14.1", true),
            ("pkg:maven/g/a@=2.14.1", "pkg:maven/g/a@2.14.2", false),
            ("pkg:deb/debian/openssl@>=3.0.0,<3.0.11-1", "pkg:deb/debian/openssl@3.0.9-1?arch=amd64", true),
            ("pkg:deb/debian/openssl@>=3.0.0,<3.0.11-1", "pkg:deb/debian/openssl@3.0.11-1", false),
            ("pkg:deb/debian/openssl@<3.0.11-1~deb12u1", "pkg:deb/debian/openssl@3.0.11-1~deb12u1", false),
            ("pkg:deb/debian/openssl@<1:0", "pkg:deb/debian/openssl@3.0.11-1", true),
            ("pkg:deb/debian/openssl?arch=amd64", "pkg:deb/debian/openssl@3?arch=amd64&distro=debian-12", true),
            ("pkg:deb/debian/openssl?arch=arm64", "pkg:deb/debian/openssl@3?arch=amd64", false),
            ("pkg:npm/%40scope/name@<=1.2.3", "pkg:npm/%40scope/name@1.2.3", true),
            ("pkg:pypi/a@<1.0", "pkg:pypi/a@1.0rc1", true),
        ]
    )
    func ranges(range: String, purl: String, isMeant: Bool) throws {
        #expect(try PackageRange(parsing: range).includes(Self.component(purl)) == isMeant)
    }

    @Test("a version that cannot be compared is neither in nor out")
    func incomparable() throws {
        let range = try PackageRange(parsing: "pkg:npm/a@<2.0.0")
        #expect(try range.includes(Self.component("pkg:npm/a@nonsense")) == nil)
        #expect(try PackageRange(parsing: "pkg:generic/a@<2").includes(Self.component("pkg:generic/a@1")) == nil)
        #expect(try PackageRange(parsing: "pkg:generic/a@1").includes(Self.component("pkg:generic/a@1")) == true)
    }

    @Test(
        "a cell of a table begins no formula",
        arguments: [
            ("=HYPERLINK(1)", "\"'=HYPERLINK(1)\""), ("+1", "\"'+1\""), ("-1", "\"'-1\""), ("@a", "\"'@a\""),
            ("\tx", "\"'\tx\""),
            ("\r=1", "\"'\r=1\""), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("a\nb", "\"a\nb\""), ("plain", "plain"),
            ("", ""),
            ("'x", "\"'x\""),
        ]
    )
    func cells(text: String, cell: String) {
        #expect(AffectedCSV.cell(text) == cell)
    }
}
