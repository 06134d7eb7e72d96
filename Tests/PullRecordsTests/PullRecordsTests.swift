// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Audit
import Database
import OCI
import PullRecords
import TestKit
import Testing
import Time

@Suite("Pull records") struct PullRecordsTests {
    private static let noon = Timestamp(seconds: 1_800_000_000)
    private static let digest = Digest.sha256(Array("image".utf8))

    private func fixture() async throws -> (PullRecords, Database, Account) {
        let database = try Database.inMemory(
            migrations: AuditSchema.migrations + AccountsSchema.migrations + PullRecordsSchema.migrations
        )
        let accounts = Accounts(database: database, clock: .system)
        let directory = try TemporaryDirectory("pulls")
        let secret = try #require(try await accounts.bootstrap(dataDirectory: directory.path)).secret
        let admin = try #require(try await accounts.authenticate(username: "admin", password: secret))
        try await accounts.putOrganisation(Organisation(name: "stadt", title: "Stadt", kind: .municipal), by: admin)
        try await accounts.createService("svc-x", organisation: nil, namespace: nil, by: admin)
        return (PullRecords(database: database), database, admin)
    }

    @Test("pulls are summed by repository, digest and puller; first, last and count are exact over flushes")
    func sums() async throws {
        let (records, _, _) = try await fixture()
        let repository = try RepositoryName(parsing: "bund/app")
        for (second, puller) in [(0, Puller.organisation(1)), (5, .organisation(1)), (2, .service(2)), (3, .unknown)] {
            records.note(repository, Self.digest, by: puller, at: Self.noon + .seconds(second))
            if second == 0 { try await records.flush() }
        }
        records.note(repository, .sha256([]), by: .unknown, at: Self.noon)
        try await records.flush()
        #expect(records.pending == 0)
        let found = try await records.records(of: Self.digest, in: repository)
        #expect(found.map(\.organisation) == [nil, "stadt", nil])
        #expect(found.map(\.account) == [nil, nil, "svc-x"])
        #expect(found.map(\.count) == [1, 2, 1])
        #expect(found[1].first == Self.noon && found[1].last == Self.noon + .seconds(5))
        #expect(try await records.records(of: Self.digest, in: RepositoryName(parsing: "bund/other")) == [])
    }

    @Test("what cannot be written is kept, and nothing is counted twice")
    func failures() async throws {
        let (records, database, _) = try await fixture()
        let repository = try RepositoryName(parsing: "bund/app")
        for _ in 0..<3 { records.note(repository, Self.digest, by: .unknown, at: Self.noon) }
        database.close()
        await #expect(throws: DatabaseError.self) { try await records.flush() }
        #expect(records.pending == 1)
    }

    @Test("old records go after their retention, newer ones stay")
    func retention() async throws {
        let (records, _, _) = try await fixture()
        for day in 0..<10 {
            let repository = try RepositoryName(parsing: "bund/app\(day)")
            records.note(repository, Self.digest, by: .unknown, at: Self.noon + .seconds(day * 86_400))
        }
        try await records.flush()
        let edge = Self.noon + .seconds(5 * 86_400)
        #expect(try await records.expire(before: edge, limit: 3) == 3)
        #expect(try await records.expire(before: edge, limit: 3) == 2)
        #expect(try await records.expire(before: edge, limit: 3) == 0)
        #expect(try await records.records(of: Self.digest, in: RepositoryName(parsing: "bund/app5")).count == 1)
    }

    @Test("a flood of pullers is bounded: that something was pulled is kept, by whom no longer")
    func flood() async throws {
        let (records, _, _) = try await fixture()
        let repository = try RepositoryName(parsing: "bund/app")
        for id in 0..<(PullRecords.maximumPending + 1000) {
            records.note(repository, Self.digest, by: .organisation(Int64(id)), at: Self.noon)
        }
        #expect(records.pending == PullRecords.maximumPending + 1)
    }

    @Test("a pull that could not be counted is a gap: what is older than it counts as unknown again")
    func gap() async throws {
        let (_, database, _) = try await fixture()
        let records = PullRecords(database: database, limit: 2)
        #expect(try await records.recordedSince(now: Self.noon, retention: .seconds(10_000)) == Self.noon)
        for number in 0..<5 {
            let repository = try RepositoryName(parsing: "bund/app\(number)")
            records.note(repository, Self.digest, by: .organisation(1), at: Self.noon + .seconds(number))
        }
        try await records.flush()
        let later = Self.noon + .seconds(100)
        #expect(try await records.recordedSince(now: later, retention: .seconds(10_000)) == Self.noon + .seconds(4))
        try await records.flush()
        #expect(try await records.recordedSince(now: later, retention: .seconds(10)) == later - .seconds(10))
    }

    @Test("a flush ends when everything before it is written, also what another flush is writing")
    func together() async throws {
        let (records, database, _) = try await fixture()
        let repository = try RepositoryName(parsing: "bund/app")
        for id in 0..<10_000 {
            records.note(repository, Self.digest, by: .organisation(Int64(id)), at: Self.noon)
        }
        let first = Task { try await records.flush() }
        while records.pending > 0 { await Task.yield() }
        try await records.flush()
        let count = Statement("test.count", "SELECT COUNT(*) FROM pulls")
        #expect(try await database.read { try $0.first(count)?.int64(0) } == 10_000)
        try await first.value
    }
}
