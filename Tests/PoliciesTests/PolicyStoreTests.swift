// SPDX-License-Identifier: EUPL-1.2

import Audit
import Database
import JSON
import Policies
import SBOM
import TestKit
import Testing
import Time

private let migrations = PoliciesSchema.migrations + AuditSchema.migrations

@Suite struct PolicyStoreTests {
    private let database: Database

    init() throws { database = try Database.inMemory(migrations: migrations) }

    @discardableResult
    private func set(
        _ policy: ContentPolicy,
        expected: Int64,
        namespace: Int64 = 1,
        reason: String = "as decided"
    ) async throws -> Int64 {
        try await database.write { transaction in
            try PolicyStore.set(
                transaction,
                of: namespace,
                named: "team",
                to: policy,
                expectedRevision: expected,
                by: "alice",
                reason: reason,
                at: noon
            )
        }
    }

    private func current(_ namespace: Int64 = 1) async throws -> PolicyInForce {
        try await database.read { try PolicyStore.current($0, of: namespace) }
    }

    private func tamper(_ sql: String) async throws {
        try await database.write { try $0.execute(Statement("test.tamper", sql)) }
    }

    @Test("a namespace without a policy has no rules; each change is a revision, and the last one is in force")
    func revisions() async throws {
        #expect(try await current() == PolicyInForce(revision: 0, policy: ContentPolicy()))
        var generator = PolicyGenerator(numbers: SeededNumbers(41))
        for number in 0..<20 as Range<Int64> {
            let policy = generator.policy()
            #expect(try await set(policy, expected: number) == number + 1)
            #expect(try await current() == PolicyInForce(revision: number + 1, policy: policy))
        }
        #expect(try await current(2).revision == 0, "another namespace has none of it")
    }

    @Test("a change is audited in its transaction, with both revisions; a refused one is not")
    func audit() async throws {
        try await set(ContentPolicy(quotaBytes: 1), expected: 0)
        await #expect(throws: PolicyConflict(namespace: "team", expected: 0, current: 1)) {
            try await set(ContentPolicy(quotaBytes: 2), expected: 0)
        }
        await #expect(throws: PolicyConflict.self) { try await set(ContentPolicy(), expected: 2) }
        try await set(ContentPolicy(quotaBytes: 3), expected: 1, reason: "more")
        let events = try await AuditLog.list(database)
        #expect(events.map(\.action) == ["policy.change", "policy.change"])
        #expect(events[1].subject == "namespace:team" && events[1].actor == "alice")
        #expect(
            events[1].detail == ["namespaceId": 1, "oldRevision": 1, "newRevision": 2, "reason": "more"]
        )
        #expect(try await current().policy.quotaBytes == 3)
    }

    @Test("of many authors who saw the same revision one gets through")
    func concurrent() async throws {
        let database = database
        let done = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<20 as Range<Int64> {
                group.addTask {
                    let revision = try? await database.write { transaction in
                        try PolicyStore.set(
                            transaction,
                            of: 1,
                            named: "team",
                            to: ContentPolicy(quotaBytes: number),
                            expectedRevision: 0,
                            by: "author \(number)",
                            reason: "race",
                            at: noon
                        )
                    }
                    return revision != nil
                }
            }
            return await group.reduce(0) { $1 ? $0 + 1 : $0 }
        }
        #expect(done == 1)
        #expect(try await AuditLog.list(database).count == 1)
    }

    @Test(
        "a stored policy that cannot be read denies, and can be replaced",
        arguments: ["", "{", "{\"quotaBytes\":-1}", "{\"gates\":[]}", "{\"quotaBytes\":1,\"quotaBytes\":2}"]
    )
    func unreadable(_ body: String) async throws {
        try await set(ContentPolicy(quotaBytes: 1), expected: 0)
        try await set(ContentPolicy(quotaBytes: 2), expected: 1)
        try await tamper("UPDATE policies SET body = '\(body)' WHERE revision = 2")
        let error = try await #require(throws: PolicyUnreadable.self) { try await current() }
        #expect(error.namespace == 1 && error.revision == 2)
        #expect(error.reason.de.contains("Revision 2") && error.reason.en.contains("evision 2"))
        let page = try await database.read { try PolicyStore.history($0, of: 1) }
        #expect(page.map(\.policy) == [nil, ContentPolicy(quotaBytes: 1)])
        try await set(ContentPolicy(quotaBytes: 3), expected: 2)
        #expect(try await current() == PolicyInForce(revision: 3, policy: ContentPolicy(quotaBytes: 3)))
    }

    @Test("what could not be read again is not stored")
    func unacceptable() async throws {
        let policies = [
            ContentPolicy(quotaBytes: -1), ContentPolicy(openUploads: 0),
            ContentPolicy(immutableTags: [ImmutableTagRule(tags: [])]), ContentPolicy(retention: [RetentionRule()]),
            ContentPolicy(retention: [RetentionRule(keep: [])]),
            ContentPolicy(retention: [RetentionRule(keep: [KeepRule(.matching)])]),
            ContentPolicy(retention: [RetentionRule(keep: [KeepRule(.newest(0))])]),
            ContentPolicy(retention: Array(repeating: RetentionRule(removeUntaggedAfterDays: 1), count: 101)),
            // A pattern of repositories among those of tags.
            ContentPolicy(immutableTags: [ImmutableTagRule(tags: [repositoryGlob("a/b")])]),
        ]
        for policy in policies {
            await #expect(throws: PolicyReadError.self) { try await set(policy, expected: 0) }
        }
        #expect(try await current().revision == 0)
        #expect(try await AuditLog.list(database).isEmpty)
    }

    @Test("a change needs a reason", arguments: ["", " \n", "a\u{0}b", String(repeating: "x", count: 2_001)])
    func reason(_ reason: String) async throws {
        await #expect(throws: PolicyReadError.self) { try await set(ContentPolicy(), expected: 0, reason: reason) }
    }

    @Test("the history comes newest first, page by page")
    func history() async throws {
        for number in 0..<5 as Range<Int64> {
            try await set(ContentPolicy(quotaBytes: number), expected: number, reason: "change \(number)")
        }
        try await set(ContentPolicy(), expected: 0, namespace: 2)
        let first = try await database.read { try PolicyStore.history($0, of: 1, limit: 2) }
        #expect(first.map(\.revision) == [5, 4])
        #expect(first[0].reason == "change 4" && first[0].createdBy == "alice" && first[0].createdAt == noon)
        let next = try await database.read { try PolicyStore.history($0, of: 1, before: 4, limit: 2) }
        #expect(next.map(\.revision) == [3, 2])
        #expect(try await database.read { try PolicyStore.history($0, of: 1, before: 2) }.map(\.revision) == [1])
        #expect(try await database.read { try PolicyStore.history($0, of: 1, before: 1) }.isEmpty)
        #expect(try await database.read { try PolicyStore.history($0, of: 1, limit: .max) }.count == 5)
    }

    @Test("no statement reads a whole table, and PostgreSQL takes them all")
    func statements() async throws {
        let statements = PoliciesSchema.statements + AuditSchema.statements
        #expect(try StatementAudit.explain(migrations: migrations, statements: statements) == [])
        let output = try await PostgreSQLCluster.run(
            StatementAudit.postgresScript(migrations: migrations, statements: statements)
        )
        #expect(StatementAudit.postgresFindings(output) == [])
    }
}
