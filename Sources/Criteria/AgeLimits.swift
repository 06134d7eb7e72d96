// SPDX-License-Identifier: EUPL-1.2

public import Advisories
public import Time

/// How old the newest record of a feed may be before what rests on it is unknown.
public struct AgeLimits: Sendable, Hashable {
    /// Limit for feeds of a distribution.
    public var distribution: Duration
    /// Limit for feeds of exploited vulnerabilities.
    public var exploited: Duration
    /// Limit for every other feed.
    public var other: Duration
    /// Limits for single feeds by name; they win over the limit of the kind.
    public var byName: [String: Duration]

    /// 7 days for distributions and exploited vulnerabilities, 30 days for others.
    public static let standard = AgeLimits()

    /// Creates limits; what is not given keeps the catalogue's default.
    public init(
        distribution: Duration = .seconds(7 * 86_400),
        exploited: Duration = .seconds(7 * 86_400),
        other: Duration = .seconds(30 * 86_400),
        byName: [String: Duration] = [:]
    ) {
        self.distribution = distribution
        self.exploited = exploited
        self.other = other
        self.byName = byName
    }

    /// The limit that holds for one feed.
    public func limit(for feed: FeedState) -> Duration {
        if let own = byName[feed.name] { return own }
        switch feed.kind {
        case .distribution: return distribution
        case .exploited: return exploited
        case .other: return other
        }
    }

    /// The instant from which on a feed is too old.
    public func expiry(of feed: FeedState) -> Timestamp { feed.dataDate + limit(for: feed) }

    /// Reads limits such as `distribution=60d,exploited=400d,epss=120d`; days (`d`) and hours (`h`).
    ///
    /// - Parameter text: comma-separated `kind-or-feed=number` pairs; empty keeps the defaults.
    /// - Throws: ``AgeLimitsError`` that names the part.
    public init(parsing text: String) throws(AgeLimitsError) {
        self.init()
        for part in text.split(separator: ",", omittingEmptySubsequences: true) {
            let entry = part.drop(while: { $0 == " " })
            let sides = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, !sides[0].isEmpty, let unit = sides[1].last, let count = Int64(sides[1].dropLast()),
                (1...36_500).contains(count)
            else { throw AgeLimitsError(part: String(entry.prefix(100))) }
            let limit: Duration
            switch unit {
            case "d": limit = .days(count)
            case "h": limit = .seconds(count * 3600)
            default: throw AgeLimitsError(part: String(entry.prefix(100)))
            }
            switch sides[0] {
            case "distribution": distribution = limit
            case "exploited": exploited = limit
            case "other": other = limit
            default: byName[String(sides[0])] = limit
            }
        }
    }
}

/// Why a text is not a list of age limits.
public struct AgeLimitsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The part that cannot be read, bounded.
    public let part: String

    /// What is wrong and what to write instead.
    public var description: String {
        "age limit \"\(part)\" cannot be read; write KIND=DAYSd with KIND distribution, exploited, other or the name of a feed, such as distribution=60d"
    }
}

extension Duration {
    /// A number of days of 24 hours.
    static func days(_ count: Int64) -> Duration { .seconds(count * 86_400) }

    /// Whole days, rounded down.
    var wholeDays: Int64 { components.seconds / 86_400 }
}

extension FeedState {
    /// The date that its age is counted from: the newest record where the format tells it, else the publisher's date.
    var dataDate: Timestamp { newestRecord ?? asOf }
}
