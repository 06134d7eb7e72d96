// SPDX-License-Identifier: EUPL-1.2

import Advisories
import TestKit
import Testing

/// Our orders against those of the tools whose orders they are; each tool is started once and reads all versions.
@Suite("Version orders against outside tools")
struct VersionOracleTests {
    /// - Parameter refuses: whether the tool has a notion of what is no version; where it has none, what we refuse is left out.
    private func compare(_ scheme: VersionScheme, _ versions: [String], _ theirs: [String], refuses: Bool) {
        let ours = ourAnswers(scheme, versions)
        #expect(theirs.count == ours.count)
        var readable = 0
        var wrong: [String] = []
        for (index, (our, their)) in zip(ours, theirs).enumerated() {
            if our != "e", their != "e" { readable += 1 }
            if our == their || (our == "e" && !refuses) { continue }
            wrong.append("\(versions[index]) \(versions[index + 1]): \(our), not \(their)")
        }
        print("\(scheme): \(ours.count) pairs, \(readable) read by both, \(wrong.count) disagreements")
        #expect(readable >= 10_000)
        #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(8))")
    }

    private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
    private func bytes(_ versions: [String]) -> [UInt8] { Array(versions.joined(separator: "\n").utf8) }

    @Test("rpm")
    func rpm() async throws {
        let pieces = [".", "~", "^", "-", "_", "a", "rc", ".el", "+", "~rc", "^git"]
        let versions = VersionChain(beginnings: ["", "", "0:", "1:", "10:"], pieces: pieces).versions(24_000, seed: 1)
        // Debian's own Python, because rpm's module comes from Debian, not from PyPI; another Python may be first in PATH.
        let driver = """
            import os, sys
            if os.path.realpath(sys.executable) != os.path.realpath("/usr/bin/python3"):
                os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.orig_argv[1:]])
            import rpm
            def label(text):
                epoch, colon, rest = text.rpartition(":")
                version, hyphen, release = rest.rpartition("-")
                return (epoch or "0", version, release) if hyphen else (epoch or "0", rest, None)
            labels = [label(line) for line in sys.stdin.read().split("\\n")]
            for left, right in zip(labels, labels[1:]):
                print(rpm.labelCompare(left, right))
            """
        let output = try await tool("python3").check(["-c", driver], input: bytes(versions))
        compare(.rpm, versions, lines(output), refuses: false)
    }

    @Test("PEP 440")
    func pep440() async throws {
        let pieces = [".", "a", "rc", ".dev", ".post", "-", "+l", "b", "c", "-rev", "_preview", ".r", "+l.", "alpha"]
        let chain = VersionChain(beginnings: ["", "", "v", "0!", "1!"], pieces: pieces)
        let versions = chain.versions(60_000, seed: 2)
        let driver = """
            import sys
            from packaging.version import InvalidVersion, Version
            def read(text):
                try:
                    return Version(text)
                except InvalidVersion:
                    return None
            versions = [read(line) for line in sys.stdin.read().split("\\n")]
            for left, right in zip(versions, versions[1:]):
                print("e" if left is None or right is None else (left > right) - (left < right))
            """
        let python = try await pythonEnvironment(["packaging"]).python
        compare(
            .pep440,
            versions,
            lines(try await python.check(["-c", driver], input: bytes(versions))),
            refuses: true
        )
    }

    @Test("RubyGems")
    func rubygems() async throws {
        let versions = VersionChain(pieces: [".", ".a", ".rc", "b", ".pre", "-", ".A"]).versions(50_000, seed: 3)
        let driver = """
            versions = STDIN.read.split("\\n").map { |text| Gem::Version.new(text) rescue nil }
            versions.each_cons(2) { |left, right| puts(left && right ? left <=> right : "e") }
            """
        let output = try await tool("ruby").check(["-e", driver], input: bytes(versions))
        compare(.rubygems, versions, lines(output), refuses: true)
    }

    /// Of apk there is no Debian package; univers follows Gentoo, from which apk has its order.
    ///
    /// Left out is what the two are known to see differently: `-r0` and `_rc0` against nothing, zeros at the end of a number that begins
    /// with one, a suffix without a number before another (src/version.c: `_p_p1` is later than `_p1`), and the suffixes that only apk has.
    /// The table of VersionSchemeTests has those.
    @Test("apk")
    func apk() async throws {
        let chain = VersionChain(
            pieces: ["_alpha", "_beta", "_pre", "_rc", "_p", "a", "z", "-r", "."],
            digits: ["1", "2", "9", "10", "21", "20240101", "0.1", "0.9", "3.01"]
        )
        let versions = chain.versions(80_000, seed: 6).filter { $0.firstMatch(of: /_[a-z]+_/) == nil }
        let driver = """
            import sys
            from univers import gentoo
            from univers.versions import AlpineLinuxVersion
            versions = sys.stdin.read().split("\\n")
            for left, right in zip(versions, versions[1:]):
                valid = AlpineLinuxVersion.is_valid(left) and AlpineLinuxVersion.is_valid(right)
                print(gentoo.vercmp(left, right) if valid else "e")
            """
        let python = try await pythonEnvironment(["univers"]).python
        let output = try await python.check(["-c", driver], input: bytes(versions))
        compare(.apk, versions, lines(output), refuses: false)
    }

    /// The class that defines the order compares its arguments, each with the one before; it refuses nothing.
    @Test("Maven")
    func maven() async throws {
        let pieces = [
            ".", "-", "alpha", "a", "b", "-rc", "-SNAPSHOT", ".Final", "-sp", "-foo", "cr", "m", "-1", ".x", "-ga",
            "-beta-",
        ]
        let versions = VersionChain(pieces: pieces).versions(12_000, seed: 5)
        let jars = ["maven3-artifact", "commons-lang3"].map { "/usr/share/java/\($0).jar" }.joined(separator: ":")
        let main = "org.apache.maven.artifact.versioning.ComparableVersion"
        let output = try await tool("java").check(["-cp", jars, main] + versions)
        // Relations stand on lines of their own: "   1.0 < 1.1".
        let relations = lines(output).filter { $0.hasPrefix("   ") }
        let answers = relations.map { line -> String in
            let words = line.split(separator: " ")
            return words.count == 3 ? ["<": "-1", "==": "0", ">": "1"][words[1]] ?? line : line
        }
        compare(.maven, versions, answers, refuses: false)
    }

    /// Go's versions are semantic ones with a `v`, of which the minor and patch numbers may be missing ("Go Modules Reference").
    @Test(
        "Semantic Versioning, and Go's modules by their documented mapping to it",
        arguments: [VersionScheme.semver, .go]
    )
    func semver(_ scheme: VersionScheme) async throws {
        let chain = VersionChain(
            beginnings: scheme == .go ? ["v", ""] : [""],
            numbers: 3...3,
            pieces: ["-rc.", "-", "-a", "+b", "-alpha", "-0."]
        )
        let versions = chain.versions(150_000, seed: 4)
        let driver = """
            import sys
            from semver import Version
            go = sys.argv[1] == "go"
            def read(text):
                if go:
                    text = text.removeprefix("v")
                    if not text.strip("0123456789."):
                        text += ".0" * (2 - text.count("."))
                try:
                    return Version.parse(text)
                except ValueError:
                    return None
            versions = [read(line) for line in sys.stdin.read().split("\\n")]
            for left, right in zip(versions, versions[1:]):
                print("e" if left is None or right is None else left.compare(right))
            """
        let python = try await pythonEnvironment(["semver"]).python
        let output = try await python.check(["-c", driver, scheme.rawValue], input: bytes(versions))
        compare(scheme, versions, lines(output), refuses: true)
    }
}
