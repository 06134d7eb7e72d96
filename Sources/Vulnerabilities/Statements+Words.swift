// SPDX-License-Identifier: EUPL-1.2

import Advisories
public import Database
import JSON

/// Which words count, for whoever weighs them.
extension Statements {
    /// Words about vulnerabilities, by any of their names, in a transaction of the caller.
    public static func words(about names: some Sequence<String>, in transaction: Transaction) throws -> [Word] {
        var words: [Word] = []
        var seen = Set<[Int64]>()
        for name in Set(names.map { $0.uppercased() }).sorted() {
            for row in try transaction.query(StatementsSchema.statementsOfName, [.text(name)]) {
                let (document, position) = (try row.int64(0), try row.int64(1))
                guard seen.insert([document, position]).inserted else { continue }
                words.append(try word(row))
            }
        }
        return words
    }

    /// One word that counts, in a transaction of the caller; nil where there is none.
    public static func word(ofDocument document: Int64, at position: Int, in t: Transaction) throws -> Word? {
        try t.first(StatementsSchema.statement, [.integer(document), .integer(position)]).map { try word($0) }
    }

    private static func word(_ row: Row) throws -> Word {
        let (namespace, repository) = (try row.text(3), try row.text(9))
        return Word(
            document: try row.int64(0),
            entry: VEXIndex.Entry(
                try VEXStatement(json: JSONFields(JSONValue(parsing: try row.text(2)))),
                source: VEXSource(
                    format: VEXFormat(rawValue: try row.text(4)) ?? .openVEX,
                    document: try row.text(5),
                    author: try row.text(6),
                    version: try row.optionalText(7),
                    statement: try row.int(1)
                )
            ),
            place: StatementPlace(
                namespace: namespace.isEmpty ? nil : namespace,
                repository: repository.isEmpty ? nil : repository
            ),
            importedBy: try row.text(8),
            origin: StatementOrigin(rawValue: try row.text(10)) ?? .imported,
            adoptedFrom: try row.optionalText(11)
        )
    }

    /// Where the words of a document count, or did, in a transaction of the caller; nil where there is no such document.
    public static func place(ofDocument id: Int64, in t: Transaction) throws -> StatementPlace? {
        try t.first(StatementsSchema.document, [.integer(id)]).map { try document($0).place }
    }

    /// What changes with every document that comes or ends, in a transaction of the caller.
    public static func generation(in t: Transaction) throws -> String {
        guard let row = try t.first(StatementsSchema.generation) else { return "" }
        return "\(try row.optionalInt64(0) ?? 0) \(try row.optionalInt64(1) ?? 0)"
    }
}
