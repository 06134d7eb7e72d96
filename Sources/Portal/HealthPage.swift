// SPDX-License-Identifier: EUPL-1.2

import Health

/// How the node is, for those who run it.
struct HealthPage: Sendable {
    struct FeedRow: Sendable {
        let name: String
        let date: DateView
        let limit: String
        let records: String
        let isOld: Bool
    }

    let isFine: Bool
    let concerns: [String]
    let checked: DateView
    let remark: String?
    let hasFeeds: Bool
    let feeds: [FeedRow]
    let facts: [Fact]

    init(_ health: NodeHealth, _ texts: Texts, _ language: Language) {
        let found = health.concerns
        isFine = found.isEmpty
        concerns = found.map { texts.text($0.textKey, language) }
        checked = DateView(health.at, language)
        remark = health.remark
        feeds = health.feeds.map { feed in
            FeedRow(
                name: feed.name,
                date: DateView(feed.date, language),
                limit: texts.text(.days, language, count: Int(feed.limit.components.seconds / 86_400)),
                records: language.number(feed.records),
                isOld: health.isOld(feed)
            )
        }
        hasFeeds = !feeds.isEmpty
        func fact(_ key: TextKey, _ text: String) -> Fact { Fact(term: texts.text(key, language), text: text) }
        let unknown = texts.text(.healthUnknown, language)
        var facts = [
            fact(
                .healthQueue,
                texts.text(
                    .healthQueueText,
                    language,
                    [
                        "waiting": language.number(health.queue.waiting),
                        "running": language.number(health.queue.running),
                        "failed": language.number(health.queue.givenUp),
                    ]
                )
            ),
            fact(
                .healthStorage,
                health.storage.map {
                    texts.text(
                        .healthStorageText,
                        language,
                        ["free": language.size($0.free), "total": language.size($0.total)]
                    )
                } ?? unknown
            ),
        ]
        if let log = health.log {
            facts.append(
                fact(
                    .healthLog,
                    texts.text(
                        .healthLogText,
                        language,
                        [
                            "size": language.number(log.size), "waiting": language.number(log.waiting),
                            "origin": log.origin ?? "–",
                        ]
                    )
                )
            )
            if let at = log.publishedAt {
                facts.append(Fact(term: texts.text(.healthCheckpoint, language), date: DateView(at, language)))
            }
        } else {
            facts.append(fact(.healthLog, texts.text(.healthLogNone, language)))
        }
        if let backup = health.lastBackup {
            facts.append(Fact(term: texts.text(.healthBackup, language), date: DateView(backup, language)))
        } else {
            facts.append(fact(.healthBackup, unknown))
        }
        self.facts = facts
    }
}

extension NodeHealth.Concern {
    var textKey: TextKey {
        switch self {
        case .noFeeds: .concernNoFeeds
        case .oldFeeds: .concernOldFeeds
        case .frozenLog: .concernFrozenLog
        case .littleStorage: .concernLittleStorage
        case .givenUpJobs: .concernGivenUpJobs
        case .noLog: .concernNoLog
        case .noBackup: .concernNoBackup
        case .oldBackup: .concernOldBackup
        }
    }
}
