// SPDX-License-Identifier: EUPL-1.2

import JSON
import Policies
import Testing

private let example = """
    # What every namespace of the city has.
    immutableTags:
      - tags: ["v*", "[0-9]*.[0-9]*"]
        except: ["*-rc*"]
      - repository: "team/app"
        tags: ["*"]
    retention:
      - repository: team/*
        keep:
          - newest: 10
            tags: ["v*"]
          - pushedWithinDays: 30
          - pulledWithinDays: 90
          - matching: [latest, stable]
        removeUntaggedAfterDays: 14
      - removeUntaggedAfterDays: 7
        allowEmpty: true
    quotaBytes: 10737418240
    openUploads: 16

    """

@Suite struct PolicyFormsTests {
    private func policy(_ yaml: String) throws -> ContentPolicy { try ContentPolicy(yaml: Array(yaml.utf8)) }

    @Test("the form for people is read")
    func reading() throws {
        let policy = try policy(example)
        #expect(
            policy
                == ContentPolicy(
                    immutableTags: [
                        ImmutableTagRule(tags: [tagGlob("v*"), tagGlob("[0-9]*.[0-9]*")], except: [tagGlob("*-rc*")]),
                        ImmutableTagRule(repository: repositoryGlob("team/app"), tags: [tagGlob("*")]),
                    ],
                    retention: [
                        RetentionRule(
                            repository: repositoryGlob("team/*"),
                            keep: [
                                KeepRule(.newest(10), tags: [tagGlob("v*")]), KeepRule(.pushedWithin(days: 30)),
                                KeepRule(.pulledWithin(days: 90)),
                                KeepRule(.matching, tags: [tagGlob("latest"), tagGlob("stable")]),
                            ],
                            removeUntaggedAfterDays: 14
                        ),
                        RetentionRule(removeUntaggedAfterDays: 7, allowEmpty: true),
                    ],
                    quotaBytes: 10_737_418_240,
                    openUploads: 16
                )
        )
    }

    @Test("no rules are written as no rules, in both forms")
    func empty() throws {
        #expect(try policy("{}") == ContentPolicy())
        #expect(try policy("quotaBytes: null\n") == ContentPolicy())
        #expect(ContentPolicy().yaml == "immutableTags: []\nretention: []\npull: []\npush: []\n")
        #expect(
            ContentPolicy().json.text()
                == #"{"immutableTags":[],"openUploads":null,"pull":[],"push":[],"quotaBytes":null,"retention":[],"trust":null}"#
        )
    }

    @Test("every policy survives both forms, and is written with the same bytes each time")
    func roundTrip() throws {
        var generator = PolicyGenerator(numbers: SeededNumbers(11))
        for _ in 0..<500 {
            let policy = generator.policy()
            let yaml = policy.yaml
            let read = try ContentPolicy(yaml: Array(yaml.utf8))
            #expect(read == policy, "\(yaml)")
            #expect(read.yaml == yaml)
            let json = policy.json.text()
            #expect(try ContentPolicy(parsingJSON: json) == policy)
            #expect(try ContentPolicy(parsingJSON: json).json.text() == json)
            #expect(try ContentPolicy(yaml: Array(json.utf8)) == policy, "JSON is YAML")
        }
    }

    struct Refusal: CustomTestStringConvertible {
        let yaml: String
        let line: Int?
        let path: String
        let expected: String
        let found: String
        var testDescription: String { yaml }

        init(_ yaml: String, _ line: Int?, _ path: String, _ expected: String, _ found: String) {
            self.yaml = yaml
            self.line = line
            self.path = path
            self.expected = expected
            self.found = found
        }
    }

    @Test(
        "what is not a policy is refused, with line, path, what is expected and what is there",
        arguments: [
            Refusal("", nil, "", "a policy", "nothing"),
            Refusal("- a\n", 1, "", "an object", "a list"),
            Refusal("quotaBytes: 1\n---\nquotaBytes: 1\n", 2, "", "YAML", "another document"),
            Refusal("quotaBytes: 1\nqouta: 2\n", 2, "qouta", "one of the keys immutableTags", "unknown"),
            Refusal("quotaBytes: 1\nquotaBytes: 2\n", nil, "", "each key once", "quotaBytes twice"),
            Refusal("quotaBytes: 1\n\"quotaBytes\": 2\n", nil, "", "each key once", "quotaBytes twice"),
            Refusal("quotaBytes: \"1\"\n", 1, "quotaBytes", "whole number from 0", "the text \"1\""),
            Refusal("quotaBytes: 1.0\n", 1, "quotaBytes", "whole number", "the number 1.0"),
            Refusal("quotaBytes: 1e3\n", 1, "quotaBytes", "whole number", "number"),
            Refusal("quotaBytes: 1_000\n", 1, "quotaBytes", "as in JSON", "1_000"),
            Refusal("quotaBytes: 010\n", 1, "quotaBytes", "as in JSON", "010"),
            Refusal("quotaBytes: 10 GiB\n", 1, "quotaBytes", "whole number", "10 GiB"),
            Refusal("quotaBytes: -1\n", 1, "quotaBytes", "from 0 to 9007199254740992", "-1"),
            Refusal("quotaBytes: 9007199254740993\n", 1, "quotaBytes", "to 9007199254740992", "9007199254740993"),
            Refusal("quotaBytes:\n", 1, "quotaBytes", "a value", "nothing"),
            Refusal("quotaBytes: !!int 5\n", 1, "quotaBytes", "without a YAML tag", "tag"),
            Refusal("quotaBytes: !x 'a'\n", 1, "quotaBytes", "without a YAML tag", "tag"),
            Refusal("retention: !!set []\n", 1, "retention", "without a YAML tag", "tag"),
            Refusal("openUploads: 0\n", 1, "openUploads", "from 1 to", "0"),
            Refusal("openUploads: true\n", 1, "openUploads", "whole number", "true"),
            Refusal("immutableTags:\n  tags: [a]\n", 1, "immutableTags", "a list", "an object"),
            Refusal("immutableTags: [v]\n", 1, "immutableTags[0]", "an object", "the text \"v\""),
            Refusal("immutableTags:\n  - except: [a]\n", 2, "immutableTags[0].tags", "at least one", "nothing"),
            Refusal("immutableTags:\n  - tags: []\n", 2, "immutableTags[0].tags", "at least one", "empty"),
            Refusal(
                "immutableTags:\n  - tags:\n      - v\n      - v\n",
                4,
                "immutableTags[0].tags[1]",
                "once",
                "v again"
            ),
            Refusal("immutableTags:\n  - tags: [a, 1]\n", 2, "immutableTags[0].tags[1]", "in quotes", "1"),
            Refusal("immutableTags:\n  - tags: [1.0]\n", 2, "immutableTags[0].tags[0]", "in quotes", "number"),
            Refusal("immutableTags:\n  - tags: [*]\n", 2, "", "", ""),
            Refusal("immutableTags:\n  - tags:\n    - *-rc\n", 3, "", "in quotes", "* without"),
            Refusal(
                "immutableTags:\n  - tags: [\"v(1)\"]\n",
                2,
                "immutableTags[0].tags[0]",
                "a pattern",
                "character 1 of the pattern"
            ),
            Refusal(
                "immutableTags:\n  - tags: [a]\n    repository: A\n",
                3,
                "immutableTags[0].repository",
                "pattern",
                "A"
            ),
            Refusal("retention:\n  - keep: []\n", 2, "retention[0].keep", "at least one entry", "empty"),
            Refusal("retention:\n  - allowEmpty: true\n", 2, "retention[0]", "\"keep\" or", "neither"),
            Refusal(
                "retention:\n  - keep:\n    - newest: 1\n    - newest: 0\n",
                4,
                "retention[0].keep[1].newest",
                "from 1 to 10000",
                "0"
            ),
            Refusal("{\"retention\":[{\"keep\":[{}]}]}", nil, "retention[0].keep[0]", "exactly one of: newest", "none"),
            Refusal(
                "retention:\n  - keep:\n    - newest: 1\n      matching: [a]\n",
                3,
                "retention[0].keep[0]",
                "exactly one of",
                "newest and matching"
            ),
            Refusal(
                "retention:\n  - keep:\n    - matching: [a]\n      tags: [b]\n",
                4,
                "retention[0].keep[0].tags",
                "no \"tags\"",
                "both"
            ),
            Refusal(
                "retention:\n  - removeUntaggedAfterDays: 0\n",
                2,
                "retention[0].removeUntaggedAfterDays",
                "from 1",
                "0"
            ),
            Refusal(
                "retention:\n  - removeUntaggedAfterDays: 1\n    allowEmpty: yes\n",
                3,
                "retention[0].allowEmpty",
                "true or false",
                "yes"
            ),
            Refusal("a: &a [x]\nb: *a\n", 1, "", "no anchors", "&"),
            Refusal("? [a]\n: b\n", 1, "", "question mark", "?"),
            Refusal("a: 1\n[a]: b\n", nil, "", "keys that are words", "another"),
            Refusal("# x\nretention:\n  - {keep: [x]}\n", 3, "", "instead of braces", "{"),
            Refusal("retention: [ [a]]\n", 1, "", "no lists in lists", "["),
            Refusal("retention: [a, [a]]\n", 1, "", "no lists in lists", "["),
            Refusal("immutableTags:\n  - tags: [?]\n", 2, "", "in quotes", "?"),
            Refusal("<<: 1\n", 1, "<<", "one of the keys", "unknown"),
        ]
    )
    func refused(_ refusal: Refusal) throws {
        let error = try #require(throws: PolicyReadError.self) { try policy(refusal.yaml) }
        #expect(error.path == refusal.path)
        if let line = refusal.line { #expect(error.line == line) }
        #expect(error.expected.contains(refusal.expected), "\(error)")
        #expect(error.found.contains(refusal.found), "\(error)")
        #expect(error.description.hasPrefix("policy"))
    }

    @Test(
        "JSON is read as strictly",
        arguments: [
            "", "[]", "{\"quotaBytes\":1,\"quotaBytes\":1}", "{\"quotaBytes\":1.5}", "{\"x\":null}",
            "{\"retention\":[{\"keep\":[{\"newest\":1,\"x\":1}]}]}", "{\"immutableTags\":[{\"tags\":\"v*\"}]}", "{} {}",
        ]
    )
    func refusedJSON(_ text: String) {
        #expect(throws: PolicyReadError.self) { try ContentPolicy(parsingJSON: text) }
    }

    @Test("hostile YAML ends in an error: depth, width, size, keys that are lists, bytes that are no text")
    func hostile() {
        let wide = Array(repeating: "a", count: 40_000).joined(separator: ",")
        let texts = [
            String(repeating: "[", count: 100_000), String(repeating: "- ", count: 60_000) + "a",
            String(repeating: "{a: ", count: 30_000), String(repeating: "? ", count: 900) + "a",
            "immutableTags: " + String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
            "# {\n{" + String(repeating: "? [", count: 400) + wide + String(repeating: "]", count: 400) + "}",
            "- [" + String(repeating: "? [", count: 400) + wide + String(repeating: "]", count: 400) + "]",
            "- " + String(repeating: "[a: ", count: 400) + wide + String(repeating: "]", count: 400),
            (0..<200).map { "[" + String(repeating: "x: [", count: 80) + String(repeating: "]", count: 81) + ": \($0)" }
                .joined(separator: "\n"),
            "retention: [" + String(repeating: "a, ", count: 101) + "]", String(repeating: "#", count: 300_000),
            (0..<15_000).map { "\($0): 1\n" }.joined(), "a: &a [x]\nb: [*a, *a]\n",
        ]
        for text in texts {
            #expect(throws: PolicyReadError.self) { try ContentPolicy(yaml: Array(text.utf8)) }
        }
        // What would take minutes does not reach the library.
        for text in texts[5...6] {
            let error = #expect(throws: PolicyReadError.self) { try ContentPolicy(yaml: Array(text.utf8)) }
            #expect(error?.expected.contains("question mark") == true || error?.expected.contains("braces") == true)
        }
        #expect(throws: PolicyReadError.self) { try ContentPolicy(yaml: [0xFF, 0xFE, 0x00]) }
        #expect(throws: PolicyReadError.self) { try ContentPolicy(yaml: [0x61, 0x3A, 0x20, 0x00]) }
    }

    @Test("whatever is changed in a policy, it is read or refused, and what is read is stable")
    func mutations() {
        var numbers = SeededNumbers(12)
        var accepted = 0
        for _ in 0..<3_000 {
            var bytes = Array(example.utf8)
            for _ in 0..<numbers.number(1...4) {
                let index = numbers.number(0...bytes.count - 1)
                switch numbers.number(0...3) {
                case 0: bytes.remove(at: index)
                case 1: bytes.insert(numbers.pick(Array("\n -:[]{}\"'*!?#|>%,0a\\\t\u{0}".utf8)), at: index)
                case 2: bytes[index] = UInt8(numbers.number(0...255))
                default: bytes.removeSubrange(index..<min(bytes.count, index + numbers.number(1...30)))
                }
            }
            guard let policy = try? ContentPolicy(yaml: bytes) else { continue }
            accepted += 1
            #expect(throws: Never.self) {
                let again = try ContentPolicy(yaml: Array(policy.yaml.utf8))
                #expect(again == policy)
                #expect(try ContentPolicy(parsingJSON: policy.json.text()) == policy)
            }
        }
        #expect(accepted > 60, "some changes leave a policy: \(accepted)")
    }

    @Test("a key of a stranger does not move a terminal's cursor")
    func escapes() throws {
        let error = try #require(throws: PolicyReadError.self) {
            try ContentPolicy(parsingJSON: "{\"\\u001b[2J\\u202e\":1}")
        }
        #expect(!error.description.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
    }
}
