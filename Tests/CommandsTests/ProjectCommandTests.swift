// SPDX-License-Identifier: EUPL-1.2

import Foundation
import JSON
import TestKit
import Testing

@Suite("kontor project")
struct ProjectCommandTests {
    private static let environment = [
        "LC_ALL": "C", "LANG": "C", "KONTOR_CONFIG": "/dev/null", "HOME": "/nonexistent",
        "XDG_DATA_HOME": "/nonexistent",
        "KONTOR_LANG": "en",
    ]

    private static func kontor(_ arguments: [String]) async throws -> ToolResult {
        try await builtProduct("kontor").run(arguments, environment: environment)
    }

    private static func git(_ directory: TemporaryDirectory, _ arguments: [String]) async throws {
        let own = [
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "ada",
            "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_COMMITTER_NAME": "ada",
            "GIT_COMMITTER_EMAIL": "ada@example.org",
        ]
        try await tool("git").check(["-C", directory.path] + arguments, environment: own)
    }

    private static func repository() async throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory("project")
        try await git(directory, ["init", "--quiet", "--initial-branch=main"])
        return directory
    }

    @Test("init writes, check judges: text, JSON, Markdown, and exit code 1 below what is required")
    func initAndCheck() async throws {
        let directory = try await Self.repository()
        let patch = try await Self.kontor([
            "project", "init", directory.path, "--contact", "security@example.org", "--url",
            "https://gitlab.example.org/team/tool",
        ])
        #expect(patch.exitCode == 0, "\(patch.errorOutput)")
        #expect(patch.output.contains("+++ b/SECURITY.md"))
        #expect(!FileManager.default.fileExists(atPath: directory.file("SECURITY.md")))
        let written = try await Self.kontor([
            "project", "init", directory.path, "--write", "--contact", "security@example.org", "--url",
            "https://gitlab.example.org/team/tool",
        ])
        #expect(written.exitCode == 0, "\(written.errorOutput)")
        #expect(written.output.split(separator: "\n").contains("publiccode.yml"))
        #expect(FileManager.default.fileExists(atPath: directory.file(".well-known/security.txt")))
        // What is not committed does not count.
        let before = try await Self.kontor(["project", "check", directory.path, "--format", "json"])
        #expect(try Self.result(before.output, "SRC-SEC-01") == "fail")
        try await Self.git(directory, ["add", "--all"])
        try await Self.git(directory, ["commit", "--quiet", "-m", "Start"])
        let after = try await Self.kontor(["project", "check", directory.path, "--format", "json"])
        #expect(after.exitCode == 0)
        for id in [
            "SRC-SEC-01", "SRC-SEC-10", "SRC-MNT-06", "SRC-REU-01", "SRC-REU-02", "SRC-REU-03", "SRC-REU-04",
            "SRC-REU-05",
        ] {
            #expect(try Self.result(after.output, id) == "pass", "\(id)")
        }
        #expect(try Self.result(after.output, "SRC-SEC-02") == "unknown")
        let text = try await Self.kontor(["project", "check", directory.path, "--require", "bronze"])
        #expect(text.exitCode == 1)
        #expect(text.output.contains("Reuse: Bronze"))
        #expect(text.output.contains("no forge was asked"))
        let german = try await Self.kontor([
            "project", "check", directory.path, "--lang", "de", "--format", "markdown", "--catalogue", "opencode",
        ])
        #expect(german.exitCode == 0)
        #expect(german.output.contains("| OC-SEC-03 | Sicherheitsrichtlinie (Bronze) | erfüllt |"))
    }

    private static func result(_ output: String, _ id: String) throws -> String? {
        let fields = try JSONFields(JSONValue(parsing: Array(output.utf8)))
        return try fields.objects("criteria").first { try $0.string("id") == id }?.string("result")
    }

    @Test("a link where a folder should be made is not followed")
    func link() async throws {
        let directory = try await Self.repository()
        let elsewhere = try TemporaryDirectory("elsewhere")
        try FileManager.default.createSymbolicLink(
            atPath: directory.file(".well-known"),
            withDestinationPath: elsewhere.path
        )
        let written = try await Self.kontor([
            "project", "init", directory.path, "--write", "--contact", "security@example.org",
        ])
        #expect(written.exitCode == 2)
        #expect(written.errorOutput.contains("nothing is written there"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere.path).isEmpty)
    }

    @Test(
        "bad usage ends with 2 and says what would be right",
        arguments: [
            (["--catalogue", "x"], "projects-2026.1, opencode"), (["--format", "pdf"], "text, json, markdown"),
            (["--forge", "gitlab"], "--forge-token-file"), (["--forge-token-file", "x"], "--forge gitlab"),
            (["--forge", "svn", "--forge-token-file", "x"], "gitlab"), (["--require", "platinum"], "gold"),
            (["--as-of", "today"], "--as-of"),
        ]
    )
    func usage(_ arguments: [String], _ text: String) async throws {
        let result = try await Self.kontor(["project", "check", "/nonexistent"] + arguments)
        #expect(result.exitCode == 2)
        #expect(result.errorOutput.contains(text), "\(result.errorOutput)")
    }

    @Test(
        "a directory that is no repository, and an address that is not read from",
        arguments: [
            "/nonexistent", "/etc", "ext::sh -c id", "file:///etc", "ssh://git@example.org/x",
        ]
    )
    func noRepository(_ project: String) async throws {
        let result = try await Self.kontor(["project", "check", project])
        #expect(result.exitCode == 2)
        #expect(!result.errorOutput.isEmpty)
    }
}
