// SPDX-License-Identifier: EUPL-1.2

import Foundation
import TestKit

/// A repository that a test builds with git, file by file and commit by commit.
struct BuiltRepository {
    let directory: TemporaryDirectory
    var path: String { directory.path }

    /// An empty repository with the branch `main`.
    init() async throws {
        directory = try TemporaryDirectory("project")
        try await git(["init", "--quiet", "--initial-branch=main"])
    }

    @discardableResult
    func git(
        _ arguments: [String],
        author: String = "ada",
        at date: String? = nil,
        environment further: [String: String] = [:]
    )
        async throws -> String
    {
        var environment = [
            "HOME": path + "/.home", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": "\(author)@example.org", "GIT_COMMITTER_NAME": author,
            "GIT_COMMITTER_EMAIL": "\(author)@example.org",
        ]
        if let date {
            environment["GIT_AUTHOR_DATE"] = date + "T12:00:00Z"
            environment["GIT_COMMITTER_DATE"] = date + "T12:00:00Z"
        }
        environment.merge(further) { _, new in new }
        return try await tool("git").check(["-C", path] + arguments, environment: environment)
    }

    /// Writes files into the working tree.
    func write(_ files: [String: String]) throws {
        for (name, text) in files { try write(name, Array(text.utf8)) }
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        let target = path + "/" + name
        let folder = target.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: target))
    }

    /// Commits everything that is there.
    func commit(_ subject: String, author: String = "ada", at date: String) async throws {
        try await git(["add", "--all"])
        try await git(["commit", "--quiet", "--allow-empty", "-m", subject], author: author, at: date)
    }

    /// Several empty commits, one a day from a date on.
    func commits(_ count: Int, author: String = "ada", month: String) async throws {
        for day in 1...max(1, count) where count > 0 {
            try await commit("Change \(day)", author: author, at: "\(month)-\(day < 10 ? "0" : "")\(day)")
        }
    }
}
