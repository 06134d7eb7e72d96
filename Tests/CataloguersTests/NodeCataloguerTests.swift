// SPDX-License-Identifier: EUPL-1.2

import Cataloguers
import SBOM
import Testing

@Suite("Node packages")
struct NodeCataloguerTests {
    private func catalogue(_ text: String, at path: String = "app/node_modules/a/package.json") -> Catalogue {
        Catalogue(NodeCataloguer.self, [(path, Array(text.utf8))])
    }

    @Test(
        "names, scopes and versions make purls",
        arguments: [
            ("lodash", "4.17.21", "pkg:npm/lodash@4.17.21"),
            ("@babel/core", "7.0.0-rc.1", "pkg:npm/%40babel/core@7.0.0-rc.1"),
            ("a", "1.0.0+build.5", "pkg:npm/a@1.0.0%2Bbuild.5"),
        ]
    )
    func names(name: String, version: String, purl: String) {
        let found = catalogue(#"{"name":"\#(name)","version":"\#(version)"}"#)
        #expect(found.names == ["\(name)@\(version)"] && found.purls == [purl])
        #expect(found.components.first?.ecosystem == "npm")
    }

    @Test(
        "roots of packages are read, folders inside them are not",
        arguments: [
            ("usr/lib/node_modules/npm/package.json", true),
            ("usr/lib/node_modules/npm/node_modules/@npmcli/arborist/package.json", true),
            ("app/node_modules/.pnpm/a@1.0.0/node_modules/a/package.json", true), ("app/package.json", true),
            ("usr/share/nodejs/semver/package.json", true), ("package.json", true),
            ("app/node_modules/a/test/fixture/package.json", false),
            ("app/node_modules/a/dist/esm/package.json", false),
            ("app/node_modules/@scope/package.json", false), ("app/node_modules/package.json", false),
            ("app/node_modules/@s/a/lib/package.json", false), ("app/package-lock.json", false),
        ]
    )
    func places(path: String, isRead: Bool) {
        #expect(catalogue(#"{"name":"a","version":"1.0.0"}"#, at: path).names == (isRead ? ["a@1.0.0"] : []))
    }

    @Test(
        "every form of a licence",
        arguments: [
            (#""license":"MIT""#, ["MIT"]), (#""license":{"type":"ISC","url":"x"}"#, ["ISC"]),
            (#""licenses":[{"type":"MIT"},{"type":"Apache-2.0"}]"#, ["MIT", "Apache-2.0"]),
            (#""license":["MIT","X11"]"#, ["MIT", "X11"]), (#""licenses":"BSD""#, ["BSD"]),
            (#""license":7"#, []), (#""x":1"#, []),
        ]
    )
    func licences(member: String, expected: [String]) {
        let found = catalogue(#"{"name":"a","version":"1.0.0",\#(member)}"#)
        #expect(found.components.first?.licenses == expected && found.problems == [])
    }

    @Test(
        "what has no name or no version is no package, and no fault",
        arguments: [#"{"name":"root","private":true}"#, #"{"type":"module"}"#, "{}", #"{"name":"","version":""}"#]
    )
    func unnamed(text: String) {
        let found = catalogue(text)
        #expect(found.components.isEmpty && found.problems.isEmpty)
    }

    @Test(
        "what cannot be read is a problem",
        arguments: [
            "", "{", "[]", "\0\0", #"{"name":1,"version":"1"}"#, #"{"name":"a","version":["1"]}"#,
            #"{"name":"a\u0000b","version":"1"}"#, #"{"name":"@s/","version":"1"}"#,
        ]
    )
    func damage(text: String) {
        let found = Catalogue(NodeCataloguer.self, [("node_modules/a/package.json", Array(text.utf8))], piece: 4096)
        #expect(found.components.isEmpty && found.problems.count == 1)
    }

    @Test("nesting without end is a problem", arguments: [#"{"a":"#, "["])
    func depth(opening: String) {
        let text = String(repeating: opening, count: 100_000)
        let found = Catalogue(NodeCataloguer.self, [("node_modules/a/package.json", Array(text.utf8))], piece: 4096)
        #expect(found.components.isEmpty && found.problems.count == 1)
    }

    @Test("of a member that stands there twice the last one counts, as for Node")
    func repeated() {
        #expect(catalogue(#"{"name":"a","version":"1","engines":{},"version":"2","engines":{}}"#).names == ["a@2"])
    }

    @Test("a byte order mark is passed over, bad UTF-8 is not")
    func encoding() {
        let text = Array(#"{"name":"a","version":"1"}"#.utf8)
        #expect(Catalogue(NodeCataloguer.self, [("package.json", [0xEF, 0xBB, 0xBF] + text)]).names == ["a@1"])
        #expect(Catalogue(NodeCataloguer.self, [("package.json", [0xFF] + text)]).problems.count == 1)
    }

    @Test("a file beyond the bound is a problem and is not collected")
    func size() {
        let scanner = NodeCataloguer.scanner(for: CandidateFile(path: "package.json", size: 1 << 40))
        #expect(scanner?.end().problems.count == 1)
    }
}
