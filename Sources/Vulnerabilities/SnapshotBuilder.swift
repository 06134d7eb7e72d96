// SPDX-License-Identifier: EUPL-1.2

import Advisories
import Database
import JSON
import OCI

/// Fills the file of a new snapshot: the feeds of one import, and those of the snapshot before that it does not replace.
struct SnapshotBuilder: Sendable {
    typealias SQL = VulnerabilitiesSchema

    /// Path of the file that is being built; must not exist.
    let path: String

    /// Writes the file; blocks its thread for as long as that takes (a second or two for all feeds).
    ///
    /// - Parameters:
    ///   - feeds: what was imported.
    ///   - previous: the snapshot whose other feeds are kept; nil for the first one.
    /// - Returns: the states of all feeds in the file, in order of name.
    func integrate(_ feeds: [ParsedFeed], into previous: AdvisorySnapshot?) throws -> [FeedState] {
        try integrate(feeds.map(\.state), into: previous) { writer in
            for feed in feeds { try writer.insert(feed) }
        }
    }

    /// Writes the file with what somebody else offers; see ``OfferedSnapshot``.
    func integrate(_ offered: OfferedSnapshot, into previous: AdvisorySnapshot?) throws -> [FeedState] {
        try integrate(offered.contents.feeds, into: previous) { writer in try offered.read(into: &writer) }
    }

    private func integrate(
        _ new: [FeedState],
        into previous: AdvisorySnapshot?,
        _ fill: (inout Writer) throws -> Void
    ) throws -> [FeedState] {
        let replaced = Set(new.map(\.name))
        let kept = (previous?.feeds ?? []).filter { !replaced.contains($0.name) }
        let states = (kept + new).sorted { $0.name < $1.name }
        try SQLiteFile.build(path: path, migrations: SQL.migrations) { transaction in
            var writer = Writer(transaction: transaction)
            for state in states { try writer.insert(state) }
            if let previous, !kept.isEmpty {
                try previous.readBlocking { source in try writer.copy(kept, from: source) }
            }
            try fill(&writer)
        }
        try verify(holds: states)
        return states
    }

    /// Refuses a file that is damaged, or that does not hold as many records as its feeds say.
    private func verify(holds states: [FeedState]) throws {
        let database = try Database.open(path: path, migrations: SQL.migrations, mode: .readOnly)
        defer { database.close() }
        try database.readBlocking { transaction in
            let result = try transaction.query(SQL.integrity).map { try $0.text(0) }
            guard result == ["ok"] else {
                throw FeedStoreError.snapshot(path: path, reason: result.prefix(3).joined(separator: "; "))
            }
            func check(_ what: String, _ statement: Statement, _ feeds: (FeedState) -> Bool) throws {
                let stored = try transaction.first(statement)?.int(0) ?? 0
                let stated = states.filter(feeds).reduce(0) { $0 + $1.count }
                guard stored == stated else {
                    throw FeedStoreError.snapshot(
                        path: path,
                        reason: "it holds \(stored) \(what) where its feeds have \(stated)"
                    )
                }
            }
            try check("advisories", SQL.countAdvisories) { $0.holdsAdvisories }
            try check("exploited vulnerabilities", SQL.countExploited) { $0.name == KEVCatalogue.name }
            try check("predictions", SQL.countScores) { $0.name == EPSSScores.name }
        }
    }

    /// Inserts rows in the order of their keys, which is what makes a third of a million of them quick.
    struct Writer {
        let transaction: Transaction
        private var package: Int64 = 0

        init(transaction: Transaction) {
            self.transaction = transaction
        }

        func insert(_ state: FeedState) throws {
            try transaction.execute(SQL.insertFeed, [.text(state.name), .text(state.json.text())])
        }

        mutating func insert(_ feed: ParsedFeed) throws {
            switch feed.records {
            case .advisories(let stage, let base): try insert(stage, base, feed: feed.state.name)
            case .exploited(let entries):
                for entry in entries { try insertExploited(entry.id, entry.json.text()) }
            case .scores(let stage): try stage.read { try insert($0, $1) }
            }
            for key in feed.coverage { try insert(key, feed: feed.state.name) }
        }

        func insert(_ key: ReleaseKey, feed: String) throws {
            try transaction.execute(SQL.insertRelease, [.text(feed), .text(key.ecosystem), .text(key.release)])
        }

        func insertExploited(_ identifier: String, _ record: String) throws {
            try transaction.execute(SQL.insertExploited, [.text(identifier), .text(record)])
        }

        func insert(_ identifier: String, _ score: EPSSScore) throws {
            try transaction.execute(
                SQL.insertScore,
                [.text(identifier), .real(score.probability), .real(score.percentile)]
            )
        }

        /// Inserts one package with its advisories, which come in the order of their identifiers.
        mutating func insert(
            _ key: PackageKey,
            feed: String,
            fill: ((_ identifier: String, _ record: String) throws -> Void) throws -> Void
        ) throws {
            let number = package + 1
            var hasher = DigestHasher()
            var isFirst = true
            try fill { identifier, record in
                if !isFirst { hasher.update([0x0A]) }
                isFirst = false
                hasher.update(Array(record.utf8))
                try transaction.execute(SQL.insertAdvisory, [.integer(number), .text(identifier), .text(record)])
            }
            try insert(key, number, hasher, feed: feed)
            package = number
        }

        /// Inserts advisories, which come sorted by ecosystem, release, package and identifier.
        private mutating func insert(_ stage: StagedAdvisories, _ base: String, feed: String) throws {
            var current: PackageKey?
            var hasher = DigestHasher()
            var number = package
            try stage.forEach(of: base) { key, identifier, record in
                if key != current {
                    if let current { try insert(current, number, hasher, feed: feed) }
                    current = key
                    number += 1
                    hasher = DigestHasher()
                } else {
                    hasher.update([0x0A])
                }
                hasher.update(Array(record.utf8))
                try transaction.execute(SQL.insertAdvisory, [.integer(number), .text(identifier), .text(record)])
            }
            if let current { try insert(current, number, hasher, feed: feed) }
            package = number
        }

        private func insert(_ key: PackageKey, _ number: Int64, _ hasher: DigestHasher, feed: String) throws {
            try transaction.execute(
                SQL.insertPackage,
                [
                    .integer(number), .text(key.release.ecosystem), .text(key.release.release), .text(key.name),
                    .text(feed), .blob(hasher.finalized().bytes),
                ]
            )
        }

        /// Takes over the feeds that this import did not bring.
        mutating func copy(_ kept: [FeedState], from source: Transaction) throws {
            let names = Set(kept.map(\.name))
            for row in try source.query(SQL.listReleases) where names.contains(try row.text(0)) {
                try transaction.execute(SQL.insertRelease, row.values)
            }
            try source.forEach(SQL.listPackages, [-1, .integer(Int64.max)]) { row in
                guard names.contains(try row.text(4)) else { return }
                package += 1
                let number = SQLValue.integer(package)
                try transaction.execute(SQL.insertPackage, [number] + row.values.dropFirst())
                for advisory in try source.query(SQL.advisories, [.integer(try row.int64(0))]) {
                    try transaction.execute(SQL.insertAdvisory, [number] + advisory.values)
                }
            }
            if kept.contains(where: { $0.name == KEVCatalogue.name }) {
                try source.forEach(SQL.listExploited) { try transaction.execute(SQL.insertExploited, $0.values) }
            }
            if kept.contains(where: { $0.name == EPSSScores.name }) {
                try source.forEach(SQL.listScores) { try transaction.execute(SQL.insertScore, $0.values) }
            }
        }
    }
}
