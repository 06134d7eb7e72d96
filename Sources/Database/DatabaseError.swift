// SPDX-License-Identifier: EUPL-1.2

/// Why the database could not do what was asked.
public struct DatabaseError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Kinds that callers tell apart.
    public enum Kind: String, Sendable {
        /// Another process holds the database longer than the wait.
        case busy
        /// More writers wait than the queue takes; the caller should answer "try again".
        case overloaded
        /// The disk, a quota or the database's own bound is full.
        case full
        /// The file is damaged, or is not a database.
        case corrupt
        /// A unique key would be there twice.
        case unique
        /// A referenced row is missing, or a referenced row would vanish.
        case foreignKey
        /// Another rule of a table (NOT NULL, CHECK, type) was broken.
        case constraint
        /// A write was tried on a file that was opened read-only or lies on a read-only file system.
        case readOnly
        /// The file cannot be opened.
        case cannotOpen
        /// The operating system failed at reading or writing.
        case inputOutput
        /// The file was written by a newer program.
        case newerSchema
        /// The file lacks tables that this program needs, and may not be changed here.
        case olderSchema
        /// A migration that was already applied has another text in this program.
        case changedMigration
        /// A row does not have the columns or types that the program expects, or there are more rows than it bears.
        case shape
        /// The database was closed.
        case closed
        /// The statement was interrupted.
        case interrupted
        /// The program used the database wrongly (SQL error, wrong number of arguments).
        case misuse
    }

    /// Kind of the failure.
    public let kind: Kind
    /// What happened, in words.
    public let reason: String
    /// Name of the statement, where there was one.
    public var statement: String?
    /// Path of the database file, where known.
    public var path: String?
    /// SQLite's extended result code, where it was SQLite.
    public let code: Int32?

    /// An error; the path is added on the way out.
    public init(_ kind: Kind, _ reason: String, statement: String? = nil, path: String? = nil, code: Int32? = nil) {
        self.kind = kind
        self.reason = reason
        self.statement = statement
        self.path = path
        self.code = code
    }

    /// Whether the same call may succeed a little later.
    public var isRetryable: Bool {
        switch kind {
        case .busy, .overloaded, .interrupted: true
        default: false
        }
    }

    /// What the operator can do, nil where the caller has to act.
    public var advice: String? {
        switch kind {
        case .busy: "another process holds the database; end it or try again"
        case .overloaded: "try again in a second; if this stays, the disk is too slow for the load"
        case .full: "free space where the data directory lies; nothing acknowledged was lost"
        case .corrupt:
            "stop the node, keep a copy of the file and its -wal, and restore the last backup; check the disk"
        case .readOnly: "make the file system and the file writable for the node's account"
        case .cannotOpen: "check that the directory exists and belongs to the node's account"
        case .inputOutput: "look at the kernel log for disk errors before anything else is written"
        case .newerSchema: "start the newer Kontor that wrote it, or restore a backup made with this one"
        case .olderSchema: "start the node of this version once on it, which brings the tables up to date"
        case .changedMigration: "use the release that made this database, or report the migration as a bug"
        case .shape, .misuse: "this is a bug in Kontor; please report it with this text"
        case .unique, .foreignKey, .constraint, .closed, .interrupted: nil
        }
    }

    /// What, where, why, what next.
    public var description: String {
        var text = "database"
        if let path { text += " \(path)" }
        text += ": \(reason)"
        if let statement { text += " (statement \(statement))" }
        if let advice { text += "; \(advice)" }
        return text
    }
}
