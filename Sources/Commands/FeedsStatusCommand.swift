// SPDX-License-Identifier: EUPL-1.2

import Advisories
import ArgumentParser
import Criteria
import JSON
import SBOM
import Time
import Vulnerabilities

/// `kontor feeds status`.
struct FeedsStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: Language.process(Texts.feedsStatusAbstract)
    )

    @Option(help: help(Texts.data, value: "DIR"))
    var data: String?

    @Option(help: help(Texts.format, value: "text|json"))
    var format = "text"

    @Option(help: help(Texts.ageLimit, value: "KIND=DAYSd"))
    var ageLimit: [String] = []

    @Flag(help: help(Texts.failWhenOld))
    var failWhenOld = false

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let settings = try Settings(common)
        let terminal = Terminal(language: settings.language(common))
        let form = try choice(OutputForm.self, format, name: "--format")
        let limits = try ageLimits(settings.texts(.ageLimit, options: ageLimit))
        let directory = try settings.dataDirectory(option: data) + "/feeds"
        let snapshot: AdvisorySnapshot?
        do { snapshot = try FeedStore(directory: directory).current() } catch { throw CommandFailure("\(error)") }
        let now = WallClock.system.now()
        let feeds = snapshot?.feeds ?? []
        switch form {
        case .json:
            let answer: JSONValue = [
                "schemaVersion": 1, "snapshot": .optional(snapshot?.id),
                "feeds": .array(feeds.map { Self.json($0, limits, now) }),
            ]
            try terminal.result(answer.bytes(.pretty) + [0x0a])
        case .text:
            if let snapshot {
                let lines = feeds.map { printable(terminal.language(Self.statusLine($0, limits, now))) + "\n" }
                try terminal.result(lines.joined() + "snapshot \(snapshot.id)\n")
            } else {
                try terminal.result(terminal.language(Texts.noSnapshot(directory)) + "\n")
            }
        }
        // Without any feed nothing is known, which is no better than knowing what was true long ago.
        if failWhenOld, feeds.isEmpty || feeds.contains(where: { limits.expiry(of: $0) <= now }) { throw ExitCode(1) }
    }

    /// One feed with its age and the limit that holds for it.
    static func statusLine(_ feed: FeedState, _ limits: AgeLimits, _ now: Timestamp) -> LocalizedText {
        let days = now.duration(since: feed.newestRecord ?? feed.asOf).components.seconds / 86_400
        return Texts.feedStatus(
            feed.name,
            line(feed),
            age: Texts.age(days),
            limit: limits.limit(for: feed),
            isTooOld: limits.expiry(of: feed) <= now
        )
    }

    /// The state of a feed with its age and the limit that holds for it, in seconds.
    static func json(_ feed: FeedState, _ limits: AgeLimits, _ now: Timestamp) -> JSONValue {
        guard case .object(var members) = feed.json else { return feed.json }
        members["ageSeconds"] = .integer(now.duration(since: feed.newestRecord ?? feed.asOf).components.seconds)
        members["ageLimitSeconds"] = .integer(limits.limit(for: feed).components.seconds)
        members["tooOld"] = .bool(limits.expiry(of: feed) <= now)
        return .object(members)
    }

    static func line(_ feed: FeedState) -> LocalizedText {
        Texts.feedLine(date: feed.asOf.dateText, newest: feed.newestRecord?.dateText, count: feed.count)
    }
}
