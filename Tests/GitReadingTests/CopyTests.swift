// SPDX-License-Identifier: EUPL-1.2

import Foundation
import GitReading
import TestKit
import Testing

@Suite("Copying a repository from an address")
struct CopyTests {
    private static func git(_ path: String, _ arguments: [String]) async throws {
        let own = [
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "ada",
            "GIT_AUTHOR_EMAIL": "Ada@Example.org", "GIT_COMMITTER_NAME": "ada",
            "GIT_COMMITTER_EMAIL": "ada@example.org",
        ]
        try await tool("git").check(["-C", path] + arguments, environment: own)
    }

    /// A bare repository `tool.git` with two commits and a tag, ready to be served as files.
    private static func served() async throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory("served")
        let work = directory.file("work")
        try await tool("git").check(["init", "--quiet", "--initial-branch=main", work])
        try directory.write(Array("one\n".utf8), to: "work/a.txt")
        try await git(work, ["add", "a.txt"])
        try await git(work, ["commit", "--quiet", "-m", "First"])
        try directory.write(Array("two\n".utf8), to: "work/a.txt")
        try await git(work, ["commit", "--quiet", "-am", "Second"])
        try await git(work, ["tag", "-a", "v1.0.0", "-m", "x"])
        try await git(work, ["clone", "--quiet", "--bare", ".", directory.file("tool.git")])
        try await git(directory.file("tool.git"), ["update-server-info"])
        return directory
    }

    @Test("commits, tags, files and earlier files come, and nothing is left behind")
    func copy() async throws {
        let directory = try await Self.served()
        let server = try await FileServer(directory.path)
        let own = try TemporaryDirectory("own")
        let url = server.url + "/tool.git"
        do {
            let copied = try await Task.detached {
                try GitRepository.copy(of: url, temporaryDirectory: own.path, plainHTTP: true)
            }.value
            #expect(copied.branch == "main")
            #expect(copied.origin == url)
            let commits = try copied.commits(since: 0)
            #expect(commits.map(\.subject) == ["Second", "First"])
            #expect(commits.first?.authorAddress == "ada@example.org")
            #expect(try copied.tags().map(\.name) == ["v1.0.0"])
            let tree = try copied.tree()
            #expect(tree.map(\.path) == ["a.txt"])
            var texts: [String] = []
            let every = try copied.everyFile()
            try copied.read(every.map(\.id)) { _, bytes in
                texts.append(String(decoding: bytes, as: UTF8.self))
                return true
            }
            #expect(texts.sorted() == ["one\n", "two\n"])
        }
        await server.stop()
        #expect(try FileManager.default.contentsOfDirectory(atPath: own.path).isEmpty)
    }

    @Test("a redirect is not followed")
    func redirect() async throws {
        let directory = try await Self.served()
        let server = try await FileServer(directory.path)
        let front = try await FileServer("/nonexistent", redirect: server.url)
        let own = try TemporaryDirectory("own")
        await #expect(throws: GitError.self) {
            try await Task.detached {
                try GitRepository.copy(of: front.url + "/tool.git", temporaryDirectory: own.path, plainHTTP: true)
            }.value
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: own.path).isEmpty)
        await front.stop()
        await server.stop()
    }

    @Test("a copy that takes longer than its limit ends, and is removed")
    func slow() async throws {
        let directory = try await Self.served()
        let server = try await FileServer(directory.path)
        let own = try TemporaryDirectory("own")
        var limits = GitLimits.standard
        limits.seconds = 0
        let bounded = limits
        await #expect(throws: GitError.self) {
            try await Task.detached {
                try GitRepository.copy(
                    of: server.url + "/tool.git",
                    temporaryDirectory: own.path,
                    plainHTTP: true,
                    limits: bounded
                )
            }.value
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: own.path).isEmpty)
        await server.stop()
    }
}
