// SPDX-License-Identifier: EUPL-1.2

import Advisories
import ArgumentParser
import FeedDownload
import SBOM
import Time
import Vulnerabilities

/// `kontor feeds update`.
struct FeedsUpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: Language.process(Texts.feedsUpdateAbstract),
        discussion: Language.process(Texts.feedsUpdateDiscussion)
    )

    @Option(help: help(Texts.data, value: "DIR"))
    var data: String?

    @Option(help: help(Texts.feedSource, value: "URL"))
    var feedSource: [String] = []

    @Option(help: help(Texts.proxy, value: "URL"))
    var proxy: String?

    @Option(help: help(Texts.caFile, value: "FILE"))
    var caFile: String?

    @Flag(name: .customLong("plain-http"), help: help(Texts.plainHTTP))
    var plainHTTP = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let sources = try Self.sources(settings.texts(.feedSource, options: feedSource))
        let directory = try settings.dataDirectory(option: data)
        var bounds = DownloadSettings()
        bounds.plainHTTP = try settings.flag(.plainHTTP, option: plainHTTP)
        bounds.authoritiesFile = settings.text(.caFile, option: caFile)
        let downloader: FeedDownloader
        do {
            bounds.proxy = try ProxyRules(proxy: settings.text(.proxy, option: proxy), environment: processEnvironment)
            downloader = try FeedDownloader(directory: directory + "/feeds-cache", settings: bounds)
        } catch {
            throw CommandFailure(error.description)
        }
        do {
            let update = FeedUpdate(
                downloader: downloader,
                store: FeedStore(directory: directory + "/feeds"),
                terminal: terminal
            )
            let isWhole = try await update.run(sources)
            await downloader.close()
            if !isWhole { throw ExitCode(1) }
        } catch {
            await downloader.close()
            throw error
        }
    }

    /// The sources that were named, one or more in every text; the publishers' own without any.
    static func sources(_ texts: [String]) throws(CommandFailure) -> [FeedSource] {
        let named = texts.flatMap { $0.split(whereSeparator: \.isWhitespace) }
        guard !named.isEmpty else { return FeedSource.publishers }
        var sources: [FeedSource] = []
        for text in named {
            do { sources.append(try FeedSource(parsing: String(text))) } catch {
                throw CommandFailure(error.description)
            }
        }
        return sources
    }
}

/// One update: fetch, import what is new, remember it.
struct FeedUpdate {
    let downloader: FeedDownloader
    let store: FeedStore
    let terminal: Terminal

    /// Runs it and prints what happened.
    ///
    /// - Returns: false when a source was not fetched or not taken.
    func run(_ sources: [FeedSource]) async throws -> Bool {
        let language = terminal.language
        terminal.step(Texts.fetching(sources.count))
        let found = try await downloader.download(sources)
        terminal.clearStep()
        var lines: [String] = []
        var isWhole = true
        for feed in found {
            switch feed.outcome {
            case .fetched(let bytes): lines.append("\(language(Texts.fetched(bytes))): \(feed.source.url)")
            case .unchanged: lines.append("\(language(Texts.unchanged)): \(feed.source.url)")
            case .failed(let error):
                isWhole = false
                lines.append("\(language(Texts.refused)): \(feed.source.url): \(error)")
            }
        }
        // A snapshot that cannot be read is repaired by importing everything.
        let before = Dictionary(((try? store.current())?.feeds ?? []).map { ($0.name, $0) }) { first, _ in first }
        let new = found.filter { Self.isNew($0, before) }
        var text = lines.map { printable($0) + "\n" }.joined()
        guard !new.isEmpty else {
            if isWhole { text += language(Texts.nothingNew(found.count)) + "\n" }
            try terminal.result(text)
            return isWhole
        }
        try terminal.result(text)
        let report = try await importFeeds(new)
        for feed in report.imported {
            if let old = before[feed.name], feed.asOf < old.asOf {
                terminal.note(Texts.olderThanBefore(feed.name, feed.asOf.dateText, before: old.asOf.dateText))
            }
        }
        let areTaken = try remember(new, report)
        try terminal.result(FeedsImportCommand.text(report, language))
        return isWhole && areTaken
    }

    private func importFeeds(_ feeds: [DownloadedFeed]) async throws -> ImportReport {
        terminal.step(Texts.importing)
        defer { terminal.clearStep() }
        do {
            return try await store.importFeeds(paths: feeds.map(\.path), waiting: { terminal.note($0) })
        } catch {
            throw CommandFailure("\(error)")
        }
    }

    /// Whether the file holds something that the current snapshot does not.
    private static func isNew(_ feed: DownloadedFeed, _ current: [String: FeedState]) -> Bool {
        switch feed.outcome {
        case .fetched: return true
        case .failed: return false
        case .unchanged:
            guard let imported = feed.imported else { return true }
            return imported.isEmpty || imported.contains { current[$0.key]?.digest != $0.value }
        }
    }

    /// Remembers what was taken, and forgets what was not, so that the next update fetches it again.
    private func remember(_ feeds: [DownloadedFeed], _ report: ImportReport) throws(CommandFailure) -> Bool {
        var areTaken = true
        for feed in feeds {
            let names = Set(report.sources.filter { $0.value == feed.path }.keys)
            let states = report.imported.filter { names.contains($0.name) }
            do throws(DownloadError) {
                if states.isEmpty {
                    areTaken = false
                    try downloader.recordRefusal(of: feed)
                } else {
                    try downloader.recordImport(
                        of: feed,
                        feeds: Dictionary(states.map { ($0.name, $0.digest) }) { first, _ in first }
                    )
                }
            } catch {
                throw CommandFailure(error.description)
            }
        }
        return areTaken
    }
}
