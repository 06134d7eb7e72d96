// SPDX-License-Identifier: EUPL-1.2

import Accounts
import AssessmentTestKit
import Criteria
import Database
import Directory
import Foundation
import JSON
import ProjectCriteria
import ProjectRegister
import Synchronization
import TestKit
import Testing
import Time
import Webhooks

/// The register of projects with the rooms below it, on 2026-11-22.
final class Scene: Sendable {
    let node: NodeFixture
    let accounts: Accounts
    let directory: Directory
    let admin: Account
    /// How often a repository was asked for, and what is answered instead of reading one; nil reads it.
    let checks = Mutex<(count: Int, answer: ProjectCheckError?)>((0, nil))

    init() async throws {
        node = try NodeFixture(further: DirectorySchema.migrations + ProjectRegisterSchema.migrations)
        accounts = Accounts(database: node.database, clock: node.time.clock)
        _ = try await accounts.bootstrap(dataDirectory: node.directory.path)
        admin = node.account
        directory = Directory(database: node.database, accounts: accounts, clock: node.time.clock)
        for name in ["stadt", "land"] {
            try await accounts.putOrganisation(Organisation(name: name, title: name, kind: .municipal), by: admin)
            try await accounts.createNamespace(name, organisation: name, isPublic: name == "stadt", by: admin)
        }
    }

    var copies: String { node.directory.file("copies") }

    /// The register; by default it may read from this machine.
    func register(
        _ rules: WebhookRules? = nil,
        _ configure: (inout ProjectRegisterSettings) -> Void = { _ in }
    ) throws -> ProjectRegister {
        var settings = ProjectRegisterSettings(
            rules: try rules ?? WebhookRules(allowing: ["127.0.0.1"], plainHTTP: true)
        )
        configure(&settings)
        let assessor = ProjectAssessor(directory: copies, feeds: node.feeds, plainHTTP: true)
        return ProjectRegister(
            database: node.database,
            accounts: accounts,
            directory: directory,
            settings: settings,
            checker: ProjectChecker(
                check: { [self] request throws(ProjectCheckError) in
                    let answer = checks.withLock { checks in
                        checks.count += 1
                        return checks.answer
                    }
                    if let answer { throw answer }
                    return try await assessor.assess(request)
                },
                forget: { assessor.forget($0) }
            ),
            clock: node.time.clock
        )
    }

    /// Does everything that is due.
    ///
    /// - Returns: how many jobs there were.
    @discardableResult
    func work(_ register: ProjectRegister) async throws -> Int {
        var count = 0
        try await register.wake()
        while let job = try await node.queue.claim(kinds: Array(register.jobs.keys), lease: .seconds(15)) {
            count += 1
            do { try await register.check(job) } catch {
                try await node.queue.fail(job, error: "\(error)", retryable: true)
            }
        }
        return count
    }

    func person(_ name: String, of organisation: String, in namespace: String, _ role: Role?) async throws -> Account {
        let secret = try await accounts.createPerson(name, organisation: organisation, by: admin)
        if let role { try await accounts.setRole(role, of: name, in: namespace, by: admin) }
        return try #require(try await accounts.authenticate(username: name, password: secret))
    }

    func answer(_ error: ProjectCheckError?) { checks.withLock { $0.answer = error } }

    var count: Int { checks.withLock { $0.count } }
}

/// What an error says; nil where nothing was thrown.
func reason(_ body: () async throws -> some Any) async -> String? {
    do {
        _ = try await body()
        return nil
    } catch {
        return "\(error)"
    }
}
