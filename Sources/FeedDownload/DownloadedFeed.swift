// SPDX-License-Identifier: EUPL-1.2

/// What one update found at one address.
public struct DownloadedFeed: Sendable, Equatable {
    /// How it went.
    public enum Outcome: Sendable, Equatable {
        /// A version that was not here before, of so many bytes as they were transferred.
        case fetched(bytes: Int64)
        /// The version that is here is the newest.
        case unchanged
        /// None; what was here before stays.
        case failed(DownloadError)
    }

    /// The address.
    public let source: FeedSource
    /// Where its file is; whether there is one, the outcome says.
    public let path: String
    /// How it went.
    public let outcome: Outcome
    /// What an import made of this very file: digests by name of feed; nil when none took it yet.
    public let imported: [String: String]?
}
