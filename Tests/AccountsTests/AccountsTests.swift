// SPDX-License-Identifier: EUPL-1.2

import Accounts
import Audit
import Database
import DurableFiles
import Foundation
import JSON
import TestKit
import Testing
import Time

let noon = Timestamp(seconds: 1_800_000_000)

/// Accounts over a database in memory and a directory of their own.
struct AccountsFixture {
    let directory: TemporaryDirectory
    let database: Database
    let time = ManualClock(noon)
    let files = FaultyFiles()
    let accounts: Accounts

    init(_ change: (inout Accounts.Settings) -> Void = { _ in }) throws {
        directory = try TemporaryDirectory("kontor-accounts")
        database = try Database.inMemory(migrations: AccountsSchema.migrations + AuditSchema.migrations)
        var settings = Accounts.Settings()
        settings.passwordLogRounds = 8
        change(&settings)
        accounts = Accounts(database: database, clock: time.clock, files: files.operations, settings: settings)
    }

    func bootstrapped() async throws -> String {
        try #require(try await accounts.bootstrap(dataDirectory: directory.path)).secret
    }

    func admin() async throws -> Account {
        try #require(try await accounts.authenticate(username: "admin", password: try await bootstrapped()))
    }

    func actions() async throws -> [String] { try await AuditLog.list(database, limit: 1_000).map(\.action) }
}

@Suite struct AccountsTests {
    @Test(
        "7.2/36, 7.2/72: the first start makes admin, leaves the secret in a file of mode 0600, and later starts do nothing"
    )
    func bootstrap() async throws {
        let fixture = try AccountsFixture()
        #expect(try fixture.accounts.adminSecretFileExists(dataDirectory: fixture.directory.path) == false)
        let made = try #require(try await fixture.accounts.bootstrap(dataDirectory: fixture.directory.path))
        #expect(made.account == "admin" && made.file == fixture.directory.file("admin-secret"))
        #expect(made.secret.utf8.count == 52)
        #expect(made.secret.utf8.allSatisfy { Array("abcdefghijklmnopqrstuvwxyz234567".utf8).contains($0) })
        #expect(try String(contentsOfFile: made.file, encoding: .utf8) == made.secret + "\n")
        #expect(try FileOperations.live.statusAt(made.file)?.mode == 0o600)
        #expect(try fixture.accounts.adminSecretFileExists(dataDirectory: fixture.directory.path))
        fixture.files.clear()
        #expect(try await fixture.accounts.bootstrap(dataDirectory: fixture.directory.path) == nil)
        #expect(fixture.files.events.isEmpty, "the file is never read again")
        #expect(try await fixture.actions() == ["accounts.create"])
    }

    @Test(
        "no account is made when its secret cannot be made durable",
        arguments: ["create", "write", "synchronise", "rename", "synchroniseDirectory"]
    )
    func bootstrapFails(operation: String) async throws {
        let fixture = try AccountsFixture()
        fixture.files.fail(operation, code: ENOSPC)
        await #expect(throws: FileError.self) {
            try await fixture.accounts.bootstrap(dataDirectory: fixture.directory.path)
        }
        let secret = try await fixture.bootstrapped()
        #expect(try await fixture.accounts.authenticate(username: "admin", password: secret)?.isAdmin == true)
        #expect(try String(contentsOfFile: fixture.directory.file("admin-secret"), encoding: .utf8) == secret + "\n")
    }

    @Test("7.2/45, 7.2/72: the secret itself is nowhere in the database")
    func onlyTheHash() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("node.sqlite")
        let database = try Database.open(path: path, migrations: AccountsSchema.migrations + AuditSchema.migrations)
        let accounts = Accounts(database: database, clock: .system)
        let secret = try #require(try await accounts.bootstrap(dataDirectory: directory.path)).secret
        _ = try await accounts.authenticate(username: "admin", password: secret)
        database.close()
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path)
        where name.hasPrefix("node.sqlite") {
            #expect(
                try Data(contentsOf: URL(fileURLWithPath: directory.file(name))).range(of: Data(secret.utf8)) == nil
            )
        }
    }

    @Test("7.2/61: the right secret opens; anything else does not", arguments: ["", "x", "wrong-secret", " ", "ADMIN"])
    func authenticate(wrong: String) async throws {
        let fixture = try AccountsFixture()
        let secret = try await fixture.bootstrapped()
        let account = try await fixture.accounts.authenticate(username: "admin", password: secret)
        #expect(account?.id == 1 && account?.name == "admin" && account?.isAdmin == true)
        #expect(try await fixture.accounts.authenticate(username: "admin", password: wrong) == nil)
        #expect(try await fixture.accounts.authenticate(username: "admin", password: secret + "a") == nil)
        #expect(try await fixture.accounts.authenticate(username: wrong, password: secret) == nil)
        #expect(try await fixture.accounts.authenticate(username: "admi", password: "n" + secret) == nil)
    }

    @Test("a verified pair is remembered, and then costs no look into the database")
    func cached() async throws {
        let fixture = try AccountsFixture()
        let secret = try await fixture.bootstrapped()
        _ = try await fixture.accounts.authenticate(username: "admin", password: secret)
        #expect(fixture.accounts.cachedCredentials == 1)
        fixture.database.close()
        #expect(try await fixture.accounts.authenticate(username: "admin", password: secret) != nil)
        await #expect(throws: DatabaseError.self) {
            try await fixture.accounts.authenticate(username: "admin", password: "x")
        }
        fixture.time.advance(by: .seconds(600))
        await #expect(throws: DatabaseError.self) {
            try await fixture.accounts.authenticate(username: "admin", password: secret)
        }
    }

    @Test("a disabled account is out at once, and in again when enabled; nobody disables their own")
    func disabled() async throws {
        let fixture = try AccountsFixture()
        let admin = try await fixture.admin()
        let secret = try await fixture.accounts.createPerson("anna", organisation: nil, by: admin)
        let anna = try #require(try await fixture.accounts.authenticate(username: "anna", password: secret))
        #expect(try await fixture.accounts.access(of: anna, to: nil) != nil)
        try await fixture.accounts.setEnabled(false, "anna", by: admin)
        #expect(try await fixture.accounts.authenticate(username: "anna", password: secret) == nil)
        #expect(try await fixture.accounts.access(of: anna, to: nil) == nil, "what was proved before counts no more")
        await #expect(throws: AccountsError.self) {
            try await fixture.accounts.setEnabled(false, "anna", by: admin)
        }
        try await fixture.accounts.setEnabled(true, "anna", by: admin)
        #expect(try await fixture.accounts.authenticate(username: "anna", password: secret) != nil)
        for name in ["admin", "nobody"] {
            await #expect(throws: AccountsError.self) {
                try await fixture.accounts.setEnabled(false, name, by: admin)
            }
        }
        let expected = [
            "accounts.create", "accounts.create", "accounts.disable", "accounts.signInFailed", "accounts.enable",
        ]
        #expect(try await fixture.actions() == expected)
    }

    @Test("a new secret replaces the old one at once, and what was proved with it")
    func renewed() async throws {
        let fixture = try AccountsFixture()
        let old = try await fixture.bootstrapped()
        let admin = try #require(try await fixture.accounts.authenticate(username: "admin", password: old))
        let new = try await fixture.accounts.renewSecret(of: "admin", by: admin)
        #expect(try await fixture.accounts.authenticate(username: "admin", password: old) == nil)
        #expect(try await fixture.accounts.access(of: admin, to: nil) == nil)
        let again = try #require(try await fixture.accounts.authenticate(username: "admin", password: new))
        await #expect(throws: AccountsError.self) {
            try await fixture.accounts.renewSecret(of: "nobody", by: again)
        }
    }

    @Test("the memory for verified pairs is bounded")
    func boundedCache() async throws {
        let fixture = try AccountsFixture { $0.cachedCredentials = 1 }
        let admin = try await fixture.admin()
        for number in 0..<5 {
            let secret = try await fixture.accounts.createPerson("person\(number)", organisation: nil, by: admin)
            #expect(try await fixture.accounts.authenticate(username: "person\(number)", password: secret) != nil)
            #expect(fixture.accounts.cachedCredentials == 1)
        }
    }

    @Test(
        "7.2/45, 7.2/61: failed sign-ins are audited up to a bound, the rest as one number; typed names only if they are accounts"
    )
    func auditedFailures() async throws {
        let fixture = try AccountsFixture { $0.auditedFailuresPerMinute = 3 }
        _ = try await fixture.bootstrapped()
        for number in 0..<50 {
            let name = number == 0 ? "admin" : "hunter2"
            // Of the form of a generated secret: nobody has to wait for those.
            let guess = String(repeating: number.isMultiple(of: 2) ? "a" : "b", count: 52)
            #expect(try await fixture.accounts.authenticate(username: name, password: guess) == nil)
        }
        fixture.time.advance(by: .seconds(60))
        _ = try await fixture.accounts.authenticate(username: "admin", password: "guess")
        let events = try await AuditLog.list(fixture.database)
        #expect(
            events.map(\.action) == ["accounts.create"] + Array(repeating: "accounts.signInFailed", count: 3) + [
                "accounts.signInsFailed", "accounts.signInFailed",
            ]
        )
        #expect(events[1].actor == "admin")
        #expect(events[2].actor == "unknown")
        #expect(events[4].detail?["count"]?.intValue == 47)
        #expect(try await AuditLog.verify(fixture.database).firstBreak == nil)
    }

    @Test("no statement reads a whole table, and PostgreSQL takes them all")
    func statements() async throws {
        let migrations = AccountsSchema.migrations + AuditSchema.migrations
        let statements = AccountsSchema.statements + AuditSchema.statements
        #expect(try StatementAudit.explain(migrations: migrations, statements: statements) == [])
        let output = try await PostgreSQLCluster.run(
            StatementAudit.postgresScript(migrations: migrations, statements: statements)
        )
        #expect(StatementAudit.postgresFindings(output) == [])
    }
}
