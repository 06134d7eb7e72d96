// SPDX-License-Identifier: EUPL-1.2

import Criteria
import GitReading
import ProjectCriteria
import Projects
import TestKit
import Testing
import Time

@Suite("Creating what a project lacks")
struct ProjectDraftTests {
    private let answers = ProjectAnswers(
        name: "Tool",
        url: "https://gitlab.example.org/team/tool",
        contact: "security@example.org",
        owner: "Tool contributors"
    )

    private func draft(_ repository: BuiltRepository) throws -> ProjectDraft {
        let now = try #require(Timestamp(rfc3339: "2026-11-27T00:00:00Z"))
        let opened = try GitRepository.open(repository.path, temporaryDirectory: "/var/tmp")
        let evidence = ProjectReader().evidence(of: opened, name: "built", url: nil, now: now)
        return ProjectDraft(evidence, answers: answers, now: now)
    }

    @Test("empty repository, init, check: every criterion that files decide is passed")
    func fromNothing() async throws {
        let repository = try await BuiltRepository()
        let made = try draft(repository)
        #expect(made.left.isEmpty)
        try await tool("git").check(["-C", repository.path, "apply", "-"], input: Array(made.patch.utf8))
        try await repository.commit("Start", at: "2026-11-26")
        let verdict = try judged(repository, url: answers.url)
        let decided = verdict.results.filter { $0.needs == [.files] }
        #expect(decided.count == 10)
        for result in decided {
            #expect(result.criterion.result.isPassed, "\(result.criterion.id): \(result.criterion.explanation)")
        }
        // Of those that files decide in part, nothing is missing either.
        for result in verdict.results where result.needs.contains(.files) {
            #expect(
                result.criterion.result != .fail || result.criterion.id == "SRC-MNT-03",
                "\(result.criterion.id): \(result.criterion.explanation)"
            )
        }
        #expect(verdict.explanation("SRC-REU-02").contains("publiccode.yml is valid"))
        // The only thing that is missing for SRC-MNT-03 is a tag.
        #expect(verdict.explanation("SRC-MNT-03") == "No tag and no release in 6 months.")
        #expect(verdict.badge("REUSE") == .bronze)
        #expect(try draft(repository).files.isEmpty, "a second init has nothing to do")
    }

    @Test("what is there stays, and the existing licence is the one that new files name")
    func existing() async throws {
        let repository = try await BuiltRepository()
        try repository.write([
            "LICENSE": "Apache License\nVersion 2.0, January 2004\n", "SECURITY.md": "Mine.\n",
            "Cargo.toml": "[package]\n",
        ])
        try await repository.commit("Start", at: "2026-11-26")
        let made = try draft(repository)
        #expect(!made.files.contains { $0.path == "LICENSE" || $0.path == "SECURITY.md" })
        let entry = try #require(made.files.first { $0.path == "publiccode.yml" })
        #expect(entry.text.contains("license: Apache-2.0"))
        #expect(
            made.files.first { $0.path == "LICENSES/Apache-2.0.txt" }?.text
                == "Apache License\nVersion 2.0, January 2004\n"
        )
        #expect(made.files.first { $0.path == ".gitlab-ci.yml" }?.text.contains("cargo test --locked") == true)
    }

    @Test("without an address and a contact nothing is made up")
    func unanswered() async throws {
        let repository = try await BuiltRepository()
        let opened = try GitRepository.open(repository.path, temporaryDirectory: "/var/tmp")
        let now = Timestamp(seconds: 1_795_737_600)
        let evidence = ProjectReader().evidence(of: opened, name: "built", url: nil, now: now)
        let made = ProjectDraft(
            evidence,
            answers: ProjectAnswers(name: "Tool", url: nil, contact: nil, owner: "Team"),
            now: now
        )
        #expect(!made.files.contains { $0.path == "SECURITY.md" || $0.path == "publiccode.yml" })
        #expect(made.left.count == 3)
    }

    @Test(
        "answers that would write lines of their own are refused",
        arguments: [
            ProjectAnswers(name: "a\nb", url: nil, contact: nil, owner: "x"),
            ProjectAnswers(name: "a\"", url: nil, contact: nil, owner: "x"),
            ProjectAnswers(name: "", url: nil, contact: nil, owner: "x"),
            ProjectAnswers(name: "a", url: "javascript:x", contact: nil, owner: "x"),
            ProjectAnswers(name: "a", url: nil, contact: "not an address", owner: "x"),
        ]
    )
    func refused(_ answers: ProjectAnswers) {
        #expect(answers.problem != nil)
    }

    @Test("bases get the digests of their tags, in a patch that git takes")
    func pinning() async throws {
        let repository = try await BuiltRepository()
        let text = """
            ARG TAG=1
            FROM registry.example.org/base:1 AS build
            RUN true
            RUN true
            RUN true
            RUN true
            RUN true
            RUN true
            RUN true
            FROM build
            FROM --platform=linux/amd64 registry.example.org/other:2\t AS last
            FROM registry.example.org/base:$TAG
            """
        try repository.write(["Containerfile": text])
        try await repository.commit("Start", at: "2026-11-26")
        let opened = try GitRepository.open(repository.path, temporaryDirectory: "/var/tmp")
        let now = Timestamp(seconds: 1_795_737_600)
        let evidence = ProjectReader().evidence(of: opened, name: "built", url: nil, now: now)
        let file = try #require(BasePinning(evidence).files.first)
        #expect(file.references == ["registry.example.org/base:1", "registry.example.org/other:2"])
        let digest = "sha256:" + String(repeating: "b", count: 64)
        let pinned = BasePinning.pinned(
            file,
            digests: Dictionary(uniqueKeysWithValues: file.references.map { ($0, digest) })
        )
        #expect(pinned.contains("FROM registry.example.org/base:1@\(digest) AS build\n"))
        #expect(pinned.contains("FROM --platform=linux/amd64 registry.example.org/other:2@\(digest)\t AS last\n"))
        #expect(pinned.hasSuffix("FROM registry.example.org/base:$TAG"))
        let patch = try #require(Patch.change(of: "Containerfile", from: text, to: pinned))
        try await tool("git").check(["-C", repository.path, "apply", "-"], input: Array(patch.utf8))
        let written = try await tool("git").check(["-C", repository.path, "hash-object", "Containerfile"])
        let wanted = try await tool("git").check(
            ["-C", repository.path, "hash-object", "--stdin"],
            input: Array(pinned.utf8)
        )
        #expect(written == wanted)
    }
}
