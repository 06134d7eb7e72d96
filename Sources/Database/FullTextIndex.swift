// SPDX-License-Identifier: EUPL-1.2

/// Full-text search over some texts of a room's rows: SQLite's FTS5 here, tsvector on PostgreSQL.
///
/// A capability of its own, because the two databases share no words for it. The room writes in the transaction of its row; what is
/// asked for is a ``FullTextQuery``, never a text of somebody's in the index's own language.
///
/// Source: SQLite FTS5, https://www.sqlite.org/fts5.html (tokenizer unicode61 without diacritics, prefix indexes, column filters).
public struct FullTextIndex: Sendable, Hashable {
    /// Name of the index, a constant of its room.
    public let name: String
    /// Its texts, in order; constants of the room.
    public let columns: [String]

    private let insertion: Statement
    private let removal: Statement

    /// Names an index.
    public init(_ name: String, columns: [String]) {
        self.name = name
        self.columns = columns
        let places = columns.map { _ in "?" }.joined(separator: ", ")
        insertion = Statement(
            name + ".put",
            "INSERT INTO \(name) (rowid, \(columns.joined(separator: ", "))) VALUES (?, \(places))"
        )
        removal = Statement(name + ".remove", "DELETE FROM \(name) WHERE rowid = ?")
    }

    /// Makes the index; apart from the room's tables, because it is another statement on each database.
    public var migration: Migration {
        Migration(
            id: name + "-fulltext-0001",
            sql: [
                """
                CREATE VIRTUAL TABLE \(name) USING fts5(\(columns.joined(separator: ", ")),
                    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')
                """
            ]
        )
    }

    /// Its own statements, for the test that explains each.
    public var statements: [Statement] { [insertion, removal] }

    /// Writes the texts of a row, in the order of ``columns``; what it had before goes.
    public func put(_ transaction: Transaction, row: Int64, _ texts: [String]) throws(DatabaseError) {
        guard texts.count == columns.count else {
            throw DatabaseError(.misuse, "\(texts.count) texts for \(columns.count) columns", statement: insertion.name)
        }
        try transaction.execute(removal, [.integer(row)])
        try transaction.execute(insertion, [.integer(row)] + texts.map { .text($0.filter { $0 != "\0" }) })
    }

    /// Removes a row's texts.
    public func remove(_ transaction: Transaction, row: Int64) throws(DatabaseError) {
        try transaction.execute(removal, [.integer(row)])
    }

    /// A statement that reads a room's table beside what matches, the latest row first; its arguments are ``FullTextQuery/text``, the
    /// row before which it goes on, and how many rows there may be.
    ///
    /// - Parameters:
    ///   - statement: name of the statement.
    ///   - selection: what is read: tables and joins beside the index, whose row is called `found.rowid`.
    ///   - tables: further tables, with their conditions.
    public func newest(_ statement: String, selecting selection: String, joining tables: String) -> Statement {
        Statement(
            statement,
            """
            SELECT \(selection) FROM \(name) found \(tables)
            WHERE \(name) MATCH ? AND found.rowid < ? ORDER BY found.rowid DESC LIMIT ?
            """
        )
    }
}

/// What is looked for in a ``FullTextIndex``.
public struct FullTextQuery: Sendable, Hashable {
    /// Most words of one question.
    public static let maximumWords = 12
    /// Most characters of one word; what is longer is cut.
    public static let longestWord = 64

    /// The query in the index's language.
    public let text: String

    private init(text: String) { self.text = text }

    /// All of these words, each as the beginning of a word in one of the columns; nil when none is left of them.
    ///
    /// - Parameters:
    ///   - words: anything that somebody typed.
    ///   - columns: constants of the room.
    public init?(beginnings words: String, in columns: [String]) {
        let found = Self.words(of: words)
        guard !found.isEmpty else { return nil }
        let terms = found.map { "\"\($0)\" *" }.joined(separator: " AND ")
        text = "({\(columns.joined(separator: " "))} : (\(terms)))"
    }

    /// All of these words of the room's own in one column.
    public init?(all words: [String], in column: String) {
        let found = words.flatMap(Self.words)
        guard !found.isEmpty else { return nil }
        text = "({\(column)} : (\(found.map { "\"\($0)\"" }.joined(separator: " AND "))))"
    }

    /// What matches both.
    public func and(_ other: FullTextQuery?) -> FullTextQuery {
        guard let other else { return self }
        return FullTextQuery(text: "(\(text) AND \(other.text))")
    }

    /// What matches this and not the other.
    public func without(_ other: FullTextQuery) -> FullTextQuery { FullTextQuery(text: "(\(text) NOT \(other.text))") }

    /// The words of a text as the index takes it apart: letters and digits; nothing else reaches it.
    public static func words(of text: String) -> [String] {
        let pieces = text.unicodeScalars.split { scalar in
            let properties = scalar.properties
            return !(properties.isAlphabetic || properties.numericType != nil)
        }
        return pieces.prefix(maximumWords).map { String(String.UnicodeScalarView($0.prefix(longestWord))) }
    }
}
