// SPDX-License-Identifier: EUPL-1.2

import Criteria
import Foundation
import GitReading
import JSON
import ProjectCriteria
import Projects
import SBOM
import TestKit
import Testing
import Time

/// Judges a repository as of 27 November 2026.
func judged(
    _ repository: BuiltRepository,
    catalogue: String = "projects-2026.1",
    forge: ProjectForge? = nil,
    url: String? = nil
) throws -> ProjectVerdict {
    let now = try #require(Timestamp(rfc3339: "2026-11-27T00:00:00Z"))
    let opened = try GitRepository.open(repository.path, temporaryDirectory: "/var/tmp")
    var evidence = ProjectReader().evidence(of: opened, name: "built", url: url, now: now)
    if let forge { evidence.forge = .known(forge) }
    let rules = try #require(try ProjectCatalogue.embedded(catalogue))
    return ProjectEvaluation.verdict(catalogue: rules, evidence: evidence, context: ProjectContext(now: now))
}

extension ProjectVerdict {
    func outcome(_ id: String) -> Outcome? { results.first { $0.criterion.id == id }?.criterion.result }

    func explanation(_ id: String) -> String { results.first { $0.criterion.id == id }?.criterion.explanation.en ?? "" }

    func badge(_ id: String) -> Level? { badges.first { $0.id == id }?.level }
}

@Suite("Projects built with known properties")
struct ProjectCheckTests {
    private let policy = """
        # Security
        Please report to security@example.org, encrypted if you can. We answer within five working days.

        ## Supported versions
        | 1.x | until 2028-12 |
        """
    private let mit = """
        MIT License

        Copyright (c) 2026 Example

        Permission is hereby granted, free of charge, to any person obtaining a copy of this software.
        THE SOFTWARE IS PROVIDED "AS IS".
        """

    @Test("1: an empty repository has no level, and says so without an error")
    func empty() async throws {
        let verdict = try judged(try await BuiltRepository())
        #expect(verdict.commit == nil)
        #expect(verdict.level == .none)
        #expect(verdict.outcome("SRC-MNT-01") == .fail)
        #expect(verdict.outcome("SRC-SEC-01") == .fail)
        #expect(verdict.outcome("SRC-REU-01") == .fail)
    }

    @Test("2: five commits of two people in six months are maintained, with a bus factor of one where one made most")
    func maintained() async throws {
        let repository = try await BuiltRepository()
        try await repository.commits(4, month: "2026-09")
        try await repository.commits(1, author: "bob", month: "2026-10")
        let verdict = try judged(repository, catalogue: "opencode")
        #expect(verdict.outcome("OC-MNT-01") == .pass)
        #expect(verdict.outcome("OC-MNT-04") == .fail)
        try await repository.commits(3, author: "bob", month: "2026-11")
        #expect(try judged(repository, catalogue: "opencode").outcome("OC-MNT-04") == .pass)
    }

    @Test("3: commits from before the window do not count, and four are not five")
    func asleep() async throws {
        let repository = try await BuiltRepository()
        try await repository.commits(9, month: "2026-05")
        try await repository.commits(4, month: "2026-06")
        let verdict = try judged(repository, catalogue: "opencode")
        #expect(verdict.outcome("OC-MNT-01") == .fail)
        #expect(verdict.explanation("OC-MNT-01").contains("4 commits in 6 months"))
    }

    @Test("4: signed tags count by their share, and none at all proves nothing")
    func tags() async throws {
        // A short path: the agent's socket lies in it.
        let keys = try TemporaryDirectory("g")
        let home = ["GNUPGHOME": keys.path]
        #expect(chmod(keys.path, 0o700) == 0)
        try await tool("gpg").check(
            [
                "--batch", "--quiet", "--passphrase", "", "--quick-generate-key", "ada@example.org", "ed25519", "sign",
                "never",
            ],
            environment: home
        )
        let repository = try await BuiltRepository()
        try await repository.commits(1, month: "2026-09")
        #expect(try judged(repository, catalogue: "opencode").outcome("OC-SEC-04") == .unknown)
        for number in 1...4 {
            try await repository.git(
                ["tag", "-s", "-u", "ada@example.org", "v1.\(number).0", "-m", "x"],
                at: "2026-10-0\(number)",
                environment: home
            )
        }
        try await tool("gpgconf").check(["--kill", "all"], environment: home)
        #expect(try judged(repository, catalogue: "opencode").outcome("OC-SEC-04") == .pass)
        // Four of five are exactly 80 %, four of six are less.
        try await repository.git(["tag", "v1.5.0"], at: "2026-10-05")
        #expect(try judged(repository, catalogue: "opencode").outcome("OC-SEC-04") == .pass)
        try await repository.git(["tag", "-a", "v1.6.0", "-m", "x"], at: "2026-10-06")
        let verdict = try judged(repository, catalogue: "opencode")
        #expect(verdict.outcome("OC-SEC-04") == .fail)
        #expect(verdict.outcome("OC-MNT-03") == .pass)
        // Whose key it is, nobody has said.
        #expect(try judged(repository).outcome("SRC-SEC-05") == .fail)
    }

    @Test("5: a secret fails in the current state, and holds at bronze when only an earlier commit has it")
    func secrets() async throws {
        let repository = try await BuiltRepository()
        let token = "glpat-" + "a1B2c3D4e5F6g7H8i9J0"
        try repository.write(["config.ini": "token = \(token)\n"])
        try await repository.commit("Configure", at: "2026-10-01")
        let verdict = try judged(repository)
        #expect(verdict.outcome("SRC-SEC-03") == .fail)
        #expect(verdict.explanation("SRC-SEC-03").contains("config.ini (gitlab-token)"))
        #expect(!verdict.json.bytes(.pretty).contains(token))
        try repository.write(["config.ini": "token = ${TOKEN}\n"])
        try await repository.commit("Take it away", at: "2026-10-02")
        let later = try judged(repository)
        #expect(later.outcome("SRC-SEC-03") == .pass)
        #expect(later.results.first { $0.criterion.id == "SRC-SEC-03" }?.cap == .bronze)
        #expect(later.explanation("SRC-SEC-03").contains("enough for bronze"))
    }

    @Test("6: programs and archives are found by their bytes, whatever they are called")
    func binaries() async throws {
        let repository = try await BuiltRepository()
        try repository.write("tool.txt", [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0, 0, 0])
        try repository.write("testdata/sample.zip", [0x50, 0x4B, 0x03, 0x04, 0, 0])
        try await repository.commit("Add", at: "2026-10-01")
        let verdict = try judged(repository)
        #expect(verdict.outcome("SRC-SEC-04") == .fail)
        #expect(verdict.explanation("SRC-SEC-04").contains("1 files"))
        #expect(verdict.explanation("SRC-SEC-04").contains("tool.txt (ELF program)"))
    }

    @Test("7: lock files without hashes, missing ones, and images without a digest are told apart")
    func dependencies() async throws {
        let repository = try await BuiltRepository()
        try repository.write([
            "web/package.json": #"{"dependencies": {"left": "^1"}}"#,
            "Containerfile":
                "ARG BASE=docker.io/library/debian:12\nFROM $BASE AS build\nFROM build\nCOPY --from=build /a /a\n",
        ])
        try await repository.commit("Add", at: "2026-10-01")
        let first = try judged(repository)
        #expect(first.outcome("SRC-SEC-07") == .fail)
        #expect(first.explanation("SRC-SEC-07").contains("Without a lock file: web/package.json"))
        #expect(first.explanation("SRC-SEC-07").contains("Containerfile: docker.io/library/debian:12."))
        let digest = String(repeating: "a", count: 64)
        try repository.write([
            "web/package-lock.json":
                #"{"lockfileVersion": 3, "packages": {"": {}, "node_modules/left": {"version": "1.0.0"}}}"#,
            "Containerfile": "FROM docker.io/library/debian:12@sha256:\(digest)\n",
        ])
        try await repository.commit("Lock", at: "2026-10-02")
        let second = try judged(repository)
        #expect(second.outcome("SRC-SEC-07") == .fail)
        #expect(second.explanation("SRC-SEC-07").contains("Without hashes: web/package-lock.json (left)"))
        try repository.write([
            "web/package-lock.json":
                #"{"lockfileVersion": 3, "packages": {"": {}, "node_modules/left": {"version": "1.0.0", "integrity": "sha512-x"}}}"#
        ])
        try await repository.commit("Hash", at: "2026-10-03")
        let third = try judged(repository)
        #expect(third.outcome("SRC-SEC-07") == .pass)
        // Without advisories nobody knows about weaknesses.
        #expect(third.outcome("SRC-SEC-08") == .unknown)
    }

    // REUSE-IgnoreStart
    @Test("8: licence, REUSE and publiccode agree, or are told not to")
    func licences() async throws {
        let repository = try await BuiltRepository()
        try repository.write([
            "LICENSE": mit,
            "main.c": "// SPDX-License-Identifier: MIT\n// SPDX-FileCopyrightText: 2026 Example\nint main;\n",
            "other.c": "int other;\n", "LICENSES/MIT.txt": mit,
        ])
        try await repository.commit("Add", at: "2026-10-01")
        let first = try judged(repository)
        #expect(first.outcome("SRC-REU-01") == .pass)
        #expect(first.outcome("SRC-REU-04") == .fail)
        #expect(first.explanation("SRC-REU-04").contains("1 files without licence or copyright: other.c"))
        try repository.write([
            "REUSE.toml": """
            version = 1
            [[annotations]]
            path = ["other.c", "REUSE.toml", "*.yml"]
            SPDX-FileCopyrightText = "2026 Example"
            SPDX-License-Identifier = "MIT"
            """,
            "publiccode.yml": publiccode(licence: "EUPL-1.2"),
        ])
        try await repository.commit("Annotate", at: "2026-10-02")
        let second = try judged(repository, url: "https://gitlab.example.org/team/tool")
        #expect(second.outcome("SRC-REU-04") == .pass)
        // What stands between REUSE's words for samples is none of the file's own.
        let (start, end) = ("REUSE-Ignore" + "Start", "REUSE-Ignore" + "End")
        try repository.write([
            "third.c": "// \(start)\n// SPDX-License-Identifier: MIT\n// Copyright 2026 A\n// \(end)\n"
        ])
        try await repository.commit("Sample", at: "2026-10-02")
        #expect(try judged(repository).explanation("SRC-REU-04").contains("copyright: third.c"))
        try repository.write([
            "third.c": "// \(start)\n// \(end)\n// SPDX-License-Identifier: MIT\n// Copyright 2026 A\n"
        ])
        #expect(second.outcome("SRC-REU-02") == .fail)
        #expect(second.explanation("SRC-REU-02").contains("names the licence EUPL-1.2; the repository holds MIT"))
        try repository.write(["publiccode.yml": publiccode(licence: "MIT")])
        try await repository.commit("Correct", at: "2026-10-03")
        #expect(try judged(repository, url: "https://gitlab.example.org/team/tool.git").outcome("SRC-REU-02") == .pass)
        #expect(try judged(repository, url: "https://gitlab.example.org/team/else").outcome("SRC-REU-02") == .fail)
    }
    // REUSE-IgnoreEnd

    @Test("9: policy, support and pipeline: what a file can prove, and what it cannot")
    func papers() async throws {
        let repository = try await BuiltRepository()
        try repository.write([
            "docs/SECURITY.md": policy,
            ".well-known/security.txt": "Contact: mailto:a@example.org\nExpires: 2026-01-01T00:00:00Z\n",
            ".github/workflows/ci.yml": """
            on: pull_request_target
            jobs:
              test:
                steps:
                  - uses: actions/checkout@v4
                  - run: echo ${{ github.event.pull_request.title }} && make test
            """,
        ])
        try await repository.commit("Add", at: "2026-10-01")
        let first = try judged(repository)
        #expect(first.outcome("SRC-SEC-01") == .fail)
        #expect(first.explanation("SRC-SEC-01").contains("docs/SECURITY.md does not lie in the root"))
        #expect(first.outcome("SRC-SEC-11") == .fail)
        #expect(first.explanation("SRC-SEC-11").contains("a text that strangers write is put into a script"))
        #expect(first.explanation("SRC-SEC-07").contains("actions/checkout@v4"))
        // It has tests; whether they are enforced only the forge knows.
        #expect(first.outcome("SRC-MNT-04") == .unknown)
        try repository.write(["SECURITY.md": policy])
        try await repository.commit("Move", at: "2026-10-02")
        let second = try judged(repository)
        #expect(second.outcome("SRC-SEC-01") == .pass)
        #expect(second.outcome("SRC-MNT-06") == .pass)
        #expect(second.outcome("SRC-SEC-10") == .fail)
        #expect(second.explanation("SRC-SEC-10").contains("it expired on 2026-01-01"))
    }

    @Test("10: with a forge's answers the badges of openCode come out as published")
    func forge() async throws {
        let repository = try await BuiltRepository()
        try repository.write(["SECURITY.md": "Tell us.\n"])
        try await repository.commits(5, month: "2026-10")
        try await repository.git(["tag", "v1.0.0"], at: "2026-10-06")
        let day: (String) throws -> Timestamp = { try #require(Timestamp(date: $0)) }
        func merged(_ maintainer: Bool) throws -> ProjectForge.MergedRequest {
            ProjectForge.MergedRequest(
                at: try day("2026-10-10"),
                authorIsMaintainer: maintainer,
                mergerIsMaintainer: maintainer,
                hasMaintainerApproval: false,
                hasOtherApproval: false,
                pipelineSucceeded: true
            )
        }
        var forge = ProjectForge(
            name: "GitLab",
            protection: .known(.init(isProtected: true, allowsForcePush: false)),
            merged: .known([try merged(true), try merged(true), try merged(true), try merged(false)]),
            issues: .known([.init(createdAt: try day("2026-11-01"), firstReactionAt: try day("2026-11-07"))])
        )
        let good = try judged(repository, catalogue: "opencode", forge: forge)
        #expect(good.badge("MAINTAINED") == .silver)
        #expect(good.badge("SECURITY") == .bronze)
        #expect(good.outcome("OC-SEC-05") == .pass)
        #expect(good.level == .bronze)
        // Without an answer an issue waits until today: 26 and 6 days are 16 on average.
        forge.issues = .known([
            .init(createdAt: try day("2026-11-01"), firstReactionAt: try day("2026-11-07")),
            .init(createdAt: try day("2026-11-01"), firstReactionAt: nil),
        ])
        let slow = try judged(repository, catalogue: "opencode", forge: forge)
        #expect(slow.outcome("OC-MNT-02") == .fail)
        #expect(slow.explanation("OC-MNT-02").contains("after 16.0 days"))
        #expect(slow.badge("MAINTAINED") == Level.none)
        forge.protection = .known(.init(isProtected: true, allowsForcePush: true))
        #expect(try judged(repository, catalogue: "opencode", forge: forge).outcome("OC-SEC-02") == .fail)
        let alone = try judged(repository, catalogue: "opencode")
        #expect(alone.outcome("OC-SEC-02") == .unknown)
        #expect(alone.explanation("OC-SEC-02").contains("no forge was asked"))
    }
}

/// A valid directory entry.
func publiccode(licence: String) -> String {
    """
    publiccodeYmlVersion: "0.4"
    name: Tool
    url: https://gitlab.example.org/team/tool
    platforms: [linux]
    categories: [it-development]
    developmentStatus: beta
    softwareType: standalone/other
    description:
      en:
        shortDescription: A tool.
        longDescription: >
          \(String(repeating: "It does what tools do. ", count: 10))
        features: [one]
    legal:
      license: \(licence)
    maintenance:
      type: internal
      contacts: [{name: Team}]
    localisation:
      localisationReady: false
      availableLanguages: [en]
    """
}

extension [UInt8] {
    fileprivate func contains(_ text: String) -> Bool { String(decoding: self, as: UTF8.self).contains(text) }
}
