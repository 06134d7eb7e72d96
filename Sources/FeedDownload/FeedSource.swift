// SPDX-License-Identifier: EUPL-1.2

import FoundationEssentials

/// The address of one feed.
public struct FeedSource: Sendable, Hashable {
    /// The address as it was named: `https://…`, without credentials and fragment.
    public let url: String
    /// Name of its file in the cache: readable, and of its own for every address.
    public let fileName: String

    /// Reads an address.
    ///
    /// - Throws: ``FeedSourceError`` that says what is wrong with it.
    public init(parsing text: String) throws(FeedSourceError) {
        func failure(_ reason: String) -> FeedSourceError {
            FeedSourceError(text: String(text.prefix(200)), reason: reason)
        }
        guard text.utf8.count <= 2048 else { throw failure("it is longer than 2048 bytes") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw failure("it has characters that must be percent-encoded")
        }
        guard let address = URL(string: text), let scheme = address.scheme?.lowercased(),
            scheme == "https" || scheme == "http", let host = address.host, !host.isEmpty
        else { throw failure("write https://HOST/PATH") }
        guard address.user == nil, address.password == nil else {
            throw FeedSourceError(
                text: "\(scheme)://…@\(host)",
                reason: "it has credentials in it, which every list of processes would show"
            )
        }
        guard address.fragment == nil else { throw failure("it has a fragment (#…), which is never sent") }
        url = text
        fileName = Self.fileName(host: host, path: address.path, url: text)
    }

    private static func fileName(host: String, path: String, url: String) -> String {
        func plain(_ text: some StringProtocol) -> String {
            String(
                text.unicodeScalars.prefix(80).map { scalar in
                    switch scalar {
                    case "a"..."z", "A"..."Z", "0"..."9", ".", "-": Character(scalar)
                    default: "_"
                    }
                }
            )
        }
        // FNV-1a: only keeps addresses apart; the state beside the file names its address in full.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in url.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        let padded = String(repeating: "0", count: 16 - digits.count) + digits
        return "\(padded)-\(plain(host.lowercased()))-\(plain(path.split(separator: "/").last ?? "feed"))"
    }
}

extension FeedSource {
    /// What is fetched when nobody names sources: the publishers' own addresses of the feeds that every node needs.
    public static let publishers: [FeedSource] = [
        "https://security-tracker.debian.org/tracker/data/json",
        "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
        "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
        "https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip",
        "https://osv-vulnerabilities.storage.googleapis.com/npm/all.zip",
        "https://osv-vulnerabilities.storage.googleapis.com/Go/all.zip",
        "https://osv-vulnerabilities.storage.googleapis.com/Maven/all.zip",
        "https://osv-vulnerabilities.storage.googleapis.com/RubyGems/all.zip",
        "https://osv-vulnerabilities.storage.googleapis.com/crates.io/all.zip",
    ].compactMap { try? FeedSource(parsing: $0) }
}

/// Why a text is not the address of a feed.
public struct FeedSourceError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The text, bounded.
    public let text: String
    /// What is wrong, in words.
    public let reason: String

    /// Both.
    public var description: String { "\"\(text)\" is no address of a feed: \(reason)" }
}
