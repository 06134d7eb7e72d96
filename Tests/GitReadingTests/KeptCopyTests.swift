// SPDX-License-Identifier: EUPL-1.2

import Foundation
import GitReading
import TestKit
import Testing

@Suite("Copies of repositories that are kept") struct KeptCopyTests {
    private struct Served {
        let directory: TemporaryDirectory
        let server: FileServer
        var url: String { server.url + "/tool.git" }
        var kept: String { directory.file("kept") }

        init() async throws {
            directory = try TemporaryDirectory("kept")
            server = try await FileServer(directory.path)
            try await tool("git").check(["init", "--quiet", "--initial-branch=main", directory.file("work")])
            try await tool("git").check([
                "init", "--quiet", "--bare", "--initial-branch=main", directory.file("tool.git"),
            ])
        }

        func git(_ arguments: [String], in place: String = "work") async throws {
            let own = [
                "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "ada",
                "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_COMMITTER_NAME": "ada",
                "GIT_COMMITTER_EMAIL": "ada@example.org",
            ]
            try await tool("git").check(["-C", directory.file(place)] + arguments, environment: own)
        }

        func commit(_ subject: String) async throws {
            try directory.write(Array(subject.utf8), to: "work/a.txt")
            try await git(["add", "a.txt"])
            try await git(["commit", "--quiet", "-m", subject])
            try await publish()
        }

        func publish() async throws {
            try await git([
                "push", "--quiet", "--force", "--prune", directory.file("tool.git"), "refs/heads/*:refs/heads/*",
            ])
            try await git(["update-server-info"], in: "tool.git")
        }

        func update(_ limits: GitLimits = .standard, address: String? = nil) async throws -> GitRepository {
            let (kept, url) = (kept, url)
            return try await Task.detached {
                try GitRepository.update(kept, from: url, plainHTTP: true, address: address, limits: limits)
            }.value
        }

        var packs: Int {
            let files = (try? FileManager.default.contentsOfDirectory(atPath: kept + "/objects/pack")) ?? []
            return files.count { $0.hasSuffix(".pack") }
        }
    }

    @Test("a second look fetches what is new, forgets what is gone and follows the default branch")
    func update() async throws {
        let served = try await Served()
        try await served.commit("First")
        do {
            let copy = try await served.update()
            #expect(copy.branch == "main" && copy.origin == served.url)
            #expect(try copy.commits(since: 0).map(\.subject) == ["First"])
        }
        // It stays when nobody holds it any more.
        let marker = served.kept + "/marker"
        try Data().write(to: URL(fileURLWithPath: marker))
        try await served.commit("Second")
        try await served.git(["branch", "side"])
        try await served.publish()
        let second = try await served.update()
        #expect(try second.commits(since: 0).map(\.subject) == ["Second", "First"])
        #expect(try second.revisions(limit: 10).count == 2)
        #expect(try second.revisions(limit: 1) == [second.head].compactMap { $0 })
        #expect(try second.revisions(limit: 0).isEmpty)
        #expect(FileManager.default.fileExists(atPath: marker))
        try await served.git(["checkout", "--quiet", "-b", "trunk"])
        try await served.git(["branch", "-D", "main", "side"])
        try await served.git(["symbolic-ref", "HEAD", "refs/heads/trunk"], in: "tool.git")
        try await served.commit("Third")
        let third = try await served.update()
        #expect(third.branch == "trunk")
        #expect(try third.commits(since: 0).count == 3)
        let references = try await tool("git").check(["-C", served.kept, "for-each-ref", "--format=%(refname)"])
        #expect(references.split(separator: "\n") == ["refs/heads/trunk"])
        GitRepository.forget(served.kept)
        #expect(!FileManager.default.fileExists(atPath: served.kept))
        await served.server.stop()
    }

    @Test("a copy that a crash left locked or damaged is made anew; one whose host is away stays as it is")
    func damage() async throws {
        let served = try await Served()
        try await served.commit("First")
        _ = try await served.update()
        try Data().write(to: URL(fileURLWithPath: served.kept + "/packed-refs.lock"))
        try Data().write(to: URL(fileURLWithPath: served.kept + "/refs/heads/main.lock"))
        try await served.commit("Second")
        #expect(try await served.update().commits(since: 0).count == 2)
        try Data("nonsense".utf8).write(to: URL(fileURLWithPath: served.kept + "/kontor-format"))
        #expect(try await served.update().commits(since: 0).count == 2)
        await served.server.stop()
        await #expect(throws: GitError.self) { _ = try await served.update() }
        #expect(FileManager.default.fileExists(atPath: served.kept + "/HEAD"))
    }

    @Test("a copy beyond its limit ends and is removed")
    func limits() async throws {
        let served = try await Served()
        try await served.commit(String(repeating: "x", count: 4_000))
        var limits = GitLimits.standard
        limits.copy = 100
        let bounded = limits
        await #expect(throws: GitError.self) { _ = try await served.update(bounded) }
        #expect(!FileManager.default.fileExists(atPath: served.kept))
        await served.server.stop()
    }

    @Test("the address that was judged is the one that is spoken to, whatever the name leads to")
    func pinned() async throws {
        let served = try await Served()
        try await served.commit("First")
        let port = served.url.split(separator: ":")[2].prefix { $0 != "/" }
        let (kept, url) = (served.kept, "http://git.example.org:\(port)/tool.git")
        let copy = try await Task.detached {
            try GitRepository.update(kept, from: url, plainHTTP: true, address: "127.0.0.1")
        }.value
        #expect(try copy.commits(since: 0).count == 1)
        await served.server.stop()
    }

    @Test("a redirect and objects that lie elsewhere are not followed")
    func elsewhere() async throws {
        let served = try await Served()
        try await served.commit("First")
        let front = try await FileServer("/nonexistent", redirect: served.server.url)
        let (kept, url) = (served.kept, front.url + "/tool.git")
        await #expect(throws: GitError.self) {
            _ = try await Task.detached { try GitRepository.update(kept, from: url, plainHTTP: true) }.value
        }
        // Objects at another place, as the dumb protocol lets a repository say.
        let inside = try await FileServer(served.directory.path)
        try FileManager.default.moveItem(
            atPath: served.directory.file("tool.git/objects"),
            toPath: served.directory.file("hidden")
        )
        try served.directory.write(Array((inside.url + "/hidden\n").utf8), to: "tool.git/objects/info/http-alternates")
        await #expect(throws: GitError.self) { _ = try await served.update() }
        for server in [front, inside, served.server] { await server.stop() }
    }
}
