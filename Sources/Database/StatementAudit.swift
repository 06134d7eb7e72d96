// SPDX-License-Identifier: EUPL-1.2

internal import GRDB

/// Checks the statements of all rooms against their tables; tests run it, no node does.
public enum StatementAudit {
    /// What is wrong with one statement.
    public struct Finding: Sendable, Hashable, CustomStringConvertible {
        /// Name of the statement, or of the migration.
        public let name: String
        /// What is wrong.
        public let problem: String
        /// The statement and what is wrong with it.
        public var description: String { "\(name): \(problem)" }
    }

    /// Explains every statement on SQLite.
    ///
    /// A finding is: SQL that does not compile, a table without STRICT, a name given twice, a walk over a whole
    /// table or a whole index (unless ``Statement/scans(_:)`` says why), a sort without an index, an automatic
    /// index, or COUNT(*) without a bound.
    public static func explain(migrations: [Migration], statements: [Statement]) throws -> [Finding] {
        var findings: [Finding] = []
        let queue = try DatabaseQueue()
        try queue.writeWithoutTransaction { connection in
            try Migrations.apply(migrations, to: connection)
            let tables = try GRDB.Row.fetchAll(
                connection,
                sql: "SELECT name, strict, type FROM pragma_table_list WHERE schema = 'main'"
            )
            for table in tables where table["type"] == "table" && table["strict"] == 0 {
                let name: String = table["name"]
                if !name.hasPrefix("sqlite_") {
                    findings.append(Finding(name: name, problem: "the table is not STRICT"))
                }
            }
            var seen: Set<String> = []
            for statement in statements {
                if !seen.insert(statement.name).inserted {
                    findings.append(Finding(name: statement.name, problem: "two statements have this name"))
                }
                findings += problems(of: statement, connection).map { Finding(name: statement.name, problem: $0) }
            }
        }
        return findings
    }

    private static func problems(of statement: Statement, _ connection: GRDB.Database) -> [String] {
        let plan: [String]
        do {
            let prepared = try connection.makeStatement(sql: "EXPLAIN QUERY PLAN " + statement.sql)
            prepared.setUncheckedArguments(StatementArguments())
            plan = try GRDB.Row.fetchAll(prepared).map { $0["detail"] as String }
        } catch {
            return ["it does not compile on SQLite: \(DatabaseError(error, statement: nil, path: nil).reason)"]
        }
        var problems: [String] = []
        // Walks over constants, values and results that the statement itself bounded are no walks over a table.
        let walks = plan.filter { line in
            line.hasPrefix("SCAN ") && !line.hasPrefix("SCAN CONSTANT ROW") && !line.contains("VIRTUAL TABLE")
                && !line.contains("json_each") && !isDerived(line, statement)
        }
        let upper = statement.sql.uppercased()
        // A walk in the order of a key that LIMIT ends early: nothing is filtered or sorted, so nothing beyond the
        // page is read.
        let isBoundedWalk =
            upper.contains("LIMIT") && !upper.contains("WHERE") && !plan.contains { $0.contains("TEMP B-TREE") }
        if statement.scanReason == nil {
            if !isBoundedWalk { problems += walks.map { "it reads a whole table: \($0)" } }
            problems += plan.filter { $0.contains("AUTOMATIC") }.map { "an index is missing: \($0)" }
            problems += plan.filter { $0.contains("USE TEMP B-TREE FOR ORDER BY") }.map {
                "it sorts without an index: \($0)"
            }
        }
        if upper.contains("COUNT(*)"), !upper.contains("LIMIT"), statement.scanReason == nil {
            problems.append("it counts without a bound")
        }
        return problems
    }

    /// Names that a statement gives to a part of itself (`… AS bounded`, `WITH page AS`).
    private static func isDerived(_ line: String, _ statement: Statement) -> Bool {
        guard let name = line.split(separator: " ").dropFirst().first.map(String.init) else { return false }
        if name.hasPrefix("(") || name == "SUBQUERY" { return true }
        let words = statement.sql.split { " \n\t,;".contains($0) }.map { $0.lowercased() }
        for (index, word) in words.enumerated() where word == name.lowercased() {
            if index > 1, words[index - 1] == "as", words[index - 2].hasSuffix(")") { return true }
            if index + 1 < words.count, words[index + 1] == "as", index > 0,
                ["with", "recursive"].contains(words[index - 1])
            {
                return true
            }
        }
        return false
    }

    /// A script for psql that makes the tables and prepares every statement, each with its name in front of an error.
    ///
    /// Translated is only what differs between the two: `?` becomes `$n`, STRICT and WITHOUT ROWID go, INTEGER
    /// becomes BIGINT, INTEGER PRIMARY KEY an identity column, BLOB becomes BYTEA, REAL becomes DOUBLE PRECISION.
    public static func postgresScript(migrations: [Migration], statements: [Statement]) -> String {
        var script = "\\set ON_ERROR_STOP off\n\\set VERBOSITY terse\n"
        for migration in migrations {
            // Full-text search is made of other statements there, see FullTextIndex.
            for sql in migration.sql where !sql.hasPrefix("CREATE VIRTUAL TABLE") {
                script += "\\echo kontor: \(migration.id)\n" + postgresTable(sql) + ";\n"
            }
        }
        for (index, statement) in statements.enumerated() {
            script += "\\echo kontor: \(statement.name)\nPREPARE s\(index) AS \(postgresStatement(statement.sql));\n"
        }
        return script
    }

    /// Errors in what psql printed for ``postgresScript(migrations:statements:)``, standard error mixed into
    /// standard output.
    public static func postgresFindings(_ output: String) -> [Finding] {
        var findings: [Finding] = []
        var current = "start"
        for line in output.split(separator: "\n") {
            if line.hasPrefix("kontor: ") {
                current = String(line.dropFirst(8))
            } else if line.contains("ERROR:") || line.contains("FATAL:") {
                findings.append(Finding(name: current, problem: "PostgreSQL: \(line)"))
            }
        }
        return findings
    }

    private static func postgresTable(_ sql: String) -> String {
        var text = sql
        for (from, to) in [
            ("INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"),
            ("INTEGER PRIMARY KEY", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"),
            ("INTEGER", "BIGINT"), ("BLOB", "BYTEA"), ("REAL", "DOUBLE PRECISION"),
            (") STRICT, WITHOUT ROWID", ")"), (") WITHOUT ROWID, STRICT", ")"), (") STRICT", ")"),
        ] {
            text.replace(from, with: to)
        }
        return text
    }

    private static func postgresStatement(_ sql: String) -> String {
        var text = ""
        var number = 0
        var inQuotes = false
        for character in sql {
            if character == "'" { inQuotes.toggle() }
            if character == "?", !inQuotes {
                number += 1
                text += "$\(number)"
            } else {
                text.append(character)
            }
        }
        return text
    }
}
