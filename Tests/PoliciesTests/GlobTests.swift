// SPDX-License-Identifier: EUPL-1.2

import JSON
import Policies
import TestKit
import Testing

@Suite struct GlobTests {
    struct Case: CustomTestStringConvertible {
        let pattern: String
        let matching: [String]
        let other: [String]
        var testDescription: String { pattern }
    }

    @Test(
        "a pattern of tags names the whole tag",
        arguments: [
            Case(pattern: "*", matching: ["latest", "v1", ""], other: []),
            Case(pattern: "v*", matching: ["v", "v1.2"], other: ["rv1", "V1", ""]),
            Case(pattern: "[0-9]*.[0-9]*", matching: ["1.2", "10.20-rc1"], other: ["v1.2", "1.x", "12"]),
            Case(pattern: "?", matching: ["a", "-"], other: ["", "ab"]),
            Case(pattern: "[!v]*", matching: ["latest"], other: ["v1", ""]),
            Case(pattern: "[a-]", matching: ["a", "-"], other: ["b"]),
            Case(pattern: "[-a]", matching: ["a", "-"], other: ["b"]),
            Case(pattern: "[!-a]", matching: ["b"], other: ["a", "-"]),
            Case(pattern: "[a-c-]", matching: ["b", "-"], other: ["d"]),
            Case(pattern: "**-rc?", matching: ["v1-rc1", "-rc1"], other: ["v1-rc", "v1-rc10"]),
            Case(pattern: "*a*b", matching: ["ab", "xaxbxb"], other: ["ba", "abx"]),
            Case(pattern: "latest", matching: ["latest"], other: ["latest1", "lates"]),
        ]
    )
    func tags(_ example: Case) throws {
        let glob = try Glob(parsing: example.pattern, for: .tag)
        for text in example.matching { #expect(glob.matches(text), "\(text)") }
        for text in example.other { #expect(!glob.matches(text), "\(text)") }
        #expect(glob.description == example.pattern)
    }

    @Test("a star of a repository pattern also takes slashes, and no name that is not ASCII is named")
    func repositories() throws {
        #expect(repositoryGlob("team/*").matches("team/a/b"))
        #expect(!repositoryGlob("team/*").matches("team"))
        #expect(repositoryGlob("*/app").matches("a/b/app"))
        #expect(!repositoryGlob("*").matches("té"))
        #expect(!repositoryGlob("?").matches("é"))
    }

    @Test(
        "a pattern that no name can match, or that readers disagree about, is refused",
        arguments: [
            ("", GlobError.empty), ("v1.{0,1}", .invalidCharacter(offset: 3)), ("a/b", .invalidCharacter(offset: 1)),
            ("^v", .invalidCharacter(offset: 0)), ("v ", .invalidCharacter(offset: 1)),
            ("v\\*", .invalidCharacter(offset: 1)), ("ü*", .invalidCharacter(offset: 0)),
            ("v\u{0}", .invalidCharacter(offset: 1)), ("[", .unclosedSet(offset: 0)), ("v[a", .unclosedSet(offset: 1)),
            ("[]", .emptySet(offset: 0)), ("[!]", .emptySet(offset: 0)), ("[]a]", .emptySet(offset: 0)),
            ("[^a]", .invalidCharacter(offset: 1)), ("[a!]", .invalidCharacter(offset: 2)),
            ("[z-a]", .invalidRange(offset: 1)), ("[a-c-e]", .invalidRange(offset: 4)),
            ("[--a]", .invalidRange(offset: 1)), ("[a--]", .invalidRange(offset: 1)),
            ("[a-[]", .invalidCharacter(offset: 3)),
        ]
    )
    func refused(_ pattern: String, _ expected: GlobError) {
        #expect(throws: expected) { try Glob(parsing: pattern, for: .tag) }
    }

    @Test("upper case is refused where names have none, and a pattern that is too long")
    func refusedForRepositories() {
        #expect(throws: GlobError.invalidCharacter(offset: 0)) { try Glob(parsing: "Team/*", for: .repository) }
        #expect(throws: GlobError.invalidCharacter(offset: 1)) { try Glob(parsing: "[A-Z]", for: .repository) }
        let long = String(repeating: "a", count: 257)
        #expect(throws: GlobError.tooLong(257)) { try Glob(parsing: long, for: .tag) }
    }

    @Test("what is accepted means what Python's fnmatch takes it for")
    func fnmatch() async throws {
        var numbers = SeededNumbers(7)
        var cases: [(glob: Glob, text: String)] = []
        while cases.count < 20_000 {
            let kind: Glob.Kind = numbers.chance(70) ? .tag : .repository
            let alphabet = numbers.chance(50) ? "ab-" : kind == .tag ? "abcAZ019._-" : "abz09._-/"
            let pattern: String
            if numbers.chance(50) {
                // Anything; what readers disagree about is refused and skipped.
                pattern = numbers.text(alphabet + "**??[]!-", 1...14)
            } else {
                pattern = (0..<numbers.number(1...8)).map { _ in
                    switch numbers.number(0...5) {
                    case 0, 1: "*"
                    case 2: "?"
                    case 3: "[" + (numbers.chance(40) ? "!" : "") + numbers.text(alphabet, 1...4) + "]"
                    default: numbers.text(alphabet, 1...2)
                    }
                }.joined()
            }
            guard let glob = try? Glob(parsing: pattern, for: kind) else { continue }
            for _ in 0..<3 { cases.append((glob, numbers.text(alphabet, 0...12))) }
            // One that fits more often: the pattern with its signs filled in.
            let filled = pattern.map { sign in
                sign == "*" ? numbers.text(alphabet, 0...3) : sign == "?" ? numbers.text(alphabet, 1...1) : String(sign)
            }
            cases.append((glob, filled.joined()))
        }
        let pairs = JSONValue.array(cases.map { [.string($0.glob.text), .string($0.text)] })
        let script = """
            import fnmatch, json, sys
            print(json.dumps([fnmatch.fnmatchcase(text, pattern) for pattern, text in json.load(sys.stdin)]))
            """
        let output = try await tool("python3").check(["-I", "-W", "ignore", "-c", script], input: pairs.bytes())
        let expected = try #require(try JSONValue(parsing: output).arrayValue).compactMap(\.boolValue)
        try #require(expected.count == cases.count)
        var matched = 0
        for (index, (glob, text)) in cases.enumerated() {
            let matches = glob.matches(text)
            if matches { matched += 1 }
            if matches != expected[index] {
                Issue.record("\(glob) and \"\(text)\": \(matches), Python says \(expected[index])")
            }
        }
        #expect(matched > cases.count / 10 && matched < cases.count * 9 / 10, "both answers occur: \(matched)")
    }

    @Test("a hostile pattern takes bounded time: stars that must all be tried")
    func hostile() {
        let pattern = String(repeating: "*a", count: 120) + "*b"
        let glob = repositoryGlob(pattern)
        for _ in 0..<1_000 { #expect(!glob.matches(String(repeating: "a", count: 255))) }
    }
}
