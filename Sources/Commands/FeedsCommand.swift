// SPDX-License-Identifier: EUPL-1.2

import Advisories
import ArgumentParser
import SBOM
import Time
import Vulnerabilities

/// `kontor feeds`.
struct FeedsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feeds",
        abstract: Language.process(Texts.feedsAbstract),
        subcommands: [
            FeedsUpdateCommand.self, FeedsImportCommand.self, FeedsExportCommand.self, FeedsStatusCommand.self,
        ]
    )
}

/// `kontor feeds import`.
struct FeedsImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: Language.process(Texts.feedsImportAbstract)
    )

    @Argument(help: help(Texts.feedsPaths, value: "PATH"))
    var paths: [String]

    @Option(help: help(Texts.data, value: "DIR"))
    var data: String?

    @Option(help: help(Texts.asOfImport, value: "DATE"))
    var asOf: String?

    @OptionGroup var bundles: FeedBundleOptions
    @OptionGroup var common: CommonOptions

    func run() async throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        try bundles.check(paths)
        if bundles.areGiven {
            guard asOf == nil else { throw CommandFailure(Texts.bundleHasDates) }
            let store = FeedStore(directory: try settings.dataDirectory(option: data) + "/feeds")
            return try await bundles.importBundles(paths, into: store, settings, terminal)
        }
        var day: Timestamp?
        if let asOf {
            guard let parsed = Timestamp(date: asOf) else { throw CommandFailure(Texts.badDate("--as-of", asOf)) }
            day = parsed
        }
        let store = FeedStore(directory: try settings.dataDirectory(option: data) + "/feeds")
        let report: ImportReport
        do { report = try await store.importFeeds(paths: paths, asOf: day, waiting: { terminal.note($0) }) } catch {
            throw CommandFailure("\(error)")
        }
        try terminal.result(Self.text(report, terminal.language))
        // The feeds that were whole went in; the exit code still says that not all did.
        if !report.failed.isEmpty { throw ExitCode(1) }
    }

    static func text(_ report: ImportReport, _ language: Language) -> String {
        var lines: [String] = []
        for feed in report.imported {
            let source = report.sources[feed.name].map { " (\($0))" } ?? ""
            lines.append(
                "\(language(Texts.imported)): \(feed.name)\(source): \(language(FeedsStatusCommand.line(feed)))"
            )
        }
        let names = Set(report.imported.map(\.name))
        for feed in report.feeds where !names.contains(feed.name) {
            lines.append("\(language(Texts.kept)): \(feed.name): \(language(FeedsStatusCommand.line(feed)))")
        }
        for entry in report.notes { lines.append("\(language(Texts.passedOver)): \(entry.path): \(entry.reason)") }
        for entry in report.skipped { lines.append("\(language(Texts.skipped)): \(entry.path): \(entry.reason)") }
        for entry in report.failed { lines.append("\(language(Texts.refused)): \(entry.path): \(entry.reason)") }
        if let snapshot = report.snapshot {
            lines.append(language(Texts.snapshot(snapshot, switched: report.switched)))
        }
        return lines.map { printable($0) + "\n" }.joined()
    }
}
