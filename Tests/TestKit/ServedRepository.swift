// SPDX-License-Identifier: EUPL-1.2

/// A repository that a test builds, and a server that gives it out as files.
package struct ServedRepository: Sendable {
    /// What it lies in.
    package let directory: TemporaryDirectory
    /// Who gives it out.
    package let server: FileServer
    /// Its address.
    package var url: String { server.url + "/tool.git" }

    /// Builds one with a commit of the first of November 2026.
    package init(_ files: [String: String] = ["README.md": "# Tool\n"]) async throws {
        directory = try TemporaryDirectory("served")
        try await tool("git").check(["init", "--quiet", "--initial-branch=main", directory.file("work")])
        try await tool("git").check(["init", "--quiet", "--bare", "--initial-branch=main", directory.file("tool.git")])
        server = try await FileServer(directory.path)
        try await commit(files, at: "2026-11-01")
    }

    /// Runs git in the working tree.
    @discardableResult
    package func git(_ arguments: [String], at date: String = "2026-11-01") async throws -> String {
        let environment = [
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "ada",
            "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_COMMITTER_NAME": "ada",
            "GIT_COMMITTER_EMAIL": "ada@example.org", "GIT_AUTHOR_DATE": date + "T12:00:00Z",
            "GIT_COMMITTER_DATE": date + "T12:00:00Z",
        ]
        return try await tool("git").check(["-C", directory.file("work")] + arguments, environment: environment)
    }

    /// Commits files and pushes everything to where it is served from.
    package func commit(_ files: [String: String], at date: String) async throws {
        for (name, text) in files { try directory.write(Array(text.utf8), to: "work/" + name) }
        try await git(["add", "--all"])
        try await git(["commit", "--quiet", "--allow-empty", "-m", "Change"], at: date)
        try await publish()
    }

    /// Pushes every branch to where it is served from.
    package func publish() async throws {
        try await git([
            "push", "--quiet", "--force", "--prune", directory.file("tool.git"), "refs/heads/*:refs/heads/*",
        ])
        try await tool("git").check(["-C", directory.file("tool.git"), "update-server-info"])
    }
}
