// SPDX-License-Identifier: EUPL-1.2

/// Why the log cannot do what was asked.
public enum TransparencyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The entry is empty, too long, or its kind is no short word.
    case invalidEntry(String)
    /// The log has another name since its first entry.
    case originIsFixed(String, configured: String)
    /// A name, key or guard that cannot be a log's.
    case configuration(String)
    /// Nothing is signed until somebody confirms.
    case frozen(LogFreeze)
    /// What was to be confirmed is not so.
    case notConfirmed(String)
    /// There is no such entry.
    case unknownEntry(Int64)
    /// The entry may not be published.
    case refused(Int64, String)
    /// The entry is not covered by a checkpoint yet.
    case notYetPublished(Int64)

    /// What, why, what next.
    public var description: String {
        switch self {
        case .invalidEntry(let reason): "the entry cannot be logged: \(reason)"
        case .originIsFixed(let origin, let configured):
            "the log is called \(origin) since its first entry and cannot become \(configured): every receipt names it; "
                + "set the name back, or begin a new log with a new directory and a new key"
        case .configuration(let reason): "the log cannot be run: \(reason)"
        case .frozen(let freeze):
            "the log stands still and signs nothing (\(freeze.reason.rawValue)): \(freeze.detail); "
                + "find out whether database and directory are the newest there are, then confirm it"
        case .notConfirmed(let reason): "the log stays frozen: \(reason)"
        case .unknownEntry(let id): "there is no entry \(id)"
        case .refused(let id, let reason): "entry \(id) may not be published: \(reason)"
        case .notYetPublished(let id):
            "entry \(id) waits for the next checkpoint; ask again in a second, and look at the log's state if that stays"
        }
    }
}
