// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Archives
import Time

/// Reads one file of an import: unpacks it, tells its format by its content, parses it strictly.
struct FeedReader: Sendable {
    /// What came of one file.
    enum Outcome: Sendable {
        /// A feed, whole and valid.
        case feed(ParsedFeed)
        /// Not for this version, or nothing that it knows.
        case skipped(String)
        /// Of a known format and broken, or unreadable; nothing of it may be used.
        case broken(String)
        /// It belongs to another file and says nothing itself.
        case companion
    }

    /// The names of all feeds that this version reads.
    static let names: Set<String> = [DebianTracker.name, KEVCatalogue.name, EPSSScores.name]

    /// The date for formats that carry none; nil when the import does not name one.
    let asOf: Timestamp?
    /// The time of the import: no feed is from later.
    let now: Timestamp

    /// Reads one file.
    func read(_ path: String) -> Outcome {
        do {
            let packed = try FeedFiles.read(path)
            let isPacked = packed.starts(with: [0x1F, 0x8B])
            let format = FeedFormat.detect(isPacked ? Unpacking.prefix(packed, count: FeedFormat.prefixLength) : packed)
            switch format {
            case .responseHeaders: return .companion
            case .unsupported(let what): return .skipped("not supported by this version: \(what)")
            case .unknown(let why): return .skipped("unknown format: \(why)")
            case .debianTracker, .exploited, .scores: break
            }
            let bytes = isPacked ? try Unpacking.whole(packed) : packed
            let feed = try parse(bytes, as: format, path: path)
            // A clock that is wrong, or a file from a clock that is: it would count as fresh for ever.
            guard feed.state.asOf <= now + .seconds(86_400) else {
                return .broken(
                    "it is dated \(feed.state.asOf.dateText), which lies in the future; check this machine's clock"
                )
            }
            return .feed(feed)
        } catch {
            return .broken("\(error)")
        }
    }

    private func parse(_ bytes: [UInt8], as format: FeedFormat, path: String) throws -> ParsedFeed {
        switch format {
        case .debianTracker: return try debianTracker(bytes, path: path)
        case .exploited: return try exploited(bytes)
        default: return try scores(bytes, path: path)
        }
    }

    private func debianTracker(_ bytes: [UInt8], path: String) throws -> ParsedFeed {
        // Before the parse, which takes longest: without a date the feed's age can never be judged.
        let date = try undatedDate(path: path)
        var (advisories, summary) = try DebianTracker.read(bytes)
        advisories.sort { left, right in
            (left.ecosystem, left.release, left.package, left.id)
                < (right.ecosystem, right.release, right.package, right.id)
        }
        let records = ParsedFeed.Records.advisories(advisories)
        return ParsedFeed(
            state: FeedState(
                name: DebianTracker.name,
                kind: .distribution,
                asOf: date,
                digest: ParsedFeed.digest(of: records),
                count: advisories.count,
                releases: summary.releases
            ),
            records: records,
            coverage: summary.releases.map { ReleaseKey(ecosystem: "deb", release: $0) }
        )
    }

    private func exploited(_ bytes: [UInt8]) throws -> ParsedFeed {
        let catalogue = try KEVCatalogue.read(bytes)
        let entries = catalogue.entries.sorted { $0.id < $1.id }
        let records = ParsedFeed.Records.exploited(entries)
        return ParsedFeed(
            state: FeedState(
                name: KEVCatalogue.name,
                kind: .exploited,
                asOf: catalogue.released,
                newestRecord: catalogue.newestRecord,
                digest: ParsedFeed.digest(of: records),
                count: entries.count
            ),
            records: records,
            coverage: []
        )
    }

    private func scores(_ bytes: [UInt8], path: String) throws -> ParsedFeed {
        var scores: [ParsedFeed.ScoredIdentifier] = []
        let summary = try bytes.withUnsafeBytes { buffer in
            try EPSSScores.read(buffer) { identifier, score in
                scores.append(ParsedFeed.ScoredIdentifier(identifier: identifier, score: score))
            }
        }
        scores.sort { $0.identifier < $1.identifier }
        // Files of the first years do not say their day.
        let date = try summary.scoreDate ?? undatedDate(path: path)
        let records = ParsedFeed.Records.scores(scores)
        return ParsedFeed(
            state: FeedState(
                name: EPSSScores.name,
                kind: .other,
                asOf: date,
                newestRecord: summary.scoreDate,
                digest: ParsedFeed.digest(of: records),
                count: scores.count
            ),
            records: records,
            coverage: []
        )
    }

    /// The date of a file whose format has none: what its publisher sent with it, else what the import was told.
    private func undatedDate(path: String) throws -> Timestamp {
        if let bytes = try? FeedFiles.read(path + ".headers", limit: 1 << 20),
            let date = ResponseHeaders.lastModified(in: String(decoding: bytes, as: UTF8.self))
        {
            return date
        }
        guard let asOf else { throw UndatedFeed(path: path) }
        return asOf
    }
}

/// A feed of a format without dates, and nobody says how old it is.
struct UndatedFeed: Error, CustomStringConvertible {
    let path: String

    var description: String {
        "this format carries no date, and a file's own time is that of its copy: name the day on which it was fetched with "
            + "--as-of YYYY-MM-DD, or keep the publisher's answer beside it (curl -D \(path).headers, for Last-Modified)"
    }
}
