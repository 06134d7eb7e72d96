// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Time

/// Puts the feeds together that have many files.
struct FeedParts {
    let reader: FeedReader
    private var osv: (reading: OSVImport, path: String)?
    private var failedOSV: ImportReport.Entry?
    private var alpine: [String: [(database: AlpineSecDB.Database, path: String)]] = [:]

    init(reader: FeedReader) { self.reader = reader }

    /// Takes one file.
    mutating func add(_ part: FeedReader.Part, path: String) throws {
        switch part {
        case .alpine(let database): alpine[database.release, default: []].append((database, path))
        case .osv(let bytes):
            guard failedOSV == nil else { return }
            do {
                var (reading, first) =
                    try osv ?? (OSVImport(stage: try reader.stage(), now: reader.now), path)
                try reading.add(bytes, path: path)
                if first > path { first = path }
                osv = (reading, first)
            } catch let failure as StageFailure {
                throw failure.underlying
            } catch {
                // Without this record the others would call its package clean: none of them goes in.
                failedOSV = .init(path: path, reason: "\(error); no single OSV file of this import is taken")
            }
        }
    }

    /// The feeds, each with the first of its files.
    func finished(_ report: inout ImportReport) throws -> [(ParsedFeed, String)] {
        var feeds: [(ParsedFeed, String)] = []
        if let failedOSV {
            report.failed.append(failedOSV)
        } else if let osv {
            do {
                let (found, notes) = try osv.reading.finished(one: false) { try reader.undatedDate(path: osv.path) }
                feeds += found.map { ($0, osv.path) }
                report.notes += notes.map { .init(path: osv.path, reason: $0) }
            } catch {
                report.failed.append(.init(path: osv.path, reason: "\(error)"))
            }
        }
        for (release, parts) in alpine.sorted(by: { $0.key < $1.key }) {
            let path = parts.first?.path ?? release
            do {
                feeds.append((try alpine(release, parts, path: path), path))
                let repositories = Set(parts.map(\.database.repository))
                for missing in ["main", "community"] where !repositories.contains(missing) {
                    report.notes.append(
                        .init(path: path, reason: "nothing is known about \(release)'s repository \(missing)")
                    )
                }
            } catch let failure as StageFailure {
                throw failure.underlying
            } catch {
                report.failed.append(.init(path: path, reason: "\(error)"))
            }
        }
        return feeds
    }

    private func alpine(
        _ release: String,
        _ parts: [(database: AlpineSecDB.Database, path: String)],
        path: String
    ) throws -> ParsedFeed {
        let date = try reader.undatedDate(path: path)
        let stage = try reader.stage()
        try stage.fill { insert in
            for part in parts { for advisory in part.database.advisories { try insert(advisory, "alpine") } }
        }
        let summary = try stage.summary(of: "alpine")
        return ParsedFeed(
            state: FeedState(
                name: AlpineSecDB.feed(release: release),
                kind: .distribution,
                asOf: date,
                digest: summary.digest,
                count: summary.count,
                releases: [release]
            ),
            records: .advisories(stage, base: "alpine"),
            coverage: summary.keys
        )
    }
}
