// SPDX-License-Identifier: EUPL-1.2

/// Why the feed store could not do what was asked; each text says what, where, why and what next.
public enum FeedStoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file operation failed.
    case file(path: String, operation: String, reason: String)
    /// The pointer file does not say what a pointer file says.
    case pointer(path: String, reason: String)
    /// The snapshot that the pointer names is missing or damaged.
    case snapshot(path: String, reason: String)
    /// Another import holds the lock and did not end in time.
    case busy(path: String, holder: String, waited: Duration)
    /// The date given for formats without dates cannot be.
    case asOf(String)
    /// A snapshot that somebody else offers is not what its signer says, or not what this program takes.
    case offered(place: String, reason: String)
    /// A snapshot that somebody else offers would take a feed back to an earlier day.
    case older(feed: String, offered: String, inForce: String)

    /// The error in words.
    public var description: String {
        switch self {
        case .file(let path, let operation, let reason):
            "cannot \(operation) \(path): \(reason)"
        case .pointer(let path, let reason):
            "\(path) does not name a snapshot (\(reason)); import the feeds again: kontor feeds import PATH…"
        case .snapshot(let path, let reason):
            "advisory snapshot \(path) cannot be used (\(reason)); import the feeds again: kontor feeds import PATH…"
        case .busy(let path, let holder, let waited):
            "another import (\(holder)) has been holding \(path) for more than \(waited.components.seconds) s; "
                + "wait for it to end, then start this import again"
        case .asOf(let reason):
            "--as-of: \(reason)"
        case .offered(let place, let reason):
            "\(place): \(reason); nothing was imported, and what was in force stays so"
        case .older(let feed, let offered, let inForce):
            "the feed \(feed) in it is of \(offered), the one in force of \(inForce); nothing was imported; "
                + "an older one is taken only with --allow-older"
        }
    }
}
