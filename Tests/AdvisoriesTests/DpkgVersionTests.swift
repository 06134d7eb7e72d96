// SPDX-License-Identifier: EUPL-1.2

import Advisories
import JSON
import TestKit
import Testing

@Suite("dpkg version")
struct DpkgVersionTests {
    /// In ascending order, those on one line equal.
    static let ascending: [[String]] = [
        ["0~~", "0:0~~-0"],
        ["0~"],
        ["0", "00", "0-0", "0:0", "+0:0"],
        ["0a"],
        ["0+"],
        ["1.0~rc1"],
        ["1.0~rc2"],
        ["1.0", "1.00", "01.0", "0:1.0-0", " 1.0 "],
        ["1.0-1~bpo12+1"],
        ["1.0-1", "1.0-01"],
        ["1.0-1+b1"],
        ["1.0-1+deb12u1"],
        ["1.0-1+deb12u2"],
        ["1.0-1+deb12u10"],
        ["1.0-1.1"],
        ["1.0-2"],
        ["1.0a"],
        ["1.0b"],
        ["1.0+dfsg"],
        ["1.0.1"],
        ["1.1"],
        ["1.9"],
        ["1.10"],
        ["99999999999999999999999999999999999999"],
        ["100000000000000000000000000000000000000"],
        ["1:0"],
        ["1:0:0", "1:0:0-0"],
        ["2147483647:0"],
    ]

    @Test("is ordered as deb-version(7) says")
    func order() throws {
        for (index, group) in Self.ascending.enumerated() {
            for text in group {
                let version = try DpkgVersion(parsing: text)
                for (other, others) in Self.ascending.enumerated() {
                    for otherText in others {
                        let otherVersion = try DpkgVersion(parsing: otherText)
                        #expect((version < otherVersion) == (index < other), "\(text) < \(otherText)")
                        #expect((version == otherVersion) == (index == other), "\(text) == \(otherText)")
                    }
                }
            }
        }
    }

    @Test(
        "has parts",
        arguments: [
            ("1:2.3-4-5", 1, "2.3-4", "5"), ("2.3", 0, "2.3", ""), ("0:1:2-3", 0, "1:2", "3"),
            ("\t1.0-1 ", 0, "1.0", "1"),
        ] as [(String, Int32, String, String)]
    )
    func parts(_ text: String, _ epoch: Int32, _ upstream: String, _ revision: String) throws {
        let version = try DpkgVersion(parsing: text)
        #expect(version.epoch == epoch)
        #expect(version.upstream == upstream)
        #expect(version.revision == revision)
        #expect(try DpkgVersion(parsing: version.description) == version)
    }

    static let invalid: [(String, VersionError)] = [
        ("", .empty), (" \t", .empty), ("1 2", .embeddedSpace), (":1", .epochEmpty), ("a:1", .epochEmpty),
        ("1a:1", .epochNotNumber),
        ("-1:1", .epochNegative), ("2147483648:1", .epochTooBig), ("99999999999999999999999:1", .epochTooBig),
        ("1:", .nothingAfterEpoch), ("1-", .revisionEmpty), ("-1", .upstreamEmpty), ("1:-1", .upstreamEmpty),
        ("v1", .upstreamStartsWithoutDigit), ("1_0", .invalidCharacterInUpstream(0x5F)),
        ("1\n", .invalidCharacterInUpstream(0x0A)),
        ("1ä", .invalidCharacterInUpstream(0xC3)), ("1\u{0}", .invalidCharacterInUpstream(0)),
        ("1-1_", .invalidCharacterInRevision(0x5F)), ("1-1:1", .epochNotNumber),
        ("0:1-1:1", .invalidCharacterInRevision(0x3A)),
    ]

    @Test("is refused for dpkg's reasons", arguments: invalid)
    func refused(_ text: String, _ error: VersionError) {
        #expect(throws: error) { try DpkgVersion(parsing: text) }
        #expect(!error.description.isEmpty)
    }

    @Test("accepts and orders as the real dpkg does, on thousands of generated pairs")
    func sameAsDpkg() async throws {
        var generator = VersionGenerator()
        var pairs = (0..<9000).map { _ in generator.pair() }
        pairs += Self.invalid.map { ($0.0.split(separator: "\u{0}").joined(), "1") }
        let flat = Self.ascending.joined().map { String($0) }
        pairs += zip(flat, flat.dropFirst()).map { ($0, $1) }

        let versions = Set(pairs.flatMap { [$0.0, $0.1] })
        let refused = versions.filter { (try? DpkgVersion(parsing: $0)) == nil }
        let odd = versions.filter { generator.isOdd($0) }
        let asked = Array(refused.prefix(1500)) + Array(odd.subtracting(refused).prefix(1500))
        let verdicts = try await DpkgOracle.isValid(asked)
        #expect(verdicts.count == asked.count)
        for (version, isValid) in zip(asked, verdicts) {
            #expect(!refused.contains(version) == isValid, "validity of \(version.debugDescription)")
        }

        let comparable = pairs.filter { !refused.contains($0.0) && !refused.contains($0.1) }.prefix(6000)
        #expect(comparable.count > 5000)
        try await compare(Array(comparable))
        print("generated versions: \(asked.count) validated, \(comparable.count) pairs compared")
    }

    @Test("orders every version of the Debian feed as the real dpkg does")
    func feedVersions() async throws {
        guard let text = try await Feeds.debianTracker() else { return }
        var found = Set<String>()
        try text.withUnsafeBytes { bytes in
            try JSONStream.forEachMember(in: bytes) { _, issues in
                for issue in (issues.objectValue ?? [:]).values {
                    for release in (issue["releases"]?.objectValue ?? [:]).values {
                        if let fixed = release["fixed_version"]?.stringValue { found.insert(fixed) }
                        for version in (release["repositories"]?.objectValue ?? [:]).values {
                            if let version = version.stringValue { found.insert(version) }
                        }
                    }
                }
            }
        }
        var versions: [String: DpkgVersion] = [:]
        for text in found { versions[text] = try DpkgVersion(parsing: text) }
        let sorted = versions.sorted { left, right in left.value < right.value }.map { $0.key }
        let pairs: [(String, String)] = Array(zip(sorted, sorted.dropFirst()))
        try await compare(pairs)
        print("feed versions compared: \(sorted.count)")
        #expect(sorted.count > 1000)
    }

    /// Our order of each pair must be the one that dpkg confirms, and the mirror image of the order of the swapped pair.
    private func compare(_ pairs: [(String, String)]) async throws {
        var claims: [(left: String, relation: String, right: String)] = []
        for (left, right) in pairs {
            let first = try DpkgVersion(parsing: left)
            let second = try DpkgVersion(parsing: right)
            #expect((first < second) == (second > first))
            #expect(!(first < second && second < first))
            #expect((first == second) == (!(first < second) && !(second < first)))
            claims.append((left, first < second ? "lt" : first == second ? "eq" : "gt", right))
        }
        let answers = try await DpkgOracle.holds(claims)
        #expect(answers.count == claims.count)
        for (claim, holds) in zip(claims, answers) {
            #expect(holds, "\(claim.left.debugDescription) \(claim.relation) \(claim.right.debugDescription)")
        }
    }
}

/// Versions near one another, where order is decided by details, with hostile ones among them.
struct VersionGenerator {
    private var random = SystemRandomNumberGenerator()

    mutating func pair() -> (String, String) {
        let first = version()
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<6: return (first, mutated(first))
        case 6:
            return (
                first, first + (["~", "+", "a", "0", ".", "-0", "-", " ", "~~"].randomElement(using: &random) ?? "~")
            )
        default: return (first, version())
        }
    }

    /// Something that dpkg might well see differently.
    func isOdd(_ text: String) -> Bool {
        text.utf8.contains { !(0x30...0x39).contains($0) && $0 != 0x2E && $0 != 0x2D && $0 != 0x7E }
            || text.utf8.first.map { !(0x30...0x39).contains($0) } ?? true
    }

    private mutating func version() -> String {
        var text = ""
        if Int.random(in: 0..<5, using: &random) == 0 {
            text +=
                ([
                    "0:", "1:", "2:", "00:", "+1:", "-0:", "2147483647:", "2147483648:", "x:", ":", "1x:",
                    "9999999999999999999999:",
                ]
                .randomElement(using: &random) ?? "")
        }
        text += run(digitsFirst: true, pieces: 1...6)
        if Int.random(in: 0..<3, using: &random) > 0 { text += "-" + run(digitsFirst: false, pieces: 1...4) }
        return text
    }

    private mutating func run(digitsFirst: Bool, pieces: ClosedRange<Int>) -> String {
        var text = digitsFirst && Int.random(in: 0..<20, using: &random) > 0 ? number() : ""
        for _ in 0..<Int.random(in: pieces, using: &random) {
            switch Int.random(in: 0..<12, using: &random) {
            case 0..<5: text += number()
            case 5..<8: text += "."
            case 8: text += "~"
            case 9:
                text += ["+", "+deb12u", "+b", "~bpo", "~rc", "+dfsg", "really"].randomElement(using: &random) ?? "+"
            case 10: text += ["a", "b", "Z", "z", "git", "A"].randomElement(using: &random) ?? "a"
            default:
                text += Int.random(in: 0..<4, using: &random) == 0 ? odd() : "-"
            }
        }
        return text
    }

    private mutating func number() -> String {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: "0"
        case 1: "00" + String(Int.random(in: 0..<20, using: &random))
        case 2: String(repeating: "9", count: Int.random(in: 1...40, using: &random))
        case 3: "1" + String(repeating: "0", count: Int.random(in: 1...40, using: &random))
        default: String(Int.random(in: 0..<13, using: &random))
        }
    }

    private mutating func odd() -> String {
        [
            ":", " ", "\t", "\n", "\r", "\u{0B}", "_", "ä", "/", "^", "%", "\"", "'", "=", "*", "\u{7F}", "€", "\\",
            "@", "[", "`", "{",
        ]
        .randomElement(using: &random) ?? ":"
    }

    /// One character changed, added or gone.
    private mutating func mutated(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        let alphabet = Array("0123456789.+~-aZ:".unicodeScalars)
        guard let scalar = alphabet.randomElement(using: &random), !scalars.isEmpty else { return "0" }
        let index = scalars.indices.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<3, using: &random) {
        case 0: scalars[index] = scalar
        case 1: scalars.insert(scalar, at: index)
        default: scalars.remove(at: index)
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
