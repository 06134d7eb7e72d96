// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Foundation
import GitReading
import ProjectCriteria
import Projects
import TestKit
import Testing
import Time

@Suite("A hostile repository is read and never obeyed")
struct HostileRepositoryTests {
    private let now = Timestamp(seconds: 1_795_737_600)

    private func evidence(_ repository: BuiltRepository, limits: GitLimits = .standard) throws -> ProjectEvidence {
        let opened = try GitRepository.open(repository.path, temporaryDirectory: "/var/tmp", limits: limits)
        return ProjectReader().evidence(of: opened, name: "hostile", url: nil, now: now)
    }

    @Test("settings that run programs, hooks, filters and replaced objects have no say")
    func settings() async throws {
        let repository = try await BuiltRepository()
        try repository.write([
            "README.md": "# Tool\n", ".gitattributes": "* filter=evil diff=evil\n",
            ".lfsconfig": "[lfs]\n\turl = ext::sh\n",
        ])
        try await repository.commit("Add", at: "2026-10-01")
        let mark = repository.path + "/.ran"
        let evil = "#!/bin/sh\ntouch \(mark)\nexit 0\n"
        for hook in ["post-checkout", "pre-auto-gc", "reference-transaction", "post-index-change"] {
            try repository.write([".git/hooks/\(hook)": evil])
            #expect(chmod(repository.path + "/.git/hooks/\(hook)", 0o755) == 0)
        }
        let command = "touch \(mark)"
        let file = repository.path + "/.git/config"
        let settings =
            try String(contentsOfFile: file, encoding: .utf8) + """

                [core]
                	fsmonitor = "\(command)"
                	pager = "\(command)"
                	sshCommand = "\(command)"
                	hooksPath = \(repository.path)/.git/hooks
                	alternateRefsCommand = "\(command)"
                	attributesFile = /dev/null
                [gpg]
                	program = "\(command)"
                [log]
                	showSignature = true
                [filter "evil"]
                	smudge = "\(command)"
                	clean = "\(command)"
                	required = true
                [diff "evil"]
                	textconv = "\(command)"
                [remote "origin"]
                	url = "ext::\(command)"
                	promisor = true
                [extensions]
                	partialClone = origin
                [include]
                	path = /etc/passwd
                """
        try settings.write(toFile: file, atomically: true, encoding: .utf8)
        let found = try evidence(repository)
        #expect(found.files.map(\.path).sorted() == [".gitattributes", ".lfsconfig", "README.md"])
        #expect(found.history.value?.count == 1)
        #expect(!FileManager.default.fileExists(atPath: mark), "a program of the repository ran")
        // What it names as its origin is no address that can be shown.
        #expect(found.url == nil)
    }

    @Test("an object that is missing is told, and never fetched")
    func missing() async throws {
        let repository = try await BuiltRepository()
        try repository.write(["a.txt": "one\n", "b.txt": "two\n"])
        try await repository.commit("Add", at: "2026-10-01")
        let id = try await repository.git(["rev-parse", "HEAD:b.txt"]).trimmingCharacters(in: .whitespacesAndNewlines)
        // Before anything is missing: some versions of git make no commit on what they cannot find.
        try repository.write(["SECURITY.md": "Tell security@example.org within 5 days.\n"])
        try await repository.commit("Policy", at: "2026-10-02")
        let policy = try await repository.git(["rev-parse", "HEAD:SECURITY.md"]).trimmingCharacters(
            in: .whitespacesAndNewlines
        )
        try FileManager.default.removeItem(atPath: "\(repository.path)/.git/objects/\(id.prefix(2))/\(id.dropFirst(2))")
        let found = try evidence(repository)
        #expect(found.filesCut != nil)
        // It is none of those that checks read: what they say stands. Of a policy that is missing it would not.
        #expect(found.documentsCut == nil)
        #expect(try judged(repository).outcome("SRC-SEC-01") == .pass)
        try FileManager.default.removeItem(
            atPath: "\(repository.path)/.git/objects/\(policy.prefix(2))/\(policy.dropFirst(2))"
        )
        let verdict = try judged(repository)
        for id in ["SRC-SEC-01", "SRC-SEC-03", "SRC-SEC-07", "SRC-REU-02", "SRC-REU-03"] {
            #expect(verdict.outcome(id) == .unknown, "\(id)")
        }
    }

    @Test("links, submodules and pointers are listed and not followed")
    func links() async throws {
        let repository = try await BuiltRepository()
        try FileManager.default.createSymbolicLink(
            atPath: repository.path + "/SECURITY.md",
            withDestinationPath: "/etc/passwd"
        )
        try repository.write([
            "big.bin":
                "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "0", count: 64))\nsize 9\n",
            ".gitmodules": "[submodule \"x\"]\n\tpath = x\n\turl = ext::sh -c touch\n\tupdate = !touch\n",
        ])
        try await repository.git([
            "update-index", "--add", "--cacheinfo", "160000,\(String(repeating: "1", count: 40)),x",
        ])
        try await repository.commit("Add", at: "2026-10-01")
        try await repository.git([
            "update-index", "--add", "--cacheinfo", "160000,\(String(repeating: "1", count: 40)),x",
        ])
        try await repository.git(["commit", "--quiet", "-m", "Submodule"], at: "2026-10-02")
        let found = try evidence(repository)
        #expect(found.files.first { $0.path == "SECURITY.md" }?.kind == .link)
        #expect(found.files.first { $0.path == "x" }?.kind == .submodule)
        #expect(found.files.first { $0.path == "big.bin" }?.kind == .largeFilePointer)
        #expect(found.documents["SECURITY.md"] == nil)
    }

    @Test("an oversized history and too many files end in an unknown, not in a crash or a pass")
    func oversized() async throws {
        let repository = try await BuiltRepository()
        try repository.write(Dictionary(uniqueKeysWithValues: (1...30).map { ("file\($0)", "text \($0)\n") }))
        try await repository.commits(12, month: "2026-10")
        var limits = GitLimits.standard
        limits.entries = 10
        let found = try evidence(repository, limits: limits)
        #expect(found.history.value == nil)
        #expect(found.filesCut != nil)
        #expect(found.pastSecrets.value == nil)
    }

    @Test("a shallow copy says nothing about the history")
    func shallow() async throws {
        let repository = try await BuiltRepository()
        try await repository.commits(7, month: "2026-10")
        let copy = try TemporaryDirectory("shallow")
        try await repository.git(["clone", "--quiet", "--depth", "2", "file://" + repository.path, copy.path + "/copy"])
        let opened = try GitRepository.open(copy.path + "/copy", temporaryDirectory: "/var/tmp")
        let found = ProjectReader().evidence(of: opened, name: "shallow", url: nil, now: now)
        #expect(found.history.value == nil)
        #expect(found.pastSecrets.value == nil)
    }

    @Test("a linked working tree and a bare repository are read as well")
    func forms() async throws {
        let repository = try await BuiltRepository()
        try await repository.commits(3, month: "2026-10")
        let other = try TemporaryDirectory("forms")
        try await repository.git(["worktree", "add", "--quiet", "-b", "side", other.path + "/side"])
        try await repository.git(["clone", "--quiet", "--bare", repository.path, other.path + "/bare.git"])
        for path in [other.path + "/side", other.path + "/bare.git"] {
            let opened = try GitRepository.open(path, temporaryDirectory: "/var/tmp")
            #expect(try opened.commits(since: 0).count == 3)
        }
        #expect(try GitRepository.open(other.path + "/side", temporaryDirectory: "/var/tmp").branch == "side")
    }

    @Test(
        "only https is copied from, without secrets in the address",
        arguments: [
            "ext::sh -c touch", "file:///etc", "git://example.org/a", "ssh://example.org/a",
            "https://user:secret@example.org/a",
            "https://example.org", "https://-oProxyCommand=x/a", "http://example.org/a", "https://example.org/a?b",
            "--upload-pack=x",
            "https://exa mple.org/a", "https://example.org:99999/a",
        ]
    )
    func addresses(_ text: String) throws {
        #expect(throws: GitError.self) { try GitRepository.copy(of: text, temporaryDirectory: "/var/tmp") }
    }

    @Test("nothing of ours is left behind")
    func cleanUp() async throws {
        let repository = try await BuiltRepository()
        try await repository.commits(1, month: "2026-10")
        let parent = try TemporaryDirectory("parent")
        do {
            let opened = try GitRepository.open(repository.path, temporaryDirectory: parent.path)
            #expect(try FileManager.default.contentsOfDirectory(atPath: parent.path).count == 1)
            _ = opened.head
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: parent.path).isEmpty)
    }
}
