// SPDX-License-Identifier: EUPL-1.2

import Criteria
import ProjectCriteria
import SBOM
import Testing
import Time

@Suite("Reading what projects write")
struct ReadingTests {
    private static let entry = """
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
            longDescription: \(String(repeating: "It does what tools do. ", count: 10))
            features: [one]
        legal:
          license: EUPL-1.2
        maintenance:
          type: internal
          contacts: [{name: Team}]
        localisation:
          localisationReady: false
          availableLanguages: [en]
        """

    @Test(
        "versions 0.2 to 0.7 of publiccode.yml are taken",
        arguments: ["0.2", "0.2.1", "0.3.0", "0.4", "0.5.0", "0.6", "0.7.0"]
    )
    func versions(_ version: String) {
        let file = PubliccodeFile(text: Self.entry.replacing("\"0.4\"", with: "\"\(version)\""))
        #expect(file.problems.isEmpty, "\(file.problems)")
        #expect(file.licence == "EUPL-1.2")
        #expect(file.namesMaintainers)
    }

    @Test(
        "faults of publiccode.yml are named by their key",
        arguments: [
            ("\"0.4\"", "\"0.8\"", "publiccodeYmlVersion"), ("name: Tool", "nam: Tool", "name"),
            ("https://", "git://", "url"),
            ("[linux]", "[]", "platforms"), ("beta", "finished", "developmentStatus"),
            ("standalone/other", "app", "softwareType"),
            ("A tool.", String(repeating: "a", count: 151), "description/en/shortDescription"),
            ("It does what tools do. ", "", "description/…/longDescription"),
            ("features: [one]", "features: []", "description/…/features"),
            ("EUPL-1.2", "EUPL", "legal/license"), ("type: internal", "type: contract", "maintenance/contractors"),
            ("{name: Team}", "{mail: x}", "maintenance/contacts"),
            ("localisationReady: false", "ready: no", "localisation/localisationReady"),
            ("[en]", "[]", "localisation/availableLanguages"), ("categories: [it-development]", "x: y", "categories"),
        ]
    )
    func faults(_ old: String, _ new: String, _ key: String) {
        let text = Self.entry.replacing(old, with: new)
        #expect(text != Self.entry)
        let problems = PubliccodeFile(text: text).problems
        #expect(problems.contains { $0.hasPrefix(key + ":") }, "\(problems)")
    }

    @Test(
        "what is no YAML, or no mapping, or large, is a fault and no crash",
        arguments: [
            "", "- a", "a: [", "\u{0}", "a: *b", "a: &a [*a]", String(repeating: "[", count: 5000),
            String(repeating: "x", count: 2 << 20),
        ]
    )
    func hostile(_ text: String) { #expect(!PubliccodeFile(text: text).problems.isEmpty) }

    private func results(_ evidence: ProjectEvidence) throws -> [String: CriterionResult] {
        let rules = try #require(try ProjectCatalogue.embedded("projects-2026.1"))
        let verdict = ProjectEvaluation.verdict(
            catalogue: rules,
            evidence: evidence,
            context: ProjectContext(now: Timestamp(seconds: 1_795_737_600))
        )
        return Dictionary(uniqueKeysWithValues: verdict.results.map { ($0.criterion.id, $0.criterion) })
    }

    private func evidence(_ documents: [String: String]) -> ProjectEvidence {
        ProjectEvidence(
            name: "x",
            files: documents.keys.sorted().map { ProjectFile(path: $0, size: 1) },
            documents: documents
        )
    }

    // REUSE-IgnoreStart
    @Test(
        "licences are told by their text, their SPDX line, or the name of the file",
        arguments: [
            ("LICENSE", "EUROPEAN UNION PUBLIC LICENCE v. 1.2 \nEUPL", "EUPL-1.2", Outcome.pass),
            ("LICENSE", "  Apache License\n Version 2.0, January 2004", "Apache-2.0", .pass),
            ("COPYING", "GNU GENERAL PUBLIC LICENSE\nVersion 3, 29 June 2007", "GPL-3.0-only", .pass),
            ("LICENSE.md", "SPDX-License-Identifier: MIT OR LicenseRef-own", "MIT OR LicenseRef-own", .pass),
            ("LICENSE", "SPDX-License-Identifier: BUSL-1.1", "BUSL-1.1", .fail),
            ("LICENSES/MPL-2.0.txt", "x", "MPL-2.0", .pass), ("LICENSE", "All rights reserved.", "LICENSE", .unknown),
        ]
    )
    func licences(_ path: String, _ text: String, _ told: String, _ outcome: Outcome) throws {
        let result = try #require(try results(evidence([path: text]))["SRC-REU-01"])
        #expect(result.result == outcome)
        #expect(result.explanation.en.contains(told), "\(result.explanation.en)")
    }
    // REUSE-IgnoreEnd

    @Test("REUSE.toml: globs, precedence, the last one speaks")
    func reuse() throws {
        let text = """
            version = 1
            [[annotations]]
            path = ["docs/**", "*.md"]
            SPDX-FileCopyrightText = "2026 A"
            SPDX-License-Identifier = "MIT"

            [[annotations]]
            path = "docs/only/\\\\*.txt"
            precedence = "override"
            SPDX-License-Identifier = "MIT"
            """
        let files = [
            "docs/a/b.png", "README.md", "sub/README.md", "docs/only/*.txt", "docs/only/a.txt", "src/x.c", "LICENSE",
            "x.license",
        ]
        var evidence = evidence(["REUSE.toml": text])
        evidence.files = files.map { ProjectFile(path: $0, size: 1) }
        evidence.files.append(ProjectFile(path: "LICENSES/MIT.txt", size: 1))
        let result = try #require(try results(evidence)["SRC-REU-04"])
        #expect(result.result == .fail)
        #expect(result.evidence.compactMap(\.path).sorted() == ["docs/only/*.txt", "src/x.c", "sub/README.md"])
    }

    @Test("a glob of many stars is answered at once")
    func stars() throws {
        let glob = String(repeating: "*a", count: 200) + "b"
        let text = "[[annotations]]\npath = [\"\(glob)\", \"**\(glob)\"]\nSPDX-License-Identifier = \"MIT\"\n"
        var evidence = evidence(["REUSE.toml": text])
        evidence.files = [ProjectFile(path: String(repeating: "a", count: 4000), size: 1)]
        let start = ContinuousClock.now
        #expect(try results(evidence)["SRC-REU-04"]?.result == .fail)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test(
        "patterns that run strangers' texts",
        arguments: [
            (
                ".github/workflows/a.yml",
                "permissions: {}\njobs:\n  a:\n    steps:\n      - run: echo ${{ github.event.issue.title }}\n",
                Outcome.fail
            ),
            (
                ".github/workflows/a.yml", "permissions: {}\njobs:\n  a:\n    steps:\n      - run: echo \"$TITLE\"\n",
                .unknown
            ),
            (".github/workflows/a.yml", "jobs: {}\n", .fail),
            (".github/workflows/a.yml", "permissions: write-all\njobs: {}\n", .fail),
            (".gitlab-ci.yml", "a:\n  script:\n    - curl https://x.example/i.sh | sudo bash\n", .fail),
            (".gitlab-ci.yml", "a:\n  script:\n    - '# curl https://x.example/i.sh'\n", .unknown),
            (".gitlab-ci.yml", "a:\n  script:\n    - eval \"x $CI_COMMIT_MESSAGE\"\n", .fail),
        ]
    )
    func dangers(_ path: String, _ text: String, _ outcome: Outcome) throws {
        let result = try #require(try results(evidence([path: text]))["SRC-SEC-11"])
        #expect(result.result == outcome, "\(result.explanation.en)")
    }

    @Test("a pipeline of aliases that stand for millions is cut, and told", .timeLimit(.minutes(1)))
    func aliases() throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        let result = try #require(try results(evidence([".gitlab-ci.yml": text]))["SRC-SEC-07"])
        #expect(result.result == .unknown)
        #expect(result.explanation.en.contains("more than 20000 entries"), "\(result.explanation.en)")
    }

    @Test("images and actions of pipelines count as pinned by digest or commit only")
    func images() throws {
        let digest = String(repeating: "a", count: 64)
        let text = """
            default: {image: "debian@sha256:\(digest)"}
            job:
              image: {name: "alpine:3"}
              services: ["postgres:16", {name: "redis@sha256:\(digest)"}]
            """
        let result = try #require(try results(evidence([".gitlab-ci.yml": text]))["SRC-SEC-07"])
        #expect(result.result == .fail)
        #expect(result.evidence.map(\.text).sorted() == [".gitlab-ci.yml: alpine:3", ".gitlab-ci.yml: postgres:16"])
    }

    @Test("support needs a date in its own section")
    func support() throws {
        #expect(
            try results(evidence(["README.md": "# T\n2026-11\n## Support\nAlways.\n"]))["SRC-MNT-06"]?.result == .fail
        )
        #expect(
            try results(evidence(["SECURITY.md": "## Supported versions\n1.x until 2027-06\n"]))["SRC-MNT-06"]?.result
                == .pass
        )
        #expect(
            try results(evidence(["SECURITY.md": "## Gepflegt\nVersion 1 wird bis 2027-06 unterstützt.\n"]))[
                "SRC-MNT-06"
            ]?.result == .pass
        )
        #expect(try results(evidence(["SECURITY.md": "Nothing.\n"]))["SRC-MNT-06"]?.result == .fail)
    }
}
