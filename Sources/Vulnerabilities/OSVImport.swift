// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Archives
import Time

/// OSV records on their way into feeds: from a dump (a zip of one JSON each) or from single files.
struct OSVImport {
    /// Where the advisories are put.
    let stage: StagedAdvisories
    /// The time of the import: a record from later says nothing about the feed's age.
    let now: Timestamp
    private var newest: [String: Timestamp] = [:]
    private var withdrawn = 0
    private var notSecurity = 0
    private var unmatchable = 0
    private var customRanges = 0

    init(stage: StagedAdvisories, now: Timestamp) {
        self.stage = stage
        self.now = now
    }

    /// Takes every member of a dump.
    ///
    /// - Throws: an error that names the member; nothing of the stage may be used then.
    mutating func add(_ zip: ZipReader) throws {
        var reading = self
        try stage.fill { insert in
            try zip.forEachFile { name, bytes in
                guard name.hasSuffix(".json") else { return }
                try reading.add(bytes, name: name, insert)
            }
        }
        self = reading
    }

    /// Takes one record.
    mutating func add(_ bytes: [UInt8], path: String) throws {
        var reading = self
        try stage.fill { insert in
            try bytes.withUnsafeBytes { try reading.add($0, name: path, insert) }
        }
        self = reading
    }

    private mutating func add(
        _ bytes: UnsafeRawBufferPointer,
        name: String,
        _ insert: (Advisory, String) throws -> Void
    ) throws {
        let record: OSV.Record
        do throws(FeedReadError) { record = try OSV.read(bytes) } catch {
            throw OSVEntryError(name: name, reason: error.description)
        }
        if record.isWithdrawn { withdrawn += 1 }
        if record.isNotSecurity { notSecurity += 1 }
        unmatchable += record.unmatchable
        customRanges += record.customRanges
        for (advisory, base) in zip(record.advisories, record.bases) {
            do { try insert(advisory, base) } catch { throw OSVEntryError(name: name, reason: "\(error)") }
            // A clock that ran ahead would keep the whole feed fresh.
            if let modified = record.modified, modified <= now, modified > newest[base] ?? modified - .seconds(1) {
                newest[base] = modified
            }
        }
    }

    /// The feeds that came of it.
    ///
    /// - Parameters:
    ///   - one: true for a dump, which is of one ecosystem. Its records also name packages of others; a feed of those would call them
    ///     covered.
    ///   - undated: the date of a feed whose records have none.
    /// - Returns: the feeds and what was left out, in words.
    func finished(one: Bool, undated: () throws -> Timestamp) throws -> (feeds: [ParsedFeed], notes: [String]) {
        var bases = try stage.bases()
        var notes: [String] = []
        if one, bases.count > 1 {
            let others = bases[1...].map { "\($0.count) of \($0.base)" }.joined(separator: ", ")
            notes.append("left to the dumps of their own ecosystems: \(others)")
            bases = Array(bases.prefix(1))
        }
        if withdrawn > 0 { notes.append("\(withdrawn) records are withdrawn") }
        if notSecurity > 0 { notes.append("\(notSecurity) errata are not about security") }
        if unmatchable > 0 { notes.append("\(unmatchable) entries name no versions of a package") }
        if customRanges > 0 { notes.append("\(customRanges) entries are bounded by custom ranges") }
        guard !bases.isEmpty else { throw EmptyDump() }
        return (try bases.map { try feed($0.base, undated: undated) }, notes)
    }

    private func feed(_ base: String, undated: () throws -> Timestamp) throws -> ParsedFeed {
        let summary = try stage.summary(of: base)
        let isDistribution = summary.keys.allSatisfy { AdvisorySubject.distributed.contains($0.ecosystem) }
        return ParsedFeed(
            state: FeedState(
                name: OSV.feed(base),
                kind: isDistribution ? .distribution : .other,
                asOf: try newest[base] ?? undated(),
                newestRecord: newest[base],
                digest: summary.digest,
                count: summary.count,
                // A language has no releases; its ecosystem tells which packages the feed speaks about.
                releases: isDistribution ? summary.keys.map(\.release) : Set(summary.keys.map(\.ecosystem)).sorted()
            ),
            records: .advisories(stage, base: base),
            coverage: summary.keys
        )
    }
}

/// What is wrong with one record of a dump.
struct OSVEntryError: Error, CustomStringConvertible {
    let name: String
    let reason: String

    var description: String { "\(name.prefix(200)): \(reason)" }
}

/// A dump without a single record that could be used.
struct EmptyDump: Error, CustomStringConvertible {
    var description: String { "it holds no record about versions of a package" }
}
