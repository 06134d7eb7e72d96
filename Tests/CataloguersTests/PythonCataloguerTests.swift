// SPDX-License-Identifier: EUPL-1.2

import Cataloguers
import SBOM
import Testing

@Suite("Python distributions")
struct PythonCataloguerTests {
    private static let site = "usr/lib/python3.11/site-packages/"

    private func catalogue(_ text: String, at path: String = "ruamel.yaml-0.18.6.dist-info/METADATA") -> Catalogue {
        Catalogue(PythonCataloguer.self, [(Self.site + path, Array(text.utf8))])
    }

    @Test(
        "names are normalised, versions kept as written",
        arguments: [
            ("ruamel.yaml", "0.18.6", "pkg:pypi/ruamel-yaml@0.18.6"), ("Foo__Bar.-baz", "1", "pkg:pypi/foo-bar-baz@1"),
            ("torch", "2.1.0+cpu", "pkg:pypi/torch@2.1.0%2Bcpu"), ("Flask", "1!2.0", "pkg:pypi/flask@1%212.0"),
        ]
    )
    func names(name: String, version: String, purl: String) {
        let found = catalogue("Metadata-Version: 2.1\nName: \(name)\nVersion: \(version)\n\nName: other\n")
        let normalised = purl.dropFirst("pkg:pypi/".count).prefix { $0 != "@" }
        #expect(found.components.first?.name == String(normalised))
        #expect(found.components.first?.version == version)
        #expect(found.purls == [purl])
        #expect(found.components.first?.ecosystem == "pypi")
    }

    @Test(
        "only installed evidence is read",
        arguments: [
            ("a-1.dist-info/METADATA", true), ("a-1.egg-info/PKG-INFO", true), ("a-1-py3.11.egg-info", true),
            ("a-1-py3.11.egg/EGG-INFO/PKG-INFO", true), ("a-1/PKG-INFO", false), ("METADATA", false),
            ("a-1.dist-info/RECORD", false), ("requirements.txt", false), ("poetry.lock", false),
        ]
    )
    func places(path: String, isRead: Bool) {
        #expect(catalogue("Name: a\nVersion: 1\n", at: path).names == (isRead ? ["a@1"] : []))
    }

    @Test(
        "licences from the expression, else the field, else classifiers",
        arguments: [
            ("License-Expression: MIT OR Apache-2.0\nLicense: x\n", ["MIT OR Apache-2.0"]),
            ("License: BSD\nClassifier: License :: OSI Approved :: MIT License\n", ["BSD"]),
            (
                "License: UNKNOWN\nClassifier: Topic :: X\nClassifier: License :: OSI Approved :: MIT License\n",
                ["MIT License"]
            ),
            ("", []),
        ]
    )
    func licences(headers: String, expected: [String]) {
        let found = catalogue("Name: a\nVersion: 1\n\(headers)\nLicense: body\n")
        #expect(found.components.first?.licenses == expected)
    }

    @Test(
        "an installation out of version control is marked in the purl, without its password",
        arguments: [
            (
                #"{"url":"https://u:p@example.org/a/b.git","vcs_info":{"vcs":"git","commit_id":"abc1"}}"#,
                "pkg:pypi/a@1?vcs_url=git%2Bhttps:%2F%2Fexample.org%2Fa%2Fb.git%40abc1"
            ),
            (#"{"url":"https://example.org/a.zip","archive_info":{}}"#, "pkg:pypi/a@1"),
            (#"{"url":"file:///src/a","dir_info":{"editable":true}}"#, "pkg:pypi/a@1"),
        ]
    )
    func origins(json: String, purl: String) {
        let found = Catalogue(
            PythonCataloguer.self,
            [
                "x/a-1.dist-info/METADATA": "Name: a\nVersion: 1\n", "x/a-1.dist-info/direct_url.json": json,
                "x/b-1.dist-info/METADATA": "Name: b\nVersion: 1\n",
            ]
        )
        #expect(found.purls == [purl, "pkg:pypi/b@1"])
        #expect(found.problems == [])
    }

    @Test(
        "a broken direct_url.json is a problem, and the package stays",
        arguments: ["{", "[]", #"{"vcs_info":{"vcs":1}}"#]
    )
    func brokenOrigin(json: String) {
        let found = Catalogue(
            PythonCataloguer.self,
            ["x/a-1.dist-info/METADATA": "Name: a\nVersion: 1\n", "x/a-1.dist-info/direct_url.json": json]
        )
        #expect(found.purls == ["pkg:pypi/a@1"] && found.problems.count == 1)
    }

    @Test("one package in two directories is two components, each with its path")
    func twice() {
        let found = Catalogue(
            PythonCataloguer.self,
            ["x/a-1.dist-info/METADATA": "Name: a\nVersion: 1\n", "y/a-1.dist-info/METADATA": "Name: a\nVersion: 1\n"]
        )
        #expect(found.components.map(\.paths) == [["x/a-1.dist-info/METADATA"], ["y/a-1.dist-info/METADATA"]])
    }

    @Test("the interpreter's own egg-info is no package of the index")
    func interpreter() {
        let found = catalogue("Name: Python\nVersion: 2.7\n", at: "Python-2.7.egg-info")
        #expect(found.components.isEmpty && found.problems.isEmpty)
    }

    @Test(
        "headers without a readable name and version are a problem",
        arguments: [
            "", "\n\n", "Name: a\n", "Version: 1\n", "Name: a\0b\nVersion: 1\n", "Name:\nVersion: 1\n", "\0\0\0\0",
            "Name: a\n\nVersion: 1\n",
        ]
    )
    func damage(text: String) {
        let found = catalogue(text)
        #expect(found.components.isEmpty && found.problems.count == 1)
    }

    @Test("a name that is longer than any line may be is a problem")
    func longName() {
        let found = catalogue("Name: \(String(repeating: "a", count: 70_000))\nVersion: 1\n")
        #expect(found.components.isEmpty && found.problems.count == 1)
    }

    @Test("bad bytes in other headers do no harm; in a name they do")
    func encoding() {
        let other = Array("Author: ".utf8) + [0xE9, 0x0A] + Array("Name: a\nVersion: 1\n".utf8)
        #expect(Catalogue(PythonCataloguer.self, [("a.egg-info", other)]).names == ["a@1"])
        let name = Array("Name: ".utf8) + [0xE9, 0x0A] + Array("Version: 1\n".utf8)
        #expect(Catalogue(PythonCataloguer.self, [("a.egg-info", name)]).problems.count == 1)
    }
}
