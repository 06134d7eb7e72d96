// SPDX-License-Identifier: EUPL-1.2

import Database
import Node
import Registry
import TestKit
import Testing

@Suite("Statements of the registry")
struct StatementTests {
    @Test("no statement of the node walks a table that grows, sorts without an index or counts without a bound")
    func plans() throws {
        let findings = try StatementAudit.explain(migrations: Node.migrations, statements: Node.statements)
        #expect(findings == [], "\(findings)")
    }

    @Test("every table and statement of the node is accepted by PostgreSQL")
    func postgreSQL() async throws {
        let output = try await PostgreSQLCluster.run(
            StatementAudit.postgresScript(migrations: Node.migrations, statements: Node.statements)
        )
        #expect(StatementAudit.postgresFindings(output) == [])
        #expect(output.contains("registry.setTag"))
    }
}
