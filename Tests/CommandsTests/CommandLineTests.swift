// SPDX-License-Identifier: EUPL-1.2

import Commands
import Criteria
import Foundation
import JSON
import TestKit
import Testing

/// The contract that scripts rely on, through the real program.
@Suite("Command line")
struct CommandLineTests {
    /// Runs `kontor` in an environment of its own.
    private static func kontor(_ arguments: [String], _ environment: [String: String] = [:]) async throws -> ToolResult
    {
        var own = [
            "LC_ALL": "C", "LANG": "C", "KONTOR_CONFIG": "/dev/null", "HOME": "/nonexistent",
            "XDG_DATA_HOME": "/nonexistent",
        ]
        own.merge(environment) { $1 }
        // `env`, because an installed program can be named for the test and has no package to be listed.
        let program = ProcessInfo.processInfo.environment["KONTOR_TEST_PROGRAM"]
        guard let program else { return try await builtProduct("kontor").run(arguments, environment: own) }
        let quoted = ([program] + arguments).map { "'" + $0.replacingOccurrences(of: "'", with: "'\\''") + "'" }.joined(
            separator: " "
        )
        return try await tool("bash").run(["-c", quoted], environment: own)
    }

    private static func layout(in directory: TemporaryDirectory, _ change: (inout ImageBuilder) -> Void = { _ in })
        throws -> String
    {
        var builder = ImageBuilder()
        builder.layer { tar in
            tar.file(
                "etc/os-release",
                text: "ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nPRETTY_NAME=\"Debian 12\"\n"
            )
            tar.file(
                "var/lib/dpkg/status",
                text: """
                    Package: base-files
                    Status: install ok installed
                    Architecture: amd64
                    Maintainer: Nobody <nobody@debian.test>
                    Version: 12.4+deb12u5
                    Description: files

                    """
            )
        }
        change(&builder)
        try builder.built().writeOCILayout(to: directory.file("image"), tag: "v1")
        return "oci:" + directory.file("image")
    }

    struct Usage: CustomTestStringConvertible, Sendable {
        var arguments: [String]
        var code: Int32
        var says: String
        var environment: [String: String] = [:]
        var testDescription: String { arguments.joined(separator: " ") }
    }

    @Test(
        "bad usage is exit code 2 with its reason on standard error and nothing on standard output",
        arguments: [
            Usage(arguments: ["check"], code: 2, says: "Missing expected argument"),
            Usage(arguments: ["check", "--bogus", "x"], code: 2, says: "--bogus"),
            Usage(arguments: ["frobnicate"], code: 2, says: "frobnicate"),
            Usage(arguments: ["check", "app"], code: 2, says: "names no registry"),
            Usage(
                arguments: ["check", "oci:/nonexistent/layout"],
                code: 2,
                says: "/nonexistent/layout: no such file or directory"
            ),
            Usage(arguments: ["check", "dir:/nonexistent"], code: 2, says: "/nonexistent: no such file or directory"),
            Usage(
                arguments: ["check", "oci-archive:/nonexistent.tar"],
                code: 2,
                says: "/nonexistent.tar: no such file"
            ),
            Usage(arguments: ["check", "oci:x", "--format", "xml"], code: 2, says: "choose one of text, json"),
            Usage(
                arguments: ["check", "oci:x", "--require", "platinum"],
                code: 2,
                says: "choose one of none, bronze, silver, gold"
            ),
            Usage(
                arguments: ["check", "oci:x", "--stage", "later"],
                code: 2,
                says: "choose one of build, published, operated"
            ),
            Usage(arguments: ["check", "oci:x", "--as-of", "22.11.2026"], code: 2, says: "write YYYY-MM-DD"),
            Usage(arguments: ["check", "oci:x", "--age-limit", "soon"], code: 2, says: "age limit \"soon\""),
            Usage(arguments: ["check", "oci:x", "--lang", "fr"], code: 2, says: "choose one of de, en"),
            Usage(arguments: ["check", "oci:x", "--platform", "linux"], code: 2, says: "--platform"),
            Usage(arguments: ["check", "127.0.0.1:1/a", "--username", "me"], code: 2, says: "belong together"),
            Usage(arguments: ["check", "127.0.0.1:1/a"], code: 2, says: "cannot be reached"),
            Usage(arguments: ["sbom", "oci:x"], code: 2, says: "x: no such file or directory"),
            Usage(
                arguments: ["feeds", "status"],
                code: 2,
                says: "KONTOR_LANG: there is no \"xx\"",
                environment: ["KONTOR_LANG": "xx"]
            ),
            Usage(arguments: ["feeds", "import"], code: 2, says: "Missing expected argument"),
            Usage(arguments: ["feeds", "import", "x", "--as-of", "never"], code: 2, says: "write YYYY-MM-DD"),
            Usage(arguments: ["serve", "--listen", "8080"], code: 2, says: "write HOST:PORT"),
            Usage(arguments: ["serve", "--listen", "h:99999"], code: 2, says: "write HOST:PORT"),
            Usage(arguments: ["serve", "--public-url", "ftp://x"], code: 2, says: "--public-url"),
            Usage(arguments: ["analyse"], code: 2, says: "started by Kontor itself"),
            Usage(
                arguments: ["check", "oci:x", "--stage", "nie"],
                code: 2,
                says: "Fehler: --stage: \"nie\" gibt es nicht",
                environment: ["KONTOR_LANG": "de"]
            ),
            Usage(
                arguments: ["check", "oci:x"],
                code: 2,
                says: "settings file",
                environment: ["KONTOR_CONFIG": "/nonexistent.yaml"]
            ),
            Usage(
                arguments: ["feeds", "status"],
                code: 2,
                says: "no data directory",
                environment: ["HOME": "", "XDG_DATA_HOME": ""]
            ),
        ]
    )
    func badUsage(_ usage: Usage) async throws {
        let result = try await Self.kontor(usage.arguments, usage.environment)
        #expect(result.exitCode == usage.code)
        #expect(result.output.isEmpty)
        #expect(result.errorOutput.contains(usage.says), "\(result.errorOutput)")
    }

    @Test(
        "help and version are results: standard output, exit code 0",
        arguments: [["--help"], ["check", "--help"], ["version"], ["--version"]]
    )
    func help(arguments: [String]) async throws {
        let result = try await Self.kontor(arguments)
        #expect(result.exitCode == 0)
        #expect(!result.output.isEmpty)
        #expect(result.errorOutput.isEmpty)
        #expect(!result.output.contains("analyse"), "the child's verb is hidden")
    }

    @Test("help speaks the language of its reader")
    func languages() async throws {
        #expect(
            try await Self.kontor(["check", "--help"], ["LC_ALL": "de_DE.UTF-8"]).output.contains("Bewertet ein Image")
        )
        #expect(
            try await Self.kontor(["check", "--help", "--lang", "en"], ["LC_ALL": "de_DE.UTF-8"]).output.contains(
                "Judges an image"
            )
        )
    }

    @Test("a verdict without advisories: level none, the reasons, exit code 0, and 1 under --require")
    func checkText() async throws {
        let directory = try TemporaryDirectory()
        let image = try Self.layout(in: directory)
        let data = directory.file("data")
        let result = try await Self.kontor(["check", image, "--data", data])
        #expect(result.exitCode == 0, "\(result.errorOutput)")
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.first?.hasPrefix("No level (build stage)") == true)
        #expect(lines.first?.contains("to bronze") == true)
        #expect(result.output.contains("IMG-SEC-10"))
        #expect(result.output.contains("unknown: no advisories"))
        #expect(!result.output.unicodeScalars.contains("\u{1b}"), "no colour without a terminal")
        #expect(result.errorOutput.contains("there are no advisories in \(data)/feeds"))
        #expect(!result.errorOutput.contains("\r"), "no progress without a terminal")
        #expect(try await Self.kontor(["check", image, "--data", data, "--require", "none"]).exitCode == 0)
        let required = try await Self.kontor(["check", image, "--data", data, "--require", "bronze"])
        #expect(required.exitCode == 1)
        // But for the minute of evaluation, which may pass between the two.
        func timeless(_ text: String) -> [Substring] {
            text.split(separator: "\n").filter { !$0.hasPrefix("evaluated on") }
        }
        #expect(timeless(required.output) == timeless(result.output))
        let german = try await Self.kontor(["check", image, "--data", data, "--lang", "de"])
        #expect(german.output.hasPrefix("Keine Stufe (Bauphase)"))
        #expect(german.output.contains("Keine Freigabe"))
    }

    @Test("the verdict as JSON is one object on standard output, the same for the same day")
    func checkJSON() async throws {
        let directory = try TemporaryDirectory()
        let image = try Self.layout(in: directory)
        let arguments = [
            "check", image + ":v1", "--data", directory.file("data"), "--format", "json", "--as-of", "2026-11-22",
        ]
        let first = try await Self.kontor(arguments)
        let second = try await Self.kontor(arguments)
        #expect(first.exitCode == 0, "\(first.errorOutput)")
        #expect(first.output == second.output)
        let verdict = try JSONValue(parsing: first.output)
        #expect(verdict["schemaVersion"] == 1)
        #expect(verdict["level"] == "none")
        #expect(verdict["image"]?["digest"]?.stringValue?.hasPrefix("sha256:") == true)
        #expect(verdict["components"]?.arrayValue?.contains { $0["name"] == "base-files" } == true)
        #expect(verdict["criteria"]?.arrayValue?.count == 50)
    }

    @Test("names inside an image cannot write to the terminal")
    func escapeSequences() async throws {
        let directory = try TemporaryDirectory()
        let image = try Self.layout(in: directory) { builder in
            builder.user = "root\u{1b}[2J"
            builder.labels = ["org.opencontainers.image.licenses": "\u{1b}]0;forged\u{7}MIT"]
            builder.layer { $0.file("usr/bin/\u{1b}[31mred", text: "x", mode: 0o4755) }
        }
        let result = try await Self.kontor(["check", image, "--data", directory.file("data"), "--all"])
        #expect(result.exitCode == 0)
        #expect(!result.output.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    }

    @Test("an SBOM goes to standard output or, whole, to a file")
    func sbom() async throws {
        let directory = try TemporaryDirectory()
        let image = try Self.layout(in: directory)
        let printed = try await Self.kontor(["sbom", image])
        #expect(printed.exitCode == 0, "\(printed.errorOutput)")
        let document = try JSONValue(parsing: printed.output)
        #expect(document["bomFormat"] == "CycloneDX")
        #expect(document["specVersion"] == "1.6")
        #expect(document["components"]?.arrayValue?.contains { $0["name"] == "base-files" } == true)
        let file = directory.file("sbom.json")
        let written = try await Self.kontor(["sbom", image, "--output", file])
        #expect(written.exitCode == 0)
        #expect(written.output.isEmpty)
        #expect(
            try JSONValue(parsing: Array(Data(contentsOf: URL(fileURLWithPath: file))))["components"]
                == document["components"]
        )
        // What is no regular file is written into: a rename would take the name, of a device even, away from everybody else.
        let link = directory.file("link.json")
        let target = try directory.write([], to: "target.json")
        #expect(symlink(target, link) == 0)
        #expect(try await Self.kontor(["sbom", image, "--output", link]).exitCode == 0)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == target)
        #expect(try Data(contentsOf: URL(fileURLWithPath: target)).count > 1000)
        let failed = try await Self.kontor(["sbom", image, "--output", "/nonexistent/sbom.json"])
        #expect(failed.exitCode == 2)
        #expect(failed.errorOutput.contains("/nonexistent/sbom.json"))
    }

    @Test("feeds: what is whole goes in, what is broken is named, and the exit code says so")
    func feeds() async throws {
        let directory = try TemporaryDirectory()
        let data = directory.file("data")
        let kev = """
            {"title":"CISA Catalog of Known Exploited Vulnerabilities","catalogVersion":"2026.11.20","dateReleased":"2026-11-20T10:00:00.0000Z",\
            "count":1,"vulnerabilities":[{"cveID":"CVE-2026-0001","vendorProject":"v","product":"p","vulnerabilityName":"n",\
            "dateAdded":"2026-11-19","shortDescription":"s","requiredAction":"a","dueDate":"2026-12-01",\
            "knownRansomwareCampaignUse":"Unknown","notes":"","cwes":[]}]}
            """
        try directory.write(Array(kev.utf8), to: "feeds/kev.json")
        try directory.write(Array("just a note".utf8), to: "feeds/README")
        let empty = try await Self.kontor(["feeds", "status", "--data", data])
        #expect(empty.exitCode == 0)
        #expect(empty.output.contains("there are no advisories"))
        let whole = try await Self.kontor(["feeds", "import", directory.file("feeds"), "--data", data])
        #expect(whole.exitCode == 0, "\(whole.output)\(whole.errorOutput)")
        #expect(whole.output.contains("imported: cisa-kev"))
        #expect(whole.output.contains("skipped: "))
        try directory.write(Array(kev.utf8.dropLast(40)), to: "broken/kev.json")
        let broken = try await Self.kontor(["feeds", "import", directory.file("broken"), "--data", data])
        #expect(broken.exitCode == 1)
        #expect(broken.output.contains("refused: "))
        let status = try await Self.kontor(["feeds", "status", "--data", data, "--format", "json"])
        let answer = try JSONValue(parsing: status.output)
        #expect(answer["feeds"]?[0]?["name"] == "cisa-kev")
        let missing = try await Self.kontor(["feeds", "import", directory.file("nowhere"), "--data", data])
        #expect(missing.exitCode == 1)
        #expect((missing.output + missing.errorOutput).contains("nowhere"))
    }
}
