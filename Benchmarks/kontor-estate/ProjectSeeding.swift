// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Directory
import ProjectCriteria
import ProjectRegister
import Time

/// Source projects beside the images of an estate: registered through the register, judged under both catalogues.
///
/// Nobody fetches their repositories: what a look into one would have seen is made up.
struct ProjectSeeding {
    private static let licences = ["EUPL-1.2", "MIT", "Apache-2.0", "GPL-3.0-or-later"]
    private static let categories = ["content-management", "data-analytics", "identity-management", "it-security"]

    let estate: Estate
    let count: Int

    /// Namespace of a project.
    private func organisation(_ number: Int) -> Int {
        var random = SeededRandom(estate.seed, 8, UInt64(number))
        return random.place(in: Estate.organisations, power: 2)
    }

    func name(_ number: Int) -> String { "\(Estate.organisation(organisation(number)))/project-\(number)" }

    /// Registers all projects.
    ///
    /// - Returns: their names.
    func run(_ node: EstateNode) async throws -> [String] {
        let register = ProjectRegister(
            database: node.database,
            accounts: node.accounts,
            directory: Directory(database: node.database, accounts: node.accounts, clock: .fixed(EstateNode.now)),
            checker: ProjectChecker { _ throws(ProjectCheckError) in
                throw .machine("nobody fetches the repositories of an estate")
            },
            clock: .fixed(EstateNode.now)
        )
        let catalogues = try ProjectCatalogue.names.compactMap { try ProjectCatalogue.embedded($0) }
        // Writes share commits, as those of many people do.
        for start in stride(from: 0, to: count, by: 64) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in start..<min(start + 64, count) {
                    group.addTask { try await make(number, catalogues, register, node) }
                }
                try await group.waitForAll()
            }
        }
        return (0..<count).map(name)
    }

    private func make(
        _ number: Int,
        _ catalogues: [ProjectCatalogue],
        _ register: ProjectRegister,
        _ node: EstateNode
    ) async throws {
        let name = name(number)
        let registration = ProjectRegistration(
            name: name,
            title: "Project \(number)",
            url: "https://git.example.org/\(name).git",
            visibility: .everybody
        )
        let row = try await register.register(registration, checking: false, by: node.account).project.id
        let evidence = evidence(number)
        let context = ProjectContext(now: EstateNode.now)
        let facts = ProjectAssessment.Facts(
            title: "Project \(number)",
            description: "Does thing \(number % 97) for whoever needs it.",
            categories: [Self.categories[number % Self.categories.count]],
            licences: [Self.licences[number % Self.licences.count]]
        )
        let verdicts = catalogues.map { ProjectEvaluation.verdict(catalogue: $0, evidence: evidence, context: context) }
        try await register.record(
            ProjectAssessment(verdicts: verdicts, facts: facts),
            for: row,
            at: EstateNode.now
        )
    }

    /// What a look into the repository would tell; some have everything, some have nothing.
    private func evidence(_ number: Int) -> ProjectEvidence {
        var random = SeededRandom(estate.seed, 9, UInt64(number))
        let documents = [
            "README.md": "# Project \(number)\n\nInstall it, use it, help with it.\n",
            "LICENSE": "European Union Public Licence v. 1.2\n",
            "SECURITY.md": "# Security\n\nReport to security@org-\(number).example within a day.\n",
            "CONTRIBUTING.md": "# Contributing\n\nMerge requests are welcome.\n",
            "CHANGELOG.md": "# Changelog\n\n## 1.0.0\n",
        ].filter { _ in random.below(5) > 0 }
        let commits = (0..<random.below(120)).map { commit in
            ProjectCommit(at: EstateNode.now - .seconds(commit * 86_400), author: random.below(1 + number % 5))
        }
        return ProjectEvidence(
            name: name(number),
            url: "https://git.example.org/\(name(number))",
            commit: String(repeating: "0", count: 32) + String(10_000_000 + number),
            branch: "main",
            history: .known(commits),
            files: documents.map { ProjectFile(path: $0.key, size: Int64($0.value.utf8.count)) },
            documents: documents
        )
    }
}
