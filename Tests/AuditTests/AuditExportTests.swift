// SPDX-License-Identifier: EUPL-1.2

import Audit
import Database
import JSON
import TestKit
import Testing
import Time

let noon = Timestamp(rfc3339: "2026-11-26T12:00:00Z") ?? Timestamp(seconds: 0)

/// A log in a file of its own.
final class Log: Sendable {
    let directory: TemporaryDirectory
    let database: Database
    let clock = ManualClock(noon)

    init(events: Int = 0) async throws {
        directory = try TemporaryDirectory("kontor-audit")
        database = try Database.open(path: directory.file("kontor.db"), migrations: AuditSchema.migrations)
        try await append(events)
    }

    deinit { database.close() }

    func append(_ count: Int) async throws {
        let now = clock.clock.now()
        try await database.write { transaction in
            for _ in 0..<count {
                try AuditLog.append(
                    transaction,
                    actor: "alice",
                    action: "manifest.push",
                    subject: "team/app",
                    detail: ["size": 1],
                    at: now
                )
            }
        }
    }

    func export(_ name: String = "syslog") -> AuditExport {
        // Its clock keeps the log, and with it the directory, as long as the export lives.
        AuditExport(name: name, database: database, clock: WallClock { self.clock.clock.now() })
    }
}

@Suite struct AuditExportTests {
    @Test("no statement of the audit log reads a table that grows")
    func statements() throws {
        #expect(
            try StatementAudit.explain(migrations: AuditSchema.migrations, statements: AuditSchema.statements) == []
        )
    }

    @Test("every table and statement is accepted by PostgreSQL")
    func postgreSQL() async throws {
        let output = try await PostgreSQLCluster.run(
            StatementAudit.postgresScript(migrations: AuditSchema.migrations, statements: AuditSchema.statements)
        )
        #expect(StatementAudit.postgresFindings(output) == [])
        #expect(output.contains("kontor: audit.exportAdvance"))
    }

    @Test("an export that never ran starts before the first event")
    func start() async throws {
        let log = try await Log(events: 3)
        let export = log.export()
        #expect(try await export.state().cursor == 0)
        #expect(try await export.events(after: 0, limit: 2).map(\.id) == [1, 2])
        let state = try await export.state()
        #expect(state.cursor == 0 && state.newest == 3 && state.lag == 3 && state.waitingSince == noon)
        #expect(state.lastError == nil && state.changedAt == nil)
        let empty = try await Log().export()
        #expect(try await empty.state() == AuditExportState())
    }

    @Test("the cursor goes forward, never back, and each export has its own")
    func cursor() async throws {
        let log = try await Log(events: 3)
        let (one, other) = (log.export(), log.export("archive"))
        try await one.advance(to: 2)
        try await one.advance(to: 1)
        #expect(try await one.state().cursor == 2)
        #expect(try await other.state().cursor == 0)
        #expect(try await one.events(after: 2, limit: 500).map(\.id) == [3])
        try await one.advance(to: 3)
        let state = try await one.state()
        #expect(state.lag == 0 && state.waitingSince == nil)
    }

    @Test("an error stays until the next success, and the cursor does not move")
    func failure() async throws {
        let log = try await Log(events: 3)
        let export = log.export()
        try await export.fail("first")
        #expect(try await export.state().lastError == "first")
        #expect(try await export.state().cursor == 0)
        try await export.advance(to: 2)
        log.clock.advance(by: .seconds(5))
        try await export.fail("a\0b" + String(repeating: "x", count: 10_000))
        var state = try await export.state()
        #expect(state.cursor == 2 && state.changedAt == noon + .seconds(5))
        #expect(state.lastError?.hasPrefix("a bx") == true)
        #expect(state.lastError?.count == AuditExport.maximumErrorLength)
        try await export.advance(to: 2)
        state = try await export.state()
        #expect(state.lastError == nil && state.cursor == 2)
    }

    @Test("the cursor survives a restart")
    func restart() async throws {
        let log = try await Log(events: 3)
        try await log.export().advance(to: 2)
        log.database.close()
        let database = try Database.open(path: log.directory.file("kontor.db"), migrations: AuditSchema.migrations)
        let export = AuditExport(name: "syslog", database: database, clock: .fixed(noon))
        #expect(try await export.state().cursor == 2)
        database.close()
    }

    @Test("an event whose personal fields were erased before it was exported goes out without them")
    func erased() async throws {
        let log = try await Log(events: 1)
        _ = try await log.database.write { try AuditLog.erasePersonalFields($0, before: noon + .seconds(1)) }
        let events = try await log.export().events(after: 0, limit: 10)
        #expect(events.count == 1 && events[0].actor == nil && events[0].detail == nil)
    }
}
