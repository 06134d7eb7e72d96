// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Archives
import Time

/// Reads one file of an import: unpacks it, tells its format by its content, parses it strictly.
struct FeedReader: Sendable {
    /// One file of a feed that has many.
    enum Part: Sendable {
        /// One advisory of an OSV database.
        case osv([UInt8])
        /// One repository of an Alpine release.
        case alpine(AlpineSecDB.Database)
    }

    /// What came of one file.
    enum Outcome: Sendable {
        /// A feed, whole and valid, and what of it was left out.
        case feed(ParsedFeed, notes: [String])
        /// One part of a feed that has many files; the parts are put together when all files are read.
        case part(Part)
        /// Not for this version, or nothing that it knows.
        case skipped(String)
        /// Of a known format and broken, or unreadable; nothing of it may be used.
        case broken(String)
        /// It belongs to another file and says nothing itself.
        case companion
    }

    /// The names of the feeds that are one file each; OSV's and Alpine's are named by what they are about.
    static let names: Set<String> = [DebianTracker.name, KEVCatalogue.name, EPSSScores.name]

    /// The date for formats that carry none; nil when the import does not name one.
    let asOf: Timestamp?
    /// The time of the import: no feed is from later.
    let now: Timestamp
    /// Makes an empty stage.
    let stage: @Sendable () throws -> StagedAdvisories
    /// Makes an empty stage of predictions.
    let scoreStage: @Sendable () throws -> StagedScores

    /// Reads one file.
    ///
    /// - Throws: what keeps rows from being staged, which is no fault of the file.
    func read(_ path: String) throws -> Outcome {
        do {
            let beginning = try FeedFiles.beginning(of: path, count: FeedFormat.prefixLength)
            if FeedFormat.detect(beginning) == .zip { return try archive(path) }
            let packed = try FeedFiles.read(path)
            let isPacked = packed.starts(with: [0x1F, 0x8B])
            let format = FeedFormat.detect(isPacked ? Unpacking.prefix(packed, count: FeedFormat.prefixLength) : packed)
            switch format {
            case .responseHeaders: return .companion
            case .unsupported(let what): return .skipped("not supported by this version: \(what)")
            case .unknown(let why): return .skipped("unknown format: \(why)")
            case .zip: return .skipped("not supported by this version: zip archive inside gzip")
            case .scores: return dated(try scores(packed, isPacked: isPacked, path: path), notes: [])
            case .debianTracker, .exploited, .osvRecord, .alpineSecDB: break
            }
            let bytes = isPacked ? try Unpacking.whole(packed) : packed
            switch format {
            case .osvRecord: return .part(.osv(bytes))
            case .alpineSecDB: return .part(.alpine(try AlpineSecDB.read(bytes)))
            default: return dated(try parse(bytes, as: format, path: path), notes: [])
            }
        } catch let failure as StageFailure {
            throw failure.underlying
        } catch {
            return .broken("\(error)")
        }
    }

    /// A zip of many documents.
    private func archive(_ path: String) throws -> Outcome {
        let file = try FeedFiles.OpenFile(path)
        let zip = try ZipReader(.file(descriptor: file.descriptor), size: file.size)
        var format = FeedFormat.unsupported("zip archive without documents")
        do {
            try zip.forEachFile { _, bytes in
                format = FeedFormat.detectMember(Array(bytes.prefix(16 << 10)))
                throw EndOfLook()
            }
        } catch is EndOfLook {}
        if case .unsupported(let what) = format { return .skipped("not supported by this version: \(what)") }
        var reading = OSVImport(stage: try stage(), now: now)
        try reading.add(zip)
        let (feeds, notes) = try reading.finished(one: true) { try undatedDate(path: path) }
        guard let feed = feeds.first else { throw EmptyDump() }
        // The file stays open until its last member is read.
        withExtendedLifetime(file) {}
        return dated(feed, notes: notes)
    }

    private struct EndOfLook: Error {}

    private func dated(_ feed: ParsedFeed, notes: [String]) -> Outcome {
        // A clock that is wrong, or a file from a clock that is: it would count as fresh for ever.
        guard feed.state.asOf <= now + .seconds(86_400) else {
            return .broken(
                "it is dated \(feed.state.asOf.dateText), which lies in the future; check this machine's clock"
            )
        }
        return .feed(feed, notes: notes)
    }

    private func parse(_ bytes: [UInt8], as format: FeedFormat, path: String) throws -> ParsedFeed {
        switch format {
        case .debianTracker: return try debianTracker(bytes, path: path)
        default: return try exploited(bytes)
        }
    }

    private func debianTracker(_ bytes: [UInt8], path: String) throws -> ParsedFeed {
        // Before the parse, which takes longest: without a date the feed's age can never be judged.
        let date = try undatedDate(path: path)
        let stage = try stage()
        var summary = DebianTracker.Summary()
        try stage.fill { insert in
            summary = try bytes.withUnsafeBytes { buffer in
                try DebianTracker.read(buffer) { try insert($0, DebianTracker.feed) }
            }
        }
        let staged = try stage.summary(of: DebianTracker.feed)
        return ParsedFeed(
            state: FeedState(
                name: DebianTracker.name,
                kind: .distribution,
                asOf: date,
                digest: staged.digest,
                count: staged.count,
                releases: summary.releases
            ),
            records: .advisories(stage, base: DebianTracker.feed),
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
                digest: try ParsedFeed.digest(of: records),
                count: entries.count
            ),
            records: records,
            coverage: []
        )
    }

    /// Reads predictions as they come out of the packed file: there is no bound to how many CVEs there will be.
    private func scores(_ packed: [UInt8], isPacked: Bool, path: String) throws -> ParsedFeed {
        let stage = try scoreStage()
        let summary = try stage.fill { insert in
            var reader = EPSSReader()
            if isPacked {
                try Unpacking.stream(packed) { try reader.take($0, insert) }
            } else {
                try packed.withUnsafeBytes { try reader.take($0, insert) }
            }
            return try reader.finish(insert)
        }
        // Files of the first years do not say their day.
        let date = try summary.scoreDate ?? undatedDate(path: path)
        return ParsedFeed(
            state: FeedState(
                name: EPSSScores.name,
                kind: .other,
                asOf: date,
                newestRecord: summary.scoreDate,
                digest: try stage.digest(),
                count: summary.count
            ),
            records: .scores(stage),
            coverage: []
        )
    }

    /// The date of a file whose format has none: what its publisher sent with it, else what the import was told.
    func undatedDate(path: String) throws -> Timestamp {
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
