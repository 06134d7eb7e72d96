// SPDX-License-Identifier: EUPL-1.2

/// Why a file that was recognised as a feed cannot be read as one; nothing of it is used then.
public struct FeedReadError: Error, Equatable, Sendable {
    /// The feed: `debian-tracker`.
    public let feed: String
    /// Where: `openssl CVE-2024-1234 bookworm`, `line 17`, `byte 4711`.
    public let location: String
    /// What should be there.
    public let expected: String
    /// What is there.
    public let found: String

    /// Makes an error.
    public init(feed: String, location: String, expected: String, found: String) {
        self.feed = feed
        self.location = location
        self.expected = expected
        self.found = found
    }
}

extension FeedReadError: CustomStringConvertible {
    /// What, where and why, and that the file as a whole is refused.
    public var description: String {
        "\(feed), \(location): expected \(expected), found \(found); the file is refused as a whole, fetch it again from its publisher"
    }
}
