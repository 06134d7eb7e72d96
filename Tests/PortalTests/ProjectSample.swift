// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Criteria
import Database
import HTTPTypes
import OCI
import ProjectCriteria
import ProjectRegister
import TestKit
import Testing
import Time

/// Two registered projects with verdicts over time: `stadt/fach` for everybody, `stadt/geheim` for members.
struct ProjectSample {
    static let admin: HTTPFields = [.authorization: "Basic YWRtaW46Z2VoZWltOm1pdA=="]
    static let operatorAccount = Account(id: 1, name: "admin", isAdmin: true)
    static let url = "https://git.example.org/stadt/fach"
    static let api = "/api/v1/repositories/" + PercentEncoding.encode(url) + "/badges/"

    /// Nobody asked the forge; then it was asked; then what was missing was there.
    static let times = ["2026-11-01T12:00:00Z", "2026-11-10T12:00:00Z", "2026-11-20T12:00:00Z"]
        .compactMap { Timestamp(rfc3339: $0) }

    let site: TestSite
    let register: ProjectRegister
    let open: RegisteredProject
    let hidden: RegisteredProject

    init(title: String = "Fachverfahren") async throws {
        let database = try Database.inMemory(migrations: TestSite.migrations)
        let directory = try TemporaryDirectory("projects")
        var settings = Accounts.Settings()
        settings.anonymousPull = true
        let accounts = Accounts(database: database, clock: .system, settings: settings)
        _ = try await accounts.bootstrap(dataDirectory: directory.path)
        let admin = Self.operatorAccount
        try await accounts.putOrganisation(
            Organisation(name: "stadt", title: "Stadt Beispiel", kind: .municipal),
            by: admin
        )
        try await accounts.createNamespace("stadt", organisation: "stadt", isPublic: true, by: admin)
        register = TestSite.projects(database, accounts)
        var site = TestSite()
        site.database = database
        site.formToken = "proof"
        self.site = site
        open = try await register.register(
            ProjectRegistration(name: "stadt/fach", title: title, url: Self.url + ".git", visibility: .everybody),
            by: admin
        ).project
        hidden = try await register.register(
            ProjectRegistration(name: "stadt/geheim", url: "https://git.example.org/stadt/geheim"),
            by: admin
        ).project
        for (index, instant) in Self.times.enumerated() {
            try await register.record(Self.assessment(index, at: instant), for: open.id, at: instant)
            try await register.record(Self.assessment(index, at: instant), for: hidden.id, at: instant)
        }
    }

    static func assessment(_ stage: Int, at now: Timestamp) throws -> ProjectAssessment {
        ProjectAssessment(verdicts: try verdicts(stage, at: now))
    }

    static func verdicts(_ stage: Int, at now: Timestamp) throws -> [ProjectVerdict] {
        let commits = (0..<6).map { ProjectCommit(at: now - .seconds(Int64($0 + 1) * 86_400), author: $0 % 2) }
        var evidence = ProjectEvidence(
            name: url,
            url: url,
            commit: String(repeating: "ab", count: 20),
            branch: "main",
            history: .known(commits)
        )
        if stage >= 1 {
            evidence.forge = .known(
                ProjectForge(
                    name: "GitLab",
                    protection: .known(.init(isProtected: true, allowsForcePush: false)),
                    merged: .known(stage >= 2 ? [Self.merged(at: now - .seconds(86_400))] : []),
                    issues: .known([])
                )
            )
        }
        if stage >= 2 {
            evidence.tags = .known([ProjectTag(name: "v1.0.0", at: now - .seconds(86_400), signature: .openPGP)])
            evidence.files = [ProjectFile(path: "SECURITY.md", size: 40)]
            evidence.documents = ["SECURITY.md": "Melden Sie Schwachstellen an sicherheit@stadt.example.\n"]
        }
        return try ProjectCatalogue.names.map { name in
            ProjectEvaluation.verdict(
                catalogue: try #require(try ProjectCatalogue.embedded(name)),
                evidence: evidence,
                context: ProjectContext(now: now)
            )
        }
    }

    private static func merged(at instant: Timestamp) -> ProjectForge.MergedRequest {
        ProjectForge.MergedRequest(
            at: instant,
            authorIsMaintainer: true,
            mergerIsMaintainer: true,
            hasMaintainerApproval: true,
            hasOtherApproval: true,
            pipelineSucceeded: true
        )
    }
}
