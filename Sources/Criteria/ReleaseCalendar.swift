// SPDX-License-Identifier: EUPL-1.2

public import SBOM
public import Time

/// When the releases of distributions appear and end, from the tables of `distro-info-data`.
public struct ReleaseCalendar: Sendable, Hashable {
    /// One release of one distribution.
    public struct Release: Sendable, Hashable {
        /// `ID` of os-release: `debian`, `ubuntu`.
        public var distribution: String
        /// Version, such as `12` or `22.04`; empty for a release without one.
        public var version: String
        /// Code name in lower case, such as `bookworm`.
        public var series: String
        /// Day of the release; nil when not known yet.
        public var released: Timestamp?
        /// Last day of regular support; nil when not known.
        public var end: Timestamp?
        /// Last day of long-term support that costs nothing; nil where there is none.
        public var longTermEnd: Timestamp?
    }

    /// How a release stands at one instant.
    public enum Support: Sendable, Hashable {
        /// Regular support until the end of that day.
        case supported(until: Timestamp)
        /// Regular support ended, free long-term support goes on until the end of that day.
        case longTerm(regularEnd: Timestamp, until: Timestamp)
        /// All free support ended on that day.
        case ended(Timestamp)
        /// Not released, so nobody promises support.
        case unreleased
        /// The calendar does not hold the release, or not its dates.
        case unknown
    }

    /// All releases, in the order of the tables.
    public private(set) var releases: [Release]

    /// A calendar that knows no release.
    public static let empty = ReleaseCalendar(releases: [])

    /// Creates a calendar of given releases.
    public init(releases: [Release]) { self.releases = releases }

    /// Reads the tables of `distro-info-data`.
    ///
    /// - Parameter tables: text of each table by the distribution's `ID`: `["debian": "version,codename,series,…"]`.
    /// - Throws: ``ReleaseCalendarError`` that names table and line.
    public init(tables: [String: String]) throws(ReleaseCalendarError) {
        releases = []
        for (distribution, text) in tables.sorted(by: { $0.key < $1.key }) {
            try append(distribution: distribution, text: text)
        }
    }

    private mutating func append(distribution: String, text: String) throws(ReleaseCalendarError) {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let header = (lines.first ?? "").split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard let version = header.firstIndex(of: "version"), let series = header.firstIndex(of: "series"),
            let release = header.firstIndex(of: "release"), let end = header.firstIndex(of: "eol")
        else {
            throw ReleaseCalendarError(
                table: distribution,
                line: 1,
                problem: "the first line must name the columns version, series, release and eol"
            )
        }
        // Extended support that is paid for (eol-elts, eol-esm) is not counted: whoever runs the image need not have bought it.
        let longTerm = header.firstIndex(of: "eol-lts")
        guard lines.count <= 10_000 else {
            throw ReleaseCalendarError(table: distribution, line: 10_001, problem: "more than 10000 lines")
        }
        for (index, line) in lines.enumerated().dropFirst() where !line.isEmpty {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            func date(_ column: Int?) throws(ReleaseCalendarError) -> Timestamp? {
                guard let column, column < fields.count, !fields[column].isEmpty else { return nil }
                guard let date = Timestamp(date: String(fields[column])) else {
                    throw ReleaseCalendarError(
                        table: distribution,
                        line: index + 1,
                        problem: "\"\(fields[column].prefix(40))\" is not a date such as 2026-07-11"
                    )
                }
                return date
            }
            guard fields.count > series, fields.count > version, !fields[series].isEmpty else {
                throw ReleaseCalendarError(table: distribution, line: index + 1, problem: "the line names no series")
            }
            releases.append(
                Release(
                    distribution: distribution,
                    // Ubuntu writes "22.04 LTS" where os-release says 22.04.
                    version: String(fields[version].prefix(while: { $0 != " " })),
                    series: String(fields[series]),
                    released: try date(release),
                    end: try date(end),
                    longTermEnd: try date(longTerm)
                )
            )
        }
    }

    /// The release that an image names in its os-release; nil when the calendar does not hold it.
    public func release(of distribution: Distribution) -> Release? {
        releases.first { release in
            guard release.distribution == distribution.id else { return false }
            if let version = distribution.versionID, !version.isEmpty { return release.version == version }
            return distribution.codename == release.series
        }
    }

    /// How the release of an image stands at an instant.
    public func support(of distribution: Distribution, at now: Timestamp) -> Support {
        guard let release = release(of: distribution) else { return .unknown }
        guard let released = release.released, released <= now else { return .unreleased }
        guard let end = release.end else { return .unknown }
        if now < end.endOfDay { return .supported(until: end) }
        guard let longTerm = release.longTermEnd, longTerm > end else { return .ended(end) }
        return now < longTerm.endOfDay ? .longTerm(regularEnd: end, until: longTerm) : .ended(longTerm)
    }
}

/// Why a table of release dates cannot be read.
public struct ReleaseCalendarError: Error, Equatable, Sendable, CustomStringConvertible {
    /// `ID` of the distribution whose table it is.
    public let table: String
    /// Line, counted from 1.
    public let line: Int
    /// What is wrong.
    public let problem: String

    /// What, where and what to do.
    public var description: String {
        "release dates of \(table), line \(line): \(problem); reinstall the package distro-info-data"
    }
}

extension Timestamp {
    /// The first instant that no longer belongs to the day that starts here.
    var endOfDay: Timestamp { self + .days(1) }
}
