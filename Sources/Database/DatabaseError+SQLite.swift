// SPDX-License-Identifier: EUPL-1.2

import GRDB

extension DatabaseError {
    /// Translates what GRDB and SQLite report; the arguments of the statement never appear, they may be secrets.
    init(_ error: any Error, statement: String?, path: String?) {
        if var own = error as? DatabaseError {
            own.statement = own.statement ?? statement
            own.path = own.path ?? path
            self = own
            return
        }
        guard let error = error as? GRDB.DatabaseError else {
            self.init(.interrupted, String(describing: error), statement: statement, path: path)
            return
        }
        let kind: Kind =
            switch error.extendedResultCode {
            case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID: .unique
            case .SQLITE_CONSTRAINT_FOREIGNKEY: .foreignKey
            default:
                switch error.resultCode {
                case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: .busy
                case .SQLITE_FULL: .full
                case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
                case .SQLITE_CONSTRAINT: .constraint
                case .SQLITE_READONLY: .readOnly
                case .SQLITE_CANTOPEN, .SQLITE_PERM: .cannotOpen
                case .SQLITE_IOERR: .inputOutput
                case .SQLITE_INTERRUPT, .SQLITE_ABORT: .interrupted
                default: .misuse
                }
            }
        self.init(
            kind,
            error.message ?? "SQLite error \(error.extendedResultCode.rawValue)",
            statement: statement,
            path: path,
            code: error.extendedResultCode.rawValue
        )
    }
}
