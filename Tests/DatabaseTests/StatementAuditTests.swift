// SPDX-License-Identifier: EUPL-1.2

import Database
import TestKit
import Testing

@Suite struct StatementAuditTests {
    @Test("no statement of the job queue reads a whole table")
    func ownStatements() throws {
        #expect(try StatementAudit.explain(migrations: JobSchema.migrations, statements: JobSchema.statements) == [])
    }

    @Test("every table and statement of the job queue is accepted by PostgreSQL")
    func postgreSQL() async throws {
        let script = StatementAudit.postgresScript(migrations: JobSchema.migrations, statements: JobSchema.statements)
        let output = try await PostgreSQLCluster.run(script)
        #expect(StatementAudit.postgresFindings(output) == [])
        #expect(output.contains("kontor: jobs.enqueue"))
    }

    @Test("PostgreSQL's refusal names the statement")
    func postgreSQLRefusal() async throws {
        let bad = Statement("bad.one", "INSERT OR REPLACE INTO notes (name) VALUES (?)")
        let good = Statement("good.one", "SELECT name FROM notes WHERE id = ? AND name <> '?'")
        let output = try await PostgreSQLCluster.run(
            StatementAudit.postgresScript(migrations: [notes], statements: [bad, good])
        )
        #expect(StatementAudit.postgresFindings(output).map(\.name) == ["bad.one"])
    }

    @Test(
        "a statement that reads a whole table, sorts, or counts without a bound is found",
        arguments: [
            ("SELECT id FROM notes WHERE size = ?", "reads a whole table"),
            ("SELECT id FROM notes WHERE size = ? LIMIT 1", "reads a whole table"),
            ("UPDATE notes SET size = 1 WHERE body = ?", "reads a whole table"),
            ("SELECT name FROM notes WHERE id > ? ORDER BY size LIMIT 10", "sorts without an index"),
            ("SELECT COUNT(*) FROM notes WHERE name = ?", "counts without a bound"),
            ("SELECT nonsense FROM notes", "does not compile"),
        ]
    )
    func bad(sql: String, problem: String) throws {
        let findings = try StatementAudit.explain(migrations: [notes], statements: [Statement("s", sql)])
        #expect(findings.contains { $0.description.contains(problem) }, "\(findings)")
    }

    @Test(
        "a seek, a page and a statement with a reason pass",
        arguments: [
            Statement("s", "SELECT id FROM notes WHERE name = ?"),
            Statement("s", "SELECT id FROM notes WHERE id > ? ORDER BY id LIMIT ?"),
            Statement("s", "SELECT id FROM notes ORDER BY id DESC LIMIT 1"),
            Statement("s", "SELECT COUNT(*) FROM (SELECT 1 FROM notes WHERE name > ? LIMIT ?) AS bounded"),
            Statement("s", "INSERT INTO notes (name) VALUES (?) ON CONFLICT (name) DO NOTHING"),
            Statement("s", "SELECT id FROM notes WHERE size = ?").scans("a verification reads all"),
        ]
    )
    func good(statement: Statement) throws {
        #expect(try StatementAudit.explain(migrations: [notes], statements: [statement]) == [])
    }

    @Test("a key that refers to a table without an index is found at the statement that must look for it")
    func missingKeyIndex() throws {
        let tables = Migration(
            id: "keys",
            sql: [
                "CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT",
                "CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parents (id)) STRICT",
            ]
        )
        let delete = Statement("parents.delete", "DELETE FROM parents WHERE id = ?")
        #expect(
            try StatementAudit.explain(migrations: [tables], statements: [delete]).map(\.problem) == [
                "it reads a whole table: SCAN children"
            ]
        )
    }

    @Test("a table without STRICT and a name given twice are found")
    func tables() throws {
        let loose = Migration(id: "loose", sql: ["CREATE TABLE loose (x INTEGER)"])
        let twin = Statement("twin", "SELECT 1")
        let findings = try StatementAudit.explain(migrations: [loose], statements: [twin, twin])
        #expect(findings.map(\.name).sorted() == ["loose", "twin"])
    }
}
