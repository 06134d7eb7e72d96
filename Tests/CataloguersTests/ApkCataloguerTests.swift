// SPDX-License-Identifier: EUPL-1.2

import Cataloguers
import SBOM
import Testing

@Suite("Alpine packages")
struct ApkCataloguerTests {
    private let alpine = Distribution(id: "alpine", versionID: "3.19.1")
    private let database = """
        C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=
        P:musl
        V:1.2.4_git20230717-r4
        A:x86_64
        T:the musl c library (libc) implementation
        U:https://musl.libc.org/
        L:MIT
        o:musl
        m:Some One <someone@example.org>
        p:so:libc.musl-x86_64.so.1=1
        F:lib
        R:ld-musl-x86_64.so.1
        a:0:0:755
        Z:Q1EDUJ+B0kHRLeEC4lEyK9lYy0nvQ=
        R:libc.musl-x86_64.so.1

        C:Q1
        P:busybox-binsh
        V:1.36.1-r15
        A:x86_64
        o:busybox
        L:GPL-2.0-only
        D:busybox=1.36.1-r15 !dash-binsh
        p:/bin/sh cmd:sh=1.36.1-r15
        F:bin
        R:sh

        P:busybox
        V:1.36.1-r15
        A:x86_64
        L:GPL-2.0-only
        D:so:libc.musl-x86_64.so.1 so:nowhere.so.9
        F:
        R:root-file

        P:libstdc++
        V:13.2.1_git20231014-r0
        A:x86_64
        o:gcc
        L:GPL-2.0-or-later LGPL-2.1-or-later
        D:cmd:sh>=1.0 so:libc.musl-x86_64.so.1

        """

    @Test("fields, source names and purls", arguments: ["lib/apk/db/installed", "usr/lib/apk/db/installed"])
    func fields(path: String) throws {
        let found = Catalogue(ApkCataloguer.self, [path: database], distribution: alpine)
        #expect(found.problems == [])
        #expect(
            found.purls == [
                "pkg:apk/alpine/busybox-binsh@1.36.1-r15?arch=x86_64&distro=alpine-3.19.1&upstream=busybox",
                "pkg:apk/alpine/busybox@1.36.1-r15?arch=x86_64&distro=alpine-3.19.1",
                "pkg:apk/alpine/libstdc%2B%2B@13.2.1_git20231014-r0?arch=x86_64&distro=alpine-3.19.1&upstream=gcc",
                "pkg:apk/alpine/musl@1.2.4_git20230717-r4?arch=x86_64&distro=alpine-3.19.1",
            ]
        )
        let musl = try #require(found.components.first { $0.name == "musl" })
        #expect(musl.ecosystem == "apk" && musl.architecture == "x86_64" && musl.licenses == ["MIT"])
        #expect(musl.supplier == "Some One <someone@example.org>" && musl.paths == [path] && musl.layer == 0)
        let shell = try #require(found.components.first { $0.name == "busybox-binsh" })
        #expect(shell.sourceName == "busybox" && shell.sourceVersion == "1.36.1-r15")
        let busybox = try #require(found.components.first { $0.name == "busybox" })
        #expect(busybox.sourceName == "busybox", "without an origin the package is its own")
    }

    @Test("dependencies by name, library and command lead to what provides them; conflicts do not")
    func dependencies() {
        let found = Catalogue(ApkCataloguer.self, ["lib/apk/db/installed": database], distribution: alpine)
        let edges = Dictionary(
            uniqueKeysWithValues: found.components.map { component in
                (
                    component.name,
                    component.dependsOn.compactMap { $0.split(separator: "/").last?.split(separator: "@").first }
                )
            }
        )
        #expect(edges["musl"] == [])
        #expect(edges["busybox"] == ["musl"])
        #expect(edges["busybox-binsh"] == ["busybox"])
        #expect(edges["libstdc++"] == ["busybox-binsh", "musl"])
    }

    @Test("owned files have paths from the root")
    func ownership() {
        let found = Catalogue(ApkCataloguer.self, ["lib/apk/db/installed": database], distribution: alpine)
        let paths = found.owned.map { "\(found.components[$0.component].name) \($0.path)" }
        #expect(
            paths == [
                "musl lib/ld-musl-x86_64.so.1", "musl lib/libc.musl-x86_64.so.1", "busybox-binsh bin/sh",
                "busybox root-file",
            ]
        )
    }

    @Test("the first of two entries with one name counts")
    func duplicates() {
        let text = "P:a\nV:1-r0\n\nP:a\nV:2-r0\n"
        #expect(Catalogue(ApkCataloguer.self, ["lib/apk/db/installed": text]).names == ["a@1-r0"])
    }

    @Test(
        "what is damaged is a problem, and the rest is read",
        arguments: [
            "P:bad\n\nP:good\nV:1-r0\n", "V:1\n\nP:good\nV:1-r0\n", "P:b\0d\nV:1\n\nP:good\nV:1-r0\n",
            "garbage\n\nP:good\nV:1-r0\n", "P:good\nV:1-r0\nx\n", "P:good\r\nV:1-r0\r\n\r\nP:\r\nV:\r\n",
        ]
    )
    func damage(text: String) {
        let found = Catalogue(ApkCataloguer.self, ["lib/apk/db/installed": text])
        #expect(found.names == ["good@1-r0"])
        #expect(!found.problems.isEmpty)
    }

    @Test("names that are not UTF-8 are refused, not repaired")
    func encoding() {
        let bytes = Array("P:a".utf8) + [0xFF] + Array("\nV:1\n".utf8)
        let found = Catalogue(ApkCataloguer.self, [("lib/apk/db/installed", bytes)])
        #expect(found.components.isEmpty && found.problems.count == 1)
    }

    @Test("a line of 100 MB costs no more than the bound")
    func longLine() {
        let scanner = ApkCataloguer.scanner(for: CandidateFile(path: "lib/apk/db/installed", size: 0))
        let chunk = [UInt8](repeating: 0x61, count: 1 << 20)
        let head = Array("P:long\nV:1-r0\nD:".utf8)
        head.withUnsafeBytes { scanner?.data($0, at: 0) }
        for index in [0, 1, 99] {
            chunk.withUnsafeBytes { scanner?.data($0, at: Int64(head.count) + Int64(index) << 20) }
        }
        let found = scanner?.end()
        #expect(found?.components.map(\.name) == ["long"])
        #expect(found?.problems.count == 1)
        #expect((found?.marks.joined().utf8.count ?? .max) < 1 << 20)
    }

    @Test("files of one directory with a long name are kept only up to a bound")
    func amplification() {
        let text =
            "P:a\nV:1\nF:" + String(repeating: "d", count: 400_000) + "\n" + String(repeating: "R:x\n", count: 2_000)
            + "\nP:b\nV:2\n"
        let found = Catalogue(ApkCataloguer.self, [("lib/apk/db/installed", Array(text.utf8))], piece: 65_536)
        #expect(found.names == ["a@1", "b@2"])
        #expect(found.problems == ["it lists more files than are kept"])
        #expect(found.owned.count < 400)
    }

    @Test("databases elsewhere are not the image's")
    func elsewhere() {
        #expect(Catalogue(ApkCataloguer.self, ["srv/root/lib/apk/db/installed": database]).read == [])
    }
}
