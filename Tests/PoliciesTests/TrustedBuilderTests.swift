// SPDX-License-Identifier: EUPL-1.2

import Attestations
import Crypto
import JSON
import Policies
import Testing

@Suite("The builder trust table") struct TrustedBuilderTests {
    private static func rules(_ builders: String, keys: [String] = ["platform"]) throws -> TrustRules {
        let entries = try keys.map { name -> JSONValue in
            let key = P256.Signing.PrivateKey().publicKey
            let pem = try PublicKey(.ecdsaP256SHA256, point: Array(key.x963Representation)).pem
            return ["name": .string(name), "key": .string(pem), "signs": ["https://slsa.dev/provenance/v1"]]
        }
        let publisher: JSONValue = ["name": "Plattform", "keys": .array(entries)]
        let policy: JSONValue = [
            "trust": ["publishers": [publisher], "builders": try JSONValue(parsing: builders)]
        ]
        return try #require(try ContentPolicy(json: policy).trust)
    }

    private static let full = """
        [{"id":"https://build.example/isolated/v1","keys":["platform"],"level":3,"operatedBy":"Plattform & Co. {x}",
        "buildType":"https://build.example/type/v1","parameters":[{"name":"ref","value":"refs/tags/*"}]},
        {"id":"https://build.example/hosted/v1","keys":["platform"],"level":2}]
        """

    @Test("both forms give the same again")
    func forms() throws {
        let rules = try Self.rules(Self.full)
        let first = try #require(rules.builders.first)
        #expect(first.level == 3 && first.operatedBy == "Plattform & Co. {x}" && first.parameters.count == 1)
        #expect(rules.builders.count == 2 && rules.builders[1].buildType == nil)
        let policy = ContentPolicy(trust: rules)
        #expect(try ContentPolicy(json: policy.json) == policy)
        #expect(try ContentPolicy(yaml: Array(policy.yaml.utf8)) == policy, "\(policy.yaml)")
    }

    @Test(
        "what is no row of the table is refused, with its place",
        arguments: [
            (#"[{"keys":["platform"],"level":2}]"#, "builders[0].id"),
            (#"[{"id":"a","level":2}]"#, "builders[0].keys"),
            (#"[{"id":"a","keys":[],"level":2}]"#, "builders[0].keys"),
            (#"[{"id":"a","keys":["other"],"level":2}]"#, "builders[0].keys[0]"),
            (#"[{"id":"a","keys":["platform"]}]"#, "builders[0].level"),
            (#"[{"id":"a","keys":["platform"],"level":0}]"#, "builders[0].level"),
            (#"[{"id":"a","keys":["platform"],"level":4}]"#, "builders[0].level"),
            (#"[{"id":"a","keys":["platform"],"level":"2"}]"#, "builders[0].level"),
            (#"[{"id":"","keys":["platform"],"level":2}]"#, "builders[0].id"),
            (#"[{"id":"a\nb","keys":["platform"],"level":2}]"#, "builders[0].id"),
            (#"[{"id":"a","keys":["platform"],"level":2,"more":1}]"#, "builders[0].more"),
            (#"[{"id":"a","keys":["platform"],"level":2},{"id":"a","keys":["platform"],"level":3}]"#, "builders[1].id"),
            (
                #"[{"id":"a","keys":["platform"],"level":2,"parameters":[{"name":"ref","value":"x"}]}]"#,
                "builders[0].buildType"
            ),
            (
                #"[{"id":"a","keys":["platform"],"level":2,"buildType":"t","parameters":[{"name":"r","value":"x"},{"name":"r","value":"y"}]}]"#,
                "builders[0].parameters[1].name"
            ),
        ]
    )
    func refused(_ builders: String, _ path: String) throws {
        do {
            _ = try Self.rules(builders)
            Issue.record("\(builders) was accepted")
        } catch let error as PolicyReadError { #expect(error.path == "trust." + path, "\(error)") }
    }

    @Test("a name that two keys have means neither")
    func ambiguous() throws {
        #expect(throws: PolicyReadError.self) {
            try Self.rules(#"[{"id":"a","keys":["twice"],"level":2}]"#, keys: ["twice", "twice"])
        }
    }

    @Test("a builder is believed together with its key alone, and of two rows the higher counts")
    func lookUp() throws {
        let rows = #"[{"id":"a","keys":["one"],"level":2},{"id":"a","keys":["two"],"level":3}]"#
        let rules = try Self.rules(rows, keys: ["one", "two", "three"])
        let prints = rules.keys.map(\.key.material.fingerprint)
        #expect(prints.map { rules.builder("a", signedBy: $0)?.level } == [2, 3, nil])
        #expect(rules.builder("b", signedBy: prints[0]) == nil)
        #expect(rules.builder("a", signedBy: "sha256:0") == nil)
    }

    @Test(
        "a star stands for any characters, and nothing else does",
        arguments: [
            ("refs/tags/*", "refs/tags/1.0", true), ("refs/tags/*", "refs/heads/main", false), ("*", "", true),
            ("a*b", "ab", true), ("a*b", "aab", true), ("a*b", "a", false), ("ab*ba", "aba", false), ("a", "a", true),
            ("a", "ab", false), ("", "", true), ("", "a", false), ("a*b*c", "a-b-b-c", true), ("a*b*c", "a-c-b", false),
            ("*main*", "refs/heads/main", true), ("a.c", "abc", false), ("**", "anything", true),
        ]
    )
    func values(_ pattern: String, _ text: String, _ matches: Bool) {
        #expect(ExpectedParameter(name: "x", value: pattern).matches(text) == matches)
    }

    @Test("a pattern of many stars against a long text ends at once")
    func hostile() {
        let pattern = String(repeating: "*a", count: 500) + "*b"
        #expect(!ExpectedParameter(name: "x", value: pattern).matches(String(repeating: "a", count: 100_000)))
    }
}
